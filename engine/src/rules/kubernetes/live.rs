//! What no file can do: a running cluster keeps addresses of its own.

use super::LintContext;
use crate::address::Family;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{Component, ConfigObject, Field, FieldKind, ObjectKind};
use crate::rules::{Change, Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use ipnet::IpNet;

const ORDER_META: Metadata = Metadata {
    id: "K8S-ORDER-CHANGED",
    name: "first-family-changes",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "another family stands first afterwards",
    consequence: "clusterIPs[0] of a Service and podCIDRs of a node are fixed once they are set: a running cluster does not follow, its Services keep addresses that nothing serves",
    help: "make a new cluster with this configuration; with the IPv4 family first (--to dual-stack) a running one can follow",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &[
        "kubernetes/kubernetes: pkg/apis/core/validation/validation.go, ValidateServiceClusterIPsRelatedFields",
        "kubernetes/enhancements: KEP-563 IPv4/IPv6 dual-stack support",
    ],
};

const ETCD_META: Metadata = Metadata {
    id: "K8S-ETCD-LIVE",
    name: "etcd-keeps-its-member-list",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "etcd's peer URLs change, and etcd keeps the old ones in its data",
    consequence: "the --initial flags are read once, when the data folder is empty: a running member is still looked for at its old address",
    help: "on a running cluster first: etcdctl member update ID --peer-urls=https://[...]:2380, one member after the other",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["etcd.io: Runtime reconfiguration, Update advertise peer URLs"],
};

const CERTIFICATES_META: Metadata = Metadata {
    id: "POD-CERTSAN",
    name: "certificates-hold-the-old-addresses",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "the component gets an address that its certificate was not made for",
    consequence: "`x509: certificate is valid for 192.0.2.11, not 2001:db8:1::11`: kubelets, other members and clients refuse the connection",
    help: "make the certificates anew with the new configuration: kubeadm init phase certs apiserver (etcd-server, etcd-peer)",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/util/pkiutil/pki_helpers.go"],
};

const REGENERATED_META: Metadata = Metadata {
    id: "KADM-REGEN",
    name: "static-pods-without-their-configuration",
    kind: RuleKind::Defect,
    severity: Severity::Info,
    finds: "static pods change, and the configuration that kubeadm renders them from is in none of the files",
    consequence: "kubeadm upgrade renders them anew from the ConfigMap kubeadm-config: what is changed here alone is lost then",
    help: "give that ConfigMap, too: kubectl -n kube-system get configmap kubeadm-config -o yaml",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/phases/upgrade/staticpods.go"],
};

const SERVICES_META: Metadata = Metadata {
    id: "K8S-SVC-CHANGED",
    name: "service-range-replaced",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "another range of cluster IPs takes the place of the one that is there",
    consequence: "Services of a running cluster keep their cluster IPs: those outside the new range are served by nothing, and the ServiceCIDR object stays inconsistent",
    help: "leave the option out to keep the range; on a running cluster add a ServiceCIDR (v1.33 and later), or make a new cluster",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &[
        "kubernetes/kubernetes: pkg/apis/networking/validation/validation.go",
        "kubernetes/kubernetes: issue 131261",
    ],
};

const PODS_META: Metadata = Metadata {
    id: "K8S-MIGRATE-PODCIDR",
    name: "pod-range-replaced",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "another range of pods takes the place of the one that is there",
    consequence: "podCIDRs of a node are fixed: with nodes outside the new range the controller manager exits, `the cidr is out the range of cluster cidr`",
    help: "leave the option out to keep the range; otherwise this is for a new cluster",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["kubernetes/kubernetes: pkg/controller/nodeipam/ipam/range_allocator.go"],
};

pub(in crate::rules) const SERVICES: Rule = Rule { meta: &SERVICES_META, check: Check::Objects(services) };
pub(in crate::rules) const PODS: Rule = Rule { meta: &PODS_META, check: Check::Objects(pods) };
pub(in crate::rules) const ORDER: Rule = Rule { meta: &ORDER_META, check: Check::Change(order) };
pub(in crate::rules) const ETCD: Rule = Rule { meta: &ETCD_META, check: Check::Change(etcd) };
pub(in crate::rules) const CERTIFICATES: Rule =
    Rule { meta: &CERTIFICATES_META, check: Check::Change(certificates) };
pub(in crate::rules) const REGENERATED: Rule =
    Rule { meta: &REGENERATED_META, check: Check::Change(regenerated) };

/// The fields that say this; those of an installer that only makes new clusters aside.
fn that_may_run<'a, 'd>(
    cx: &'a LintContext<'d>,
    kind: &'a [FieldKind],
) -> impl Iterator<Item = (&'a ConfigObject<'d>, &'a Field)> {
    // No option changes a ServiceCIDR.
    let others = [ObjectKind::InstallConfig, ObjectKind::ServiceCidr];
    cx.config.fields_of(kind).filter(move |(object, _)| !others.contains(&object.kind))
}

fn order(cx: &LintContext<'_>, changes: &[&Change], diagnostics: &mut Diagnostics) {
    if !cx.flips() {
        return;
    }
    for (object, field) in that_may_run(cx, &[FieldKind::ServiceRange]) {
        if changes.iter().any(|change| change.is_of(object.key(), field.kind)) {
            let diagnostic = cx.at_field(&ORDER_META, field).label(&field.name);
            let message = format!("{} stands first afterwards", cx.primary());
            diagnostics.push(diagnostic.message(message));
            return; // once for the cluster
        }
    }
}

fn services(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    replaced(cx, &SERVICES_META, FieldKind::ServiceRange, LintContext::service_range, diagnostics);
}

fn pods(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    replaced(cx, &PODS_META, FieldKind::PodRange, LintContext::pod_range, diagnostics);
}

type Wanted<'d> = fn(&LintContext<'d>, Family, &Ranges) -> Option<IpNet>;

