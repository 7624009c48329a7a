use super::{change, ipv6_encapsulation, pools_of};
use crate::address::Family;
use crate::rules::{Check, Diagnostics, Fix, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use crate::target::NatOutgoing;
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "OP-008",
    name: "ipv6-pool-with-other-defaults",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "an IPv6 pool relies on defaults that differ from those of IPv4, or has no NAT for a unique-local range",
    consequence: "what is left out is Enabled NAT and IPIP for IPv4, but no NAT and no encapsulation for IPv6: pods of a unique-local range have no way out, and no way to other subnets",
    help: "natOutgoing and encapsulation are written out; NAT is on for fc00::/7",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "- cidr: fd00:10:244::/56",
        "- cidr: fd00:10:244::/56\n  encapsulation: VXLANCrossSubnet\n  natOutgoing: Enabled",
    ),
    sources: &["tigera/operator: pkg/controller/ippool/defaults.go"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

pub(crate) const WHY_ENCAPSULATION: &str = "left out it means None for IPv6";
pub(crate) const WHY_NAT: &str = "a ULA has no way out without NAT; the default is Disabled for IPv6";

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(installation) = cx.installation.as_ref().filter(|_| cx.wants_ipv6()) else { return };
    let twin = pools_of(installation, Family::Ipv4);
    let twin = twin.first().and_then(|p| installation.pool_field(p, "encapsulation")).map(|(_, text)| text);
    for pool in pools_of(installation, Family::Ipv6) {
        let Some(IpNet::V6(net)) = pool.net else { continue };
        let mut changes = Vec::new();
        let nat = installation.pool_field(pool, "natOutgoing");
        let wanted = cx.wants_nat(Some(net)).map(|on| if on { "Enabled" } else { "Disabled" });
        let why = match cx.target.nat_outgoing {
            NatOutgoing::Auto => WHY_NAT,
            _ => "as asked for; the default is Disabled for IPv6",
        };
        match (wanted, nat) {
            (Some(wanted), Some((node, now))) if now != wanted => {
                let told = ("natOutgoing", Some(now), Some(wanted), why);
                changes.push(change(installation, node, Op::Set(Value::string(wanted)), told));
            }
            (Some(wanted), None) => {
                let op =
                    Op::InsertEntry(Placement::default(), "natOutgoing".to_owned(), Value::string(wanted));
                changes.push(change(installation, pool.node, op, ("natOutgoing", None, Some(wanted), why)));
            }
            _ => {}
        }
        if installation.pool_field(pool, "encapsulation").is_none() {
            let wanted = ipv6_encapsulation(cx, twin);
            let op = Op::InsertEntry(Placement::default(), "encapsulation".to_owned(), Value::string(wanted));
            let told = ("encapsulation", None, Some(wanted), WHY_ENCAPSULATION);
            changes.push(change(installation, pool.node, op, told));
        }
        if !changes.is_empty() {
            let place = pool.cidr.as_ref().map_or(pool.node, |(node, _)| *node);
            diagnostics.push(installation.diagnostic(&META, place).fix(Fix::new(changes)));
        }
    }
}
