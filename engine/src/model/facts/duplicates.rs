//! Objects that the files of a cluster define twice.

use crate::model::FileModel;
use crate::model::facts::listed::{first_ones, hash};
use crate::source::Place;
use crate::yaml::{Kind, NodeId, Tree};
use core::ops::Range;

/// An object that an earlier place defines with other values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DuplicateObject {
    /// The index of its file, among the files and the manifests in their texts.
    pub file: usize,
    /// The index of its document.
    pub document: usize,
    /// The root of the object.
    pub root: NodeId,
    /// The bytes of its kind.
    pub range: Range<usize>,
    /// Its title.
    pub title: String,
    /// Where the earlier one is.
    pub earlier: Place,
}

/// Kinds that often share a name: every node has static Pods with the same names.
const PER_NODE: [&str; 1] = ["Pod"];

/// kubeadm's objects have no name, and a cluster has one object of this kind.
const NAMELESS: &str = "ClusterConfiguration";

/// The identity of an object: name, kind, namespace, group. The name differs most often, so it comes first.
type Key<'t> = (&'t str, &'t str, &'t str, &'t str);

/// The duplicates among the files of a cluster, in the order of the files.
pub(in crate::model) fn duplicates(files: &[FileModel<'_>]) -> Vec<DuplicateObject> {
    let objects = files.iter().enumerate().flat_map(|(index, file)| {
        let resources = file.documents.resources.iter();
        resources.filter_map(move |resource| {
            let tree = file.documents.tree(resource.document)?;
            Some((key(tree, resource.root, &resource.name)?, index, resource, tree))
        })
    });
    let objects: Vec<_> = objects.collect();
    let hashes: Vec<u64> = objects.iter().map(|(key, ..)| hash(key)).collect();
    let firsts = first_ones(&hashes, &|one, other| objects[one].0 == objects[other].0);
    let mut all = Vec::new();
    for (own, first) in firsts.into_iter().enumerate().filter(|(own, first)| own != first) {
        let (_, index, resource, tree) = objects[own];
        let (_, other, first, earlier) = objects[first];
        // Files that contradict each other about ranges have a rule of their own.
        if resource.name.is_empty() && other != index {
            continue;
        }
        let is_patched = is_part(tree, resource.root) != is_part(earlier, first.root);
        if is_patched || values(tree, resource.root) == values(earlier, first.root) {
            continue;
        }
        let kind = |tree: &Tree<'_>, root| tree.range(tree.get(root, "kind").unwrap_or(root));
        let place = files[other].documents.place(kind(earlier, first.root).start);
        all.push(DuplicateObject {
            file: index,
            document: resource.document,
            root: resource.root,
            range: kind(tree, resource.root),
            title: resource.title(),
            earlier: place,
        });
    }
    all
}

/// Whether this is a part of a workload, as a patch of kustomize is: the API server takes none without a selector.
fn is_part(tree: &Tree<'_>, root: NodeId) -> bool {
    let kind = tree.get(root, "kind").and_then(|kind| tree.scalar(kind));
    matches!(kind, Some("DaemonSet" | "Deployment")) && tree.at(root, &["spec", "selector"]).is_none()
}

fn key<'t>(tree: &'t Tree<'_>, root: NodeId, name: &'t str) -> Option<Key<'t>> {
    let text = |keys: &[&str]| tree.at(root, keys).and_then(|node| tree.scalar(node));
    let kind = text(&["kind"]).filter(|kind| !PER_NODE.contains(kind))?;
    let version = text(&["apiVersion"])?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let namespace = text(&["metadata", "namespace"]).unwrap_or_default();
    (!name.is_empty() || kind == NAMELESS).then_some((name, kind, namespace, group))
}

/// A hash of the values of an object, without metadata and status, which the API server or a tool adds.
fn values(tree: &Tree<'_>, root: NodeId) -> u64 {
    let kind = tree.get(root, "kind").and_then(|kind| tree.scalar(kind));
    let of_entry = |(key, value): (NodeId, NodeId)| {
        let name = tree.scalar(key).unwrap_or_default();
        // A copy for a later kubeadm has other fields, and the same ranges.
        let is_value = match kind == Some(NAMELESS) {
            true => name == "networking",
            false => !matches!(name, "metadata" | "status" | "apiVersion"),
        };
        is_value.then(|| hash(&(name, value_of(tree, value))))
    };
    tree.entries(root).filter_map(of_entry).fold(0, u64::wrapping_add)
}

/// Hashes the value of a node; the order of the entries of a mapping has no effect.
fn value_of(tree: &Tree<'_>, node: NodeId) -> u64 {
    match tree.kind(node) {
        Kind::Mapping => {
            let entry = |(key, value)| hash(&(value_of(tree, key), value_of(tree, value)));
            hash(&("mapping", tree.entries(node).map(entry).fold(0, u64::wrapping_add)))
        }
        Kind::Sequence => tree.items(node).fold(1, |sum, item| hash(&(sum, value_of(tree, item)))),
        _ => hash(&tree.scalar(node)),
    }
}
