//! Why a source cannot be read, for people.

use crate::model::InputError;
use crate::source::{line_end, line_start, next_line};
use core::ops::Range;

/// What is wrong with a source, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is, one line.
    pub message: String,
    /// Bytes of the source; none where it is about the whole of it.
    pub range: Option<Range<usize>>,
    /// What the place shows, in few words.
    pub label: String,
    /// What to do.
    pub help: &'static str,
}

/// Explains an error of reading `text`.
#[must_use]
pub fn problem(text: &str, error: &InputError) -> Problem {
    let at = |offset: usize, message: &str, label: String, help| {
        let offset = offset.min(text.len());
        let end = (offset + 1).min(line_end(text, offset)).max(offset);
        Problem { message: message.to_owned(), range: Some(offset..end), label, help }
    };
    match error {
        InputError::TooLarge(bytes) => Problem {
            message: format!("{bytes} bytes is more than 64 MiB"),
            range: None,
            label: String::new(),
            help: "split it at its documents",
        },
        InputError::NotYaml(error) => match tab_near(text, error.offset.min(text.len())) {
            Some(offset) => at(
                offset,
                "not YAML",
                "a tab as indentation".to_owned(),
                "indent with spaces: YAML takes no tabs there",
            ),
            None => at(
                error.offset,
                "not YAML",
                error.message.clone(),
                "correct it, or give the output of the tool that renders it",
            ),
        },
        InputError::Template(offset) => at(
            *offset,
            "a template stands where calico-node or its configuration should",
            "not rendered yet".to_owned(),
            "render it first (helm template, kustomize build) and give the output",
        ),
    }
}

/// A tab that indents the line of an error or the next one: what a parser then says of it helps nobody.
fn tab_near(text: &str, offset: usize) -> Option<usize> {
    let first = |start: usize| start + text[start..].len() - text[start..].trim_start_matches(' ').len();
    let tabs = |start: &usize| text[*start..].starts_with('\t');
    [line_start(text, offset), next_line(text, offset)].into_iter().map(first).find(tabs)
}
