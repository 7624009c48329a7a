//! The Services of applications: IP families and literal addresses.

use super::change::{ChangeText, change};
use super::security::source_ranges;
use super::service_annotations::Pin;
use crate::address::{Family, family_of};
use crate::diagnostic::upstream;
use crate::model::facts::settings::is_load_balancer;
use crate::model::fields::{ConfigObject, FieldKind, ObjectKind};
use crate::rules::{
    Change, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::Stack;
use crate::version::{Component, Gate, Window};
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId, Tree};
use ipnet::IpNet;
use std::net::IpAddr;

pub(super) const NO_POLICY: Gate = Gate {
    component: Component::Kubernetes,
    what: "Services have no ipFamilyPolicy",
    windows: &[Window::before(1, 20, 0)],
};

const POLICY_META: Metadata = Metadata {
    id: "SVC-POLICY",
    name: "service-without-ip-family-policy",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Sometimes,
    gates: &[NO_POLICY],
    texts: Texts {
        finds: "a Service has no ipFamilyPolicy",
        consequence: "in a dual-stack cluster a new Service without ipFamilyPolicy is SingleStack in the primary IP family, or in the one that ipFamilies names: clients cannot reach it over the other. Only a headless Service without a selector gets both IP families",
        help: "ipFamilyPolicy: PreferDualStack is added, which every cluster (1.20 and later) accepts; the API server chooses ipFamilies",
        example: ("spec:\n  selector: {app: web}", "spec:\n  selector: {app: web}\n  ipFamilyPolicy: PreferDualStack"),
        sources: &[
            upstream::KUBERNETES.file("pkg/registry/core/service/storage/alloc.go").symbol("initIPFamilyFields").line(136),
            upstream::METALLB.file("controller/service.go").line(273),
        ],
    }
    .built_in(),
};

const STICKY_META: Metadata = Metadata {
    id: "SVC-STICKY",
    name: "service-policy-before-dual-stack",
    kind: RuleKind::Migration,
    severity: Severity::Info,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "Services get ipFamilyPolicy: PreferDualStack",
        consequence: "a Service that is applied with PreferDualStack while the API server has one range keeps its one IP family, even if the same file is applied again later",
        help: "apply Services after the API server has both ranges; a Service that was applied earlier needs RequireDualStack once",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES
                .file("pkg/registry/core/service/storage/alloc.go")
                .symbol("isMatchingPreferDualStackClusterIPFields")
                .line(996),
        ],
    }
    .built_in(),
};

pub(super) const FAMILY_META: Metadata = Metadata {
    id: "SVC-FAMILY",
    name: "service-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[NO_POLICY],
    texts: Texts {
        finds: "a Service uses an IP family, or addresses of an IP family, that the cluster does not have",
        consequence: "the API server refuses a cluster IP or an IP family that it has no range for, two IP families without ipFamilyPolicy: PreferDualStack or RequireDualStack (neither in a headless Service without a selector), and a cluster IP of another IP family than ipFamilies says; clients cannot reach other addresses of that IP family",
        help: "ipFamilies is set to the target IP family and ipFamilyPolicy to SingleStack (for IPv4-only it is removed if that is enough), and a cluster IP of the other IP family is removed. Each other address is replaced by its counterpart from --map-address, or removed if it has none; 0.0.0.0/0 becomes ::/0. loadBalancerSourceRanges is kept if no range would be left",
        example: ("ipFamilies:\n- IPv4", "ipFamilies:\n- IPv6"),
        sources: &[
            upstream::KUBERNETES.file("pkg/registry/core/service/storage/alloc.go").symbol("initIPFamilyFields").line(275),
            upstream::KUBERNETES.file("pkg/apis/core/validation/validation.go").symbol("ValidateServiceClusterIPsRelatedFields"),
        ],
    }
    .built_in(),
};

const DROPPED_META: Metadata = Metadata {
    id: "SVC-DROPPED",
    name: "service-address-without-counterpart",
    kind: RuleKind::Migration,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "no counterpart in the target IP family is known for addresses of a Service",
        consequence: "clients that use these addresses lose access, or reach the Service over the other IP family only",
        help: "pass --map-address IPV4=IPV6 for each address, or add the counterpart yourself",
        example: ("loadBalancerIP: 198.51.100.9", ""),
        sources: &[upstream::KUBERNETES.file("staging/src/k8s.io/api/core/v1/types.go").line(6374)],
    }
    .built_in(),
};

