//! What neither the files nor the steps can do.

use super::shell::code;
use super::view::View;
use crate::model::fields::{Component, Installer, ObjectKind};
use crate::rules::Effect;
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
    for (name, fields, component) in without_step(view) {
        note(&format!(
            "{name}: {fields}. No step changes this on the nodes: do it, and restart {component}."
        ));
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

/// The changes of a running cluster's components that no step makes: the file, the fields, and the component.
fn without_step(view: &View<'_>) -> Vec<(String, String, &'static str)> {
    let mut all: Vec<(String, String, &'static str)> = Vec::new();
    if view.is_for_new_cluster() {
        return all;
    }
    for (file, change) in view.changes() {
        let Effect::Restart(component) = change.effect else { continue };
        let field = &change.description.field;
        let has_step = match component {
            Component::ApiServer | Component::ControllerManager => field.starts_with("--"),
            Component::Kubelet => field.ends_with("node-ip"),
            Component::Proxy | Component::NodeCache => true,
            Component::Scheduler | Component::Etcd => false,
        };
        if has_step {
            continue;
        }
        let (name, field) = (code(&file.name), code(field));
        match all.iter_mut().find(|(known, _, other)| *known == name && *other == component.name()) {
            Some((_, fields, _)) => *fields = format!("{fields}, {field}"),
            None => all.push((name, field, component.name())),
        }
    }
    all
}
