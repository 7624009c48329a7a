//! A running cluster of k3s or RKE2 that should get another IP family.

use crate::diagnostic::upstream;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{FieldKind, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "K3S-RUNNING",
    name: "dual-stack-for-running-k3s-cluster",
    kind: RuleKind::Migration,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a running k3s or RKE2 cluster cannot get another IP family",
        consequence: "k3s and RKE2 support dual-stack only if it is configured when the cluster is first created; their documentation states that it cannot be enabled on an existing cluster that was started as IPv4-only",
        help: "create a new cluster with these files (--new-cluster) and move the workloads to it",
        example: ("", ""),
        sources: &[
            upstream::page(
                "k3s: basic network options, dual-stack",
                "https://docs.k3s.io/networking/basic-network-options",
            ),
            upstream::RKE2_DOCS.pull(415),
            upstream::RKE2.issue(5161),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.wants_ipv6() || !cx.is_running() {
        return;
    }
    let kinds = [FieldKind::ServiceRange, FieldKind::PodRange];
    for (index, object) in cx.config.objects_of(ObjectKind::K3s) {
        let fields = cx.config.fields_of_object(index).filter(|field| kinds.contains(&field.kind));
        let nets: Vec<_> =
            fields.filter_map(|field| Ranges::read(&field.text)).flat_map(|ranges| ranges.nets).collect();
        if cx.missing(&nets).is_some() {
            let node = object.root;
            let what = if cx.is_dual() { "become dual-stack" } else { "become IPv6-only" };
            let message = format!("a running k3s or RKE2 cluster cannot {what}");
            diagnostics.push(cx.at(&META, object, node).message(message));
        }
    }
}
