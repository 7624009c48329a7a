//! Turns fixes into edits: decides which fixes are applied together in a round, and reports those that cannot be applied.

use crate::model::Documents;
use crate::rules::{Change, Diagnostic, NOT_EDITABLE, NOT_VERIFIED};
use crate::source::{begins_line, floor_boundary, line_start, lines};
use crate::yaml::NodeId;
use crate::yaml::embedded::Embedded;
use crate::yaml::write::{Edit, Lowered, Op, Reason, Refusal, lower_all, repeated_key};
use core::ops::Range;
use std::collections::BTreeSet;

/// A change with its edits, and the rule that proposed it.
pub(super) struct Accepted {
    pub(super) edits: Vec<Edit>,
    pub(super) change: Change,
    pub(super) rule: &'static str,
    /// The collection that gets or loses a member.
    collection: Option<NodeId>,
    /// The order among insertions at the same offset.
    rank: (usize, usize),
}

impl Accepted {
    /// Where it begins in the text; after everything if its edits are part of a neighbour's.
    pub(super) fn place(&self) -> (usize, usize) {
        self.edits.iter().map(|e| (e.range.start, e.range.end)).min().unwrap_or((usize::MAX, usize::MAX))
    }

    /// The document and, if the change is inside a scalar, the scalar.
    fn tree(&self) -> (usize, Option<NodeId>) {
        tree_of(&self.change)
    }
}

/// The diagnostic that stops a plan.
pub(super) type Stop = Diagnostic;

/// The fixes that are applied in this round, in the order of the text, and a diagnostic for each fix that cannot be applied.
/// A fix that conflicts with another one waits for the next round. The order of the diagnostics has no effect.
pub(super) fn accept(
    documents: &Documents<'_>,
    diagnostics: &[Diagnostic],
) -> (Vec<Accepted>, Vec<Diagnostic>) {
    let mut fixes: Vec<Vec<Accepted>> = Vec::new();
    let mut refused = Refused::default();
    let mut fixed: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.is_fixed()).collect();
    fixed.sort_by_key(|diagnostic| crate::rules::order(diagnostic));
    for diagnostic in fixed {
        let Some(fix) = &diagnostic.fix else { continue };
        let mut proposed = match lower_changes(documents, fix.changes.iter().collect()) {
            Ok(edits) => accepted(&fix.changes, edits, diagnostic.rule.id),
            Err((i, refusal)) => {
                refused.add(not_editable(documents, diagnostic, &fix.changes[i], &refusal));
                continue;
            }
        };
        proposed.sort_by_key(order);
        if let Some(change) = overlapping(proposed.iter()) {
            let reason = Reason::Layout("two changes of one fix overlap here");
            let refusal = Refusal { offset: change.place().0, reason };
            refused.add(not_editable(documents, diagnostic, &change.change, &refusal));
            continue;
        }
        fixes.push(proposed);
    }
    // All or nothing: a fix that conflicts with an earlier one waits for the next round.
    let mut is_taken: Vec<bool> = Vec::with_capacity(fixes.len());
    for earlier in earlier_conflicts(&fixes) {
        is_taken.push(earlier.into_iter().all(|i| !is_taken[i]));
    }
    let taken = fixes.into_iter().zip(is_taken).filter(|(_, is_taken)| *is_taken).map(|(fix, _)| fix);
    (together(documents, &taken.collect::<Vec<_>>()), refused.all)
}

/// The fixes that cannot be applied: those at the same location are one diagnostic.
#[derive(Default)]
struct Refused {
    all: Vec<Diagnostic>,
    known: BTreeSet<String>,
}

impl Refused {
    fn add(&mut self, stop: Diagnostic) {
        let is_new = self.known.insert(format!("{} {}", stop.range.start, stop.label));
        let is_here = |one: &&mut Diagnostic| one.range.start == stop.range.start && one.label == stop.label;
        let Some(other) = self.all.iter_mut().find(is_here).filter(|_| !is_new) else {
            self.all.push(stop);
            return;
        };
        if other.consequence != stop.consequence {
            let consequence = other.consequence.to_mut();
            consequence.push_str("; ");
            consequence.push_str(&stop.consequence);
        }
    }
}

