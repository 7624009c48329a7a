//! A named text and the places in it.

use core::cell::OnceCell;
use core::fmt;
use core::ops::Range;
use std::sync::Arc;

/// The largest input in bytes. Offsets are kept as `u32`, and no cluster's configuration comes near it.
pub const MAX_INPUT: usize = 64 * 1024 * 1024;

/// U+FEFF in UTF-8: it may open a text, and any document of a YAML stream.
pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// A named text: what the user calls it, and its content as it is, byte for byte.
#[derive(Clone, Copy, Debug)]
pub struct Source<'t> {
    /// How messages name it: a file name relative to where the user stands, or `<stdin>`.
    pub name: &'t str,
    /// The content. UTF-8; a byte-order mark and any line ends are kept.
    pub text: &'t str,
}

/// A place for people: both count from 1, the column in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1. `\n`, `\r\n` and a lone `\r` end lines.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// The position of a byte offset of `text`. An offset past the end is the end; one inside a character is its start.
#[must_use]
pub fn position(text: &str, offset: usize) -> Position {
    let offset = floor_boundary(text, offset);
    let is_inside_break = text[..offset].ends_with('\r') && text[offset..].starts_with('\n');
    let before = &text[line_start(text, offset - usize::from(is_inside_break))..offset];
    let column = before.strip_prefix('\u{FEFF}').unwrap_or(before).chars().count() + 1;
    Position { line: line_breaks(text, 0..offset) + 1, column }
}

/// How many line breaks there are in `range`. `\r\n` is one, and stands where its `\n` does, so that the counts of adjacent
/// ranges add up.
#[must_use]
pub(crate) fn line_breaks(text: &str, range: Range<usize>) -> usize {
    let all = text.as_bytes();
    let bytes = &all[range.start.min(all.len())..range.end.min(all.len())];
    // Two passes that are hardly more than a read each: stopping at every line would be ten times as slow.
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    let is_lone = |at: &usize| all.get(range.start + at + 1) != Some(&b'\n');
    feeds + memchr::memchr_iter(b'\r', bytes).filter(is_lone).count()
}

/// How many lines a text has; a line break at its end begins no other line.
#[must_use]
pub(crate) fn line_count(text: &str) -> usize {
    line_breaks(text, 0..text.len()) + usize::from(!text.is_empty() && !text.ends_with(['\n', '\r']))
}

/// The line breaks and characters before each block of a text: for many positions in one text, whatever its lines are.
#[derive(Clone, Debug)]
pub struct LineIndex<'t> {
    text: &'t str,
    blocks: Blocks,
}

/// What precedes each block of a text.
pub(crate) type Blocks = Arc<[Counts]>;

/// How many bytes are counted for a position at most.
const BLOCK: usize = 1024;

/// What precedes an offset.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    breaks: u32,
    chars: u32,
    /// Code units of UTF-16.
    units: u32,
}

impl Counts {
    /// Adds what is in `range`, which may begin and end inside of characters: their first bytes count.
    #[allow(clippy::cast_possible_truncation)] // inputs are at most 64 MiB
    fn and(self, text: &str, range: Range<usize>) -> Counts {
        let bytes = &text.as_bytes()[range.clone()];
        // Almost all of a manifest is ASCII, and asking for that is ten times as fast as counting.
        let (chars, pairs) = if bytes.is_ascii() {
            (bytes.len(), 0)
        } else {
            let is_first = |byte: &&u8| **byte & 0xC0 != 0x80;
            (bytes.iter().filter(is_first).count(), bytes.iter().filter(|byte| **byte >= 0xF0).count())
        };
        Counts {
            breaks: self.breaks + line_breaks(text, range) as u32,
            chars: self.chars + chars as u32,
            units: self.units + (chars + pairs) as u32,
        }
    }
}

