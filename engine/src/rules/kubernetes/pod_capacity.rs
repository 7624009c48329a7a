use super::masks::{DEFAULT_IPV4, DEFAULT_IPV6, fits};
use crate::address::{Family, family_of};
use crate::diagnostic::upstream;
use crate::model::facts::Ipam;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{Component, FieldKind, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "K8S-POD-CAPACITY",
    name: "pod-range-for-too-few-nodes",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the pod CIDR has no part for every node",
        consequence: "the controller manager gives the other nodes no pod CIDR, and records the event CIDRNotAvailable. Calico IPAM does not use these parts: pods still get addresses, except with host-local IPAM and usePodCidr",
        help: "use a larger pod CIDR, or smaller parts: --node-cidr-mask-size-ipv6 of the controller manager (in a single-stack cluster before v1.23: --node-cidr-mask-size)",
        example: ("podSubnet: fd00:10:244::/64", "podSubnet: fd00:10:244::/56"),
        sources: &[
            upstream::KUBERNETES
                .file("pkg/controller/nodeipam/ipam/range_allocator.go")
                .symbol("CIDRNotAvailable")
                .line(331),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    // Before, kubeadm computed the size of a part from the CIDR.
    if cx.before(1, 20) {
        return;
    }
    let has_host_local = cx.installs.iter().any(|install| install.facts.ipam == Ipam::HostLocal);
    for (object, field) in cx.config.fields_of(&[FieldKind::PodRange]) {
        let is_allocator = ObjectKind::Process(Component::ControllerManager);
        if object.kind != is_allocator && object.kind != ObjectKind::ClusterConfiguration {
            continue;
        }
        let flags =
            || cx.config.flags_of(Component::ControllerManager).filter(|(_, f)| f.object == field.object);
        let value = |name: &str| flags().find_map(|(_, flags)| flags.value(name));
        let allocates = match value("allocate-node-cidrs") {
            Some(text) => text != "false",
            None => object.kind != is_allocator,
        };
        let Some(own) = Ranges::read(&field.text).filter(|_| allocates) else { continue };
        for net in &own.nets {
            let (family, flag, default) = match crate::address::family(*net) {
                Family::Ipv4 => (Family::Ipv4, "node-cidr-mask-size-ipv4", DEFAULT_IPV4),
                Family::Ipv6 => (Family::Ipv6, "node-cidr-mask-size-ipv6", DEFAULT_IPV6),
            };
            let size = |name| value(name).and_then(|text| text.parse::<u8>().ok());
            let mask = size(flag).or_else(|| size("node-cidr-mask-size")).unwrap_or(default);
            // Another rule reports a part that does not fit.
            if !fits(net.prefix_len(), mask, family) {
                continue;
            }
            let room = 1u64 << (mask - net.prefix_len()).min(63);
            let nodes = nodes(cx, family);
            let severity = match nodes > room {
                true if has_host_local => Severity::Error,
                true => Severity::Warning,
                false if room == 1 => Severity::Info,
                false => continue,
            };
            let parts = if room == 1 { "one node".to_owned() } else { format!("{room} nodes") };
            let have = if nodes > room { format!(", and these files have {nodes}") } else { String::new() };
            let message = format!("{net} has room for {parts}, because each gets a /{mask}{have}");
            diagnostics.push(
                cx.at_item(&META, field, &net.to_string())
                    .message(message)
                    .label(&field.name)
                    .severity(severity)
                    .stops(false),
            );
        }
    }
}

/// How many nodes the files have, by their different addresses of a family.
fn nodes(cx: &Context<'_>, family: Family) -> u64 {
    let is_node_ip = |by: &str| by.ends_with("node-ip");
    let all = cx.cluster.lists.node_addresses.in_order().iter();
    let own = all.filter(|one| is_node_ip(&one.by) && family_of(one.address) == family);
    let mut different: Vec<IpAddr> = own.map(|one| one.address).collect();
    different.sort();
    different.dedup();
    different.len() as u64
}
