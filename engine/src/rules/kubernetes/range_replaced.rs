use super::LintContext;
use crate::address::Family;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{ConfigObject, Field, FieldKind, ObjectKind};
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use ipnet::IpNet;

const SERVICES_META: Metadata = Metadata {
    id: "K8S-SVC-CHANGED",
    name: "service-range-replaced",
    kind: RuleKind::Migration,
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
    kind: RuleKind::Migration,
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

/// The fields that say this; those of an installer that only makes new clusters aside.
pub(super) fn that_may_run<'a, 'd>(
    cx: &'a LintContext<'d>,
    kind: &'a [FieldKind],
) -> impl Iterator<Item = (&'a ConfigObject<'d>, &'a Field)> {
    // No option changes a ServiceCIDR.
    let others = [ObjectKind::InstallConfig, ObjectKind::ServiceCidr];
    cx.config.fields_of(kind).filter(move |(object, _)| !others.contains(&object.kind))
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
