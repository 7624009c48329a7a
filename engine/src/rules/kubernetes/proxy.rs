//! The configuration of kube-proxy.

use super::addresses::bring;
use super::change::{ChangeText, change};
use crate::diagnostic::upstream;
use crate::model::fields::{self, ConfigObject, FieldKind, ObjectKind};
use crate::rules::{
    Change, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component, Gate, Window};
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;

/// kubernetes v1.18 cmd/kube-proxy/app/server_others.go; from v1.19 on a wildcard is left out (v1.37.2: server.go, detectNodeIPs).
pub(super) const BIND_SELECTS: Gate = Gate {
    component: Component::Kubernetes,
    what: "0.0.0.0 and :: in bindAddress of kube-proxy select its IP family",
    windows: &[Window::before(1, 19, 0)],
};

pub(super) const BIND_META: Metadata = Metadata {
    id: "K8S-PROXY-BIND",
    name: "kube-proxy-bind-address-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[BIND_SELECTS],
    texts: Texts {
        finds: "bindAddress of kube-proxy is in another IP family than the node",
        consequence: "kube-proxy uses a specific bindAddress as the node's address, and so as its primary IP family. Before v1.19 0.0.0.0 and :: also select the IP family; later releases ignore them and use the addresses of the Node",
        help: "bindAddress is set to an address of the target IP family; 0.0.0.0 becomes ::",
        example: ("bindAddress: 192.0.2.11", "bindAddress: 2001:db8:1::11"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kube-proxy/app/options.go").line(118),
            upstream::KUBERNETES.file("cmd/kubeadm/app/componentconfigs/kubeproxy.go").line(85),
            upstream::KUBERNETES.file("cmd/kube-proxy/app/server.go").symbol("detectNodeIPs").line(719),
            upstream::KUBERNETES.file("cmd/kube-proxy/app/server_others.go").line(95).at("v1.18.0"),
        ],
    }
    .built_in(),
};

pub(super) const LISTEN_META: Metadata = Metadata {
    id: "K8S-PROXY-METRICS4",
    name: "kube-proxy-listens-on-other-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "kube-proxy serves health checks or metrics on an address of another IP family",
        consequence: "kube-proxy cannot bind a specific address that the node does not have: health checks and metrics get no answer. 0.0.0.0 answers in both IP families",
        help: "the address is set to one of the target IP family, in brackets: [::]:10256, [::1]:10249",
        example: ("healthzBindAddress: 192.0.2.11:10256", "healthzBindAddress: '[2001:db8:1::11]:10256'"),
        sources: &[
            upstream::KUBERNETES.file("pkg/proxy/apis/config/v1alpha1/defaults.go").line(48),
            upstream::KUBERNETES.file("pkg/proxy/healthcheck/common.go").line(51),
            upstream::KUBERNETES.file("cmd/kube-proxy/app/server.go").symbol("badBindAddress").line(393),
        ],
    }
    .built_in(),
};

const NODE_PORTS_META: Metadata = Metadata {
    id: "K8S-PROXY-NODEPORT",
    name: "node-port-addresses-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "nodePortAddresses has no range of one IP family",
        consequence: "an IP family without a range is not filtered: its node ports are open on every local address of that family (v1.19 and later). kube-proxy v1.28 and later warns if the node's first IP family has no range (`nodePortAddresses contains only IPv4 addresses`); v1.31 and later also if the second one has none, and another setting, such as clusterCIDR, is dual-stack",
        help: "add the ranges of the nodes' other addresses, or use `primary` (v1.31 and later). Without the list, node ports are open on all addresses of both IP families; in mode nftables (v1.31 and later) on the primary addresses of the node",
        example: ("nodePortAddresses:\n- 192.0.2.0/24", "nodePortAddresses:\n- 192.0.2.0/24\n- 2001:db8:1::/64"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kube-proxy/app/server.go").symbol("checkBadConfig").line(308),
            upstream::KUBERNETES
                .file("pkg/proxy/util/nodeport_addresses.go")
                .symbol("NewNodePortAddresses")
                .line(45),
            upstream::KUBERNETES.file("cmd/kube-proxy/app/server_linux.go").line(55),
            upstream::KUBERNETES.file("pkg/proxy/apis/config/types.go").line(304).at("v1.31.0"),
        ],
    }
    .built_in(),
};

