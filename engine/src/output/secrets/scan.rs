//! The values of keys, flags and variables that name a secret, in a text of unknown or broken syntax.
//!
//! A quote, a bracket or a comma may be a character of the secret. So the value of a key reaches to the end of its line, with
//! the lines below it that are indented more. Only an argument of a command line ends earlier, at a space.

use super::names::is_secret_name;
use crate::source::{line_end, line_start, next_line};
use core::cell::OnceCell;
use core::ops::Range;

/// Names of keys whose value is a name: `name: DB_PASSWORD`, beside `value`.
pub(super) const NAMES: [&str; 3] = ["name", "key", "header"];

/// Adds all of them in the order of the text.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let line = 0..line_end(text, 0);
    let mut scan = Scan { text, line, names_secret: false, value: None, has_secret: OnceCell::new() };
    let mut at = 0;
    while at < text.len() {
        if at > scan.line.end {
            let start = scan.line_start_of(at);
            scan.line = start..line_end(text, at);
        }
        let end = scan.step(at, found);
        // Every step advances.
        at = end.max(at + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
}

struct Scan<'t> {
    text: &'t str,
    /// The line that is read.
    line: Range<usize>,
    /// After `name: DB_PASSWORD`, before its `value`.
    names_secret: bool,
    /// A value before its name: its key, and where it begins.
    value: Option<(usize, usize)>,
    /// Whether an object of the text is a Secret, once somebody asks.
    has_secret: OnceCell<bool>,
}

