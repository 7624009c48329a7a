//! Checks that an edited text says what the text before said, with exactly the planned changes.

use super::cross_check::second_opinion;
use super::embedded::Embedded;
use super::tree::{Kind, NodeId, Style, Tree};
use super::write::{Op, Value};

/// A planned change: of a node of the document, or of a node of the document inside one of its scalars.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The node of the document; of an embedded change, the scalar.
    pub node: NodeId,
    /// For a change inside a scalar: the node of the embedded tree.
    pub inner: Option<NodeId>,
    /// What happens to it.
    pub op: Op,
}

/// Compares `after` with `before` as changed by `planned`, in the order of their edits in the text.
///
/// # Errors
/// The path of the first node that differs.
pub fn same(before: &Tree<'_>, planned: &[Planned], after: &Tree<'_>) -> Result<(), String> {
    let mut changes: Vec<(NodeId, &Op)> =
        planned.iter().filter(|p| p.inner.is_none()).map(|p| (p.node, &p.op)).collect();
    changes.sort_by_key(|(node, _)| *node);
    let mut inside: Vec<&Planned> = planned.iter().filter(|one| one.inner.is_some()).collect();
    inside.sort_by_key(|one| one.node);
    let compare = Compare { before, changes, inside, after };
    match (before.root(), after.root()) {
        (Some(b), Some(a)) => compare.node(b, a),
        (None, None) => Ok(()),
        _ => Err(String::new()),
    }
}

struct Compare<'a, 'b, 'c> {
    before: &'a Tree<'b>,
    /// In the order of the nodes.
    changes: Vec<(NodeId, &'a Op)>,
    /// The changes inside of scalars, in the order of the scalars.
    inside: Vec<&'a Planned>,
    after: &'a Tree<'c>,
}

