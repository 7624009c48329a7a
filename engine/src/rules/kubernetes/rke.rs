//! The stacks that RKE supports.

use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "RKE-DUAL",
    name: "rke-unsupported-stack",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "RKE does not support the target stack with this configuration",
        consequence: "RKE refuses dual-stack with another plugin than Calico or, in later releases, ACI (its default is canal): `does not support IPv6 (dualstack)`. Its documentation requires RKE 1.3.0, Kubernetes 1.21 and Amazon EC2, and does not describe IPv6-only clusters",
        help: "use dual-stack with network.plugin: calico",
        example: ("plugin: canal", "plugin: calico"),
        sources: &[
            upstream::RKE.file("cluster/defaults.go").symbol("DefaultNetworkPlugin").line(49),
            upstream::page(
                "RKE: Dual-stack",
                "https://rancher.com/docs/rke/latest/en/config-options/dual-stack/",
            ),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Rke) {
        let tree = object.tree();
        let plugin = object.text(&["network", "plugin"]);
        if cx.is_ipv6_only() {
            let place = tree.get(object.root, "services").unwrap_or(object.root);
            let message = "RKE does not support IPv6-only clusters";
            diagnostics.push(cx.at(&META, object, place).message(message).help("use dual-stack"));
        } else if !matches!(plugin, Some("calico" | "aci")) && cx.is_dual() {
            let place = tree.at(object.root, &["network", "plugin"]).unwrap_or(object.root);
            let message = match plugin {
                Some(plugin) => format!("RKE does not support dual-stack with network plugin {plugin}"),
                None => {
                    "network.plugin is not set, and RKE does not support dual-stack with its default, canal"
                        .to_owned()
                }
            };
            diagnostics.push(cx.at(&META, object, place).message(message));
        } else if cx.is_dual() && cx.before(1, 21) {
            let place = tree.get(object.root, "kubernetes_version").unwrap_or(object.root);
            let message = "RKE supports dual-stack only with Kubernetes 1.21 or later";
            diagnostics.push(
                cx.at(&META, object, place).message(message).help("upgrade Kubernetes to 1.21 or later"),
            );
        }
    }
}
