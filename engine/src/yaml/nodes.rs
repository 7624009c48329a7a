//! The nodes of a tree while it is read.

use super::parse::to_u32;
use super::tree::{Node, NodeId, Syntax, Tree};
use super::values::DecodedTexts;
use std::borrow::Cow;

/// Nodes in the order of the text: a collection before what it holds.
#[derive(Default)]
pub(super) struct Nodes {
    pub(super) list: Vec<Node>,
    decoded: DecodedTexts,
    /// The anchors of the nodes that define one, and of aliases.
    anchors: Vec<(NodeId, u32)>,
    /// The resolved tags.
    tags: Vec<(NodeId, String)>,
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
        node.value = self.decoded.keep(self.next(), &node, text, value);
        self.add(node, previous)
    }

    /// Records the anchor of the node that is added next; 0 is none.
    pub(super) fn anchor(&mut self, anchor: u32) {
        if anchor != 0 {
            self.anchors.push((self.next(), anchor));
        }
    }

    /// Records the tag of the node that is added next.
    pub(super) fn tag(&mut self, tag: String) {
        self.tags.push((self.next(), tag));
    }

    pub(super) fn tree(self, text: Cow<'_, str>, syntax: Syntax) -> Tree<'_> {
        let Nodes { list: nodes, decoded, anchors, tags } = self;
        Tree { text, nodes, decoded, anchors, aliased: Vec::new(), tags, syntax }
    }
}
