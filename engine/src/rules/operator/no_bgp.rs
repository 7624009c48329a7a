use super::NO_IPV6_ENCAPSULATION;
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::facts::Ipam;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "OP-010",
    name: "unencapsulated-pool-without-bgp",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a pool without VXLAN needs BGP, and BGP is off",
        consequence: "the operator (1.9 and later) goes Degraded: `unencapsulated IP pools require that BGP is enabled` (before 1.41 with a capital letter; from 1.42 on after the words `with BIRD cluster routing mode, `, and not with clusterRoutingMode: Felix), or `IPIP encapsulation requires that BGP is enabled`. Before 1.34 it checks IPv4 pools only, and an IPv6 pool then has no routes",
        help: "pass --encapsulation vxlan, or set bgp: Enabled (operator 1.42 and later: or clusterRoutingMode: Felix)",
        example: ("", ""),
        sources: &[
            upstream::OPERATOR.file("pkg/controller/installation/validation.go").line(181),
            upstream::OPERATOR.file("pkg/controller/installation/validation.go").line(185).at("v1.33.0"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, installation) in cx.installations() {
        let bgp_off = !installation.has_bgp();
        let felix_routes = installation.network_field("clusterRoutingMode") == Some("Felix");
        // Another rule reports an operator that supports no encapsulation for IPv6 at all.
        if NO_IPV6_ENCAPSULATION.holds(install.facts.operator)
            || !bgp_off
            || felix_routes
            || install.facts.ipam == Ipam::HostLocal
            || !cx.wants_ipv6()
        {
            continue;
        }
        if super::future_ipv6_encapsulation(cx.target, install, installation) == "None" {
            let own = super::pools_of(installation, Family::Ipv6).into_iter().next();
            diagnostics.push(match own.and_then(|pool| pool.encapsulation.as_ref()) {
                Some(mode) => installation.diagnostic(&META, mode.node),
                None => super::at_pools(&META, installation)
                    .message("the IPv6 pool would have no encapsulation, and BGP is off"),
            });
        }
        for pool in super::pools_of(installation, Family::Ipv4) {
            let Some(mode) = &pool.encapsulation else { continue };
            if cx.wants_ipv4() && matches!(mode.text.as_str(), "None" | "IPIP" | "IPIPCrossSubnet") {
                diagnostics.push(installation.diagnostic(&META, mode.node));
            }
        }
    }
}
