//! An IP pool, wherever it is defined.

use super::calico_node::{CalicoNode, EnvValue};
use super::facts::is_false;
use super::fields::ConfigObject;
use crate::address::{Family, IPV4_BLOCKS, IPV6_BLOCKS, family};
use crate::yaml::{NodeId, Tree};
use ipnet::IpNet;

/// What defines a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PoolSource {
    /// Variables of calico-node, which creates the pool if the cluster has none.
    CalicoNode,
    /// An item of `ipPools` of an Installation, or of the Helm values from which it is rendered.
    Installation,
    /// An IPPool.
    Object,
}

/// An IP pool.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// What defines it.
    pub source: PoolSource,
    /// The node that holds its fields: the item of `ipPools`, `spec` of the IPPool, or the item of `env` with its CIDR.
    pub node: NodeId,
    /// `cidr`.
    pub cidr: Option<PoolField>,
    /// `cidr` as parsed, with any host bits.
    pub net: Option<IpNet>,
    /// `blockSize`.
    pub block_size: Option<PoolField>,
    /// `natOutgoing`.
    pub nat_outgoing: Option<PoolField>,
    /// `encapsulation` of an Installation. An IPPool has `ipipMode` and `vxlanMode`, calico-node has variables.
    pub encapsulation: Option<PoolField>,
    /// `disabled` of an IPPool.
    pub disabled: Option<PoolField>,
    /// Whether pods get addresses from it; `allowedUses` may name only others.
    pub is_for_pods: bool,
}

/// A field of a pool.
#[derive(Clone, Debug)]
pub(crate) struct PoolField {
    /// The scalar.
    pub node: NodeId,
    /// Its text.
    pub text: String,
}

/// The variables of calico-node for a pool of one IP family: CIDR, block size, NAT.
const VARIABLES: [[&str; 3]; 2] = [
    ["CALICO_IPV4POOL_CIDR", "CALICO_IPV4POOL_BLOCK_SIZE", "CALICO_IPV4POOL_NAT_OUTGOING"],
    ["CALICO_IPV6POOL_CIDR", "CALICO_IPV6POOL_BLOCK_SIZE", "CALICO_IPV6POOL_NAT_OUTGOING"],
];

impl Pool {
    /// An item of `ipPools`.
    pub(super) fn of_item(tree: &Tree<'_>, item: NodeId) -> Pool {
        Pool::of_mapping(tree, item, PoolSource::Installation)
    }

    /// An IPPool; `None` if it has no `spec`.
    #[must_use]
    pub(crate) fn of_object(object: &ConfigObject<'_>) -> Option<Pool> {
        let tree = object.tree();
        Some(Pool::of_mapping(tree, tree.get(object.root, "spec")?, PoolSource::Object))
    }

    /// The pools that calico-node creates, each with the variable of its CIDR. A pool without that variable has a default
    /// CIDR, which depends on the installer.
    #[must_use]
    pub(crate) fn of_node(node: &CalicoNode<'_, '_>) -> Vec<(&'static str, Pool)> {
        let is_true = |name| node.env.text(name).is_some_and(super::facts::is_true);
        if node.is_windows() || node.is_flannel_migration() || is_true("NO_DEFAULT_POOLS") {
            return Vec::new();
        }
        let field = |name| match node.env.get(name)?.value {
            EnvValue::Literal { node, text, .. } => Some(PoolField { node, text: text.to_owned() }),
            _ => None,
        };
        let pool = |[cidr, block_size, nat]: [&'static str; 3]| {
            let own = field(cidr)?;
            let pool = Pool {
                source: PoolSource::CalicoNode,
                node: node.env.get(cidr)?.item,
                net: crate::address::net(own.text.trim()),
                cidr: Some(own),
                block_size: field(block_size),
                nat_outgoing: field(nat),
                encapsulation: None,
                disabled: None,
                is_for_pods: true,
            };
            Some((cidr, pool))
        };
        VARIABLES.into_iter().filter_map(pool).collect()
    }

    fn of_mapping(tree: &Tree<'_>, node: NodeId, source: PoolSource) -> Pool {
        let field = |key| {
            let node = tree.get(node, key).filter(|node| !tree.is_null(*node))?;
            Some(PoolField { node, text: tree.scalar(node)?.to_owned() })
        };
        let cidr = field("cidr");
        let is_for_pods = |uses| tree.items(uses).any(|item| tree.scalar(item) == Some("Workload"));
        Pool {
            source,
            node,
            net: cidr.as_ref().and_then(|cidr| crate::address::net(&cidr.text)),
            cidr,
            block_size: field("blockSize"),
            nat_outgoing: field("natOutgoing"),
            encapsulation: field("encapsulation"),
            disabled: field("disabled"),
            is_for_pods: tree.get(node, "allowedUses").is_none_or(is_for_pods),
        }
    }

    /// The IP family of its CIDR; `None` if that cannot be read.
    #[must_use]
    pub(crate) fn family(&self) -> Option<Family> {
        self.net.map(family)
    }

    /// Whether it has NAT; `None` if that is not set. calico-node reads every text that is not false as true.
    #[must_use]
    pub(crate) fn has_nat(&self) -> Option<bool> {
        let text = self.nat_outgoing.as_ref()?.text.as_str();
        Some(match self.source {
            PoolSource::CalicoNode => !is_false(text),
            PoolSource::Installation => text != "Disabled",
            PoolSource::Object => text == "true",
        })
    }

    /// Its block size, if Calico does not accept it in this pool.
    #[must_use]
    pub(crate) fn wrong_block_size(&self) -> Option<(&PoolField, IpNet)> {
        let (size, net) = (self.block_size.as_ref()?, self.net?);
        let fits = size.text.parse().is_ok_and(|size| fits(net, size));
        (!fits).then_some((size, net))
    }

    /// The text of `encapsulation`.
    #[must_use]
    pub(crate) fn mode(&self) -> Option<&str> {
        self.encapsulation.as_ref().map(|field| field.text.as_str())
    }
}

/// Whether Calico accepts blocks of this prefix length in a pool; one block may be the whole pool.
fn fits(net: IpNet, size: u8) -> bool {
    let range = if net.addr().is_ipv4() { IPV4_BLOCKS } else { IPV6_BLOCKS };
    range.contains(&size) && net.prefix_len() <= size
}
