//! The ConfigMap of a manifest install: backend, MTU and the CNI configuration inside it.

use super::{Documents, Resource};
use crate::yaml::embedded::{Embedded, EmbeddedError};
use crate::yaml::{Kind, NodeId, Tree};

/// The ConfigMap `calico-config` (or `canal-config`), recognized by its key `cni_network_config`.
#[derive(Clone, Debug)]
pub(crate) struct CalicoConfig<'d, 't> {
    /// The object.
    pub resource: &'d Resource,
    /// Its document.
    pub tree: &'d Tree<'t>,
    /// Its `data`.
    pub data: NodeId,
    /// `cni_network_config`.
    pub cni: Option<Cni>,
    /// `net-conf.json` of canal, parsed.
    pub net_conf: Option<(NodeId, Result<Embedded, EmbeddedError>)>,
}

/// The CNI configuration.
#[derive(Clone, Debug)]
pub(crate) struct Cni {
    /// The scalar that holds it.
    pub node: NodeId,
    /// The document inside, or why it cannot be read.
    pub json: Result<Embedded, EmbeddedError>,
    /// The plugin of type `calico`.
    pub plugin: Option<NodeId>,
    /// Its `ipam`.
    pub ipam: Option<NodeId>,
    /// Whether it is the delegate of flannel's plugin: flannel supplies the IPAM.
    pub is_flannel_delegate: bool,
}

impl Cni {
    fn read(tree: &Tree<'_>, node: NodeId) -> Cni {
        let json = Embedded::json(tree, node);
        let mut cni = Cni { node, json, plugin: None, ipam: None, is_flannel_delegate: false };
        if let Ok(embedded) = &cni.json
            && let Some(root) = embedded.tree.root()
        {
            let json = &embedded.tree;
            let plugins: Vec<NodeId> = match get_folded(json, root, "plugins") {
                Some(list) => json.items(list).collect(),
                None => vec![root],
            };
            let is_type =
                |n: NodeId, name| get_folded(json, n, "type").and_then(|t| json.scalar(t)) == Some(name);
            cni.plugin = plugins.iter().copied().find(|p| is_type(*p, "calico"));
            if cni.plugin.is_none() {
                let delegate = plugins
                    .iter()
                    .filter_map(|p| get_folded(json, *p, "delegate"))
                    .find(|d| is_type(*d, "calico"));
                cni.plugin = delegate;
                cni.is_flannel_delegate = delegate.is_some();
            }
            cni.ipam = cni.plugin.and_then(|p| get_folded(json, p, "ipam"));
        }
        cni
    }

    /// The tree of the configuration.
    #[must_use]
    pub(crate) fn tree(&self) -> Option<&Tree<'static>> {
        self.json.as_ref().ok().map(|embedded| &embedded.tree)
    }

    /// The value of a key of `ipam`, in any case: see [`get_folded`].
    #[must_use]
    pub(crate) fn ipam_value(&self, key: &str) -> Option<NodeId> {
        get_folded(self.tree()?, self.ipam?, key)
    }

    /// `ipam.type`.
    #[must_use]
    pub(crate) fn ipam_type(&self) -> Option<&str> {
        self.tree()?.scalar(self.ipam_value("type")?)
    }
}

/// The value of the key `key` in any case, as a plugin reads it: libcni sorts the keys of a configuration by their bytes, so
/// lower case comes last, and of all keys that Go's JSON decoder matches with a field the last one counts
/// (containernetworking/cni v1.2.3: libcni/conf.go, ConfListFromBytes).
#[must_use]
pub(crate) fn get_folded(tree: &Tree<'_>, mapping: NodeId, key: &str) -> Option<NodeId> {
    tree.entries(mapping)
        .filter(|(k, _)| tree.scalar(*k).is_some_and(|text| text.eq_ignore_ascii_case(key)))
        // Of equal keys the last one.
        .max_by_key(|(k, _)| tree.scalar(*k))
        .map(|(_, v)| v)
}

impl<'d, 't> CalicoConfig<'d, 't> {
    /// The ConfigMaps with a CNI configuration in a source.
    #[must_use]
    pub(crate) fn find(documents: &'d Documents<'t>) -> Vec<CalicoConfig<'d, 't>> {
        documents
            .of_kind("ConfigMap")
            .filter_map(|(resource, tree)| CalicoConfig::read(resource, tree))
            .collect()
    }

    fn read(resource: &'d Resource, tree: &'d Tree<'t>) -> Option<CalicoConfig<'d, 't>> {
        let data = tree.get(resource.root, "data").filter(|d| tree.kind(*d) == Kind::Mapping)?;
        let cni = tree.get(data, "cni_network_config").map(|node| Cni::read(tree, node));
        if cni.is_none() && tree.get(data, "calico_backend").is_none() {
            return None;
        }
        let net_conf = tree.get(data, "net-conf.json").map(|node| (node, Embedded::json(tree, node)));
        Some(CalicoConfig { resource, tree, data, cni, net_conf })
    }

    /// The text of a key of `data`, with its node.
    #[must_use]
    pub(crate) fn value(&self, key: &str) -> Option<(NodeId, &'d str)> {
        let node = self.tree.get(self.data, key)?;
        Some((node, self.tree.scalar(node)?))
    }
}
