use super::at_pools;
use crate::address::{Family, overlap};
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "POOL-020",
    name: "pools-overlap",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "two pools share addresses",
    consequence: "the API server refuses the second pool, also where the first is disabled; the operator does not notice before",
    help: "give each pool a range of its own",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["projectcalico/calico: libcalico-go/lib/clientv3/ippool.go"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(installation) = cx.installation.as_ref().filter(|_| cx.wants_ipv6()) else { return };
    let stays = |net: &IpNet| match crate::address::family(*net) {
        Family::Ipv4 => cx.wants_ipv4(),
        Family::Ipv6 => cx.wants_ipv6(),
    };
    let pools: Vec<_> = installation.pools.iter().filter(|p| p.net.as_ref().is_some_and(stays)).collect();
    for (i, pool) in pools.iter().enumerate() {
        let Some((net, &(place, _))) = pool.net.zip(pool.cidr.as_ref()) else { continue };
        let other = pools[..i].iter().filter_map(|p| p.net).find(|other| overlap(net, *other));
        if let Some(other) = other {
            let message = format!("{net} overlaps the pool {other}");
            diagnostics.push(installation.diagnostic(&META, place).message(message));
        }
    }
    // One pool of the family takes the range that is asked for; among several it must be one of them.
    let ipv6: Vec<IpNet> =
        pools.iter().filter_map(|p| p.net).filter(|net| matches!(net, IpNet::V6(_))).collect();
    if let Some(asked) = cx.target.ipv6_pod_cidr.map(IpNet::V6)
        && ipv6.len() > 1
        && !ipv6.contains(&asked)
    {
        let message = format!("{asked} is none of the IPv6 pools that are listed");
        let diagnostic = at_pools(&META, installation).message(message);
        diagnostics.push(
            diagnostic
                .consequence("which of them it should replace is not to be told")
                .help("name one of them, leave --ipv6-pod-cidr out, or edit the list by hand"),
        );
    }
}
