//! `install-config.yaml` of OpenShift.

use super::writer::Sheet;
use super::{Kind, Wish};
use crate::address::{Family, family};
use crate::rules::{DEFAULT_IPV4, DEFAULT_IPV6, HOST_PREFIX_IPV4};
use crate::target::{RangeOf, Stack};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

pub(super) const INSTALL_CONFIG: Kind = Kind {
    name: "install-config",
    about: "install-config.yaml of OpenShift, with its networking for Calico",
    files: &["install-config.yaml"],
    has_patches: false,
    make: |wish| Some(vec![("install-config.yaml".to_owned(), install_config(wish)?)]),
};

/// The part of `clusterNetwork` that a node gets where nothing else is said (openshift/installer `defaults`).
const HOST_PREFIX: u8 = HOST_PREFIX_IPV4;

/// `serviceNetwork` where nothing else is said.
const SERVICES: &str = "172.30.0.0/16";

fn install_config(wish: &mut Wish<'_>) -> Option<String> {
    let pods = wish.ranges(RangeOf::Pods, None, "clusterNetwork names the ranges of pods");
    let default = SERVICES.parse().ok();
    let services = wish.ranges(RangeOf::Services, default, "serviceNetwork names the ranges of cluster IPs");
    let machines = machines(wish);
    let prefixes: Option<Vec<u8>> = pods.iter().flatten().map(|net| host_prefix(wish, *net)).collect();
    let (pods, prefixes, services, machines) = (pods?, prefixes?, services?, machines?);
    let mut sheet = Sheet::default();
    let why = "Lines that end in `yours` are not about addresses. After `openshift-install create manifests` copy \
               Calico's manifests in, and the pools into its Installation.";
    sheet
        .comment(0, why)
        .lines("apiVersion: v1\nbaseDomain: example.com # yours\nmetadata:\n  name: cluster # yours");
    sheet.lines("networking:\n  networkType: Calico");
    if wish.target.to == Stack::DualStack {
        let why = "Each of the three lists has both families, in the same order.";
        sheet.comment(2, why);
    }
    if !machines.is_empty() {
        let why = "The subnets of the nodes, taken from the address that was given: correct them where they are larger.";
        sheet.comment(2, why).lines("  machineNetwork:");
        machines.iter().for_each(|net| {
            sheet.entry(2, "- cidr", &net.to_string());
        });
    }
    sheet.comment(2, "Each pool of Calico lies inside one of these.").lines("  clusterNetwork:");
    for (net, prefix) in pods.iter().zip(prefixes) {
        sheet.entry(2, "- cidr", &net.to_string());
        sheet.lines(&format!("    hostPrefix: {prefix}"));
    }
    sheet.comment(2, "The installer takes the families of the cluster from this list.");
    sheet.lines("  serviceNetwork:");
    services.iter().for_each(|net| {
        sheet.lines(&format!("  - {net}"));
    });
    sheet.lines("controlPlane:\n  name: master\n  replicas: 3\ncompute:\n- name: worker\n  replicas: 2");
    sheet.lines("platform: # yours\n  none: {}\npullSecret: '{\"auths\":{}}' # yours");
    Some(sheet.done())
}

/// How large a part of a range of pods each node gets; none, told, where the range has no room for one.
pub(super) fn host_prefix(wish: &mut Wish<'_>, pods: IpNet) -> Option<u8> {
    match family(pods) {
        Family::Ipv4 if pods.prefix_len() < HOST_PREFIX => Some(HOST_PREFIX),
        Family::Ipv4 => Some(pods.prefix_len().max(DEFAULT_IPV4)),
        Family::Ipv6 if pods.prefix_len() <= DEFAULT_IPV6 => Some(DEFAULT_IPV6),
        Family::Ipv6 => {
            let message = format!(
                "{pods} is smaller than the /{DEFAULT_IPV6} that OpenShift gives each node of IPv6: take a /48 to /56"
            );
            wish.refuse("ipv6-pod-cidr", message);
            None
        }
    }
}

/// The subnets of the nodes. With IPv4 alone the installer's default may do.
fn machines(wish: &mut Wish<'_>) -> Option<Vec<IpNet>> {
    let told = wish.target.ipv6_machine_cidr.map(IpNet::V6);
    let Some((ipv4, ipv6)) = wish.target.address_map.pairs().next() else {
        if wish.target.to == Stack::Ipv6Only && told.is_some() {
            return Some(told.into_iter().collect());
        }
        if wish.target.to == Stack::Ipv4Only {
            return Some(Vec::new());
        }
        let why =
            "machineNetwork needs the subnets of the nodes: the /24 and the /64 around the addresses of one";
        wish.ask("map-address", "192.0.2.11=2001:db8:1::11", why);
        return None;
    };
    let of = |family| match family {
        Family::Ipv4 => Ipv4Net::new(ipv4, 24).ok().map(|net| IpNet::V4(net.trunc())),
        Family::Ipv6 if told.is_some() => told,
        Family::Ipv6 => Ipv6Net::new(ipv6, 64).ok().map(|net| IpNet::V6(net.trunc())),
    };
    wish.families().into_iter().map(of).collect()
}
