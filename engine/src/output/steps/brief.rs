//! The steps in one line, for the summary of a transform.

use super::steps;
use super::view::File;
use crate::target::{Stack, Target};

/// What becomes of a running cluster if the target is IPv6-only.
pub const NEEDS_A_NEW_CLUSTER: &str = "a running IPv4 cluster cannot be converted to IPv6-only, because its node and service addresses are fixed; use these files for a new cluster";

/// What becomes of a cluster that runs, in one line. `None` if the files do not change.
#[must_use]
pub fn brief(files: &[File], cluster: &str, target: &Target) -> Option<String> {
    if target.new_cluster || !files.iter().any(File::is_changed) {
        return None;
    }
    if target.to == Stack::Ipv6Only {
        return Some(NEEDS_A_NEW_CLUSTER.to_owned());
    }
    let running = Target { running: true, ..target.clone() };
    let plan = steps(files, cluster, &running)?;
    let section = plan.sections.into_iter().find(|section| section.title == super::NUMBERED)?;
    let mut subjects: Vec<&str> = section.steps.iter().map(|step| step.subject).collect();
    subjects.dedup();
    (!subjects.is_empty()).then(|| format!("in this order: {}", subjects.join(", ")))
}
