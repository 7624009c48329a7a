use crate::address::is_ipv6_address;
use crate::rules::change::{Near, at_env};
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};

const META: Metadata = Metadata {
    id: "NODE-003",
    name: "ipv6-autodetection-off",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "calico-node does not look for the IPv6 address of its node",
    consequence: "without IP6=autodetect a node has no IPv6 address in Calico: no IPv6 peering, no IPv6 routes between nodes. The word is case-sensitive, and calico-node exits on `AutoDetect` or brackets",
    help: "IP6 becomes autodetect; first see that every node has a global or unique-local IPv6 address, or calico-node exits there and its IPv4 goes too",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "- name: IP\n  value: \"autodetect\"",
        "- name: IP\n  value: \"autodetect\"\n- name: IP6\n  value: \"autodetect\"",
    ),
    sources: &["projectcalico/calico: node/pkg/lifecycle/startup/startup.go"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = cx.addressed_node() else { return };
    let now = cx.env_text("IP6");
    if !cx.wants_ipv6() {
        if now.is_some()
            && let Some(fix) = cx.remove_env("IP6", "nothing looks for an IPv6 address any more")
        {
            let message = "calico-node looks for an IPv6 address that nothing needs";
            diagnostics
                .push(at_env(&META, node, "IP6").severity(Severity::Warning).message(message).fix(fix));
        }
        return;
    }
    // An address of one node in a DaemonSet is odd, but works where there is one node.
    if now.is_some_and(|text| is_ipv6_address(text.split('/').next().unwrap_or(text))) {
        return;
    }
    if let Some(fix) = cx.set_env("IP6", "autodetect", &Near(&["IP"]), "nodes peer and route over IPv6") {
        diagnostics.push(at_env(&META, node, "IP6").fix(fix));
    }
}
