//! Pools of the two IP families that are not for the same nodes or pods.

use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::calico_node::CalicoNode;
use crate::model::facts::defined_pool::{DefinedPool, SELECTORS, Selector};
use crate::model::facts::is_false;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::model::install::CalicoInstall;
use crate::model::installation::Installation;
use crate::model::pool::{Pool, PoolSource};
use crate::rules::change::{Near, at_env, at_object};
use crate::rules::operator::pool_changes;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};

const READS_BGP_EXPORT: Gate = Gate {
    component: Component::Calico,
    what: "calico-node reads CALICO_IPV4POOL_DISABLE_BGP_EXPORT and CALICO_IPV6POOL_DISABLE_BGP_EXPORT",
    windows: &[Window { from: Version::new(3, 24, 0), until: None }],
};

const META: Metadata = Metadata {
    id: "POOL-027",
    name: "default-pools-selected-differently",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[READS_BGP_EXPORT],
    texts: Texts {
        finds: "the IPv4 pools and the IPv6 pools are not for the same nodes or pods",
        consequence: "a pod on a node that the pools of only one IP family select gets no address at all: `no configured Calico pools for node node-1`",
        help: "set the same value for the pools of both IP families",
        example: ("- name: CALICO_IPV4POOL_NODE_SELECTOR\n  value: \"has(workers)\"", "- name: CALICO_IPV6POOL_NODE_SELECTOR\n  value: \"has(workers)\""),
        sources: &[
            upstream::CALICO
                .file("libcalico-go/lib/ipam/ipam.go")
                .symbol("no configured Calico pools for node")
                .line(398),
            upstream::CALICO
                .file("node/pkg/lifecycle/startup/startup.go")
                .symbol("CALICO_IPV6POOL_NODE_SELECTOR")
                .line(1015),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_dual() {
        return;
    }
    for (install, node) in cx.nodes_with_pools() {
        let is_off = |name| install.env_text(name) == Some("none");
        if !is_off("CALICO_IPV4POOL_CIDR") && !is_off("CALICO_IPV6POOL_CIDR") {
            let found = |selector| variables(install, node, selector);
            diagnostics.extend(SELECTORS.into_iter().filter_map(found));
        }
    }
    let of_installations = cx.cluster.lists.differing(PoolSource::Installation);
    for (_, installation) in cx.installations() {
        for (selector, pool, other) in of_installations.clone() {
            let own = installation.pools.iter().find(|own| is_at(cx, &installation.object, own, pool));
            let Some(own) = own else { continue };
            let diagnostic = found(&installation.object, own.node, selector, pool, other);
            diagnostics.push(match copy(installation, own, selector) {
                Some(fix) => diagnostic.fix(fix),
                None => diagnostic,
            });
        }
    }
    let of_objects = cx.cluster.lists.differing(PoolSource::Object);
    for (_, object) in cx.config.objects_of(ObjectKind::IpPool) {
        for (selector, pool, other) in of_objects.clone() {
            let own = Pool::of_object(object).filter(|own| is_at(cx, object, own, pool));
            diagnostics.extend(own.map(|own| found(object, own.node, selector, pool, other)));
        }
    }
}

/// The variables of calico-node for both pools.
fn variables(
    install: &CalicoInstall<'_>,
    node: &CalicoNode<'_, '_>,
    selector: Selector,
) -> Option<Diagnostic> {
    let names = selector.variables?;
    let is_flag = selector.default == "false";
    if is_flag && READS_BGP_EXPORT.applies(install.facts.calico) == Some(false) {
        return None;
    }
    let texts = names.map(|name| install.env_text(name));
    // A value from elsewhere is not known.
    if names.iter().zip(texts).any(|(name, text)| text.is_none() && node.env.get(name).is_some()) {
        return None;
    }
    let [ipv4, ipv6] = texts.map(|text| text.filter(|text| !text.is_empty()));
    let (own, other) = (ipv4.unwrap_or(selector.default), ipv6.unwrap_or(selector.default));
    if own == other || (is_flag && is_false(own) == is_false(other)) {
        return None;
    }
    let place = if ipv6.is_some() { names[1] } else { names[0] };
    let message = format!("the IPv4 pool of calico-node has {} {own}, the IPv6 pool {other}", selector.field);
    let diagnostic = judged(at_env(&META, node, place).message(message), selector, own, other);
    let why = "the same as for the IPv4 pool";
    let near = if is_flag {
        Near(&["CALICO_IPV4POOL_DISABLE_BGP_EXPORT"])
    } else {
        Near(&["CALICO_IPV4POOL_NODE_SELECTOR"])
    };
    let fix = ipv4.filter(|_| ipv6.is_none()).and_then(|own| install.set_env(names[1], own, &near, why));
    Some(match fix {
        Some(fix) => diagnostic.fix(fix),
        None => diagnostic,
    })
}

fn is_at(cx: &Context<'_>, object: &ConfigObject<'_>, own: &Pool, pool: &DefinedPool) -> bool {
    let cidr = own.cidr.as_ref().map(|cidr| cx.documents.place(object.start(cidr.node)));
    cidr.as_ref() == Some(&pool.place)
}

fn found(
    object: &ConfigObject<'_>,
    pool: NodeId,
    selector: Selector,
    own: &DefinedPool,
    other: &DefinedPool,
) -> Diagnostic {
    let tree = object.tree();
    let index = SELECTORS.iter().position(|one| *one == selector).unwrap_or_default();
    let (value, others) = (own.selector(index), other.selector(index));
    let node = tree.get(pool, selector.field).or_else(|| tree.get(pool, "cidr")).unwrap_or(pool);
    let message = format!(
        "the {} pool {} has {} {value}, and no {} pool has that",
        own.family(),
        own.net,
        selector.field,
        other.family()
    );
    let shown = if others.is_empty() { "none" } else { others };
    let diagnostic = at_object(&META, object, node)
        .message(message)
        .related(other.place.clone(), format!("the pool {} has {shown}", other.net));
    judged(diagnostic, selector, value, others)
}

fn judged(diagnostic: Diagnostic, selector: Selector, own: &str, other: &str) -> Diagnostic {
    let severity = if excludes(own, other) { Severity::Error } else { Severity::Warning };
    let diagnostic = diagnostic.severity(severity).stops(false);
    match selector.field {
        "disableBGPExport" => diagnostic
            .consequence("calico-node announces the pool of one IP family to BGP peers, and not that of the other"),
        "allowedUses" => diagnostic
            .consequence("the pools of the two IP families are not for the same uses: tunnels or load balancers use one of them only"),
        _ => diagnostic,
    }
}

/// Copies a field from the IPv4 pool to the IPv6 pool, if the Installation has one of each and the IPv6 pool lacks it.
fn copy(installation: &Installation<'_>, own: &Pool, selector: Selector) -> Option<Fix> {
    let tree = installation.tree();
    let of = |family| installation.pools.iter().filter(move |pool| pool.family() == Some(family));
    let (Some(ipv4), 1) = (of(Family::Ipv4).next(), of(Family::Ipv4).count()) else { return None };
    let (Some(ipv6), 1) = (of(Family::Ipv6).next(), of(Family::Ipv6).count()) else { return None };
    if tree.get(ipv6.node, selector.field).is_some() || ![ipv4.node, ipv6.node].contains(&own.node) {
        return None;
    }
    let from = tree.get(ipv4.node, selector.field)?;
    let text = tree.scalar(from)?;
    let value = if tree.string(from).is_some() { Value::string(text) } else { Value::Word(text.to_owned()) };
    let op = Op::InsertEntry(Placement::default(), selector.field.to_owned(), value);
    Some(pool_changes(
        installation,
        ipv6.node,
        op,
        (selector.field, None, Some(text), "the same as for the IPv4 pool"),
    ))
}

/// Whether no node can match both selectors, as far as their texts show: `has(x)` and `!has(x)`, or two values of one label.
fn excludes(a: &str, b: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>().replace('"', "'");
    let (a, b) = (plain(a), plain(b));
    let is_simple = |text: &str| !text.contains("&&") && !text.contains("||");
    if !is_simple(&a) || !is_simple(&b) {
        return false;
    }
    let negates = |a: &str, b: &str| a.strip_prefix('!') == Some(b) && b.starts_with("has(");
    let values = || {
        let ((label, value), (other, different)) = (a.split_once("=='")?, b.split_once("=='")?);
        Some(label == other && value != different)
    };
    negates(&a, &b) || negates(&b, &a) || values().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::excludes;

    #[test]
    fn selectors_that_no_node_matches_both() {
        assert!(excludes("!has(ipv6)", "has(ipv6)"));
        assert!(excludes("rack == 'a'", "rack==\"b\""));
    }

    #[test]
    fn selectors_that_a_node_may_match_both() {
        for (a, b) in [
            ("all()", "has(ipv6)"),
            ("rack == 'a'", "zone == 'b'"),
            ("rack == 'a' || rack == 'b'", "rack == 'b'"),
        ] {
            assert!(!excludes(a, b), "{a} {b}");
        }
    }
}
