//! Settings of installers: k3s and RKE2, kind, kubespray, MicroK8s, kops, and the ranges of k0s.

use super::agreement::folder;
use super::change::{ChangeText, change};
use super::entries::{Missing, Placed, add};
use super::installer_ranges;
use super::masks::{fits, size_for};
use super::templates::is_template;
use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::facts::cluster::Ranges;
use crate::model::facts::stated::About;
use crate::model::fields::{
    ConfigObject, FAMILY_WORDS, FieldKind, NodePrefix, ObjectKind, On, RangeKey, SPLIT, Split,
};
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::Stack;
use crate::version::Version;
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId};
use ipnet::IpNet;

const SPLIT_META: Metadata = Metadata {
    id: "INST-STACK",
    name: "installer-stack-mismatch",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the IP families or CIDRs of the installer do not match the target stack",
        consequence: "the installer generates the control-plane flags from this file: k0s at every start, kubespray when it installs the cluster and with upgrade-cluster.yml (cluster.yml leaves the flags of a running cluster as they are), kind and MicroK8s once, when the cluster is created",
        help: "the fix sets the switch and the CIDRs of each target IP family, and the node mask size if the default does not fit the IPv6 pod CIDR. For k0s without dual-stack it removes the mask size of each IP family; other settings that are no longer used stay. The first version of KubeOne's API that knows IPv6 is v1beta2: move to it first",
        example: ("ipv6_stack: false", "ipv6_stack: true"),
        sources: &[
            upstream::KUBESPRAY.file("roles/kubespray_defaults/defaults/main/main.yml").line(271),
            upstream::KUBESPRAY.file("docs/ansible/vars.md").line(181),
            upstream::K0S.file("docs/dual-stack.md").line(23),
            upstream::K0S.file("pkg/component/controller/controllermanager.go").line(108),
            upstream::page(
                "MicroK8s: How to configure dual-stack",
                "https://microk8s.io/docs/how-to-dual-stack",
            ),
            upstream::KIND.file("pkg/apis/config/v1alpha4/types.go").line(169),
            upstream::KUBEONE.file("pkg/apis/kubeone/v1beta3/types.go").line(709),
            upstream::page(
                "RKE: Dual-stack",
                "https://rancher.com/docs/rke/latest/en/config-options/dual-stack/",
            ),
            upstream::page(
                "Rancher: IPv4/IPv6 dual-stack",
                "https://ranchermanager.docs.rancher.com/v2.14/reference-guides/dual-stack",
            ),
            upstream::page(
                "Talos: KubeNetworkConfig",
                "https://docs.siderolabs.com/talos/v1.14/reference/configuration/kubernetes/kubenetworkconfig",
            ),
        ],
    }
    .built_in(),
};

const OLD_META: Metadata = Metadata {
    id: "KSPRAY-OLD",
    name: "deprecated-kubespray-switch",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "kubespray 2.28 replaced enable_dual_stack_networks with ipv4_stack and ipv6_stack",
        consequence: "kubespray 2.28 and later still accept the variable, but print a warning; the variable cannot select IPv6-only",
        help: "with kubespray 2.28 and later, set ipv4_stack and ipv6_stack",
        example: ("enable_dual_stack_networks: false", "enable_dual_stack_networks: true"),
        sources: &[
            upstream::KUBESPRAY.file("roles/kubespray_defaults/defaults/main/main.yml").line(273),
            upstream::KUBESPRAY.file("roles/validate_inventory/tasks/main.yml").line(178),
        ],
    }
    .built_in(),
};

const KOPS_META: Metadata = Metadata {
    id: "KOPS-IPV6",
    name: "kops-unsupported-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "kops does not support the target stack for this cluster",
        consequence: "kops gives pods one IP family, and nonMasqueradeCIDR and the subnets decide which one; with IPv6, Calico on kops uses neither encapsulation nor WireGuard",
        help: "create a new cluster: kops create cluster --ipv6 (AWS only); kops does not support dual-stack pods",
        example: ("nonMasqueradeCIDR: 100.64.0.0/10", "nonMasqueradeCIDR: ::/0"),
        sources: &[
            upstream::KOPS.file("docs/networking/ipv6.md").line(5),
            upstream::KOPS.file("pkg/apis/kops/validation/validation.go").line(1729),
        ],
    }
    .built_in(),
};

