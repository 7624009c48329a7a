use crate::diagnostic::upstream;
use crate::model::install::CalicoInstall;
use crate::rules::change::at_env;
use crate::rules::wanted::{CROSS_SUBNET_NEEDS_IPV4, Vxlan};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::write::{Op, Value};

use super::super::operator::pool_changes;

const META: Metadata = Metadata {
    id: "ENC-004",
    name: "cross-subnet-without-ipv4",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[CROSS_SUBNET_NEEDS_IPV4],
    texts: Texts {
        finds: "on this release, an IPv6-only CrossSubnet pool has no routes to other subnets",
        consequence: "Felix also compares the IPv4 subnets of nodes; without IPv4 all nodes seem to share one subnet, and Felix programs no VXLAN route to a node in another IPv6 subnet",
        help: "use VXLAN between all nodes, or upgrade to Calico 3.28.3, 3.29.1 or 3.30",
        example: ("encapsulation: VXLANCrossSubnet", "encapsulation: VXLAN"),
        sources: &[
            upstream::CALICO.issue(9403),
            upstream::CALICO.pull(9416),
            upstream::CALICO.file("felix/calc/l3_route_resolver.go").line(878).at("v3.28.2"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const KEPT: &str = "ignore this if all nodes are in one subnet; otherwise pass --encapsulation vxlan, or upgrade to Calico 3.28.3, 3.29.1 or 3.30";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        variable(cx, install, diagnostics);
        let Some(installation) = &install.installation else { continue };
        if !cx.is_ipv6_only() || !CROSS_SUBNET_NEEDS_IPV4.holds(install.facts.calico) {
            continue;
        }
        for pool in &installation.pools {
            if pool.family() == Some(crate::address::Family::Ipv6)
                && let Some(mode) = pool.encapsulation.as_ref().filter(|mode| mode.text == "VXLANCrossSubnet")
            {
                if install.is_ipv6_only_already(cx.target) && cx.target.encapsulation.is_none() {
                    // This is not a conversion: the mode is kept, and works if all nodes share a subnet.
                    diagnostics.push(
                        installation.diagnostic(&META, mode.node).severity(Severity::Warning).help(KEPT),
                    );
                    continue;
                }
                let set = Op::Set(Value::string("VXLAN"));
                let description = (
                    "encapsulation",
                    Some(mode.text.as_str()),
                    Some("VXLAN"),
                    "on this release, CrossSubnet has no routes in an IPv6-only cluster",
                );
                diagnostics.push(installation.diagnostic(&META, mode.node).fix(pool_changes(
                    installation,
                    mode.node,
                    set,
                    description,
                )));
            }
        }
    }
}

/// Checks the variable of calico-node that is kept, because nothing is converted.
fn variable(cx: &Context<'_>, install: &CalicoInstall<'_>, diagnostics: &mut Diagnostics) {
    let name = "CALICO_IPV6POOL_VXLAN";
    let Some(node) =
        install.node.as_ref().filter(|_| install.makes_pools() && cx.target.encapsulation.is_none())
    else {
        return;
    };
    let is_cross_subnet = install.env_text(name).and_then(Vxlan::parse) == Some(Vxlan::CrossSubnet);
    if is_cross_subnet
        && install.is_ipv6_only_already(cx.target)
        && CROSS_SUBNET_NEEDS_IPV4.holds(install.facts.calico)
    {
        diagnostics.push(at_env(&META, node, name).severity(Severity::Warning).help(KEPT));
    }
}
