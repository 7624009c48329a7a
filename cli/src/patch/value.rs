//! A node of YAML as a value, and a value as YAML.

use calico_ipv6_engine::output::escape::is_hidden;
use calico_ipv6_engine::yaml::scalar::write;
use calico_ipv6_engine::yaml::{Kind, NodeId, Style, Tree};

/// A value of an object or of a patch.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A text, and whether YAML reads it as a string: a number, a boolean or null is none.
    Scalar { text: String, is_string: bool },
    /// A sequence.
    List(Vec<Value>),
    /// A mapping in the order of the file.
    Map(Vec<(String, Value)>),
    /// `*name`: it is not resolved.
    Alias(String),
}

/// The order of keys has no meaning.
impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (
                Value::Scalar { text, is_string },
                Value::Scalar { text: other, is_string: other_is_string },
            ) => text == other && is_string == other_is_string,
            (Value::List(items), Value::List(others)) => items == others,
            (Value::Map(entries), Value::Map(others)) => {
                entries.len() == others.len()
                    && entries.iter().all(|(key, value)| other.get(key) == Some(value))
            }
            (Value::Alias(name), Value::Alias(other)) => name == other,
            _ => false,
        }
    }
}

impl Value {
    /// A string.
    pub(super) fn string(text: impl Into<String>) -> Value {
        Value::Scalar { text: text.into(), is_string: true }
    }

    /// `null`.
    pub(super) fn null() -> Value {
        Value::Scalar { text: "null".to_owned(), is_string: false }
    }

    /// The value of a node.
    pub(super) fn of(tree: &Tree<'_>, node: NodeId) -> Value {
        match tree.kind(node) {
            Kind::Scalar(_) => Value::Scalar {
                text: tree.scalar(node).unwrap_or_default().to_owned(),
                is_string: tree.string(node).is_some(),
            },
            Kind::Sequence => Value::List(tree.items(node).map(|item| Value::of(tree, item)).collect()),
            Kind::Mapping => {
                let entry = |(key, value): (NodeId, NodeId)| {
                    (tree.scalar(key).unwrap_or_default().to_owned(), Value::of(tree, value))
                };
                Value::Map(tree.entries(node).map(entry).collect())
            }
            Kind::Alias => Value::Alias(tree.text()[tree.range(node)].to_owned()),
        }
    }

    /// The value of a key of a mapping.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let Value::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Its text, if it is a string.
    pub(super) fn as_string(&self) -> Option<&str> {
        match self {
            Value::Scalar { text, is_string: true } => Some(text),
            _ => None,
        }
    }

    /// Whether it or something in it is such a value.
    pub(super) fn any(&self, is_it: &impl Fn(&Value) -> bool) -> bool {
        is_it(self)
            || match self {
                Value::List(items) => items.iter().any(|item| item.any(is_it)),
                Value::Map(entries) => entries.iter().any(|(_, value)| value.any(is_it)),
                _ => false,
            }
    }

    /// Whether the last scalar in it ends with a line break.
    pub(super) fn ends_with_break(&self) -> bool {
        match self {
            Value::Scalar { text, is_string } => *is_string && text.ends_with('\n'),
            Value::List(items) => items.last().is_some_and(Value::ends_with_break),
            Value::Map(entries) => entries.last().is_some_and(|(_, value)| value.ends_with_break()),
            Value::Alias(_) => false,
        }
    }

    /// Its lines as YAML in block style.
    pub(super) fn lines(&self) -> Vec<String> {
        match self {
            Value::Scalar { text, is_string } => scalar(text, *is_string),
            Value::Alias(text) => vec![text.clone()],
            Value::List(items) if items.is_empty() => vec!["[]".to_owned()],
            Value::Map(entries) if entries.is_empty() => vec!["{}".to_owned()],
            Value::List(items) => items.iter().flat_map(|item| indented(item.lines(), "- ", "  ")).collect(),
            Value::Map(entries) => entries.iter().flat_map(|(key, value)| entry(key, value)).collect(),
        }
    }
}

