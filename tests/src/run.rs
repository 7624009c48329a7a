//! A case through the engine: what comes out, in the words of the cases.

use crate::case::Case;
use calico_ipv6_engine::diagnostic::Diagnostic;
use calico_ipv6_engine::model::InputError;
use calico_ipv6_engine::output::diff::unified;
use calico_ipv6_engine::source::{Source, position};
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, Outcome, Plan, plan};
use std::fmt::Write as _;

/// What the engine made of an input.
#[derive(Debug)]
pub enum Made {
    /// A plan.
    Plan(Box<Plan>),
    /// The input cannot be read.
    BadInput(InputError),
    /// The options cannot be: the flags that are told.
    BadOptions(Vec<String>),
}

/// The target that flags describe, or the flags that are wrong.
///
/// # Errors
/// The flags that are told as wrong.
///
/// # Panics
/// Where an option is written neither `--flag value` nor `--flag=value`.
pub fn target(options: &[String]) -> Result<Target, Vec<String>> {
    let mut pairs = Vec::new();
    let mut words = options.iter();
    while let Some(word) = words.next() {
        let flag = word.strip_prefix("--").unwrap_or_else(|| panic!("`{word}` is no flag"));
        match flag.split_once('=') {
            Some((flag, value)) => pairs.push((flag, value)),
            None => {
                pairs
                    .push((flag, words.next().unwrap_or_else(|| panic!("`--{flag}` has no value")).as_str()));
            }
        }
    }
    let flags = |e: &calico_ipv6_engine::target::TargetError| e.option.unwrap_or("?").to_owned();
    Target::from_options(pairs).map_err(|errors| errors.iter().map(flags).collect())
}

/// The options, as pairs of a flag and its value, without those of the IP family that the target stack lacks: the engine
/// refuses these.
#[must_use]
pub fn fitting<'w>(to: &str, words: &[&'w str]) -> Vec<&'w str> {
    let others: &[&str] = match to {
        "ipv6-only" => &["--ipv4-"],
        "ipv4-only" => &["--ipv6-", "--encapsulation"],
        _ => return words.to_vec(),
    };
    let is_other = |word: &str| others.iter().any(|other| word.starts_with(other));
    words.chunks(2).filter(|pair| !is_other(pair[0])).flatten().copied().collect()
}

/// Runs the engine.
#[must_use]
pub fn run(input: &str, options: &[String]) -> Made {
    let target = match target(options) {
        Ok(target) => target,
        Err(flags) => return Made::BadOptions(flags),
    };
    match plan(Source { name: "input.yaml", text: input }, &target, Options::default()) {
        Ok(plan) => Made::Plan(Box::new(plan)),
        Err(error) => Made::BadInput(error),
    }
}

/// The `expected` block that says what was made.
#[must_use]
pub fn told(input: &str, made: &Made) -> String {
    let mut out = String::new();
    let place = |offset| {
        let at = position(input, offset);
        format!("{}:{}", at.line, at.column)
    };
    match made {
        Made::BadOptions(flags) => flags.iter().for_each(|flag| {
            let _ = writeln!(out, "bad option --{flag}");
        }),
        Made::BadInput(InputError::NotYaml(error)) => {
            let _ = writeln!(out, "not YAML {}", place(error.offset));
        }
        Made::BadInput(InputError::Template(offset)) => {
            let _ = writeln!(out, "template {}", place(*offset));
        }
        Made::BadInput(InputError::TooMany(limit, offset)) => {
            let _ = writeln!(out, "{limit} {}", place(*offset));
        }
        Made::BadInput(InputError::TooLarge(_)) => out.push_str("too large\n"),
        Made::Plan(plan) => {
            match plan.outcome {
                Outcome::Changed => {}
                Outcome::Unchanged => out.push_str("unchanged\n"),
                Outcome::PassedThrough => out.push_str("passed through\n"),
                Outcome::Refused => out.push_str("refused\n"),
                Outcome::NeedsInput => plan.missing_options.iter().for_each(|question| {
                    let _ = writeln!(out, "asks --{}", question.flag);
                }),
            }
            for diagnostic in &plan.diagnostics {
                let (severity, rule, message) =
                    (diagnostic.severity, diagnostic.rule.id, &diagnostic.message);
                let _ = writeln!(out, "{severity} {rule} {}: {message}", place(diagnostic.range.start));
                for related in &diagnostic.related {
                    let at = related.place.position;
                    let _ = writeln!(out, "  and {}:{}: {}", at.line, at.column, related.text);
                }
                if plan.outcome == Outcome::Changed && diagnostic.is_fixed() {
                    plan_changes(diagnostic, &mut out);
                }
            }
        }
    }
    out
}

/// What a fix changes: `+` adds a field, `-` removes one, `~` sets one.
fn plan_changes(diagnostic: &Diagnostic, out: &mut String) {
    let changes = diagnostic.fix.iter().flat_map(|fix| &fix.changes);
    for change in changes.filter_map(|change| change.description.as_ref()) {
        let field = &change.field;
        let _ = match (&change.from, &change.to) {
            (None, Some(to)) => writeln!(out, "  + {field}: {to}"),
            (Some(from), Some(to)) => writeln!(out, "  ~ {field}: {from} -> {to}"),
            (Some(from), None) => writeln!(out, "  - {field}: {from}"),
            (None, None) => writeln!(out, "  - {field}"),
        };
    }
}

/// The `diff` block that says what was made; carriage returns are told as `\\r`.
#[must_use]
pub fn diff(input: &str, made: &Made) -> String {
    let Made::Plan(plan) = made else { return String::new() };
    let Some(text) = &plan.text else { return String::new() };
    let lines = unified(b"input.yaml", input, text, &plan.edits);
    lines.split_terminator('\n').skip(2).map(|line| format!("{}\n", line.replace('\r', "\\r"))).collect()
}

/// The exit code that is documented for this outcome.
#[must_use]
pub fn exit_code(made: &Made) -> i32 {
    match made {
        Made::BadInput(_) | Made::BadOptions(_) => 2,
        Made::Plan(plan) => match plan.outcome {
            Outcome::Changed | Outcome::Unchanged | Outcome::PassedThrough => 0,
            Outcome::Refused => 1,
            Outcome::NeedsInput => 2,
        },
    }
}

/// The text that stands there afterwards; none where nothing may be written.
#[must_use]
pub fn output<'t>(case: &'t Case, made: &'t Made) -> Option<&'t str> {
    match made {
        Made::Plan(plan) if exit_code(made) == 0 => Some(plan.text.as_deref().unwrap_or(&case.input)),
        _ => None,
    }
}
