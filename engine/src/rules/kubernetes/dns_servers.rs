//! Cluster DNS servers: the addresses they listen on, the servers they forward to, the zones they answer.

use super::change::{ChangeText, change};
use super::chart_values::plugins;
use super::dns::Moved;
use crate::address::family_of;
use crate::diagnostic::upstream;
use crate::host::{Host, addresses, map};
use crate::model::fields::{ConfigObject, Field, FieldKind, ObjectKind};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{NodeId, Tree};
use std::net::IpAddr;

pub(super) const REVERSE_META: Metadata = Metadata {
    id: "DNS-REVERSE",
    name: "no-ipv6-reverse-zone",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "CoreDNS does not answer reverse queries for IPv6 addresses of the cluster",
        consequence: "the zones of the kubernetes plugin do not contain ip6.arpa: CoreDNS forwards reverse queries for pods and Services to servers outside the cluster, which have no answer",
        help: "the fix adds ip6.arpa to the zones, and to fallthrough if in-addr.arpa is there",
        example: ("kubernetes cluster.local in-addr.arpa {", "kubernetes cluster.local in-addr.arpa ip6.arpa {"),
        sources: &[upstream::COREDNS.file("plugin/kubernetes/README.md").line(29)],
    }
    .built_in(),
};

const FORWARD_META: Metadata = Metadata {
    id: "DNS-FWD-FAMILY",
    name: "dns-forwards-to-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "cluster DNS forwards to IPv4 servers only",
        consequence: "a DNS pod without IPv4 cannot reach them, so pods cannot resolve names outside the cluster",
        help: "use your own IPv6 resolvers, or pass the counterpart of each server: --map-address 8.8.8.8=2001:4860:4860::8888",
        example: ("forward . 8.8.8.8", "forward . 2001:4860:4860::8888"),
        sources: &[upstream::COREDNS.file("plugin/forward/README.md").line(32), upstream::KIND.issue(3114)],
    }
    .built_in(),
};

const SERVER_META: Metadata = Metadata {
    id: "DNS-LOCAL-FAMILY",
    name: "dns-server-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "a cluster DNS server listens on, or forwards to, an address of another IP family",
        consequence: "pods without that IP family cannot reach it there; a cache that forwards to the old address of cluster DNS gets no answer",
        help: "the fix writes the address of cluster DNS with the same offset in the other service CIDR; the address of a node-local cache needs a counterpart: --map-address 169.254.20.10=fd00:90de:d95::1",
        example: ("bind 169.254.20.10 10.96.0.10", "bind fd00:90de:d95::1 fd00:10:96::a"),
        sources: &[
            upstream::page(
                "Kubernetes: Using NodeLocal DNSCache in Kubernetes Clusters",
                "https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/",
            ),
            upstream::KOPS.file("pkg/model/components/kubedns.go").line(93),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const REVERSE: Rule = Rule { meta: &REVERSE_META, check: Check::Text(reverse) };
pub(in crate::rules) const FORWARD: Rule = Rule { meta: &FORWARD_META, check: Check::Text(forward) };
pub(in crate::rules) const SERVER: Rule = Rule { meta: &SERVER_META, check: Check::Text(server) };

/// Reports an address of a node-local cache that has no known counterpart.
pub(super) fn unmapped_cache_address(cx: &Context<'_>, field: &Field, address: IpAddr) -> Diagnostic {
    cx.at_item(&SERVER_META, field, &address.to_string())
        .message(format!("no IPv6 address given for {address}, the address of a node-local DNS cache"))
        .help(format!(
            "choose a unique-local address that no node has: --map-address {address}=fd00:90de:d95::1"
        ))
        .label(&field.name)
}

fn server(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::DnsServer]) {
        let Some(form) = field.form else { continue };
        // In dual-stack, one address of the primary family is enough.
        let found = addresses(&field.text, form);
        if cx.is_dual() && found.iter().any(|a| family_of(*a) == cx.primary()) {
            continue;
        }
        if let Some(address) = found.into_iter().find(|a| matches!(cx.moved(*a), Moved::NoCounterpart)) {
            diagnostics.push(unmapped_cache_address(cx, field, address));
            continue;
        }
        let text = map(&field.text, form, |address| match cx.moved(address) {
            Moved::To(counterpart) => counterpart,
            _ => address,
        });
        if text != field.text {
            let why = "pods of the primary IP family reach cluster DNS at this address";
            diagnostics.push(cx.at_field(&SERVER_META, field).fix(cx.set(field, &text, why)));
        }
    }
}

