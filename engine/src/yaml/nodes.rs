//! The nodes of a tree while it is read.

use super::parse::to_u32;
use super::rare::Rare;
use super::tree::{Node, NodeId, Syntax, Tree};
use std::borrow::Cow;
use std::sync::Arc;

/// Nodes in the order of the text: a collection before what it holds.
#[derive(Default)]
pub(super) struct Nodes {
    pub(super) list: Vec<Node>,
    pub(super) rare: Rare,
}

impl Nodes {
    /// The id of the node that is added next.
    pub(super) fn next(&self) -> NodeId {
        NodeId(to_u32(self.list.len()))
    }

    /// Adds a node after its previous sibling, or as the first child of its parent if `previous` is none.
    pub(super) fn add(&mut self, mut node: Node, previous: NodeId) -> NodeId {
        let id = self.next();
        if let Some(previous) = self.list.get_mut(previous.index()) {
            previous.next = id;
            node.index = previous.index + 1;
        }
        self.list.push(node);
        id
    }

    /// Adds a scalar with this decoded text.
    pub(super) fn add_scalar(&mut self, mut node: Node, previous: NodeId, text: &str, value: &str) -> NodeId {
        node.value = self.rare.decoded.keep(self.next(), &node, text, value);
        self.add(node, previous)
    }

    /// Records the anchor of the node that is added next; 0 is none.
    pub(super) fn anchor(&mut self, anchor: u32) {
        if anchor != 0 {
            self.rare.anchors.push((self.next(), anchor));
        }
    }

    /// Records the tag of the node that is added next.
    pub(super) fn tag(&mut self, tag: String) {
        self.rare.tags.push((self.next(), tag));
    }

    pub(super) fn tree(self, text: Cow<'_, str>, syntax: Syntax) -> Tree<'_> {
        let Nodes { list: nodes, rare } = self;
        let rare = (!rare.is_none()).then(|| Arc::new(rare));
        Tree { text, nodes, rare, syntax }
    }
}
