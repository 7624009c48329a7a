//! Objects with lists of addresses: `ServiceCIDR`, address pools of load balancers, lists of clients.

use super::{ClusterConfig, ConfigObject, Field, FieldKind, ObjectKind};
use crate::yaml::{Kind, NodeId, Tree};
use ipnet::IpNet;
use std::net::IpAddr;

/// Parts of the names of annotations and settings with lists of allowed or denied clients.
pub(crate) const ALLOW_LIST_KEYS: &[&str] = &[
    "source-range",
    "whitelist",
    "allowlist",
    "allow-list",
    "allowed-ip-ranges",
    "inbound-cidrs",
    "denylist",
    "deny-list",
    "blacklist",
    "blocklist",
    "block-cidrs",
];

/// Whether a text lists addresses or ranges, and nothing else: `10.0.0.0/8, 192.0.2.7`.
#[must_use]
pub(crate) fn is_source_list(text: &str) -> bool {
    let mut parts = text.split(is_separator).filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some()
        && parts.all(|part| part.parse::<IpNet>().is_ok() || part.parse::<IpAddr>().is_ok())
}

fn is_separator(c: char) -> bool {
    c == ',' || c.is_whitespace()
}

/// The service CIDRs of a `ServiceCIDR`: each keeps its own family, whatever the target is.
pub(in crate::model) fn read_service_cidr<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::ServiceCidr);
    let before = config.fields.len();
    config.items(index, &["spec", "cidrs"], FieldKind::ServiceRange);
    for field in &mut config.fields[before..] {
        field.family = field.text.parse().ok().map(crate::address::family);
    }
}

/// An Ingress whose annotations list clients.
pub(in crate::model) fn read_ingress<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let tree = object.tree();
    let annotations = tree.at(object.root, &["metadata", "annotations"]);
    let is_read = |annotations| {
        // Conditions of the AWS load balancer, and lines of nginx's configuration.
        let is_other = |(key, value): (NodeId, NodeId)| {
            tree.scalar(key).is_some_and(|key| key.contains("snippet"))
                || tree.scalar(value).is_some_and(|text| text.contains("source-ip"))
        };
        has_source_list(tree, annotations) || tree.entries(annotations).any(is_other)
    };
    if annotations.is_some_and(is_read) {
        config.add(object, ObjectKind::Ingress);
    }
}

fn has_source_list(tree: &Tree<'_>, mapping: NodeId) -> bool {
    tree.entries(mapping).any(|(key, value)| {
        let is_list =
            tree.scalar(key).is_some_and(|key| ALLOW_LIST_KEYS.iter().any(|part| key.contains(part)));
        is_list && tree.scalar(value).is_some_and(|text| is_source_list(text) || text.contains(['$', '{']))
    })
}

/// The ConfigMap of MetalLB before 0.13, or of an ingress controller.
pub(in crate::model) fn read_config_map<'d>(config: &mut ClusterConfig<'d>, object: &ConfigObject<'d>) {
    if object.resource.kind != "ConfigMap" {
        return;
    }
    let tree = object.tree();
    let is_ingress = |data| has_source_list(tree, data) || turns_ipv6_off(object);
    if tree.get(object.root, "data").is_some_and(is_ingress) {
        config.add(object.clone(), ObjectKind::Ingress);
    }
    read_kube_vip(config, object);
    let is_metallb = object.text(&["data", "config"]).is_some_and(|text| text.contains("address-pools"));
    let Some(Ok(inside)) = is_metallb.then(|| object.inside("config")).flatten() else { return };
    let pools: Vec<NodeId> = inside
        .tree()
        .get(inside.root, "address-pools")
        .map(|list| inside.tree().items(list).collect())
        .unwrap_or_default();
    for pool in pools.into_iter().filter(|pool| inside.tree().kind(*pool) == Kind::Mapping) {
        let index = config.add(ConfigObject { root: pool, ..inside.clone() }, ObjectKind::LoadBalancerPool);
        config.items(index, &["addresses"], FieldKind::LoadBalancerRange);
    }
}

