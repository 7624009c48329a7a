//! IP families and cluster IPs of a Service that the API server refuses, whatever the stack is.

use super::advertise_scope;
use super::change::{ChangeText, change};
use super::services::{DUAL_STACK_POLICY, FAMILY_META, NO_POLICY, entry, families, services};
use crate::address::{family, family_of};
use crate::model::facts::stated::About;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::{Change, Context, Diagnostic, Diagnostics, Fix};
use crate::target::RangeOf;
use crate::yaml::write::{Op, Value};
use crate::yaml::{Kind, NodeId};
use std::net::IpAddr;

const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];
const POLICIES: [&str; 3] = ["SingleStack", "PreferDualStack", "RequireDualStack"];

pub(super) fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.holds(&NO_POLICY) {
        return;
    }
    for (object, spec) in services(cx) {
        let found = [
            words(cx, object, spec),
            policy(cx, object, spec),
            addresses(cx, object, spec),
            external(cx, object, spec),
        ];
        diagnostics.extend(found.into_iter().flatten());
    }
    // Another rule moves the other addresses of cluster DNS.
    for (_, object) in cx.config.objects_of(ObjectKind::DnsService) {
        let address = object.text(&["spec", "clusterIP"]).and_then(|text| text.parse().ok());
        let stays = address.map(family_of) == Some(cx.primary())
            && cx.target.range(RangeOf::Services, cx.primary()).is_none();
        let spec = object.tree().get(object.root, "spec").filter(|_| stays);
        diagnostics.extend(spec.and_then(|spec| addresses(cx, object, spec)));
    }
}

fn refused(cx: &Context<'_>, object: &ConfigObject<'_>, node: NodeId, message: String) -> Diagnostic {
    cx.at(&FAMILY_META, object, node)
        .message(message)
        .stops(false)
        .consequence("the API server refuses the Service")
        .help("correct the value")
}

/// The known word that differs in case only.
fn known<'w>(words: &[&'w str], text: &str) -> Option<&'w str> {
    words.iter().copied().find(|word| word.eq_ignore_ascii_case(text))
}

fn set(object: &ConfigObject<'_>, node: NodeId, field: &str, from: &str, to: &str) -> Change {
    let why = "the API server compares the case";
    let text = ChangeText { field, from: Some(from), to: Some(to), why };
    change(object, node, Op::Set(Value::string(to)), text)
}

/// Words that are none of the API's.
fn words(cx: &Context<'_>, object: &ConfigObject<'_>, spec: NodeId) -> Option<Diagnostic> {
    let tree = object.tree();
    let misspelt = |node: NodeId, field: &str, words: &[&str]| {
        let text = tree.scalar(node).filter(|text| !words.contains(text) && !text.contains(['{', '$']))?;
        let message = format!("{field} is {text}: the API server knows {} only", words.join(", "));
        let found = refused(cx, object, node, message);
        Some(match known(words, text) {
            Some(word) => found.fix(Fix::new(vec![set(object, node, field, text, word)])),
            None => found,
        })
    };
    let policy = tree.get(spec, "ipFamilyPolicy");
    if let Some(found) = policy.and_then(|node| misspelt(node, "ipFamilyPolicy", &POLICIES)) {
        return Some(found);
    }
    let list = tree.get(spec, "ipFamilies")?;
    if matches!(tree.kind(list), Kind::Scalar(_))
        && tree
            .scalar(list)
            .is_some_and(|text| text.split(',').all(|part| known(&FAMILIES, part.trim()).is_some()))
    {
        return Some(refused(cx, object, list, "ipFamilies is not a list".to_owned()));
    }
    let items: Vec<NodeId> = tree.items(list).collect();
    if let Some(found) = items.iter().find_map(|item| misspelt(*item, "ipFamilies", &FAMILIES)) {
        return Some(found);
    }
    let text = |node: NodeId| tree.scalar(node);
    let twice = items
        .iter()
        .enumerate()
        .find(|(i, item)| items[..*i].iter().any(|other| text(*other) == text(**item)));
    let (_, item) = twice?;
    Some(refused(cx, object, *item, format!("ipFamilies lists {} twice", text(*item).unwrap_or_default())))
}

