//! From what the engine says to these shapes: byte offsets become places.

use crate::input::SourceFile;
use crate::inspection::{Fact, Facts, Inspected, InspectedField, InspectedInstall, Inspection};
use crate::transformation::{
    Applicability, Change, Coverage, Field, Finding, Fix, Hunk, Install, Line, LineKind, Location,
    MissingOption, Outcome, Place, Problem, Severity, Transformed, Weight,
};
use calico_ipv6_engine::diagnostic::{self, ChangeDescription};
use calico_ipv6_engine::model::facts::{self, Ipam};
use calico_ipv6_engine::model::{InputError, coverage};
use calico_ipv6_engine::output::diff::{self, hunks};
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::output::problem::problem;
use calico_ipv6_engine::output::recognised::recognised;
use calico_ipv6_engine::output::secrets::masked;
use calico_ipv6_engine::output::{form_fields, inspect};
use calico_ipv6_engine::rules;
use calico_ipv6_engine::source::{LineIndex, Source};
use calico_ipv6_engine::target::{Backend, OPTIONS, Target};
use calico_ipv6_engine::transform::{self, Plan};
use core::ops::Range;
use std::borrow::Cow;

/// How many lines stand around a change.
const CONTEXT: usize = 3;

/// A text of the input with its secrets masked.
pub(crate) fn shown(text: &str) -> String {
    masked(text).into_owned()
}

pub(crate) fn sources(files: &[SourceFile]) -> Vec<Source<'_>> {
    files.iter().map(|file| Source { name: &file.name, text: &file.text }).collect()
}

impl Transformed {
    /// What a plan says of a file.
    #[must_use]
    pub fn of(name: &str, excerpts: &Excerpts<'_>, plan: Plan, target: &Target) -> Transformed {
        let text = excerpts.text();
        let index = excerpts.lines();
        let hunks: Vec<Hunk> = plan.text.as_deref().map_or_else(Vec::new, |new| {
            hunks(text, new, &plan.edits, CONTEXT).iter().map(Hunk::from).collect()
        });
        let change = |applied: &transform::AppliedChange| {
            let line = applied.offset.map(|offset| index.line(offset));
            let ChangeDescription { resource, field, from, to, why } = excerpts.change(applied).description;
            Change {
                rule: applied.rule,
                resource,
                field,
                from,
                to,
                why,
                line,
                hunk: line.and_then(|line| Hunk::at(&hunks, line)),
            }
        };
        let mut changes: Vec<Change> = plan.changes.iter().map(change).collect();
        // One that is part of another's edit is shown where that one is.
        for i in 1..changes.len() {
            changes[i].hunk = changes[i].hunk.or(changes[i - 1].hunk);
        }
        let confirmed = plan.is_confirmed(target);
        Transformed {
            name: name.to_owned(),
            outcome: plan.outcome.into(),
            problem: None,
            recognised: recognised(&plan.installs, &plan.components).map(|text| shown(&text)),
            components: plan.components.iter().map(|component| shown(component)).collect(),
            installs: plan.installs.iter().map(Install::from).collect(),
            changes,
            pools: plan.pools.iter().map(|pool| shown(&pool.to_string())).collect(),
            findings: plan.diagnostics.iter().map(|found| Finding::of(excerpts, found)).collect(),
            missing_options: plan.missing_options.iter().map(MissingOption::from).collect(),
            documents: plan.documents,
            coverage: Coverage::of(index, &plan.coverage),
            confirmed,
            touched_documents: plan.touched,
            untouched_lines: plan.untouched_lines,
            text: plan.text,
            hunks,
        }
    }

    /// A file that cannot be read.
    #[must_use]
    pub fn unreadable(name: &str, excerpts: &Excerpts<'_>, error: &InputError) -> Transformed {
        Transformed {
            name: name.to_owned(),
            outcome: Outcome::Unreadable,
            problem: Some(Problem::of(excerpts.text(), error)),
            recognised: None,
            components: Vec::new(),
            installs: Vec::new(),
            changes: Vec::new(),
            pools: Vec::new(),
            findings: Vec::new(),
            missing_options: Vec::new(),
            documents: 0,
            coverage: Coverage::default(),
            confirmed: false,
            touched_documents: Vec::new(),
            untouched_lines: 0,
            text: None,
            hunks: Vec::new(),
        }
    }
}

impl Inspection {
    /// Inspects all files of one cluster together.
    #[must_use]
    pub fn of(files: &[SourceFile]) -> Inspection {
        let sources = sources(files);
        let found = calico_ipv6_engine::inspect(&sources);
        let inspected: Vec<_> = sources.iter().zip(found).map(Inspected::from_result).collect();
        inspected.into()
    }
}

