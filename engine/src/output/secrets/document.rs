//! The secrets of one document of a text, which are read once.

use super::nesting::hidden;
use super::tree::{Found, find, secrets_of_texts};
use super::{apart, secrets_of_broken};
use crate::source::next_line;
use crate::yaml::cross_check::unread;
use crate::yaml::flag_file::FlagFile;
use crate::yaml::{Tree, parse};
use core::cell::{Cell, OnceCell};
use core::ops::Range;

/// Up to which size, in bytes, all texts of a document are read at once, which takes less memory than their places.
const SMALL: usize = 1024;

/// How often a document is asked before all of its texts are read: each finding asks some times, and those on one line would
/// read it again and again.
const FEW: usize = 32;

/// What of a document is secret, in the order of the text.
#[derive(Debug)]
pub(crate) struct Document {
    /// Where it is in the text.
    pub(crate) range: Range<usize>,
    /// The values that are masked.
    secrets: Vec<Range<usize>>,
    /// Texts whose secrets are found when they are shown.
    texts: Vec<Range<usize>>,
    /// All values that are masked, also those in texts, once it was asked more than a few times.
    all: OnceCell<Vec<Range<usize>>>,
    asked: Cell<usize>,
    /// What is secret because of the lines above it: only addresses are shown.
    hidden: Vec<Range<usize>>,
}

impl Document {
    /// Reads the document at a range of a text; `is_whole` if it is the text.
    pub(crate) fn read(text: &str, range: Range<usize>, is_whole: bool) -> Document {
        let words = is_whole.then(|| FlagFile::of(text)).flatten();
        let tree = match words {
            Some(words) => Some(words.parse(text)),
            None => parse(text, own(text, &range)).ok(),
        };
        let read = tree.and_then(|tree| Document::of_tree(&tree, range.clone(), false));
        read.unwrap_or_else(|| Document::broken(text, range))
    }

    /// The document of a tree, which is at a range of its text. `None` if kubectl does not read it, unless that `is_verified`:
    /// such a tree may end a value where its author did not.
    pub(crate) fn of_tree(tree: &Tree<'_>, range: Range<usize>, is_verified: bool) -> Option<Document> {
        let own = own(tree.text(), &range);
        let is_read = is_verified || tree.is_flag_file() || unread(&tree.text()[own.clone()]).is_none();
        is_read.then(|| Document { range, ..Document::of(tree, own) })
    }

    /// What a tree says of a range of its text.
    pub(super) fn of(tree: &Tree<'_>, own: Range<usize>) -> Document {
        let text = tree.text();
        let Found { mut secrets, mut texts } = find(tree, own.clone());
        if own.len() <= SMALL {
            secrets.extend(secrets_of_texts(text, &texts));
            texts = Vec::new();
        }
        let hidden = moved(hidden(&text[own.clone()]), own.start);
        Document { texts, ..Document::new(own, apart(secrets), hidden) }
    }

    /// The document at a range of a text as one that cannot be parsed: more of it is masked.
    pub(crate) fn broken(text: &str, range: Range<usize>) -> Document {
        let own = own(text, &range);
        let source = &text[own.clone()];
        let [secrets, hidden] =
            [secrets_of_broken(source), hidden(source)].map(|found| moved(found, own.start));
        Document::new(range, secrets, hidden)
    }

    fn new(range: Range<usize>, secrets: Vec<Range<usize>>, hidden: Vec<Range<usize>>) -> Document {
        let (texts, all, asked) = (Vec::new(), OnceCell::new(), Cell::default());
        Document { range, secrets, texts, all, asked, hidden }
    }

    /// The secrets that a part of the text overlaps, in order, without overlaps.
    pub(crate) fn secrets_in(&self, text: &str, part: &Range<usize>) -> Vec<Range<usize>> {
        let known = overlapping(&self.secrets, part).iter().cloned();
        if self.texts.is_empty() {
            return known.collect();
        }
        if self.asked.replace(self.asked.get() + 1) >= FEW {
            let of_all =
                || apart(self.secrets.iter().cloned().chain(secrets_of_texts(text, &self.texts)).collect());
            return overlapping(self.all.get_or_init(of_all), part).to_vec();
        }
        let of_texts = secrets_of_texts(text, overlapping(&self.texts, part));
        let overlaps = |secret: &Range<usize>| secret.start < part.end && part.start < secret.end;
        apart(known.chain(of_texts.filter(overlaps)).collect())
    }

    /// Whether what is at an offset is masked.
    pub(crate) fn masks(&self, text: &str, offset: usize) -> bool {
        !self.secrets_in(text, &(offset..offset + 1)).is_empty()
    }

    /// Whether a line above makes what is at an offset secret.
    pub(crate) fn hides(&self, offset: usize) -> bool {
        holds(&self.hidden, offset)
    }
}

/// What is read of a document: there may be millions of blank lines below its last line.
fn own(text: &str, range: &Range<usize>) -> Range<usize> {
    let last = range.start + text[range.clone()].trim_end().len();
    range.start..next_line(text, last).min(range.end)
}

/// Ranges of a part of a text as ranges of the text.
fn moved(found: Vec<Range<usize>>, start: usize) -> Vec<Range<usize>> {
    found.into_iter().map(|one| one.start + start..one.end + start).collect()
}

/// Those of ranges that a part overlaps.
fn overlapping<'r>(ranges: &'r [Range<usize>], part: &Range<usize>) -> &'r [Range<usize>] {
    let first = ranges.partition_point(|range| range.end <= part.start);
    let length = ranges[first..].partition_point(|range| range.start < part.end);
    &ranges[first..first + length]
}

/// Whether one of the ranges holds an offset.
fn holds(ranges: &[Range<usize>], offset: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= offset);
    ranges[..after].last().is_some_and(|range| offset < range.end)
}