/// For each fix the earlier ones that it conflicts with. Only changes of the same node are compared, and edits whose ranges
/// overlap: the cost grows with what is there, not with its square.
fn earlier_conflicts(fixes: &[Vec<Accepted>]) -> Vec<Vec<usize>> {
    let all = || fixes.iter().enumerate().flat_map(|(i, fix)| fix.iter().map(move |one| (i, one)));
    let mut earlier: Vec<Vec<usize>> = vec![Vec::new(); fixes.len()];
    let mut compare = |(i, one): (usize, &Accepted), (j, other): (usize, &Accepted)| {
        if i != j && conflicts(one, other) {
            earlier[i.max(j)].push(i.min(j));
        }
    };
    let node = |one: &Accepted| (one.change.document, one.change.planned.node, one.change.planned.inner);
    let mut by_node: Vec<(usize, &Accepted)> = all().collect();
    by_node.sort_by_key(|(_, one)| node(one));
    for group in by_node.chunk_by(|a, b| node(a.1) == node(b.1)) {
        for (i, one) in group.iter().enumerate() {
            group[..i].iter().for_each(|other| compare(*one, *other));
        }
    }
    let mut edits: Vec<(&Edit, (usize, &Accepted))> =
        all().flat_map(|(i, one)| one.edits.iter().map(move |edit| (edit, (i, one)))).collect();
    edits.sort_by_key(|(edit, _)| (edit.range.start, edit.range.end));
    let mut open: Vec<(&Edit, (usize, &Accepted))> = Vec::new();
    for (edit, one) in edits {
        open.retain(|(other, _)| other.range.end > edit.range.start);
        open.iter().filter(|(other, _)| overlap(other, edit)).for_each(|(_, other)| compare(one, *other));
        open.push((edit, one));
    }
    earlier
}

/// The order of changes: at the same offset, a change inside a collection comes before a change after it.
fn order(one: &Accepted) -> ((usize, usize), (usize, usize)) {
    (one.place(), one.rank)
}

fn accepted(changes: &[Change], edits: Vec<Lowered>, rule: &'static str) -> Vec<Accepted> {
    let one = |(change, lowered): (&Change, Lowered)| {
        let Lowered { edits, collection, rank } = lowered;
        Accepted { edits, change: change.clone(), rule, collection, rank }
    };
    changes.iter().zip(edits).map(one).collect()
}

/// All fixes of a round, applied together: one may replace what another removes. If they cannot be applied together, the
/// later fixes wait.
fn together(documents: &Documents<'_>, fixes: &[Vec<Accepted>]) -> Vec<Accepted> {
    let mut kept = Vec::new();
    add_together(documents, fixes, &mut kept);
    kept
}

/// Adds the fixes that can be applied together with those that are kept. What fails is halved, so that one fix that waits does
/// not make all others wait or be tried alone.
fn add_together(documents: &Documents<'_>, fixes: &[Vec<Accepted>], kept: &mut Vec<Accepted>) {
    if let Some(all) = written(documents, kept.iter().chain(fixes.iter().flatten())) {
        *kept = all;
    } else if fixes.len() > 1 {
        let (first, later) = fixes.split_at(fixes.len() / 2);
        add_together(documents, first, kept);
        add_together(documents, later, kept);
    }
}

fn written<'a>(
    documents: &Documents<'_>,
    changes: impl Iterator<Item = &'a Accepted> + Clone,
) -> Option<Vec<Accepted>> {
    let lowered = lower_changes(documents, changes.clone().map(|one| &one.change).collect()).ok()?;
    let one = |(one, lowered): (&Accepted, Lowered)| {
        let Lowered { edits, collection, rank } = lowered;
        Accepted { edits, change: one.change.clone(), rule: one.rule, collection, rank }
    };
    let mut all: Vec<Accepted> = changes.zip(lowered).map(one).collect();
    all.sort_by_key(order);
    overlapping(all.iter()).is_none().then_some(all)
}