const OLD_META: Metadata = Metadata {
    id: "SVC-OLD",
    name: "service-with-alpha-field",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "a Service has the field ipFamily, which only Kubernetes 1.16 to 1.19 accept",
        consequence: "kubectl refuses the Service from 1.20 on; since 1.25 with `strict decoding error: unknown field \"spec.ipFamily\"`. Other clients get no error, and the API server drops the field",
        help: "ipFamily is replaced by ipFamilies with the same IP family",
        example: ("ipFamily: IPv6", "ipFamilies:\n- IPv6"),
        sources: &[
            upstream::KUBERNETES.file("pkg/apis/core/types.go").symbol("IPFamily").line(3528).at("v1.18.20"),
            upstream::ENHANCEMENTS
                .file("keps/sig-api-machinery/2885-server-side-unknown-field-validation/kep.yaml")
                .line(31)
                .at("64765b4b02389318f2113119dd9e491479f978a0"),
        ],
    }
    .built_in(),
};

const KUBERNETES_META: Metadata = Metadata {
    id: "SVC-KUBERNETES",
    name: "service-of-the-api-server",
    kind: RuleKind::Migration,
    severity: Severity::Info,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "this is the Service of the API server, which creates it itself",
        consequence: "the API server creates it if it is missing, as SingleStack in the primary IP family, and never changes it afterwards. The endpoints of the API server have one IP family, so a second cluster IP would lead nowhere",
        help: "no action needed: its IP family is that of the API server's first service CIDR",
        example: ("", ""),
        sources: &[upstream::KUBERNETES.file("pkg/controlplane/controller/kubernetesservice/controller.go").line(213)],
    }
    .built_in(),
};

pub(in crate::rules) const POLICY: Rule = Rule { meta: &POLICY_META, check: Check::Text(policy) };
pub(in crate::rules) const STICKY: Rule = Rule { meta: &STICKY_META, check: Check::Changes(sticky) };
pub(in crate::rules) const FAMILY: Rule = Rule { meta: &FAMILY_META, check: Check::Text(family) };
pub(in crate::rules) const DROPPED: Rule = Rule { meta: &DROPPED_META, check: Check::Text(dropped) };
pub(in crate::rules) const OLD: Rule = Rule { meta: &OLD_META, check: Check::Text(old) };
pub(in crate::rules) const KUBERNETES: Rule = Rule { meta: &KUBERNETES_META, check: Check::Text(kubernetes) };

/// Both families if the cluster has both, otherwise one: every cluster accepts it.
pub(super) const DUAL_STACK_POLICY: &str = "PreferDualStack";

/// A Service and its `spec`.
pub(super) type Service<'a, 'd> = (&'a ConfigObject<'d>, NodeId);

/// The Services whose families a file decides: not `ExternalName`, and not that of the API server.
pub(super) fn services<'a, 'd>(cx: &'a Context<'d>) -> impl Iterator<Item = Service<'a, 'd>> {
    cx.config.objects_of(ObjectKind::Service).filter_map(|(_, object)| {
        let spec =
            object.tree().get(object.root, "spec").filter(|n| object.tree().kind(*n) == Kind::Mapping)?;
        (object.text(&["spec", "type"]) != Some("ExternalName") && !is_of_api_server(object))
            .then_some((object, spec))
    })
}

fn is_of_api_server(object: &ConfigObject<'_>) -> bool {
    object.resource.name == "kubernetes"
        && matches!(object.text(&["metadata", "namespace"]), None | Some("default"))
}

/// Adds an entry to `spec`, in alphabetical order if the other entries are.
pub(super) fn entry(
    object: &ConfigObject<'_>,
    spec: NodeId,
    key: &str,
    value: Value,
    to: &str,
    why: &str,
) -> Change {
    let tree = object.tree();
    let entries: Vec<(&str, NodeId)> =
        tree.entries(spec).filter_map(|(k, v)| Some((tree.scalar(k)?, v))).collect();
    let is_sorted = entries.windows(2).all(|pair| pair[0].0 <= pair[1].0);
    let before = entries.iter().take_while(|(k, _)| *k < key).last();
    let after = before.filter(|_| is_sorted).map(|(_, value)| *value);
    let description = ChangeText { field: key, from: None, to: Some(to), why };
    change(
        object,
        spec,
        Op::InsertEntry(Placement { after, below: None }, key.to_owned(), value),
        description,
    )
}

pub(super) fn families(tree: &Tree<'_>, spec: NodeId) -> Vec<String> {
    let list = tree.get(spec, "ipFamilies");
    let items = list.into_iter().flat_map(|list| tree.items(list));
    items.filter_map(|item| tree.scalar(item).map(str::to_owned)).collect()
}

