//! Policy rules for ICMP, which is IPv4 only; IPv6 has ICMPv6.

use super::policy_rules::policies;
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "POL-003",
    name: "policy-icmp-without-icmpv6",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a policy has a rule for ICMP but none for ICMPv6",
        consequence: "Felix applies a rule with protocol ICMP to IPv4 only: with default deny, ping over IPv6 fails. Felix always allows neighbor discovery for pods",
        help: "add a rule with protocol: ICMPv6; the type numbers differ (an echo request is 8 in ICMP, 128 in ICMPv6). If the rule is for IPv4 only, set ipVersion: 4",
        example: (
            "- action: Allow\n  protocol: ICMP",
            "- action: Allow\n  protocol: ICMP\n- action: Allow\n  protocol: ICMPv6",
        ),
        sources: &[
            upstream::CALICO.file("felix/calc/rule_convert.go").line(216),
            upstream::CALICO.file("felix/rules/static.go").line(372),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (object, directions) in policies(cx) {
        for direction in &directions {
            for rule in &direction.rules {
                let is_limited = rule.version.is_some() || rule.nets().next().is_some();
                if rule.protocol.as_deref() != Some("ICMP") || is_limited {
                    continue;
                }
                // A rule without a protocol covers ICMPv6 too.
                let has_counterpart = direction.rules.iter().any(|other| {
                    other.action == rule.action
                        && matches!(other.protocol.as_deref(), Some("ICMPv6") | None)
                        && other.matches(Family::Ipv6)
                });
                if has_counterpart {
                    continue;
                }
                let verb = if rule.action == "Deny" { "denies" } else { "allows" };
                let message = format!("this {} rule {verb} ICMP, but no rule {verb} ICMPv6", direction.name);
                let diagnostic = cx.at(&META, object, rule.node).message(message);
                diagnostics.push(if rule.action == "Deny" {
                    diagnostic.consequence(
                        "Felix applies a rule with protocol ICMP to IPv4 only: this policy does not deny ICMPv6",
                    )
                } else {
                    diagnostic
                });
            }
        }
    }
}