/// A change with an edit that overlaps one of another change.
fn overlapping<'a>(changes: impl Iterator<Item = &'a Accepted>) -> Option<&'a Accepted> {
    let mut edits: Vec<(&Edit, &Accepted)> =
        changes.flat_map(|one| one.edits.iter().map(move |edit| (edit, one))).collect();
    edits.sort_by_key(|(edit, _)| (edit.range.start, edit.range.end));
    edits
        .windows(2)
        .find(|pair| pair[0].0.range.end > pair[1].0.range.start || overlap(pair[0].0, pair[1].0))
        .map(|pair| pair[1].1)
}

/// Whether two changes of different fixes cannot be applied in one round: their edits overlap or are equal.
fn conflicts(a: &Accepted, b: &Accepted) -> bool {
    let (x, y) = (&a.change.planned, &b.change.planned);
    let same_node = a.tree() == b.tree() && x.node == y.node && x.inner == y.inner;
    let same_thing = match (&x.op, &y.op) {
        (Op::Set(_), Op::Set(_)) | (Op::Remove, _) | (_, Op::Remove) => true,
        (Op::InsertEntry(_, one, _), Op::InsertEntry(_, other, _)) => one == other,
        _ => false,
    };
    // The members of one collection are written together later.
    let members = a.collection.is_some() && a.collection == b.collection && a.tree() == b.tree();
    let overlaps = || a.edits.iter().any(|one| b.edits.iter().any(|other| overlap(one, other)));
    (same_node && same_thing) || (!members && overlaps())
}

fn overlap(a: &Edit, b: &Edit) -> bool {
    let same_place = a.range == b.range && !a.range.is_empty();
    same_place || (a.range.start < b.range.end && b.range.start < a.range.end)
}

/// A document or, if a change is inside a scalar, the document and the scalar.
type TreeOf = (usize, Option<NodeId>);

/// The document of a change and, if the change is inside a scalar, the scalar.
fn tree_of(change: &Change) -> TreeOf {
    (change.document, change.planned.inner.map(|_| change.planned.node))
}

/// The edits of the file for each change; changes of the same tree are lowered together. The error has the index of the
/// change, and the refusal's offset is one of the file.
fn lower_changes(documents: &Documents<'_>, changes: Vec<&Change>) -> Result<Vec<Lowered>, (usize, Refusal)> {
    let mut lowered: Vec<(usize, Lowered)> = Vec::with_capacity(changes.len());
    let mut changes: Vec<(usize, &Change)> = changes.into_iter().enumerate().collect();
    changes.sort_by_key(|(_, change)| tree_of(change));
    for group in changes.chunk_by(|(_, a), (_, b)| tree_of(a) == tree_of(b)) {
        let of_tree: Vec<&Change> = group.iter().map(|(_, change)| *change).collect();
        let tree = tree_of(group[0].1);
        let edits = lower_tree(documents, tree, &of_tree).map_err(|(i, refusal)| (group[i].0, refusal))?;
        lowered.extend(group.iter().map(|(i, _)| *i).zip(edits));
    }
    lowered.sort_unstable_by_key(|(i, _)| *i);
    Ok(lowered.into_iter().map(|(_, lowered)| lowered).collect())
}