/// A key with its value.
fn entry(key: &str, value: &Value) -> Vec<String> {
    let key = write(key, Style::Plain, false);
    let lines = value.lines();
    match value {
        Value::Map(entries) if !entries.is_empty() => {
            let mut all = vec![format!("{key}:")];
            all.extend(indented(lines, "  ", "  "));
            all
        }
        Value::List(items) if !items.is_empty() => {
            let mut all = vec![format!("{key}:")];
            all.extend(lines);
            all
        }
        // The lines of a block scalar follow its header, one step deeper than the key.
        _ => indented(lines, &format!("{key}: "), "  "),
    }
}

/// Lines below an indentation; an empty line stays empty.
fn indented(lines: Vec<String>, first: &str, rest: &str) -> Vec<String> {
    let line = |(i, line): (usize, String)| match i {
        0 => format!("{first}{line}"),
        _ if line.is_empty() => line,
        _ => format!("{rest}{line}"),
    };
    lines.into_iter().enumerate().map(line).collect()
}

/// A scalar: several lines as a block, so that a person can read them.
fn scalar(text: &str, is_string: bool) -> Vec<String> {
    if !is_string {
        return vec![text.to_owned()];
    }
    if fits_block(text) {
        return block(text);
    }
    let style = if text.contains('"') { Style::SingleQuoted } else { Style::Plain };
    vec![write(text, style, false)]
}

/// Whether a block scalar keeps the text as it is, without an indicator of its indentation.
fn fits_block(text: &str) -> bool {
    let is_blank = |line: &str| !line.is_empty() && line.trim_matches([' ', '\t']).is_empty();
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !text.contains(|c: char| is_hidden(c) && !matches!(c, '\n' | '\t'))
        && !text.split('\n').any(is_blank)
}

/// A text as a literal block scalar.
pub(super) fn block(text: &str) -> Vec<String> {
    let content = text.trim_end_matches('\n');
    let (header, breaks) = match text.len() - content.len() {
        0 => ("|-", 0),
        1 => ("|", 0),
        more => ("|+", more - 1),
    };
    let mut lines = vec![header.to_owned()];
    lines.extend(content.split('\n').map(str::to_owned));
    lines.extend(core::iter::repeat_n(String::new(), breaks));
    lines
}

#[cfg(test)]
mod tests {
    use super::Value;
    use calico_ipv6_engine::yaml::parse;

    fn value(text: &str) -> Value {
        let tree = parse(text, 0..text.len()).unwrap();
        Value::of(&tree, tree.root().unwrap())
    }

    #[test]
    fn what_is_written_is_read_as_the_same_value() {
        let texts = [
            "a: 'true'\nb: true\nc: ~\nd: '1'\ne: 1\nf: fd00::/56\n",
            "a: []\nb: {}\nc: [[1, [2]], {x: {y: []}}]\n",
            "a: |\n  x\n\n   y\n  z: \"w\"\nb: |-\n  x\n  y\nc: |+\n  x\n  y\n\n\n",
            "a: \"x\\r\\ny\"\nb: \"  x\\ny\"\nc: \"x\\n \\ny\"\nd: \"\\nx\\ny\"\ne: \"a\\x1b\"\nf: \"\\n\"\n",
            "a: '{\"type\": \"calico\", \"it''s\": 1}'\n\"a b/c: d\": '*x'\n\"\": '- y'\n",
            "- name: x\n  list:\n  - a: |\n      1\n      2\n    b: 3\n  - - 4\n    - 5\n",
        ];
        for text in texts {
            let before = value(text);
            let written = before.lines().join("\n") + "\n";
            assert_eq!(value(&written), before, "{written}");
        }
    }

    #[test]
    fn the_order_of_keys_has_no_meaning_and_quotes_have() {
        assert_eq!(value("{a: 1, b: 2}"), value("b: 2\na: 1"));
        assert_ne!(value("{a: 1}"), value("{a: '1'}"));
        assert_ne!(value("[1, 2]"), value("[2, 1]"));
        assert_eq!(value("{a: x}"), value("{a: \"x\"}"));
    }
}
