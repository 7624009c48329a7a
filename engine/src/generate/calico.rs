//! Calico's own resources.

use super::operator::pools;
use super::writer::Writer;
use super::{Kind, Request};
use crate::address::{Family, IPV4_BLOCK, IPV6_BLOCK, family};
use crate::target::RangeOf;

pub(super) const IP_POOL: Kind = Kind {
    name: "ippool",
    about: "an IPPool of each IP family, with every field set",
    files: &["ippools.yaml"],
    has_patches: false,
    make: |request| Some(vec![("ippools.yaml".to_owned(), ip_pools(request)?)]),
};

pub(super) const FELIX_CONFIGURATION: Kind = Kind {
    name: "felixconfiguration",
    about: "FelixConfiguration that enables or disables IPv6",
    files: &["felixconfiguration.yaml"],
    has_patches: false,
    make: |request| Some(vec![("felixconfiguration.yaml".to_owned(), felix(request))]),
};

pub(super) const BGP_CONFIGURATION: Kind = Kind {
    name: "bgpconfiguration",
    about: "BGPConfiguration that announces the service CIDRs to BGP peers",
    files: &["bgpconfiguration.yaml"],
    has_patches: false,
    make: |request| Some(vec![("bgpconfiguration.yaml".to_owned(), bgp_configuration(request)?)]),
};

pub(super) const BGP_PEER: Kind = Kind {
    name: "bgppeer",
    about: "a BGPPeer of each IP family for each router",
    files: &["bgppeers.yaml"],
    has_patches: false,
    make: |request| Some(vec![("bgppeers.yaml".to_owned(), bgp_peers(request)?)]),
};

const HOW: &str = "Apply it with calicoctl, or with kubectl if the Calico API server is installed.";

fn ip_pools(request: &mut Request<'_>) -> Option<String> {
    let mut writer = Writer::default();
    writer.comment(0, HOW);
    for (i, pool) in pools(request, "an IPPool needs a CIDR")?.iter().enumerate() {
        let is_ipv6 = family(pool.net) == Family::Ipv6;
        if i > 0 {
            writer.lines("---");
        }
        writer.lines("apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata:");
        writer.comment(2, "calico-node would create a pool with this name; it skips that when one exists.");
        writer.entry(2, "name", if is_ipv6 { "default-ipv6-ippool" } else { "default-ipv4-ippool" });
        writer.lines("spec:");
        writer.comment(2, "cidr and blockSize cannot be changed later.");
        writer.entry(2, "cidr", &pool.net.to_string());
        let default = if is_ipv6 { IPV6_BLOCK } else { IPV4_BLOCK };
        let size = if pool.field("blockSize").is_empty() {
            default.to_string()
        } else {
            pool.field("blockSize").to_owned()
        };
        writer.lines(&format!("  blockSize: {size}"));
        if is_ipv6 {
            writer.comment(2, "IPIP supports IPv4 only.");
        }
        writer.lines("  ipipMode: Never");
        writer.entry(
            2,
            "vxlanMode",
            match pool.encapsulation() {
                "VXLAN" => "Always",
                "VXLANCrossSubnet" => "CrossSubnet",
                _ => "Never",
            },
        );
        writer
            .comment(2, "The default is false: pods with private addresses could not reach other networks.");
        writer.lines(&format!("  natOutgoing: {}", pool.field("natOutgoing") == "Enabled"));
        writer.entry(2, "nodeSelector", "all()");
    }
    Some(writer.done())
}

fn felix(request: &mut Request<'_>) -> String {
    let mut writer = Writer::default();
    writer.comment(0, HOW);
    writer.lines(
        "apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata:\n  name: default\nspec:",
    );
    let why = "Felix programs IPv6 routes and policy only if this is true. The variable FELIX_IPV6SUPPORT of calico-node \
               takes precedence: it is \"false\" in the manifests, and the operator sets it according to the pools.";
    writer.comment(2, why).lines(&format!("  ipv6Support: {}", request.target.to.has_ipv6()));
    writer.done()
}

fn bgp_configuration(request: &mut Request<'_>) -> Option<String> {
    let services = request.ranges(RangeOf::Services, None, "the ranges that the nodes announce")?;
    let mut writer = Writer::default();
    writer.comment(0, HOW);
    writer
        .lines("apiVersion: projectcalico.org/v3\nkind: BGPConfiguration\nmetadata:\n  name: default\nspec:");
    let why = "Every node announces these ranges, each to the peers of its IP family.";
    writer.comment(2, why).lines("  serviceClusterIPs:");
    for net in services {
        writer.entry(2, "- cidr", &net.to_string());
    }
    Some(writer.done())
}

/// The AS number that Calico has by default.
const AS_NUMBER: u32 = 64512;

fn bgp_peers(request: &mut Request<'_>) -> Option<String> {
    let families = request.families();
    let pairs: Vec<_> = request.target.address_map.pairs().collect();
    if pairs.is_empty() {
        let why = "peerIP needs the addresses of the router: pass one pair for each router";
        request.ask("map-address", "192.0.2.1=2001:db8:1::1", why);
        return None;
    }
    let mut writer = Writer::default();
    writer.comment(0, HOW);
    writer.comment(0, "Replace the lines that end in `yours`. Nodes announce routes of an IP family only over sessions of that IP family.");
    for (i, (ipv4, ipv6)) in pairs.into_iter().enumerate() {
        for (j, family) in families.iter().enumerate() {
            if i + j > 0 {
                writer.lines("---");
            }
            let (name, address) = match family {
                Family::Ipv4 => ("ipv4", ipv4.to_string()),
                Family::Ipv6 => ("ipv6", ipv6.to_string()),
            };
            writer.lines("apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata:");
            writer.entry(2, "name", &format!("router-{}-{name}", i + 1)).lines("spec:");
            writer.entry(2, "peerIP", &address).lines(&format!("  asNumber: {AS_NUMBER} # yours"));
        }
    }
    Some(writer.done())
}
