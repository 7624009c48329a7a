//! The summary of a transform: what changed and why, what was left unchanged, what to check.

use crate::terminal::{columns, prose, shown, width, wrapped};
use anstyle::{AnsiColor, Style};
use calico_ipv6_data::{Fact, Inspected, InspectedField};
use calico_ipv6_engine::address::Family;
use calico_ipv6_engine::cidr;
use calico_ipv6_engine::model::clusters::Cluster;
use calico_ipv6_engine::model::coverage::State;
use calico_ipv6_engine::output::checklist::{before_apply, running_cluster};
use calico_ipv6_engine::output::recognised::recognised;
use calico_ipv6_engine::output::secrets::masked_value;
use calico_ipv6_engine::rules::Severity;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{AppliedChange, Install, Outcome, Plan};
use std::fmt::Write as _;

/// How many clusters are named.
const CLUSTERS: usize = 8;

/// Where a reason begins that stands below its change.
const BELOW: &str = "        ";

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();

/// What happened to one file.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
    pub(crate) installs: Vec<Install>,
    pub(crate) components: Vec<String>,
    pub(crate) changes: Vec<AppliedChange>,
    pub(crate) documents: usize,
    pub(crate) touched: usize,
    pub(crate) untouched_lines: usize,
    /// Findings that are not fixed: the file may not have what was requested.
    pub(crate) warnings: usize,
    /// Errors that do not stop the transform.
    pub(crate) errors: usize,
    pub(crate) templates: usize,
    /// Documents that contain addresses or ranges and are not understood.
    pub(crate) not_understood: usize,
    /// What was requested.
    pub(crate) target: Target,
    /// Every requested IP family was read in a setting that decides, and nothing was skipped.
    pub(crate) is_confirmed: bool,
    /// The IP families that the file states, or contains addresses of.
    pub(crate) stated: Vec<Family>,
    pub(crate) pools: Vec<String>,
}

