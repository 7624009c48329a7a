//! An item or entry goes away, with what belongs to it.

use super::place::Lower;
use super::{Edit, Refusal};
use crate::source::{line_end, line_start, lines, next_line};
use crate::yaml::tree::{Kind, NodeId};
use core::ops::Range;

impl Lower<'_, '_> {
    pub(super) fn remove(&self, node: NodeId, removed: &[NodeId]) -> Result<Vec<Edit>, Refusal> {
        let Some(parent) = self.tree.parent(node) else { return self.refuse(node, "the root of a document") };
        self.whole(node)?;
        if self.tree.is_flow(parent) {
            return Ok(self.remove_flow(parent, node, removed)?.into_iter().collect());
        }
        let siblings: Vec<NodeId> = self.members(parent).map(|(_, v)| v).collect();
        let at = siblings.iter().position(|s| *s == node).unwrap_or_default();
        let previous = at.checked_sub(1).map(|i| siblings[i]);
        if siblings.iter().any(|sibling| !removed.contains(sibling)) {
            if previous.is_none()
                && self.tree.kind(parent) == Kind::Mapping
                && let Some(edit) = self.remove_beside_dash(node, siblings[1])
            {
                return Ok(vec![edit]);
            }
            let range = self.removed_lines(parent, node, previous)?;
            return Ok(vec![Edit { range, text: String::new() }]);
        }
        if at > 0 {
            return Ok(Vec::new()); // goes with the first
        }
        // The only one, or all of them: brackets take its place, so that the collection stays one. Comments beside the key stay there.
        let word = if self.tree.kind(parent) == Kind::Mapping { " {}" } else { " []" };
        let colon = self.colon_after(parent)?;
        let beside = self.text[colon..line_end(self.text, colon)].trim();
        if !beside.is_empty() && !beside.starts_with('#') {
            return self.refuse(parent, "a tag or an anchor stands before this value");
        }
        let mut range = self.removed_lines(parent, node, None)?;
        if let Some(last) = siblings.last().filter(|last| **last != node) {
            range.end = self.removed_lines(parent, *last, None)?.end;
        }
        if range.start == colon {
            return Ok(vec![Edit { range, text: word.to_owned() }]);
        }
        Ok(vec![Edit { range: colon..colon, text: word.to_owned() }, Edit { range, text: String::new() }])
    }

    /// The first entry of an item shares its line with the dash: the next entry takes its place.
    pub(super) fn remove_beside_dash(&self, node: NodeId, next: NodeId) -> Option<Edit> {
        let (key, next) = (self.tree.key_of(node)?, self.tree.key_of(next)?);
        let (start, next) = (self.tree.range(key).start, self.tree.range(next).start);
        let is_beside =
            self.before(key).trim_end().ends_with('-') && !self.before(key).contains(['?', ':', '!', '&']);
        let end = self.tree.range(self.last_leaf(node)).end.max(self.colon_after(node).ok()?);
        (is_beside && self.text[end..next].trim().is_empty())
            .then(|| Edit { range: start..next, text: String::new() })
    }

    /// The lines of an item or entry of a block collection, with the comments right above it at its column: they explain it.
    pub(super) fn removed_lines(
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
        begin = self.behind_commented_item(begin..line_start(self.text, self.begin(first)));
        let mut end = self.end_of_lines(node);
        let above = previous.map(|p| self.last_leaf(p)).filter(|leaf| self.is_block_scalar(*leaf));
        let kept = above.map_or(0, |leaf| self.tree.range(leaf).end);
        if above.is_some_and(|leaf| kept == begin && self.may_keep_blank_lines(leaf)) {
            end = self.end_of_blank_lines(end);
        }
        if end == self.text.len() && !self.text.ends_with(['\n', '\r']) {
            // The text goes on without a final line break, but for the one that a block scalar has for its own.
            begin = self.text[..begin].trim_end_matches(['\n', '\r']).len().max(kept);
        }
        Ok(begin..end)
    }

    /// Where the comments that explain an item begin among those above it: an item that is commented out explains nothing.
    fn behind_commented_item(&self, comments: Range<usize>) -> usize {
        let mut begin = comments.start;
        let mut is_item = false;
        for line in lines(self.text, comments) {
            let text = self.text[line.clone()].trim_start().trim_start_matches('#');
            let depth = text.len() - text.trim_start().len();
            is_item = text.trim_start().starts_with("- ") || (is_item && depth > 2);
            if is_item {
                begin = next_line(self.text, line.start);
            }
        }
        begin
    }

    pub(super) fn remove_flow(
        &self,
        collection: NodeId,
        node: NodeId,
        removed: &[NodeId],
    ) -> Result<Option<Edit>, Refusal> {
        let members = self.flow_members(collection)?;
        let goes: Vec<bool> =
            self.members(collection).map(|(_, v)| v == node || removed.contains(&v)).collect();
        let at = self.members(collection).position(|(_, v)| v == node).unwrap_or_default();
        if at > 0 && goes[at - 1] {
            return Ok(None); // goes with the one before it
        }
        let last = goes[at..].iter().position(|goes| !goes).map_or(goes.len() - 1, |n| at + n - 1);
        let range = match (at.checked_sub(1).map(|i| &members[i]), members.get(last + 1)) {
            (_, Some(next)) => members[at].start..next.start,
            (Some(previous), None) => previous.end..members[last].end,
            (None, None) => self.tree.range(collection).start + 1..self.tree.range(collection).end - 1,
        };
        Ok(Some(Edit { range, text: String::new() }))
    }
}
