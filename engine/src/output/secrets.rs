//! Masks passwords, tokens and keys in shown text: values of keys that name a secret, and the user info of URLs.
//!
//! An excerpt is part of a text in any syntax. This code works on words and punctuation, and masks too much rather than too
//! little.

use core::ops::Range;
use std::borrow::Cow;

/// The text that replaces a secret.
pub const MASK: &str = "***";

/// Last words of the names of secrets.
const WORDS: [&str; 14] = [
    "token",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "credential",
    "credentials",
    "auth",
    "authorization",
    "bearer",
    "apikey",
    "privatekey",
    "psk",
];

/// Last words of the names of secrets if another word precedes them: `client-key-data`, `encryptionKey`.
const LAST_WORDS: [&str; 2] = ["data", "key"];

/// Whether a key, a flag or a variable names a secret. Only the last name of a path is relevant.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.rsplit(['.', '/', '[']).next().unwrap_or_default();
    let words = words(name);
    let Some(last) = words.last() else { return false };
    WORDS.contains(&last.as_str())
        || (words.len() > 1 && LAST_WORDS.contains(&last.as_str()) && !words[0].eq("topology"))
}

/// The words of `client-key-data`, `DB_PASSWORD` and `apiKey`, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if begins || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Masks each secret of a text.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    let secrets = secrets(text);
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for secret in secrets {
        out.push_str(&text[at..secret.start]);
        out.push_str(MASK);
        at = secret.end;
    }
    out.push_str(&text[at..]);
    Cow::Owned(out)
}

/// Masks the value of a field with this name if it is a secret.
#[must_use]
pub fn masked_value<'t>(name: &str, value: &'t str) -> Cow<'t, str> {
    if is_secret_name(name) { Cow::Borrowed(MASK) } else { masked(value) }
}

/// Returns the secrets of a text in order, without overlaps.
#[must_use]
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut scan = Scan { text, depth: 0, names_secret: false };
    let mut at = 0;
    while at < text.len() {
        let end = scan.step(at, &mut found);
        // Every step advances.
        at = end.max(at + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    found.extend(user_infos(text));
    found.sort_by_key(|range| (range.start, core::cmp::Reverse(range.end)));
    let mut until = 0;
    found.retain(|range| {
        let keep = range.start >= until && !range.is_empty();
        until = if keep { range.end } else { until };
        keep
    });
    found
}

struct Scan<'t> {
    text: &'t str,
    /// The number of open brackets.
    depth: usize,
    /// After `name: DB_PASSWORD`, before its `value`.
    names_secret: bool,
}

