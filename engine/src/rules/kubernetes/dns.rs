use super::change::{ChangeText, change, set_list};
use super::dns_servers::unmapped_cache_address;
use crate::address::{Family, family_of, nth, number};
use crate::diagnostic::upstream;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{ConfigObject, Field, FieldKind, ObjectKind};
use crate::rules::{
    Change, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::{AddressMap, RangeOf};
use crate::yaml::write::{Op, Value};
use crate::yaml::{Kind, NodeId};
use ipnet::IpNet;
use std::net::IpAddr;

const CLUSTER_DNS_META: Metadata = Metadata {
    id: "K8S-DNS-FAMILY",
    name: "cluster-dns-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "kubelet gives pods a cluster DNS address of another IP family",
        consequence: "kubelet writes this address into the resolv.conf of pods (dnsPolicy ClusterFirst, the default): pods without that IP family cannot resolve names",
        help: "the fix writes the address with the same offset in the other service CIDR",
        example: ("clusterDNS:\n- 10.96.0.10", "clusterDNS:\n- fd00:10:96::a"),
        sources: &[upstream::KUBERNETES.file("cmd/kubeadm/app/constants/constants.go").symbol("GetDNSIP").line(676)],
    }
    .built_in(),
};

const SERVICE_META: Metadata = Metadata {
    id: "DNS-CLUSTERIP",
    name: "dns-service-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the cluster DNS Service has a cluster IP of another IP family",
        consequence: "the API server rejects a cluster IP outside its service CIDRs, so the cluster has no DNS",
        help: "the fix writes the address with the same offset in the other service CIDR; kubelet must give pods the same address",
        example: ("clusterIP: 10.96.0.10", "clusterIP: fd00:10:96::a"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/phases/addons/dns/dns.go").line(136),
            upstream::KUBERNETES.file("pkg/registry/core/service/storage/alloc.go").line(443),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const CLUSTER_DNS: Rule =
    Rule { meta: &CLUSTER_DNS_META, check: Check::Text(cluster_dns) };
pub(in crate::rules) const SERVICE: Rule = Rule { meta: &SERVICE_META, check: Check::Text(service) };

/// What happens to an address of cluster DNS.
pub(super) enum Moved {
    /// It is replaced by this address.
    To(IpAddr),
    /// It has the primary family, or it belongs to a node-local cache and is in no service CIDR.
    Stays,
    /// It belongs to a node-local cache, and no IPv6 address is given for it.
    NoCounterpart,
    /// An option is missing: its name, an example, the reason.
    NeedsInput(&'static str, &'static str, String),
    /// It cannot be replaced, with the reason.
    Not(String),
}

impl Context<'_> {
    /// Returns what happens to an address: it gets the same offset in the service CIDR of the primary family.
    pub(super) fn moved(&self, address: IpAddr) -> Moved {
        let family = self.primary();
        if let Some(counterpart) = self.address_map.of(address).filter(|_| family_of(address) != family) {
            return Moved::To(counterpart);
        }
        let link_local = matches!(address, IpAddr::V4(ipv4) if ipv4.is_link_local());
        if link_local && family == Family::Ipv6 && !self.is_dual() {
            return Moved::NoCounterpart;
        }
        if link_local || address.is_loopback() {
            return Moved::Stays;
        }
        let none = Ranges::default();
        let why = format!("{address} gets the same offset in the other service CIDR");
        let new = self.service_range(family, &none);
        let other = family_of(address);
        let old = self.services.of(other).or_else(|| self.service_range(other, &none));
        if other == family {
            let is_asked = self.target.range(RangeOf::Services, family).is_some();
            let is_outside = is_asked && new.is_some_and(|new| !new.contains(&address));
            // A given counterpart of an address stays, and so does the address of a node-local cache.
            let is_counterpart = self.address_map.of(address).is_some();
            if !is_outside
                || is_counterpart
                || is_link_local_v6(address)
                || self.cluster.lists.caches.in_order().contains(&address)
            {
                return Moved::Stays;
            }
            // In dual-stack, nothing shows that the Service has an address of this CIDR.
            if let Some(new) = new.filter(|_| self.is_dual() && old.is_none_or(|old| !old.contains(&address)))
            {
                return Moved::Not(format!("{address} is not in the service CIDR {new}"));
            }
            // The CIDR of the address is not stated: use the address that kubeadm gives to cluster DNS.
            if let Some(new) =
                new.filter(|_| old.is_none_or(|old| !old.contains(&address) || Some(old) == new))
            {
                return tenth(new, address);
            }
        }
        let Some(new) = new else { return asks(family, why) };
        let Some(old) = old else {
            // The old CIDR cannot be requested if the target is single-stack.
            if self.is_dual() {
                return asks(other, why);
            }
            if number(address) % 16 == TENTH {
                return tenth(new, address);
            }
            return Moved::Not(format!(
                "{address} has no counterpart, because its service CIDR is not known"
            ));
        };
        if !old.contains(&address) {
            return Moved::Not(format!("{address} is not in the service CIDR {old}"));
        }
        let offset = number(address) - number(old.network());
        match nth(new, offset) {
            Some(address) => Moved::To(address),
            None => Moved::Not(format!(
                "{new} is too small for a counterpart of {address}, which has the offset {offset} in {old}"
            )),
        }
    }

    /// Whether an address of the second family is outside the requested service CIDR.
    fn is_outside(&self, address: IpAddr) -> bool {
        let range = self.target.range(RangeOf::Services, family_of(address));
        let is_local = is_link_local_v6(address)
            || address.is_loopback()
            || matches!(address, IpAddr::V4(ipv4) if ipv4.is_link_local());
        family_of(address) != self.primary()
            && range.is_some_and(|range| !range.contains(&address))
            && !is_local
            && self.address_map.of(address).is_none()
            && !self.cluster.lists.caches.in_order().contains(&address)
    }

    /// Returns whether the addresses may stay: in dual-stack, one address of the primary family is enough.
    fn has_first(&self, addresses: &[IpAddr]) -> bool {
        let stays = |a: &IpAddr| family_of(*a) == self.primary() && matches!(self.moved(*a), Moved::Stays);
        self.is_dual() && addresses.first().is_some_and(stays)
    }
}

/// The offset of cluster DNS in the service CIDR (kubeadm `constants.go`, `GetDNSIP`).
const TENTH: u128 = 10;

fn tenth(new: IpNet, address: IpAddr) -> Moved {
    match nth(new, TENTH) {
        Some(address) => Moved::To(address),
        None => Moved::Not(format!("{new} is too small for a counterpart of {address}")),
    }
}

fn is_link_local_v6(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(ipv6) if ipv6.is_unicast_link_local())
}

