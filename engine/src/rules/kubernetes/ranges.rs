//! Pod and service CIDRs in flags and configuration files.

use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::facts::cluster::{KUBEADM_SERVICES, Ranges};
use crate::model::fields::{Field, FieldKind, ObjectKind};
use crate::rules::kubernetes::address_from_variable::is_filled_in;
use crate::rules::kubernetes::change::{ChangeText, change};
use crate::rules::kubernetes::templates::is_template;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::RangeOf;
use crate::yaml::Kind;
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;

const SERVICE_META: Metadata = Metadata {
    id: "K8S-SVC-FAMILY",
    name: "service-cidr-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the service CIDRs do not match the target IP families",
        consequence: "the API server allocates cluster IPs only from these ranges (v1.33 and later: also from ServiceCIDR objects of the same IP families), and by default only from the first one: without an IPv6 range no Service gets an IPv6 address",
        help: "the field is set to one range per target IP family, primary first",
        example: (
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112",
        ),
        sources: &[
            upstream::KUBERNETES.file("cmd/kube-apiserver/app/options/validation.go").line(73),
            upstream::KUBERNETES.file("pkg/registry/core/service/storage/alloc.go").line(147),
            upstream::ENHANCEMENTS.file("keps/sig-network/563-dual-stack/README.md"),
        ],
    }
    .built_in(),
};

const POD_META: Metadata = Metadata {
    id: "K8S-POD-FAMILY",
    name: "pod-cidr-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the pod CIDRs do not match the target IP families",
        consequence: "with --allocate-node-cidrs=true kube-controller-manager allocates a pod CIDR of each of these ranges to every node that has none yet. Without one, pods do not start if host-local IPAM asks for that IP family (`usePodCidrIPv6 found but there is no IPv6 CIDR configured`), and kube-proxy with detectLocalMode NodeCIDR cannot tell its local traffic, or exits if it is the first IP family of the node",
        help: "the field is set to one range per target IP family, primary first",
        example: ("podSubnet: 10.244.0.0/16", "podSubnet: 10.244.0.0/16,fd00:10:244::/56"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kube-controller-manager/app/core.go").line(89),
            upstream::KUBERNETES.file("cmd/kubeadm/app/phases/controlplane/manifests.go").line(376),
            upstream::KUBERNETES.file("cmd/kube-proxy/app/server_linux.go").symbol("getLocalDetectors").line(284),
        ],
    }
    .built_in(),
};

const PROXY_META: Metadata = Metadata {
    id: "K8S-PROXY-FAMILY",
    name: "kube-proxy-cluster-cidr-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "clusterCIDR of kube-proxy does not match the target IP families",
        consequence: "in the default detectLocalMode ClusterCIDR, kube-proxy does not masquerade traffic from outside the pods to cluster IPs of an IP family without a range. If all ranges are of another IP family than its own, it exits before v1.21 (without the feature gate IPv6DualStack) and in v1.28.0 to v1.28.2; other releases exit only if the node supports one IP family (its kernel, or its iptables)",
        help: "the field is set to one range per target IP family, primary first",
        example: ("clusterCIDR: 10.244.0.0/16", "clusterCIDR: 10.244.0.0/16,fd00:10:244::/56"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kube-proxy/app/server.go").symbol("checkBadIPConfig").line(339),
            upstream::KUBERNETES.file("pkg/proxy/util/iptables/traffic.go").line(70).at("v1.20.0"),
            upstream::KUBERNETES.issue(75232),
            upstream::KUBERNETES.issue(120999),
            upstream::KUBERNETES.file("pkg/proxy/iptables/proxier.go").line(1082),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const UNREADABLE_META: Metadata = Metadata {
    id: "NET-001",
    name: "invalid-cidr",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "not a valid CIDR",
        consequence: "the component exits when it starts; kube-controller-manager only with --allocate-node-cidrs=true, and it only warns about its service CIDR; kube-proxy 1.31 and later only if detectLocalMode is ClusterCIDR (the default). kubeadm refuses the file",
        help: "use CIDRs such as 10.96.0.0/16 or fd00:10:96::/112, separated by commas",
        example: ("serviceSubnet: \"fd00:10:96::\"", "serviceSubnet: fd00:10:96::/112"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/apis/kubeadm/validation/validation.go").line(436),
            upstream::KUBERNETES.file("cmd/kube-controller-manager/app/core.go").line(109),
            upstream::KUBERNETES.file("pkg/apis/networking/validation/validation.go").symbol("ValidateIPBlock").line(270),
        ],
    }
    .built_in(),
};

const REPEATED_META: Metadata = Metadata {
    id: "NET-004",
    name: "two-ranges-of-one-family",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the list has more than one range of an IP family",
        consequence: "each component accepts one range, or two of different IP families (v1.16 to v1.20 only with the feature gate IPv6DualStack), and exits otherwise; kube-controller-manager only with --allocate-node-cidrs=true",
        help: "keep one range of each IP family",
        example: ("10.96.0.0/16,10.97.0.0/16", "10.96.0.0/16"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kube-apiserver/app/options/validation.go").line(73),
            upstream::KUBERNETES.file("cmd/kube-controller-manager/app/core.go").line(866),
        ],
    }
    .built_in(),
};

