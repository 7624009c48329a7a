//! What installers take: k3s and RKE2, kind, kubespray, k0s, MicroK8s, kops.

use super::context::{ChangeText, change};
use super::entries::{Missing, Placed, add};
use super::masks::{fits, size_for};
use super::templates::is_template;
use super::{LintContext, installer_ranges};
use crate::address::Family;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{ConfigObject, FAMILY_WORDS, FieldKind, ObjectKind, On, RangeKey, SPLIT, Split};
use crate::rules::{Check, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::target::Stack;
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId};
use ipnet::IpNet;

const SPLIT_META: Metadata = Metadata {
    id: "INST-STACK",
    name: "installer-told-other-families",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the installer is told other families, or other ranges, than are wanted",
    consequence: "it writes the flags of the whole control plane from here: what is changed elsewhere it changes back",
    help: "the switch of each family and its ranges are written; what is not used any more stays",
    fixable: Fixable::Always,
    gates: &[],
    example: ("ipv6_stack: false", "ipv6_stack: true"),
    sources: &[
        "kubernetes-sigs/kubespray: docs/operations/ipv6.md",
        "k0sproject/k0s: docs/dual-stack.md",
        "canonical/microk8s-core-addons: dual-stack",
        "kubernetes-sigs/kind: pkg/apis/config/v1alpha4/types.go",
        "kubermatic/kubeone: pkg/apis/kubeone/v1beta3/types.go",
        "rancher.com/docs/rke: Dual-stack",
        "docs.siderolabs.com/talos: KubeNetworkConfig",
    ],
};

const OLD_META: Metadata = Metadata {
    id: "KSPRAY-OLD",
    name: "kubespray-switch-of-old-releases",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "dual-stack is switched by the variable of kubespray before 2.28",
    consequence: "2.28 and later keep it as an alias and warn; it knows no IPv6-only",
    help: "from 2.28 on write ipv4_stack and ipv6_stack",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("enable_dual_stack_networks: false", "enable_dual_stack_networks: true"),
    sources: &["kubernetes-sigs/kubespray: roles/kubespray_defaults/defaults/main/main.yml"],
};

const K0S_META: Metadata = Metadata {
    id: "K0S-BIRD",
    name: "k0s-unsupported-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "k0s does not make these families as it stands here",
    consequence: "`dual-stack for calico is only supported for mode bird`, with podCIDR and serviceCIDR of IPv4; IPv6 alone is behind an alpha gate",
    help: "set spec.network.calico.mode: bird, and take dual-stack",
    fixable: Fixable::Never,
    gates: &[],
    example: ("mode: vxlan", "mode: bird"),
    sources: &["k0sproject/k0s: pkg/apis/k0s/v1beta1/network.go"],
};

const KOPS_META: Metadata = Metadata {
    id: "KOPS-IPV6",
    name: "kops-cluster-of-other-families",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "kops does not make these families of this cluster",
    consequence: "kops gives pods one family, which nonMasqueradeCIDR and the subnets fix when the cluster is made; with IPv6 Calico takes no encapsulation and no WireGuard",
    help: "make a new cluster: kops create cluster --ipv6; dual-stack pods are not supported",
    fixable: Fixable::Never,
    gates: &[],
    example: ("nonMasqueradeCIDR: 100.64.0.0/10", "nonMasqueradeCIDR: ::/0"),
    sources: &["kubernetes/kops: docs/networking/ipv6.md, pkg/apis/kops/validation/validation.go"],
};

const K3S_META: Metadata = Metadata {
    id: "K3S-NODEIP",
    name: "k3s-ranges-not-all-told",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "of cluster-cidr, service-cidr and node-ip not all are told",
    consequence: "their defaults are IPv4: `cluster-cidr and node-ip must share the same IP version`, k3s and RKE2 exit",
    help: "the missing range is written; node-ip takes the addresses of this node, which only you know",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: (
        "cluster-cidr: 10.42.0.0/16",
        "cluster-cidr: 10.42.0.0/16,fd00:42::/56\nservice-cidr: 10.43.0.0/16,fd00:43::/112",
    ),
    sources: &["k3s-io/k3s: issue 11735", "rancher/rke2-docs: pull request 415"],
};

