//! Many clusters in one run, or in several runs that each take a part of them: what became of each, and of all.

mod merge;
mod record;
mod report;
mod shard;
mod shared;
mod summary;

use crate::clusters::Grouped;

pub(crate) use merge::run as merge;
pub(crate) use record::{ClusterOutcome, ClusterRecord, FoundRecord, Run};
pub(crate) use shard::{Shard, fingerprint};
pub(crate) use shared::{PodRanges, has_range};
pub(crate) use summary::{Fleet, totals};

/// What a run is about, for its report. Runs with the same request, of the same files, can be merged.
pub(crate) fn describe(command: &str, request: &[String], shard: Option<Shard>, grouped: &Grouped) -> Run {
    let request = request.iter().flat_map(|word| word.bytes().chain([0]));
    Run {
        format: record::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command.to_owned(),
        request: format!("{:016x}", fingerprint(request)),
        shard: shard.unwrap_or_default().to_string(),
        clusters: grouped.fleet.clusters,
        fleet: format!("{:016x}", grouped.fleet.fingerprint),
    }
}