fn asks(family: Family, why: String) -> Moved {
    let (flag, example) = RangeOf::Services.option(family);
    Moved::NeedsInput(flag, example, why)
}

/// Returns the new addresses of a list; `None` if one is not an address or cannot be replaced, which is reported.
fn moved_list(
    cx: &Context<'_>,
    meta: &'static Metadata,
    field: &Field,
    texts: &[String],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<String>> {
    let addresses: Vec<IpAddr> = texts.iter().map(|t| t.trim().parse().ok()).collect::<Option<_>>()?;
    if cx.has_first(&addresses) {
        for address in addresses.iter().filter(|address| cx.is_outside(**address)) {
            diagnostics.push(
                cx.at_item(meta, field, &address.to_string())
                    .severity(Severity::Warning)
                    .message(format!("{address} is not in the {} range of cluster IPs", family_of(*address)))
                    .consequence(
                        "cluster DNS cannot have this address: pods that ask it wait, then ask the other one",
                    )
                    .help("remove it, or write the address that cluster DNS has in that range"),
            );
        }
        return None;
    }
    let is_wanted =
        |a: &IpAddr| family_of(*a) == cx.primary() && matches!(cx.moved(*a), Moved::Stays | Moved::To(_));
    let has_wanted = addresses.iter().any(is_wanted);
    let mut wanted: Vec<String> = Vec::new();
    for address in addresses {
        let text = match cx.moved(address) {
            Moved::Stays => address.to_string(),
            // Next to an address of the primary family, the other one was its counterpart.
            Moved::To(_) | Moved::Not(_) | Moved::NoCounterpart | Moved::NeedsInput(..)
                if has_wanted && family_of(address) != cx.primary() =>
            {
                continue;
            }
            Moved::To(counterpart) => counterpart.to_string(),
            Moved::NeedsInput(flag, example, why) => {
                diagnostics.ask(flag, example, why, cx.at_field(meta, field));
                return None;
            }
            Moved::NoCounterpart => {
                diagnostics.push(unmapped_cache_address(cx, field, address));
                return None;
            }
            Moved::Not(message) => {
                let help = format!(
                    "correct the address or the service CIDR, or pass its counterpart: --map-address {}",
                    AddressMap::placeholder(Some(address))
                );
                diagnostics.push(cx.at_item(meta, field, &address.to_string()).message(message).help(help));
                return None;
            }
        };
        if !wanted.contains(&text) {
            wanted.push(text);
        }
    }
    Some(wanted)
}

fn texts(object: &ConfigObject<'_>, list: NodeId) -> Vec<String> {
    object.tree().items(list).map(|item| object.tree().scalar(item).unwrap_or_default().to_owned()).collect()
}

const WHY: &str = "the same offset in the service CIDR of the primary IP family";

fn cluster_dns(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(usize, NodeId)> = Vec::new();
    for (object, field) in cx.config.fields_of(&[FieldKind::ClusterDns]) {
        let tree = object.tree();
        let list =
            tree.parent(field.node).filter(|p| tree.kind(*p) == Kind::Sequence && field.prefix.is_empty());
        // A list of command arguments is not a list of addresses.
        let list = list.filter(|_| object.kind == ObjectKind::KubeletConfiguration);
        let changes = match list {
            Some(list) if seen.contains(&(field.object, list)) => continue,
            Some(list) => {
                seen.push((field.object, list));
                let texts = texts(object, list);
                let Some(wanted) = moved_list(cx, &CLUSTER_DNS_META, field, &texts, diagnostics) else {
                    continue;
                };
                set_list(object, list, &wanted, &field.name, WHY)
            }
            None => {
                let texts: Vec<String> = field.text.split(',').map(str::to_owned).collect();
                let Some(wanted) = moved_list(cx, &CLUSTER_DNS_META, field, &texts, diagnostics) else {
                    continue;
                };
                let text = wanted.join(",");
                if text == field.text { Vec::new() } else { cx.set(field, &text, WHY).changes }
            }
        };
        if !changes.is_empty() {
            diagnostics.push(cx.at_field(&CLUSTER_DNS_META, field).fix(Fix::new(changes)));
        }
    }
}

fn service(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (index, object) in cx.config.objects_of(ObjectKind::DnsService) {
        let kind = [FieldKind::DnsService];
        let Some((_, field)) = cx.config.fields_of(&kind).find(|(_, f)| f.object == index) else { continue };
        if let Some(changes) = reordered(cx, object) {
            if !changes.is_empty() {
                diagnostics.push(cx.at_field(&SERVICE_META, field).fix(Fix::new(changes)));
            }
            continue;
        }
        if field.text.parse::<IpAddr>().is_err() && field.text != "None" && cx.primary() == Family::Ipv6 {
            let message = format!(
                "`{}` is a placeholder; its value must be the tenth address of the IPv6 service CIDR",
                field.text
            );
            diagnostics.push(
                cx.at_field(&SERVICE_META, field)
                    .severity(Severity::Warning)
                    .message(message)
                    .help("replace the placeholder with the DNS address that kubelet gives to pods"),
            );
            continue;
        }
        let texts = vec![field.text.clone()];
        let Some(wanted) = moved_list(cx, &SERVICE_META, field, &texts, diagnostics) else { continue };
        if wanted.first() == Some(&field.text) {
            continue;
        }
        let mut changes = cx.set(field, &wanted.join(","), WHY).changes;
        changes.extend(agreeing_fields(cx, object, field, &wanted));
        diagnostics.push(cx.at_field(&SERVICE_META, field).fix(Fix::new(changes)));
    }
}

/// Returns a field of the Service; Helm values have it below `service`.
fn part(object: &ConfigObject<'_>, key: &str) -> Option<NodeId> {
    object.tree().at(object.root, &[above(object), key])
}

/// Returns the key above the fields of the Service.
fn above(object: &ConfigObject<'_>) -> &'static str {
    if object.tree().get(object.root, "spec").is_some() { "spec" } else { "service" }
}

/// Returns the changes that put the primary family first in a Service with a cluster IP of each family; `None` if it has
/// another number of cluster IPs or the target is not dual-stack.
fn reordered(cx: &Context<'_>, object: &ConfigObject<'_>) -> Option<Vec<Change>> {
    let tree = object.tree();
    let name = |key: &str| format!("{}.{key}", above(object));
    let list = |key| part(object, key).filter(|n| tree.kind(*n) == Kind::Sequence);
    let ips = list("clusterIPs")?;
    let texts = texts(object, ips);
    let addresses: Vec<IpAddr> = texts.iter().map(|t| t.parse().ok()).collect::<Option<_>>()?;
    let of = |family| addresses.iter().find(|a| family_of(**a) == family).map(ToString::to_string);
    let wanted: Vec<String> = cx.families().into_iter().map(of).collect::<Option<_>>()?;
    if !cx.is_dual() || addresses.len() != 2 {
        return None;
    }
    if texts == wanted {
        return Some(Vec::new());
    }
    let mut changes = set_list(object, ips, &wanted, &name("clusterIPs"), FIRST);
    if let Some(ip) = part(object, "clusterIP") {
        let to = wanted.first().map(String::as_str);
        let description = ChangeText { field: &name("clusterIP"), from: tree.scalar(ip), to, why: FIRST };
        changes.push(change(object, ip, Op::Set(Value::string(to.unwrap_or_default())), description));
    }
    if let Some(families) = list("ipFamilies") {
        let names: Vec<String> = cx.families().iter().map(ToString::to_string).collect();
        changes.extend(set_list(object, families, &names, &name("ipFamilies"), FIRST));
    }
    Some(changes)
}

const FIRST: &str = "the primary IP family comes first";

/// Returns the changes of the fields that must agree with `clusterIP`: `clusterIPs`, `ipFamilies` and `ipFamilyPolicy`, if
/// they are set.
fn agreeing_fields(
    cx: &Context<'_>,
    object: &ConfigObject<'_>,
    field: &Field,
    wanted: &[String],
) -> Vec<Change> {
    let tree = object.tree();
    let name = |key: &str| format!("{}.{key}", above(object));
    let list = |key| part(object, key).filter(|n| tree.kind(*n) == Kind::Sequence);
    let mut changes = Vec::new();
    if let Some(ips) = list("clusterIPs").filter(|list| tree.parent(field.node) != Some(*list)) {
        changes.extend(set_list(object, ips, wanted, &name("clusterIPs"), WHY));
    }
    let why = "the IP family of clusterIP";
    if let Some(families) = list("ipFamilies") {
        changes.extend(set_list(object, families, &[cx.primary().to_string()], &name("ipFamilies"), why));
    }
    if let Some(policy) = part(object, "ipFamilyPolicy")
        && tree.scalar(policy) != Some("SingleStack")
    {
        let description = ChangeText {
            field: &name("ipFamilyPolicy"),
            from: tree.scalar(policy),
            to: Some("SingleStack"),
            why: "clusterIP has one IP family",
        };
        changes.push(change(object, policy, Op::Set(Value::string("SingleStack")), description));
    }
    changes
}
