use super::NEAR_IPV6;
use crate::address::{IPV6_BLOCK, IPV6_BLOCKS};
use crate::rules::change::at_env;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};

const META: Metadata = Metadata {
    id: "POOL-003",
    name: "ipv6-block-size-out-of-range",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the block size of the IPv6 pool is not the one wanted, or none that Calico takes",
    consequence: "calico-node takes 116 to 128 and exits on anything else, after it has made the IPv4 pool",
    help: "CALICO_IPV6POOL_BLOCK_SIZE becomes what --ipv6-block-size kind; 122 is the default",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: (
        "- name: CALICO_IPV6POOL_BLOCK_SIZE\n  value: \"64\"",
        "- name: CALICO_IPV6POOL_BLOCK_SIZE\n  value: \"122\"",
    ),
    sources: &[
        "projectcalico/calico: node/pkg/lifecycle/startup/startup.go",
        "projectcalico/calico: issues 5819, 5202",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

const NAME: &str = "CALICO_IPV6POOL_BLOCK_SIZE";

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = cx.node.as_ref().filter(|_| cx.makes_pools() && cx.wants_ipv6()) else { return };
    let now = cx.env_text(NAME);
    if let Some(size) = cx.target.ipv6_block_size {
        if (now.is_some() || size != IPV6_BLOCK)
            && let Some(fix) = cx.set_env(NAME, &size.to_string(), &NEAR_IPV6, "as asked for")
        {
            diagnostics.push(at_env(&META, node, NAME).fix(fix));
        }
        return;
    }
    let in_range = |text: &str| text.parse::<u8>().is_ok_and(|n| IPV6_BLOCKS.contains(&n));
    if let Some(text) = now.filter(|text| !text.is_empty() && !in_range(text)) {
        diagnostics.push(
            at_env(&META, node, NAME)
                .message(format!("`{text}` is no block size for IPv6: 116 to 128"))
                .help("correct it, or give --ipv6-block-size"),
        );
    }
}
