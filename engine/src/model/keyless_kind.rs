//! Files without a `kind`: recognized by keys at the root that only one program uses.

use crate::yaml::{Kind, NodeId, Tree};

/// How a file without a `kind` is recognized.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// Its `Resource::kind`: the name of such a file in messages.
    kind: &'static str,
    /// Keys at the root that no other kind of file has; one of them is enough.
    keys: &'static [&'static str],
    /// Another key that must be at the root; empty if none is required.
    beside: &'static str,
}

/// `install-config.yaml` of openshift-install.
pub(crate) const INSTALL_CONFIG: &str = "install-config.yaml";
/// Values of the Helm chart tigera-operator.
pub(crate) const HELM_VALUES: &str = "values of tigera-operator";
/// `config.yaml` of k3s or RKE2.
pub(crate) const K3S_CONFIG: &str = "k3s or RKE2 configuration";
/// Group variables of kubespray.
pub(crate) const KUBESPRAY_VARS: &str = "kubespray variables";

/// Machine configuration of Talos, or the file from which talhelper renders it.
pub(crate) const TALOS: &str = "Talos configuration";
/// `fleet.yaml` of Rancher's Fleet.
pub(crate) const FLEET: &str = "fleet.yaml";
/// `cluster.yml` of RKE.
pub(crate) const RKE: &str = "RKE configuration";
/// Values of the Helm chart coredns.
pub(crate) const COREDNS_VALUES: &str = "values of coredns";

/// Variables from which kubespray creates the pools of Calico.
pub(crate) const KUBESPRAY_CALICO: [&str; 15] = [
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
const PATHS: [(&str, &[&str]); 10] = [
    (FLEET, &["helm", "chart"]),
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

const SHAPES: [Shape; 10] = [
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
            "kube-apiserver-arg",
            "kube-controller-manager-arg",
            "kube-proxy-arg",
            "kubelet-arg",
        ],
        beside: "",
    },
    // RKE2 with the defaults of its CIDRs.
    Shape { kind: K3S_CONFIG, keys: &["cni"], beside: "token" },
    Shape { kind: K3S_CONFIG, keys: &["cni"], beside: "tls-san" },
    Shape { kind: K3S_CONFIG, keys: &["cni"], beside: "write-kubeconfig-mode" },
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

/// Whether a document without a readable `kind` may be one of these files; `holds` searches it for a text.
pub(super) fn may_be(holds: impl Fn(&str) -> bool) -> bool {
    SHAPES.iter().any(|shape| shape.keys.iter().any(|key| holds(key)))
        || PATHS.iter().any(|(_, path)| path.last().is_some_and(|key| holds(key)))
}

/// The kind of a file without a `kind`; `None` if its keys are unknown.
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

/// Whether a path of keys exists; it is tried in each item of a list.
fn is_at(tree: &Tree<'_>, from: NodeId, path: &[&str]) -> bool {
    let Some((key, rest)) = path.split_first() else { return true };
    let into = |node| tree.get(node, key).is_some_and(|value| is_at(tree, value, rest));
    into(from) || tree.items(from).any(into)
}
