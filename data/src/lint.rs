//! The shapes of a lint.

use crate::convert::shown;
use crate::input::{SourceFile, TargetProblem};
use crate::transformation::{Finding, Problem, Severity};
use crate::{VERSION, convert, target_of};
use calico_ipv6_engine::Stack;
use calico_ipv6_engine::diagnostic::selection::Selection;
use calico_ipv6_engine::lint::{self, Wanted, lint};
use calico_ipv6_engine::model::InputError;
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::clusters_of;
use serde::Serialize;

/// What is wrong with files.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Lint {
    /// The version of this shape: 1.
    pub version: u32,
    /// Whether every file was read, and no finding is an error.
    pub ok: bool,
    /// What is wrong with the target. Where there is anything, `files` is empty.
    pub problems: Vec<TargetProblem>,
    /// The clusters that the files belong to.
    pub clusters: Vec<LintedCluster>,
    /// The files, in the order in which they were given.
    pub files: Vec<LintedFile>,
}

/// Files that belong to one cluster, and what they were checked for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LintedCluster {
    /// The folder of its files, or the name of its only file.
    pub name: String,
    /// The indexes of its files.
    pub files: Vec<usize>,
    /// The stack that the files have: `dual-stack`, `ipv6-only` or `ipv4-only`; null if no file states an IP family.
    pub stack: Option<&'static str>,
    /// The stack that the files were checked for; null if only what is wrong for each stack was checked.
    pub checked_for: Option<&'static str>,
}

/// The findings in one file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LintedFile {
    /// The name that was given.
    pub name: String,
    /// Why it could not be read; null where it was.
    pub problem: Option<Problem>,
    /// The findings, in the order of the text.
    pub findings: Vec<LintFinding>,
    /// How many findings comments in the file suppress.
    pub suppressed: usize,
}

/// A finding, and what it is about.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LintFinding {
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// The object: `DaemonSet kube-system/calico-node`; null outside of all objects.
    pub object: Option<String>,
    /// The same for the same finding after other lines of the file have changed: made of rule, object and field.
    pub fingerprint: String,
}

impl Lint {
    /// Checks files for a target of keys (or flags) and values. Without `to`, each cluster is checked for the stack that it has.
    #[must_use]
    pub fn of(files: &[SourceFile], options: &[(String, String)]) -> Lint {
        let has_stack = options.iter().any(|(key, _)| key == "to");
        let default = (!has_stack).then(|| ("to", Stack::default().word()));
        let given = options.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        match target_of(default.into_iter().chain(given)) {
            Ok(target) if has_stack => Lint::of_sources(files, Wanted::Target(&target)),
            Ok(target) => Lint::of_sources(files, Wanted::AsFound(&target)),
            Err(problems) => {
                Lint { version: VERSION, ok: false, problems, clusters: Vec::new(), files: Vec::new() }
            }
        }
    }

    fn of_sources(files: &[SourceFile], wanted: Wanted<'_>) -> Lint {
        let sources = convert::sources(files);
        let mut clusters = Vec::new();
        let mut linted: Vec<(usize, LintedFile)> = Vec::with_capacity(files.len());
        for cluster in clusters_of(&sources) {
            let own: Vec<_> = cluster.files.iter().map(|i| sources[*i]).collect();
            let found = lint(&own, wanted, &Selection::default());
            for ((i, file), source) in cluster.files.iter().zip(&found.files).zip(&own) {
                linted.push((*i, LintedFile::of(source.name, source.text, file)));
            }
            clusters.push(LintedCluster::of(cluster.name, cluster.files, &found, wanted));
        }
        linted.sort_unstable_by_key(|(i, _)| *i);
        let files: Vec<LintedFile> = linted.into_iter().map(|(_, file)| file).collect();
        let ok = files.iter().all(LintedFile::is_ok);
        Lint { version: VERSION, ok, problems: Vec::new(), clusters, files }
    }
}

impl LintedCluster {
    /// Names a cluster and what it was checked for.
    #[must_use]
    pub fn of(name: String, files: Vec<usize>, found: &lint::Linted, wanted: Wanted<'_>) -> LintedCluster {
        let stack = found.stack.map(Stack::word);
        let checked_for = match wanted {
            Wanted::AsFound(_) => stack,
            Wanted::Target(Target { to, .. }) => Some(to.word()),
        };
        LintedCluster { name, files, stack, checked_for }
    }
}

impl LintedFile {
    /// Whether it was read, and no finding is an error.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        let is_error = |found: &LintFinding| found.finding.severity == Severity::Error;
        self.problem.is_none() && !self.findings.iter().any(is_error)
    }

    /// What was found in a file.
    #[must_use]
    pub fn of(name: &str, text: &str, found: &Result<lint::LintedFile, InputError>) -> LintedFile {
        let name = name.to_owned();
        match found {
            Ok(found) => {
                let excerpts = Excerpts::new(text);
                let findings = found.findings.iter().map(|one| LintFinding::of(&excerpts, one)).collect();
                LintedFile { name, problem: None, findings, suppressed: found.suppressed }
            }
            Err(error) => LintedFile {
                name,
                problem: Some(Problem::of(text, error)),
                findings: Vec::new(),
                suppressed: 0,
            },
        }
    }
}

impl LintFinding {
    fn of(excerpts: &Excerpts<'_>, found: &lint::Finding) -> LintFinding {
        LintFinding {
            finding: Finding::of(excerpts, &found.diagnostic),
            object: found.object.as_ref().map(|object| shown(&object.to_string())),
            fingerprint: found.fingerprint(),
        }
    }
}
