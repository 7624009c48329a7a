//! Addresses and ranges that newer releases refuse: leading zeros, IPv4-mapped addresses, host bits.

use super::change::{ChangeText, change};
use super::ranges::HOST_BITS_META;
use super::services::{scalars, services};
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, FieldKind, ObjectKind};
use crate::rules::{
    Change, Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::write::{Op, Value};
use crate::yaml::{Kind, NodeId};
use ipnet::IpNet;
use std::net::IpAddr;

const STRICT: Gate = Gate {
    component: Component::Kubernetes,
    what: "the API server refuses leading zeros, IPv4-mapped addresses and host bits in objects (StrictIPCIDRValidation is on by default)",
    windows: &[Window { from: Version::new(1, 36, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "NET-010",
    name: "ambiguous-address",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[STRICT],
    texts: Texts {
        finds: "an address has leading zeros, or is an IPv4-mapped IPv6 address",
        consequence: "components parse such addresses differently. From Kubernetes 1.36 on the API server refuses them in new objects of its own kinds and in changed fields; its flags with ranges still accept them. calicoctl and the Calico API server (3.21.4 and later) refuse leading zeros",
        help: "leading zeros are removed; write an IPv4-mapped address as an IPv4 address",
        example: ("loadBalancerSourceRanges: [\"010.0.0.0/8\"]", "loadBalancerSourceRanges: [\"10.0.0.0/8\"]"),
        sources: &[
            upstream::KUBERNETES.file("pkg/features/kube_features.go").line(2211),
            upstream::KUBERNETES.file("staging/src/k8s.io/apimachinery/pkg/util/validation/ip.go").line(44),
            upstream::KUBERNETES.file("pkg/apis/core/validation/validation.go").line(10039),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };
pub(in crate::rules) const HOST_BITS: Rule = Rule { meta: &HOST_BITS_META, check: Check::Text(host_bits) };

/// The annotation with client ranges, which the API server validates like the field.
const ANNOTATION: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

/// A text in an API object.
pub(super) struct Text<'a, 'd> {
    pub(super) object: &'a ConfigObject<'d>,
    pub(super) node: NodeId,
    pub(super) name: &'static str,
    pub(super) text: &'a str,
}

/// The texts that the API server of 1.36 validates strictly.
pub(super) fn texts<'a, 'd>(cx: &'a Context<'d>) -> Vec<Text<'a, 'd>> {
    let mut found = Vec::new();
    for (object, spec) in services(cx) {
        let tree = object.tree();
        for name in ["loadBalancerSourceRanges", "externalIPs"] {
            let items = tree.get(spec, name).map(|node| scalars(tree, node)).unwrap_or_default();
            found.extend(
                items
                    .into_iter()
                    .filter_map(|node| Some(Text { object, node, name, text: tree.scalar(node)? })),
            );
        }
        if let Some(node) = tree.at(object.root, &["metadata", "annotations", ANNOTATION])
            && let Some(text) = tree.scalar(node)
        {
            found.push(Text { object, node, name: ANNOTATION, text });
        }
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Policy) {
        if object.group() == "networking.k8s.io" {
            blocks(object, &mut found);
        }
    }
    found
}

/// `ipBlock.cidr` and `ipBlock.except` of a NetworkPolicy.
fn blocks<'a, 'd>(object: &'a ConfigObject<'d>, found: &mut Vec<Text<'a, 'd>>) {
    let tree = object.tree();
    let mut pending: Vec<NodeId> = tree.get(object.root, "spec").into_iter().collect();
    while let Some(node) = pending.pop() {
        if tree.kind(node) == Kind::Mapping
            && let Some(block) = tree.get(node, "ipBlock")
        {
            for name in ["cidr", "except"] {
                let items = tree.get(block, name).map(|node| scalars(tree, node)).unwrap_or_default();
                let name = if name == "cidr" { "ipBlock.cidr" } else { "ipBlock.except" };
                found.extend(
                    items
                        .into_iter()
                        .filter_map(|node| Some(Text { object, node, name, text: tree.scalar(node)? })),
                );
            }
        }
        pending.extend(tree.children(node));
    }
}

/// What is wrong with one address or range.
#[derive(Debug, PartialEq, Eq)]
enum Ambiguity {
    /// Leading zeros, with the canonical text.
    Zeros(String),
    /// An IPv4-mapped IPv6 address.
    Mapped,
}

fn ambiguity(text: &str) -> Option<Ambiguity> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    if let Ok(IpAddr::V6(ipv6)) = address.parse::<IpAddr>() {
        return ipv6.to_ipv4_mapped().map(|_| Ambiguity::Mapped);
    }
    let plain = |number: &str| -> Option<String> {
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| number.parse::<u32>().ok().map(|n| n.to_string())).flatten()
    };
    let octets: Vec<String> = address.split('.').map(plain).collect::<Option<_>>()?;
    let mut canonical = octets.join(".");
    if let Some(prefix) = prefix {
        canonical = format!("{canonical}/{}", plain(prefix)?);
    }
    let is_address = canonical.parse::<IpNet>().is_ok() || canonical.parse::<IpAddr>().is_ok();
    (is_address && canonical != text).then_some(Ambiguity::Zeros(canonical))
}

/// The canonical text of a comma-separated list, if only leading zeros make it invalid.
pub(super) fn without_zeros(list: &str) -> Option<String> {
    let mut changed = false;
    let parts: Vec<String> = list
        .split(',')
        .map(|part| match ambiguity(part.trim()) {
            Some(Ambiguity::Zeros(canonical)) => {
                changed = true;
                canonical
            }
            _ => part.to_owned(),
        })
        .collect();
    changed.then(|| parts.join(","))
}

const WHY: &str = "leading zeros are parsed as octal or refused";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let severity = if cx.holds(&STRICT) { Severity::Error } else { Severity::Warning };
    for Text { object, node, name, text } in texts(cx) {
        let diagnostic = cx.at(&META, object, node).severity(severity).label(name);
        let found = text.split(',').find_map(|part| Some((part.trim(), ambiguity(part.trim())?)));
        let Some((part, ambiguity)) = found else { continue };
        let set = |to: &str| -> Change {
            let description = ChangeText { field: name, from: Some(text), to: Some(to), why: WHY };
            change(object, node, Op::Set(Value::string(to)), description)
        };
        let fix = without_zeros(text).map(|to| Fix::new(vec![set(&to)]));
        diagnostics.push(describe(diagnostic, part, &ambiguity, fix));
    }
    let kinds = [
        FieldKind::ServiceRange,
        FieldKind::PodRange,
        FieldKind::ProxyRange,
        FieldKind::MachineRange,
        FieldKind::Peer,
        FieldKind::Advertised,
    ];
    for (_, field) in cx.config.fields_of(&kinds) {
        let found = field.text.split(',').find_map(|part| Some((part.trim(), ambiguity(part.trim())?)));
        let Some((part, ambiguity)) = found else { continue };
        let fix = without_zeros(&field.text).map(|to| cx.set(field, &to, WHY));
        // Calico's API server refuses such a text.
        let is_calico = matches!(field.kind, FieldKind::Peer | FieldKind::Advertised);
        let severity = if is_calico { Severity::Error } else { Severity::Warning };
        let diagnostic = cx.at_item(&META, field, part).severity(severity).label(&field.name);
        diagnostics.push(describe(diagnostic, part, &ambiguity, fix));
    }
}

fn describe(diagnostic: Diagnostic, part: &str, ambiguity: &Ambiguity, fix: Option<Fix>) -> Diagnostic {
    let message = match ambiguity {
        Ambiguity::Zeros(_) => format!("{part} has leading zeros"),
        Ambiguity::Mapped => format!("{part} is an IPv4-mapped IPv6 address"),
    };
    let diagnostic = diagnostic.message(message);
    match fix {
        Some(fix) => diagnostic.fix(fix),
        None => diagnostic.help("write the IPv4 address or range"),
    }
}

/// Reports host bits in ranges of API objects.
fn host_bits(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let is_refused = cx.holds(&STRICT);
    // Another rule reports an external address with a prefix length.
    for Text { object, node, name, text } in texts(cx).into_iter().filter(|text| text.name != "externalIPs") {
        let nets = text.split(',').filter_map(|part| part.trim().parse::<IpNet>().ok());
        for net in nets.filter(|net| net.addr() != net.network()).take(1) {
            let message = format!("{net} has host bits set: the range is {}", net.trunc());
            let diagnostic = cx.at(&HOST_BITS_META, object, node).message(message).label(name);
            diagnostics.push(if is_refused {
                diagnostic.consequence("from Kubernetes 1.36 on the API server refuses the object: `must not have bits set beyond the prefix length`")
            } else {
                diagnostic.severity(Severity::Warning)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ambiguity, ambiguity, without_zeros};

    #[test]
    fn leading_zeros_and_mapped_addresses_are_ambiguous() {
        for text in ["10.0.0.0/8", "0.0.0.0/0", "fd00::/8", "::1", "10.0.0.1", "", "a.b", "010"] {
            assert_eq!(ambiguity(text), None, "{text}");
        }
        assert_eq!(ambiguity("010.0.0.0/8"), Some(Ambiguity::Zeros("10.0.0.0/8".to_owned())));
        assert_eq!(ambiguity("10.0.0.0/08"), Some(Ambiguity::Zeros("10.0.0.0/8".to_owned())));
        assert_eq!(ambiguity("::ffff:10.0.0.0/104"), Some(Ambiguity::Mapped));
        assert_eq!(without_zeros("10.244.000.0/16,fd00::/56").as_deref(), Some("10.244.0.0/16,fd00::/56"));
        assert_eq!(without_zeros("10.244.0.0/16"), None);
    }
}
