use super::at_pools;
use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "POOL-028",
    name: "requested-pool-not-listed",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "--ipv6-pod-cidr is not one of the listed IPv6 pools",
        consequence: "it is not clear which pool should be replaced",
        help: "pass the CIDR of one of the pools, omit --ipv6-pod-cidr, or edit the list by hand",
        example: ("", ""),
        sources: &[upstream::OPERATOR.file("api/v1/installation_types.go").symbol("IPPools").line(639)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some(installation) = install.installation.as_ref().filter(|_| cx.wants_ipv6()) else { continue };
        // A single IPv6 pool gets the requested CIDR; if there are several, it must be one of them.
        let ipv6: Vec<IpNet> = installation
            .pools
            .iter()
            .filter_map(|p| p.net)
            .filter(|net| matches!(net, IpNet::V6(_)))
            .collect();
        if let Some(asked) = cx.target.ipv6_pod_cidr.map(IpNet::V6)
            && ipv6.len() > 1
            && !ipv6.contains(&asked)
        {
            let message = format!("{asked} is not one of the listed IPv6 pools");
            diagnostics.push(at_pools(&META, installation).message(message));
        }
    }
}
