use crate::address::Family;
use crate::diagnostic::upstream;
use crate::rules::change::{Near, at_env};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::check_method;

const META: Metadata = Metadata {
    id: "NODE-002",
    name: "ipv4-autodetection-does-not-match-nodes",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "IPv4 autodetection does not match the nodes, or its method is not valid",
        consequence: "with IP=autodetect, calico-node exits on a node that neither has nor records an IPv4 address; with IP=none, it does not detect the IPv4 address of its node",
        help: "set IP=none only if nodes have no IPv4 address; otherwise set IP=autodetect. can-reach= and cidr= of IP_AUTODETECTION_METHOD need IPv4 values",
        example: ("- name: IP\n  value: \"autodetect\"", "- name: IP\n  value: \"none\""),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(625),
            upstream::CALICO
                .file("node/pkg/lifecycle/startup/autodetection/autodetection_methods.go")
                .line(87),
            upstream::CALICO.issue(2485),
            upstream::CALICO.issue(1204),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const METHOD: &str = "IP_AUTODETECTION_METHOD";

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
        } else if install.env_text("IP") == Some("autodetect")
            && let Some(method) = install.env_text(METHOD).filter(|method| !method.is_empty())
            && let Err(message) = check_method(method, Family::Ipv4)
        {
            let help = format!("correct {METHOD}");
            diagnostics.push(at_env(&META, node, METHOD).message(message).help(help).stops(false));
        }
    }
}
