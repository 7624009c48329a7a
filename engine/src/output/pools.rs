//! The IP pools that a configuration creates on a new cluster.

use crate::address::Family;
use crate::model::facts::cluster::ClusterFacts;
use crate::model::facts::{Variant, is_false, is_true};
use crate::model::install::CalicoInstall;
use crate::model::pool::Pool;
use crate::rules::reads_kubeadm;
use crate::target::Target;
use core::fmt;

/// The CIDR of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// A known CIDR.
    Cidr(String),
    /// The `podSubnet` of kubeadm.
    Kubeadm,
    /// A random unique-local /48 of calico-node.
    Random,
}

/// An IP pool that will be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSummary {
    /// Its family.
    pub family: Family,
    /// Its range.
    pub range: Range,
}

impl fmt::Display for PoolSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.range {
            Range::Cidr(text) => f.write_str(text),
            Range::Kubeadm => write!(f, "{} of kubeadm's podSubnet", self.family),
            Range::Random => f.write_str("a random unique-local /48"),
        }
    }
}

/// Returns the pools that calico-node or the operator creates if none exist (calico-node: `configureIPPools` of
/// `startup.go`). Empty if another component creates them.
#[must_use]
pub(crate) fn new_pools(
    install: &CalicoInstall<'_>,
    cluster: &ClusterFacts,
    target: &Target,
) -> Vec<PoolSummary> {
    if let Some(installation) = &install.installation {
        let pool = |pool: &Pool| {
            Some(PoolSummary { family: pool.family()?, range: Range::Cidr(pool.net?.to_string()) })
        };
        return installation.pools.iter().filter(|pool| pool.is_for_pods).filter_map(pool).collect();
    }
    let Some(node) = &install.node else { return Vec::new() };
    let text = |name| node.env.text(name).filter(|text| !text.is_empty());
    let elsewhere = matches!(install.facts.variant, Variant::FlannelMigration | Variant::Windows);
    if elsewhere || text("NO_DEFAULT_POOLS").is_some_and(is_true) {
        return Vec::new();
    }
    let mut pools = Vec::new();
    let mut pool = |family, name, default| {
        let range = match text(name) {
            Some("none") => return,
            Some(cidr) => Range::Cidr(cidr.to_owned()),
            None if reads_kubeadm(install, cluster, target) => Range::Kubeadm,
            None => default,
        };
        pools.push(PoolSummary { family, range });
    };
    pool(Family::Ipv4, "CALICO_IPV4POOL_CIDR", Range::Cidr("192.168.0.0/16".to_owned()));
    if !text("FELIX_IPV6SUPPORT").is_some_and(is_false) {
        pool(Family::Ipv6, "CALICO_IPV6POOL_CIDR", Range::Random);
    }
    pools
}
