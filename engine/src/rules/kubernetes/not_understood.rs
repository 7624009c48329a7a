use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "WRAP-UNREAD",
    name: "wrapped-settings-not-read",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "Calico settings are in a place that is not read: a template, base64 data, another file or another object",
        consequence: "settings in this place are not checked and not changed: they can still give the cluster a pool, a range or a flag of the wrong IP family",
        help: "extract the manifest or the values, convert them, and put them back",
        example: ("valuesFrom:\n- kind: Secret\n  name: calico-values", "values:\n  installation: {}"),
        sources: &[
            upstream::page(
                "Flux: Helm Releases, Values",
                "https://fluxcd.io/flux/components/helm/helmreleases/#values",
            ),
            upstream::page("Argo CD: Helm", "https://argo-cd.readthedocs.io/en/stable/user-guide/helm/"),
            upstream::page(
                "Cluster API: ClusterResourceSet",
                "https://cluster-api.sigs.k8s.io/tasks/cluster-resource-set",
            ),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (index, one) in &cx.config.not_understood {
        let object = &cx.config.objects[*index];
        let mut diagnostic =
            cx.at(&META, object, one.node).message(one.message.clone()).help(one.help.clone());
        if let Some(offset) = one.offset {
            let end = crate::source::line_end(cx.documents.source.text, offset).max(offset);
            diagnostic = diagnostic.at(offset..end);
        }
        diagnostics.push(diagnostic);
    }
}
