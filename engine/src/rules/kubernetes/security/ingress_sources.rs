//! Lists of clients that may connect to an Ingress.

use crate::address::family;
use crate::diagnostic::upstream;
use crate::model::fields::{ALLOW_LIST_KEYS, ObjectKind, is_source_list};
use crate::rules::kubernetes::templates::is_template;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use ipnet::IpNet;
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "ING-SOURCERANGES",
    name: "ingress-source-ranges-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a client list of an Ingress has addresses of one IP family only",
        consequence: "the list does not cover clients of the other IP family: an allow list refuses all of them, a deny list lets all of them in, and limit-whitelist limits their rate",
        help: "add the ranges of the other IP family to the list",
        example: (
            "nginx.ingress.kubernetes.io/whitelist-source-range: 203.0.113.0/24",
            "nginx.ingress.kubernetes.io/whitelist-source-range: 203.0.113.0/24,2001:db8:40::/48",
        ),
        sources: &[
            upstream::INGRESS_NGINX.file("docs/user-guide/nginx-configuration/annotations.md").line(656),
            upstream::INGRESS_NGINX.file("rootfs/etc/nginx/template/nginx.tmpl").line(1206),
            upstream::INGRESS_NGINX.file("internal/ingress/annotations/ratelimit/main.go").line(142),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// Parts of the names of deny lists.
const DENY: [&str; 5] = ["denylist", "deny-list", "blacklist", "blocklist", "block-cidrs"];

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Ingress) {
        let tree = object.tree();
        let path: &[&str] = match object.resource.kind.as_str() {
            "ConfigMap" => &["data"],
            _ => &["metadata", "annotations"],
        };
        let Some(entries) = tree.at(object.root, path) else { continue };
        for (key, value) in tree.entries(entries) {
            let (Some(name), Some(text)) = (tree.scalar(key), tree.scalar(value)) else { continue };
            if !ALLOW_LIST_KEYS.iter().any(|part| name.contains(part)) {
                continue;
            }
            if is_template(text) {
                let message = format!("{name} is a template: it may have ranges of one IP family only");
                let help = "render it, and check that it has the ranges of both IP families";
                diagnostics
                    .push(cx.at(&META, object, key).message(message).severity(Severity::Warning).help(help));
            }
            if !is_source_list(text) {
                continue;
            }
            let parts = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
            let nets: Vec<IpNet> = parts.filter_map(net).collect();
            let Some(missing) = cx.missing(&nets) else { continue };
            let has = nets.first().map_or(missing, |net| family(*net));
            let message = format!("{name} has {has} ranges only");
            let diagnostic = cx.at(&META, object, key).message(message).label(format!("no {missing} range"));
            diagnostics.push(if DENY.iter().any(|part| name.contains(part)) {
                diagnostic
                    .consequence(format!("denied clients can connect over {missing}"))
                    .help(format!("add the {missing} ranges of these clients to the list"))
            } else {
                diagnostic.severity(Severity::Warning)
            });
        }
    }
}

fn net(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}
