//! Services of type LoadBalancer that ask for two families, and get or name one address.

use super::security::source_ranges::future_families;
use super::services::{Service, families, services};
use crate::address::{Family, family_of, is_ipv6_address};
use crate::diagnostic::upstream;
use crate::model::facts::settings::is_load_balancer;
use crate::model::fields::{ConfigObject, FieldKind};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::NodeId;

const PIN_META: Metadata = Metadata {
    id: "SVC-LB-PIN",
    name: "dual-stack-load-balancer-with-one-fixed-address",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a Service of type LoadBalancer requests two IP families and one fixed address",
        consequence: "MetalLB (0.12 and later) gives a new Service no address, also with PreferDualStack: `Failed to allocate IP for \"ns/name\": requested loadBalancer IP(s) [\"192.0.2.10\"] does not match the ipFamily of the service`. A running Service with PreferDualStack keeps its address (0.14.9 and later) only until MetalLB adds a second one",
        help: "write an address of each IP family into the annotation metallb.io/loadBalancerIPs (before 0.14.9: metallb.universe.tf/loadBalancerIPs) and remove spec.loadBalancerIP, or make the Service single-stack",
        example: (
            "metallb.io/loadBalancerIPs: 192.0.2.10",
            "metallb.io/loadBalancerIPs: 192.0.2.10,2001:db8:1::10",
        ),
        sources: &[
            upstream::METALLB.file("controller/service.go").symbol("allocateIPs").line(273),
            upstream::METALLB.file("controller/service.go").symbol("AdditionalAssignFailed").line(160),
        ],
    }
    .built_in(),
};

/// Not reported upstream as far as is known, and still so in the newest release.
const KEEPS_ONE: Gate = Gate {
    component: Component::Calico,
    what: "kube-controllers adds no IPv6 address to a Service that has an IPv4 address already",
    windows: &[Window { from: Version::new(3, 30, 0), until: None }],
};

