//! What a person checks before applying, because no file tells it.

use crate::model::facts::Variant;
use crate::target::{Backend, Stack, Target};
use crate::transform::Install;

/// One thing to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What must hold, and what happens where it does not.
    pub text: String,
    /// A command that shows it; none where there is none.
    pub command: Option<&'static str>,
}

/// What to check before the transformed files are applied, in this order. `has_cluster`: files of the cluster below Calico
/// are among them.
#[must_use]
pub fn before_apply(installs: &[Install], has_cluster: bool, target: &Target) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut check = |text: &str, command| checks.push(Check { text: text.to_owned(), command });
    let addressed = installs.iter().any(|i| i.facts.backend != Backend::None);
    if target.to.has_ipv6() {
        if addressed {
            check(
                "every node has a global or unique-local IPv6 address: calico-node stops on a node without one, and its IPv4 goes with it",
                Some("ip -6 addr show scope global"),
            );
        }
        if target.to == Stack::Ipv6Only && addressed && target.nodes_have_ipv4.is_none() {
            check(
                "nodes are taken to have no IPv4 address; where they have one, say --nodes-have-ipv4=true",
                None,
            );
        }
        let families = match target.to {
            Stack::DualStack => "both families",
            _ => "IPv6 (pod and service ranges, node addresses)",
        };
        let text = if has_cluster {
            format!(
                "the API server, controller manager, kubelet and kube-proxy all know {families}, also where they are in none of these files"
            )
        } else {
            format!(
                "the API server, controller manager, kubelet and kube-proxy know {families}: nothing about them in these files"
            )
        };
        check(&text, Some("kubectl get nodes -o jsonpath='{.items[*].spec.podCIDRs}'"));
        check(
            "every node forwards IPv6 and has a default IPv6 route",
            Some("sysctl net.ipv6.conf.all.forwarding; ip -6 route show default"),
        );
        if installs.iter().any(|i| i.facts.variant == Variant::Canal) {
            check("canal with IPv6 is supported by its community, not by Calico's documentation", None);
        }
    }
    checks
}

/// What becomes of a cluster that runs already, one line.
#[must_use]
pub fn running_cluster(installs: &[Install], has_cluster: bool, target: &Target) -> Option<&'static str> {
    let operator = installs.iter().any(|i| i.facts.variant == Variant::Operator);
    match target.to {
        Stack::DualStack if has_cluster => Some(
            "restart the API server first, then the controller manager, kubelet and kube-proxy of every node; Services keep one family until their ipFamilyPolicy says otherwise",
        ),
        Stack::Ipv4Only if has_cluster => Some(
            "give every Service ipFamilyPolicy: SingleStack first; nodes keep their podCIDRs until they are made anew",
        ),
        Stack::DualStack if operator => Some(
            "the operator rolls calico-node out by itself (Calico 3.28 and later); pods keep their addresses until they are made anew",
        ),
        Stack::DualStack => Some(
            "pools are made once: an existing IPv6 pool keeps its range; pods keep their addresses until they are made anew",
        ),
        Stack::Ipv6Only => Some(
            "a running IPv4 cluster cannot become IPv6-only in place: its node and service addresses are fixed; this is for a new one",
        ),
        Stack::Ipv4Only => Some(
            "remake the pods first, then delete the IPv6 pool; a node keeps its IPv6 address in Calico until it is patched",
        ),
    }
}
