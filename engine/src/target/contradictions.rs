//! Contradictions between options of a target.

use super::{NatOutgoing, RangeOf, Stack, Target, TargetError, TargetOption};
use crate::address::{Family, IPV4_BLOCK, IPV6_BLOCK, overlap, unusable};

/// Ranges that must not overlap: the one to change, the other one and its name, and what could get the same address.
const SEPARATE: [(RangeOf, RangeOf, &str, &str); 3] = [
    (RangeOf::Services, RangeOf::Pods, "pod", "a pod and a Service"),
    (RangeOf::LoadBalancers, RangeOf::Pods, "pod", "a pod and a Service"),
    (RangeOf::LoadBalancers, RangeOf::Services, "service", "two Services"),
];

impl Target {
    /// Returns the contradictions that do not depend on the input.
    pub(super) fn contradictions(&self) -> Vec<TargetError> {
        let mut errors = Vec::new();
        let mut wrong = |option, message| errors.push(TargetError { option: Some(option), message });
        for (option, is_given) in of_other_family(self.to) {
            if is_given(self) {
                let message = format!("has no effect with --to {}: omit it", self.to.word());
                wrong(option, message);
            }
        }
        if self.to == Stack::DualStack && self.nodes_have_ipv4 == Some(false) {
            wrong("nodes-have-ipv4", "every node of a dual-stack cluster needs IPv4: omit it".to_owned());
        }
        if self.running && self.new_cluster {
            wrong(
                "running",
                "a running cluster is not a new one: omit --running or --new-cluster".to_owned(),
            );
        }
        for of in [RangeOf::Pods, RangeOf::Services, RangeOf::LoadBalancers] {
            for family in [Family::Ipv6, Family::Ipv4] {
                let net = self.range(of, family);
                if let Some((net, why)) = net.and_then(|net| Some((net, unusable(net)?))) {
                    wrong(of.option(family).0, format!("{net} contains {why}"));
                }
            }
        }
        for family in [Family::Ipv6, Family::Ipv4] {
            for (of, other, what, who) in SEPARATE {
                if let (Some(a), Some(b)) = (self.range(other, family), self.range(of, family))
                    && overlap(a, b)
                {
                    let message =
                        format!("{b} overlaps the {what} CIDR {a}: {who} could get the same address");
                    wrong(of.option(family).0, message);
                }
            }
        }
        let block = self.ipv6_block_size.unwrap_or(IPV6_BLOCK);
        if let Some(net) = self.ipv6_pod_cidr
            && net.prefix_len() > block
        {
            let message = format!(
                "{net} is smaller than one block (/{block}), so calico-node would exit: use a /{block} or larger"
            );
            wrong("ipv6-pod-cidr", message);
        }
        if let Some(net) = self.ipv4_pod_cidr
            && net.prefix_len() > IPV4_BLOCK
        {
            wrong(
                "ipv4-pod-cidr",
                format!(
                    "{net} is smaller than one block (/{IPV4_BLOCK}), so calico-node would exit: use a /{IPV4_BLOCK} or larger"
                ),
            );
        }
        errors
    }
}

/// An option, and whether a target sets it to something that it cannot do.
type Contradiction = (&'static str, fn(&Target) -> bool);

/// The options of an IP family that a target does not have.
fn of_other_family(to: Stack) -> &'static [Contradiction] {
    match to {
        Stack::DualStack => &[("nodes-have-ipv4", |target| target.nodes_have_ipv4 == Some(true))],
        Stack::Ipv6Only => &[
            ("ipv4-pod-cidr", |target| target.ipv4_pod_cidr.is_some()),
            ("ipv4-service-cidr", |target| target.ipv4_service_cidr.is_some()),
            ("ipv4-load-balancer-cidr", |target| target.ipv4_load_balancer_cidr.is_some()),
            ("primary-family", |target| target.primary_family == Some(Family::Ipv4)),
        ],
        Stack::Ipv4Only => &[
            ("ipv6-pod-cidr", |target| target.ipv6_pod_cidr.is_some()),
            ("ipv6-service-cidr", |target| target.ipv6_service_cidr.is_some()),
            ("ipv6-load-balancer-cidr", |target| target.ipv6_load_balancer_cidr.is_some()),
            ("ipv6-machine-cidr", |target| target.ipv6_machine_cidr.is_some()),
            ("encapsulation", |target| target.encapsulation.is_some()),
            ("nat-outgoing", |target| target.nat_outgoing != NatOutgoing::Auto),
            ("ipv6-block-size", |target| target.ipv6_block_size.is_some()),
            ("ipv6-autodetection-method", |target| target.ipv6_autodetection_method.is_some()),
            ("primary-family", |target| target.primary_family == Some(Family::Ipv6)),
            ("router-id", |target| target.hash_router_id),
            ("nodes-have-ipv4", |target| target.nodes_have_ipv4 == Some(false)),
        ],
    }
}

impl TargetOption {
    /// Whether the option has an effect on such a target: an option of another IP family has none.
    #[must_use]
    pub fn has_effect(&self, to: Stack) -> bool {
        of_other_family(to).iter().all(|(flag, _)| *flag != self.flag)
    }
}
