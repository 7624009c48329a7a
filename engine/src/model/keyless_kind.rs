//! Files that have no `kind`: told by the keys at their root, which are their programs' own.

use crate::yaml::{Kind, NodeId, Tree};

/// What tells a file without a `kind`.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// What stands in its `Resource::kind`: how people name such a file.
    kind: &'static str,
    /// Keys of which one stands at its root, and in no other file.
    keys: &'static [&'static str],
    /// A key that must stand at its root beside them; empty where none must.
    beside: &'static str,
}

/// `install-config.yaml` of openshift-install.
pub const INSTALL_CONFIG: &str = "install-config.yaml";
/// Values of the Helm chart tigera-operator.
pub const HELM_VALUES: &str = "values of tigera-operator";
/// `config.yaml` of k3s or RKE2.
pub const K3S_CONFIG: &str = "k3s or RKE2 configuration";
/// Group variables of kubespray.
pub const KUBESPRAY_VARS: &str = "kubespray variables";

/// Machine configuration of Talos, or what talhelper makes one of.
pub const TALOS: &str = "Talos configuration";
/// `cluster.yml` of RKE.
pub const RKE: &str = "RKE configuration";
/// Values of the Helm chart coredns.
pub const COREDNS_VALUES: &str = "values of coredns";

/// Variables of kubespray that say what Calico makes its pools from.
pub const KUBESPRAY_CALICO: [&str; 15] = [
    "calico_cni_name",
    "calico_ip6_auto_method",
    "calico_ip_auto_method",
    "calico_ipip_mode",
    "calico_ipip_mode_ipv6",
    "calico_network_backend",
    "calico_pool_blocksize",
    "calico_pool_blocksize_ipv6",
    "calico_pool_cidr",
    "calico_pool_cidr_ipv6",
    "calico_pool_name",
    "calico_vxlan_mode",
    "calico_vxlan_mode_ipv6",
    "nat_outgoing",
    "nat_outgoing_ipv6",
];

/// Entries below the root that only one kind of file has.
const PATHS: [(&str, &[&str]); 9] = [
    (TALOS, &["clusterPodNets"]),
    (TALOS, &["clusterSvcNets"]),
    (TALOS, &["cluster", "network", "podSubnets"]),
    (TALOS, &["cluster", "network", "serviceSubnets"]),
    (TALOS, &["machine", "type"]),
    (RKE, &["services", "kube-api"]),
    (RKE, &["services", "kube-controller"]),
    (COREDNS_VALUES, &["servers", "zones"]),
    (COREDNS_VALUES, &["servers", "plugins"]),
];

const SHAPES: [Shape; 7] = [
    Shape { kind: INSTALL_CONFIG, keys: &["baseDomain"], beside: "networking" },
    Shape { kind: INSTALL_CONFIG, keys: &["baseDomain"], beside: "platform" },
    Shape { kind: INSTALL_CONFIG, keys: &["baseDomain"], beside: "pullSecret" },
    Shape { kind: HELM_VALUES, keys: &["installation", "tigeraOperator", "tigera-operator"], beside: "" },
    Shape {
        kind: K3S_CONFIG,
        keys: &[
            "cluster-cidr",
            "service-cidr",
            "cluster-dns",
            "node-ip",
            "node-external-ip",
            "advertise-address",
            "flannel-backend",
            "disable-network-policy",
        ],
        beside: "",
    },
    Shape {
        kind: KUBESPRAY_VARS,
        keys: &[
            "kube_pods_subnet",
            "kube_service_addresses",
            "kube_pods_subnet_ipv6",
            "kube_service_addresses_ipv6",
            "ipv6_stack",
            "ipv4_stack",
            "enable_dual_stack_networks",
            "kube_network_plugin",
        ],
        beside: "",
    },
    Shape { kind: KUBESPRAY_VARS, keys: &KUBESPRAY_CALICO, beside: "" },
];

/// Whether a document without a readable `kind` may have one of the shapes; `holds` looks for a text in it.
pub(super) fn may_be(holds: impl Fn(&str) -> bool) -> bool {
    SHAPES.iter().any(|shape| shape.keys.iter().any(|key| holds(key)))
        || PATHS.iter().any(|(_, path)| path.last().is_some_and(|key| holds(key)))
}

/// The kind of a file without a `kind`; none where its keys are not known.
pub(in crate::model) fn of(tree: &Tree<'_>, root: NodeId) -> Option<&'static str> {
    if tree.kind(root) != Kind::Mapping {
        return None;
    }
    let has = |key: &str| tree.get(root, key).is_some();
    let shape =
        SHAPES.iter().find(|s| s.keys.iter().any(|k| has(k)) && (s.beside.is_empty() || has(s.beside)));
    let below = || PATHS.iter().find(|(_, path)| is_at(tree, root, path)).map(|(kind, _)| *kind);
    shape.map(|shape| shape.kind).or_else(below)
}

/// Whether a path of keys leads somewhere; each item of a list is looked into.
fn is_at(tree: &Tree<'_>, from: NodeId, path: &[&str]) -> bool {
    let Some((key, rest)) = path.split_first() else { return true };
    let into = |node| tree.get(node, key).is_some_and(|value| is_at(tree, value, rest));
    into(from) || tree.items(from).any(into)
}
