//! Patches that add a second IP family to a running OpenShift cluster, or remove it.

use super::openshift::host_prefix;
use super::writer::Writer;
use super::{Drafts, Kind, Request};
use crate::address::Family;
use crate::target::{RangeOf, Stack};
use ipnet::IpNet;
use std::net::IpAddr;

pub(super) const PATCHES: Kind = Kind {
    name: "openshift-patches",
    about: "patches that add the second IP family to a running OpenShift cluster; OpenShift documents them for OVN-Kubernetes only",
    files: &[NETWORK, INFRASTRUCTURE],
    has_patches: true,
    make: patches,
};

const NETWORK: &str = "network-patch.yaml";
const INFRASTRUCTURE: &str = "infrastructure-patch.yaml";

fn patches(request: &mut Request<'_>) -> Option<Drafts> {
    if request.target.to == Stack::Ipv6Only {
        let message = "OpenShift can only add a second IP family to a running cluster, or remove it: \
                       no patch converts a cluster to IPv6-only"
            .to_owned();
        request.refuse("to", message);
        return None;
    }
    let network = if request.target.to == Stack::Ipv4Only { Some(back()) } else { network(request) };
    let vips = vips(request);
    let mut drafts = vec![(NETWORK.to_owned(), network?)];
    drafts.extend(vips?.map(|text| (INFRASTRUCTURE.to_owned(), text)));
    Some(drafts)
}

/// Adds the second family (openshift/cluster-network-operator `pkg/network/cluster_config.go`: the primary family must not
/// change, and both lists change together).
fn network(request: &mut Request<'_>) -> Option<String> {
    let second = request.families().into_iter().nth(1)?;
    let pods =
        request.range(RangeOf::Pods, second, None, "the patch adds the pod CIDR of the second IP family");
    let services = request.range(
        RangeOf::Services,
        second,
        None,
        "the patch adds the service CIDR of the second IP family",
    );
    let prefix = pods.and_then(|net| host_prefix(request, net));
    let (pods, services, prefix) = (pods?, services?, prefix?);
    let mut writer =
        head("Adds the second IP family for pods and Services. First give each node an address of it.");
    operation(&mut writer, "add", "/spec/clusterNetwork/-");
    writer.lines("  value:").entry(4, "cidr", &pods.to_string());
    writer.lines(&format!("    hostPrefix: {prefix}"));
    operation(&mut writer, "add", "/spec/serviceNetwork/-");
    writer.entry(2, "value", &services.to_string());
    writer.comment(0, "Existing pods get the second IP family when they are recreated.");
    Some(writer.done())
}

/// Removes the second family. Only if IPv4 is the primary family, which cannot change.
fn back() -> String {
    let mut writer = head("Removes the second IP family.");
    for list in ["clusterNetwork", "serviceNetwork"] {
        operation(&mut writer, "remove", &format!("/spec/{list}/1"));
    }
    writer.done()
}

fn head(what: &str) -> Writer {
    let mut writer = Writer::default();
    let limits = "OpenShift documents this patch for OVN-Kubernetes only. In a cluster with Calico it changes nothing of \
                  Calico: you must also change the IP pools and the nodes yourself. The network operator accepts it on bare \
                  metal, vSphere and platform none, and refuses it on any other platform.";
    writer.comment(0, limits).comment(0, what);
    writer
        .lines(&format!("# oc patch network.config.openshift.io cluster --type=json --patch-file {NETWORK}"));
    writer
}

fn operation(writer: &mut Writer, operation: &str, path: &str) {
    writer.lines(&format!("- op: {operation}\n  path: {path}"));
}

/// The patch with the VIPs of API and ingress; `Some(None)` if no VIPs were passed.
fn vips(request: &mut Request<'_>) -> Option<Option<String>> {
    let pairs: Vec<IpAddr> = request.target.address_map.pairs().map(|(_, ipv6)| IpAddr::V6(ipv6)).collect();
    if pairs.is_empty() || request.target.to == Stack::Ipv4Only {
        return Some(None);
    }
    let [api, ingress] = pairs[..] else {
        let message = format!(
            "pass --map-address twice for {INFRASTRUCTURE} (API VIP, then ingress VIP); got {}",
            pairs.len()
        );
        request.refuse("map-address", message);
        return None;
    };
    if request.primary() == Family::Ipv6 {
        let message = format!("{INFRASTRUCTURE} is available only if IPv6 is the second IP family");
        request.refuse("primary-family", message);
        return None;
    }
    let Some(machines) = request.target.ipv6_machine_cidr else {
        request.ask("ipv6-machine-cidr", "2001:db8:1::/64", "the VIPs must be in the network of the nodes");
        return None;
    };
    if let Some(outside) = [api, ingress].into_iter().find(|ip| !IpNet::V6(machines).contains(ip)) {
        request.refuse("map-address", format!("{outside} is not in the node network {machines}"));
        return None;
    }
    let mut writer = Writer::default();
    let command = format!(
        "# oc patch infrastructure.config.openshift.io cluster --type=json --patch-file {INFRASTRUCTURE}"
    );
    writer.comment(
        0,
        "The VIPs of API and ingress. Apply this after the network operator has applied the other patch.",
    );
    writer.lines(&command);
    let why = "On vSphere, replace baremetal with vsphere in each path. If the object does not have one of these lists, \
               add the whole list, IPv4 first.";
    writer.comment(0, why);
    for (list, value) in [
        ("machineNetworks", machines.to_string()),
        ("apiServerInternalIPs", api.to_string()),
        ("ingressIPs", ingress.to_string()),
    ] {
        operation(&mut writer, "add", &format!("/spec/platformSpec/baremetal/{list}/-"));
        writer.entry(2, "value", &value);
    }
    Some(Some(writer.done()))
}
