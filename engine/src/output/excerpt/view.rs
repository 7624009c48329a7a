//! What is shown of a line: all of it, or of a long line and of flow style only the item around the finding.

use super::{Excerpts, is_addresses};
use crate::output::escape::escaped;
use crate::output::secrets::MASK;
use crate::source::{floor_boundary, line_end, line_start};
use core::ops::Range;

/// How many bytes around a finding are read, so that a very long line is not slow.
const REACH: usize = 4 * 1024;

/// The length of a line, in bytes, from which only the finding's own words are shown.
const LONG: usize = 160;

/// What is shown of a line. All ranges are bytes of the text.
pub(super) struct View {
    /// The line, or the part of it that is read.
    pub(super) line: Range<usize>,
    pub(super) is_whole: bool,
    /// The end of the key that the line begins with, which is always shown.
    pub(super) key: usize,
    /// The item around the finding.
    pub(super) shown: Range<usize>,
    /// The finding. A secret is in it or outside of it, never both.
    pub(super) marked: Range<usize>,
    pub(super) secrets: Vec<Range<usize>>,
}

impl View {
    pub(super) fn new(of: &Excerpts<'_>, range: &Range<usize>) -> View {
        let text = of.text;
        let start = floor_boundary(text, range.start);
        let Near { line, has_begin, has_end } = Near::new(text, start);
        let mut marked = start..floor_boundary(text, range.end.clamp(start, line.end));
        let (key, mut shown) = own_item(text, &line, has_begin, &marked);
        // Of a collection its begin is enough.
        let first = text[marked.clone()].find(',').filter(|_| text[marked.clone()].starts_with(['{', '[']));
        let length = first.or((marked.len() > LONG && shown != line).then_some(LONG));
        if let Some(length) = length {
            marked.end = floor_boundary(text, marked.start + length);
            shown.end = marked.end;
        }
        let is_whole = has_begin && has_end;
        // An address or a range is never a secret.
        let content = text[line.clone()].trim().trim_start_matches("- ").trim_matches(['"', '\'']);
        if !is_addresses(content) && of.document(start).hides(start) {
            let content = line.end - text[line.clone()].trim_start().len();
            let all = content..line.end;
            let (shown, marked) = (all.clone(), all.clone());
            return View { line, is_whole, key: content, shown, marked, secrets: vec![all] };
        }
        let secrets = of.secrets_of(&line);
        // A secret that the finding is a part of is marked as a whole.
        for secret in &secrets {
            if secret.start < marked.end.max(marked.start + 1) && secret.end > marked.start {
                marked =
                    secret.start.min(marked.start).max(line.start)..secret.end.max(marked.end).min(line.end);
            }
        }
        let shown = shown.start.min(marked.start)..shown.end.max(marked.end);
        View { key: key.min(marked.start), line, is_whole, shown, marked, secrets }
    }

    /// A part of the line, safe to show. The renderer shows a tab as spaces.
    pub(super) fn piece(&self, text: &str, range: Range<usize>) -> String {
        let mut out = String::new();
        let mut at = range.start;
        for secret in &self.secrets {
            let secret = secret.start.max(at)..secret.end.min(range.end);
            if secret.start < secret.end {
                out.push_str(&escaped(&text[at..secret.start]));
                out.push_str(MASK);
                at = secret.end;
            }
        }
        out.push_str(&escaped(&text[at..range.end]));
        out.replace("\\t", "\t")
    }
}

/// The line that holds an offset, as far as it is within reach.
struct Near {
    line: Range<usize>,
    has_begin: bool,
    has_end: bool,
}

impl Near {
    fn new(text: &str, offset: usize) -> Near {
        let reach = floor_boundary(text, offset.saturating_sub(REACH))..floor_boundary(text, offset + REACH);
        let near = &text[reach.clone()];
        let start = reach.start + line_start(near, offset - reach.start);
        let end = reach.start + line_end(near, offset - reach.start);
        Near {
            line: start..end,
            has_begin: start != reach.start || start == 0 || text[..start].ends_with(['\n', '\r']),
            has_end: end != reach.end || end == text.len() || text[end..].starts_with(['\n', '\r']),
        }
    }
}

