//! What holds of every transform, whatever the input is. Each function says what is broken, or nothing.

use crate::compare::{compared, counted, patched};
use crate::run::{Made, exit_code, run, told};
use crate::values::{differences, documents, normal};
use calico_ipv6_engine::output::diff::{Line, hunks};
use calico_ipv6_engine::rules::{Diagnostic, Fixable, RULES, Rule, Severity};
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::transform::{Options, Outcome, Plan, plan_with};
use calico_ipv6_engine::yaml::write::apply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is being looked at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The text.
    pub input: &'a str,
    /// The flags.
    pub options: &'a [String],
    /// What the engine made of it.
    pub made: &'a Made,
    /// Variants that make no sense for it.
    pub skip: &'a [String],
    /// Comment lines that may go.
    pub loses: &'a [String],
}

/// All invariants. The first one that does not hold.
///
/// # Errors
/// What is broken, with the place.
pub fn all(subject: Subject<'_>) -> Result<(), String> {
    of_any_input(subject)?;
    if let Made::Plan(plan) = subject.made
        && let Some(text) = &plan.text
    {
        other_documents_stay(subject.input, text, plan)?;
        comments_stay(subject.input, text, subject.loses)?;
        only_ours_changes(subject.input, text)?;
    }
    let skips = |name| subject.skip.iter().any(|s| s == name);
    if !skips("json") && !is_flag_file(subject.input) {
        as_one_list(subject)?;
    }
    Ok(())
}

/// The invariants that also hold for an input that no person writes. The first one that does not hold.
///
/// # Errors
/// What is broken, with the place.
pub fn of_any_input(subject: Subject<'_>) -> Result<(), String> {
    if let Made::Plan(plan) = subject.made {
        findings_are_told(subject.input, plan)?;
        always_means_always(plan)?;
        severity_is_the_rules_at_most(plan)?;
        order_has_no_effect(subject, plan)?;
        outcome_fits_text(plan)?;
        if let Some(text) = &plan.text {
            diff_is_what_changed(subject.input, text, plan)?;
            second_run_is_quiet(plan, text, subject.options)?;
        }
    }
    let skips = |name| subject.skip.iter().any(|s| s == name);
    // New lines end like those of the input, if it has any.
    if !skips("crlf") && !subject.input.contains('\r') && subject.input.contains('\n') {
        in_other_clothes(subject, "CRLF", |text| text.replace('\n', "\r\n"))?;
    }
    let without_end =
        |text: &str| text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(text).to_owned();
    // The last line break may be a part of a text (`|`): without it this is another input.
    let is_same = |text: &str| {
        is_flag_file(text)
            || documents(&without_end(text)).is_some_and(|values| documents(text) == Some(values))
    };
    let ends_once = subject.input.ends_with('\n') && !subject.input.ends_with("\n\n");
    if !skips("end") && ends_once && is_same(subject.input) {
        in_other_clothes(subject, "no final line break", without_end)?;
    }
    if !skips("bom") && !subject.input.starts_with('\u{FEFF}') {
        in_other_clothes(subject, "BOM", |text| format!("\u{FEFF}{text}"))?;
    }
    Ok(())
}

/// Every diagnostic names a place of the input, says what it is and what to do.
fn findings_are_told(input: &str, plan: &Plan) -> Result<(), String> {
    for diagnostic in &plan.diagnostics {
        let id = diagnostic.rule.id;
        let range = &diagnostic.range;
        if range.start > range.end
            || range.end > input.len()
            || !input.is_char_boundary(range.start)
            || !input.is_char_boundary(range.end)
        {
            return Err(format!("{id}: its place {range:?} is not in the input"));
        }
        if diagnostic.message.trim().is_empty() {
            return Err(format!("{id}: says nothing"));
        }
        if diagnostic.consequence.trim().is_empty() {
            return Err(format!("{id}: does not say what happens in the cluster"));
        }
        if diagnostic.help.trim().is_empty() {
            return Err(format!("{id}: does not say what to do"));
        }
    }
    Ok(())
}

/// A rule that says it always has a fix never finds anything without one.
fn always_means_always(plan: &Plan) -> Result<(), String> {
    match plan.diagnostics.iter().find(|f| f.rule.fixable == Fixable::Always && f.fix.is_none()) {
        Some(diagnostic) => Err(format!(
            "{} says it always has a fix, and has none for: {}",
            diagnostic.rule.id, diagnostic.message
        )),
        None => Ok(()),
    }
}

