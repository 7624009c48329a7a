//! Kubernetes releases without dual-stack.

use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Window};

const NO_DUAL_STACK: Gate =
    Gate { component: Component::Kubernetes, what: "no dual-stack", windows: &[Window::before(1, 16, 0)] };

const NOT_IN_K3S: Gate = Gate {
    component: Component::Kubernetes,
    what: "k3s and RKE2 do not support dual-stack",
    windows: &[Window::before(1, 21, 0)],
};

const NOT_IN_KIND: Gate = Gate {
    component: Component::Kubernetes,
    what: "kind does not support dual-stack",
    windows: &[Window::before(1, 20, 0)],
};

const META: Metadata = Metadata {
    id: "K8S-DUAL-TOO-OLD",
    name: "kubernetes-release-without-dual-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_DUAL_STACK, NOT_IN_K3S, NOT_IN_KIND],
    texts: Texts {
        finds: "this Kubernetes release does not support dual-stack",
        consequence: "kube-apiserver exits if it gets two service CIDRs, and kube-controller-manager with --allocate-node-cidrs if it gets two pod CIDRs",
        help: "upgrade to v1.21 or later, which enable dual-stack by default; v1.16 to v1.20 need the feature gate IPv6DualStack",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES.file("pkg/features/kube_features.go").symbol("IPv6DualStack").line(413).at("v1.24.0"),
            upstream::KUBERNETES.file("cmd/kube-apiserver/app/options/options.go").line(178).at("v1.14.0"),
            upstream::KUBERNETES.file("pkg/controller/nodeipam/node_ipam_controller.go").line(112).at("v1.14.0"),
            upstream::page(
                "k3s: basic network options, dual-stack",
                "https://docs.k3s.io/networking/basic-network-options",
            ),
            upstream::KIND.file("pkg/cluster/internal/kubeadm/config.go").symbol("dual-stack is only supported in 1.20+").at("v0.20.0"),
            upstream::ENHANCEMENTS.file("keps/sig-network/563-dual-stack/README.md"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const TOO_OLD: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(version) = cx.cluster.kubernetes.filter(|_| cx.is_dual()) else { return };
    let of_kind = |kind| cx.config.objects_of(kind).next().map(|(_, object)| object);
    let (object, message) = if cx.holds(&NO_DUAL_STACK) {
        (cx.config.objects.first(), format!("Kubernetes {version} does not support dual-stack"))
    } else {
        let installers = [(ObjectKind::K3s, &NOT_IN_K3S), (ObjectKind::KindCluster, &NOT_IN_KIND)];
        let mut found = installers.into_iter().filter(|(_, gate)| cx.holds(gate));
        let Some((object, gate)) = found.find_map(|(kind, gate)| Some((of_kind(kind)?, gate))) else {
            return;
        };
        (Some(object), format!("{} with Kubernetes {version}", gate.what))
    };
    let Some(object) = object else { return };
    diagnostics.push(cx.at_kind(&META, object).message(message));
}