const K3S_META: Metadata = Metadata {
    id: "K3S-NODEIP",
    name: "k3s-incomplete-cidrs",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "cluster-cidr, service-cidr or node-ip is not set",
        consequence: "each default CIDR has one IP family, that of the first node address; without node-ip, releases before August 2022 detect one node address only. If the IP families of the two CIDRs differ, or node-ip lacks one of them, k3s and RKE2 exit with `must share the same IP version` (since the middle of 2022)",
        help: "the fix adds the missing CIDR; set node-ip to the addresses of this node yourself",
        example: ("cluster-cidr: 10.42.0.0/16,fd00:42::/56\nnode-ip: 192.0.2.11,2001:db8:1::11", "cluster-cidr: 10.42.0.0/16,fd00:42::/56\nnode-ip: 192.0.2.11,2001:db8:1::11\nservice-cidr: 10.43.0.0/16,fd00:43::/112"),
        sources: &[
            upstream::K3S
                .file("pkg/agent/run.go")
                .symbol("must share the same IP version")
                .at("0097157bb67cd6fedcd7e73e41a7b05665220838"),
            upstream::K3S
                .file("pkg/util/net.go")
                .symbol("GetDefaultAddresses, GetHostnameAndIPs")
                .at("0a3f10c15eb38a4cebe0dba95d6a3e2194c2cf7f"),
            upstream::K3S.pull(5920),
            upstream::K3S.issue(5958),
            upstream::K3S.issue(5466),
            upstream::K3S.issue(11735),
            upstream::RKE2_DOCS.pull(415),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const FAMILIES: Rule = Rule { meta: &SPLIT_META, check: Check::Text(families) };
pub(in crate::rules) const OLD: Rule = Rule { meta: &OLD_META, check: Check::Text(old) };
pub(in crate::rules) const KOPS: Rule = Rule { meta: &KOPS_META, check: Check::Text(kops) };
pub(in crate::rules) const K3S: Rule = Rule { meta: &K3S_META, check: Check::Text(k3s) };

/// Whether this is one of several files of kubespray, chooses the plugin alone, and another file has the ranges.
fn is_told_elsewhere(cx: &Context<'_>, object: &ConfigObject<'_>) -> bool {
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
            .any(|family| cx.cluster.pods.of(family).or_else(|| cx.cluster.services.of(family)).is_some())
}

/// `apiVersion` of a KubeOneCluster whose version has no IP families, and whose keys KubeOne reads strictly.
fn kubeone_without_ipv6(object: &ConfigObject<'_>) -> Option<NodeId> {
    let version =
        object.tree().get(object.root, "apiVersion").filter(|_| object.kind == ObjectKind::KubeOne)?;
    object.tree().scalar(version)?.ends_with("/v1beta1").then_some(version)
}

fn families(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for object in &cx.config.objects {
        if is_told_elsewhere(cx, object) {
            continue;
        }
        if let Some(version) = kubeone_without_ipv6(object).filter(|_| cx.target.to.has_ipv6()) {
            let message = "this version of KubeOne's API has no settings for IPv6";
            let diagnostic = cx.at(&SPLIT_META, object, version).message(message).label("v1beta2 has them");
            diagnostics.push(diagnostic.help("run kubeone config migrate, then convert its output"));
            continue;
        }
        let mut missing = Vec::new();
        let is_rancher = object.kind == ObjectKind::RancherCluster;
        let why = if is_rancher { "Rancher probes the machines on a loopback address" } else { WHY };
        let mut placed: Vec<Placed> =
            installer_ranges::family_word(cx, object, why, &mut missing).into_iter().collect();
        for split in SPLIT.iter().filter(|split| split.kind == object.kind) {
            placed.extend(switches(cx, split, object, &mut missing));
            placed.extend(ranges(cx, split, object, &mut missing, diagnostics));
            placed.extend(node_prefix(cx, split, object, &mut missing));
        }
        let found = || cx.at(&SPLIT_META, object, object.root);
        installer_ranges::ranges(cx, object, found, &mut missing, diagnostics);
        let has_kind = FAMILY_WORDS.iter().any(|word| word.kind == object.kind);
        let kind = object.tree().get(object.root, "kind").filter(|_| has_kind);
        // Nothing is missing but the node mask size.
        let is_mask = |split: &Split| matches!((&missing[..], split.node_prefix), ([one], Some(mask)) if one.path == mask.path);
        let (is_mask, before) = (SPLIT.iter().any(is_mask), placed.len());
        for (range, changes) in add(object, missing, why) {
            placed.push((kind.map_or(range, |kind| object.range(kind)), changes));
        }
        for (number, (range, changes)) in placed.into_iter().enumerate() {
            let diagnostic = cx.at(&SPLIT_META, object, object.root).at(range).fix(Fix::new(changes));
            diagnostics.push(if is_rancher {
                diagnostic.message("stackPreference does not match the target stack").consequence(PROBES)
            } else if is_mask && number >= before {
                diagnostic.message("the default node mask size does not fit the IPv6 pod CIDR")
            } else {
                diagnostic
            });
        }
    }
}

/// Returns the scalar at a path; in a flag file, the first value.
fn scalar_at(object: &ConfigObject<'_>, path: &[&str]) -> Option<NodeId> {
    let tree = object.tree();
    let node = tree.at(object.root, path)?;
    if tree.kind(node) == Kind::Sequence { tree.items(node).next() } else { Some(node) }
}

fn description<'a>(path: &'a [&'a str], from: Option<&'a str>, to: &'a str) -> ChangeText<'a> {
    ChangeText { field: path.last().copied().unwrap_or_default(), from, to: Some(to), why: WHY }
}

const OLD_SWITCH: &str = "enable_dual_stack_networks";
const PROBES: &str = "Rancher probes the components of each machine on 127.0.0.1 (ipv4, the default), ::1 (ipv6) or localhost (dual)";
const WHY: &str = "the installer generates the control plane from this file";

/// Returns the changes of the switches; missing ones are added to `missing`.
fn switches(
    cx: &Context<'_>,
    split: &Split,
    object: &ConfigObject<'_>,
    missing: &mut Vec<Missing>,
) -> Vec<Placed> {
    let tree = object.tree();
    let mut placed = Vec::new();
    // The old switch decides, and another rule reports it.
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
                let change = change(object, node, Op::Set(value), description(path, tree.scalar(node), word));
                placed.push((object.range(node), vec![change]));
            }
            None if wanted != default => missing.push(Missing { path, value, description: word.to_owned() }),
            None => {}
        }
    }
    placed
}

