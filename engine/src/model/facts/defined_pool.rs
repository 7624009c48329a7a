//! The IP pools that files define, each with its location: pools of several files are compared.

use crate::address::{Family, family};
use crate::model::calico_node::CalicoNode;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::model::installation::Installation;
use crate::model::pool::{Pool, PoolSource};
use crate::model::{Documents, FileModel};
use crate::source::Place;
use crate::yaml::{Kind, NodeId, Tree};
use ipnet::IpNet;

/// A setting that decides which pods get addresses of a pool, and whether they are announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    /// The field of an Installation or of an IPPool.
    pub field: &'static str,
    /// Its value if it is not set.
    pub default: &'static str,
    /// The variables of calico-node for the IPv4 pool and the IPv6 pool, if there are any.
    pub variables: Option<[&'static str; 2]>,
}

const fn selector(
    field: &'static str,
    default: &'static str,
    variables: Option<[&'static str; 2]>,
) -> Selector {
    Selector { field, default, variables }
}

/// All of them.
pub(crate) const SELECTORS: [Selector; 5] = [
    selector(
        "nodeSelector",
        "all()",
        Some(["CALICO_IPV4POOL_NODE_SELECTOR", "CALICO_IPV6POOL_NODE_SELECTOR"]),
    ),
    selector(
        "disableBGPExport",
        "false",
        Some(["CALICO_IPV4POOL_DISABLE_BGP_EXPORT", "CALICO_IPV6POOL_DISABLE_BGP_EXPORT"]),
    ),
    selector("allowedUses", "Tunnel, Workload", None),
    selector("namespaceSelector", "", None),
    selector("assignmentMode", "Automatic", None),
];

/// The nodeSelector of a pool that is drained: no node matches it.
pub(crate) const NO_NODE: &str = "!all()";

/// A pool that a file defines.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DefinedPool {
    /// What defines it.
    pub source: PoolSource,
    /// Its CIDR.
    pub net: IpNet,
    /// `metadata.name` of an IPPool, `name` in an Installation; empty if it has none.
    pub name: String,
    /// Its definition in messages: `Installation default, ipPools`.
    pub by: String,
    /// The location of its CIDR.
    pub place: Place,
    /// Whether pods get addresses from it.
    pub is_used: bool,
    /// The settings of [`SELECTORS`] that have other values than their defaults, each with its index.
    selectors: Vec<(usize, String)>,
    /// `encapsulation`, if it is set; in the words of an Installation.
    pub encapsulation: Option<&'static str>,
    /// `blockSize`, if it is set.
    pub block_size: Option<String>,
    /// Whether it has NAT, if that is set.
    pub nat: Option<bool>,
}

impl DefinedPool {
    /// Its IP family.
    #[must_use]
    pub(crate) fn family(&self) -> Family {
        family(self.net)
    }

    /// The value of the setting with this index in [`SELECTORS`].
    pub(crate) fn selector(&self, index: usize) -> &str {
        let own = self.selectors.iter().find(|(own, _)| *own == index);
        own.map_or(SELECTORS[index].default, |(_, text)| text)
    }

    /// The pools of a file. Variables of calico-node count only if both pools are created.
    pub(super) fn of_file(file: &FileModel<'_>) -> Vec<DefinedPool> {
        let documents = file.documents;
        let mut all = Vec::new();
        for node in &file.nodes {
            all.extend(DefinedPool::of_node(node, documents));
        }
        for installation in &file.installations {
            let pools = installation.pools.iter();
            all.extend(pools.filter_map(|pool| DefinedPool::of_installation(installation, pool, documents)));
        }
        let objects = file.objects.objects_of(ObjectKind::IpPool);
        all.extend(objects.filter_map(|(_, object)| DefinedPool::of_object(object, documents)));
        all
    }

    fn of_node(node: &CalicoNode<'_, '_>, documents: &Documents<'_>) -> Vec<DefinedPool> {
        let title = node.resource.title();
        let pool = |(variable, pool): (&'static str, Pool)| {
            let net = pool.net?;
            let index = usize::from(family(net) == Family::Ipv6);
            let value = |selector: Selector| Some(node.env.text(selector.variables?[index])?.to_owned());
            Some(DefinedPool {
                source: PoolSource::CalicoNode,
                net,
                name: String::new(),
                by: format!("{title}, {variable}"),
                place: documents.place(node.tree.range(pool.cidr.as_ref()?.node).start),
                is_used: true,
                selectors: set_selectors(value),
                encapsulation: None,
                block_size: pool.block_size.map(|field| field.text),
                nat: None,
            })
        };
        Pool::of_node(node).into_iter().filter_map(pool).collect()
    }

