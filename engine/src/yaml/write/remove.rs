//! Removes an item or entry, with what belongs to it.

use super::place::Lower;
use super::together::Members;
use super::{Edit, Refusal};
use crate::source::{line_end, line_start, lines, next_line};
use crate::yaml::tree::{Kind, NodeId};
use core::ops::Range;

impl Lower<'_, '_> {
    pub(super) fn remove(&self, node: NodeId) -> Result<Vec<Edit>, Refusal> {
        let Some(parent) = self.tree.parent(node) else { return self.refuse(node, "the root of a document") };
        self.whole(node)?;
        let members = Members::of(self, parent);
        if self.tree.is_flow(parent) {
            return Ok(self.remove_flow(parent, node, &members)?.into_iter().collect());
        }
        if members.is_emptied() {
            return self.remove_all(parent, node, &members);
        }
        let at = members.index(node);
        if self.is_compact(parent)? {
            // What takes the place of the first members is written with the new one, or instead of the first.
            match members.opener() {
                Some((after, _)) if at <= after => return Ok(Vec::new()),
                None if at < members.removed_head() => {
                    let range = self.removed_beside_dash(&members, members.removed_head())?;
                    let edit = Edit { range, text: String::new() };
                    return Ok(if at == 0 { vec![edit] } else { Vec::new() });
                }
                _ => {}
            }
        }
        Ok(vec![Edit { range: self.removed_range(parent, &members, at)?, text: String::new() }])
    }

    /// Removes the only member, or all of them: brackets take their place, so that the collection does not become null.
    /// Comments beside the key stay there.
    fn remove_all(&self, parent: NodeId, node: NodeId, members: &Members) -> Result<Vec<Edit>, Refusal> {
        let colon = self.colon_after(parent)?;
        let beside = self.text[colon..line_end(self.text, colon)].trim();
        if !beside.is_empty() && !beside.starts_with('#') {
            return self.refuse(parent, "a tag or an anchor precedes this value");
        }
        let at = members.index(node);
        let all = 0..members.nodes.len();
        let read = || {
            let ranges =
                all.map(|i| self.removed_range(parent, members, i)).collect::<Result<Vec<_>, _>>()?;
            let between = |pair: &[Range<usize>]| pair[0].end..pair[1].start.max(pair[0].end);
            let has_comments = ranges.windows(2).any(|pair| self.text[between(pair)].contains('#'));
            Ok((ranges, has_comments))
        };
        // Blank lines between them are removed, too; comments stay.
        let (ranges, comments_between) =
            members.emptied.get_or_init(read).as_ref().map_err(Refusal::clone)?;
        let mut range = ranges[at].clone();
        if at > 0 {
            let edit = Edit { range, text: String::new() };
            return Ok(if *comments_between { vec![edit] } else { Vec::new() });
        }
        if !comments_between {
            range.end = ranges[ranges.len() - 1].end;
        }
        let word = if self.tree.kind(parent) == Kind::Mapping { " {}" } else { " []" };
        if range.start == colon {
            return Ok(vec![Edit { range, text: word.to_owned() }]);
        }
        Ok(vec![Edit { range: colon..colon, text: word.to_owned() }, Edit { range, text: String::new() }])
    }