pub(in crate::rules) const FAMILIES: Rule = Rule { meta: &SPLIT_META, check: Check::Objects(families) };
pub(in crate::rules) const OLD: Rule = Rule { meta: &OLD_META, check: Check::Objects(old) };
pub(in crate::rules) const K0S: Rule = Rule { meta: &K0S_META, check: Check::Objects(k0s) };
pub(in crate::rules) const KOPS: Rule = Rule { meta: &KOPS_META, check: Check::Objects(kops) };
pub(in crate::rules) const K3S: Rule = Rule { meta: &K3S_META, check: Check::Objects(k3s) };

/// Whether this is one of several files of kubespray, chooses the plugin alone, and another file has the ranges.
fn is_told_elsewhere(cx: &LintContext<'_>, object: &ConfigObject<'_>) -> bool {
    let is_there = |path: &[&str]| object.tree().at(object.root, path).is_some();
    let says_families = SPLIT.iter().filter(|split| split.kind == ObjectKind::Kubespray).any(|split| {
        split.switches.iter().any(|(path, _)| is_there(path))
            || split.ranges.iter().any(|range| is_there(range.path))
    });
    object.kind == ObjectKind::Kubespray
        && !says_families
        && !is_there(&["enable_dual_stack_networks"])
        && [Family::Ipv4, Family::Ipv6]
            .into_iter()
            .any(|family| cx.facts.pods.of(family).or_else(|| cx.facts.services.of(family)).is_some())
}

fn families(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for object in &cx.config.objects {
        if is_told_elsewhere(cx, object) {
            continue;
        }
        let mut missing = Vec::new();
        let mut placed: Vec<Placed> =
            installer_ranges::family_word(cx, object, WHY, &mut missing).into_iter().collect();
        for split in SPLIT.iter().filter(|split| split.kind == object.kind) {
            placed.extend(switches(cx, split, object, &mut missing));
            placed.extend(ranges(cx, split, object, &mut missing, diagnostics));
            placed.extend(node_prefix(cx, split, object, &mut missing));
        }
        installer_ranges::ranges(cx, object, &mut missing, diagnostics);
        let has_kind = FAMILY_WORDS.iter().any(|word| word.kind == object.kind);
        let kind = object.tree().get(object.root, "kind").filter(|_| has_kind);
        for (range, changes) in add(object, missing, WHY) {
            placed.push((kind.map_or(range, |kind| object.range(kind)), changes));
        }
        for (range, changes) in placed {
            diagnostics.push(cx.at(&SPLIT_META, object, object.root).at(range).fix(Fix::new(changes)));
        }
    }
}

/// The scalar at a path; in a file of words the first word.
fn scalar_at(object: &ConfigObject<'_>, path: &[&str]) -> Option<NodeId> {
    let tree = object.tree();
    let node = tree.at(object.root, path)?;
    if tree.kind(node) == Kind::Sequence { tree.items(node).next() } else { Some(node) }
}

