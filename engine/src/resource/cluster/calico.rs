//! Calico's own objects beside an installation: pools that exist, Felix, BGP, and policies that name addresses.

use super::{Body, ClusterConfig, Items, Role, Says};
use crate::yaml::Kind;

/// A node of Kubernetes: Calico keeps its addresses in annotations where its datastore is Kubernetes.
pub const NODE_ADDRESSES: [&str; 2] = ["projectcalico.org/IPv4Address", "projectcalico.org/IPv6Address"];

/// An object of `projectcalico.org/v3` or `crd.projectcalico.org/v1`, or a Node.
pub(super) fn read<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    match body.resource.kind.as_str() {
        "IPPool" => {
            let index = config.add(body, Role::IpPool);
            config.field(index, &["spec", "cidr"], Says::Pool);
        }
        "FelixConfiguration" => {
            config.add(body, Role::FelixConfiguration);
        }
        "BGPConfiguration" => {
            let index = config.add(body, Role::BgpConfiguration);
            config.list(index, &["spec", "serviceClusterIPs"], Says::Advertised, Items::Cidr);
        }
        "BGPPeer" => {
            let index = config.add(body, Role::BgpPeer);
            config.field(index, &["spec", "peerIP"], Says::Peer);
        }
        "KubeControllersConfiguration" => {
            config.add(body, Role::KubeControllers);
        }
        "Node" => {
            config.add(body, Role::Node);
        }
        _ => read_policy(config, body),
    }
}

/// A policy whose rules name addresses.
pub(super) fn read_policy<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    if !nets(&body).is_empty() {
        config.add(body, Role::Policy);
    }
}

/// The ranges that the rules of a policy name: `cidr` of Kubernetes, `nets` of Calico. What is left out of them (`except`,
/// `notNets`) allows nothing.
#[must_use]
pub fn nets(body: &Body<'_>) -> Vec<String> {
    let tree = body.tree();
    let mut nets = Vec::new();
    let mut pending: Vec<_> = tree.get(body.root, "spec").into_iter().collect();
    while let Some(node) = pending.pop() {
        for (key, value) in tree.entries(node) {
            let texts: Vec<_> = match (tree.scalar(key), tree.kind(value)) {
                (Some("cidr"), Kind::Scalar(_)) => vec![value],
                (Some("nets"), Kind::Sequence) => tree.items(value).collect(),
                _ => Vec::new(),
            };
            nets.extend(texts.into_iter().filter_map(|n| tree.scalar(n).map(str::to_owned)));
        }
        pending.extend(tree.children(node));
    }
    nets
}