/// Returns the change of the node mask size of the IPv6 pod CIDR if the size does not fit the CIDR: the controller manager
/// would exit.
fn node_prefix(
    cx: &Context<'_>,
    split: &Split,
    object: &ConfigObject<'_>,
    missing: &mut Vec<Missing>,
) -> Option<Placed> {
    let NodePrefix { path, default, is_flag } = split.node_prefix?;
    if is_flag && !cx.is_dual() {
        let (last, parents) = path.split_last()?;
        // Both flags belong to dual-stack: k0s passes --node-cidr-mask-size, which allows neither of them.
        let flags = [*last, "node-cidr-mask-size-ipv4"];
        let found = flags.map(|flag| Some((flag, scalar_at(object, &[parents, &[flag]].concat())?)));
        let remove = |(flag, node): (&'static str, NodeId)| {
            let text = ChangeText { field: flag, from: object.tree().scalar(node), to: None, why: WHY };
            change(object, node, Op::Remove, text)
        };
        let first = found.iter().flatten().map(|(_, node)| object.range(*node)).next()?;
        return Some((first, found.into_iter().flatten().map(remove).collect()));
    }
    let key = split.ranges.iter().find(|r| r.family == Family::Ipv6 && r.kind == FieldKind::PodRange)?;
    let text = |path| scalar_at(object, path).and_then(|node| object.tree().scalar(node));
    if [key.path, path].into_iter().filter_map(text).any(is_template) {
        return None;
    }
    let own = text(key.path).and_then(Ranges::read);
    let net = cx.pod_range(Family::Ipv6, &own.unwrap_or_default()).filter(|_| cx.target.to.has_ipv6())?;
    let node = scalar_at(object, path);
    let own_prefix = node.and_then(|node| object.tree().scalar(node)?.parse().ok()).unwrap_or(default);
    if fits(net.prefix_len(), own_prefix, Family::Ipv6) {
        return None;
    }
    let wanted = if fits(net.prefix_len(), 64, Family::Ipv6) {
        Some(64)
    } else {
        size_for(net.prefix_len(), Family::Ipv6)
    };
    let to = wanted?.to_string();
    let value = if is_flag { Value::string(&to) } else { Value::Word(to.clone()) };
    if let Some(node) = node {
        let change = change(object, node, Op::Set(value), description(path, object.tree().scalar(node), &to));
        return Some((object.range(node), vec![change]));
    }
    missing.push(Missing { path, value, description: to });
    None
}

