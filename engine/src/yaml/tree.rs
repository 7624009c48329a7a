//! A document as a flat arena of nodes, each with its bytes in the text it was read from.

use super::parse::to_u32;
use super::rare::Rare;
use super::values::Value;
use core::ops::Range;
use std::borrow::Cow;
use std::sync::Arc;

/// A node of one [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    pub(super) const NONE: NodeId = NodeId(u32::MAX);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    fn some(self) -> Option<NodeId> {
        (self != NodeId::NONE).then_some(self)
    }
}

/// What a node is. The children of a mapping are its keys and values in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A scalar with its text in some [`Style`].
    Scalar(Style),
    /// A block or flow sequence.
    Sequence,
    /// A block or flow mapping.
    Mapping,
    /// `*name`: never followed, so that nothing is edited through it.
    Alias,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes; an empty one has no bytes at all.
    Plain,
    /// `'...'`
    SingleQuoted,
    /// `"..."`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// The tag before a node, which sets its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    None,
    /// `!!str`
    Str,
    Other,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) flow: bool,
    pub(super) tag: Tag,
    /// Where the decoded text of a scalar is.
    pub(super) value: Value,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) parent: NodeId,
    /// The next child of its parent. Its own first child follows it in the list of nodes.
    pub(super) next: NodeId,
    /// Its position among the children of its parent.
    pub(super) index: u32,
}

impl Node {
    /// A node in block style, not linked to its siblings.
    pub(super) fn new(kind: Kind, range: Range<usize>, parent: NodeId) -> Node {
        let (start, end) = (to_u32(range.start), to_u32(range.end));
        let (flow, tag, value, next) = (false, Tag::None, Value::AsWritten, NodeId::NONE);
        Node { kind, flow, tag, value, start, end, parent, next, index: 0 }
    }
}

/// What a key leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// No such key.
    Missing,
    /// The one value of that key.
    Found(NodeId),
    /// The key appears more than once (its key nodes): kubectl uses the last one, so an edit of another would do nothing.
    Repeated(Vec<NodeId>),
}

/// How a tree is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Yaml,
    /// JSON inside a scalar: strings are always double-quoted, and nothing else of YAML may be written.
    Json,
    /// Lines of words: an environment file, a systemd unit, a file of arguments.
    FlagFile,
}

/// One document. `'t` is the text; ranges are byte ranges of the whole text, not of the document.
#[derive(Clone, Debug)]
pub struct Tree<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) nodes: Vec<Node>,
    /// What only some documents have.
    pub(super) rare: Option<Arc<Rare>>,
    pub(super) syntax: Syntax,
}

