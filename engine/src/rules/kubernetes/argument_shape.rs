use crate::diagnostic::upstream;
use crate::model::fields::{ObjectKind, Shape};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const SHAPE_META: Metadata = Metadata {
    id: "KADM-ARGSHAPE",
    name: "extra-args-format",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "extra arguments have the format of another kubeadm API version",
        consequence: "kubeadm rejects the whole file: up to v1beta3 extra arguments are a mapping, from v1beta4 on a list of name and value",
        help: "write them in the format of this apiVersion, or change apiVersion",
        example: (
            "kubeletExtraArgs:\n  node-ip: 192.0.2.11",
            "kubeletExtraArgs:\n- name: node-ip\n  value: 192.0.2.11",
        ),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go").line(177),
            upstream::KUBERNETES
                .file("cmd/kubeadm/app/apis/kubeadm/v1beta3/types.go")
                .line(149)
                .at("v1.31.0"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const ARGUMENT_SHAPE: Rule =
    Rule { meta: &SHAPE_META, check: Check::Text(argument_shape) };

fn argument_shape(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let kinds =
        [ObjectKind::ClusterConfiguration, ObjectKind::InitConfiguration, ObjectKind::JoinConfiguration];
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        if !kinds.contains(&object.kind) {
            continue;
        }
        let version = object.text(&["apiVersion"]).and_then(|text| text.strip_prefix("kubeadm.k8s.io/"));
        let needs_map = matches!(version, Some("v1beta1" | "v1beta2" | "v1beta3"));
        let needs_list = matches!(version, Some("v1beta4" | "v1"));
        let wrong = match flags.shape {
            Shape::Map(node) => needs_list.then_some(node),
            Shape::List(node) => needs_map.then_some(node),
            Shape::Words(_) | Shape::Plain(_) => None,
        };
        // An empty value is the same in both formats.
        if let Some(node) = wrong.filter(|node| object.tree().children(*node).next().is_some()) {
            diagnostics.push(cx.at(&SHAPE_META, object, object.tree().key_of(node).unwrap_or(node)));
        }
    }
}