    fn of_installation(
        installation: &Installation<'_>,
        pool: &Pool,
        documents: &Documents<'_>,
    ) -> Option<DefinedPool> {
        let tree = installation.tree();
        let place = documents.place(installation.object.start(pool.cidr.as_ref()?.node));
        let name = tree.get(pool.node, "name").and_then(|node| tree.scalar(node));
        let by = format!("{}, ipPools", installation.object.title());
        let mode = pool.mode().and_then(|mode| MODES.into_iter().find(|known| *known == mode));
        let read = DefinedPool::of_mapping(tree, pool, name.unwrap_or_default(), by, place)?;
        Some(DefinedPool { encapsulation: mode, ..read })
    }

    fn of_object(object: &ConfigObject<'_>, documents: &Documents<'_>) -> Option<DefinedPool> {
        let tree = object.tree();
        let pool = Pool::of_object(object)?;
        let place = documents.place(object.start(pool.cidr.as_ref()?.node));
        let read = DefinedPool::of_mapping(tree, &pool, &object.resource.name, object.title(), place)?;
        let mode = |key| tree.get(pool.node, key).and_then(|node| tree.scalar(node));
        let encapsulation = match (mode("ipipMode"), mode("vxlanMode")) {
            (None, None) => None,
            (Some("Always"), _) => Some("IPIP"),
            (Some("CrossSubnet"), _) => Some("IPIPCrossSubnet"),
            (_, Some("Always")) => Some("VXLAN"),
            (_, Some("CrossSubnet")) => Some("VXLANCrossSubnet"),
            _ => Some("None"),
        };
        Some(DefinedPool { encapsulation, ..read })
    }

    fn of_mapping(tree: &Tree<'_>, pool: &Pool, name: &str, by: String, place: Place) -> Option<DefinedPool> {
        let value = |selector: Selector| Some(text(tree, tree.get(pool.node, selector.field)?));
        let selectors = set_selectors(value);
        let is_drained = selectors.first().is_some_and(|(index, text)| *index == 0 && text == NO_NODE);
        // What an IPPool calls `disabled`, an Installation calls `disableNewAllocations`.
        let is_true = |key| tree.get(pool.node, key).and_then(|node| tree.scalar(node)) == Some("true");
        let is_disabled = is_true("disabled") || is_true("disableNewAllocations");
        Some(DefinedPool {
            source: pool.source,
            net: pool.net?,
            name: name.to_owned(),
            by,
            place,
            is_used: pool.is_for_pods && !is_disabled && !is_drained,
            selectors,
            encapsulation: None,
            block_size: pool.block_size.as_ref().map(|field| field.text.clone()),
            nat: pool.has_nat(),
        })
    }
}

/// The settings that have another value than their default.
fn set_selectors(value: impl Fn(Selector) -> Option<String>) -> Vec<(usize, String)> {
    let all = SELECTORS.iter().enumerate();
    let set = all.filter_map(|(index, selector)| Some((index, value(*selector)?)));
    set.filter(|(index, text)| !text.is_empty() && text != SELECTORS[*index].default).collect()
}

/// A setting in which the pools of the two families differ as a whole. Numbers count in the list of all pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The number of the setting in [`SELECTORS`].
    pub selector: usize,
    /// A pool with a value that no pool of the other family has.
    pub pool: usize,
    /// The first pool of the other family.
    pub other: usize,
}

/// The differences of the pools with this source, at most one for each setting. Racks may each have a pool of both families.
pub(super) fn differences(pools: &[DefinedPool], source: PoolSource) -> Vec<Difference> {
    let of = |wanted: Family| {
        let all = pools.iter().enumerate();
        all.filter(move |(_, pool)| pool.source == source && pool.is_used && pool.family() == wanted)
    };
    let firsts = [Family::Ipv4, Family::Ipv6].map(|family| of(family).next().map(|(number, _)| number));
    let mut found = Vec::new();
    for selector in 0..SELECTORS.len() {
        let alone = |own: Family| {
            let other = firsts[usize::from(own == Family::Ipv4)]?;
            let mut others: Vec<&str> = of(own.other()).map(|(_, pool)| pool.selector(selector)).collect();
            others.sort_unstable();
            others.dedup();
            let is_alone =
                |(_, pool): &(usize, &DefinedPool)| others.binary_search(&pool.selector(selector)).is_err();
            let (pool, _) = of(own).find(is_alone)?;
            Some(Difference { selector, pool, other })
        };
        found.extend(alone(Family::Ipv6).or_else(|| alone(Family::Ipv4)));
    }
    found
}

const MODES: [&str; 5] = ["None", "IPIP", "IPIPCrossSubnet", "VXLAN", "VXLANCrossSubnet"];

/// A scalar, or the items of a list in the order of the alphabet.
fn text(tree: &Tree<'_>, node: NodeId) -> String {
    if tree.kind(node) != Kind::Sequence {
        return tree.scalar(node).unwrap_or_default().trim().to_owned();
    }
    let mut items: Vec<&str> = tree.items(node).filter_map(|item| tree.scalar(item)).collect();
    items.sort_unstable();
    items.join(", ")
}
