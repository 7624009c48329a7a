//! Comments that are items in waiting, or that a change makes untrue.

use super::place::Lower;
use super::{CommentedItem, Edit, Refusal, Value};
use crate::source::{line_break_near, line_end, line_start, next_line};
use crate::yaml::tree::{Kind, NodeId, Tree};
use core::ops::Range;

/// The commented-out item of the block sequence `sequence` whose `key` is `value`.
#[must_use]
pub fn commented_item(tree: &Tree<'_>, sequence: NodeId, key: &str, value: &str) -> Option<CommentedItem> {
    if tree.is_flow(sequence) || tree.kind(sequence) != Kind::Sequence {
        return None;
    }
    let lower = Lower { tree, text: tree.text() };
    let mut after = None;
    let mut gap_start = line_start(tree.text(), tree.range(sequence).start);
    // Comments above the first item belong to the sequence when they stand below its key.
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
        if let Some(range) = commented_pair(tree.text(), gap_start..gap_end.max(gap_start), key, value) {
            return Some(CommentedItem { range, after });
        }
        let item = item?;
        after = Some(item);
        gap_start = lower.end_of_lines(item);
    }
}

/// The end of the comment and blank lines that begin at `start`.
fn end_of_comments(text: &str, start: usize) -> usize {
    let mut at = start;
    while at < text.len() {
        let line = text[at..line_end(text, at)].trim();
        if !line.is_empty() && !line.starts_with('#') {
            break;
        }
        at = next_line(text, at);
    }
    at
}

/// The lines `# - key: value` and, deeper, those of the same commented-out item, within the comment lines of `gap`.
fn commented_pair(text: &str, gap: Range<usize>, key: &str, value: &str) -> Option<Range<usize>> {
    let mut at = gap.start;
    while at < gap.end {
        let end = line_end(text, at);
        if let Some(dash) = commented_content(&text[at..end])
            && let Some(pair) = dash.content.strip_prefix("- ")
            && let Some((k, v)) = pair.trim().split_once(':')
            && k.trim() == key
            && v.trim().trim_matches(['"', '\'']) == value
        {
            let (start, mut last) = (at, end);
            let mut next = next_line(text, at);
            while next < gap.end {
                let end = line_end(text, next);
                match commented_content(&text[next..end]) {
                    Some(line)
                        if line.hash == dash.hash
                            && line.column > dash.column
                            && line.content.contains(':') =>
                    {
                        last = end;
                    }
                    _ => break,
                }
                next = next_line(text, next);
            }
            return Some(start..last);
        }
        at = next_line(text, at);
    }
    None
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
