//! Comments that suppress findings: `# calico-ipv6: ignore[POOL-006] the fabric routes this range`.
//!
//! A comment covers the entry on its line, or the next entry if it has a line of its own, with everything below that entry. So a
//! comment above `- name: IP6` covers a finding at its `value`. `ignore-file` covers the whole file. What is a comment is
//! decided line by line: this also works in the text of a ConfigMap.

use super::Metadata;
use super::selection::is_exact;
use crate::source::{line_end, line_start, next_line};
use core::ops::Range;
use memchr::memmem;

/// What such a comment begins with.
const MARK: &str = "calico-ipv6:";

/// The suppressions of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suppressions {
    /// In the order of the text.
    pub all: Vec<Suppression>,
}

/// A comment that suppresses findings, or is meant to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The bytes of the comment, from its `#` to the end of the line.
    pub range: Range<usize>,
    /// The ids or names of rules, each with its bytes.
    pub rules: Vec<(Range<usize>, String)>,
    /// Whether a reason is given.
    pub has_reason: bool,
    /// What is wrong with its form.
    pub malformed: Option<&'static str>,
    /// The bytes that it covers.
    pub covers: Range<usize>,
}

impl Suppression {
    /// Whether it suppresses a finding of a rule at a byte offset.
    #[must_use]
    pub fn suppresses(&self, rule: &Metadata, at: usize) -> bool {
        self.is_valid()
            && self.covers.contains(&at)
            && self.rules.iter().any(|(_, word)| is_exact(word, rule))
    }

    /// Whether it has rules and a reason.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.malformed.is_none() && self.has_reason && !self.rules.is_empty()
    }
}

impl Suppressions {
    /// Reads the suppressions of a text. Without any this costs one search.
    #[must_use]
    pub fn read(text: &str) -> Suppressions {
        let hits = memmem::find_iter(text.as_bytes(), MARK);
        Suppressions { all: hits.filter_map(|at| read(text, at)).collect() }
    }

    /// Whether a comment suppresses a finding of a rule at a byte offset.
    #[must_use]
    pub fn suppress(&self, rule: &Metadata, at: usize) -> bool {
        self.all.iter().any(|one| one.suppresses(rule, at))
    }
}

/// Reads the comment with a mark at this offset; `None` if the mark does not begin a comment.
fn read(text: &str, mark: usize) -> Option<Suppression> {
    let start = line_start(text, mark);
    let before = text[start..mark].trim_end_matches([' ', '\t']);
    let line = before.strip_suffix('#')?;
    if !line.is_empty() && !line.ends_with([' ', '\t']) {
        return None;
    }
    let range = start + line.len()..line_end(text, mark);
    let entry = if line.trim().is_empty() { next_entry(text, range.end) } else { Some(start) };
    let body = &text[mark + MARK.len()..range.end];
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let mut found = Suppression {
        range,
        rules: Vec::new(),
        has_reason: false,
        malformed: None,
        covers: entry.map_or(0..0, |entry| entry..end_of_entry(text, entry)),
    };
    let body = body.trim_start();
    let (is_file, rest) = match (body.strip_prefix("ignore-file"), body.strip_prefix("ignore")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => {
            found.malformed = Some("expected `ignore[RULE] reason`");
            return Some(found);
        }
    };
    if is_file {
        found.covers = 0..text.len();
    }
    let Some((rules, reason)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        found.malformed = Some("the ids of rules are missing: write them in brackets, `ignore[RULE] reason`");
        return Some(found);
    };
    for word in rules.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let at = offset(word);
        found.rules.push((at..at + word.len(), word.to_owned()));
    }
    if found.rules.is_empty() {
        found.malformed = Some("no id of a rule between the brackets: write `ignore[RULE] reason`");
    }
    found.has_reason = reason.chars().any(char::is_alphanumeric);
    Some(found)
}

/// The start of the line of the first entry behind an offset. A marker of a document ends the search.
fn next_entry(text: &str, from: usize) -> Option<usize> {
    let mut at = next_line(text, from);
    while at < text.len() {
        let line = text[at..line_end(text, at)].trim();
        if !line.is_empty() && !line.starts_with('#') {
            return (!is_marker(&text[at..])).then_some(at);
        }
        at = next_line(text, at);
    }
    None
}

/// Where the entry that begins on the line at `start` ends.
fn end_of_entry(text: &str, start: usize) -> usize {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let first = &text[start..line_end(text, start)];
    let own = indent(first);
    let is_item = |line: &str| line.trim_start().starts_with("- ") || line.trim() == "-";
    let takes_items = !is_item(first);
    let mut at = next_line(text, start);
    while at < text.len() {
        let line = &text[at..line_end(text, at)];
        let is_skipped = line.trim().is_empty() || line.trim_start().starts_with('#');
        let is_inside = indent(line) > own || (indent(line) == own && takes_items && is_item(line));
        if is_marker(line) || !(is_skipped || is_inside) {
            return at;
        }
        at = next_line(text, at);
    }
    text.len()
}

/// Whether a line begins or ends a document.
fn is_marker(line: &str) -> bool {
    line.starts_with("---") || line.starts_with("...")
}

#[cfg(test)]
mod tests {
    use super::Suppressions;

    fn covered(text: &str) -> Vec<String> {
        let all = Suppressions::read(text).all;
        all.iter().map(|one| text[one.covers.clone()].to_owned()).collect()
    }

    #[test]
    fn a_comment_covers_the_entry_of_its_line_or_the_next_one() {
        let text = "env:\n# calico-ipv6: ignore[A] why\n- name: IP6\n  value: x\n- name: IP\n";
        assert_eq!(covered(text), ["- name: IP6\n  value: x\n"]);
        assert_eq!(
            covered("a: # calico-ipv6: ignore[A] why\n- b\n- c\nd: e\n"),
            ["a: # calico-ipv6: ignore[A] why\n- b\n- c\n"]
        );
        assert_eq!(covered("# calico-ipv6: ignore[A] why\n---\na: b\n"), [""]);
        assert_eq!(covered("# calico-ipv6: ignore[A] why\na:\n\n  b: c\n---\nd: e\n"), ["a:\n\n  b: c\n"]);
        assert_eq!(covered("# calico-ipv6: ignore-file[A] why\n---\na: b\n").concat().len(), 43);
    }

    #[test]
    fn only_comments_count() {
        assert!(covered("a: b#calico-ipv6: ignore[A] why\n").is_empty());
        assert!(covered("calico-ipv6: ignore[A] why\n").is_empty());
    }

    #[test]
    fn a_comment_needs_rules_and_a_reason() {
        let valid = |text: &str| Suppressions::read(text).all.iter().all(super::Suppression::is_valid);
        assert!(valid("a: b # calico-ipv6: ignore[A-1, B] why\n"));
        for wrong in ["ignore[A]", "ignore[A] -", "ignore[] why", "ignore A why", "ignore", "off"] {
            assert!(!valid(&format!("a: b # calico-ipv6: {wrong}\n")), "{wrong}");
        }
    }
}
