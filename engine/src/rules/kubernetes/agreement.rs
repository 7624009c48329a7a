//! Conflicting values in several files, or in several places of one file.

use super::cluster_dns::is_in_services;
use crate::address::family;
use crate::diagnostic::upstream;
use crate::model::facts::cluster::Ranges;
use crate::model::facts::stated::{About, StatedValue, is_pair_of_services};
use crate::model::fields::{Field, FieldKind, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::source::Place;
use crate::target::RangeOf;
use ipnet::IpNet;
use std::cell::OnceCell;
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "K8S-RANGE-MISMATCH",
    name: "range-mismatch",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "two places set different CIDRs, or different addresses of cluster DNS",
        consequence: "if the service CIDR overlaps the pod CIDR, a controller manager that does not know it can allocate a part of it to a node; kube-proxy masquerades what pods outside its pod CIDR send to Services; pods that query a wrong DNS address cannot resolve names",
        help: "check which one the cluster uses and set it in both places",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/phases/controlplane/manifests.go").line(378),
            upstream::KUBERNETES
                .file("pkg/controller/nodeipam/ipam/range_allocator.go")
                .symbol("filterOutServiceRange")
                .line(371),
            upstream::KUBERNETES.file("pkg/proxy/iptables/proxier.go").line(1082),
            upstream::KUBEADM.issue(1591),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    advertised(cx, diagnostics);
    if cx.cluster.lists.stated.in_order().len() < 2 {
        return;
    }
    for field in &cx.config.fields {
        order(cx, field, diagnostics);
        // Another rule reports repeated flags.
        let repeated = OnceCell::new();
        let is_repeated =
            |other: &StatedValue| repeated.get_or_init(|| own_places(cx, field)).contains(&other.place);
        for own in StatedValue::of(cx.config, field, cx.documents) {
            let Some(what) = own.about.one_for_the_cluster() else { continue };
            // A family that the target does not have needs no agreement.
            if !cx.families().contains(&family(own.net)) {
                continue;
            }
            // A requested CIDR replaces both.
            if is_replaced(cx, &own) {
                continue;
            }
            // Report the later place, with the earlier one as related.
            let mut others = cx
                .cluster
                .lists
                .disputed
                .iter()
                .filter(|other| own.differs(other) && other.place < own.place);
            if let Some(other) = others.find(|other| {
                must_agree(cx, &own, other)
                    && !is_repeated(other)
                    && !states_both(cx, &own, other)
                    && !has_cluster_dns(cx, &own, other)
            }) {
                let text_of = |value: &StatedValue| match value.about {
                    About::Dns => value.net.addr().to_string(),
                    _ => value.net.to_string(),
                };
                let (here, there, place) = (text_of(&own), text_of(other), &other.place);
                let message = format!("the {what} is {here} here, but {there} at {place} ({})", other.by);
                let diagnostic = cx.at_field(&META, field).message(message).label(&field.name);
                let diagnostic = diagnostic.related(place.clone(), format!("{there}: {}", other.by));
                let is_within = own.is_proxy != other.is_proxy && overlaps_proxy(&own, other);
                let severity = if is_within { Severity::Warning } else { Severity::Error };
                let diagnostic = diagnostic.severity(severity);
                diagnostics.push(if folder(&own.place.file) == folder(&place.file) {
                    diagnostic
                } else {
                    diagnostic.help("if the two folders are two clusters, run calico-ipv6 once for each of them; otherwise check which value the cluster uses, and set it in both places")
                });
                break;
            }
        }
    }
}

/// Reports service CIDRs in another order than at an earlier place.
fn order(cx: &Context<'_>, field: &Field, diagnostics: &mut Diagnostics) {
    if field.kind != FieldKind::ServiceRange || cx.target.primary_family.is_some() || !cx.is_dual() {
        return;
    }
    let own = StatedValue::of(cx.config, field, cx.documents);
    let mut pairs = own.windows(2).filter(|pair| is_pair_of_services(&pair[0], &pair[1]));
    let Some([own, _]) = pairs.next() else { return };
    // Another rule reports a flag that is repeated.
    let is_repeated = |other: &StatedValue| other.by == own.by && other.place.file == own.place.file;
    let is_other = |other: &&StatedValue| {
        family(other.net) != family(own.net) && other.place < own.place && !is_repeated(other)
    };
    let Some(other) = cx.cluster.lists.orders.in_order().iter().find(is_other) else { return };
    let (here, there) = (family(own.net), family(other.net));
    let message =
        format!("the first service CIDR is {here} here, but {there} at {} ({})", other.place, other.by);
    diagnostics.push(
        cx.at_field(&META, field)
            .message(message)
            .label(&field.name)
            .related(other.place.clone(), format!("{there} is first: {}", other.by))
            .consequence("the first service CIDR decides about the primary IP family: a component with the other order gives Services and cluster DNS addresses that the API server does not expect"),
    );
}

