//! Patches that give a running OpenShift cluster a second family, or take it away again.

use super::openshift::host_prefix;
use super::writer::Sheet;
use super::{Drafts, Kind, Wish};
use crate::address::Family;
use crate::target::{RangeOf, Stack};
use ipnet::IpNet;
use std::net::IpAddr;

pub(super) const PATCHES: Kind = Kind {
    name: "openshift-patches",
    about: "patches of Network and Infrastructure: the second family of an OpenShift cluster that runs",
    files: &[NETWORK, INFRASTRUCTURE],
    has_patches: true,
    make: patches,
};

const NETWORK: &str = "network-patch.yaml";
const INFRASTRUCTURE: &str = "infrastructure-patch.yaml";

fn patches(wish: &mut Wish<'_>) -> Option<Drafts> {
    if wish.target.to == Stack::Ipv6Only {
        let message = "OpenShift adds a family to a running cluster, and takes away the one that was added: \
                       no patch makes it IPv6-only"
            .to_owned();
        wish.refuse("to", message);
        return None;
    }
    let network = if wish.target.to == Stack::Ipv4Only { Some(back()) } else { network(wish) };
    let vips = vips(wish);
    let mut drafts = vec![(NETWORK.to_owned(), network?)];
    drafts.extend(vips?.map(|text| (INFRASTRUCTURE.to_owned(), text)));
    Some(drafts)
}

/// The second family behind the first (openshift/cluster-network-operator `pkg/network/cluster_config.go`: the first must
/// stay, and both lists change together).
fn network(wish: &mut Wish<'_>) -> Option<String> {
    let second = wish.families().into_iter().nth(1)?;
    let pods = wish.range(RangeOf::Pods, second, None, "pods of the second family");
    let services = wish.range(RangeOf::Services, second, None, "cluster IPs of the second family");
    let prefix = pods.and_then(|net| host_prefix(wish, net));
    let (pods, services, prefix) = (pods?, services?, prefix?);
    let mut sheet = head("The second family of pods and Services. Each node needs an address of it before.");
    operation(&mut sheet, "add", "/spec/clusterNetwork/-");
    sheet.lines("  value:").entry(4, "cidr", &pods.to_string());
    sheet.lines(&format!("    hostPrefix: {prefix}"));
    operation(&mut sheet, "add", "/spec/serviceNetwork/-");
    sheet.entry(2, "value", &services.to_string());
    sheet.comment(0, "Afterwards pods get the second family when they are made anew.");
    Some(sheet.done())
}

/// The way back. Only where IPv4 came first: the family that came first stays.
fn back() -> String {
    let mut sheet = head("Takes the second family away again.");
    for list in ["clusterNetwork", "serviceNetwork"] {
        operation(&mut sheet, "remove", &format!("/spec/{list}/1"));
    }
    sheet.done()
}

fn head(what: &str) -> Sheet {
    let mut sheet = Sheet::default();
    let command = format!(
        "# oc patch network.config.openshift.io cluster --type=json --patch-file {NETWORK}\n# \
         Only OVN-Kubernetes takes it, on bare metal, vSphere or platform none. With Calico the network operator\n# \
         refuses it: choose the families at installation."
    );
    sheet.comment(0, what).lines(&command);
    sheet
}

fn operation(sheet: &mut Sheet, operation: &str, path: &str) {
    sheet.lines(&format!("- op: {operation}\n  path: {path}"));
}

/// The virtual addresses of API and ingress, where they are told; without them there is no second patch.
fn vips(wish: &mut Wish<'_>) -> Option<Option<String>> {
    let pairs: Vec<IpAddr> = wish.target.address_map.pairs().map(|(_, ipv6)| IpAddr::V6(ipv6)).collect();
    if pairs.is_empty() || wish.target.to == Stack::Ipv4Only {
        return Some(None);
    }
    let [api, ingress] = pairs[..] else {
        let message = format!(
            "{INFRASTRUCTURE} takes two pairs, the virtual address of the API and then that of ingress: {}",
            pairs.len()
        );
        wish.refuse("map-address", message);
        return None;
    };
    if wish.primary() == Family::Ipv6 {
        let message = format!("{INFRASTRUCTURE} is written where IPv6 is the second family");
        wish.refuse("primary-family", message);
        return None;
    }
    let Some(machines) = wish.target.ipv6_machine_cidr else {
        wish.ask(
            "ipv6-machine-cidr",
            "2001:db8:1::/64",
            "the virtual addresses lie in a network of the nodes",
        );
        return None;
    };
    if let Some(outside) = [api, ingress].into_iter().find(|ip| !IpNet::V6(machines).contains(ip)) {
        wish.refuse("map-address", format!("{outside} is not in the network of the nodes {machines}"));
        return None;
    }
    let mut sheet = Sheet::default();
    let command = format!(
        "# oc patch infrastructure.config.openshift.io cluster --type=json --patch-file {INFRASTRUCTURE}"
    );
    sheet.comment(
        0,
        "The virtual addresses of API and ingress, after the network operator took the other patch.",
    );
    sheet.lines(&command);
    let why = "For vSphere write vsphere in each path. Where the object lacks one of these lists, add the whole list, \
               IPv4 first.";
    sheet.comment(0, why);
    for (list, value) in [
        ("machineNetworks", machines.to_string()),
        ("apiServerInternalIPs", api.to_string()),
        ("ingressIPs", ingress.to_string()),
    ] {
        operation(&mut sheet, "add", &format!("/spec/platformSpec/baremetal/{list}/-"));
        sheet.entry(2, "value", &value);
    }
    Some(Some(sheet.done()))
}