impl Done {
    /// `mentioned` are the families of all addresses in a file that is not changed, whatever they decide.
    pub(crate) fn new(name: &str, plan: &Plan, mentioned: Vec<Family>, target: &Target) -> Done {
        let count = |wanted: fn(&State) -> bool| plan.coverage.iter().filter(|c| wanted(&c.state)).count();
        Done {
            name: shown(name),
            outcome: plan.outcome,
            installs: plan.installs.clone(),
            components: plan.components.clone(),
            changes: plan.changes.clone(),
            documents: plan.documents,
            touched: plan.touched.len(),
            untouched_lines: plan.untouched_lines,
            warnings: plan
                .diagnostics
                .iter()
                .filter(|f| f.severity == Severity::Warning && !f.is_fixed())
                .count(),
            errors: plan
                .diagnostics
                .iter()
                .filter(|f| f.severity == Severity::Error && !f.is_fixed())
                .count(),
            templates: count(|state| *state == State::Template),
            not_understood: count(|state| matches!(state, State::NotUnderstood(_))),
            target: target.clone(),
            is_confirmed: plan.is_confirmed(target),
            stated: plan.stated.iter().copied().chain(mentioned).collect(),
            pools: plan.pools.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Done {
    /// What of the file was not checked.
    fn skipped(&self) -> Vec<String> {
        let not_rendered =
            (self.templates > 0).then(|| format!("{} not rendered", count(self.templates, "template")));
        let not_understood = (self.not_understood > 0).then(|| {
            format!("{} with addresses that are not understood", count(self.not_understood, "document"))
        });
        not_rendered.into_iter().chain(not_understood).collect()
    }
}

/// Why a file is not changed. Nothing is claimed that was not read.
fn unchanged(file: &Done) -> String {
    let target = &file.target;
    if file.is_confirmed {
        return format!("already {}, nothing to change", target.to);
    }
    let mut notes = file.skipped();
    if file.errors > 0 {
        notes.push(count(file.errors, "error"));
    }
    if file.warnings > 0 {
        notes.push(count(file.warnings, "warning"));
    }
    match (file.outcome, notes.is_empty()) {
        (Outcome::PassedThrough, true) => "no IPv6-relevant settings, left unchanged".to_owned(),
        (Outcome::PassedThrough, false) => format!("left unchanged; not checked: {}", notes.join(", ")),
        (_, false) => format!("nothing to change; {}", notes.join(", ")),
        (_, true) => {
            let missing = [(target.to.has_ipv4(), Family::Ipv4), (target.to.has_ipv6(), Family::Ipv6)];
            let is_missing = |(wanted, family): &(bool, Family)| *wanted && !file.stated.contains(family);
            match missing.iter().find(|one| is_missing(one)) {
                Some((_, family)) => format!("nothing to change; it states no {family} range or address"),
                None => "nothing to change".to_owned(),
            }
        }
    }
}

fn count(number: usize, thing: &str) -> String {
    cidr::count(number as u128, thing)
}

/// The summary of all files. `verb` is what happened to them: `written`, or nothing.
pub(crate) fn all(done: &[Done], clusters: &[Cluster], target: &Target, verb: &str, verbose: bool) -> String {
    let mut out = String::new();
    if clusters.len() > 1 {
        let one = |c: &Cluster| format!("{} ({})", shown(&c.name), count(c.files.len(), "file"));
        let named: Vec<String> = clusters.iter().take(CLUSTERS).map(one).collect();
        let more = clusters.len().saturating_sub(CLUSTERS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(out, "{}: {}{more}", count(clusters.len(), "cluster"), named.join(", "));
    }
    let changed = done.iter().filter(|d| d.outcome == Outcome::Changed).count();
    let brief = changed > 5 && !verbose;
    let mut passed = 0;
    for file in done {
        match file.outcome {
            Outcome::PassedThrough if done.len() > 1 && !verbose && file.skipped().is_empty() => passed += 1,
            Outcome::PassedThrough | Outcome::Unchanged => {
                let _ = writeln!(out, "{}: {}", file.name, unchanged(file));
            }
            Outcome::Changed if brief => {
                let _ = writeln!(out, "{}: {}", file.name, tally(file, verb));
            }
            _ => out.push_str(&details(file, verb)),
        }
    }
    if passed > 0 {
        let _ = writeln!(out, "{} without IPv6-relevant settings, left unchanged", count(passed, "file"));
    }
    if changed > 0 {
        let installs: Vec<Install> = done.iter().flat_map(|d| d.installs.iter().cloned()).collect();
        let has_cluster = done.iter().any(|d| !d.components.is_empty());
        out.push_str(&checks(&installs, has_cluster, target));
    }
    out
}

fn tally(file: &Done, verb: &str) -> String {
    let verb = if verb.is_empty() { String::new() } else { format!("; {verb}") };
    format!(
        "{} in {} of {}; {} untouched{verb}",
        count(file.changes.len(), "change"),
        file.touched,
        count(file.documents, "document"),
        count(file.untouched_lines, "line"),
    )
}

fn heading(file: &Done) -> String {
    let target = &file.target;
    let Some(recognised) = recognised(&file.installs, &file.components) else { return String::new() };
    let stack = file.installs.first().and_then(|install| install.facts.stack);
    let before = stack.filter(|stack| *stack != target.to).map(|stack| format!("{stack} -> "));
    shown(&format!("{recognised}, {}{}", before.unwrap_or_default(), target.to))
}

fn details(file: &Done, verb: &str) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}: {}", file.name, heading(file));
    let rows: Vec<(&AppliedChange, String)> = file.changes.iter().map(|c| (c, value(c))).collect();
    let widest = |of: &dyn Fn(&(&AppliedChange, String)) -> usize, most: usize| {
        rows.iter().map(of).filter(|n| *n <= most).max().unwrap_or(0)
    };
    let fields = widest(&|r| columns(&shown(&r.0.description.field)), 34);
    let values = widest(&|r| columns(&r.1), 36);
    let mut resource = "";
    let width = width();
    for (change, value) in &rows {
        if change.description.resource != resource {
            resource = &change.description.resource;
            let _ = writeln!(out, "  {}", shown(resource));
        }
        let field = padded(&shown(&change.description.field), fields);
        let left = format!("    {field}  {}", padded(value, values));
        let why = shown(&change.description.why);
        let reason = format!("{why}  {}", change.rule);
        if columns(&left) + 2 + columns(&reason) <= width {
            let _ = writeln!(out, "{left}  {DIM}{}{DIM:#}", reason.trim_start());
            continue;
        }
        let _ = writeln!(out, "{}", left.trim_end());
        let mut lines = wrapped(&why, width, BELOW, BELOW);
        match lines.last_mut().filter(|last| columns(last) + 2 + change.rule.len() <= width) {
            Some(last) => *last = format!("{last}  {}", change.rule),
            None => lines.push(format!("{BELOW}{}", change.rule)),
        }
        for line in lines {
            let _ = writeln!(out, "{DIM}{line}{DIM:#}");
        }
    }
    let _ = writeln!(out, "{GREEN}{}{GREEN:#}", tally(file, verb));
    if !file.pools.is_empty() {
        out.push_str(&prose(&format!("IP pools on a new cluster: {}", file.pools.join(", ")), "", "  "));
    }
    if file.templates > 0 {
        let _ = writeln!(out, "{} not rendered, left unchanged", count(file.templates, "template"));
    }
    out
}

/// A text that fills at least `width` columns.
fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

fn value(change: &AppliedChange) -> String {
    let description = &change.description;
    let text =
        |value: &Option<String>| value.as_ref().map(|value| shown(&masked_value(&description.field, value)));
    match (text(&description.from), text(&description.to)) {
        (Some(from), Some(to)) if from.is_empty() => format!("(empty) -> {to}"),
        (Some(from), Some(to)) => format!("{from} -> {to}"),
        (None, Some(to)) => to,
        (Some(from), None) if from.is_empty() => "removed".to_owned(),
        (Some(from), None) => format!("{from}, removed"),
        (None, None) => "removed".to_owned(),
    }
}

fn checks(installs: &[Install], has_cluster: bool, target: &Target) -> String {
    let mut out = String::new();
    let checks = before_apply(installs, has_cluster, target);
    if !checks.is_empty() {
        let _ = writeln!(out, "\n{BOLD}before you apply:{BOLD:#}");
    }
    for (i, check) in checks.iter().enumerate() {
        out.push_str(&prose(&check.text, &format!("  {}. ", i + 1), "     "));
        if let Some(command) = check.command {
            let _ = writeln!(out, "     {DIM}{command}{DIM:#}");
        }
    }
    if let Some(text) = running_cluster(installs, has_cluster, target) {
        out.push_str(&prose(text, "running cluster: ", "  "));
    }
    out
}

/// The facts of a file as a table.
pub(crate) fn inspection(found: &Inspected) -> String {
    let name = &shown(&found.name);
    let mut out = String::new();
    let coverage = &found.coverage;
    let templates = if !coverage.templates.is_empty() {
        format!(", {} not rendered yet", count(coverage.templates.len(), "template"))
    } else {
        String::new()
    };
    let unknown = match coverage.not_understood.first() {
        None => String::new(),
        Some(line) => format!(
            ", {} with addresses that are not understood ({name}:{line})",
            coverage.not_understood.len()
        ),
    };
    let _ = writeln!(
        out,
        "{name}: {}, {} understood{templates}{unknown}",
        count(found.documents, "document"),
        coverage.understood,
    );
    for component in &found.components {
        let _ = writeln!(out, "  {}", shown(component));
        let fields = found.fields.iter().filter(|f| f.component == *component);
        let row = |f: &InspectedField| (shown(&f.name), secret_free(&f.name, &f.value), Some(f.line));
        out.push_str(&table(name, &fields.map(row).collect::<Vec<_>>()));
    }
    for install in &found.installs {
        let _ = writeln!(out, "  {}", shown(&install.title));
        let row = |r: &Fact| (r.name.to_owned(), secret_free(r.name, &r.value), r.line);
        out.push_str(&table(name, &install.rows.iter().map(row).collect::<Vec<_>>()));
    }
    out
}

/// The value of a field, without secrets and control characters.
fn secret_free(name: &str, value: &str) -> String {
    shown(&masked_value(name, value))
}

/// Names, values, and where each value was read.
fn table(file: &str, rows: &[(String, String, Option<usize>)]) -> String {
    let names = rows.iter().map(|r| columns(&r.0)).max().unwrap_or(0);
    let values = rows.iter().map(|r| columns(&r.1)).filter(|n| *n < 60).max().unwrap_or(0);
    let mut out = String::new();
    for (name, value, line) in rows {
        let line = line.map_or(String::new(), |line| format!("  {file}:{line}"));
        let text = format!("    {}  {}{line}", padded(name, names), padded(value, values));
        let _ = writeln!(out, "{}", text.trim_end());
    }
    out
}
