use crate::address::family;
use crate::diagnostic::upstream;
use crate::model::facts::stated::About;
use crate::rules::change::at_env;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "POOL-OUTSIDE",
    name: "pool-outside-pod-cidr",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a pool is not inside the cluster's pod CIDR",
        consequence: "kube-proxy (in detectLocalMode ClusterCIDR) treats these pods as outside the cluster and masquerades what they send to Services; on kubeadm and OpenShift the operator goes Degraded (since 1.34 only while the cluster has no IPPool): `is not within the platform's configured pod network CIDR(s)`",
        help: "choose a pool CIDR inside the pod CIDR. In a new cluster you can also set the pod CIDR of the controller manager and kube-proxy to that of the pool; in a running one kube-controller-manager may then exit",
        example: ("", ""),
        sources: &[
            upstream::OPERATOR.file("pkg/controller/ippool/defaults.go").line(346),
            upstream::KUBERNETES.file("pkg/proxy/iptables/proxier.go").line(1091),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let mut report = |net: IpNet, diagnostic: Diagnostic| {
            let is_wanted = if net.addr().is_ipv4() { cx.wants_ipv4() } else { cx.wants_ipv6() };
            let mut pods = cx
                .cluster
                .lists
                .stated
                .iter()
                .filter(|s| s.about == About::Pods && family(s.net) == family(net));
            // An option replaces the value of the file.
            let is_asked = match net {
                IpNet::V4(_) => cx.target.ipv4_pod_cidr.is_some(),
                IpNet::V6(_) => cx.target.ipv6_pod_cidr.is_some(),
            };
            if let Some(stated) =
                pods.next().filter(|stated| is_wanted && !is_asked && !stated.net.contains(&net))
            {
                let message = format!(
                    "{net} is not inside the pod CIDR {} at {} ({})",
                    stated.net, stated.place, stated.by
                );
                diagnostics.push(diagnostic.message(message));
            }
        };
        if let Some(node) = install.node.as_ref().filter(|_| install.makes_pools()) {
            for name in ["CALICO_IPV4POOL_CIDR", "CALICO_IPV6POOL_CIDR"] {
                if let Some(net) = install.env_text(name).and_then(|text| text.parse().ok()) {
                    report(net, at_env(&META, node, name));
                }
            }
        }
        if let Some(installation) = &install.installation {
            for pool in &installation.pools {
                if let Some((net, cidr)) = pool.net.zip(pool.cidr.as_ref()) {
                    report(net, installation.diagnostic(&META, cidr.node));
                }
            }
        }
    }
}
