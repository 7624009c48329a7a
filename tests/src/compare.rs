//! Differences of two texts, found by comparing them: for texts that no edits lead to, and as a second opinion on those that do.

use calico_ipv6_engine::output::diff::{Hunk, Line};
use imara_diff::{Algorithm, BasicLineDiffPrinter, Diff, InternedInput, UnifiedDiffConfig};

fn diff(input: &InternedInput<&str>) -> Diff {
    let mut diff = Diff::compute(Algorithm::Histogram, input);
    diff.postprocess_lines(input);
    diff
}

/// A unified diff without names.
#[must_use]
pub fn compared(old: &str, new: &str) -> String {
    let input = InternedInput::new(old, new);
    let printer = BasicLineDiffPrinter(&input.interner);
    diff(&input).unified_diff(&printer, UnifiedDiffConfig::default(), &input).to_string()
}

/// How many lines are removed, and how many are added.
#[must_use]
pub fn counted(old: &str, new: &str) -> (usize, usize) {
    let diff = diff(&InternedInput::new(old, new));
    (diff.count_removals() as usize, diff.count_additions() as usize)
}

/// What `patch` makes of a text: each hunk must be where it says, and its lines must be those of the text.
///
/// # Errors
/// The first line that differs.
pub fn patched(old: &str, hunks: &[Hunk<'_>]) -> Result<String, String> {
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let mut out: Vec<&str> = Vec::with_capacity(lines.len());
    let mut at = 0;
    for hunk in hunks {
        // An empty side is named by the line before it.
        let start = |line: usize, count: usize| line - usize::from(count > 0);
        let begin = start(hunk.old_start, hunk.old_lines);
        let skipped = lines.get(at..begin).ok_or_else(|| format!("a hunk at line {}", hunk.old_start))?;
        out.extend(skipped);
        if out.len() != start(hunk.new_start, hunk.new_lines) {
            return Err(format!("the hunk of line {} is not line {}", hunk.old_start, hunk.new_start));
        }
        at = begin;
        for line in &hunk.lines {
            if let Line::Context(text) | Line::Removed(text) = line {
                if lines.get(at) != Some(text) {
                    return Err(format!("line {} is {:?} and not {text:?}", at + 1, lines.get(at)));
                }
                at += 1;
            }
            if let Line::Context(text) | Line::Added(text) = line {
                out.push(text);
            }
        }
        let sides = (at - begin, out.len() - start(hunk.new_start, hunk.new_lines));
        if sides != (hunk.old_lines, hunk.new_lines) {
            return Err(format!("the hunk of line {} has other numbers of lines", hunk.old_start));
        }
    }
    out.extend(&lines[at..]);
    Ok(out.concat())
}