const SPACE_META: Metadata = Metadata {
    id: "NET-003",
    name: "space-between-ranges",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "there is a space between two ranges",
        consequence: "kubeadm, the API server, kube-proxy and, for pod CIDRs, the controller manager read the space as part of the range and refuse it",
        help: "the space is removed",
        example: ("10.244.0.0/16, fd00:10:244::/56", "10.244.0.0/16,fd00:10:244::/56"),
        sources: &[upstream::KUBERNETES.file("cmd/kubeadm/app/apis/kubeadm/validation/validation.go").line(436)],
    }
    .built_in(),
};

pub(in crate::rules) const HOST_BITS_META: Metadata = Metadata {
    id: "NET-002",
    name: "range-with-host-bits",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a range has host bits set",
        consequence: "Kubernetes and calico-node silently use the masked range, which is not what the text suggests. openshift-install refuses it; so do Calico's API server and calicoctl in an IPPool and a BGPConfiguration, and the API server in a ServiceCIDR and, from Kubernetes 1.36, in Services and NetworkPolicies",
        help: "write the range without host bits",
        example: ("10.244.0.1/16", "10.244.0.0/16"),
        sources: &[
            upstream::OPENSHIFT_INSTALLER
                .file("pkg/validate/validate.go")
                .symbol("SubnetCIDR")
                .line(106)
                .at("5c29e90536dec16718461d04674f751f6d1a0456"),
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(997),
            upstream::KUBERNETES.file("staging/src/k8s.io/apimachinery/pkg/util/validation/ip.go").line(153),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const HOST_BITS: Rule = Rule { meta: &HOST_BITS_META, check: Check::Text(host_bits) };
pub(in crate::rules) const SERVICE: Rule = Rule { meta: &SERVICE_META, check: Check::Text(service) };
pub(in crate::rules) const POD: Rule = Rule { meta: &POD_META, check: Check::Text(pod) };
pub(in crate::rules) const PROXY: Rule = Rule { meta: &PROXY_META, check: Check::Text(proxy) };
pub(in crate::rules) const UNREADABLE: Rule = Rule { meta: &UNREADABLE_META, check: Check::Text(unreadable) };
pub(in crate::rules) const REPEATED_FAMILY: Rule =
    Rule { meta: &REPEATED_META, check: Check::Text(repeated_family) };
pub(in crate::rules) const SPACE: Rule = Rule { meta: &SPACE_META, check: Check::Text(space) };

const RANGES: [FieldKind; 3] = [FieldKind::ServiceRange, FieldKind::PodRange, FieldKind::ProxyRange];

/// The ranges of a list; `None` if one is not valid.
pub(super) fn nets(text: &str) -> Option<Vec<IpNet>> {
    text.split(',').map(|part| part.trim().parse().ok()).collect()
}

fn unreadable(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&RANGES) {
        // Another rule removes leading zeros.
        let has_zeros = super::strict_addresses::without_zeros(&field.text).is_some();
        let is_filled = is_template(&field.text) || is_filled_in(&field.text);
        if nets(&field.text).is_none() && !is_filled && !has_zeros {
            let message = format!("`{}` is not a valid CIDR", field.text);
            diagnostics.push(cx.at_field(&UNREADABLE_META, field).message(message).label(&field.name));
        }
    }
    super::invalid_items::check(cx, diagnostics);
}

fn host_bits(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let kind = [
        FieldKind::ServiceRange,
        FieldKind::PodRange,
        FieldKind::ProxyRange,
        FieldKind::MachineRange,
        FieldKind::Pool,
        FieldKind::LoadBalancerRange,
        FieldKind::Advertised,
    ];
    for (object, field) in cx.config.fields_of(&kind) {
        let net = nets(&field.text).and_then(|nets| nets.into_iter().find(|net| net.addr() != net.network()));
        if let Some(net) = net {
            let refuses = matches!(
                object.kind,
                ObjectKind::InstallConfig
                    | ObjectKind::IpPool
                    | ObjectKind::ServiceCidr
                    | ObjectKind::BgpConfiguration
            );
            let severity = if refuses { Severity::Error } else { Severity::Warning };
            let message = format!("{net} has host bits set: the range is {}", net.trunc());
            diagnostics.push(
                cx.at_item(&HOST_BITS_META, field, &net.to_string()).message(message).severity(severity),
            );
        }
    }
}

fn repeated_family(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&RANGES) {
        if nets(&field.text).is_some() && Ranges::read(&field.text).is_none() {
            diagnostics.push(cx.at_field(&REPEATED_META, field).label(&field.name));
        }
    }
}

fn space(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&RANGES) {
        if field.text.contains(' ') && Ranges::read(&field.text).is_some() {
            let fix = cx.set(field, &field.text.replace(' ', ""), "no component accepts a space here");
            diagnostics.push(cx.at_field(&SPACE_META, field).fix(fix));
        }
    }
}

