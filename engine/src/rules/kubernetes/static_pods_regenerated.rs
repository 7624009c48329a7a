use super::LintContext;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::{Change, Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};

const REGENERATED_META: Metadata = Metadata {
    id: "KADM-REGEN",
    name: "static-pods-without-their-configuration",
    kind: RuleKind::Migration,
    severity: Severity::Info,
    finds: "static pods change, and the configuration that kubeadm renders them from is in none of the files",
    consequence: "kubeadm upgrade renders them anew from the ConfigMap kubeadm-config: what is changed here alone is lost then",
    help: "give that ConfigMap, too: kubectl -n kube-system get configmap kubeadm-config -o yaml",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/phases/upgrade/staticpods.go"],
};

pub(in crate::rules) const REGENERATED: Rule =
    Rule { meta: &REGENERATED_META, check: Check::Change(regenerated) };

fn regenerated(cx: &LintContext<'_>, changes: &[&Change], diagnostics: &mut Diagnostics) {
    if cx.facts.has_kubeadm {
        return;
    }
    // kubeadm labels its pods so.
    let is_pod = |object: &&ConfigObject<'_>| {
        matches!(object.kind, ObjectKind::Process(_))
            && object.text(&["metadata", "labels", "tier"]) == Some("control-plane")
    };
    let changed =
        |object: &&ConfigObject<'_>| changes.iter().any(|change| change.object == Some(object.key()));
    if let Some(object) = cx.config.objects.iter().filter(is_pod).find(changed) {
        diagnostics.push(cx.at_kind(&REGENERATED_META, object));
    }
}
