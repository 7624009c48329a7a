//! Kubernetes releases without dual-stack.

use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Window};

const NO_DUAL_STACK: Gate =
    Gate { component: Component::Kubernetes, what: "no dual-stack", windows: &[Window::before(1, 16, 0)] };

const META: Metadata = Metadata {
    id: "K8S-DUAL-TOO-OLD",
    name: "kubernetes-release-without-dual-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_DUAL_STACK],
    texts: Texts {
        finds: "this Kubernetes release does not support dual-stack",
        consequence: "kube-apiserver exits if it gets two service CIDRs, and kube-controller-manager with --allocate-node-cidrs if it gets two pod CIDRs",
        help: "upgrade to v1.21 or later, which enable dual-stack by default; v1.16 to v1.20 need the feature gate IPv6DualStack",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES.file("pkg/features/kube_features.go").symbol("IPv6DualStack").line(413).at("v1.24.0"),
            upstream::KUBERNETES.file("cmd/kube-apiserver/app/options/options.go").line(178).at("v1.14.0"),
            upstream::KUBERNETES.file("pkg/controller/nodeipam/node_ipam_controller.go").line(112).at("v1.14.0"),
            upstream::ENHANCEMENTS.file("keps/sig-network/563-dual-stack/README.md"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const TOO_OLD: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_dual() || !cx.holds(&NO_DUAL_STACK) {
        return;
    }
    let (Some(object), Some(version)) = (cx.config.objects.first(), cx.cluster.kubernetes) else { return };
    let message = format!("Kubernetes {version} does not support dual-stack");
    diagnostics.push(cx.at_kind(&META, object).message(message));
}
