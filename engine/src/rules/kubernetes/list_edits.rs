//! Edits lists of CIDRs or addresses: items are set, removed and added, and as few as possible change.

use super::change::{ChangeText, change};
use super::masks::DEFAULT_IPV6;
use crate::model::fields::{ConfigObject, Items};
use crate::rules::Change;
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId, Tree};

/// The prefix length of the part of an IPv4 pod CIDR that a node gets (openshift/installer
/// `pkg/types/defaults/installconfig.go`).
pub(crate) const HOST_PREFIX_IPV4: u8 = 23;

/// Returns the scalar that contains the value of an item.
fn scalar(tree: &Tree<'_>, item: NodeId, items: Items) -> Option<NodeId> {
    match items {
        Items::Text => Some(item),
        Items::Cidr => tree.get(item, "cidr"),
    }
}

/// Returns the values of the items of a list.
pub(super) fn texts(tree: &Tree<'_>, list: NodeId, items: Items) -> Vec<String> {
    let text = |item| scalar(tree, item, items).and_then(|n| tree.scalar(n)).unwrap_or_default().to_owned();
    tree.items(list).map(text).collect()
}

/// Returns the first item with this value.
pub(super) fn find(tree: &Tree<'_>, list: NodeId, items: Items, value: &str) -> Option<NodeId> {
    let mut values = tree.items(list).filter_map(|item| scalar(tree, item, items));
    values.find(|node| tree.scalar(*node).map(str::trim) == Some(value))
}

/// Returns the changes that make a list equal to `wanted`, in its order.
pub(super) fn bring(
    object: &ConfigObject<'_>,
    list: NodeId,
    items: Items,
    wanted: &[String],
    field: &str,
    why: &str,
) -> Vec<Change> {
    let tree = object.tree();
    let nodes: Vec<NodeId> = tree.items(list).collect();
    let own = texts(tree, list, items);
    let text = |from, to| ChangeText { field, from, to, why };
    // The list already contains all of `wanted` in this order: remove the other items.
    let kept: Vec<&String> = own.iter().filter(|value| wanted.contains(value)).collect();
    if kept.len() == wanted.len() && kept.iter().zip(wanted).all(|(a, b)| *a == b) {
        let removed = nodes.iter().zip(&own).filter(|(_, value)| !wanted.contains(value));
        return removed
            .map(|(item, value)| change(object, *item, Op::Remove, text(Some(value), None)))
            .collect();
    }
    let mut changes = Vec::new();
    for (i, item) in nodes.iter().enumerate() {
        let Some(to) = wanted.get(i) else {
            changes.push(change(object, *item, Op::Remove, text(Some(&own[i]), None)));
            continue;
        };
        if own[i] == *to {
            continue;
        }
        let Some(node) = scalar(tree, *item, items) else { continue };
        changes.push(change(object, node, Op::Set(Value::string(to)), text(Some(&own[i]), Some(to))));
        if let Some(prefix) = tree.get(*item, "hostPrefix").filter(|_| tree.kind(*item) == Kind::Mapping) {
            let op = Op::Set(Value::Word(host_prefix(to)));
            let text = ChangeText {
                field: "hostPrefix",
                from: tree.scalar(prefix),
                to: Some(&host_prefix(to)),
                why,
            };
            changes.push(change(object, prefix, op, text));
        }
    }
    let has_prefix = nodes.iter().any(|item| tree.get(*item, "hostPrefix").is_some());
    for to in wanted.iter().skip(nodes.len()) {
        let value = match items {
            Items::Text => Value::string(to),
            Items::Cidr => {
                let mut fields = vec![("cidr".to_owned(), Value::string(to))];
                if has_prefix {
                    fields.push(("hostPrefix".to_owned(), Value::Word(host_prefix(to))));
                }
                Value::Map(fields)
            }
        };
        changes.push(change(object, list, Op::InsertItem(Placement::default(), value), text(None, Some(to))));
    }
    changes
}

/// Returns the host prefix of a CIDR; the installer accepts only 64 for IPv6.
fn host_prefix(cidr: &str) -> String {
    if cidr.contains(':') { DEFAULT_IPV6 } else { HOST_PREFIX_IPV4 }.to_string()
}
