//! New items and entries.

use super::emit::{block, flow};
use super::place::Lower;
use super::together::Members;
use super::{Edit, Placement, Refusal, Value};
use crate::source::line_break_near;
use crate::yaml::scalar;
use crate::yaml::tree::{Kind, NodeId, Style};

impl Lower<'_, '_> {
    /// New lines before the line that begins at `at`; after the last line of a text without a final line break.
    pub(super) fn insert_lines(&self, at: usize, lines: &[String]) -> Edit {
        let line_break = line_break_near(self.text, at.saturating_sub(1));
        let unfinished = at == self.text.len() && at > 0 && !self.text.ends_with(['\n', '\r']);
        let text = if unfinished {
            lines.iter().map(|line| format!("{line_break}{line}")).collect()
        } else {
            lines.iter().map(|line| format!("{line}{line_break}")).collect()
        };
        Edit { range: at..at, text }
    }

    /// The lines of the new member `index` of a block collection, below the member that it follows.
    fn insert_member(
        &self,
        collection: NodeId,
        place: &Placement,
        mut lines: Vec<String>,
        index: usize,
    ) -> Result<Edit, Refusal> {
        let members = Members::of(self, collection);
        let Some(last) = members.nodes.last() else {
            return self.refuse(collection, "an empty collection without brackets");
        };
        let anchor = place.after.unwrap_or(*last);
        let at = place.below.unwrap_or_else(|| self.end_of_lines(anchor));
        if let Some((after, opener)) = members.opener()
            && opener == index
            && self.is_compact(collection)?
        {
            // It takes the place of the first member, which shares its line with something else.
            let column = self.collection_column(collection)?;
            if place.below.is_some() {
                return self.refuse(anchor, "a comment is between this item and the new first one");
            }
            if let Some(first) = lines.first_mut() {
                first.drain(..column.min(first.len()));
            }
            let line_break = line_break_near(self.text, at.saturating_sub(1));
            let mut text = lines.join(line_break);
            if at < self.text.len() || self.text.ends_with(['\n', '\r']) {
                text.push_str(line_break);
            }
            let removed = self.removed_beside_dash(&members, after + 1)?;
            return Ok(Edit { range: removed.start..at, text });
        }
        Ok(self.insert_lines(at, &lines))
    }

    /// The first members of an empty collection: the change `index` writes all of them if it is the first.
    pub(super) fn insert_first(&self, collection: NodeId, index: usize) -> Result<Vec<Edit>, Refusal> {
        if !self.has_brackets(collection) {
            return self.refuse(collection, "an empty collection without brackets");
        }
        match self.together.content(collection) {
            Some((first, value)) if first == index => Ok(vec![self.fill(collection, &value)?]),
            _ => Ok(Vec::new()),
        }
    }

    pub(super) fn insert_item(
        &self,
        sequence: NodeId,
        place: &Placement,
        value: &Value,
        index: usize,
    ) -> Result<Edit, Refusal> {
        let column = self.collection_column(sequence)?;
        self.insert_member(sequence, place, self.item_lines(sequence, column, value), index)
    }

    pub(super) fn item_lines(&self, sequence: NodeId, column: usize, value: &Value) -> Vec<String> {
        if let Value::String(text) = value {
            let styles = self.tree.items(sequence).filter_map(|item| match self.tree.kind(item) {
                Kind::Scalar(style) => Some(style),
                _ => None,
            });
            let text = match styles.last() {
                Some(Style::Plain) => self.plain(text, false),
                style => scalar::write(text, style.unwrap_or(Style::DoubleQuoted), false),
            };
            return vec![format!("{}- {text}", " ".repeat(column))];
        }
        block(&Value::Seq(vec![value.clone()]), column, &|key| self.style_in(sequence, key))
    }

