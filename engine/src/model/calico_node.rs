//! The `DaemonSet` that runs calico-node: its container, environment and probes.

use super::{Documents, Resource};
use crate::version::{Version, image_name, image_version, untagged};
use crate::yaml::write::{CommentedItem, commented_items};
use crate::yaml::{Kind, NodeId, Tree};
use core::cell::OnceCell;

/// A `DaemonSet` with a calico-node container.
#[derive(Clone, Debug)]
pub(crate) struct CalicoNode<'d, 't> {
    /// The object.
    pub resource: &'d Resource,
    /// Its document.
    pub tree: &'d Tree<'t>,
    /// The pod's `spec`.
    pub pod: NodeId,
    /// The container.
    pub container: NodeId,
    /// Its name.
    pub container_name: &'d str,
    /// Its `image`.
    pub image: Option<NodeId>,
    /// The release that kustomize writes into the tag of the image.
    pub new_tag: Option<Version>,
    /// Its `env`.
    pub env: Env<'d>,
}

/// The `env` of a container.
#[derive(Clone, Debug, Default)]
pub(crate) struct Env<'d> {
    /// The node of `env`: a sequence, unless the manifest is invalid.
    pub sequence: Option<NodeId>,
    /// Its items, in order; of items with the same name, the last one counts.
    pub vars: Vec<EnvVar<'d>>,
    /// Its items that are commented out, by name, once they are asked for.
    commented: OnceCell<Vec<(String, CommentedItem)>>,
}

/// One item of an `env`.
#[derive(Clone, Debug)]
pub(crate) struct EnvVar<'d> {
    /// Its name.
    pub name: &'d str,
    /// The item.
    pub item: NodeId,
    /// Where its value comes from.
    pub value: EnvValue<'d>,
}

/// Where the value of a variable comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EnvValue<'d> {
    /// `value`: the node, its text, and whether YAML reads it as a string; Kubernetes accepts only strings.
    Literal {
        /// The scalar.
        node: NodeId,
        /// Its text.
        text: &'d str,
        /// Whether it is a string.
        is_string: bool,
    },
    /// `valueFrom.configMapKeyRef`.
    ConfigMap {
        /// The ConfigMap.
        name: &'d str,
        /// The key.
        key: &'d str,
    },
    /// `valueFrom.fieldRef.fieldPath`: the downward API, such as `status.hostIP`.
    Field(&'d str),
    /// Only a name: the empty string.
    Absent,
    /// Any other source, or an alias.
    Other,
}

impl<'d> Env<'d> {
    fn read(tree: &'d Tree<'_>, container: NodeId) -> Env<'d> {
        let Some(sequence) = tree.get(container, "env") else { return Env::default() };
        let read = |item: NodeId| {
            let name = tree.scalar(tree.get(item, "name")?)?;
            Some(EnvVar { name, item, value: read_value(tree, item) })
        };
        let vars = tree.items(sequence).filter_map(read).collect();
        Env { sequence: Some(sequence), vars, commented: OnceCell::new() }
    }

    /// The variable that counts: the last one with that name.
    #[must_use]
    pub(crate) fn get(&self, name: &str) -> Option<&EnvVar<'d>> {
        self.vars.iter().rev().find(|v| v.name == name)
    }

    /// The literal value of a variable; `None` if it is missing or comes from elsewhere.
    #[must_use]
    pub(crate) fn text(&self, name: &str) -> Option<&'d str> {
        match self.get(name)?.value {
            EnvValue::Literal { text, .. } => Some(text),
            EnvValue::Absent => Some(""),
            _ => None,
        }
    }
}

impl EnvValue<'_> {
    /// Whether it is the primary address of the node: each pod of the DaemonSet gets the address of its own node.
    /// calico-node uses the host network, so its pod has the same address.
    #[must_use]
    pub(crate) fn is_host_ip(&self) -> bool {
        matches!(self, EnvValue::Field("status.hostIP" | "status.podIP"))
    }
}

