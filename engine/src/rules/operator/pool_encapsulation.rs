use super::{ipv6_encapsulation, pool_changes, pools_of};
use crate::address::Family;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use crate::yaml::write::{Op, Value};

const META: Metadata = Metadata {
    id: "ENC-001",
    name: "ipip-on-ipv6-pool",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the encapsulation of an IPv6 pool is IPIP, or not the one asked for",
    consequence: "IPIP carries IPv4 only: the operator refuses it on an IPv6 pool and goes Degraded",
    help: "VXLAN in its place, or what --encapsulation says",
    fixable: Fixable::Always,
    gates: &[super::NO_IPV6_ENCAPSULATION],
    example: ("encapsulation: IPIPCrossSubnet", "encapsulation: VXLANCrossSubnet"),
    sources: &["tigera/operator: pkg/controller/installation/validation.go"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(installation) = cx.installation.as_ref().filter(|_| cx.wants_ipv6()) else { return };
    for pool in pools_of(installation, Family::Ipv6) {
        let Some((node, now)) = installation.pool_field(pool, "encapsulation") else { continue };
        let is_ipip = matches!(now, "IPIP" | "IPIPCrossSubnet");
        let wanted = ipv6_encapsulation(cx, Some(now));
        if wanted != now && (is_ipip || cx.target.encapsulation.is_some()) {
            let why = if is_ipip { "IPIP carries IPv4 only" } else { "as asked for" };
            let told = ("encapsulation", Some(now), Some(wanted), why);
            let fix = pool_changes(installation, node, Op::Set(Value::string(wanted)), told);
            diagnostics.push(installation.diagnostic(&META, node).fix(fix));
        }
    }
}