fn policy(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_dual() || cx.holds(&NO_POLICY) {
        return;
    }
    for (object, spec) in services(cx) {
        let tree = object.tree();
        let has = |key| tree.get(spec, key).is_some();
        // A headless Service without a selector gets both families; explicit families are intended.
        let is_headless = object.text(&["spec", "clusterIP"]) == Some("None") && !has("selector");
        if has("ipFamilyPolicy") || has("ipFamilies") || has("ipFamily") || is_headless {
            continue;
        }
        // If no range of the list filters the second family, every client could connect over it.
        if source_ranges::would_open(cx, object, spec) {
            continue;
        }
        if let Some(node) = pinned(object) {
            let message = "this Service has a fixed load balancer address, so it stays single-stack";
            diagnostics.push(
                cx.at(&POLICY_META, object, node)
                    .message(message)
                    .consequence("with ipFamilyPolicy: PreferDualStack MetalLB does not accept a fixed address of one IP family only (`does not match the ipFamily of the service`), and the Service can lose its address")
                    .help("add an address of the other IP family to the annotation metallb.io/loadBalancerIPs first, then set ipFamilyPolicy: PreferDualStack"),
            );
            continue;
        }
        let value = DUAL_STACK_POLICY;
        let why = "without it the Service has the primary IP family only";
        let changes = vec![
            entry(object, spec, "ipFamilyPolicy", Value::string(value), value, why)
                .of(FieldKind::IpFamilyPolicy, "ipFamilyPolicy"),
        ];
        diagnostics.push(cx.at_kind(&POLICY_META, object).fix(Fix::new(changes)));
    }
}

/// The annotations that fix the addresses of a load balancer.
pub(super) const PINS: [&str; 6] = [
    "io.cilium/lb-ipam-ips",
    "lbipam.cilium.io/ips",
    "metallb.io/loadBalancerIPs",
    "metallb.universe.tf/loadBalancerIPs",
    "projectcalico.org/loadBalancerIPs",
    "kube-vip.io/loadbalancerIPs",
];

/// Returns the node that fixes the address of a Service of type LoadBalancer, unless it names both IP families.
fn pinned(object: &ConfigObject<'_>) -> Option<NodeId> {
    if !is_load_balancer(object) {
        return None;
    }
    let tree = object.tree();
    let annotations = PINS.iter().filter_map(|pin| tree.at(object.root, &["metadata", "annotations", pin]));
    let mut nodes = tree.at(object.root, &["spec", "loadBalancerIP"]).into_iter().chain(annotations);
    nodes.find(|node| {
        let text = tree.scalar(*node).unwrap_or_default();
        let addresses = crate::host::addresses(text, crate::host::Form::Addresses);
        let has = |family| addresses.iter().any(|address| family_of(*address) == family);
        has(Family::Ipv4) != has(Family::Ipv6)
    })
}

fn sticky(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    // Once per file: it is the same for every Service.
    let gets_policy = |object: &ConfigObject<'_>| {
        cx.changes.iter().any(|change| {
            change.is_of(object.key(), FieldKind::IpFamilyPolicy)
                && change.description.as_ref().is_some_and(|d| d.to.as_deref() == Some(DUAL_STACK_POLICY))
        })
    };
    if let Some((object, _)) = services(cx).find(|(object, _)| gets_policy(object)) {
        diagnostics.push(cx.at_kind(&STICKY_META, object));
    }
}

/// The entries with addresses of clients and load balancers. The API server allocates cluster IPs.
const ADDRESSES: [&str; 3] = ["externalIPs", "loadBalancerIP", "loadBalancerSourceRanges"];

/// The counterpart of an address or range of the other family. `None` if the text is of the wanted family or no address;
/// `Some(None)` if no counterpart is known.
pub(super) fn counterpart(cx: &Context<'_>, text: &str, wanted: Family) -> Option<Option<String>> {
    if let Ok(address) = text.parse::<IpAddr>() {
        let is_other = family_of(address) != wanted;
        return is_other.then(|| cx.address_map.of(address).map(|other| other.to_string()));
    }
    let net: IpNet = text.parse().ok()?;
    if crate::address::family(net) == wanted {
        return None;
    }
    // A range with one address has the counterpart of the address.
    if net.prefix_len() == net.max_prefix_len() {
        return Some(cx.address_map.of(net.addr()).map(|other| IpNet::from(other).to_string()));
    }
    let all = match wanted {
        Family::Ipv4 => "0.0.0.0/0",
        Family::Ipv6 => "::/0",
    };
    Some((net.prefix_len() == 0).then(|| all.to_owned()))
}

/// The scalars of an entry: the entry itself, or its items.
pub(super) fn scalars(tree: &Tree<'_>, node: NodeId) -> Vec<NodeId> {
    if tree.kind(node) == Kind::Sequence { tree.items(node).collect() } else { vec![node] }
}

