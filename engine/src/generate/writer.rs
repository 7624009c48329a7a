//! Plain text of YAML, line by line, with comments above lines.

use crate::yaml::scalar::may_stay_plain;

/// A text that grows.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    text: String,
    /// How far the lines stand in.
    indent: usize,
}

/// How long a line of a comment may be, with its indentation.
const WIDTH: usize = 110;

impl Sheet {
    /// The same, with every line that much further in.
    pub(super) fn at(indent: usize) -> Sheet {
        Sheet { text: String::new(), indent }
    }

    /// Lines as they are, one or several.
    pub(super) fn lines(&mut self, lines: &str) -> &mut Sheet {
        for line in lines.lines() {
            self.text.push_str(&" ".repeat(if line.is_empty() { 0 } else { self.indent }));
            self.text.push_str(line);
            self.text.push('\n');
        }
        self
    }

    /// A comment, broken where it is long; nothing where it is empty.
    pub(super) fn comment(&mut self, column: usize, words: &str) -> &mut Sheet {
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

    /// A key with a text.
    pub(super) fn entry(&mut self, column: usize, key: &str, value: &str) -> &mut Sheet {
        self.lines(&format!("{}{key}: {}", " ".repeat(column), scalar(value)))
    }

    pub(super) fn done(self) -> String {
        self.text
    }
}

/// A text as YAML.
pub(super) fn scalar(text: &str) -> String {
    if may_stay_plain(text, false) { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// Ranges or addresses with commas between them.
pub(super) fn list<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// The same words as a sentence of a comment.
pub(super) fn sentence(words: &str) -> String {
    // The names of programs stay as they are.
    let is_name = words.split(' ').next().is_some_and(|word| word.contains('-'));
    let mut chars = words.chars();
    match chars.next() {
        Some(first) if !is_name => first.to_uppercase().chain(chars).collect::<String>() + ".",
        Some(_) => format!("{words}."),
        None => String::new(),
    }
}
