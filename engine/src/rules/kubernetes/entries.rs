//! Entries that are not there yet, also below mappings that are not there: each mapping is written once.

use super::context::{ChangeText, change};
use crate::model::fields::ConfigObject;
use crate::rules::Change;
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};
use core::ops::Range;

/// An entry that is not there: where, its key, its value.
pub(super) struct Missing {
    pub(super) path: &'static [&'static str],
    pub(super) value: Value,
    pub(super) description: String,
}

/// Changes with the place that they are told at.
pub(super) type Placed = (Range<usize>, Vec<Change>);

/// New entries below one node: the key next to it, its value, and what people read of it.
struct Below {
    parent: NodeId,
    key: &'static str,
    value: Value,
    descriptions: Vec<String>,
}

/// The changes that write missing entries; those below one mapping that is not there come with it.
pub(super) fn add(object: &ConfigObject<'_>, missing: Vec<Missing>, why: &str) -> Vec<Placed> {
    let tree = object.tree();
    let mut all: Vec<Below> = Vec::new();
    for Missing { path, value, description } in missing {
        let Some((last, above)) = path.split_last() else { continue };
        // The nearest mapping above that is there: at least the root is.
        let is_there =
            |depth: &usize| tree.at(object.root, above.get(..*depth).unwrap_or_default()).is_some();
        let depth = (0..=above.len()).rev().find(is_there).unwrap_or_default();
        let (there, rest) = above.split_at(depth);
        let Some(parent) = tree.at(object.root, there) else { continue };
        let (key, inner) = rest.split_first().map_or((*last, None), |(key, inner)| (*key, Some(inner)));
        let known = all.iter_mut().find(|below| below.parent == parent && below.key == key);
        match (known, inner) {
            (Some(below), Some(inner)) => {
                if let Value::Map(entries) = &mut below.value {
                    put(entries, inner, last, value);
                }
                below.descriptions.push(description);
            }
            (Some(_), None) => {}
            (None, None) => all.push(Below { parent, key, value, descriptions: vec![description] }),
            (None, Some(inner)) => {
                let mut entries = Vec::new();
                put(&mut entries, inner, last, value);
                let value = Value::Map(entries);
                all.push(Below { parent, key, value, descriptions: vec![description] });
            }
        }
    }
    let empty = |below: &Below| tree.scalar(below.parent).is_some();
    let (into_nothing, beside): (Vec<Below>, Vec<Below>) = all.into_iter().partition(empty);
    let mut placed: Vec<Placed> = beside
        .into_iter()
        .map(|Below { parent, key, value, descriptions }| {
            let description = descriptions.join(", ");
            let told = ChangeText { field: key, from: None, to: Some(&description), why };
            let op = Op::InsertEntry(Placement::default(), key.to_owned(), value);
            (object.range(parent), vec![change(object, parent, op, told)])
        })
        .collect();
    // A key without a value gets a mapping of all that belongs below it.
    let mut pending = into_nothing;
    while let Some(parent) = pending.first().map(|below| below.parent) {
        let (own, others): (Vec<Below>, Vec<Below>) = pending.into_iter().partition(|b| b.parent == parent);
        let description = own.iter().flat_map(|b| b.descriptions.clone()).collect::<Vec<_>>().join(", ");
        let field = own.first().map_or("", |below| below.key);
        let told = ChangeText { field, from: None, to: Some(&description), why };
        let op = Op::Set(Value::Map(own.into_iter().map(|b| (b.key.to_owned(), b.value)).collect()));
        placed.push((object.range(parent), vec![change(object, parent, op, told)]));
        pending = others;
    }
    placed
}

/// Puts an entry below a path of keys, each made once.
fn put(entries: &mut Vec<(String, Value)>, path: &[&str], key: &str, value: Value) {
    let Some((first, rest)) = path.split_first() else {
        entries.push((key.to_owned(), value));
        return;
    };
    if let Some((_, Value::Map(inner))) = entries.iter_mut().find(|(known, _)| known == first) {
        put(inner, rest, key, value);
        return;
    }
    let mut inner = Vec::new();
    put(&mut inner, rest, key, value);
    entries.push(((*first).to_owned(), Value::Map(inner)));
}
