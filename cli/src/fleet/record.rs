//! The lines of a report: what was run, each cluster, and all of them.

use crate::people::shown;
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::rules::Diagnostic;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the report's format.
pub(crate) const FORMAT: u32 = 1;

/// A line of a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum Line {
    /// The first line.
    Run(Run),
    Cluster(ClusterRecord),
    /// The last line.
    Totals(Totals),
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    pub(crate) format: u32,
    /// The release of this command.
    pub(crate) version: String,
    /// The subcommand.
    pub(crate) command: String,
    /// A fingerprint of the target and the options that decide about results.
    pub(crate) request: String,
    /// The part of the clusters: `1/1` is all.
    pub(crate) shard: String,
    /// How many clusters there are in all parts.
    pub(crate) clusters: usize,
    /// A fingerprint of the names of all clusters and their files.
    pub(crate) fleet: String,
}

/// What became of a cluster.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClusterRecord {
    /// Its place among all clusters, from 0.
    pub(crate) index: usize,
    /// The folder of its files, or the name of its only file.
    pub(crate) name: String,
    pub(crate) files: usize,
    /// Release and variant: `Calico v3.31.7, manifest install, BGP`; null if nothing of it was read.
    pub(crate) release: Option<String>,
    /// The stack that the files had; null if they do not state it.
    pub(crate) stack: Option<String>,
    /// The stack that was requested; null if none was.
    pub(crate) target: Option<String>,
    pub(crate) outcome: ClusterOutcome,
    pub(crate) changed_files: usize,
    pub(crate) changes: usize,
    /// What is left to know or to do: findings that are not fixed.
    pub(crate) findings: Vec<FoundRecord>,
    /// Why it could not be read, planned or written.
    pub(crate) problems: Vec<String>,
}

/// A finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundRecord {
    pub(crate) rule: String,
    /// `error`, `warning` or `info`.
    pub(crate) severity: String,
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) message: String,
}

/// The result for a cluster. A later one outweighs an earlier one if the files of a cluster differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ClusterOutcome {
    /// `transform`: no file has a setting of an IP family.
    NotRelevant,
    /// `lint`: no finding.
    Clean,
    /// `transform`: nothing to change.
    Unchanged,
    /// `transform`: files change. With --keep-going and -w or --output-dir, they are written.
    Changed,
    /// `lint`: there are findings.
    Findings,
    /// `transform`: the cluster cannot be converted.
    Refused,
    /// `transform`: an option is missing.
    NeedsInput,
    /// A file or the target cannot be read, or a file cannot be written.
    Failed,
}

/// Sums over all clusters of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Totals {
    pub(crate) clusters: usize,
    pub(crate) files: usize,
    pub(crate) changed_files: usize,
    pub(crate) changes: usize,
    /// How many clusters have each outcome.
    pub(crate) outcomes: BTreeMap<ClusterOutcome, usize>,
    /// How many findings have each severity.
    pub(crate) findings: BTreeMap<String, usize>,
}

impl ClusterOutcome {
    /// Whether the cluster was not completed.
    pub(crate) fn is_failure(self) -> bool {
        self >= ClusterOutcome::Refused
    }

    /// In summaries.
    pub(crate) fn words(self) -> &'static str {
        match self {
            ClusterOutcome::NotRelevant => "without IPv6-relevant settings",
            ClusterOutcome::Clean => "without findings",
            ClusterOutcome::Unchanged => "nothing to change",
            ClusterOutcome::Changed => "changed",
            ClusterOutcome::Findings => "with findings",
            ClusterOutcome::Refused => "cannot be converted",
            ClusterOutcome::NeedsInput => "an option is missing",
            ClusterOutcome::Failed => "failed",
        }
    }
}

impl ClusterRecord {
    /// A cluster of which nothing is known yet.
    pub(crate) fn new(index: usize, name: &str, files: usize) -> ClusterRecord {
        ClusterRecord {
            index,
            name: name.to_owned(),
            files,
            release: None,
            stack: None,
            target: None,
            outcome: ClusterOutcome::NotRelevant,
            changed_files: 0,
            changes: 0,
            findings: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Adds why it was not completed.
    pub(crate) fn fail(&mut self, problem: String) {
        self.outcome = ClusterOutcome::Failed;
        self.problems.push(problem);
    }

    /// How many findings are this severe.
    pub(crate) fn count(&self, severity: &str) -> usize {
        self.findings.iter().filter(|found| found.severity == severity).count()
    }
}

impl FoundRecord {
    /// A finding that is only counted: most of the time goes into what a report says of it.
    pub(crate) fn counted(found: &Diagnostic) -> FoundRecord {
        FoundRecord {
            rule: found.rule.id.to_owned(),
            severity: found.severity.to_string(),
            file: String::new(),
            line: 0,
            column: 0,
            message: String::new(),
        }
    }

    /// A finding of a file, with its secrets masked.
    pub(crate) fn of(file: &str, excerpts: &Excerpts<'_>, found: &Diagnostic) -> FoundRecord {
        let at = excerpts.lines().position(found.range.start);
        FoundRecord {
            rule: found.rule.id.to_owned(),
            severity: found.severity.to_string(),
            file: file.to_owned(),
            line: at.line,
            column: at.column,
            message: shown(&excerpts.message(&found.range, &found.message)).as_str().to_owned(),
        }
    }
}

impl Totals {
    pub(crate) fn add(&mut self, cluster: &ClusterRecord) {
        self.clusters += 1;
        self.files += cluster.files;
        self.changed_files += cluster.changed_files;
        self.changes += cluster.changes;
        *self.outcomes.entry(cluster.outcome).or_default() += 1;
        for found in &cluster.findings {
            *self.findings.entry(found.severity.clone()).or_default() += 1;
        }
    }

    /// Whether a cluster was not completed.
    pub(crate) fn has_failures(&self) -> bool {
        self.outcomes.keys().any(|outcome| outcome.is_failure())
    }
}
