use super::calico_ipam;
use crate::address::{Family, family, overlap};
use crate::diagnostic::upstream;
use crate::rules::change::{at_cni, cni_change, cni_title};
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::Kind;
use crate::yaml::write::Op;
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "CNI-005",
    name: "pool-list-of-other-family",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "ipv4_pools or ipv6_pools is not a list of pools of that IP family",
        consequence: "IPAM fails for every pod if an entry has the other IP family, if the value is a string instead of a list, or if a pool of that name does not exist, even in a family that is off",
        help: "list names or complete CIDRs of enabled pools of that family, or remove the key; in a single-stack cluster the fix removes the list of the other family",
        example: ("\"ipv6_pools\": [\"10.244.0.0/16\"]", "\"ipv6_pools\": [\"fd00:10:244::/56\"]"),
        sources: &[upstream::CALICO.file("cni-plugin/internal/pkg/utils/utils.go").symbol("ResolvePools").line(808)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some((config, cni)) = calico_ipam(install) else { continue };
        let Some(tree) = cni.tree() else { continue };
        for (key, wanted) in [("ipv4_pools", Family::Ipv4), ("ipv6_pools", Family::Ipv6)] {
            let Some(list) = cni.ipam_value(key) else { continue };
            if !cx.families().contains(&wanted) {
                let items: Vec<&str> = tree.items(list).filter_map(|item| tree.scalar(item)).collect();
                let why = "pods get no address of this IP family, and its pool goes away";
                let text = ChangeDescription::new(cni_title(config), key, Some(&items.join(", ")), None, why);
                let change = cni_change(config, cni, list, Op::Remove, Some(text));
                diagnostics.push(
                    at_cni(&META, config, cni, Some(list))
                        .message(format!("{key} lists pools of an IP family that pods do not get"))
                        .consequence("if a pool of this name does not exist, every pod fails, although the IP family is off: `error parsing pool`")
                        .help(format!("the fix removes {key}"))
                        .fix(Fix::new(vec![change])),
                );
                continue;
            }
            if tree.kind(list) != Kind::Sequence {
                diagnostics
                    .push(at_cni(&META, config, cni, Some(list)).message(format!("{key} is not a list")));
                continue;
            }
            for item in tree.items(list) {
                let net = tree.scalar(item).and_then(|text| text.parse::<IpNet>().ok());
                if net.is_some_and(|net| family(net) != wanted) {
                    diagnostics.push(
                        at_cni(&META, config, cni, Some(item))
                            .message(format!("{key} contains a CIDR that is not {wanted}")),
                    );
                    continue;
                }
                let (Some(net), Some(pool)) = (net, install.ipv6_pool(cx.target).map(IpNet::V6)) else {
                    continue;
                };
                if wanted != Family::Ipv6 || !cx.wants_ipv6() || net == pool {
                    continue;
                }
                let diagnostic = at_cni(&META, config, cni, Some(item));
                diagnostics.push(if overlap(net, pool) {
                    // Pools never overlap, so no other pool can have this CIDR.
                    diagnostic.message(format!(
                        "ipv6_pools contains {net}, which is a part of the pool {pool} and not a pool itself"
                    ))
                } else {
                    diagnostic
                        .severity(Severity::Warning)
                        .message("ipv6_pools contains a CIDR that is not the pool of this manifest")
                        .consequence("if no enabled pool has exactly this CIDR, every pod fails")
                });
            }
        }
    }
}
