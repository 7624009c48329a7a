use crate::rules::change::at_container;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "VAR-004",
    name: "calico-release-unknown",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "Calico release unknown: no image in these files shows it",
        consequence: "most checks that depend on the release are skipped; if releases need different settings, calico-ipv6 prefers one that works on all of them",
        help: "pass --calico-version, for example --calico-version v3.31.4",
        example: ("", ""),
        sources: &[],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        if install.facts.calico.is_some() {
            continue;
        }
        if let Some(node) = &install.node {
            let diagnostic = match node.image {
                Some(image) => Diagnostic::new(&META, node.tree, image).label("no release in this reference"),
                None => at_container(&META, node).label("has no image"),
            };
            diagnostics.push(diagnostic);
        } else if let Some(installation) = &install.installation {
            diagnostics.push(
                installation
                    .diagnostic(&META, installation.kind_node())
                    .severity(Severity::Info)
                    .message("Calico release unknown: no operator image or version in these files")
                    .help("pass tigera-operator.yaml too, or --calico-version"),
            );
        }
    }
}
