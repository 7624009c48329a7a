//! A running cluster of k3s or RKE2 that should get another IP family.

use crate::address::{Family, family};
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
        finds: "a running k3s or RKE2 cluster cannot get or lose an IP family",
        consequence: "k3s and RKE2 support dual-stack only if it is configured when the cluster is first created; their documentation states that it cannot be enabled on an existing cluster that was started as IPv4-only. On the way back, nodes keep two podCIDRs, and the controller manager exits on them",
        help: "create a new cluster with these files (--new-cluster) and move the workloads to it",
        example: ("", ""),
        sources: &[
            upstream::page(
                "k3s: basic network options, dual-stack",
                "https://docs.k3s.io/networking/basic-network-options",
            ),
            upstream::RKE2_DOCS.pull(415),
            upstream::RKE2.issue(5161),
            upstream::KUBERNETES.file("pkg/controller/nodeipam/ipam/range_allocator.go").line(303),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_running() {
        return;
    }
    let kinds = [FieldKind::ServiceRange, FieldKind::PodRange];
    for (index, object) in cx.config.objects_of(ObjectKind::K3s) {
        let fields = cx.config.fields_of_object(index).filter(|field| kinds.contains(&field.kind));
        let nets: Vec<_> =
            fields.filter_map(|field| Ranges::read(&field.text)).flat_map(|ranges| ranges.nets).collect();
        let loses = !cx.wants_ipv6() && nets.iter().any(|net| family(*net) == Family::Ipv6);
        if !loses && (!cx.wants_ipv6() || cx.missing(&nets).is_none()) {
            continue;
        }
        let message = format!("a running k3s or RKE2 cluster cannot become {}", cx.target.to);
        let diagnostic = cx.at(&META, object, object.root).message(message);
        diagnostics.push(if loses {
            diagnostic.consequence("nodes keep their IPv6 podCIDR; with IPv4 CIDRs only, the controller manager exits: `has an allocated cidr ... that does not exist in cluster cidrs configuration`")
        } else {
            diagnostic
        });
    }
}
