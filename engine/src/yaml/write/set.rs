//! A new value for a node.

use super::emit::{Layout, block, flow};
use super::place::Lower;
use super::{Edit, Refusal, Value};
use crate::source::{line_break_near, line_end};
use crate::yaml::tree::{Kind, NodeId, Style};
use core::ops::Range;

impl Lower<'_, '_> {
    pub(super) fn set(&self, node: NodeId, value: &Value) -> Result<Edit, Refusal> {
        let range = self.tree.range(node);
        match (self.tree.kind(node), value) {
            (Kind::Scalar(style), Value::String(_) | Value::Word(_)) => self.set_scalar(node, style, value),
            (Kind::Scalar(Style::Plain) | Kind::Mapping | Kind::Sequence, Value::Map(_) | Value::Seq(_))
                if self.tree.children(node).next().is_none()
                    && (range.is_empty() || self.tree.is_flow(node) || self.is_null(node)) =>
            {
                self.fill(node, value)
            }
            // A mapping never becomes a list: what is in it would be lost.
            (Kind::Mapping, Value::Map(_)) | (Kind::Sequence, Value::Seq(_)) if self.has_brackets(node) => {
                self.whole(node)?;
                self.without_comments(node)?;
                Ok(Edit { range, text: self.flow_at(node, value) })
            }
            _ => self.refuse(node, "the value here has another shape"),
        }
    }

    /// Whether the value is `null` or `~`.
    fn is_null(&self, node: NodeId) -> bool {
        self.tree.kind(node) == Kind::Scalar(Style::Plain)
            && matches!(self.tree.scalar(node), Some("null" | "~"))
    }

    /// `value` in flow style in the place of `node`, laid out as what is around it.
    fn flow_at(&self, node: NodeId, value: &Value) -> String {
        let layout = self.tree.key_of(node).map_or_else(Layout::default, |key| self.layout(key));
        flow(value, &layout, self.writes_json(node))
    }

    pub(super) fn set_scalar(&self, node: NodeId, style: Style, value: &Value) -> Result<Edit, Refusal> {
        if self.tree.is_tagged(node) && (self.tree.string(node).is_none() || matches!(value, Value::Word(_)))
        {
            return self.refuse(node, "a tag sets the type of this value");
        }
        let range = self.tree.range(node);
        if style == Style::Plain && range.is_empty() {
            let colon = self.colon_before(node)?;
            let style = self.sibling_style(node).unwrap_or(Style::DoubleQuoted);
            let text = format!(" {}", self.scalar(value, style, self.in_flow(node)));
            return Ok(Edit { range: colon..colon, text });
        }
        let range = if self.is_block_scalar(node) { self.block_scalar(node)? } else { range };
        let flow = self.in_flow(node);
        if style == Style::Plain
            && !self.writes_json(node)
            && let Value::String(text) = value
        {
            return Ok(Edit { range, text: self.plain(text, flow) });
        }
        let style = if style == Style::Plain && self.writes_json(node) { Style::DoubleQuoted } else { style };
        Ok(Edit { range, text: self.scalar(value, style, flow) })
    }

    /// Fills an empty value, `{}` or `[]`: in block style below its key, unless what is around it is in flow style.
    pub(super) fn fill(&self, node: NodeId, value: &Value) -> Result<Edit, Refusal> {
        let range = self.tree.range(node);
        if self.has_brackets(node) {
            self.without_comments(node)?;
        }
        if self.in_flow(node) || self.tree.is_json() {
            let text = self.flow_at(node, value);
            if !range.is_empty() {
                return Ok(Edit { range, text });
            }
            let colon = self.colon_before(node)?;
            return Ok(Edit { range: colon..colon, text: format!(" {text}") });
        }
        let colon = self.colon_before(node)?;
        let Some(key) = self.tree.key_of(node) else {
            return self.refuse(node, "an empty item of a sequence");
        };
        let value_end = range.end.max(colon);
        let end = line_end(self.text, value_end);
        let comment = self.text[value_end..end].trim_end(); // it stays beside the key
        let step = if matches!(value, Value::Seq(_)) { self.list_step(key) } else { self.step(key) };
        let column = self.collection_column_of(key)? + step;
        let line_break = line_break_near(self.text, end);
        let lines: String =
            block(value, column, &|_| None).iter().map(|line| format!("{line_break}{line}")).collect();
        Ok(Edit { range: colon..end, text: format!("{comment}{lines}") })
    }

    /// How many columns the lists around `key` are deeper than their keys; two if there are none.
    fn list_step(&self, key: NodeId) -> usize {
        let around = core::iter::successors(self.tree.parent(key), |n| self.tree.parent(*n));
        let mut lists = around.filter(|n| self.tree.kind(*n) == Kind::Sequence && !self.tree.is_flow(*n));
        let step = lists.find_map(|list| {
            let dash = self.collection_column(list).ok()?;
            Some(dash.saturating_sub(self.column(self.tree.key_of(list)?)))
        });
        step.unwrap_or(2)
    }

    /// The column of the mapping that `key` belongs to.
    pub(super) fn collection_column_of(&self, key: NodeId) -> Result<usize, Refusal> {
        self.tree
            .parent(key)
            .map_or_else(|| self.refuse(key, "a key without a mapping"), |m| self.collection_column(m))
    }

    /// The whole of a block scalar with its header, without the line breaks that end it.
    pub(super) fn block_scalar(&self, node: NodeId) -> Result<Range<usize>, Refusal> {
        let from = match self.tree.key_of(node) {
            Some(_) => self.colon_after(node)?,
            None => self.begin(node),
        };
        let line = &self.text[from..line_end(self.text, from)];
        let header = line.trim();
        if !header.starts_with(['|', '>']) || header.contains([' ', '\t', '#']) {
            return self.refuse(node, "the header of this block scalar has a comment or is on another line");
        }
        let start = from + line.len() - line.trim_start().len();
        let content = self.text[..self.tree.range(node).end].trim_end_matches(['\n', '\r']).len();
        Ok(start..content.max(start + header.len()))
    }
}