fn replaced<'d>(
    cx: &LintContext<'d>,
    meta: &'static Metadata,
    kind: FieldKind,
    wanted: Wanted<'d>,
    diagnostics: &mut Diagnostics,
) {
    for (_, field) in that_may_run(cx, &[kind]) {
        let Some(own) = Ranges::read(&field.text) else { continue };
        for family in cx.families() {
            let (old, new) = (own.of(family), wanted(cx, family, &own));
            if let (Some(old), Some(new)) = (old, new)
                && old != new
            {
                let message = format!("{new} takes the place of {old}");
                diagnostics.push(cx.at_field(meta, field).message(message).label(&field.name));
            }
        }
    }
}

/// Whether one of these flags of an object changes.
fn is_changed(changes: &[&Change], object: &ConfigObject<'_>, flags: &[&str]) -> bool {
    changes.iter().any(|change| {
        let name = change.field.as_ref().map(|field| field.name.as_str());
        change.object == Some(object.key()) && name.is_some_and(|name| flags.contains(&name))
    })
}

fn etcd(cx: &LintContext<'_>, changes: &[&Change], diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Process(Component::Etcd)) {
        let fields = ["--initial-advertise-peer-urls", "--initial-cluster", "--listen-peer-urls"];
        if is_changed(changes, object, &fields) {
            diagnostics.push(cx.at_kind(&ETCD_META, object));
        }
    }
}

fn certificates(cx: &LintContext<'_>, changes: &[&Change], diagnostics: &mut Diagnostics) {
    for (component, flag) in
        [(Component::ApiServer, "--advertise-address"), (Component::Etcd, "--advertise-client-urls")]
    {
        for (_, object) in cx.config.objects_of(ObjectKind::Process(component)) {
            if is_changed(changes, object, &[flag]) {
                diagnostics.push(cx.at_kind(&CERTIFICATES_META, object));
            }
        }
    }
}

fn regenerated(cx: &LintContext<'_>, changes: &[&Change], diagnostics: &mut Diagnostics) {
    if cx.facts.has_kubeadm {
        return;
    }
    // kubeadm labels its pods so.
    let is_pod = |object: &&ConfigObject<'_>| {
        matches!(object.kind, ObjectKind::Process(_))
            && object.text(&["metadata", "labels", "tier"]) == Some("control-plane")
    };
    let changed =
        |object: &&ConfigObject<'_>| changes.iter().any(|change| change.object == Some(object.key()));
    if let Some(object) = cx.config.objects.iter().filter(is_pod).find(changed) {
        diagnostics.push(cx.at_kind(&REGENERATED_META, object));
    }
}
