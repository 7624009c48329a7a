//! The only file that names the parser: events of granit-parser into a [`Tree`].

use super::nodes::Nodes;
use super::tree::{Kind, Node, NodeId, Style, Syntax, Tag, Tree};
use crate::source::{Position, indentation, line_start, next_line, position};
use core::fmt;
use core::ops::Range;
use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, options};
use std::borrow::Cow;

/// The largest number of nodes of one document.
const MAX_NODES: usize = 2_000_000;

/// Why a document is not YAML, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong, in the parser's words.
    pub message: String,
    /// The byte offset in the whole text.
    pub offset: usize,
    /// The same place for people.
    pub position: Position,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.message, self.offset)
    }
}

impl core::error::Error for ParseError {}

/// Parses the document at `range` of `text`.
///
/// # Errors
/// If the document is not YAML 1.2, nests deeper than 255 levels, or has more than two million nodes.
pub fn parse(text: &str, range: Range<usize>) -> Result<Tree<'_>, ParseError> {
    let base = range.start;
    let chunk = &text[range];
    let fail =
        |message: String, offset: usize| ParseError { message, offset, position: position(text, offset) };
    // A byte-order mark may open any document; the parser wants it only at the start of a stream, which a chunk is.
    let mut options = options! { emit_anchor_events: true, emit_unresolved_aliases: true };
    options.set_emit_comments(false);
    let mut nodes = Nodes::default();
    nodes.list.reserve_exact(chunk.len() / 16);
    let mut aliased = Vec::new();
    let mut open: Vec<(NodeId, NodeId)> = Vec::new(); // a collection and its last child
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(chunk, options) {
        let (event, span) = event.map_err(|error| {
            let offset = error.marker().byte_offset().unwrap_or(0).min(chunk.len());
            fail(error.info(), base + offset)
        })?;
        let bytes = span.byte_range().unwrap_or_default();
        let (parent, previous) = open.last().copied().unwrap_or((NodeId::NONE, NodeId::NONE));
        let range = base + bytes.start..base + bytes.end;
        let mut node = |kind, flow, tag: Option<Cow<'_, granit_parser::Tag>>, anchor| {
            nodes.anchor(to_u32(anchor));
            let kind_of_tag = match &tag {
                None => Tag::None,
                Some(tag) if tag.is_yaml_core_schema_tag("str") => Tag::Str,
                Some(_) => Tag::Other,
            };
            if let Some(tag) = tag {
                nodes.tag(tag.to_string());
            }
            Node { flow, tag: kind_of_tag, ..Node::new(kind, range.clone(), parent) }
        };
        let (node, value) = match event {
            Event::Scalar(value, style, anchor, tag) => {
                let empty = style == ScalarStyle::Plain && bytes.is_empty();
                let value = if empty { Cow::Borrowed("") } else { value };
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::SingleQuoted,
                    ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                let mut scalar = node(Kind::Scalar(style), false, tag, anchor);
                if matches!(style, Style::Literal | Style::Folded) {
                    let content = block_content(chunk, &bytes, &value);
                    (scalar.start, scalar.end) = (to_u32(base + content.start), to_u32(base + content.end));
                }
                (scalar, Some(value))
            }
            Event::SequenceStart(style, anchor, tag) => {
                (node(Kind::Sequence, style == StructureStyle::Flow, tag, anchor), None)
            }
            Event::MappingStart(style, anchor, tag) => {
                (node(Kind::Mapping, style == StructureStyle::Flow, tag, anchor), None)
            }
            Event::Alias(anchor) => {
                aliased.push(to_u32(anchor));
                (node(Kind::Alias, false, None, anchor), None)
            }
            // The name may be a password that begins with a star: only the line shows it, and masks it there.
            Event::UnresolvedAlias(_) => {
                return Err(fail(
                    "the alias names no anchor of this document".to_owned(),
                    base + bytes.start,
                ));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((id, last)) = open.pop() {
                    // A pair without braces in a flow sequence ends with its value, as a block collection does.
                    let open = chunk.as_bytes().get(nodes.list[id.index()].start as usize - base);
                    let brackets = nodes.list[id.index()].flow && matches!(open, Some(b'[' | b'{'));
                    let end = if brackets || last == NodeId::NONE {
                        to_u32(base + bytes.end).max(nodes.list[id.index()].start)
                    } else {
                        nodes.list[last.index()].end
                    };
                    nodes.list[id.index()].end = end;
                }
                continue;
            }
            Event::DocumentStart(..) => {
                documents += 1;
                if documents > 1 {
                    return Err(fail(
                        "a second document begins without a `---` line".to_owned(),
                        base + bytes.start,
                    ));
                }
                continue;
            }
            _ => continue,
        };
        if nodes.list.len() >= MAX_NODES {
            return Err(fail(format!("more than {MAX_NODES} nodes in one document"), base + bytes.start));
        }
        make_room(&mut nodes.list, bytes.start, chunk.len());
        let opens = matches!(node.kind, Kind::Sequence | Kind::Mapping);
        let id = match value {
            Some(value) => nodes.add_scalar(node, previous, text, &value),
            None => nodes.add(node, previous),
        };
        if let Some((_, last)) = open.last_mut() {
            *last = id;
        }
        if opens {
            open.push((id, NodeId::NONE));
        }
    }
    aliased.sort_unstable();
    aliased.dedup();
    // Small documents leave most of what was reserved unused, and a stream has many of them.
    nodes.list.shrink_to_fit();
    nodes.rare.aliased = aliased;
    Ok(nodes.tree(Cow::Borrowed(text), Syntax::Yaml))
}

/// Makes room for the rest of a document that is read up to `at`, if there is none for another node: a little more than what was
/// read leads to expect, because a second move needs the room twice; and at least for a quarter of what was read.
fn make_room(nodes: &mut Vec<Node>, at: usize, length: usize) {
    let known = nodes.len();
    if known == nodes.capacity() {
        let rest = known.saturating_mul(length - at) / at.max(1);
        let rest = rest.min(MAX_NODES);
        nodes.reserve_exact((rest + rest / 16).max(known / 4) + 8);
    }
}

/// The lines of a block scalar: from its first character after the indentation to the end of its last line break, with
/// the blank lines below only if `+` keeps them. The parser's `span` reaches over blank lines into the indentation of
/// the next token, and begins at the header or the next token if there is no content.
fn block_content(text: &str, span: &Range<usize>, value: &str) -> Range<usize> {
    let no_content = value.bytes().all(|b| b == b'\n');
    let start = match text[span.clone()].as_bytes().first() {
        _ if !no_content => span.start,
        Some(b'|' | b'>') => next_line(text, span.start),
        _ => next_line(text, text[..span.start].trim_end().len()),
    };
    let indent = if no_content { usize::MAX } else { start - line_start(text, start) };
    let is_blank = |line: &Range<usize>| {
        let spaces = indentation(text, line.start);
        spaces <= indent && text[line.start + spaces..line.end].trim_end_matches(['\n', '\r']).is_empty()
    };
    let mut end = span.end.max(start);
    let last = line_start(text, end)..end;
    if last.start > start && is_blank(&last) {
        end = last.start;
    }
    let keeps = value.ends_with("\n\n") || value == "\n";
    while !keeps && end > start {
        let line = line_start(text, end - 1)..end;
        if line.start < start || !is_blank(&line) {
            break;
        }
        end = line.start;
    }
    start..end
}

#[allow(clippy::cast_possible_truncation)] // inputs are at most 64 MiB
pub(super) fn to_u32(n: usize) -> u32 {
    n as u32
}