impl Inspected {
    /// Inspects the files of one cluster.
    #[must_use]
    pub fn all(sources: &[Source<'_>]) -> Vec<Inspected> {
        let found = inspect::inspect(sources, &Target::default());
        sources.iter().zip(found).map(Inspected::from_result).collect()
    }

    fn from_result((source, found): (&Source<'_>, Result<inspect::Inspection, InputError>)) -> Inspected {
        match found {
            Ok(found) => Inspected::of(source.name, source.text, found),
            Err(error) => Inspected::unreadable(source.name, source.text, &error),
        }
    }

    fn of(name: &str, text: &str, found: inspect::Inspection) -> Inspected {
        let excerpts = Excerpts::new(text);
        Inspected {
            name: name.to_owned(),
            problem: None,
            components: found.components.iter().map(|component| shown(component)).collect(),
            fields: found.fields.into_iter().map(|row| InspectedField::of(&excerpts, row)).collect(),
            documents: found.documents,
            coverage: Coverage::of(excerpts.lines(), &found.coverage),
            installs: found
                .installs
                .into_iter()
                .map(|install| InspectedInstall::of(&excerpts, install))
                .collect(),
        }
    }

    /// A file that cannot be read.
    #[must_use]
    pub fn unreadable(name: &str, text: &str, error: &InputError) -> Inspected {
        Inspected {
            name: name.to_owned(),
            problem: Some(Problem::of(text, error)),
            components: Vec::new(),
            fields: Vec::new(),
            documents: 0,
            coverage: Coverage::default(),
            installs: Vec::new(),
        }
    }
}

/// A value that was read from a line.
fn value_of_line(excerpts: &Excerpts<'_>, line: Option<usize>, name: &str, value: &str) -> String {
    match line {
        Some(line) => excerpts.value_of_line(line, name, value),
        None => excerpts.value(None, name, value),
    }
}

impl InspectedInstall {
    fn of(excerpts: &Excerpts<'_>, install: inspect::InstallFacts) -> InspectedInstall {
        let fact = |row: inspect::Row| Fact {
            name: row.name,
            value: value_of_line(excerpts, row.line, row.name, &row.value),
            line: row.line,
        };
        InspectedInstall {
            title: shown(&install.title),
            facts: Facts::from(&install.facts),
            rows: install.rows.into_iter().map(fact).collect(),
        }
    }
}

impl Place {
    fn of(index: &LineIndex<'_>, range: &Range<usize>) -> Place {
        let (start, end) = (index.position(range.start), index.position(range.end));
        Place {
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            start: index.utf16_offset(range.start),
            end: index.utf16_offset(range.end),
        }
    }
}

impl Problem {
    /// Why a text cannot be read.
    #[must_use]
    pub fn of(text: &str, error: &InputError) -> Problem {
        let problem = problem(text, error);
        Problem {
            message: shown(&problem.message),
            label: shown(&problem.label),
            help: problem.help,
            place: problem.range.map(|range| Place::of(&LineIndex::new(text), &range)),
        }
    }
}

impl Coverage {
    fn of(index: &LineIndex<'_>, states: &[coverage::Coverage]) -> Coverage {
        let mut counts = Coverage::default();
        for one in states {
            match &one.state {
                coverage::State::Understood => counts.understood += 1,
                coverage::State::NotRelevant => counts.not_relevant += 1,
                // Its document is counted.
                coverage::State::Unread(_) => {}
                coverage::State::Template => counts.templates.push(index.line(one.range.start)),
                coverage::State::NotUnderstood(found) => {
                    let first = found.first().map_or(one.range.start, |first| first.range.start);
                    counts.not_understood.push(index.line(first));
                }
            }
        }
        counts
    }
}

impl Finding {
    pub(crate) fn of(excerpts: &Excerpts<'_>, finding: &rules::Diagnostic) -> Finding {
        // What a rule says of every place quotes nothing.
        let told = |text: &Cow<'static, str>| match text {
            Cow::Borrowed(of_rule) => (*of_rule).to_owned(),
            Cow::Owned(message) => excerpts.message(&finding.range, message),
        };
        Finding {
            rule: finding.rule.id,
            name: finding.rule.name,
            severity: finding.severity.into(),
            message: told(&finding.message),
            label: excerpts.message(&finding.range, &finding.label),
            consequence: told(&finding.consequence),
            help: told(&finding.help),
            path: shown(&finding.path),
            place: Place::of(excerpts.lines(), &finding.range),
            line: excerpts.masked_line(&finding.range),
            related: finding.related.iter().map(Location::from).collect(),
            blocks: finding.blocks(),
            fix: finding
                .fix
                .as_ref()
                .map(|fix| Fix::of(fix, |title| excerpts.message(&finding.range, title))),
        }
    }
}

impl From<&diagnostic::Related> for Location {
    fn from(related: &diagnostic::Related) -> Location {
        let position = related.place.position;
        Location {
            file: related.place.file.clone(),
            line: position.line,
            column: position.column,
            text: shown(&related.text),
        }
    }
}

impl Fix {
    fn of(fix: &diagnostic::Fix, shown: impl Fn(&str) -> String) -> Fix {
        let applicability = match fix.applicability {
            diagnostic::Applicability::DisplayOnly => Applicability::DisplayOnly,
            diagnostic::Applicability::Unsafe => Applicability::Unsafe,
            diagnostic::Applicability::Safe => Applicability::Safe,
        };
        Fix { title: shown(&fix.title()), applicability }
    }
}

impl Hunk {
    /// The hunk that shows a line of the old text, or the place where one was put in.
    fn at(hunks: &[Hunk], line: usize) -> Option<usize> {
        let index = hunks.partition_point(|hunk| hunk.old_start + hunk.old_lines < line);
        hunks.get(index).filter(|hunk| hunk.old_start <= line).map(|_| index)
    }
}

impl From<&diff::Hunk<'_>> for Hunk {
    fn from(hunk: &diff::Hunk<'_>) -> Hunk {
        let line = |line: &diff::Line<'_>| {
            let (kind, text) = match *line {
                diff::Line::Context(text) => (LineKind::Context, text),
                diff::Line::Removed(text) => (LineKind::Removed, text),
                diff::Line::Added(text) => (LineKind::Added, text),
            };
            Line { kind, text: text.to_owned() }
        };
        Hunk {
            old_start: hunk.old_start,
            old_lines: hunk.old_lines,
            new_start: hunk.new_start,
            new_lines: hunk.new_lines,
            lines: hunk.lines.iter().map(line).collect(),
        }
    }
}

