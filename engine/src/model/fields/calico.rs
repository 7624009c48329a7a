//! Calico objects that are not part of an installation: pools, Felix, BGP, and policies with addresses.

use super::{ClusterConfig, ConfigObject, FieldKind, Items, ObjectKind};
use crate::yaml::{Kind, NodeId};

/// A Node: with the Kubernetes datastore, Calico stores its addresses in annotations.
pub(crate) const NODE_ADDRESSES: [&str; 2] =
    ["projectcalico.org/IPv4Address", "projectcalico.org/IPv6Address"];

/// The annotations with which pods or a namespace select their addresses.
pub(crate) const IPAM_ANNOTATIONS: [&str; 4] = [
    "cni.projectcalico.org/ipv4pools",
    "cni.projectcalico.org/ipv6pools",
    "cni.projectcalico.org/ipAddrs",
    "cni.projectcalico.org/ipFamilies",
];

/// The mapping of annotations that the pods of an object get; of a namespace, its own.
pub(crate) fn ipam_annotations(object: &ConfigObject<'_>) -> Option<NodeId> {
    let path: &[&str] = match object.resource.kind.as_str() {
        "Pod" | "Namespace" => &["metadata", "annotations"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "metadata", "annotations"],
        "DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "StatefulSet" => {
            &["spec", "template", "metadata", "annotations"]
        }
        _ => return None,
    };
    object.tree().at(object.root, path)
}

pub(super) fn has_ipam_annotations(object: &ConfigObject<'_>) -> bool {
    let tree = object.tree();
    ipam_annotations(object)
        .is_some_and(|annotations| IPAM_ANNOTATIONS.iter().any(|key| tree.get(annotations, key).is_some()))
}

/// An object of `projectcalico.org/v3` or `crd.projectcalico.org/v1`, or a Node.
pub(in crate::model) fn read<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    match object.resource.kind.as_str() {
        "IPPool" => {
            let uses = object.tree().at(object.root, &["spec", "allowedUses"]);
            let uses: Vec<&str> = uses
                .into_iter()
                .flat_map(|uses| object.tree().items(uses))
                .filter_map(|item| object.tree().scalar(item))
                .collect();
            let is_for_load_balancers = uses.contains(&"LoadBalancer") && !uses.contains(&"Workload");
            let kind = if is_for_load_balancers { FieldKind::LoadBalancerRange } else { FieldKind::Pool };
            let index = config.add(object, ObjectKind::IpPool);
            config.field(index, &["spec", "cidr"], kind);
        }
        "FelixConfiguration" => {
            config.add(object, ObjectKind::FelixConfiguration);
        }
        "BGPConfiguration" => {
            let index = config.add(object, ObjectKind::BgpConfiguration);
            config.list(index, &["spec", "serviceClusterIPs"], FieldKind::Advertised, Items::Cidr);
            for key in ["serviceLoadBalancerIPs", "serviceExternalIPs"] {
                config.list(index, &["spec", key], FieldKind::Announced, Items::Cidr);
            }
        }
        "BGPPeer" => {
            let index = config.add(object, ObjectKind::BgpPeer);
            config.field(index, &["spec", "peerIP"], FieldKind::Peer);
        }
        "BGPFilter" => {
            config.add(object, ObjectKind::BgpFilter);
        }
        "NetworkSet" | "GlobalNetworkSet" => {
            config.add(object, ObjectKind::NetworkSet);
        }
        "HostEndpoint" => {
            config.add(object, ObjectKind::HostEndpoint);
        }
        "KubeControllersConfiguration" => {
            config.add(object, ObjectKind::KubeControllers);
        }
        "Node" => {
            let index = config.add(object, ObjectKind::Node);
            config.hosts_at(index, &["status", "addresses"], &[&["address"]]);
            for key in ["ipv4Address", "ipv6Address"] {
                config.host_at(index, &["spec", "bgp", key]);
            }
        }
        _ => read_policy(config, object),
    }
}

/// A policy whose rules contain addresses.
pub(in crate::model) fn read_policy<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    if !nets(&object).is_empty() || is_of_one_family(&object) {
        config.add(object, ObjectKind::Policy);
    }
}

/// Whether a rule of a Calico policy is for one IP family without ranges of its own: `protocol: ICMP`, `ipVersion`, `notNets`.
fn is_of_one_family(object: &ConfigObject<'_>) -> bool {
    let tree = object.tree();
    let is_icmp = |node| tree.scalar(node).is_some_and(|protocol| protocol.starts_with("ICMP"));
    let rules = ["ingress", "egress"].into_iter().filter_map(|key| tree.at(object.root, &["spec", key]));
    rules.flat_map(|rules| tree.items(rules)).any(|rule| {
        tree.get(rule, "protocol").is_some_and(is_icmp)
            || tree.get(rule, "ipVersion").is_some()
            || ["source", "destination"].iter().any(|side| tree.at(rule, &[side, "notNets"]).is_some())
    })
}

/// The texts of [`net_nodes`].
#[must_use]
pub(crate) fn nets(object: &ConfigObject<'_>) -> Vec<String> {
    let text = |node| object.tree().scalar(node).map(str::to_owned);
    net_nodes(object).into_iter().filter_map(text).collect()
}

/// The ranges in the rules of a policy: `cidr` of Kubernetes, `nets` of Calico, `networks` of an AdminNetworkPolicy.
/// Exclusions (`except`, `notNets`) allow nothing and are not included.
#[must_use]
pub(crate) fn net_nodes(object: &ConfigObject<'_>) -> Vec<NodeId> {
    let tree = object.tree();
    let mut nets = Vec::new();
    let mut pending: Vec<_> = tree.get(object.root, "spec").into_iter().collect();
    while let Some(node) = pending.pop() {
        for (key, value) in tree.entries(node) {
            match (tree.scalar(key), tree.kind(value)) {
                (Some("cidr"), Kind::Scalar(_)) => nets.push(value),
                (Some("nets" | "networks"), Kind::Sequence) => nets.extend(tree.items(value)),
                _ => {}
            }
        }
        pending.extend(tree.children(node));
    }
    nets
}
