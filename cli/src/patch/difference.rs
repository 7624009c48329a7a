//! What differs between two values of one object, in the order in which JSON Patch (RFC 6902) must do it.

use super::value::Value;

/// A step of a path.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// A key of a mapping.
    Key(String),
    /// An item of a list.
    Item {
        /// Its index in the old list, or where it is inserted; `None` behind the last item.
        index: Option<usize>,
        /// What names it among the items: a key that all of them have, and its value.
        name: Option<(&'static str, String)>,
    },
}

/// A place where two values differ.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    pub(super) path: Vec<Step>,
    /// `None` if it is new.
    pub(super) old: Option<Value>,
    /// `None` if it is removed.
    pub(super) new: Option<Value>,
}

/// The keys that name the items of a list, as containers, variables and pools have them.
const NAMES: [&str; 2] = ["name", "cidr"];

/// Above this many pairs, the items between the first and the last change of a list are not compared with one another.
const MOST_PAIRS: usize = 4_000_000;

/// The differences. In a list, later items come first: the indexes of earlier ones stay what they were.
pub(super) fn differences(old: &Value, new: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(old, new, &mut Vec::new(), &mut found);
    found
}

fn compare(old: &Value, new: &Value, path: &mut Vec<Step>, found: &mut Vec<Difference>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Map(entries), Value::Map(others)) => {
            for (key, value) in others {
                let step = Step::Key(key.clone());
                match old.get(key) {
                    Some(before) => below(step, path, |path| compare(before, value, path, found)),
                    None => found.push(difference(path, step, None, Some(value))),
                }
            }
            for (key, value) in entries.iter().filter(|(key, _)| new.get(key).is_none()) {
                found.push(difference(path, Step::Key(key.clone()), Some(value), None));
            }
        }
        (Value::List(items), Value::List(others)) => compare_lists(items, others, path, found),
        _ => {
            found.push(Difference { path: path.clone(), old: Some(old.clone()), new: Some(new.clone()) });
        }
    }
}

fn below(step: Step, path: &mut Vec<Step>, work: impl FnOnce(&mut Vec<Step>)) {
    path.push(step);
    work(path);
    path.pop();
}

fn difference(path: &[Step], step: Step, old: Option<&Value>, new: Option<&Value>) -> Difference {
    let path = path.iter().cloned().chain([step]).collect();
    Difference { path, old: old.cloned(), new: new.cloned() }
}

fn compare_lists(old: &[Value], new: &[Value], path: &mut Vec<Step>, found: &mut Vec<Difference>) {
    let key = NAMES.into_iter().find(|key| are_named(old, key) && are_named(new, key));
    let named = |item: &Value| Some((key?, item.get(key?)?.as_string()?.to_owned()));
    let step = |index: usize, item: &Value| Step::Item {
        index: (index < old.len()).then_some(index),
        name: named(item),
    };
    let is_same = |one: &Value, other: &Value| match key {
        Some(_) => named(one) == named(other),
        None => one == other,
    };
    let mut pairs = aligned(old, new, is_same);
    // Behind the last items.
    pairs.push((old.len(), new.len()));
    for i in (0..pairs.len()).rev() {
        let (old_end, new_end) = pairs[i];
        if let (Some(before), Some(after)) = (old.get(old_end), new.get(new_end)) {
            below(step(old_end, before), path, |path| compare(before, after, path, found));
        }
        let (old_start, new_start) = i.checked_sub(1).map_or((0, 0), |i| (pairs[i].0 + 1, pairs[i].1 + 1));
        // An item with another name is another item.
        let both = if key.is_some() { 0 } else { (old_end - old_start).min(new_end - new_start) };
        let mut added: Vec<&Value> = new[new_start + both..new_end].iter().collect();
        if old_end < old.len() {
            // Each is inserted before the one that was inserted last.
            added.reverse();
        }
        for item in added {
            found.push(difference(path, step(old_end, item), None, Some(item)));
        }
        for (index, item) in old.iter().enumerate().take(old_end).skip(old_start + both).rev() {
            found.push(difference(path, step(index, item), Some(item), None));
        }
        for offset in (0..both).rev() {
            let (before, after) = (&old[old_start + offset], &new[new_start + offset]);
            below(step(old_start + offset, before), path, |path| compare(before, after, path, found));
        }
    }
}

/// Whether this key names each item.
fn are_named(items: &[Value], key: &str) -> bool {
    let mut names: Vec<Option<&str>> =
        items.iter().map(|item| item.get(key).and_then(Value::as_string)).collect();
    names.sort_unstable();
    names.iter().all(Option::is_some) && names.windows(2).all(|pair| pair[0] != pair[1])
}

/// The pairs of items that stay, in order: the longest sequence that both lists have.
fn aligned(old: &[Value], new: &[Value], is_same: impl Fn(&Value, &Value) -> bool) -> Vec<(usize, usize)> {
    let start = old.iter().zip(new).take_while(|(one, other)| is_same(one, other)).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(one, other)| is_same(one, other));
    let end = end.count();
    let (rows, columns) = (old_rest.len() - end, new_rest.len() - end);
    let mut pairs: Vec<(usize, usize)> = (0..start).map(|i| (i, i)).collect();
    if rows.saturating_mul(columns) <= MOST_PAIRS {
        // How long the sequence is that the items from here on have.
        let mut lengths = vec![vec![0_u32; columns + 1]; rows + 1];
        for row in (0..rows).rev() {
            for column in (0..columns).rev() {
                lengths[row][column] = if is_same(&old_rest[row], &new_rest[column]) {
                    lengths[row + 1][column + 1] + 1
                } else {
                    lengths[row + 1][column].max(lengths[row][column + 1])
                };
            }
        }
        let (mut row, mut column) = (0, 0);
        while row < rows && column < columns {
            if is_same(&old_rest[row], &new_rest[column]) {
                pairs.push((start + row, start + column));
                (row, column) = (row + 1, column + 1);
            } else if lengths[row + 1][column] >= lengths[row][column + 1] {
                row += 1;
            } else {
                column += 1;
            }
        }
    }
    pairs.extend((0..end).map(|i| (start + rows + i, start + columns + i)));
    pairs
}
