use crate::rules::change::{Near, at_env};
use crate::rules::wanted::{CROSS_SUBNET_NEEDS_IPV4, NO_IPV6_VXLAN, Vxlan};
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use crate::target::Backend;

const META: Metadata = Metadata {
    id: "ENC-010",
    name: "ipv6-encapsulation-differs",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the IPv6 pool is not wrapped as this network needs it",
    consequence: "IPv6 has VXLAN or nothing (IPIP carries IPv4 only): where the network between the nodes does not route pod addresses, only VXLAN brings them across",
    help: "CALICO_IPV6POOL_VXLAN says what --encapsulation asks for; with the VXLAN backend it is never Never",
    fixable: Fixable::Sometimes,
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

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

const NAME: &str = "CALICO_IPV6POOL_VXLAN";

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = &cx.node else { return };
    let unread = cx.env_text(NAME).filter(|mode| Vxlan::parse(mode).is_none());
    if let Some(mode) =
        unread.filter(|_| cx.wants_ipv6() && cx.makes_pools() && cx.target.encapsulation.is_none())
    {
        let diagnostic = at_env(&META, node, NAME)
            .message(format!("`{mode}` is no VXLAN mode: Always, CrossSubnet or Never"));
        diagnostics.push(
            diagnostic.consequence("calico-node exits on it").help("correct it, or give --encapsulation"),
        );
        return;
    }
    let Some(wanted) = cx.wanted_ipv6_vxlan() else { return };
    if NO_IPV6_VXLAN.holds(cx.facts.calico) {
        return;
    }
    let why = match (cx.target.encapsulation, cx.facts.backend) {
        (Some(_), _) if wanted == "Always" && cx.is_ipv6_only() => {
            "as asked for, in the mode that works IPv6-only on this release"
        }
        (Some(_), _) => "as asked for",
        (None, Backend::Vxlan) if cx.env_text(NAME).is_none_or(|t| t.eq_ignore_ascii_case("never")) => {
            "without BGP only VXLAN carries IPv6 between nodes"
        }
        (None, _) => "CrossSubnet makes no routes IPv6-only on this release",
    };
    let near = Near(&["CALICO_IPV4POOL_VXLAN", "CALICO_IPV4POOL_IPIP", "IP6", "IP"]);
    if let Some(fix) = cx.set_env(NAME, wanted, &near, why) {
        diagnostics.push(at_env(&META, node, NAME).fix(fix));
    }
}
