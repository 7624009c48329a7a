//! Decisions that several rules share. They follow from the target and the facts.

use crate::model::facts::cluster::ClusterFacts;
use crate::model::facts::{Variant, is_false, is_true};
use crate::model::fields::ObjectKind;
use crate::model::install::CalicoInstall;
use crate::target::{Backend, Encapsulation, NatOutgoing, Provisioner, Stack, Target};
use crate::version::{Component, Gate, Version, Window};
use ipnet::Ipv6Net;

/// Support for IPv6 VXLAN and `CALICO_IPV6POOL_VXLAN` (release notes of v3.23.0).
pub(super) const NO_IPV6_VXLAN: Gate = Gate {
    component: Component::Calico,
    what: "Calico does not support VXLAN for IPv6 and silently ignores CALICO_IPV6POOL_VXLAN",
    windows: &[Window::before(3, 23, 0)],
};

/// Support for `CALICO_IPV4POOL_CIDR=none` (projectcalico/calico pull request 8156).
pub(super) const NO_POOL_NONE: Gate = Gate {
    component: Component::Calico,
    what: "calico-node exits on CALICO_IPV4POOL_CIDR=none",
    windows: &[Window::before(3, 29, 0)],
};

/// `CALICO_IPV6POOL_VXLAN` is read only if the IPv4 pool is on (pull request 13115). Last checked: v3.32.1, and the branches
/// release-v3.32 and release-v3.33, which have the fix.
pub(super) const NONE_HIDES_VXLAN: Gate = Gate {
    component: Component::Calico,
    what: "with CALICO_IPV4POOL_CIDR=none, calico-node ignores CALICO_IPV6POOL_VXLAN, and the IPv6 pool gets no VXLAN",
    windows: &[
        Window::between(Version::new(3, 29, 0), Version::new(3, 31, 7)),
        Window::between(Version::new(3, 32, 0), Version::new(3, 32, 2)),
    ],
};

/// Routes of IPv6-only `CrossSubnet` pools (projectcalico/calico issue 9403).
pub(crate) const CROSS_SUBNET_NEEDS_IPV4: Gate = Gate {
    component: Component::Calico,
    what: "an IPv6-only VXLAN CrossSubnet pool has no routes to nodes in other subnets",
    windows: &[Window::before(3, 28, 3), Window::between(Version::new(3, 29, 0), Version::new(3, 29, 1))],
};

/// calico-node reads kubeadm's `podSubnet` (release notes of v3.13.0).
pub(crate) const NO_KUBEADM_CIDR: Gate = Gate {
    component: Component::Calico,
    what: "calico-node does not read kubeadm's podSubnet",
    windows: &[Window::before(3, 13, 0)],
};

