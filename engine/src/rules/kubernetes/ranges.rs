use super::LintContext;
use crate::address::{Family, family};
use crate::model::facts::cluster::{KUBEADM_SERVICES, Ranges};
use crate::model::fields::{Field, FieldKind, ObjectKind};
use crate::rules::kubernetes::address_from_variable::is_filled_in;
use crate::rules::kubernetes::context::{ChangeText, change};
use crate::rules::kubernetes::templates::is_template;
use crate::rules::{Check, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::target::RangeOf;
use crate::yaml::Kind;
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;

const SERVICE_META: Metadata = Metadata {
    id: "K8S-SVC-FAMILY",
    name: "service-range-of-other-families",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the ranges of cluster IPs are not of the families wanted",
    consequence: "the API server gives every Service a cluster IP of these families only, in this order: without an IPv6 range no Service gets an IPv6 address",
    help: "the ranges of the wanted families are written, the primary one first",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "--service-cluster-ip-range=10.96.0.0/16",
        "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112",
    ),
    sources: &[
        "kubernetes/kubernetes: cmd/kube-apiserver/app/options/validation.go",
        "kubernetes/enhancements: KEP-563 IPv4/IPv6 dual-stack support",
    ],
};

const POD_META: Metadata = Metadata {
    id: "K8S-POD-FAMILY",
    name: "pod-range-of-other-families",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the ranges of pods are not of the families wanted",
    consequence: "the controller manager gives every node a part of these ranges; nodes without a part of a family are no nodes of that family for kube-proxy and host-local IPAM",
    help: "the ranges of the wanted families are written, the primary one first",
    fixable: Fixable::Always,
    gates: &[],
    example: ("podSubnet: 10.244.0.0/16", "podSubnet: 10.244.0.0/16,fd00:10:244::/56"),
    sources: &[
        "kubernetes/kubernetes: cmd/kube-controller-manager/app/core.go",
        "kubernetes/kubernetes: cmd/kubeadm/app/phases/controlplane/manifests.go",
    ],
};

const PROXY_META: Metadata = Metadata {
    id: "K8S-PROXY-FAMILY",
    name: "kube-proxy-range-of-other-families",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "kube-proxy knows pods by ranges of other families",
    consequence: "kube-proxy tells traffic of pods from other traffic by clusterCIDR: of a family without a range it masquerades wrongly, and on a node of that family alone it exits",
    help: "the ranges of the wanted families are written, the primary one first",
    fixable: Fixable::Always,
    gates: &[],
    example: ("clusterCIDR: 10.244.0.0/16", "clusterCIDR: 10.244.0.0/16,fd00:10:244::/56"),
    sources: &[
        "kubernetes/kubernetes: cmd/kube-proxy/app/server.go, checkBadIPConfig",
        "kubernetes/kubernetes: issues 75232, 120999",
    ],
};

const UNREADABLE_META: Metadata = Metadata {
    id: "NET-001",
    name: "range-not-readable",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "this is no range of addresses",
    consequence: "the component that reads it exits at its start",
    help: "write ranges such as 10.96.0.0/16 or fd00:10:96::/112, with commas between them",
    fixable: Fixable::Never,
    gates: &[],
    example: ("serviceSubnet: fd00:10:96::", "serviceSubnet: fd00:10:96::/112"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/apis/kubeadm/validation/validation.go"],
};

const REPEATED_META: Metadata = Metadata {
    id: "NET-004",
    name: "two-ranges-of-one-family",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "more than one range of a family stands here",
    consequence: "every component takes one range, or two of different families, and exits on anything else",
    help: "leave one range of each family",
    fixable: Fixable::Never,
    gates: &[],
    example: ("10.96.0.0/16,10.97.0.0/16", "10.96.0.0/16"),
    sources: &[
        "kubernetes/kubernetes: cmd/kube-apiserver/app/options/validation.go",
        "kubernetes/kubernetes: cmd/kube-controller-manager/app/core.go",
    ],
};

const SPACE_META: Metadata = Metadata {
    id: "NET-003",
    name: "space-between-ranges",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "a space stands between two ranges",
    consequence: "kubeadm, the API server, the controller manager and kube-proxy read it as a part of the range and refuse it",
    help: "the space is taken out",
    fixable: Fixable::Always,
    gates: &[],
    example: ("10.244.0.0/16, fd00:10:244::/56", "10.244.0.0/16,fd00:10:244::/56"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/apis/kubeadm/validation/validation.go"],
};

pub(in crate::rules) const HOST_BITS_META: Metadata = Metadata {
    id: "NET-002",
    name: "range-with-host-bits",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "a range has host bits set",
    consequence: "Kubernetes and calico-node mask them silently: the range is larger than, or beside, what a reader takes it for; openshift-install and the API server (in an IPPool, a ServiceCIDR, and from Kubernetes 1.36 in Services and NetworkPolicies) refuse it",
    help: "write the range itself",
    fixable: Fixable::Never,
    gates: &[],
    example: ("10.244.0.1/16", "10.244.0.0/16"),
    sources: &[
        "openshift/installer: pkg/validate/validate.go, SubnetCIDR",
        "projectcalico/calico: node/pkg/lifecycle/startup/startup.go",
        "kubernetes/apimachinery: pkg/util/validation/ip.go",
    ],
};

pub(in crate::rules) const HOST_BITS: Rule = Rule { meta: &HOST_BITS_META, check: Check::Objects(host_bits) };
pub(in crate::rules) const SERVICE: Rule = Rule { meta: &SERVICE_META, check: Check::Objects(service) };
pub(in crate::rules) const POD: Rule = Rule { meta: &POD_META, check: Check::Objects(pod) };
pub(in crate::rules) const PROXY: Rule = Rule { meta: &PROXY_META, check: Check::Objects(proxy) };
pub(in crate::rules) const UNREADABLE: Rule =
    Rule { meta: &UNREADABLE_META, check: Check::Objects(unreadable) };
pub(in crate::rules) const REPEATED_FAMILY: Rule =
    Rule { meta: &REPEATED_META, check: Check::Objects(repeated_family) };
pub(in crate::rules) const SPACE: Rule = Rule { meta: &SPACE_META, check: Check::Objects(space) };

const RANGES: [FieldKind; 3] = [FieldKind::ServiceRange, FieldKind::PodRange, FieldKind::ProxyRange];

/// The ranges as they stand; none where one cannot be read.
pub(super) fn nets(text: &str) -> Option<Vec<IpNet>> {
    text.split(',').map(|part| part.trim().parse().ok()).collect()
}

fn unreadable(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&RANGES) {
        // Leading zeros are another rule's, which removes them.
        let has_zeros = super::strict_addresses::without_zeros(&field.text).is_some();
        let is_filled = is_template(&field.text) || is_filled_in(&field.text);
        if nets(&field.text).is_none() && !is_filled && !has_zeros {
            let message = format!("`{}` is no range of addresses", field.text);
            diagnostics.push(cx.at_field(&UNREADABLE_META, field).message(message).label(&field.name));
        }
    }
}

fn host_bits(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    let kind = [
        FieldKind::ServiceRange,
        FieldKind::PodRange,
        FieldKind::ProxyRange,
        FieldKind::MachineRange,
        FieldKind::Pool,
        FieldKind::LoadBalancerRange,
    ];
    for (object, field) in cx.config.fields_of(&kind) {
        let net = nets(&field.text).and_then(|nets| nets.into_iter().find(|net| net.addr() != net.network()));
        if let Some(net) = net {
            let refuses = matches!(
                object.kind,
                ObjectKind::InstallConfig | ObjectKind::IpPool | ObjectKind::ServiceCidr
            );
            let severity = if refuses { Severity::Error } else { Severity::Warning };
            let message = format!("{net} has host bits set: the range is {}", net.trunc());
            diagnostics.push(cx.at_field(&HOST_BITS_META, field).message(message).severity(severity));
        }
    }
}

fn repeated_family(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&RANGES) {
        if nets(&field.text).is_some() && Ranges::read(&field.text).is_none() {
            diagnostics.push(cx.at_field(&REPEATED_META, field).label(&field.name));
        }
    }
}

