use crate::diagnostic::upstream;
use crate::model::facts::live_field;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::change::at_object;
use crate::rules::{
    Applicability, Change, ChangeDescription, Check, Context, Diagnostics, Effect, Fix, Fixable, Metadata,
    Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Value};

const PARTLY: Gate = Gate {
    component: Component::Calico,
    what: "the CRD itself checks a part of what the Calico API server and calicoctl check; before, nothing is checked",
    windows: &[Window { from: Version::new(3, 32, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "POOL-016",
    name: "pool-without-validation",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[PARTLY],
    texts: Texts {
        finds: "an IPPool has the API version crd.projectcalico.org/v1",
        consequence: "Calico stores its own objects there: the API server checks little more than the types of fields, and accepts a pool that Calico cannot use",
        help: "the fix writes projectcalico.org/v3: apply the pool with calicoctl, or with kubectl if the Calico API server or, from 3.32 on, the CRDs of projectcalico.org/v3 are installed",
        example: (
            "apiVersion: crd.projectcalico.org/v1\nkind: IPPool",
            "apiVersion: projectcalico.org/v3\nkind: IPPool",
        ),
        sources: &[
            upstream::CALICO.file("libcalico-go/lib/backend/k8s/discovery.go").symbol("UsingV3CRDs").line(41),
            upstream::CALICO
                .file("charts/calico/templates/calico-webhooks.yaml")
                .symbol("tiered RBAC enforcement")
                .line(2),
            upstream::CALICO.file("api/pkg/apis/projectcalico/v3/ippool.go").symbol("XValidation").line(84),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const API: &str = "projectcalico.org/v3";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::IpPool).filter(|(_, o)| is_written_by_hand(o)) {
        let tree = object.tree();
        let Some(node) = tree.get(object.root, "apiVersion") else { continue };
        let Some(text) = tree.scalar(node).filter(|text| text.starts_with("crd.projectcalico.org/")) else {
            continue;
        };
        let title = object.title();
        let diagnostic = at_object(&META, object, node).fix(fix(object, node, text)).stops(false);
        diagnostics.push(match &cx.cluster.calico_settings.v3_objects {
            Some(setting) => diagnostic
                .message(format!("{title} has no effect: Calico reads {API} only"))
                .related(setting.place.clone(), format!("{} is set here", setting.by))
                .consequence("Calico does not see the pool: pods get no address from it"),
            None => diagnostic
                .message(format!("{title} is not validated: its API version is {text}"))
                .severity(Severity::Warning),
        });
    }
}

/// Whether a person wrote the pool: Calico and its operator write these objects themselves.
fn is_written_by_hand(object: &ConfigObject<'_>) -> bool {
    let metadata = |path: &[&str]| object.text(&[&["metadata"], path].concat());
    live_field(object.tree(), object.root).is_none()
        && metadata(&["annotations", "projectcalico.org/metadata"]).is_none()
        && metadata(&["labels", "app.kubernetes.io/managed-by"]) != Some("tigera-operator")
}

/// Not safe everywhere: kubectl needs the Calico API server for the other API version.
fn fix(object: &ConfigObject<'_>, node: NodeId, text: &str) -> Fix {
    let why = "the API version that is validated";
    let description = ChangeDescription::new(object.title(), "apiVersion", Some(text), Some(API), why);
    let change = Change {
        document: object.resource.document,
        planned: object.planned(node, Op::Set(Value::string(API))),
        description: Some(description),
        object: Some(object.key()),
        field: None,
        effect: Effect::Apply,
    };
    Fix { applicability: Applicability::Unsafe, changes: vec![change] }
}
