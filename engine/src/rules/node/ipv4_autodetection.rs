use crate::diagnostic::upstream;
use crate::rules::change::{Near, at_env};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "NODE-002",
    name: "ipv4-autodetection-does-not-match-nodes",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "IPv4 autodetection does not match the nodes",
        consequence: "with IP=autodetect, calico-node exits on a node that neither has nor records an IPv4 address; with IP=none, it does not detect the IPv4 address of its node",
        help: "set IP=none only if nodes have no IPv4 address; otherwise set IP=autodetect",
        example: ("- name: IP\n  value: \"autodetect\"", "- name: IP\n  value: \"none\""),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(625),
            upstream::CALICO.issue(2485),
            upstream::CALICO.issue(1204),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes().filter(|(install, _)| install.addressed_node().is_some()) {
        let near = Near(&["NODENAME", "CLUSTER_TYPE"]);
        if cx.nodes_lack_ipv4() {
            let why = "calico-node exits if it finds no IPv4 address";
            if let Some(fix) = install.set_env("IP", "none", &near, why) {
                let message = "calico-node detects IPv4 addresses, but the nodes have none";
                diagnostics.push(at_env(&META, node, "IP").message(message).fix(fix));
            }
        } else if install.env_text("IP") == Some("none")
            && let Some(fix) = install.set_env(
                "IP",
                "autodetect",
                &near,
                "nodes have an IPv4 address, and IPv4 routes need it",
            )
        {
            diagnostics.push(
                at_env(&META, node, "IP")
                    .message("calico-node does not detect the IPv4 address of its node")
                    .fix(fix),
            );
        }
    }
}
