//! Lists of ranges or addresses: items are set, taken out and added, so that as few as possible change.

use super::context::{ChangeText, change};
use super::masks::DEFAULT_IPV6;
use crate::model::fields::{ConfigObject, Items};
use crate::rules::Change;
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId, Tree};

/// The part of an IPv4 pod range that a node gets (openshift/installer `pkg/types/defaults/installconfig.go`).
pub(crate) const HOST_PREFIX_IPV4: u8 = 23;

/// The scalar that holds what an item says.
fn scalar(tree: &Tree<'_>, item: NodeId, items: Items) -> Option<NodeId> {
    match items {
        Items::Text => Some(item),
        Items::Cidr => tree.get(item, "cidr"),
    }
}

/// What the items of a list say.
pub(super) fn texts(tree: &Tree<'_>, list: NodeId, items: Items) -> Vec<String> {
    let text = |item| scalar(tree, item, items).and_then(|n| tree.scalar(n)).unwrap_or_default().to_owned();
    tree.items(list).map(text).collect()
}

/// The changes that bring a list to `wanted`, in its order.
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
    let told = |from, to| ChangeText { field, from, to, why };
    // What is wanted stands there already, in this order: the others go.
    let stays: Vec<&String> = own.iter().filter(|text| wanted.contains(text)).collect();
    if stays.len() == wanted.len() && stays.iter().zip(wanted).all(|(a, b)| *a == b) {
        let goes = nodes.iter().zip(&own).filter(|(_, text)| !wanted.contains(text));
        return goes.map(|(item, text)| change(object, *item, Op::Remove, told(Some(text), None))).collect();
    }
    let mut changes = Vec::new();
    for (i, item) in nodes.iter().enumerate() {
        let Some(to) = wanted.get(i) else {
            changes.push(change(object, *item, Op::Remove, told(Some(&own[i]), None)));
            continue;
        };
        if own[i] == *to {
            continue;
        }
        let Some(node) = scalar(tree, *item, items) else { continue };
        changes.push(change(object, node, Op::Set(Value::string(to)), told(Some(&own[i]), Some(to))));
        if let Some(prefix) = tree.get(*item, "hostPrefix").filter(|_| tree.kind(*item) == Kind::Mapping) {
            let op = Op::Set(Value::Word(host_prefix(to)));
            let told = ChangeText {
                field: "hostPrefix",
                from: tree.scalar(prefix),
                to: Some(&host_prefix(to)),
                why,
            };
            changes.push(change(object, prefix, op, told));
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
        changes.push(change(object, list, Op::InsertItem(Placement::default(), value), told(None, Some(to))));
    }
    changes
}

/// The installer takes 64 for IPv6 and nothing else.
fn host_prefix(cidr: &str) -> String {
    if cidr.contains(':') { DEFAULT_IPV6 } else { HOST_PREFIX_IPV4 }.to_string()
}