/// Returns the changes of the CIDRs of the target families; missing ones are added to `missing`.
fn ranges(
    cx: &Context<'_>,
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
        // The value that a template renders is not known.
        if node.and_then(|node| tree.scalar(node)).is_some_and(is_template) {
            continue;
        }
        let is_set = |net: IpNet| node.and_then(|n| tree.scalar(n)?.parse().ok()) == Some(net);
        match (node, wanted) {
            (_, Some(net)) if is_set(net) => {}
            (Some(node), Some(net)) => {
                let to = net.to_string();
                let change = change(
                    object,
                    node,
                    Op::Set(Value::string(&to)),
                    description(path, tree.scalar(node), &to),
                );
                placed.push((object.range(node), vec![change]));
            }
            (None, Some(net)) => {
                let description = net.to_string();
                missing.push(Missing { path, value: Value::string(&description), description });
            }
            // IPv4 is the default, and kubespray has default CIDRs of both families.
            (None, None) if split.has_defaults || family == Family::Ipv4 => {}
            (None, None) => {
                let found = cx.at(&SPLIT_META, object, object.root);
                super::ranges::ask(kind, family, &path.join("."), found, diagnostics);
            }
            (Some(_), None) => {}
        }
    }
    placed
}

fn old(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Kubespray) {
        let tree = object.tree();
        let Some(node) = tree.get(object.root, OLD_SWITCH) else { continue };
        let diagnostic = cx.at(&OLD_META, object, node).severity(Severity::Warning);
        let word = if cx.is_dual() { "true" } else { "false" };
        if cx.is_ipv6_only() {
            let message = "enable_dual_stack_networks cannot select IPv6-only";
            diagnostics.push(cx.at(&OLD_META, object, node).message(message));
        } else if tree.scalar(node).is_some_and(|text| !text.eq_ignore_ascii_case(word)) {
            let text = ChangeText { field: OLD_SWITCH, from: tree.scalar(node), to: Some(word), why: WHY };
            let changes = vec![change(object, node, Op::Set(Value::Word(word.to_owned())), text)];
            diagnostics.push(diagnostic.fix(Fix::new(changes)));
        } else if cx.is_dual() {
            diagnostics.push(diagnostic);
        }
    }
}

fn kops(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Kops) {
        let is_ipv6 = object.text(&["spec", "nonMasqueradeCIDR"]) == Some("::/0");
        let fits = match cx.target.to {
            Stack::DualStack => false,
            Stack::Ipv6Only => is_ipv6,
            Stack::Ipv4Only => !is_ipv6,
        };
        for key in ["kubernetesApiAccess", "sshAccess"].into_iter().filter(|_| is_ipv6 && cx.wants_ipv6()) {
            let Some(list) = object.tree().at(object.root, &["spec", key]) else { continue };
            let mut texts =
                object.tree().items(list).filter_map(|item| object.tree().scalar(item)).peekable();
            if texts.peek().is_some()
                && texts.all(|text| text.parse().is_ok_and(|net| family(net) == Family::Ipv4))
            {
                let message = format!("{key} has no IPv6 range");
                let consequence = "the security groups let no client in over IPv6";
                let help = format!("add the IPv6 ranges of the clients to {key}");
                let diagnostic = cx.at(&KOPS_META, object, list).severity(Severity::Warning).message(message);
                diagnostics.push(diagnostic.consequence(consequence).help(help));
            }
        }
        let calico = |key| object.tree().at(object.root, &["spec", "networking", "calico", key]);
        let encapsulation =
            calico("encapsulationMode").filter(|node| object.tree().scalar(*node) != Some("none"));
        let wireguard = calico("wireguardEnabled").filter(|node| object.tree().scalar(*node) == Some("true"));
        if !fits {
            diagnostics.push(cx.at_kind(&KOPS_META, object));
        } else if let Some(node) = encapsulation.or(wireguard).filter(|_| is_ipv6) {
            let message = "with IPv6, Calico on kops uses neither encapsulation nor WireGuard";
            diagnostics.push(
                cx.at(&KOPS_META, object, node)
                    .message(message)
                    .help("set encapsulationMode: none and wireguardEnabled: false"),
            );
        }
    }
}

