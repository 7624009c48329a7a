//! What no file can do: a running cluster keeps addresses of its own.

use super::{ClusterContext, ClusterRule};
use crate::address::Family;
use crate::facts::cluster::Ranges;
use crate::resource::cluster::{Body, Component, Field, Role, Says};
use crate::rules::{Change, Findings, Fixable, Metadata, Severity};
use ipnet::IpNet;

const ORDER_META: Metadata = Metadata {
    id: "K8S-ORDER-CHANGED",
    name: "first-family-changes",
    severity: Severity::Warning,
    finds: "another family stands first afterwards",
    why: "clusterIPs[0] of a Service and podCIDRs of a node are fixed once they are set: a running cluster does not follow, its Services keep addresses that nothing serves",
    remedy: "make a new cluster with this configuration; with the IPv4 family first (--to dual-stack) a running one can follow",
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
    severity: Severity::Warning,
    finds: "etcd's peer URLs change, and etcd keeps the old ones in its data",
    why: "the --initial flags are read once, when the data folder is empty: a running member is still looked for at its old address",
    remedy: "on a running cluster first: etcdctl member update ID --peer-urls=https://[...]:2380, one member after the other",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["etcd.io: Runtime reconfiguration, Update advertise peer URLs"],
};

const CERTIFICATES_META: Metadata = Metadata {
    id: "POD-CERTSAN",
    name: "certificates-hold-the-old-addresses",
    severity: Severity::Warning,
    finds: "the component gets an address that its certificate was not made for",
    why: "`x509: certificate is valid for 192.0.2.11, not 2001:db8:1::11`: kubelets, other members and clients refuse the connection",
    remedy: "make the certificates anew with the new configuration: kubeadm init phase certs apiserver (etcd-server, etcd-peer)",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/util/pkiutil/pki_helpers.go"],
};

const REGENERATED_META: Metadata = Metadata {
    id: "KADM-REGEN",
    name: "static-pods-without-their-configuration",
    severity: Severity::Info,
    finds: "static pods change, and the configuration that kubeadm renders them from is in none of the files",
    why: "kubeadm upgrade renders them anew from the ConfigMap kubeadm-config: what is changed here alone is lost then",
    remedy: "give that ConfigMap, too: kubectl -n kube-system get configmap kubeadm-config -o yaml",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/phases/upgrade/staticpods.go"],
};

const SERVICES_META: Metadata = Metadata {
    id: "K8S-SVC-CHANGED",
    name: "service-range-replaced",
    severity: Severity::Warning,
    finds: "another range of cluster IPs takes the place of the one that is there",
    why: "Services of a running cluster keep their cluster IPs: those outside the new range are served by nothing, and the ServiceCIDR object stays inconsistent",
    remedy: "leave the option out to keep the range; on a running cluster add a ServiceCIDR (v1.33 and later), or make a new cluster",
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
    severity: Severity::Warning,
    finds: "another range of pods takes the place of the one that is there",
    why: "podCIDRs of a node are fixed: with nodes outside the new range the controller manager exits, `the cidr is out the range of cluster cidr`",
    remedy: "leave the option out to keep the range; otherwise this is for a new cluster",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["kubernetes/kubernetes: pkg/controller/nodeipam/ipam/range_allocator.go"],
};

pub(super) const SERVICES: ClusterRule = ClusterRule { meta: &SERVICES_META, check: services };
pub(super) const PODS: ClusterRule = ClusterRule { meta: &PODS_META, check: pods };
pub(super) const ORDER: ClusterRule = ClusterRule { meta: &ORDER_META, check: order };
pub(super) const ETCD: ClusterRule = ClusterRule { meta: &ETCD_META, check: etcd };
pub(super) const CERTIFICATES: ClusterRule = ClusterRule { meta: &CERTIFICATES_META, check: certificates };
pub(super) const REGENERATED: ClusterRule = ClusterRule { meta: &REGENERATED_META, check: regenerated };

