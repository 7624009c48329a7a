//! A change of a node into an edit of the text, in the clothes of its neighbours.

use super::scalar;
use super::tree::{Kind, NodeId, Style, Tree};
use crate::source::{line_break_near, line_end, line_start, next_line};
use core::fmt;
use core::ops::Range;

/// Replaces `range` of a text by `text`. An empty range inserts, an empty text removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Bytes of the original text.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

/// New content. Quoting and layout come from where it is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string, quoted where it must be or where its neighbours are.
    String(String),
    /// A word that is written as it is: a number, `true`, `{}`.
    Word(String),
    /// A mapping, in this order.
    Map(Vec<(String, Value)>),
    /// A sequence.
    Seq(Vec<Value>),
}

impl Value {
    /// A string value.
    #[must_use]
    pub fn string(text: impl Into<String>) -> Value {
        Value::String(text.into())
    }
}

/// Where something new goes among the children of a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// The item, or the value of the entry, that it follows; none is the end.
    pub after: Option<NodeId>,
    /// A byte offset below `after` where a comment ends that belongs above the new item; only in block sequences.
    pub below: Option<usize>,
}

/// A commented-out item of a block sequence, as Calico ships `# - name: CALICO_IPV4POOL_CIDR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentedItem {
    /// The lines of the comment, from the start of the first to the end of the content of the last.
    pub range: Range<usize>,
    /// The item above it; none above the first.
    pub after: Option<NodeId>,
}

/// One change of one node, all offsets and nodes those of the tree as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// The node gets this value.
    Set(Value),
    /// The item, or the entry whose value the node is, goes away.
    Remove,
    /// The sequence `node` gets an item.
    InsertItem(Placement, Value),
    /// The sequence `node` gets an item in the place of its commented-out twin.
    Uncomment(CommentedItem, Value),
    /// The mapping `node` gets an entry.
    InsertEntry(Placement, String, Value),
    /// A comment line above the item `node` (exactly this text, without indentation) is replaced: the change of its
    /// value makes it untrue.
    Comment {
        /// What it says now.
        from: &'static str,
        /// What it says then.
        to: &'static str,
    },
}

/// Why nothing is edited here. Each names a place and says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The byte offset in the text of the tree.
    pub offset: usize,
    /// What stands in the way.
    pub reason: Reason,
}

/// What stands in the way of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The node, or one above it, is an alias or is named by one.
    Shared,
    /// A key on the way stands more than once.
    RepeatedKey(String),
    /// A layout that no rule of this module covers.
    Layout(&'static str),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Shared => {
                f.write_str("an anchor or alias shares this value with other places: write it out here")
            }
            Reason::RepeatedKey(key) => {
                write!(
                    f,
                    "the key `{key}` stands more than once: Kubernetes takes the last, remove the others"
                )
            }
            Reason::Layout(what) => f.write_str(what),
        }
    }
}

/// The edits of `op` on `node`.
///
/// # Errors
/// Where the edit would reach further than the node, or the layout is not understood.
pub fn lower(tree: &Tree<'_>, node: NodeId, op: &Op) -> Result<Vec<Edit>, Refusal> {
    if let Some(shared) = tree.shared_ancestor(node) {
        return Err(Refusal { offset: tree.range(shared).start, reason: Reason::Shared });
    }
    if let Some(keys) = tree.repeated_ancestor(node) {
        let last = keys.last().copied().unwrap_or(node);
        let key = tree.scalar(last).unwrap_or_default().to_owned();
        return Err(Refusal { offset: tree.range(last).start, reason: Reason::RepeatedKey(key) });
    }
    let lower = Lower { tree, text: tree.text() };
    let edit = match op {
        Op::Set(value) => lower.set(node, value)?,
        Op::Remove => lower.remove(node)?,
        Op::InsertItem(place, value) if tree.is_flow(node) => lower.insert_flow(node, place, None, value)?,
        Op::InsertEntry(place, key, value) if tree.is_flow(node) => {
            lower.insert_flow(node, place, Some(key), value)?
        }
        Op::InsertItem(place, value) => lower.insert_item(node, place, value)?,
        Op::InsertEntry(place, key, value) => lower.insert_entry(node, place, key, value)?,
        Op::Uncomment(comment, value) => lower.uncomment(node, comment, value)?,
        Op::Comment { from, to } => lower.comment(node, from, to)?,
    };
    Ok(vec![edit])
}

