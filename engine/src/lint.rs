//! Reports what is wrong with files, for the stack that they have or for a requested one, and corrects it on request.
//!
//! The rules are those of a transform, and so are their fixes. A lint reports every finding, and nothing stops it.

use crate::diagnostic::selection::{Selection, near};
use crate::diagnostic::suppression::{Suppression, Suppressions};
use crate::diagnostic::{Applicability, Diagnostic, Metadata, Parts};
use crate::model::{Documents, InputError, ObjectRef};
use crate::output::secrets::masked;
use crate::rules::{INVALID_SUPPRESSION, RULES, UNUSED_SUPPRESSION, catalogue};
use crate::source::Source;
use crate::target::{Stack, Target};
use crate::transform::{AppliedChange, LintRequest, Options, Plan, PlannedFiles, Request, plan_request};
use crate::yaml::write::Edit;
use std::collections::BTreeSet;

/// What files are checked for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'w> {
    /// The stack that the files have; the stack of the target does not count.
    AsFound(&'w Target),
    /// A requested result.
    Target(&'w Target),
}

/// The findings in the files of one cluster.
#[derive(Clone, Debug)]
pub struct Linted {
    /// The stack that the files have; `None` if no file states an IP family.
    pub stack: Option<Stack>,
    /// The result for each file, in the order in which the files were given; an error for a file that cannot be read.
    pub files: Vec<Result<LintedFile, InputError>>,
}

/// The findings in one file.
#[derive(Clone, Debug, Default)]
pub struct LintedFile {
    /// The findings, in the order of the text.
    pub findings: Vec<Finding>,
    /// How many findings comments in the file suppress.
    pub suppressed: usize,
}

/// A finding, and what it is about.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What was found. Ranges are byte ranges of the text.
    pub diagnostic: Diagnostic,
    /// The object that it is in; `None` outside of all objects.
    pub object: Option<ObjectRef>,
}

impl Finding {
    /// A text that stays the same if other lines of the file change: rule, object and field.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Parts { rule, path, .. } = &*self.diagnostic;
        let object = self.object.as_ref().map(ToString::to_string).unwrap_or_default();
        // Items of a list move; their objects have names.
        let in_list = path.strip_prefix("items[").and_then(|rest| rest.split_once(']'));
        let field = in_list.map_or(path.as_str(), |(_, rest)| rest.trim_start_matches('.'));
        // Programs print and keep it.
        format!("{}|{}|{}", rule.id, masked(&object), masked(field))
    }
}

/// A file with fixes.
#[derive(Clone, Debug, Default)]
pub struct FixedFile {
    /// The new text; `None` if no fix was written.
    pub text: Option<String>,
    /// The edits of the original that lead to it, in the order of the text.
    pub edits: Vec<Edit>,
    /// The changes that were made, in the order of the text.
    pub changes: Vec<AppliedChange>,
    /// Fixes that could not be written, with the reason.
    pub refused: Vec<Diagnostic>,
}

