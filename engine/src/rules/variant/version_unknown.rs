use crate::rules::change::at_container;
use crate::rules::{Context, Finding, Findings, Fixable, Metadata, Rule, Severity};

const META: Metadata = Metadata {
    id: "VAR-004",
    name: "calico-release-unknown",
    severity: Severity::Warning,
    finds: "no image tells which Calico release this is",
    why: "what depends on the release is not checked; where two ways differ by release, the one that works on all of them is taken",
    remedy: "say it with --calico-version, such as --calico-version v3.31.4",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &[],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check };

fn check(cx: &Context<'_>, findings: &mut Findings) {
    if cx.facts.calico.is_some() {
        return;
    }
    if let Some(node) = &cx.node {
        let finding = match node.image {
            Some(image) => Finding::new(&META, node.tree, image).label("no release in this reference"),
            None => at_container(&META, node).label("has no image"),
        };
        findings.push(finding);
    } else if let Some(installation) = &cx.installation {
        let place = installation.tree().get(installation.root, "kind").unwrap_or(installation.root);
        findings.push(
            installation
                .finding(&META, place)
                .severity(Severity::Info)
                .message("the files do not tell which operator, and so which Calico release, will read this")
                .remedy("give tigera-operator.yaml as well, or --calico-version"),
        );
    }
}
