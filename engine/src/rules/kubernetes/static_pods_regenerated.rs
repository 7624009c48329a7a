//! Static pods that kubeadm renders again.

use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const REGENERATED_META: Metadata = Metadata {
    id: "KADM-REGEN",
    name: "static-pods-without-kubeadm-configuration",
    kind: RuleKind::Migration,
    severity: Severity::Info,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "static pods change, but these files do not contain the configuration that kubeadm renders them from",
        consequence: "kubeadm upgrade renders the static pods again from the ConfigMap kubeadm-config: changes made only here are lost",
        help: "also pass that ConfigMap: kubectl -n kube-system get configmap kubeadm-config -o yaml",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/phases/upgrade/staticpods.go").line(478),
            upstream::KUBERNETES.file("cmd/kubeadm/app/cmd/upgrade/apply.go").line(244),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const REGENERATED: Rule =
    Rule { meta: &REGENERATED_META, check: Check::Changes(regenerated) };

fn regenerated(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.cluster.has_kubeadm {
        return;
    }
    // kubeadm adds this label to its pods.
    let is_pod = |object: &&ConfigObject<'_>| {
        matches!(object.kind, ObjectKind::Process(_))
            && object.text(&["metadata", "labels", "tier"]) == Some("control-plane")
    };
    let changed =
        |object: &&ConfigObject<'_>| cx.changes.iter().any(|change| change.object == Some(object.key()));
    if let Some(object) = cx.config.objects.iter().filter(is_pod).find(changed) {
        diagnostics.push(cx.at_kind(&REGENERATED_META, object));
    }
}