pub(crate) const IPVS_ONLY: Gate = Gate {
    component: Component::Kubernetes,
    what: "dual-stack needs kube-proxy in mode ipvs",
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
    fixable: Fixable::Always,
    gates: &[IPVS_ONLY],
    texts: Texts {
        finds: "kube-proxy of this release supports dual-stack only in mode ipvs",
        consequence: "in mode iptables (the default) kube-proxy v1.16 and v1.17 cannot load its rules for two ranges (`Failed to execute iptables-restore`): no Service works; mode userspace serves one IP family only",
        help: "mode is set to ipvs. Every node needs the kernel modules of IPVS; otherwise kube-proxy falls back to iptables",
        example: ("mode: \"\"", "mode: \"ipvs\""),
        sources: &[
            upstream::KUBERNETES.file("CHANGELOG/CHANGELOG-1.18.md").line(2275).at("v1.18.20"),
            upstream::KUBERNETES.pull(82091),
            upstream::KUBERNETES.issue(88780),
            upstream::KUBERNETES.file("pkg/proxy/iptables/proxier.go").line(970).at("v1.17.0"),
            upstream::KUBERNETES.file("cmd/kube-proxy/app/server_others.go").line(340).at("v1.17.0"),
        ],
    }
    .built_in(),
};

/// The annotation that marks a configuration that kubeadm generated.
const HASH_KEY: &str = "kubeadm.kubernetes.io/component-config.hash";

const HASH_META: Metadata = Metadata {
    id: "K8S-PROXY-HASH",
    name: "stale-kubeadm-hash",
    kind: RuleKind::Migration,
    severity: Severity::Info,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "kubeadm's hash does not match the changed configuration",
        consequence: "kubeadm treats a configuration with a matching hash as its own, and can generate it again when it no longer reads its API version. It keeps a configuration with another hash or without one",
        help: "the annotation is removed, so that kubeadm keeps the changed configuration",
        example: ("kubeadm.kubernetes.io/component-config.hash: sha256:", ""),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/componentconfigs/checksums.go").line(69),
            upstream::KUBERNETES
                .file("cmd/kubeadm/app/componentconfigs/configset.go")
                .symbol("fromConfigMap")
                .line(93),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const BIND: Rule = Rule {
    meta: &BIND_META,
    check: Check::Text(|cx, diagnostics| {
        bring(cx, &BIND_META, FieldKind::ProxyBind, "an address of the primary IP family", diagnostics);
    }),
};
pub(in crate::rules) const LISTEN: Rule = Rule {
    meta: &LISTEN_META,
    check: Check::Text(|cx, diagnostics| {
        bring(cx, &LISTEN_META, FieldKind::ProxyListen, "an address that the node has", diagnostics);
    }),
};
pub(in crate::rules) const NODE_PORTS: Rule = Rule { meta: &NODE_PORTS_META, check: Check::Text(node_ports) };
pub(in crate::rules) const MODE: Rule = Rule { meta: &MODE_META, check: Check::Text(mode) };
pub(in crate::rules) const HASH: Rule = Rule { meta: &HASH_META, check: Check::Changes(hash) };

fn node_ports(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (index, _) in cx.config.objects_of(ObjectKind::KubeProxyConfiguration) {
        let kind = [FieldKind::NodePortRange];
        let fields: Vec<_> = cx.config.fields_of(&kind).filter(|(_, f)| f.object == index).collect();
        let nets: Vec<IpNet> = fields.iter().filter_map(|(_, f)| f.text.parse().ok()).collect();
        if let (Some((_, field)), Some(missing)) = (fields.first(), cx.missing(&nets))
            && fields.len() == nets.len()
        {
            let message = format!("nodePortAddresses has no {missing} range");
            diagnostics.push(cx.at_field(&NODE_PORTS_META, field).message(message));
        }
    }
    // A flag is not converted, and another rule says so in an IPv6-only cluster.
    for (object, flags) in cx.config.flags_of(fields::Component::Proxy).filter(|_| cx.is_dual()) {
        let Some(flag) = flags.get("nodeport-addresses") else { continue };
        let nets: Option<Vec<IpNet>> = flag
            .value
            .as_deref()
            .and_then(|text| text.split(',').map(|net| net.trim().parse().ok()).collect());
        if let Some(missing) = nets.and_then(|nets| cx.missing(&nets)) {
            let message = format!("nodeport-addresses has no {missing} range");
            diagnostics.push(cx.at(&NODE_PORTS_META, object, flag.node).message(message));
        }
    }
}

fn mode(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
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
        let why = "the only mode with dual-stack before v1.18";
        let description = ChangeText { field: "mode", from, to: Some("ipvs"), why };
        let fix = Fix::new(vec![change(object, node, op, description)]);
        diagnostics.push(cx.at_kind(&MODE_META, object).fix(fix));
    }
}

fn hash(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::ConfigMap) {
        let tree = object.tree();
        let Some(annotations) = tree.at(object.root, &["metadata", "annotations"]) else { continue };
        let Some(hash) = tree.get(annotations, HASH_KEY) else { continue };
        if !changes_inside(object, cx.changes) {
            continue;
        }
        // If it is the only annotation, the key `annotations` is removed too.
        let is_only = tree.entries(annotations).count() == 1;
        let node = if is_only { annotations } else { hash };
        let description = ChangeText {
            field: HASH_KEY,
            from: tree.scalar(hash),
            to: None,
            why: "kubeadm keeps a configuration without a hash",
        };
        let fix = Fix::new(vec![change(object, node, Op::Remove, description)]);
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