impl From<&transform::Install> for Install {
    fn from(install: &transform::Install) -> Install {
        Install { title: shown(&install.title), facts: Facts::from(&install.facts) }
    }
}

impl From<&facts::Facts> for Facts {
    fn from(facts: &facts::Facts) -> Facts {
        Facts {
            variant: facts.variant.to_string(),
            calico: facts.calico.map(|version| version.to_string()),
            operator: facts.operator.map(|version| version.to_string()),
            stack: facts.stack.map(|stack| stack.to_string()),
            backend: match facts.backend {
                Backend::Bird => "bird",
                Backend::Vxlan => "vxlan",
                Backend::None => "none",
            },
            ebpf: facts.is_bpf,
            ipam: match facts.ipam {
                Ipam::Calico => Some("calico-ipam"),
                Ipam::HostLocal => Some("host-local"),
                Ipam::Unknown => None,
            },
            etcd_datastore: facts.has_etcd_datastore,
            mtu: facts.mtu,
        }
    }
}

impl From<&rules::MissingOption> for MissingOption {
    fn from(question: &rules::MissingOption) -> MissingOption {
        let key = OPTIONS.iter().find(|o| o.flag == question.flag).map_or(question.flag, |o| o.key);
        MissingOption {
            option: question.flag,
            key,
            why: shown(&question.why),
            example: question.example.clone(),
        }
    }
}

impl From<form_fields::Field> for Field {
    fn from(field: form_fields::Field) -> Field {
        Field {
            key: field.option.key,
            weight: match field.weight {
                form_fields::Weight::Missing => Weight::Missing,
                form_fields::Weight::Usual => Weight::Usual,
                form_fields::Weight::Rare => Weight::Rare,
            },
            note: field.note,
            used: field.used,
            example: field.example,
        }
    }
}

impl From<rules::Severity> for Severity {
    fn from(severity: rules::Severity) -> Severity {
        match severity {
            rules::Severity::Info => Severity::Info,
            rules::Severity::Warning => Severity::Warning,
            rules::Severity::Error => Severity::Error,
        }
    }
}

impl From<transform::Outcome> for Outcome {
    fn from(outcome: transform::Outcome) -> Outcome {
        match outcome {
            transform::Outcome::Changed => Outcome::Changed,
            transform::Outcome::Unchanged => Outcome::Unchanged,
            transform::Outcome::PassedThrough => Outcome::PassedThrough,
            transform::Outcome::Refused => Outcome::Refused,
            transform::Outcome::NeedsInput => Outcome::NeedsInput,
        }
    }
}

impl InspectedField {
    fn of(excerpts: &Excerpts<'_>, row: inspect::FieldRow) -> InspectedField {
        let inspect::FieldRow { component, name, value, line } = row;
        let value = value_of_line(excerpts, Some(line), &name, &value);
        InspectedField { component: shown(&component), name: shown(&name), value, line }
    }
}
