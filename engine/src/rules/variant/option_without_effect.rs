use crate::model::fields::calico_release;
use crate::rules::change::{at_container, at_env};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::Backend;
use crate::version::Version;

const META: Metadata = Metadata {
    id: "VAR-007",
    name: "option-without-effect",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "--calico-version, --calico-backend or --kubernetes-version differs from the files",
        consequence: "the option has no effect here: calico-ipv6 uses what the files say, because that is what the cluster will run",
        help: "omit the option; if you are about to upgrade, run calico-ipv6 on the files of the new release",
        example: ("", ""),
        sources: &[],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if let Some(option) = cx.target.calico_version {
        calico_version(cx, option, diagnostics);
    }
    if let Some(option) = cx.target.calico_backend {
        calico_backend(cx, option, diagnostics);
    }
    if let Some(option) = cx.target.kubernetes_version
        && let Some((own, object)) = cx.config.kubernetes.filter(|(own, _)| differs(option, *own))
        && let Some(object) = cx.config.objects.get(object)
    {
        let message = format!("--kubernetes-version {option} has no effect: this is Kubernetes {own}");
        diagnostics.push(cx.at_kind(&META, object).message(message));
    }
}

fn calico_version(cx: &Context<'_>, option: Version, diagnostics: &mut Diagnostics) {
    let message = |own: Version| format!("--calico-version {option} has no effect: this is Calico {own}");
    for install in cx.installs {
        let Some(own) = install.facts.calico.filter(|own| differs(option, *own)) else { continue };
        if let Some(node) = &install.node {
            let place = node
                .image
                .map_or_else(|| at_container(&META, node), |image| Diagnostic::new(&META, node.tree, image));
            diagnostics.push(place.message(message(own)));
        } else if let Some(installation) = &install.installation {
            let place = installation.live_release().map_or(installation.kind_node(), |(_, node)| node);
            diagnostics.push(installation.diagnostic(&META, place).message(message(own)));
        }
    }
    for object in &cx.config.objects {
        let Some((node, own)) = calico_release(object).filter(|(_, own)| differs(option, *own)) else {
            continue;
        };
        diagnostics.push(cx.at(&META, object, node).message(message(own)));
    }
}

fn calico_backend(cx: &Context<'_>, option: Backend, diagnostics: &mut Diagnostics) {
    for install in cx.installs.iter().filter(|install| install.facts.backend != option) {
        let place = if let Some(node) = &install.node {
            at_env(&META, node, "CALICO_NETWORKING_BACKEND")
        } else if let Some(installation) = &install.installation {
            installation.diagnostic(&META, installation.kind_node())
        } else {
            continue;
        };
        let (option, own) = (option.word(), install.facts.backend.word());
        diagnostics.push(place.message(format!("--calico-backend {option} has no effect: this is {own}")));
    }
}

/// Whether an option contradicts a release; `3.31` stands for every 3.31 and is read as 3.31.0.
fn differs(option: Version, own: Version) -> bool {
    let is_minor = option.patch == 0 && (option.major, option.minor) == (own.major, own.minor);
    option != own && !is_minor
}
