//! The addresses of cluster DNS that kubelet writes into the resolv.conf of pods.

use crate::address::{family, family_of, nth, number};
use crate::diagnostic::upstream;
use crate::model::facts::stated::{About, StatedValue};
use crate::model::fields::{Field, FieldKind, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::RangeOf;
use std::net::IpAddr;

const COUNT_META: Metadata = Metadata {
    id: "K8S-DNS-COUNT",
    name: "too-many-dns-servers",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "kubelet has more than three addresses of cluster DNS",
        consequence: "pods that use cluster DNS get the first three only. Each of them has an event: `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ...`",
        help: "keep three addresses; one of the primary IP family is enough",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES
                .file("pkg/kubelet/network/dns/dns.go")
                .symbol("formDNSNameserversFitsLimits")
                .line(152),
            upstream::KUBERNETES
                .file("pkg/apis/core/validation/validation.go")
                .symbol("MaxDNSNameservers")
                .line(4248),
        ],
    }
    .built_in(),
};

const RANGE_META: Metadata = Metadata {
    id: "K8S-DNS-RANGE",
    name: "cluster-dns-outside-service-range",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "kubelet gives pods an address of cluster DNS that the Service of cluster DNS does not have",
        consequence: "if nothing else answers at this address, pods cannot resolve names. kubelet accepts it. kubeadm gives its DNS Service the tenth address of the first service CIDR, and only warns: `The recommended value for \"clusterDNS\" in \"KubeletConfiguration\" is: [10.96.0.10]`",
        help: "write the cluster IP of the Service kube-dns; ignore this if a DNS cache on each node listens on this address",
        example: ("clusterDNS:\n- 10.97.0.10", "clusterDNS:\n- 10.96.0.10"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/componentconfigs/kubelet.go").line(135),
            upstream::KUBERNETES.file("cmd/kubeadm/app/constants/constants.go").symbol("GetDNSIP").line(676),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const COUNT: Rule = Rule { meta: &COUNT_META, check: Check::Text(count) };
pub(in crate::rules) const RANGE: Rule = Rule { meta: &RANGE_META, check: Check::Text(range) };

/// What kubelet writes into a resolv.conf (kubernetes `validation.go`, `MaxDNSNameservers`).
const MOST: usize = 3;

fn addresses(field: &Field) -> Vec<IpAddr> {
    field.text.split(',').filter_map(|part| part.trim().parse().ok()).collect()
}

fn count(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let mut counts = vec![0; cx.config.objects.len()];
    for (_, field) in cx.config.fields_of(&[FieldKind::ClusterDns]) {
        let before: &mut usize = &mut counts[field.object];
        let was_fine = *before <= MOST;
        *before += field.text.split(',').filter(|part| !part.trim().is_empty()).count();
        if was_fine && *before > MOST {
            diagnostics.push(cx.at_field(&COUNT_META, field).label(&field.name));
        }
    }
}

/// The offset of cluster DNS in the first service CIDR (kubeadm `constants.go`, `GetDNSIP`).
const TENTH: u128 = 10;

/// Whether a DNS cache on a node may listen on an address: caches use link-local and unique-local addresses. A unique-local
/// address of the service CIDR, or one with the offset of cluster DNS, is meant to be a cluster IP.
fn may_be_cache(cx: &Context<'_>, address: IpAddr) -> bool {
    cx.cluster.lists.caches.in_order().contains(&address)
        || match address {
            IpAddr::V4(ipv4) => ipv4.is_link_local() || ipv4.is_loopback(),
            IpAddr::V6(ipv6) => {
                let is_tenth = number(address) & 0xffff == TENTH;
                let is_cluster_ip = is_tenth || is_in_services(cx, address);
                ipv6.is_unicast_link_local()
                    || ipv6.is_loopback()
                    || (ipv6.is_unique_local() && !is_cluster_ip)
            }
        }
}

/// Whether a service CIDR of the files contains an address.
pub(super) fn is_in_services(cx: &Context<'_>, address: IpAddr) -> bool {
    let mut stated = cx.cluster.lists.stated.iter();
    stated.any(|value| value.about == About::Services && value.net.contains(&address))
}

fn range(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let stated = &cx.cluster.lists.stated;
    for (object, field) in cx.config.fields_of(&[FieldKind::ClusterDns]) {
        for address in addresses(field) {
            let own = family_of(address);
            // The rule about families replaces addresses of another family, and those of a range that is requested.
            if may_be_cache(cx, address)
                || cx.target.range(RangeOf::Services, own).is_some()
                || own != cx.primary() && !has_primary(cx, field)
            {
                continue;
            }
            let is_services =
                |value: &&StatedValue| value.about == About::Services && family(value.net) == own;
            let Some(first) = stated.iter().find(is_services) else { continue };
            let diagnostic = cx.at_item(&RANGE_META, field, &address.to_string()).label(&field.name);
            let place = first.place.clone();
            if !stated.iter().filter(is_services).any(|value| value.net.contains(&address)) {
                let message = format!("{address} is not in the service CIDR {}", first.net);
                diagnostics.push(diagnostic.message(message).related(place, "the service CIDR"));
                continue;
            }
            let is_kubeadm = object.kind == ObjectKind::KubeletConfiguration && cx.cluster.has_kubeadm;
            let is_stated = |value: &StatedValue| {
                value.about == About::Dns
                    && value.kind == ObjectKind::DnsService
                    && value.net.addr() == address
            };
            let wanted = nth(first.net, TENTH);
            if is_kubeadm
                && first.kind == ObjectKind::ClusterConfiguration
                && own == cx.primary()
                && wanted.is_some_and(|wanted| wanted != address)
                && !stated.iter().any(is_stated)
                && let Some(wanted) = wanted
            {
                let message = format!("kubeadm gives its DNS Service the address {wanted}, not {address}");
                diagnostics.push(diagnostic.message(message).related(place, "the service CIDR"));
            }
        }
    }
}

/// Whether the addresses of a field begin with one of the primary family: the rule about families leaves the others.
fn has_primary(cx: &Context<'_>, field: &Field) -> bool {
    let kind = [FieldKind::ClusterDns];
    let mut own = cx.config.fields_of(&kind).filter(|(_, other)| other.object == field.object);
    let first = own.find_map(|(_, other)| addresses(other).first().copied());
    cx.is_dual() && first.map(family_of) == Some(cx.primary())
}
