//! Files of words, which are not YAML: environment files, systemd units, files of arguments, Corefiles. Read into a tree of names, each
//! with its words, so that a word is edited as any other node is.
//!
//! systemd's own reading (`systemd.syntax(7)`, `systemd.exec(5)`): `\` before a line break continues on the next line, one
//! pair of quotes around a value is not part of its words, `#` and `;` begin a comment at the start of a line.

use super::nodes::Nodes;
use super::tree::{Kind, Node, NodeId, Style, Syntax, Tree};
use crate::source::{line_end, next_line};
use core::ops::Range;
use std::borrow::Cow;

/// What kind of file of words a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagFile {
    /// `NAME="word word"`, a variable a line: `/etc/default/kubelet`, `kubeadm-flags.env`.
    Environment,
    /// A systemd unit or drop-in.
    Unit,
    /// Arguments, one a line: `/var/snap/microk8s/current/args/kubelet`.
    Arguments,
    /// The configuration of CoreDNS, a directive a line.
    Corefile,
}

impl FlagFile {
    /// What people call such a file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FlagFile::Environment => "environment file",
            FlagFile::Unit => "systemd unit",
            FlagFile::Arguments => "file of arguments",
            FlagFile::Corefile => "Corefile",
        }
    }

    /// Recognizes such a file by its first line with content. `None` for everything that could be YAML or JSON: there a name
    /// is followed by `:`, and a bracket opens a list of the whole document.
    #[must_use]
    pub fn of(text: &str) -> Option<FlagFile> {
        let mut lines = text.trim_start_matches('\u{FEFF}').lines().map(str::trim);
        let first = lines.find(|line| !is_comment(line))?;
        let section = first.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if matches!(section, Some("Unit" | "Service" | "Install")) {
            return Some(FlagFile::Unit);
        }
        if first.strip_prefix("--").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase())) {
            return Some(FlagFile::Arguments);
        }
        let (name, _) = first.strip_prefix("export ").unwrap_or(first).split_once('=')?;
        is_name(name).then_some(FlagFile::Environment)
    }

    /// Whether a text inside a document is a Corefile: a line opens the block of a server (`.:53 {`), which no line of YAML or
    /// JSON does.
    #[must_use]
    pub(super) fn is_corefile(text: &str) -> bool {
        let opens = |line: &str| {
            line.ends_with(" {") && !line.contains(": ") && !line.starts_with(['"', '\'', '-', '['])
        };
        text.lines().map(str::trim).any(opens)
    }

    /// Reads a text of this kind: a mapping of names to their words.
    #[must_use]
    pub fn parse(self, text: &str) -> Tree<'_> {
        let mut reader = Reader { text, nodes: Nodes::default(), last: NodeId::NONE };
        reader.nodes.add(Node::new(Kind::Mapping, 0..text.len(), NodeId::NONE), NodeId::NONE);
        let mut in_service = false;
        let mut at = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        if self == FlagFile::Arguments {
            reader.entry(at..at, at..text.len());
            return reader.tree();
        }
        while at < text.len() {
            if self == FlagFile::Corefile {
                reader.directive(at..line_end(text, at));
                at = next_line(text, at);
                continue;
            }
            let line = at..FlagFile::end_of_value(text, at);
            at = next_line(text, line.end);
            let start = line.start + text[line.clone()].len() - text[line.clone()].trim_start().len();
            let content = &text[start..line.end];
            if is_comment(content.trim()) {
                continue;
            }
            if content.starts_with('[') {
                in_service = content.trim_end() == "[Service]";
                continue;
            }
            let export = if content.starts_with("export ") { "export ".len() } else { 0 };
            let Some(equals) = content.find('=') else { continue };
            let name = start + export..start + export + content[export..equals].trim_end().len();
            let value = start + equals + 1..line.end;
            match (self, &text[name.clone()]) {
                (FlagFile::Unit, "Environment") if in_service => reader.assignments(value),
                (FlagFile::Unit, key) if !in_service || !key.starts_with("Exec") => {}
                (_, key) if is_name(key) => reader.entry(name, value),
                _ => {}
            }
        }
        reader.tree()
    }

    /// The end of a value that begins on the line at `at`: `\` before the line break continues on the next line, and a
    /// comment below it does not end it.
    fn end_of_value(text: &str, at: usize) -> usize {
        let mut line = at..line_end(text, at);
        let starts_comment = |line: &str| line.trim_start().starts_with(['#', ';']);
        let is_value = !starts_comment(&text[line.clone()]);
        while is_value && text[..line.end].trim_end_matches('\r').ends_with('\\') && line.end < text.len() {
            loop {
                let next = next_line(text, line.end);
                line = next..line_end(text, next);
                if !starts_comment(&text[line.clone()]) || line.end == text.len() {
                    break;
                }
            }
        }
        line.end
    }
}