impl<'t> LineIndex<'t> {
    /// Reads a text once.
    #[must_use]
    pub fn new(text: &'t str) -> LineIndex<'t> {
        let mut counts = Counts::default();
        let mut blocks = Vec::with_capacity(text.len() / BLOCK + 1);
        blocks.push(counts);
        for start in (0..text.len().saturating_sub(BLOCK - 1)).step_by(BLOCK) {
            counts = counts.and(text, start..start + BLOCK);
            blocks.push(counts);
        }
        LineIndex { text, blocks: blocks.into() }
    }

    /// The index of a text that may have been read before.
    pub(crate) fn known(text: &'t str, blocks: &OnceCell<Blocks>) -> LineIndex<'t> {
        LineIndex { text, blocks: Arc::clone(blocks.get_or_init(|| LineIndex::new(text).blocks)) }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// What precedes a byte offset, which is at most the length of the text.
    fn before(&self, offset: usize) -> Counts {
        let block = offset / BLOCK;
        self.blocks.get(block).copied().unwrap_or_default().and(self.text, block * BLOCK..offset)
    }

    /// The line of a byte offset, from 1. A line break belongs to the line that it ends; a text that ends with one has a
    /// last, empty line.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.before(floor_boundary(self.text, offset)).breaks as usize + 1
    }

    /// Where a line begins; the end of the text if there is none.
    #[must_use]
    pub fn start(&self, line: usize) -> usize {
        let before = line.saturating_sub(1);
        // The last block in which the line cannot begin yet.
        let block = self.blocks.partition_point(|counts| (counts.breaks as usize) < before).saturating_sub(1);
        let known = self.blocks.get(block).map_or(0, |counts| counts.breaks as usize);
        let starts = core::iter::successors(Some(block * BLOCK), |at| {
            (*at < self.text.len()).then(|| next_line(self.text, *at))
        });
        starts.take(before.saturating_sub(known).saturating_add(1)).last().unwrap_or(0)
    }

    /// The same as [`position`].
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = floor_boundary(self.text, offset);
        let here = self.before(offset);
        let start = self.end_of_break(here.breaks, offset);
        let mark = self.text[start..offset].starts_with('\u{FEFF}');
        let column = here.chars - self.before(start).chars + 1 - u32::from(mark);
        Position { line: here.breaks as usize + 1, column: column as usize }
    }

    /// Where the last of the `breaks` line breaks before `offset` ends; 0 if there is none.
    fn end_of_break(&self, breaks: u32, offset: usize) -> usize {
        // The block that holds it: it is the last one there.
        let block = self.blocks.partition_point(|counts| counts.breaks < breaks);
        let Some(block) = block.checked_sub(1).map(|block| block * BLOCK) else { return 0 };
        let bytes = self.text.as_bytes();
        let mut end = offset.min(block + BLOCK);
        while let Some(at) = memchr::memrchr2(b'\n', b'\r', &bytes[block..end]).map(|at| block + at) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                return at + 1;
            }
            end = at;
        }
        0
    }

    /// A byte offset in UTF-16 code units: what JavaScript counts in.
    #[must_use]
    pub fn utf16_offset(&self, offset: usize) -> usize {
        self.before(floor_boundary(self.text, offset)).units as usize
    }
}

/// The last boundary of a character at or before a byte offset.
pub(crate) fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Where the line that holds `offset` begins, after a byte-order mark. A line break belongs to the line that it ends.
#[must_use]
pub fn line_start(text: &str, offset: usize) -> usize {
    let (bytes, offset) = (text.as_bytes(), offset.min(text.len()));
    let inside_break = offset > 0 && bytes[offset - 1] == b'\r' && bytes.get(offset) == Some(&b'\n');
    let before = &bytes[..offset - usize::from(inside_break)];
    let start = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |i| i + 1);
    let mark = before[start..].starts_with(BYTE_ORDER_MARK);
    start + if mark { BYTE_ORDER_MARK.len() } else { 0 }
}

/// Whether a line begins at `offset`. A search for the start of the line would walk back over all of a long line.
#[must_use]
pub(crate) fn begins_line(text: &str, offset: usize) -> bool {
    let (before, after) = text.split_at(offset.min(text.len()));
    let inside_break = before.ends_with('\r') && after.starts_with('\n');
    let before = before.strip_suffix('\u{FEFF}').unwrap_or(before);
    (before.is_empty() || before.ends_with(['\n', '\r'])) && !inside_break
}

