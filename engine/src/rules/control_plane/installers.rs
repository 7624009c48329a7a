//! What installers take: k3s and RKE2, kind, kubespray, k0s, MicroK8s, kops.

use super::context::{Told, change};
use super::masks::{fits, size_for};
use super::{ClusterContext, ClusterRule};
use crate::address::Family;
use crate::facts::cluster::Ranges;
use crate::resource::cluster::{Body, On, RangeKey, Role, SPLIT, Says, Split};
use crate::rules::{Change, Findings, Fix, Fixable, Metadata, Severity};
use crate::target::Stack;
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId};
use ipnet::IpNet;

const SPLIT_META: Metadata = Metadata {
    id: "INST-FAMILIES",
    name: "installer-told-other-families",
    severity: Severity::Error,
    finds: "the installer is told other families, or other ranges, than are wanted",
    why: "it writes the flags of the whole control plane from here: what is changed elsewhere it changes back",
    remedy: "the switch of each family and its ranges are written; what is not used any more stays",
    fixable: Fixable::Always,
    gates: &[],
    example: ("ipv6_stack: false", "ipv6_stack: true"),
    sources: &[
        "kubernetes-sigs/kubespray: docs/operations/ipv6.md",
        "k0sproject/k0s: docs/dual-stack.md",
        "canonical/microk8s-core-addons: dual-stack",
        "kubernetes-sigs/kind: pkg/apis/config/v1alpha4/types.go",
    ],
};

const OLD_META: Metadata = Metadata {
    id: "KSPRAY-OLD",
    name: "kubespray-switch-of-old-releases",
    severity: Severity::Warning,
    finds: "dual-stack is switched by the variable of kubespray before 2.28",
    why: "2.28 and later keep it as an alias and warn; it knows no IPv6-only",
    remedy: "from 2.28 on write ipv4_stack and ipv6_stack",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("enable_dual_stack_networks: false", "enable_dual_stack_networks: true"),
    sources: &["kubernetes-sigs/kubespray: roles/kubespray_defaults/defaults/main/main.yml"],
};

const K0S_META: Metadata = Metadata {
    id: "K0S-BIRD",
    name: "k0s-without-these-families",
    severity: Severity::Error,
    finds: "k0s does not make these families as it stands here",
    why: "`dual-stack for calico is only supported for mode bird`, with podCIDR and serviceCIDR of IPv4; IPv6 alone is behind an alpha gate",
    remedy: "set spec.network.calico.mode: bird, and take dual-stack",
    fixable: Fixable::Never,
    gates: &[],
    example: ("mode: vxlan", "mode: bird"),
    sources: &["k0sproject/k0s: pkg/apis/k0s/v1beta1/network.go"],
};

const KOPS_META: Metadata = Metadata {
    id: "KOPS-IPV6",
    name: "kops-cluster-of-other-families",
    severity: Severity::Error,
    finds: "kops does not make these families of this cluster",
    why: "kops gives pods one family, which nonMasqueradeCIDR and the subnets fix when the cluster is made; with IPv6 Calico takes no encapsulation and no WireGuard",
    remedy: "make a new cluster: kops create cluster --ipv6; dual-stack pods are not supported",
    fixable: Fixable::Never,
    gates: &[],
    example: ("nonMasqueradeCIDR: 100.64.0.0/10", "nonMasqueradeCIDR: ::/0"),
    sources: &["kubernetes/kops: docs/networking/ipv6.md, pkg/apis/kops/validation/validation.go"],
};

const K3S_META: Metadata = Metadata {
    id: "K3S-NODEIP",
    name: "k3s-ranges-not-all-told",
    severity: Severity::Error,
    finds: "of cluster-cidr, service-cidr and node-ip not all are told",
    why: "their defaults are IPv4: `cluster-cidr and node-ip must share the same IP version`, k3s and RKE2 exit",
    remedy: "the missing range is written; node-ip takes the addresses of this node, which only you know",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: (
        "cluster-cidr: 10.42.0.0/16",
        "cluster-cidr: 10.42.0.0/16,fd00:42::/56\nservice-cidr: 10.43.0.0/16,fd00:43::/112",
    ),
    sources: &["k3s-io/k3s: issue 11735", "rancher/rke2-docs: pull request 415"],
};

