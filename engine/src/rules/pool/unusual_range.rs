use crate::address::unusual;
use crate::diagnostic::upstream;
use crate::rules::change::at_env;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

pub(in crate::rules) const META: Metadata = Metadata {
    id: "POOL-010",
    name: "reserved-ipv6-pool-range",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the IPv6 CIDR overlaps a reserved range",
        consequence: "other networks and hosts may drop or misroute addresses of reserved ranges",
        help: "use a CIDR that is assigned to you, or a unique-local one (fd00::/8 with 40 random bits; RFC 4193)",
        example: ("2001::/64", "fd5a:2c19:83d1::/56"),
        sources: &[
            upstream::page(
                "IANA IPv6 Special-Purpose Address Registry",
                "https://www.iana.org/assignments/iana-ipv6-special-registry/iana-ipv6-special-registry.xhtml",
            ),
            upstream::page("RFC 4193", "https://www.rfc-editor.org/rfc/rfc4193"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        if !cx.wants_ipv6() {
            continue;
        }
        let pool = install.ipv6_pool(cx.target).or_else(|| {
            let nets = install.installation.iter().flat_map(|i| &i.pools).filter_map(|p| p.net);
            nets.filter_map(|net| if let ipnet::IpNet::V6(v6) = net { Some(v6) } else { None }).next()
        });
        let Some((pool, why)) = pool.and_then(|pool| Some((pool, unusual(ipnet::IpNet::V6(pool))?))) else {
            continue;
        };
        let diagnostic = match (&install.node, &install.installation) {
            (Some(node), _) => at_env(&META, node, "CALICO_IPV6POOL_CIDR").label(""),
            (None, Some(installation)) => {
                let node = installation.pool_list.or(installation.spec).unwrap_or(installation.root);
                installation.diagnostic(&META, node)
            }
            _ => continue,
        };
        // Labs use them, and they work inside a cluster.
        let is_lab = why.starts_with("documentation");
        let diagnostic = diagnostic.severity(if is_lab { Severity::Info } else { Severity::Warning });
        diagnostics.push(diagnostic.message(format!("{pool} contains {why}")));
    }
}