/// The changes that are wanted so far, told with these fields.
fn changes(findings: &Findings) -> impl Iterator<Item = &Change> {
    findings.all.iter().filter_map(|f| f.fix.as_ref()).flat_map(|fix| &fix.changes)
}

fn is_changed(findings: &Findings, body: &Body<'_>, says: &[&str]) -> bool {
    let title = body.title();
    changes(findings).any(|change| {
        let shown = change.shown.as_ref();
        change.document == body.resource.document
            && shown.is_some_and(|s| s.resource == title && says.contains(&s.field.as_str()))
    })
}

/// The fields that say this; those of an installer that only makes new clusters aside.
fn that_may_run<'a, 'd>(
    cx: &'a ClusterContext<'d>,
    says: &'a [Says],
) -> impl Iterator<Item = (&'a Body<'d>, &'a Field)> {
    cx.config.that_say(says).filter(|(body, _)| body.role != Role::InstallConfig)
}

fn order(cx: &ClusterContext<'_>, findings: &mut Findings) {
    if !cx.flips() {
        return;
    }
    for (body, field) in that_may_run(cx, &[Says::ServiceRange]) {
        if is_changed(findings, body, &[&field.name]) {
            let finding = cx.at_field(&ORDER_META, field).label(&field.name);
            let message = format!("{} stands first afterwards", cx.primary());
            findings.push(finding.message(message));
            return; // once for the cluster
        }
    }
}

fn services(cx: &ClusterContext<'_>, findings: &mut Findings) {
    replaced(cx, &SERVICES_META, Says::ServiceRange, ClusterContext::service_range, findings);
}

fn pods(cx: &ClusterContext<'_>, findings: &mut Findings) {
    replaced(cx, &PODS_META, Says::PodRange, ClusterContext::pod_range, findings);
}

type Wanted<'d> = fn(&ClusterContext<'d>, Family, &Ranges) -> Option<IpNet>;

fn replaced<'d>(
    cx: &ClusterContext<'d>,
    meta: &'static Metadata,
    says: Says,
    wanted: Wanted<'d>,
    findings: &mut Findings,
) {
    for (_, field) in that_may_run(cx, &[says]) {
        let Some(own) = Ranges::read(&field.text) else { continue };
        for family in cx.families() {
            let (old, new) = (own.of(family), wanted(cx, family, &own));
            if let (Some(old), Some(new)) = (old, new)
                && old != new
            {
                let message = format!("{new} takes the place of {old}");
                findings.push(cx.at_field(meta, field).message(message).label(&field.name));
            }
        }
    }
}

fn etcd(cx: &ClusterContext<'_>, findings: &mut Findings) {
    for (_, body) in cx.config.in_role(Role::Process(Component::Etcd)) {
        let fields = ["--initial-advertise-peer-urls", "--initial-cluster", "--listen-peer-urls"];
        if is_changed(findings, body, &fields) {
            findings.push(cx.at_kind(&ETCD_META, body));
        }
    }
}

fn certificates(cx: &ClusterContext<'_>, findings: &mut Findings) {
    for (component, flag) in
        [(Component::ApiServer, "--advertise-address"), (Component::Etcd, "--advertise-client-urls")]
    {
        for (_, body) in cx.config.in_role(Role::Process(component)) {
            if is_changed(findings, body, &[flag]) {
                findings.push(cx.at_kind(&CERTIFICATES_META, body));
            }
        }
    }
}

fn regenerated(cx: &ClusterContext<'_>, findings: &mut Findings) {
    if cx.facts.has_kubeadm {
        return;
    }
    // kubeadm labels its pods so.
    let is_pod = |body: &&Body<'_>| {
        matches!(body.role, Role::Process(_))
            && body.text(&["metadata", "labels", "tier"]) == Some("control-plane")
    };
    let changed = |body: &&Body<'_>| {
        changes(findings).any(|c| {
            c.document == body.resource.document
                && c.shown.as_ref().is_some_and(|s| s.resource == body.title())
        })
    };
    if let Some(body) = cx.config.bodies.iter().filter(is_pod).find(changed) {
        findings.push(cx.at_kind(&REGENERATED_META, body));
    }
}
