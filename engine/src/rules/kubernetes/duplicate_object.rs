use crate::diagnostic::upstream;
use crate::model::install::CalicoInstall;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "OBJECT-DUPLICATE",
    name: "duplicate-object",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "an object is defined twice with different values",
        consequence: "with kubectl apply, the object that is applied last overwrites the other one: cannot tell from these files which values the cluster has",
        help: "delete one of the two; if they belong to two clusters, convert each cluster separately",
        example: ("", ""),
        sources: &[
            upstream::page(
                "Kubernetes: Declarative Management of Kubernetes Objects Using Configuration Files",
                "https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/",
            ),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let duplicates = cx.cluster.lists.own_duplicates();
    if duplicates.is_empty() {
        return;
    }
    let of_objects = cx.config.objects.iter().map(|object| object.resource);
    let resources = of_objects.chain(cx.installs.iter().flat_map(CalicoInstall::resources));
    let mut own: Vec<_> = resources.map(|resource| (resource.document, resource.root)).collect();
    own.sort_unstable();
    for duplicate in duplicates {
        if own.binary_search(&(duplicate.document, duplicate.root)).is_ok() {
            let message = format!("{} is defined twice with different values", duplicate.title);
            let diagnostic = Diagnostic::at_range(&META, duplicate.range.clone()).message(message);
            diagnostics.push(diagnostic.related(duplicate.earlier.clone(), "first defined here"));
        }
    }
}
