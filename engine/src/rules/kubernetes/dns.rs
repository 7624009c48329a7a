use super::LintContext;
use super::context::{ChangeText, change, set_list};
use super::dns_servers::no_twin;
use crate::address::{Family, family_of, nth, number};
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{ConfigObject, Field, FieldKind, ObjectKind};
use crate::rules::{Change, Check, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::target::RangeOf;
use crate::yaml::write::{Op, Value};
use crate::yaml::{Kind, NodeId};
use ipnet::IpNet;
use std::net::IpAddr;

const CLUSTER_DNS_META: Metadata = Metadata {
    id: "K8S-DNS-FAMILY",
    name: "cluster-dns-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "pods are told an address of cluster DNS that is not of the first family",
    consequence: "kubelet writes this address into every pod's resolv.conf: without that family no pod resolves a name",
    help: "the address at the same place of the other service range is written",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("clusterDNS:\n- 10.96.0.10", "clusterDNS:\n- fd00:10:96::a"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/constants/constants.go, GetDNSIP"],
};

const SERVICE_META: Metadata = Metadata {
    id: "DNS-CLUSTERIP",
    name: "dns-service-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the Service of cluster DNS has a cluster IP of another family",
    consequence: "the API server refuses a cluster IP outside its ranges: there is no cluster DNS",
    help: "the address at the same place of the other service range is written; it is the one that kubelet tells pods",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("clusterIP: 10.96.0.10", "clusterIP: fd00:10:96::a"),
    sources: &[
        "kubernetes/kubernetes: cmd/kubeadm/app/phases/addons/dns/dns.go",
        "kubernetes/kubernetes: pkg/registry/core/service/storage/alloc.go",
    ],
};

pub(in crate::rules) const CLUSTER_DNS: Rule =
    Rule { meta: &CLUSTER_DNS_META, check: Check::Objects(cluster_dns) };
pub(in crate::rules) const SERVICE: Rule = Rule { meta: &SERVICE_META, check: Check::Objects(service) };

/// Where an address of cluster DNS goes.
pub(super) enum Moved {
    To(IpAddr),
    /// It is of the wanted family, or of no service range: a cache on every node.
    Stays,
    /// It is that of a cache on every node, and nothing tells its IPv6 address.
    NoTwin,
    /// An option is missing: its name, an example, why.
    NeedsInput(&'static str, &'static str, String),
    /// It cannot be moved, and why.
    Not(String),
}

impl LintContext<'_> {
    /// The address at the same place of the primary family's service range.
    pub(super) fn moved(&self, address: IpAddr) -> Moved {
        let family = self.primary();
        if let Some(twin) = self.address_map.of(address).filter(|_| family_of(address) != family) {
            return Moved::To(twin);
        }
        let link_local = matches!(address, IpAddr::V4(ipv4) if ipv4.is_link_local());
        if link_local && family == Family::Ipv6 && !self.is_dual() {
            return Moved::NoTwin;
        }
        if link_local || address.is_loopback() {
            return Moved::Stays;
        }
        let none = Ranges::default();
        let why = format!("{address} is moved to the same place of the other range of cluster IPs");
        let new = self.service_range(family, &none);
        let other = family_of(address);
        let old = self.services.of(other).or_else(|| self.service_range(other, &none));
        if other == family {
            let is_asked = self.target.range(RangeOf::Services, family).is_some();
            let is_outside = is_asked && new.is_some_and(|new| !new.contains(&address));
            // What stands for an address of the other family was given, or is a cache on every node.
            let is_counterpart = self.address_map.of(address).is_some();
            if !is_outside
                || is_counterpart
                || is_link_local_v6(address)
                || self.facts.caches.contains(&address)
            {
                return Moved::Stays;
            }
            // Of a range that nobody states: the address that kubeadm gives to cluster DNS.
            if let Some(new) =
                new.filter(|_| old.is_none_or(|old| !old.contains(&address) || Some(old) == new))
            {
                return tenth(new, address);
            }
        }
        let Some(new) = new else { return asks(family, why) };
        let Some(old) = old else {
            // The old range cannot be asked for where the target has one family.
            if self.is_dual() {
                return asks(other, why);
            }
            if number(address) % 16 == TENTH {
                return tenth(new, address);
            }
            return Moved::Not(format!("{address} has no counterpart: the range that it is in is not known"));
        };
        if !old.contains(&address) {
            return Moved::Not(format!("{address} is not in the range of cluster IPs {old}"));
        }
        let offset = number(address) - number(old.network());
        match nth(new, offset) {
            Some(address) => Moved::To(address),
            None => {
                Moved::Not(format!("{new} is too small for a twin of {address}, number {offset} of {old}"))
            }
        }
    }

    /// Whether an address of the second family is outside the range of cluster IPs that was given.
    fn is_outside(&self, address: IpAddr) -> bool {
        let range = self.target.range(RangeOf::Services, family_of(address));
        let is_local = is_link_local_v6(address)
            || address.is_loopback()
            || matches!(address, IpAddr::V4(ipv4) if ipv4.is_link_local());
        family_of(address) != self.primary()
            && range.is_some_and(|range| !range.contains(&address))
            && !is_local
            && self.address_map.of(address).is_none()
            && !self.facts.caches.contains(&address)
    }

    /// Whether the place of a diagnostic may stay for now: with both families, one address of the first is enough.
    fn has_first(&self, addresses: &[IpAddr]) -> bool {
        let stays = |a: &IpAddr| family_of(*a) == self.primary() && matches!(self.moved(*a), Moved::Stays);
        self.is_dual() && addresses.first().is_some_and(stays)
    }
}

/// The place of cluster DNS in the service range (kubeadm `constants.go`, `GetDNSIP`).
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

/// The addresses of a list after the move; none where one is no address, or cannot be moved, which is told.
fn moved_list(
    cx: &LintContext<'_>,
    meta: &'static Metadata,
    field: &Field,
    texts: &[String],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<String>> {
    let addresses: Vec<IpAddr> = texts.iter().map(|t| t.trim().parse().ok()).collect::<Option<_>>()?;
    if cx.has_first(&addresses) {
        for address in addresses.iter().filter(|address| cx.is_outside(**address)) {
            diagnostics.push(
                cx.at_field(meta, field)
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
            // Beside one of the wanted family, the other was its twin.
            Moved::To(_) | Moved::Not(_) | Moved::NoTwin | Moved::NeedsInput(..)
                if has_wanted && family_of(address) != cx.primary() =>
            {
                continue;
            }
            Moved::To(twin) => twin.to_string(),
            Moved::NeedsInput(flag, example, why) => {
                diagnostics.ask(flag, example, why);
                return None;
            }
            Moved::NoTwin => {
                diagnostics.push(no_twin(cx, field, address));
                return None;
            }
            Moved::Not(message) => {
                let help = format!(
                    "correct the address or the service range, or give its counterpart: --map-address {}",
                    pair_of(address)
                );
                diagnostics.push(cx.at_field(meta, field).message(message).help(help));
                return None;
            }
        };
        if !wanted.contains(&text) {
            wanted.push(text);
        }
    }
    Some(wanted)
}

/// How the counterpart of an address is typed.
fn pair_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(ipv4) => format!("{ipv4}=IPV6"),
        IpAddr::V6(ipv6) => format!("IPV4={ipv6}"),
    }
}

fn texts(object: &ConfigObject<'_>, list: NodeId) -> Vec<String> {
    object.tree().items(list).map(|item| object.tree().scalar(item).unwrap_or_default().to_owned()).collect()
}

const WHY: &str = "the same place in the range of the first family";

fn cluster_dns(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(usize, NodeId)> = Vec::new();
    for (object, field) in cx.config.fields_of(&[FieldKind::ClusterDns]) {
        let tree = object.tree();
        let list =
            tree.parent(field.node).filter(|p| tree.kind(*p) == Kind::Sequence && field.prefix.is_empty());
        // An item of a command is no list of addresses.
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

fn service(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
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
            let message =
                format!("`{}` is no address yet: the tenth of the IPv6 range belongs there", field.text);
            diagnostics.push(
                cx.at_field(&SERVICE_META, field)
                    .severity(Severity::Warning)
                    .message(message)
                    .help("fill the placeholder with the address that kubelet tells pods"),
            );
            continue;
        }
        let texts = vec![field.text.clone()];
        let Some(wanted) = moved_list(cx, &SERVICE_META, field, &texts, diagnostics) else { continue };
        if wanted.first() == Some(&field.text) {
            continue;
        }
        let mut changes = cx.set(field, &wanted.join(","), WHY).changes;
        changes.extend(beside(cx, object, field, &wanted));
        diagnostics.push(cx.at_field(&SERVICE_META, field).fix(Fix::new(changes)));
    }
}

/// A field of the Service; values of a chart have it below `service`.
fn part(object: &ConfigObject<'_>, key: &str) -> Option<NodeId> {
    object.tree().at(object.root, &[above(object), key])
}

/// The key above the fields of the Service.
fn above(object: &ConfigObject<'_>) -> &'static str {
    if object.tree().get(object.root, "spec").is_some() { "spec" } else { "service" }
}

/// A Service with a cluster IP of each family, where both are wanted: the primary one stands first.
fn reordered(cx: &LintContext<'_>, object: &ConfigObject<'_>) -> Option<Vec<Change>> {
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
        let told = ChangeText { field: &name("clusterIP"), from: tree.scalar(ip), to, why: FIRST };
        changes.push(change(object, ip, Op::Set(Value::string(to.unwrap_or_default())), told));
    }
    if let Some(families) = list("ipFamilies") {
        let names: Vec<String> = cx.families().iter().map(ToString::to_string).collect();
        changes.extend(set_list(object, families, &names, &name("ipFamilies"), FIRST));
    }
    Some(changes)
}

const FIRST: &str = "the first family stands first";

/// What must agree with `clusterIP`: `clusterIPs`, `ipFamilies` and their policy, where they are written out.
fn beside(cx: &LintContext<'_>, object: &ConfigObject<'_>, field: &Field, wanted: &[String]) -> Vec<Change> {
    let tree = object.tree();
    let name = |key: &str| format!("{}.{key}", above(object));
    let list = |key| part(object, key).filter(|n| tree.kind(*n) == Kind::Sequence);
    let mut changes = Vec::new();
    if let Some(ips) = list("clusterIPs").filter(|list| tree.parent(field.node) != Some(*list)) {
        changes.extend(set_list(object, ips, wanted, &name("clusterIPs"), WHY));
    }
    let why = "the family of clusterIP";
    if let Some(families) = list("ipFamilies") {
        changes.extend(set_list(object, families, &[cx.primary().to_string()], &name("ipFamilies"), why));
    }
    if let Some(policy) = part(object, "ipFamilyPolicy")
        && tree.scalar(policy) != Some("SingleStack")
    {
        let told = ChangeText {
            field: &name("ipFamilyPolicy"),
            from: tree.scalar(policy),
            to: Some("SingleStack"),
            why: "one family, that of clusterIP",
        };
        changes.push(change(object, policy, Op::Set(Value::string("SingleStack")), told));
    }
    changes
}