fn told<'a>(path: &'a [&'a str], from: Option<&'a str>, to: &'a str) -> ChangeText<'a> {
    ChangeText { field: path.last().copied().unwrap_or_default(), from, to: Some(to), why: WHY }
}

const OLD_SWITCH: &str = "enable_dual_stack_networks";
const WHY: &str = "what the installer writes the control plane from";

/// The switches as they shall be.
fn switches(
    cx: &LintContext<'_>,
    split: &Split,
    object: &ConfigObject<'_>,
    missing: &mut Vec<Missing>,
) -> Vec<Placed> {
    let tree = object.tree();
    let mut placed = Vec::new();
    // The old switch does it; and a file of ranges for IPv4 alone needs none.
    if tree.get(object.root, OLD_SWITCH).is_some() {
        return placed;
    }
    for (path, on) in split.switches {
        let wanted = match on {
            On::With(Family::Ipv4) => cx.target.to.has_ipv4(),
            On::With(Family::Ipv6) => cx.target.to.has_ipv6(),
            On::WithBoth => cx.is_dual(),
        };
        let default = *on == On::With(Family::Ipv4);
        let word = if wanted { "true" } else { "false" };
        let value = if tree.is_flag_file() { Value::string(word) } else { Value::Word(word.to_owned()) };
        match scalar_at(object, path) {
            Some(node) if tree.scalar(node).is_some_and(|text| text.eq_ignore_ascii_case(word)) => {}
            Some(node) if tree.scalar(node).is_some_and(is_template) => {}
            Some(node) => {
                let change = change(object, node, Op::Set(value), told(path, tree.scalar(node), word));
                placed.push((object.range(node), vec![change]));
            }
            None if wanted != default => missing.push(Missing { path, value, description: word.to_owned() }),
            None => {}
        }
    }
    placed
}

/// The prefix of a node's part of the IPv6 pod range, where what is told does not fit the range: the controller manager
/// exits then.
fn node_prefix(
    cx: &LintContext<'_>,
    split: &Split,
    object: &ConfigObject<'_>,
    missing: &mut Vec<Missing>,
) -> Option<Placed> {
    let (path, default) = split.node_prefix?;
    let key = split.ranges.iter().find(|r| r.family == Family::Ipv6 && r.kind == FieldKind::PodRange)?;
    let text = |path| scalar_at(object, path).and_then(|node| object.tree().scalar(node));
    if [key.path, path].into_iter().filter_map(text).any(is_template) {
        return None;
    }
    let own = text(key.path).and_then(Ranges::read);
    let net = cx.pod_range(Family::Ipv6, &own.unwrap_or_default()).filter(|_| cx.target.to.has_ipv6())?;
    let node = scalar_at(object, path);
    let told_prefix = node.and_then(|node| object.tree().scalar(node)?.parse().ok()).unwrap_or(default);
    if fits(net.prefix_len(), told_prefix, Family::Ipv6) {
        return None;
    }
    let wanted = if fits(net.prefix_len(), 64, Family::Ipv6) {
        Some(64)
    } else {
        size_for(net.prefix_len(), Family::Ipv6)
    };
    let to = wanted?.to_string();
    let value = Value::Word(to.clone());
    if let Some(node) = node {
        let change = change(object, node, Op::Set(value), told(path, object.tree().scalar(node), &to));
        return Some((object.range(node), vec![change]));
    }
    missing.push(Missing { path, value, description: to });
    None
}

/// The ranges of the wanted families.
fn ranges(
    cx: &LintContext<'_>,
    split: &Split,
    object: &ConfigObject<'_>,
    missing: &mut Vec<Missing>,
    diagnostics: &mut Diagnostics,
) -> Vec<Placed> {
    let tree = object.tree();
    let mut placed = Vec::new();
    for RangeKey { family, kind, path } in split.ranges.iter().copied() {
        if !cx.families().contains(&family) {
            continue;
        }
        let node = scalar_at(object, path).filter(|node| tree.scalar(*node) != Some(""));
        let own = node.and_then(|node| Ranges::read(tree.scalar(node)?)).unwrap_or_default();
        let wanted = match kind {
            FieldKind::ServiceRange => cx.service_range(family, &own),
            _ => cx.pod_range(family, &own),
        };
        // What a template gives in the end is not known.
        if node.and_then(|node| tree.scalar(node)).is_some_and(is_template) {
            continue;
        }
        let stands = |net: IpNet| node.and_then(|n| tree.scalar(n)?.parse().ok()) == Some(net);
        match (node, wanted) {
            (_, Some(net)) if stands(net) => {}
            (Some(node), Some(net)) => {
                let to = net.to_string();
                let change =
                    change(object, node, Op::Set(Value::string(&to)), told(path, tree.scalar(node), &to));
                placed.push((object.range(node), vec![change]));
            }
            (None, Some(net)) => {
                let description = net.to_string();
                missing.push(Missing { path, value: Value::string(&description), description });
            }
            // IPv4 stands there by default, and kubespray has ranges of both families.
            (None, None) if split.has_defaults || family == Family::Ipv4 => {}
            (None, None) => super::ranges::ask(kind, family, &path.join("."), diagnostics),
            (Some(_), None) => {}
        }
    }
    placed
}

fn old(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Kubespray) {
        let tree = object.tree();
        let Some(node) = tree.get(object.root, OLD_SWITCH) else { continue };
        let diagnostic = cx.at(&OLD_META, object, node).severity(Severity::Warning);
        let word = if cx.is_dual() { "true" } else { "false" };
        if cx.is_ipv6_only() {
            let message = "this variable of kubespray knows no IPv6-only";
            diagnostics.push(cx.at(&OLD_META, object, node).message(message));
        } else if tree.scalar(node).is_some_and(|text| !text.eq_ignore_ascii_case(word)) {
            let told = ChangeText { field: OLD_SWITCH, from: tree.scalar(node), to: Some(word), why: WHY };
            let changes = vec![change(object, node, Op::Set(Value::Word(word.to_owned())), told)];
            diagnostics.push(diagnostic.fix(Fix::new(changes)));
        } else if cx.is_dual() {
            diagnostics.push(diagnostic);
        }
    }
}

