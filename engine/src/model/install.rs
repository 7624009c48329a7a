//! One installation of Calico in a file: the objects that belong together, and the facts about it.

use super::calico_config::{CalicoConfig, Cni};
use super::calico_node::CalicoNode;
use super::facts::{Facts, Shared, config_map_name};
use super::installation::Installation;
use super::{FileModel, Resource};
use crate::target::{Backend, Target};

/// An installation of Calico: by a manifest (calico-node and its ConfigMap), or by the operator.
#[derive(Clone, Debug)]
pub(crate) struct CalicoInstall<'d> {
    /// The facts about it.
    pub facts: Facts,
    /// The ConfigMap of a manifest install.
    pub config: Option<CalicoConfig<'d, 'd>>,
    /// The DaemonSet of a manifest install.
    pub node: Option<CalicoNode<'d, 'd>>,
    /// The `Installation` of an operator install.
    pub installation: Option<Installation<'d>>,
}

impl<'d> CalicoInstall<'d> {
    /// The installations of a file. `shared` has the facts of all files of the cluster.
    #[must_use]
    pub(crate) fn of_file(file: &FileModel<'d>, target: &Target, shared: &Shared) -> Vec<CalicoInstall<'d>> {
        let configs = &file.configs;
        let mut installs = Vec::new();
        let mut used = Vec::new();
        for node in file.nodes.iter().cloned() {
            let name = config_map_name(&node);
            let named = configs.iter().position(|c| Some(c.resource.name.as_str()) == name);
            let index = named.or_else(|| (configs.len() == 1 && name.is_none()).then_some(0));
            // Two DaemonSets may share a ConfigMap: the rules check it with the first one.
            let config = index.filter(|i| !used.contains(i)).map(|i| configs[i].clone());
            used.extend(index);
            let facts = Facts::of_manifest(config.as_ref(), Some(&node), shared, target);
            installs.push(CalicoInstall { facts, config, node: Some(node), installation: None });
        }
        for (i, config) in configs.iter().enumerate() {
            if used.contains(&i) || config.cni.is_none() {
                continue;
            }
            let facts = Facts::of_manifest(Some(config), None, shared, target);
            let config = Some(config.clone());
            installs.push(CalicoInstall { facts, config, node: None, installation: None });
        }
        for installation in file.installations.iter().cloned() {
            let facts = Facts::of_installation(&installation, shared);
            let installation = Some(installation);
            installs.push(CalicoInstall { facts, config: None, node: None, installation });
        }
        installs
    }

    /// Its objects, the main one first.
    pub(crate) fn resources(&self) -> impl Iterator<Item = &'d Resource> {
        let node = self.node.as_ref().map(|n| n.resource);
        let config = self.config.as_ref().map(|c| c.resource);
        let installation = self.installation.as_ref().map(Installation::resource);
        node.into_iter().chain(config).chain(installation)
    }

    /// Its title: that of its main object.
    #[must_use]
    pub(crate) fn title(&self) -> String {
        self.resources().next().map_or_else(String::new, Resource::title)
    }

    /// The text of a variable of calico-node.
    pub(crate) fn env_text(&self, name: &str) -> Option<&str> {
        self.node.as_ref()?.env.text(name)
    }

    /// The calico-node DaemonSet, unless its backend is `none`: then Calico needs no node addresses.
    pub(crate) fn addressed_node(&self) -> Option<&CalicoNode<'d, 'd>> {
        self.node.as_ref().filter(|_| self.facts.backend != Backend::None)
    }

    /// The CNI configuration with its ConfigMap.
    pub(crate) fn cni(&self) -> Option<(&CalicoConfig<'d, 'd>, &Cni)> {
        let config = self.config.as_ref()?;
        Some((config, config.cni.as_ref()?))
    }
}