/// The edits of the file for the changes of one tree.
fn lower_tree(
    documents: &Documents<'_>,
    (document, scalar): TreeOf,
    changes: &[&Change],
) -> Result<Vec<Lowered>, (usize, Refusal)> {
    let layout = |offset, what| (0, Refusal { offset, reason: Reason::Layout(what) });
    let Some(tree) = documents.tree(document) else {
        return Err(layout(0, "this document was not parsed"));
    };
    let nodes: Vec<(NodeId, &Op)> =
        changes.iter().map(|c| (c.planned.inner.unwrap_or(c.planned.node), &c.planned.op)).collect();
    let Some(node) = scalar else { return lower_all(tree, &nodes) };
    // The scalar itself must be editable, too.
    if let Some(shared) = tree.shared_ancestor(node) {
        return Err((0, Refusal { offset: tree.range(shared).start, reason: Reason::Shared }));
    }
    if let Some(refusal) = repeated_key(tree, node) {
        return Err((0, refusal));
    }
    let no_place =
        "a folded or multi-line scalar cannot be edited in place: write it as a literal block (`|`)";
    let embedded = Embedded::open(tree, node).map_err(|error| layout(error.offset, no_place))?;
    let mut lowered = lower_all(&embedded.tree, &nodes).map_err(|(i, refusal)| {
        (i, Refusal { offset: embedded.offset_in_source(refusal.offset), reason: refusal.reason })
    })?;
    for (i, one) in lowered.iter_mut().enumerate() {
        for edit in &mut one.edits {
            let no_place =
                || (i, Refusal { offset: tree.range(node).start, reason: Reason::Layout(no_place) });
            *edit = embedded.to_source(edit).ok_or_else(no_place)?;
        }
        // A change inside the scalar comes before a change after it.
        one.rank.0 = one.rank.0.saturating_sub(tree.depth(node));
    }
    Ok(lowered)
}

fn not_editable(
    documents: &Documents<'_>,
    diagnostic: &Diagnostic,
    change: &Change,
    refusal: &Refusal,
) -> Stop {
    let text = documents.source.text;
    let what =
        change.description.as_ref().map_or_else(String::new, |s| format!("{}, {}", s.resource, s.field));
    let end = crate::source::line_end(text, refusal.offset).max(refusal.offset);
    Diagnostic::at_range(&NOT_EDITABLE, refusal.offset..end)
        .path(diagnostic.path.clone())
        .message(format!("cannot apply the fix for {} here: {}", diagnostic.rule.id, diagnostic.message))
        .label(refusal.reason.to_string())
        .consequence(format!("not changed: {what}"))
}

/// Reports that kubectl cannot parse the document even before it is edited.
pub(super) fn unreadable(documents: &Documents<'_>, document: usize, message: &str, offset: usize) -> Stop {
    let text = documents.source.text;
    let at = floor_boundary(text, documents.documents[document].chunk.range.start + offset);
    Diagnostic::at_range(&NOT_EDITABLE, at..crate::source::line_end(text, at).max(at))
        .message("kubectl cannot parse this document, even without changes")
        .label(message)
        .consequence("kubectl apply rejects the file")
        .help("correct the YAML here: parsers differ in how they read tabs and unusual characters")
}

/// Its text has no line break at its end as long as nothing follows it. kubectl adds one before it reads a file, and others do not.
pub(super) fn unended(documents: &Documents<'_>, scalar: Range<usize>) -> Stop {
    let text = documents.source.text;
    let last = line_start(text, text.len()).max(scalar.start);
    Diagnostic::at_range(&NOT_EDITABLE, last..text.len())
        .message("the last line belongs to a text, and has no line break")
        .label("the file ends here")
        .consequence("the text would get a line break from what follows it")
        .help(
            "end the file with a line break, or write `|-` (`>-`) above the text, and run the command again",
        )
}

pub(super) fn not_verified(accepted: &[Accepted], documents: &Documents<'_>, what: &str) -> Stop {
    let text = documents.source.text;
    // An edit behind the last line break is shown at the last line.
    let last = text.trim_end_matches(['\n', '\r']).len();
    let at = accepted.first().map_or(0, |a| a.place().0).min(last);
    let rules: Vec<&str> = accepted.iter().map(|a| a.rule).collect();
    Diagnostic::at_range(&NOT_VERIFIED, at..crate::source::line_end(text, at).max(at))
        .message(format!("edits discarded: {what}"))
        .consequence(format!("none: the file was not changed ({})", rules.join(", ")))
}

/// How many lines of the original an edit replaces or removes.
pub(super) fn touched_lines(text: &str, edit: &Edit) -> usize {
    let at_line_start = begins_line(text, edit.range.start);
    if edit.range.is_empty() {
        return usize::from(!at_line_start && edit.range.start != text.len());
    }
    lines(text, edit.range.clone()).count()
}
