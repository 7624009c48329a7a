use super::arguments::insert;
use super::change::{ChangeText, change, remove_flag};
use crate::diagnostic::upstream;
use crate::model::fields::{Component, ConfigObject, Flags, ObjectKind};
use crate::rules::{
    Change, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component as Versioned, Gate, Version, Window};
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId};

pub(super) const GATE: &str = "IPv6DualStack";
const FLAG: &str = "feature-gates";

const ALPHA: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "dual-stack needs the feature gate IPv6DualStack",
    windows: &[Window::between(Version::new(1, 16, 0), Version::new(1, 21, 0))],
};

const ON_BY_DEFAULT: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "the feature gate IPv6DualStack is on, and can be turned off",
    windows: &[Window::between(Version::new(1, 21, 0), Version::new(1, 23, 0))],
};

/// From v1.19 on kubeadm writes its own gate into the `KubeletConfiguration` (kubernetes pull request 90840).
const WORKER_BY_FLAG: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "kubeadm passes its own feature gate to kubelet as a flag, not in the KubeletConfiguration",
    windows: &[Window::between(Version::new(1, 16, 0), Version::new(1, 19, 0))],
};

const LOCKED: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "dual-stack is always on",
    windows: &[Window { from: Version::new(1, 23, 0), until: None }],
};

/// kubeadm removed the gate in v1.24 (kubernetes pull request 106648).
const REMOVED_IN_KUBEADM: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "kubeadm rejects the feature gate IPv6DualStack",
    windows: &[Window { from: Version::new(1, 24, 0), until: None }],
};

const UNKNOWN: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "the components reject the feature gate IPv6DualStack",
    windows: &[Window { from: Version::new(1, 25, 0), until: None }],
};

const MISSING_META: Metadata = Metadata {
    id: "K8S-GATE-MISSING",
    name: "dual-stack-gate-off",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[ALPHA, ON_BY_DEFAULT, WORKER_BY_FLAG],
    texts: Texts {
        finds: "this release needs the feature gate IPv6DualStack, which is off",
        consequence: "without the gate the API server exits if it gets two CIDRs, and so does the controller manager with --allocate-node-cidrs=true; kube-proxy panics if only its own gate is on (seen up to v1.18)",
        help: "the fix enables the gate",
        example: ("featureGates: {}", "featureGates:\n  IPv6DualStack: true"),
        sources: &[
            upstream::KUBERNETES.file("pkg/features/kube_features.go").line(583).at("v1.16.15"),
            upstream::KUBERNETES.file("pkg/features/kube_features.go").line(862).at("v1.22.0"),
            upstream::KUBERNETES.pull(80145),
            upstream::KUBERNETES.pull(80531),
            upstream::KUBERNETES.pull(90840),
            upstream::KUBERNETES.issue(86773),
        ],
    }
    .built_in(),
};

