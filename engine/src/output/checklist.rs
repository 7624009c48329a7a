//! What to check before you apply the files, because the files do not show it.

use crate::model::facts::Variant;
use crate::target::{Backend, Stack, Target};
use crate::transform::Install;

/// An item to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What must be true, and what happens otherwise.
    pub text: String,
    /// A command that shows it, if there is one.
    pub command: Option<&'static str>,
}

/// Returns what to check before you apply the transformed files, in order. `has_cluster`: they include files of the Kubernetes
/// layer.
#[must_use]
pub fn before_apply(installs: &[Install], has_cluster: bool, target: &Target) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut check = |text: &str, command| checks.push(Check { text: text.to_owned(), command });
    let addressed = installs.iter().any(|i| i.facts.backend != Backend::None);
    if target.to.has_ipv6() {
        if addressed {
            check(
                "every node has a global or unique-local IPv6 address: calico-node exits on a node without one, and the node loses IPv4 networking too",
                Some("ip -6 addr show scope global"),
            );
        }
        if target.to == Stack::Ipv6Only && addressed && target.nodes_have_ipv4.is_none() {
            check("assuming nodes have no IPv4 address; if they do, pass --nodes-have-ipv4=true", None);
        }
        let families = match target.to {
            Stack::DualStack => "both IP families",
            _ => "IPv6 (pod and service CIDRs, node addresses)",
        };
        let text = if has_cluster {
            format!(
                "the API server, controller manager, kubelet and kube-proxy must all have {families}, including settings in files you did not pass"
            )
        } else {
            format!(
                "the API server, controller manager, kubelet and kube-proxy must have {families}: these files do not configure them; check yourself"
            )
        };
        check(&text, Some("kubectl get nodes -o jsonpath='{.items[*].spec.podCIDRs}'"));
        check(
            "every node forwards IPv6 and has a default IPv6 route",
            Some("sysctl net.ipv6.conf.all.forwarding; ip -6 route show default"),
        );
        if installs.iter().any(|i| i.facts.variant == Variant::Canal) {
            check(
                "Calico's documentation does not cover canal with IPv6; the canal community supports it",
                None,
            );
        }
    }
    checks
}

/// What to do on a running cluster, one line.
#[must_use]
pub fn running_cluster(installs: &[Install], has_cluster: bool, target: &Target) -> Option<&'static str> {
    let operator = installs.iter().any(|i| i.facts.variant == Variant::Operator);
    match target.to {
        Stack::DualStack if has_cluster => Some(
            "restart the API server first, then the controller manager, then kubelet and kube-proxy on every node; existing Services stay single-stack until you change their ipFamilyPolicy",
        ),
        Stack::Ipv4Only if has_cluster => Some(
            "first set ipFamilyPolicy: SingleStack on every Service; nodes keep their podCIDRs until they are recreated",
        ),
        Stack::DualStack if operator => Some(
            "the operator restarts calico-node and creates the IPv6 pool (before Calico 3.28 calico-node creates it); existing pods get IPv6 only after they are recreated",
        ),
        Stack::DualStack => {
            Some("existing pools are not changed; existing pods get IPv6 only after they are recreated")
        }
        Stack::Ipv6Only => Some(
            "a running IPv4 cluster cannot be converted to IPv6-only, because its node and service addresses are fixed; use these files for a new cluster",
        ),
        Stack::Ipv4Only => Some(
            "recreate the pods first, then delete the IPv6 pool; Calico keeps the IPv6 address of a node until you remove it from the Node",
        ),
    }
}
