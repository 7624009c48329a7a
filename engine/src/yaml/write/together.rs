//! Several changes of one tree, made in one pass: what is known of the other changes while one of them becomes an edit.
//!
//! The result is the same as if all insertions came first and the removals after them. So a collection whose members are all
//! removed while others are added never becomes empty on the way.

use super::place::Lower;
use super::{Edit, Lowered, Op, Refusal, Value};
use crate::source::line_break_near;
use crate::yaml::tree::{NodeId, Style, Tree};
use core::cell::{OnceCell, RefCell};
use core::ops::Range;
use std::rc::Rc;

/// All changes of one tree.
pub(super) struct Together<'c> {
    pub(super) changes: &'c [(NodeId, &'c Op)],
    /// The indexes of the changes, in the order of their nodes.
    by_node: Vec<usize>,
    /// The collections that were asked for, in order: a change of one member needs all others.
    members: RefCell<Vec<(NodeId, Rc<Members>)>>,
    /// The quotes that the document uses.
    pub(super) quotes: OnceCell<Style>,
}

impl<'c> Together<'c> {
    pub(super) fn new(changes: &'c [(NodeId, &'c Op)]) -> Together<'c> {
        let mut by_node: Vec<usize> = (0..changes.len()).collect();
        by_node.sort_by_key(|i| changes[*i].0);
        Together { changes, by_node, members: RefCell::default(), quotes: OnceCell::new() }
    }

    /// The changes of a node, each with its index, in their order.
    fn of(&self, node: NodeId) -> impl Iterator<Item = (usize, &'c Op)> {
        let start = self.by_node.partition_point(|i| self.changes[*i].0 < node);
        let own = self.by_node[start..].iter().take_while(move |i| self.changes[**i].0 == node);
        own.map(|i| (*i, self.changes[*i].1))
    }

    pub(super) fn removes(&self, node: NodeId) -> bool {
        self.of(node).any(|(_, op)| *op == Op::Remove)
    }

    /// The insertions into `collection`, each with its index among the changes.
    fn insertions(&self, collection: NodeId) -> impl Iterator<Item = (usize, &'c Op)> {
        self.of(collection)
            .filter(|(_, op)| matches!(op, Op::InsertItem(..) | Op::InsertEntry(..) | Op::Uncomment(..)))
    }

    /// All new members of an empty collection as one value, and the index of the change that writes it.
    pub(super) fn content(&self, collection: NodeId) -> Option<(usize, Value)> {
        let mut items = Vec::new();
        let mut entries = Vec::new();
        let mut first = None;
        for (i, op) in self.insertions(collection) {
            match op {
                Op::InsertItem(_, value) => items.push(value.clone()),
                Op::InsertEntry(_, key, value) => entries.push((key.clone(), value.clone())),
                _ => continue,
            }
            first = first.or(Some(i));
        }
        let value = if entries.is_empty() { Value::Seq(items) } else { Value::Map(entries) };
        Some((first?, value))
    }
}

/// What is found out once for all changes of a collection.
type Once<T> = OnceCell<Result<T, Refusal>>;

/// The members of one collection, and what happens to each of them.
pub(super) struct Members {
    /// The items, or the values of the entries, in the order of the text.
    pub(super) nodes: Vec<NodeId>,
    /// Whether each is removed.
    pub(super) removed: Vec<bool>,
    /// The nearest member above each that stays.
    kept_above: Vec<Option<usize>>,
    /// How many members at the start are removed.
    removed_head: usize,
    /// The members that something new follows directly, with the index of the change; in the order of the text.
    new: Vec<(usize, usize)>,
    /// A commented-out item becomes an item here.
    uncomments: bool,
    /// The bytes of each member of a flow collection.
    pub(super) in_flow: Once<Vec<Range<usize>>>,
    /// What is removed with each member of a block collection, if all of them are; and whether comments are between them.
    pub(super) emptied: Once<(Vec<Range<usize>>, bool)>,
}