/// The commented-out item of the block sequence `sequence` whose `key` is `value`.
#[must_use]
pub fn commented_item(tree: &Tree<'_>, sequence: NodeId, key: &str, value: &str) -> Option<CommentedItem> {
    if tree.is_flow(sequence) || tree.kind(sequence) != Kind::Sequence {
        return None;
    }
    let lower = Lower { tree, text: tree.text() };
    let mut after = None;
    let mut gap_start = line_start(tree.text(), tree.range(sequence).start);
    // Comments above the first item belong to the sequence when they stand below its key.
    if let Some(key) = tree.key_of(sequence) {
        gap_start = next_line(tree.text(), tree.range(key).end);
    }
    let mut items = tree.items(sequence);
    loop {
        let item = items.next();
        let gap_end = match item {
            Some(item) => line_start(tree.text(), tree.range(item).start),
            None => end_of_comments(tree.text(), gap_start),
        };
        if let Some(range) = commented_pair(tree.text(), gap_start..gap_end.max(gap_start), key, value) {
            return Some(CommentedItem { range, after });
        }
        let item = item?;
        after = Some(item);
        gap_start = lower.end_of_lines(item);
    }
}

/// The end of the comment and blank lines that begin at `start`.
fn end_of_comments(text: &str, start: usize) -> usize {
    let mut at = start;
    while at < text.len() {
        let line = text[at..line_end(text, at)].trim();
        if !line.is_empty() && !line.starts_with('#') {
            break;
        }
        at = next_line(text, at);
    }
    at
}

/// The lines `# - key: value` and, deeper, those of the same commented-out item, within the comment lines of `gap`.
fn commented_pair(text: &str, gap: Range<usize>, key: &str, value: &str) -> Option<Range<usize>> {
    let mut at = gap.start;
    while at < gap.end {
        let end = line_end(text, at);
        if let Some(dash) = commented_content(&text[at..end])
            && let Some(pair) = dash.1.strip_prefix("- ")
            && let Some((k, v)) = pair.trim().split_once(':')
            && k.trim() == key
            && v.trim().trim_matches(['"', '\'']) == value
        {
            let (start, mut last) = (at, end);
            let mut next = next_line(text, at);
            while next < gap.end {
                let end = line_end(text, next);
                match commented_content(&text[next..end]) {
                    Some((column, content)) if column > dash.0 && content.contains(':') => last = end,
                    _ => break,
                }
                next = next_line(text, next);
            }
            return Some(start..last);
        }
        at = next_line(text, at);
    }
    None
}

/// A comment line's content and its column after the `#`; none for anything else.
fn commented_content(line: &str) -> Option<(usize, &str)> {
    let comment = line.trim_start().strip_prefix('#')?;
    let content = comment.trim();
    Some((comment.len() - comment.trim_start().len(), content))
}

struct Lower<'a, 't> {
    tree: &'a Tree<'t>,
    text: &'a str,
}

impl Lower<'_, '_> {
    fn refuse<T>(&self, node: NodeId, what: &'static str) -> Result<T, Refusal> {
        Err(Refusal { offset: self.tree.range(node).start, reason: Reason::Layout(what) })
    }

    /// The column of the first byte of a node: spaces and dashes before it on its line, in bytes.
    fn column(&self, node: NodeId) -> usize {
        let start = self.tree.range(node).start;
        start - line_start(self.text, start)
    }

    /// The column of the entries of a block mapping or the dashes of a block sequence.
    fn collection_column(&self, node: NodeId) -> Result<usize, Refusal> {
        let Some(first) = self.tree.children(node).next() else {
            return self.refuse(node, "an empty collection without brackets");
        };
        let column = self.column(first);
        let start = self.tree.range(first).start;
        let before = &self.text[start - column..start];
        if self.tree.kind(node) == Kind::Sequence {
            let Some(dash) = before.rfind('-') else {
                return self.refuse(first, "the dash of this item stands on another line");
            };
            return Ok(dash);
        }
        if before.bytes().all(|b| matches!(b, b' ' | b'-')) {
            return Ok(column);
        }
        self.refuse(first, "keys with `?`, tags or anchors before them are not edited")
    }

