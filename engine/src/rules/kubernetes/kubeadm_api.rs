use super::LintContext;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};

const API_META: Metadata = Metadata {
    id: "KADM-API",
    name: "kubeadm-api-too-old",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "this version of kubeadm's configuration has its fields elsewhere",
    consequence: "v1alpha1 to v1alpha3 (kubeadm up to v1.14) name API server, endpoints and extra arguments otherwise: a part of the addresses would stay as it is",
    help: "bring it to v1beta1 or later first: kubeadm config migrate",
    fixable: Fixable::Never,
    gates: &[],
    example: ("apiVersion: kubeadm.k8s.io/v1alpha3", "apiVersion: kubeadm.k8s.io/v1beta1"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/apis/kubeadm"],
};

pub(in crate::rules) const API: Rule = Rule { meta: &API_META, check: Check::Objects(api) };

/// The versions that are read here, and the first and last minor release of kubeadm that reads each (`cmd/kubeadm/app/apis`).
const READ_BY: [(&str, u16, u16); 5] = [
    ("v1beta1", 13, 21),
    ("v1beta2", 15, 26),
    ("v1beta3", 22, 36),
    ("v1beta4", 31, u16::MAX),
    ("v1", 37, u16::MAX),
];

fn api(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for object in &cx.config.objects {
        let version = object.text(&["apiVersion"]).and_then(|text| text.strip_prefix("kubeadm.k8s.io/"));
        // In the ConfigMap of the oldest releases it has none.
        let is_old = object.kind == ObjectKind::OldKubeadm;
        let Some(version) = version.or(is_old.then_some("v1alpha1")) else { continue };
        let place = object.tree().get(object.root, "apiVersion").unwrap_or(object.root);
        let diagnostic = cx.at(&API_META, object, place);
        let Some((_, first, last)) = READ_BY.iter().find(|(known, ..)| *known == version) else {
            diagnostics.push(if version.starts_with("v1alpha") {
                diagnostic
            } else {
                let message = format!("nothing is known of kubeadm's configuration {version}");
                diagnostic.message(message).help("write a version that is known: v1beta1 to v1beta4, v1")
            });
            continue;
        };
        if let Some(release) =
            cx.facts.kubernetes.filter(|v| v.major == 1 && !(*first..=*last).contains(&v.minor))
        {
            let message = format!("kubeadm of {release} does not read {version}");
            let cluster = "kubeadm init, join and upgrade refuse the file: `old API spec`, or an unknown one";
            let help = "bring it to a version that this release reads: kubeadm config migrate";
            diagnostics.push(
                diagnostic.severity(Severity::Warning).message(message).consequence(cluster).help(help),
            );
        }
    }
}
