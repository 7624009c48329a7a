//! What only some documents have. A stream may have many small ones, and most of them have none of it.

use super::tree::NodeId;
use super::values::DecodedTexts;

/// What a tree keeps beside its nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Rare {
    pub(super) decoded: DecodedTexts,
    /// The anchors that nodes define or, if they are aliases, name, in the order of their nodes.
    pub(super) anchors: Vec<(NodeId, u32)>,
    /// The anchors that aliases name, sorted.
    pub(super) aliased: Vec<u32>,
    /// The resolved tags, in the order of their nodes.
    pub(super) tags: Vec<(NodeId, String)>,
}

impl Rare {
    pub(super) const NONE: Rare =
        Rare { decoded: DecodedTexts::NONE, anchors: Vec::new(), aliased: Vec::new(), tags: Vec::new() };

    pub(super) fn is_none(&self) -> bool {
        self.decoded.is_none() && self.anchors.is_empty() && self.tags.is_empty()
    }
}