    /// The first members, up to `head`, of a collection whose first member shares its line with a dash: what follows takes
    /// their place, either the next member or a new one.
    pub(super) fn removed_beside_dash(
        &self,
        members: &Members,
        head: usize,
    ) -> Result<Range<usize>, Refusal> {
        let first = self.tree.key_of(members.nodes[0]).unwrap_or(members.nodes[0]);
        let elsewhere = "something else is on the line where this begins";
        let before = self.before(first);
        if before.contains(['?', ':', '!', '&']) || members.uncomments() {
            return self.refuse(first, elsewhere);
        }
        let dash = |node| Ok(line_start(self.text, self.begin(node)) + self.dash(node)?);
        let start = |node| match self.tree.key_of(node) {
            Some(key) => Ok(self.tree.range(key).start),
            None => dash(node),
        };
        let begin = start(members.nodes[0])?;
        for i in 0..head {
            let node = members.nodes[i];
            let colon = self.tree.key_of(node).map_or(Ok(0), |_| self.colon_after(node))?;
            let end = self.tree.range(self.last_leaf(node)).end.max(colon);
            let next = match members.nodes.get(i + 1) {
                Some(next) if i + 1 < head || members.opener().is_none() => start(*next)?,
                _ => self.end_of_lines(node),
            };
            if !self.text[end..next.max(end)].trim().is_empty() {
                return self.refuse(first, elsewhere);
            }
        }
        let end = match members.nodes.get(head) {
            Some(next) if members.opener().is_none() => start(*next)?,
            _ => self.end_of_lines(members.nodes[head - 1]),
        };
        Ok(begin..end)
    }

    /// What is removed with a member of a block collection: its lines, and blank lines and a line break if those around it
    /// would get another meaning.
    fn removed_range(&self, parent: NodeId, members: &Members, at: usize) -> Result<Range<usize>, Refusal> {
        let mut range = self.removed_lines(parent, members.nodes[at])?;
        let above = members.kept_above(at).filter(|kept| !members.adds_within(*kept, at + 1));
        let leaf = above.map(|kept| self.last_leaf(members.nodes[kept]));
        let keeping = leaf.filter(|leaf| self.is_block_scalar(*leaf) && self.may_keep_blank_lines(*leaf));
        if let (Some(leaf), Some(above)) = (keeping, above) {
            // Blank lines directly below this text would become a part of it.
            let mut reached = self.tree.range(leaf).end;
            for between in above + 1..at {
                let lines = self.removed_lines(parent, members.nodes[between])?;
                if lines.start == reached {
                    reached = self.end_of_blank_lines(lines.end);
                }
            }
            if range.start == reached {
                range.end = self.end_of_blank_lines(range.end);
            }
        }
        Ok(range)
    }

    /// The lines of an item or entry of a block collection, with the comments right above it at its column: they explain it.
    fn removed_lines(&self, parent: NodeId, node: NodeId) -> Result<Range<usize>, Refusal> {
        let first = self.tree.key_of(node).unwrap_or(node);
        let before = self.before(first);
        let column = if self.tree.kind(parent) == Kind::Sequence { self.dash(node)? } else { before.len() };
        if before[..column].bytes().any(|b| b != b' ') {
            return self.refuse(first, "something else is on the line where this begins");
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
        Ok(begin..self.end_of_lines(node))
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

    fn remove_flow(
        &self,
        collection: NodeId,
        node: NodeId,
        members: &Members,
    ) -> Result<Option<Edit>, Refusal> {
        let ranges = members.in_flow.get_or_init(|| self.flow_members(collection));
        let ranges = ranges.as_ref().map_err(Refusal::clone)?;
        let removed = &members.removed;
        let at = members.index(node);
        // Neighbours are removed together with the first of them, unless a new member comes between them.
        let opener = members.opener().map(|(after, _)| after);
        let joins = |i: usize| i > 0 && removed[i - 1] && !members.adds_within(i - 1, i);
        if joins(at) {
            return Ok(None);
        }
        let last = (at + 1..removed.len()).take_while(|i| removed[*i] && joins(*i)).last().unwrap_or(at);
        let adds = members.adds_within(at, last + 1);
        let range = match (at.checked_sub(1).map(|i| &ranges[i]), ranges.get(last + 1)) {
            // What is added takes the place of the first members.
            (_, _) if opener == Some(last) => ranges[at].start..ranges[last].end,
            (Some(previous), Some(_)) if adds || removed[at - 1] => previous.end..ranges[last].end,
            (_, Some(next)) => ranges[at].start..next.start,
            (Some(previous), None) => previous.end..ranges[last].end,
            (None, None) => self.tree.range(collection).start + 1..self.tree.range(collection).end - 1,
        };
        Ok(Some(Edit { range, text: String::new() }))
    }
}
