//! A `ResourceList` of KRM functions, as its author wrote it: the items, and where in them an offset is.

use crate::config::once;
use crate::people::{Text, shown};
use calico_ipv6_engine::yaml::split::split;
use calico_ipv6_engine::yaml::write::{Op, Placement, Value, apply, lower_all};
use calico_ipv6_engine::yaml::{Kind, NodeId, Tree, parse};
use std::collections::HashSet;

/// The versions that hosts send (kyaml 0.21 sends v1, kpt 1.0 too; before kustomize 4.2 it was v1beta1).
const VERSIONS: [&str; 2] = ["config.kubernetes.io/v1", "config.kubernetes.io/v1beta1"];

/// Annotations with the file of an item, today's name first.
const PATH: [&str; 2] = ["internal.config.kubernetes.io/path", "config.kubernetes.io/path"];
const INDEX: [&str; 2] = ["internal.config.kubernetes.io/index", "config.kubernetes.io/index"];

/// A list that was read.
pub(super) struct ResourceList<'t> {
    tree: Tree<'t>,
    root: NodeId,
    items: Vec<NodeId>,
}

/// A place in an item.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// `apiVersion`, `kind`, `namespace`, `name`: what the item has of them.
    pub(super) object: Vec<(&'static str, Text)>,
    /// The field, as `spec.template.spec.containers[0].env`; empty for the item itself.
    pub(super) field: Text,
    /// The value of the field, if it is a scalar.
    pub(super) value: Option<Text>,
    /// The file that the host read the item from.
    pub(super) file: Option<Text>,
    /// The position of the item in its file.
    pub(super) index: Option<usize>,
}

