//! A stream into its documents, lexically: no parser runs.
//!
//! Sound because YAML forbids a line that begins with `---` or `...` inside any scalar or flow collection (`c-forbidden`).

use crate::search::{find_iter, holds};
use crate::source::{has_lone_carriage_return, line_end, skip_line_break};
use core::ops::Range;

/// One document of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Its bytes, with the `---` line that opens it and the `...` line that closes it. Chunks cover the whole text.
    pub range: Range<usize>,
    /// It follows a document that `...` ended without opening with `---` itself: kubectl drops such a document in silence.
    pub after_end_marker: bool,
}

/// Splits `text`. The chunks are in order, touch one another and cover every byte.
#[must_use]
pub fn split(text: &str) -> Vec<Chunk> {
    let bytes = text.as_bytes();
    // Without `...`, directives and lone carriage returns, only `\n---` matters, and memchr's finder is far faster than lines.
    let first = after_mark(bytes, 0);
    if (is_marker(bytes, first) && bytes[first] == b'.')
        || bytes.starts_with(b"%")
        || holds(text, "\n...")
        || holds(text, "\n\u{FEFF}...")
        || holds(text, "\n%")
        || has_lone_carriage_return(bytes)
    {
        return split_by_lines(text);
    }
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut opened = is_marker(bytes, 0);
    for at in find_iter(text, "\n---").map(|i| i + 1).filter(|at| is_marker(bytes, *at)) {
        if opened || !is_prefix(&text[start..at]) {
            chunks.push(Chunk { range: start..at, after_end_marker: false });
            start = at;
        }
        opened = true;
    }
    chunks.push(Chunk { range: start..bytes.len(), after_end_marker: false });
    chunks
}

/// Where the text of a line that begins at `at` begins, after a byte-order mark.
fn after_mark(bytes: &[u8], at: usize) -> usize {
    let mark = "\u{FEFF}".as_bytes();
    at + if bytes[at..].starts_with(mark) { mark.len() } else { 0 }
}

/// `---` or `...` alone or followed by space, tab or a line break.
fn is_marker(bytes: &[u8], at: usize) -> bool {
    (bytes[at..].starts_with(b"---") || bytes[at..].starts_with(b"..."))
        && matches!(bytes.get(at + 3), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
}

/// Nothing but blank lines, comments, directives and a byte-order mark: what may precede the `---` of the same document.
fn is_prefix(text: &str) -> bool {
    text.split(['\n', '\r']).all(|line| {
        let line = line.trim_start_matches('\u{FEFF}');
        line.starts_with('%')
            || line.trim_start_matches([' ', '\t']).is_empty()
            || line.trim_start().starts_with('#')
    })
}

/// Splits `text` as [`split`] does, by looking at every line: slower, and made for any text, with `...`, directives and lone
/// carriage returns.
#[must_use]
pub fn split_by_lines(text: &str) -> Vec<Chunk> {
    let bytes = text.as_bytes();
    let mut chunks = Vec::new();
    let (mut start, mut line) = (0, 0);
    let (mut opened, mut content, mut after_end) = (false, false, false);
    while line < bytes.len() {
        let end = line_end(text, line);
        let next = skip_line_break(text, end);
        // Before a document there may be a mark; kubectl finds no `---` behind one.
        let end_marker = if opened || content { line } else { after_mark(bytes, line) };
        if is_marker(bytes, line) && bytes[line] == b'-' {
            if opened || content {
                chunks.push(Chunk { range: start..line, after_end_marker: after_end && !opened });
                start = line;
            }
            (opened, content, after_end) = (true, false, false);
        } else if is_marker(bytes, end_marker) && bytes[end_marker] == b'.' {
            match chunks.last_mut() {
                // Another one, with nothing to end: it belongs to the document before it.
                Some(last) if after_end && !opened && !content => last.range.end = next,
                _ => chunks
                    .push(Chunk { range: start..next, after_end_marker: after_end && !opened && content }),
            }
            start = next;
            (opened, content, after_end) = (false, false, true);
        } else if !content && !is_prefix(&text[line..end]) {
            content = true;
        }
        line = next.max(line + 1);
    }
    if start < bytes.len() || chunks.is_empty() {
        chunks.push(Chunk { range: start..bytes.len(), after_end_marker: after_end && !opened && content });
    }
    chunks
}
