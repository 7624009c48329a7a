//! The values of keys, flags and variables that name a secret, in any syntax.

use super::names::is_secret_name;
use core::ops::Range;

/// Names of headers, whose values have commas.
const HEADERS: [&str; 3] = ["authorization", "bearer", "cookie"];

/// Names of keys whose value is a name: `name: DB_PASSWORD`, beside `value`.
const NAMES: [&str; 3] = ["name", "key", "header"];

/// Adds all of them in the order of the text.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let mut scan =
        Scan { text, depth: 0, names_secret: false, value: None, has_secret: names_kind_secret(text) };
    let mut at = 0;
    while at < text.len() {
        let end = scan.step(at, found);
        // Every step advances.
        at = end.max(at + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
}

/// Where a value begins, and how it ends.
#[derive(Clone, Copy)]
struct Start {
    at: usize,
    /// An argument of a command line ends at a space.
    is_argument: bool,
}

struct Scan<'t> {
    text: &'t str,
    /// The number of open brackets.
    depth: usize,
    /// After `name: DB_PASSWORD`, before its `value`.
    names_secret: bool,
    /// The value before its name.
    value: Option<Range<usize>>,
    /// Whether an object of the text is a Secret.
    has_secret: bool,
}

impl Scan<'_> {
    /// Reads one word or character, and its value if it names a secret.
    fn step(&mut self, at: usize, found: &mut Vec<Range<usize>>) -> usize {
        let byte = self.text.as_bytes()[at];
        match byte {
            b'{' | b'[' if self.opens(at) => {
                self.depth += 1;
                self.value = None;
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.value = None;
            }
            _ => {}
        }
        if !is_name(byte) {
            return at + 1;
        }
        let end = self.skip(at, is_name);
        let word = &self.text[at..end];
        let name = word.trim_start_matches('-');
        if name.is_empty() {
            // Another item of a list.
            self.value = None;
            return end;
        }
        let is_secret = is_secret_name(name);
        let is_flag = word.len() - name.len() >= 2;
        let is_data = name == "stringData" || (name == "data" && self.has_secret);
        if !(is_secret || is_data || name == "value" || NAMES.contains(&name)) {
            return end;
        }
        let Some(value) = self.value_after(at..end, is_flag, is_secret) else { return end };
        let range = self.value_at(value, name);
        if is_data && self.text[range.clone()].starts_with('{') {
            let inside = range.end..self.mapping_end(range.end);
            let end = inside.end;
            found.push(inside);
            return end;
        }
        if NAMES.contains(&name) {
            self.names_secret = is_secret_name(&self.text[range.clone()]);
            if self.names_secret {
                found.extend(self.value.take());
            }
            return end;
        }
        if name == "value" {
            self.value = Some(range.clone());
        }
        let is_value = name == "value" && core::mem::take(&mut self.names_secret);
        if !(is_value || is_secret) {
            return end;
        }
        if self.text[range.clone()].starts_with('{') {
            return range.start;
        }
        let end = range.end;
        found.push(range);
        end
    }

    fn skip(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        at + self.text.as_bytes()[at..].iter().take_while(|byte| wanted(**byte)).count()
    }

    /// Whether a bracket begins a list or a mapping: in the middle of a word it is a part of the word.
    fn opens(&self, at: usize) -> bool {
        let before = self.text[..at].chars().next_back();
        before
            .is_none_or(|c| c.is_whitespace() || matches!(c, '{' | '[' | '(' | ',' | ':' | '=' | '"' | '\''))
    }

    /// The start of the value of a key.
    fn value_after(&self, key: Range<usize>, is_flag: bool, is_secret: bool) -> Option<Start> {
        let bytes = self.text.as_bytes();
        let end = key.end;
        // The quote of a key, with its backslash if the document is in a string.
        let quote = self.skip(end, |byte| matches!(byte, b'"' | b'\'' | b'\\'));
        let mut separator = self.skip(quote, is_blank);
        if self.text[..key.start].trim_end_matches(['"', '\'']).ends_with("? ") {
            // A key of its own line: `? token`, and below it `: value`.
            separator = self.skip(separator, |byte| byte.is_ascii_whitespace());
        }
        let start = |at, is_argument| Some(Start { at, is_argument });
        match bytes.get(separator)? {
            b':' if matches!(bytes.get(separator + 1), Some(b'/')) && separator == end => None,
            b':' => start(self.skip(separator + 1, is_blank), false),
            // `password = a b` has no quotes in some languages.
            b'=' if separator > quote => start(self.skip(separator + 1, is_blank), false),
            b'=' => start(self.skip(separator + 1, is_blank), true),
            // `- --token` and its value as items of a list, in one line or below each other.
            byte if is_flag && (separator > end || *byte == b',') => {
                let is_between = |byte: u8| byte.is_ascii_whitespace() || byte == b',';
                let mut next = self.skip(separator, is_between);
                if bytes[next..].starts_with(b"- ") {
                    next = self.skip(next + 2, is_blank);
                }
                let is_next_flag =
                    matches!(bytes.get(self.skip(next, |b| matches!(b, b'"' | b'\''))), Some(b'-'));
                if is_next_flag { None } else { start(next, true) }
            }
            b'\r' | b'\n' if is_flag => {
                let next = self.skip(separator, |byte| byte.is_ascii_whitespace());
                let next = next + if bytes[next..].starts_with(b"- ") { 2 } else { return None };
                if bytes.get(next) == Some(&b'-') { None } else { start(next, true) }
            }
            // `password "a";` of BIRD.
            b'"' | b'\'' if is_secret && separator > quote => start(separator, false),
            _ => None,
        }
    }

    /// The range of the value that begins here.
    fn value_at(&self, value: Start, name: &str) -> Range<usize> {
        let start = value.at;
        let bytes = self.text.as_bytes();
        let rest = &self.text[start..];
        let open = self.skip(start, |byte| byte == b'\\');
        if let Some(quote @ (b'"' | b'\'')) = bytes.get(open).copied() {
            let end = self.string_end(open + 1, quote, open - start);
            // What stands behind the quotes of a value may be more of it: the text may be broken.
            let line_end = crate::source::line_end(self.text, end);
            let rest = self.text.get(end + 1..line_end).unwrap_or_default().trim_start();
            let is_broken = !value.is_argument && open == start && rest.starts_with(char::is_alphanumeric);
            return open + 1..if is_broken { line_end } else { end };
        }
        if rest.starts_with('{') {
            return start..start + 1;
        }
        if rest.starts_with('[') {
            return start..rest.find(']').map_or(self.text.len(), |at| start + at);
        }
        let line = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
        if HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            let end = self.text[start..line].find(['"', '\'', '\\']).map_or(line, |at| start + at);
            return start..start + self.text[start..end].trim_end().len();
        }
        if value.is_argument {
            let ends = |byte: u8| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b']' | b'}');
            return start..self.skip(start, ends);
        }
        let first = self.text[start..line].trim();
        if first.is_empty() || first.starts_with(['|', '>']) {
            return self.block(start, line, first.is_empty());
        }
        let end = if self.depth > 0 {
            start + self.text[start..line].find([',', '}', ']']).unwrap_or(line - start)
        } else {
            line
        };
        start..start + self.text[start..end].trim_end().len()
    }

    /// The end of a mapping in braces that opens before `start`.
    fn mapping_end(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        let mut depth = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' | b'\'' => at = self.string_end(at + 1, *byte, 0),
                b'{' => depth += 1,
                b'}' if depth == 0 => return at,
                b'}' => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        self.text.len()
    }

    /// The end of a string; the end of the text if the string is not closed. In a text that is in a string, so many backslashes
    /// stand before its quotes.
    fn string_end(&self, start: usize, quote: u8, backslashes: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while at < bytes.len() {
            let run = self.skip(at, |byte| byte == b'\\') - at;
            let after = at + run;
            let is_escaped = quote == b'"' && run % 2 == 1;
            match bytes.get(after) {
                Some(byte) if *byte == quote => {
                    let is_double = quote == b'\'' && bytes.get(after + 1) == Some(&quote);
                    match backslashes {
                        0 if is_double => at = after + 2,
                        0 if is_escaped => at = after + 1,
                        0 => return after,
                        // Fewer backslashes end the text around it.
                        own if run <= own => return at,
                        _ => at = after + 1,
                    }
                }
                _ => at = after + 1,
            }
        }
        self.text.len()
    }

    /// The lines below a key that are indented more than it.
    fn block(&self, start: usize, line: usize, ends_at_key: bool) -> Range<usize> {
        let key = crate::source::line_start(self.text, start);
        let indentation = |at: usize| self.skip(at, is_blank) - at;
        let of_key = indentation(key);
        let first = crate::source::next_line(self.text, line);
        let mut end = first;
        while end < self.text.len() {
            let next = crate::source::next_line(self.text, end);
            let content = self.text[end..next].trim();
            // The next key, not a value: `password:` may be empty.
            let is_key = ends_at_key && (content.ends_with(':') || content.contains(": "));
            if !content.is_empty() && (indentation(end) <= of_key || is_key) {
                break;
            }
            end = next;
        }
        // A blank line before the next key has no value.
        let to = first + self.text[first..end].trim_end().len();
        (first + indentation(first)).min(to)..to
    }
}

/// Whether `kind: Secret` stands in a text, in any syntax.
fn names_kind_secret(text: &str) -> bool {
    let is_between = ['"', '\'', '\\', ' ', '\t'];
    text.match_indices("Secret").any(|(at, word)| {
        let before = text[..at].trim_end_matches(is_between).strip_suffix(':');
        let is_kind = before.is_some_and(|key| key.trim_end_matches(is_between).ends_with("kind"));
        is_kind && !text[at + word.len()..].starts_with(char::is_alphanumeric)
    })
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
