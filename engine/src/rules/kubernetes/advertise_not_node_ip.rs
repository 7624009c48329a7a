use crate::address::family_of;
use crate::diagnostic::upstream;
use crate::model::fields::{FieldKind, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use ipnet::IpNet;
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "KADM-ADV-NOT-NODEIP",
    name: "advertise-address-not-a-node-ip",
    kind: RuleKind::Defect,
    severity: Severity::Info,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the API server advertises an address of the node's network that is not one of the node's addresses",
        consequence: "if the host has no such address, etcd of this node cannot listen on it, and kubeadm init fails (1.37 and later says `Port 2379 is in use`); with an external etcd, kubelet probes this address and restarts the API server again and again, and clients of the Service kubernetes do not reach it",
        help: "check that the host has this address; usually it is the first address of node-ip",
        example: ("advertiseAddress: 192.0.2.1", "advertiseAddress: 192.0.2.11"),
        sources: &[
            upstream::page(
                "Kubernetes: Dual-stack support with kubeadm",
                "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/dual-stack-support/",
            ),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// The network that an address usually belongs to.
fn network(address: IpAddr) -> Option<IpNet> {
    let prefix = if address.is_ipv4() { 24 } else { 64 };
    IpNet::new(address, prefix).ok().map(|net| net.trunc())
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (object, field) in cx.config.fields_of(&[FieldKind::Advertise]) {
        if !matches!(object.kind, ObjectKind::InitConfiguration | ObjectKind::JoinConfiguration) {
            continue;
        }
        let Ok(advertised) = field.text.trim().parse::<IpAddr>() else { continue };
        let mut nodes =
            cx.config.fields_of_object(field.object).filter(|other| other.kind == FieldKind::NodeIp);
        let Some(node) = nodes.next() else { continue };
        let own: Vec<IpAddr> = node.text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
        // A separate network for the API server is usual.
        let beside = own.iter().find(|address| {
            family_of(**address) == family_of(advertised) && network(**address) == network(advertised)
        });
        let Some(beside) = beside.filter(|_| !own.contains(&advertised)) else { continue };
        let message =
            format!("the API server advertises {advertised}, but the address of the node is {beside}");
        let place = cx.documents.place(object.start(node.node));
        diagnostics.push(
            cx.at_field(&META, field)
                .message(message)
                .label(&field.name)
                .related(place, "the node's addresses"),
        );
    }
}
