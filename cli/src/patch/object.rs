//! The objects of a text, and what names each one in a cluster.

use super::value::Value;
use crate::people::{Text, shown, text};
use calico_ipv6_engine::yaml::{Kind, NodeId, Tree};

/// What kustomize and kubectl find an object by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// Empty for the core group.
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) namespace: Option<String>,
    pub(super) name: String,
}

/// Why no patch can name an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unnamed {
    /// It has no `apiVersion` or no `kind`.
    NotAnObject,
    /// It has no `metadata.name`; its kind.
    NoName(String),
    /// The API server gives it a name; its kind.
    GeneratedName(String),
    /// Its name cannot be one: a template, for example.
    NotAName(String),
}

impl Identity {
    /// What names the object with this root.
    pub(super) fn of(tree: &Tree<'_>, root: NodeId) -> Result<Identity, Unnamed> {
        let text = |keys: &[&str]| {
            let node = tree.at(root, keys)?;
            tree.scalar(node).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let (Some(api_version), Some(kind)) = (text(&["apiVersion"]), text(&["kind"])) else {
            return Err(Unnamed::NotAnObject);
        };
        let Some(name) = text(&["metadata", "name"]) else {
            return Err(match text(&["metadata", "generateName"]) {
                Some(_) => Unnamed::GeneratedName(kind),
                None => Unnamed::NoName(kind),
            });
        };
        let namespace = text(&["metadata", "namespace"]);
        for part in [&api_version, &kind, &name].into_iter().chain(&namespace) {
            if !part.chars().all(|c| c.is_ascii_alphanumeric() || "-._:/".contains(c)) {
                return Err(Unnamed::NotAName(part.clone()));
            }
        }
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        Ok(Identity { group: group.to_owned(), version: version.to_owned(), kind, namespace, name })
    }

    /// `apiVersion`.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// How people name it: `DaemonSet kube-system/calico-node`.
    pub(super) fn title(&self) -> Text {
        match &self.namespace {
            Some(namespace) => text!("{} {}/{}", shown(&self.kind), shown(namespace), shown(&self.name)),
            None => text!("{} {}", shown(&self.kind), shown(&self.name)),
        }
    }

    /// Whether a patch of this object reaches the other one, too. A target without a group or a namespace takes any.
    pub(super) fn reaches(&self, other: &Identity) -> bool {
        let is_any = |own: &str, other: &str| own.is_empty() || own == other;
        let namespace = |one: &Identity| one.namespace.clone().unwrap_or_else(|| "default".to_owned());
        is_any(&self.group, &other.group)
            && self.version == other.version
            && self.kind == other.kind
            && self.name == other.name
            && (self.namespace.is_none() || namespace(self) == namespace(other))
    }

    /// The `target` of a patch in a kustomization. Its values are regular expressions: in a name, a dot is only a dot.
    pub(super) fn target(&self) -> Value {
        let entry = |key: &str, value: &str| (key.to_owned(), Value::string(value));
        let group = (!self.group.is_empty()).then(|| entry("group", &self.group));
        let mut entries: Vec<(String, Value)> = group.into_iter().collect();
        let name = self.name.replace('.', r"\.");
        entries.extend([entry("version", &self.version), entry("kind", &self.kind), entry("name", &name)]);
        entries.extend(self.namespace.as_ref().map(|namespace| entry("namespace", namespace)));
        Value::Map(entries)
    }

    /// The first entries of an object with this name.
    pub(super) fn header(&self) -> Value {
        let entry = |key: &str, value: &str| (key.to_owned(), Value::string(value));
        let mut metadata = vec![entry("name", &self.name)];
        metadata.extend(self.namespace.as_ref().map(|namespace| entry("namespace", namespace)));
        Value::Map(vec![
            entry("apiVersion", &self.api_version()),
            entry("kind", &self.kind),
            ("metadata".to_owned(), Value::Map(metadata)),
        ])
    }
}

/// The roots of the objects of a document: the items of a list, otherwise its own root.
pub(super) fn roots(tree: &Tree<'_>) -> Vec<NodeId> {
    let mut found = Vec::new();
    if let Some(root) = tree.root() {
        collect(tree, root, &mut found);
    }
    found
}

fn collect(tree: &Tree<'_>, root: NodeId, found: &mut Vec<NodeId>) {
    let kind = tree.get(root, "kind").and_then(|kind| tree.scalar(kind)).unwrap_or_default();
    let items = tree.get(root, "items").filter(|items| tree.kind(*items) == Kind::Sequence);
    match items {
        Some(items) if kind.ends_with("List") => {
            tree.items(items).for_each(|item| collect(tree, item, found));
        }
        _ => found.push(root),
    }
}
