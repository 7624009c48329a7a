use super::change::{ChangeText, change};
use super::services::NO_POLICY;
use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{
    Change, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::write::Op;

const META: Metadata = Metadata {
    id: "SVC-EXT",
    name: "ip-families-of-external-name",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[NO_POLICY],
    texts: Texts {
        finds: "a Service of type ExternalName has ipFamilies or ipFamilyPolicy",
        consequence: "the API server refuses the Service (1.21 and later; 1.20 with the feature gate IPv6DualStack): `spec.ipFamilies: Forbidden: may not be set for ExternalName services`. Such a Service has no addresses, only a DNS name",
        help: "the fix removes the fields",
        example: ("externalName: db.example.org\nipFamilies:\n- IPv4\nipFamilyPolicy: PreferDualStack", "externalName: db.example.org"),
        sources: &[upstream::KUBERNETES.file("pkg/apis/core/validation/validation.go").line(7036)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    // Before, the API server drops fields that it does not know.
    if cx.holds(&NO_POLICY) {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Service) {
        if object.text(&["spec", "type"]) != Some("ExternalName") {
            continue;
        }
        let tree = object.tree();
        let found: Vec<_> = ["ipFamilies", "ipFamilyPolicy"]
            .into_iter()
            .filter_map(|key| Some((key, tree.at(object.root, &["spec", key])?)))
            .collect();
        let Some((_, first)) = found.first() else { continue };
        let remove = |(key, node): &(&str, _)| -> Change {
            let why = "an ExternalName Service has no addresses";
            change(
                object,
                *node,
                Op::Remove,
                ChangeText { field: key, from: tree.scalar(*node), to: None, why },
            )
        };
        let keys: Vec<&str> = found.iter().map(|(key, _)| *key).collect();
        let title = object.resource.title();
        let message = format!("{title} is of type ExternalName and has {}", keys.join(" and "));
        let place = tree.key_of(*first).unwrap_or(*first);
        let fix = Fix::new(found.iter().map(remove).collect());
        diagnostics.push(cx.at(&META, object, place).message(message).fix(fix));
    }
}
