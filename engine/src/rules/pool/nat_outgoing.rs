use super::NEAR_IPV6;
use crate::model::facts::{Variant, is_false};
use crate::rules::change::at_env;
use crate::rules::wanted::NO_KUBEADM_CIDR;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use crate::target::{NatOutgoing, Provisioner};

const META: Metadata = Metadata {
    id: "POOL-006",
    name: "unique-local-pool-without-nat",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "pods of a unique-local range have no way out of the cluster",
    consequence: "no router outside forwards fc00::/7; unlike the IPv4 pool the IPv6 one is made without NAT",
    help: "CALICO_IPV6POOL_NAT_OUTGOING becomes \"true\"",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: (
        "- name: CALICO_IPV6POOL_CIDR\n  value: \"fd00:10:244::/56\"",
        "- name: CALICO_IPV6POOL_CIDR\n  value: \"fd00:10:244::/56\"\n- name: CALICO_IPV6POOL_NAT_OUTGOING\n  value: \"true\"",
    ),
    sources: &[
        "projectcalico/calico: node/pkg/lifecycle/startup/startup.go",
        "projectcalico/calico: issues 2954, 7183",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

const NAME: &str = "CALICO_IPV6POOL_NAT_OUTGOING";

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = cx.node.as_ref().filter(|_| cx.makes_pools() && cx.wants_ipv6()) else { return };
    // flannel does the NAT in canal (--ip-masq).
    if cx.facts.variant == Variant::Canal && cx.target.nat_outgoing == NatOutgoing::Auto {
        return;
    }
    let now = cx.env_text(NAME);
    let by_kubeadm =
        cx.target.provisioner == Some(Provisioner::Kubeadm) && !NO_KUBEADM_CIDR.holds(cx.facts.calico);
    let is_on = now.is_some_and(|text| !is_false(text)); // any other word counts as true
    match cx.wants_nat(cx.ipv6_pool()) {
        Some(wanted) if wanted != is_on || (now.is_some() && !matches!(now, Some("true" | "false"))) => {
            let why = match (cx.target.nat_outgoing, wanted) {
                (NatOutgoing::Auto, _) => "a ULA has no way out without NAT",
                (_, true) => "as asked for; the default is false for IPv6",
                (_, false) => "as asked for",
            };
            if let Some(fix) = cx.set_env(NAME, if wanted { "true" } else { "false" }, &NEAR_IPV6, why) {
                diagnostics.push(at_env(&META, node, NAME).fix(fix));
            }
        }
        None if by_kubeadm && cx.ipv6_pool().is_none() && now.is_none() => diagnostics.push(
            at_env(&META, node, NAME)
                .message("whether the IPv6 range of kubeadm's podSubnet needs NAT is not to be seen here")
                .help("give --nat-outgoing true where it is unique-local (fc00::/7)"),
        ),
        _ => {}
    }
}
