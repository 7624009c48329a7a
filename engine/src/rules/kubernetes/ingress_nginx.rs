use super::change::{ChangeText, change};
use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::write::{Op, Value};

const META: Metadata = Metadata {
    id: "ING-NGINX",
    name: "ingress-nginx-without-ipv6",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "ingress-nginx does not listen on IPv6",
        consequence: "with disable-ipv6 nginx has no listeners on [::]: on nodes without IPv4 nobody reaches an Ingress. The chart of ingress-nginx asks for IPv4 by default too: without controller.service.ipFamilies: [IPv6] an IPv6-only cluster refuses its Service (`spec.ipFamilies[0]: Invalid value: \"IPv4\": not configured on this cluster`)",
        help: "the fix sets disable-ipv6 to false; set controller.service.ipFamilies to [IPv6] in the values of the chart yourself",
        example: ("disable-ipv6: \"true\"", "disable-ipv6: \"false\""),
        sources: &[
            upstream::INGRESS_NGINX.issue(10370),
            upstream::INGRESS_NGINX.file("charts/ingress-nginx/values.yaml").symbol("ipFamilies").line(550),
            upstream::INGRESS_NGINX.file("internal/ingress/controller/nginx.go").symbol("DisableIpv6").line(620),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_ipv6_only() {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Ingress) {
        let tree = object.tree();
        let Some(node) = tree.at(object.root, &["data", "disable-ipv6"]) else { continue };
        if tree.scalar(node) != Some("true") {
            continue;
        }
        let why = "nginx must listen on IPv6";
        let description = ChangeText { field: "disable-ipv6", from: Some("true"), to: Some("false"), why };
        let message = format!("{} turns IPv6 of nginx off", object.resource.title());
        let fix = Fix::new(vec![change(object, node, Op::Set(Value::string("false")), description)]);
        diagnostics.push(cx.at(&META, object, node).message(message).fix(fix));
    }
}