impl CalicoInstall<'_> {
    /// Whether the cluster is IPv6-only before any change, so that nothing is converted.
    pub(super) fn is_ipv6_only_already(&self, target: &Target) -> bool {
        target.to == Stack::Ipv6Only && self.facts.stack == Some(Stack::Ipv6Only)
    }

    /// Whether calico-node creates the default pools of this installation from its environment.
    pub(super) fn makes_pools(&self) -> bool {
        self.node.is_some()
            && !matches!(self.facts.variant, Variant::FlannelMigration | Variant::Windows)
            && !self.env_text("NO_DEFAULT_POOLS").is_some_and(is_true)
    }

    /// The CIDR of the IPv6 pool: the requested one, else that of the manifest.
    pub(super) fn ipv6_pool(&self, target: &Target) -> Option<Ipv6Net> {
        target.ipv6_pod_cidr.or_else(|| self.env_text("CALICO_IPV6POOL_CIDR")?.trim().parse().ok())
    }

    /// The value that `CALICO_IPV6POOL_VXLAN` must have; `None` keeps its value (if it is missing, that is Never).
    pub(super) fn wanted_ipv6_vxlan(&self, target: &Target) -> Option<&'static str> {
        if !target.to.has_ipv6() || !self.makes_pools() || self.facts.backend == Backend::None {
            return None;
        }
        let cross_subnet = || {
            // If the release is unknown, use Always, which works on all of them.
            let broken = target.to == Stack::Ipv6Only
                && CROSS_SUBNET_NEEDS_IPV4.applies(self.facts.calico) != Some(false);
            if broken { "Always" } else { "CrossSubnet" }
        };
        let now = self.env_text("CALICO_IPV6POOL_VXLAN").and_then(Vxlan::parse);
        match (target.encapsulation, now) {
            (Some(Encapsulation::None), Some(Vxlan::Always | Vxlan::CrossSubnet)) => Some("Never"),
            (Some(Encapsulation::None), _) => None,
            (Some(Encapsulation::Vxlan), _) => Some("Always"),
            (Some(Encapsulation::VxlanCrossSubnet), _) => Some(cross_subnet()),
            // A cluster that is already IPv6-only is not converted: its mode is kept.
            (None, Some(Vxlan::CrossSubnet)) if self.is_ipv6_only_already(target) => None,
            (None, Some(Vxlan::CrossSubnet)) => Some(cross_subnet()).filter(|mode| *mode != "CrossSubnet"),
            (None, Some(Vxlan::Always)) => None,
            (None, Some(Vxlan::Never) | None) if self.facts.backend == Backend::Vxlan => {
                match self.env_text("CALICO_IPV4POOL_VXLAN").and_then(Vxlan::parse) {
                    Some(Vxlan::Always) => Some("Always"),
                    _ => Some(cross_subnet()),
                }
            }
            (None, Some(Vxlan::Never) | None) => None,
        }
    }

    /// Whether the IPv6 pool will use VXLAN, judged by the environment of calico-node.
    pub(super) fn has_ipv6_vxlan(&self, target: &Target) -> bool {
        let mode = self.wanted_ipv6_vxlan(target).or(self.env_text("CALICO_IPV6POOL_VXLAN"));
        mode.is_some_and(Vxlan::is_on) && !NO_IPV6_VXLAN.holds(self.facts.calico)
    }

    /// Whether `CALICO_IPV4POOL_CIDR=none` prevents the IPv4 pool on this release without changing the IPv6 pool.
    pub(super) fn may_say_none(&self, target: &Target) -> bool {
        NO_POOL_NONE.applies(self.facts.calico) == Some(false)
            && !(self.has_ipv6_vxlan(target) && NONE_HIDES_VXLAN.applies(self.facts.calico) != Some(false))
    }
}

impl CalicoInstall<'_> {
    /// Whether calico-node has an IPv6 address and Felix handles IPv6, as far as variables say.
    pub(crate) fn has_ipv6_address(&self) -> bool {
        let address = self.env_text("IP6").is_some_and(|text| !matches!(text, "" | "none"));
        address && !self.env_text("FELIX_IPV6SUPPORT").is_some_and(is_false)
    }
}

/// Whether NAT is required for an IPv6 pool that does not set it; `None` keeps the default.
pub(super) fn wants_nat(target: &Target, pool: Option<Ipv6Net>) -> Option<bool> {
    match target.nat_outgoing {
        NatOutgoing::On => Some(true),
        NatOutgoing::Off => Some(false),
        NatOutgoing::Auto => pool.is_some_and(crate::address::is_unique_local).then_some(true),
    }
}

/// A VXLAN mode as calico-node reads it: case-insensitive; `Off` and the empty string are Never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vxlan {
    Never,
    Always,
    CrossSubnet,
}

impl Vxlan {
    /// Returns `None` if calico-node exits on this value.
    pub(super) fn parse(text: &str) -> Option<Vxlan> {
        match text.to_ascii_lowercase().as_str() {
            "always" => Some(Vxlan::Always),
            "crosssubnet" | "cross-subnet" => Some(Vxlan::CrossSubnet),
            "never" | "off" | "" => Some(Vxlan::Never),
            _ => None,
        }
    }

    /// Whether this value turns the tunnel on; an invalid value does not.
    pub(super) fn is_on(text: &str) -> bool {
        matches!(Vxlan::parse(text), Some(Vxlan::Always | Vxlan::CrossSubnet))
    }
}

/// Whether calico-node reads kubeadm's podSubnet: an option or the files show that kubeadm created the cluster.
pub(crate) fn reads_kubeadm(install: &CalicoInstall<'_>, cluster: &ClusterFacts, target: &Target) -> bool {
    let has_file = || cluster.lists.stated.iter().any(|value| value.kind == ObjectKind::ClusterConfiguration);
    let is_kubeadm =
        target.provisioner.map_or_else(has_file, |provisioner| provisioner == Provisioner::Kubeadm);
    is_kubeadm && !NO_KUBEADM_CIDR.holds(install.facts.calico)
}
