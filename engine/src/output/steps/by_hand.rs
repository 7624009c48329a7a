//! What neither the files nor the steps can do.

use super::view::View;
use crate::model::fields::{Installer, ObjectKind};
use crate::target::Stack;

pub(super) fn notes(view: &View<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |text: &str| notes.push(text.to_owned());
    if view.has_kind(ObjectKind::LoadBalancerPool) {
        note(
            "Load balancer pools: give each pool a range of the other family, before a Service of type LoadBalancer asks for one.",
        );
    }
    if view.has_kind(ObjectKind::Ingress) {
        note("Ingress controllers: their own Service, and their lists of allowed clients.");
    }
    if view.has_kind(ObjectKind::Policy) || view.has_kind(ObjectKind::NetworkSet) {
        note(
            "Network policies with CIDRs: add the CIDRs of the other family; a rule with IPv4 CIDRs says nothing about IPv6.",
        );
    }
    if view.has_kind(ObjectKind::BgpPeer) || view.has_kind(ObjectKind::BgpConfiguration) {
        note("BGP: the routers outside must accept the new peers and prefixes.");
    }
    if view.target.to == Stack::Ipv4Only {
        note(
            "DNS records: remove the AAAA records of Services before the first step, or clients try IPv6 first.",
        );
    } else {
        let ipv6 = crate::address::Family::Ipv6;
        let nets = view.pods().1.of(ipv6).into_iter().chain(view.services().1.of(ipv6));
        let ranges: Vec<String> = nets.map(|net| net.to_string()).collect();
        let of = if ranges.is_empty() { String::new() } else { format!(" ({})", ranges.join(", ")) };
        notes.push(format!(
            "Firewalls and cloud settings between the nodes and outside: allow IPv6 of nodes, pods and Services{of}, and ICMPv6."
        ));
        notes.push(
            "DNS records of what is reached from outside: add AAAA records only after the tests above."
                .to_owned(),
        );
    }
    if view.has_installer(Installer::Kubespray) && view.target.to.has_ipv6() {
        notes.push("The inventory: `ip6` and `access_ip6` of each host.".to_owned());
    }
    notes
}