fn is_comment(line: &str) -> bool {
    line.is_empty() || line.starts_with(['#', ';'])
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether `text` can be written as one word, in every kind of file, without quotes.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.,:/=[]@%+".contains(&b))
}

struct Reader<'t> {
    text: &'t str,
    nodes: Nodes,
    /// The last child of the root.
    last: NodeId,
}

impl<'t> Reader<'t> {
    fn tree(self) -> Tree<'t> {
        self.nodes.tree(Cow::Borrowed(self.text), Syntax::FlagFile)
    }

    fn scalar(
        &mut self,
        style: Style,
        range: Range<usize>,
        parent: NodeId,
        previous: NodeId,
        value: &str,
    ) -> NodeId {
        let node = Node::new(Kind::Scalar(style), range, parent);
        self.nodes.add_scalar(node, previous, self.text, value)
    }

    /// `NAME=word word` as an entry.
    fn entry(&mut self, name: Range<usize>, value: Range<usize>) {
        let value = self.without_quotes(value);
        let root = NodeId(0);
        let key = self.scalar(Style::Plain, name.clone(), root, self.last, &self.text[name]);
        let list = self.nodes.add(Node::new(Kind::Sequence, value.clone(), root), key);
        self.last = list;
        let mut previous = NodeId::NONE;
        for word in words(self.text, value) {
            let raw = &self.text[word.clone()];
            let inner = ['"', '\''].into_iter().find_map(|q| raw.strip_prefix(q)?.strip_suffix(q));
            let style = match (inner, raw.as_bytes().first()) {
                (Some(_), Some(b'"')) => Style::DoubleQuoted,
                (Some(_), _) => Style::SingleQuoted,
                _ => Style::Plain,
            };
            // A word with quotes inside is read without them, and not edited.
            let value = match inner {
                None if raw.contains(['"', '\'']) => Cow::Owned(raw.replace(['"', '\''], "")),
                inner => Cow::Borrowed(inner.unwrap_or(raw)),
            };
            previous = self.scalar(style, word, list, previous, &value);
        }
    }

    /// `name word word # comment`.
    fn directive(&mut self, line: Range<usize>) {
        let mut words = words(self.text, line);
        let comment = words.iter().position(|word| self.text[word.clone()].starts_with('#'));
        words.truncate(comment.unwrap_or(words.len()));
        if let (Some(first), Some(last)) = (words.first(), words.last()) {
            self.entry(first.clone(), first.end..last.end);
        }
    }

    /// `"NAME=word word" NAME=word`: what `Environment=` of a unit says.
    fn assignments(&mut self, value: Range<usize>) {
        for one in words(self.text, value) {
            let one = self.without_quotes(one);
            let content = &self.text[one.clone()];
            if let Some((name, _)) = content.split_once('=').filter(|(name, _)| is_name(name)) {
                self.entry(one.start..one.start + name.len(), one.start + name.len() + 1..one.end);
            }
        }
    }

    /// A value without the blanks around it and without one pair of quotes around all of it.
    fn without_quotes(&self, range: Range<usize>) -> Range<usize> {
        let value = &self.text[range.clone()];
        let start = range.start + value.len() - value.trim_start().len();
        let value = value.trim();
        let inner = ['"', '\'']
            .into_iter()
            .find_map(|q| value.strip_prefix(q)?.strip_suffix(q).filter(|v| !v.contains(q)));
        match inner {
            Some(inner) => start + 1..start + 1 + inner.len(),
            None => start..start + value.len(),
        }
    }
}

/// The words of a value: blanks outside quotes part them, and so does `\` before a line break; lines of comments inside are
/// not words.
fn words(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let goes_on = bytes[at] == b'\\' && matches!(bytes.get(at + 1), Some(b'\n' | b'\r') | None);
        if bytes[at].is_ascii_whitespace() || goes_on {
            at += 1;
            continue;
        }
        let begins_line = text[..at].trim_end_matches([' ', '\t']).ends_with('\n');
        if begins_line && matches!(bytes[at], b'#' | b';') {
            at = line_end(text, at);
            continue;
        }
        let start = at;
        let mut quote = None;
        while at < range.end {
            match (bytes[at], quote) {
                (b, Some(open)) if b == open => quote = None,
                (b @ (b'"' | b'\''), None) => quote = Some(b),
                (b'\\', None) if matches!(bytes.get(at + 1), Some(b'\n' | b'\r') | None) => break,
                (b'\\', _) => at += 1,
                (b, None) if b.is_ascii_whitespace() => break,
                _ => {}
            }
            at += 1;
        }
        at = at.min(range.end);
        while !text.is_char_boundary(at) {
            at += 1;
        }
        words.push(start..at);
    }
    words
}
