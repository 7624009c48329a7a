//! The second opinion: checks that libyaml's grammar, which kubectl uses, reads the same values from an edited document.

use super::libyaml::{Error, Event, Parser, Properties};
use super::tree::{Kind, NodeId, Style, Tree};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How deep a document may nest to be verified.
const MAX_DEPTH: usize = 128;

/// Reads `document` with the grammar of libyaml and compares every node with `tree`, which must be the same document: what
/// it is, its text, its style, its tag, its anchor or the anchor it names.
///
/// # Errors
/// If libyaml refuses the document or reads another value: the place and the other reading.
pub fn second_opinion(document: &str, tree: &Tree<'_>) -> Result<(), String> {
    if tree.is_empty() {
        return Ok(());
    }
    let mut compare = Compare { tree, next: 0, open: Vec::new(), anchors: BTreeMap::new() };
    let mut events = Events::new(document)?;
    while let Some(event) = events.next()? {
        compare.event(event)?;
    }
    compare.end()
}

/// Why libyaml does not read `document` at all, and the byte offset in it; `None` if it does.
#[must_use]
pub fn unread(document: &str) -> Option<(String, usize)> {
    read(document).err().map(|Error { message, offset }| (message.to_owned(), offset))
}

fn read(document: &str) -> Result<(), Error> {
    let mut events = Events::new(document)?;
    let mut anchors: BTreeMap<Cow<'_, str>, usize> = BTreeMap::new();
    while let Some(event) = events.next()? {
        match event {
            Event::Alias(name) if !anchors.contains_key(name) => {
                return Err(events.refuse("found undefined alias"));
            }
            Event::Scalar { properties, .. }
            | Event::SequenceStart(properties)
            | Event::MappingStart(properties) => {
                anchors.extend(properties.anchor.map(|name| (name.into(), 0)));
            }
            _ => {}
        }
    }
    Ok(())
}

impl From<Error> for String {
    fn from(error: Error) -> String {
        error.message.to_owned()
    }
}

/// The events of the one document of a text, up to its end.
struct Events<'t> {
    parser: Parser<'t>,
    /// The bytes before the text that kubectl hands to its parser.
    skipped: usize,
    documents: usize,
}

impl<'t> Events<'t> {
    fn new(document: &'t str) -> Result<Events<'t>, Error> {
        // kubectl hands a document to its parser without the marker lines and the byte-order mark.
        let body = document.trim_start_matches('\u{FEFF}');
        let skipped = document.len() - body.len();
        let parser = Parser::new(body).map_err(|error| after(skipped, error))?;
        Ok(Events { parser, skipped, documents: 0 })
    }

    /// The next event inside the document.
    fn next(&mut self) -> Result<Option<Event<'t>>, Error> {
        loop {
            match self.parser.next_event().map_err(|error| after(self.skipped, error))? {
                Event::StreamEnd => return Ok(None),
                Event::DocumentEnd => {}
                Event::DocumentStart => {
                    self.documents += 1;
                    if self.documents > 1 {
                        return Err(self.refuse("a second document begins"));
                    }
                }
                event => return Ok(Some(event)),
            }
        }
    }

    /// For what the grammar allows and a document does not, where the last event ends.
    fn refuse(&self, message: &'static str) -> Error {
        after(self.skipped, Error { message, offset: self.parser.offset() })
    }
}

/// The same error in a text with `skipped` bytes before it.
fn after(skipped: usize, error: Error) -> Error {
    Error { offset: skipped + error.offset, ..error }
}

/// A walk over the nodes of a tree, which are in the order of the text, along the events of the same text.
struct Compare<'a, 't, 'd> {
    tree: &'a Tree<'t>,
    /// The number of the node that the next event must be.
    next: usize,
    open: Vec<NodeId>,
    /// The anchors by their names: the last one of a name counts. The first parser has a map of this type, too, so the module
    /// for browsers has its code once.
    anchors: BTreeMap<Cow<'d, str>, usize>,
}