/// Reports a range that Calico announces for Services, of which no Service can have an address.
fn advertised(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::Advertised]) {
        for net in super::ranges::nets(&field.text).unwrap_or_default() {
            // It may be a part of the service CIDR, and ServiceCIDR objects add more of them.
            let is_of = |services: &IpNet| services.contains(&net) || net.contains(services);
            let mut stated = cx.cluster.lists.stated.iter();
            let is_stated = stated.any(|one| one.about == About::Services && is_of(&one.net));
            let services = cx.service_range(family(net), &Ranges::default());
            let Some(services) = services.filter(|services| !is_stated && !is_of(services)) else { continue };
            let message = format!("Calico announces {net} for Services, but the service CIDR is {services}");
            let consequence = "BGP peers learn no route to the Services of this cluster: no Service has an address of this range";
            let help = "set the service CIDR in serviceClusterIPs, or a part of it";
            let diagnostic = cx.at_field(&META, field).message(message).label(&field.name);
            diagnostics.push(diagnostic.severity(Severity::Warning).consequence(consequence).help(help));
        }
    }
}

/// Returns the folder of a file.
pub(super) fn folder(file: &str) -> &str {
    file.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder)
}

/// Returns whether the other place also states this CIDR: a list may have several CIDRs of a family.
fn states_both(cx: &Context<'_>, own: &StatedValue, other: &StatedValue) -> bool {
    let is_own = |one: &StatedValue| one.place == other.place && one.about == own.about && one.net == own.net;
    cx.cluster.lists.stated.iter().any(is_own)
}

/// Returns whether a list with another DNS server also has the address of cluster DNS.
fn has_cluster_dns(cx: &Context<'_>, own: &StatedValue, other: &StatedValue) -> bool {
    let is_own = |one: &StatedValue| one.by == own.by && one.place.file == own.place.file;
    own.about == About::Dns && cx.cluster.lists.stated.iter().any(|one| is_own(one) && one.net == other.net)
}

/// Returns the places of a flag that one command repeats.
fn own_places(cx: &Context<'_>, field: &Field) -> Vec<Place> {
    let same = cx.config.fields.iter().filter(|one| one.object == field.object && one.name == field.name);
    same.map(|one| cx.documents.place(cx.config.objects[one.object].start(one.node))).collect()
}

/// Returns whether a fix writes the requested CIDR in all places.
fn is_replaced(cx: &Context<'_>, own: &StatedValue) -> bool {
    let of = match own.about {
        About::Services => RangeOf::Services,
        About::Pods => RangeOf::Pods,
        About::Dns | About::Pool | About::Machines | About::LoadBalancers | About::Announced => return false,
    };
    cx.target.range(of, family(own.net)).is_some()
}

/// Returns whether the CIDR of kube-proxy contains the pod CIDR: this works, but kube-proxy treats other addresses as pods too.
fn overlaps_proxy(own: &StatedValue, other: &StatedValue) -> bool {
    let (proxy, pods) = if own.is_proxy { (own, other) } else { (other, own) };
    proxy.net.contains(&pods.net)
}

/// Returns whether two different values must agree. The DNS address that kubelet gives to pods must be that of cluster DNS,
/// unless it is the address of a node-local cache.
fn must_agree(cx: &Context<'_>, own: &StatedValue, other: &StatedValue) -> bool {
    let is_service = |value: &StatedValue| value.kind == ObjectKind::DnsService;
    let is_cache = |value: &StatedValue, service: &StatedValue| match (value.net.addr(), service.net.addr()) {
        (IpAddr::V4(ipv4), _) => ipv4.is_link_local(),
        // A range of Services is at least as large as this.
        (IpAddr::V6(own), IpAddr::V6(of_service))
            if u128::from(own) >> 16 == u128::from(of_service) >> 16 =>
        {
            false
        }
        (IpAddr::V6(_), _) => !is_in_services(cx, value.net.addr()),
    };
    own.about != About::Dns
        || (is_service(own) != is_service(other) && !is_cache(own, other) && !is_cache(other, own))
}
