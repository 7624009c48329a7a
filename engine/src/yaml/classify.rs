//! What a document is, read from its lines: a hint that is right or absent, never wrong.

use crate::source::has_lone_carriage_return;
use core::ops::Range;

/// What the lines of a document say without a parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint<'t> {
    /// Only blank lines, comments and markers.
    Empty,
    /// A block mapping at column 0 with exactly this plain `kind`.
    Kind(&'t str),
    /// Its lines do not show it (flow, JSON, quoted or repeated keys, an indented root, directives ...): parse it.
    Unknown,
}

/// Reads the hint for the document at `range` of `text`.
///
/// `Kind` only if every line at column 0 is blank, a comment, a lone marker, a plain `key:` or an item of an indentless
/// sequence, and exactly one of them is `kind:` with one plain word, and no line above it can hold a quote or bracket open:
/// kubectl takes a quoted scalar or flow collection whose lines go on at column 0.
#[must_use]
pub fn classify(text: &str, range: Range<usize>) -> Hint<'_> {
    let chunk = &text[range];
    let chunk = chunk.strip_prefix('\u{FEFF}').unwrap_or(chunk);
    let bytes = chunk.as_bytes();
    if has_lone_carriage_return(bytes) {
        return Hint::Unknown;
    }
    let mut kind = None;
    let mut content = false;
    let mut value_may_continue = false;
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i);
        at = end + 1;
        let line = chunk[start..end].strip_suffix('\r').unwrap_or(&chunk[start..end]);
        match Line::read(line) {
            Line::Blank | Line::Marker => {}
            Line::Item if content => value_may_continue = false,
            // An indented root has no key above it, and the line after `kind: X` may continue its value.
            Line::Indented if content && !value_may_continue => at = next_root_line(bytes, end),
            Line::Entry(key, value) => {
                content = true;
                value_may_continue = key == "kind";
                if value_may_continue {
                    let word = value.split(" #").next().unwrap_or_default().trim();
                    if kind.is_some() || !is_word(word) || chunk[..start].lines().any(may_stay_open) {
                        return Hint::Unknown;
                    }
                    kind = Some(word);
                }
            }
            Line::Item | Line::Indented | Line::Odd => return Hint::Unknown,
        }
    }
    match (kind, content) {
        (Some(kind), _) => Hint::Kind(kind),
        (None, false) => Hint::Empty,
        (None, true) => Hint::Unknown,
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// What a line is by its own bytes.
enum Line<'t> {
    /// Nothing, or a comment.
    Blank,
    /// `---` or `...` without content.
    Marker,
    /// Something after spaces.
    Indented,
    /// `- ...` at column 0.
    Item,
    /// `key: value` or `key:` at column 0, the value without an anchor, alias or tag.
    Entry(&'t str, &'t str),
    /// Anything else.
    Odd,
}

impl<'t> Line<'t> {
    fn read(line: &'t str) -> Line<'t> {
        let content = line.trim_start_matches([' ', '\t']);
        if content.is_empty() || content.starts_with('#') {
            return Line::Blank;
        }
        if line.starts_with(' ') {
            return Line::Indented;
        }
        if let Some(rest) = line.strip_prefix("---").or_else(|| line.strip_prefix("...")) {
            let content = rest.trim_start_matches([' ', '\t']);
            let comment = content.starts_with('#') && content.len() < rest.len();
            return if content.is_empty() || comment { Line::Marker } else { Line::Odd };
        }
        if line == "-" || line.starts_with("- ") {
            return Line::Item;
        }
        match plain_entry(line) {
            // An anchor, alias or tag may change what the value and the lines below mean.
            Some((key, value)) if !value.trim_start().starts_with(['&', '*', '!']) => Line::Entry(key, value),
            _ => Line::Odd,
        }
    }
}

/// The start of the next line that does not begin with a space, from the line break at `end`.
fn next_root_line(bytes: &[u8], end: usize) -> usize {
    const BLOCK: usize = 128;
    let begins = |(this, next): (&u8, &u8)| u8::from(*this == b'\n') & u8::from(*next != b' ');
    let mut at = end;
    // Whole blocks first, without branches: almost every line of a custom resource definition is an indented one.
    while at + BLOCK < bytes.len() {
        let (block, following) = (&bytes[at..at + BLOCK], &bytes[at + 1..=at + BLOCK]);
        if block.iter().zip(following).map(begins).fold(0, |any, one| any | one) != 0 {
            break;
        }
        at += BLOCK;
    }
    let rest = &bytes[at..];
    let line = rest.iter().zip(rest.iter().skip(1)).position(|pair| begins(pair) != 0);
    line.map_or(bytes.len(), |i| at + i + 1)
}

/// `key: value` or `key:` with a plain key of letters, digits, `_`, `-`, `.` and `/`.
fn plain_entry(line: &str) -> Option<(&str, &str)> {
    let is_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/');
    let colon = line.bytes().position(|b| !is_key(b))?;
    let value = line[colon..].strip_prefix(':')?;
    let plain = colon > 0 && (value.is_empty() || value.starts_with([' ', '\t']));
    plain.then_some((&line[..colon], value))
}

/// Whether a quoted scalar or flow collection may begin on this line and go on below it; in doubt it may.
fn may_stay_open(line: &str) -> bool {
    let mut line = line.trim();
    if line.starts_with('#') || !line.contains(['"', '\'', '{', '[']) {
        return false;
    }
    while let Some(item) = line.strip_prefix("- ") {
        line = item.trim_start();
    }
    let entry = plain_entry(line);
    let value = entry.map_or(line, |(_, value)| value.trim_start());
    match value.as_bytes().first() {
        Some(quote @ (b'"' | b'\'')) => {
            let mut parts = value.split(*quote as char).skip(2);
            let closed_once = parts.next().is_some_and(is_blank_or_comment) && parts.next().is_none();
            !closed_once || value.contains('\\')
        }
        Some(b'{' | b'[') => {
            let count = |of: [char; 2]| value.matches(of).count();
            count(['{', '[']) != count(['}', ']']) || value.contains(['"', '\'', '#'])
        }
        Some(b'&' | b'*' | b'!' | b'?') => true,
        // A plain scalar opens nothing; without a plain key before it the line may be an entry all the same.
        _ => entry.is_none() && value.contains(':'),
    }
}

fn is_blank_or_comment(text: &str) -> bool {
    let content = text.trim_start();
    content.is_empty() || (content.starts_with('#') && content.len() < text.len())
}
