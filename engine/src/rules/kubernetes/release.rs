use super::LintContext;
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::version::{Component, Gate, Window};

const NO_DUAL_STACK: Gate = Gate {
    component: Component::Kubernetes,
    what: "there is no dual-stack",
    windows: &[Window::before(1, 16, 0)],
};

const META: Metadata = Metadata {
    id: "K8S-DUAL-TOO-OLD",
    name: "dual-stack-unknown-to-this-release",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "this release of Kubernetes knows no dual-stack",
    consequence: "the API server and the controller manager exit on two ranges",
    help: "upgrade to v1.21 or later, where dual-stack is on by default; v1.16 to v1.20 have it behind the gate IPv6DualStack",
    fixable: Fixable::Never,
    gates: &[NO_DUAL_STACK],
    example: ("", ""),
    sources: &[
        "kubernetes/kubernetes: pkg/features/kube_features.go, IPv6DualStack",
        "kubernetes/enhancements: KEP-563 IPv4/IPv6 dual-stack support",
    ],
};

pub(in crate::rules) const TOO_OLD: Rule = Rule { meta: &META, check: Check::Objects(check) };

fn check(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_dual() || !cx.holds(&NO_DUAL_STACK) {
        return;
    }
    let (Some(object), Some(version)) = (cx.config.objects.first(), cx.facts.kubernetes) else { return };
    let message = format!("Kubernetes {version} knows no dual-stack");
    diagnostics.push(cx.at_kind(&META, object).message(message));
}