/// No finding is more severe than its rule, and a rule that never has a fix has none.
fn severity_is_the_rules_at_most(plan: &Plan) -> Result<(), String> {
    for diagnostic in &plan.diagnostics {
        let (rule, message) = (diagnostic.rule, &diagnostic.message);
        if diagnostic.severity > rule.severity {
            return Err(format!(
                "{}: {} is more than {}: {message}",
                rule.id, diagnostic.severity, rule.severity
            ));
        }
        if rule.fixable == Fixable::Never && diagnostic.fix.is_some() {
            return Err(format!("{} says that it never has a fix, and has one for: {message}", rule.id));
        }
    }
    Ok(())
}

/// The rules in another order give the same result.
fn order_has_no_effect(subject: Subject<'_>, plan: &Plan) -> Result<(), String> {
    let Ok(target) = crate::run::target(subject.options) else { return Ok(()) };
    let source = Source { name: "input.yaml", text: subject.input };
    let listed = told(subject.input, subject.made);
    let reversed = ("in the reverse order".to_owned(), RULES.iter().rev().copied().collect());
    let shuffled = (1..=3).map(|seed| (format!("shuffled with the seed {seed}"), shuffled(seed)));
    for (order, rules) in core::iter::once(reversed).chain(shuffled) {
        let other = plan_with(source, &target, Options::default(), &rules);
        let other = other.map_err(|error| format!("{error:?}"))?;
        if other.text != plan.text {
            return Err(format!("with the rules {order}, the text differs"));
        }
        let other = told(subject.input, &Made::Plan(Box::new(other)));
        if other != listed {
            return Err(format!("with the rules {order}:\n{other}and not\n{listed}"));
        }
    }
    Ok(())
}

/// The rules in an order that depends on the seed only: each rule gets a number of the generator SplitMix64.
fn shuffled(seed: u64) -> Vec<Rule> {
    let mut state = seed;
    let mut number = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let mut numbered: Vec<(u64, Rule)> = RULES.iter().map(|rule| (number(), *rule)).collect();
    numbered.sort_by_key(|(number, _)| *number);
    numbered.into_iter().map(|(_, rule)| rule).collect()
}

fn outcome_fits_text(plan: &Plan) -> Result<(), String> {
    let changed = plan.outcome == Outcome::Changed;
    if changed != plan.text.is_some()
        || changed == plan.touched.is_empty()
        || changed == plan.changes.is_empty()
    {
        return Err(format!(
            "outcome {:?} with {} text, {} touched documents, {} changes",
            plan.outcome,
            if plan.text.is_some() { "a" } else { "no" },
            plan.touched.len(),
            plan.changes.len()
        ));
    }
    let refuses = plan.diagnostics.iter().any(Diagnostic::blocks);
    if refuses != (plan.outcome == Outcome::Refused) {
        return Err(format!(
            "outcome {:?}, and {}",
            plan.outcome,
            if refuses { "a diagnostic refuses" } else { "no diagnostic refuses" }
        ));
    }
    Ok(())
}

/// The edits lead to the new text, the hunks that are made of them apply, and comparing the texts finds no fewer lines.
fn diff_is_what_changed(input: &str, text: &str, plan: &Plan) -> Result<(), String> {
    if apply(input, &plan.edits) != text {
        return Err("the edits do not lead to the new text".to_owned());
    }
    for context in [0, 3] {
        let hunks = hunks(input, text, &plan.edits, context);
        let patched = patched(input, &hunks).map_err(|error| format!("its diff does not apply: {error}"))?;
        if patched != text {
            return Err(format!("its diff with {context} lines around changes leads to another text"));
        }
        let lines = || hunks.iter().flat_map(|hunk| &hunk.lines);
        let removed = lines().filter(|line| matches!(line, Line::Removed(_))).count();
        let added = lines().filter(|line| matches!(line, Line::Added(_))).count();
        let least = counted(input, text);
        if removed + added > least.0 + least.1 {
            return Err(format!("its diff has {removed} removed and {added} added lines and not {least:?}"));
        }
    }
    Ok(())
}

