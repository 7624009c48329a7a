//! Computes the differences of two texts as hunks of lines.

use super::escape::git_quoted;
use imara_diff::{Algorithm, Diff, InternedInput};
use std::fmt::Write as _;
use std::ops::Range;

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

/// Returns the hunks that change `old` to `new`, with `context` lines around each.
#[must_use]
pub fn hunks<'t>(old: &'t str, new: &'t str, context: usize) -> Vec<Hunk<'t>> {
    let input = InternedInput::new(old, new);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let line = |side: &[imara_diff::Token], i: usize| input.interner[side[i]];
    let changes: Vec<(Range<usize>, Range<usize>)> =
        diff.hunks().map(|h| (to_range(&h.before), to_range(&h.after))).collect();
    // Changes whose contexts touch share a hunk.
    let near = |a: &(Range<usize>, _), b: &(Range<usize>, _)| b.0.start - a.0.end <= 2 * context;
    let mut hunks = Vec::new();
    for group in changes.chunk_by(near) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let above = first.0.start.min(context);
        let mut at = first.0.start - above;
        let (old_start, new_start) = (at + 1, first.1.start - above + 1);
        let mut lines = Vec::new();
        for (removed, added) in group {
            lines.extend((at..removed.start).map(|i| Line::Context(line(&input.before, i))));
            lines.extend(removed.clone().map(|i| Line::Removed(line(&input.before, i))));
            lines.extend(added.clone().map(|i| Line::Added(line(&input.after, i))));
            at = removed.end;
        }
        let end = (last.0.end + context).min(input.before.len());
        lines.extend((at..end).map(|i| Line::Context(line(&input.before, i))));
        let old_lines = lines.iter().filter(|l| !matches!(l, Line::Added(_))).count();
        let new_lines = lines.iter().filter(|l| !matches!(l, Line::Removed(_))).count();
        // An empty side is named by the line before it.
        let old_start = old_start - usize::from(old_lines == 0);
        let new_start = new_start - usize::from(new_lines == 0);
        hunks.push(Hunk { old_start, old_lines, new_start, new_lines, lines });
    }
    hunks
}

fn to_range(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// Returns a unified diff that `git apply` and `patch -p1` accept; empty if the texts are equal. Its lines are the exact bytes
/// of the texts; only the name is quoted, as git does it.
#[must_use]
pub fn unified(name: &[u8], old: &str, new: &str) -> String {
    let hunks = hunks(old, new, 3);
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
