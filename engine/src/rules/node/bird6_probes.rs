use crate::rules::{
    ChangeDescription, Check, Diagnostic, Diagnostics, Fix, Fixable, InstallContext, Metadata, Rule,
    RuleKind, Severity,
};
use crate::target::Backend;
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::write::{Op, Value};

const NO_LIVE_FLAG: Gate = Gate {
    component: Component::Calico,
    what: "calico-node does not support -bird6-live",
    windows: &[
        Window::before(3, 8, 5),
        Window::between(Version::new(3, 9, 0), Version::new(3, 9, 4)),
        Window::between(Version::new(3, 10, 0), Version::new(3, 10, 2)),
    ],
};

const META: Metadata = Metadata {
    id: "NODE-014",
    name: "probes-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "the probes check BIRD for an IP family that pods do not use",
    consequence: "without an IPv4 peer, -bird-ready always succeeds: a node whose IPv6 BGP sessions are down still counts as ready",
    help: "for IPv6-only use -bird6-ready and -bird6-live; for IPv4-only use -bird-ready and -bird-live; for dual-stack keep the flags. From Calico 3.33 on, the flags have two dashes",
    fixable: Fixable::Always,
    gates: &[NO_LIVE_FLAG],
    example: ("- -bird-ready", "- -bird6-ready"),
    sources: &[
        "projectcalico/calico: node/pkg/health/health.go",
        "projectcalico/calico: release-v3.33 node/pkg/node/command.go",
        "kubernetes/kops: the Calico template of IPv6-only clusters",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = &cx.node else { return };
    if cx.facts.backend != Backend::Bird {
        return;
    }
    for (word, text) in node.probe_words() {
        // Before 3.33 Go's flag package accepts one dash or two; `calico component node health` accepts only two.
        let Some(flag) = text.strip_prefix("--").or_else(|| text.strip_prefix('-')) else { continue };
        let wanted = match (flag, cx.is_ipv6_only(), cx.wants_ipv6()) {
            ("bird-ready", true, _) => "bird6-ready",
            ("bird-live", true, _) if !NO_LIVE_FLAG.holds(cx.facts.calico) => "bird6-live",
            ("bird6-ready", _, false) => "bird-ready",
            ("bird6-live", _, false) => "bird-live",
            _ => continue,
        };
        let wanted = format!("{}{wanted}", &text[..text.len() - flag.len()]);
        let wanted = wanted.as_str();
        let why = "checks BIRD for the IP family that pods use";
        let description = ChangeDescription::new(node.title(), "probe", Some(text), Some(wanted), why);
        let change = cx.node_change(node, word, Op::Set(Value::string(wanted)), Some(description));
        diagnostics.push(Diagnostic::new(&META, node.tree, word).fix(Fix::new(vec![change])));
    }
}