impl Members {
    pub(super) fn of(lower: &Lower<'_, '_>, collection: NodeId) -> Rc<Members> {
        let place = |known: &[(NodeId, Rc<Members>)]| known.binary_search_by_key(&collection, |one| one.0);
        let known = lower.together.members.borrow();
        if let Ok(place) = place(&known) {
            return Rc::clone(&known[place].1);
        }
        drop(known);
        let members = Rc::new(Members::read(lower, collection));
        let mut known = lower.together.members.borrow_mut();
        if let Err(place) = place(&known) {
            known.insert(place, (collection, Rc::clone(&members)));
        }
        members
    }

    fn read(lower: &Lower<'_, '_>, collection: NodeId) -> Members {
        let nodes: Vec<NodeId> = lower.members(collection).map(|(_, node)| node).collect();
        let removed: Vec<bool> = nodes.iter().map(|node| lower.together.removes(*node)).collect();
        let mut kept = None;
        let kept_above = removed.iter().enumerate().map(|(i, is_removed)| {
            let above = kept;
            kept = if *is_removed { kept } else { Some(i) };
            above
        });
        let kept_above = kept_above.collect();
        let removed_head = removed.iter().take_while(|removed| **removed).count();
        let last = nodes.len().saturating_sub(1);
        let mut new = Vec::new();
        let mut uncomments = false;
        for (i, op) in lower.together.insertions(collection) {
            let (Op::InsertItem(place, _) | Op::InsertEntry(place, ..)) = op else {
                uncomments = true;
                continue;
            };
            let after = place.after.and_then(|after| nodes.binary_search(&after).ok());
            new.push((after.unwrap_or(last), place.after.is_none(), i));
        }
        new.sort_unstable();
        let new = new.into_iter().map(|(after, _, i)| (after, i)).collect();
        let (in_flow, emptied) = (OnceCell::new(), OnceCell::new());
        Members { nodes, removed, kept_above, removed_head, new, uncomments, in_flow, emptied }
    }

    pub(super) fn index(&self, node: NodeId) -> usize {
        self.nodes.binary_search(&node).unwrap_or_default()
    }

    /// Whether nothing is left.
    pub(super) fn is_emptied(&self) -> bool {
        self.removed_head == self.removed.len() && self.new.is_empty() && !self.uncomments
    }

    pub(super) fn uncomments(&self) -> bool {
        self.uncomments
    }

    /// How many members at the start of the collection are removed.
    pub(super) fn removed_head(&self) -> usize {
        self.removed_head
    }

    /// The member that is removed and followed by what becomes the first member, and the index of that insertion.
    pub(super) fn opener(&self) -> Option<(usize, usize)> {
        self.new.first().copied().filter(|(after, _)| *after < self.removed_head())
    }

    /// Whether something new directly follows one of the members `from..to`.
    pub(super) fn adds_within(&self, from: usize, to: usize) -> bool {
        let first = self.new.partition_point(|(after, _)| *after < from);
        self.new.get(first).is_some_and(|(after, _)| *after < to)
    }

    /// The nearest member above that stays.
    pub(super) fn kept_above(&self, at: usize) -> Option<usize> {
        self.kept_above.get(at).copied().flatten()
    }
}

/// Where an insertion belongs among others at the same offset: what is inside a collection comes before what follows it, and
/// what follows a member comes before what is last.
pub(super) fn rank(tree: &Tree<'_>, node: NodeId, op: &Op) -> (usize, usize) {
    let after = match op {
        Op::InsertItem(place, _) | Op::InsertEntry(place, ..) => place.after,
        Op::Uncomment(comment, _) => comment.after,
        Op::Set(_) | Op::Remove | Op::Comment { .. } => None,
    };
    (usize::MAX - tree.depth(node), after.map_or(usize::MAX, |after| tree.range(after).start))
}

