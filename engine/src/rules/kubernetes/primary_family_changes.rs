use super::LintContext;
use super::range_replaced::that_may_run;
use crate::model::fields::FieldKind;
use crate::rules::{Change, Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};

const ORDER_META: Metadata = Metadata {
    id: "K8S-ORDER-CHANGED",
    name: "first-family-changes",
    kind: RuleKind::Migration,
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

pub(in crate::rules) const ORDER: Rule = Rule { meta: &ORDER_META, check: Check::Change(order) };

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
