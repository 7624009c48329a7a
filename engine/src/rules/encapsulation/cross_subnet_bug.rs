use crate::rules::wanted::CROSS_SUBNET_NEEDS_IPV4;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use crate::yaml::write::{Op, Value};

use super::super::operator::pool_changes;

const META: Metadata = Metadata {
    id: "ENC-004",
    name: "cross-subnet-without-ipv4",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "on this release an IPv6-only CrossSubnet pool makes no routes to other subnets",
    consequence: "Felix compares IPv4 subnets to tell whether two nodes share one; without IPv4 it finds none and programs nothing",
    help: "VXLAN between all nodes; or Calico 3.28.3, 3.29.1, 3.30 and later",
    fixable: Fixable::Always,
    gates: &[CROSS_SUBNET_NEEDS_IPV4],
    example: ("encapsulation: VXLANCrossSubnet", "encapsulation: VXLAN"),
    sources: &["projectcalico/calico: issue 9403"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(installation) = &cx.installation else { return };
    if !cx.is_ipv6_only() || !CROSS_SUBNET_NEEDS_IPV4.holds(cx.facts.calico) {
        return;
    }
    for pool in &installation.pools {
        if pool.family() == Some(crate::address::Family::Ipv6)
            && let Some((node, now @ "VXLANCrossSubnet")) = installation.pool_field(pool, "encapsulation")
        {
            let set = Op::Set(Value::string("VXLAN"));
            let told = (
                "encapsulation",
                Some(now),
                Some("VXLAN"),
                "CrossSubnet makes no routes IPv6-only on this release",
            );
            diagnostics.push(installation.diagnostic(&META, node).fix(pool_changes(
                installation,
                node,
                set,
                told,
            )));
        }
    }
}
