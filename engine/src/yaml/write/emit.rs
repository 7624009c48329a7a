//! Writes new content as text, in the style of its neighbours.

use super::Value;
use super::place::Lower;
use crate::yaml::scalar;
use crate::yaml::tree::{Kind, NodeId, Style};

/// How a flow collection is laid out.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// What is between a key and its value.
    pub(super) colon: String,
    /// For members on lines of their own: what precedes an inner entry, and what precedes the closing bracket.
    pub(super) lines: Option<(String, String)>,
}

impl Default for Layout {
    fn default() -> Self {
        Layout { colon: ": ".to_owned(), lines: None }
    }
}

impl Lower<'_, '_> {
    /// The style of the value of the same key in a sibling item, or of another value of the same mapping.
    pub(super) fn sibling_style(&self, node: NodeId) -> Option<Style> {
        let key = self.tree.scalar(self.tree.key_of(node)?)?;
        let item = self.tree.parent(node)?;
        let sequence = self.tree.parent(item).filter(|s| self.tree.kind(*s) == Kind::Sequence)?;
        self.style_in(sequence, key)
    }

    /// How the items of `sequence` write the value of `key`: as the first quoted one, else as the first.
    pub(super) fn style_in(&self, sequence: NodeId, key: &str) -> Option<Style> {
        let styles = || {
            self.tree.items(sequence).filter_map(|item| match self.tree.kind(self.tree.get(item, key)?) {
                Kind::Scalar(style @ (Style::Plain | Style::SingleQuoted | Style::DoubleQuoted)) => {
                    Some(style)
                }
                _ => None,
            })
        };
        styles().find(|s| *s != Style::Plain).filter(|_| key != "name").or_else(|| styles().next())
    }

    /// `text` in place of a plain scalar: plain if it may be, else in the quotes of this document.
    pub(super) fn plain(&self, text: &str, flow: bool) -> String {
        if scalar::may_stay_plain(text, flow) {
            return text.to_owned();
        }
        scalar::write(text, self.quotes(), flow)
    }

    /// The quotes that this document uses by choice: those of the first scalar that has them without a need. Single ones
    /// if there is no such scalar, as Kubernetes' own writer uses.
    fn quotes(&self) -> Style {
        *self.together.quotes.get_or_init(|| {
            let mut styles = self.tree.scalars().filter_map(|(style, text)| match style {
                Style::SingleQuoted | Style::DoubleQuoted if scalar::may_stay_plain(text, false) => {
                    Some(style)
                }
                _ => None,
            });
            styles.next().unwrap_or(Style::SingleQuoted)
        })
    }

    pub(super) fn scalar(&self, value: &Value, style: Style, flow: bool) -> String {
        match value {
            Value::String(text) if self.tree.is_json() => scalar::double_quoted(text),
            Value::String(text) => scalar::write(text, style, flow),
            Value::Word(word) => word.clone(),
            Value::Map(_) | Value::Seq(_) => String::new(),
        }
    }

    /// Whether JSON is what the user writes at `node`: the keys in it, or else around it, are between quotes.
    pub(super) fn writes_json(&self, node: NodeId) -> bool {
        let around = core::iter::successors(Some(node), |n| self.tree.parent(*n))
            .take_while(|n| self.tree.is_flow(*n) || *n == node);
        self.tree.is_json() || around.filter(|n| self.tree.is_flow(*n)).any(|n| self.quotes_keys(n))
    }

    /// Whether the first key of a mapping in `collection` is between quotes.
    fn quotes_keys(&self, collection: NodeId) -> bool {
        let first = match self.tree.kind(collection) {
            Kind::Mapping => self.tree.children(collection).next(),
            _ => self.tree.items(collection).find_map(|item| self.tree.children(item).next()),
        };
        first.is_some_and(|key| self.tree.kind(key) != Kind::Scalar(Style::Plain))
    }

    /// How the members beside a new one are laid out: spaces after colons, one line or several.
    pub(super) fn layout(&self, first: NodeId) -> Layout {
        let mut around = core::iter::successors(Some(first), |n| self.tree.parent(*n))
            .take_while(|n| *n == first || self.tree.is_flow(*n));
        let mapping = around.find(|n| self.tree.is_flow(*n) && self.tree.entries(*n).next().is_some());
        let entry = mapping.and_then(|m| self.tree.entries(m).next());
        let colon = entry.and_then(|(k, v)| self.text.get(self.tree.range(k).end..self.tree.range(v).start));
        let colon = colon.filter(|c| c.trim() == ":" && !c.contains(['\n', '\r'])).unwrap_or(": ").to_owned();
        let lines = mapping.filter(|m| *m == first).and_then(|m| {
            let inner = self.flow_members(m).ok()?;
            let lead = &self.text[self.tree.range(m).start + 1..inner.first()?.start];
            let close = &self.text[inner.last()?.end..self.tree.range(m).end - 1];
            lead.contains(['\n', '\r']).then(|| (lead.to_owned(), close.trim_start_matches(',').to_owned()))
        });
        Layout { colon, lines }
    }
}

/// `value` in flow style.
pub(super) fn flow(value: &Value, layout: &Layout, json: bool) -> String {
    let quote =
        |text: &str, style| if json { scalar::double_quoted(text) } else { scalar::write(text, style, true) };
    let comma = if layout.colon == ":" { "," } else { ", " };
    let inner = Layout { colon: layout.colon.clone(), lines: None };
    match value {
        Value::String(text) => quote(text, Style::DoubleQuoted),
        Value::Word(word) => word.clone(),
        Value::Seq(items) => {
            format!("[{}]", items.iter().map(|v| flow(v, &inner, json)).collect::<Vec<_>>().join(comma))
        }
        Value::Map(entries) => {
            let entry = |(k, v): &(String, Value)| {
                format!("{}{}{}", quote(k, Style::Plain), layout.colon, flow(v, &inner, json))
            };
            let entries: Vec<String> = entries.iter().map(entry).collect();
            match &layout.lines {
                Some((lead, close)) => {
                    format!("{{{lead}{}{close}}}", entries.join(&format!(",{lead}")))
                }
                None => format!("{{{}}}", entries.join(comma)),
            }
        }
    }
}

/// The lines of `value` in block style at `column`, without line breaks. `style` returns how the value of a key is quoted.
pub(crate) fn block(value: &Value, column: usize, style: &dyn Fn(&str) -> Option<Style>) -> Vec<String> {
    let pad = " ".repeat(column);
    let mut lines = Vec::new();
    match value {
        value if value.is_empty() => lines.push(pad + &flow(value, &Layout::default(), false)),
        Value::Seq(items) => {
            for item in items {
                let first = lines.len();
                lines.append(&mut block(item, column + 2, style));
                if let Some(first) = lines.get_mut(first) {
                    first.replace_range(column..column + 1, "-");
                }
            }
        }
        Value::Map(entries) => {
            for (key, value) in entries {
                let start = pad.clone() + &scalar::write(key, Style::Plain, false) + ":";
                let text = match value {
                    value if value.is_empty() => flow(value, &Layout::default(), false),
                    Value::Map(_) | Value::Seq(_) => {
                        lines.push(start);
                        lines.append(&mut block(value, column + 2, style));
                        continue;
                    }
                    Value::String(text) => scalar::write(text, style(key).unwrap_or(Style::Plain), false),
                    Value::Word(word) => word.clone(),
                };
                lines.push(start + " " + &text);
            }
        }
        Value::String(text) => lines.push(pad + &scalar::write(text, Style::DoubleQuoted, false)),
        Value::Word(word) => lines.push(pad + word),
    }
    lines
}
