use crate::rules::change::{Near, at_env};
use crate::rules::wanted::{CROSS_SUBNET_NEEDS_IPV4, NO_IPV6_VXLAN};
use crate::rules::{Context, Findings, Fixable, Metadata, Rule, Severity};
use crate::target::Backend;

const META: Metadata = Metadata {
    id: "ENC-010",
    name: "ipv6-encapsulation-differs",
    severity: Severity::Error,
    finds: "the IPv6 pool is not wrapped as this network needs it",
    why: "IPv6 has VXLAN or nothing (IPIP carries IPv4 only): where the network between the nodes does not route pod addresses, only VXLAN brings them across",
    remedy: "CALICO_IPV6POOL_VXLAN says what --encapsulation asks for; with the VXLAN backend it is never Never",
    fixable: Fixable::Always,
    gates: &[NO_IPV6_VXLAN, CROSS_SUBNET_NEEDS_IPV4],
    example: (
        "- name: CALICO_IPV6POOL_VXLAN\n  value: \"Never\"",
        "- name: CALICO_IPV6POOL_VXLAN\n  value: \"CrossSubnet\"",
    ),
    sources: &[
        "projectcalico/calico: node/pkg/lifecycle/startup/startup.go",
        "projectcalico/calico: issue 9403",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check };

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let Some(node) = &cx.node else { return };
    let Some(wanted) = cx.wanted_ipv6_vxlan() else { return };
    if NO_IPV6_VXLAN.holds(cx.facts.calico) {
        return;
    }
    let why = match (cx.target.encapsulation, cx.facts.backend) {
        (Some(_), _) if wanted == "Always" && cx.is_ipv6_only() => {
            "as asked for, in the mode that works IPv6-only on this release"
        }
        (Some(_), _) => "as asked for",
        (None, Backend::Vxlan)
            if cx.env_text("CALICO_IPV6POOL_VXLAN").is_none_or(|t| t.eq_ignore_ascii_case("never")) =>
        {
            "without BGP only VXLAN carries IPv6 between nodes"
        }
        (None, _) => "CrossSubnet makes no routes IPv6-only on this release",
    };
    let near = Near(&["CALICO_IPV4POOL_VXLAN", "CALICO_IPV4POOL_IPIP", "IP6", "IP"]);
    if let Some(fix) = cx.set_env("CALICO_IPV6POOL_VXLAN", wanted, &near, why) {
        findings.push(at_env(&META, node, "CALICO_IPV6POOL_VXLAN").fix(fix));
    }
}