fn space(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&RANGES) {
        if field.text.contains(' ') && Ranges::read(&field.text).is_some() {
            let fix = cx.set(field, &field.text.replace(' ', ""), "no component takes a space here");
            diagnostics.push(cx.at_field(&SPACE_META, field).fix(fix));
        }
    }
}

fn service(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    let why = "cluster IPs of the families wanted, the primary one first";
    bring(cx, &SERVICE_META, FieldKind::ServiceRange, why, diagnostics);
    add_service_subnet(cx, why, diagnostics);
}

fn pod(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    let why = "pods of the families wanted, the primary one first";
    bring(cx, &POD_META, FieldKind::PodRange, why, diagnostics);
}

fn proxy(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    let why = "how kube-proxy knows pods of the families wanted";
    bring(cx, &PROXY_META, FieldKind::ProxyRange, why, diagnostics);
}

fn bring(
    cx: &LintContext<'_>,
    meta: &'static Metadata,
    kind: FieldKind,
    why: &str,
    diagnostics: &mut Diagnostics,
) {
    // A key that says one family has a rule of its own.
    for (_, field) in cx.config.fields_of(&[kind]).filter(|(_, field)| field.family.is_none()) {
        let Some(own) = Ranges::read(&field.text) else { continue };
        let Some(nets) = all_families(cx, kind, &own, &field.name, diagnostics) else { continue };
        if nets != own.nets {
            let text = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            diagnostics.push(cx.at_field(meta, field).fix(cx.set(field, &text, why)));
        }
    }
}

/// The ranges of all families; asks for the first that nothing tells.
pub(super) fn all_families(
    cx: &LintContext<'_>,
    kind: FieldKind,
    own: &Ranges,
    name: &str,
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
                ask(kind, family, name, diagnostics);
                return None;
            }
        }
    }
    Some(nets)
}

pub(super) fn ask(kind: FieldKind, family: Family, name: &str, diagnostics: &mut Diagnostics) {
    let (of, what) = match kind {
        FieldKind::ServiceRange => (RangeOf::Services, "cluster IPs"),
        _ => (RangeOf::Pods, "pods"),
    };
    let (flag, example) = of.option(family);
    diagnostics.ask(flag, example, format!("{name} needs a range of {family} {what}, and no file tells one"));
}

/// kubeadm's default range is IPv4: for any other target it must be written out.
fn add_service_subnet(cx: &LintContext<'_>, why: &str, diagnostics: &mut Diagnostics) {
    for (index, object) in cx.config.objects_of(ObjectKind::ClusterConfiguration) {
        let is_told = |f: &Field| f.object == index && f.kind == FieldKind::ServiceRange;
        if cx.config.fields.iter().any(is_told) {
            continue;
        }
        let own = Ranges::read(KUBEADM_SERVICES).unwrap_or_default();
        let name = "networking.serviceSubnet";
        let Some(nets) = all_families(cx, FieldKind::ServiceRange, &own, name, diagnostics) else { continue };
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
        let told = ChangeText { field: name, from: None, to: Some(&text), why };
        let fix = Fix::new(vec![change(object, node, op, told)]);
        diagnostics.push(cx.at_kind(&SERVICE_META, object).fix(fix));
    }
}