/// Reports the findings of the selected rules in the files of one cluster.
#[must_use]
pub fn lint(sources: &[Source<'_>], wanted: Wanted<'_>, selection: &Selection) -> Linted {
    let PlannedFiles { read, plans, stack } = plan(sources, wanted, selection, None);
    let file = |(read, plan): (&Result<Documents<'_>, InputError>, Result<Plan, InputError>)| {
        let documents = read.as_ref().map_err(Clone::clone)?;
        let (found, suppressed) = without_suppressed(documents.source.text, plan?.diagnostics, selection);
        let finding = |diagnostic: Diagnostic| {
            let object = documents.object_at(diagnostic.range.start);
            Finding { diagnostic, object }
        };
        Ok(LintedFile { findings: found.into_iter().map(finding).collect(), suppressed })
    };
    Linted { stack, files: read.iter().zip(plans).map(file).collect() }
}

/// Writes the fixes of the selected rules that are at least this safe. A fix that a comment suppresses is not written.
#[must_use]
pub fn fix(
    sources: &[Source<'_>],
    wanted: Wanted<'_>,
    selection: &Selection,
    least: Applicability,
) -> Vec<Result<FixedFile, InputError>> {
    let plans = plan(sources, wanted, selection, Some(least)).plans;
    let file = |plan: Result<Plan, InputError>| {
        let plan = plan?;
        let refused = plan.diagnostics.into_iter().filter(|found| found.rule.id.starts_with("EDIT-"));
        Ok(FixedFile {
            text: plan.text,
            edits: plan.edits,
            changes: plan.changes,
            refused: refused.collect(),
        })
    };
    plans.into_iter().map(file).collect()
}

fn plan<'s>(
    sources: &[Source<'s>],
    wanted: Wanted<'_>,
    selection: &Selection,
    fix: Option<Applicability>,
) -> PlannedFiles<'s> {
    let (target, as_found) = match wanted {
        Wanted::AsFound(target) => (target, true),
        Wanted::Target(target) => (target, false),
    };
    let lint = LintRequest { as_found, fix, selection };
    plan_request(sources, &Request { target, options: Options::default(), rules: RULES, lint: Some(lint) })
}

/// Takes away what comments suppress, and reports the comments that suppress nothing. Returns how many are suppressed, too.
fn without_suppressed(
    text: &str,
    mut findings: Vec<Diagnostic>,
    selection: &Selection,
) -> (Vec<Diagnostic>, usize) {
    let suppressions = Suppressions::read(text);
    if suppressions.all.is_empty() {
        return (findings, 0);
    }
    let before = findings.len();
    let rules = catalogue();
    let mut sweep = suppressions.sweep(&rules);
    let mut used: BTreeSet<String> = BTreeSet::new();
    let use_of = |comment: usize, id: &str| format!("{comment} {id}");
    // A plan has its findings in the order of the text.
    findings.retain(|found| {
        let hit = sweep.at(found.range.start).first(found.rule);
        used.extend(hit.map(|comment| use_of(comment, found.rule.id)));
        hit.is_none()
    });
    let suppressed = before - findings.len();
    for (i, one) in suppressions.all.iter().enumerate() {
        findings.extend(problems(one, |id| used.contains(&use_of(i, id)), selection, &rules));
    }
    findings.sort_by_key(|found| (found.range.start, found.rule.id));
    (findings, suppressed)
}

/// What is wrong with a comment. `is_used` says of the id of a rule whether the comment suppresses a finding of it.
fn problems(
    one: &Suppression,
    is_used: impl Fn(&'static str) -> bool,
    selection: &Selection,
    rules: &[&'static Metadata],
) -> Vec<Diagnostic> {
    let invalid = |range, message: String| Diagnostic::at_range(&INVALID_SUPPRESSION, range).message(message);
    let mut found = Vec::new();
    if let Some(what) = one.malformed {
        found.push(invalid(one.range.clone(), "this comment suppresses nothing".to_owned()).label(what));
    } else if !one.has_reason {
        let message = "this comment suppresses nothing: it gives no reason".to_owned();
        found.push(invalid(one.range.clone(), message).label("write the reason behind the bracket"));
    }
    for (range, word) in &one.rules {
        let Some(rule) = rules.iter().find(|rule| rule.is_called(word)) else {
            let near = near(word, rules);
            let hint =
                if near.is_empty() { String::new() } else { format!("did you mean {}?", near.join(", ")) };
            found.push(invalid(range.clone(), format!("there is no rule `{word}`")).label(hint));
            continue;
        };
        if one.is_valid() && selection.has(rule) && !is_used(rule.id) {
            let unused = Diagnostic::at_range(&UNUSED_SUPPRESSION, range.clone());
            found.push(unused.message(format!("{} finds nothing here", rule.id)));
        }
    }
    found.retain(|found| selection.has(found.rule));
    found
}