impl<'d> Compare<'_, '_, 'd> {
    fn event(&mut self, event: Event<'d>) -> Result<(), String> {
        match event {
            Event::Alias(name) => {
                let node = self.node("an alias")?;
                let named = self.anchors.get(name).copied();
                let same =
                    self.tree.kind(node) == Kind::Alias && named == Some(self.tree.anchor(node) as usize);
                self.check(node, same, || format!("the alias *{name}"))
            }
            Event::Scalar { properties, value, style } => {
                let node = self.node("a scalar")?;
                let same = self.tree.kind(node) == Kind::Scalar(style) && self.reads(node, &value, style);
                self.check(node, same, || format!("`{value}`"))?;
                let tag = properties.tag.as_deref().unwrap_or_default();
                self.check(node, fits(tag, &value), || format!("`{value}`, which is no {tag}"))?;
                self.properties(node, &properties)
            }
            Event::SequenceStart(properties) => self.open(Kind::Sequence, &properties, "a sequence"),
            Event::MappingStart(properties) => self.open(Kind::Mapping, &properties, "a mapping"),
            Event::SequenceEnd => self.close(Kind::Sequence, "a shorter sequence"),
            Event::MappingEnd => self.close(Kind::Mapping, "a shorter mapping"),
            Event::DocumentStart | Event::DocumentEnd | Event::StreamEnd => Ok(()),
        }
    }

    /// The next node, which must be a child of the innermost open collection.
    fn node(&mut self, read: &str) -> Result<NodeId, String> {
        let parent = self.open.last().copied();
        let node = u32::try_from(self.next).ok().filter(|_| self.next < self.tree.len()).map(NodeId);
        match node {
            Some(node) if self.tree.parent(node) == parent => {
                self.next += 1;
                Ok(node)
            }
            _ => {
                let place = parent.map(|parent| self.tree.path(parent)).unwrap_or_default();
                Err(format!("{place}: {read} too many"))
            }
        }
    }

    fn check(&self, node: NodeId, same: bool, read: impl Fn() -> String) -> Result<(), String> {
        if same { Ok(()) } else { Err(format!("{}: read as {}", self.tree.path(node), read())) }
    }

    fn reads(&self, node: NodeId, value: &str, style: Style) -> bool {
        let ours = self.tree.scalar(node).unwrap_or_default();
        // At the end of a text without a final line break libyaml leaves out the one that clips a block scalar.
        let is_block = matches!(style, Style::Literal | Style::Folded);
        let clipped = is_block && self.tree.range(node).end == self.tree.text().len();
        ours == value || (clipped && ours.strip_suffix('\n') == Some(value))
    }

    fn open(&mut self, kind: Kind, properties: &Properties<'d>, read: &str) -> Result<(), String> {
        let node = self.node(read)?;
        self.check(node, self.tree.kind(node) == kind, || read.to_owned())?;
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH} levels"));
        }
        self.open.push(node);
        self.properties(node, properties)
    }

    fn close(&mut self, kind: Kind, read: &str) -> Result<(), String> {
        let Some(node) = self.open.pop() else { return Err(read.to_owned()) };
        let next = self.tree.nodes.get(self.next);
        let same = self.tree.kind(node) == kind && next.is_none_or(|next| next.parent != node);
        self.check(node, same, || read.to_owned())
    }

    fn properties(&mut self, node: NodeId, properties: &Properties<'d>) -> Result<(), String> {
        let anchor = self.tree.anchor(node);
        let same_tag = self.tree.tag(node) == properties.tag.as_deref();
        self.check(node, same_tag, || format!("tagged {}", properties.tag.as_deref().unwrap_or("nothing")))?;
        let same_anchor = (anchor != 0) == properties.anchor.is_some();
        self.check(node, same_anchor, || format!("anchored {}", properties.anchor.unwrap_or("nowhere")))?;
        if let Some(name) = properties.anchor {
            self.anchors.insert(name.into(), anchor as usize);
        }
        Ok(())
    }

    fn end(&self) -> Result<(), String> {
        if self.next == self.tree.len() {
            Ok(())
        } else {
            Err("the document is read as a shorter one".to_owned())
        }
    }
}

/// Whether a scalar with this tag has a text of that type: kubectl refuses `!!int abc`.
fn fits(tag: &str, text: &str) -> bool {
    match tag.strip_prefix("tag:yaml.org,2002:") {
        Some("null") => matches!(text, "~" | "null" | "Null" | "NULL"),
        Some("bool") => matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE"),
        Some("int") => is_integer(text),
        Some("float") => is_float(text),
        _ => true,
    }
}

/// `-12`, `0x1F`, `0o17`, `0b11`
fn is_integer(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, radix) = match unsigned.as_bytes() {
        [b'0', b'x', ..] => (&unsigned[2..], 16),
        [b'0', b'o', ..] => (&unsigned[2..], 8),
        [b'0', b'b', ..] => (&unsigned[2..], 2),
        [b'0', _, ..] => return false,
        _ => (unsigned, 10),
    };
    !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix))
}

/// `-1.5e3`, `.inf`, `.nan`
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (number, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && whole.len() + fraction.len() > 0
        && !exponent.is_empty()
        && digits(exponent)
}
