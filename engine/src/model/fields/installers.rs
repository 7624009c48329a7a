//! Files of installers: k3s and RKE2, kind, kubespray, k0s, MicroK8s, kops, Cluster API.

use super::{ClusterConfig, ConfigObject, FieldKind, Items, ObjectKind, kubeadm};
use crate::address::Family;
use crate::yaml::Kind;

/// A key that says the range of one family.
#[derive(Clone, Copy, Debug)]
pub struct RangeKey {
    /// The family.
    pub family: Family,
    /// Of what.
    pub kind: FieldKind,
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
    pub kind: ObjectKind,
    /// Switches, `true` or `false`.
    pub switches: &'static [(&'static [&'static str], On)],
    /// The ranges.
    pub ranges: &'static [RangeKey],
    /// Whether it has ranges of its own where none is written.
    pub has_defaults: bool,
    /// The key of the prefix of a node's part of the IPv6 pod range, and its default.
    pub node_prefix: Option<(&'static [&'static str], u8)>,
}

impl Split {
    /// The words `true` or `false` of the switch of a family, if the file has it.
    fn switch<'o>(&self, object: &'o ConfigObject<'_>, family: Family) -> Option<&'o str> {
        let (path, _) = self.switches.iter().find(|(_, on)| *on == On::With(family))?;
        let tree = object.tree();
        let node = tree.at(object.root, path)?;
        // In a file of words the value is a list of one.
        tree.scalar(tree.items(node).next().unwrap_or(node))
    }

    /// Whether the file turns a family on.
    pub(in crate::model) fn is_on(&self, object: &ConfigObject<'_>, family: Family) -> bool {
        self.switch(object, family).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// Whether the file turns a family off.
    pub(in crate::model) fn is_off(&self, object: &ConfigObject<'_>, family: Family) -> bool {
        self.switch(object, family).is_some_and(|text| text.eq_ignore_ascii_case("false"))
    }
}

const fn key(family: Family, kind: FieldKind, path: &'static [&'static str]) -> RangeKey {
    RangeKey { family, kind, path }
}

/// The files with a key for each family.
pub const SPLIT: [Split; 3] = [
    Split {
        kind: ObjectKind::Kubespray,
        switches: &[(&["ipv4_stack"], On::With(Family::Ipv4)), (&["ipv6_stack"], On::With(Family::Ipv6))],
        ranges: &[
            key(Family::Ipv4, FieldKind::ServiceRange, &["kube_service_addresses"]),
            key(Family::Ipv4, FieldKind::PodRange, &["kube_pods_subnet"]),
            key(Family::Ipv6, FieldKind::ServiceRange, &["kube_service_addresses_ipv6"]),
            key(Family::Ipv6, FieldKind::PodRange, &["kube_pods_subnet_ipv6"]),
        ],
        has_defaults: true,
        node_prefix: Some((&["kube_network_node_prefix_ipv6"], 120)),
    },
    Split {
        kind: ObjectKind::K0s,
        switches: &[(&["spec", "network", "dualStack", "enabled"], On::WithBoth)],
        ranges: &[
            key(Family::Ipv4, FieldKind::PodRange, &["spec", "network", "podCIDR"]),
            key(Family::Ipv4, FieldKind::ServiceRange, &["spec", "network", "serviceCIDR"]),
            key(Family::Ipv6, FieldKind::PodRange, &["spec", "network", "dualStack", "IPv6podCIDR"]),
            key(Family::Ipv6, FieldKind::ServiceRange, &["spec", "network", "dualStack", "IPv6serviceCIDR"]),
        ],
        has_defaults: false,
        node_prefix: None,
    },
    Split {
        kind: ObjectKind::MicroK8s,
        switches: &[(&["IPv4_SUPPORT"], On::With(Family::Ipv4)), (&["IPv6_SUPPORT"], On::With(Family::Ipv6))],
        ranges: &[
            key(Family::Ipv4, FieldKind::PodRange, &["IPv4_CLUSTER_CIDR"]),
            key(Family::Ipv4, FieldKind::ServiceRange, &["IPv4_SERVICE_CIDR"]),
            key(Family::Ipv6, FieldKind::PodRange, &["IPv6_CLUSTER_CIDR"]),
            key(Family::Ipv6, FieldKind::ServiceRange, &["IPv6_SERVICE_CIDR"]),
        ],
        has_defaults: false,
        node_prefix: None,
    },
];