/// The end of the key of a line, and the item around `marked`: an entry of a mapping or of a list, or words.
fn own_item(
    text: &str,
    line: &Range<usize>,
    has_begin: bool,
    marked: &Range<usize>,
) -> (usize, Range<usize>) {
    let content = &text[line.clone()];
    let is_flow = content.contains(['{', '[']);
    if !is_flow && content.len() <= LONG {
        return (line.start, line.clone());
    }
    // Without its begin, its first words are any words.
    let key = if has_begin { (line.start + key_length(content)).min(marked.start) } else { line.start };
    let mut shown = key..line.end;
    if is_flow {
        shown = entry(text, &shown, marked);
        let outside = &text[key..shown.start];
        // `{name: IP, value: autodetect}` is one setting.
        if is_key(&text[shown.start..marked.start], "value")
            && let Some(name) = outside.trim_end().strip_suffix(',')
        {
            let before = entry(text, &(key..key + name.len()), &(key + name.len()..key + name.len()));
            if is_key(&text[before.clone()], "name") {
                shown.start = before.start;
            }
        }
    }
    if shown.len() > LONG {
        shown = words(text, &shown, marked);
    }
    let is_punctuation = |part: &str| part.trim_matches(|c: char| "{}[]\"'\\, ".contains(c)).is_empty();
    if is_punctuation(&text[key..shown.start]) {
        shown.start = key;
    }
    if is_punctuation(&text[shown.end..line.end]) {
        shown.end = line.end;
    }
    (key, shown)
}

/// The length of `  - name: ` at the beginning of a line, without the name if there is none.
fn key_length(line: &str) -> usize {
    let start = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '"' | '\'');
    let rest = line[start..].trim_start_matches(is_name);
    match rest.strip_prefix(": ") {
        Some(value) if rest.len() < line.len() - start => line.len() - value.len(),
        _ => start,
    }
}

/// Whether an entry of a mapping begins with this key.
fn is_key(entry: &str, key: &str) -> bool {
    let entry = entry.trim_start_matches([' ', '"', '\'', '\\']);
    entry
        .strip_prefix(key)
        .is_some_and(|rest| rest.trim_start_matches(['"', '\'', '\\', ' ']).starts_with(':'))
}

/// What stands between commas and brackets. Escaped line breaks separate as well: in a string, each line may be another setting.
fn entry(text: &str, within: &Range<usize>, marked: &Range<usize>) -> Range<usize> {
    let ends = ['{', '}', '[', ']', ','];
    let (before, after) = (&text[within.start..marked.start], &text[marked.end..within.end]);
    let start = before.rfind(ends).map_or(0, |i| i + 1).max(before.rfind("\\n").map_or(0, |i| i + 2));
    let end = after.find(ends).unwrap_or(after.len()).min(after.find("\\n").unwrap_or(after.len()));
    let start = within.start + start;
    let blank = text[start..marked.start].len() - text[start..marked.start].trim_start().len();
    start + blank..marked.end + after[..end].trim_end().len()
}

/// The words that `marked` is in, with the flag before them.
fn words(text: &str, within: &Range<usize>, marked: &Range<usize>) -> Range<usize> {
    let is_space = |c: char| c.is_ascii_whitespace();
    let before = &text[within.start..marked.start];
    let own = before.rfind(is_space).map_or(0, |i| i + 1);
    let previous = before[..own].trim_end();
    let flag = previous.rfind(is_space).map_or(0, |i| i + 1);
    let start = if previous[flag..].starts_with('-') { flag } else { own };
    let after = &text[marked.end..within.end];
    let end = after.find(is_space).unwrap_or(after.len());
    let near = |at: usize| floor_boundary(text, at);
    let start = (within.start + start).max(near(marked.start.saturating_sub(LONG / 2)));
    start..(marked.end + end).min(near(marked.end + LONG / 2))
}
