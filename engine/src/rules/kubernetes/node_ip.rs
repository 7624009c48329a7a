use super::LintContext;
use super::addresses::Wanted;
use crate::address::family_of;
use crate::model::fields::{Component, Field, FieldKind, ObjectKind};
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::version::{Component as Versioned, Gate, Window};
use std::net::IpAddr;

pub(crate) const NO_PAIR: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "kubelet takes one address only",
    windows: &[Window::before(1, 20, 0)],
};

const FAMILY_META: Metadata = Metadata {
    id: "K8S-NODEIP-FAMILY",
    name: "node-address-of-other-families",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "kubelet is told node addresses that are not of the families wanted",
    consequence: "these addresses become the node's: pods of the node's network, kube-proxy and the API server know the node by them, the first one first",
    help: "the addresses of the wanted families are written, the primary one first; --address tells the other address of a node",
    fixable: Fixable::Sometimes,
    gates: &[NO_PAIR],
    example: ("node-ip: 192.0.2.11", "node-ip: 192.0.2.11,2001:db8:1::11"),
    sources: &[
        "kubernetes/kubernetes: staging/src/k8s.io/component-helpers/node/util/ips.go",
        "kubernetes/kubernetes: pkg/kubelet/kubelet_node_status.go",
    ],
};

const MISSING_META: Metadata = Metadata {
    id: "K8S-NODEIP-MISSING",
    name: "node-address-not-told",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "kubelet is not told the addresses of its node",
    consequence: "kubelet takes the address of the IPv4 default route where there is one, and that one alone: the node has one family",
    help: "add node-ip to kubeletExtraArgs of this node, with one address of each wanted family",
    fixable: Fixable::Never,
    gates: &[NO_PAIR],
    example: (
        "kubeletExtraArgs: []",
        "kubeletExtraArgs:\n- name: node-ip\n  value: 192.0.2.11,2001:db8:1::11",
    ),
    sources: &[
        "kubernetes/kubernetes: issue 100675",
        "kubernetes/kubernetes: pkg/kubelet/nodestatus/setters.go",
    ],
};

const TYPO_META: Metadata = Metadata {
    id: "K8S-NODEIP-TYPO",
    name: "node-address-not-readable",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "a node address is none",
    consequence: "kubelet leaves out what it cannot read, with a line in its log: the node has the other address only, or one that kubelet finds itself",
    help: "write one IPv4 and one IPv6 address, without brackets, zone and prefix length",
    fixable: Fixable::Never,
    gates: &[],
    example: ("node-ip: 192.0.2.11,fd00::x", "node-ip: 192.0.2.11,fd00::11"),
    sources: &["kubernetes/kubernetes: staging/src/k8s.io/component-helpers/node/util/ips.go"],
};

const SAME_META: Metadata = Metadata {
    id: "KADM-DUPNODEIP",
    name: "duplicate-node-ip",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "two nodes are given the same address",
    consequence: "the node that does not have this address registers without one, its log says `not found in the host's network interfaces`, and the API server does not reach its kubelet; if both hosts have the address, the API server reaches one of them",
    help: "give every node its own address",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &[
        "kubernetes/website: content/en/docs/setup/production-environment/tools/kubeadm/dual-stack-support.md",
    ],
};

const CLOUD_NEEDS_ONE: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "with any cloud provider kubelet takes one address only (v1.27 and v1.28: but for the gate CloudDualStackNodeIPs)",
    windows: &[Window::before(1, 29, 0)],
};

const CLOUD_META: Metadata = Metadata {
    id: "K8S-NODEIP-CLOUD",
    name: "two-node-addresses-with-a-cloud-provider",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "kubelet gets two addresses and a cloud provider",
    consequence: "`dual-stack not supported in this configuration`: kubelet exits",
    help: "leave node-ip out and let the cloud provider tell the addresses, or upgrade to v1.29 or later",
    fixable: Fixable::Never,
    gates: &[CLOUD_NEEDS_ONE],
    example: ("", ""),
    sources: &[
        "kubernetes/kubernetes: pkg/kubelet/kubelet_node_status.go",
        "kubernetes/cloud-provider-openstack: issue 2322",
    ],
};

pub(in crate::rules) const TYPO: Rule = Rule { meta: &TYPO_META, check: Check::Objects(typo) };
pub(in crate::rules) const SAME: Rule = Rule { meta: &SAME_META, check: Check::Objects(same) };
pub(in crate::rules) const CLOUD: Rule = Rule { meta: &CLOUD_META, check: Check::Objects(cloud) };
pub(in crate::rules) const FAMILY: Rule = Rule { meta: &FAMILY_META, check: Check::Objects(family) };
pub(in crate::rules) const MISSING: Rule = Rule { meta: &MISSING_META, check: Check::Objects(missing) };

impl LintContext<'_> {
    /// What `--node-ip` shall say: one address of each wanted family, the primary one first.
    pub(super) fn wanted_node_ip(&self, field: &Field) -> Wanted {
        let read = |part: &str| part.trim().parse::<IpAddr>().ok();
        let Some(own) = field.text.split(',').map(read).collect::<Option<Vec<_>>>() else {
            return Wanted::Same; // a placeholder, or a name that kubelet ignores
        };
        if own.iter().any(|a| a.is_unspecified() || a.is_loopback()) {
            return Wanted::Same;
        }
        let families = if self.holds(&NO_PAIR) { vec![self.primary()] } else { self.families() };
        let mut wanted = Vec::new();
        for family in families {
            let known = own.iter().copied().find(|a| family_of(*a) == family);
            match known.or_else(|| own.iter().find_map(|a| self.address_map.in_family(*a, family))) {
                Some(address) => wanted.push(address),
                None => return Wanted::Without(own),
            }
        }
        if wanted == own {
            return Wanted::Same;
        }
        Wanted::Text(wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    }
}

