//! The secrets of one document of a text, which are read once.

use super::nesting::hidden;
use super::{secrets_of, secrets_of_broken};
use crate::source::next_line;
use crate::yaml::cross_check::unread;
use crate::yaml::flag_file::FlagFile;
use crate::yaml::parse;
use core::ops::Range;

/// What of a document is secret, in the order of the text.
#[derive(Debug)]
pub(crate) struct Document {
    /// Where it is in the text.
    pub(crate) range: Range<usize>,
    /// The values that are masked.
    pub(crate) secrets: Vec<Range<usize>>,
    /// What is secret because of the lines above it: only addresses are shown.
    hidden: Vec<Range<usize>>,
}

impl Document {
    /// Reads the document at a range of a text; `is_whole` if it is the text.
    pub(crate) fn read(text: &str, range: Range<usize>, is_whole: bool) -> Document {
        let own = own(text, &range);
        let words = is_whole.then(|| FlagFile::of(text)).flatten();
        // A tree that kubectl does not read may end a value where its author did not.
        let is_read = || unread(&text[own.clone()]).is_none();
        let read = || parse(text, own.clone()).ok().filter(|_| is_read());
        let tree = words.map_or_else(read, |words| Some(words.parse(text)));
        let Some(tree) = tree else { return Document::broken(text, range) };
        Document {
            secrets: secrets_of(&tree, own.clone()),
            hidden: moved(hidden(&text[own.clone()]), own.start),
            range,
        }
    }

    /// The document at a range of a text as one that cannot be parsed: more of it is masked.
    pub(crate) fn broken(text: &str, range: Range<usize>) -> Document {
        let own = own(text, &range);
        let source = &text[own.clone()];
        let [secrets, hidden] =
            [secrets_of_broken(source), hidden(source)].map(|found| moved(found, own.start));
        Document { range, secrets, hidden }
    }

    /// Whether what is at an offset is masked.
    pub(crate) fn masks(&self, offset: usize) -> bool {
        holds(&self.secrets, offset)
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

/// Whether one of the ranges holds an offset.
fn holds(ranges: &[Range<usize>], offset: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= offset);
    ranges[..after].last().is_some_and(|range| offset < range.end)
}
