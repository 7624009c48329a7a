//! An object, or a document inside a text of an object, with the same locations for both.

use super::{ClusterConfig, ObjectKind, UnreadableValue, kube_proxy};
use crate::diagnostic::ObjectKey;
use crate::model::Resource;
use crate::model::documents::api_version;
use crate::version::image_name;
use crate::yaml::cross_check::unread;
use crate::yaml::embedded::{Embedded, EmbeddedError};
use crate::yaml::verify::Planned;
use crate::yaml::write::Op;
use crate::yaml::{Kind, NodeId, Tree};
use core::ops::Range;

/// An object whose fields configure IP families.
#[derive(Clone, Debug)]
pub(crate) struct ConfigObject<'d> {
    /// The object of the file.
    pub resource: &'d Resource,
    /// Its kind.
    pub kind: ObjectKind,
    /// The mapping that holds the fields.
    pub root: NodeId,
    pub(super) outer: &'d Tree<'d>,
    /// The scalar that holds the document, its key, and the document. Few objects have one, and a stream has many objects.
    pub(super) inner: Option<Box<(NodeId, String, Embedded)>>,
}

impl<'d> ConfigObject<'d> {
    pub(in crate::model) fn of(resource: &'d Resource, tree: &'d Tree<'_>) -> ConfigObject<'d> {
        ConfigObject { resource, kind: ObjectKind::ConfigMap, root: resource.root, outer: tree, inner: None }
    }

    /// A mapping below its root as a separate object.
    pub(in crate::model) fn below(&self, root: NodeId) -> ConfigObject<'d> {
        ConfigObject { root, ..self.clone() }
    }

    /// The document in the text of a key of `data`, if there is one.
    pub(super) fn inside(&self, key: &str) -> Option<Result<ConfigObject<'d>, (NodeId, EmbeddedError)>> {
        self.inside_of(self.outer.at(self.resource.root, &["data", key])?, key)
    }

    /// The document in the text of a scalar, with the name `key`; `None` if it is empty.
    pub(in crate::model) fn inside_of(
        &self,
        node: NodeId,
        key: &str,
    ) -> Option<Result<ConfigObject<'d>, (NodeId, EmbeddedError)>> {
        let embedded = match Embedded::open(self.outer, node) {
            Ok(embedded) => embedded,
            Err(error) => return Some(Err((node, error))),
        };
        // A text that the component's own parser rejects must not be changed.
        let error = if embedded.tree.is_flag_file() { None } else { unread(embedded.tree.text()) };
        if let Some((message, offset)) = error {
            return Some(Err((node, EmbeddedError { message, offset: embedded.offset_in_source(offset) })));
        }
        let root = embedded.tree.root().filter(|r| embedded.tree.kind(*r) == Kind::Mapping)?;
        let inner = Some(Box::new((node, key.to_owned(), embedded)));
        Some(Ok(ConfigObject { resource: self.resource, kind: self.kind, root, outer: self.outer, inner }))
    }

    /// The key of the object.
    #[must_use]
    pub(crate) fn key(&self) -> ObjectKey {
        ObjectKey::of(self.resource, self.inner.as_deref().map(|(scalar, ..)| *scalar))
    }

    /// The key of the text that it is a document of; `None` if it is the object itself.
    #[must_use]
    pub(crate) fn text_key(&self) -> Option<&str> {
        self.inner.as_deref().map(|(_, key, _)| key.as_str())
    }

    /// The tree that its nodes belong to.
    #[must_use]
    pub(crate) fn tree(&self) -> &Tree<'_> {
        self.inner.as_deref().map_or(self.outer, |(_, _, embedded)| &embedded.tree)
    }

    /// A change of one of its nodes.
    #[must_use]
    pub(crate) fn planned(&self, node: NodeId, op: Op) -> Planned {
        match self.inner.as_deref() {
            None => Planned { node, inner: None, op },
            Some((scalar, ..)) => Planned { node: *scalar, inner: Some(node), op },
        }
    }

    /// Where a node begins in the file.
    #[must_use]
    pub(crate) fn start(&self, node: NodeId) -> usize {
        let start = self.tree().range(node).start;
        self.inner.as_deref().map_or(start, |(_, _, embedded)| embedded.offset_in_source(start))
    }

    /// The bytes of a node in the file, up to the end of its first line.
    #[must_use]
    pub(crate) fn range(&self, node: NodeId) -> Range<usize> {
        let range = self.tree().range(node);
        let (start, end) = match self.inner.as_deref() {
            None => (range.start, range.end),
            Some((_, _, embedded)) => {
                (embedded.offset_in_source(range.start), embedded.offset_in_source(range.end))
            }
        };
        let bytes = &self.outer.text().as_bytes()[start..end.max(start)];
        start..start + memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len())
    }

    /// The path of a node, for messages.
    #[must_use]
    pub(crate) fn path(&self, node: NodeId) -> String {
        match self.inner.as_deref() {
            None => self.outer.path(node),
            Some((scalar, _, embedded)) => {
                format!("{}: {}", self.outer.path(*scalar), embedded.tree.path(node))
            }
        }
    }

    /// Its title: `ConfigMap kube-proxy, config.conf`.
    #[must_use]
    pub(crate) fn title(&self) -> String {
        let title = self.resource.title();
        self.inner.as_deref().map_or(title.clone(), |(_, key, _)| format!("{title}, {key}"))
    }

    /// The container of a workload whose image has this name, without registry and architecture.
    pub(super) fn container(&self, name: &str) -> Option<NodeId> {
        let tree = self.tree();
        let containers = tree.at(self.root, &["spec", "template", "spec", "containers"])?;
        tree.items(containers).find(|container| {
            let image = tree.get(*container, "image").and_then(|n| tree.scalar(n));
            image.is_some_and(|image| name_of_image(image) == name)
        })
    }

    /// Its API group, without the version; `v1` for core kinds.
    #[must_use]
    pub(crate) fn group(&self) -> &str {
        let version = api_version(self.tree(), self.root).unwrap_or_default();
        version.split('/').next().unwrap_or_default()
    }

    /// The text of a scalar below the root.
    #[must_use]
    pub(crate) fn text(&self, keys: &[&str]) -> Option<&str> {
        self.tree().scalar(self.tree().at(self.root, keys)?)
    }
}