/// Returns the directives with this name in a Corefile, each with its arguments.
fn directives<'a>(
    object: &'a ConfigObject<'_>,
    name: &'a str,
) -> impl Iterator<Item = (NodeId, Vec<NodeId>)> + 'a {
    let tree = object.tree();
    let found = tree.entries(object.root).filter(move |(key, _)| tree.scalar(*key) == Some(name));
    found.map(|(_, list)| (list, tree.items(list).collect()))
}

fn words<'a>(tree: &'a Tree<'_>, items: &'a [NodeId]) -> impl Iterator<Item = (NodeId, &'a str)> {
    items.iter().filter_map(|item| Some((*item, tree.scalar(*item)?)))
}

fn reverse(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Corefile) {
        let tree = object.tree();
        let has_ipv6_zone =
            |items: &[NodeId]| words(tree, items).any(|(_, w)| w.contains("ip6.arpa") || w.contains("::"));
        let zones: Vec<_> = directives(object, "kubernetes").collect();
        if zones.is_empty() || zones.iter().any(|(_, items)| has_ipv6_zone(items)) {
            continue;
        }
        let mut changes = Vec::new();
        for (list, items) in zones.iter().cloned().chain(directives(object, "fallthrough")) {
            let after = words(tree, &items).find(|(_, word)| *word == "in-addr.arpa").map(|(item, _)| item);
            if after.is_some() && !has_ipv6_zone(&items) {
                let description = ChangeText {
                    field: "zones",
                    from: None,
                    to: Some("ip6.arpa"),
                    why: "answers reverse queries for IPv6",
                };
                let op = Op::InsertItem(Placement { after, below: None }, Value::string("ip6.arpa"));
                changes.push(change(object, list, op, description));
            }
        }
        let diagnostic = cx.at(&REVERSE_META, object, zones[0].0);
        // If the zones are not the usual ones, a person must decide.
        diagnostics.push(if changes.is_empty() {
            diagnostic.help("add ip6.arpa to the zones")
        } else {
            diagnostic.fix(Fix::new(changes))
        });
    }
}

fn forward(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_ipv6_only() {
        return;
    }
    let is_ipv4 = |server: &str| {
        let host = server.split("://").last().unwrap_or(server);
        let address = Host::read(host).and_then(|host| host.address());
        let stays = |a: IpAddr| !matches!(cx.moved(a), Moved::To(_) | Moved::NoCounterpart);
        address.is_some_and(|address| address.is_ipv4() && !address.is_loopback() && stays(address))
    };
    let mut report = |object: &ConfigObject<'_>, place: NodeId, servers: &[&str]| {
        if !servers.is_empty() && servers.iter().all(|server| is_ipv4(server)) {
            let message = format!("cluster DNS forwards to IPv4 servers only: {}", servers.join(" "));
            diagnostics.push(cx.at(&FORWARD_META, object, place).message(message));
        }
    };
    for (_, object) in cx.config.objects_of(ObjectKind::Corefile) {
        for (_, items) in directives(object, "forward").chain(directives(object, "proxy")) {
            let servers: Vec<_> =
                words(object.tree(), &items).skip(1).filter(|(_, word)| *word != "{").collect();
            let names: Vec<&str> = servers.iter().map(|(_, word)| *word).collect();
            report(object, servers.first().map_or(object.root, |(node, _)| *node), &names);
        }
    }
    for (_, object) in cx.config.objects_of(ObjectKind::DnsService) {
        for (place, text) in plugins(object, "forward") {
            report(object, place, &text.split_whitespace().skip(1).collect::<Vec<_>>());
        }
    }
    for (_, object) in cx.config.objects_of(ObjectKind::KubeDns) {
        let Some(place) = object.tree().at(object.root, &["data", "upstreamNameservers"]) else { continue };
        let text = object.tree().scalar(place).unwrap_or_default();
        let names: Vec<&str> =
            text.split(['[', ']', ',', '"', ' ', '\n']).filter(|s| !s.is_empty()).collect();
        report(object, place, &names);
    }
}