pub(super) const FAMILIES: ClusterRule = ClusterRule { meta: &SPLIT_META, check: families };
pub(super) const OLD: ClusterRule = ClusterRule { meta: &OLD_META, check: old };
pub(super) const K0S: ClusterRule = ClusterRule { meta: &K0S_META, check: k0s };
pub(super) const KOPS: ClusterRule = ClusterRule { meta: &KOPS_META, check: kops };
pub(super) const K3S: ClusterRule = ClusterRule { meta: &K3S_META, check: k3s };

/// An entry that is not there: where, its key, its value.
struct Missing {
    path: &'static [&'static str],
    value: Value,
    shown: String,
}

fn families(cx: &ClusterContext<'_>, findings: &mut Findings) {
    for split in &SPLIT {
        for (_, body) in cx.config.in_role(split.role) {
            let mut missing = Vec::new();
            let mut placed = switches(cx, split, body, &mut missing);
            placed.extend(ranges(cx, split, body, &mut missing, findings));
            placed.extend(node_prefix(cx, split, body, &mut missing));
            placed.extend(add(body, missing));
            for (range, changes) in placed {
                findings.push(cx.at(&SPLIT_META, body, body.root).at(range).fix(Fix { changes }));
            }
        }
    }
    for (_, body) in cx.config.in_role(Role::KindCluster) {
        kind(cx, body, findings);
    }
}

/// Changes with the place that they are told at.
type Placed = (core::ops::Range<usize>, Vec<Change>);

/// The scalar at a path; in a file of words the first word.
fn scalar_at(body: &Body<'_>, path: &[&str]) -> Option<NodeId> {
    let tree = body.tree();
    let node = tree.at(body.root, path)?;
    if tree.kind(node) == Kind::Sequence { tree.items(node).next() } else { Some(node) }
}

fn told<'a>(path: &'a [&'a str], from: Option<&'a str>, to: &'a str) -> Told<'a> {
    Told { field: path.last().copied().unwrap_or_default(), from, to: Some(to), why: WHY }
}

const OLD_SWITCH: &str = "enable_dual_stack_networks";
const WHY: &str = "what the installer writes the control plane from";

/// The switches as they shall be.
fn switches(
    cx: &ClusterContext<'_>,
    split: &Split,
    body: &Body<'_>,
    missing: &mut Vec<Missing>,
) -> Vec<Placed> {
    let tree = body.tree();
    let mut placed = Vec::new();
    // The old switch does it; and a file of ranges for IPv4 alone needs none.
    if tree.get(body.root, OLD_SWITCH).is_some() {
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
        let value = if tree.is_words() { Value::string(word) } else { Value::Word(word.to_owned()) };
        match scalar_at(body, path) {
            Some(node) if tree.scalar(node).is_some_and(|text| text.eq_ignore_ascii_case(word)) => {}
            Some(node) => {
                let change = change(body, node, Op::Set(value), told(path, tree.scalar(node), word));
                placed.push((body.range(node), vec![change]));
            }
            None if wanted != default => missing.push(Missing { path, value, shown: word.to_owned() }),
            None => {}
        }
    }
    placed
}

/// The prefix of a node's part of the IPv6 pod range, where what is told does not fit the range: the controller manager
/// exits then.
fn node_prefix(
    cx: &ClusterContext<'_>,
    split: &Split,
    body: &Body<'_>,
    missing: &mut Vec<Missing>,
) -> Option<Placed> {
    let (path, default) = split.node_prefix?;
    let key = split.ranges.iter().find(|r| r.family == Family::Ipv6 && r.says == Says::PodRange)?;
    let own = scalar_at(body, key.path).and_then(|node| Ranges::read(body.tree().scalar(node)?));
    let net = cx.pod_range(Family::Ipv6, &own.unwrap_or_default()).filter(|_| cx.target.to.has_ipv6())?;
    let node = scalar_at(body, path);
    let told_prefix = node.and_then(|node| body.tree().scalar(node)?.parse().ok()).unwrap_or(default);
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
        let change = change(body, node, Op::Set(value), told(path, body.tree().scalar(node), &to));
        return Some((body.range(node), vec![change]));
    }
    missing.push(Missing { path, value, shown: to });
    None
}