/// How the missing address is typed.
fn pair(own: &[IpAddr]) -> String {
    match own.first() {
        Some(IpAddr::V6(ipv6)) => format!("IPV4={ipv6}"),
        Some(IpAddr::V4(ipv4)) => format!("{ipv4}=IPV6"),
        None => "IPV4=IPV6".to_owned(),
    }
}

fn family(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::NodeIp]) {
        match cx.wanted_node_ip(field) {
            Wanted::Same => {}
            Wanted::Text(text) => {
                let why = "one address of each wanted family, the primary one first";
                diagnostics.push(cx.at_field(&FAMILY_META, field).fix(cx.set(field, &text, why)));
            }
            Wanted::Without(own) if cx.is_dual() => {
                let told: Vec<String> = own.iter().map(ToString::to_string).collect();
                diagnostics.push(
                    cx.at_field(&FAMILY_META, field)
                        .severity(Severity::Warning)
                        .label(&field.name)
                        .message(format!("nothing tells the other address of the node {}", told.join(",")))
                        .consequence("the node keeps one family: pods of its network, and Services that end there, have only that one")
                        .help(format!("give it: --address {}", pair(&own))),
                );
            }
            Wanted::Without(_) => {} // NET-012 tells it
        }
    }
}

fn missing(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() || (cx.is_dual() && cx.holds(&NO_PAIR)) {
        return;
    }
    for kind in [ObjectKind::InitConfiguration, ObjectKind::JoinConfiguration] {
        for (index, object) in cx.config.objects_of(kind) {
            let told = cx.config.flags_of(Component::Kubelet);
            if !told.into_iter().any(|(_, flags)| flags.object == index && flags.get("node-ip").is_some()) {
                diagnostics.push(cx.at_kind(&MISSING_META, object));
            }
        }
    }
}

fn typo(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::NodeIp]) {
        let part = field.text.split(',').find(|part| part.trim().parse::<IpAddr>().is_err());
        // What comes from a variable is told by its own rule.
        // Brackets are, too.
        let part = part.filter(|part| !super::brackets::has_brackets(part));
        if let Some(part) = part.filter(|part| !super::address_from_variable::is_filled_in(part)) {
            let message = format!("`{part}` is no address, and kubelet leaves it out");
            diagnostics.push(cx.at_field(&TYPO_META, field).message(message).label(&field.name));
        }
    }
}

fn same(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (object, field) in cx.config.fields_of(&[FieldKind::NodeIp, FieldKind::Advertise]) {
        let position = crate::source::position(cx.source.text, object.range(field.node).start);
        let place = crate::source::Place { file: cx.source.name.to_owned(), position };
        let all = || cx.facts.node_addresses.iter();
        for own in all().filter(|one| one.place == place) {
            let is_same = |other: &&crate::model::facts::node_address::NodeAddress| {
                other.address == own.address && other.place < own.place && !own.may_be_one_node(other)
            };
            if let Some(other) = all().find(is_same) {
                let message = format!("{} is the address of another node, too", own.address);
                let mut diagnostic = cx.at_field(&SAME_META, field).message(message).label(&field.name);
                if field.kind == FieldKind::Advertise {
                    let one = "only one of the two nodes has this address: the API server of the other node is not reached";
                    diagnostic = diagnostic.consequence(one);
                }
                diagnostics.push(diagnostic.related(other.place.clone(), other.by.clone()));
            }
        }
        let listed = crate::host::addresses(&field.text, crate::host::Form::Addresses);
        let repeated = listed.iter().enumerate().find(|(i, address)| listed[..*i].contains(address));
        if let Some((_, address)) = repeated {
            let message = format!("{address} is listed twice for one node");
            let cluster = "kubelet takes one address of each family: with two of one family it exits";
            let diagnostic = cx.at_field(&SAME_META, field).message(message).consequence(cluster);
            diagnostics.push(diagnostic.label(&field.name).help("list one address of each family"));
        }
    }
}

fn cloud(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_dual() || !cx.holds(&CLOUD_NEEDS_ONE) || cx.holds(&NO_PAIR) {
        return;
    }
    for (_, field) in cx.config.fields_of(&[FieldKind::NodeIp]) {
        let flags = cx.config.flags_of(Component::Kubelet).find(|(_, flags)| flags.object == field.object);
        let provider = flags.and_then(|(_, flags)| flags.value("cloud-provider")).unwrap_or_default();
        let may_be_external = provider == "external" && !cx.before(1, 27);
        let becomes_pair = match cx.wanted_node_ip(field) {
            Wanted::Text(text) => text.contains(','),
            Wanted::Same => field.text.contains(','),
            Wanted::Without(_) => false,
        };
        if becomes_pair && !provider.is_empty() && !may_be_external {
            diagnostics.push(cx.at_field(&CLOUD_META, field).label(&field.name));
        }
    }
}
