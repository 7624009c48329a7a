//! Calico's own resources.

use super::operator::pools;
use super::writer::Writer;
use super::{Kind, Request};
use crate::address::{Family, IPV4_BLOCK, IPV6_BLOCK, family};
use crate::target::RangeOf;
use crate::version::{Component, Gate, Version, Window};
use ipnet::IpNet;
use std::net::IpAddr;

pub(super) const IP_POOL: Kind = Kind {
    name: "ippool",
    about: "an IPPool of each IP family, with every field set",
    files: &["ippools.yaml"],
    has_patches: false,
    make: |request| Some(vec![("ippools.yaml".to_owned(), ip_pools(request)?)]),
};

pub(super) const LOAD_BALANCER_POOL: Kind = Kind {
    name: "ippool-loadbalancer",
    about: "an IPPool of each IP family for Services of type LoadBalancer",
    files: &["ippools-loadbalancer.yaml"],
    has_patches: false,
    make: |request| Some(vec![("ippools-loadbalancer.yaml".to_owned(), load_balancer_pools(request)?)]),
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

/// `allowedUses: [LoadBalancer]`, `assignmentMode` and the controller (api `ippool.go` and kube-controllers of v3.30.0). Earlier
/// releases answer `unknown use: LoadBalancer`.
const LOAD_BALANCER_POOLS: Version = Version::new(3, 30, 0);

/// ENABLED_CONTROLLERS without `assignIPs` (kube-controllers `runconfig.go`, mergeEnabledControllers and mergeLoadBalancer).
const NO_DEFAULT: Gate = Gate {
    component: Component::Calico,
    what: "assignIPs has no default in a KubeControllersConfiguration without loadBalancer",
    windows: &[
        Window::between(LOAD_BALANCER_POOLS, Version::new(3, 30, 7)),
        Window::between(Version::new(3, 31, 0), Version::new(3, 31, 6)),
    ],
};

fn load_balancer_pools(request: &mut Request<'_>) -> Option<String> {
    if request.target.calico_version.is_some_and(|version| version < LOAD_BALANCER_POOLS) {
        let message = "Calico before v3.30.0 assigns no addresses to Services of type LoadBalancer, and refuses an IPPool for them";
        request.refuse("calico-version", message.to_owned());
        return None;
    }
    let nets = request.ranges(
        RangeOf::LoadBalancers,
        None,
        "Services of type LoadBalancer get addresses from it",
    )?;
    let pairs = request.target.address_map.pairs();
    for address in pairs.flat_map(|(ipv4, ipv6)| [IpAddr::V4(ipv4), IpAddr::V6(ipv6)]) {
        if let Some(net) = nets.iter().find(|net| net.contains(&address)) {
            let (flag, _) = RangeOf::LoadBalancers.option(family(*net));
            let message = format!(
                "{net} contains {address} (--map-address): a Service could get the address of a node"
            );
            request.refuse(flag, message);
            return None;
        }
    }
    let mut writer = Writer::default();
    writer.comment(0, HOW);
    let who = "calico-kube-controllers of Calico v3.30.0 and later assigns these addresses to Services of type \
               LoadBalancer whose loadBalancerClass is absent or calico. If its variable ENABLED_CONTROLLERS is set, it must \
               contain loadbalancer, as in Calico's manifests.";
    writer.comment(0, who);
    if NO_DEFAULT.applies(request.target.calico_version) != Some(false) {
        let what = "Calico v3.30.0 to v3.30.6 and v3.31.0 to v3.31.5: if the cluster was installed with an earlier release, \
                    set spec.controllers.loadBalancer.assignIPs of the KubeControllersConfiguration to AllServices. \
                    Without it, no Service gets an address.";
        writer.comment(0, what);
    }
    let how = "Nodes announce the addresses over BGP only if serviceLoadBalancerIPs of the BGPConfiguration contains \
               these ranges, as in the file of the kind bgpconfiguration.";
    writer.comment(0, how);
    for (i, net) in nets.iter().enumerate() {
        let (name, default) = match family(*net) {
            Family::Ipv4 => ("load-balancer-ipv4", IPV4_BLOCK),
            Family::Ipv6 => ("load-balancer-ipv6", IPV6_BLOCK),
        };
        if i > 0 {
            writer.lines("---");
        }
        writer.lines("apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata:").entry(2, "name", name);
        writer.lines("spec:").comment(2, "cidr and blockSize cannot be changed later.");
        writer.entry(2, "cidr", &net.to_string());
        writer.lines(&format!("  blockSize: {}", default.max(net.prefix_len())));
        writer
            .comment(2, "LoadBalancer cannot be combined with other uses.")
            .lines("  allowedUses:\n  - LoadBalancer");
        let why =
            "With Manual, only Services that name the pool or an address in an annotation get one from it.";
        writer.comment(2, why).lines("  assignmentMode: Automatic");
        writer.comment(2, "Calico accepts no other values of these fields in this pool.");
        writer
            .lines("  ipipMode: Never\n  vxlanMode: Never\n  nodeSelector: all()\n  disableBGPExport: false");
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
    let cidrs = |writer: &mut Writer, nets: Vec<IpNet>| {
        for net in nets {
            writer.entry(2, "- cidr", &net.to_string());
        }
    };
    cidrs(&mut writer, services);
    let range = |family| request.target.range(RangeOf::LoadBalancers, family);
    let load_balancers: Vec<IpNet> = request.families().into_iter().filter_map(range).collect();
    if !load_balancers.is_empty() {
        writer.lines("  serviceLoadBalancerIPs:");
        cidrs(&mut writer, load_balancers);
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
