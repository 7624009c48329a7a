//! Writes YAML text line by line, with comments above lines.

use crate::yaml::scalar::may_stay_plain;

/// Collects the lines of a file.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    /// The indentation of all lines.
    indent: usize,
}

/// The maximum length of a comment line, with its indentation.
const WIDTH: usize = 110;

impl Writer {
    /// Creates a writer that indents every line.
    pub(super) fn at(indent: usize) -> Writer {
        Writer { text: String::new(), indent }
    }

    /// Adds one or several lines.
    pub(super) fn lines(&mut self, lines: &str) -> &mut Writer {
        for line in lines.lines() {
            self.text.push_str(&" ".repeat(if line.is_empty() { 0 } else { self.indent }));
            self.text.push_str(line);
            self.text.push('\n');
        }
        self
    }

    /// Adds a comment, wrapped at the maximum length; nothing if it is empty.
    pub(super) fn comment(&mut self, column: usize, words: &str) -> &mut Writer {
        let pad = " ".repeat(column);
        let mut line = String::new();
        for word in words.split_whitespace() {
            if !line.is_empty() && self.indent + column + 3 + line.len() + word.len() > WIDTH {
                self.lines(&format!("{pad}# {line}"));
                line.clear();
            }
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
        if !line.is_empty() {
            self.lines(&format!("{pad}# {line}"));
        }
        self
    }

    /// Adds a key with a string.
    pub(super) fn entry(&mut self, column: usize, key: &str, value: &str) -> &mut Writer {
        self.lines(&format!("{}{key}: {}", " ".repeat(column), scalar(value)))
    }

    /// The text.
    pub(super) fn done(self) -> String {
        self.text
    }
}

/// Writes a string as a YAML scalar.
pub(super) fn scalar(text: &str) -> String {
    if may_stay_plain(text, false) { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// Joins ranges or addresses with commas.
pub(super) fn list<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Turns a text into a sentence of a comment.
pub(super) fn sentence(words: &str) -> String {
    // Names of programs are not capitalized.
    let is_name = words.split(' ').next().is_some_and(|word| word.contains('-'));
    let mut chars = words.chars();
    match chars.next() {
        Some(first) if !is_name => format!("{}{}.", first.to_ascii_uppercase(), chars.as_str()),
        Some(_) => format!("{words}."),
        None => String::new(),
    }
}
