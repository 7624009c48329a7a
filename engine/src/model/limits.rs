//! What a file may have at most. No real file comes near these numbers; a file that was made to keep the command busy is refused
//! before its rules are run.

use super::Documents;
use crate::yaml::{NodeId, Tree};
use core::fmt;

/// Something of which a file has too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Documents of a stream.
    Documents,
    /// Words of an environment file, a unit or a file of arguments.
    Words,
    /// Variables or flags of one container.
    OfContainer,
    /// Ranges or addresses of a list that has one or two of each IP family.
    Ranges,
    /// Objects of a kind that a cluster has once, or a few times.
    Objects(&'static str),
}

impl Limit {
    /// The largest number that is read.
    #[must_use]
    pub fn most(self) -> usize {
        match self {
            Limit::Documents => 100_000,
            Limit::Words | Limit::OfContainer => 10_000,
            Limit::Ranges | Limit::Objects(_) => 1_000,
        }
    }

    /// What to do.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Limit::Documents => "split the file into several files between its documents",
            Limit::Words => "check what writes this file: a component has at most some hundred flags",
            Limit::OfContainer => {
                "check what writes this manifest: a container has at most some hundred of them"
            }
            Limit::Ranges => "check what writes this list: a cluster has a few ranges at most",
            Limit::Objects(_) => "pass the files of one cluster at a time",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = crate::cidr::grouped(self.most() as u128);
        match self {
            Limit::Documents => write!(f, "the file has more than {most} documents"),
            Limit::Words => write!(f, "the file has more than {most} words"),
            Limit::OfContainer => write!(f, "a container has more than {most} variables or flags"),
            Limit::Ranges => write!(f, "a list has more than {most} ranges or addresses"),
            Limit::Objects(kind) => write!(f, "the file has more than {most} objects of the kind {kind}"),
        }
    }
}

/// What the first object or entry that is too many exceeds, and its byte offset.
pub(super) fn exceeded(documents: &Documents<'_>) -> Option<(Limit, usize)> {
    let mut counts = [("Installation", 0), ("DaemonSet", 0), ("ClusterConfiguration", 0)];
    for resource in &documents.resources {
        let Some(tree) = documents.tree(resource.document) else { continue };
        if let Some((kind, count)) = counts.iter_mut().find(|(kind, _)| *kind == resource.kind) {
            *count += 1;
            let limit = Limit::Objects(kind);
            if *count > limit.most() {
                return Some((limit, tree.range(resource.root).start));
            }
        }
        if let Some((limit, node)) = in_containers(tree, resource.root) {
            return Some((limit, tree.range(node).start));
        }
        let lists = LISTS.iter().filter_map(|path| tree.at(resource.root, path));
        if let Some(node) = lists.filter_map(|list| ranges(tree, list)).next() {
            return Some((Limit::Ranges, tree.range(node).start));
        }
    }
    None
}

/// Lists of ranges or addresses, of which rules compare each with each.
const LISTS: [&[&str]; 6] = [
    &["networking", "podSubnet"],
    &["networking", "serviceSubnet"],
    &["clusterCIDR"],
    &["clusterDNS"],
    &["spec", "cidrs"],
    &["spec", "calicoNetwork", "ipPools"],
];

/// The first entry of a list that is too many, or the text of all of them.
fn ranges(tree: &Tree<'_>, list: NodeId) -> Option<NodeId> {
    match tree.scalar(list) {
        Some(text) => (text.split(',').nth(Limit::Ranges.most()).is_some()).then_some(list),
        None => tree.items(list).nth(Limit::Ranges.most()),
    }
}

/// The first word of a flag file that is too many.
pub(super) fn word(tree: &Tree<'_>) -> Option<(Limit, NodeId)> {
    let lists = || tree.root().into_iter().flat_map(|root| tree.entries(root));
    let words = || lists().flat_map(|(_, list)| tree.items(list));
    let too_many = words().nth(Limit::Words.most()).map(|word| (Limit::Words, word));
    too_many.or_else(|| words().find_map(|word| Some((Limit::Ranges, ranges(tree, word)?))))
}

/// The first variable or flag of a container that is too many, or the first that is too long a list.
fn in_containers(tree: &Tree<'_>, object: NodeId) -> Option<(Limit, NodeId)> {
    let pod = tree.at(object, &["spec", "template", "spec"]).or_else(|| tree.get(object, "spec"))?;
    let containers = ["initContainers", "containers"].into_iter().filter_map(|key| tree.get(pod, key));
    let mut lists = containers
        .flat_map(|list| tree.items(list))
        .flat_map(|container| ["env", "command", "args"].map(|key| tree.get(container, key)))
        .flatten();
    lists.find_map(|list| match tree.items(list).nth(Limit::OfContainer.most()) {
        Some(entry) => Some((Limit::OfContainer, entry)),
        None => tree.items(list).find_map(|word| Some((Limit::Ranges, ranges(tree, word)?))),
    })
}
