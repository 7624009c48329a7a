//! The operator's `Installation`.

mod autodetection_methods;
mod autodetection_v4;
mod autodetection_v6;
mod encapsulation_too_old;
mod ipv4_pool_still_made;
mod no_bgp;
mod other_cni;
pub(in crate::rules) mod pool_encapsulation;
mod pool_nat;
mod pool_not_listed;
pub(super) mod pool_of_installation_and_object;
mod pool_text;
mod pools;
mod too_many_pools;
mod values_unread;
pub(super) mod whisker_without_ipv6;
mod windows;

pub(super) use autodetection_methods::RULE as AUTODETECTION_METHODS;
pub(super) use autodetection_v4::RULE as AUTODETECTION_V4;
pub(super) use autodetection_v6::RULE as AUTODETECTION_V6;
pub(crate) use autodetection_v6::field_of_method;
pub(super) use encapsulation_too_old::RULE as ENCAPSULATION_TOO_OLD;
pub(super) use ipv4_pool_still_made::RULE as IPV4_POOL_STILL_MADE;
pub(super) use no_bgp::RULE as NO_BGP;
pub(super) use other_cni::RULE as OTHER_CNI;
pub(super) use pool_encapsulation::RULE as POOL_ENCAPSULATION;
pub(crate) use pool_encapsulation::WHY_ENCAPSULATION;
pub(super) use pool_nat::RULE as POOL_NAT;
pub(super) use pool_not_listed::RULE as POOL_NOT_LISTED;
pub(super) use pool_text::RULE as POOL_TEXT;
pub(super) use pools::RULE as POOLS;
pub(crate) use pools::new_pool;
pub(super) use too_many_pools::RULE as TOO_MANY_POOLS;
pub(super) use values_unread::RULE as VALUES_UNREAD;
pub(super) use windows::RULE as WINDOWS;

use super::wanted::CROSS_SUBNET_NEEDS_IPV4;
use super::{Change, ChangeDescription, Diagnostic, Fix, Metadata};
use crate::address::Family;
use crate::model::facts::Ipam;
use crate::model::install::CalicoInstall;
use crate::model::installation::Installation;
use crate::model::pool::Pool;
use crate::rules::Effect;
use crate::target::{Backend, Encapsulation, Stack, Target};
use crate::version::{Component, Gate, Window};
use crate::yaml::NodeId;
use crate::yaml::write::Op;

/// Support for encapsulation of IPv6 pools (tigera/operator `validation.go`).
pub(crate) const NO_IPV6_ENCAPSULATION: Gate = Gate {
    component: Component::Operator,
    what: "the operator refuses any encapsulation of an IPv6 pool",
    windows: &[Window::before(1, 27, 0)],
};

/// The description of a change of an Installation: (field, from, to, why).
type ChangeText<'a> = (&'a str, Option<&'a str>, Option<&'a str>, &'a str);

fn change(installation: &Installation<'_>, node: NodeId, op: Op, text: ChangeText<'_>) -> Change {
    let (field, from, to, why) = text;
    let object = &installation.object;
    let description = Some(ChangeDescription::new(object.title(), field, from, to, why));
    Change {
        document: object.resource.document,
        planned: object.planned(node, op),
        description,
        object: Some(object.key()),
        field: None,
        effect: Effect::RollOutCalicoNode,
    }
}

impl Installation<'_> {
    /// A diagnostic at one of the nodes of this Installation.
    pub(super) fn diagnostic(&self, meta: &'static Metadata, node: NodeId) -> Diagnostic {
        Diagnostic::at_range(meta, self.object.range(node)).path(self.object.path(node))
    }
}

/// A fix with one change.
pub(super) fn pool_changes(
    installation: &Installation<'_>,
    node: NodeId,
    op: Op,
    text: ChangeText<'_>,
) -> Fix {
    Fix::new(vec![change(installation, node, op, text)])
}

/// A diagnostic at the list of pools, or at its nearest parent if there is no list.
fn at_pools(meta: &'static Metadata, installation: &Installation<'_>) -> Diagnostic {
    let tree = installation.tree();
    let node = installation.pool_list.or(installation.network).or(installation.spec);
    let node = node.unwrap_or(installation.root);
    installation.diagnostic(meta, tree.key_of(node).unwrap_or(node))
}

/// The pools of a family from which pods get addresses.
fn pools_of<'a>(installation: &'a Installation<'_>, family: Family) -> Vec<&'a Pool> {
    installation.pools.iter().filter(|p| p.is_for_pods && p.family() == Some(family)).collect()
}

/// The encapsulation that the IPv6 pool will have: its own, or that of the pool that is added.
pub(super) fn future_ipv6_encapsulation<'i>(
    target: &Target,
    install: &CalicoInstall<'_>,
    installation: &'i Installation<'_>,
) -> &'i str {
    let of = |family| {
        let pool = pools_of(installation, family).into_iter().next()?;
        Some(pool.mode())
    };
    let is_asked = target.encapsulation.is_some();
    match (of(Family::Ipv6), of(Family::Ipv4)) {
        (Some(Some(own)), _) if !is_asked && !own.starts_with("IPIP") => own,
        // If it is missing, it is None, and that is kept.
        (Some(None), _) if !is_asked => "None",
        (Some(own), _) => ipv6_encapsulation(target, install, own),
        (None, Some(counterpart)) => ipv6_encapsulation(target, install, counterpart),
        (None, None) => ipv6_encapsulation(target, install, Some(default_ipv4_encapsulation(install))),
    }
}

/// The encapsulation that the operator gives to an IPv4 pool by default. A pool that is written out gets the same, so
/// that nothing changes for IPv4.
fn default_ipv4_encapsulation(install: &CalicoInstall<'_>) -> &'static str {
    if install.facts.ipam == Ipam::HostLocal {
        "None"
    } else if install.facts.backend == Backend::Vxlan || install.facts.is_bpf {
        // Without BGP there is no IPIP, and the manifests that ship eBPF come without pools and are for new clusters.
        "VXLAN"
    } else {
        "IPIP"
    }
}

/// The encapsulation of a new IPv6 pool next to a pool with the encapsulation `counterpart`; the operator's default for
/// IPv4 is IPIP.
fn ipv6_encapsulation(
    target: &Target,
    install: &CalicoInstall<'_>,
    counterpart: Option<&str>,
) -> &'static str {
    let broken =
        target.to == Stack::Ipv6Only && CROSS_SUBNET_NEEDS_IPV4.applies(install.facts.calico) != Some(false);
    let cross_subnet = if broken { "VXLAN" } else { "VXLANCrossSubnet" };
    match (target.encapsulation, counterpart) {
        _ if install.facts.ipam == Ipam::HostLocal => "None",
        (Some(Encapsulation::None), _) => "None",
        (Some(Encapsulation::Vxlan), _) => "VXLAN",
        (Some(Encapsulation::VxlanCrossSubnet), _) => cross_subnet,
        (None, _) if NO_IPV6_ENCAPSULATION.holds(install.facts.operator) => "None",
        (None, Some("None")) => "None",
        (None, Some("VXLAN")) => "VXLAN",
        // IPIP carries IPv4 only; VXLAN across subnets reaches as far and costs nothing inside one.
        (None, Some("IPIP" | "IPIPCrossSubnet" | "VXLANCrossSubnet") | None) => cross_subnet,
        (None, Some(_)) => "None",
    }
}
