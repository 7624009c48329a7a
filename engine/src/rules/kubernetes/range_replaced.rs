//! A range that an option replaces.

use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{ConfigObject, Field, FieldKind, ObjectKind, leaves_out};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use ipnet::IpNet;

const SERVICES_META: Metadata = Metadata {
    id: "K8S-SVC-CHANGED",
    name: "service-cidr-replaced",
    kind: RuleKind::Migration,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a different service CIDR replaces the current one",
        consequence: "existing Services keep their cluster IPs, and kube-proxy still serves them. Before v1.33 the API server reports each one as `not within the service CIDR`. From v1.33 on new Services still get addresses of the old range, because the ServiceCIDR object kubernetes does not change. A new API server certificate does not contain the address of the Service kubernetes",
        help: "omit the option to keep the range. To add a range to a running cluster, create a ServiceCIDR (v1.33 and later); otherwise create a new cluster",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES
                .file("pkg/registry/core/service/ipallocator/controller/repair.go")
                .line(272)
                .at("v1.32.0"),
            upstream::KUBERNETES
                .file("pkg/apis/networking/validation/validation.go")
                .symbol("ValidateServiceCIDRUpdate")
                .line(870),
            upstream::KUBERNETES.issue(12289),
            upstream::KUBERNETES.issue(131261),
            upstream::KUBERNETES
                .file("pkg/controlplane/controller/defaultservicecidr/default_servicecidr_controller.go")
                .line(207),
        ],
    }
    .built_in(),
};

const PODS_META: Metadata = Metadata {
    id: "K8S-MIGRATE-PODCIDR",
    name: "pod-cidr-replaced",
    kind: RuleKind::Migration,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a different pod CIDR replaces the current one",
        consequence: "the podCIDRs of a node cannot change. With --allocate-node-cidrs=true and its default allocator (RangeAllocator) kube-controller-manager exits if a node is outside the new range: `is out the range of cluster cidr`",
        help: "omit the option to keep the range; use another range only for a new cluster",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES.file("pkg/controller/nodeipam/ipam/range_allocator.go").line(123),
            upstream::KUBERNETES.file("pkg/controller/nodeipam/ipam/cidrset/cidr_set.go").line(189),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const SERVICES: Rule = Rule { meta: &SERVICES_META, check: Check::Text(services) };

pub(in crate::rules) const PODS: Rule = Rule { meta: &PODS_META, check: Check::Text(pods) };

/// The fields of these kinds, except those of a new cluster.
pub(super) fn that_may_run<'a, 'd>(
    cx: &'a Context<'d>,
    kind: &'a [FieldKind],
) -> impl Iterator<Item = (&'a ConfigObject<'d>, &'a Field)> {
    // No option changes a ServiceCIDR.
    let others = [ObjectKind::InstallConfig, ObjectKind::ServiceCidr];
    let is_new = move |kind: ObjectKind| cx.target.new_cluster || others.contains(&kind);
    cx.config.fields_of(kind).filter(move |(object, _)| !is_new(object.kind))
}

fn services(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    replaced(cx, &SERVICES_META, FieldKind::ServiceRange, Context::service_range, diagnostics);
}

fn pods(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    replaced(cx, &PODS_META, FieldKind::PodRange, Context::pod_range, diagnostics);
}

type Wanted<'d> = fn(&Context<'d>, Family, &Ranges) -> Option<IpNet>;

fn replaced<'d>(
    cx: &Context<'d>,
    meta: &'static Metadata,
    kind: FieldKind,
    wanted: Wanted<'d>,
    diagnostics: &mut Diagnostics,
) {
    for (object, field) in that_may_run(cx, &[kind]) {
        let Some(own) = Ranges::read(&field.text) else { continue };
        // A range of a family that the file turns off has no effect yet.
        for family in cx.families().into_iter().filter(|family| !leaves_out(object, *family)) {
            let (old, new) = (own.of(family), wanted(cx, family, &own));
            if let (Some(old), Some(new)) = (old, new)
                && old != new
            {
                let message = format!("{new} replaces {old}");
                diagnostics
                    .push(cx.at_item(meta, field, &old.to_string()).message(message).label(&field.name));
            }
        }
    }
}
