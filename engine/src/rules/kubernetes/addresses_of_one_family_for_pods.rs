//! The annotations with which pods, or all pods of a namespace, select their addresses.

use crate::address::{Family, family, family_of};
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, IPAM_ANNOTATIONS, ObjectKind, ipam_annotations};
use crate::model::pool::PoolSource;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component, Gate, Window};
use crate::yaml::embedded::Embedded;
use crate::yaml::{Kind, NodeId};
use ipnet::IpNet;
use std::net::IpAddr;

const NO_FAMILIES: Gate = Gate {
    component: Component::Calico,
    what: "Calico ignores the annotation cni.projectcalico.org/ipFamilies",
    windows: &[Window::before(3, 30, 0)],
};

const META: Metadata = Metadata {
    id: "POD-POOL-ANNOTATION",
    name: "addresses-of-one-family-for-pods",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_FAMILIES],
    texts: Texts {
        finds: "an annotation selects addresses of pods for one IP family only, or in a form that Calico cannot read",
        consequence: "ipv4pools and ipv6pools limit one IP family each: the pod gets its other address from any pool. ipAddrs with one address gives the pod that address alone. A value that Calico cannot read keeps every pod with the annotation from starting",
        help: "set the annotation for both IP families, each as a JSON list; ignore this if the pods are single-stack on purpose",
        example: (
            "cni.projectcalico.org/ipv4pools: '[\"db-ipv4\"]'",
            "cni.projectcalico.org/ipv4pools: '[\"db-ipv4\"]'\ncni.projectcalico.org/ipv6pools: '[\"db-ipv6\"]'",
        ),
        sources: &[
            upstream::CALICO.file("cni-plugin/pkg/k8s/k8s.go").symbol("ipv4pools").line(220),
            upstream::CALICO.file("cni-plugin/pkg/k8s/k8s.go").symbol("error parsing ipFamilies").line(286),
            upstream::CALICO.file("cni-plugin/internal/pkg/utils/utils.go").symbol("ResolvePools").line(808),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// An annotation whose value is a JSON list of texts.
struct Annotation<'a> {
    key: &'static str,
    node: NodeId,
    /// `None` if it is not such a list.
    items: Option<Vec<String>>,
    object: &'a ConfigObject<'a>,
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::IpamAnnotations) {
        let [ipv4_pools, ipv6_pools, addresses, families] = IPAM_ANNOTATIONS.map(|key| read(object, key));
        // What Calico ignores cannot be wrong.
        let read_families = families.as_ref().filter(|_| !NO_FAMILIES.holds(cx.cluster.calico));
        for one in [ipv4_pools.as_ref(), ipv6_pools.as_ref(), addresses.as_ref(), read_families] {
            if let Some(one) = one.filter(|one| one.items.is_none()) {
                let message = format!("{} of {} is not a JSON list of strings", one.key, object.title());
                diagnostics.push(
                    at(cx, one)
                        .message(message)
                        .consequence(FAILS)
                        .help("write a JSON list, such as '[\"a\"]'"),
                );
            }
        }
        pools(cx, ipv4_pools.as_ref(), Family::Ipv4, diagnostics);
        pools(cx, ipv6_pools.as_ref(), Family::Ipv6, diagnostics);
        let is_one_family =
            families.as_ref().and_then(|one| one.items.as_ref()).is_some_and(|list| list.len() == 1);
        if cx.is_dual() && !is_one_family {
            one_list(cx, ipv4_pools.as_ref(), ipv6_pools.as_ref(), diagnostics);
            diagnostics.extend(addresses.as_ref().and_then(|one| one_address(cx, one)));
        }
        for one in [ipv4_pools.as_ref(), ipv6_pools.as_ref(), addresses.as_ref()] {
            diagnostics.extend(one.and_then(|one| of_family_left(cx, one)));
        }
        diagnostics.extend(families.as_ref().and_then(|one| names(cx, one)));
    }
}

const FAILS: &str =
    "every pod with this annotation stays in ContainerCreating: the CNI plugin returns an error";

fn read<'a>(object: &'a ConfigObject<'a>, key: &'static str) -> Option<Annotation<'a>> {
    let tree = object.tree();
    let node = tree.get(ipam_annotations(object)?, key)?;
    // An empty value counts as no annotation.
    tree.scalar(node).filter(|text| !text.is_empty())?;
    let list = Embedded::json(tree, node).ok().and_then(|json| {
        let root = json.tree.root().filter(|root| json.tree.kind(*root) == Kind::Sequence)?;
        json.tree.items(root).map(|item| json.tree.string(item).map(str::to_owned)).collect()
    });
    Some(Annotation { key, node, items: list, object })
}

/// A diagnostic that stops no transform: the pods are not a part of the cluster's configuration.
fn at(cx: &Context<'_>, one: &Annotation<'_>) -> Diagnostic {
    cx.at(&META, one.object, one.node).stops(false)
}