fn service(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let why = "one service CIDR per target IP family, primary first";
    bring(cx, &SERVICE_META, FieldKind::ServiceRange, why, diagnostics);
    add_service_subnet(cx, why, diagnostics);
}

fn pod(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let why = "one pod CIDR per target IP family, primary first";
    bring(cx, &POD_META, FieldKind::PodRange, why, diagnostics);
}

fn proxy(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let why = "the same pod CIDRs as the controller manager";
    bring(cx, &PROXY_META, FieldKind::ProxyRange, why, diagnostics);
}

fn bring(
    cx: &Context<'_>,
    meta: &'static Metadata,
    kind: FieldKind,
    why: &str,
    diagnostics: &mut Diagnostics,
) {
    // Another rule checks keys of a single family.
    for (object, field) in cx.config.fields_of(&[kind]).filter(|(_, field)| field.family.is_none()) {
        let Some(own) = Ranges::read(&field.text) else { continue };
        let Some(nets) = all_families(cx, kind, &own, &field.name, || cx.at_field(meta, field), diagnostics)
        else {
            continue;
        };
        if nets != own.nets {
            let text = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let diagnostic = cx.at_field(meta, field).fix(cx.set(field, &text, why));
            diagnostics.push(match object.text(&["detectLocalMode"]).filter(|_| kind == FieldKind::ProxyRange) {
                Some(mode) if IGNORES_RANGE.contains(&mode) => diagnostic
                    .severity(Severity::Info)
                    .message(format!("clusterCIDR does not match the target IP families; detectLocalMode {mode} does not use it"))
                    .consequence("kube-proxy recognizes the traffic of pods in another way, so nothing breaks"),
                _ => diagnostic,
            });
        }
    }
}

/// The values of detectLocalMode with which kube-proxy does not use clusterCIDR to find the traffic of pods (kubernetes v1.37.2:
/// cmd/kube-proxy/app/server_linux.go, getLocalDetectors).
const IGNORES_RANGE: [&str; 3] = ["NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"];

/// The ranges of all families. Requests an option for the first one that is not known; `found` is what is wrong without it.
pub(super) fn all_families(
    cx: &Context<'_>,
    kind: FieldKind,
    own: &Ranges,
    name: &str,
    found: impl Fn() -> Diagnostic,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<IpNet>> {
    let mut nets = Vec::new();
    for family in cx.families() {
        let wanted = match kind {
            FieldKind::ServiceRange => cx.service_range(family, own),
            _ => cx.pod_range(family, own),
        };
        match wanted {
            Some(net) => nets.push(net),
            None => {
                ask(kind, family, name, found(), diagnostics);
                return None;
            }
        }
    }
    Some(nets)
}

pub(super) fn ask(
    kind: FieldKind,
    family: Family,
    name: &str,
    found: Diagnostic,
    diagnostics: &mut Diagnostics,
) {
    let (of, what) = match kind {
        FieldKind::ServiceRange => (RangeOf::Services, "service"),
        _ => (RangeOf::Pods, "pod"),
    };
    let (flag, example) = of.option(family);
    diagnostics.ask(
        flag,
        example,
        format!("{name} needs an {family} {what} CIDR, and no file has one"),
        found,
    );
}

/// Adds `serviceSubnet` if the target needs another range than kubeadm's IPv4 default.
fn add_service_subnet(cx: &Context<'_>, why: &str, diagnostics: &mut Diagnostics) {
    for (index, object) in cx.config.objects_of(ObjectKind::ClusterConfiguration) {
        let is_own = |f: &Field| f.object == index && f.kind == FieldKind::ServiceRange;
        if cx.config.fields.iter().any(is_own) {
            continue;
        }
        let own = Ranges::read(KUBEADM_SERVICES).unwrap_or_default();
        let name = "networking.serviceSubnet";
        let found = || cx.at_kind(&SERVICE_META, object);
        let Some(nets) = all_families(cx, FieldKind::ServiceRange, &own, name, found, diagnostics) else {
            continue;
        };
        if nets.len() == 1 && family(nets[0]) == Family::Ipv4 {
            continue;
        }
        let text = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let tree = object.tree();
        let networking = tree.get(object.root, "networking").filter(|n| tree.kind(*n) == Kind::Mapping);
        let entry = ("serviceSubnet".to_owned(), Value::string(&text));
        let (node, op) = match networking {
            Some(node) if tree.children(node).next().is_none() => (node, Op::Set(Value::Map(vec![entry]))),
            Some(node) => match tree.get(node, "serviceSubnet") {
                Some(empty) => (empty, Op::Set(entry.1)),
                None => (node, Op::InsertEntry(Placement::default(), entry.0, entry.1)),
            },
            None => {
                let value = Value::Map(vec![entry]);
                (object.root, Op::InsertEntry(Placement::default(), "networking".to_owned(), value))
            }
        };
        let description = ChangeText { field: name, from: None, to: Some(&text), why };
        let fix = Fix::new(vec![change(object, node, op, description)]);
        diagnostics.push(cx.at_kind(&SERVICE_META, object).fix(fix));
    }
}