    /// Where the lines of a block node end: the start of the line after its last leaf.
    fn end_of_lines(&self, node: NodeId) -> usize {
        let mut last = node;
        while let Some(child) = self.tree.children(last).last() {
            if self.tree.is_flow(last) {
                break;
            }
            last = child;
        }
        let mut end = self.tree.range(last).end;
        if matches!(self.tree.kind(last), Kind::Scalar(Style::Literal | Style::Folded)) {
            // The span of a block scalar may reach over blank lines into the next token's indentation.
            let begin = line_start(self.text, end);
            if self.text[begin..end].trim().is_empty() && begin > self.tree.range(last).start {
                end = begin;
                while end > self.tree.range(last).start {
                    let previous = line_start(self.text, end - 1);
                    if !self.text[previous..end].trim().is_empty() {
                        break;
                    }
                    end = previous;
                }
                return end;
            }
        }
        // An empty value ends before the colon of its key: the line is the same.
        next_line(self.text, end)
    }

    /// New lines before the line that begins at `at`; after the last line of a text without a final line break.
    fn insert_lines(&self, at: usize, lines: &[String]) -> Edit {
        let line_break = line_break_near(self.text, at.saturating_sub(1));
        let unfinished = at == self.text.len() && at > 0 && !self.text.ends_with(['\n', '\r']);
        let text = if unfinished {
            lines.iter().map(|line| format!("{line_break}{line}")).collect()
        } else {
            lines.iter().map(|line| format!("{line}{line_break}")).collect()
        };
        Edit { range: at..at, text }
    }

    fn set(&self, node: NodeId, value: &Value) -> Result<Edit, Refusal> {
        let range = self.tree.range(node);
        match (self.tree.kind(node), value) {
            (Kind::Scalar(style), Value::String(_) | Value::Word(_)) => {
                let style = match style {
                    Style::Plain if range.is_empty() => {
                        self.sibling_style(node).unwrap_or(Style::DoubleQuoted)
                    }
                    style => style,
                };
                let text = self.scalar(value, style, self.in_flow(node));
                if range.is_empty() {
                    let colon = self.colon_after(node)?;
                    return Ok(Edit { range: colon..colon, text: format!(" {text}") });
                }
                let range = match style {
                    Style::Literal | Style::Folded => self.block_scalar(node)?,
                    _ => range,
                };
                Ok(Edit { range, text })
            }
            (Kind::Scalar(Style::Plain) | Kind::Mapping | Kind::Sequence, Value::Map(_) | Value::Seq(_))
                if self.tree.children(node).next().is_none()
                    && (range.is_empty() || self.tree.is_flow(node)) =>
            {
                if self.in_flow(node) || self.tree.json {
                    return Ok(Edit { range, text: flow(value, &Layout::default(), self.tree.json) });
                }
                let colon = self.colon_after(node)?;
                let Some(key) = self.tree.key_of(node) else {
                    return self.refuse(node, "an empty item of a sequence");
                };
                let end = if range.is_empty() { colon } else { range.end };
                let column =
                    self.column(key) + if matches!(value, Value::Seq(_)) { 0 } else { self.step(key) };
                let line_break = line_break_near(self.text, end);
                let text = block(value, column, &|_| None)
                    .iter()
                    .map(|line| format!("{line_break}{line}"))
                    .collect();
                Ok(Edit { range: colon..end, text })
            }
            (Kind::Mapping | Kind::Sequence, Value::Map(_) | Value::Seq(_)) if self.tree.is_flow(node) => {
                Ok(Edit { range, text: flow(value, &Layout::default(), self.tree.json) })
            }
            _ => self.refuse(node, "a value of another shape stands here"),
        }
    }

    /// The whole of a block scalar with its header, without the line break that ends it.
    fn block_scalar(&self, node: NodeId) -> Result<Range<usize>, Refusal> {
        let range = self.tree.range(node);
        let before = self.text[..range.start].trim_end();
        let header = before
            .rfind(['|', '>'])
            .filter(|at| !self.text[*at..before.len()].contains(['\n', '\r', '#', ' ']));
        let Some(start) = header else {
            return self.refuse(node, "the header of this block scalar carries a comment");
        };
        let content = self.text[range.clone()].trim_end();
        Ok(start..range.start + content.len())
    }