/// The name of an image without its registry, tag and architecture: `k8s-dns-kube-dns` of
/// `gcr.io/google_containers/k8s-dns-kube-dns-amd64:1.14.4`.
#[must_use]
pub(crate) fn name_of_image(image: &str) -> &str {
    let name = image_name(image);
    let name = name.rsplit('/').next().unwrap_or(name);
    let architectures = ["-amd64", "-arm64", "-arm", "-ppc64le", "-s390x"];
    architectures.into_iter().find_map(|architecture| name.strip_suffix(architecture)).unwrap_or(name)
}

/// A ConfigMap of kubeadm: `kubeadm-config`, `kubelet-config`, `kube-proxy`, `coredns`; recognized by the keys of its `data`.
pub(in crate::model) fn read_config_map<'d>(config: &mut ClusterConfig<'d>, object: &ConfigObject<'d>) {
    let before = config.objects.len();
    let mut unread = Vec::new();
    for key in ["ClusterConfiguration", "MasterConfiguration", "kubelet", "config.conf", "kubeconfig.conf"] {
        match object.inside(key) {
            Some(Ok(inside)) if key == "kubeconfig.conf" => kube_proxy::read_kubeconfig(config, inside),
            Some(Ok(inside)) if key == "MasterConfiguration" && inside.text(&["kind"]).is_none() => {
                super::kubeadm::read_old(config, inside);
            }
            Some(Ok(inside)) => config.read_inside(inside),
            // A text without these words cannot be one of these documents.
            Some(Err((node, error))) if object.text(&["data", key]).is_some_and(is_ours) => {
                unread.push((node, key, error));
            }
            _ => {}
        }
    }
    super::dns::read_corefile(config, object);
    super::address_lists::read_config_map(config, object);
    let has = |key| object.text(&["data", key]).is_some();
    // With a CNI configuration it is read as that of an installation.
    if has("KUBERNETES_SERVICE_HOST") || (has("etcd_endpoints") && !has("cni_network_config")) {
        config.note(object.clone(), ObjectKind::ServicesEndpoint);
    }
    if config.objects.len() > before || !unread.is_empty() {
        let index = config.add(object.clone(), ObjectKind::ConfigMap);
        for (node, key, error) in unread {
            let error = Some((error.message, error.offset));
            config.unreadable.push(UnreadableValue {
                object: index,
                node,
                name: format!("data.{key}"),
                error,
            });
        }
    }
}

fn is_ours(text: &str) -> bool {
    ["kubeadm.k8s.io/", "kubelet.config.k8s.io/", "kubeproxy.config.k8s.io/"].iter().any(|g| text.contains(g))
}