/// A stream cut at its `---` lines, by eyes other than the engine's.
fn cut(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" || line.starts_with("--- ") {
            parts.push(String::new());
        }
        parts.last_mut().unwrap().push_str(line);
    }
    parts
}

/// Documents that are not told as touched are the same bytes, and there are as many as before.
fn other_documents_stay(input: &str, text: &str, plan: &Plan) -> Result<(), String> {
    let (old, new) = (cut(input), cut(text));
    if old.len() != new.len() {
        return Err(format!("{} documents became {}", old.len(), new.len()));
    }
    let changed = old.iter().zip(&new).filter(|(a, b)| a != b).count();
    if changed != plan.touched.len() {
        return Err(format!("{changed} documents differ, {} are told as touched", plan.touched.len()));
    }
    let lines =
        |text: &str| text.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_owned).collect::<Vec<_>>();
    let kept = lines(input).len().saturating_sub(removed(&lines(input), &lines(text)));
    if plan.untouched_lines > kept {
        return Err(format!("{} lines are told as untouched, {kept} are", plan.untouched_lines));
    }
    Ok(())
}

/// How many lines of `old` have no twin in `new`: at least so many are not as they were.
fn removed(old: &[String], new: &[String]) -> usize {
    count(old.iter().map(String::as_str), new.iter().map(String::as_str))
        .values()
        .filter(|n| **n > 0)
        .map(|n| n.unsigned_abs())
        .sum()
}

/// Of each text, how often more it stands in the first than in the second.
fn count<'a>(
    old: impl Iterator<Item = &'a str>,
    new: impl Iterator<Item = &'a str>,
) -> BTreeMap<&'a str, isize> {
    let mut counts = BTreeMap::new();
    old.for_each(|text| *counts.entry(text).or_insert(0) += 1);
    new.for_each(|text| *counts.entry(text).or_insert(0) -= 1);
    counts
}

/// Comment lines stay, but for a variable that is commented in, the remark about IPv6 above `FELIX_IPV6SUPPORT`, and
/// what the caller names.
fn comments_stay(input: &str, text: &str, loses: &[String]) -> Result<(), String> {
    fn comments(text: &str) -> impl Iterator<Item = &str> {
        text.lines().map(str::trim).filter(|line| line.starts_with('#'))
    }
    let commented_in = |line: &str| {
        let content = line.trim_start_matches(['#', ' ']);
        content.starts_with("- name: CALICO_IPV") || content.starts_with("value: ")
    };
    for (line, lost) in count(comments(input), comments(text)) {
        let remark = matches!(line, "# Disable IPv6 on Kubernetes." | "# Enable IPv6 on Kubernetes.");
        if lost > 0 && !remark && !commented_in(line) && !loses.iter().any(|l| l == line) {
            return Err(format!("the comment `{line}` is gone"));
        }
        if lost < 0 && !remark {
            return Err(format!("the comment `{line}` was made up"));
        }
    }
    Ok(())
}

