use super::NEAR_IPV6;
use crate::address::{IPV4_BLOCKS, IPV6_BLOCK, IPV6_BLOCKS};
use crate::rules::change::at_env;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity, Texts};
use ipnet::IpNet;

/// The rule about the block size of a calico-node variable, of a pool of an Installation, and of an IPPool.
pub(in crate::rules) const META: Metadata = Metadata {
    id: "POOL-003",
    name: "block-size-out-of-range",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the block size of a pool is out of range, does not fit the pool, or is not the requested one",
        consequence: "calico-node exits before it creates any pool, the operator goes Degraded, and the Calico API server refuses the pool; crd.projectcalico.org/v1 accepts it (3.32 and later refuse some values), and pods get no address",
        help: "set 20 to 32 for IPv4 (default 26) or 116 to 128 for IPv6 (default 122), and not shorter than the pool's prefix; for calico-node pass --ipv6-block-size",
        example: (
            "- name: CALICO_IPV6POOL_BLOCK_SIZE\n  value: \"64\"",
            "- name: CALICO_IPV6POOL_BLOCK_SIZE\n  value: \"122\"",
        ),
        sources: &[
            "projectcalico/calico: node/pkg/lifecycle/startup/startup.go",
            "projectcalico/calico: libcalico-go/lib/clientv3/ippool.go",
            "tigera/operator: pkg/controller/installation/validation.go",
            "projectcalico/calico: issues 5819, 5202",
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

const NAME: &str = "CALICO_IPV6POOL_BLOCK_SIZE";

/// Whether Calico accepts blocks of this prefix length in a pool; one block may be the whole pool.
pub(in crate::rules) fn fits(net: IpNet, size: u8) -> bool {
    let range = if net.addr().is_ipv4() { IPV4_BLOCKS } else { IPV6_BLOCKS };
    range.contains(&size) && net.prefix_len() <= size
}

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = cx.node.as_ref().filter(|_| cx.makes_pools() && cx.wants_ipv6()) else { return };
    let now = cx.env_text(NAME);
    if let Some(size) = cx.target.ipv6_block_size {
        if (now.is_some() || size != IPV6_BLOCK)
            && let Some(fix) = cx.set_env(NAME, &size.to_string(), &NEAR_IPV6, "as requested")
        {
            diagnostics.push(at_env(&META, node, NAME).fix(fix));
        }
        return;
    }
    let in_range = |text: &str| text.parse::<u8>().is_ok_and(|n| IPV6_BLOCKS.contains(&n));
    if let Some(text) = now.filter(|text| !text.is_empty() && !in_range(text)) {
        diagnostics.push(
            at_env(&META, node, NAME)
                .message(format!("invalid IPv6 block size `{text}`: Calico accepts 116 to 128"))
                .help("correct it, or pass --ipv6-block-size"),
        );
    }
}