/// The CIDRs of k3s on an IPv4 node if none are set (k3s `pkg/cli/server/server.go`).
const K3S_DEFAULTS: [(&str, FieldKind, &str); 2] = [
    ("cluster-cidr", FieldKind::PodRange, "10.42.0.0/16"),
    ("service-cidr", FieldKind::ServiceRange, "10.43.0.0/16"),
];

/// The configuration to which a file of k3s or RKE2 belongs: `config.yaml` for one of `config.yaml.d`, otherwise itself.
fn k3s_configuration(file: &str) -> &str {
    folder(file).strip_suffix(".d").filter(|around| around.ends_with(".yaml")).unwrap_or(file)
}

fn k3s(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (index, object) in cx.config.objects_of(ObjectKind::K3s) {
        let kind = |wanted| cx.config.fields.iter().any(|f| f.object == index && f.kind == wanted);
        // An agent has no CIDRs.
        let is_server = object.tree().get(object.root, "server").is_none() || kind(FieldKind::PodRange);
        for (key, ..) in K3S_DEFAULTS {
            let appended = format!("{key}+");
            if let Some(node) = object.tree().get(object.root, &appended) {
                let diagnostic = cx.at(&K3S_META, object, node).severity(Severity::Warning).stops(true);
                diagnostics.push(
                    diagnostic
                        .message(format!("{appended} adds a CIDR to those of {key}, and is not read"))
                        .help(format!(
                            "write the CIDRs of both IP families into {key}, and remove {appended}"
                        )),
                );
            }
        }
        let file = cx.documents.place(object.start(object.root)).file;
        // Files of config.yaml.d are read after config.yaml, and replace what it says: they need no defaults.
        if !is_server || k3s_configuration(&file) != file {
            continue;
        }
        let is_in_another_file = |wanted| {
            cx.cluster.lists.stated.iter().any(|one| {
                let is_wanted = one.kind == ObjectKind::K3s && Some(one.about) == About::of(wanted);
                is_wanted && one.place.file != file && k3s_configuration(&one.place.file) == file
            })
        };
        let kind = |wanted| kind(wanted) || is_in_another_file(wanted);
        for (key, wanted, default) in K3S_DEFAULTS.into_iter().filter(|(_, wanted, _)| !kind(*wanted)) {
            let own = Ranges::read(default).unwrap_or_default();
            let found = || cx.at(&K3S_META, object, object.root).message(format!("{key} is not set"));
            let Some(nets) = super::ranges::all_families(cx, wanted, &own, key, found, diagnostics) else {
                continue;
            };
            let text = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let description = ChangeText {
                field: key,
                from: None,
                to: Some(&text),
                why: "the default has one IP family only",
            };
            let op = Op::InsertEntry(Placement::default(), key.to_owned(), Value::string(&text));
            let changes = vec![change(object, object.root, op, description)];
            let message = format!("{key} is not set");
            diagnostics.push(cx.at(&K3S_META, object, object.root).message(message).fix(Fix::new(changes)));
        }
        // Rancher's configuration for some machines has it.
        let mut of_machines = cx.config.fields_of(&[FieldKind::NodeIp]);
        if !kind(FieldKind::NodeIp) && !of_machines.any(|(other, _)| other.kind == ObjectKind::K3sMachines) {
            // Rancher's configuration of all machines cannot have it.
            // From August 2022 on, k3s finds the addresses of both IP families itself.
            let detects = cx.cluster.kubernetes.is_some_and(|release| release >= Version::new(1, 25, 0));
            let addresses =
                if cx.is_dual() { "its addresses, one of each IP family" } else { "its IPv6 address" };
            let (severity, help) = match object.resource.kind.as_str() {
                "Cluster" => (Severity::Info, format!("set node-ip of each machine to {addresses}")),
                _ if detects => (
                    Severity::Info,
                    format!("if k3s does not find them, set node-ip of this node to {addresses}"),
                ),
                _ => (Severity::Warning, format!("set node-ip of this node to {addresses}")),
            };
            let diagnostic = cx.at(&K3S_META, object, object.root).severity(severity);
            diagnostics.push(diagnostic.message("node-ip is not set").help(help));
        }
    }
}