fn family(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    super::services_refused::check(cx, diagnostics);
    if cx.is_dual() || cx.holds(&NO_POLICY) {
        return;
    }
    let wanted = cx.primary();
    for (object, spec) in services(cx) {
        let tree = object.tree();
        let mut changes = of_families(cx, object, spec, wanted);
        // New entries are added before old ones are removed, because the last entry may be one of them.
        if changes.iter().any(|change| matches!(change.planned.op, Op::InsertEntry(..))) {
            diagnostics.push(cx.at_kind(&FAMILY_META, object).fix(Fix::new(changes)));
            continue;
        }
        let text_of = |key: &str| tree.scalar(tree.get(spec, key)?);
        let keeps_ip = text_of("clusterIP").is_some_and(|text| counterpart(cx, text, wanted).is_none());
        let cluster_ips = tree.get(spec, "clusterIPs").map(|node| scalars(tree, node)).unwrap_or_default();
        let is_wanted =
            |text: &&str| text.parse::<IpAddr>().is_ok_and(|address| family_of(address) == wanted);
        let stays = cluster_ips.into_iter().filter_map(|node| tree.scalar(node)).find(is_wanted);
        // Clients may use this address: the Service keeps it.
        let kept = stays.filter(|_| !keeps_ip && tree.get(spec, "clusterIP").is_some());
        for key in ["clusterIP", "clusterIPs"].into_iter().chain(ADDRESSES) {
            let Some(node) = tree.get(spec, key) else { continue };
            if let Some(kept) = kept.filter(|_| key == "clusterIP") {
                let why = "the first of clusterIPs that stays";
                let description = ChangeText { field: key, from: tree.scalar(node), to: Some(kept), why };
                changes.push(change(object, node, Op::Set(Value::string(kept)), description));
                continue;
            }
            // A list of clients is never removed: without it every client may connect.
            if key == source_ranges::FIELD && source_ranges::would_open(cx, object, spec) {
                continue;
            }
            let all = scalars(tree, node);
            let becomes: Vec<Option<Option<String>>> =
                all.iter().map(|n| tree.scalar(*n).and_then(|text| counterpart(cx, text, wanted))).collect();
            // If nothing is left, the whole entry is removed. The API server allocates a cluster IP.
            let is_removed = |one: &Option<Option<String>>| match one {
                None => false,
                Some(new) => new.is_none() || key.starts_with("clusterIP"),
            };
            // The API server refuses clusterIPs without clusterIP.
            let has_ip = keeps_ip || kept.is_some();
            let is_lost = key == "clusterIPs" && !has_ip && becomes.iter().any(Option::is_some);
            if is_lost || (!becomes.is_empty() && becomes.iter().all(is_removed)) {
                let from: Vec<&str> = all.iter().filter_map(|n| tree.scalar(*n)).collect();
                let why = match stays {
                    Some(_) if is_lost => "the API server refuses clusterIPs without clusterIP",
                    _ => "the cluster does not have this IP family",
                };
                let description = ChangeText { field: key, from: Some(&from.join(", ")), to: None, why };
                changes.push(change(object, node, Op::Remove, description));
                continue;
            }
            for (item, one) in all.iter().zip(&becomes) {
                let Some(new) = one else { continue };
                // The list may have the counterpart already.
                let is_there = |to: &str| all.iter().any(|other| tree.scalar(*other) == Some(to));
                let to = new.as_deref().filter(|to| !key.starts_with("clusterIP") && !is_there(to));
                let op = to.map_or(Op::Remove, |to| Op::Set(Value::string(to)));
                let description = ChangeText {
                    field: key,
                    from: tree.scalar(*item),
                    to,
                    why: "the IP family of the cluster",
                };
                changes.push(change(object, *item, op, description));
            }
        }
        changes.extend(Pin::all(object).filter_map(|pin| pin.bring(cx, object, wanted)));
        if !changes.is_empty() {
            diagnostics.push(cx.at_kind(&FAMILY_META, object).fix(Fix::new(changes)));
        }
    }
}

