use crate::diagnostic::upstream;
use crate::model::calico_node::{EnvValue, EnvVar};
use crate::model::facts::{is_false, is_true};
use crate::rules::change::{Near, at_env, comment_above, node_change};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::Stack;
use crate::yaml::write::Op;

const META: Metadata = Metadata {
    id: "NODE-011",
    name: "felix-ipv6-does-not-match-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "FELIX_IPV6SUPPORT does not match the requested stack",
        consequence: "if it is false, Felix does not program IPv6 and calico-node creates no IPv6 pool; without one, pods that request IPv6 do not start (3.16 and later: `cannot find a qualified ippool`). Felix also reads 0, no, n, f and none as false, but with `none` calico-node still creates the pool",
        help: "set FELIX_IPV6SUPPORT to \"true\" for IPv6, or to \"false\" for IPv4-only; set it only once",
        example: (
            "- name: FELIX_IPV6SUPPORT\n  value: \"false\"",
            "- name: FELIX_IPV6SUPPORT\n  value: \"true\"",
        ),
        sources: &[
            upstream::CALICO.file("felix/config/config_params.go").line(304),
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup_linux.go").line(83),
            upstream::CALICO.file("libcalico-go/lib/ipam/ipam.go").line(74),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const NAME: &str = "FELIX_IPV6SUPPORT";
const NEAR: Near = Near(&["FELIX_DEFAULTENDPOINTTOHOSTACTION", "FELIX_HEALTHENABLED"]);
const DISABLE: &str = "# Disable IPv6 on Kubernetes.";
const ENABLE: &str = "# Enable IPv6 on Kubernetes.";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        // If it is missing, it is true; no manifest of Calico relies on that.
        let is_left_out = node.env.get(NAME).is_none();
        let leaves_ipv6 = ["IP6", "CALICO_IPV6POOL_CIDR"].iter().any(|name| node.env.get(name).is_some())
            || install.facts.stack.is_some_and(|stack| stack != Stack::Ipv4Only);
        if is_left_out && (cx.wants_ipv6() || !leaves_ipv6) {
            continue;
        }
        let (wanted, why, from, to) = if cx.wants_ipv6() {
            ("true", "Felix handles IPv6 and calico-node creates the pool", DISABLE, ENABLE)
        } else {
            ("false", "Felix ignores IPv6 and calico-node creates no IPv6 pool", ENABLE, DISABLE)
        };
        let Some(mut fix) = install.set_env(NAME, wanted, &NEAR, why) else { continue };
        if let Some(var) = node.env.get(NAME)
            && comment_above(node.tree, var.item, from)
        {
            fix.changes.push(node_change(node, var.item, Op::Comment { from, to }, None));
        }
        let diagnostic = at_env(&META, node, NAME).fix(fix);
        // Felix and calico-node read other words for true and false, too.
        let reads = if cx.wants_ipv6() { is_true } else { is_false };
        let mut all = node.env.vars.iter().filter(|var| var.name == NAME).peekable();
        let is_right = |var: &EnvVar<'_>| matches!(var.value, EnvValue::Literal { text, .. } if reads(text));
        diagnostics.push(if all.peek().is_some() && all.all(is_right) {
            let message =
                format!("FELIX_IPV6SUPPORT counts as {wanted}; the fix writes it once, in the usual form");
            diagnostic.severity(Severity::Info).message(message)
        } else {
            diagnostic
        });
    }
}
