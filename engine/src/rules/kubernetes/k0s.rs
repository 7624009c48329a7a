//! What k0s supports, and its settings of Calico.

use super::change::{ChangeText, change};
use super::templates::is_template;
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::node::IPV6_METHOD_META as METHOD;
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::write::{Op, Placement, Value};

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
            method_of_ipv6(cx, object, diagnostics);
        }
    }
}

/// k0s passes each method on to calico-node, which uses the first IPv6 address that it finds without one.
fn method_of_ipv6(cx: &Context<'_>, object: &ConfigObject<'_>, diagnostics: &mut Diagnostics) {
    const IPV6: &str = "ipV6AutodetectionMethod";
    let tree = object.tree();
    let Some(calico) = tree.at(object.root, &["spec", "network", "calico"]) else { return };
    let method = |key| tree.get(calico, key).filter(|node| !matches!(tree.scalar(*node), None | Some("")));
    let Some(node) = method("ipAutodetectionMethod").filter(|_| method(IPV6).is_none()) else { return };
    let of_ipv4 = tree.scalar(node).unwrap_or_default();
    if of_ipv4 == "first-found" || is_template(of_ipv4) {
        return;
    }
    let message = format!("ipAutodetectionMethod is {of_ipv4}, and {IPV6} is not set");
    let diagnostic = cx.at(&METHOD, object, node).severity(Severity::Warning).message(message);
    if of_ipv4.starts_with("can-reach=") || of_ipv4.starts_with("cidr=") {
        let help = format!("set {IPV6} to a method for IPv6, for example cidr=fd00:1::/64");
        diagnostics.push(diagnostic.help(help));
        return;
    }
    let text =
        ChangeText { field: IPV6, from: None, to: Some(of_ipv4), why: "the same interfaces as for IPv4" };
    let op = match tree.get(calico, IPV6) {
        Some(empty) => (empty, Op::Set(Value::string(of_ipv4))),
        None => {
            let placement = Placement { after: Some(node), below: None };
            (calico, Op::InsertEntry(placement, IPV6.to_owned(), Value::string(of_ipv4)))
        }
    };
    diagnostics.push(diagnostic.fix(Fix::new(vec![change(object, op.0, op.1, text)])));
}
