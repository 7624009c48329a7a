//! Turns a change of a node into an edit of the text, in the style of its neighbours.

mod comment;
mod compose;
mod emit;
mod flag_file;
mod insert;
mod place;
mod remove;
mod set;
mod together;

pub use comment::{commented_item, commented_items};
pub use compose::compose;
pub(crate) use emit::block;

use super::tree::{Kind, Lookup, NodeId, Tree};
use core::fmt;
use core::ops::Range;
use place::Lower;
use together::{Together, keep_end, rank};

/// Replaces `range` of a text by `text`. An empty range inserts, an empty text removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Bytes of the original text.
    pub range: Range<usize>,
    /// The new text of the range.
    pub text: String,
}

/// New content. Quotes and layout follow its neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string, quoted if it must be or if its neighbours are.
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

/// The place of something new among the children of a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// The item, or the value of the entry, that it follows; `None` is the end.
    pub after: Option<NodeId>,
    /// A byte offset below `after` where a comment ends that belongs above the new item; only in block sequences.
    pub below: Option<usize>,
}

/// A commented-out item of a block sequence, as Calico ships `# - name: CALICO_IPV4POOL_CIDR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentedItem {
    /// The lines of the comment, from the start of the first to the end of the content of the last.
    pub range: Range<usize>,
    /// The item above it; `None` above the first.
    pub after: Option<NodeId>,
}

/// One change of one node, all offsets and nodes those of the tree as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// The node gets this value.
    Set(Value),
    /// The item, or the entry whose value the node is, is removed.
    Remove,
    /// The sequence `node` gets an item.
    InsertItem(Placement, Value),
    /// The sequence `node` gets an item in place of the same item that is commented out.
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
    /// What prevents the edit.
    pub reason: Reason,
}

/// What prevents an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The node, or one above it, is an alias or is named by one.
    Shared,
    /// A key on the path appears more than once.
    RepeatedKey(String),
    /// A layout that this module does not support.
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
                    "the key `{key}` appears more than once: Kubernetes uses the last one; remove the others"
                )
            }
            Reason::Layout(what) => f.write_str(what),
        }
    }
}

/// The edits of one change, among others of the same tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lowered {
    /// In the order of the text; empty if a neighbour's edits include them.
    pub edits: Vec<Edit>,
    /// The collection that gets or loses a member; `None` for other changes.
    pub collection: Option<NodeId>,
    /// Insertions at the same offset are written in this order.
    pub rank: (usize, usize),
}

/// The edits of `op` on `node`.
///
/// # Errors
/// If the edit would change more than the node, or the layout is not supported.
pub fn lower(tree: &Tree<'_>, node: NodeId, op: &Op) -> Result<Vec<Edit>, Refusal> {
    let lowered = lower_all(tree, &[(node, op)]).map_err(|(_, refusal)| refusal)?;
    Ok(lowered.into_iter().flat_map(|one| one.edits).collect())
}

/// The edits of several changes that are made together, one [`Lowered`] for each: what one of them removes, another may
/// replace. Edits of different changes may still overlap.
///
/// # Errors
/// As [`lower`], with the index of the change.
pub fn lower_all(tree: &Tree<'_>, changes: &[(NodeId, &Op)]) -> Result<Vec<Lowered>, (usize, Refusal)> {
    let together = Together::new(changes);
    let one = |(i, (node, op)): (usize, &(NodeId, &Op))| {
        let edits = lower_one(tree, &together, i).map_err(|refusal| (i, refusal))?;
        let collection = match op {
            Op::Remove => tree.parent(*node),
            Op::InsertItem(..) | Op::InsertEntry(..) | Op::Uncomment(..) => Some(*node),
            Op::Set(_) | Op::Comment { .. } => None,
        };
        Ok(Lowered { edits, collection, rank: rank(tree, *node, op) })
    };
    let mut lowered = changes.iter().enumerate().map(one).collect::<Result<Vec<_>, _>>()?;
    keep_end(tree, &mut lowered);
    Ok(lowered)
}

/// The refusal of an edit of `node` if a key on the path to it appears more than once.
#[must_use]
pub(crate) fn repeated_key(tree: &Tree<'_>, node: NodeId) -> Option<Refusal> {
    // A unit may say ExecStart= several times, and a variable may be given again: all of them are edited.
    if tree.is_flag_file() {
        return None;
    }
    let last = *tree.repeated_ancestor(node)?.last()?;
    let key = tree.scalar(last).unwrap_or_default().to_owned();
    Some(Refusal { offset: tree.range(last).start, reason: Reason::RepeatedKey(key) })
}

fn lower_one(tree: &Tree<'_>, together: &Together<'_>, index: usize) -> Result<Vec<Edit>, Refusal> {
    let (node, op) = together.changes[index];
    if let Some(shared) = tree.shared_ancestor(node) {
        return Err(Refusal { offset: tree.range(shared).start, reason: Reason::Shared });
    }
    if let Some(refusal) = repeated_key(tree, node) {
        return Err(refusal);
    }
    let wanted = match op {
        Op::InsertEntry(..) => Some((Kind::Mapping, "expected a mapping here")),
        Op::InsertItem(..) | Op::Uncomment(..) => Some((Kind::Sequence, "expected a list here")),
        Op::Set(_) | Op::Remove | Op::Comment { .. } => None,
    };
    if let Some((_, what)) = wanted.filter(|(kind, _)| *kind != tree.kind(node)) {
        return Err(Refusal { offset: tree.range(node).start, reason: Reason::Layout(what) });
    }
    if let Op::InsertEntry(_, key, _) = op {
        // The new entry would override what a merge key adds.
        if let Some(merge) = tree.entries(node).map(|(k, _)| k).find(|k| tree.scalar(*k) == Some("<<")) {
            return Err(Refusal { offset: tree.range(merge).start, reason: Reason::Shared });
        }
        if let Lookup::Found(value) = tree.lookup(node, key)
            && !together.removes(value)
        {
            return Err(Refusal {
                offset: tree.range(value).start,
                reason: Reason::Layout("this key exists already"),
            });
        }
    }
    let lower = Lower { tree, text: tree.text(), together };
    if tree.is_flag_file() {
        return lower.words(node, op, index);
    }
    if matches!(op, Op::InsertItem(..) | Op::InsertEntry(..)) && tree.children(node).next().is_none() {
        return lower.insert_first(node, index);
    }
    Ok(match op {
        Op::Set(value) => vec![lower.set(node, value)?],
        Op::Remove => lower.remove(node)?,
        Op::InsertItem(place, value) if tree.is_flow(node) => {
            vec![lower.insert_flow(node, place, None, value, index)?]
        }
        Op::InsertEntry(place, key, value) if tree.is_flow(node) => {
            vec![lower.insert_flow(node, place, Some(key), value, index)?]
        }
        Op::InsertItem(place, value) => vec![lower.insert_item(node, place, value, index)?],
        Op::InsertEntry(place, key, value) => vec![lower.insert_entry(node, place, key, value, index)?],
        Op::Uncomment(comment, value) => vec![lower.uncomment(node, comment, value)?],
        Op::Comment { from, to } => vec![lower.comment(node, from, to)?],
    })
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
