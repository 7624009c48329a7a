//! IPv6 pod CIDRs that several clusters get.

use crate::people::{Text, shown, text};
use crate::summary::count;
use crate::terminal::prose;
use calico_ipv6_engine::transform::Plan;
use std::collections::BTreeMap;

/// How many clusters are named.
const NAMED: usize = 2;

/// Each IPv6 pod CIDR that was written, with the clusters that have it: how many, and the names of the first ones.
#[derive(Debug, Default)]
pub(crate) struct PodRanges(BTreeMap<String, (usize, Vec<Text>)>);

impl PodRanges {
    /// Adds the range of a cluster.
    pub(crate) fn add(&mut self, range: &str, cluster: &str) {
        let (number, named) = self.0.entry(range.to_owned()).or_default();
        *number += 1;
        if named.len() < NAMED {
            named.push(shown(cluster));
        }
    }

    /// What is said of ranges that several clusters have: that is right where no network connects them.
    pub(crate) fn note(&self) -> Text {
        let mut shared = self.0.iter().filter(|(_, (number, _))| *number > 1);
        let Some((range, (number, named))) = shared.next() else { return Text::default() };
        let others = match number - named.len() {
            0 => Text::default(),
            others => text!(" and {}", count(others, "other")),
        };
        let more = match shared.count() {
            0 => Text::default(),
            more => text!("; {} too", count(more, "other range")),
        };
        let note = text!(
            "{} have the same IPv6 pod CIDR, {} ({}{}){}. Clusters that a network connects need different ranges: set ipv6PodCIDR in a calico-ipv6.yaml in the folder of each; a flag counts for all",
            count(*number, "cluster"),
            shown(range),
            Text::join(named, ", "),
            others,
            more
        );
        prose(&note, &"note: ".into(), &Text::spaces(2))
    }
}

/// Whether a file gets a range, or has it already.
pub(crate) fn has_range(plan: &Plan, range: &str) -> bool {
    let is_written = |to: &Option<String>| to.as_ref().is_some_and(|to| to.contains(range));
    plan.changes.iter().any(|change| is_written(&change.description.to))
        || plan.pools.iter().any(|pool| pool.to_string().contains(range))
}