impl<'t> ResourceList<'t> {
    /// Reads a list. An error says what is wrong with it.
    pub(super) fn read(text: &'t str) -> Result<ResourceList<'t>, String> {
        let mut documents = Vec::new();
        for chunk in split(text) {
            let tree = parse(text, chunk.range).map_err(|error| format!("not YAML: {error}"))?;
            // A marker alone begins a document that is null.
            let root = tree.root().filter(|root| tree.scalar(*root) != Some(""));
            documents.extend(root.map(|root| (tree, root)));
        }
        let number = documents.len();
        let Some((tree, root)) = documents.pop() else {
            return Err("is empty: a KRM function reads a ResourceList".to_owned());
        };
        let field = |key: &str| tree.get(root, key).and_then(|value| tree.scalar(value)).unwrap_or_default();
        let (version, kind) = (field("apiVersion"), field("kind"));
        if number > 1 || kind != "ResourceList" || !VERSIONS.contains(&version) {
            let found = match (number, kind) {
                (1, "") => "an object without a kind".to_owned(),
                (1, kind) if version.is_empty() => format!("{kind} without an apiVersion"),
                (1, kind) => format!("{kind} of {version}"),
                (several, _) => format!("{several} documents"),
            };
            return Err(format!(
                "expected one ResourceList of {}, found {found}: to convert plain manifests, use calico-ipv6 transform",
                VERSIONS[0]
            ));
        }
        let mut seen = HashSet::new();
        for (key, _) in tree.entries(root) {
            // kubectl would use the last one, and a reader the first.
            let name = tree.scalar(key).unwrap_or_default();
            once(&mut seen, name, tree.range(key).start).map_err(|twice| twice.message)?;
        }
        let items = match tree.get(root, "items") {
            None => Vec::new(),
            Some(items) if tree.kind(items) == Kind::Sequence => tree.items(items).collect(),
            Some(items) if tree.scalar(items).is_some_and(|text| matches!(text, "" | "~" | "null")) => {
                Vec::new()
            }
            Some(_) => return Err("`items` must be a list".to_owned()),
        };
        if let Some(at) = items.iter().position(|item| tree.kind(*item) != Kind::Mapping) {
            return Err(format!("`items[{at}]` must be an object"));
        }
        Ok(ResourceList { tree, root, items })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn tree(&self) -> &Tree<'t> {
        &self.tree
    }

    /// The configuration of the function, of any kind but null.
    pub(super) fn function_config(&self) -> Option<NodeId> {
        let is_null =
            |config: &NodeId| self.tree.scalar(*config).is_some_and(|text| matches!(text, "" | "~" | "null"));
        self.tree.get(self.root, "functionConfig").filter(|config| !is_null(config))
    }

    /// The item around an offset of the text, and the field in it; `None` before the first item. `inserted` is what is
    /// inserted there.
    pub(super) fn place(&self, offset: usize, inserted: Option<&str>) -> Option<Place> {
        let behind = self.items.partition_point(|item| self.tree.range(*item).start <= offset);
        let item = *self.items.get(behind.checked_sub(1)?)?;
        let metadata = |key: &str| self.text(&["metadata", key], item);
        let annotation = |names: [&str; 2]| {
            names.into_iter().find_map(|name| self.text(&["metadata", "annotations", name], item))
        };
        let object = [
            ("apiVersion", self.text(&["apiVersion"], item)),
            ("kind", self.text(&["kind"], item)),
            ("namespace", metadata("namespace")),
            ("name", metadata("name")),
        ];
        let object = object.into_iter().filter_map(|(key, value)| Some((key, shown(value?)))).collect();
        let holder = inserted.and_then(|text| self.holder(item, offset, text));
        let (field, node) = holder.unwrap_or_else(|| self.field(item, offset));
        Some(Place {
            object,
            value: self.tree.scalar(node).map(shown),
            field: shown(&field),
            file: annotation(PATH).map(shown),
            index: annotation(INDEX).and_then(|index| index.parse().ok()),
        })
    }

    fn text(&self, keys: &[&str], from: NodeId) -> Option<&str> {
        self.tree.scalar(self.tree.at(from, keys)?).filter(|text| !text.is_empty())
    }

    /// The path from an item to the deepest node around an offset, with the indexes of list items: programs read it.
    fn field(&self, item: NodeId, offset: usize) -> (String, NodeId) {
        let tree = &self.tree;
        let holds = |node: &NodeId| tree.range(*node).contains(&offset);
        let mut path = String::new();
        let mut at = item;
        loop {
            if tree.kind(at) == Kind::Sequence {
                let Some((index, next)) = tree.items(at).enumerate().find(|(_, item)| holds(item)) else {
                    break;
                };
                path.push_str(&format!("[{index}]"));
                at = next;
                continue;
            }
            let Some((key, next)) = tree.entries(at).find(|(key, value)| holds(key) || holds(value)) else {
                break;
            };
            self.push_key(&mut path, key);
            at = next;
        }
        (path, at)
    }

    /// The same for new lines: they may follow the end of the list or mapping that gets them, so their indentation names it.
    fn holder(&self, item: NodeId, offset: usize, inserted: &str) -> Option<(String, NodeId)> {
        let tree = &self.tree;
        let line = inserted.lines().find(|line| !line.trim().is_empty())?;
        let is_item = line.trim_start().starts_with("- ");
        let indent = line.len() - line.trim_start().len();
        let before = |node: NodeId| {
            let start = tree.range(node).start;
            tree.text()[..start].rsplit('\n').next().unwrap_or_default()
        };
        let is_above = |node: &NodeId| tree.range(*node).start < offset;
        let mut path = String::new();
        let mut at = item;
        loop {
            if tree.kind(at) == Kind::Sequence {
                let (index, last) =
                    tree.items(at).enumerate().take_while(|(_, item)| is_above(item)).last()?;
                if is_item && before(last).rfind('-') == Some(indent) {
                    return Some((path, at));
                }
                path.push_str(&format!("[{index}]"));
                at = last;
                continue;
            }
            let (key, last) = tree.entries(at).take_while(|(key, _)| is_above(key)).last()?;
            if !is_item && before(key).len() == indent {
                return Some((path, at));
            }
            self.push_key(&mut path, key);
            at = last;
        }
    }

    fn push_key(&self, path: &mut String, key: NodeId) {
        match self.tree.scalar(key).unwrap_or_default() {
            key if key.contains('.') => path.push_str(&format!("[\"{key}\"]")),
            key if path.is_empty() => path.push_str(key),
            key => path.push_str(&format!(".{key}")),
        }
    }

    /// The text with these results instead of those that it may have.
    pub(super) fn with_results(&self, results: &[Value]) -> Result<String, String> {
        let insert =
            Op::InsertEntry(Placement::default(), "results".to_owned(), Value::Seq(results.to_owned()));
        let old = self.tree.get(self.root, "results");
        let mut changes = Vec::new();
        changes.extend(old.map(|old| (old, &Op::Remove)));
        if !results.is_empty() {
            changes.push((self.root, &insert));
        }
        let lowered = lower_all(&self.tree, &changes).map_err(|(_, refusal)| refusal.reason.to_string())?;
        let mut edits: Vec<_> = lowered.into_iter().flat_map(|one| one.edits).collect();
        edits.sort_by_key(|edit| edit.range.start);
        Ok(apply(self.tree.text(), &edits))
    }
}
