use crate::model::fields::calico_release;
use crate::rules::change::at_container;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::Version;

const META: Metadata = Metadata {
    id: "VAR-007",
    name: "calico-version-without-effect",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "--calico-version differs from the release in the files",
        consequence: "the option has no effect here: calico-ipv6 uses the release in the files, because that is what the cluster will run",
        help: "omit the option; if you are about to upgrade Calico, run calico-ipv6 on the manifest of the new release",
        example: ("", ""),
        sources: &[],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(option) = cx.target.calico_version else { return };
    let message = |own: Version| format!("--calico-version {option} has no effect: this is Calico {own}");
    for install in cx.installs {
        let Some(own) = install.facts.calico.filter(|own| *own != option) else { continue };
        if let Some(node) = &install.node {
            let place = node
                .image
                .map_or_else(|| at_container(&META, node), |image| Diagnostic::new(&META, node.tree, image));
            diagnostics.push(place.message(message(own)));
        } else if let Some(installation) = &install.installation {
            let kind = installation.tree().get(installation.root, "kind").unwrap_or(installation.root);
            let place = installation.live_release().map_or(kind, |(_, node)| node);
            diagnostics.push(installation.diagnostic(&META, place).message(message(own)));
        }
    }
    for object in &cx.config.objects {
        let Some((node, own)) = calico_release(object).filter(|(_, own)| *own != option) else { continue };
        diagnostics.push(cx.at(&META, object, node).message(message(own)));
    }
}
