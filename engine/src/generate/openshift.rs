//! OpenShift's `install-config.yaml`.

use super::writer::Writer;
use super::{Kind, Request};
use crate::address::{Family, family};
use crate::rules::{DEFAULT_IPV4, DEFAULT_IPV6, HOST_PREFIX_IPV4};
use crate::target::{RangeOf, Stack};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

pub(super) const INSTALL_CONFIG: Kind = Kind {
    name: "install-config",
    about: "OpenShift install-config.yaml with networking for Calico",
    files: &["install-config.yaml"],
    has_patches: false,
    make: |request| Some(vec![("install-config.yaml".to_owned(), install_config(request)?)]),
};

/// The default `hostPrefix` (openshift/installer `defaults`).
const HOST_PREFIX: u8 = HOST_PREFIX_IPV4;

/// The default `serviceNetwork`.
const SERVICES: &str = "172.30.0.0/16";

fn install_config(request: &mut Request<'_>) -> Option<String> {
    let pods = request.ranges(RangeOf::Pods, None, "clusterNetwork needs the pod CIDR");
    let default = SERVICES.parse().ok();
    let services = request.ranges(RangeOf::Services, default, "serviceNetwork needs the service CIDR");
    let machines = machines(request);
    let prefixes: Option<Vec<u8>> = pods.iter().flatten().map(|net| host_prefix(request, *net)).collect();
    let (pods, prefixes, services, machines) = (pods?, prefixes?, services?, machines?);
    let mut writer = Writer::default();
    let why = "Replace the lines that end in `yours`. After `openshift-install create manifests`, add Calico's manifests, \
               and set the IP pools in its Installation.";
    writer
        .comment(0, why)
        .lines("apiVersion: v1\nbaseDomain: example.com # yours\nmetadata:\n  name: cluster # yours");
    writer.lines("networking:\n  networkType: Calico");
    if request.target.to == Stack::DualStack {
        let why = "Each of the three lists has both IP families, in the same order.";
        writer.comment(2, why);
    }
    if !machines.is_empty() {
        let why = "The subnets of the nodes, derived from the node address that was passed: change them if they are larger.";
        writer.comment(2, why).lines("  machineNetwork:");
        machines.iter().for_each(|net| {
            writer.entry(2, "- cidr", &net.to_string());
        });
    }
    writer.comment(2, "Each Calico IP pool must be inside one of these.").lines("  clusterNetwork:");
    for (net, prefix) in pods.iter().zip(prefixes) {
        writer.entry(2, "- cidr", &net.to_string());
        writer.lines(&format!("    hostPrefix: {prefix}"));
    }
    writer.comment(2, "The installer takes the IP families of the cluster from this list.");
    writer.lines("  serviceNetwork:");
    services.iter().for_each(|net| {
        writer.lines(&format!("  - {net}"));
    });
    writer.lines("controlPlane:\n  name: master\n  replicas: 3\ncompute:\n- name: worker\n  replicas: 2");
    writer.lines("platform: # yours\n  none: {}\npullSecret: '{\"auths\":{}}' # yours");
    Some(writer.done())
}

/// The `hostPrefix` of a pod CIDR. Reports an error and returns `None` if the CIDR is too small for one node.
pub(super) fn host_prefix(request: &mut Request<'_>, pods: IpNet) -> Option<u8> {
    match family(pods) {
        Family::Ipv4 if pods.prefix_len() < HOST_PREFIX => Some(HOST_PREFIX),
        Family::Ipv4 => Some(pods.prefix_len().max(DEFAULT_IPV4)),
        Family::Ipv6 if pods.prefix_len() <= DEFAULT_IPV6 => Some(DEFAULT_IPV6),
        Family::Ipv6 => {
            let message = format!(
                "{pods} is smaller than the /{DEFAULT_IPV6} that OpenShift allocates to each node: use a /48 to /56"
            );
            request.refuse("ipv6-pod-cidr", message);
            None
        }
    }
}

/// The subnets of the nodes. IPv4-only clusters use the installer's default.
fn machines(request: &mut Request<'_>) -> Option<Vec<IpNet>> {
    let stated = request.target.ipv6_machine_cidr.map(IpNet::V6);
    let Some((ipv4, ipv6)) = request.target.address_map.pairs().next() else {
        if request.target.to == Stack::Ipv6Only && stated.is_some() {
            return Some(stated.into_iter().collect());
        }
        if request.target.to == Stack::Ipv4Only {
            return Some(Vec::new());
        }
        let why = "machineNetwork needs the subnets of the nodes: pass the address pair of one node, whose /24 and /64 are used";
        request.ask("map-address", "192.0.2.11=2001:db8:1::11", why);
        return None;
    };
    let of = |family| match family {
        Family::Ipv4 => Ipv4Net::new(ipv4, 24).ok().map(|net| IpNet::V4(net.trunc())),
        Family::Ipv6 if stated.is_some() => stated,
        Family::Ipv6 => Ipv6Net::new(ipv6, 64).ok().map(|net| IpNet::V6(net.trunc())),
    };
    request.families().into_iter().map(of).collect()
}
