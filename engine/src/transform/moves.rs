//! Maps offsets of a later round back to the original text.

use crate::yaml::write::Edit;
use core::ops::Range;

/// How the edits of one round moved the text: the bytes before and after each edit, in the order of the text.
pub(super) struct Moves(Vec<(Range<usize>, Range<usize>)>);

impl Moves {
    pub(super) fn of(edits: &[Edit]) -> Moves {
        let (mut added, mut removed) = (0, 0);
        let moved = |edit: &Edit| {
            let start = edit.range.start + added - removed;
            added += edit.text.len();
            removed += edit.range.len();
            (edit.range.clone(), start..start + edit.text.len())
        };
        Moves(edits.iter().map(moved).collect())
    }

    /// The offset before the round for `offset` after it; for text that the round inserted, the offset of the insertion.
    pub(super) fn before(&self, offset: usize) -> usize {
        let next = self.0.partition_point(|(_, new)| new.start <= offset);
        let Some((old, new)) = next.checked_sub(1).and_then(|i| self.0.get(i)) else { return offset };
        if offset < new.end { old.start } else { old.end + (offset - new.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, Moves};
    use crate::yaml::write::apply;

    #[test]
    fn what_was_not_edited_is_found_again() {
        let edit = |range, text: &str| Edit { range, text: text.to_owned() };
        let edits = [edit(1..1, "++"), edit(2..5, ""), edit(5..5, "+"), edit(7..9, "+++")];
        let (old, moves) = ("abcdefghijk", Moves::of(&edits));
        let new = apply(old, &edits);
        assert_eq!(new, "a++b+fg+++jk");
        for (offset, c) in new.char_indices().filter(|(_, c)| *c != '+') {
            assert_eq!(old[moves.before(offset)..].chars().next(), Some(c), "at {offset}");
        }
        let inserted: Vec<usize> = [1, 2, 4, 7, 9].map(|offset| moves.before(offset)).to_vec();
        assert_eq!(inserted, [1, 1, 5, 7, 7]);
    }
}