impl<'t> Tree<'t> {
    /// The same tree with texts of its own.
    pub(super) fn into_owned(self) -> Tree<'static> {
        Tree { text: Cow::Owned(self.text.into_owned()), ..self }
    }

    /// The same tree in `text`, which has the same document at `start`, and not at `old_start`.
    pub(crate) fn moved<'n>(&self, text: &'n str, old_start: usize, start: usize) -> Tree<'n> {
        let by = to_u32(start).wrapping_sub(to_u32(old_start));
        let mut nodes = self.nodes.clone();
        for node in &mut nodes {
            node.start = node.start.wrapping_add(by);
            node.end = node.end.wrapping_add(by);
        }
        Tree { text: Cow::Borrowed(text), nodes, rare: self.rare.clone(), syntax: self.syntax }
    }

    fn rare(&self) -> &Rare {
        static NONE: Rare = Rare::NONE;
        self.rare.as_deref().unwrap_or(&NONE)
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The text that ranges of this tree count in.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The root; `None` in an empty document.
    #[must_use]
    pub fn root(&self) -> Option<NodeId> {
        (!self.nodes.is_empty()).then_some(NodeId(0))
    }

    /// Whether it is a file of words, which is not YAML.
    #[must_use]
    pub fn is_flag_file(&self) -> bool {
        self.syntax == Syntax::FlagFile
    }

    pub(super) fn is_json(&self) -> bool {
        self.syntax == Syntax::Json
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// All nodes, in the order of the text: a collection before what it holds.
    pub(crate) fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(|index| NodeId(to_u32(index)))
    }

    /// An empty document has no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What `id` is.
    #[must_use]
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    /// Whether a collection is written in flow style (`{}` or `[]`).
    #[must_use]
    pub fn is_flow(&self, id: NodeId) -> bool {
        self.node(id).flow
    }

    /// Its bytes: of a scalar the token with its quotes, of a block scalar the content without the header, of a flow
    /// collection the brackets and all between, of a block collection from its first to its last leaf.
    #[must_use]
    pub fn range(&self, id: NodeId) -> Range<usize> {
        let node = self.node(id);
        node.start as usize..node.end as usize
    }

    /// The node that holds it.
    #[must_use]
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).parent.some()
    }

    /// How many nodes are above it, itself included.
    #[must_use]
    pub fn depth(&self, id: NodeId) -> usize {
        core::iter::successors(Some(id), |n| self.parent(*n)).count()
    }

    /// The children of a collection in order; the keys and values of a mapping in turn.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        // Nodes are in the order of the text: the first child follows its parent.
        let first = NodeId(id.0 + 1);
        let is_child = self.nodes.get(first.index()).is_some_and(|node| node.parent == id);
        let mut at = if is_child { first } else { NodeId::NONE };
        core::iter::from_fn(move || {
            let here = at.some()?;
            at = self.node(here).next;
            Some(here)
        })
    }

    /// The entries of a mapping, key and value; nothing for any other node.
    pub fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let is_mapping = self.kind(id) == Kind::Mapping;
        let mut children = self.children(id);
        core::iter::from_fn(move || {
            if !is_mapping {
                return None;
            }
            Some((children.next()?, children.next()?))
        })
    }

    /// The items of a sequence; nothing for any other node.
    pub fn items(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let is_sequence = self.kind(id) == Kind::Sequence;
        self.children(id).filter(move |_| is_sequence)
    }

    /// The decoded text of a scalar, after escapes and folding.
    #[must_use]
    pub fn scalar(&self, id: NodeId) -> Option<&str> {
        matches!(self.kind(id), Kind::Scalar(_)).then(|| self.value(id))
    }

    fn value(&self, id: NodeId) -> &str {
        self.rare().decoded.get(&self.text, id, self.node(id))
    }

    /// All scalars, keys too, in the order of the text: how each is written, and its text.
    pub fn scalars(&self) -> impl Iterator<Item = (Style, &str)> + '_ {
        self.ids().filter_map(|id| match self.kind(id) {
            Kind::Scalar(style) => Some((style, self.value(id))),
            _ => None,
        })
    }

    /// Where the block scalars end.
    pub(super) fn block_scalar_ends(&self) -> impl Iterator<Item = usize> + '_ {
        let is_block = |node: &&Node| matches!(node.kind, Kind::Scalar(Style::Literal | Style::Folded));
        self.nodes.iter().filter(is_block).map(|node| node.end as usize)
    }

    /// A block scalar that ends with the text in the middle of a line, although its style keeps a line break.
    pub(crate) fn unended_block_scalar(&self) -> Option<NodeId> {
        let text = self.text();
        if text.ends_with(['\n', '\r']) {
            return None;
        }
        let last = self.ids().last()?;
        let is_block = matches!(self.kind(last), Kind::Scalar(Style::Literal | Style::Folded));
        let is_cut = is_block && self.range(last).end == text.len() && self.value(last).ends_with('\n');
        is_cut.then_some(last)
    }

    /// The decoded text of a scalar that YAML reads as a string: quoted, block, tagged `!!str`, or plain and neither a
    /// number, boolean nor null in YAML 1.1 or 1.2. Another tag may make anything of it.
    #[must_use]
    pub fn string(&self, id: NodeId) -> Option<&str> {
        let (node, value) = (self.node(id), || self.value(id));
        match (node.kind, node.tag) {
            (Kind::Scalar(_), _) if self.is_flag_file() => Some(value()),
            (Kind::Scalar(Style::Plain), Tag::None) if !super::scalar::is_plain_string(value()) => None,
            (Kind::Scalar(_), Tag::None | Tag::Str) => Some(value()),
            _ => None,
        }
    }

    /// Whether it is an empty value, `~` or `null`.
    #[must_use]
    pub(crate) fn is_null(&self, id: NodeId) -> bool {
        let is_word = |text| matches!(text, "" | "~" | "null" | "Null" | "NULL");
        self.string(id).is_none() && self.scalar(id).is_some_and(is_word)
    }

    /// Whether a tag such as `!!str` precedes it.
    #[must_use]
    pub(crate) fn is_tagged(&self, id: NodeId) -> bool {
        self.node(id).tag != Tag::None
    }

    /// The anchor that a node defines or an alias names; 0 if there is none.
    pub(crate) fn anchor(&self, id: NodeId) -> u32 {
        let anchors = &self.rare().anchors;
        let found = anchors.binary_search_by_key(&id, |(node, _)| *node);
        found.map_or(0, |found| anchors[found].1)
    }

    /// The anchors that aliases name, in order, with their nodes.
    pub(crate) fn anchored(&self) -> Vec<(u32, Option<NodeId>)> {
        let mut found: Vec<_> = self.aliased_from(NodeId(0)).map(|(id, anchor)| (anchor, Some(id))).collect();
        found.sort_unstable();
        found
    }

    /// A node and all nodes in it, in the order of the text.
    pub(crate) fn ids_in(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let own = id.index();
        let end = self.range(id).end;
        let inside = self.nodes[own + 1..].iter().take_while(move |node| (node.start as usize) < end).count();
        (own..own + 1 + inside).map(|index| NodeId(to_u32(index)))
    }

    /// The tag before it, resolved: `tag:yaml.org,2002:str` for `!!str`.
    pub(super) fn tag(&self, id: NodeId) -> Option<&str> {
        if !self.is_tagged(id) {
            return None;
        }
        let tags = &self.rare().tags;
        let found = tags.binary_search_by_key(&id, |(node, _)| *node).ok()?;
        Some(&tags[found].1)
    }

    /// Looks `key` up in a mapping, keeping apart what is missing, found and repeated.
    #[must_use]
    pub(crate) fn lookup(&self, mapping: NodeId, key: &str) -> Lookup {
        let mut found = None;
        let mut repeated = Vec::new();
        for (k, v) in self.entries(mapping) {
            if self.scalar(k) == Some(key) {
                if let Some((first, _)) = found {
                    if repeated.is_empty() {
                        repeated.push(first);
                    }
                    repeated.push(k);
                } else {
                    found = Some((k, v));
                }
            }
        }
        match found {
            None => Lookup::Missing,
            Some((_, v)) if repeated.is_empty() => Lookup::Found(v),
            Some(_) => Lookup::Repeated(repeated),
        }
    }

    /// The value of `key`, the last one if it appears more than once, as kubectl and Go's JSON decoder read it.
    #[must_use]
    pub fn get(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        self.entries(mapping).filter(|(k, _)| self.scalar(*k) == Some(key)).last().map(|(_, v)| v)
    }

    /// Follows keys from `from`.
    #[must_use]
    pub fn at(&self, from: NodeId, keys: &[&str]) -> Option<NodeId> {
        keys.iter().try_fold(from, |node, key| self.get(node, key))
    }

    /// The key node of a value of a mapping.
    #[must_use]
    pub(crate) fn key_of(&self, value: NodeId) -> Option<NodeId> {
        let parent = self.parent(value).filter(|parent| self.kind(*parent) == Kind::Mapping)?;
        if self.node(value).index.is_multiple_of(2) {
            return None; // a key itself
        }
        // Nodes are in the order of the text: a key without children is right before its value.
        let before = NodeId(value.0 - 1);
        if self.parent(before) == Some(parent) {
            return Some(before);
        }
        self.entries(parent).find(|(_, v)| *v == value).map(|(k, _)| k)
    }

    /// Where a node is, as people write it: `spec.template.spec.containers[calico-node].env[IP6].value`. Items of a
    /// sequence are named by their `name` if they have one, else by their index.
    #[must_use]
    pub fn path(&self, id: NodeId) -> String {
        let mut steps = Vec::new();
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            match self.kind(parent) {
                Kind::Sequence => {
                    let name = self.get(at, "name").and_then(|n| self.scalar(n)).map(str::to_owned);
                    let index = || self.node(at).index.to_string();
                    steps.push(format!("[{}]", name.unwrap_or_else(index)));
                }
                _ => {
                    // A key is its own one.
                    let key = self.scalar(self.key_of(at).unwrap_or(at)).unwrap_or_default();
                    if key.contains('.') {
                        steps.push(format!("[\"{key}\"]"));
                    } else {
                        steps.push(format!(".{key}"));
                    }
                }
            }
            at = parent;
        }
        steps.reverse();
        let path = steps.concat();
        path.strip_prefix('.').map_or(path.clone(), str::to_owned)
    }

    /// The nodes from `id` on that define an anchor which an alias names, with their anchors.
    fn aliased_from(&self, id: NodeId) -> impl Iterator<Item = (NodeId, u32)> + '_ {
        let Rare { anchors, aliased, .. } = self.rare();
        let first = anchors.partition_point(|(node, _)| *node < id);
        let is_aliased = |(node, anchor): &(NodeId, u32)| {
            self.kind(*node) != Kind::Alias && aliased.binary_search(anchor).is_ok()
        };
        anchors[first..].iter().copied().filter(is_aliased)
    }

    /// The nearest node from `id` up to the root that defines an anchor which an alias names, or is an alias itself: an
    /// edit below it would change other places too.
    #[must_use]
    pub(crate) fn shared_ancestor(&self, id: NodeId) -> Option<NodeId> {
        let mut at = Some(id);
        while let Some(here) = at {
            let is_aliased = || self.aliased_from(here).next().is_some_and(|(node, _)| node == here);
            if self.kind(here) == Kind::Alias || is_aliased() {
                return Some(here);
            }
            at = self.parent(here);
        }
        None
    }

    /// The first node at or below `id` that defines an anchor which an alias names: without it the alias would name nothing.
    #[must_use]
    pub(crate) fn shared_descendant(&self, id: NodeId) -> Option<NodeId> {
        // Nodes are in the order of the text: those below `id` follow it, up to the next one of it or of a node above it.
        let mut above = Some(id);
        let next = core::iter::from_fn(|| {
            let here = above?;
            above = self.parent(here);
            Some(self.node(here).next)
        });
        let end = next.into_iter().find_map(NodeId::some).map_or(self.nodes.len(), NodeId::index);
        let (found, _) = self.aliased_from(id).next()?;
        (found.index() < end).then_some(found)
    }

    /// The keys of the nearest mapping from `id` up to the root whose key on the path appears more than once.
    #[must_use]
    pub(crate) fn repeated_ancestor(&self, id: NodeId) -> Option<Vec<NodeId>> {
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            if self.kind(parent) == Kind::Mapping
                && let Some(key) = self.key_of(at)
                && let Some(text) = self.scalar(key)
                && let Lookup::Repeated(keys) = self.lookup(parent, text)
            {
                return Some(keys);
            }
            at = parent;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_key_has_the_path_of_its_value() {
        let text = "spec: {externalIPs: [192.0.2.80]}";
        let tree = crate::yaml::parse(text, 0..text.len()).unwrap_or_else(|error| panic!("{error}"));
        let value = tree.root().and_then(|root| tree.at(root, &["spec", "externalIPs"]));
        let paths = value.map(|value| (tree.path(value), tree.key_of(value).map(|key| tree.path(key))));
        assert_eq!(paths, Some(("spec.externalIPs".to_owned(), Some("spec.externalIPs".to_owned()))));
    }
}
