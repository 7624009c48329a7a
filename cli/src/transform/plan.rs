//! Reading and planning the files of one cluster.

use crate::clusters::{BadTarget, Requested};
use crate::command::{Verbosity, is_told};
use crate::findings::Told;
use crate::fleet::FoundRecord;
use crate::input::{Input, Reading};
use crate::summary::Done;
use calico_ipv6_engine::model::clusters::Cluster;
use calico_ipv6_engine::model::coverage::mentioned;
use calico_ipv6_engine::model::{Documents, InputError};
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::output::steps;
use calico_ipv6_engine::rules::Diagnostic;
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, Outcome, Plan, PlannedFiles, plan_files};

/// How many files are in memory at once: enough for every core, few enough for any fleet.
const BATCH: usize = 64;

/// What became of one file, or why it could not be read.
pub(super) enum File {
    Planned {
        reading: Reading,
        plan: Box<Plan>,
        digest: Box<Digest>,
    },
    /// No bytes of it, or no text.
    Unavailable(String),
    /// Text that is no YAML.
    Unreadable {
        name: String,
        text: String,
        error: InputError,
    },
}

/// What is reported about a file. Its texts take as long as the plan, so they are made on all cores.
pub(super) struct Digest {
    pub(super) found: Vec<FoundRecord>,
    pub(super) told: Told,
    /// For the summary.
    pub(super) done: Option<Done>,
    /// For what the summary says about the steps.
    pub(super) steps: Option<steps::File>,
}

/// How much is reported.
#[derive(Clone, Copy)]
pub(super) struct Detail {
    pub(super) verbosity: Verbosity,
    /// There is a report.
    pub(super) is_reported: bool,
    /// The summary is about files, and not only about clusters.
    pub(super) has_summary_of_files: bool,
    /// The summary says what becomes of a running cluster.
    pub(super) names_steps: bool,
}

impl Digest {
    fn of(documents: &Documents<'_>, plan: &Plan, target: &Target, detail: Detail) -> Digest {
        let Source { name, text } = documents.source;
        let excerpts = Excerpts::of(documents, plan);
        let left = || plan.diagnostics.iter().filter(|diagnostic| !diagnostic.is_fixed());
        let record = |found: &Diagnostic| match detail.is_reported {
            true => FoundRecord::of(name, &excerpts, found),
            false => FoundRecord::counted(found),
        };
        // What else is wrong with a refused file is corrected together with what stops it.
        let stopped = plan.outcome == Outcome::NeedsInput;
        let told = left().filter(|found| is_told(found.severity, detail.verbosity, stopped));
        let done = detail.has_summary_of_files.then(|| {
            let is_unsure = plan.outcome == Outcome::Unchanged && !plan.is_confirmed(target);
            let mentioned = if is_unsure { mentioned(text) } else { Vec::new() };
            Done::new(name, &excerpts, plan, mentioned, target)
        });
        Digest {
            found: left().map(record).collect(),
            told: Told::of(name, &excerpts, told, detail.verbosity.verbose),
            done,
            steps: detail.names_steps.then(|| steps::File::of(name, &excerpts, plan)),
        }
    }
}

/// A cluster, and what is requested of it.
pub(super) struct Work {
    pub(super) cluster: Cluster,
    /// Its place among the clusters of all shards.
    pub(super) position: usize,
    pub(super) request: Result<Requested, BadTarget>,
}

/// Reads the files of one cluster and plans them together. Without a target there is nothing to plan.
pub(super) fn read_and_plan(inputs: &[Input], work: &Work, detail: Detail) -> Vec<(usize, File)> {
    let Ok(Requested { target, .. }) = &work.request else { return Vec::new() };
    planned(inputs, &work.cluster, target, detail)
}

fn planned(inputs: &[Input], cluster: &Cluster, target: &Target, detail: Detail) -> Vec<(usize, File)> {
    let read: Vec<(usize, Result<Reading, String>)> =
        cluster.files.iter().map(|i| (*i, inputs[*i].read().map_err(|error| error.to_string()))).collect();
    let names: Vec<String> = cluster.files.iter().map(|i| inputs[*i].name()).collect();
    let sources: Vec<Source<'_>> = read
        .iter()
        .zip(&names)
        .filter_map(|((_, reading), name)| Some(Source { name, text: &reading.as_ref().ok()?.text }))
        .collect();
    let PlannedFiles { read: documents, plans, .. } = plan_files(&sources, target, Options::default());
    let planned: Vec<Result<(Plan, Digest), InputError>> = documents
        .iter()
        .zip(plans)
        .map(|(documents, plan)| {
            let (documents, plan) = (documents.as_ref().map_err(InputError::clone)?, plan?);
            let digest = Digest::of(documents, &plan, target, detail);
            Ok((plan, digest))
        })
        .collect();
    drop(documents);
    let mut planned = planned.into_iter();
    let mut files = Vec::with_capacity(read.len());
    for ((i, reading), name) in read.into_iter().zip(names) {
        let file = match reading {
            Err(message) => File::Unavailable(message),
            Ok(reading) => match planned.next() {
                Some(Ok((plan, digest))) => {
                    File::Planned { reading, plan: Box::new(plan), digest: Box::new(digest) }
                }
                Some(Err(error)) => File::Unreadable { name, text: reading.text, error },
                None => continue,
            },
        };
        files.push((i, file));
    }
    files
}

/// Clusters that are planned at the same time: not more than [`BATCH`] files, but at least one cluster.
pub(super) fn batches(clusters: &[Work]) -> impl Iterator<Item = &[Work]> {
    let mut rest = clusters;
    std::iter::from_fn(move || {
        let mut files = 0;
        let fits = |work: &&Work| {
            files += work.cluster.files.len();
            files <= BATCH
        };
        let length = rest.iter().take_while(fits).count().max(1).min(rest.len());
        let (batch, later) = rest.split_at(length);
        rest = later;
        (!batch.is_empty()).then_some(batch)
    })
}
