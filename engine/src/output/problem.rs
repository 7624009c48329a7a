//! Explains why a source cannot be read.

use crate::cidr::grouped;
use crate::model::InputError;
use crate::source::{line_end, line_start, next_line};
use core::ops::Range;

/// What is wrong with a source, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A message of one line.
    pub message: String,
    /// Bytes of the source; `None` if it is about the whole source.
    pub range: Option<Range<usize>>,
    /// A short text for the location.
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
            message: format!("the file has {} bytes; the limit is 64 MiB", grouped(*bytes as u128)),
            range: None,
            label: String::new(),
            help: "split the file into several files between its documents",
        },
        InputError::NotYaml(error) => match tab_near(text, error.offset.min(text.len())) {
            Some(offset) => at(
                offset,
                "not YAML",
                "a tab is used for indentation".to_owned(),
                "indent with spaces: YAML does not allow tabs here",
            ),
            None => at(
                error.offset,
                "not YAML",
                error.message.clone(),
                "correct the syntax; if a tool renders this file, pass the rendered output",
            ),
        },
        InputError::Template(offset) => at(
            *offset,
            "calico-node or its configuration is a template that is not rendered",
            "template expression".to_owned(),
            "render it first (helm template, kustomize build) and pass the output",
        ),
        InputError::TooMany(limit, offset) => {
            at(*offset, &limit.to_string(), "the first one above the limit".to_owned(), limit.help())
        }
    }
}

/// A tab that indents the line of an error or the next one. The parser's own message does not mention it.
fn tab_near(text: &str, offset: usize) -> Option<usize> {
    let first = |start: usize| start + text[start..].len() - text[start..].trim_start_matches(' ').len();
    let tabs = |start: &usize| text[*start..].starts_with('\t');
    [line_start(text, offset), next_line(text, offset)].into_iter().map(first).find(tabs)
}
