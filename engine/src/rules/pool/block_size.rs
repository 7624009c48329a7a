use super::NEAR_IPV6;
use crate::address::{Family, IPV4_BLOCKS, IPV6_BLOCK, IPV6_BLOCKS};
use crate::diagnostic::upstream;
use crate::model::installation::Installation;
use crate::model::pool::{Pool, PoolField};
use crate::rules::change::at_env;
use crate::rules::kubernetes::templates::is_template_in_object;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

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
        consequence: "if the size is out of range, calico-node exits before it creates any pool (before 3.14 after it created the IPv4 pool); if it does not fit the pool, calico-node exits when it creates this pool. The operator goes Degraded, and the Calico API server refuses the pool. crd.projectcalico.org/v1 accepts it (3.32 and later refuse values above 128), but IPAM cannot use too large blocks, such as an IPv6 /64: pods get no address",
        help: "set 20 to 32 for IPv4 (default 26) or 116 to 128 for IPv6 (default 122), and not shorter than the pool's prefix; for calico-node pass --ipv6-block-size",
        example: (
            "- name: CALICO_IPV6POOL_BLOCK_SIZE\n  value: \"64\"",
            "- name: CALICO_IPV6POOL_BLOCK_SIZE\n  value: \"122\"",
        ),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").symbol("validateBlockSize").line(1013),
            upstream::CALICO.file("libcalico-go/lib/clientv3/ippool.go").line(436),
            upstream::OPERATOR.file("pkg/controller/ippool/validation.go").line(108),
            upstream::CALICO.issue(5819),
            upstream::CALICO.issue(5202),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const IPV4_NAME: &str = "CALICO_IPV4POOL_BLOCK_SIZE";
const IPV6_NAME: &str = "CALICO_IPV6POOL_BLOCK_SIZE";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        if let Some(installation) = &install.installation {
            listed(cx, installation, diagnostics);
            continue;
        }
        let Some(node) = install.node.as_ref().filter(|_| install.makes_pools()) else { continue };
        for (family, name, allowed) in
            [(Family::Ipv4, IPV4_NAME, IPV4_BLOCKS), (Family::Ipv6, IPV6_NAME, IPV6_BLOCKS)]
        {
            let now = install.env_text(name);
            let asked = cx.target.ipv6_block_size.filter(|_| family == Family::Ipv6);
            if !cx.target.to.has(family) {
                continue;
            }
            if let Some(size) = asked {
                if (now.is_some() || size != IPV6_BLOCK)
                    && let Some(fix) = install.set_env(name, &size.to_string(), &NEAR_IPV6, "as requested")
                {
                    diagnostics.push(at_env(&META, node, name).fix(fix));
                }
                continue;
            }
            let in_range = |text: &str| text.parse().is_ok_and(|size| allowed.contains(&size));
            if let Some(text) = now.filter(|text| !text.is_empty() && !in_range(text)) {
                let (first, last) = (allowed.start(), allowed.end());
                let message =
                    format!("invalid {family} block size `{text}`: Calico accepts {first} to {last}");
                let help = match family {
                    Family::Ipv4 => "correct it, or remove the variable: the default is 26",
                    Family::Ipv6 => "correct it, or pass --ipv6-block-size",
                };
                diagnostics.push(at_env(&META, node, name).message(message).help(help));
            }
        }
    }
}

fn listed(cx: &Context<'_>, installation: &Installation<'_>, diagnostics: &mut Diagnostics) {
    // A pool that is removed or converted to the other IP family gets another block size.
    let stays = |pool: &&Pool| pool.family().is_some_and(|family| cx.target.to.has(family));
    for pool in installation.pools.iter().filter(stays) {
        if let Some((size, message)) = wrong_size(pool) {
            let help = "set blockSize to 20 to 32 for IPv4 or 116 to 128 for IPv6, and not shorter than the pool's prefix";
            let diagnostic = installation.diagnostic(&META, size.node).message(message);
            diagnostics.push(diagnostic.consequence("the operator goes Degraded").help(help));
        }
    }
}

/// The block size of a pool if Calico does not accept it, and a message.
pub(in crate::rules) fn wrong_size(pool: &Pool) -> Option<(&PoolField, String)> {
    let (size, net) = pool.wrong_block_size()?;
    // Another rule reports a template.
    (!is_template_in_object(&size.text))
        .then(|| (size, format!("block size {} does not fit the pool {net}", size.text)))
}