const REMOVED_META: Metadata = Metadata {
    id: "K8S-GATE-REMOVED",
    name: "dual-stack-gate-left-on",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[LOCKED, REMOVED_IN_KUBEADM, UNKNOWN],
    texts: Texts {
        finds: "the feature gate IPv6DualStack is set in a release where dual-stack is always on",
        consequence: "`unrecognized feature gate: IPv6DualStack`: the component exits (v1.25 and later); kubeadm rejects the gate from v1.24 on. In v1.23 and v1.24 `IPv6DualStack=false` is an error too, because the gate is locked to true",
        help: "the fix removes the gate; dual-stack is always on",
        example: ("--feature-gates=IPv6DualStack=true", ""),
        sources: &[
            upstream::KUBERNETES.file("pkg/features/kube_features.go").line(945).at("v1.24.0"),
            upstream::KUBERNETES.pull(106648),
            upstream::AGENT_BAKER.pull(3024),
            upstream::KUBERNETES
                .file("staging/src/k8s.io/component-base/featuregate/feature_gate.go")
                .line(421),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const MISSING: Rule = Rule { meta: &MISSING_META, check: Check::Text(missing) };
pub(in crate::rules) const REMOVED: Rule = Rule { meta: &REMOVED_META, check: Check::Text(removed) };

/// The documents with a mapping `featureGates`.
const WITH_GATES: [ObjectKind; 3] =
    [ObjectKind::ClusterConfiguration, ObjectKind::KubeletConfiguration, ObjectKind::KubeProxyConfiguration];

/// Whether an object has a mapping `featureGates`: one of these documents, or `clusterConfiguration` of Cluster API.
fn has_gates(object: &ConfigObject<'_>) -> bool {
    let tree = object.tree();
    let key = || tree.key_of(object.root).and_then(|key| tree.scalar(key));
    WITH_GATES.contains(&object.kind)
        || (object.kind == ObjectKind::CapiKubeadm && key() == Some("clusterConfiguration"))
}

fn missing(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.is_dual() && cx.holds(&ON_BY_DEFAULT) {
        turned_off(cx, diagnostics);
    }
    if !cx.is_dual() || !cx.holds(&ALPHA) {
        return;
    }
    for object in cx.config.objects.iter().filter(|object| has_gates(object)) {
        if let Some(change) = switch_on(object) {
            diagnostics.push(cx.at_kind(&MISSING_META, object).fix(Fix::new(vec![change])));
        }
    }
    for (index, object) in cx.config.objects.iter().enumerate() {
        let own = || cx.config.flags.iter().filter(move |f| f.object == index);
        let change = match object.kind {
            ObjectKind::Process(Component::Etcd) => None,
            ObjectKind::Process(_) | ObjectKind::ProxyDaemonSet => {
                // Use the one of `command` and `args` that has flags.
                if own().any(|f| has_gate(f, GATE)) || own().any(|f| f.get("config").is_some()) {
                    None
                } else {
                    let with_flags = own().find(|f| f.get(FLAG).is_some());
                    with_flags
                        .or_else(|| own().max_by_key(|f| f.flags.len()))
                        .and_then(|f| add_flag(object, f))
                }
            }
            ObjectKind::JoinConfiguration if cx.holds(&WORKER_BY_FLAG) => {
                own().find(|f| !has_gate(f, GATE)).and_then(|f| add_flag(object, f))
            }
            _ => None,
        };
        if let Some(change) = change {
            diagnostics.push(cx.at_kind(&MISSING_META, object).fix(Fix::new(vec![change])));
        }
    }
}

/// Turns the gate on where it is turned off explicitly.
fn turned_off(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for object in cx.config.objects.iter().filter(|object| has_gates(object)) {
        let gate = object.tree().at(object.root, &["featureGates", GATE]);
        let off = gate.filter(|gate| object.tree().scalar(*gate) == Some("false"));
        if let (Some(gate), Some(change)) = (off, switch_on(object)) {
            diagnostics.push(cx.at(&MISSING_META, object, gate).fix(Fix::new(vec![change])));
        }
    }
    for flags in &cx.config.flags {
        let Some(flag) = flags.get(FLAG).filter(|_| sets_gate(flags, GATE, "false")) else { continue };
        let object = &cx.config.objects[flags.object];
        if let Some(change) = add_flag(object, flags) {
            diagnostics.push(cx.at(&MISSING_META, object, flag.node).fix(Fix::new(vec![change])));
        }
    }
}

/// Returns whether flags turn a feature gate on.
pub(super) fn has_gate(flags: &Flags, name: &str) -> bool {
    sets_gate(flags, name, "true")
}

fn sets_gate(flags: &Flags, name: &str, to: &str) -> bool {
    let switches = |gate: &str| gate.trim().split_once('=') == Some((name, to));
    flags.value(FLAG).is_some_and(|value| value.split(',').any(switches))
}

const WHY_ON: &str = "this release needs the feature gate for dual-stack";

/// Returns the change that sets `featureGates.IPv6DualStack: true`; `None` if it is set.
fn switch_on(object: &ConfigObject<'_>) -> Option<Change> {
    let tree = object.tree();
    let on = Value::Word("true".to_owned());
    let text = |from| ChangeText { field: "featureGates.IPv6DualStack", from, to: Some("true"), why: WHY_ON };
    let Some(gates) = tree.get(object.root, "featureGates") else {
        let value = Value::Map(vec![(GATE.to_owned(), on)]);
        // kubeadm's order: next to the other settings of the whole cluster.
        let after = ["controlPlaneEndpoint", "kubernetesVersion"]
            .into_iter()
            .filter(|_| object.kind == ObjectKind::ClusterConfiguration)
            .find_map(|key| tree.get(object.root, key));
        let op = Op::InsertEntry(Placement { after, below: None }, "featureGates".to_owned(), value);
        return Some(change(object, object.root, op, text(None)));
    };
    match tree.get(gates, GATE) {
        Some(gate) if tree.scalar(gate) == Some("true") => None,
        Some(gate) => Some(change(object, gate, Op::Set(on), text(tree.scalar(gate)))),
        None if tree.kind(gates) == Kind::Mapping && tree.children(gates).next().is_some() => {
            let op = Op::InsertEntry(Placement::default(), GATE.to_owned(), on);
            Some(change(object, gates, op, text(None)))
        }
        None => {
            let op = Op::Set(Value::Map(vec![(GATE.to_owned(), on)]));
            Some(change(object, gates, op, text(None)))
        }
    }
}

/// Returns the change that adds `--feature-gates=IPv6DualStack=true` to the existing gates.
fn add_flag(object: &ConfigObject<'_>, flags: &Flags) -> Option<Change> {
    let value = format!("{GATE}=true");
    let text = |from| ChangeText { field: FLAG, from, to: Some("IPv6DualStack=true"), why: WHY_ON };
    if let Some(flag) = flags.get(FLAG) {
        let old = flag.value.as_deref().unwrap_or_default();
        let others = old.split(',').filter(|gate| !gate.is_empty() && !gate.trim().starts_with(GATE));
        let gates = others.chain([value.as_str()]).collect::<Vec<_>>().join(",");
        let op = Op::Set(Value::string(format!("{}{gates}", flag.prefix)));
        let text = ChangeText { to: Some(&gates), ..text(flag.value.as_deref()) };
        return Some(change(object, flag.node, op, text));
    }
    let (node, op) = insert(object, flags, FLAG, &value)?;
    Some(change(object, node, op, text(None)))
}

fn removed(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for object in &cx.config.objects {
        let by_kubeadm = matches!(object.kind, ObjectKind::ClusterConfiguration | ObjectKind::CapiKubeadm);
        let unknown = if by_kubeadm { &REMOVED_IN_KUBEADM } else { &UNKNOWN };
        let gate = object.tree().at(object.root, &["featureGates", GATE]);
        let is_refused = |gate: &NodeId| cx.holds(unknown) || is_off(cx, object.tree().scalar(*gate));
        if let Some(gate) = gate.filter(is_refused).filter(|_| has_gates(object)) {
            let text = ChangeText {
                field: "featureGates.IPv6DualStack",
                from: object.tree().scalar(gate),
                to: None,
                why: WHY_OFF,
            };
            // If it is the only gate, its mapping is removed too.
            let fix = Fix::new(vec![change(object, with_its_mapping(object, gate), Op::Remove, text)]);
            diagnostics.push(cx.at(&REMOVED_META, object, gate).fix(fix));
        }
    }
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        for flag in flags.flags.iter().filter(|f| f.name == FLAG) {
            let old = flag.value.as_deref().unwrap_or_default();
            let is_ours = |gate: &str| gate.trim().split('=').next() == Some(GATE);
            let is_refused = |gate: &str| {
                is_ours(gate) && (cx.holds(&UNKNOWN) || is_off(cx, gate.split('=').nth(1).map(str::trim)))
            };
            if !old.split(',').any(is_refused) {
                continue;
            }
            let others: Vec<&str> = old.split(',').filter(|gate| !is_ours(gate)).collect();
            let text = ChangeText { field: FLAG, from: Some(old), to: None, why: WHY_OFF };
            let changes = if others.is_empty() {
                remove_flag(object, flag, WHY_OFF)
            } else {
                let gates = others.join(",");
                let op = Op::Set(Value::string(format!("{}{gates}", flag.prefix)));
                vec![change(object, flag.node, op, ChangeText { to: Some(&gates), ..text })]
            };
            diagnostics.push(cx.at(&REMOVED_META, object, flag.node).fix(Fix::new(changes)));
        }
    }
}

/// Whether the gate is turned off where it is locked to true: the component exits.
fn is_off(cx: &Context<'_>, value: Option<&str>) -> bool {
    cx.holds(&LOCKED) && value == Some("false")
}

const WHY_OFF: &str = "this release does not need the gate; dual-stack is always on";

/// Returns the node, or the mapping around it if it is the only entry.
fn with_its_mapping(object: &ConfigObject<'_>, node: NodeId) -> NodeId {
    let tree = object.tree();
    let around = tree.parent(node).filter(|p| tree.entries(*p).count() == 1);
    around.unwrap_or(node)
}