/// What may differ between the values of a document before and after. Paths are those of [`normal`] values.
const OURS: &[(&str, &[&str])] = &[
    ("IPPool", &["spec.blockSize", "spec.disabled", "spec.ipipMode", "spec.natOutgoing", "spec.vxlanMode"]),
    ("FelixConfiguration", &["spec.ipv6Support"]),
    ("BGPConfiguration", &["spec.nodeToNodeMeshEnabled", "spec.serviceClusterIPs"]),
    ("BGPPeer", &["spec.peerIP", "spec.reachableBy", "spec.peerAddress"]),
    (
        "Cluster",
        &[
            "networking",
            "spec.clusterNetwork.",
            "spec.controlPlaneEndpoint.host",
            "spec.k0s.config.spec.api.sans",
            "spec.k0s.config.spec.network",
            "spec.k0s.config.spec.controllerManager",
            "spec.rkeConfig.additionalManifest",
            "spec.rkeConfig.chartValues.rke2-calico.installation",
            "spec.rkeConfig.machineGlobalConfig.",
            "spec.rkeConfig.machineSelectorConfig.",
            "spec.rkeConfig.networking.stackPreference",
        ],
    ),
    ("Kustomization", &["helmCharts.", "patches", "patchesStrategicMerge", "spec.patches"]),
    ("VSphereCluster", &["spec.controlPlaneEndpoint.host"]),
    ("Metal3Cluster", &["spec.controlPlaneEndpoint.host"]),
    ("ProxmoxCluster", &["spec.controlPlaneEndpoint.host"]),
    ("NutanixCluster", &["spec.controlPlaneEndpoint.host"]),
    (
        "ClusterConfig",
        &["spec.api.sans", "spec.network", "spec.controllerManager", "spec.extensions.helm.charts."],
    ),
    ("KubeOneCluster", &["apiEndpoint.alternativeNames", "apiEndpoint.host", "clusterNetwork"]),
    ("KubeNetworkConfig", &["podSubnets", "serviceSubnets"]),
    ("KubeadmControlPlane", &["spec.kubeadmConfigSpec."]),
    ("KubeadmControlPlaneTemplate", &["spec.template.spec.kubeadmConfigSpec."]),
    ("KubeadmConfig", &["spec."]),
    ("KubeadmConfigTemplate", &["spec.template.spec."]),
    // Files without a kind: `install-config.yaml`, Helm values, k3s, kubespray, RKE, Talos.
    (
        "",
        &[
            "authentication.sans",
            "calico_node_extra_envs",
            "kubernetesServiceEndpoint.host",
            "kube_vip_address",
            "supplementary_addresses_in_ssl_keys",
            "installation",
            "defaultFelixConfiguration.ipv6Support",
            "felixConfiguration.ipv6Support",
            "tigera-operator.installation",
            "networking",
            "platform.",
            "cluster-",
            "service-cidr",
            "node-ip",
            "server",
            "advertise-address",
            "ipv4_stack",
            "ipv6_stack",
            "enable_dual_stack_networks",
            "kube_pods_subnet",
            "kube_service_addresses",
            "kube_network_node_prefix",
            "calico_ip6_auto_method",
            "calico_ipip_mode_ipv6",
            "calico_pool_cidr_ipv6",
            "calico_vxlan_mode_ipv6",
            "nat_outgoing_ipv6",
            "services.kube-",
            "services.kubelet.cluster_dns_server",
            "cluster.network",
            "cluster.apiServer.certSANs",
            "cluster.apiServer.extraArgs.",
            "cluster.controlPlane.endpoint",
            "cluster.inlineManifests.",
            "cluster.controllerManager.extraArgs.",
            "cluster.proxy.extraArgs.",
            "machine.kubelet.extraArgs.",
            "kube-apiserver-arg",
            "kube-controller-manager-arg",
            "kube-proxy-arg",
            "kubelet-arg",
            "kube_kubeadm_",
            "loadbalancer_apiserver.address",
            "machine.certSANs",
            "machine.network.interfaces.",
            "machine.kubelet.clusterDNS",
            "machine.kubelet.nodeIP.validSubnets",
            "tls-san",
            "clusterPodNets",
            "clusterSvcNets",
            "helm.values.installation",
            "service.clusterIP",
            "service.ipFamilyPolicy",
            "servers.",
        ],
    ),
    ("HelmRelease", &["spec.values.installation"]),
    (
        "Application",
        &[
            "spec.source.helm.valuesObject.installation",
            "spec.source.helm.values.installation",
            "spec.source.helm.values.tigera-operator.installation",
            "spec.sources.1.helm.values.installation",
        ],
    ),
    ("ApplicationSet", &["spec.template.spec.source.helm.values.installation"]),
    ("HelmChartProxy", &["spec.valuesTemplate.installation"]),
    // Only texts with manifests, which are looked into.
    ("Secret", &[]),
    ("HelmChart", &["spec.valuesContent.installation"]),
    ("HelmChartConfig", &["spec.valuesContent.installation"]),
    ("AgentClusterInstall", &["spec.networking.", "spec.apiVIPs", "spec.ingressVIPs"]),
    ("Network", &["spec.clusterNetwork", "spec.serviceNetwork"]),
    ("Infrastructure", &["spec.platformSpec."]),
    ("Deployment", &["apiVersion", "spec.template.spec.containers."]),
    ("Config", &["clusters."]),
    (
        "ConfigMap",
        &[
            "data.KUBERNETES_SERVICE_HOST",
            "data.kubernetes_service_host",
            "data.etcd_endpoints",
            "data.cni_network_config",
            "data.net-conf.json",
            "data.config.conf",
            "data.kubeconfig.conf",
            "data.kubelet",
            "data.ClusterConfiguration",
            "data.Corefile",
            "data.disable-ipv6",
            "metadata.annotations",
        ],
    ),
    ("DaemonSet", &["spec.template.spec.containers."]),
    ("Installation", &["spec", "spec.calicoNetwork"]),
    ("Pod", &["metadata.annotations.kubeadm.kubernetes.io/", "spec.containers."]),
    (
        "ClusterConfiguration",
        &[
            "controlPlaneEndpoint",
            "apiServer",
            "controllerManager",
            "scheduler",
            "etcd",
            "networking",
            "featureGates",
        ],
    ),
    ("InitConfiguration", &["localAPIEndpoint", "nodeRegistration.kubeletExtraArgs"]),
    (
        "JoinConfiguration",
        &["discovery.bootstrapToken.apiServerEndpoint", "controlPlane", "nodeRegistration.kubeletExtraArgs"],
    ),
    ("KubeletConfiguration", &["address", "clusterDNS", "featureGates", "healthzBindAddress"]),
    (
        "KubeProxyConfiguration",
        &["bindAddress", "clusterCIDR", "healthzBindAddress", "metricsBindAddress", "mode", "featureGates"],
    ),
    (
        "Service",
        &[
            "metadata.annotations.io.cilium/lb-ipam-ips",
            "metadata.annotations.lbipam.cilium.io/ips",
            "metadata.annotations.kube-vip.io/loadbalancerIPs",
            "metadata.annotations.metallb.io/loadBalancerIPs",
            "metadata.annotations.metallb.universe.tf/loadBalancerIPs",
            "metadata.annotations.projectcalico.org/loadBalancerIPs",
            "spec.clusterIP",
            "spec.ipFamil",
            "spec.externalIPs",
            "spec.loadBalancer",
        ],
    ),
];