const CALICO_META: Metadata = Metadata {
    id: "SVC-LB-CALICO",
    name: "second-load-balancer-address-not-assigned",
    kind: RuleKind::Migration,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[KEEPS_ONE],
    texts: Texts {
        finds: "a Service becomes dual-stack, and Calico assigns the addresses of its load balancers",
        consequence: "if the Service already has an IPv4 address, Calico takes it for both IP families and assigns no IPv6 address. A new Service gets both",
        help: "name its address and one of the other IP family in the annotation projectcalico.org/loadBalancerIPs; or delete the Service and create it again: it then gets new addresses",
        example: ("", ""),
        sources: &[
            upstream::CALICO
                .file("kube-controllers/pkg/controllers/loadbalancer/loadbalancer_controller.go")
                .symbol("To16")
                .line(750),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const PIN: Rule = Rule { meta: &PIN_META, check: Check::Text(pin) };
pub(in crate::rules) const CALICO: Rule = Rule { meta: &CALICO_META, check: Check::Changes(becomes_dual) };
pub(in crate::rules) const CALICO_PIN: Rule = Rule { meta: &CALICO_META, check: Check::Text(calico_pin) };

const CALICO_PINS: &str = "projectcalico.org/loadBalancerIPs";

/// The node that fixes one or more addresses, with their only family.
fn fixed(service: Service<'_, '_>, keys: &[&str]) -> Option<(NodeId, Family)> {
    let (object, _) = service;
    let node = object.tree().at(object.root, keys)?;
    let text = object.tree().scalar(node)?;
    let all = crate::host::addresses(text, crate::host::Form::Addresses);
    let first = family_of(*all.first()?);
    all.iter().all(|address| family_of(*address) == first).then_some((node, first))
}

/// The Services of type LoadBalancer that request both families.
fn dual_stack<'a, 'd>(cx: &'a Context<'d>) -> impl Iterator<Item = Service<'a, 'd>> {
    services(cx).filter(|(object, spec)| {
        let is_both = || {
            families(object.tree(), *spec).len() == 2 || future_families(cx, object, *spec, false).len() == 2
        };
        cx.is_dual() && is_load_balancer(object) && is_both()
    })
}

/// A diagnostic at a fixed address, with the place that requests two families.
fn at_pin(cx: &Context<'_>, meta: &'static Metadata, service: Service<'_, '_>, node: NodeId) -> Diagnostic {
    let (object, spec) = service;
    let tree = object.tree();
    let families = tree.get(spec, "ipFamilyPolicy").or_else(|| tree.get(spec, "ipFamilies"));
    let diagnostic = cx.at(meta, object, node);
    match families {
        Some(families) => {
            diagnostic.related(cx.documents.place(object.start(families)), "requests both IP families")
        }
        None => diagnostic,
    }
}

fn pin(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for service in dual_stack(cx) {
        let annotations = ["metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs"];
        let by_annotation =
            annotations.iter().find_map(|name| fixed(service, &["metadata", "annotations", name]));
        let found = by_annotation.or_else(|| fixed(service, &["spec", "loadBalancerIP"]));
        let Some((node, family)) = found else { continue };
        let title = service.0.resource.title();
        let message = format!("{title} requests both IP families, but its fixed address is {family} only");
        let diagnostic = at_pin(cx, &PIN_META, service, node).message(message);
        let is_metallb = by_annotation.is_some() || cx.cluster.settings.has_metallb;
        diagnostics.push(if is_metallb {
            // The Service asked for both before.
            diagnostic.stops(false)
        } else {
            diagnostic.severity(Severity::Warning).consequence(
                "cannot tell from these files which implementation assigns the address: MetalLB gives the Service none (`does not match the ipFamily of the service`), others assign only the fixed one",
            )
        });
    }
}

/// Whether Calico is older than its addresses for load balancers.
fn is_older(cx: &Context<'_>) -> bool {
    KEEPS_ONE.applies(cx.cluster.calico) == Some(false)
}

/// Whether the address that a Service has or gets is an IPv6 one: Calico then adds an IPv4 address.
fn has_ipv6_address(object: &ConfigObject<'_>, spec: NodeId) -> bool {
    let tree = object.tree();
    let assigned = tree.at(object.root, &["status", "loadBalancer", "ingress"]);
    let mut assigned = assigned.into_iter().flat_map(|list| tree.items(list));
    let is_ipv6 = |item| tree.scalar(tree.get(item, "ip")?).map(is_ipv6_address);
    families(tree, spec) == ["IPv6"] || assigned.any(|item| is_ipv6(item) == Some(true))
}

fn becomes_dual(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(pool) = &cx.cluster.settings.calico_load_balancer_pool else { return };
    if is_older(cx) {
        return;
    }
    for (object, spec) in services(cx).filter(|(object, _)| is_load_balancer(object)) {
        if has_ipv6_address(object, spec) {
            continue;
        }
        let gets_both = |change: &&&crate::rules::Change| {
            change.is_of(object.key(), FieldKind::IpFamilyPolicy)
                && change.description.as_ref().is_some_and(|d| d.to.as_deref() == Some("PreferDualStack"))
        };
        if cx.changes.iter().find(gets_both).is_some() {
            let message = format!(
                "{} becomes dual-stack: if it exists already, Calico assigns it no IPv6 address",
                object.resource.title()
            );
            let diagnostic = cx.at_kind(&CALICO_META, object).message(message);
            diagnostics.push(diagnostic.related(pool.clone(), "Calico assigns addresses from this pool"));
        }
    }
}

fn calico_pin(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if is_older(cx) {
        return;
    }
    for service in dual_stack(cx) {
        let Some((node, family)) = fixed(service, &["metadata", "annotations", CALICO_PINS]) else {
            continue;
        };
        let title = service.0.resource.title();
        let message = format!("{title} requests both IP families, but its fixed address is {family} only");
        diagnostics.push(
            at_pin(cx, &CALICO_META, service, node)
                .message(message)
                .consequence("Calico assigns only the addresses of the annotation: the Service is not reachable over the other IP family")
                .help(format!("add an address of the other IP family to {CALICO_PINS}, separated by a comma")),
        );
    }
}
