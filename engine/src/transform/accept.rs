//! Fixes into edits: which go together in a round, and what is said where one cannot be made.

use crate::model::Documents;
use crate::rules::{Change, Diagnostic, Fix, NOT_EDITABLE, NOT_VERIFIED, order};
use crate::source::lines;
use crate::yaml::embedded::Embedded;
use crate::yaml::same::Planned;
use crate::yaml::write::{Edit, Op, Reason, Refusal, lower_among, repeated_key};

/// A change with its edits, and the rule that wants it.
pub(super) struct Accepted {
    pub(super) edits: Vec<Edit>,
    pub(super) change: Change,
    pub(super) rule: &'static str,
}

impl Accepted {
    /// Where it begins in the text; after everything where its edits stand with a neighbour's.
    pub(super) fn place(&self) -> (usize, usize) {
        self.edits.iter().map(|e| (e.range.start, e.range.end)).min().unwrap_or((usize::MAX, usize::MAX))
    }
}

/// Why a plan ends here.
pub(super) type Stop = Box<Diagnostic>;

/// Adds the fixes that go together in this round, in the order of the text. One that overlaps an earlier one waits for the
/// next round. One that cannot be written is returned as a diagnostic, and has no effect on the others.
pub(super) fn accept(
    documents: &Documents<'_>,
    diagnostics: &[Diagnostic],
    accepted: &mut Vec<Accepted>,
) -> Vec<Diagnostic> {
    let mut failed = Vec::new();
    let mut fixed: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.is_fixed()).collect();
    fixed.sort_by_key(|diagnostic| order(diagnostic));
    for diagnostic in fixed {
        match edits_of_fix(documents, diagnostic) {
            // All or nothing: a fix that meets another waits for the next round.
            Ok(wanted) if wanted.iter().all(|one| accepted.iter().all(|other| !conflicts(one, other))) => {
                accepted.extend(wanted);
            }
            Ok(_) => {}
            Err(stop) => merge(&mut failed, *stop),
        }
    }
    accepted.sort_by_key(Accepted::place);
    failed
}

/// Fixes that cannot be written at one location are one diagnostic.
fn merge(failed: &mut Vec<Diagnostic>, stop: Diagnostic) {
    let is_here =
        |other: &&mut Diagnostic| other.range.start == stop.range.start && other.label == stop.label;
    match failed.iter_mut().find(is_here) {
        Some(other) if other.consequence == stop.consequence => {}
        Some(other) => {
            other.consequence.push_str("; ");
            other.consequence.push_str(&stop.consequence);
        }
        None => failed.push(stop),
    }
}

/// All changes of a fix with their edits.
fn edits_of_fix(documents: &Documents<'_>, diagnostic: &Diagnostic) -> Result<Vec<Accepted>, Stop> {
    let Some(fix) = &diagnostic.fix else { return Ok(Vec::new()) };
    let mut wanted: Vec<Accepted> = Vec::new();
    for change in &fix.changes {
        let edits = edits_of(documents, change, fix)
            .map_err(|refusal| not_editable(documents, diagnostic, change, &refusal))?;
        wanted.push(Accepted { edits, change: change.clone(), rule: diagnostic.rule.id });
    }
    for (i, one) in wanted.iter().enumerate() {
        if wanted[..i].iter().any(|other| conflicts(one, other)) {
            let refusal =
                Refusal { offset: one.place().0, reason: Reason::Layout("two changes of one fix meet here") };
            return Err(not_editable(documents, diagnostic, &one.change, &refusal));
        }
    }
    Ok(wanted)
}

/// Whether two changes cannot be made in one round: their edits meet, or both make the same thing.
fn conflicts(a: &Accepted, b: &Accepted) -> bool {
    let (x, y) = (&a.change.planned, &b.change.planned);
    let same_node = a.change.document == b.change.document && x.node == y.node && x.inner == y.inner;
    let same_thing = match (&x.op, &y.op) {
        (Op::Set(_), Op::Set(_)) => true,
        (Op::InsertEntry(_, one, _), Op::InsertEntry(_, other, _)) => one == other,
        _ => false,
    };
    // What is added to a collection, and to one around it that ends in the same place: which comes first is not told.
    let same_place = |one: &Edit, other: &Edit| one.range.is_empty() && one.range == other.range;
    let touch = |one: &Edit, other: &Edit| overlap(one, other) || (!same_node && same_place(one, other));
    (same_node && same_thing) || a.edits.iter().any(|one| b.edits.iter().any(|other| touch(one, other)))
}

