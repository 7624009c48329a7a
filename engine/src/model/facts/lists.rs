//! What the files of a cluster state one by one, each with its location.

use crate::address::Family;
use crate::host::{Form, addresses};
use crate::model::FileModel;
use crate::model::facts::defaults::defaults;
use crate::model::facts::defined_pool::{DefinedPool, Difference, SELECTORS, Selector, differences};
use crate::model::facts::duplicates::{DuplicateObject, duplicates};
use crate::model::facts::endpoint_slices::{DualStackService, ServiceName, dual_stack_services, slices};
use crate::model::facts::inventory::NodeRecord;
use crate::model::facts::listed::{Index, Listed, hash};
use crate::model::facts::node_address::NodeAddress;
use crate::model::facts::stated::StatedValue;
use crate::model::fields::{FieldKind, ObjectKind};
use crate::model::pool::PoolSource;
use crate::target::{AddressMap, Target};
use std::net::IpAddr;
use std::sync::Arc;

/// What all files of a cluster state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lists {
    /// Ranges and addresses of cluster DNS, with their locations.
    pub stated: Listed<StatedValue>,
    /// Those about which all files must agree, if not all of them do: most clusters have none.
    pub disputed: Listed<StatedValue>,
    /// The first service CIDR of each place with one of both families, if not all of them have the same family.
    pub orders: Listed<StatedValue>,
    /// Service CIDRs that are defaults because a flag or a field is missing, with the location of the command or object.
    pub defaults: Listed<StatedValue>,
    /// The addresses of nodes, each with its location.
    pub node_addresses: Listed<NodeAddress>,
    /// Where they are in the order of the files.
    by_address: Index,
    /// The Nodes with the addresses that the API server knows.
    pub inventory: Listed<NodeRecord>,
    /// Where they are in the order of the files, by their internal addresses.
    by_internal: Index,
    /// The addresses on which the DNS cache of every node listens.
    pub caches: Listed<IpAddr>,
    /// The IP pools.
    pub pools: Listed<DefinedPool>,
    /// How the pools of the two families differ: those of Installations, and IPPools.
    differences: Arc<[Vec<Difference>; 2]>,
    /// The Service and the family of each EndpointSlice.
    pub slices: Listed<(ServiceName, Family)>,
    /// The dual-stack Services that have no selector.
    pub dual_stack_services: Listed<DualStackService>,
    /// Objects that an earlier place defines with other values.
    duplicates: Arc<[DuplicateObject]>,
    /// The index of the file that sees them.
    file: usize,
}

impl Lists {
    /// Reads what the files state.
    #[must_use]
    pub(in crate::model) fn read(files: &[FileModel<'_>]) -> Lists {
        let pools = Listed::of_files(files.iter().map(DefinedPool::of_file).collect());
        let node_addresses = Listed::of_files(files.iter().map(NodeAddress::of_file).collect());
        let inventory = Listed::of_files(files.iter().map(NodeRecord::of_file).collect());
        let stated = Listed::of_files(files.iter().map(StatedValue::of_file).collect());
        let sources = [PoolSource::Installation, PoolSource::Object];
        Lists {
            orders: stated.only(&StatedValue::orders(stated.in_order())),
            disputed: stated.only(&StatedValue::disputed(stated.in_order())),
            stated,
            defaults: Listed::of_files(files.iter().map(|f| defaults(&f.objects, f.documents)).collect()),
            by_address: NodeAddress::index(node_addresses.in_order()),
            node_addresses,
            by_internal: NodeRecord::index(inventory.in_order()),
            inventory,
            caches: Listed::of_files(files.iter().map(caches).collect()),
            differences: sources.map(|source| differences(pools.in_order(), source)).into(),
            pools,
            slices: Listed::of_files(files.iter().map(slices).collect()),
            dual_stack_services: Listed::of_files(files.iter().map(dual_stack_services).collect()),
            duplicates: duplicates(files).into(),
            file: 0,
        }
    }

    /// The same, with what the file with this index states first.
    #[must_use]
    pub(crate) fn seen_by(&self, file: usize) -> Lists {
        Lists {
            stated: self.stated.seen_by(file),
            disputed: self.disputed.seen_by(file),
            orders: self.orders.seen_by(file),
            defaults: self.defaults.seen_by(file),
            node_addresses: self.node_addresses.seen_by(file),
            by_address: self.by_address.clone(),
            inventory: self.inventory.seen_by(file),
            by_internal: self.by_internal.clone(),
            caches: self.caches.seen_by(file),
            pools: self.pools.seen_by(file),
            differences: Arc::clone(&self.differences),
            slices: self.slices.seen_by(file),
            dual_stack_services: self.dual_stack_services.seen_by(file),
            duplicates: Arc::clone(&self.duplicates),
            file,
        }
    }

    /// The fields that give a node this address.
    pub(crate) fn with_address(&self, address: IpAddr) -> impl Iterator<Item = &NodeAddress> {
        let all = self.node_addresses.in_order();
        self.by_address.find(hash(&address)).map(|i| &all[i]).filter(move |one| one.address == address)
    }

    /// The first Node with this internal address.
    pub(crate) fn node_with(&self, address: IpAddr) -> Option<&NodeRecord> {
        let mut found = self.by_internal.find(hash(&address)).map(|i| &self.inventory.in_order()[i]);
        found.find(|record| record.internal.contains(&address))
    }

    /// The pairs of node addresses: those of the target, then those of `node-ip`, then those that the API server knows.
    pub(crate) fn address_map(&self, target: &Target) -> AddressMap {
        let mut map = target.address_map.clone();
        let stated = self.node_addresses.in_order().iter().filter_map(NodeAddress::pair);
        let recorded = self.inventory.in_order().iter().filter_map(NodeRecord::pair);
        stated.chain(recorded).for_each(|(ipv4, ipv6)| map.learn(ipv4, ipv6));
        map
    }

    /// For each setting in which they differ, the setting, a pool of a source and one of the other family: of Installations, or
    /// IPPools.
    pub(crate) fn differing(
        &self,
        source: PoolSource,
    ) -> impl Iterator<Item = (Selector, &DefinedPool, &DefinedPool)> + Clone {
        let pools = self.pools.in_order();
        let found = &self.differences[usize::from(source == PoolSource::Object)];
        found.iter().map(|one| (SELECTORS[one.selector], &pools[one.pool], &pools[one.other]))
    }

    /// The objects of the file that an earlier place defines with other values.
    pub(crate) fn own_duplicates(&self) -> &[DuplicateObject] {
        let start = self.duplicates.partition_point(|one| one.file < self.file);
        let end = self.duplicates.partition_point(|one| one.file <= self.file);
        &self.duplicates[start..end]
    }
}

/// The addresses on which the DNS caches of a file listen.
fn caches(file: &FileModel<'_>) -> Vec<IpAddr> {
    let servers = file.objects.fields_of(&[FieldKind::DnsServer]);
    let of_caches = servers.filter(|(object, _)| object.kind == ObjectKind::NodeCache);
    of_caches.flat_map(|(_, field)| addresses(&field.text, Form::Addresses)).collect()
}