/// Whether this is the ConfigMap of ingress-nginx, and turns IPv6 off.
fn turns_ipv6_off(object: &ConfigObject<'_>) -> bool {
    let label = object.text(&["metadata", "labels", "app.kubernetes.io/name"]);
    let is_nginx = label == Some("ingress-nginx") || object.resource.name.contains("nginx");
    is_nginx && object.text(&["data", "disable-ipv6"]).is_some()
}

/// The ConfigMap of kube-vip's cloud provider: `cidr-NAMESPACE` and `range-NAMESPACE`, or `global` for all namespaces.
fn read_kube_vip<'d>(config: &mut ClusterConfig<'d>, object: &ConfigObject<'d>) {
    if object.resource.name != "kubevip" {
        return;
    }
    let Some(data) = object.tree().get(object.root, "data") else { return };
    let is_range = |key: &str| key.starts_with("cidr-") || key.starts_with("range-");
    let found: Vec<(NodeId, String)> = object
        .tree()
        .entries(data)
        .filter_map(|(key, value)| Some((value, object.tree().scalar(key)?.to_owned())))
        .filter(|(_, key)| is_range(key))
        .collect();
    if !found.is_empty() {
        let index = config.add(object.clone(), ObjectKind::LoadBalancerPool);
        for (value, key) in found {
            config.field_at(index, value, format!("data.{key}"), FieldKind::LoadBalancerRange);
        }
    }
}

/// `IPAddressPool`, its predecessor `AddressPool`, and the routers that MetalLB peers with.
pub(in crate::model) fn read_metallb<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    match object.resource.kind.as_str() {
        "IPAddressPool" | "AddressPool" => {
            let index = config.add(object, ObjectKind::LoadBalancerPool);
            config.items(index, &["spec", "addresses"], FieldKind::LoadBalancerRange);
        }
        "BGPPeer" => {
            config.add(object, ObjectKind::LoadBalancerPeer);
        }
        _ => {}
    }
}

/// `CiliumLoadBalancerIPPool`: `blocks` with a `cidr`, or with `start` and `stop`; older ones have `cidrs`.
pub(in crate::model) fn read_cilium<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let tree = object.tree();
    let mut found = Vec::new();
    for list in ["blocks", "cidrs"] {
        let Some(blocks) = tree.at(object.root, &["spec", list]) else { continue };
        for block in tree.items(blocks) {
            let text = |key| tree.get(block, key).and_then(|node| Some((node, tree.scalar(node)?)));
            let range = match (text("cidr"), text("start"), text("stop")) {
                (Some((node, cidr)), ..) => Some((node, cidr.to_owned())),
                (None, Some((node, start)), Some((_, stop))) => Some((node, format!("{start}-{stop}"))),
                (None, Some((node, start)), None) => Some((node, start.to_owned())),
                _ => None,
            };
            found.extend(range.map(|(node, text)| (node, text, format!("spec.{list}"))));
        }
    }
    let index = config.add(object, ObjectKind::LoadBalancerPool);
    for (node, text, name) in found {
        config.fields.push(Field::new(index, node, FieldKind::LoadBalancerRange, name, text));
    }
}

#[cfg(test)]
mod tests {
    use super::is_source_list;

    #[test]
    fn only_addresses_and_ranges_are_a_list_of_clients() {
        for text in
            ["10.0.0.0/8", "10.0.0.0/8,192.0.2.7", "fd00::/8, 10.0.0.0/8", "10.0.0.0/8\n192.0.2.0/24\n"]
        {
            assert!(is_source_list(text), "{text}");
        }
        for text in ["", " ", "true", "10.0.0.0/8, office", "example.org"] {
            assert!(!is_source_list(text), "{text}");
        }
    }
}
