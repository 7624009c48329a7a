use crate::address::is_ipv6_address;
use crate::diagnostic::upstream;
use crate::rules::change::{Near, at_env};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "NODE-003",
    name: "ipv6-autodetection-off",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "calico-node does not detect the IPv6 address of its node",
        consequence: "without IP6 (autodetect, or an address for each node), Calico has no IPv6 address of the node, and so no IPv6 BGP sessions and no IPv6 routes between nodes. The value is case-sensitive: calico-node exits on `AutoDetect`, and on brackets",
        help: "set IP6 to autodetect; first check that every node has a global or unique-local IPv6 address: calico-node exits on a node without one, and the node loses IPv4 networking too",
        example: (
            "- name: IP\n  value: \"autodetect\"",
            "- name: IP\n  value: \"autodetect\"\n- name: IP6\n  value: \"autodetect\"",
        ),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(658),
            upstream::CALICO.issue(1654),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes().filter(|(install, _)| install.addressed_node().is_some()) {
        let now = install.env_text("IP6");
        if !cx.wants_ipv6() {
            // `none` detects nothing.
            if now.is_some_and(|now| now != "none")
                && let Some(fix) =
                    install.remove_env("IP6", "Calico no longer needs the IPv6 address of the node")
            {
                let message = "calico-node detects an IPv6 address that it does not need";
                diagnostics
                    .push(at_env(&META, node, "IP6").severity(Severity::Warning).message(message).fix(fix));
            }
            continue;
        }
        if let Some(text) = now.filter(|text| is_ipv6_address(text.split('/').next().unwrap_or(text))) {
            diagnostics.push(
                at_env(&META, node, "IP6")
                    .severity(Severity::Warning)
                    .message(format!("IP6 is {text} on every node"))
                    .consequence("calico-node exits on each node but one: it logs that another node `is already using the IPv6 address`")
                    .help("set IP6 to autodetect; ignore this if the cluster has one node only"),
            );
            continue;
        }
        let is_stated = now == Some("autodetect");
        if let Some(fix) = install.set_env(
            "IP6",
            "autodetect",
            &Near(&["IP"]),
            "Calico needs it for IPv6 BGP sessions and routes",
        ) {
            let diagnostic = at_env(&META, node, "IP6").fix(fix);
            diagnostics.push(if is_stated {
                let message = "IP6 is autodetect, but it is set more than once";
                diagnostic.severity(Severity::Info).message(message)
            } else {
                diagnostic
            });
        }
    }
}
