use super::{change, ipv6_encapsulation, pools_of};
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::write::{Op, Placement, Value};

/// The rule about the encapsulation of an IPv6 pool in an Installation, and of an IPPool.
pub(in crate::rules) const META: Metadata = Metadata {
    id: "ENC-001",
    name: "ipip-on-ipv6-pool",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[super::NO_IPV6_ENCAPSULATION],
    texts: Texts {
        finds: "the encapsulation of an IPv6 pool is IPIP, or not the requested one",
        consequence: "IPIP carries IPv4 only: the operator refuses it on an IPv6 pool and goes Degraded, and the Calico API server refuses the IPPool; before 3.32, crd.projectcalico.org/v1 accepts it without an error",
        help: "in an Installation use VXLAN, or the mode of --encapsulation; in an IPPool set ipipMode: Never (vxlanMode encapsulates IPv6 from 3.23 on)",
        example: ("encapsulation: IPIPCrossSubnet", "encapsulation: VXLANCrossSubnet"),
        sources: &[
            upstream::OPERATOR.file("pkg/controller/installation/validation.go").line(155),
            upstream::CALICO.file("libcalico-go/lib/validator/v3/validator.go").line(1188),
            upstream::CALICO.file("api/pkg/apis/projectcalico/v3/ippool.go").line(87),
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(1073),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// Why the encapsulation of a pool is set explicitly.
pub(crate) const WHY_ENCAPSULATION: &str = "an IPv6 pool has no encapsulation by default";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some(installation) = install.installation.as_ref().filter(|_| cx.wants_ipv6()) else { continue };
        let is_asked = cx.target.encapsulation.is_some();
        for pool in pools_of(installation, Family::Ipv6) {
            let now = pool.mode();
            let is_ipip = matches!(now, Some("IPIP" | "IPIPCrossSubnet"));
            let wanted = ipv6_encapsulation(cx.target, install, now);
            // An IPv6 pool in the file has its own encapsulation, or None: only IPIP or an option changes it.
            if now.unwrap_or("None") == wanted || !(is_ipip || is_asked) {
                continue;
            }
            let why = if is_ipip { "IPIP carries IPv4 only" } else { "as requested" };
            let (node, op) = match &pool.encapsulation {
                Some(mode) => (mode.node, Op::Set(Value::string(wanted))),
                None => (
                    pool.node,
                    Op::InsertEntry(Placement::default(), "encapsulation".to_owned(), Value::string(wanted)),
                ),
            };
            let change = change(installation, node, op, ("encapsulation", now, Some(wanted), why));
            let place =
                pool.encapsulation.as_ref().or(pool.cidr.as_ref()).map_or(pool.node, |field| field.node);
            diagnostics.push(installation.diagnostic(&META, place).fix(Fix::new(vec![change])));
        }
    }
}
