//! Configuration that installers read: k3s, RKE2, kubespray.

use super::operator::{pools, rke2_values};
use super::writer::{Writer, list};
use super::{Drafts, Kind, Request};
use crate::address::Family;
use crate::target::{RangeOf, Stack};
use crate::version::Version;
use ipnet::IpNet;
use std::net::IpAddr;

pub(super) const K3S: Kind = Kind {
    name: "k3s",
    about: "config.yaml of the first k3s server, without flannel",
    files: &["k3s/config.yaml"],
    has_patches: false,
    make: |request| {
        let mut writer = Writer::default();
        let why = "Copy it to /etc/rancher/k3s/config.yaml before the first start of k3s: a running cluster cannot \
                   change its IP families. Calico: calico-ipv6 generate helmchart.";
        writer.comment(0, why);
        rancher(request, &mut writer)?;
        writer.comment(0, "Calico is the pod network and applies the network policies.");
        writer.lines("flannel-backend: none\ndisable-network-policy: true");
        Some(vec![("k3s/config.yaml".to_owned(), writer.done())])
    },
};

pub(super) const RKE2: Kind = Kind {
    name: "rke2",
    about: "config.yaml of the first RKE2 server, and the HelmChartConfig of its Calico chart",
    files: &["rke2/config.yaml", "rke2/rke2-calico-config.yaml"],
    has_patches: false,
    make: |request| {
        let mut writer = Writer::default();
        let why = "Copy it to /etc/rancher/rke2/config.yaml before the first start of RKE2: a running cluster cannot \
                   change its IP families.";
        writer.comment(0, why);
        if request.target.to == Stack::Ipv6Only {
            writer
                .comment(0, "In an IPv6-only cluster /etc/hosts of each node must contain `::1 localhost`.");
        }
        rancher(request, &mut writer)?;
        writer.lines("cni: calico");
        let chart = rke2_values(request)?;
        Some(vec![
            ("rke2/config.yaml".to_owned(), writer.done()),
            ("rke2/rke2-calico-config.yaml".to_owned(), chart),
        ])
    },
};

pub(super) const KUBESPRAY: Kind = Kind {
    name: "kubespray",
    about: "group variables of kubespray 2.28 and later, for the cluster and for Calico",
    files: &["kubespray/k8s-cluster.yml", "kubespray/k8s-net-calico.yml"],
    has_patches: false,
    make: kubespray,
};

/// The default service CIDR of k3s and RKE2 (k3s `pkg/cli/server/server.go`).
const K3S_SERVICES: &str = "10.43.0.0/16";

/// The first releases of k3s and RKE2 with both families, and with IPv6 alone (k3s documentation, Networking).
const DUAL_STACK: Version = Version::new(1, 21, 0);
const IPV6_ONLY: Version = Version::new(1, 22, 9);

/// The keys that k3s and RKE2 share.
fn rancher(request: &mut Request<'_>, writer: &mut Writer) -> Option<()> {
    let first = match request.target.to {
        Stack::DualStack => Some(DUAL_STACK),
        Stack::Ipv6Only => Some(IPV6_ONLY),
        Stack::Ipv4Only => None,
    };
    if let (Some(first), Some(release)) = (first, request.target.kubernetes_version)
        && release < first
    {
        let message = format!("k3s and RKE2 before {first} have no {} clusters", request.target.to);
        request.refuse("kubernetes-version", message);
        return None;
    }
    let pods = request.ranges(RangeOf::Pods, None, "cluster-cidr needs the pod CIDR");
    let services =
        request.ranges(RangeOf::Services, K3S_SERVICES.parse().ok(), "service-cidr needs the service CIDR");
    let node = node(request);
    let (pods, services, node) = (pods?, services?, node?);
    let why =
        "cluster-cidr, service-cidr and node-ip must have the same IP families; otherwise the server exits.";
    writer.comment(0, why).entry(0, "cluster-cidr", &list(&pods)).entry(0, "service-cidr", &list(&services));
    if !node.is_empty() {
        writer.comment(0, "The addresses of this node; each other node has its own.");
        writer.entry(0, "node-ip", &list(&node));
    }
    Some(())
}

