use super::NEAR_IPV4;
use crate::model::calico_node::CalicoNode;
use crate::rules::change::{Near, at_env};
use crate::rules::wanted::{NO_POOL_NONE, NONE_HIDES_VXLAN, Vxlan};
use crate::rules::{
    Check, Diagnostic, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity,
};
use crate::target::Backend;

const META: Metadata = Metadata {
    id: "POOL-014",
    name: "ipv4-pool-still-made",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "calico-node still makes an IPv4 pool, with its tunnels",
    consequence: "startup makes the default IPv4 pool whatever IP and the IPv6 variables say; only CALICO_IPV4POOL_CIDR=none prevents it, from 3.29 on, and in some releases that value hides the VXLAN mode of the IPv6 pool",
    help: "`none` where the release takes it without harm; else the pool stays without tunnels, and no pod takes from it",
    fixable: Fixable::Sometimes,
    gates: &[NO_POOL_NONE, NONE_HIDES_VXLAN],
    example: (
        "# - name: CALICO_IPV4POOL_CIDR\n#   value: \"192.168.0.0/16\"",
        "- name: CALICO_IPV4POOL_CIDR\n  value: \"none\"",
    ),
    sources: &[
        "projectcalico/calico: node/pkg/lifecycle/startup/startup.go",
        "projectcalico/calico: pull requests 8156 and 13115",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

const NAME: &str = "CALICO_IPV4POOL_CIDR";

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = cx.node.as_ref().filter(|_| cx.makes_pools() && cx.is_ipv6_only()) else { return };
    let now = cx.env_text(NAME);
    if cx.may_say_none() {
        if let Some(fix) =
            cx.set_env(NAME, "none", &NEAR_IPV4, "no IPv4 pool: calico-node would make 192.168.0.0/16")
        {
            diagnostics.push(at_env(&META, node, NAME).fix(fix));
        }
    } else if now.is_some_and(|text| text.eq_ignore_ascii_case("none")) {
        let why = if NO_POOL_NONE.applies(cx.facts.calico) == Some(false) {
            "on this release `none` turns the IPv6 pool's VXLAN off"
        } else {
            "calico-node before 3.29 exits on `none`"
        };
        if let Some(fix) = cx.remove_env(NAME, why) {
            diagnostics.push(at_env(&META, node, NAME).severity(Severity::Error).fix(fix));
        }
        diagnostics.push(still_made(node, "192.168.0.0/16"));
    } else {
        diagnostics.push(still_made(node, now.filter(|text| !text.is_empty()).unwrap_or("192.168.0.0/16")));
    }
    if cx.facts.backend == Backend::None {
        return; // no tunnels of Calico's there
    }
    for name in ["CALICO_IPV4POOL_IPIP", "CALICO_IPV4POOL_VXLAN"] {
        if cx.env_text(name).is_some_and(Vxlan::is_on)
            && let Some(fix) =
                cx.set_env(name, "Never", &Near(&[]), "no IPv4 tunnels in an IPv6-only cluster")
        {
            diagnostics
                .push(at_env(&META, node, name).message("an IPv4 tunnel in an IPv6-only cluster").fix(fix));
        }
    }
}

fn still_made(node: &CalicoNode<'_, '_>, pool: &str) -> Diagnostic {
    at_env(&META, node, NAME)
        .severity(Severity::Warning)
        .message(format!("the IPv4 pool {pool} is still made; no pod takes from it"))
        .consequence("this release cannot go without it, unless NO_DEFAULT_POOLS is set and the IPv6 IPPool applied by hand")
        .help("after the install set `disabled: true` on default-ipv4-ippool; a deleted one comes back")
}
