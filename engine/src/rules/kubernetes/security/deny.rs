//! A Deny rule for one IP family only.

use super::policy_rules::{PolicyRule, directions, policies};
use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, policy_nets};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use ipnet::IpNet;

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
                // Skips rules that are limited on purpose, or that name both families.
                let nets: Vec<IpNet> = rule.nets().collect();
                let Some(missing) = cx.missing(&nets).filter(|_| !nets.is_empty() && rule.version.is_none())
                else {
                    continue;
                };
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
                let denied: Vec<String> = nets.iter().map(ToString::to_string).collect();
                let denied = denied.join(", ");
                let message =
                    format!("this {} rule denies {denied}, but no rule denies {missing}", direction.name);
                let diagnostic = cx.at(&META, object, rule.node).message(message);
                diagnostics.push(match later {
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

/// The ranges of a policy, except those of Deny rules.
pub(in crate::rules::kubernetes) fn allowed_nets(object: &ConfigObject<'_>) -> Vec<IpNet> {
    let group = object.text(&["apiVersion"]).unwrap_or_default();
    if group.starts_with("networking.k8s.io/") {
        return policy_nets(object).iter().filter_map(|text| text.parse().ok()).collect();
    }
    let all = directions(object, group.starts_with("policy.networking.k8s.io/"));
    let rules = all.iter().flat_map(|direction| &direction.rules);
    rules.filter(|rule| rule.action != "Deny").flat_map(PolicyRule::nets).collect()
}
