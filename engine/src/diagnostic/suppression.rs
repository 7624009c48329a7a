//! Comments that suppress findings: `# calico-ipv6: ignore[POOL-006] the fabric routes this range`.
//!
//! A comment covers the entry on its line, or the next entry if it has a line of its own, with everything below that entry. So a
//! comment above `- name: IP6` covers a finding at its `value`. `ignore-file` covers the whole file. What is a comment is
//! decided line by line: this also works in the text of a ConfigMap.

use super::Metadata;
use crate::source::{BYTE_ORDER_MARK, line_end, next_line};
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
    /// The bytes that it covers. Of two comments, one covers all that the other one does, or nothing of it.
    pub covers: Range<usize>,
}

impl Suppression {
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
        if memmem::find(text.as_bytes(), MARK.as_bytes()).is_none() {
            return Suppressions::default();
        }
        let mut reader = Reader::default();
        let mut at = if text.as_bytes().starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        while at < text.len() {
            reader.line(text, at..line_end(text, at));
            at = next_line(text, at);
        }
        while reader.close(text.len()) {}
        Suppressions { all: reader.all }
    }

    /// Goes through the text to find which of these rules are suppressed where.
    #[must_use]
    pub fn sweep<'s>(&'s self, known: &'s [&'static Metadata]) -> Sweep<'s> {
        let mut valid: Vec<usize> = (0..self.all.len()).filter(|i| self.all[*i].is_valid()).collect();
        valid.sort_by_key(|i| (self.all[*i].covers.start, core::cmp::Reverse(self.all[*i].covers.end)));
        Sweep {
            all: &self.all,
            known,
            valid: valid.into_iter(),
            next: None,
            open: Vec::new(),
            rules: OpenRules::default(),
        }
    }
}

/// The ids of the rules that are suppressed at one place, each with the comment that says so: the widest comment first.
#[derive(Clone, Debug, Default)]
pub struct OpenRules(Vec<(&'static str, usize)>);

impl OpenRules {
    /// The first comment that suppresses a rule here, by its index.
    #[must_use]
    pub fn first(&self, rule: &Metadata) -> Option<usize> {
        let of_rule = self.0.iter().filter(|(id, _)| *id == rule.id);
        of_rule.map(|(_, comment)| *comment).min()
    }
}

/// Goes through a text once, from its start to its end.
#[derive(Clone, Debug)]
pub struct Sweep<'s> {
    all: &'s [Suppression],
    /// The rules that words of comments may name.
    known: &'s [&'static Metadata],
    /// The comments that are not reached yet, by where they begin to cover.
    valid: std::vec::IntoIter<usize>,
    next: Option<usize>,
    /// The comments that cover the current place, the widest first.
    open: Vec<usize>,
    rules: OpenRules,
}

impl Sweep<'_> {
    /// The rules that are suppressed at a byte offset, which is not before the last one.
    pub fn at(&mut self, offset: usize) -> &OpenRules {
        while let Some(i) = self.next.take().or_else(|| self.valid.next()) {
            let start = self.all[i].covers.start;
            if start > offset {
                self.next = Some(i);
                break;
            }
            self.close(start);
            self.open.push(i);
            for (_, word) in &self.all[i].rules {
                let rule = self.known.iter().find(|rule| rule.is_called(word));
                let one = rule.map(|rule| (rule.id, i)).filter(|one| !self.rules.0.contains(one));
                self.rules.0.extend(one);
            }
        }
        self.close(offset);
        &self.rules
    }

    /// Leaves what does not cover an offset.
    fn close(&mut self, offset: usize) {
        while let Some(i) = self.open.pop_if(|i| self.all[*i].covers.end <= offset) {
            self.rules.0.retain(|(_, comment)| *comment != i);
        }
    }
}

/// Reads lines in order.
#[derive(Default)]
struct Reader {
    all: Vec<Suppression>,
    /// The comments that wait for the next entry.
    waiting: Vec<usize>,
    /// The entries around the current line that comments cover, the outermost first.
    open: Vec<Entry>,
}

/// An entry that comments cover.
struct Entry {
    indent: usize,
    is_item: bool,
    comments: Vec<usize>,
}

impl Entry {
    /// Whether a line below it is a part of it. The items of a list may be as far to the left as its key.
    fn has(&self, line: &str) -> bool {
        let indent = indent(line);
        indent > self.indent || (indent == self.indent && !self.is_item && is_item(line))
    }
}

impl Reader {
    fn line(&mut self, text: &str, range: Range<usize>) {
        let line = &text[range.clone()];
        let first = self.all.len();
        for mark in memmem::find_iter(line.as_bytes(), MARK.as_bytes()) {
            self.all.extend(read(text, &range, range.start + mark));
        }
        // A comment that covers the whole file waits for nothing.
        let own = (first..self.all.len()).filter(|i| self.all[*i].covers.is_empty());
        if is_marker(line) {
            let own: Vec<usize> = own.collect();
            while self.close(range.start) {}
            self.waiting.clear();
            own.into_iter().for_each(|i| self.all[i].covers = range.clone());
            return;
        }
        self.waiting.extend(own);
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            return;
        }
        while self.open.last().is_some_and(|entry| !entry.has(line)) {
            self.close(range.start);
        }
        if !self.waiting.is_empty() {
            let comments = core::mem::take(&mut self.waiting);
            comments.iter().for_each(|i| self.all[*i].covers.start = range.start);
            self.open.push(Entry { indent: indent(line), is_item: is_item(line), comments });
        }
    }

    /// Ends the innermost entry. Returns whether there was one.
    fn close(&mut self, end: usize) -> bool {
        let Some(entry) = self.open.pop() else { return false };
        entry.comments.into_iter().for_each(|i| self.all[i].covers.end = end);
        true
    }
}

/// Reads the comment with a mark at this offset of a line; `None` if the mark does not begin a comment. What it covers is known
/// only if that is the whole file.
fn read(text: &str, line: &Range<usize>, mark: usize) -> Option<Suppression> {
    let before = text[line.start..mark].trim_end_matches([' ', '\t']).strip_suffix('#')?;
    if !before.is_empty() && !before.ends_with([' ', '\t']) {
        return None;
    }
    let range = line.start + before.len()..line.end;
    let body = text[mark + MARK.len()..line.end].trim_start();
    let mut found =
        Suppression { range, rules: Vec::new(), has_reason: false, malformed: None, covers: 0..0 };
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
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    for word in rules.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let at = offset(word);
        found.rules.push((at..at + word.len(), word.to_owned()));
    }
    if found.rules.is_empty() {
        found.malformed = Some("no id of a rule between the brackets: write `ignore[RULE] reason`");
    }
    // Letters of every script are not ASCII.
    found.has_reason = reason.bytes().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    Some(found)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_item(line: &str) -> bool {
    line.trim_start().starts_with("- ") || line.trim() == "-"
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
    fn comments_cover_entries_inside_each_other() {
        let text = "\u{feff}# calico-ipv6: ignore[A] why\n# calico-ipv6: ignore[B] why\na:\n  # calico-ipv6: ignore[C] why\n  - b\n  - c\nd: e\n";
        let entry = "a:\n  # calico-ipv6: ignore[C] why\n  - b\n  - c\n";
        assert_eq!(covered(text), [entry, entry, "  - b\n"]);
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
