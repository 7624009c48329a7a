//! Files of installers: k3s and RKE2, kind, kubespray, k0s, MicroK8s, kops, Cluster API.

use super::{Body, ClusterConfig, Items, Role, Says, kubeadm};
use crate::address::Family;
use crate::yaml::Kind;

/// A key that says the range of one family.
#[derive(Clone, Copy, Debug)]
pub struct RangeKey {
    /// The family.
    pub family: Family,
    /// Of what.
    pub says: Says,
    /// Where it stands.
    pub path: &'static [&'static str],
}

/// When a switch is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Where pods have this family.
    With(Family),
    /// Where they have both.
    WithBoth,
}

/// A file that has a key for each family, and switches for them.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    /// Which file.
    pub role: Role,
    /// Switches, `true` or `false`.
    pub switches: &'static [(&'static [&'static str], On)],
    /// The ranges.
    pub ranges: &'static [RangeKey],
    /// Whether it has ranges of its own where none is written.
    pub has_defaults: bool,
    /// The key of the prefix of a node's part of the IPv6 pod range, and its default.
    pub node_prefix: Option<(&'static [&'static str], u8)>,
}

const fn key(family: Family, says: Says, path: &'static [&'static str]) -> RangeKey {
    RangeKey { family, says, path }
}

/// The files with a key for each family.
pub const SPLIT: [Split; 3] = [
    Split {
        role: Role::Kubespray,
        switches: &[(&["ipv4_stack"], On::With(Family::Ipv4)), (&["ipv6_stack"], On::With(Family::Ipv6))],
        ranges: &[
            key(Family::Ipv4, Says::ServiceRange, &["kube_service_addresses"]),
            key(Family::Ipv4, Says::PodRange, &["kube_pods_subnet"]),
            key(Family::Ipv6, Says::ServiceRange, &["kube_service_addresses_ipv6"]),
            key(Family::Ipv6, Says::PodRange, &["kube_pods_subnet_ipv6"]),
        ],
        has_defaults: true,
        node_prefix: Some((&["kube_network_node_prefix_ipv6"], 120)),
    },
    Split {
        role: Role::K0s,
        switches: &[(&["spec", "network", "dualStack", "enabled"], On::WithBoth)],
        ranges: &[
            key(Family::Ipv4, Says::PodRange, &["spec", "network", "podCIDR"]),
            key(Family::Ipv4, Says::ServiceRange, &["spec", "network", "serviceCIDR"]),
            key(Family::Ipv6, Says::PodRange, &["spec", "network", "dualStack", "IPv6podCIDR"]),
            key(Family::Ipv6, Says::ServiceRange, &["spec", "network", "dualStack", "IPv6serviceCIDR"]),
        ],
        has_defaults: false,
        node_prefix: None,
    },
    Split {
        role: Role::MicroK8s,
        switches: &[(&["IPv4_SUPPORT"], On::With(Family::Ipv4)), (&["IPv6_SUPPORT"], On::With(Family::Ipv6))],
        ranges: &[
            key(Family::Ipv4, Says::PodRange, &["IPv4_CLUSTER_CIDR"]),
            key(Family::Ipv4, Says::ServiceRange, &["IPv4_SERVICE_CIDR"]),
            key(Family::Ipv6, Says::PodRange, &["IPv6_CLUSTER_CIDR"]),
            key(Family::Ipv6, Says::ServiceRange, &["IPv6_SERVICE_CIDR"]),
        ],
        has_defaults: false,
        node_prefix: None,
    },
];

/// A file of this kind, with the ranges that it tells.
pub(super) fn read_split<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>, role: Role) {
    let index = config.add(body, role);
    for split in SPLIT.iter().filter(|split| split.role == role) {
        for range in split.ranges {
            let body = &config.bodies[index];
            // In a file of words the value is a list of one.
            let node = body.tree().at(body.root, range.path);
            let first = node.and_then(|node| body.tree().items(node).next()).or(node);
            if let Some(node) = first.filter(|node| body.tree().scalar(*node) != Some("")) {
                config.field_at(index, node, range.path.join("."), range.says);
                if let Some(field) = config.fields.last_mut().filter(|field| field.node == node) {
                    field.family = Some(range.family);
                }
            }
        }
    }
}

/// `config.yaml` of k3s or RKE2: its keys are flags, and what may be given several times is a text or a list.
pub(super) fn read_k3s<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    let index = config.add(body, Role::K3s);
    for (key, says) in [
        ("cluster-cidr", Says::PodRange),
        ("service-cidr", Says::ServiceRange),
        ("node-ip", Says::NodeIp),
        ("cluster-dns", Says::ClusterDns),
        ("advertise-address", Says::Advertise),
        ("server", Says::Server),
    ] {
        let body = &config.bodies[index];
        let is_list = body.tree().get(body.root, key).is_some_and(|n| body.tree().kind(n) == Kind::Sequence);
        if is_list {
            config.list(index, &[key], says, Items::Text);
        } else {
            config.field(index, &[key], says);
        }
    }
}

/// `Cluster` of kind.
pub(super) fn read_kind<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    let index = config.add(body, Role::KindCluster);
    config.field(index, &["networking", "podSubnet"], Says::PodRange);
    config.field(index, &["networking", "serviceSubnet"], Says::ServiceRange);
}

/// `Cluster` of Cluster API.
pub(super) fn read_capi_cluster<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    let index = config.add(body, Role::CapiCluster);
    config.list(
        index,
        &["spec", "clusterNetwork", "services", "cidrBlocks"],
        Says::ServiceRange,
        Items::Text,
    );
    config.list(index, &["spec", "clusterNetwork", "pods", "cidrBlocks"], Says::PodRange, Items::Text);
}

/// What of Cluster API holds kubeadm's documents: their fields, without versions of their own.
pub(super) fn read_kubeadm_spec<'d>(config: &mut ClusterConfig<'d>, body: &Body<'d>) {
    let tree = body.tree();
    let paths: [&[&str]; 4] = [
        &["spec", "kubeadmConfigSpec"],
        &["spec", "template", "spec", "kubeadmConfigSpec"],
        &["spec", "template", "spec"],
        &["spec"],
    ];
    let Some(spec) = paths.into_iter().find_map(|path| tree.at(body.root, path)) else { return };
    let inside = |key| tree.get(spec, key).filter(|n| tree.kind(*n) == Kind::Mapping);
    let at = |root| Body { root, ..body.clone() };
    let [cluster, init, join] =
        ["clusterConfiguration", "initConfiguration", "joinConfiguration"].map(|key| inside(key).map(at));
    cluster.into_iter().for_each(|body| kubeadm::read_cluster(config, body, Role::CapiKubeadm));
    init.into_iter().for_each(|body| kubeadm::read_init(config, body, Role::CapiKubeadm));
    join.into_iter().for_each(|body| kubeadm::read_join(config, body, Role::CapiKubeadm));
}
