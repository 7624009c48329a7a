//! The addresses of nodes, each with its location: duplicates are found across files.

use crate::host::{Form, addresses};
use crate::model::FileModel;
use crate::model::facts::listed::{Index, hash, new_ones};
use crate::model::fields::{Component, Field, FieldKind, ObjectKind};
use crate::source::Place;
use core::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address of a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NodeAddress {
    /// The address.
    pub address: IpAddr,
    /// All addresses of the field.
    pub text: String,
    /// `nodeRegistration.name`, kubelet's `--hostname-override`, or the host name in the machine configuration of Talos.
    pub node: Option<String>,
    /// The kind of the object.
    pub kind: ObjectKind,
    /// The name of the field in messages.
    pub by: String,
    /// Its location.
    pub place: Place,
    /// Where its object begins.
    object: Place,
}

impl NodeAddress {
    /// The fields that may state one.
    pub(crate) const FIELDS: [FieldKind; 3] =
        [FieldKind::NodeIp, FieldKind::Advertise, FieldKind::HostAddress];

    /// The node addresses of a file.
    pub(super) fn of_file(file: &FileModel<'_>) -> Vec<NodeAddress> {
        let (config, documents) = (&file.objects, file.documents);
        let flags = config.flags_of(Component::Kubelet).map(|(_, flags)| flags);
        // In the order of the objects.
        let overrides: Vec<(usize, &str)> =
            flags.filter_map(|flags| Some((flags.object, flags.value("hostname-override")?))).collect();
        let mut all = Vec::new();
        for (object, field) in config.fields_of(&NodeAddress::FIELDS) {
            let is_of_node = match field.kind {
                FieldKind::Advertise => is_of_kubeadm(object.kind),
                FieldKind::HostAddress => {
                    object.kind == ObjectKind::Talos
                        || is_of_k0sctl(object.kind, field)
                        || is_of_calico(field)
                }
                _ => true,
            };
            if !is_of_node {
                continue;
            }
            let place = documents.place(object.start(field.node));
            // k0sctl lists all its hosts in one object.
            let is_host = is_of_k0sctl(object.kind, field);
            let start = if is_host { place.clone() } else { documents.place(object.start(object.root)) };
            let node = object.text(&["nodeRegistration", "name"]);
            let node = node.or_else(|| object.text(&["machine", "network", "hostname"]));
            let name = || {
                let after = overrides.partition_point(|(of, _)| *of <= field.object);
                overrides[..after].last().filter(|(of, _)| *of == field.object).map(|(_, name)| *name)
            };
            let record = || is_of_calico(field).then_some(object.resource.name.as_str());
            let node = node.or_else(name).or_else(record).map(str::to_owned);
            // `::` is not an address of a node: kubelet then takes one of this family.
            let stated = addresses(&field.text, Form::Addresses).into_iter();
            for address in stated.filter(|address| !address.is_unspecified()) {
                all.push(NodeAddress {
                    address,
                    text: field.text.clone(),
                    node: node.clone(),
                    kind: object.kind,
                    by: format!("{}, {}", object.title(), field.name),
                    place: place.clone(),
                    object: start.clone(),
                });
            }
        }
        all
    }

    /// Finds addresses among these; of those that are the same for `may_be_one_node`, the first one.
    pub(super) fn index(all: &[NodeAddress]) -> Index {
        // A command may repeat a flag thousands of times.
        let owner = |i: usize| (all[i].address, all[i].owner());
        let owners: Vec<u64> = (0..all.len()).map(|i| hash(&owner(i))).collect();
        let is_first = new_ones(&owners, &|one, other| owner(one) == owner(other));
        let firsts = all.iter().enumerate().filter(|(i, _)| is_first[*i]);
        Index::of(firsts.map(|(i, one)| (hash(&one.address), i)).collect())
    }

    /// The addresses of both IP families, if its field lists one of each.
    pub(super) fn pair(&self) -> Option<(Ipv4Addr, Ipv6Addr)> {
        match addresses(&self.text, Form::Addresses)[..] {
            [IpAddr::V4(ipv4), IpAddr::V6(ipv6)] | [IpAddr::V6(ipv6), IpAddr::V4(ipv4)] => Some((ipv4, ipv6)),
            _ => None,
        }
    }

    /// What decides, beside the address, whether it may belong to the same node as another one.
    fn owner(&self) -> impl Eq + Hash + use<'_> {
        (&self.place.file, &self.object, &self.node, self.kind, &self.text)
    }

    /// Whether the two may belong to the same node: two files of one kubelet, or a copy of the same document.
    #[must_use]
    pub(crate) fn may_be_one_node(&self, other: &NodeAddress) -> bool {
        if self.node.is_some() && self.node == other.node {
            return true;
        }
        // kubelet's addresses, and the one that the API server of the same node advertises.
        if self.object == other.object {
            return true;
        }
        // Calico compares its records with each other only.
        if (self.kind == ObjectKind::Node) != (other.kind == ObjectKind::Node) {
            return true;
        }
        if self.place.file == other.place.file || self.kind == ObjectKind::Node {
            return false;
        }
        let is_document = |kind| is_of_kubeadm(kind) || matches!(kind, ObjectKind::K3s | ObjectKind::Talos);
        let all = |one: &NodeAddress| addresses(&one.text, Form::Addresses);
        let (own, others) = (all(self), all(other));
        let is_within = |a: &[IpAddr], b: &[IpAddr]| a.iter().all(|address| b.contains(address));
        let may_be_same = is_within(&own, &others) || is_within(&others, &own);
        let is_kubelet =
            |kind| matches!(kind, ObjectKind::Process(Component::Kubelet) | ObjectKind::Variables);
        if is_document(self.kind) && is_document(other.kind) {
            // A cluster is initialized on one node: the second document is a copy of the first.
            let is_init = |one: &NodeAddress| one.kind == ObjectKind::InitConfiguration;
            return is_init(self) && is_init(other) && may_be_same;
        }
        // What says other addresses, too, is not the same node.
        if !may_be_same {
            return false;
        }
        // Each node has its own kubelet.service; any other file with it belongs to the same kubelet.
        let name = |place: &Place| place.file.rsplit(['/', '\\']).next().map(str::to_owned);
        !(is_kubelet(self.kind) && is_kubelet(other.kind) && name(&self.place) == name(&other.place))
    }
}

/// Whether a field is the address that Calico records of a node.
pub(crate) fn is_of_calico(field: &Field) -> bool {
    field.name.starts_with("spec.bgp.")
}

/// Whether a field is the address by which k0sctl knows a host.
pub(crate) fn is_of_k0sctl(kind: ObjectKind, field: &Field) -> bool {
    kind == ObjectKind::K0s && field.name == "privateAddress"
}

/// kubeadm's document of one node.
fn is_of_kubeadm(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::InitConfiguration | ObjectKind::JoinConfiguration)
}