/// Where the content of the line that holds `offset` ends: before its line break, or the end of the text.
#[must_use]
pub(crate) fn line_end(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    let bytes = &text.as_bytes()[offset..];
    match bytes.first() {
        // There may be millions of blank lines.
        Some(b'\n' | b'\r') => offset,
        _ => memchr::memchr2(b'\n', b'\r', bytes).map_or(text.len(), |i| offset + i),
    }
}

/// The end of the line break that begins at `offset`; `offset` itself where none does.
#[must_use]
pub(crate) fn skip_line_break(text: &str, offset: usize) -> usize {
    match text.as_bytes().get(offset..) {
        Some([b'\r', b'\n', ..]) => offset + 2,
        Some([b'\r' | b'\n', ..]) => offset + 1,
        _ => offset.min(text.len()),
    }
}

/// Where the line after the one that holds `offset` begins; the end of the text on the last line.
#[must_use]
pub(crate) fn next_line(text: &str, offset: usize) -> usize {
    skip_line_break(text, line_end(text, offset))
}

/// The line break to write near `offset`: that of its own line, else of the line before, else `\n`.
#[must_use]
pub(crate) fn line_break_near(text: &str, offset: usize) -> &str {
    let start = line_start(text, offset);
    let end = line_end(text, start);
    let here = &text[end..skip_line_break(text, end)];
    if !here.is_empty() {
        return here;
    }
    match text.as_bytes()[..start] {
        [.., b'\r', b'\n'] => "\r\n",
        // In a text with other line breaks, that one may be in a quoted scalar.
        [.., b'\r'] if !text.contains('\n') => "\r",
        _ => "\n",
    }
}

/// Spaces at the start of the line that begins at `start`.
#[must_use]
pub fn indentation(text: &str, start: usize) -> usize {
    text.as_bytes().iter().skip(start).take_while(|b| **b == b' ').count()
}

/// The lines of `range`: each one's start and the end of its content, without the line break.
pub fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = range.start;
    core::iter::from_fn(move || {
        if at >= range.end.min(text.len()) {
            return None;
        }
        let end = line_end(text, at).min(range.end);
        let line = at..end;
        at = skip_line_break(text, end).max(end);
        if at == line.start {
            at = range.end;
        }
        Some(line)
    })
}

/// Whether a `\r` without `\n` ends a line, as in texts of old Macintosh computers.
pub(crate) fn has_lone_carriage_return(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\r', bytes).any(|i| bytes.get(i + 1) != Some(&b'\n'))
}

#[cfg(test)]
mod tests {
    use super::{
        LineIndex, Position, begins_line, indentation, line_break_near, line_breaks, line_count, line_end,
        line_start, lines, next_line, position, skip_line_break,
    };

    const TEXTS: [&str; 7] =
        ["", "a", "a\n", "a\nb", "\r\n\r\nä\r\n", "a\rb\r\r\nc\n\r", "\u{FEFF}a\r\n\u{FEFF}b"];

    /// A line ends with `\n`, or with `\r` that no `\n` follows.
    fn walked(text: &str, offset: usize) -> Position {
        let mut at = Position { line: 1, column: 1 };
        for (i, c) in text[..offset].char_indices() {
            let ends = c == '\n' || (c == '\r' && !text[i + 1..].starts_with('\n'));
            let is_mark = c == '\u{FEFF}' && at.column == 1;
            at = match (ends, is_mark) {
                (true, _) => Position { line: at.line + 1, column: 1 },
                (_, true) => at,
                _ => Position { line: at.line, column: at.column + 1 },
            };
        }
        at
    }

    #[test]
    fn a_position_is_where_walking_ends() {
        for text in TEXTS {
            for offset in (0..=text.len()).filter(|i| text.is_char_boundary(*i)) {
                assert_eq!(position(text, offset), walked(text, offset), "{text:?} at {offset}");
            }
        }
    }

