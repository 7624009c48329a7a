//! The addresses of nodes as the API server knows them: `status.addresses` of each Node.

use crate::address::{Family, family_of};
use crate::model::facts::listed::{Index, hash};
use crate::model::fields::{ClusterConfig, ConfigObject, ObjectKind};
use crate::model::{Documents, FileModel};
use crate::source::Place;
use crate::yaml::NodeId;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A Node with the addresses that its kubelet or a cloud provider reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NodeRecord {
    /// The name of the Node.
    pub name: String,
    /// Its addresses of the type `InternalIP`, in their order. kubelet and Calico use the first one of each IP family.
    pub internal: Vec<IpAddr>,
    /// Its addresses of the type `ExternalIP`, in their order.
    external: Vec<IpAddr>,
    /// The location of `status.addresses`.
    pub place: Place,
}

impl NodeRecord {
    /// The Nodes of a file.
    pub(super) fn of_file(file: &FileModel<'_>) -> Vec<NodeRecord> {
        records(&file.objects, file.documents).map(|(_, _, record)| record).collect()
    }

    /// Finds Nodes among these by their internal addresses.
    pub(super) fn index(all: &[NodeRecord]) -> Index {
        let mut hashes = Vec::new();
        for (i, record) in all.iter().enumerate() {
            hashes.extend(record.internal.iter().map(|address| (hash(address), i)));
        }
        Index::of(hashes)
    }

    /// The record of a Node whose `status.addresses` is `list`.
    fn of_object(object: &ConfigObject<'_>, list: NodeId, documents: &Documents<'_>) -> NodeRecord {
        let tree = object.tree();
        let of_type = |wanted: &str| {
            let text = |item, key| tree.scalar(tree.get(item, key)?);
            let of_type = tree.items(list).filter(|item| text(*item, "type") == Some(wanted));
            let addresses = of_type.filter_map(|item| text(item, "address")?.parse().ok());
            addresses.filter(|address: &IpAddr| !address.is_unspecified() && !address.is_loopback()).collect()
        };
        let (internal, external) = (of_type("InternalIP"), of_type("ExternalIP"));
        let place = documents.place(object.start(list));
        NodeRecord { name: object.resource.name.clone(), internal, external, place }
    }

    /// The address of the type `InternalIP` that kubelet and Calico use for this IP family.
    pub(crate) fn internal(&self, family: Family) -> Option<IpAddr> {
        self.internal.iter().copied().find(|address| family_of(*address) == family)
    }

    /// The same of the type `ExternalIP`.
    pub(crate) fn external(&self, family: Family) -> Option<IpAddr> {
        self.external.iter().copied().find(|address| family_of(*address) == family)
    }

    /// Whether the Node has this address, of either type.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        self.internal.contains(&address) || self.external.contains(&address)
    }

    /// Its addresses of both IP families.
    pub(crate) fn pair(&self) -> Option<(Ipv4Addr, Ipv6Addr)> {
        match (self.internal(Family::Ipv4)?, self.internal(Family::Ipv6)?) {
            (IpAddr::V4(ipv4), IpAddr::V6(ipv6)) => Some((ipv4, ipv6)),
            _ => None,
        }
    }
}

/// The Nodes of some objects with the key of their addresses. A Node of Calico has none, nor has one that nothing reported yet.
pub(crate) fn records<'c, 't>(
    config: &'c ClusterConfig<'t>,
    documents: &'c Documents<'_>,
) -> impl Iterator<Item = (&'c ConfigObject<'t>, NodeId, NodeRecord)> {
    config.objects_of(ObjectKind::Node).filter_map(|(_, object)| {
        let tree = object.tree();
        let list = tree.at(object.root, &["status", "addresses"])?;
        tree.items(list).next()?;
        let key = tree.key_of(list).unwrap_or(list);
        Some((object, key, NodeRecord::of_object(object, list, documents)))
    })
}
