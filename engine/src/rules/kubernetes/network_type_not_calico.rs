use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "OCP-006",
    name: "network-type-not-calico",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "networkType of the install-config is not Calico, but the files install Calico",
        consequence: "with OVNKubernetes, OpenShift installs a second network plugin beside Calico. New releases of the installer refuse OpenShiftSDN and Kuryr (`networkType OpenShiftSDN is not supported, please use OVNKubernetes`) and accept any other name",
        help: "write networkType: Calico; ignore this if the two belong to different clusters",
        example: ("networking:\n  networkType: OVNKubernetes", "networking:\n  networkType: Calico"),
        sources: &[
            upstream::OPENSHIFT_INSTALLER
                .file("pkg/types/validation/installconfig.go")
                .symbol("validateNetworking")
                .line(545),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(install) = &cx.cluster.calico_settings.install else { return };
    for (_, object) in cx.config.objects_of(ObjectKind::InstallConfig) {
        let tree = object.tree();
        let networking =
            [&["networking"][..], &["spec", "networking"]].iter().find_map(|path| tree.at(object.root, path));
        let Some(node) = networking.and_then(|networking| tree.get(networking, "networkType")) else {
            continue;
        };
        let Some(text) = tree.scalar(node).filter(|text| !text.eq_ignore_ascii_case("calico")) else {
            continue;
        };
        // Another rule reports network types without IPv6.
        if cx.wants_ipv6() && matches!(text, "OpenShiftSDN" | "Kuryr") {
            continue;
        }
        let message = format!("networkType is {text}, but {} installs Calico", install.by);
        let diagnostic = cx.at(&META, object, node).message(message);
        diagnostics.push(diagnostic.related(install.place.clone(), "Calico is installed here"));
    }
}
