//! Policy rules with both IP families.

use super::policy_rules::{PolicyRule, is_admin, number, policies};
use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "POL-001",
    name: "policy-rule-with-both-families",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a policy rule contains both IP families",
        consequence: "calicoctl and the Calico API server refuse the policy: `rule contains both IPv4 and IPv6 CIDRs`",
        help: "write a separate rule for each IP family",
        example: (
            "- action: Allow\n  destination:\n    nets: [10.0.0.0/8, \"fd00::/8\"]",
            "- action: Allow\n  destination:\n    nets: [10.0.0.0/8]\n- action: Allow\n  destination:\n    nets: [\"fd00::/8\"]",
        ),
        sources: &[
            upstream::CALICO.file("libcalico-go/lib/validator/v3/validator.go").line(1428),
            upstream::CALICO.file("felix/rules/policy.go").line(184),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (object, directions) in policies(cx) {
        if is_admin(object) {
            continue;
        }
        for (direction, rule) in directions.iter().flat_map(|d| d.rules.iter().map(|rule| (d.name, rule))) {
            let version = object.tree().get(rule.node, "ipVersion");
            let number = |node| object.tree().scalar(node)?.parse::<u8>().ok();
            let unknown = version.filter(|node| number(*node).is_some_and(|n| n != 4 && n != 6));
            let node = unknown.unwrap_or(rule.node);
            let unknown = unknown.and_then(number);
            let is_known = unknown.is_none();
            let unknown = unknown.map(|n| (format!("has ipVersion {n}"), "error with field IPVersion"));
            let Some((what, refusal)) = unknown.or_else(|| contradiction(rule)) else { continue };
            let message = format!("this {direction} rule {what}");
            let diagnostic = cx.at(&META, object, node).message(message);
            // The API server does not validate objects of the older API group.
            let is_crd = object.group() == "crd.projectcalico.org";
            diagnostics.push(if is_crd && is_known && [Family::Ipv4, Family::Ipv6].iter().any(|f| rule.matches(*f)) {
                diagnostic
                    .severity(Severity::Warning)
                    .consequence("Felix applies the ranges of each IP family to that family; calicoctl and the Calico API server refuse the policy")
            } else if is_crd {
                diagnostic.consequence("the rule matches no traffic")
            } else {
                diagnostic.consequence(format!(
                    "calicoctl and the Calico API server refuse the policy: `{refusal}`"
                ))
            });
        }
    }
}

/// Describes why the validator refuses a rule, and what it prints.
fn contradiction(rule: &PolicyRule) -> Option<(String, &'static str)> {
    let all: Vec<IpNet> = rule.nets().chain(rule.excluded.iter().copied()).collect();
    let of = |wanted| all.iter().find(|net| family(**net) == wanted);
    if let (Some(ipv4), Some(ipv6)) = (of(Family::Ipv4), of(Family::Ipv6)) {
        let what = format!("contains IPv4 and IPv6 ranges: {ipv4} and {ipv6}");
        return Some((what, "rule contains both IPv4 and IPv6 CIDRs"));
    }
    let version = rule.version?;
    if let Some(net) = all.iter().find(|net| family(**net) != version) {
        let what = format!("has ipVersion {} but the range {net}", number(version));
        return Some((what, "rule IP version doesn't match CIDR version"));
    }
    match (rule.protocol.as_deref(), version) {
        (Some("ICMP"), Family::Ipv6) => {
            let what = "has protocol ICMP and ipVersion 6: use ICMPv6".to_owned();
            Some((what, "must set ipversion to '4' with protocol icmp"))
        }
        (Some("ICMPv6"), Family::Ipv4) => {
            let what = "has protocol ICMPv6 and ipVersion 4: use ICMP".to_owned();
            Some((what, "must set ipversion to '6' with protocol icmpv6"))
        }
        _ => None,
    }
}
