//! The differences of two texts as hunks of lines, from the edits that were made: the texts are not compared, so that the diff
//! shows what changed, whatever is repeated elsewhere.

use super::escape::git_quoted;
use crate::yaml::write::Edit;
use core::ops::Range;
use std::fmt::Write as _;

/// Changed lines and the lines around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk<'t> {
    /// The first line of the old text, from 1; 0 if the old text is empty.
    pub old_start: usize,
    /// The number of lines of the old text.
    pub old_lines: usize,
    /// The first line of the new text.
    pub new_start: usize,
    /// The number of lines of the new text.
    pub new_lines: usize,
    /// The lines with their line breaks.
    pub lines: Vec<Line<'t>>,
}

/// A line of a hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'t> {
    /// In both texts.
    Context(&'t str),
    /// Only in the old text.
    Removed(&'t str),
    /// Only in the new text.
    Added(&'t str),
}

/// Whole lines of the old text, and the lines of the new text that take their place; in bytes.
#[derive(Clone, Debug)]
struct Change {
    old: Range<usize>,
    new: Range<usize>,
}

/// Returns the hunks that change `old` to `new`, with `context` lines around each. `edits` are sorted, do not overlap, and lead
/// from one to the other.
#[must_use]
pub fn hunks<'t>(old: &'t str, new: &'t str, edits: &[Edit], context: usize) -> Vec<Hunk<'t>> {
    let changes = changes(old, new, edits);
    // Changes whose contexts touch share a hunk.
    let near = |a: &Change, b: &Change| lines(&old[a.old.end..b.old.start]).nth(2 * context).is_none();
    let mut hunks = Vec::new();
    let (mut old_line, mut new_line, mut at) = (1, 1, 0);
    for group in changes.chunk_by(near) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let start = lines(&old[at..first.old.start]).rev().take(context).map(str::len).sum::<usize>();
        let start = first.old.start - start;
        let end = last.old.end + lines(&old[last.old.end..]).take(context).map(str::len).sum::<usize>();
        let skipped = memchr::memchr_iter(b'\n', &old.as_bytes()[at..start]).count();
        (old_line, new_line) = (old_line + skipped, new_line + skipped);
        at = start;
        let mut hunk =
            Hunk { old_start: old_line, old_lines: 0, new_start: new_line, new_lines: 0, lines: Vec::new() };
        for change in group {
            hunk.lines.extend(lines(&old[at..change.old.start]).map(Line::Context));
            hunk.lines.extend(lines(&old[change.old.clone()]).map(Line::Removed));
            hunk.lines.extend(lines(&new[change.new.clone()]).map(Line::Added));
            at = change.old.end;
        }
        hunk.lines.extend(lines(&old[at..end]).map(Line::Context));
        at = end;
        hunk.old_lines = hunk.lines.iter().filter(|l| !matches!(l, Line::Added(_))).count();
        hunk.new_lines = hunk.lines.iter().filter(|l| !matches!(l, Line::Removed(_))).count();
        (old_line, new_line) = (old_line + hunk.old_lines, new_line + hunk.new_lines);
        // An empty side is named by the line before it.
        hunk.old_start -= usize::from(hunk.old_lines == 0);
        hunk.new_start -= usize::from(hunk.new_lines == 0);
        hunks.push(hunk);
    }
    hunks
}

/// The lines of a text with their line breaks; as in git, only `\n` ends one.
fn lines(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split_inclusive('\n')
}

/// The lines that the edits change, without those at the start and the end of an edit that stay the same.
fn changes(old: &str, new: &str, edits: &[Edit]) -> Vec<Change> {
    let mut blocks: Vec<Change> = Vec::with_capacity(edits.len());
    let (mut added, mut removed) = (0, 0);
    for edit in edits {
        let new_start = edit.range.start + added - removed;
        added += edit.text.len();
        removed += edit.range.len();
        let new_end = edit.range.end + added - removed;
        // The rest of its last line belongs to it, unless whole lines take the place of whole lines.
        let begins_line = |text: &str, at: usize| at == 0 || text.as_bytes()[at - 1] == b'\n';
        let is_whole = begins_line(old, edit.range.end) && begins_line(new, new_end);
        let rest = if is_whole { 0 } else { lines(&old[edit.range.end..]).next().map_or(0, str::len) };
        let start = memchr::memrchr(b'\n', &old.as_bytes()[..edit.range.start]).map_or(0, |i| i + 1);
        match blocks.last_mut() {
            // It begins on the last line of the edit before it; at the end of a text that line may have no line break.
            Some(last) if start < last.old.end => {
                (last.old.end, last.new.end) = (edit.range.end + rest, new_end + rest);
            }
            _ => {
                let before = edit.range.start - start;
                let (old, new) = (start..edit.range.end + rest, new_start - before..new_end + rest);
                blocks.push(Change { old, new });
            }
        }
    }
    let mut changes: Vec<Change> = Vec::with_capacity(blocks.len());
    for block in blocks {
        let change = without_equal_lines(old, new, block);
        match changes.last_mut() {
            _ if change.old.is_empty() && change.new.is_empty() => {}
            Some(last) if last.old.end == change.old.start => {
                (last.old.end, last.new.end) = (change.old.end, change.new.end);
            }
            _ => changes.push(change),
        }
    }
    changes.into_iter().flat_map(|change| without_common_lines(old, new, change)).collect()
}

/// The largest table of lines that is searched for those that an edit wrote again.
const LARGEST: usize = 1 << 20;

/// The parts of a change between the lines that are in both texts: an edit may write again what it replaced.
fn without_common_lines(old: &str, new: &str, change: Change) -> Vec<Change> {
    let before: Vec<&str> = lines(&old[change.old.clone()]).collect();
    let after: Vec<&str> = lines(&new[change.new.clone()]).collect();
    let width = after.len() + 1;
    if before.is_empty() || after.is_empty() || (before.len() + 1) * width > LARGEST {
        return vec![change];
    }
    // How many lines are common below each pair.
    let mut common = vec![0_u32; (before.len() + 1) * width];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            common[i * width + j] = if before[i] == after[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut parts = Vec::new();
    let mut part = change.old.start..change.old.start;
    let mut new_part = change.new.start..change.new.start;
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            parts.push(Change { old: part.clone(), new: new_part.clone() });
            part = part.end + before[i].len()..part.end + before[i].len();
            new_part = new_part.end + after[j].len()..new_part.end + after[j].len();
            (i, j) = (i + 1, j + 1);
        } else if j == after.len()
            || (i < before.len() && common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            part.end += before[i].len();
            i += 1;
        } else {
            new_part.end += after[j].len();
            j += 1;
        }
    }
    parts.push(Change { old: part, new: new_part });
    parts.retain(|part| !part.old.is_empty() || !part.new.is_empty());
    parts
}

