//! Address pools for Services of type LoadBalancer.

use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::facts::stated::{About, nets};
use crate::model::fields::{ConfigObject, Field, FieldKind, ObjectKind};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use ipnet::IpNet;
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "LB-POOL",
    name: "load-balancer-pool-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a pool of load balancer addresses has addresses of one IP family only",
        consequence: "a dual-stack Service of type LoadBalancer gets no address of the other IP family; with MetalLB 0.12 to 0.14.8 a Service that becomes dual-stack loses its address, and with RequireDualStack it gets none in later releases either",
        help: "add addresses of the other IP family to the same pool; ignore this if the Services that use the pool stay single-stack",
        example: (
            "addresses:\n- 192.0.2.240-192.0.2.250",
            "addresses:\n- 192.0.2.240-192.0.2.250\n- 2001:db8:1::240-2001:db8:1::250",
        ),
        sources: &[
            upstream::METALLB.file("controller/service.go").line(94).at("v0.14.5"),
            upstream::METALLB.file("internal/allocator/allocation.go").line(78),
            upstream::METALLB.issue(1339),
            upstream::METALLB.issue(2482),
            upstream::METALLB.issue(1156),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (index, object) in cx.config.objects.iter().enumerate() {
        let own = || cx.config.fields_of_object(index).filter(|f| f.kind == FieldKind::LoadBalancerRange);
        let Some(first) = own().next() else { continue };
        let all: Vec<IpNet> = own().flat_map(|field| field.text.split(',').flat_map(nets)).collect();
        let Some(missing) = missing(cx, object, &all) else { continue };
        let has = missing.other();
        let message = format!("{} has {has} addresses only, {} for example", name(object), first.text);
        let diagnostic = cx.at_field(&META, first).message(message).label(format!("no {missing} address"));
        diagnostics.push(judge(cx, object, first, diagnostic, missing));
    }
    peers(cx, diagnostics);
    announced(cx, diagnostics);
}

/// Returns the name of a pool for messages; one ConfigMap may contain several pools.
fn name(object: &ConfigObject<'_>) -> String {
    match object.text(&["name"]).filter(|_| object.resource.kind == "ConfigMap") {
        Some(name) => format!("the pool {name}"),
        None => object.resource.title(),
    }
}

/// Returns the target family that no address of the pool has.
fn missing(cx: &Context<'_>, object: &ConfigObject<'_>, all: &[IpNet]) -> Option<Family> {
    let missing = cx.missing(all).filter(|_| !all.is_empty())?;
    // Only MetalLB allocates both addresses of a Service from one pool. Pools of one family each are correct if every Service
    // is single-stack.
    let is_one_pool = cx.is_dual()
        && object.kind == ObjectKind::LoadBalancerPool
        && object.resource.kind != "CiliumLoadBalancerIPPool";
    let mut others = cx.cluster.lists.stated.iter().filter(|value| value.about == About::LoadBalancers);
    let is_elsewhere = others.any(|value| family(value.net) == missing);
    (is_one_pool || !is_elsewhere).then_some(missing)
}

fn judge(
    cx: &Context<'_>,
    object: &ConfigObject<'_>,
    field: &Field,
    diagnostic: Diagnostic,
    missing: Family,
) -> Diagnostic {
    let settings = &cx.cluster.settings;
    let diagnostic = diagnostic.severity(Severity::Warning);
    if !cx.is_dual() {
        return diagnostic
            .consequence(format!(
                "Services of type LoadBalancer get no {missing} address, so clients outside cannot reach them"
            ))
            .help(format!("add {missing} addresses"));
    }
    if object.kind == ObjectKind::IpPool {
        return diagnostic
            .consequence(format!("Services of type LoadBalancer get no {missing} address from Calico"))
            .help(format!("add an IPPool with an {missing} CIDR and allowedUses: [LoadBalancer]"));
    }
    let service = settings.dual_stack_service.as_ref().or(settings.default_service.as_ref());
    match service {
        // MetalLB reads its ConfigMap up to 0.12 only.
        Some(service) if object.resource.kind == "ConfigMap" && object.resource.name != "kubevip" => {
            let message = format!("{}, but {service} has or gets both IP families", diagnostic.message);
            diagnostic.message(message).severity(Severity::Error).stops(false).consequence(format!(
                "MetalLB 0.12 removes the address of {service} when the Service becomes dual-stack, and then finds no other address: `no available IPs`; earlier releases ignore the second IP family"
            ))
        }
        Some(service) => {
            let message = format!("{}, but {service} has or gets both IP families", diagnostic.message);
            diagnostic.message(message)
        }
        None if settings.has_load_balancer => diagnostic.severity(Severity::Info).label(&field.name),
        None => diagnostic,
    }
}

/// Reports MetalLB peers of one IP family.
fn peers(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let address = |object: &ConfigObject<'_>| object.text(&["spec", "peerAddress"])?.parse::<IpAddr>().ok();
    let all: Vec<IpNet> = cx
        .config
        .objects_of(ObjectKind::LoadBalancerPeer)
        .filter_map(|(_, object)| address(object).map(IpNet::from))
        .collect();
    let Some(missing) = cx.missing(&all).filter(|_| !all.is_empty()) else { return };
    for (_, object) in cx.config.objects_of(ObjectKind::LoadBalancerPeer) {
        let tree = object.tree();
        let Some(node) = tree.at(object.root, &["spec", "peerAddress"]) else { continue };
        let Some(address) = address(object) else { continue };
        // Such a session carries the routes of both IP families.
        if object.text(&["spec", "dualStackAddressFamily"]) == Some("true") {
            continue;
        }
        let message = format!("MetalLB peers with {address}, but with no {missing} address");
        diagnostics.push(
            cx.at(&META, object, node)
                .message(message)
                .severity(Severity::Warning)
                .consequence(format!(
                    "cannot tell from these files whether {missing} addresses of Services are announced over this session"
                ))
                .help(format!("add a BGPPeer with an {missing} peerAddress, or check that the router accepts both IP families over one session")),
        );
    }
}

/// Reports load balancer and external CIDRs of one IP family that Calico announces by BGP.
fn announced(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::BgpConfiguration) {
        let tree = object.tree();
        for key in ["serviceLoadBalancerIPs", "serviceExternalIPs"] {
            let Some(list) = tree.at(object.root, &["spec", key]) else { continue };
            let cidr = |item| tree.scalar(tree.get(item, "cidr")?);
            let all: Vec<IpNet> = tree.items(list).filter_map(cidr).flat_map(nets).collect();
            let Some(missing) = cx.missing(&all).filter(|_| !all.is_empty()) else { continue };
            let message = format!("{key} has no {missing} CIDR");
            diagnostics.push(
                cx.at(&META, object, list)
                    .message(message)
                    .severity(Severity::Warning)
                    .consequence(format!(
                        "Calico announces no {missing} address of these Services to its BGP peers"
                    ))
                    .help(format!("add the {missing} CIDR; ignore this if these Services stay single-stack")),
            );
        }
    }
}
