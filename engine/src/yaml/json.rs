//! JSON as Calico's installers write it: strict, but a bare word may be a placeholder that install-cni fills in.

use super::nodes::Nodes;
use super::parse::to_u32;
use super::tree::{Kind, Node, NodeId, Style, Syntax, Tree};
use std::borrow::Cow;

/// How deep objects and lists may nest.
const MAX_DEPTH: usize = 255;

/// The largest number of nodes of one text: a ConfigMap or a Secret has at most 1 MiB, which holds no more of what is written.
const MAX_NODES: usize = 100_000;

/// Parses `text`; a tree that owns it. The error is a message and a byte offset.
pub(super) fn parse(text: String) -> Result<Tree<'static>, (String, usize)> {
    let mut parser = Parser { text: &text, at: 0, depth: 0, nodes: Nodes::default() };
    parser.blank();
    parser.value(Place::ROOT)?;
    parser.blank();
    if parser.at < text.len() {
        return Err(("more text follows the end of the JSON document".to_owned(), parser.at));
    }
    let nodes = parser.nodes;
    Ok(nodes.tree(Cow::Owned(text), Syntax::Json))
}

struct Parser<'p> {
    text: &'p str,
    at: usize,
    depth: usize,
    nodes: Nodes,
}

/// Where a node is: in which collection, after which sibling.
#[derive(Clone, Copy)]
struct Place {
    parent: NodeId,
    previous: NodeId,
}

impl Place {
    const ROOT: Place = Place { parent: NodeId::NONE, previous: NodeId::NONE };
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn fail<T>(&self, message: &str) -> Result<T, (String, usize)> {
        Err((message.to_owned(), self.at))
    }

    /// Adds a scalar that began at `start` and was read to here.
    fn scalar(&mut self, style: Style, start: usize, place: Place, value: &str) -> NodeId {
        let node = Node::new(Kind::Scalar(style), start..self.at, place.parent);
        self.nodes.add_scalar(node, place.previous, self.text, value)
    }

    fn value(&mut self, place: Place) -> Result<NodeId, (String, usize)> {
        if self.nodes.list.len() >= MAX_NODES {
            return self.fail("more than 100000 nodes in one text");
        }
        match self.peek() {
            Some(b'{') => self.collection(place, Kind::Mapping, b'}'),
            Some(b'[') => self.collection(place, Kind::Sequence, b']'),
            Some(b'"') => self.string(place),
            Some(b',' | b'}' | b']' | b':') | None => self.fail("a value is missing here"),
            Some(_) => self.word(place),
        }
    }

    fn collection(&mut self, place: Place, kind: Kind, close: u8) -> Result<NodeId, (String, usize)> {
        if self.depth >= MAX_DEPTH {
            return self.fail("nested deeper than 255 levels");
        }
        self.depth += 1;
        let start = self.at;
        self.at += 1;
        let node = Node { flow: true, ..Node::new(kind, start..start, place.parent) };
        let parent = self.nodes.add(node, place.previous);
        let mut previous = NodeId::NONE;
        self.blank();
        if self.peek() != Some(close) {
            loop {
                if kind == Kind::Mapping {
                    if self.peek() != Some(b'"') {
                        return self.fail("a key between double quotes is expected here (a comma too many?)");
                    }
                    previous = self.string(Place { parent, previous })?;
                    self.blank();
                    if self.peek() != Some(b':') {
                        return self.fail("`:` is expected after the key");
                    }
                    self.at += 1;
                    self.blank();
                }
                previous = self.value(Place { parent, previous })?;
                self.blank();
                match self.peek() {
                    Some(b',') => {
                        let comma = self.at;
                        self.at += 1;
                        self.blank();
                        if self.peek() == Some(close) {
                            self.at = comma;
                            return self.fail("a comma before the closing bracket is not JSON");
                        }
                    }
                    Some(b) if b == close => break,
                    _ => return self.fail("`,` or the closing bracket is expected here"),
                }
            }
        }
        self.at += 1;
        self.depth -= 1;
        self.nodes.list[parent.index()].end = to_u32(self.at);
        Ok(parent)
    }

    fn string(&mut self, place: Place) -> Result<NodeId, (String, usize)> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(c) = rest.chars().next() else {
                self.at = start;
                return self.fail("this string is not closed");
            };
            match c {
                '"' => {
                    self.at += 1;
                    let written = &self.text[start + 1..self.at - 1];
                    let value = if value == written { written } else { &value };
                    return Ok(self.scalar(Style::DoubleQuoted, start, place, value));
                }
                '\\' => value.push(self.escape(rest)?),
                c if (c as u32) < 0x20 => {
                    return self.fail("a control character inside a string is not JSON");
                }
                c => {
                    value.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self, rest: &str) -> Result<char, (String, usize)> {
        let simple = match rest.as_bytes().get(1) {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(c @ (b'"' | b'\\' | b'/')) => *c as char,
            Some(b'u') => {
                let code = rest.get(2..6).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                let Some(code) = code else { return self.fail("`\\u` wants four hexadecimal digits") };
                self.at += 6;
                // Half of a surrogate pair: kept as the replacement character, only to be compared, never written.
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => return self.fail("no such escape in JSON"),
        };
        self.at += 2;
        Ok(simple)
    }

    /// A number, `true`, `false`, `null`, or a placeholder: `__CNI_MTU__`, `${MTU}`, `<mtu>`.
    fn word(&mut self, place: Place) -> Result<NodeId, (String, usize)> {
        let start = self.at;
        let rest = &self.text[start..];
        let end = rest.find([',', ']', '}', ' ', '\t', '\n', '\r', '"', ':', '[']).unwrap_or(rest.len());
        let word =
            if rest.starts_with("${") { rest.find('}').map_or(rest, |i| &rest[..=i]) } else { &rest[..end] };
        let placeholder = (word.len() > 4 && word.starts_with("__") && word.ends_with("__"))
            || (word.starts_with("${") && word.ends_with('}'))
            || (word.starts_with('<') && word.ends_with('>'));
        let literal = matches!(word, "true" | "false" | "null") || is_number(word);
        if !placeholder && !literal {
            return self.fail("neither a JSON value nor a placeholder such as `__CNI_MTU__`");
        }
        self.at += word.len();
        Ok(self.scalar(Style::Plain, start, place, word))
    }
}

/// `-12.5e+3`, as RFC 8259 writes numbers.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}
