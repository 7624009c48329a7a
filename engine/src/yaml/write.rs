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

    /// A collection of nothing.
    fn is_empty(&self) -> bool {
        match self {
            Value::Map(entries) => entries.is_empty(),
            Value::Seq(items) => items.is_empty(),
            Value::String(_) | Value::Word(_) => false,
        }
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
    Ok(match op {
        Op::Set(value) => vec![lower.set(node, value)?],
        Op::Remove => lower.remove(node)?,
        Op::InsertItem(place, value) if tree.is_flow(node) => {
            vec![lower.insert_flow(node, place, None, value)?]
        }
        Op::InsertEntry(place, key, value) if tree.is_flow(node) => {
            vec![lower.insert_flow(node, place, Some(key), value)?]
        }
        Op::InsertItem(place, value) => vec![lower.insert_item(node, place, value)?],
        Op::InsertEntry(place, key, value) => vec![lower.insert_entry(node, place, key, value)?],
        Op::Uncomment(comment, value) => vec![lower.uncomment(node, comment, value)?],
        Op::Comment { from, to } => vec![lower.comment(node, from, to)?],
    })
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
            && let Some(pair) = dash.content.strip_prefix("- ")
            && let Some((k, v)) = pair.trim().split_once(':')
            && k.trim() == key
            && v.trim().trim_matches(['"', '\'']) == value
        {
            let (start, mut last) = (at, end);
            let mut next = next_line(text, at);
            while next < gap.end {
                let end = line_end(text, next);
                match commented_content(&text[next..end]) {
                    Some(line)
                        if line.hash == dash.hash
                            && line.column > dash.column
                            && line.content.contains(':') =>
                    {
                        last = end;
                    }
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

/// A line that is a comment.
struct CommentLine<'t> {
    /// The column of its `#`.
    hash: usize,
    /// How far its content is from the `#`.
    column: usize,
    content: &'t str,
}

fn commented_content(line: &str) -> Option<CommentLine<'_>> {
    let comment = line.trim_start().strip_prefix('#')?;
    let column = comment.len() - comment.trim_start().len();
    Some(CommentLine { hash: line.len() - comment.len() - 1, column, content: comment.trim() })
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
        self.before(node).len()
    }

    /// What stands before a node on its line.
    fn before(&self, node: NodeId) -> &str {
        let start = self.begin(node);
        &self.text[line_start(self.text, start)..start]
    }

    /// Where a node begins; of a block scalar that is an item, what follows its dash: the header.
    fn begin(&self, node: NodeId) -> usize {
        let start = self.tree.range(node).start;
        if !self.is_block_scalar(node) {
            return start;
        }
        let line = line_start(self.text, self.text[..start].trim_end().len());
        line + self.text[line..start].find(|c| !matches!(c, ' ' | '-')).unwrap_or_default()
    }

    /// The column of the entries of a block mapping or the dashes of a block sequence.
    fn collection_column(&self, node: NodeId) -> Result<usize, Refusal> {
        let Some(first) = self.tree.children(node).next() else {
            return self.refuse(node, "an empty collection without brackets");
        };
        if self.tree.kind(node) == Kind::Sequence {
            return self.dash(first);
        }
        let before = self.before(first);
        if before.bytes().all(|b| matches!(b, b' ' | b'-')) {
            return Ok(before.len());
        }
        self.refuse(first, "keys with `?`, tags or anchors before them are not edited")
    }

    /// The column of the dash of an item.
    fn dash(&self, item: NodeId) -> Result<usize, Refusal> {
        match self.before(item).trim_end().strip_suffix('-') {
            Some(before) => Ok(before.len()),
            None => {
                self.refuse(item, "a tag or anchor, or another line, stands between this item and its dash")
            }
        }
    }

    /// The last node in the text at or below a block node.
    fn last_leaf(&self, node: NodeId) -> NodeId {
        let mut last = node;
        while let Some(child) = self.tree.children(last).last() {
            if self.tree.is_flow(last) {
                break;
            }
            last = child;
        }
        last
    }

    fn is_block_scalar(&self, node: NodeId) -> bool {
        matches!(self.tree.kind(node), Kind::Scalar(Style::Literal | Style::Folded))
    }

    /// Where the lines of a block node end: the start of the line after its last leaf.
    fn end_of_lines(&self, node: NodeId) -> usize {
        let end = self.tree.range(self.last_leaf(node)).end;
        // A block scalar ends where the next line begins. An empty value ends before the colon of its key, on the same line,
        // but after `? key` without a value where the next key begins.
        if end > 0 && line_start(self.text, end) == end { end } else { next_line(self.text, end) }
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
            (Kind::Scalar(style), Value::String(_) | Value::Word(_)) => self.set_scalar(node, style, value),
            (Kind::Scalar(Style::Plain) | Kind::Mapping | Kind::Sequence, Value::Map(_) | Value::Seq(_))
                if self.tree.children(node).next().is_none()
                    && (range.is_empty() || self.tree.is_flow(node)) =>
            {
                self.fill(node, value)
            }
            (Kind::Mapping | Kind::Sequence, Value::Map(_) | Value::Seq(_)) if self.has_brackets(node) => {
                self.whole(node)?;
                self.without_comments(node)?;
                Ok(Edit { range, text: flow(value, &Layout::default(), self.tree.json) })
            }
            _ => self.refuse(node, "a value of another shape stands here"),
        }
    }

    fn set_scalar(&self, node: NodeId, style: Style, value: &Value) -> Result<Edit, Refusal> {
        if self.tree.is_tagged(node) && (self.tree.string(node).is_none() || matches!(value, Value::Word(_)))
        {
            return self.refuse(node, "a tag says of what type this value is");
        }
        let range = self.tree.range(node);
        if style == Style::Plain && range.is_empty() {
            let colon = self.colon_before(node)?;
            let style = self.sibling_style(node).unwrap_or(Style::DoubleQuoted);
            let text = format!(" {}", self.scalar(value, style, self.in_flow(node)));
            return Ok(Edit { range: colon..colon, text });
        }
        let range = if self.is_block_scalar(node) { self.block_scalar(node)? } else { range };
        Ok(Edit { range, text: self.scalar(value, style, self.in_flow(node)) })
    }

    /// Fills an empty value, `{}` or `[]`: in block style below its key, unless what is around it is in flow style.
    fn fill(&self, node: NodeId, value: &Value) -> Result<Edit, Refusal> {
        let range = self.tree.range(node);
        if self.has_brackets(node) {
            self.without_comments(node)?;
        }
        if self.in_flow(node) || self.tree.json {
            let text = flow(value, &Layout::default(), self.tree.json);
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
        let column =
            self.collection_column_of(key)? + if matches!(value, Value::Seq(_)) { 0 } else { self.step(key) };
        let line_break = line_break_near(self.text, end);
        let lines: String =
            block(value, column, &|_| None).iter().map(|line| format!("{line_break}{line}")).collect();
        Ok(Edit { range: colon..end, text: format!("{comment}{lines}") })
    }

    /// The column of the mapping that `key` belongs to.
    fn collection_column_of(&self, key: NodeId) -> Result<usize, Refusal> {
        self.tree
            .parent(key)
            .map_or_else(|| self.refuse(key, "a key without a mapping"), |m| self.collection_column(m))
    }

    /// The whole of a block scalar with its header, without the line breaks that end it.
    fn block_scalar(&self, node: NodeId) -> Result<Range<usize>, Refusal> {
        let from = match self.tree.key_of(node) {
            Some(_) => self.colon_after(node)?,
            None => self.begin(node),
        };
        let line = &self.text[from..line_end(self.text, from)];
        let header = line.trim();
        if !header.starts_with(['|', '>']) || header.contains([' ', '\t', '#']) {
            return self
                .refuse(node, "the header of this block scalar carries a comment or stands on another line");
        }
        let start = from + line.len() - line.trim_start().len();
        let content = self.text[..self.tree.range(node).end].trim_end_matches(['\n', '\r']).len();
        Ok(start..content.max(start + header.len()))
    }

    /// Right after the colon of the key of `node`, where nothing but blanks stands between it and the value.
    fn colon_before(&self, node: NodeId) -> Result<usize, Refusal> {
        let colon = self.colon_after(node)?;
        let start = self.tree.range(node).start.max(colon);
        if self.text[colon..start].trim().is_empty() {
            return Ok(colon);
        }
        self.refuse(node, "a tag or an anchor stands before this value")
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

    /// Removing a node that an alias names, or replacing one above it, would leave the alias without a meaning.
    fn whole(&self, node: NodeId) -> Result<(), Refusal> {
        let nodes = [self.tree.key_of(node), Some(node)];
        match nodes.into_iter().flatten().find_map(|n| self.tree.shared_descendant(n)) {
            Some(shared) => Err(Refusal { offset: self.tree.range(shared).start, reason: Reason::Shared }),
            None => Ok(()),
        }
    }

    fn remove(&self, node: NodeId) -> Result<Vec<Edit>, Refusal> {
        let Some(parent) = self.tree.parent(node) else { return self.refuse(node, "the root of a document") };
        self.whole(node)?;
        if self.tree.is_flow(parent) {
            return Ok(vec![self.remove_flow(parent, node)?]);
        }
        let siblings: Vec<NodeId> = self.members(parent).map(|(_, v)| v).collect();
        let at = siblings.iter().position(|s| *s == node).unwrap_or_default();
        let previous = at.checked_sub(1).map(|i| siblings[i]);
        if siblings.len() > 1 {
            if previous.is_none()
                && self.tree.kind(parent) == Kind::Mapping
                && let Some(edit) = self.remove_beside_dash(node, siblings[1])
            {
                return Ok(vec![edit]);
            }
            let range = self.removed_lines(parent, node, previous)?;
            return Ok(vec![Edit { range, text: String::new() }]);
        }
        // The only one: brackets take its place, so that the collection stays one. Comments beside the key stay there.
        let word = if self.tree.kind(parent) == Kind::Mapping { " {}" } else { " []" };
        let colon = self.colon_after(parent)?;
        let beside = self.text[colon..line_end(self.text, colon)].trim();
        if !beside.is_empty() && !beside.starts_with('#') {
            return self.refuse(parent, "a tag or an anchor stands before this value");
        }
        let range = self.removed_lines(parent, node, None)?;
        if range.start == colon {
            return Ok(vec![Edit { range, text: word.to_owned() }]);
        }
        Ok(vec![Edit { range: colon..colon, text: word.to_owned() }, Edit { range, text: String::new() }])
    }

    /// The first entry of an item shares its line with the dash: the next entry takes its place.
    fn remove_beside_dash(&self, node: NodeId, next: NodeId) -> Option<Edit> {
        let (key, next) = (self.tree.key_of(node)?, self.tree.key_of(next)?);
        let (start, next) = (self.tree.range(key).start, self.tree.range(next).start);
        let is_beside =
            self.before(key).trim_end().ends_with('-') && !self.before(key).contains(['?', ':', '!', '&']);
        let end = self.tree.range(self.last_leaf(node)).end.max(self.colon_after(node).ok()?);
        (is_beside && self.text[end..next].trim().is_empty())
            .then(|| Edit { range: start..next, text: String::new() })
    }

    /// The lines of an item or entry of a block collection, with the comments right above it at its column: they explain it.
    fn removed_lines(
        &self,
        parent: NodeId,
        node: NodeId,
        previous: Option<NodeId>,
    ) -> Result<Range<usize>, Refusal> {
        let first = self.tree.key_of(node).unwrap_or(node);
        let before = self.before(first);
        let column = if self.tree.kind(parent) == Kind::Sequence { self.dash(node)? } else { before.len() };
        if before[..column].bytes().any(|b| b != b' ') {
            return self.refuse(first, "something else stands on the line where this begins");
        }
        let mut begin = line_start(self.text, self.begin(first));
        while begin > 0 {
            let above = line_start(self.text, begin - 1);
            let line = &self.text[above..begin];
            if !line.trim_start().starts_with('#') || line.len() - line.trim_start().len() != column {
                break;
            }
            begin = above;
        }
        let end = self.end_of_lines(node);
        if end == self.text.len() && !self.text.ends_with(['\n', '\r']) {
            // The text goes on without a final line break, but for the one that a block scalar has for its own.
            let kept = previous.map(|p| self.last_leaf(p)).filter(|leaf| self.is_block_scalar(*leaf));
            let kept = kept.map_or(0, |leaf| self.tree.range(leaf).end);
            begin = self.text[..begin].trim_end_matches(['\n', '\r']).len().max(kept);
        }
        Ok(begin..end)
    }

    fn remove_flow(&self, collection: NodeId, node: NodeId) -> Result<Edit, Refusal> {
        let members = self.flow_members(collection)?;
        let all: Vec<NodeId> = self.members(collection).map(|(_, v)| v).collect();
        let at = all.iter().position(|s| *s == node).unwrap_or_default();
        let range = match (at.checked_sub(1).map(|i| &members[i]), members.get(at + 1)) {
            (_, Some(next)) => members[at].start..next.start,
            (Some(previous), None) => previous.end..members[at].end,
            (None, None) => self.tree.range(collection).start + 1..self.tree.range(collection).end - 1,
        };
        Ok(Edit { range, text: String::new() })
    }

    /// Items as pairs of themselves, entries as key and value.
    fn members(&self, collection: NodeId) -> Box<dyn Iterator<Item = (NodeId, NodeId)> + '_> {
        match self.tree.kind(collection) {
            Kind::Mapping => Box::new(self.tree.entries(collection)),
            _ => Box::new(self.tree.items(collection).map(|item| (item, item))),
        }
    }

    /// Whether a flow collection is one of brackets or braces; the pair in `[a: b]` is a mapping without them.
    fn has_brackets(&self, node: NodeId) -> bool {
        self.tree.is_flow(node) && self.text[self.tree.range(node)].starts_with(['[', '{'])
    }

    /// The bytes of the members of a flow collection, where nothing but blanks and commas stands between them.
    fn flow_members(&self, collection: NodeId) -> Result<Vec<Range<usize>>, Refusal> {
        if !self.has_brackets(collection) {
            return self.refuse(collection, "a pair without braces");
        }
        let range = self.tree.range(collection);
        let mut members = Vec::new();
        let mut at = range.start + 1;
        for (first, last) in self.members(collection) {
            let member = self.tree.range(first).start..self.end_in_flow(last);
            self.only_commas(collection, at..member.start)?;
            at = member.end;
            members.push(member);
        }
        self.only_commas(collection, at..range.end - 1)?;
        Ok(members)
    }

    fn only_commas(&self, collection: NodeId, gap: Range<usize>) -> Result<(), Refusal> {
        let gap = &self.text[gap];
        if gap.contains('#') {
            return self.refuse(collection, "a comment stands inside this flow collection");
        }
        if gap.chars().all(|c| c == ',' || c.is_ascii_whitespace()) {
            return Ok(());
        }
        self.refuse(collection, "a tag, an anchor or `?` stands inside this flow collection")
    }

    /// Where a member of a flow collection ends: an empty value with the colon of its key and a blank, because libyaml takes
    /// no comma right after a colon.
    fn end_in_flow(&self, value: NodeId) -> usize {
        let range = self.tree.range(value);
        match self.colon_after(value) {
            Ok(colon) if range.is_empty() => {
                let end = colon.max(range.end);
                end + usize::from(self.text[end..].starts_with(' '))
            }
            _ if self.tree.is_flow(value) && !self.has_brackets(value) => {
                self.tree.children(value).last().map_or(range.end, |inner| self.end_in_flow(inner))
            }
            _ => range.end,
        }
    }

    /// A flow collection that goes away whole takes no comment with it.
    fn without_comments(&self, collection: NodeId) -> Result<(), Refusal> {
        let mut at = self.tree.range(collection).start;
        let mut pending = vec![collection];
        while let Some(node) = pending.pop() {
            if self.tree.is_flow(node) {
                let children: Vec<NodeId> = self.tree.children(node).collect();
                pending.extend(children.into_iter().rev());
                continue;
            }
            let leaf = self.tree.range(node);
            if self.text[at..leaf.start].contains('#') {
                return self.refuse(collection, "a comment stands inside this flow collection");
            }
            at = leaf.end;
        }
        if self.text[at..self.tree.range(collection).end].contains('#') {
            return self.refuse(collection, "a comment stands inside this flow collection");
        }
        Ok(())
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
        let members = self.flow_members(collection)?;
        let Some((first, last)) = self.members(collection).next().zip(members.last()) else {
            return self.refuse(collection, "an empty flow collection");
        };
        let first = first.0;
        let at = place.after.map_or(last.end, |after| self.end_in_flow(after));
        // What stands before a member that follows another, or before the first: a line break with its indentation, or not.
        let lead = match members.get(1) {
            Some(second) => &self.text[members[0].end..second.start],
            None => &self.text[self.tree.range(collection).start + 1..members[0].start],
        };
        let gap = lead.trim_start().strip_prefix(',').unwrap_or(lead);
        let layout = self.layout(first);
        let gap = if gap.is_empty() && layout.colon == ": " { " " } else { gap };
        let gap = if self.tree.json { gap.replace("\r\n", "\n") } else { gap.to_owned() };
        let mut text = format!(",{gap}");
        if let Some(key) = key {
            let quoted = self.tree.json || !matches!(self.tree.kind(first), Kind::Scalar(Style::Plain));
            let quoted = quoted || !layout.colon.ends_with(char::is_whitespace);
            text.push_str(&if quoted {
                scalar::double_quoted(key)
            } else {
                scalar::write(key, Style::Plain, true)
            });
            text.push_str(&layout.colon);
        }
        text.push_str(&flow(value, &layout, self.tree.json || self.quotes_keys(collection)));
        Ok(Edit { range: at..at, text })
    }

    /// Whether JSON is what the user writes here: the first key of a mapping in `collection` is between quotes.
    fn quotes_keys(&self, collection: NodeId) -> bool {
        let first = match self.tree.kind(collection) {
            Kind::Mapping => self.tree.children(collection).next(),
            _ => self.tree.items(collection).find_map(|item| self.tree.children(item).next()),
        };
        first.is_some_and(|key| self.tree.kind(key) != Kind::Scalar(Style::Plain))
    }

    /// How the members beside a new one are laid out: spaces after colons, one line or several.
    fn layout(&self, first: NodeId) -> Layout {
        let mapping =
            if self.tree.kind(first) == Kind::Mapping { Some(first) } else { self.tree.parent(first) };
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
        value if value.is_empty() => vec![format!("{pad}{}", flow(value, &Layout::default(), false))],
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
                    value if value.is_empty() => {
                        vec![format!("{pad}{key_text}: {}", flow(value, &Layout::default(), false))]
                    }
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