/// The parts of a container that may change.
const IN_CONTAINER: [&str; 5] = [".env", "Probe.", ".command", ".args", ".image"];

/// A second reading sees changes only in the fields that decide about IPv6.
fn only_ours_changes(input: &str, text: &str) -> Result<(), String> {
    if is_flag_file(input) {
        return only_values_change(input, text);
    }
    let Some(old) = documents(input) else { return Ok(()) };
    let new = documents(text).ok_or("serde_yaml does not read the new text")?;
    if old.len() != new.len() {
        return Err(format!("{} documents became {}", old.len(), new.len()));
    }
    for (old, mut new) in objects(old).into_iter().zip(objects(new)) {
        only_ours_changes_in_texts(&old, &mut new)?;
        let kind = old["kind"].as_str().unwrap_or_default().to_owned();
        let ours = OURS.iter().find(|(k, _)| *k == kind).map_or(&[][..], |(_, paths)| paths);
        for path in differences(&normal(old.clone()), &normal(new.clone())) {
            if !ours.iter().any(|prefix| path.starts_with(prefix)) {
                return Err(format!("{kind}: {path} changed"));
            }
            let in_container = ["DaemonSet", "Deployment", "Pod"].contains(&kind.as_str())
                && (path.starts_with("spec.template") || path.starts_with("spec.containers"));
            if in_container && !IN_CONTAINER.iter().any(|part| path.contains(part)) {
                return Err(format!("{kind}: {path} changed"));
            }
        }
        if kind == "DaemonSet" {
            other_variables_stay(&old, &new)?;
        }
    }
    Ok(())
}

/// In texts that contain manifests only ours changes; such a text is then taken for the old one.
fn only_ours_changes_in_texts(old: &Value, new: &mut Value) -> Result<(), String> {
    let is_manifest = |text: &str| text.contains("calicoNetwork") || text.contains("apiVersion");
    let outside = ["ClusterConfiguration", "kubelet", "config.conf", "kubeconfig.conf"];
    for map in ["data", "stringData"] {
        let texts = old[map].as_object().into_iter().flatten();
        for (key, text) in texts.filter(|(key, _)| !outside.contains(&key.as_str())) {
            if let (Some(before), Some(after)) = (text.as_str(), new[map][key].as_str())
                && is_manifest(before)
            {
                only_ours_changes(before, after).map_err(|error| format!("{map}.{key}: {error}"))?;
                new[map][key] = text.clone();
            }
        }
    }
    Ok(())
}