/// Keeps a text without a final line break that way: if its last lines are removed, the line break above them is removed as
/// well, and new lines begin with one.
pub(super) fn keep_end(tree: &Tree<'_>, all: &mut [Lowered]) {
    let text = tree.text();
    let ends = ['\n', '\r'];
    if tree.is_flag_file() || text.is_empty() || text.ends_with(ends) {
        return;
    }
    let mut edits: Vec<(&mut Edit, (usize, usize))> = Vec::new();
    for one in &mut *all {
        edits.extend(one.edits.iter_mut().map(|edit| (edit, one.rank)));
    }
    // The removals that together reach the end of the text, with the blank lines between them.
    let mut start = text.len();
    let mut first: Option<usize> = None;
    let ends_in = |edit: &Edit, line: &Range<usize>| {
        !edit.range.is_empty() && (line.start..=line.end).contains(&edit.range.end)
    };
    let mut above = start..start;
    let removals = edits.iter().enumerate().filter(|(_, (e, _))| e.text.is_empty() && !e.range.is_empty());
    let mut removals: Vec<(usize, usize)> = removals.map(|(i, (e, _))| (e.range.end, i)).collect();
    removals.sort_unstable();
    let ending_in = |line: &Range<usize>| {
        let first = removals.partition_point(|(end, _)| *end < line.start);
        let last = removals.partition_point(|(end, _)| *end <= line.end);
        removals[first..last].iter()
    };
    if ending_in(&above).next().is_none() {
        return;
    }
    // Where the line above ends. A block scalar keeps the line break that ends it.
    let kept: Vec<usize> = tree.block_scalar_ends().collect();
    let end_above = |start: usize| {
        let kept = kept[..kept.partition_point(|end| *end <= start)].last().copied().unwrap_or(0);
        text[..start].trim_end_matches(ends).len().max(kept)
    };
    while let Some(i) = ending_in(&above).map(|(_, i)| *i).min() {
        // One edit for all of them.
        if let Some(below) = first {
            edits[below].0.range = text.len()..text.len();
        }
        start = edits[i].0.range.start;
        above = end_above(start)..start;
        first = Some(i);
    }
    let Some(first) = first else { return };
    let line_break = line_break_near(text, start.saturating_sub(1));
    if let Some(i) = edits.iter().position(|(e, _)| !e.text.is_empty() && ends_in(e, &above)) {
        // The new line above is the last one.
        let edit = &mut edits[i].0;
        edit.text.truncate(edit.text.trim_end_matches(ends).len());
        start = edit.range.end;
        edit.range.end = text.len();
        edits[first].0.range = text.len()..text.len();
    } else {
        start = above.start;
        edits[first].0.range = start..text.len();
    }
    // What is new on the line above, a value beside its key, stays there.
    let on_new_line = text[..start].ends_with(ends);
    let from = start + usize::from(!on_new_line);
    let is_new = |edit: &Edit| edit.range.is_empty() && edit.range.start >= from;
    let is_edited = edits[first].0.range.is_empty()
        || edits.iter().any(|(e, _)| e.range.end == start && !e.range.is_empty());
    if on_new_line && !is_edited && edits.iter().any(|(edit, _)| is_new(edit) && !edit.text.is_empty()) {
        let end = text[..start].strip_suffix('\n').unwrap_or(&text[..start]);
        edits[first].0.range.start = end.strip_suffix('\r').unwrap_or(end).len();
    }
    edits.retain(|(edit, _)| is_new(edit) && !edit.text.is_empty());
    edits.sort_by_key(|(edit, rank)| (edit.range.start, *rank));
    for (edit, _) in edits {
        edit.text = format!("{line_break}{}", edit.text.trim_matches(ends));
        edit.range = text.len()..text.len();
    }
    for one in all {
        one.edits.retain(|edit| !edit.range.is_empty() || !edit.text.is_empty());
    }
}