/// The ranges of the wanted families.
fn ranges(
    cx: &ClusterContext<'_>,
    split: &Split,
    body: &Body<'_>,
    missing: &mut Vec<Missing>,
    findings: &mut Findings,
) -> Vec<Placed> {
    let tree = body.tree();
    let mut placed = Vec::new();
    for RangeKey { family, says, path } in split.ranges.iter().copied() {
        if !cx.families().contains(&family) {
            continue;
        }
        let node = scalar_at(body, path).filter(|node| tree.scalar(*node) != Some(""));
        let own = node.and_then(|node| Ranges::read(tree.scalar(node)?)).unwrap_or_default();
        let wanted = match says {
            Says::ServiceRange => cx.service_range(family, &own),
            _ => cx.pod_range(family, &own),
        };
        let stands = |net: IpNet| node.and_then(|n| tree.scalar(n)?.parse().ok()) == Some(net);
        match (node, wanted) {
            (_, Some(net)) if stands(net) => {}
            (Some(node), Some(net)) => {
                let to = net.to_string();
                let change =
                    change(body, node, Op::Set(Value::string(&to)), told(path, tree.scalar(node), &to));
                placed.push((body.range(node), vec![change]));
            }
            (None, Some(net)) => {
                let shown = net.to_string();
                missing.push(Missing { path, value: Value::string(&shown), shown });
            }
            // IPv4 stands there by default, and kubespray has ranges of both families.
            (None, None) if split.has_defaults || family == Family::Ipv4 => {}
            (None, None) => super::ranges::ask(says, family, &path.join("."), findings),
            (Some(_), None) => {}
        }
    }
    placed
}

