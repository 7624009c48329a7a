//! RKE: which families it makes.

use super::LintContext;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};

const META: Metadata = Metadata {
    id: "RKE-DUAL",
    name: "rke-without-these-families",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "RKE does not make these families with this configuration",
    consequence: "RKE makes dual-stack clusters with Calico only, from RKE 1.3.0 and Kubernetes 1.21 on; its documentation has no IPv6-only cluster",
    help: "take dual-stack, with network.plugin: calico",
    fixable: Fixable::Never,
    gates: &[],
    example: ("plugin: canal", "plugin: calico"),
    sources: &["rancher.com/docs/rke: Dual-stack"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Objects(check) };

fn check(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Rke) {
        let tree = object.tree();
        let plugin = object.text(&["network", "plugin"]).filter(|plugin| *plugin != "calico");
        if cx.is_ipv6_only() {
            let place = tree.get(object.root, "services").unwrap_or(object.root);
            let message = "RKE makes no IPv6-only cluster";
            diagnostics.push(cx.at(&META, object, place).message(message).help("take dual-stack"));
        } else if let Some(plugin) = plugin.filter(|_| cx.is_dual()) {
            let place = tree.at(object.root, &["network", "plugin"]).unwrap_or(object.root);
            let message = format!("RKE makes no dual-stack cluster with the network plugin {plugin}");
            diagnostics.push(cx.at(&META, object, place).message(message));
        }
    }
}
