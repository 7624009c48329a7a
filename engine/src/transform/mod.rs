//! Plans the changes of the files of a cluster for a target: rules run, their fixes become edits, and the edited text is
//! verified and read into a model again, until no fix remains.

mod accept;
mod contents;
mod lint;
mod moves;
mod nested;
mod round;
mod verify;

use crate::address::Family;
use crate::diagnostic::selection::Selection;
use crate::model::clusters::{Cluster, Survey, group};
use crate::model::coverage::{Coverage, State};
use crate::model::facts::Facts;
use crate::model::{Content, Documents, InputError, ObjectRef};
use crate::output::pools::PoolSummary;
use crate::rules::{Applicability, ChangeDescription, Diagnostic, MissingOption, RULES, Rule, Severity};
use crate::source::{Source, line_count};
use crate::target::{Stack, Target};
use crate::yaml::write::Edit;
pub use contents::Contents;
use nested::plan_documents;

/// How a plan is checked.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Parse every edited document with a second parser too (the grammar that kubectl uses).
    pub second_parser: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { second_parser: true }
    }
}

/// What is planned, and with which rules.
#[derive(Clone, Copy)]
pub(crate) struct Request<'r> {
    /// The requested result; if a lint takes the stack of the files, only its other options count.
    pub target: &'r Target,
    /// How a plan is checked.
    pub options: Options,
    /// The rules. Their order has no effect.
    pub rules: &'r [Rule],
    /// A lint instead of a transform.
    pub lint: Option<LintRequest<'r>>,
}

/// A lint: every finding that is selected, and the fixes that may be written.
#[derive(Clone, Copy)]
pub(crate) struct LintRequest<'r> {
    /// Takes the stack that the files have.
    pub as_found: bool,
    /// Writes fixes of this applicability and better; `None` writes none.
    pub fix: Option<Applicability>,
    /// The rules that are reported.
    pub selection: &'r Selection,
}

/// The plans of the files of one cluster.
pub(crate) struct PlannedCluster {
    /// One for each file.
    pub plans: Vec<Plan>,
    /// The stack that the files have before any change.
    pub stack: Option<Stack>,
}

/// The result for one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is edited.
    Changed,
    /// No change is needed.
    Unchanged,
    /// It has no settings that configure IPv6.
    PassedThrough,
    /// It cannot be converted: see the diagnostics that block.
    Refused,
    /// An option is missing: see `missing_options`.
    NeedsInput,
}

/// A Calico installation that was found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// The facts about it before the transform.
    pub facts: Facts,
    /// The title of its main object.
    pub title: String,
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedChange {
    /// The id of the rule that made it.
    pub rule: &'static str,
    /// Its description.
    pub description: ChangeDescription,
    /// The byte offset in the original where it begins; `None` if it is part of another change's edit.
    pub offset: Option<usize>,
    /// What must happen in a running cluster before the change has an effect.
    pub effect: crate::rules::Effect,
    /// The object that it changed.
    pub object: ObjectRef,
    /// Whether this object is in a text of another one.
    pub is_in_text: bool,
}

/// The plan of one file.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The result.
    pub outcome: Outcome,
    /// The new text; `None` if it is not edited.
    pub text: Option<String>,
    /// The edits of the original that lead to it, in the order of the text.
    pub edits: Vec<Edit>,
    /// The Calico installations in it.
    pub installs: Vec<Install>,
    /// The titles of the other objects that configure IP families: static pods, kubeadm's documents, kubelet,
    /// kube-proxy, cluster DNS.
    pub components: Vec<String>,
    /// The changes, in the order of the text.
    pub changes: Vec<AppliedChange>,
    /// The pools that the result creates in a new cluster.
    pub pools: Vec<PoolSummary>,
    /// Everything that the rules found, with and without a fix. Ranges are byte ranges of the original.
    pub diagnostics: Vec<Diagnostic>,
    /// Options that are missing.
    pub missing_options: Vec<MissingOption>,
    /// The number of documents, without empty ones.
    pub documents: usize,
    /// The indexes of the edited documents.
    pub touched: Vec<usize>,
    /// How many lines of the original were not changed.
    pub untouched_lines: usize,
    /// How much of the original is understood, document by document.
    pub coverage: Vec<Coverage>,
    /// The IP families in the settings of the result that configure them.
    pub stated: Vec<Family>,
    /// What a person who applies the result must know of the file and its cluster.
    pub contents: Contents,
}

impl Plan {
    fn new(documents: &Documents<'_>) -> Plan {
        let all = &documents.documents;
        Plan {
            outcome: Outcome::Unchanged,
            text: None,
            edits: Vec::new(),
            installs: Vec::new(),
            components: Vec::new(),
            changes: Vec::new(),
            pools: Vec::new(),
            diagnostics: Vec::new(),
            missing_options: Vec::new(),
            documents: all.iter().filter(|d| !matches!(d.content, Content::Empty)).count(),
            touched: Vec::new(),
            untouched_lines: line_count(documents.source.text),
            coverage: Vec::new(),
            stated: Vec::new(),
            contents: Contents::default(),
        }
    }

