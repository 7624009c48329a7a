//! What a document is, read from its lines: a hint that is right or absent, never wrong.

use core::ops::Range;

/// What the lines of a document say without a parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint<'t> {
    /// Only blank lines, comments, directives and markers.
    Empty,
    /// A block mapping at column 0 with exactly this plain `kind`.
    Kind(&'t str),
    /// Not told by its lines (flow, JSON, quoted or repeated keys, an indented root ...): parse it.
    Unknown,
}

/// Reads the hint for the document at `range` of `text`.
///
/// `Kind` only where every line at column 0 is blank, a comment, a lone marker, a plain `key:` or an item of an indentless
/// sequence, and exactly one of them is `kind:` with one plain word; a scalar or flow collection that spans lines to column
/// 0 cannot look like that and keep its closing quote or bracket.
#[must_use]
pub fn classify(text: &str, range: Range<usize>) -> Hint<'_> {
    let chunk = &text[range];
    let bytes = chunk.as_bytes();
    let mut kind = None;
    let mut content = false;
    let mut at = 0;
    let mut value_may_continue = false;
    while at < bytes.len() {
        let first = bytes[at];
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i);
        if first == b' ' {
            // An indented line: content of a key above. A root that is itself indented has no key above it.
            if value_may_continue || !content {
                let line = chunk[at..end].trim();
                if !line.is_empty() && !line.starts_with('#') {
                    return Hint::Unknown;
                }
            }
            // The line after `kind: X` may continue its value: only there is every line looked at.
            at = if value_may_continue || !content { end + 1 } else { next_column_zero(bytes, end) };
            continue;
        }
        let line = chunk[at..end].strip_suffix('\r').unwrap_or(&chunk[at..end]);
        let line = if at == 0 { line.strip_prefix('\u{FEFF}').unwrap_or(line) } else { line };
        at = end + 1;
        if line.is_empty() || line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if line.contains('\r') {
            return Hint::Unknown;
        }
        if line.starts_with("---") || line.starts_with("...") {
            let rest = line[3..].trim_start();
            if rest.is_empty() || rest.starts_with('#') {
                continue;
            }
            return Hint::Unknown;
        }
        if content && (line == "-" || line.starts_with("- ")) {
            value_may_continue = false;
            continue;
        }
        let Some((key, value)) = plain_entry(line) else { return Hint::Unknown };
        content = true;
        value_may_continue = false;
        if key == "kind" {
            if kind.is_some() {
                return Hint::Unknown;
            }
            let value = value.split(" #").next().unwrap_or_default().trim();
            if value.is_empty() || !value.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Hint::Unknown;
            }
            kind = Some(value);
            value_may_continue = true;
        } else if key == "<<" {
            return Hint::Unknown;
        }
    }
    match (kind, content) {
        (Some(kind), _) => Hint::Kind(kind),
        (None, false) => Hint::Empty,
        (None, true) => Hint::Unknown,
    }
}

/// The start of the next line that does not begin with a space, from the line break at `end`.
fn next_column_zero(bytes: &[u8], end: usize) -> usize {
    memchr::memchr_iter(b'\n', &bytes[end..])
        .map(|i| end + i + 1)
        .find(|&at| bytes.get(at) != Some(&b' '))
        .unwrap_or(bytes.len())
}

/// `key: value` or `key:` with a plain key of letters, digits, `_`, `-`, `.` and `/`.
fn plain_entry(line: &str) -> Option<(&str, &str)> {
    let colon =
        line.bytes().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/')))?;
    let value = line[colon..].strip_prefix(':')?;
    let plain = colon > 0 && (value.is_empty() || value.starts_with([' ', '\t']));
    // An anchor, alias or tag on the value may change what the lines below mean.
    let odd = value.trim_start().starts_with(['&', '*', '!']);
    (plain && !odd).then_some((&line[..colon], value))
}
