//! The summary of a transform: what changed and why, what was left unchanged, what to check.

use crate::people::{Text, shown, text};
use crate::terminal::{columns, prose, width, wrapped};
use anstyle::{AnsiColor, Style};
use calico_ipv6_data::{Fact, Inspected, InspectedField};
use calico_ipv6_engine::address::Family;
use calico_ipv6_engine::cidr;
use calico_ipv6_engine::model::coverage::State;
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::output::recognised::recognised;
use calico_ipv6_engine::output::steps::Check;
use calico_ipv6_engine::rules::Severity;
use calico_ipv6_engine::target::{Stack, Target};
use calico_ipv6_engine::transform::{AppliedChange, Install, Outcome, Plan};
use std::collections::HashMap;

/// Where a reason begins that stands below its change.
const BELOW: usize = 8;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();

/// What happened to one file.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) name: Text,
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
    pub(crate) pools: Vec<Text>,
}

impl Done {
    /// `mentioned` are the families of all addresses in a file that is not changed, whatever they decide.
    pub(crate) fn new(
        name: &str,
        excerpts: &Excerpts<'_>,
        plan: &Plan,
        mentioned: Vec<Family>,
        target: &Target,
    ) -> Done {
        let count = |wanted: fn(&State) -> bool| plan.coverage.iter().filter(|c| wanted(&c.state)).count();
        Done {
            name: shown(name),
            outcome: plan.outcome,
            installs: plan.installs.clone(),
            components: plan.components.clone(),
            changes: plan.changes.iter().map(|change| excerpts.change(change)).collect(),
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
            pools: plan.pools.iter().map(|pool| shown(&pool.to_string())).collect(),
        }
    }
}

impl Done {
    /// What of the file was not checked.
    fn skipped(&self) -> Vec<Text> {
        let not_rendered =
            (self.templates > 0).then(|| text!("{} not rendered", count(self.templates, "template")));
        let not_understood = (self.not_understood > 0).then(|| {
            text!("{} with settings that are not understood", count(self.not_understood, "document"))
        });
        not_rendered.into_iter().chain(not_understood).collect()
    }
}

/// Why a file is not changed. Nothing is claimed that was not read.
fn unchanged(file: &Done) -> Text {
    let target = &file.target;
    if file.is_confirmed {
        return text!("already {}, nothing to change", target.to);
    }
    let mut notes = file.skipped();
    if file.errors > 0 {
        notes.push(count(file.errors, "error"));
    }
    if file.warnings > 0 {
        notes.push(count(file.warnings, "warning"));
    }
    match (file.outcome, notes.is_empty()) {
        (Outcome::PassedThrough, true) => "no IPv6-relevant settings, left unchanged".into(),
        (Outcome::PassedThrough, false) => {
            text!("left unchanged; not checked: {}", Text::join(&notes, ", "))
        }
        (_, false) => text!("nothing to change; {}", Text::join(&notes, ", ")),
        (_, true) => {
            let missing = [(target.to.has_ipv4(), Family::Ipv4), (target.to.has_ipv6(), Family::Ipv6)];
            let is_missing = |(wanted, family): &(bool, Family)| *wanted && !file.stated.contains(family);
            match missing.iter().find(|one| is_missing(one)) {
                Some((_, family)) => {
                    text!("nothing to change; it sets no {} range or address of the cluster", *family)
                }
                None => "nothing to change".into(),
            }
        }
    }
}

pub(crate) fn count(number: usize, thing: &'static str) -> Text {
    Text::ours(&cidr::count(number as u128, thing))
}

/// What happened to the files; `verb` is `written`, or nothing.
pub(crate) fn all(done: &[Done], verb: &'static str, verbose: bool) -> Text {
    let mut out = Text::default();
    let changed = done.iter().filter(|d| d.outcome == Outcome::Changed).count();
    let brief = changed > 5 && !verbose;
    let mut passed = 0;
    for file in done {
        match file.outcome {
            Outcome::PassedThrough if done.len() > 1 && !verbose && file.skipped().is_empty() => passed += 1,
            Outcome::PassedThrough | Outcome::Unchanged => {
                out.push(&text!("{}: {}\n", file.name, unchanged(file)));
            }
            Outcome::Changed if brief => out.push(&text!("{}: {}\n", file.name, tally(file, verb))),
            _ => out.push(&details(file, verb)),
        }
    }
    if passed > 0 {
        out.push(&text!("{} without IPv6-relevant settings, left unchanged\n", count(passed, "file")));
    }
    out
}

fn tally(file: &Done, verb: &'static str) -> Text {
    text!(
        "{} in {} of {}; {} untouched{}{}",
        count(file.changes.len(), "change"),
        file.touched,
        count(file.documents, "document"),
        count(file.untouched_lines, "line"),
        if verb.is_empty() { "" } else { "; " },
        verb
    )
}

fn heading(file: &Done) -> Text {
    let target = &file.target;
    let Some(recognised) = recognised(&file.installs, &file.components) else { return Text::default() };
    let stack = file.installs.first().and_then(|install| install.facts.stack);
    let before = stack.filter(|stack| *stack != target.to).map(|stack| text!("{} -> ", stack));
    text!("{}, {}{}", shown(&recognised), before.unwrap_or_default(), target.to)
}