fn k0s(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::K0s) {
        let mode = ["spec", "network", "calico", "mode"];
        let is_calico = object.text(&["spec", "network", "provider"]) == Some("calico");
        if cx.is_ipv6_only() {
            let message = "k0s makes no IPv6-only cluster without its alpha gate IPv6SingleStack";
            diagnostics.push(cx.at_kind(&K0S_META, object).message(message).help("take dual-stack"));
        } else if cx.is_dual() && is_calico && object.text(&mode) != Some("bird") {
            let place =
                object.tree().at(object.root, &mode).or(object.tree().at(object.root, &["spec", "network"]));
            let message = "k0s makes dual-stack with Calico only where calico.mode is bird";
            diagnostics.push(cx.at(&K0S_META, object, place.unwrap_or(object.root)).message(message));
        }
    }
}

fn kops(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Kops) {
        let is_ipv6 = object.text(&["spec", "nonMasqueradeCIDR"]) == Some("::/0");
        let fits = match cx.target.to {
            Stack::DualStack => false,
            Stack::Ipv6Only => is_ipv6,
            Stack::Ipv4Only => !is_ipv6,
        };
        let calico = |key| object.tree().at(object.root, &["spec", "networking", "calico", key]);
        let wraps = calico("encapsulationMode").filter(|node| object.tree().scalar(*node) != Some("none"));
        let wireguard = calico("wireguardEnabled").filter(|node| object.tree().scalar(*node) == Some("true"));
        if !fits {
            diagnostics.push(cx.at_kind(&KOPS_META, object));
        } else if let Some(node) = wraps.or(wireguard).filter(|_| is_ipv6) {
            let message = "with IPv6 kops takes neither encapsulation nor WireGuard";
            diagnostics
                .push(cx.at(&KOPS_META, object, node).message(message).help("encapsulationMode: none"));
        }
    }
}

/// The ranges of k3s where none is written (k3s `pkg/cli/cmds/server.go`).
const K3S_DEFAULTS: [(&str, FieldKind, &str); 2] = [
    ("cluster-cidr", FieldKind::PodRange, "10.42.0.0/16"),
    ("service-cidr", FieldKind::ServiceRange, "10.43.0.0/16"),
];

fn k3s(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (index, object) in cx.config.objects_of(ObjectKind::K3s) {
        let kind = |wanted| cx.config.fields.iter().any(|f| f.object == index && f.kind == wanted);
        // An agent has no ranges.
        let is_server = object.tree().get(object.root, "server").is_none() || kind(FieldKind::PodRange);
        if !is_server {
            continue;
        }
        for (key, wanted, default) in K3S_DEFAULTS.into_iter().filter(|(_, wanted, _)| !kind(*wanted)) {
            let own = Ranges::read(default).unwrap_or_default();
            let Some(nets) = super::ranges::all_families(cx, wanted, &own, key, diagnostics) else {
                continue;
            };
            let text = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let told =
                ChangeText { field: key, from: None, to: Some(&text), why: "the default is IPv4 alone" };
            let op = Op::InsertEntry(Placement::default(), key.to_owned(), Value::string(&text));
            let changes = vec![change(object, object.root, op, told)];
            let message = format!("{key} is not told");
            diagnostics.push(cx.at(&K3S_META, object, object.root).message(message).fix(Fix::new(changes)));
        }
        if !kind(FieldKind::NodeIp) {
            let diagnostic = cx.at(&K3S_META, object, object.root).severity(Severity::Warning);
            let help = match object.resource.kind.as_str() {
                "Cluster" => "set node-ip for each machine, with one address of each IP family",
                _ => "add node-ip with the addresses of this node, one of each family",
            };
            diagnostics.push(diagnostic.message("node-ip is not told").help(help));
        }
    }
}