impl Compare<'_, '_, '_> {
    fn ops(&self, node: NodeId) -> impl Iterator<Item = &Op> {
        let start = self.changes.partition_point(|(n, _)| *n < node);
        self.changes[start..].iter().take_while(move |(n, _)| *n == node).map(|(_, op)| *op)
    }

    fn differs(&self, node: NodeId) -> Result<(), String> {
        Err(self.before.path(node))
    }

    fn node(&self, b: NodeId, a: NodeId) -> Result<(), String> {
        if let Some(value) =
            self.ops(b).find_map(|op| if let Op::Set(value) = op { Some(value) } else { None })
        {
            return if self.value(value, a) { Ok(()) } else { self.differs(b) };
        }
        if self.before.kind(b) == Kind::Alias || self.after.kind(a) == Kind::Alias {
            let alias = |tree: &Tree<'_>, node| {
                tree.kind(node) == Kind::Alias && tree.text()[tree.range(node)].starts_with('*')
            };
            let same = alias(self.before, b)
                && alias(self.after, a)
                && self.before.text()[self.before.range(b)] == self.after.text()[self.after.range(a)];
            return if same { Ok(()) } else { self.differs(b) };
        }
        match (self.before.kind(b), self.after.kind(a)) {
            (Kind::Scalar(_), Kind::Scalar(_)) => self.scalar(b, a),
            (Kind::Sequence, Kind::Sequence) => self.sequence(b, a),
            (Kind::Mapping, Kind::Mapping) => self.mapping(b, a),
            _ => self.differs(b),
        }
    }

    fn scalar(&self, b: NodeId, a: NodeId) -> Result<(), String> {
        let start = self.inside.partition_point(|one| one.node < b);
        let inner = self.inside[start..].iter().take_while(|one| one.node == b);
        let inner: Vec<Planned> = inner
            .filter_map(|one| Some(Planned { node: one.inner?, inner: None, op: one.op.clone() }))
            .collect();
        if !inner.is_empty() {
            let (Ok(before), Ok(after)) = (Embedded::open(self.before, b), Embedded::open(self.after, a))
            else {
                return self.differs(b);
            };
            let is_yaml = !after.tree.is_json() && !after.tree.is_flag_file();
            if is_yaml && second_opinion(after.tree.text(), &after.tree).is_err() {
                return self.differs(b);
            }
            // The line breaks at the end belong to the value, too, unless a block scalar inside has them. There may be more:
            // blank lines above what is removed.
            let line_breaks = |tree: &Tree<'_>, node| {
                let text = tree.scalar(node).unwrap_or_default();
                text.len() - text.trim_end_matches('\n').len()
            };
            let ends_in_block = before.tree.block_scalar_ends().any(|end| end == before.tree.text().len());
            if !ends_in_block && line_breaks(self.before, b) > line_breaks(self.after, a) {
                return self.differs(b);
            }
            return same(&before.tree, &inner, &after.tree)
                .map_err(|path| format!("{}: {path}", self.before.path(b)));
        }
        let plain = |tree: &Tree<'_>, node| tree.kind(node) == Kind::Scalar(Style::Plain);
        let same = self.before.scalar(b) == self.after.scalar(a)
            && plain(self.before, b) == plain(self.after, a)
            && self.before.tag(b) == self.after.tag(a);
        if same { Ok(()) } else { self.differs(b) }
    }

    fn sequence(&self, b: NodeId, a: NodeId) -> Result<(), String> {
        let mut after = self.after.items(a);
        // An item in the place of a comment above the first item is the first one.
        let uncommented_first = |op: &Op| matches!(op, Op::Uncomment(c, _) if c.after.is_none());
        let new_items = |wanted: &dyn Fn(&Op) -> bool, after: &mut dyn Iterator<Item = NodeId>| {
            self.ops(b).filter(|op| wanted(op)).all(|op| match op {
                Op::InsertItem(_, value) | Op::Uncomment(_, value) => {
                    after.next().is_some_and(|a| self.value(value, a))
                }
                _ => true,
            })
        };
        let mut same = new_items(&uncommented_first, &mut after);
        let last = self.before.items(b).last();
        for item in self.before.items(b) {
            if !self.ops(item).any(|op| *op == Op::Remove) {
                let Some(a) = after.next() else { return self.differs(item) };
                self.node(item, a)?;
            }
            // An item without a place follows the last one.
            let follows = |op: &Op| match op {
                Op::InsertItem(place, _) => place.after.or(last) == Some(item),
                Op::Uncomment(comment, _) => comment.after == Some(item),
                _ => false,
            };
            same = same && new_items(&follows, &mut after);
        }
        let only = |op: &Op| last.is_none() && matches!(op, Op::InsertItem(..));
        same = same && new_items(&only, &mut after) && after.next().is_none();
        if same { Ok(()) } else { self.differs(b) }
    }

    fn mapping(&self, b: NodeId, a: NodeId) -> Result<(), String> {
        let mut after = self.after.entries(a);
        let last = self.before.entries(b).last().map(|(_, value)| value);
        let new_entries = |place: Option<NodeId>, after: &mut dyn Iterator<Item = (NodeId, NodeId)>| {
            self.ops(b).all(|op| match op {
                // An entry without a place follows the last one.
                Op::InsertEntry(p, key, value) if p.after.or(last) == place => after
                    .next()
                    .is_some_and(|(k, v)| self.after.scalar(k) == Some(key) && self.value(value, v)),
                _ => true,
            })
        };
        for (key, value) in self.before.entries(b) {
            if !self.ops(value).any(|op| *op == Op::Remove) {
                let Some((k, v)) = after.next() else { return self.differs(value) };
                self.node(key, k)?;
                self.node(value, v)?;
            }
            if !new_entries(Some(value), &mut after) {
                return self.differs(b);
            }
        }
        let same = (last.is_some() || new_entries(None, &mut after)) && after.next().is_none();
        if same { Ok(()) } else { self.differs(b) }
    }

    /// Whether the node `a` of the text after says exactly `value`.
    fn value(&self, value: &Value, a: NodeId) -> bool {
        let tree = self.after;
        match value {
            Value::String(text) if tree.is_flag_file() && tree.kind(a) == Kind::Sequence => {
                tree.items(a).map(|word| tree.string(word)).eq([Some(text.as_str())])
            }
            Value::String(text) => tree.string(a) == Some(text),
            Value::Word(word) => {
                let plain = tree.kind(a) == Kind::Scalar(Style::Plain) && !tree.is_tagged(a);
                (plain || tree.is_flow(a)) && tree.text()[tree.range(a)] == **word
            }
            Value::Seq(values) => {
                let items: Vec<NodeId> = tree.items(a).collect();
                tree.kind(a) == Kind::Sequence
                    && items.len() == values.len()
                    && items.iter().zip(values).all(|(a, v)| self.value(v, *a))
            }
            Value::Map(values) => {
                let entries: Vec<_> = tree.entries(a).collect();
                tree.kind(a) == Kind::Mapping
                    && entries.len() == values.len()
                    && entries
                        .iter()
                        .zip(values)
                        .all(|((k, v), (key, value))| tree.scalar(*k) == Some(key) && self.value(value, *v))
            }
        }
    }
}
