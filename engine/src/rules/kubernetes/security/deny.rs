//! A Deny rule for one IP family only.

use super::policy_rules::{PolicyRule, directions, is_admin, policies};
use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, policy_nets};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "POL-004",
    name: "deny-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a policy denies addresses of one IP family only",
        consequence: "Felix skips the rule for the other IP family: a later rule decides about that traffic, and may allow it",
        help: "add a separate Deny rule for the addresses of the other IP family; the counterpart of 0.0.0.0/0 is ::/0",
        example: (
            "- action: Deny\n  destination:\n    nets: [0.0.0.0/0]",
            "- action: Deny\n  destination:\n    nets: [0.0.0.0/0]\n- action: Deny\n  destination:\n    nets: [\"::/0\"]",
        ),
        sources: &[upstream::CALICO.file("felix/rules/policy.go").symbol("FilterRuleToIPVersion").line(213)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (object, all) in policies(cx) {
        for direction in &all {
            for (index, rule) in direction.rules.iter().enumerate().filter(|(_, rule)| rule.action == "Deny")
            {
                // Skips rules that name both families.
                let limits: Vec<(Family, String)> = rule.limits().collect();
                let Some(missing) = cx.missing_of(&limits) else { continue };
                let decides = |later: &&PolicyRule| later.action != "Log" && later.matches(missing);
                let later = direction.rules[index + 1..].iter().find(|later| {
                    decides(later) && (later.action != "Deny" || is_deny_of_all(later, missing))
                });
                // A Deny after a rule that allows the traffic has no effect.
                let end = later.and_then(|later| direction.rules.iter().position(|r| r.node == later.node));
                let before = &direction.rules[..end.unwrap_or(direction.rules.len())];
                let is_denied = later.is_some_and(|later| later.action == "Deny");
                if is_denied || has_counterpart(before, rule, missing) {
                    continue;
                }
                let denied: Vec<String> = limits.into_iter().map(|(_, text)| text).collect();
                let denied = denied.join(", ");
                let message =
                    format!("this {} rule denies {denied}, but no rule denies {missing}", direction.name);
                let diagnostic = cx.at(&META, object, rule.node).message(message);
                diagnostics.push(match later {
                    None if passes(cx, object) => diagnostic.consequence(format!(
                        "Felix skips the rule for {missing}, and its tier passes what no rule decides: if no other policy denies that traffic, it is allowed"
                    )),
                    // Another policy may still decide about the traffic.
                    None => diagnostic.severity(Severity::Warning).consequence(format!(
                        "Felix skips the rule for {missing}. No later rule of this policy allows that traffic, so the default action of the tier applies"
                    )),
                    Some(_) => diagnostic,
                });
            }
        }
    }
}

/// Whether the tier of a policy passes traffic that no rule of it decides about, instead of denying it.
fn passes(cx: &Context<'_>, object: &ConfigObject<'_>) -> bool {
    if is_admin(object) {
        return true;
    }
    let tier = object.text(&["spec", "tier"]);
    cx.documents.of_kind("Tier").any(|(resource, tree)| {
        let action = tree.at(resource.root, &["spec", "defaultAction"]).and_then(|node| tree.scalar(node));
        Some(resource.name.as_str()) == tier && action == Some("Pass")
    })
}

/// Whether another Deny covers the same traffic of the other family.
fn has_counterpart(rules: &[PolicyRule], rule: &PolicyRule, missing: Family) -> bool {
    rules.iter().any(|other| {
        other.action == "Deny"
            && other.node != rule.node
            && other.matches(missing)
            && (other.protocol == rule.protocol || other.protocol.is_none())
            && other.source.is_empty() == rule.source.is_empty()
            && other.destination.is_empty() == rule.destination.is_empty()
    })
}

/// Whether a rule denies everything of a family.
fn is_deny_of_all(rule: &PolicyRule, wanted: Family) -> bool {
    rule.action == "Deny"
        && rule.protocol.is_none()
        && rule.excluded.is_empty()
        && rule.matches(wanted)
        && rule.nets().all(|net| net.prefix_len() == 0 || family(net) != wanted)
}

/// What limits the rules of a policy to IP families, except that of Deny rules.
pub(in crate::rules::kubernetes) fn allowed(object: &ConfigObject<'_>) -> Vec<(Family, String)> {
    if object.group() == "networking.k8s.io" {
        let nets = policy_nets(object);
        let net = |text: String| Some((family(text.parse().ok()?), text));
        return nets.into_iter().filter_map(net).collect();
    }
    let all = directions(object, is_admin(object));
    let rules = all.iter().flat_map(|direction| &direction.rules);
    rules.filter(|rule| rule.action != "Deny").flat_map(PolicyRule::limits).collect()
}
