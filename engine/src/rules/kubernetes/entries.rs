//! Adds missing entries, also below missing mappings: each mapping is written once.

use super::change::{ChangeText, change};
use crate::model::fields::ConfigObject;
use crate::rules::Change;
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};
use core::ops::Range;

/// A missing entry: its path, its value, and the text that describes it.
pub(super) struct Missing {
    pub(super) path: &'static [&'static str],
    pub(super) value: Value,
    pub(super) description: String,
}

/// Changes with the place at which they are reported.
pub(super) type Placed = (Range<usize>, Vec<Change>);

/// New entries below one node: the key, its value, and the texts that describe it.
struct Below {
    parent: NodeId,
    key: &'static str,
    value: Value,
    descriptions: Vec<String>,
}

/// Returns the changes that write missing entries; entries below the same missing mapping are written together.
pub(super) fn add(object: &ConfigObject<'_>, missing: Vec<Missing>, why: &str) -> Vec<Placed> {
    let tree = object.tree();
    let mut all: Vec<Below> = Vec::new();
    for Missing { path, value, description } in missing {
        let Some((last, above)) = path.split_last() else { continue };
        // The nearest existing mapping above; at least the root exists.
        let exists = |depth: &usize| tree.at(object.root, above.get(..*depth).unwrap_or_default()).is_some();
        let depth = (0..=above.len()).rev().find(exists).unwrap_or_default();
        let (existing, rest) = above.split_at(depth);
        let Some(parent) = tree.at(object.root, existing) else { continue };
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
    let (into_empty, added): (Vec<Below>, Vec<Below>) = all.into_iter().partition(empty);
    let mut placed: Vec<Placed> = added
        .into_iter()
        .map(|Below { parent, key, value, descriptions }| {
            let description = descriptions.join(", ");
            let text = ChangeText { field: key, from: None, to: Some(&description), why };
            let op = Op::InsertEntry(Placement::default(), key.to_owned(), value);
            (start(object, parent), vec![change(object, parent, op, text)])
        })
        .collect();
    // A key without a value gets a mapping with all entries that belong below it.
    let mut pending = into_empty;
    while let Some(parent) = pending.first().map(|below| below.parent) {
        let (own, others): (Vec<Below>, Vec<Below>) = pending.into_iter().partition(|b| b.parent == parent);
        let description = own.iter().flat_map(|b| b.descriptions.clone()).collect::<Vec<_>>().join(", ");
        let field = own.first().map_or("", |below| below.key);
        let text = ChangeText { field, from: None, to: Some(&description), why };
        let op = Op::Set(Value::Map(own.into_iter().map(|b| (b.key.to_owned(), b.value)).collect()));
        placed.push((start(object, parent), vec![change(object, parent, op, text)]));
        pending = others;
    }
    placed
}

/// Where a mapping is reported: at its first entry. The range of a file of flags begins with its comments.
fn start(object: &ConfigObject<'_>, parent: NodeId) -> Range<usize> {
    let first = object.tree().entries(parent).next().filter(|_| object.tree().is_flag_file());
    object.range(first.map_or(parent, |(key, _)| key))
}

/// Puts an entry below a path of keys; each key is created once.
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
