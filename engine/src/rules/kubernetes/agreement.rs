//! What several files, or several places of one, tell differently.

use super::LintContext;
use crate::address::family;
use crate::model::facts::stated::{About, StatedValue};
use crate::model::fields::{Field, ObjectKind};
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::source::{Place, position};
use crate::target::RangeOf;
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "K8S-RANGE-MISMATCH",
    name: "range-mismatch",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "two places state different ranges, or different addresses of cluster DNS",
    consequence: "the API server and the controller manager need the same service range, the controller manager and kube-proxy the same pod range: otherwise the same address is assigned twice, or traffic of pods is masqueraded; pods that ask another address than that of cluster DNS resolve no names",
    help: "check which one the cluster uses and set it in both files",
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
        for own in StatedValue::of(&cx.config, field, cx.documents) {
            // A family that goes away is nobody's concern.
            if !cx.families().contains(&family(own.net)) {
                continue;
            }
            // A range that was asked for takes the place of both.
            if is_replaced(cx, &own) {
                continue;
            }
            // A flag that is repeated has a rule of its own.
            let is_repeated = |other: &StatedValue| own_places(cx, field).contains(&other.place);
            // Of two places, the later one is reported, with the earlier one.
            let mut others =
                cx.facts.stated.iter().filter(|other| own.differs(other) && other.place < own.place);
            if let Some(other) = others
                .find(|other| must_agree(&own, other) && !is_repeated(other) && !states_both(cx, &own, other))
            {
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
                let diagnostic = cx.at_field(&META, field).message(message).label(&field.name);
                let diagnostic = diagnostic.related(place.clone(), format!("{there}: {}", other.by));
                let is_within = own.is_proxy != other.is_proxy && overlaps_proxy(&own, other);
                let severity = if is_within { Severity::Warning } else { Severity::Error };
                diagnostics.push(diagnostic.severity(severity));
                break;
            }
        }
    }
}

/// Whether the other place states this range, too: a list may have several ranges of a family.
fn states_both(cx: &LintContext<'_>, own: &StatedValue, other: &StatedValue) -> bool {
    let is_own = |one: &StatedValue| one.place == other.place && one.about == own.about && one.net == own.net;
    cx.facts.stated.iter().any(is_own)
}

/// The places of a flag that one command repeats.
fn own_places(cx: &LintContext<'_>, field: &Field) -> Vec<Place> {
    let same = cx.config.fields.iter().filter(|one| one.object == field.object && one.name == field.name);
    let range = |one: &Field| cx.config.objects[one.object].range(one.node).start;
    let place =
        |one| Place { file: cx.source.name.to_owned(), position: position(cx.source.text, range(one)) };
    same.map(place).collect()
}

/// Whether a fix of this run writes the range that was asked for in all places.
fn is_replaced(cx: &LintContext<'_>, own: &StatedValue) -> bool {
    let of = match own.about {
        About::Services => RangeOf::Services,
        About::Pods => RangeOf::Pods,
        About::Dns | About::Pool | About::Machines | About::LoadBalancers => return false,
    };
    cx.target.range(of, family(own.net)).is_some()
}

/// Whether kube-proxy takes a larger range for that of the pods: it works, and counts more than pods to it.
fn overlaps_proxy(own: &StatedValue, other: &StatedValue) -> bool {
    let (proxy, pods) = if own.is_proxy { (own, other) } else { (other, own) };
    proxy.net.contains(&pods.net)
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
