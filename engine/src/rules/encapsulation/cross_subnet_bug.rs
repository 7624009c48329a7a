use crate::rules::change::at_env;
use crate::rules::wanted::{CROSS_SUBNET_NEEDS_IPV4, Vxlan};
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
    fixable: Fixable::Sometimes,
    gates: &[CROSS_SUBNET_NEEDS_IPV4],
    example: ("encapsulation: VXLANCrossSubnet", "encapsulation: VXLAN"),
    sources: &["projectcalico/calico: issue 9403"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

const KEPT: &str = "ignore this if all nodes are in one subnet; otherwise give --encapsulation vxlan, or upgrade to Calico 3.28.3, 3.29.1 or 3.30";

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    variable(cx, diagnostics);
    let Some(installation) = &cx.installation else { return };
    if !cx.is_ipv6_only() || !CROSS_SUBNET_NEEDS_IPV4.holds(cx.facts.calico) {
        return;
    }
    for pool in &installation.pools {
        if pool.family() == Some(crate::address::Family::Ipv6)
            && let Some((node, now @ "VXLANCrossSubnet")) = installation.pool_field(pool, "encapsulation")
        {
            if cx.is_ipv6_only_already() && cx.target.encapsulation.is_none() {
                // Not a conversion: the mode stays, and works as long as all nodes share a subnet.
                diagnostics.push(installation.diagnostic(&META, node).severity(Severity::Warning).help(KEPT));
                continue;
            }
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

/// A variable of calico-node that stays, because nothing is converted.
fn variable(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let name = "CALICO_IPV6POOL_VXLAN";
    let Some(node) = cx.node.as_ref().filter(|_| cx.makes_pools() && cx.target.encapsulation.is_none())
    else {
        return;
    };
    let is_cross_subnet = cx.env_text(name).and_then(Vxlan::parse) == Some(Vxlan::CrossSubnet);
    if is_cross_subnet && cx.is_ipv6_only_already() && CROSS_SUBNET_NEEDS_IPV4.holds(cx.facts.calico) {
        diagnostics.push(at_env(&META, node, name).severity(Severity::Warning).help(KEPT));
    }
}
