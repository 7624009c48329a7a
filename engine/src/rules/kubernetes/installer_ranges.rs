//! Installer files that have one key for the CIDRs of all families, or one word for the families.

use super::change::{ChangeText, change};
use super::entries::{Missing, Placed};
use super::templates::is_template;
use crate::address::Family;
use crate::model::fields::{ConfigObject, DEFAULT_RANGES, DefaultRange, FAMILY_WORDS, FieldKind};
use crate::rules::{Context, Diagnostic, Diagnostics};
use crate::target::{RangeOf, Stack};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Value};
use ipnet::IpNet;

/// Returns the change of the word for the families; a missing key is added to `missing`.
pub(super) fn family_word(
    cx: &Context<'_>,
    object: &ConfigObject<'_>,
    why: &str,
    missing: &mut Vec<Missing>,
) -> Option<Placed> {
    let known = FAMILY_WORDS.iter().find(|word| word.kind == object.kind)?;
    let tree = object.tree();
    let node = written(object, known.path);
    let own = node.and_then(|node| tree.scalar(node));
    // The word shows the primary family; the CIDRs do not, because a default is not written.
    let is_ipv6_first = own.is_some_and(|own| own == known.ipv6 || own == known.ipv6_first);
    let first = if is_ipv6_first { Family::Ipv6 } else { Family::Ipv4 };
    let word = match cx.target.to {
        Stack::Ipv4Only => known.ipv4,
        Stack::Ipv6Only => known.ipv6,
        Stack::DualStack if cx.target.primary(Some(first)) == Family::Ipv6 => known.ipv6_first,
        Stack::DualStack => known.ipv4_first,
    };
    if own.unwrap_or(known.ipv4) == word || own.is_some_and(is_template) {
        return None;
    }
    let Some(node) = node else {
        if known.default_suits_both && cx.is_dual() {
            return None;
        }
        let (value, description) = (Value::string(word), word.to_owned());
        missing.push(Missing { path: known.path, value, description });
        return None;
    };
    let field = known.path.last().copied().unwrap_or_default();
    let description = ChangeText { field, from: own, to: Some(word), why };
    // The finding is about the file as a whole.
    let place = tree.get(object.root, "kind").unwrap_or(object.root);
    Some((object.range(place), vec![change(object, node, Op::Set(Value::string(word)), description)]))
}

/// Returns the node at a path; `None` if it has no value.
fn written(object: &ConfigObject<'_>, path: &[&str]) -> Option<NodeId> {
    let tree = object.tree();
    let is_empty = |node: &NodeId| tree.scalar(*node).is_some_and(|text| matches!(text, "" | "~" | "null"));
    tree.at(object.root, path).filter(|node| !is_empty(node))
}

/// Adds the missing keys with the CIDRs of all families to `missing`; `found` is what is wrong if a CIDR is not known.
pub(super) fn ranges(
    cx: &Context<'_>,
    object: &ConfigObject<'_>,
    found: impl Fn() -> Diagnostic,
    missing: &mut Vec<Missing>,
    diagnostics: &mut Diagnostics,
) {
    for range in DEFAULT_RANGES.iter().filter(|range| range.kind == object.kind) {
        let is_whole = range.whole.is_none_or(|path| object.tree().at(object.root, path).is_some());
        if !is_whole || written(object, range.path).is_some() {
            continue;
        }
        let Some(nets) = wanted(cx, range, &found, diagnostics) else { continue };
        let texts: Vec<String> = nets.iter().map(ToString::to_string).collect();
        let description = texts.join(",");
        if description == range.ipv4 {
            continue;
        }
        let value = if range.is_list {
            Value::Seq(texts.iter().map(Value::string).collect())
        } else {
            Value::string(&description)
        };
        missing.push(Missing { path: range.path, value, description });
    }
}

/// Returns the CIDRs of the target families: requested, stated in another place, or the default of the installer. `None` if
/// its defaults are right, or if a CIDR is not known.
fn wanted(
    cx: &Context<'_>,
    range: &DefaultRange,
    found: &impl Fn() -> Diagnostic,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<IpNet>> {
    let (of, facts) = match range.of {
        FieldKind::ServiceRange => (RangeOf::Services, &cx.cluster.services),
        _ => (RangeOf::Pods, &cx.cluster.pods),
    };
    let stated = |family| cx.target.range(of, family).or_else(|| facts.of(family));
    let default = |family| match family {
        Family::Ipv4 => range.ipv4.parse().ok(),
        Family::Ipv6 => range.ipv6.and_then(|text| text.parse().ok()),
    };
    let families = cx.families();
    if range.ipv6.is_some() && families.iter().all(|family| stated(*family).is_none()) {
        return None;
    }
    let mut nets = Vec::new();
    for family in families {
        let Some(net) = stated(family).or_else(|| default(family)) else {
            super::ranges::ask(range.of, family, &range.path.join("."), found(), diagnostics);
            return None;
        };
        nets.push(net);
    }
    Some(nets)
}
