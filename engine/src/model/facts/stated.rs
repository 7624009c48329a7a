//! The values that files state, each with its location: conflicting values are reported with both locations.

use crate::address::family;
use crate::model::calico_node::CalicoNode;
use crate::model::facts::listed::{first_ones, hash};
use crate::model::fields::{ClusterConfig, Field, FieldKind, ObjectKind};
use crate::model::installation::Installation;
use crate::model::pool::Pool;
use crate::model::{Documents, FileModel};
use crate::source::Place;
use crate::yaml::NodeId;
use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};
use std::net::IpAddr;

/// What a value is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum About {
    /// A service CIDR.
    Services,
    /// A pod CIDR.
    Pods,
    /// The address of cluster DNS.
    Dns,
    /// The CIDR of an IP pool for pods.
    Pool,
    /// A network of the nodes, or the address of one.
    Machines,
    /// Addresses for load balancers.
    LoadBalancers,
    /// Addresses of Services that BGP announces.
    Announced,
}

impl About {
    /// What a field of this kind is about.
    #[must_use]
    pub(crate) fn of(kind: FieldKind) -> Option<About> {
        match kind {
            FieldKind::ServiceRange => Some(About::Services),
            FieldKind::PodRange | FieldKind::ProxyRange => Some(About::Pods),
            FieldKind::DnsService | FieldKind::ClusterDns => Some(About::Dns),
            FieldKind::Pool => Some(About::Pool),
            FieldKind::MachineRange | FieldKind::NodeIp | FieldKind::Advertise | FieldKind::HostAddress => {
                Some(About::Machines)
            }
            FieldKind::Advertised | FieldKind::Announced => Some(About::Announced),
            FieldKind::LoadBalancerRange => Some(About::LoadBalancers),
            _ => None,
        }
    }

    /// Its name, if all files of a cluster must agree on it.
    #[must_use]
    pub(crate) fn one_for_the_cluster(self) -> Option<&'static str> {
        match self {
            About::Services => Some("service CIDR"),
            About::Pods => Some("pod CIDR"),
            About::Dns => Some("address of cluster DNS"),
            // Each node has its own addresses, and a cluster has any number of pools.
            About::Pool | About::Machines | About::LoadBalancers | About::Announced => None,
        }
    }
}

/// A range or address that a file states, with its location.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StatedValue {
    /// What it is about.
    pub about: About,
    /// The range; for an address, a range of one.
    pub net: IpNet,
    /// The name of the field in messages: `Pod kube-apiserver, --service-cluster-ip-range`.
    pub by: String,
    /// Its location.
    pub place: Place,
    /// The kind of its object.
    pub kind: ObjectKind,
    /// Whether kube-proxy reads it.
    pub is_proxy: bool,
}

/// Whether two values are the service CIDRs of one place: the family of the first one is the primary one there.
pub(crate) fn is_pair_of_services(one: &StatedValue, other: &StatedValue) -> bool {
    let is_one_field = one.by == other.by && one.place.file == other.place.file;
    let is_of_services = one.about == About::Services && other.about == About::Services;
    is_one_field && is_of_services && family(one.net) != family(other.net)
}

impl StatedValue {
    /// All values that a file states.
    #[must_use]
    pub(crate) fn of_file(file: &FileModel<'_>) -> Vec<StatedValue> {
        let documents = file.documents;
        let mut all = StatedValue::read(&file.objects, documents);
        for node in &file.nodes {
            all.extend(StatedValue::of_node(node, documents).into_iter().map(|(_, value)| value));
        }
        for installation in &file.installations {
            let pools = StatedValue::of_installation(installation, documents);
            all.extend(pools.into_iter().map(|(_, value)| value));
        }
        all
    }

    /// All values that the fields of a source state.
    #[must_use]
    pub(crate) fn read(config: &ClusterConfig<'_>, documents: &Documents<'_>) -> Vec<StatedValue> {
        config.fields.iter().flat_map(|field| StatedValue::of(config, field, documents)).collect()
    }

    /// For each value whether all files must agree about it, and one of them has another one.
    pub(super) fn disputed(all: &[StatedValue]) -> Vec<bool> {
        let group = |one: &StatedValue| (one.about, family(one.net));
        let hashes: Vec<u64> = all.iter().map(|one| hash(&group(one))).collect();
        let first = first_ones(&hashes, &|one, other| group(&all[one]) == group(&all[other]));
        let mut is_disputed = vec![false; all.len()];
        for (own, first) in first.iter().enumerate() {
            // The first one may be a ServiceCIDR, which conflicts with none.
            is_disputed[*first] |= all[own].net.trunc() != all[*first].net.trunc();
        }
        let must_agree = |first: &usize| all[*first].about.one_for_the_cluster().is_some();
        first.iter().map(|first| is_disputed[*first] && must_agree(first)).collect()
    }