/// New entries; those below one mapping that is not there come with it.
fn add(body: &Body<'_>, missing: Vec<Missing>) -> Vec<Placed> {
    let tree = body.tree();
    let mut placed: Vec<Placed> = Vec::new();
    let mut entries: Vec<(String, Value)> = Vec::new();
    let mut all: Vec<String> = Vec::new();
    let mut below: Option<(NodeId, &'static str)> = None;
    for Missing { path, value, shown } in missing {
        let Some((key, above)) = path.split_last() else { continue };
        if let Some(parent) = tree.at(body.root, above) {
            let change = change(
                body,
                parent,
                Op::InsertEntry(Placement::default(), (*key).to_owned(), value),
                told(path, None, &shown),
            );
            placed.push((body.range(parent), vec![change]));
        } else if let Some((name, further)) = above.split_last()
            && let Some(parent) = tree.at(body.root, further)
        {
            below = Some((parent, name));
            entries.push(((*key).to_owned(), value));
            all.push(shown);
        }
    }
    if let Some((parent, name)) = below {
        let shown = all.join(", ");
        let told = Told { field: name, from: None, to: Some(&shown), why: WHY };
        let op = Op::InsertEntry(Placement::default(), name.to_owned(), Value::Map(entries));
        placed.push((body.range(parent), vec![change(body, parent, op, told)]));
    }
    placed
}

/// kind has one word for the families, and ranges for each.
fn kind(cx: &ClusterContext<'_>, body: &Body<'_>, findings: &mut Findings) {
    const PATH: [&str; 2] = ["networking", "ipFamily"];
    let tree = body.tree();
    let word = match cx.target.to {
        Stack::DualStack => "dual",
        Stack::Ipv6Only => "ipv6",
        Stack::Ipv4Only => "ipv4",
    };
    let node = tree.at(body.root, &PATH);
    let own = node.and_then(|node| tree.scalar(node));
    if own.unwrap_or("ipv4") == word {
        return;
    }
    let (node, op) = match (node, tree.get(body.root, "networking")) {
        (Some(node), _) => (node, Op::Set(Value::string(word))),
        (None, Some(parent)) => {
            (parent, Op::InsertEntry(Placement::default(), PATH[1].to_owned(), Value::string(word)))
        }
        (None, None) => {
            let value = Value::Map(vec![(PATH[1].to_owned(), Value::string(word))]);
            (body.root, Op::InsertEntry(Placement::default(), PATH[0].to_owned(), value))
        }
    };
    let changes = vec![change(body, node, op, told(&PATH, own, word))];
    findings.push(cx.at_kind(&SPLIT_META, body).fix(Fix { changes }));
}

fn old(cx: &ClusterContext<'_>, findings: &mut Findings) {
    for (_, body) in cx.config.in_role(Role::Kubespray) {
        let tree = body.tree();
        let Some(node) = tree.get(body.root, OLD_SWITCH) else { continue };
        let finding = cx.at(&OLD_META, body, node);
        let word = if cx.is_dual() { "true" } else { "false" };
        if cx.is_ipv6_only() {
            let message = "this variable of kubespray knows no IPv6-only";
            findings.push(finding.severity(Severity::Error).message(message));
        } else if tree.scalar(node).is_some_and(|text| !text.eq_ignore_ascii_case(word)) {
            let told = Told { field: OLD_SWITCH, from: tree.scalar(node), to: Some(word), why: WHY };
            let changes = vec![change(body, node, Op::Set(Value::Word(word.to_owned())), told)];
            findings.push(finding.fix(Fix { changes }));
        } else if cx.is_dual() {
            findings.push(finding);
        }
    }
}

fn k0s(cx: &ClusterContext<'_>, findings: &mut Findings) {
    for (_, body) in cx.config.in_role(Role::K0s) {
        let mode = ["spec", "network", "calico", "mode"];
        let is_calico = body.text(&["spec", "network", "provider"]) == Some("calico");
        if cx.is_ipv6_only() {
            let message = "k0s makes no IPv6-only cluster without its alpha gate IPv6SingleStack";
            findings.push(cx.at_kind(&K0S_META, body).message(message).remedy("take dual-stack"));
        } else if cx.is_dual() && is_calico && body.text(&mode) != Some("bird") {
            let place = body.tree().at(body.root, &mode).or(body.tree().at(body.root, &["spec", "network"]));
            let message = "k0s makes dual-stack with Calico only where calico.mode is bird";
            findings.push(cx.at(&K0S_META, body, place.unwrap_or(body.root)).message(message));
        }
    }
}

fn kops(cx: &ClusterContext<'_>, findings: &mut Findings) {
    for (_, body) in cx.config.in_role(Role::Kops) {
        let is_ipv6 = body.text(&["spec", "nonMasqueradeCIDR"]) == Some("::/0");
        let fits = match cx.target.to {
            Stack::DualStack => false,
            Stack::Ipv6Only => is_ipv6,
            Stack::Ipv4Only => !is_ipv6,
        };
        let calico = |key| body.tree().at(body.root, &["spec", "networking", "calico", key]);
        let wraps = calico("encapsulationMode").filter(|node| body.tree().scalar(*node) != Some("none"));
        let wireguard = calico("wireguardEnabled").filter(|node| body.tree().scalar(*node) == Some("true"));
        if !fits {
            findings.push(cx.at_kind(&KOPS_META, body));
        } else if let Some(node) = wraps.or(wireguard).filter(|_| is_ipv6) {
            let message = "with IPv6 kops takes neither encapsulation nor WireGuard";
            findings.push(cx.at(&KOPS_META, body, node).message(message).remedy("encapsulationMode: none"));
        }
    }
}

/// The ranges of k3s where none is written (k3s `pkg/cli/cmds/server.go`).
const K3S_DEFAULTS: [(&str, Says, &str); 2] =
    [("cluster-cidr", Says::PodRange, "10.42.0.0/16"), ("service-cidr", Says::ServiceRange, "10.43.0.0/16")];

fn k3s(cx: &ClusterContext<'_>, findings: &mut Findings) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (index, body) in cx.config.in_role(Role::K3s) {
        let says = |wanted| cx.config.fields.iter().any(|f| f.body == index && f.says == wanted);
        // An agent has no ranges.
        let is_server = body.tree().get(body.root, "server").is_none() || says(Says::PodRange);
        if !is_server {
            continue;
        }
        for (key, wanted, default) in K3S_DEFAULTS.into_iter().filter(|(_, wanted, _)| !says(*wanted)) {
            let own = Ranges::read(default).unwrap_or_default();
            let Some(nets) = super::ranges::all_families(cx, wanted, &own, key, findings) else { continue };
            let text = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let told = Told { field: key, from: None, to: Some(&text), why: "the default is IPv4 alone" };
            let op = Op::InsertEntry(Placement::default(), key.to_owned(), Value::string(&text));
            let changes = vec![change(body, body.root, op, told)];
            let message = format!("{key} is not told");
            findings.push(cx.at(&K3S_META, body, body.root).message(message).fix(Fix { changes }));
        }
        if !says(Says::NodeIp) {
            let finding = cx.at(&K3S_META, body, body.root).severity(Severity::Warning);
            let remedy = "add node-ip with the addresses of this node, one of each family";
            findings.push(finding.message("node-ip is not told").remedy(remedy));
        }
    }
}