/// A file of this kind, with the ranges that it tells.
pub(super) fn read_split<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>, kind: ObjectKind) {
    let index = config.add(object, kind);
    for split in SPLIT.iter().filter(|split| split.kind == kind) {
        for range in split.ranges {
            let object = &config.objects[index];
            // In a file of words the value is a list of one.
            let node = object.tree().at(object.root, range.path);
            let first = node.and_then(|node| object.tree().items(node).next()).or(node);
            if let Some(node) = first.filter(|node| object.tree().scalar(*node) != Some("")) {
                config.field_at(index, node, range.path.join("."), range.kind);
                if let Some(field) = config.fields.last_mut().filter(|field| field.node == node) {
                    field.family = Some(range.family);
                }
            }
        }
    }
}

/// `config.yaml` of k3s or RKE2: its keys are flags, and what may be given several times is a text or a list.
pub(super) fn read_k3s<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::K3s);
    for (key, kind) in [
        ("cluster-cidr", FieldKind::PodRange),
        ("service-cidr", FieldKind::ServiceRange),
        ("node-ip", FieldKind::NodeIp),
        ("cluster-dns", FieldKind::ClusterDns),
        ("advertise-address", FieldKind::Advertise),
        ("server", FieldKind::Server),
    ] {
        let object = &config.objects[index];
        let is_list =
            object.tree().get(object.root, key).is_some_and(|n| object.tree().kind(n) == Kind::Sequence);
        if is_list {
            config.list(index, &[key], kind, Items::Text);
        } else {
            config.field(index, &[key], kind);
        }
    }
}

/// `Cluster` of kind.
pub(super) fn read_kind<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::KindCluster);
    config.field(index, &["networking", "podSubnet"], FieldKind::PodRange);
    config.field(index, &["networking", "serviceSubnet"], FieldKind::ServiceRange);
}

/// `Cluster` of Cluster API.
pub(super) fn read_capi_cluster<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::CapiCluster);
    config.list(
        index,
        &["spec", "clusterNetwork", "services", "cidrBlocks"],
        FieldKind::ServiceRange,
        Items::Text,
    );
    config.list(index, &["spec", "clusterNetwork", "pods", "cidrBlocks"], FieldKind::PodRange, Items::Text);
}

/// What of Cluster API holds kubeadm's documents: their fields, without versions of their own.
pub(super) fn read_kubeadm_spec<'d>(config: &mut ClusterConfig<'d>, object: &ConfigObject<'d>) {
    let tree = object.tree();
    let paths: [&[&str]; 4] = [
        &["spec", "kubeadmConfigSpec"],
        &["spec", "template", "spec", "kubeadmConfigSpec"],
        &["spec", "template", "spec"],
        &["spec"],
    ];
    let Some(spec) = paths.into_iter().find_map(|path| tree.at(object.root, path)) else { return };
    let inside = |key| tree.get(spec, key).filter(|n| tree.kind(*n) == Kind::Mapping);
    let at = |root| ConfigObject { root, ..object.clone() };
    let [cluster, init, join] =
        ["clusterConfiguration", "initConfiguration", "joinConfiguration"].map(|key| inside(key).map(at));
    cluster.into_iter().for_each(|object| kubeadm::read_cluster(config, object, ObjectKind::CapiKubeadm));
    init.into_iter().for_each(|object| kubeadm::read_init(config, object, ObjectKind::CapiKubeadm));
    join.into_iter().for_each(|object| kubeadm::read_join(config, object, ObjectKind::CapiKubeadm));
}
