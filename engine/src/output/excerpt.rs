//! The line of a finding, safe to show.

use super::escape::escaped;
use super::secrets::{MASK, secrets};
use crate::source::{floor_boundary, line_end, line_start};
use core::ops::Range;

/// How many bytes around a finding are read, so that a very long line is not slow.
const REACH: usize = 4 * 1024;

/// How many bytes above the line are read: a key may be above its value.
const ABOVE: usize = 4 * 1024;

/// A line with a marked range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line without its line break; secrets are masked, hidden characters escaped.
    pub text: String,
    /// The bytes of `text` that are marked.
    pub span: Range<usize>,
}

/// Returns the line where `range` begins. If the line has several mappings, only the one around the range is shown.
#[must_use]
pub fn excerpt(text: &str, range: &Range<usize>) -> Excerpt {
    let start = floor_boundary(text, range.start);
    let line = line_start(text, start).max(floor_boundary(text, start.saturating_sub(REACH)));
    let line_end = line_end(text, start);
    let marked = start..floor_boundary(text, range.end.clamp(start, line_end));
    let end = line_end.min(floor_boundary(text, marked.end.saturating_add(REACH)));
    let shown = narrowed(text, line..end, &marked);
    let above = above(text, line);
    let secrets: Vec<Range<usize>> =
        secrets(&text[above..end]).into_iter().map(|s| s.start + above..s.end + above).collect();
    let piece = |range: Range<usize>| {
        let mut out = String::new();
        let mut at = range.start;
        for secret in &secrets {
            let secret = secret.start.max(range.start)..secret.end.min(range.end);
            if secret.start < secret.end {
                out.push_str(&escaped(&text[at..secret.start]));
                out.push_str(MASK);
                at = secret.end;
            }
        }
        out.push_str(&escaped(&text[at..range.end]));
        // The renderer shows a tab as spaces.
        out.replace("\\t", "\t")
    };
    let cut = |is_cut: bool, dots: &'static str| if is_cut { dots } else { "" };
    let before = format!("{}{}", cut(shown.start > line, "... "), piece(shown.start..marked.start));
    let inside = piece(marked.clone());
    let after = format!("{}{}", piece(marked.end..shown.end), cut(shown.end < line_end, " ..."));
    let span = before.len()..before.len() + inside.len();
    Excerpt { text: before + &inside + &after, span }
}

/// Where the text above a line begins that is read with it: a line, unless that is very long.
fn above(text: &str, line: usize) -> usize {
    let start = line_start(text, floor_boundary(text, line.saturating_sub(ABOVE)));
    start.max(floor_boundary(text, line.saturating_sub(2 * ABOVE)))
}

/// Returns a line with each secret replaced by as many stars, so that columns do not move. Of a longer line than a person reads
/// nothing is returned: thousands of findings may be on it.
#[must_use]
pub fn masked_line(text: &str, offset: usize) -> String {
    let start = floor_boundary(text, offset);
    let reach = floor_boundary(text, start.saturating_sub(REACH))..floor_boundary(text, start + REACH);
    let line = reach.start + line_start(&text[reach.clone()], start - reach.start);
    let end = reach.start + line_end(&text[reach.clone()], start - reach.start);
    let is_cut = (line == reach.start && line > 0 && !text[..line].ends_with(['\n', '\r']))
        || (end == reach.end && end < text.len() && !text[end..].starts_with(['\n', '\r']));
    if is_cut {
        return String::new();
    }
    let above = above(text, line);
    let mut out = String::with_capacity(end - line);
    let mut at = line;
    for secret in secrets(&text[above..end]) {
        let secret = (secret.start + above).max(line)..secret.end + above;
        if secret.start < secret.end {
            out.push_str(&text[at..secret.start]);
            out.extend(text[secret.clone()].chars().map(|_| '*'));
            at = secret.end;
        }
    }
    out.push_str(&text[at..end]);
    out
}

/// The mapping in braces around `marked` if the line has others, otherwise the whole line.
fn narrowed(text: &str, line: Range<usize>, marked: &Range<usize>) -> Range<usize> {
    let mut open = Vec::new();
    let mut quote = None;
    let mut before = b' ';
    let bytes = text.as_bytes();
    let mut at = line.start;
    let mut found = None;
    while at < line.end {
        if at == marked.start {
            found = open.last().copied();
            if found.is_none() {
                return line;
            }
        }
        let byte = bytes[at];
        match (quote, byte) {
            (Some(b'"'), b'\\') => at += 1,
            (Some(of), byte) if of == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if matches!(before, b'{' | b'[' | b',' | b':' | b' ' | b'(') => {
                quote = Some(byte);
            }
            (None, b'{') => open.push(at),
            (None, b'}') => {
                let closed = open.pop();
                if at + 1 >= marked.end && closed.is_some() && closed == found {
                    let inner = closed.unwrap_or(line.start)..at + 1;
                    let outside = [&text[line.start..inner.start], &text[inner.end..line.end]];
                    let has_more = outside.iter().any(|part| part.contains(['{', ',']));
                    return if has_more { inner } else { line };
                }
            }
            _ => {}
        }
        if byte != b' ' || before == b' ' {
            before = byte;
        }
        at += 1;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{excerpt, masked_line};

    fn marked(text: &str, wanted: &str) -> (String, String) {
        let start = text.find(wanted).unwrap_or_default();
        let found = excerpt(text, &(start..start + wanted.len()));
        let inside = found.text[found.span.clone()].to_owned();
        (found.text, inside)
    }

    #[test]
    fn a_line_is_shown_whole() {
        let (text, inside) = marked("a: 1\n  b: {c: 10.0.0.1}\nd: 2\n", "10.0.0.1");
        assert_eq!((text.as_str(), inside.as_str()), ("  b: {c: 10.0.0.1}", "10.0.0.1"));
    }

    #[test]
    fn of_several_mappings_one_is_shown() {
        let line = r#"{"a":[{"server":"https://10.0.0.1"}],"b":[{"user":{"token":"T"}}]}"#;
        let (text, inside) = marked(line, "10.0.0.1");
        assert_eq!(
            (text.as_str(), inside.as_str()),
            (r#"... {"server":"https://10.0.0.1"} ..."#, "10.0.0.1")
        );
    }

    #[test]
    fn secrets_are_masked_and_hidden_characters_escaped() {
        let (text, inside) = marked("x: {token: T\u{e4}, name: a\u{202e}b}", "a\u{202e}b");
        assert_eq!((text.as_str(), inside.as_str()), ("x: {token: ***, name: a\\u{202e}b}", "a\\u{202e}b"));
        let (text, inside) = marked("- name: PASSWORD\n  value: T\n", "T");
        assert_eq!((text.as_str(), inside.as_str()), ("  value: ***", "***"));
    }

    #[test]
    fn masks_of_data_keep_columns() {
        assert_eq!(masked_line("a: 1\nx: {token: T\u{e4}c, b: 2}\n", 6), "x: {token: ***, b: 2}");
    }

    #[test]
    fn a_line_that_nobody_reads_is_not_data() {
        let text = format!("a: 1\nb: {}\n", "x".repeat(5000));
        assert_eq!(masked_line(&text, 6), "");
        assert_eq!(masked_line(&text, text.len() - 1), "");
        assert_eq!(masked_line(&text, 0), "a: 1");
    }
}
