//! The IP pools that a configuration makes on a new cluster.

use crate::address::Family;
use crate::facts::{Variant, is_false, is_true};
use crate::rules::{Context, NO_KUBEADM_CIDR};
use crate::target::{Provisioner, Target};
use crate::version::Version;
use core::fmt;

/// The range of a pool, as far as the configuration decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// This one.
    Cidr(String),
    /// What `podSubnet` of kubeadm says.
    Kubeadm,
    /// A unique-local /48 that calico-node invents.
    Random,
}

/// A pool that will be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its family.
    pub family: Family,
    /// Its range.
    pub range: Range,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.range {
            Range::Cidr(text) => f.write_str(text),
            Range::Kubeadm => write!(f, "{} of kubeadm's podSubnet", self.family),
            Range::Random => f.write_str("a random unique-local /48"),
        }
    }
}

/// The pools that calico-node, or the operator, makes where there is none yet (calico-node: `configureIPPools` of
/// `startup.go`). Empty where others make them.
#[must_use]
pub fn made(cx: &Context<'_>) -> Vec<Made> {
    if let Some(installation) = &cx.installation {
        let pool = |p: &crate::resource::installation::Pool| {
            Some(Made { family: p.family()?, range: Range::Cidr(p.net?.to_string()) })
        };
        return installation.pools.iter().filter_map(pool).collect();
    }
    let Some(node) = &cx.node else { return Vec::new() };
    let text = |name| node.env.text(name).filter(|text| !text.is_empty());
    let elsewhere = matches!(cx.facts.variant, Variant::FlannelMigration | Variant::Windows);
    if elsewhere || text("NO_DEFAULT_POOLS").is_some_and(is_true) {
        return Vec::new();
    }
    let mut pools = Vec::new();
    let mut pool = |family, name, default| {
        let range = match text(name) {
            Some("none") => return,
            Some(cidr) => Range::Cidr(cidr.to_owned()),
            None if reads_kubeadm(cx.target, cx.facts.calico) => Range::Kubeadm,
            None => default,
        };
        pools.push(Made { family, range });
    };
    pool(Family::Ipv4, "CALICO_IPV4POOL_CIDR", Range::Cidr("192.168.0.0/16".to_owned()));
    if !text("FELIX_IPV6SUPPORT").is_some_and(is_false) {
        pool(Family::Ipv6, "CALICO_IPV6POOL_CIDR", Range::Random);
    }
    pools
}

fn reads_kubeadm(target: &Target, calico: Option<Version>) -> bool {
    target.provisioner == Some(Provisioner::Kubeadm) && !NO_KUBEADM_CIDR.holds(calico)
}
