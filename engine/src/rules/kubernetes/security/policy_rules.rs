//! The rules of Calico policies and of AdminNetworkPolicies.

use crate::address::{Family, family};
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::Context;
use crate::yaml::{Kind, NodeId, Tree};
use ipnet::IpNet;

/// A rule of a policy.
pub(super) struct PolicyRule {
    /// The node of the rule.
    pub(super) node: NodeId,
    /// `Allow`, `Deny`, `Pass`, `Log`.
    pub(super) action: String,
    /// `protocol`, if it is set.
    pub(super) protocol: Option<String>,
    /// The family that `ipVersion` limits the rule to.
    pub(super) version: Option<Family>,
    /// The ranges that the source must be in.
    pub(super) source: Vec<IpNet>,
    /// The ranges that the destination must be in.
    pub(super) destination: Vec<IpNet>,
    /// The ranges of `notNets`.
    pub(super) excluded: Vec<IpNet>,
}

impl PolicyRule {
    /// All ranges of source and destination.
    pub(super) fn nets(&self) -> impl Iterator<Item = IpNet> + '_ {
        self.source.iter().chain(&self.destination).copied()
    }

    /// What limits the rule to one IP family, in words: its ranges, those of `notNets`, `ipVersion`.
    pub(super) fn limits(&self) -> impl Iterator<Item = (Family, String)> + '_ {
        let nets = self.nets().map(|net| (family(net), net.to_string()));
        let excluded = [Family::Ipv4, Family::Ipv6].into_iter().filter_map(|of| {
            let own = self.excluded.iter().filter(|net| family(**net) == of);
            let texts: Vec<String> = own.map(ToString::to_string).collect();
            (!texts.is_empty()).then(|| (of, format!("all but {}", texts.join(", "))))
        });
        let version = self.version.map(|version| (version, format!("ipVersion {}", number(version))));
        nets.chain(excluded).chain(version)
    }

    /// Whether traffic of a family can match the rule.
    pub(super) fn matches(&self, wanted: Family) -> bool {
        let has = |nets: &[IpNet]| nets.is_empty() || nets.iter().any(|net| family(*net) == wanted);
        let of_protocol = match self.protocol.as_deref() {
            Some("ICMP") => Some(Family::Ipv4),
            Some("ICMPv6") => Some(Family::Ipv6),
            _ => None,
        };
        [self.version, of_protocol].into_iter().flatten().all(|only| only == wanted)
            && has(&self.source)
            && has(&self.destination)
            && has(&self.excluded)
    }
}

/// The number of a family, as `ipVersion` has it.
pub(super) fn number(version: Family) -> u8 {
    if version == Family::Ipv4 { 4 } else { 6 }
}

/// The rules of one direction of a policy.
pub(super) struct Direction {
    /// `ingress` or `egress`.
    pub(super) name: &'static str,
    /// The rules, in order.
    pub(super) rules: Vec<PolicyRule>,
}

/// The policies whose rules have an action: Calico policies and AdminNetworkPolicies.
pub(super) fn policies<'a, 'd>(
    cx: &'a Context<'d>,
) -> impl Iterator<Item = (&'a ConfigObject<'d>, Vec<Direction>)> {
    cx.config.objects_of(ObjectKind::Policy).filter_map(|(_, object)| {
        if object.group() == "networking.k8s.io" {
            return None;
        }
        Some((object, directions(object, is_admin(object))))
    })
}

/// Whether it is a policy of administrators: `AdminNetworkPolicy`, its baseline, `ClusterNetworkPolicy`.
pub(super) fn is_admin(object: &ConfigObject<'_>) -> bool {
    object.group() == "policy.networking.k8s.io"
}

/// Both directions of a policy.
pub(super) fn directions(object: &ConfigObject<'_>, is_admin: bool) -> Vec<Direction> {
    let tree = object.tree();
    let read = |name: &'static str| {
        let list = tree.at(object.root, &["spec", name])?;
        let rule = |item| if is_admin { admin_rule(tree, item) } else { calico_rule(tree, item) };
        Some(Direction { name, rules: tree.items(list).map(rule).collect() })
    };
    ["ingress", "egress"].into_iter().filter_map(read).collect()
}

fn nets(tree: &Tree<'_>, entity: Option<NodeId>, key: &str) -> Vec<IpNet> {
    let list =
        entity.and_then(|entity| tree.get(entity, key)).filter(|list| tree.kind(*list) == Kind::Sequence);
    let items = list.into_iter().flat_map(|list| tree.items(list));
    items
        .filter_map(|item| crate::model::facts::stated::nets(tree.scalar(item)?).into_iter().next())
        .collect()
}

fn calico_rule(tree: &Tree<'_>, node: NodeId) -> PolicyRule {
    let text = |key| tree.get(node, key).and_then(|n| tree.scalar(n));
    let (source, destination) = (tree.get(node, "source"), tree.get(node, "destination"));
    let mut excluded = nets(tree, source, "notNets");
    excluded.extend(nets(tree, destination, "notNets"));
    PolicyRule {
        node,
        action: text("action").unwrap_or_default().to_owned(),
        protocol: text("protocol").map(str::to_owned),
        version: match text("ipVersion") {
            Some("4") => Some(Family::Ipv4),
            Some("6") => Some(Family::Ipv6),
            _ => None,
        },
        source: nets(tree, source, "nets"),
        destination: nets(tree, destination, "nets"),
        excluded,
    }
}

/// Reads a rule of an AdminNetworkPolicy. Only the peers of `to` have ranges, and one list may contain both families.
fn admin_rule(tree: &Tree<'_>, node: NodeId) -> PolicyRule {
    let peers = tree.get(node, "to").into_iter().flat_map(|list| tree.items(list));
    PolicyRule {
        node,
        action: tree.get(node, "action").and_then(|n| tree.scalar(n)).unwrap_or_default().to_owned(),
        protocol: None,
        version: None,
        source: Vec::new(),
        destination: peers.flat_map(|peer| nets(tree, Some(peer), "networks")).collect(),
        excluded: Vec::new(),
    }
}