fn overlap(a: &Edit, b: &Edit) -> bool {
    let same_place = a.range == b.range && !a.range.is_empty();
    same_place || (a.range.start < b.range.end && b.range.start < a.range.end)
}

/// The edits of the file that a change stands for. The refusal's offset is one of the file.
fn edits_of(documents: &Documents<'_>, change: &Change, fix: &Fix) -> Result<Vec<Edit>, Refusal> {
    let layout = |offset, what| Refusal { offset, reason: Reason::Layout(what) };
    let Some(tree) = documents.tree(change.document) else {
        return Err(layout(0, "this document was not read"));
    };
    let Planned { node, inner, op } = &change.planned;
    let same_tree = |other: &&Change| {
        other.document == change.document
            && other.planned.op == Op::Remove
            && other.planned.inner.is_some() == inner.is_some()
            && (inner.is_none() || other.planned.node == *node)
    };
    let removed: Vec<_> =
        fix.changes.iter().filter(same_tree).map(|c| c.planned.inner.unwrap_or(c.planned.node)).collect();
    let Some(inner) = inner else { return lower_among(tree, *node, op, &removed) };
    // The scalar itself must be free to change, too.
    if let Some(shared) = tree.shared_ancestor(*node) {
        return Err(Refusal { offset: tree.range(shared).start, reason: Reason::Shared });
    }
    if let Some(refusal) = repeated_key(tree, *node) {
        return Err(refusal);
    }
    let no_place = "a folded or wrapped scalar is not edited in place: write it as a literal block (`|`)";
    let embedded = Embedded::open(tree, *node).map_err(|error| layout(error.offset, no_place))?;
    let edits = lower_among(&embedded.tree, *inner, op, &removed).map_err(|refusal| Refusal {
        offset: embedded.offset_in_source(refusal.offset),
        reason: refusal.reason,
    })?;
    let to_source = |edit| embedded.to_source(edit).ok_or_else(|| layout(tree.range(*node).start, no_place));
    edits.iter().map(to_source).collect()
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
    Box::new(Diagnostic {
        path: diagnostic.path.clone(),
        message: format!("cannot apply the fix for {} here: {}", diagnostic.rule.id, diagnostic.message),
        label: refusal.reason.to_string(),
        consequence: format!("not changed: {what}"),
        ..Diagnostic::at_range(&NOT_EDITABLE, refusal.offset..end)
    })
}

/// kubectl does not read the document that is to be edited, also as it stands.
pub(super) fn unreadable(documents: &Documents<'_>, document: usize, message: &str, offset: usize) -> Stop {
    let text = documents.source.text;
    let mut at = documents.documents[document].chunk.range.start + offset;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    Box::new(Diagnostic {
        message: "kubectl cannot parse this document, even without changes".to_owned(),
        label: message.to_owned(),
        consequence: "kubectl apply rejects the file".to_owned(),
        help: "correct it here: parsers differ in how they read tabs and unusual characters".to_owned(),
        ..Diagnostic::at_range(&NOT_EDITABLE, at..crate::source::line_end(text, at).max(at))
    })
}

pub(super) fn not_verified(accepted: &[Accepted], documents: &Documents<'_>, what: &str) -> Stop {
    let at = accepted.first().map_or(0, |a| a.place().0);
    let rules: Vec<&str> = accepted.iter().map(|a| a.rule).collect();
    Box::new(Diagnostic {
        message: format!("edits discarded: {what}"),
        consequence: format!("none: the file was not changed ({})", rules.join(", ")),
        ..Diagnostic::at_range(&NOT_VERIFIED, at..crate::source::line_end(documents.source.text, at).max(at))
    })
}

/// How many lines of the original an edit replaces or removes.
pub(super) fn touched_lines(text: &str, edit: &Edit) -> usize {
    let at_line_start = crate::source::line_start(text, edit.range.start) == edit.range.start;
    if edit.range.is_empty() {
        return usize::from(!at_line_start && edit.range.start != text.len());
    }
    lines(text, edit.range.clone()).count()
}
