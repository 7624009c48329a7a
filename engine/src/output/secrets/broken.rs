//! What is shown of a document that cannot be parsed.
//!
//! Where it is broken, what looks like a key may be a part of a secret, and nothing says whose value a line is. So nothing is
//! looked for that must be hidden. Of a line, only this is shown: its indentation and dashes, the key that it begins with, and
//! a value that is an address, a range, or a word of JSON.

use crate::source::lines;
use core::net::IpAddr;
use core::ops::Range;
use ipnet::IpNet;

/// Adds everything else, in the order of the text.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    for line in lines(text, 0..text.len()) {
        let own = &text[line.clone()];
        let content = own.trim_end().len();
        let start = key_length(&own[..content]);
        let value = own[start..content].trim_end_matches(',');
        if !is_harmless(value) {
            found.push(line.start + start..line.start + content);
        }
    }
}

/// The length of `  - "key": ` at the beginning of a line; without a key, that of its indentation and dashes.
fn key_length(line: &str) -> usize {
    let start = line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut start = start;
    while let Some(item) = line[start..].strip_prefix("- ") {
        start = line.len() - item.trim_start_matches(' ').len();
    }
    let quote = if line[start..].starts_with('"') { "\"" } else { "" };
    let key = &line[start + quote.len()..];
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let behind = key.trim_start_matches(is_name);
    let value = behind.strip_prefix(quote).and_then(|rest| rest.strip_prefix(':')).filter(|value| {
        key.starts_with(|c: char| c.is_ascii_alphabetic()) && (value.is_empty() || value.starts_with(' '))
    });
    value.map_or(start, |value| line.len() - value.trim_start().len())
}

/// Whether a value cannot be a secret.
fn is_harmless(value: &str) -> bool {
    let value = value.trim_matches('"');
    matches!(value, "" | "true" | "false" | "null" | "{" | "[" | "}" | "]")
        || value.parse::<IpAddr>().is_ok()
        || value.parse::<IpNet>().is_ok()
}
