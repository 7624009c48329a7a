use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const API_META: Metadata = Metadata {
    id: "KADM-API",
    name: "kubeadm-api-too-old",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "calico-ipv6 does not support this kubeadm API version",
        consequence: "v1alpha1 to v1alpha3 (kubeadm up to v1.14) have other fields for the API server, the endpoints and the extra arguments: some addresses would not be converted",
        help: "migrate the file first: kubeadm config migrate, with kubeadm v1.13 or v1.14 for v1alpha3; migrate older versions step by step",
        example: (
            "apiVersion: kubeadm.k8s.io/v1alpha3\nkind: InitConfiguration\napiEndpoint:\n  advertiseAddress: 192.0.2.11",
            "apiVersion: kubeadm.k8s.io/v1beta1\nkind: InitConfiguration\nlocalAPIEndpoint:\n  advertiseAddress: 192.0.2.11",
        ),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/apis/kubeadm/scheme/scheme.go").line(45),
            upstream::KUBERNETES
                .file("cmd/kubeadm/app/apis/kubeadm/v1alpha3/types.go")
                .line(84)
                .at("v1.14.0"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const API: Rule = Rule { meta: &API_META, check: Check::Text(api) };

/// The supported versions, and the first and last minor release of kubeadm that reads each (`cmd/kubeadm/app/apis`).
const READ_BY: [(&str, u16, u16); 5] = [
    ("v1beta1", 13, 21),
    ("v1beta2", 15, 26),
    ("v1beta3", 22, 36),
    ("v1beta4", 31, u16::MAX),
    ("v1", 37, u16::MAX),
];

fn api(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
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
                let message = format!("unknown kubeadm API version {version}");
                diagnostic.message(message).help("use a supported version: v1beta1 to v1beta4, or v1")
            });
            continue;
        };
        if let Some(release) =
            cx.cluster.kubernetes.filter(|v| v.major == 1 && !(*first..=*last).contains(&v.minor))
        {
            // kubeadm installs its own minor release and the one before it, but none that is newer than itself.
            let severity = if release.minor > *last { Severity::Error } else { Severity::Warning };
            let message = format!("kubeadm {release} does not support {version}");
            let consequence = "kubeadm init, join and upgrade reject the file, because its API version is too old or unknown";
            let help = "migrate it to a version that this release supports: kubeadm config migrate";
            diagnostics.push(
                diagnostic
                    .severity(severity)
                    .stops(false)
                    .message(message)
                    .consequence(consequence)
                    .help(help),
            );
        }
    }
}
