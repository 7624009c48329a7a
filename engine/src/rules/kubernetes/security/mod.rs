//! Settings that protect one IP family and leave the other one open.

pub(in crate::rules) mod deny;
pub(in crate::rules) mod felix_addresses;
pub(in crate::rules) mod icmp;
pub(in crate::rules) mod ingress_sources;
pub(in crate::rules) mod mixed_rule;
mod policy_rules;
pub(in crate::rules) mod source_ranges;
pub(in crate::rules) mod wireguard;

pub(super) use deny::allowed;
