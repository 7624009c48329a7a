//! Where things are in the text: columns, colons, the ends of lines.

use super::super::tree::{Kind, NodeId, Style, Tree};
use super::together::Together;
use super::{Reason, Refusal};
use crate::source::{begins_line, line_end, line_start, next_line};
use core::ops::Range;

pub(super) struct Lower<'a, 't> {
    pub(super) tree: &'a Tree<'t>,
    pub(super) text: &'a str,
    /// All changes of the tree that are made together.
    pub(super) together: &'a Together<'a>,
}

impl Lower<'_, '_> {
    pub(super) fn refuse<T>(&self, node: NodeId, what: &'static str) -> Result<T, Refusal> {
        Err(Refusal { offset: self.tree.range(node).start, reason: Reason::Layout(what) })
    }

    /// The column of the first byte of a node: spaces and dashes before it on its line, in bytes.
    pub(super) fn column(&self, node: NodeId) -> usize {
        self.before(node).len()
    }

    /// What precedes a node on its line.
    pub(super) fn before(&self, node: NodeId) -> &str {
        let start = self.begin(node);
        &self.text[line_start(self.text, start)..start]
    }

    /// Where a node begins; of a block scalar that is an item, what follows its dash: the header.
    pub(super) fn begin(&self, node: NodeId) -> usize {
        let start = self.tree.range(node).start;
        if !self.is_block_scalar(node) {
            return start;
        }
        let line = line_start(self.text, self.text[..start].trim_end().len());
        line + self.text[line..start].find(|c| !matches!(c, ' ' | '-')).unwrap_or_default()
    }

    /// The column of the entries of a block mapping or the dashes of a block sequence.
    pub(super) fn collection_column(&self, node: NodeId) -> Result<usize, Refusal> {
        let Some(first) = self.tree.children(node).next() else {
            return self.refuse(node, "an empty collection without brackets");
        };
        if self.tree.kind(node) == Kind::Sequence {
            return self.dash(first).or_else(|refusal| self.dash_above(first).ok_or(refusal));
        }
        let before = self.before(first);
        if before.bytes().all(|b| matches!(b, b' ' | b'-')) {
            return Ok(before.len());
        }
        self.refuse(first, "keys with `?`, tags or anchors before them are not edited")
    }

    /// Whether the first member of a block collection shares its line with what is before it: a dash, a tag.
    pub(super) fn is_compact(&self, collection: NodeId) -> Result<bool, Refusal> {
        let Some(first) = self.tree.children(collection).next() else { return Ok(false) };
        let before = self.before(first);
        let column = match self.tree.kind(collection) {
            Kind::Sequence => self.collection_column(collection)?.min(before.len()),
            _ => before.len(),
        };
        Ok(before[..column].bytes().any(|b| b != b' '))
    }

    /// The column of the dash of an item.
    pub(super) fn dash(&self, item: NodeId) -> Result<usize, Refusal> {
        match self.before(item).trim_end().strip_suffix('-') {
            Some(before) => Ok(before.len()),
            None => self.refuse(item, "a tag, an anchor or another line is between this item and its dash"),
        }
    }