fn read_value<'d>(tree: &'d Tree<'_>, item: NodeId) -> EnvValue<'d> {
    if tree.get(item, "<<").is_some() {
        return EnvValue::Other; // kubectl merges the entries of the alias
    }
    if let Some(node) = tree.get(item, "value") {
        return match tree.scalar(node) {
            Some(text) => EnvValue::Literal {
                node,
                text,
                is_string: tree.string(node).is_some() || tree.is_tagged(node),
            },
            None => EnvValue::Other,
        };
    }
    let reference = tree.at(item, &["valueFrom", "configMapKeyRef"]);
    let field = |name| reference.and_then(|r| tree.get(r, name)).and_then(|n| tree.scalar(n));
    let path = tree.at(item, &["valueFrom", "fieldRef", "fieldPath"]).and_then(|n| tree.scalar(n));
    match (field("name"), field("key")) {
        (Some(name), Some(key)) => EnvValue::ConfigMap { name, key },
        _ if path.is_some() => EnvValue::Field(path.unwrap_or_default()),
        _ if tree.get(item, "valueFrom").is_none() => EnvValue::Absent,
        _ => EnvValue::Other,
    }
}

impl<'d, 't> CalicoNode<'d, 't> {
    /// The calico-node DaemonSets of a source.
    #[must_use]
    pub(crate) fn find(documents: &'d Documents<'t>) -> Vec<CalicoNode<'d, 't>> {
        documents
            .of_kind("DaemonSet")
            .filter_map(|(resource, tree)| CalicoNode::read(resource, tree))
            .collect()
    }

    fn read(resource: &'d Resource, tree: &'d Tree<'t>) -> Option<CalicoNode<'d, 't>> {
        let pod = tree.at(resource.root, &["spec", "template", "spec"])?;
        let container = tree.items(tree.get(pod, "containers")?).find(|c| is_calico_node(tree, *c))?;
        let container_name = tree.get(container, "name").and_then(|n| tree.scalar(n)).unwrap_or_default();
        let image = tree.get(container, "image");
        let env = Env::read(tree, container);
        Some(CalicoNode { resource, tree, pod, container, container_name, image, new_tag: None, env })
    }

    /// Its title: `DaemonSet calico-node, container calico-node`.
    #[must_use]
    pub(crate) fn title(&self) -> String {
        format!("{}, container {}", self.resource.title(), self.container_name)
    }

    /// The variable of that name that is commented out.
    #[must_use]
    pub(crate) fn commented(&self, name: &str) -> Option<CommentedItem> {
        let read =
            || self.env.sequence.map(|list| commented_items(self.tree, list, "name")).unwrap_or_default();
        let all = self.env.commented.get_or_init(read);
        all.iter().find(|(own, _)| own == name).map(|(_, item)| item.clone())
    }

