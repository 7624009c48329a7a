//! NAT of IPv6 pools, wherever a pool is written. What the author set is kept: only an option overrides it.

use super::NEAR_IPV6;
use crate::address::is_unique_local;
use crate::model::facts::{Variant, is_false, is_true};
use crate::rules::change::at_env;
use crate::rules::wanted::NO_KUBEADM_CIDR;
use crate::rules::{
    Check, Diagnostic, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity,
};
use crate::target::{NatOutgoing, Provisioner};
use ipnet::Ipv6Net;

/// The rule about NAT of a calico-node variable, of a pool of an Installation, and of an IPPool.
pub(in crate::rules) const META: Metadata = Metadata {
    id: "POOL-006",
    name: "unique-local-pool-without-nat",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "pods of a unique-local range have no way out of the cluster",
    consequence: "no router of the Internet forwards fc00::/7: without NAT these pods reach no destination outside the networks that know their range. The default is NAT for IPv4 pools and no NAT for IPv6 pools",
    help: "NAT is turned on if nothing is set; a value that is set stays, unless --nat-outgoing says otherwise",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: (
        "- name: CALICO_IPV6POOL_CIDR\n  value: \"fd00:10:244::/56\"",
        "- name: CALICO_IPV6POOL_CIDR\n  value: \"fd00:10:244::/56\"\n- name: CALICO_IPV6POOL_NAT_OUTGOING\n  value: \"true\"",
    ),
    sources: &[
        "projectcalico/calico: node/pkg/lifecycle/startup/startup.go",
        "projectcalico/calico: api/pkg/apis/projectcalico/v3/ippool.go",
        "tigera/operator: pkg/controller/ippool/defaults.go",
        "projectcalico/calico: issues 2954, 7183",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

const NAME: &str = "CALICO_IPV6POOL_NAT_OUTGOING";

/// Why NAT is turned on although nobody asked for it.
pub(crate) const WHY_NAT: &str =
    "a unique-local range has no way out without NAT; the default is none for IPv6";

/// What to do about NAT of an IPv6 pool.
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
                Nat::Set(true, "as asked for; the default is none for IPv6")
            }
            (NatOutgoing::Off, Some(true)) => Nat::Set(false, "as asked for"),
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
        .help("ignore this if your routers know the range; otherwise give --nat-outgoing true")
}

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = cx.node.as_ref().filter(|_| cx.makes_pools() && cx.wants_ipv6()) else { return };
    // flannel does the NAT in canal (--ip-masq).
    if cx.facts.variant == Variant::Canal && cx.target.nat_outgoing == NatOutgoing::Auto {
        return;
    }
    let text = cx.env_text(NAME);
    // Any text but those of false counts as true.
    match Nat::of(cx.target.nat_outgoing, cx.ipv6_pool(), text.map(|text| !is_false(text))) {
        Nat::Set(wanted, why) => {
            if let Some(fix) = cx.set_env(NAME, if wanted { "true" } else { "false" }, &NEAR_IPV6, why) {
                diagnostics.push(written(at_env(&META, node, NAME), cx.target.nat_outgoing).fix(fix));
            }
        }
        Nat::Warn => diagnostics.push(kept(at_env(&META, node, NAME))),
        Nat::Keep => {
            let by_kubeadm = cx.target.provisioner == Some(Provisioner::Kubeadm)
                && !NO_KUBEADM_CIDR.holds(cx.facts.calico);
            if let Some(text) = text.filter(|text| !is_false(text) && !is_true(text)) {
                diagnostics.push(
                    at_env(&META, node, NAME)
                        .message(format!("{NAME} is `{text}`, which counts as true: NAT is on"))
                        .consequence("calico-node reads every text but false, 0, no, n and f as true")
                        .help("write \"true\" or \"false\""),
                );
            } else if by_kubeadm
                && text.is_none()
                && cx.ipv6_pool().is_none()
                && cx.target.nat_outgoing == NatOutgoing::Auto
            {
                diagnostics.push(
                    at_env(&META, node, NAME)
                        .message("cannot tell whether the IPv6 podSubnet needs NAT: kubeadm's configuration is not among the files")
                        .help("give --nat-outgoing true if it is unique-local (fc00::/7)"),
                );
            }
        }
    }
}