    /// Whether it is safe to say that the file already has the requested stack: every requested IP family was read in a
    /// setting that decides, nothing is left to do, and nothing was skipped.
    #[must_use]
    pub fn is_confirmed(&self, target: &Target) -> bool {
        let requested = [(target.to.has_ipv4(), Family::Ipv4), (target.to.has_ipv6(), Family::Ipv6)];
        let is_skipped =
            |coverage: &Coverage| matches!(coverage.state, State::Template | State::NotUnderstood(_));
        let warns = |d: &Diagnostic| d.severity > Severity::Info && !d.is_fixed();
        self.outcome == Outcome::Unchanged
            && requested
                .into_iter()
                .all(|(is_requested, family)| self.stated.contains(&family) == is_requested)
            && !self.coverage.iter().any(is_skipped)
            && !self.diagnostics.iter().any(warns)
    }

    /// The result, once everything else is known.
    fn conclude(&mut self) {
        self.diagnostics.sort_by_key(|diagnostic| (diagnostic.range.start, diagnostic.rule.id));
        self.outcome = if self.diagnostics.iter().any(Diagnostic::blocks) {
            Outcome::Refused
        } else if self.installs.is_empty() && self.components.is_empty() {
            Outcome::PassedThrough
        } else if !self.missing_options.is_empty() {
            Outcome::NeedsInput
        } else if self.text.is_some() {
            Outcome::Changed
        } else {
            Outcome::Unchanged
        };
        if self.outcome != Outcome::Changed {
            self.text = None;
            self.edits.clear();
            self.changes.clear();
            self.touched.clear();
        }
    }
}

/// Plans all files of one cluster together. A file that cannot be read adds no facts, and has its error at its
/// own index.
#[must_use]
pub fn plan_all(sources: &[Source<'_>], target: &Target, options: Options) -> Vec<Result<Plan, InputError>> {
    plan_files(sources, target, options).plans
}

/// As [`plan_all`], with the documents that were read.
#[must_use]
pub fn plan_files<'s>(sources: &[Source<'s>], target: &Target, options: Options) -> PlannedFiles<'s> {
    plan_request(sources, &Request { target, options, rules: RULES, lint: None })
}

/// The files of one cluster, with their plans.
#[derive(Debug)]
pub struct PlannedFiles<'s> {
    /// The documents of each file.
    pub read: Vec<Result<Documents<'s>, InputError>>,
    /// The plan of each file; an error for a file that cannot be read.
    pub plans: Vec<Result<Plan, InputError>>,
    /// The stack that the files have before any change.
    pub stack: Option<Stack>,
}

/// Plans all files of one cluster together.
pub(crate) fn plan_request<'s>(sources: &[Source<'s>], request: &Request<'_>) -> PlannedFiles<'s> {
    let read: Vec<Result<Documents<'s>, InputError>> =
        sources.iter().map(|source| Documents::read(*source)).collect();
    let documents: Vec<&Documents<'_>> = read.iter().flatten().collect();
    let PlannedCluster { plans, stack } = plan_documents(&documents, request);
    let mut plans = plans.into_iter();
    let plan = |read: &Result<Documents<'_>, InputError>| match read {
        // There is a plan for each file that was read.
        Ok(documents) => Ok(plans.next().unwrap_or_else(|| Plan::new(documents))),
        Err(error) => Err(error.clone()),
    };
    let plans = read.iter().map(plan).collect();
    PlannedFiles { read, plans, stack }
}

/// Plans files that may belong to several clusters: facts of one cluster never affect another one. Returns the clusters, and
/// the plan of each file in the order of the input.
#[must_use]
pub fn plan_clusters(
    sources: &[Source<'_>],
    target: &Target,
    options: Options,
) -> (Vec<Cluster>, Vec<Result<Plan, InputError>>) {
    let clusters = clusters_of(sources);
    let mut planned: Vec<(usize, Result<Plan, InputError>)> = Vec::with_capacity(sources.len());
    for cluster in &clusters {
        let own: Vec<Source<'_>> = cluster.files.iter().map(|i| sources[*i]).collect();
        planned.extend(cluster.files.iter().copied().zip(plan_all(&own, target, options)));
    }
    planned.sort_unstable_by_key(|(i, _)| *i);
    (clusters, planned.into_iter().map(|(_, plan)| plan).collect())
}

/// Which files belong to one cluster.
#[must_use]
pub fn clusters_of(sources: &[Source<'_>]) -> Vec<Cluster> {
    if let [one] = sources {
        return vec![Cluster { name: one.name.to_owned(), files: vec![0] }];
    }
    let surveys: Vec<Survey> = sources.iter().map(|source| Survey::of(*source)).collect();
    group(&surveys, &[])
}

/// Plans one file alone.
///
/// # Errors
/// If it cannot be read; nothing is planned then.
pub fn plan(source: Source<'_>, target: &Target, options: Options) -> Result<Plan, InputError> {
    plan_with(source, target, options, RULES)
}

/// Plans one file alone, with these rules. Their order has no effect: tests check that.
///
/// # Errors
/// If it cannot be read.
#[doc(hidden)]
pub fn plan_with(
    source: Source<'_>,
    target: &Target,
    options: Options,
    rules: &[Rule],
) -> Result<Plan, InputError> {
    let documents = Documents::read(source)?;
    let request = Request { target, options, rules, lint: None };
    let plan = plan_documents(&[&documents], &request).plans.pop();
    Ok(plan.unwrap_or_else(|| Plan::new(&documents)))
}
