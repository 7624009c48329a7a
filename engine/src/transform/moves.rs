//! Maps offsets of a later round back to the original text.

use crate::yaml::write::Edit;
use core::ops::Range;

/// How the edits of one round moved the text, in its order.
pub(super) struct Moves(Vec<(Range<usize>, usize)>);

impl Moves {
    pub(super) fn of(edits: &[Edit]) -> Moves {
        Moves(edits.iter().map(|edit| (edit.range.clone(), edit.text.len())).collect())
    }

    /// The offset before the round for `offset` after it; for text that the round inserted, the offset of the insertion.
    pub(super) fn before(&self, offset: usize) -> usize {
        let (mut added, mut removed) = (0, 0);
        for (range, length) in &self.0 {
            let start = range.start + added - removed;
            if offset < start {
                break;
            }
            if offset < start + length {
                return range.start;
            }
            added += length;
            removed += range.len();
        }
        (offset + removed).saturating_sub(added)
    }
}