impl Scan<'_> {
    /// Reads one word or character, and its value if it names a secret.
    fn step(&mut self, at: usize, found: &mut Vec<Range<usize>>) -> usize {
        let byte = self.text.as_bytes()[at];
        // In its own line, a bracket may be a character of the value.
        let is_above = self.value.is_some_and(|(key, _)| key < self.line.start);
        if is_above && matches!(byte, b'{' | b'[' | b'}' | b']') {
            self.value = None;
        }
        if !is_name(byte) {
            return at + 1;
        }
        let end = self.skip(at, is_name);
        let word = &self.text[at..end];
        let name = word.trim_start_matches('-');
        if name.is_empty() {
            // Another item of a list.
            self.value = self.value.filter(|_| !is_above);
            return end;
        }
        let key = end - name.len()..end;
        let value = match name {
            name if NAMES.contains(&name) => {
                let Some(value) = self.value_of_key(&key) else { return end };
                let start = self.skip(value, |byte| !is_name(byte) && !matches!(byte, b'\n' | b'\r' | b','));
                self.names_secret = is_secret_name(&self.text[start..self.skip(start, is_name)]);
                match self.value.take().filter(|_| self.names_secret) {
                    Some((key, start)) => self.rest_of_line(key, start),
                    None => return end,
                }
            }
            "value" => {
                let Some(value) = self.value_of_key(&key) else { return end };
                if !core::mem::take(&mut self.names_secret) {
                    self.value = Some((key.start, value));
                    return end;
                }
                self.rest_of_line(key.start, value)
            }
            name => {
                let is_data = name == "stringData" || (name == "data" && self.has_secret());
                if !is_data && !is_secret_name(name) {
                    return end;
                }
                let is_flag = word.len() - name.len() >= 2;
                // The values of other objects, too, have such a key; the lines below it are read by their indentation.
                if is_data && !self.value_of_key(&key).is_some_and(|at| self.text[at..].starts_with('{')) {
                    return end;
                }
                let value = if is_flag { self.value_of_flag(&key) } else { self.value_of_name(&key) };
                let Some(value) = value else { return end };
                value
            }
        };
        let end = value.end;
        found.push(value);
        end
    }

    fn has_secret(&self) -> bool {
        *self.has_secret.get_or_init(|| names_kind_secret(self.text))
    }

    fn skip(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        at + self.text.as_bytes()[at..].iter().take_while(|byte| wanted(**byte)).count()
    }

    /// The start of the line of an offset behind the line that was read before.
    fn line_start_of(&self, at: usize) -> usize {
        let before = self.text[self.line.end..at].rfind(['\n', '\r']);
        before.map_or(self.line.end, |before| self.line.end + before + 1)
    }

    /// Behind the closing quote of a key, which has a backslash if the document is in a string, and behind blanks.
    fn behind(&self, key: &Range<usize>) -> (usize, usize) {
        let quote = self.skip(key.end, |byte| matches!(byte, b'"' | b'\'' | b'\\'));
        (quote, self.skip(quote, is_blank))
    }

    /// Where the value begins after `key:`, `key =`, `key =>`, `<key>`.
    fn value_of_key(&self, key: &Range<usize>) -> Option<usize> {
        let (quote, mut at) = self.behind(key);
        let before = &self.text[self.line.start.min(key.start)..key.start];
        if before.trim_end_matches(['"', '\'']).ends_with("? ") {
            // A key of its own line: `? token`, and below it `: value`.
            at = self.skip(at, |byte| byte.is_ascii_whitespace());
        }
        let rest = &self.text[at..];
        let separator = match rest.as_bytes().first()? {
            b':' if rest.starts_with("://") && at == key.end => return None,
            b':' if rest.starts_with(":=") => 2,
            b':' => 1,
            b'=' if rest.starts_with("=>") => 2,
            b'=' if at > quote => 1,
            b'-' if rest.starts_with("->") => 2,
            b'>' if before.ends_with('<') => 1,
            _ => return None,
        };
        Some(self.skip(at + separator, is_blank))
    }

    /// The value of a key, a variable, or a word before the secret: `Bearer value`, `PASSWORD value`, `password "value";`.
    fn value_of_name(&self, key: &Range<usize>) -> Option<Range<usize>> {
        if let Some(start) = self.value_of_key(key) {
            return Some(self.rest_of_line(key.start, start));
        }
        let (quote, at) = self.behind(key);
        let first = *self.text.as_bytes().get(at)?;
        if first == b'=' {
            return Some(self.assigned(key.start, at + 1));
        }
        let is_bearer = self.text[key.clone()].eq_ignore_ascii_case("bearer");
        let is_end = matches!(first, b'\r' | b'\n' | b',' | b')' | b']' | b'}');
        let is_prose = at == self.skip(key.end, is_blank) && matches!(first, b'|' | b'#');
        let is_punctuation = !is_bearer && (is_end || is_prose);
        // The kind of an object is followed by its name.
        let is_kind = self.text[key.clone()].starts_with("Secret");
        // A word of a sentence is not a key: `pass the option`, `the token of a user`.
        let own = &self.text[key.clone()];
        let is_upper_case = own.len() > 1 && !own.contains(|c: char| c.is_ascii_lowercase());
        let before = &self.text[self.line.start.min(key.start)..key.start];
        let begins_line = own != "pass" && before.trim_matches([' ', '\t', '-']).is_empty();
        // Behind the quotes of a key, anything but its separator is broken.
        let is_key =
            is_bearer || is_upper_case || begins_line || quote > key.end || matches!(first, b'"' | b'\'');
        (is_key && at > key.end && !is_punctuation && !is_kind).then(|| at..self.line_end_of(at))
    }

    /// The value of `--flag=value` and `--flag value`, and the item below or beside the item `--flag`.
    fn value_of_flag(&self, key: &Range<usize>) -> Option<Range<usize>> {
        let (quote, at) = self.behind(key);
        let is_item = match self.text.as_bytes().get(at)? {
            b'=' => return Some(self.assigned(key.start, at + 1)),
            b':' => return Some(self.rest_of_line(key.start, at + 1)),
            b',' => true,
            b'\r' | b'\n' => {
                let next = self.skip(at, |byte| byte.is_ascii_whitespace());
                if is_entry(&self.text[next..]) && !self.text[next..].starts_with("- ") {
                    return None;
                }
                true
            }
            _ if at == quote => return None,
            _ => false,
        };
        let mut start = self.skip(at, |byte| byte.is_ascii_whitespace() || byte == b',');
        if is_item && self.text[start..].starts_with("- ") {
            start = self.skip(start + 2, is_blank);
        }
        if start == self.text.len() || is_flag(self.text[start..].trim_start_matches(['"', '\'', '\\'])) {
            return None;
        }
        Some(start..if is_item { self.line_end_of(start) } else { self.word_end(start) })
    }

    /// What `NAME=` assigns: the rest of the line that it begins, else a word.
    fn assigned(&self, key: usize, start: usize) -> Range<usize> {
        let before = self.text[self.line.start.min(key)..key].trim_end_matches('-').trim();
        match before {
            "" | "-" | "export" => start..self.line_end_of(start),
            _ => start..self.word_end(start),
        }
    }

    fn line_end_of(&self, at: usize) -> usize {
        if self.line.contains(&at) { self.line.end } else { line_end(self.text, at) }
    }

    /// The end of a word of a command line, and of its quotes, which may hold spaces.
    fn word_end(&self, start: usize) -> usize {
        let line = self.line_end_of(start);
        let mut at = start;
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
        while let Some(next) = self.text[at..line].find(ends) {
            at += next;
            let quote = self.text.as_bytes()[at];
            if !matches!(quote, b'"' | b'\'') {
                return at;
            }
            // Without another one, the quote is a character of the secret, or closes what began before it.
            match memchr::memchr(quote, &self.text.as_bytes()[at + 1..line]) {
                Some(close) => at += close + 2,
                None => return line,
            }
        }
        line
    }

    /// The rest of a line, and the lines below it that are indented more than its key.
    fn rest_of_line(&self, key: usize, start: usize) -> Range<usize> {
        let start = self.skip(start, is_blank);
        let own = line_start(self.text, key);
        let column = self.skip(own, |byte| matches!(byte, b' ' | b'\t' | b'-')).min(key) - own;
        let line = self.line_end_of(start);
        let is_empty = self.text[start..line].trim().is_empty();
        let is_open =
            matches!(self.text[start..line].bytes().next(), None | Some(b'|' | b'>' | b'"' | b'\''));
        let first = next_line(self.text, line);
        let mut end = first;
        while end < self.text.len() {
            let next = next_line(self.text, end);
            let content = self.text[end..next].trim_start();
            // A line of it may have lost its indentation: that is what is broken.
            let indentation = self.skip(end, is_blank) - end;
            let is_item = is_empty && indentation == column && content.starts_with("- ");
            let is_outside = indentation <= column && !is_item && (!is_open || is_entry(content));
            if !content.is_empty() && is_outside {
                break;
            }
            end = next;
        }
        let end = first + self.text[first..end].trim_end().len();
        // A blank line before the next key has no value.
        let below = (self.skip(first, is_blank)).min(end)..end;
        match (is_empty, below.is_empty()) {
            (true, _) => below,
            (false, true) => start..start + self.text[start..line].trim_end().len(),
            (false, false) => start..end,
        }
    }
}

