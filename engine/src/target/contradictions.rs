//! Contradictions between options of a target.

use super::{Stack, Target, TargetError};
use crate::address::{Family, IPV4_BLOCK, IPV6_BLOCK, overlap, unusable};
use ipnet::IpNet;

impl Target {
    /// Returns the contradictions that do not depend on the input.
    pub(super) fn contradictions(&self) -> Vec<TargetError> {
        let mut errors = Vec::new();
        let mut wrong = |option, message| errors.push(TargetError { option: Some(option), message });
        for (option, is_given) in self.of_other_family() {
            if is_given {
                let message = format!("has no effect with --to {}: omit it", word(self.to));
                wrong(option, message);
            }
        }
        let nets: [(&'static str, Option<IpNet>); 4] = [
            ("ipv6-pod-cidr", self.ipv6_pod_cidr.map(IpNet::V6)),
            ("ipv4-pod-cidr", self.ipv4_pod_cidr.map(IpNet::V4)),
            ("ipv6-service-cidr", self.ipv6_service_cidr.map(IpNet::V6)),
            ("ipv4-service-cidr", self.ipv4_service_cidr.map(IpNet::V4)),
        ];
        for (flag, net) in nets {
            if let Some(why) = net.and_then(unusable) {
                wrong(flag, format!("{} contains {why}", net.unwrap_or_default()));
            }
        }
        for (pods, services) in [(0, 2), (1, 3)] {
            if let (Some(a), Some(b)) = (nets[pods].1, nets[services].1)
                && overlap(a, b)
            {
                wrong(
                    nets[services].0,
                    format!("{b} overlaps the pod CIDR {a}: a pod and a Service could get the same address"),
                );
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

    /// The options of a family that the target does not have, and whether each is set.
    fn of_other_family(&self) -> Vec<(&'static str, bool)> {
        match self.to {
            Stack::DualStack => Vec::new(),
            Stack::Ipv6Only => vec![
                ("ipv4-pod-cidr", self.ipv4_pod_cidr.is_some()),
                ("ipv4-service-cidr", self.ipv4_service_cidr.is_some()),
                ("primary-family", self.primary_family == Some(Family::Ipv4)),
            ],
            Stack::Ipv4Only => vec![
                ("ipv6-pod-cidr", self.ipv6_pod_cidr.is_some()),
                ("ipv6-service-cidr", self.ipv6_service_cidr.is_some()),
                ("ipv6-machine-cidr", self.ipv6_machine_cidr.is_some()),
                ("ipv6-block-size", self.ipv6_block_size.is_some()),
                ("ipv6-autodetection-method", self.ipv6_autodetection_method.is_some()),
                ("primary-family", self.primary_family == Some(Family::Ipv6)),
                ("router-id", self.router_id.is_some()),
                ("nodes-have-ipv4", self.nodes_have_ipv4 == Some(false)),
            ],
        }
    }
}

/// A stack as the option `--to` spells it.
fn word(stack: Stack) -> &'static str {
    match stack {
        Stack::Ipv4Only => "ipv4-only",
        Stack::Ipv6Only => "ipv6-only",
        Stack::DualStack => "dual-stack",
    }
}
