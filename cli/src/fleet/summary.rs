//! What is said of many clusters: a row for each, and the totals.

use super::record::{ClusterRecord, Run, Totals};
use super::report::Report;
use crate::output::results::OlderReport;
use crate::people::{Text, shown, text};
use crate::summary::count;
use crate::terminal::columns;
use calico_ipv6_engine::output::steps::Check;
use calico_ipv6_engine::target::Stack;
use std::path::Path;

/// The severities of findings, and how each is called.
const SEVERITIES: [(&str, &str); 3] = [("error", "error"), ("warning", "warning"), ("info", "note")];

/// The columns of the table.
const COLUMNS: usize = 6;

/// The clusters of a run as they are done. Of each only a row stays in memory.
#[derive(Debug, Default)]
pub(crate) struct Fleet {
    rows: Vec<[Text; COLUMNS]>,
    totals: Totals,
    /// If one is requested.
    report: Option<Report>,
    /// What it replaces.
    older: OlderReport,
    /// What to check before the files are applied, each once.
    checks: Vec<Check>,
}

impl Fleet {
    /// `is_reported`: a report is requested, which replaces an older one.
    pub(crate) fn new(run: &Run, is_reported: bool, older: OlderReport) -> Result<Fleet, String> {
        let report = is_reported.then(|| Report::new(run)).transpose()?;
        Ok(Fleet { report, older, ..Fleet::default() })
    }

    /// Adds a cluster, and what to check before its files are applied.
    pub(crate) fn add(&mut self, cluster: ClusterRecord, checks: Vec<Check>) -> Result<(), String> {
        self.rows.push(row(&cluster));
        for check in checks {
            if !self.checks.contains(&check) {
                self.checks.push(check);
            }
        }
        self.totals.add(&cluster);
        self.report.as_mut().map_or(Ok(()), |report| report.add(cluster))
    }

    pub(crate) fn totals(&self) -> &Totals {
        &self.totals
    }

    pub(crate) fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// A row for each cluster.
    pub(crate) fn table(&self) -> Text {
        let width = |column: usize| {
            let widths = self.rows.iter().map(|row| columns(&row[column])).filter(|width| *width <= 60);
            widths.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..COLUMNS).map(width).collect();
        let cell = |(text, width): (&Text, &usize)| match *width {
            0 => Text::default(),
            width => text!("  {}{}", text, Text::spaces(width.saturating_sub(columns(text)))),
        };
        let line = |row: &[Text; COLUMNS]| {
            let cells: Text = row.iter().zip(&widths).map(cell).collect();
            text!("{}\n", cells.trim_end())
        };
        self.rows.iter().map(line).collect()
    }

    /// Writes the report, if one is requested.
    pub(crate) fn write_report(self, path: Option<&Path>) -> Result<(), String> {
        let Some((path, report)) = path.zip(self.report) else { return Ok(()) };
        report.write(path)?;
        self.older.replaced();
        Ok(())
    }
}

/// Name, files, release, stacks, outcome, findings.
fn row(cluster: &ClusterRecord) -> [Text; COLUMNS] {
    let stack = |word: &Option<String>| {
        word.as_deref().map(|word| match Stack::named(word) {
            Some(stack) => text!("{}", stack),
            None => shown(word),
        })
    };
    let stacks = match (stack(&cluster.stack), stack(&cluster.target)) {
        (Some(from), Some(to)) if from != to => text!("{} -> {}", from, to),
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => Text::default(),
    };
    let outcome = match cluster.changes {
        0 => cluster.outcome.words().into(),
        changes if cluster.outcome.is_failure() => {
            text!("{}; {}", cluster.outcome.words(), count(changes, "change"))
        }
        changes => count(changes, "change"),
    };
    let findings = Text::join(&counted(|severity| cluster.count(severity)), ", ");
    let release = cluster.release.as_deref().map(shown).unwrap_or_default();
    [shown(&cluster.name), count(cluster.files, "file"), release, stacks, outcome, findings]
}

/// The sums, in two lines; `verb` is what happened to the files, or nothing.
pub(crate) fn totals(totals: &Totals, verb: &'static str) -> Text {
    let of_outcome = |(outcome, number): (&super::ClusterOutcome, &usize)| {
        text!("{} {}", grouped(*number), outcome.words())
    };
    let outcomes: Vec<Text> = totals.outcomes.iter().map(of_outcome).collect();
    let mut out = text!("{}: {}\n", count(totals.clusters, "cluster"), Text::join(&outcomes, ", "));
    let files = count(totals.files, "file");
    let mut parts = vec![match totals.changes {
        0 => files,
        changes => text!("{} in {} of {}", count(changes, "change"), grouped(totals.changed_files), files),
    }];
    parts.extend(counted(|severity| totals.findings.get(severity).copied().unwrap_or(0)));
    let separator = if verb.is_empty() { "" } else { "; " };
    out.push(&text!("{}{}{}\n", Text::join(&parts, ", "), separator, verb));
    out
}

/// How many findings each severity has, where there are any.
fn counted(of: impl Fn(&str) -> usize) -> Vec<Text> {
    let counts = SEVERITIES.iter().map(|(severity, thing)| (of(severity), thing));
    counts.filter(|(number, _)| *number > 0).map(|(number, thing)| count(number, thing)).collect()
}

fn grouped(number: usize) -> Text {
    Text::ours(&calico_ipv6_engine::cidr::grouped(number as u128))
}
