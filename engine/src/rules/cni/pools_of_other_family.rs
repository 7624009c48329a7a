use super::calico_ipam;
use crate::address::{Family, family, overlap};
use crate::rules::change::at_cni;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};
use crate::yaml::Kind;
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "CNI-005",
    name: "pool-list-of-other-family",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "ipv4_pools or ipv6_pools is no list of pools of its family",
    consequence: "on an entry of the other family, or a text instead of a list, IPAM fails for every pod",
    help: "list names or whole ranges of enabled pools of that family, or take the key out",
    fixable: Fixable::Never,
    gates: &[],
    example: ("\"ipv6_pools\": [\"10.244.0.0/16\"]", "\"ipv6_pools\": [\"fd00:10:244::/56\"]"),
    sources: &["projectcalico/calico: cni-plugin/internal/pkg/utils/utils.go"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some((config, cni)) = calico_ipam(cx) else { return };
    let Some(tree) = cni.tree() else { return };
    for (key, wanted) in [("ipv4_pools", Family::Ipv4), ("ipv6_pools", Family::Ipv6)] {
        let Some(list) = cni.ipam_value(key) else { continue };
        if tree.kind(list) != Kind::Sequence {
            diagnostics.push(at_cni(&META, config, cni, Some(list)).message(format!("{key} is no list")));
            continue;
        }
        for item in tree.items(list) {
            let net = tree.scalar(item).and_then(|text| text.parse::<IpNet>().ok());
            if net.is_some_and(|net| family(net) != wanted) {
                diagnostics.push(
                    at_cni(&META, config, cni, Some(item))
                        .message(format!("{key} holds a range that is not {wanted}")),
                );
                continue;
            }
            let (Some(net), Some(pool)) = (net, cx.ipv6_pool().map(IpNet::V6)) else { continue };
            if wanted != Family::Ipv6 || !cx.wants_ipv6() || net == pool {
                continue;
            }
            let diagnostic = at_cni(&META, config, cni, Some(item));
            diagnostics.push(if overlap(net, pool) {
                // Pools never overlap, so this one cannot be made elsewhere.
                diagnostic.message(format!(
                    "ipv6_pools names {net}, a part of the pool {pool}, and no pool of its own"
                ))
            } else {
                diagnostic
                    .severity(Severity::Warning)
                    .message("ipv6_pools names a range that is not the pool of this manifest")
                    .consequence("where no enabled pool has exactly this range every pod fails")
            });
        }
    }
}
