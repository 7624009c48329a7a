//! What k0s supports, and its settings of Calico.

use super::ipv6_method;
use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::node::IPV6_METHOD_META as METHOD;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "K0S-BIRD",
    name: "k0s-unsupported-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "k0s does not support the target stack with this configuration",
        consequence: "k0s rejects dual-stack with Calico unless calico.mode is bird and podCIDR and serviceCIDR are IPv4; IPv6-only needs k0s 1.34 and --feature-gates=IPv6SingleStack=true (alpha)",
        help: "set spec.network.calico.mode to bird and choose dual-stack",
        example: ("mode: vxlan", "mode: bird"),
        sources: &[
            upstream::K0S.file("pkg/apis/k0s/v1beta1/network.go").line(139),
            upstream::K0S.file("docs/feature-gates.md").symbol("IPv6SingleStack").line(47),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::K0s) {
        let mode = ["spec", "network", "calico", "mode"];
        let is_calico = object.text(&["spec", "network", "provider"]) == Some("calico");
        if cx.is_ipv6_only() {
            let message = "k0s supports IPv6-only clusters only with the alpha feature gate IPv6SingleStack";
            diagnostics.push(cx.at_kind(&META, object).message(message).help("choose dual-stack"));
        } else if cx.is_dual() && is_calico && object.text(&mode) != Some("bird") {
            let place =
                object.tree().at(object.root, &mode).or(object.tree().at(object.root, &["spec", "network"]));
            let message = "k0s supports dual-stack with Calico only if calico.mode is bird";
            diagnostics.push(cx.at(&META, object, place.unwrap_or(object.root)).message(message));
        } else if cx.is_dual() && is_calico {
            let keys = ["ipAutodetectionMethod", "ipV6AutodetectionMethod"];
            let calico = object.tree().at(object.root, &["spec", "network", "calico"]);
            diagnostics
                .extend(calico.and_then(|calico| ipv6_method::missing(cx, &METHOD, object, calico, keys)));
        }
    }
}
