use crate::rules::change::{Near, at_env, comment_above};
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use crate::target::Stack;
use crate::yaml::write::Op;

const META: Metadata = Metadata {
    id: "NODE-011",
    name: "felix-ipv6-against-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "FELIX_IPV6SUPPORT does not fit the families that pods shall have",
    consequence: "while it is false Felix programs no IPv6 and calico-node makes no IPv6 pool, so that a pod that asks for IPv6 does not start (`cannot find a qualified ippool`); every manifest ships it as \"false\"",
    help: "FELIX_IPV6SUPPORT becomes \"true\" for IPv6, \"false\" without; where it stands twice, once",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "- name: FELIX_IPV6SUPPORT\n  value: \"false\"",
        "- name: FELIX_IPV6SUPPORT\n  value: \"true\"",
    ),
    sources: &[
        "projectcalico/calico: felix/config/config_params.go",
        "projectcalico/calico: node/pkg/lifecycle/startup/startup_linux.go",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

const NAME: &str = "FELIX_IPV6SUPPORT";
const NEAR: Near = Near(&["FELIX_DEFAULTENDPOINTTOHOSTACTION", "FELIX_HEALTHENABLED"]);
const DISABLE: &str = "# Disable IPv6 on Kubernetes.";
const ENABLE: &str = "# Enable IPv6 on Kubernetes.";

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = &cx.node else { return };
    // Left out it means true, which no manifest of Calico's relies on.
    let is_left_out = node.env.get(NAME).is_none();
    let leaves_ipv6 = ["IP6", "CALICO_IPV6POOL_CIDR"].iter().any(|name| node.env.get(name).is_some())
        || cx.facts.stack.is_some_and(|stack| stack != Stack::Ipv4Only);
    if is_left_out && (cx.wants_ipv6() || !leaves_ipv6) {
        return;
    }
    let (wanted, why, from, to) = if cx.wants_ipv6() {
        ("true", "Felix programs IPv6, and the pool is made", DISABLE, ENABLE)
    } else {
        ("false", "no IPv6 in Felix, and no pool made again", ENABLE, DISABLE)
    };
    let Some(mut fix) = cx.set_env(NAME, wanted, &NEAR, why) else { return };
    if let Some(var) = node.env.get(NAME)
        && comment_above(node.tree, var.item, from)
    {
        fix.changes.push(cx.node_change(node, var.item, Op::Comment { from, to }, None));
    }
    diagnostics.push(at_env(&META, node, NAME).fix(fix));
}
