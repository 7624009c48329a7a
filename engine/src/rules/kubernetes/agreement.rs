//! What several files, or several places of one, tell differently.

use super::LintContext;
use crate::address::family;
use crate::model::facts::stated::{About, StatedValue};
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "K8S-TOLD-TWICE",
    name: "range-told-differently",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "two places tell different ranges, or different addresses of cluster DNS",
    consequence: "API server and controller manager must know the same service range, controller manager and kube-proxy the same pods: else addresses are given away twice, or pods' traffic is masqueraded; pods that ask another address than that of cluster DNS resolve nothing",
    help: "see which of the two the cluster has, and write it in both",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &[
        "kubernetes/kubernetes: cmd/kubeadm/app/phases/controlplane/manifests.go",
        "kubernetes/kubernetes: issue 89610",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Objects(check) };

fn check(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if cx.facts.stated.len() < 2 {
        return;
    }
    for field in &cx.config.fields {
        for own in StatedValue::of(&cx.config, field, cx.source) {
            // A family that goes away is nobody's concern.
            if !cx.families().contains(&family(own.net)) {
                continue;
            }
            // Of two places, the later one is told, with the earlier one's name.
            let mut others =
                cx.facts.stated.iter().filter(|other| own.differs(other) && other.place < own.place);
            if let Some(other) = others.find(|other| must_agree(&own, other)) {
                let show = |told: &StatedValue| match told.about {
                    About::Dns => told.net.addr().to_string(),
                    _ => told.net.to_string(),
                };
                let what = match own.about {
                    About::Services => "the range of cluster IPs",
                    About::Dns => "the address of cluster DNS",
                    _ => "the range of pods",
                };
                let (here, there, place) = (show(&own), show(other), &other.place);
                let message = format!("{what} is {here} here, and {there} at {place} ({})", other.by);
                diagnostics.push(cx.at_field(&META, field).message(message).label(&field.name));
                break;
            }
        }
    }
}

/// Whether two that differ must agree. What kubelet tells pods must be cluster DNS, unless it is a cache on every node.
fn must_agree(own: &StatedValue, other: &StatedValue) -> bool {
    let is_service = |told: &StatedValue| told.kind == ObjectKind::DnsService;
    let is_cache = |told: &StatedValue| match told.net.addr() {
        IpAddr::V4(ipv4) => ipv4.is_link_local(),
        IpAddr::V6(_) => true,
    };
    own.about != About::Dns || (is_service(own) != is_service(other) && !is_cache(own) && !is_cache(other))
}