    /// The column of a dash that has a line of its own, with only comments between it and its item.
    fn dash_above(&self, item: NodeId) -> Option<usize> {
        if self.tree.range(item).is_empty() || !self.before(item).trim().is_empty() {
            return None; // only its own line can have the dash
        }
        let above = self.text[..line_start(self.text, self.begin(item))].lines().rev();
        let mut above = above.skip_while(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
        let line = above.next()?.trim_start_matches('\u{FEFF}');
        let code = line.split(" #").next().unwrap_or(line).trim_end();
        let column = code.strip_suffix('-')?.len();
        (code[..column].bytes().all(|b| b == b' ') && column < self.column(item)).then_some(column)
    }

    /// The last node in the text at or below a block node.
    pub(super) fn last_leaf(&self, node: NodeId) -> NodeId {
        let mut last = node;
        while let Some(child) = self.tree.children(last).last() {
            if self.tree.is_flow(last) {
                break;
            }
            last = child;
        }
        last
    }

    pub(super) fn is_block_scalar(&self, node: NodeId) -> bool {
        matches!(self.tree.kind(node), Kind::Scalar(Style::Literal | Style::Folded))
    }

    /// Where the lines of a block node end: the start of the line after its last leaf.
    pub(super) fn end_of_lines(&self, node: NodeId) -> usize {
        let leaf = self.tree.range(self.last_leaf(node));
        // A block scalar ends where the next line begins. An empty value ends before the colon of its key, on the same line,
        // but after `? key` where the next key begins, or before the colon that has a line of its own.
        let begins_line = leaf.end > 0 && begins_line(self.text, leaf.end);
        let end = if begins_line { leaf.end } else { next_line(self.text, leaf.end) };
        let line = self.text[end..line_end(self.text, end)].trim_start();
        let colon = leaf.is_empty()
            && line
                .strip_prefix(':')
                .is_some_and(|rest| rest.trim_start().len() < rest.len() || rest.is_empty());
        if colon { next_line(self.text, end) } else { end }
    }

    /// Whether the header of a block scalar says `+`: blank lines directly below it would become its content.
    pub(super) fn may_keep_blank_lines(&self, node: NodeId) -> bool {
        let header = self.text[..self.tree.range(node).start].trim_end();
        header[line_start(header, header.len())..].contains('+')
    }

    /// The end of the blank lines that begin at `start`.
    pub(super) fn end_of_blank_lines(&self, start: usize) -> usize {
        let mut at = start;
        while at < self.text.len() && self.text[at..line_end(self.text, at)].trim().is_empty() {
            at = next_line(self.text, at);
        }
        at
    }

    /// Right after the colon of the key of `node`, if only blanks are between it and the value.
    pub(super) fn colon_before(&self, node: NodeId) -> Result<usize, Refusal> {
        let colon = self.colon_after(node)?;
        let start = self.tree.range(node).start.max(colon);
        if self.text[colon..start].trim().is_empty() {
            return Ok(colon);
        }
        self.refuse(node, "a tag or an anchor precedes this value")
    }

    /// Right after the colon that follows the key of an empty value.
    pub(super) fn colon_after(&self, node: NodeId) -> Result<usize, Refusal> {
        let Some(key) = self.tree.key_of(node) else {
            return self.refuse(node, "an empty item of a sequence");
        };
        let end = self.tree.range(key).end;
        let rest = &self.text[end..];
        let colon = rest.trim_start_matches([' ', '\t']);
        if colon.starts_with(':') {
            return Ok(end + rest.len() - colon.len() + 1);
        }
        self.refuse(key, "the colon of this key is on another line")
    }

    pub(super) fn in_flow(&self, node: NodeId) -> bool {
        self.tree.parent(node).is_some_and(|parent| self.tree.is_flow(parent))
    }

    /// How many columns a mapping is deeper than its key near `key`: what the entry above it does, else two.
    pub(super) fn step(&self, key: NodeId) -> usize {
        let parent = self.tree.parent(key);
        let above = parent.and_then(|p| self.tree.parent(p)).filter(|p| self.tree.kind(*p) == Kind::Mapping);
        match (parent.and_then(|p| self.tree.key_of(p)), above) {
            (Some(above), Some(_)) => self.column(key).saturating_sub(self.column(above)).clamp(1, 8),
            _ => 2,
        }
    }

    /// Removing a node that an alias names, or replacing one above it, would leave the alias without a meaning.
    pub(super) fn whole(&self, node: NodeId) -> Result<(), Refusal> {
        let nodes = [self.tree.key_of(node), Some(node)];
        match nodes.into_iter().flatten().find_map(|n| self.tree.shared_descendant(n)) {
            Some(shared) => Err(Refusal { offset: self.tree.range(shared).start, reason: Reason::Shared }),
            None => Ok(()),
        }
    }

    /// Items as pairs of themselves, entries as key and value.
    pub(super) fn members(&self, collection: NodeId) -> Box<dyn Iterator<Item = (NodeId, NodeId)> + '_> {
        match self.tree.kind(collection) {
            Kind::Mapping => Box::new(self.tree.entries(collection)),
            _ => Box::new(self.tree.items(collection).map(|item| (item, item))),
        }
    }

    /// Whether a flow collection is one of brackets or braces; the pair in `[a: b]` is a mapping without them. The pair in
    /// `[{a: b}: c]` begins with a brace, which is its key's.
    pub(super) fn has_brackets(&self, node: NodeId) -> bool {
        let range = self.tree.range(node);
        let is_pair =
            || self.tree.children(node).next().is_some_and(|key| self.tree.range(key).start == range.start);
        self.tree.is_flow(node) && self.text[range.clone()].starts_with(['[', '{']) && !is_pair()
    }

    /// The bytes of the members of a flow collection, if only blanks and commas are between them.
    pub(super) fn flow_members(&self, collection: NodeId) -> Result<Vec<Range<usize>>, Refusal> {
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

    pub(super) fn only_commas(&self, collection: NodeId, gap: Range<usize>) -> Result<(), Refusal> {
        let gap = &self.text[gap];
        if gap.contains('#') {
            return self.refuse(collection, "a comment is inside this flow collection");
        }
        if gap.chars().all(|c| c == ',' || c.is_ascii_whitespace()) {
            return Ok(());
        }
        self.refuse(collection, "a tag, an anchor or `?` is inside this flow collection")
    }

    /// Where a member of a flow collection ends: an empty value with the colon of its key and a blank, because libyaml takes
    /// no comma right after a colon.
    pub(super) fn end_in_flow(&self, value: NodeId) -> usize {
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

    /// Refuses to replace a flow collection that has a comment inside: it would be lost.
    pub(super) fn without_comments(&self, collection: NodeId) -> Result<(), Refusal> {
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
                return self.refuse(collection, "a comment is inside this flow collection");
            }
            at = leaf.end;
        }
        if self.text[at..self.tree.range(collection).end].contains('#') {
            return self.refuse(collection, "a comment is inside this flow collection");
        }
        Ok(())
    }
}
