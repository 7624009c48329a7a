//! What installers call the IP families and CIDRs of a cluster: a row for each key.

use super::{ConfigObject, FieldKind, ObjectKind};
use crate::address::Family;

/// A key with the range of one IP family.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RangeKey {
    /// The family.
    pub family: Family,
    /// What the range is for.
    pub kind: FieldKind,
    /// Its path.
    pub path: &'static [&'static str],
}

/// When a switch is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// If pods have this family.
    With(Family),
    /// If pods have both families.
    WithBoth,
}

/// A file that has a key for each family, and switches for them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split {
    /// The kind of file.
    pub kind: ObjectKind,
    /// Switches, `true` or `false`.
    pub switches: &'static [(&'static [&'static str], On)],
    /// The ranges.
    pub ranges: &'static [RangeKey],
    /// Whether it has default ranges.
    pub has_defaults: bool,
    pub node_prefix: Option<NodePrefix>,
}

/// The node mask size of the IPv6 pod CIDR.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodePrefix {
    /// Its key.
    pub path: &'static [&'static str],
    /// The size if there is none.
    pub default: u8,
    /// The key holds a flag of the controller manager: it is a text, and without dual-stack the controller manager exits.
    pub is_flag: bool,
}

const fn node_prefix(path: &'static [&'static str], default: u8, is_flag: bool) -> Option<NodePrefix> {
    Some(NodePrefix { path, default, is_flag })
}

impl Split {
    /// The value (`true` or `false`) of the switch of a family, if the file has it.
    fn switch<'o>(&self, object: &'o ConfigObject<'_>, family: Family) -> Option<&'o str> {
        let (path, _) = self.switches.iter().find(|(_, on)| *on == On::With(family))?;
        let tree = object.tree();
        let node = tree.at(object.root, path)?;
        // In an argument file the value is a list of one item.
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

/// Whether a file lists a range of this family and turns the family off: the range has no effect.
pub(crate) fn leaves_out(object: &ConfigObject<'_>, family: Family) -> bool {
    let tree = object.tree();
    let is_false = |path: &[&str]| {
        let node = tree.at(object.root, path).and_then(|node| tree.scalar(node));
        node.is_some_and(|text| text.eq_ignore_ascii_case("false"))
    };
    let of_both = |split: &Split| {
        let mut paths = split.switches.iter().filter(|(_, on)| *on == On::WithBoth).map(|(path, _)| *path);
        family == Family::Ipv6 && paths.any(is_false)
    };
    let is_old = object.kind == ObjectKind::Kubespray && family == Family::Ipv6;
    let mut splits = SPLIT.iter().filter(|split| split.kind == object.kind);
    let of_word = |known: &FamilyWord| {
        let only = match family {
            Family::Ipv4 => known.ipv6,
            Family::Ipv6 => known.ipv4,
        };
        known.kind == object.kind && object.text(known.path).unwrap_or(known.ipv4) == only
    };
    splits.any(|split| split.is_off(object, family) || of_both(split))
        || FAMILY_WORDS.iter().any(of_word)
        || (is_old && is_false(&["enable_dual_stack_networks"]))
}

/// Whether a file of kubespray turns IPv6 on. Its samples have IPv6 ranges, which have no effect without this switch.
pub(in crate::model) fn turns_ipv6_on(object: &ConfigObject<'_>) -> bool {
    let tree = object.tree();
    let old = tree.get(object.root, "enable_dual_stack_networks").and_then(|node| tree.scalar(node));
    let is_old = old.is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let mut splits = SPLIT.iter().filter(|split| split.kind == ObjectKind::Kubespray);
    object.kind == ObjectKind::Kubespray && (is_old || splits.any(|split| split.is_on(object, Family::Ipv6)))
}

const fn key(family: Family, kind: FieldKind, path: &'static [&'static str]) -> RangeKey {
    RangeKey { family, kind, path }
}

/// The files with a key for each family.
pub(crate) const SPLIT: [Split; 4] = [
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
        node_prefix: node_prefix(&["kube_network_node_prefix_ipv6"], 120, false),
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
        // k0s itself sets --node-cidr-mask-size in a single-stack cluster.
        node_prefix: node_prefix(
            &["spec", "controllerManager", "extraArgs", "node-cidr-mask-size-ipv6"],
            117,
            true,
        ),
    },
    Split {
        kind: ObjectKind::KubeOne,
        switches: &[],
        ranges: &[
            key(Family::Ipv4, FieldKind::PodRange, &["clusterNetwork", "podSubnet"]),
            key(Family::Ipv4, FieldKind::ServiceRange, &["clusterNetwork", "serviceSubnet"]),
            key(Family::Ipv6, FieldKind::PodRange, &["clusterNetwork", "podSubnetIPv6"]),
            key(Family::Ipv6, FieldKind::ServiceRange, &["clusterNetwork", "serviceSubnetIPv6"]),
        ],
        has_defaults: true,
        node_prefix: node_prefix(&["clusterNetwork", "nodeCIDRMaskSizeIPv6"], 64, false),
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

/// A file that sets its IP families with one value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FamilyWord {
    /// The kind of file.
    pub kind: ObjectKind,
    /// Its path.
    pub path: &'static [&'static str],
    /// The value for IPv4 alone, which is also the default.
    pub ipv4: &'static str,
    /// The value for IPv6 alone.
    pub ipv6: &'static str,
    /// The value for both families, IPv4 first.
    pub ipv4_first: &'static str,
    /// The value for both families, IPv6 first.
    pub ipv6_first: &'static str,
    /// Whether the default works in dual-stack, too.
    pub default_suits_both: bool,
}

