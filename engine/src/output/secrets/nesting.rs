//! Secrets that stand above a line: the mapping that holds it is the value of a secret, or the data of a Secret.
//!
//! A block of YAML, and JSON in several lines, show by their indentation what holds what.

use super::names::is_secret_name;
use crate::source::{lines, next_line};
use core::ops::Range;

/// A line: where its first character stands, and its first key behind the dashes of list items.
struct Line<'t> {
    indentation: usize,
    key_column: usize,
    content: &'t str,
}

impl<'t> Line<'t> {
    fn read(text: &'t str, range: Range<usize>) -> Line<'t> {
        let line = &text[range];
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        let mut content = line[indentation..].trim_end();
        let mut key_column = indentation;
        while let Some(item) = content.strip_prefix("- ").or_else(|| (content == "-").then_some("")) {
            let rest = item.trim_start();
            key_column += content.len() - rest.len();
            content = rest;
        }
        Line { indentation, key_column, content }
    }

    fn is_item(&self) -> bool {
        self.key_column > self.indentation
    }

    /// A comment may stand in any column.
    fn is_blank(&self) -> bool {
        (self.content.is_empty() && !self.is_item()) || self.content.starts_with('#')
    }

    fn ends_document(&self) -> bool {
        self.indentation == 0 && (self.content.starts_with("---") || self.content.starts_with("..."))
    }

    fn key(&self) -> &'t str {
        let key = self.content.trim_start_matches(['{', '[', '?', ' ']);
        let quote = |c: char| matches!(c, '"' | '\'' | '\\');
        let end = match key.find(|c: char| !quote(c)) {
            // A key in quotes may contain anything.
            Some(first) if first > 0 => key[first..].find(quote).map_or(key.len(), |end| first + end),
            _ => key.find([':', '=', ' ']).unwrap_or(key.len()),
        };
        key[..end].trim_matches(quote)
    }

    fn is_kind_secret(&self) -> bool {
        let value = self.content.split_once(':').map_or("", |(_, value)| value);
        let is_quote = |c: char| matches!(c, '"' | '\'' | '\\' | ',' | ' ' | '\t');
        self.key() == "kind"
            && value.split(" #").next().is_some_and(|value| value.trim_matches(is_quote) == "Secret")
    }
}

/// A mapping whose keys stand in one column.
#[derive(Debug)]
struct Mapping {
    column: usize,
    /// The key whose value is read: where it begins to be secret, and whether it always is.
    open: Option<(usize, Secrecy)>,
    /// The values of `data`.
    data: Vec<Range<usize>>,
    is_secret: bool,
}

#[derive(Clone, Copy, Debug)]
enum Secrecy {
    Always,
    /// If the object is a Secret.
    Data,
}

impl Mapping {
    /// Ends the value of the last key.
    fn close(&mut self, end: usize, found: &mut Vec<Range<usize>>) {
        match self.open.take() {
            Some((start, Secrecy::Always)) => found.push(start..end),
            Some((start, Secrecy::Data)) => self.data.push(start..end),
            None => {}
        }
    }

    /// Ends the mapping.
    fn end(mut self, end: usize, found: &mut Vec<Range<usize>>) {
        self.close(end, found);
        if self.is_secret {
            found.append(&mut self.data);
        }
    }
}

/// The lines that are a part of a secret by what stands above them, in order.
pub(crate) fn hidden(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Vec<Mapping> = Vec::new();
    for range in lines(text, 0..text.len()) {
        let line = Line::read(text, range.clone());
        if line.is_blank() {
            continue;
        }
        let is_inside = |mapping: &mut Mapping| line.ends_document() || mapping.column > line.indentation;
        while let Some(mapping) = open.pop_if(is_inside) {
            mapping.end(range.start, &mut found);
        }
        if line.ends_document() {
            continue;
        }
        // An item may stand in the column of the key that holds it; another key there ends the value before it.
        let is_sibling =
            !line.is_item() && open.last().is_some_and(|mapping| mapping.column == line.key_column);
        if !is_sibling {
            open.push(Mapping { column: line.key_column, open: None, data: Vec::new(), is_secret: false });
        }
        let Some(mapping) = open.last_mut() else { continue };
        mapping.close(range.start, &mut found);
        mapping.is_secret |= line.is_kind_secret();
        let key = line.key();
        mapping.open = if key == "data" {
            Some((range.start, Secrecy::Data))
        } else if key == "stringData" {
            // Only a Secret has it.
            Some((range.start, Secrecy::Always))
        } else {
            // The line of the key itself is read as words.
            is_secret_name(key).then(|| (next_line(text, range.start), Secrecy::Always))
        };
    }
    for mapping in open {
        mapping.end(text.len(), &mut found);
    }
    found.retain(|range| !range.is_empty());
    found.sort_by_key(|range| range.start);
    // What is inside of another one adds nothing.
    let mut end = 0;
    found.retain(|range| {
        let is_more = range.end > end;
        end = end.max(range.end);
        is_more
    });
    found
}

#[cfg(test)]
mod tests {
    use super::hidden;

    /// The lines that are hidden.
    fn lines_of(text: &str) -> String {
        hidden(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn the_data_of_a_secret_is_hidden() {
        for (text, wanted) in [
            ("kind: Secret\ndata:\n  a: T\n\n  b: |\n    T\ntype: x\n", "data:\n  a: T\n\n  b: |\n    T\n"),
            ("data:\n  a: T\n# x\n  b: T\nkind: Secret # x\n", "data:\n  a: T\n# x\n  b: T\n"),
            ("kind: ConfigMap\ndata:\n  a: T\n---\nkind: Secret\n", ""),
            (
                "items:\n- data:\n    a: T\n  kind: Secret\n- kind: ConfigMap\n  data: {a: b}\n",
                "- data:\n    a: T\n",
            ),
            (
                "{\n  \"kind\": \"Secret\",\n  \"data\": {\n    \"a\": \"T\"\n  }\n}\n",
                "  \"data\": {\n    \"a\": \"T\"\n",
            ),
            (
                "data:\n  x: |\n    kind: Secret\n    stringData:\n      a: T\nkind: ConfigMap\n",
                "    stringData:\n      a: T\n",
            ),
        ] {
            assert_eq!(lines_of(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_a_key_of_a_secret_holds_is_hidden() {
        for (text, wanted) in [
            ("token: |\n  T\n  a: T\nb: c\n", "  T\n  a: T\n"),
            ("tokens:\n- T\n- T\nb: c\n", "- T\n- T\n"),
            ("- password:\r\n    T\r\n  b: c", "    T\r\n"),
            ("a:\n  users:\n  - name: x\n    password: 'T\n      T'\n  b: c", "      T'\n"),
            ("server: a\nb: c\n", ""),
        ] {
            assert_eq!(lines_of(text), wanted, "{text}");
        }
    }
}
