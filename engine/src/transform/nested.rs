//! Manifests in texts: planned as separate files, and written back into the file that contains them.

use super::round::Planner;
use super::{AppliedChange, Install, Options, Plan, PlannedCluster, Request};
use crate::diagnostic::suppression::{OpenRules, Suppressions};
use crate::model::Documents;
use crate::model::nested::{self, Nested};
use crate::rules::{ChangeDescription, Diagnostic, NOT_EDITABLE, NOT_VERIFIED, catalogue};
use crate::source::{Source, line_count, line_end};
use crate::yaml::cross_check::second_opinion;
use crate::yaml::verify::{Planned, same};
use crate::yaml::write::{Edit, Op, Value, apply, compose};

/// Plans files together with the manifests in their texts: one plan for each file.
pub(super) fn plan_documents(files: &[&Documents<'_>], request: &Request<'_>) -> PlannedCluster {
    let texts: Vec<Vec<Nested>> = files.iter().map(|file| nested::find(file).texts).collect();
    let mut owners: Vec<(usize, usize)> = Vec::new();
    let mut inside: Vec<Documents<'_>> = Vec::new();
    for (file, texts) in texts.iter().enumerate() {
        for (index, nested) in texts.iter().enumerate() {
            if let Some(documents) = nested.documents(files[file].source.name) {
                owners.push((file, index));
                inside.push(documents);
            }
        }
    }
    let all: Vec<&Documents<'_>> = files.iter().copied().chain(&inside).collect();
    let mut planner = Planner::new(&all, request);
    if request.lint.is_some_and(|lint| lint.fix.is_some()) {
        planner.suppress(files.len(), suppressed_around(files, &texts, &owners));
    }
    let PlannedCluster { mut plans, stack } = planner.plan();
    let inner = plans.split_off(files.len().min(plans.len()));
    let mut parts: Vec<Vec<Part<'_>>> = files.iter().map(|_| Vec::new()).collect();
    for ((file, index), plan) in owners.into_iter().zip(inner) {
        parts[file].push(Part { index, nested: &texts[file][index], plan });
    }
    for ((plan, parts), file) in plans.iter_mut().zip(parts).zip(files).filter(|((_, p), _)| !p.is_empty()) {
        merge(file, plan, parts, request.options);
    }
    PlannedCluster { plans, stack }
}

/// The rules that comments around each text suppress in it. The texts of a file are in order.
fn suppressed_around(
    files: &[&Documents<'_>],
    texts: &[Vec<Nested>],
    owners: &[(usize, usize)],
) -> Vec<OpenRules> {
    let rules = catalogue();
    let mut around = Vec::with_capacity(owners.len());
    for of_file in owners.chunk_by(|a, b| a.0 == b.0) {
        let suppressions = Suppressions::read(files[of_file[0].0].source.text);
        let mut sweep = suppressions.sweep(&rules);
        let offset = |(file, text): &(usize, usize)| texts[*file][*text].embedded.offset_in_source(0);
        around.extend(of_file.iter().map(|owner| sweep.at(offset(owner)).clone()));
    }
    around
}

/// The plan of one text.
struct Part<'n> {
    /// The index of the text in its file.
    index: usize,
    nested: &'n Nested,
    plan: Plan,
}

/// A text that is edited.
struct Written<'n> {
    /// The index of the text in its file.
    index: usize,
    nested: &'n Nested,
    /// The new text.
    text: String,
    /// The edits that lead to it.
    edits: Vec<Edit>,
}

/// Adds the plans of texts to that of their file.
fn merge(file: &Documents<'_>, plan: &mut Plan, parts: Vec<Part<'_>>, options: Options) {
    let mut written: Vec<Written<'_>> = Vec::new();
    for Part { index, nested, plan: mut inner } in parts {
        if let Some(text) = inner.text.take() {
            let edits = core::mem::take(&mut inner.edits);
            written.push(Written { index, nested, text, edits });
            let touched = line_count(nested.text()).saturating_sub(inner.untouched_lines);
            plan.untouched_lines = plan.untouched_lines.saturating_sub(touched);
            plan.touched.push(nested.document);
        }
        carry(nested, inner, plan);
    }
    plan.touched.sort_unstable();
    plan.touched.dedup();
    if !written.is_empty() {
        match put_back(file, plan.text.as_deref(), &written, options) {
            Ok((text, edits)) => {
                plan.text = Some(text);
                plan.edits = compose(&plan.edits, &edits);
            }
            Err(diagnostic) => plan.diagnostics.push(diagnostic),
        }
    }
    plan.changes.sort_by_key(|change| change.offset.unwrap_or(usize::MAX));
    plan.conclude();
}