/// Two IP families without a policy that allows them.
fn policy(cx: &Context<'_>, object: &ConfigObject<'_>, spec: NodeId) -> Option<Diagnostic> {
    let tree = object.tree();
    let list = tree.get(spec, "ipFamilies")?;
    let policy = tree.get(spec, "ipFamilyPolicy");
    let own = policy.and_then(|node| tree.scalar(node));
    if !cx.is_dual() || tree.items(list).count() != 2 || !matches!(own, None | Some("SingleStack")) {
        return None;
    }
    let why = "two IP families need it";
    let (field, value) = ("ipFamilyPolicy", DUAL_STACK_POLICY);
    let fix = match policy {
        Some(node) => {
            let text = ChangeText { field, from: own, to: Some(value), why };
            change(object, node, Op::Set(Value::string(value)), text)
        }
        None => entry(object, spec, field, Value::string(value), value, why),
    };
    let message = "ipFamilies has two IP families, and ipFamilyPolicy does not allow them".to_owned();
    let found = refused(cx, object, policy.unwrap_or(list), message);
    Some(found.consequence("the API server refuses the Service: `must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`").fix(Fix::new(vec![fix])))
}

/// External IPs that are for one host or one link.
fn external(cx: &Context<'_>, object: &ConfigObject<'_>, spec: NodeId) -> Option<Diagnostic> {
    let tree = object.tree();
    tree.items(tree.get(spec, "externalIPs")?).find_map(|node| {
        let text = tree.scalar(node)?;
        let (what, error) = advertise_scope::refused(text.parse().ok()?)?;
        let found = refused(cx, object, node, format!("the external IP {text} is a {what} address"));
        Some(found.consequence(format!("the API server refuses the Service: `{error}`")))
    })
}

/// Cluster IPs that contradict each other, the families, or the service CIDRs.
fn addresses(cx: &Context<'_>, object: &ConfigObject<'_>, spec: NodeId) -> Option<Diagnostic> {
    let tree = object.tree();
    let address = |node: NodeId| tree.scalar(node)?.parse::<IpAddr>().ok();
    let list = tree.get(spec, "clusterIPs");
    let all: Vec<NodeId> = list.into_iter().flat_map(|list| tree.items(list)).collect();
    let single = tree.get(spec, "clusterIP").filter(|node| address(*node).is_some());
    let first = all.first().copied();
    if let (Some(one), Some(first)) = (single, first)
        && address(one) != address(first)
        && address(first).is_some()
    {
        let message =
            format!("clusterIP is {}, and clusterIPs begins with {}", tree.scalar(one)?, tree.scalar(first)?);
        return Some(refused(cx, object, one, message));
    }
    let of = |index: usize| all.get(index).and_then(|node| address(*node)).map(family_of);
    if let Some(further) = all.get(1).filter(|_| all.len() > 2 || (of(0).is_some() && of(0) == of(1))) {
        let message = "clusterIPs may have one address of each IP family".to_owned();
        return Some(refused(cx, object, *further, message));
    }
    let families = families(tree, spec);
    let nodes: Vec<NodeId> = if all.is_empty() { single.into_iter().collect() } else { all };
    for (index, node) in nodes.iter().enumerate() {
        let Some(own) = address(*node) else { continue };
        let wanted = families.get(index).and_then(|name| known(&FAMILIES, name));
        if let Some(wanted) = wanted.filter(|wanted| *wanted != family_of(own).to_string() && cx.is_dual()) {
            let message = format!("the cluster IP {own} is not {wanted}, as ipFamilies says");
            return Some(refused(cx, object, *node, message));
        }
        let stated = || {
            let services = cx.cluster.lists.stated.iter().filter(|value| value.about == About::Services);
            services.filter(move |value| family(value.net) == family_of(own))
        };
        let Some(other) = stated().next().filter(|_| !stated().any(|value| value.net.contains(&own))) else {
            continue;
        };
        // An option replaces the range.
        if cx.target.range(RangeOf::Services, family_of(own)).is_some_and(|net| net != other.net) {
            continue;
        }
        let message = format!("the cluster IP {own} is outside of the service CIDR {}", other.net);
        let found = refused(cx, object, *node, message)
            .related(other.place.clone(), format!("{}: {}", other.net, other.by))
            .consequence("the API server refuses the Service: `failed to allocate IP`, because the address does not match the range")
            .help("set an address of this range, or remove it: the API server allocates one");
        return Some(found);
    }
    None
}
