//! The operator's `Installation`.

use super::{Documents, Resource};
use crate::address::Family;
use crate::version::{Version, image_name, image_version};
use crate::yaml::{Kind, NodeId, Tree};
use ipnet::IpNet;

/// An `Installation` of `operator.tigera.io/v1`.
#[derive(Clone, Debug)]
pub struct Installation<'d, 't> {
    /// The object.
    pub resource: &'d Resource,
    /// Its document.
    pub tree: &'d Tree<'t>,
    /// `spec`.
    pub spec: Option<NodeId>,
    /// `spec.calicoNetwork`.
    pub network: Option<NodeId>,
    /// `spec.calicoNetwork.ipPools`.
    pub pool_list: Option<NodeId>,
    /// Its items.
    pub pools: Vec<Pool<'d>>,
}

/// An item of `ipPools`.
#[derive(Clone, Debug)]
pub struct Pool<'d> {
    /// The item.
    pub node: NodeId,
    /// `cidr` as it stands.
    pub cidr: Option<(NodeId, &'d str)>,
    /// `cidr` read, with any host bits.
    pub net: Option<IpNet>,
}

impl Pool<'_> {
    /// The family of its range; none where that cannot be read.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        self.net.map(crate::address::family)
    }
}

impl<'d, 't> Installation<'d, 't> {
    /// The `Installation`s of a source.
    #[must_use]
    pub fn find(documents: &'d Documents<'t>) -> Vec<Installation<'d, 't>> {
        documents
            .of_kind("Installation")
            .filter_map(|(resource, tree)| Installation::read(resource, tree))
            .collect()
    }

    fn read(resource: &'d Resource, tree: &'d Tree<'t>) -> Option<Installation<'d, 't>> {
        let group = tree.get(resource.root, "apiVersion").and_then(|n| tree.scalar(n))?;
        if !group.starts_with("operator.tigera.io/") {
            return None;
        }
        let spec = tree.get(resource.root, "spec");
        let network = spec.and_then(|s| tree.get(s, "calicoNetwork"));
        let pool_list = network.and_then(|n| tree.get(n, "ipPools"));
        let pool = |node| {
            let cidr = tree.get(node, "cidr").and_then(|c| Some((c, tree.scalar(c)?)));
            Pool { node, cidr, net: cidr.and_then(|(_, text)| text.parse().ok()) }
        };
        let pools = pool_list.map(|list| tree.items(list).map(pool).collect()).unwrap_or_default();
        Some(Installation { resource, tree, spec, network, pool_list, pools })
    }

    /// The text of a field of `spec.calicoNetwork`.
    #[must_use]
    pub fn network_field(&self, key: &str) -> Option<&'d str> {
        self.tree.scalar(self.tree.get(self.network?, key)?)
    }

    /// A field of `spec`, reached by keys.
    #[must_use]
    pub fn spec_field(&self, keys: &[&str]) -> Option<&'d str> {
        self.tree.scalar(self.tree.at(self.spec?, keys)?)
    }

    /// A field of a pool.
    #[must_use]
    pub fn pool_field(&self, pool: &Pool<'_>, key: &str) -> Option<(NodeId, &'d str)> {
        let node = self.tree.get(pool.node, key)?;
        Some((node, self.tree.scalar(node)?))
    }

    /// Whether an autodetection field (`nodeAddressAutodetectionV4` or `V6`) is there, and whether it names a method.
    #[must_use]
    pub fn autodetection(&self, key: &str) -> Option<(NodeId, bool)> {
        let node = self.tree.get(self.network?, key)?;
        let names_method = self.tree.kind(node) == Kind::Mapping && self.tree.children(node).next().is_some();
        Some((node, names_method))
    }
}

/// The operator's release in a source: from the image of its Deployment.
#[must_use]
pub fn operator_version(documents: &Documents<'_>) -> Option<Version> {
    documents.of_kind("Deployment").find_map(|(resource, tree)| {
        let containers = tree.at(resource.root, &["spec", "template", "spec", "containers"])?;
        tree.items(containers).find_map(|container| {
            let image = tree.scalar(tree.get(container, "image")?)?;
            if image_name(image) == "tigera/operator" { image_version(image) } else { None }
        })
    })
}