/// Whether a text is an environment file, a unit or a list of arguments, by eyes other than the engine's.
fn is_flag_file(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{FEFF}').lines();
    lines.find(|line| !line.trim().is_empty() && !line.starts_with(['#', ';'])).is_some_and(|line| {
        let line = line.strip_prefix("export ").unwrap_or(line);
        line.starts_with('[') && line.trim_end().ends_with(']') && !line.contains(',')
            || line.split(['=', ' ', ':']).next().is_some_and(|name| line[name.len()..].starts_with('='))
    })
}

/// The flags and variables that a transform changes in files of words: the ends of their names.
const FLAGS: [&str; 16] = [
    "support",
    "ipv6-dual-stack",
    "cidr",
    "node-ip",
    "address",
    "cluster-dns",
    "cluster-cidr",
    "service-cluster-ip-range",
    "node-cidr-mask-size",
    "node-cidr-mask-size-ipv4",
    "node-cidr-mask-size-ipv6",
    "feature-gates",
    "etcd-servers",
    "urls",
    "initial-cluster",
    "master",
];

/// Word for word, only those of [`FLAGS`] differ, or an address that stands behind one.
fn only_values_change(input: &str, text: &str) -> Result<(), String> {
    fn words(text: &str) -> impl Iterator<Item = &str> {
        text.split(|c: char| c.is_whitespace() || "\"'\\".contains(c))
    }
    // Between a word that goes and the end of its line, nothing is left.
    let counted = count(words(input), words(text)).into_iter();
    for (word, _) in counted.filter(|(word, n)| *n != 0 && !word.is_empty()) {
        // A variable with one flag: `ARGS=--name=value`.
        let word = word.split_once("=--").map_or(word, |(_, flag)| flag);
        let name = word.split('=').next().unwrap_or(word).to_ascii_lowercase().replace('_', "-");
        let is_address =
            word.contains("://") || word.split(',').all(|part| part.parse::<std::net::IpAddr>().is_ok());
        if !is_address && !FLAGS.iter().any(|flag| name.ends_with(flag)) {
            return Err(format!("`{word}` changed"));
        }
    }
    Ok(())
}

/// The objects of documents, those of lists too.
fn objects(documents: Vec<Value>) -> Vec<Value> {
    let mut found = Vec::new();
    for mut document in documents {
        match document["items"].take() {
            Value::Array(items) => {
                found.extend(objects(items.into_iter().map(|item| typed(&document, item)).collect()));
            }
            items => {
                if !items.is_null() {
                    document["items"] = items;
                }
                found.push(document);
            }
        }
    }
    found
}

/// An item of a list with its kind and version, which the API server omits in a typed list.
fn typed(list: &Value, mut item: Value) -> Value {
    let kind = list["kind"].as_str().and_then(|kind| kind.strip_suffix("List")).unwrap_or_default();
    if !kind.is_empty() && item["kind"].is_null() {
        item["kind"] = json!(kind);
        item["apiVersion"] = list["apiVersion"].clone();
    }
    item
}

/// The variables that a transform sets.
const VARIABLES: [&str; 22] = [
    "IP",
    "IP6",
    "IP6_AUTODETECTION_METHOD",
    "FELIX_FAILSAFEINBOUNDHOSTPORTS",
    "FELIX_FAILSAFEOUTBOUNDHOSTPORTS",
    "FELIX_IPV6SUPPORT",
    "FELIX_VXLANMTUV6",
    "FELIX_WIREGUARDMTUV6",
    "CALICO_ROUTER_ID",
    "CALICO_IPV4POOL_CIDR",
    "CALICO_IPV4POOL_IPIP",
    "CALICO_IPV4POOL_VXLAN",
    "CALICO_IPV6POOL_CIDR",
    "CALICO_IPV6POOL_NAT_OUTGOING",
    "CALICO_IPV6POOL_VXLAN",
    "CALICO_IPV6POOL_IPIP",
    "CALICO_IPV6POOL_BLOCK_SIZE",
    "CALICO_IPV4POOL_NODE_SELECTOR",
    "CALICO_IPV6POOL_NODE_SELECTOR",
    "FELIX_HEALTHHOST",
    "FELIX_VXLAN_MTU_V6",
    "KUBERNETES_SERVICE_HOST",
];

