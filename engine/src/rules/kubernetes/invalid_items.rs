//! Items of lists that are not what the list is for: a CIDR, a range of addresses, one IP family.

use super::bgp_filter_of_one_family::lists;
use super::ranges::UNREADABLE_META;
use super::strict_addresses::{Text, texts, without_zeros};
use super::templates::is_template_in_object;
use crate::address::{Family, family};
use crate::model::facts::stated::nets;
use crate::model::fields::{ConfigObject, Field, FieldKind, Items, ObjectKind, net_nodes};
use crate::rules::{Context, Diagnostic, Diagnostics};
use crate::yaml::NodeId;
use ipnet::IpNet;
use std::net::IpAddr;

pub(super) const REFUSES: &str = "Calico's API server and calicoctl refuse the object";
const API_REFUSES: &str = "the API server refuses the object";

/// Reports items that are not CIDRs, two CIDRs in one item, ranges that MetalLB cannot read, and rules of a BGPFilter with a CIDR of
/// the other IP family.
pub(super) fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for field in &cx.config.fields {
        let object = &cx.config.objects[field.object];
        match field.kind {
            FieldKind::NodePortRange if field.text != "primary" => {
                diagnostics.extend(invalid(cx, object, field.node, &field.text).map(|diagnostic| {
                    diagnostic
                        .consequence("kube-proxy refuses its configuration and exits: `must be a valid CIDR`")
                }));
            }
            FieldKind::LoadBalancerRange if object.kind == ObjectKind::LoadBalancerPool => {
                diagnostics.extend(addresses(cx, object, field));
            }
            FieldKind::Advertised => {
                for (node, text) in items(object, field) {
                    diagnostics.extend(invalid(cx, object, node, text).map(|d| d.consequence(REFUSES)));
                }
            }
            FieldKind::Pool | FieldKind::LoadBalancerRange if object.kind == ObjectKind::IpPool => {
                let found = invalid(cx, object, field.node, &field.text);
                diagnostics.extend(found.map(|d| d.consequence(REFUSES)));
            }
            // k3s and RKE2 split the items of their lists at commas.
            FieldKind::PodRange | FieldKind::ServiceRange
                if is_one_each(object.kind) && field.items.is_some() =>
            {
                for (node, text) in items(object, field).filter(|(_, text)| text.contains(',')) {
                    diagnostics.push(two_in_one(cx, object, node, text));
                }
            }
            _ => {}
        }
    }
    for Text { object, node, text, .. } in texts(cx).into_iter().filter(|text| text.name != "externalIPs") {
        // Other rules remove leading zeros, and report host bits.
        let is_read = |part: &str| part.trim().parse::<IpNet>().is_ok() || without_zeros(part).is_some();
        if !text.split(',').all(is_read) {
            let found = invalid(cx, object, node, text);
            diagnostics.extend(found.map(|d| d.consequence(API_REFUSES).stops(false)));
        }
    }
    let has_nets =
        |object: &&ConfigObject<'_>| matches!(object.kind, ObjectKind::Policy | ObjectKind::NetworkSet);
    for object in cx.config.objects.iter().filter(has_nets) {
        // Those of Kubernetes are among the texts above.
        let nets = if object.group() == "networking.k8s.io" { Vec::new() } else { net_nodes(object) };
        for node in nets {
            // Calico reads an address as a range, too.
            let text = object.tree().scalar(node).filter(|text| text.parse::<IpAddr>().is_err());
            let found = text.and_then(|text| invalid(cx, object, node, text));
            // No other change depends on it.
            let refuses = "the API server, or calicoctl, refuses the object";
            diagnostics.extend(found.map(|d| d.consequence(refuses).stops(false)));
        }
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Node) {
        for (key, wanted) in [("ipv4Address", Family::Ipv4), ("ipv6Address", Family::Ipv6)] {
            let node = object.tree().at(object.root, &["spec", "bgp", key]);
            diagnostics.extend(node.and_then(|node| bgp_address(cx, object, node, wanted)));
        }
    }
    for (_, object) in cx.config.objects_of(ObjectKind::BgpFilter) {
        for wanted in [Family::Ipv4, Family::Ipv6] {
            for (node, text) in lists(object, wanted).flat_map(|list| cidrs(object, list)) {
                diagnostics.extend(filter(cx, object, node, text, wanted));
            }
        }
    }
}

