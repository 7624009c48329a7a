use super::{NO_IPV6_ENCAPSULATION, at_pools};
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::Encapsulation;

const META: Metadata = Metadata {
    id: "OP-002",
    name: "ipv6-encapsulation-before-operator",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_IPV6_ENCAPSULATION],
    texts: Texts {
        finds: "this operator does not support encapsulation of IPv6 pools",
        consequence: "the operator goes Degraded and changes nothing: `Encapsulation is not supported by IPv6 pools` (before 1.9 `in IPv6 pools`)",
        help: "upgrade to operator 1.27 (Calico 3.23) or later, or pass --encapsulation none in a network that routes pod addresses",
        example: ("", ""),
        sources: &[upstream::OPERATOR.file("pkg/controller/installation/validation.go").line(212).at("v1.26.0")],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, installation) in cx.installations() {
        if !cx.wants_ipv6() || !NO_IPV6_ENCAPSULATION.holds(install.facts.operator) {
            continue;
        }
        if matches!(cx.target.encapsulation, Some(Encapsulation::Vxlan | Encapsulation::VxlanCrossSubnet)) {
            diagnostics.push(at_pools(&META, installation));
            continue;
        }
        for pool in &installation.pools {
            if pool.family() == Some(Family::Ipv6)
                && let Some(mode) = pool.encapsulation.as_ref().filter(|mode| mode.text != "None")
            {
                diagnostics.push(installation.diagnostic(&META, mode.node));
            }
        }
        let bgp_off = !installation.has_bgp();
        if bgp_off {
            diagnostics.push(
                at_pools(&META, installation).message("without BGP, this operator has no routes for IPv6"),
            );
        }
    }
}