/// A change without the lines at its start and at its end that are the same in both texts.
fn without_equal_lines(old: &str, new: &str, mut change: Change) -> Change {
    let (before, after) = (&old[change.old.clone()], &new[change.new.clone()]);
    let length = |(line, _): (&str, &str)| line.len();
    let same = |(line, other): &(&str, &str)| line == other;
    let head: usize = lines(before).zip(lines(after)).take_while(same).map(length).sum();
    let (before, after) = (&before[head..], &after[head..]);
    let tail: usize = lines(before).rev().zip(lines(after).rev()).take_while(same).map(length).sum();
    (change.old.start, change.new.start) = (change.old.start + head, change.new.start + head);
    (change.old.end, change.new.end) = (change.old.end - tail, change.new.end - tail);
    change
}

/// Returns a unified diff that `git apply` and `patch -p1` accept; empty if nothing changed. Its lines are the exact bytes of the
/// texts; only the name is quoted, as git does it.
#[must_use]
pub fn unified(name: &[u8], old: &str, new: &str, edits: &[Edit]) -> String {
    let hunks = hunks(old, new, edits, 3);
    let mut out = String::new();
    if hunks.is_empty() {
        return out;
    }
    let name = name.strip_prefix(b"./").unwrap_or(name);
    let is_whole = name.starts_with(b"/") || name.starts_with(b"<");
    for (sign, side) in [("---", "a/"), ("+++", "b/")] {
        let name = if is_whole { name.to_vec() } else { [side.as_bytes(), name].concat() };
        // A name with a space ends at a tab.
        let end = if name.contains(&b' ') { "\t" } else { "" };
        let _ = writeln!(out, "{sign} {}{end}", git_quoted(&name));
    }
    for hunk in hunks {
        let span = |start, lines| if lines == 1 { format!("{start}") } else { format!("{start},{lines}") };
        let _ = writeln!(
            out,
            "@@ -{} +{} @@",
            span(hunk.old_start, hunk.old_lines),
            span(hunk.new_start, hunk.new_lines)
        );
        for line in hunk.lines {
            let (sign, text) = match line {
                Line::Context(text) => (' ', text),
                Line::Removed(text) => ('-', text),
                Line::Added(text) => ('+', text),
            };
            out.push(sign);
            out.push_str(text);
            if !text.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    out
}
