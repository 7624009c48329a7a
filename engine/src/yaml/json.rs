//! JSON as Calico's installers write it: strict, but a bare word may be a placeholder that install-cni fills in.

use super::tree::{Kind, Node, NodeId, Style, Syntax, Tag, Tree};
use super::values::DecodedTexts;
use std::borrow::Cow;

/// How deep objects and lists may nest.
const MAX_DEPTH: usize = 255;

/// The largest number of nodes of one text: a ConfigMap or a Secret has at most 1 MiB, which holds no more of what is written.
const MAX_NODES: usize = 100_000;

/// Parses `text`; a tree that owns it. The error is a message and a byte offset.
pub(super) fn parse(text: String) -> Result<Tree<'static>, (String, usize)> {
    let mut parser =
        Parser { text: &text, at: 0, depth: 0, nodes: Vec::new(), decoded: DecodedTexts::default() };
    parser.blank();
    parser.value(NodeId::NONE)?;
    parser.blank();
    if parser.at < text.len() {
        return Err(("more text follows the end of the JSON document".to_owned(), parser.at));
    }
    let Parser { nodes, decoded, .. } = parser;
    Ok(Tree {
        text: Cow::Owned(text),
        nodes,
        decoded,
        aliased: Vec::new(),
        tags: Vec::new(),
        syntax: Syntax::Json,
    })
}

struct Parser<'p> {
    text: &'p str,
    at: usize,
    depth: usize,
    nodes: Vec<Node>,
    decoded: DecodedTexts,
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

    #[allow(clippy::cast_possible_truncation)] // inputs are at most 64 MiB
    fn push(&mut self, kind: Kind, start: usize, parent: NodeId, value: &str) -> NodeId {
        let none = NodeId::NONE;
        let flow = !matches!(kind, Kind::Scalar(_));
        let (start, end) = (start as u32, self.at as u32);
        let value = self.decoded.keep(self.text, value);
        self.nodes.push(Node {
            kind,
            flow,
            tag: Tag::None,
            anchor: 0,
            start,
            end,
            parent,
            next: none,
            first_child: none,
            index: 0,
            value,
        });
        NodeId(self.nodes.len() as u32 - 1)
    }

    fn link(&mut self, parent: NodeId, last: NodeId, child: NodeId) {
        if last == NodeId::NONE {
            self.nodes[parent.index()].first_child = child;
        } else {
            self.nodes[last.index()].next = child;
            self.nodes[child.index()].index = self.nodes[last.index()].index + 1;
        }
    }

    fn value(&mut self, parent: NodeId) -> Result<NodeId, (String, usize)> {
        if self.nodes.len() >= MAX_NODES {
            return self.fail("more than 100000 nodes in one text");
        }
        match self.peek() {
            Some(b'{') => self.collection(parent, Kind::Mapping, b'}'),
            Some(b'[') => self.collection(parent, Kind::Sequence, b']'),
            Some(b'"') => self.string(parent),
            Some(b',' | b'}' | b']' | b':') | None => self.fail("a value is missing here"),
            Some(_) => self.word(parent),
        }
    }

    fn collection(&mut self, parent: NodeId, kind: Kind, close: u8) -> Result<NodeId, (String, usize)> {
        if self.depth >= MAX_DEPTH {
            return self.fail("nested deeper than 255 levels");
        }
        self.depth += 1;
        let start = self.at;
        self.at += 1;
        let id = self.push(kind, start, parent, "");
        let mut last = NodeId::NONE;
        self.blank();
        if self.peek() != Some(close) {
            loop {
                if kind == Kind::Mapping {
                    if self.peek() != Some(b'"') {
                        return self.fail("a key between double quotes is expected here (a comma too many?)");
                    }
                    let key = self.string(id)?;
                    self.link(id, last, key);
                    last = key;
                    self.blank();
                    if self.peek() != Some(b':') {
                        return self.fail("`:` is expected after the key");
                    }
                    self.at += 1;
                    self.blank();
                }
                let value = self.value(id)?;
                self.link(id, last, value);
                last = value;
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
        #[allow(clippy::cast_possible_truncation)] // inputs are at most 64 MiB
        {
            self.nodes[id.index()].end = self.at as u32;
        }
        Ok(id)
    }

    fn string(&mut self, parent: NodeId) -> Result<NodeId, (String, usize)> {
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
                    return Ok(self.push(Kind::Scalar(Style::DoubleQuoted), start, parent, &value));
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
    fn word(&mut self, parent: NodeId) -> Result<NodeId, (String, usize)> {
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
        Ok(self.push(Kind::Scalar(Style::Plain), start, parent, word))
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