/// Whether a line can be an item, a comment, a marker, or a key that is not quoted.
fn is_entry(line: &str) -> bool {
    let key = line.trim_start_matches(['"', '\'']);
    let end = key.bytes().take_while(|byte| is_name(*byte)).count();
    let is_key = end > 0 && key[end..].trim_start_matches(['"', '\'']).starts_with(':');
    is_key
        || line.starts_with("- ")
        || line.starts_with(['#', '}', ']']) && line.trim_end().len() < 3
        || line.starts_with("---")
}

/// Whether a text begins with a flag. No component has one with a capital letter, so another word may be a secret.
pub(super) fn is_flag(text: &str) -> bool {
    let is_end = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let Some(name) = text.strip_prefix("--") else { return false };
    let end = name.find(is_end).unwrap_or(name.len());
    end > 0
        && !name[end..]
            .starts_with(|c: char| !matches!(c, '=' | '"' | '\'' | ',' | ']') && !c.is_whitespace())
}

/// Whether `kind: Secret` stands in a text, in any syntax.
fn names_kind_secret(text: &str) -> bool {
    let is_between = ['"', '\'', '\\', ' ', '\t'];
    text.match_indices("Secret").any(|(at, word)| {
        let before = text[..at].trim_end_matches(is_between).strip_suffix(':');
        let is_kind = before.is_some_and(|key| key.trim_end_matches(is_between).ends_with("kind"));
        is_kind && !text[at + word.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
    })
}

/// Whether a name has this character.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
