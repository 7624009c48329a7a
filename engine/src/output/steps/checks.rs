//! What to check before the files are applied, because they do not show it. The summary of a transform lists the same checks.

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
    /// What the command prints if all is well; empty without a command.
    pub expect: &'static str,
    /// Whether the command runs on each node.
    pub on_nodes: bool,
}

/// Returns what to check before you apply the transformed files, in order. `has_cluster`: they include files of the Kubernetes
/// layer.
#[must_use]
pub fn checks(installs: &[Install], has_cluster: bool, target: &Target) -> Vec<Check> {
    if !target.to.has_ipv6() {
        return Vec::new();
    }
    let mut checks = Vec::new();
    let mut check = |text: String, command, expect, on_nodes| {
        checks.push(Check { text, command, expect, on_nodes });
    };
    let addressed = installs.iter().any(|i| i.facts.backend != Backend::None);
    if addressed {
        check(
            "every node has a global or unique-local IPv6 address: calico-node exits on a node without one, and the node loses IPv4 networking too".to_owned(),
            Some("ip -6 addr show scope global"),
            "at least one inet6 address on the interface of the node network, neither tentative nor dadfailed",
            true,
        );
    }
    if target.to == Stack::Ipv6Only && addressed && target.nodes_have_ipv4.is_none() {
        let text = "assuming nodes have no IPv4 address; if they do, pass --nodes-have-ipv4=true";
        check(text.to_owned(), None, "", false);
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
    check(text, Some("kubectl get nodes -o jsonpath='{.items[*].spec.podCIDRs}'"), "", false);
    check(
        "every node forwards IPv6 and has a default IPv6 route".to_owned(),
        Some("sysctl net.ipv6.conf.all.forwarding; ip -6 route show default"),
        "net.ipv6.conf.all.forwarding = 1, and a line that begins with default",
        true,
    );
    if installs.iter().any(|i| i.facts.variant == Variant::Canal) {
        let text = "Calico's documentation does not cover canal with IPv6; the canal community supports it";
        check(text.to_owned(), None, "", false);
    }
    checks
}