    /// Right after the colon that follows the key of an empty value.
    fn colon_after(&self, node: NodeId) -> Result<usize, Refusal> {
        let Some(key) = self.tree.key_of(node) else {
            return self.refuse(node, "an empty item of a sequence");
        };
        let end = self.tree.range(key).end;
        match self.text[end..line_end(self.text, end)].find(':') {
            Some(i) if self.text[end..end + i].trim().is_empty() => Ok(end + i + 1),
            _ => self.refuse(key, "the colon of this key stands on another line"),
        }
    }

    fn in_flow(&self, node: NodeId) -> bool {
        self.tree.parent(node).is_some_and(|parent| self.tree.is_flow(parent))
    }

    /// How many columns a mapping is deeper than its key near `key`: what the entry above it does, else two.
    fn step(&self, key: NodeId) -> usize {
        let parent = self.tree.parent(key);
        let above = parent.and_then(|p| self.tree.parent(p)).filter(|p| self.tree.kind(*p) == Kind::Mapping);
        match (parent.and_then(|p| self.tree.key_of(p)), above) {
            (Some(above), Some(_)) => self.column(key).saturating_sub(self.column(above)).clamp(1, 8),
            _ => 2,
        }
    }

    /// The style of the value of the same key in a sibling item, or of another value of the same mapping.
    fn sibling_style(&self, node: NodeId) -> Option<Style> {
        let key = self.tree.scalar(self.tree.key_of(node)?)?;
        let item = self.tree.parent(node)?;
        let sequence = self.tree.parent(item).filter(|s| self.tree.kind(*s) == Kind::Sequence)?;
        self.style_in(sequence, key)
    }

