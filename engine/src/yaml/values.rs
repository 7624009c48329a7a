//! The decoded texts of scalars. Most are parts of the text as they are; only the others are kept beside it.

use super::tree::{Kind, Node, NodeId, Style};
use core::ops::Range;

/// Where the decoded text of a scalar is. Trees of large streams have millions of nodes, so this is a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// All bytes of the node.
    AsWritten,
    /// The bytes between its quotes.
    Quoted,
    /// In [`DecodedTexts`].
    Decoded,
}

/// The decoded texts of scalars that have escapes, folded lines or indentation.
#[derive(Clone, Debug, Default)]
pub(super) struct DecodedTexts {
    text: String,
    /// The bytes of `text` that each of these nodes has, in the order of the nodes.
    places: Vec<(NodeId, Range<u32>)>,
}

impl DecodedTexts {
    /// No decoded text.
    pub(super) const NONE: DecodedTexts = DecodedTexts { text: String::new(), places: Vec::new() };

    /// Whether no node has one.
    pub(super) fn is_none(&self) -> bool {
        self.places.is_empty()
    }

    /// Keeps the value of a scalar, unless it is a part of `text`.
    #[allow(clippy::cast_possible_truncation)] // inputs are at most 64 MiB
    pub(super) fn keep(&mut self, id: NodeId, node: &Node, text: &str, value: &str) -> Value {
        let at = value.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        let (start, length) = (node.start as usize, (node.end - node.start) as usize);
        let is_quoted = matches!(node.kind, Kind::Scalar(Style::SingleQuoted | Style::DoubleQuoted));
        if value.len() == length && (length == 0 || at == start) {
            Value::AsWritten
        } else if is_quoted && value.len() + 2 == length && (value.is_empty() || at == start + 1) {
            Value::Quoted
        } else {
            let from = self.text.len() as u32;
            self.text.push_str(value);
            self.places.push((id, from..self.text.len() as u32));
            Value::Decoded
        }
    }

    /// The value of a scalar of a tree with this text.
    pub(super) fn get<'v>(&'v self, text: &'v str, id: NodeId, node: &Node) -> &'v str {
        let (start, end) = (node.start as usize, node.end as usize);
        match node.value {
            Value::AsWritten => &text[start..end],
            Value::Quoted => &text[start + 1..end - 1],
            Value::Decoded => {
                let found = self.places.binary_search_by_key(&id, |(node, _)| *node);
                let place = found.map_or(0..0, |found| self.places[found].1.clone());
                &self.text[place.start as usize..place.end as usize]
            }
        }
    }
}
