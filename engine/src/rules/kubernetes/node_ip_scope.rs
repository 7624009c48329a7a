//! Node addresses that kubelet does not accept: wildcards in a pair, loopback, link-local and multicast addresses.

use crate::diagnostic::upstream;
use crate::model::fields::{FieldKind, Installer};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};
use std::net::IpAddr;

const PAIRS: Gate = Gate {
    component: Component::Kubernetes,
    what: "kubelet accepts two addresses in --node-ip",
    windows: &[Window { from: Version::new(1, 20, 0), until: None }],
};

const WILDCARD_META: Metadata = Metadata {
    id: "K8S-NODEIP-UNSPEC",
    name: "wildcard-in-node-ip-pair",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[PAIRS],
    texts: Texts {
        finds: "a pair of node addresses contains 0.0.0.0 or ::",
        consequence: "kubelet exits when it starts: `dual-stack node IP cannot include '0.0.0.0' or '::'` (1.27 and later; before, the text begins with `dual-stack --node-ip`)",
        help: "write one address of the node for each IP family. A single 0.0.0.0 or :: is allowed: kubelet then prefers an address of that IP family",
        example: ("- name: node-ip\n  value: \"192.0.2.11,::\"", "- name: node-ip\n  value: \"192.0.2.11,2001:db8:1::11\""),
        sources: &[
            upstream::KUBERNETES
                .file("staging/src/k8s.io/component-helpers/node/util/ips.go")
                .symbol("parseNodeIP")
                .line(58),
        ],
    }
    .built_in(),
};

const SCOPE_META: Metadata = Metadata {
    id: "K8S-NODEIP-SCOPE",
    name: "node-ip-of-unusable-scope",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a node address is a loopback, link-local or multicast address",
        consequence: "kubelet starts, but a new node gets no addresses: `nodeIP can't be a link-local unicast address`. A node that has addresses keeps the old ones",
        help: "write a global or unique-local address that the node has",
        example: ("- name: node-ip\n  value: \"192.0.2.11,fe80::11\"", "- name: node-ip\n  value: \"192.0.2.11,fd00:1::11\""),
        sources: &[
            upstream::KUBERNETES.file("pkg/kubelet/kubelet_node_status.go").symbol("validateNodeIP").line(767),
            upstream::KUBERNETES.file("pkg/kubelet/nodestatus/setters.go").line(87),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const WILDCARD: Rule = Rule { meta: &WILDCARD_META, check: Check::Text(wildcard) };
pub(in crate::rules) const SCOPE: Rule = Rule { meta: &SCOPE_META, check: Check::Text(scope) };

fn addresses(text: &str) -> Vec<IpAddr> {
    text.split(',').filter_map(|part| part.trim().parse().ok()).collect()
}

fn wildcard(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.before(1, 20) {
        return;
    }
    for (object, field) in cx.config.fields_of(&[FieldKind::NodeIp]) {
        // k3s and RKE2 read the list themselves.
        if object.kind.installer() == Some(Installer::K3s) {
            continue;
        }
        let all = addresses(&field.text);
        if all.len() == 2
            && let Some(address) = all.iter().find(|address| address.is_unspecified())
        {
            let message = format!("two node addresses, and one of them is {address}");
            let diagnostic = cx.at_field(&WILDCARD_META, field).message(message);
            diagnostics.push(diagnostic.label(&field.name).stops(false));
        }
    }
}

fn scope(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::NodeIp]) {
        let found =
            addresses(&field.text).into_iter().find_map(|address| Some((address, unusable(address)?)));
        if let Some((address, scope)) = found {
            diagnostics.push(
                cx.at_item(&SCOPE_META, field, &address.to_string())
                    .message(format!("{address} cannot be a node address: it is a {}", scope.name))
                    .consequence(format!(
                        "kubelet starts, but a new node gets no addresses: `{}`",
                        scope.error
                    ))
                    .label(&field.name)
                    .stops(false),
            );
        }
    }
}

/// A kind of address that a node cannot have.
struct Scope {
    name: &'static str,
    /// What kubelet logs.
    error: &'static str,
}

fn unusable(address: IpAddr) -> Option<Scope> {
    let is_link_local = match address {
        IpAddr::V4(ipv4) => ipv4.is_link_local(),
        IpAddr::V6(ipv6) => ipv6.is_unicast_link_local(),
    };
    let scope = |name, error| Some(Scope { name, error });
    if address.is_loopback() {
        return scope("loopback address", "nodeIP can't be loopback address");
    }
    if address.is_multicast() {
        return scope("multicast address", "nodeIP can't be a multicast address");
    }
    if is_link_local {
        return scope("link-local address", "nodeIP can't be a link-local unicast address");
    }
    None
}