/// Variables of a DaemonSet that say nothing about families keep their value (but for quotes) and their order.
fn other_variables_stay(old: &Value, new: &Value) -> Result<(), String> {
    let read = |set: &Value| -> Vec<(String, String)> {
        let containers = set
            .pointer("/spec/template/spec/containers")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let env = containers.iter().filter_map(|c| c["env"].as_array()).flatten();
        let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        env.map(|item| (text(&item["name"]), format!("{}{}", text(&item["value"]), item["valueFrom"])))
            .filter(|(name, _)| !VARIABLES.contains(&name.as_str()))
            .collect()
    };
    let (old, new) = (read(old), read(new));
    if old == new { Ok(()) } else { Err(format!("other variables changed: {old:?} became {new:?}")) }
}

/// Running again changes nothing, and reports nothing that the first run did not.
fn second_run_is_quiet(first: &Plan, text: &str, options: &[String]) -> Result<(), String> {
    match run(text, options) {
        Made::Plan(plan) if plan.outcome == Outcome::Unchanged => {
            let is_new = |found: &&Diagnostic| {
                found.severity >= Severity::Warning
                    && !first.diagnostics.iter().any(|known| known.rule.id == found.rule.id)
            };
            match plan.diagnostics.iter().find(is_new) {
                Some(new) => Err(format!("only a second run reports {}: {}", new.rule.id, new.message)),
                None => Ok(()),
            }
        }
        made => Err(format!("the second run: {}{}", told(text, &made), crate::run::diff(text, &made))),
    }
}

/// The same text dressed otherwise gives the same result, dressed so.
fn in_other_clothes(subject: Subject<'_>, name: &str, dress: impl Fn(&str) -> String) -> Result<(), String> {
    let input = dress(subject.input);
    let made = run(&input, subject.options);
    // A message may quote a value of several lines.
    let (told_now, told_then) =
        (told(&input, &made).replace("\r\n", "\n"), told(subject.input, subject.made));
    if told_now != told_then {
        return Err(format!("{name}: said\n{told_now}and not\n{told_then}"));
    }
    if let Made::Plan(plan) = &made
        && let Some(text) = &plan.text
    {
        diff_is_what_changed(&input, text, plan).map_err(|error| format!("{name}: {error}"))?;
    }
    let text = |made: &Made| if let Made::Plan(plan) = made { plan.text.clone() } else { None };
    let wanted = text(subject.made).map(|text| dress(&text));
    let got = text(&made);
    if got != wanted {
        let diff = compared(&wanted.unwrap_or_default(), &got.unwrap_or_default());
        return Err(format!("{name}: another text (- wanted, + got)\n{}", diff.replace('\r', "\\r")));
    }
    Ok(())
}

/// All documents as one JSON `List` get the same values.
fn as_one_list(subject: Subject<'_>) -> Result<(), String> {
    let Some(items) = documents(subject.input) else { return Ok(()) };
    // Without a kind it is none of Kubernetes' objects.
    if items.is_empty() || items.iter().any(|item| item["kind"].is_null()) {
        return Ok(());
    }
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects(items) });
    let text = serde_json::to_string_pretty(&list).unwrap() + "\n";
    let made = run(&text, subject.options);
    let ids = |input: &str, made: &Made| {
        let mut lines: Vec<String> =
            told(input, made).lines().map(|l| l.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        lines.sort();
        lines
    };
    let (now, then) = (ids(&text, &made), ids(subject.input, subject.made));
    if now != then || exit_code(&made) != exit_code(subject.made) {
        return Err(format!("as one JSON List: said {now:?} and not {then:?}"));
    }
    let (Made::Plan(plan), Made::Plan(wanted)) = (&made, subject.made) else { return Ok(()) };
    let (Some(got), Some(wanted)) = (&plan.text, &wanted.text) else { return Ok(()) };
    let got: Value =
        serde_json::from_str(got).map_err(|error| format!("as one JSON List: no JSON any more: {error}"))?;
    let wanted =
        json!({ "apiVersion": "v1", "kind": "List", "items": objects(documents(wanted).ok_or("not read")?) });
    let paths = differences(&normal(wanted), &normal(got));
    if paths.is_empty() {
        Ok(())
    } else {
        Err(format!("as one JSON List: other values at {}", paths.join(", ")))
    }
}
