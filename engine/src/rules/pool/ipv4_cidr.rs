use super::NEAR_IPV4;
use crate::diagnostic::upstream;
use crate::rules::change::at_env;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "POOL-018",
    name: "ipv4-pool-range-differs",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the IPv4 pool does not have the requested CIDR",
        consequence: "if there is no IPv4 pool, calico-node creates one from CALICO_IPV4POOL_CIDR, else from kubeadm's podSubnet (3.13 and later), else as 192.168.0.0/16 (3.14 and later: if the node has an address in that, as a free /16 of 172.16.0.0/12); with `none` (3.29 and later) it creates no IPv4 pool",
        help: "set CALICO_IPV4POOL_CIDR to the requested CIDR, which has no effect if an IPv4 pool exists; remove `none` if pods need IPv4",
        example: (
            "# - name: CALICO_IPV4POOL_CIDR\n#   value: \"192.168.0.0/16\"",
            "- name: CALICO_IPV4POOL_CIDR\n  value: \"10.244.0.0/16\"",
        ),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(1404),
            upstream::CALICO.file("node/pkg/lifecycle/startup/autodetection/ipv4/poolselector.go").line(67),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const NAME: &str = "CALICO_IPV4POOL_CIDR";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes_with_pools().filter(|_| cx.wants_ipv4()) {
        let fix = match (cx.target.ipv4_pod_cidr, install.env_text(NAME)) {
            (Some(cidr), _) => install.set_env(
                NAME,
                &cidr.to_string(),
                &NEAR_IPV4,
                "as requested; has an effect only if no IPv4 pool exists yet",
            ),
            (None, Some(now)) if now.eq_ignore_ascii_case("none") => {
                install.remove_env(NAME, "pods need an IPv4 pool")
            }
            _ => None,
        };
        if let Some(fix) = fix {
            diagnostics.push(at_env(&META, node, NAME).fix(fix));
        }
    }
}
