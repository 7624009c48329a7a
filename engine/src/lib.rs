//! The engine of calico-ipv6: the configuration of a Calico cluster in, the same files for another set of IP families out.
//!
//! Pure: no files, clock, environment, network, randomness or threads. The same bytes give the same bytes everywhere.
//!
//! ```
//! use calico_ipv6_engine::{Outcome, Source, Target, transform};
//!
//! let text = "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {name: default}\nspec:\n  calicoNetwork:\n    ipPools:\n    - cidr: 10.244.0.0/16\n      encapsulation: VXLAN\n";
//! let target = Target::from_options([("to", "dual-stack"), ("ipv6-pod-cidr", "fd00:10:244::/56")])
//!     .map_err(|errors| errors[0].clone())?;
//! let mut result = transform(&[Source { name: "installation.yaml", text }], &target);
//! let plan = result.plans.remove(0)?;
//! assert_eq!(plan.outcome, Outcome::Changed);
//! assert!(plan.text.as_deref().unwrap_or_default().contains("- cidr: fd00:10:244::/56"));
//! assert_eq!(plan.changes[0].rule, "OP-016");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`transform`], [`inspect`], [`lint`](lint::lint) and [`rules`] are the interface for other programs. The hidden modules are for the other crates
//! of this workspace, and change with them.

// The command and the package print families, and generate a unique-local range.
#[doc(hidden)]
pub mod address;
// `calico-ipv6 cidr`, and the same in JavaScript.
#[doc(hidden)]
pub mod cidr;
pub mod diagnostic;
// `calico-ipv6 generate`, and the same in JavaScript.
#[doc(hidden)]
pub mod generate;
// Tests of its own check how addresses in URLs and lists are found.
#[doc(hidden)]
pub mod host;
pub mod lint;
// The command groups files into clusters as it reads them; `xtask` writes the pages about kinds of files.
#[doc(hidden)]
pub mod model;
// `calico-ipv6 preflight`.
#[doc(hidden)]
pub mod preflight;
// Texts that the command and the page show: diffs, excerpts, checklists, rule pages.
#[doc(hidden)]
pub mod output;
// `explain`, the catalogue in JavaScript and the generated pages; tests run the rules in another order.
#[doc(hidden)]
pub mod rules;
mod search;
// Front ends convert offsets into lines, columns and UTF-16 offsets.
#[doc(hidden)]
pub mod source;
// The table of options is the flags of the command and the properties in JavaScript.
#[doc(hidden)]
pub mod target;
// The command plans the clusters of a fleet in parallel, each on its own.
#[doc(hidden)]
pub mod transform;
// `data` writes the gates of a rule.
#[doc(hidden)]
pub mod version;
// Tests and benchmarks of its own measure the parts of an edit.
#[doc(hidden)]
pub mod yaml;

pub use diagnostic::{Diagnostic, Metadata, MissingOption, Severity};
pub use model::InputError;
pub use model::clusters::Cluster;
pub use model::coverage::{Coverage, State};
pub use output::inspect::Inspection;
pub use source::Source;
pub use target::{Stack, Target, TargetError};
pub use transform::{AppliedChange, Outcome, Plan};

/// The result of a transform.
#[derive(Clone, Debug)]
pub struct Transformation {
    /// The clusters that the files belong to. Facts never cross from one cluster to another.
    pub clusters: Vec<Cluster>,
    /// The plan of each file, in the order in which the files were given; an error for a file that cannot be read.
    pub plans: Vec<Result<Plan, InputError>>,
}

/// Plans how files become what the target requests. Every edited document is verified by a second parser.
#[must_use]
pub fn transform(sources: &[Source<'_>], target: &Target) -> Transformation {
    let (clusters, plans) = transform::plan_clusters(sources, target, transform::Options::default());
    Transformation { clusters, plans }
}

/// Reads what files contain: releases, ranges, addresses, and how much of each file is understood. In the order in which
/// the files were given; an error for a file that cannot be read.
#[must_use]
pub fn inspect(sources: &[Source<'_>]) -> Vec<Result<Inspection, InputError>> {
    let mut inspected: Vec<(usize, Result<Inspection, InputError>)> = Vec::with_capacity(sources.len());
    for cluster in transform::clusters_of(sources) {
        let own: Vec<Source<'_>> = cluster.files.iter().map(|i| sources[*i]).collect();
        inspected.extend(cluster.files.into_iter().zip(output::inspect::inspect(&own, &Target::default())));
    }
    inspected.sort_unstable_by_key(|(i, _)| *i);
    inspected.into_iter().map(|(_, found)| found).collect()
}

/// Every rule as data, by id.
#[must_use]
pub fn rules() -> Vec<&'static Metadata> {
    rules::catalogue()
}
