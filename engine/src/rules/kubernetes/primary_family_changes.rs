//! A change of the primary IP family.

use super::range_replaced::that_may_run;
use crate::diagnostic::upstream;
use crate::model::fields::FieldKind;
use crate::rules::{
    Check, Context, Diagnostics, Fixable, Metadata, Reference, Rule, RuleKind, Severity, Texts,
};

/// Why the primary IP family of a running cluster stays.
pub(super) const KEPT_PRIMARY_FAMILY: &[Reference] = &[
    upstream::KUBERNETES
        .file("pkg/apis/core/validation/validation.go")
        .symbol("validateUpgradeDowngradeClusterIPs")
        .line(9553),
    upstream::KUBERNETES
        .file("pkg/controller/nodeipam/ipam/range_allocator.go")
        .symbol("occupyCIDRs")
        .line(290),
    upstream::ENHANCEMENTS.file("keps/sig-network/563-dual-stack/README.md"),
];

const ORDER_META: Metadata = Metadata {
    id: "K8S-ORDER-CHANGED",
    name: "primary-family-changes",
    kind: RuleKind::Migration,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the primary IP family changes",
        consequence: "a running cluster cannot follow: existing Services keep their first cluster IP, which nodes without that IP family do not serve. With --allocate-node-cidrs=true kube-controller-manager exits because the podCIDRs of the nodes are in the old order: `is out the range of cluster cidr`",
        help: "create a new cluster with this configuration. To convert a running IPv4 cluster to dual-stack, keep IPv4 as the primary IP family",
        example: ("", ""),
        sources: KEPT_PRIMARY_FAMILY,
    }
    .built_in(),
};

pub(in crate::rules) const ORDER: Rule = Rule { meta: &ORDER_META, check: Check::Changes(order) };

fn order(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.flips() {
        return;
    }
    for (object, field) in that_may_run(cx, &[FieldKind::ServiceRange]) {
        if cx.changes.iter().any(|change| change.is_of(object.key(), field.kind)) {
            let diagnostic = cx.at_field(&ORDER_META, field).label(&field.name);
            let message = match cx.first {
                Some(first) => format!("the primary IP family changes from {first} to {}", cx.primary()),
                None => format!("the primary IP family changes to {}", cx.primary()),
            };
            diagnostics.push(diagnostic.message(message));
            return; // once for the cluster
        }
    }
}
