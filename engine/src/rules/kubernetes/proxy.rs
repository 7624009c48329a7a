use super::LintContext;
use super::addresses::bring;
use super::context::{ChangeText, change};
use crate::model::fields::{ConfigObject, FieldKind, ObjectKind};
use crate::rules::{Change, Check, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::version::{Component, Gate, Window};
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;

const BIND_META: Metadata = Metadata {
    id: "K8S-PROXY-BIND",
    name: "kube-proxy-bound-to-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "kube-proxy is told an address of another family for its node",
    consequence: "bindAddress binds no socket: it overrides what kube-proxy takes for its node's address, and so for its first family",
    help: "the address of the wanted family is written, :: for 0.0.0.0",
    fixable: Fixable::Always,
    gates: &[],
    example: ("bindAddress: 0.0.0.0", "bindAddress: '::'"),
    sources: &[
        "kubernetes/kubernetes: cmd/kube-proxy/app/options.go",
        "kubernetes/kubernetes: cmd/kubeadm/app/componentconfigs/kubeproxy.go",
    ],
};

const LISTEN_META: Metadata = Metadata {
    id: "K8S-PROXY-METRICS4",
    name: "kube-proxy-listens-on-other-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "kube-proxy answers health checks or metrics on an address of another family",
    consequence: "a load balancer that asks the node by its own address gets no answer; left empty, the addresses follow bindAddress",
    help: "the address of the wanted family is written, in brackets: [::]:10256, [::1]:10249",
    fixable: Fixable::Always,
    gates: &[],
    example: ("healthzBindAddress: 0.0.0.0:10256", "healthzBindAddress: '[::]:10256'"),
    sources: &["kubernetes/kubernetes: pkg/proxy/apis/config/v1alpha1/defaults.go"],
};

const NODE_PORTS_META: Metadata = Metadata {
    id: "K8S-PROXY-NODEPORT",
    name: "node-ports-of-other-families",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "node ports are opened on addresses of some families only",
    consequence: "`cluster appears to be dual-stack but nodePortAddresses contains only IPv4 addresses`: node ports answer in that family alone",
    help: "add the ranges of your nodes' other addresses, or write `primary` (v1.29 and later), or leave the list out",
    fixable: Fixable::Never,
    gates: &[],
    example: ("nodePortAddresses:\n- 192.0.2.0/24", "nodePortAddresses:\n- 192.0.2.0/24\n- 2001:db8:1::/64"),
    sources: &["kubernetes/kubernetes: cmd/kube-proxy/app/server.go"],
};

pub(crate) const IPVS_ONLY: Gate = Gate {
    component: Component::Kubernetes,
    what: "dual-stack needs the mode ipvs of kube-proxy",
    windows: &[Window::between(
        crate::version::Version::new(1, 16, 0),
        crate::version::Version::new(1, 18, 0),
    )],
};

const MODE_META: Metadata = Metadata {
    id: "K8S-PROXY-MODE16",
    name: "kube-proxy-mode-without-dual-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "kube-proxy of this release serves both families in the mode ipvs only",
    consequence: "in any other mode kube-proxy of v1.16 and v1.17 serves the first family: Services of the other have no endpoints",
    help: "the mode ipvs is written; its kernel modules must be on every node",
    fixable: Fixable::Always,
    gates: &[IPVS_ONLY],
    example: ("mode: \"\"", "mode: ipvs"),
    sources: &[
        "kubernetes/kubernetes: CHANGELOG/CHANGELOG-1.18.md",
        "kubernetes/kubernetes: pull request 82091",
    ],
};

/// The annotation with which kubeadm knows a configuration that it made itself.
const HASH_KEY: &str = "kubeadm.kubernetes.io/component-config.hash";

const HASH_META: Metadata = Metadata {
    id: "K8S-PROXY-HASH",
    name: "stale-kubeadm-hash",
    kind: RuleKind::Migration,
    severity: Severity::Info,
    finds: "kubeadm's hash is that of the configuration before the change",
    consequence: "kubeadm overwrites a configuration at an upgrade when its hash fits, and keeps it as the user's when it does not or there is none",
    help: "the annotation is taken out, so that kubeadm keeps the changed configuration",
    fixable: Fixable::Always,
    gates: &[],
    example: ("kubeadm.kubernetes.io/component-config.hash: sha256:a58b...", ""),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/componentconfigs/checksums.go"],
};

pub(in crate::rules) const BIND: Rule = Rule {
    meta: &BIND_META,
    check: Check::Objects(|cx, diagnostics| {
        bring(
            cx,
            &BIND_META,
            FieldKind::ProxyBind,
            "kube-proxy takes this family for its node's first",
            diagnostics,
        );
    }),
};
pub(in crate::rules) const LISTEN: Rule = Rule {
    meta: &LISTEN_META,
    check: Check::Objects(|cx, diagnostics| {
        bring(cx, &LISTEN_META, FieldKind::ProxyListen, "an address that the node has", diagnostics);
    }),
};
pub(in crate::rules) const NODE_PORTS: Rule =
    Rule { meta: &NODE_PORTS_META, check: Check::Objects(node_ports) };
pub(in crate::rules) const MODE: Rule = Rule { meta: &MODE_META, check: Check::Objects(mode) };
pub(in crate::rules) const HASH: Rule = Rule { meta: &HASH_META, check: Check::Change(hash) };

fn node_ports(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (index, _) in cx.config.objects_of(ObjectKind::KubeProxyConfiguration) {
        let kind = [FieldKind::NodePortRange];
        let fields: Vec<_> = cx.config.fields_of(&kind).filter(|(_, f)| f.object == index).collect();
        let nets: Vec<IpNet> = fields.iter().filter_map(|(_, f)| f.text.parse().ok()).collect();
        if let (Some((_, field)), Some(missing)) = (fields.first(), cx.missing(&nets))
            && fields.len() == nets.len()
        {
            let message = format!("no range of nodePortAddresses is {missing}");
            diagnostics.push(cx.at_field(&NODE_PORTS_META, field).message(message));
        }
    }
}

fn mode(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_dual() || !cx.holds(&IPVS_ONLY) {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::KubeProxyConfiguration) {
        let tree = object.tree();
        let (node, from, op) = match tree.get(object.root, "mode") {
            Some(node) if tree.scalar(node) == Some("ipvs") => continue,
            Some(node) => (node, tree.scalar(node), Op::Set(Value::string("ipvs"))),
            None => {
                let after = tree.get(object.root, "clusterCIDR");
                let place = Placement { after, below: None };
                (object.root, None, Op::InsertEntry(place, "mode".to_owned(), Value::string("ipvs")))
            }
        };
        let why = "the one mode with both families before v1.18";
        let told = ChangeText { field: "mode", from, to: Some("ipvs"), why };
        let fix = Fix::new(vec![change(object, node, op, told)]);
        diagnostics.push(cx.at_kind(&MODE_META, object).fix(fix));
    }
}

fn hash(cx: &LintContext<'_>, changes: &[&Change], diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::ConfigMap) {
        let tree = object.tree();
        let Some(annotations) = tree.at(object.root, &["metadata", "annotations"]) else { continue };
        let Some(hash) = tree.get(annotations, HASH_KEY) else { continue };
        if !changes_inside(object, changes) {
            continue;
        }
        // Without it the annotations may be empty: then their key goes, too.
        let is_only = tree.entries(annotations).count() == 1;
        let node = if is_only { annotations } else { hash };
        let told = ChangeText {
            field: HASH_KEY,
            from: tree.scalar(hash),
            to: None,
            why: "kubeadm keeps a configuration without it as the user's",
        };
        let fix = Fix::new(vec![change(object, node, Op::Remove, told)]);
        diagnostics.push(cx.at(&HASH_META, object, hash).fix(fix));
    }
}

/// Whether a configuration in this ConfigMap will change.
fn changes_inside(object: &ConfigObject<'_>, changes: &[&Change]) -> bool {
    changes.iter().any(|change| {
        change.object.is_some_and(|of| of.resource == object.root && of.document == object.resource.document)
            && change.planned.inner.is_some()
    })
}