    pub(super) fn insert_entry(
        &self,
        mapping: NodeId,
        place: &Placement,
        key: &str,
        value: &Value,
        index: usize,
    ) -> Result<Edit, Refusal> {
        let column = self.collection_column(mapping)?;
        let sequence = self.tree.parent(mapping).filter(|p| self.tree.kind(*p) == Kind::Sequence);
        let style = |k: &str| sequence.and_then(|s| self.style_in(s, k));
        if let (Value::String(text), None) = (value, style(key)) {
            let line = format!("{}: {}", scalar::write(key, Style::Plain, false), self.beside(mapping, text));
            return self.insert_member(mapping, place, vec![format!("{}{line}", " ".repeat(column))], index);
        }
        if let Value::Seq(items) = value
            && items.iter().all(|item| matches!(item, Value::String(_)))
        {
            // As the lists beside it: kubectl's own writer puts dashes below their key.
            let beside = self.tree.entries(mapping).filter_map(|(key, list)| {
                let is_list = self.tree.kind(list) == Kind::Sequence && !self.tree.is_flow(list);
                Some(self.collection_column(list).ok().filter(|_| is_list)?.saturating_sub(self.column(key)))
            });
            let dash = column + beside.last().unwrap_or(0);
            let text = |item: &Value| match item {
                Value::String(text) => format!("{}- {}", " ".repeat(dash), self.plain(text, false)),
                _ => String::new(),
            };
            let key = format!("{}{}:", " ".repeat(column), scalar::write(key, Style::Plain, false));
            let lines: Vec<String> = core::iter::once(key).chain(items.iter().map(text)).collect();
            return self.insert_member(mapping, place, lines, index);
        }
        let entry = Value::Map(vec![(key.to_owned(), value.clone())]);
        self.insert_member(mapping, place, block(&entry, column, &style), index)
    }

    /// `text` as the last other text of a mapping is written.
    fn beside(&self, mapping: NodeId, text: &str) -> String {
        let styles = self.tree.entries(mapping).filter_map(|(_, value)| match self.tree.kind(value) {
            Kind::Scalar(style) if self.tree.string(value).is_some() => Some(style),
            _ => None,
        });
        match styles.last() {
            Some(style @ (Style::SingleQuoted | Style::DoubleQuoted)) => scalar::write(text, style, false),
            Some(_) => self.plain(text, false),
            None => scalar::write(text, Style::Plain, false),
        }
    }

    pub(super) fn insert_flow(
        &self,
        collection: NodeId,
        place: &Placement,
        key: Option<&str>,
        value: &Value,
        index: usize,
    ) -> Result<Edit, Refusal> {
        let members = self.flow_members(collection)?;
        let opener = Members::of(self, collection).opener();
        let Some((first, last)) = self.members(collection).next().zip(members.last()) else {
            return self.refuse(collection, "an empty flow collection");
        };
        let first = first.0;
        let at = place.after.map_or(last.end, |after| self.end_in_flow(after));
        // What precedes a member that follows another, or the first one: a line break with its indentation, or not.
        let lead = match members.get(1) {
            Some(second) => &self.text[members[0].end..second.start],
            None => &self.text[self.tree.range(collection).start + 1..members[0].start],
        };
        let gap = lead.trim_start().strip_prefix(',').unwrap_or(lead);
        let layout = self.layout(first);
        let gap = if gap.is_empty() && layout.colon == ": " { " " } else { gap };
        let gap = if self.tree.is_json() { gap.replace("\r\n", "\n") } else { gap.to_owned() };
        // What becomes the first member takes the place of the one that it follows.
        let opens = opener.is_some_and(|(_, opener)| opener == index);
        let mut text = if opens { String::new() } else { format!(",{gap}") };
        if let Some(key) = key {
            let quoted = self.tree.is_json() || !matches!(self.tree.kind(first), Kind::Scalar(Style::Plain));
            let quoted = quoted || !layout.colon.ends_with(char::is_whitespace);
            text.push_str(&if quoted {
                scalar::double_quoted(key)
            } else {
                scalar::write(key, Style::Plain, true)
            });
            text.push_str(&layout.colon);
        }
        text.push_str(&flow(value, &layout, self.writes_json(collection)));
        Ok(Edit { range: at..at, text })
    }
}
