//! What is shown of a document that cannot be parsed and may name a secret.
//!
//! Where it is broken, what looks like a key may be a part of a secret, and nothing says whose value a line is. So nothing is
//! looked for that must be hidden. Of a line, only this is shown: its indentation and dashes, the key that it begins with, and
//! a value that is an address, a range, or a word of JSON.

use crate::source::lines;
use core::net::IpAddr;
use core::ops::Range;
use ipnet::IpNet;

/// Adds everything else, in the order of the text. Lines of which nothing is shown are one range: there may be millions.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let mut hidden: Option<Range<usize>> = None;
    for line in lines(text, 0..text.len()) {
        let own = &text[line.clone()];
        let content = own.trim_end().len();
        let start = key_length(&own[..content]);
        if is_harmless(own[start..content].trim_end_matches(',')) {
            continue;
        }
        let is_next = hidden.as_ref().is_some_and(|before| {
            text[before.end..line.start + start].chars().all(|c| c.is_ascii_whitespace())
        });
        match hidden.as_mut().filter(|_| is_next) {
            Some(before) => before.end = line.start + content,
            None => found.extend(hidden.replace(line.start + start..line.start + content)),
        }
    }
    found.extend(hidden);
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
        || (value.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':')
            && (value.parse::<IpAddr>().is_ok() || value.parse::<IpNet>().is_ok()))
}
