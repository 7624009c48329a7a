//! Comments that are commented-out items, or that a change makes untrue.

use super::place::Lower;
use super::together::Together;
use super::{CommentedItem, Edit, Refusal, Value};
use crate::source::{line_break_near, line_end, line_start, lines, next_line, skip_line_break};
use crate::yaml::tree::{Kind, NodeId, Tree};
use core::ops::Range;
use std::collections::BTreeSet;

/// The commented-out item of the block sequence `sequence` whose `key` is `value`.
#[must_use]
pub fn commented_item(tree: &Tree<'_>, sequence: NodeId, key: &str, value: &str) -> Option<CommentedItem> {
    commented_items(tree, sequence, key).into_iter().find(|(own, _)| own == value).map(|(_, item)| item)
}

/// The commented-out items of the block sequence `sequence` that have a `key`: its value, and the item.
#[must_use]
pub fn commented_items(tree: &Tree<'_>, sequence: NodeId, key: &str) -> Vec<(String, CommentedItem)> {
    let mut found = Vec::new();
    if tree.is_flow(sequence) || tree.kind(sequence) != Kind::Sequence {
        return found;
    }
    let together = Together::new(&[]);
    let lower = Lower { tree, text: tree.text(), together: &together };
    let mut after = None;
    let mut gap_start = line_start(tree.text(), tree.range(sequence).start);
    // Comments above the first item belong to the sequence if they are below its key.
    if let Some(key) = tree.key_of(sequence) {
        gap_start = next_line(tree.text(), tree.range(key).end);
    }
    let mut items = tree.items(sequence);
    loop {
        let item = items.next();
        let gap_end = match item {
            Some(item) => line_start(tree.text(), tree.range(item).start),
            None => end_of_comments(tree.text(), gap_start),
        };
        for (value, range) in commented_pairs(tree.text(), gap_start..gap_end.max(gap_start), key) {
            found.push((value.to_owned(), CommentedItem { range, after }));
        }
        let Some(item) = item else { return found };
        after = Some(item);
        gap_start = lower.end_of_lines(item);
    }
}

/// The end of the comment and blank lines that begin at `start`.
fn end_of_comments(text: &str, start: usize) -> usize {
    let mut at = start;
    while at < text.len() {
        let end = line_end(text, at);
        let line = text[at..end].trim_start();
        if !line.is_empty() && !line.starts_with('#') {
            break;
        }
        at = skip_line_break(text, end);
    }
    at
}

/// The lines `# - key: value` and, deeper, the `value:` or `valueFrom:` of the same commented-out item, within the comment
/// lines of `gap`: each value, and its lines. Any other line is a note, which stays.
fn commented_pairs<'t>(text: &'t str, gap: Range<usize>, key: &str) -> Vec<(&'t str, Range<usize>)> {
    let mut pairs = Vec::new();
    let mut known = BTreeSet::new();
    for line in lines(text, gap.clone()) {
        if let Some(dash) = commented_content(&text[line.clone()])
            && let Some(pair) = dash.content.strip_prefix("- ")
            && let Some((k, v)) = pair.trim().split_once(':')
            && k.trim() == key
            && known.insert(v.trim().trim_matches(['"', '\'']).to_owned())
        {
            let below = next_line(text, line.start)..gap.end;
            let end = commented_value(text, below, &dash, line.end);
            pairs.extend(end.map(|end| (v.trim().trim_matches(['"', '\'']), line.start..end)));
        }
    }
    pairs
}

/// The end of the commented-out value below the line `dash`, without a note beside it; `end` if there is no value. None if a
/// note is between the lines of the value: it would be lost.
fn commented_value(text: &str, gap: Range<usize>, dash: &CommentLine<'_>, end: usize) -> Option<usize> {
    let mut lines = lines(text, gap).map(|line| (line.clone(), commented_content(&text[line])));
    let Some((line, Some(first))) = lines.next() else { return Some(end) };
    let value = ["value:", "valueFrom:"].iter().find_map(|key| first.content.strip_prefix(key));
    let Some(value) = value.filter(|_| first.hash == dash.hash && first.column > dash.column) else {
        return Some(end);
    };
    let without_note = |line: &Range<usize>, content: &str| {
        let end = line.start + text[line.clone()].trim_end().len();
        end - (content.len() - before_note(content).len())
    };
    let mut end = without_note(&line, first.content);
    // A value on the same line is all of it. What is deeper than a closed value is a note.
    let code = before_note(value).trim();
    if !code.is_empty() && !code.starts_with(['|', '>']) {
        return Some(end);
    }
    let is_source = first.content.starts_with("valueFrom:");
    let mut has_note = first.content.len() > before_note(first.content).len();
    for (line, content) in lines {
        let Some(content) = content.filter(|c| c.hash == dash.hash && c.column > first.column) else { break };
        if is_source && !OF_SOURCE.iter().any(|key| content.content.starts_with(key)) {
            break;
        }
        if has_note {
            return None;
        }
        end = without_note(&line, content.content);
        has_note = content.content.len() > before_note(content.content).len();
    }
    Some(end)
}

/// The keys below `valueFrom:` (EnvVarSource v1 core).
const OF_SOURCE: [&str; 12] = [
    "apiVersion:",
    "configMapKeyRef:",
    "containerName:",
    "divisor:",
    "fieldPath:",
    "fieldRef:",
    "key:",
    "name:",
    "optional:",
    "resource:",
    "resourceFieldRef:",
    "secretKeyRef:",
];

/// The part of a line of YAML before ` # note`; a `#` inside quotes begins no note.
fn before_note(content: &str) -> &str {
    let mut quote = None;
    let mut previous = ' ';
    for (i, c) in content.char_indices() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) if matches!(previous, ' ' | ':' | '[' | '{' | ',') => quote = Some(c),
            ('#', None) if previous == ' ' && i > 0 => return content[..i].trim_end(),
            _ => {}
        }
        previous = c;
    }
    content
}

/// A line that is a comment.
struct CommentLine<'t> {
    /// The column of its `#`.
    hash: usize,
    /// How far its content is from the `#`.
    column: usize,
    content: &'t str,
}

fn commented_content(line: &str) -> Option<CommentLine<'_>> {
    let comment = line.trim_start().strip_prefix('#')?;
    let column = comment.len() - comment.trim_start().len();
    Some(CommentLine { hash: line.len() - comment.len() - 1, column, content: comment.trim() })
}

impl Lower<'_, '_> {
    pub(super) fn comment(&self, node: NodeId, from: &str, to: &str) -> Result<Edit, Refusal> {
        let mut begin = line_start(self.text, self.tree.range(node).start);
        while begin > 0 {
            let previous = line_start(self.text, begin - 1);
            let line = self.text[previous..begin].trim_end_matches(['\n', '\r']);
            let content = line.trim();
            if !content.starts_with('#') {
                break;
            }
            if content == from {
                let start = previous + line.find('#').unwrap_or_default();
                return Ok(Edit { range: start..start + from.len(), text: to.to_owned() });
            }
            begin = previous;
        }
        self.refuse(node, "the comment is not there")
    }

    pub(super) fn uncomment(
        &self,
        sequence: NodeId,
        comment: &CommentedItem,
        value: &Value,
    ) -> Result<Edit, Refusal> {
        let column = self.collection_column(sequence)?;
        let line_break = line_break_near(self.text, comment.range.start);
        let text = self.item_lines(sequence, column, value).join(line_break);
        Ok(Edit { range: comment.range.clone(), text })
    }
}
