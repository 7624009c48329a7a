use super::LintContext;
use crate::model::fields::{ObjectKind, Shape};
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};

const SHAPE_META: Metadata = Metadata {
    id: "KADM-ARGSHAPE",
    name: "extra-args-of-another-version",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "extra arguments are written as another version of kubeadm's configuration wants them",
    consequence: "kubeadm refuses the whole file: arguments are a mapping up to v1beta3, and a list of name and value from v1beta4 on",
    help: "write them as this version wants them, or change apiVersion",
    fixable: Fixable::Never,
    gates: &[],
    example: ("extraArgs:\n  node-ip: 192.0.2.11", "extraArgs:\n- name: node-ip\n  value: 192.0.2.11"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go"],
};

pub(in crate::rules) const ARGUMENT_SHAPE: Rule =
    Rule { meta: &SHAPE_META, check: Check::Objects(argument_shape) };

fn argument_shape(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    let roles =
        [ObjectKind::ClusterConfiguration, ObjectKind::InitConfiguration, ObjectKind::JoinConfiguration];
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        if !roles.contains(&object.kind) {
            continue;
        }
        let version = object.text(&["apiVersion"]).and_then(|text| text.strip_prefix("kubeadm.k8s.io/"));
        let wants_map = matches!(version, Some("v1beta1" | "v1beta2" | "v1beta3"));
        let wants_list = matches!(version, Some("v1beta4" | "v1"));
        let wrong = match flags.shape {
            Shape::Map(node) => wants_list.then_some(node),
            Shape::List(node) => wants_map.then_some(node),
            Shape::Words(_) => None,
        };
        // Nothing in it is written alike in both.
        if let Some(node) = wrong.filter(|node| object.tree().children(*node).next().is_some()) {
            diagnostics.push(cx.at(&SHAPE_META, object, object.tree().key_of(node).unwrap_or(node)));
        }
    }
}