    /// How the items of `sequence` write the value of `key`: the first quoted one tells, else the first.
    fn style_in(&self, sequence: NodeId, key: &str) -> Option<Style> {
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

    fn scalar(&self, value: &Value, style: Style, flow: bool) -> String {
        match value {
            Value::String(text) if self.tree.json => scalar::double_quoted(text),
            Value::String(text) => scalar::write(text, style, flow),
            Value::Word(word) => word.clone(),
            Value::Map(_) | Value::Seq(_) => String::new(),
        }
    }

    fn remove(&self, node: NodeId) -> Result<Edit, Refusal> {
        let Some(parent) = self.tree.parent(node) else { return self.refuse(node, "the root of a document") };
        let first_of = |child: NodeId| self.tree.key_of(child).unwrap_or(child);
        let start = self.tree.range(first_of(node)).start;
        let siblings: Vec<NodeId> = match self.tree.kind(parent) {
            Kind::Mapping => self.tree.entries(parent).map(|(_, v)| v).collect(),
            _ => self.tree.items(parent).collect(),
        };
        let at = siblings.iter().position(|s| *s == node).unwrap_or_default();
        if self.tree.is_flow(parent) {
            let range = match (at.checked_sub(1).map(|i| siblings[i]), siblings.get(at + 1)) {
                (_, Some(next)) => start..self.tree.range(first_of(*next)).start,
                (Some(previous), None) => self.tree.range(previous).end..self.tree.range(node).end,
                (None, None) => start..self.tree.range(node).end,
            };
            if self.text[range.clone()].contains('#') {
                return self.refuse(node, "a comment stands inside this flow collection");
            }
            return Ok(Edit { range, text: String::new() });
        }
        if siblings.len() == 1 {
            let word = if self.tree.kind(parent) == Kind::Mapping { "{}" } else { "[]" };
            let colon = self.colon_after(parent)?;
            let end = self.end_of_lines(node);
            let end = if end == self.text.len() { end } else { line_end(self.text, end - 1) };
            let end = colon.max(end - (end - self.text[..end].trim_end_matches(['\n', '\r']).len()));
            return Ok(Edit { range: colon..end, text: format!(" {word}") });
        }
        let mut begin = line_start(self.text, start);
        let before = &self.text[begin..start];
        let dash = if self.tree.kind(parent) == Kind::Sequence { before.rfind('-') } else { None };
        if !before[..dash.unwrap_or(before.len())].trim().is_empty() {
            return self.refuse(node, "the first entry of an item shares its line with the dash");
        }
        // Comments right above at the same column explain this entry and go with it.
        let column = dash.unwrap_or(before.len());
        while begin > 0 {
            let previous = line_start(self.text, begin - 1);
            let line = &self.text[previous..begin];
            let comment =
                line.trim_start().starts_with('#') && line.len() - line.trim_start().len() == column;
            if !comment {
                break;
            }
            begin = previous;
        }
        let end = self.end_of_lines(node);
        let ends_text = end == self.text.len() && !self.text.ends_with(['\n', '\r']);
        if ends_text && begin > 0 {
            begin = self.text[..begin].trim_end_matches(['\n', '\r']).len();
        }
        Ok(Edit { range: begin..end, text: String::new() })
    }

    fn insert_item(&self, sequence: NodeId, place: &Placement, value: &Value) -> Result<Edit, Refusal> {
        let column = self.collection_column(sequence)?;
        let Some(last) = place.after.or_else(|| self.tree.items(sequence).last()) else {
            return self.refuse(sequence, "an empty sequence");
        };
        let at = place.below.unwrap_or_else(|| self.end_of_lines(last));
        Ok(self.insert_lines(at, &self.item_lines(sequence, column, value)))
    }

    fn item_lines(&self, sequence: NodeId, column: usize, value: &Value) -> Vec<String> {
        block(&Value::Seq(vec![value.clone()]), column, &|key| self.style_in(sequence, key))
    }

    fn uncomment(&self, sequence: NodeId, comment: &CommentedItem, value: &Value) -> Result<Edit, Refusal> {
        let column = self.collection_column(sequence)?;
        let line_break = line_break_near(self.text, comment.range.start);
        let text = self.item_lines(sequence, column, value).join(line_break);
        Ok(Edit { range: comment.range.clone(), text })
    }

    fn insert_entry(
        &self,
        mapping: NodeId,
        place: &Placement,
        key: &str,
        value: &Value,
    ) -> Result<Edit, Refusal> {
        let column = self.collection_column(mapping)?;
        let Some(last) = place.after.or_else(|| self.tree.children(mapping).last()) else {
            return self.refuse(mapping, "an empty mapping");
        };
        let entry = Value::Map(vec![(key.to_owned(), value.clone())]);
        let sequence = self.tree.parent(mapping).filter(|p| self.tree.kind(*p) == Kind::Sequence);
        let style = |k: &str| sequence.and_then(|s| self.style_in(s, k));
        Ok(self.insert_lines(self.end_of_lines(last), &block(&entry, column, &style)))
    }

    fn insert_flow(
        &self,
        collection: NodeId,
        place: &Placement,
        key: Option<&str>,
        value: &Value,
    ) -> Result<Edit, Refusal> {
        let range = self.tree.range(collection);
        let members: Vec<(NodeId, NodeId)> = match self.tree.kind(collection) {
            Kind::Mapping => self.tree.entries(collection).collect(),
            _ => self.tree.items(collection).map(|item| (item, item)).collect(),
        };
        let Some((_, last)) = members.last() else {
            return self.refuse(collection, "an empty flow collection");
        };
        let after = place.after.unwrap_or(*last);
        let first = members[0].0;
        // What stands before a member that follows another, or before the first: a line break with its indentation, or not.
        let lead = match members.get(1) {
            Some((second, _)) => {
                &self.text[self.tree.range(members[0].1).end..self.tree.range(*second).start]
            }
            None => &self.text[range.start + 1..self.tree.range(first).start],
        };
        if lead.contains('#') {
            return self.refuse(collection, "a comment stands inside this flow collection");
        }
        let gap = lead.trim_start().strip_prefix(',').unwrap_or(lead);
        let layout = self.layout(first, gap);
        let gap = if gap.is_empty() && layout.colon == ": " { " " } else { gap };
        let gap = if self.tree.json { gap.replace("\r\n", "\n") } else { gap.to_owned() };
        let at = self.tree.range(after).end;
        let mut text = format!(",{gap}");
        if let Some(key) = key {
            let quoted = self.tree.json || !matches!(self.tree.kind(first), Kind::Scalar(Style::Plain));
            text.push_str(&if quoted { scalar::double_quoted(key) } else { key.to_owned() });
            text.push_str(&layout.colon);
        }
        text.push_str(&flow(value, &layout, self.tree.json || self.quotes_keys(collection)));
        Ok(Edit { range: at..at, text })
    }

    /// Whether JSON is what the user writes here: the first key of a mapping in `collection` is between double quotes.
    fn quotes_keys(&self, collection: NodeId) -> bool {
        let first = match self.tree.kind(collection) {
            Kind::Mapping => self.tree.children(collection).next(),
            _ => self.tree.items(collection).find_map(|item| self.tree.children(item).next()),
        };
        first.is_some_and(|key| self.tree.kind(key) == Kind::Scalar(Style::DoubleQuoted))
    }

    /// How the members beside a new one are laid out: spaces after colons, one line or several.
    fn layout(&self, first: NodeId, gap: &str) -> Layout {
        let mapping =
            if self.tree.kind(first) == Kind::Mapping { Some(first) } else { self.tree.parent(first) };
        let entry = mapping.and_then(|m| self.tree.entries(m).next());
        let colon = entry.map_or_else(
            || ": ".to_owned(),
            |(k, v)| self.text[self.tree.range(k).end..self.tree.range(v).start].to_owned(),
        );
        let colon = if colon.contains(['\n', '\r', '#']) { ": ".to_owned() } else { colon };
        let lines = mapping.filter(|m| *m == first).and_then(|m| {
            let start = self.tree.range(m).start + 1;
            let inner = self.tree.range(self.tree.children(m).next()?).start;
            let lead = &self.text[start..inner];
            lead.contains('\n').then(|| (lead.to_owned(), gap.to_owned()))
        });
        Layout { colon, lines }
    }

    fn comment(&self, node: NodeId, from: &str, to: &str) -> Result<Edit, Refusal> {
        let mut begin = line_start(self.text, self.tree.range(node).start);
        while begin > 0 {
            let previous = line_start(self.text, begin - 1);
            let line = self.text[previous..begin].trim_end_matches(['\n', '\r']);
            let content = line.trim();
            if !content.starts_with('#') {
                break;
            }
            if content == from {
                let start = previous + line.find('#').unwrap_or_default();
                return Ok(Edit { range: start..start + from.len(), text: to.to_owned() });
            }
            begin = previous;
        }
        self.refuse(node, "the comment is not there")
    }
}

/// How a flow collection is laid out.
#[derive(Clone, Debug)]
struct Layout {
    /// What stands between a key and its value.
    colon: String,
    /// For members on lines of their own: what precedes an inner entry, and what precedes the closing bracket.
    lines: Option<(String, String)>,
}

impl Default for Layout {
    fn default() -> Self {
        Layout { colon: ": ".to_owned(), lines: None }
    }
}

/// `value` in flow style.
fn flow(value: &Value, layout: &Layout, json: bool) -> String {
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

/// The lines of `value` in block style at `column`, without line breaks. `style` tells how the value of a key is quoted.
fn block(value: &Value, column: usize, style: &dyn Fn(&str) -> Option<Style>) -> Vec<String> {
    let pad = " ".repeat(column);
    match value {
        Value::Seq(items) => items
            .iter()
            .flat_map(|item| {
                let mut lines = block(item, column + 2, style);
                if let Some(first) = lines.first_mut() {
                    first.replace_range(column..column + 1, "-");
                }
                lines
            })
            .collect(),
        Value::Map(entries) => entries
            .iter()
            .flat_map(|(key, value)| {
                let key_text = scalar::write(key, Style::Plain, false);
                match value {
                    Value::Map(_) | Value::Seq(_) => {
                        let mut lines = vec![format!("{pad}{key_text}:")];
                        lines.extend(block(value, column + 2, style));
                        lines
                    }
                    Value::String(text) => {
                        let style = style(key).unwrap_or(Style::Plain);
                        vec![format!("{pad}{key_text}: {}", scalar::write(text, style, false))]
                    }
                    Value::Word(word) => vec![format!("{pad}{key_text}: {word}")],
                }
            })
            .collect(),
        Value::String(text) => vec![format!("{pad}{}", scalar::write(text, Style::DoubleQuoted, false))],
        Value::Word(word) => vec![format!("{pad}{word}")],
    }
}

/// Applies `edits`, which are sorted and do not overlap, in one pass.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let grown: usize = edits.iter().map(|e| e.text.len()).sum();
    let mut out = String::with_capacity(text.len() + grown);
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.range.start]);
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out.push_str(&text[at..]);
    out
}