/// The addresses of the first node, primary family first; none if it detects its IPv4 address.
fn node(request: &mut Request<'_>) -> Option<Vec<IpAddr>> {
    let families = request.families();
    match request.target.address_map.pairs().next() {
        Some((ipv4, ipv6)) => {
            let of = |family: &Family| match family {
                Family::Ipv4 => IpAddr::V4(ipv4),
                Family::Ipv6 => IpAddr::V6(ipv6),
            };
            Some(families.iter().map(of).collect())
        }
        None if families == [Family::Ipv4] => Some(Vec::new()),
        None => {
            let why = "node-ip needs the addresses of the first server: pass its pair";
            request.ask("map-address", "192.0.2.11=2001:db8:1::11", why);
            None
        }
    }
}

/// The default of `kube_service_addresses` (kubespray `roles/kubespray_defaults`).
const KUBESPRAY_SERVICES: &str = "10.233.0.0/18";

fn kubespray(request: &mut Request<'_>) -> Option<Drafts> {
    if request.target.to == Stack::DualStack && request.primary() == Family::Ipv6 {
        request.refuse("primary-family", "kubespray lists IPv4 first in a dual-stack cluster".to_owned());
        return None;
    }
    let pods = request.ranges(RangeOf::Pods, None, "the pod CIDR of the cluster");
    let default = KUBESPRAY_SERVICES.parse().ok();
    let services = request.ranges(RangeOf::Services, default, "the service CIDR of the cluster");
    let (pods, services) = (pods?, services?);
    let has = |family| request.target.to.has(family);
    let mut cluster = Writer::default();
    let how = "Add it to group_vars/k8s_cluster/k8s-cluster.yml of the inventory. Host variables: ip and access_ip, and \
               for IPv6 ip6 and access_ip6.";
    cluster.comment(0, how);
    cluster.comment(
        0,
        "kubespray before 2.28 has enable_dual_stack_networks instead, and no IPv6-only clusters.",
    );
    cluster.lines(&format!("ipv4_stack: {}\nipv6_stack: {}", has(Family::Ipv4), has(Family::Ipv6)));
    ranges(&mut cluster, "kube_service_addresses", &services);
    ranges(&mut cluster, "kube_pods_subnet", &pods);
    cluster.lines("kube_network_plugin: calico");
    let pools = pools(request, "kubespray creates an IP pool of each IP family")?;
    let mut calico = Writer::default();
    calico.comment(0, "Add it to group_vars/k8s_cluster/k8s-net-calico.yml of the inventory.");
    let is_routed = pools.iter().any(|pool| pool.encapsulation() == "None");
    let backend = if is_routed { "bird" } else { "vxlan" };
    calico.comment(
        0,
        "Pools without encapsulation need BGP for their routes, which the vxlan backend does not run.",
    );
    calico.lines(&format!("calico_network_backend: {backend}\ncalico_ipip_mode: Never"));
    for pool in &pools {
        let suffix = suffix(pool.net);
        let mode = match pool.encapsulation() {
            "VXLAN" => "Always",
            "VXLANCrossSubnet" => "CrossSubnet",
            _ => "Never",
        };
        calico.lines(&format!("calico_vxlan_mode{suffix}: {mode}"));
        calico.lines(&format!("nat_outgoing{suffix}: {}", pool.field("natOutgoing") == "Enabled"));
    }
    Some(vec![
        ("kubespray/k8s-cluster.yml".to_owned(), cluster.done()),
        ("kubespray/k8s-net-calico.yml".to_owned(), calico.done()),
    ])
}

fn ranges(writer: &mut Writer, key: &str, nets: &[IpNet]) {
    for net in nets {
        writer.entry(0, &format!("{key}{}", suffix(*net)), &net.to_string());
    }
}

/// The end of a variable's name for this family.
fn suffix(net: IpNet) -> &'static str {
    match crate::address::family(net) {
        Family::Ipv4 => "",
        Family::Ipv6 => "_ipv6",
    }
}
