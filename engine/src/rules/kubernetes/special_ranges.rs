//! Reserved ranges that are used for pods, Services or nodes.

use super::ranges::nets;
use crate::address::{special_use, unusable};
use crate::diagnostic::upstream;
use crate::model::fields::FieldKind;
use crate::rules::pool::unusual_range::META as POOL_META;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "NET-006",
    name: "reserved-range",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a CIDR of pods, Services or nodes is reserved for another use",
        consequence: "the components start, and fail later: Calico exits on link-local pod addresses, and the API server refuses EndpointSlices with link-local addresses",
        help: "use a private IPv4 range, such as 10.244.0.0/16, and a unique-local IPv6 range (fd00::/8 with 40 random bits; RFC 4193)",
        example: ("podSubnet: fe80::/56", "podSubnet: fd5a:2c19:83d1::/56"),
        sources: &[
            upstream::page(
                "IANA IPv6 Special-Purpose Address Registry",
                "https://www.iana.org/assignments/iana-ipv6-special-registry/iana-ipv6-special-registry.xhtml",
            ),
            upstream::KUBERNETES.file("pkg/apis/core/validation/validation.go").line(8760),
            upstream::KUBERNETES.file("cmd/kubeadm/app/apis/kubeadm/validation/validation.go").line(462),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const KINDS: [FieldKind; 5] = [
    FieldKind::ServiceRange,
    FieldKind::PodRange,
    FieldKind::ProxyRange,
    FieldKind::MachineRange,
    FieldKind::Pool,
];

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&KINDS) {
        for net in nets(&field.text).unwrap_or_default() {
            let found = match (unusable(net), special_use(net)) {
                (Some(why), _) => Some((why, Severity::Error)),
                // Labs use them, and they work inside a cluster.
                (None, Some(why)) if why.starts_with("documentation") => {
                    net.addr().is_ipv6().then_some((why, Severity::Info))
                }
                (None, Some(why)) => Some((why, Severity::Warning)),
                (None, None) => None,
            };
            let Some((why, severity)) = found else { continue };
            let meta = if field.kind == FieldKind::Pool { &POOL_META } else { &META };
            let diagnostic = cx
                .at_item(meta, field, &net.to_string())
                .message(format!("{net} contains {why}"))
                .severity(severity);
            diagnostics.push(match severity {
                Severity::Error => diagnostic,
                Severity::Warning => {
                    diagnostic.consequence("other software handles these addresses specially")
                }
                Severity::Info => diagnostic
                    .consequence(
                        "these addresses work inside the cluster with NAT; routers outside do not forward them",
                    )
                    .help("ignore this in a lab; otherwise use your own range"),
            });
        }
    }
}
