use super::advertise_scope::refused;
use crate::address::{Family, family_of};
use crate::diagnostic::upstream;
use crate::model::facts::endpoint_slices::{is_managed, slice_of};
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "EPS-FAMILY",
    name: "endpoint-slice-of-other-family",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "addresses of an EndpointSlice do not fit its addressType, or its Service needs a slice of the other IP family too",
        consequence: "the API server refuses the slice (1.33 and later: `must be an IPv4 address`; before: `must be a valid IPv4 address`); from 1.22 on it also refuses loopback and link-local addresses. A slice has one addressType, so a dual-stack Service without a selector needs a slice for each IP family: clients of the other IP family get no answer",
        help: "write one EndpointSlice for each IP family, with the addresses of that IP family",
        example: ("addressType: IPv4\nendpoints:\n- addresses:\n  - \"2001:db8:1::20\"", "addressType: IPv6\nendpoints:\n- addresses:\n  - \"2001:db8:1::20\""),
        sources: &[
            upstream::KUBERNETES.file("pkg/apis/discovery/validation/validation.go").line(120),
            upstream::KUBERNETES
                .file("pkg/apis/core/validation/validation.go")
                .symbol("ValidateEndpointIP")
                .line(8760),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let mut reported = Vec::new();
    for (_, object) in cx.config.objects_of(ObjectKind::EndpointSlice) {
        // A controller of the cluster wrote it, and writes it again.
        if is_managed(object) {
            continue;
        }
        addresses(cx, object, diagnostics);
        let Some((owner, family)) = slice_of(object) else { continue };
        let lists = &cx.cluster.lists;
        let other = (owner.clone(), family.other());
        let has_other = || lists.slices.iter().any(|slice| *slice == other);
        let node = ["addressType", "subsets"].iter().find_map(|key| object.tree().get(object.root, key));
        let place = node.unwrap_or(object.root);
        if !cx.families().contains(&family) && !reported.contains(&owner) && !has_other() {
            let wanted = family.other();
            let message = format!("{} has {family} addresses only", object.resource.title());
            diagnostics.push(
                cx.at(&META, object, place)
                    .severity(Severity::Warning)
                    .message(message)
                    .consequence(format!("the Service {} has {wanted} cluster IPs only, and no endpoints for them: clients cannot connect", owner.name))
                    .help(format!("add an EndpointSlice with addressType: {wanted}; the addressType of a slice cannot be changed")),
            );
            reported.push(owner);
            continue;
        }
        let mut services = lists.dual_stack_services.iter();
        let service = services.find(|service| service.owner == owner).filter(|_| cx.is_dual());
        let Some(service) = service.filter(|_| !reported.contains(&owner) && !has_other()) else { continue };
        let message = format!(
            "the dual-stack Service {} has no selector and no {} EndpointSlice",
            owner.name,
            family.other()
        );
        diagnostics.push(
            cx.at(&META, object, place)
                .severity(Severity::Warning)
                .message(message)
                .consequence(format!(
                    "its {} cluster IP has no endpoints: clients that use it cannot connect",
                    family.other()
                ))
                .help(format!("add an EndpointSlice with addressType: {}", family.other()))
                .related(service.place.clone(), "requests both IP families"),
        );
        reported.push(owner);
    }
}

/// Reports addresses that the API server refuses in the slice.
fn addresses(cx: &Context<'_>, object: &ConfigObject<'_>, diagnostics: &mut Diagnostics) {
    let tree = object.tree();
    let wanted = match object.text(&["addressType"]) {
        Some("IPv4") => Family::Ipv4,
        Some("IPv6") => Family::Ipv6,
        _ => return,
    };
    let endpoints = tree.get(object.root, "endpoints").into_iter().flat_map(|list| tree.items(list));
    let lists = endpoints.filter_map(|endpoint| tree.get(endpoint, "addresses"));
    for node in lists.flat_map(|list| tree.items(list)) {
        let Some(text) = tree.scalar(node) else { continue };
        let Ok(address) = text.parse::<IpAddr>() else { continue };
        let title = object.resource.title();
        let (message, error) = if family_of(address) != wanted {
            let own = family_of(address);
            let message = format!("{title} has addressType {wanted}, but {text} is an {own} address");
            let what = if cx.before(1, 33) { "a valid" } else { "an" };
            (message, format!("must be {what} {wanted} address"))
        } else if let Some((what, error)) = refused(address) {
            (format!("{title} has the {what} address {text}"), error.to_owned())
        } else {
            continue;
        };
        let consequence = format!("the API server refuses the slice: `Invalid value: \"{text}\": {error}`");
        diagnostics.push(cx.at(&META, object, node).message(message).consequence(consequence).stops(false));
    }
}