    /// For each value whether it is the first service CIDR of a place with one of both families; none is, if all such have the
    /// same family.
    pub(super) fn orders(all: &[StatedValue]) -> Vec<bool> {
        let follows = |i: usize| all.get(i + 1).is_some_and(|next| is_pair_of_services(&all[i], next));
        let firsts = || (0..all.len()).filter(|i| follows(*i)).map(|i| family(all[i].net));
        let first = firsts().next();
        let is_disputed = firsts().any(|of| Some(of) != first);
        (0..all.len()).map(|i| is_disputed && follows(i)).collect()
    }

    /// The values of one field: a range, or an address, of each family.
    #[must_use]
    pub(crate) fn of(
        config: &ClusterConfig<'_>,
        field: &Field,
        documents: &Documents<'_>,
    ) -> Vec<StatedValue> {
        let Some(about) = About::of(field.kind) else { return Vec::new() };
        let nets: Vec<IpNet> = field.text.split(',').flat_map(nets).collect();
        if nets.is_empty() {
            return Vec::new();
        }
        let object = &config.objects[field.object];
        let place = documents.place(object.start(field.node));
        let (by, kind) = (format!("{}, {}", object.title(), field.name), object.kind);
        let is_proxy = field.kind == FieldKind::ProxyRange;
        nets.into_iter()
            .map(|net| StatedValue { about, net, by: by.clone(), place: place.clone(), kind, is_proxy })
            .collect()
    }

    /// The default pools that calico-node creates, each with its variable.
    #[must_use]
    pub(crate) fn of_node(
        node: &CalicoNode<'_, '_>,
        documents: &Documents<'_>,
    ) -> Vec<(&'static str, StatedValue)> {
        let title = node.resource.title();
        let value = |(name, pool): (&'static str, Pool)| {
            let by = format!("{title}, {name}");
            let place = documents.place(node.tree.range(pool.cidr.as_ref()?.node).start);
            Some((name, StatedValue::of_pool(&pool, by, place, ObjectKind::CalicoNode)?))
        };
        Pool::of_node(node).into_iter().filter_map(value).collect()
    }

    /// The pools of an Installation, each with the node of its CIDR.
    #[must_use]
    pub(crate) fn of_installation(
        installation: &Installation<'_>,
        documents: &Documents<'_>,
    ) -> Vec<(NodeId, StatedValue)> {
        let value = |pool: &Pool| {
            let node = pool.cidr.as_ref()?.node;
            let by = format!("{}, ipPools", installation.object.title());
            let place = documents.place(installation.object.start(node));
            Some((node, StatedValue::of_pool(pool, by, place, ObjectKind::Installation)?))
        };
        installation.pools.iter().filter_map(value).collect()
    }

    fn of_pool(pool: &Pool, by: String, place: Place, kind: ObjectKind) -> Option<StatedValue> {
        Some(StatedValue { about: About::Pool, net: pool.net?, by, place, kind, is_proxy: false })
    }

    /// Whether another value conflicts with this one. A `ServiceCIDR` adds ranges, so it never conflicts; but the API server
    /// writes its own one, `kubernetes`, from its flag. Components mask a range with host bits, and another rule reports it.
    #[must_use]
    pub(crate) fn differs(&self, other: &StatedValue) -> bool {
        let adds = |one: &StatedValue| {
            one.kind == ObjectKind::ServiceCidr && !one.by.starts_with("ServiceCIDR kubernetes,")
        };
        self.about == other.about
            && self.about.one_for_the_cluster().is_some()
            && !adds(self)
            && !adds(other)
            && family(self.net) == family(other.net)
            && self.net.trunc() != other.net.trunc()
    }
}

/// The ranges in a text: a CIDR, an address as a range of one, or `first-last` of a load balancer.
#[must_use]
pub(crate) fn nets(text: &str) -> Vec<IpNet> {
    let text = text.trim();
    if let Ok(net) = text.parse() {
        return vec![net];
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return vec![address.into()];
    }
    let ends = text.split_once('-').map(|(first, last)| (first.trim().parse(), last.trim().parse()));
    match ends {
        Some((Ok(IpAddr::V4(first)), Ok(IpAddr::V4(last)))) if first <= last => {
            Ipv4Subnets::new(first, last, 0).map(IpNet::V4).collect()
        }
        Some((Ok(IpAddr::V6(first)), Ok(IpAddr::V6(last)))) if first <= last => {
            Ipv6Subnets::new(first, last, 0).map(IpNet::V6).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_first_and_a_last_address_are_the_ranges_between() {
        let nets = |text| super::nets(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(nets("192.0.2.240-192.0.2.250"), ["192.0.2.240/29", "192.0.2.248/31", "192.0.2.250/32"]);
        assert_eq!(nets("2001:db8::10 - 2001:db8::11"), ["2001:db8::10/127"]);
        assert_eq!(nets("192.0.2.9-192.0.2.1"), Vec::<String>::new());
        assert_eq!(nets("192.0.2.9"), ["192.0.2.9/32"]);
        assert_eq!(nets("a-b"), Vec::<String>::new());
    }
}