    /// The containers and init containers of the pod.
    pub(crate) fn containers(&self) -> impl Iterator<Item = NodeId> + '_ {
        ["containers", "initContainers"]
            .into_iter()
            .filter_map(|list| self.tree.get(self.pod, list))
            .flat_map(|list| self.tree.items(list))
    }

    /// The container or init container of that name.
    #[must_use]
    pub(crate) fn container_named(&self, name: &str) -> Option<NodeId> {
        let is_named = |c: &NodeId| self.tree.get(*c, "name").and_then(|n| self.tree.scalar(n)) == Some(name);
        self.containers().find(is_named)
    }

    /// The Calico release, with its node: from the tag of the calico-node image, else of another Calico image of the pod.
    #[must_use]
    pub(crate) fn calico_version(&self) -> Option<(Version, NodeId)> {
        let version = |node: NodeId| Some((image_version(self.tree.scalar(node)?)?, node));
        let new_tag = || Some((self.new_tag?, self.image?));
        let others = || {
            self.containers()
                .filter_map(|c| self.tree.get(c, "image"))
                .filter(|image| {
                    self.tree.scalar(*image).is_some_and(|text| image_name(text).contains("calico"))
                })
                .find_map(version)
        };
        new_tag().or_else(|| self.image.and_then(version)).or_else(others)
    }

    /// Takes the release of the new tag for the name of its image, which kustomize compares with the registry: of several, the
    /// last one counts. The tags are in the order of their names.
    pub(super) fn retag(&mut self, tags: &[(&str, Version)]) {
        let Some(image) = self.image.and_then(|image| self.tree.scalar(image)) else { return };
        let name = untagged(image);
        let after = tags.partition_point(|(of, _)| *of <= name);
        let own = tags[..after].last().filter(|(of, _)| *of == name);
        self.new_tag = own.map(|(_, release)| *release);
    }

    /// The release of flannel in canal, with its node; the release is `None` if the tag is not a release.
    #[must_use]
    pub(crate) fn flannel(&self) -> Option<(Option<Version>, NodeId)> {
        self.containers()
            .filter_map(|c| self.tree.get(c, "image"))
            .find(|image| self.tree.scalar(*image).is_some_and(|text| image_name(text).ends_with("flannel")))
            .map(|image| (self.tree.scalar(image).and_then(image_version), image))
    }

    /// Whether the pods run on Windows.
    #[must_use]
    pub(crate) fn is_windows(&self) -> bool {
        let selector = self.tree.get(self.pod, "nodeSelector");
        let os = |key| selector.and_then(|s| self.tree.get(s, key)).and_then(|n| self.tree.scalar(n));
        os("kubernetes.io/os") == Some("windows") || os("beta.kubernetes.io/os") == Some("windows")
    }

    /// Whether the pods wait for the flannel migration controller.
    #[must_use]
    pub(crate) fn is_flannel_migration(&self) -> bool {
        let key = "projectcalico.org/node-network-during-migration";
        self.tree.get(self.pod, "nodeSelector").is_some_and(|s| self.tree.get(s, key).is_some())
    }

    /// The literal values of a variable in all containers of the pod, with their nodes.
    pub(crate) fn literals_of(&self, name: &str) -> Vec<(NodeId, &'d str)> {
        let literal = |container| match Env::read(self.tree, container).get(name)?.value {
            EnvValue::Literal { node, text, .. } => Some((node, text)),
            _ => None,
        };
        self.containers().filter_map(literal).collect()
    }

    /// The CNI configuration that a container gets as a literal in its environment; install-cni writes it to each node.
    #[must_use]
    pub(crate) fn literal_cni_config(&self) -> Option<NodeId> {
        self.containers().find_map(|container| {
            match Env::read(self.tree, container).get("CNI_NETWORK_CONFIG")?.value {
                EnvValue::Literal { node, .. } => Some(node),
                _ => None,
            }
        })
    }

    /// The arguments of the probes' commands, with their nodes.
    pub(crate) fn probe_words(&self) -> impl Iterator<Item = (NodeId, &str)> + '_ {
        ["livenessProbe", "readinessProbe", "startupProbe"]
            .into_iter()
            .filter_map(|probe| self.tree.at(self.container, &[probe, "exec", "command"]))
            .flat_map(|command| self.tree.items(command))
            .filter_map(|word| Some((word, self.tree.scalar(word)?)))
    }
}

fn is_calico_node(tree: &Tree<'_>, container: NodeId) -> bool {
    if tree.kind(container) != Kind::Mapping {
        return false;
    }
    let text = |key| tree.get(container, key).and_then(|n| tree.scalar(n)).unwrap_or_default();
    let image = image_name(text("image"));
    let is_node_image = image.ends_with("calico/node")
        || image.ends_with("calico-node")
        || image.ends_with("calico/node-windows")
        || image.ends_with("calico/windows")
        || image.ends_with("calico/node-fips");
    is_node_image || text("name") == "calico-node"
}
