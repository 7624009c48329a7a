//! Sets, removes and adds words of environment files and units.

use super::place::Lower;
use super::together::Members;
use super::{Edit, Op, Refusal, Value};
use crate::source::next_line;
use crate::yaml::flag_file::is_word;
use crate::yaml::tree::{Kind, NodeId, Style};

impl Lower<'_, '_> {
    pub(super) fn words(&self, node: NodeId, op: &Op, index: usize) -> Result<Vec<Edit>, Refusal> {
        match op {
            Op::Set(Value::String(text)) if matches!(self.tree.kind(node), Kind::Scalar(_)) => {
                Ok(vec![self.set_word(node, text)?])
            }
            Op::Remove => Ok(self.remove_word(node)?.into_iter().collect()),
            Op::InsertItem(place, Value::String(text)) => {
                let items: Vec<NodeId> = self.tree.items(node).collect();
                let after = place.after.or(items.last().copied());
                self.check(node, text)?;
                let Some(after) = after else {
                    let at = self.tree.range(node).start;
                    return Ok(vec![Edit { range: at..at, text: text.clone() }]);
                };
                // What parts two words: a blank, or `\` with a line break and indentation. The last two tell it: the name of
                // a program is beside its first flag.
                let between = items.windows(2).last().map_or(" ", |pair| {
                    &self.text[self.tree.range(pair[0]).end..self.tree.range(pair[1]).start]
                });
                if between.contains('#') {
                    return self.refuse(node, "a comment is between the words");
                }
                let at = self.tree.range(after).end;
                // What becomes the first word takes the place of the one that it follows.
                let opener = Members::of(self, node).opener();
                let between = if opener.is_some_and(|(_, opener)| opener == index) { "" } else { between };
                Ok(vec![Edit { range: at..at, text: format!("{between}{text}") }])
            }
            Op::InsertEntry(_, key, Value::String(text)) => {
                self.check(node, text)?;
                // Below the last variable, or at the end of a file without one.
                let last =
                    self.tree.children(node).last().map_or(self.text.len(), |n| self.tree.range(n).end);
                let at = next_line(self.text, last);
                if self.text[..at].trim_end_matches(['\n', '\r']).ends_with('\\') {
                    return self.refuse(
                        node,
                        "the file ends with `\\`, so a new line would be part of the last one",
                    );
                }
                Ok(vec![self.insert_lines(at, &[format!("{key}={text}")])])
            }
            _ => self.refuse(node, "only words can be set, added and removed here"),
        }
    }

    fn check(&self, node: NodeId, text: &str) -> Result<(), Refusal> {
        if is_word(text) { Ok(()) } else { self.refuse(node, "the new value needs quotes: write it by hand") }
    }

    fn set_word(&self, node: NodeId, text: &str) -> Result<Edit, Refusal> {
        self.check(node, text)?;
        let mut range = self.tree.range(node);
        if matches!(self.tree.kind(node), Kind::Scalar(Style::SingleQuoted | Style::DoubleQuoted)) {
            range = range.start + 1..range.end - 1;
        }
        if self.text[range.clone()].contains(['"', '\'', '\\', '`']) {
            return self.refuse(node, "this word has quotes inside: change it by hand");
        }
        Ok(Edit { range, text: text.to_owned() })
    }

    fn remove_word(&self, node: NodeId) -> Result<Option<Edit>, Refusal> {
        let list = self.tree.parent(node).filter(|list| self.tree.kind(*list) == Kind::Sequence);
        let Some(list) = list else {
            return self.refuse(node, "only words can be set, added and removed here");
        };
        let members = Members::of(self, list);
        let at = members.index(node);
        // Neighbours are removed together with the first of them, unless a new word comes between them.
        let joins = |i: usize| i > 0 && members.removed[i - 1] && !members.adds_within(i - 1, i);
        if joins(at) {
            return Ok(None);
        }
        let removed = &members.removed;
        let last = (at + 1..removed.len()).take_while(|i| removed[*i] && joins(*i)).last().unwrap_or(at);
        let end = self.tree.range(members.nodes[last]).end;
        // With what parts it from its neighbour, the one before it if there is one.
        let range = match (at.checked_sub(1), members.nodes.get(last + 1)) {
            (Some(previous), _) => self.tree.range(members.nodes[previous]).end..end,
            (None, Some(next)) if members.opener().is_none() => {
                self.tree.range(node).start..self.tree.range(*next).start
            }
            (None, _) => self.tree.range(node).start..end,
        };
        if self.text[range.clone()].contains('#') {
            return self.refuse(node, "a comment is between the words");
        }
        Ok(Some(Edit { range, text: String::new() }))
    }
}
