use super::NEAR_IPV4;
use crate::diagnostic::upstream;
use crate::model::calico_node::CalicoNode;
use crate::rules::change::{Near, at_env};
use crate::rules::wanted::{NO_POOL_NONE, NONE_HIDES_VXLAN, Vxlan};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::Backend;

const META: Metadata = Metadata {
    id: "POOL-014",
    name: "ipv4-pool-still-created",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[NO_POOL_NONE, NONE_HIDES_VXLAN],
    texts: Texts {
        finds: "calico-node still creates an IPv4 pool, with its encapsulation",
        consequence: "calico-node creates the default IPv4 pool whatever the values of IP and of the IPv6 variables are, unless an IPv4 pool exists or NO_DEFAULT_POOLS is on; from 3.29 on, CALICO_IPV4POOL_CIDR=none prevents it, but in some releases calico-node then ignores the VXLAN mode of the IPv6 pool",
        help: "set CALICO_IPV4POOL_CIDR to `none` if that is safe on this release; otherwise turn the encapsulation of the IPv4 pool off: no pod uses the pool",
        example: (
            "# - name: CALICO_IPV4POOL_CIDR\n#   value: \"192.168.0.0/16\"",
            "- name: CALICO_IPV4POOL_CIDR\n  value: \"none\"",
        ),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(969),
            upstream::CALICO.pull(8156),
            upstream::CALICO.pull(13115),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const NAME: &str = "CALICO_IPV4POOL_CIDR";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes_with_pools().filter(|_| cx.is_ipv6_only()) {
        let now = install.env_text(NAME);
        if install.may_say_none(cx.target) {
            if let Some(fix) = install.set_env(
                NAME,
                "none",
                &NEAR_IPV4,
                "no IPv4 pool; otherwise calico-node creates 192.168.0.0/16",
            ) {
                let found = at_env(&META, node, NAME).fix(fix);
                diagnostics.push(match now {
                    Some(text) if text.eq_ignore_ascii_case("none") => found.message(format!(
                        "calico-node exits on `{text}`: it knows `none` in lower case only"
                    )),
                    _ => found,
                });
            }
        } else if now.is_some_and(|text| text.eq_ignore_ascii_case("none")) {
            let why = if NO_POOL_NONE.applies(install.facts.calico) == Some(false) {
                "on this release `none` turns off the IPv6 pool's VXLAN"
            } else {
                "calico-node before 3.29 exits on `none`"
            };
            if let Some(fix) = install.remove_env(NAME, why) {
                diagnostics.push(at_env(&META, node, NAME).message(why).severity(Severity::Error).fix(fix));
            }
        } else {
            diagnostics
                .push(still_created(node, now.filter(|text| !text.is_empty()).unwrap_or("192.168.0.0/16")));
        }
        if install.facts.backend == Backend::None {
            continue; // Calico has no tunnels there
        }
        for name in ["CALICO_IPV4POOL_IPIP", "CALICO_IPV4POOL_VXLAN"] {
            if install.env_text(name).is_some_and(Vxlan::is_on)
                && let Some(fix) = install.set_env(
                    name,
                    "Never",
                    &Near(&[]),
                    "an IPv6-only cluster needs no IPv4 encapsulation",
                )
            {
                diagnostics.push(
                    at_env(&META, node, name)
                        .message("the IPv4 pool is encapsulated in an IPv6-only cluster")
                        .fix(fix),
                );
            }
        }
    }
}

fn still_created(node: &CalicoNode<'_, '_>, pool: &str) -> Diagnostic {
    at_env(&META, node, NAME)
        .severity(Severity::Warning)
        .message(format!("calico-node still creates the IPv4 pool {pool}; no pod uses it"))
        .consequence("on this release, the only way to avoid this pool is to set NO_DEFAULT_POOLS and to apply the IPv6 IPPool yourself")
        .help("after the installation set `disabled: true` on default-ipv4-ippool; do not delete it, because calico-node creates it again")
}