fn details(file: &Done, verb: &'static str) -> Text {
    let mut out = text!("{}{}{:#}: {}\n", BOLD, file.name, BOLD, heading(file));
    let row = |change: &AppliedChange| (shown(&change.description.field), value(change));
    let rows: Vec<(Text, Text)> = file.changes.iter().map(row).collect();
    let widest = |of: &dyn Fn(&(Text, Text)) -> usize, most| {
        rows.iter().map(of).filter(|n| *n <= most).max().unwrap_or(0)
    };
    let fields = widest(&|(field, _)| columns(field), 34);
    let values = widest(&|(_, value)| columns(value), 36);
    let mut resource = "";
    let width = width();
    for (change, (field, value)) in file.changes.iter().zip(&rows) {
        if change.description.resource != resource {
            resource = &change.description.resource;
            out.push(&text!("  {}\n", shown(resource)));
        }
        let left = text!("    {}  {}", padded(field, fields), padded(value, values));
        let why = shown(&change.description.why);
        let reason = if why.is_empty() { change.rule.into() } else { text!("{}  {}", why, change.rule) };
        if columns(&left) + 2 + columns(&reason) <= width {
            out.push(&text!("{}  {}{}{:#}\n", left, DIM, reason, DIM));
            continue;
        }
        out.push(&text!("{}\n", left.trim_end()));
        let below = Text::spaces(BELOW);
        let mut lines = wrapped(&why, width, &below, &below);
        match lines.last_mut().filter(|last| columns(last) + 2 + change.rule.len() <= width) {
            Some(last) => *last = text!("{}  {}", *last, change.rule),
            None => lines.push(text!("{}{}", below, change.rule)),
        }
        for line in lines {
            out.push(&text!("{}{}{:#}\n", DIM, line, DIM));
        }
    }
    out.push(&text!("{}{}{:#}\n", GREEN, tally(file, verb), GREEN));
    if !file.pools.is_empty() {
        let pools = text!("IP pools on a new cluster: {}", Text::join(&file.pools, ", "));
        out.push(&prose(&pools, &Text::default(), &Text::spaces(2)));
    }
    if file.templates > 0 {
        out.push(&text!("{} not rendered, left unchanged\n", count(file.templates, "template")));
    }
    out
}

/// A text that fills at least `width` columns.
fn padded(text: &Text, width: usize) -> Text {
    text!("{}{}", text, Text::spaces(width.saturating_sub(columns(text))))
}

fn value(change: &AppliedChange) -> Text {
    let description = &change.description;
    let text = |value: &Option<String>| value.as_ref().map(|value| Text::value(&description.field, value));
    match (text(&description.from), text(&description.to)) {
        (Some(from), Some(to)) if from.is_empty() => text!("(empty) -> {}", to),
        (Some(from), Some(to)) => text!("{} -> {}", from, to),
        (None, Some(to)) => to,
        (Some(from), None) if from.is_empty() => "removed".into(),
        (Some(from), None) => text!("{}, removed", from),
        (None, None) => "removed".into(),
    }
}

/// What to check, and what becomes of a cluster that runs (`running`).
pub(crate) fn before_you_apply(checks: &[Check], running: Option<&str>, target: &Target) -> Text {
    let mut out = Text::default();
    if !checks.is_empty() {
        out.push(&text!("\n{}before you apply:{:#}\n", BOLD, BOLD));
    }
    for (i, check) in checks.iter().enumerate() {
        out.push(&prose(&Text::ours(&check.text), &text!("  {}. ", i + 1), &Text::spaces(5)));
        if let Some(command) = check.command {
            out.push(&text!("     {}{}{:#}\n", DIM, command, DIM));
        }
    }
    if let Some(running) = running {
        let steps = if target.to == Stack::Ipv6Only { "" } else { "; -o steps prints the commands" };
        let text = text!("{}{}", Text::ours(running), steps);
        out.push(&prose(&text, &"running cluster: ".into(), &Text::spaces(2)));
    }
    out
}

/// The facts of a file as a table.
pub(crate) fn inspection(found: &Inspected) -> Text {
    let name = &shown(&found.name);
    let coverage = &found.coverage;
    let templates = if !coverage.templates.is_empty() {
        text!(", {} not rendered yet", count(coverage.templates.len(), "template"))
    } else {
        Text::default()
    };
    let unknown = match coverage.not_understood.first() {
        None => Text::default(),
        Some(line) => text!(
            ", {} with settings that are not understood ({}:{})",
            coverage.not_understood.len(),
            name,
            line
        ),
    };
    let mut out = text!(
        "{}: {}, {} understood{}{}\n",
        name,
        count(found.documents, "document"),
        coverage.understood,
        templates,
        unknown
    );
    let mut fields: HashMap<&str, Vec<&InspectedField>> = HashMap::new();
    for field in &found.fields {
        fields.entry(&field.component).or_default().push(field);
    }
    for component in &found.components {
        out.push(&text!("  {}\n", shown(component)));
        let fields = fields.get(component.as_str()).into_iter().flatten().copied();
        let row = |f: &InspectedField| (shown(&f.name), Text::value(&f.name, &f.value), Some(f.line));
        out.push(&table(name, &fields.map(row).collect::<Vec<_>>()));
    }
    for install in &found.installs {
        out.push(&text!("  {}\n", shown(&install.title)));
        let row = |r: &Fact| (r.name.into(), Text::value(r.name, &r.value), r.line);
        out.push(&table(name, &install.rows.iter().map(row).collect::<Vec<_>>()));
    }
    out
}

/// Names, values, and where each value was read.
fn table(file: &Text, rows: &[(Text, Text, Option<usize>)]) -> Text {
    let names = rows.iter().map(|r| columns(&r.0)).max().unwrap_or(0);
    let values = rows.iter().map(|r| columns(&r.1)).filter(|n| *n < 60).max().unwrap_or(0);
    let row = |(name, value, line): &(Text, Text, Option<usize>)| {
        let line = line.map_or_else(Text::default, |line| text!("  {}:{}", file, line));
        let row = text!("    {}  {}{}", padded(name, names), padded(value, values), line);
        text!("{}\n", row.trim_end())
    };
    rows.iter().map(row).collect()
}
