use crate::address::family;
use crate::model::facts::stated::About;
use crate::rules::change::at_env;
use crate::rules::{
    Check, Diagnostic, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity,
};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "POOL-OUTSIDE",
    name: "pool-outside-the-range-of-pods",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "a pool is not inside the range of pods that the cluster is told",
    consequence: "kube-proxy takes these pods for something outside and masquerades their traffic; the operator reports `IPPool is not within the platform's configured pod network CIDR(s)` and stays Degraded",
    help: "give the pool a range inside it, or tell controller manager and kube-proxy the range of the pool",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["tigera/operator: pkg/controller/installation/core_controller.go"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let mut tell = |net: IpNet, diagnostic: Diagnostic| {
        let is_wanted = if net.addr().is_ipv4() { cx.wants_ipv4() } else { cx.wants_ipv6() };
        let mut pods = cx.stated.iter().filter(|t| t.about == About::Pods && family(t.net) == family(net));
        // An option takes the place of what stands here.
        let is_asked = match net {
            IpNet::V4(_) => cx.target.ipv4_pod_cidr.is_some(),
            IpNet::V6(_) => cx.target.ipv6_pod_cidr.is_some(),
        };
        if let Some(told) = pods.next().filter(|told| is_wanted && !is_asked && !told.net.contains(&net)) {
            let message = format!("{net} is not inside {} at {} ({})", told.net, told.place, told.by);
            diagnostics.push(diagnostic.message(message));
        }
    };
    if let Some(node) = cx.node.as_ref().filter(|_| cx.makes_pools()) {
        for name in ["CALICO_IPV4POOL_CIDR", "CALICO_IPV6POOL_CIDR"] {
            if let Some(net) = cx.env_text(name).and_then(|text| text.parse().ok()) {
                tell(net, at_env(&META, node, name));
            }
        }
    }
    if let Some(installation) = &cx.installation {
        for pool in &installation.pools {
            if let Some((net, &(place, _))) = pool.net.zip(pool.cidr.as_ref()) {
                tell(net, installation.diagnostic(&META, place));
            }
        }
    }
}