    #[test]
    fn an_index_finds_the_same_positions() {
        for text in TEXTS {
            let index = LineIndex::new(text);
            for offset in 0..=text.len() + 1 {
                assert_eq!(index.position(offset), position(text, offset), "{text:?} at {offset}");
            }
        }
    }

    #[test]
    fn an_index_finds_them_in_long_lines_and_across_its_blocks() {
        for filler in ["x", "\r\n", "\r", "\n", "\u{e4}x", "\u{1F600}\r\n\r"] {
            for shift in 0..3 {
                let text = format!("{}{}z\n{}", "-".repeat(shift), filler.repeat(1100), filler.repeat(700));
                let index = LineIndex::new(&text);
                for offset in (0..=text.len()).step_by(7).chain(1000..1100) {
                    assert_eq!(index.position(offset), position(&text, offset), "{filler:?} at {offset}");
                    let before = &text[..super::floor_boundary(&text, offset)];
                    assert_eq!(index.utf16_offset(offset), before.encode_utf16().count(), "{filler:?}");
                }
            }
        }
    }

    #[test]
    fn a_line_begins_where_its_start_is() {
        for text in TEXTS {
            for (offset, _) in text.char_indices() {
                assert_eq!(
                    begins_line(text, offset),
                    line_start(text, offset) == offset,
                    "{text:?} at {offset}"
                );
            }
        }
    }

    #[test]
    fn an_index_finds_where_lines_begin() {
        let long = ["-", "x\r\n", "\r\n\r", "\u{e4}\n"].map(|filler| filler.repeat(1500));
        for text in TEXTS.into_iter().chain(long.iter().map(String::as_str)) {
            let index = LineIndex::new(text);
            let mut start = 0;
            for line in 1..=line_breaks(text, 0..text.len()) + 1 {
                assert_eq!(index.start(line), start, "line {line} of {text:?}");
                start = next_line(text, start);
            }
            assert_eq!((index.start(0), index.start(usize::MAX)), (0, text.len()), "{text:?}");
        }
    }

    #[test]
    fn an_offset_past_the_end_is_the_end() {
        for text in TEXTS {
            let (end, past) = (text.len(), text.len() + 9);
            assert_eq!(position(text, past), position(text, end), "{text:?}");
            assert_eq!(line_start(text, past), line_start(text, end), "{text:?}");
            assert_eq!(line_end(text, past), end, "{text:?}");
            assert_eq!(skip_line_break(text, past), end, "{text:?}");
            assert_eq!(next_line(text, past), end, "{text:?}");
            assert_eq!(line_break_near(text, past), line_break_near(text, end), "{text:?}");
            assert_eq!(indentation(text, past), 0, "{text:?}");
            assert_eq!(lines(text, past..past + 1).count(), 0, "{text:?}");
            assert_eq!(line_breaks(text, 0..past), line_breaks(text, 0..end), "{text:?}");
        }
    }

    #[test]
    fn offsets_are_told_as_javascript_counts() {
        let index = LineIndex::new("a\u{e4}\u{1F600}b");
        let of_bytes: Vec<usize> = (0..=8).map(|offset| index.utf16_offset(offset)).collect();
        assert_eq!(of_bytes, [0, 1, 1, 2, 2, 2, 2, 4, 5], "inside of a character is its start");
    }

    #[test]
    fn line_breaks_of_adjacent_ranges_add_up() {
        for text in TEXTS {
            for middle in 0..=text.len() {
                let parts = line_breaks(text, 0..middle) + line_breaks(text, middle..text.len());
                assert_eq!(parts, line_breaks(text, 0..text.len()), "{text:?} at {middle}");
            }
        }
    }

    #[test]
    fn lines_are_counted_as_they_are_walked() {
        for text in TEXTS {
            assert_eq!(line_count(text), lines(text, 0..text.len()).count(), "{text:?}");
        }
    }
}

/// A location in one of the files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// How messages name the file.
    pub file: String,
    /// Where in it.
    pub position: Position,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.position.line, self.position.column)
    }
}