/// Checks the pools of a list: names of pools, and CIDRs of the right IP family.
fn pools(cx: &Context<'_>, one: Option<&Annotation<'_>>, wanted: Family, diagnostics: &mut Diagnostics) {
    let Some((one, items)) = one.and_then(|one| Some((one, one.items.as_ref()?))) else { return };
    let known = || cx.cluster.lists.pools.iter().filter(|pool| pool.source != PoolSource::CalicoNode);
    for item in items {
        let title = one.object.title();
        let net = item.parse::<IpNet>().ok();
        let pool = known().find(|pool| net.is_none() && pool.name == *item);
        match net.or(pool.map(|pool| pool.net)) {
            Some(net) if family(net) != wanted => {
                let message = format!("{} of {title} names {net}, which is not {wanted}", one.key);
                let impact = format!("{FAILS}: `\"{}\" isn't a {wanted} address`", net.addr());
                let diagnostic = at(cx, one).message(message).consequence(impact);
                let help = format!("name pools of {wanted} only");
                diagnostics.push(diagnostic.help(help));
            }
            None if known().any(|pool| !pool.name.is_empty()) => {
                let message =
                    format!("{} of {title} names {item}, and these files have no such pool", one.key);
                let impact = format!(
                    "if the cluster has no pool of that name, the pod does not start: `error parsing pool \"{item}\"`"
                );
                let diagnostic = at(cx, one).severity(Severity::Warning).message(message);
                diagnostics.push(diagnostic.consequence(impact).help("write the name of an IPPool"));
            }
            _ => {}
        }
    }
}

fn one_list(
    cx: &Context<'_>,
    ipv4: Option<&Annotation<'_>>,
    ipv6: Option<&Annotation<'_>>,
    diagnostics: &mut Diagnostics,
) {
    let (one, other) = match (ipv4, ipv6) {
        (Some(one), None) if one.items.is_some() => (one, Family::Ipv6),
        (None, Some(one)) if one.items.is_some() => (one, Family::Ipv4),
        _ => return,
    };
    let [ipv4_key, ipv6_key, ..] = IPAM_ANNOTATIONS;
    let missing = if other == Family::Ipv6 { ipv6_key } else { ipv4_key };
    let message = format!("{} has {}, but not {missing}", one.object.title(), one.key);
    diagnostics.push(
        at(cx, one)
            .severity(Severity::Warning)
            .message(message)
            .consequence(format!("the pods get their {other} address from any pool"))
            .help(format!("add {missing}; ignore this if any {other} pool is right for the pods")),
    );
}

fn one_address(cx: &Context<'_>, one: &Annotation<'_>) -> Option<Diagnostic> {
    let items: Vec<IpAddr> = one.items.as_ref()?.iter().filter_map(|item| item.parse().ok()).collect();
    let first = items.first()?;
    let missing = family_of(*first).other();
    if items.iter().any(|address| family_of(*address) == missing) {
        return None;
    }
    let message = format!("{} of {} has no {missing} address", one.key, one.object.title());
    Some(
        at(cx, one)
            .severity(Severity::Warning)
            .message(message)
            .consequence(format!("the pod gets {first} and no {missing} address"))
            .help(format!("add an {missing} address; ignore this if the pod is single-stack on purpose")),
    )
}

/// Reports pools and addresses of an IP family that the cluster does not have.
fn of_family_left(cx: &Context<'_>, one: &Annotation<'_>) -> Option<Diagnostic> {
    let [own] = cx.families()[..] else { return None };
    let left = own.other();
    let items = one.items.as_ref().filter(|items| !items.is_empty())?;
    let [ipv4_key, ipv6_key, addresses_key, _] = IPAM_ANNOTATIONS;
    let title = one.object.title();
    if one.key == addresses_key {
        let all = items.iter().all(|item| item.parse().is_ok_and(|address| family_of(address) == left));
        let message = format!("{} of {title} requests {left} addresses only", one.key);
        let impact = format!(
            "no pool has these addresses: the pod stays in ContainerCreating, or starts without an {own} address"
        );
        let help = format!("request an {own} address, or remove the annotation");
        return all.then(|| at(cx, one).message(message).consequence(impact).help(help));
    }
    let is_left = one.key == if left == Family::Ipv4 { ipv4_key } else { ipv6_key };
    let message = format!("{} of {title} selects pools of {left}, which the cluster does not have", one.key);
    let impact = "a name of a pool that does not exist keeps the pod from starting, although no address of that IP family is assigned: `error parsing pool`";
    is_left.then(|| {
        let diagnostic = at(cx, one).severity(Severity::Warning).message(message).consequence(impact);
        diagnostic.help("remove the annotation, and select pools of the IP family of the cluster")
    })
}

/// Checks `ipFamilies`.
fn names(cx: &Context<'_>, one: &Annotation<'_>) -> Option<Diagnostic> {
    let items = one.items.as_ref()?;
    let title = one.object.title();
    if NO_FAMILIES.holds(cx.cluster.calico) {
        let message = format!("Calico before 3.30 ignores {} of {title}", one.key);
        let diagnostic = at(cx, one).severity(Severity::Warning).message(message);
        let impact = "the pods get addresses of all IP families that the CNI configuration has";
        return Some(diagnostic.consequence(impact).help("upgrade to Calico 3.30 or later"));
    }
    if items.is_empty() {
        let message = format!("{} of {title} is an empty list", one.key);
        let diagnostic =
            at(cx, one).message(message).consequence("the pods get no address, and do not start");
        return Some(diagnostic.help("name IPv4, IPv6 or both, or remove the annotation"));
    }
    let wrong = items.iter().find(|item| !matches!(item.as_str(), "IPv4" | "IPv6"))?;
    let message = format!("{} of {title} contains `{wrong}`", one.key);
    let diagnostic = at(cx, one).message(message).consequence(format!("{FAILS}: `error parsing ipFamilies`"));
    Some(diagnostic.help("write exactly IPv4 or IPv6"))
}
