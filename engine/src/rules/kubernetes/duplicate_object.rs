use super::LintContext;
use crate::diagnostic::upstream;
use crate::model::facts::duplicates::DuplicateObject;
use crate::rules::{
    Check, Diagnostic, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity, Texts,
};
use std::collections::BTreeSet;

const META: Metadata = Metadata {
    id: "OBJECT-DUPLICATE",
    name: "duplicate-object",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "an object is defined twice with different values",
        consequence: "the object that is applied last overwrites the other one: cannot tell from these files which values the cluster has",
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

pub(in crate::rules) const OBJECTS: Rule = Rule { meta: &META, check: Check::Objects(objects) };
pub(in crate::rules) const INSTALLATION: Rule =
    Rule { meta: &META, check: Check::Installation(installation) };

fn report(duplicate: &DuplicateObject, diagnostics: &mut Diagnostics) {
    let message = format!("{} is defined twice with different values", duplicate.title);
    let diagnostic = Diagnostic::at_range(&META, duplicate.range.clone()).message(message);
    diagnostics.push(diagnostic.related(duplicate.earlier.clone(), "first defined here"));
}

fn objects(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if cx.facts.duplicates.is_empty() {
        return;
    }
    let resources = cx.config.objects.iter().map(|object| object.resource);
    let own: BTreeSet<_> = resources.map(|resource| (resource.document, resource.root)).collect();
    for duplicate in cx.facts.duplicates.iter().filter(|one| one.file == cx.source.name) {
        if own.contains(&(duplicate.document, duplicate.root)) {
            report(duplicate, diagnostics);
        }
    }
}

fn installation(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    for duplicate in cx.cluster.duplicates.iter().filter(|one| one.file == cx.documents.source.name) {
        let is_own = cx
            .resources()
            .any(|resource| resource.document == duplicate.document && resource.root == duplicate.root);
        if is_own {
            report(duplicate, diagnostics);
        }
    }
}