impl Scan<'_> {
    /// Reads one word or character, and its value if it names a secret.
    fn step(&mut self, at: usize, found: &mut Vec<Range<usize>>) -> usize {
        let byte = self.text.as_bytes()[at];
        match byte {
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if !is_name(byte) {
            return at + 1;
        }
        let end = self.skip(at, is_name);
        let word = &self.text[at..end];
        let name = word.trim_start_matches('-');
        let Some(value) = self.value_after(end, word.len() - name.len() >= 2) else { return end };
        let range = self.value(value);
        // A Secret in one line: all of its values.
        if name == "stringData" && self.text[range.clone()].starts_with('{') {
            let inside = range.end..self.mapping_end(range.end);
            let end = inside.end;
            found.push(inside);
            return end;
        }
        if name == "name" {
            self.names_secret = is_secret_name(&self.text[range]);
            return end;
        }
        let is_value = name == "value" && core::mem::take(&mut self.names_secret);
        if !(is_value || is_secret_name(name)) {
            return end;
        }
        let end = range.end;
        if self.text[range.clone()].starts_with('{') {
            return range.start;
        }
        found.push(range);
        end
    }

    fn skip(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        at + self.text.as_bytes()[at..].iter().take_while(|byte| wanted(**byte)).count()
    }

    /// The start of the value of a key that ends here, and whether it is an argument of a command line (after `=` or a flag).
    fn value_after(&self, end: usize, is_flag: bool) -> Option<(usize, bool)> {
        let bytes = self.text.as_bytes();
        // The quote of a key, with its backslash if the document is in a string.
        let quote = self.skip(end, |byte| matches!(byte, b'"' | b'\'' | b'\\'));
        let separator = self.skip(quote, |byte| byte == b' ');
        match bytes.get(separator)? {
            b':' if matches!(bytes.get(separator + 1), Some(b'/')) && separator == end => None,
            b':' => Some((self.skip(separator + 1, |byte| matches!(byte, b' ' | b'\t')), false)),
            b'=' => Some((separator + 1, true)),
            _ if is_flag && separator > quote => Some((separator, true)),
            _ if is_flag && quote > end => {
                // `- --token` and its value as items of a list: `"--token", "abc"`.
                let next = self.skip(quote, |byte| matches!(byte, b' ' | b','));
                (next > quote).then_some((next, true))
            }
            _ => None,
        }
    }

    /// The range of the value that begins here.
    fn value(&self, (start, is_argument): (usize, bool)) -> Range<usize> {
        let bytes = self.text.as_bytes();
        let rest = &self.text[start..];
        let open = self.skip(start, |byte| byte == b'\\');
        if let Some(quote @ (b'"' | b'\'')) = bytes.get(open).copied() {
            return open + 1..self.string_end(open + 1, quote, open > start);
        }
        if rest.starts_with('{') {
            return start..start + 1;
        }
        if rest.starts_with('[') {
            return start..rest.find(']').map_or(self.text.len(), |at| start + at);
        }
        if is_argument {
            let ends = |byte: u8| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b']' | b'}');
            return start..self.skip(start, ends);
        }
        let line = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
        let first = self.text[start..line].trim();
        if first.is_empty() || first.starts_with(['|', '>']) {
            return self.block(start, line);
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
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => at = self.string_end(at + 1, b'"', false),
                b'}' => return at,
                _ => {}
            }
            at += 1;
        }
        self.text.len()
    }

    /// The end of a string; the end of the text if the string is not closed.
    fn string_end(&self, start: usize, quote: u8, is_nested: bool) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while let Some(byte) = bytes.get(at) {
            match *byte {
                b'\\' if is_nested && bytes.get(at + 1) == Some(&quote) => return at,
                b'\\' if quote == b'"' => at += 1,
                byte if byte == quote => return at,
                _ => {}
            }
            at += 1;
        }
        self.text.len()
    }

    /// The lines below a key that are indented more than it.
    fn block(&self, start: usize, line: usize) -> Range<usize> {
        let key = crate::source::line_start(self.text, start);
        let indentation = |at: usize| self.skip(at, |byte| byte == b' ') - at;
        let of_key = indentation(key);
        let first = crate::source::next_line(self.text, line);
        let mut end = first;
        while end < self.text.len() {
            let next = crate::source::next_line(self.text, end);
            let is_blank = self.text[end..next].trim().is_empty();
            // The next key, not a value: `password:` may be empty.
            let is_key =
                self.text[end..next].trim_end().ends_with(':') || self.text[end..next].contains(": ");
            if !is_blank && (indentation(end) <= of_key || is_key) {
                break;
            }
            end = next;
        }
        let from = first + indentation(first.min(self.text.len()));
        from.min(end)..first.max(first + self.text[first..end].trim_end().len())
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Finds `user:password` in each `scheme://user:password@host`.
fn user_infos(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let ends = |c: char| matches!(c, '/' | '?' | '#' | '"' | '\'' | ',') || c.is_whitespace();
        let authority = text[start..].find(ends).map_or(text.len(), |end| start + end);
        if let Some(end) = text[start..authority].rfind('@') {
            found.push(start..start + end);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{is_secret_name, masked, masked_value};

    #[test]
    fn names_of_secrets() {
        for name in [
            "token",
            "DB_PASSWORD",
            "client-key-data",
            "certificate-authority-data",
            "encryptionKey",
            "users[0].user.token",
            "pullSecret",
            "--etcd-password",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["podSubnet", "data", "key", "secretName", "tokenFile", "IP6", "topologyKey", "server"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn values_of_secrets_are_masked_in_every_language() {
        for (text, shown) in [
            ("  token: abc.def # note", "  token: ***"),
            ("  password: \"a \\\" b\" # note", "  password: \"***\" # note"),
            ("{\"user\":{\"token\":\"T\",\"name\":\"x\"}}", "{\"user\":{\"token\":\"***\",\"name\":\"x\"}}"),
            ("{token: T, name: x}", "{token: ***, name: x}"),
            ("{\"stringData\":{\"a\":\"T}\",\"b\":\"T\"},\"c\":1}", "{\"stringData\":{***},\"c\":1}"),
            ("'{\\\"token\\\":\\\"T\\\"}'", "'{\\\"token\\\":\\\"***\\\"}'"),
            ("kubeadm join --token abc.def 10.0.0.1:6443", "kubeadm join --token *** 10.0.0.1:6443"),
            ("- --etcd-password=T", "- --etcd-password=***"),
            ("[\"--token\", \"T\", \"--v=2\"]", "[\"--token\", \"***\", \"--v=2\"]"),
            ("DB_PASSWORD=\"a b\" IP=::1", "DB_PASSWORD=\"***\" IP=::1"),
            ("{name: DB_PASSWORD, value: T}", "{name: DB_PASSWORD, value: ***}"),
            ("- name: DB_PASSWORD\n  value: T\n- name: IP", "- name: DB_PASSWORD\n  value: ***\n- name: IP"),
            ("a-key: |\n  line\n  line\nb: c", "a-key: |\n  ***\nb: c"),
            ("https://user:T@10.0.0.1:6443/x@y", "https://***@10.0.0.1:6443/x@y"),
        ] {
            assert_eq!(masked(text), shown, "{text}");
        }
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            "server: https://10.0.0.1:6443",
            "- --service-cluster-ip-range=10.96.0.0/12",
            "secret: {secretName: calico-etcd-secrets}",
            "- name: IP\n  value: autodetect",
            "token:",
            "cidr: 10.0.0.0/8",
            "a: \u{e4}\u{1F600}",
        ] {
            assert_eq!(masked(text), text);
        }
        assert_eq!(masked_value("user.token", "T"), "***");
        assert_eq!(masked_value("server", "https://u:p@h"), "https://***@h");
    }

    #[test]
    fn an_open_value_is_masked_to_its_end() {
        assert_eq!(masked("{\"token\":\"T"), "{\"token\":\"***");
        assert_eq!(masked("token: [a, b"), "token: ***");
    }
}