/// The address with which a Node of Calico has its BGP sessions: one address, which may have a length.
fn bgp_address(
    cx: &Context<'_>,
    object: &ConfigObject<'_>,
    node: NodeId,
    wanted: Family,
) -> Option<Diagnostic> {
    let text = object.tree().scalar(node).filter(|text| !text.is_empty() && !is_template_in_object(text))?;
    let found = cx.at(&UNREADABLE_META, object, node).stops(false);
    let net = nets(text).into_iter().next().filter(|_| !text.contains('-'));
    let help = "write an address of the node with the length of its network";
    if net.is_none_or(|net| family(net) != wanted) {
        let message = format!("`{text}` is not an {wanted} address");
        return Some(found.message(message).consequence(REFUSES).help(help));
    }
    let is_link_local = matches!(net, Some(IpNet::V6(net)) if net.addr().is_unicast_link_local());
    is_link_local.then(|| {
        found
            .message(format!("{text} is a link-local address"))
            .consequence("BIRD on other nodes refuses its configuration: `Link-local neighbor address requires specified interface`")
            .help(help)
    })
}

fn is_one_each(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::CapiCluster | ObjectKind::InstallConfig | ObjectKind::OpenShiftNetwork)
}

/// The items of a list that is one field.
fn items<'o>(object: &'o ConfigObject<'_>, field: &Field) -> impl Iterator<Item = (NodeId, &'o str)> {
    let tree = object.tree();
    let is_mapping = field.items == Some(Items::Cidr);
    tree.items(field.node).filter_map(move |item| {
        let node = if is_mapping { tree.get(item, "cidr")? } else { item };
        Some((node, tree.scalar(node)?))
    })
}

fn invalid(cx: &Context<'_>, object: &ConfigObject<'_>, node: NodeId, text: &str) -> Option<Diagnostic> {
    if text.parse::<IpNet>().is_ok() || is_template_in_object(text) {
        return None;
    }
    if text.split(',').all(|part| part.trim().parse::<IpNet>().is_ok()) {
        return Some(two_in_one(cx, object, node, text));
    }
    let message = format!("`{text}` is not a valid CIDR");
    let help = match text.parse::<IpAddr>() {
        Ok(address) => format!("write the address with its prefix length: {}", IpNet::from(address)),
        Err(_) => "write a CIDR such as fd00:10:96::/112".to_owned(),
    };
    Some(cx.at(&UNREADABLE_META, object, node).message(message).help(help))
}

fn two_in_one(cx: &Context<'_>, object: &ConfigObject<'_>, node: NodeId, text: &str) -> Diagnostic {
    let message = format!("`{text}` is one item of a list, but contains several CIDRs");
    cx.at(&UNREADABLE_META, object, node)
        .message(message)
        .consequence("each item is read as one CIDR, so the object is refused")
        .help("write each CIDR as an item of its own")
}

/// Addresses for load balancers: a CIDR, or a first and a last address.
fn addresses(cx: &Context<'_>, object: &ConfigObject<'_>, field: &Field) -> Option<Diagnostic> {
    let is_read = |part: &str| part.trim().is_empty() || !nets(part).is_empty();
    if field.text.split(',').all(is_read) || is_template_in_object(&field.text) {
        return None;
    }
    let message = format!("`{}` is neither a CIDR nor a first and a last address", field.text);
    Some(
        cx.at_field(&UNREADABLE_META, field)
            .message(message)
            .consequence("the load balancer has no such addresses: MetalLB refuses the pool")
            .help("write a CIDR, or the first and the last address of one IP family: 2001:db8:40::100-2001:db8:40::1ff")
            .label(object.resource.kind.as_str()),
    )
}

/// The `cidr` of each item of a list.
fn cidrs<'o>(object: &'o ConfigObject<'_>, list: NodeId) -> impl Iterator<Item = (NodeId, &'o str)> {
    let tree = object.tree();
    tree.items(list).filter_map(|item| {
        let node = tree.get(item, "cidr")?;
        Some((node, tree.scalar(node)?))
    })
}

fn filter(
    cx: &Context<'_>,
    object: &ConfigObject<'_>,
    node: NodeId,
    text: &str,
    wanted: Family,
) -> Option<Diagnostic> {
    match text.parse::<IpNet>() {
        Ok(net) if family(net) != wanted => {
            let message = format!("{net} is in a list of {wanted} rules");
            let help = format!("move the rule to the list for {}", family(net));
            Some(cx.at(&UNREADABLE_META, object, node).message(message).consequence(REFUSES).help(help))
        }
        _ => Some(invalid(cx, object, node, text)?.consequence(REFUSES)),
    }
}
