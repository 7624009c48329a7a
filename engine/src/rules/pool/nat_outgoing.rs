//! NAT of IPv6 pools, wherever a pool is defined. An explicit value is kept; only an option overrides it.

use super::NEAR_IPV6;
use crate::address::is_unique_local;
use crate::diagnostic::upstream;
use crate::model::facts::{Variant, is_false, is_true};
use crate::rules::change::at_env;
use crate::rules::wanted::NO_KUBEADM_CIDR;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::{NatOutgoing, Provisioner};
use ipnet::Ipv6Net;

/// The rule about NAT in a calico-node variable, in a pool of an Installation, and in an IPPool.
pub(in crate::rules) const META: Metadata = Metadata {
    id: "POOL-006",
    name: "unique-local-pool-without-nat",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "pods in a unique-local pool without NAT cannot reach the Internet",
        consequence: "no router of the Internet forwards fc00::/7: without NAT these pods reach only networks that have a route to their pool. calico-node and the operator turn NAT on for IPv4 pools and off for IPv6 pools by default; an IPPool has no NAT by default",
        help: "turn NAT on if it is not set; an explicit value is kept unless you pass --nat-outgoing",
        example: (
            "- name: CALICO_IPV6POOL_CIDR\n  value: \"fd00:10:244::/56\"",
            "- name: CALICO_IPV6POOL_CIDR\n  value: \"fd00:10:244::/56\"\n- name: CALICO_IPV6POOL_NAT_OUTGOING\n  value: \"true\"",
        ),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(1070),
            upstream::CALICO.file("api/pkg/apis/projectcalico/v3/ippool.go").symbol("NATOutgoing").line(105),
            upstream::OPERATOR.file("pkg/controller/ippool/defaults.go").line(195),
            upstream::CALICO.issue(2954),
            upstream::CALICO.issue(7183),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const NAME: &str = "CALICO_IPV6POOL_NAT_OUTGOING";

/// Why NAT is turned on although it was not requested.
pub(crate) const WHY_NAT: &str =
    "unique-local addresses are not routed on the Internet; NAT is off by default for IPv6";

/// What to do about the NAT of an IPv6 pool.
pub(in crate::rules) enum Nat {
    /// Write this value, for this reason.
    Set(bool, &'static str),
    /// The author turned NAT off for a range that needs it.
    Warn,
    /// Nothing.
    Keep,
}

impl Nat {
    /// What to do if NAT is `now` on or off; `None` if it is not set, which means off.
    pub(in crate::rules) fn of(asked: NatOutgoing, net: Option<Ipv6Net>, now: Option<bool>) -> Nat {
        let is_local = net.is_some_and(is_unique_local);
        match (asked, now) {
            (NatOutgoing::On, now) if now != Some(true) => {
                Nat::Set(true, "as requested; NAT is off by default for IPv6")
            }
            (NatOutgoing::Off, Some(true)) => Nat::Set(false, "as requested"),
            (NatOutgoing::Auto, None) if is_local => Nat::Set(true, WHY_NAT),
            (NatOutgoing::Auto, Some(false)) if is_local => Nat::Warn,
            _ => Nat::Keep,
        }
    }
}

/// The finding about a value that is written.
pub(in crate::rules) fn written(diagnostic: Diagnostic, asked: NatOutgoing) -> Diagnostic {
    match asked {
        NatOutgoing::Auto => diagnostic,
        NatOutgoing::On => {
            diagnostic.message("NAT is off for the IPv6 pool; --nat-outgoing true turns it on")
        }
        NatOutgoing::Off => {
            diagnostic.message("NAT is on for the IPv6 pool; --nat-outgoing false turns it off")
        }
    }
}

/// The warning about a value that stays.
pub(in crate::rules) fn kept(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic
        .message("NAT is explicitly off for a unique-local IPv6 pool; the value is kept")
        .help("ignore this if your routers have a route to the pool; otherwise pass --nat-outgoing true")
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes_with_pools().filter(|_| cx.wants_ipv6()) {
        // In canal, flannel does the NAT (--ip-masq).
        if install.facts.variant == Variant::Canal && cx.target.nat_outgoing == NatOutgoing::Auto {
            continue;
        }
        let text = install.env_text(NAME);
        // Every value that is not false counts as true.
        match Nat::of(cx.target.nat_outgoing, install.ipv6_pool(cx.target), text.map(|text| !is_false(text)))
        {
            Nat::Set(wanted, why) => {
                if let Some(fix) =
                    install.set_env(NAME, if wanted { "true" } else { "false" }, &NEAR_IPV6, why)
                {
                    diagnostics.push(written(at_env(&META, node, NAME), cx.target.nat_outgoing).fix(fix));
                }
            }
            Nat::Warn => diagnostics.push(kept(at_env(&META, node, NAME))),
            Nat::Keep => {
                let by_kubeadm = cx.target.provisioner == Some(Provisioner::Kubeadm)
                    && !NO_KUBEADM_CIDR.holds(install.facts.calico);
                if let Some(text) = text.filter(|text| !is_false(text) && !is_true(text)) {
                    diagnostics.push(
                        at_env(&META, node, NAME)
                            .message(format!("{NAME} is `{text}`, which counts as true: NAT is on"))
                            .consequence("calico-node reads every value except false, 0, no, n and f as true")
                            .help("set it to \"true\" or \"false\""),
                    );
                } else if by_kubeadm
                    && text.is_none()
                    && install.ipv6_pool(cx.target).is_none()
                    && cx.target.nat_outgoing == NatOutgoing::Auto
                {
                    diagnostics.push(
                        at_env(&META, node, NAME)
                            .message("cannot tell whether the IPv6 podSubnet needs NAT: kubeadm's configuration is not among the files")
                            .help("pass --nat-outgoing true if it is unique-local (fc00::/7)"),
                    );
                }
            }
        }
    }
}
