//! The range that decides the primary IP family.

use crate::address::{Family, family};
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{ClusterConfig, Field, FieldKind, Items, ObjectKind, SPLIT};

/// How reliably a range shows the primary family. The variants are ordered by strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// A pod range of IPv6 alone.
    LonePodsIpv6,
    /// A pod range of IPv4 alone.
    LonePodsIpv4,
    /// Pod ranges of both families.
    PairOfPods,
    /// A service range of IPv6 alone.
    LoneServicesIpv6,
    /// A service range of IPv4 alone: with an IPv6 one elsewhere, the cluster is being converted to dual-stack, IPv4 first.
    LoneServicesIpv4,
    /// Service ranges of both families, in an order.
    PairOfServices,
}

/// The range that decides the primary IP family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FirstRange {
    /// How strong it is.
    pub strength: Strength,
    /// Its family; with both families, the first one.
    pub family: Family,
}

impl FirstRange {
    /// The strongest range of a file.
    #[must_use]
    pub(crate) fn read(config: &ClusterConfig<'_>) -> Option<FirstRange> {
        let plain = config.fields.iter().filter(|field| field.family.is_none()).filter_map(of_field);
        let split = config.objects.iter().enumerate().filter_map(|(index, _)| of_split(config, index));
        plain.chain(split).fold(None, |first, next| FirstRange::stronger(first, Some(next)))
    }

    /// The stronger one of two; if they are equal, the first.
    #[must_use]
    pub(crate) fn stronger(one: Option<FirstRange>, other: Option<FirstRange>) -> Option<FirstRange> {
        match (one, other) {
            (Some(a), Some(b)) if b.strength > a.strength => Some(b),
            (one, other) => one.or(other),
        }
    }
}

/// The strength of a field with the ranges of all families.
fn of_field(field: &Field) -> Option<FirstRange> {
    let is_services = match field.kind {
        FieldKind::ServiceRange => true,
        FieldKind::PodRange | FieldKind::ProxyRange => false,
        _ => return None,
    };
    let families = match field.items {
        // A list of networks may have several of one family.
        Some(Items::Cidr) => {
            let nets = field.text.split(',').filter_map(|text| text.trim().parse().ok());
            nets.map(family).collect::<Vec<_>>()
        }
        _ => Ranges::read(&field.text)?.nets.into_iter().map(family).collect(),
    };
    let first = *families.first()?;
    let is_pair = families.iter().any(|other| *other != first);
    let strength = match (is_services, is_pair, first) {
        (true, true, _) => Strength::PairOfServices,
        (true, false, Family::Ipv4) => Strength::LoneServicesIpv4,
        (true, false, Family::Ipv6) => Strength::LoneServicesIpv6,
        (false, true, _) => Strength::PairOfPods,
        (false, false, Family::Ipv4) => Strength::LonePodsIpv4,
        (false, false, Family::Ipv6) => Strength::LonePodsIpv6,
    };
    Some(FirstRange { strength, family: first })
}

/// The strength of a file with a key for each family: IPv4 is primary, unless the file turns IPv4 off. An IPv6 key alone
/// shows nothing, because IPv4 has defaults.
fn of_split(config: &ClusterConfig<'_>, index: usize) -> Option<FirstRange> {
    let object = &config.objects[index];
    let split = SPLIT.iter().find(|split| split.kind == object.kind)?;
    let own = || config.fields_of_object(index).filter(|field| field.family.is_some());
    let has = |family| own().any(|field| field.family == Some(family));
    if split.is_off(object, Family::Ipv4) && has(Family::Ipv6) {
        return Some(FirstRange { strength: Strength::LoneServicesIpv6, family: Family::Ipv6 });
    }
    let has_ipv4 = has(Family::Ipv4) || (split.is_on(object, Family::Ipv4) && object.kind != ObjectKind::K0s);
    has_ipv4.then_some(FirstRange { strength: Strength::LoneServicesIpv4, family: Family::Ipv4 })
}
