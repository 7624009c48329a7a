//! CIDRs that the environment already has.

use crate::address::{Family, parse_cidr, unusable};
use crate::diagnostic::upstream;
use crate::model::install::CalicoInstall;
use crate::rules::change::at_env;
use crate::rules::kubernetes::ranges::HOST_BITS_META;
use crate::rules::kubernetes::templates::is_template;
use crate::rules::wanted::NO_POOL_NONE;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use ipnet::IpNet;

/// A CIDR of either family with host bits.
pub(in crate::rules) const HOST_BITS: Rule = Rule { meta: &HOST_BITS_META, check: Check::Text(host_bits) };

const UNREADABLE_META: Metadata = Metadata {
    id: "POOL-009",
    name: "ipv4-pool-range-unreadable",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "calico-node cannot read CALICO_IPV4POOL_CIDR",
        consequence: "calico-node exits on an IPv6 CIDR, on an address without a prefix length, on two CIDRs, and on `none` that is not in lower case (before 3.29 on every `none`)",
        help: "correct it, or pass --ipv4-pod-cidr",
        example: ("value: \"10.244.0.0\"", "value: \"10.244.0.0/16\""),
        sources: &[upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(999)],
    }
    .built_in(),
};

/// An IPv4 CIDR that calico-node exits on. Another rule checks the IPv6 CIDR, and asks for a missing one.
pub(in crate::rules) const UNREADABLE: Rule = Rule { meta: &UNREADABLE_META, check: Check::Text(unreadable) };

fn host_bits(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        for (name, text, _) in unchanged_ranges(cx, install) {
            let Some(net) = text.parse::<IpNet>().ok().filter(|net| net.addr() != net.network()) else {
                continue;
            };
            let message = format!("{net} has host bits set: the pool is {}", net.trunc());
            diagnostics.push(
                at_env(&HOST_BITS_META, node, name).message(message).severity(Severity::Warning).consequence(
                    "calico-node masks them silently: the pool is not the range that this value suggests",
                ),
            );
        }
    }
}

fn unreadable(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        for (name, text, family) in unchanged_ranges(cx, install) {
            if family != Family::Ipv4 || is_template(text) {
                continue;
            }
            if text.eq_ignore_ascii_case("none") {
                let is_refused = text != "none" || NO_POOL_NONE.holds(install.facts.calico);
                // In an IPv6-only cluster another rule corrects it.
                if is_refused && !cx.is_ipv6_only() {
                    let message = if text == "none" {
                        "calico-node before 3.29 exits on `none`".to_owned()
                    } else {
                        format!("calico-node exits on `{text}`: it knows `none` in lower case only")
                    };
                    diagnostics.push(at_env(&UNREADABLE_META, node, name).message(message));
                }
                continue;
            }
            let has_host_bits = text.parse::<IpNet>().is_ok_and(|net| net.addr() != net.network());
            let wrong = match parse_cidr(text, Family::Ipv4) {
                Err(error) if !has_host_bits || text.contains(':') => Some(error.to_string()),
                Ok(net)
                    if net.prefix_len() > crate::address::IPV4_BLOCK
                        && install.env_text("CALICO_IPV4POOL_BLOCK_SIZE").is_none() =>
                {
                    Some(format!("`{text}` is smaller than one block (/26)"))
                }
                Ok(net) => unusable(net).map(|why| format!("`{text}` contains {why}")),
                Err(_) => None,
            };
            if let Some(message) = wrong {
                diagnostics.push(at_env(&UNREADABLE_META, node, name).message(message));
            }
        }
    }
}

/// The CIDRs that a transform does not change.
fn unchanged_ranges<'c>(
    cx: &Context<'_>,
    install: &'c CalicoInstall<'_>,
) -> Vec<(&'static str, &'c str, Family)> {
    if !install.makes_pools() || !cx.wants_ipv6() {
        return Vec::new();
    }
    let ipv4 = (cx.target.ipv4_pod_cidr.is_none() || !cx.wants_ipv4())
        && !(cx.is_ipv6_only() && install.may_say_none(cx.target));
    let ipv6 = cx.target.ipv6_pod_cidr.is_none();
    let text = |name| install.env_text(name).filter(|text| !text.is_empty());
    [("CALICO_IPV4POOL_CIDR", Family::Ipv4, ipv4), ("CALICO_IPV6POOL_CIDR", Family::Ipv6, ipv6)]
        .into_iter()
        .filter(|(_, _, stays)| *stays)
        .filter_map(|(name, family, _)| Some((name, text(name)?, family)))
        .collect()
}