/// The files with one value for the families (kind `pkg/apis/config/v1alpha4`, KubeOne `pkg/apis/kubeone/v1beta3/types.go`,
/// Rancher `pkg/apis/rke.cattle.io/v1`).
pub(crate) const FAMILY_WORDS: [FamilyWord; 3] = [
    FamilyWord {
        kind: ObjectKind::RancherCluster,
        path: &["spec", "rkeConfig", "networking", "stackPreference"],
        ipv4: "ipv4",
        ipv6: "ipv6",
        ipv4_first: "dual",
        ipv6_first: "dual",
        default_suits_both: true,
    },
    FamilyWord {
        kind: ObjectKind::KindCluster,
        path: &["networking", "ipFamily"],
        ipv4: "ipv4",
        ipv6: "ipv6",
        ipv4_first: "dual",
        ipv6_first: "dual",
        default_suits_both: false,
    },
    FamilyWord {
        kind: ObjectKind::KubeOne,
        path: &["clusterNetwork", "ipFamily"],
        ipv4: "IPv4",
        ipv6: "IPv6",
        ipv4_first: "IPv4+IPv6",
        ipv6_first: "IPv6+IPv4",
        default_suits_both: false,
    },
];

/// A key with the ranges of all families, and the default of its program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DefaultRange {
    /// The kind of file.
    pub kind: ObjectKind,
    /// The path of the key.
    pub path: &'static [&'static str],
    /// What the range is for.
    pub of: FieldKind,
    /// The default IPv4 range.
    pub ipv4: &'static str,
    /// The default IPv6 range; `None` if the program has no default.
    pub ipv6: Option<&'static str>,
    /// Whether the value is a list and not a string with commas.
    pub is_list: bool,
    /// An entry that must exist too: without it the file is only a part of a configuration, and the other part may have the
    /// key.
    pub whole: Option<&'static [&'static str]>,
}

const fn kind_range(
    path: &'static [&'static str],
    of: FieldKind,
    ipv4: &'static str,
    ipv6: &'static str,
) -> DefaultRange {
    let (kind, ipv6) = (ObjectKind::KindCluster, Some(ipv6));
    DefaultRange { kind, path, of, ipv4, ipv6, is_list: false, whole: None }
}

const fn rke_range(path: &'static [&'static str], of: FieldKind, ipv4: &'static str) -> DefaultRange {
    let kind = ObjectKind::Rke;
    DefaultRange { kind, path, of, ipv4, ipv6: None, is_list: false, whole: Some(&["nodes"]) }
}

const fn talos_range(path: &'static [&'static str], of: FieldKind, ipv4: &'static str) -> DefaultRange {
    let (kind, whole) = (ObjectKind::Talos, Some(["machine", "type"].as_slice()));
    DefaultRange { kind, path, of, ipv4, ipv6: None, is_list: true, whole }
}

/// The keys with ranges of all families (kind `pkg/apis/config/v1alpha4/default.go`, RKE `cluster/defaults.go`, Talos
/// `pkg/machinery/constants/constants.go`).
pub(crate) const DEFAULT_RANGES: [DefaultRange; 7] = [
    kind_range(&["networking", "podSubnet"], FieldKind::PodRange, "10.244.0.0/16", "fd00:10:244::/56"),
    kind_range(&["networking", "serviceSubnet"], FieldKind::ServiceRange, "10.96.0.0/16", "fd00:10:96::/112"),
    rke_range(&["services", "kube-api", "service_cluster_ip_range"], FieldKind::ServiceRange, "10.43.0.0/16"),
    rke_range(
        &["services", "kube-controller", "service_cluster_ip_range"],
        FieldKind::ServiceRange,
        "10.43.0.0/16",
    ),
    rke_range(&["services", "kube-controller", "cluster_cidr"], FieldKind::PodRange, "10.42.0.0/16"),
    talos_range(&["cluster", "network", "podSubnets"], FieldKind::PodRange, "10.244.0.0/16"),
    talos_range(&["cluster", "network", "serviceSubnets"], FieldKind::ServiceRange, "10.96.0.0/12"),
];