/// The findings and changes of a text, with the byte offsets of its file.
fn carry(nested: &Nested, inner: Plan, plan: &mut Plan) {
    let offset = |at: usize| nested.embedded.offset_in_source(at);
    let title = |title: &str| format!("{}: {title}", nested.title);
    let describe = |description: ChangeDescription| ChangeDescription {
        resource: title(&description.resource),
        ..description
    };
    for mut diagnostic in inner.diagnostics {
        let start = offset(diagnostic.range.start);
        diagnostic.range = start..offset(diagnostic.range.end).max(start);
        diagnostic.path = match diagnostic.path.as_str() {
            "" => nested.path.clone(),
            path => format!("{}: {path}", nested.path),
        };
        for change in diagnostic.fix.iter_mut().flat_map(|fix| &mut fix.changes) {
            change.document = nested.document;
            change.description = change.description.take().map(describe);
        }
        plan.diagnostics.push(diagnostic);
    }
    let change = |change: AppliedChange| AppliedChange {
        description: describe(change.description),
        offset: change.offset.map(offset),
        is_in_text: true,
        ..change
    };
    plan.changes.extend(inner.changes.into_iter().map(change));
    let install = |install: Install| Install { title: title(&install.title), ..install };
    plan.installs.extend(inner.installs.into_iter().map(install));
    plan.components.extend(inner.components.iter().map(|component| title(component)));
    plan.pools.extend(inner.pools);
    plan.contents.add(inner.contents);
    plan.coverage.extend(inner.coverage.into_iter().map(|coverage| nested.in_file(coverage)));
    plan.stated.extend(inner.stated);
    for option in inner.missing_options {
        if !plan.missing_options.iter().any(|known| known.flag == option.flag) {
            plan.missing_options.push(option);
        }
    }
}

/// The text of a file with the new texts in their scalars, and the edits that lead to it. `edited` is its text after its own
/// changes.
fn put_back(
    file: &Documents<'_>,
    edited: Option<&str>,
    written: &[Written<'_>],
    options: Options,
) -> Result<(String, Vec<Edit>), Diagnostic> {
    let fail = |nested: &Nested, what: &str| {
        let start = nested.embedded.offset_in_source(0);
        let end = line_end(file.source.text, start).max(start);
        Diagnostic::at_range(&NOT_VERIFIED, start..end)
            .path(nested.path.clone())
            .message(format!("edits of {} discarded: {what}", nested.title))
    };
    let Some(Written { nested: first, .. }) = written.first() else {
        return Ok((file.source.text.to_owned(), Vec::new()));
    };
    let source = Source { name: file.source.name, text: edited.unwrap_or(file.source.text) };
    let before = Documents::read(source).map_err(|_| fail(first, "the file can no longer be parsed"))?;
    let now = nested::find(&before).texts;
    let mut edits: Vec<Edit> = Vec::new();
    let mut planned: Vec<(usize, Planned)> = Vec::new();
    for Written { index, nested, text, edits: inner } in written {
        let here = now.get(*index).filter(|here| here.text() == nested.text());
        let here = here.ok_or_else(|| fail(nested, "the text was also changed elsewhere"))?;
        for edit in inner {
            edits.push(here.embedded.to_source(edit).ok_or_else(|| not_a_block(file, nested))?);
        }
        let tree = before.tree(here.document);
        let value = tree.and_then(|tree| with_content(tree.scalar(here.node)?, nested.text(), text));
        let value = value.ok_or_else(|| fail(nested, "its value differs from the text that was read"))?;
        let op = Op::Set(Value::String(value));
        planned.push((here.document, Planned { node: here.node, inner: None, op }));
    }
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let text = apply(source.text, &edits);
    let after = Documents::read(Source { text: &text, ..source })
        .map_err(|_| fail(first, "the file can no longer be parsed"))?;
    for (i, (old, new)) in before.documents.iter().zip(&after.documents).enumerate() {
        let own: Vec<Planned> = planned.iter().filter(|(d, _)| *d == i).map(|(_, p)| p.clone()).collect();
        if own.is_empty() {
            continue;
        }
        let (Some(tree), Some(edited)) = (before.tree(i), after.tree(i)) else {
            return Err(fail(first, "an edited document can no longer be parsed"));
        };
        if let Err(path) = same(tree, &own, edited) {
            return Err(fail(first, &format!("the edit would change more than planned at {path}")));
        }
        if options.second_parser
            && let Err(other) = second_opinion(&text[new.chunk.range.clone()], edited)
            && second_opinion(&source.text[old.chunk.range.clone()], tree).is_ok()
        {
            return Err(fail(first, &format!("a second parser reads it differently: {other}")));
        }
    }
    if before.documents.len() != after.documents.len() {
        return Err(fail(first, "the number of documents would change"));
    }
    Ok((text, edits))
}

/// Reports a folded scalar: it cannot be edited in place.
fn not_a_block(file: &Documents<'_>, nested: &Nested) -> Diagnostic {
    let start = nested.embedded.offset_in_source(0);
    let end = line_end(file.source.text, start).max(start);
    Diagnostic::at_range(&NOT_EDITABLE, start..end)
        .path(nested.path.clone())
        .message(format!(
            "{} contains manifests of Calico, not understood: its lines are folded",
            nested.title
        ))
        .consequence("not changed: the manifest in this text")
        .help("write the text as a literal block (`|`), or extract the manifest, convert it, and put it back")
}

/// The value of a scalar with new content; the line breaks around it are kept.
fn with_content(value: &str, old: &str, new: &str) -> Option<String> {
    let old = old.trim_end_matches('\n');
    let start = value.find(old)?;
    let (before, after) = (&value[..start], &value[start + old.len()..]);
    Some(format!("{before}{}{after}", new.trim_end_matches('\n')))
}