/// Sets `ipFamilies` and the policy to one family.
fn of_families(cx: &Context<'_>, object: &ConfigObject<'_>, spec: NodeId, wanted: Family) -> Vec<Change> {
    let tree = object.tree();
    let name = wanted.to_string();
    let why = "the IP family of the cluster";
    let own = families(tree, spec);
    let mut changes = Vec::new();
    let ipv6_only = cx.target.to == Stack::Ipv6Only;
    match tree.get(spec, "ipFamilies") {
        Some(list) if own != [name.clone()] => {
            changes.extend(super::change::set_list(
                object,
                list,
                core::slice::from_ref(&name),
                "ipFamilies",
                why,
            ));
        }
        _ => {}
    }
    let policy = tree.get(spec, "ipFamilyPolicy");
    match policy.map(|node| (node, tree.scalar(node).unwrap_or_default())) {
        Some((_, "SingleStack")) => {}
        // Every cluster accepts it. Where the files show both families, this reverts what the change to dual-stack added.
        Some((_, DUAL_STACK_POLICY)) if changes.is_empty() && (ipv6_only || is_single(cx)) => {}
        Some((node, from @ DUAL_STACK_POLICY)) if !ipv6_only && own.is_empty() => {
            let description = ChangeText { field: "ipFamilyPolicy", from: Some(from), to: None, why };
            changes.push(change(object, node, Op::Remove, description));
        }
        Some((node, from)) => {
            let description =
                ChangeText { field: "ipFamilyPolicy", from: Some(from), to: Some("SingleStack"), why };
            changes.push(change(object, node, Op::Set(Value::string("SingleStack")), description));
        }
        // The API server chooses the one family that the cluster has.
        None => {}
    }
    changes
}

/// Whether the service CIDRs are known and have the primary family only.
fn is_single(cx: &Context<'_>) -> bool {
    let services = &cx.cluster.services;
    !services.nets.is_empty() && services.of(cx.primary().other()).is_none()
}

fn dropped(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (object, spec) in services(cx) {
        let tree = object.tree();
        for pin in Pin::all(object).filter(|_| !cx.is_dual()) {
            let lost = pin.lost(cx, cx.primary());
            if !lost.is_empty() {
                let message = format!(
                    "the annotation {} loses {}: no {} counterpart is known",
                    pin.name,
                    lost.join(", "),
                    cx.primary()
                );
                let place = tree.key_of(pin.node).unwrap_or(pin.node);
                diagnostics.push(cx.at(&DROPPED_META, object, place).message(message));
            }
        }
        let stays = cx.is_dual() && object.text(&["spec", "ipFamilyPolicy"]) == Some("SingleStack");
        for key in ADDRESSES.into_iter().filter(|_| !stays) {
            let Some(node) = tree.get(spec, key) else { continue };
            // Another rule checks a list of clients, unless a part of it has a counterpart.
            if key == source_ranges::FIELD && (cx.is_dual() || source_ranges::would_open(cx, object, spec)) {
                continue;
            }
            let texts: Vec<&str> = scalars(tree, node).into_iter().filter_map(|n| tree.scalar(n)).collect();
            let has = |family| texts.iter().any(|text| counterpart(cx, text, family).is_none());
            let missing = cx.families().into_iter().find(|family| !texts.is_empty() && !has(*family));
            let without =
                |text: &&str| missing.is_some_and(|family| counterpart(cx, text, family) == Some(None));
            let lost: Vec<&str> = texts.iter().copied().filter(without).collect();
            if let Some(family) = missing.filter(|_| !lost.is_empty()) {
                let lost = lost.join(", ");
                let message = if cx.is_dual() {
                    format!("{key}: no {family} counterpart of {lost} is known")
                } else {
                    format!("{key} loses {lost}: no {family} counterpart is known")
                };
                let severity = if cx.is_dual() { Severity::Info } else { Severity::Warning };
                let place = tree.key_of(node).unwrap_or(node);
                diagnostics.push(cx.at(&DROPPED_META, object, place).message(message).severity(severity));
            }
        }
    }
}

fn old(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.holds(&NO_POLICY) {
        return;
    }
    for (object, spec) in services(cx) {
        let tree = object.tree();
        let Some(node) = tree.get(spec, "ipFamily") else { continue };
        let own = tree.scalar(node).unwrap_or_default().to_owned();
        let description =
            ChangeText { field: "ipFamily", from: Some(&own), to: None, why: "removed in Kubernetes 1.20" };
        let mut changes = vec![change(object, node, Op::Remove, description)];
        if tree.get(spec, "ipFamilies").is_none() {
            let value = Value::Seq(vec![Value::string(&own)]);
            changes.push(entry(object, spec, "ipFamilies", value, &own, "replaces ipFamily"));
        }
        diagnostics.push(cx.at(&OLD_META, object, node).fix(Fix::new(changes)));
    }
}

fn kubernetes(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in
        cx.config.objects_of(ObjectKind::Service).filter(|(_, object)| is_of_api_server(object))
    {
        diagnostics.push(cx.at_kind(&KUBERNETES_META, object));
    }
}
