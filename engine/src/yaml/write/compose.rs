//! The edits of two rounds as the edits of one.

use super::Edit;
use core::ops::Range;

/// A part of the text between the two rounds.
enum Piece<'e> {
    /// Bytes of the original.
    Kept(Range<usize>),
    /// What the first round wrote.
    New(&'e str),
}

/// The edits of the original that have the effect of `first`, and then of `second` on its result. All are sorted and do not
/// overlap.
#[must_use]
pub fn compose(first: &[Edit], second: &[Edit]) -> Vec<Edit> {
    // The next piece is the last one here.
    let mut pieces = Vec::with_capacity(2 * first.len() + 1);
    let mut at = 0;
    for edit in first {
        pieces.push(Piece::Kept(at..edit.range.start));
        pieces.push(Piece::New(&edit.text));
        at = edit.range.end;
    }
    pieces.push(Piece::Kept(at..usize::MAX));
    pieces.reverse();
    let mut composed = Composed { edits: Vec::new(), at: 0, text: String::new() };
    let mut at = 0;
    for edit in second {
        take(&mut pieces, edit.range.start - at, |piece| composed.push(&piece));
        take(&mut pieces, edit.range.len(), drop);
        composed.push(&Piece::New(&edit.text));
        at = edit.range.end;
    }
    pieces.iter().rev().for_each(|piece| composed.push(piece));
    composed.edits
}

/// Takes the next `length` bytes.
fn take<'e>(pieces: &mut Vec<Piece<'e>>, mut length: usize, mut to: impl FnMut(Piece<'e>)) {
    while length > 0 {
        let (taken, rest) = match pieces.pop() {
            None => return,
            Some(Piece::Kept(range)) => {
                let middle = range.end.min(range.start.saturating_add(length));
                length -= middle - range.start;
                (Piece::Kept(range.start..middle), Piece::Kept(middle..range.end))
            }
            Some(Piece::New(text)) => {
                let (taken, rest) = text.split_at(length.min(text.len()));
                length -= taken.len();
                (Piece::New(taken), Piece::New(rest))
            }
        };
        to(taken);
        if length == 0 {
            pieces.push(rest);
        }
    }
}

struct Composed {
    edits: Vec<Edit>,
    /// The end of the original that was read.
    at: usize,
    /// What was written since.
    text: String,
}

impl Composed {
    fn push(&mut self, piece: &Piece<'_>) {
        match piece {
            Piece::New(text) => self.text.push_str(text),
            Piece::Kept(range) if range.is_empty() => {}
            Piece::Kept(range) => {
                if self.at < range.start || !self.text.is_empty() {
                    let text = core::mem::take(&mut self.text);
                    self.edits.push(Edit { range: self.at..range.start, text });
                }
                self.at = range.end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, compose};
    use crate::yaml::write::apply;

    /// All edits of a text of `length` bytes, and all pairs of them.
    fn edits_of(length: usize, new: &str) -> Vec<Vec<Edit>> {
        let ranges = (0..=length).flat_map(|start| (start..=length).map(move |end| start..end));
        let texts = |range: core::ops::Range<usize>| {
            ["", new].map(|text| Edit { range: range.clone(), text: text.to_owned() })
        };
        let single: Vec<Edit> = ranges.flat_map(texts).collect();
        let after = |one: &Edit| {
            let (one, later) = (one.clone(), single.clone());
            later.into_iter().filter_map(move |other| {
                (other.range.start >= one.range.end).then(|| vec![one.clone(), other])
            })
        };
        let pairs: Vec<Vec<Edit>> = single.iter().flat_map(after).collect();
        single.into_iter().map(|one| vec![one]).chain(pairs).collect()
    }

    #[test]
    fn two_rounds_are_one() {
        let text = "abc";
        for first in edits_of(text.len(), "12") {
            let between = apply(text, &first);
            for second in edits_of(between.len(), "3").into_iter().step_by(3) {
                let composed = compose(&first, &second);
                assert_eq!(apply(text, &composed), apply(&between, &second), "{first:?} then {second:?}");
            }
        }
    }
}
