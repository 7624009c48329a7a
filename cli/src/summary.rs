//! What a transform says when it is done: what changed and why, what was left alone, what to check.

use anstyle::{AnsiColor, Style};
use calico_ipv6_data::Inspected;
use calico_ipv6_engine::address::Family;
use calico_ipv6_engine::cidr;
use calico_ipv6_engine::model::clusters::Cluster;
use calico_ipv6_engine::model::coverage::State;
use calico_ipv6_engine::output::checklist::{before_apply, running_cluster};
use calico_ipv6_engine::output::recognised::recognised;
use calico_ipv6_engine::rules::Severity;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{AppliedChange, Install, Outcome, Plan};
use std::fmt::Write as _;

/// The widest line before a reason moves below its change.
const WIDTH: usize = 110;

/// How many clusters are named.
const CLUSTERS: usize = 8;

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
    /// Found and not mended: what was wanted may not be what the file says.
    pub(crate) warnings: usize,
    pub(crate) templates: usize,
    /// Documents that contain addresses or ranges and are not understood.
    pub(crate) not_understood: usize,
    /// Every requested IP family was read in a setting that decides, and nothing was skipped.
    pub(crate) is_confirmed: bool,
    /// The IP families that the file states.
    pub(crate) stated: Vec<Family>,
    pub(crate) pools: Vec<String>,
}

impl Done {
    pub(crate) fn new(name: String, plan: &Plan, target: &Target) -> Done {
        let count = |wanted: fn(&State) -> bool| plan.coverage.iter().filter(|c| wanted(&c.state)).count();
        Done {
            name,
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
            templates: count(|state| *state == State::Template),
            not_understood: count(|state| matches!(state, State::NotUnderstood(_))),
            is_confirmed: plan.is_confirmed(target),
            stated: plan.stated.clone(),
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
fn unchanged(file: &Done, target: &Target) -> String {
    if file.is_confirmed {
        return format!("already {}, nothing to change", target.to);
    }
    let mut notes = file.skipped();
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

/// The summary of all files. `verb` is what became of them: `written`, or nothing.
pub(crate) fn all(done: &[Done], clusters: &[Cluster], target: &Target, verb: &str, verbose: bool) -> String {
    let mut out = String::new();
    if clusters.len() > 1 {
        let one = |c: &Cluster| format!("{} ({})", c.name, count(c.files.len(), "file"));
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
                let _ = writeln!(out, "{}: {}", file.name, unchanged(file, target));
            }
            Outcome::Changed if brief => {
                let _ = writeln!(out, "{}: {}", file.name, tally(file, verb));
            }
            _ => out.push_str(&details(file, target, verb)),
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
    let verb = if verb.is_empty() { String::new() } else { format!(". {verb}") };
    format!(
        "{} in {} of {}; {} untouched{verb}",
        count(file.changes.len(), "change"),
        file.touched,
        count(file.documents, "document"),
        count(file.untouched_lines, "line"),
    )
}

fn heading(file: &Done, target: &Target) -> String {
    let Some(recognised) = recognised(&file.installs, &file.components) else { return String::new() };
    let stack = file.installs.first().and_then(|install| install.facts.stack);
    let before = stack.filter(|stack| *stack != target.to).map(|stack| format!("{stack} -> "));
    format!("{recognised}, {}{}", before.unwrap_or_default(), target.to)
}

fn details(file: &Done, target: &Target, verb: &str) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}: {}", file.name, heading(file, target));
    let rows: Vec<(&AppliedChange, String)> = file.changes.iter().map(|c| (c, value(c))).collect();
    let widest = |of: &dyn Fn(&(&AppliedChange, String)) -> usize, most: usize| {
        rows.iter().map(of).filter(|n| *n <= most).max().unwrap_or(0)
    };
    let fields = widest(&|r| r.0.description.field.len(), 34);
    let values = widest(&|r| r.1.len(), 36);
    let mut resource = "";
    for (change, value) in &rows {
        if change.description.resource != resource {
            resource = &change.description.resource;
            let _ = writeln!(out, "  {resource}");
        }
        let left = format!("    {:<fields$}  {:<values$}", change.description.field, value);
        if left.len() + 2 + change.description.why.len() <= WIDTH {
            let _ = writeln!(out, "{left}  {DIM}{}{DIM:#}", change.description.why);
        } else {
            let _ = writeln!(out, "{}\n        {DIM}{}{DIM:#}", left.trim_end(), change.description.why);
        }
    }
    let _ = writeln!(out, "{GREEN}{}{GREEN:#}", tally(file, verb));
    if !file.pools.is_empty() {
        let _ = writeln!(out, "IP pools on a new cluster: {}", file.pools.join(", "));
    }
    if file.templates > 0 {
        let _ = writeln!(out, "{} not rendered yet, passed through", count(file.templates, "template"));
    }
    out
}

fn value(change: &AppliedChange) -> String {
    match (&change.description.from, &change.description.to) {
        (Some(from), Some(to)) if from.is_empty() => format!("(empty) -> {to}"),
        (Some(from), Some(to)) => format!("{from} -> {to}"),
        (None, Some(to)) => to.clone(),
        (Some(from), None) if from.is_empty() => "taken out".to_owned(),
        (Some(from), None) => format!("{from}, taken out"),
        (None, None) => "taken out".to_owned(),
    }
}

fn checks(installs: &[Install], has_cluster: bool, target: &Target) -> String {
    let mut out = String::new();
    let checks = before_apply(installs, has_cluster, target);
    if !checks.is_empty() {
        let _ = writeln!(out, "\n{BOLD}before you apply{BOLD:#}");
    }
    for (i, check) in checks.iter().enumerate() {
        let _ = writeln!(out, "  {}. {}", i + 1, check.text);
        if let Some(command) = check.command {
            let _ = writeln!(out, "     {DIM}{command}{DIM:#}");
        }
    }
    if let Some(text) = running_cluster(installs, has_cluster, target) {
        let _ = writeln!(out, "running cluster: {text}");
    }
    out
}

/// The facts of a file as a table.
pub(crate) fn inspection(found: &Inspected) -> String {
    let name = &found.name;
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
        let _ = writeln!(out, "  {component}");
        let fields: Vec<_> = found.fields.iter().filter(|f| f.component == *component).collect();
        let names = fields.iter().map(|f| f.name.len()).max().unwrap_or(0);
        let values = fields.iter().map(|f| f.value.len()).filter(|n| *n < 60).max().unwrap_or(0);
        for field in fields {
            let (field, value, line) = (&field.name, &field.value, field.line);
            let _ = writeln!(out, "    {field:<names$}  {value:<values$}  {name}:{line}");
        }
    }
    for install in &found.installs {
        let _ = writeln!(out, "  {}", install.title);
        let names = install.rows.iter().map(|r| r.name.len()).max().unwrap_or(0);
        let values = install.rows.iter().map(|r| r.value.len()).filter(|n| *n < 60).max().unwrap_or(0);
        for row in &install.rows {
            let line = row.line.map_or(String::new(), |line| format!("  {name}:{line}"));
            let text = format!("    {:<names$}  {:<values$}{line}", row.name, row.value);
            let _ = writeln!(out, "{}", text.trim_end());
        }
    }
    out
}
