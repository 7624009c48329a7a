//! Documents inside scalars: the CNI configuration in a ConfigMap is JSON in a block scalar, that of kube-proxy YAML.
//!
//! The scalar is decoded into a text of its own, with a map from that text back to the bytes of the file. A tree of the
//! decoded text takes the same edits as any other tree; [`Embedded::to_source`] carries them into the file, in the
//! style of the scalar: indented in a block, escaped in quotes. A decoded value is never written back whole.

use super::flag_file::FlagFile;
use super::json;
use super::nodes::Nodes;
use super::parse;
use super::scalar;
use super::split::split;
use super::tree::{Kind, NodeId, Style, Syntax, Tree};
use super::write::Edit;
use crate::source::{indentation, line_break_near, line_start, lines};

/// A scalar that holds a document.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// The document, parsed from the decoded text. Its ranges count in that text.
    pub tree: Tree<'static>,
    /// Pairs of offsets: decoded, in the file. Between two of them both advance together.
    segments: Vec<(usize, usize)>,
    encoding: Encoding,
}

#[derive(Clone, Debug)]
enum Encoding {
    Block {
        indent: usize,
        line_break: String,
        /// How far each line is indented in the file: a blank one may be less than `indent`.
        indentations: Vec<usize>,
    },
    DoubleQuoted,
    SingleQuoted,
    Plain,
    /// Lines are folded: it can be read, but not edited in place.
    ReadOnly,
}

/// Why a scalar could not be opened, and the byte offset of the reason in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedError {
    /// What is wrong.
    pub message: String,
    /// Where in the file.
    pub offset: usize,
}

impl Embedded {
    /// Opens the scalar `node` as JSON whose bare words may be placeholders such as `__CNI_MTU__`.
    ///
    /// # Errors
    /// If the node is not a scalar, or its text is not JSON. Text that is folded, or spans lines inside quotes, can be read
    /// but not edited.
    pub fn json(tree: &Tree<'_>, node: NodeId) -> Result<Embedded, EmbeddedError> {
        Embedded::with(tree, node, json::parse)
    }

    /// Opens the scalar `node` as one document: JSON if it begins with a bracket or brace, a Corefile, else YAML.
    ///
    /// # Errors
    /// As [`Embedded::json`].
    pub fn open(tree: &Tree<'_>, node: NodeId) -> Result<Embedded, EmbeddedError> {
        if tree.scalar(node).is_some_and(|text| text.trim_start().starts_with(['{', '['])) {
            return Embedded::json(tree, node);
        }
        Embedded::with(tree, node, |text| {
            if FlagFile::is_corefile(&text) {
                return Ok(FlagFile::Corefile.parse(&text).into_owned());
            }
            if split(&text).len() > 1 {
                return Err(("several documents in one text".to_owned(), 0));
            }
            let tree = parse(&text, 0..text.len()).map_err(|error| (error.message, error.offset))?;
            Ok(tree.into_owned())
        })
    }

    /// Opens the scalar `node` as a text: its tree has no nodes.
    ///
    /// # Errors
    /// If the node is not a scalar.
    pub fn text(tree: &Tree<'_>, node: NodeId) -> Result<Embedded, EmbeddedError> {
        Embedded::with(tree, node, |text| Ok(Nodes::default().tree(text.into(), Syntax::Yaml)))
    }

    fn with(
        tree: &Tree<'_>,
        node: NodeId,
        parse: impl FnOnce(String) -> Result<Tree<'static>, (String, usize)>,
    ) -> Result<Embedded, EmbeddedError> {
        let (text, segments, encoding) = decode(tree, node)?;
        let mut embedded =
            Embedded { tree: Nodes::default().tree("".into(), Syntax::Json), segments, encoding };
        match parse(text) {
            Ok(tree) => {
                embedded.tree = tree;
                Ok(embedded)
            }
            Err((message, offset)) => {
                Err(EmbeddedError { message, offset: embedded.offset_in_source(offset) })
            }
        }
    }

    /// Whether each offset of the decoded text has a place in the file: folded lines have none.
    #[must_use]
    pub(crate) fn has_places(&self) -> bool {
        !matches!(self.encoding, Encoding::ReadOnly)
    }

    /// The byte offset in the file of an offset of the decoded text.
    #[must_use]
    pub fn offset_in_source(&self, offset: usize) -> usize {
        if matches!(self.encoding, Encoding::ReadOnly) {
            return self.segments[0].1;
        }
        let i = self.segments.partition_point(|(decoded, _)| *decoded <= offset).saturating_sub(1);
        let (decoded, source) = self.segments[i];
        source + (offset - decoded)
    }

    /// An edit of the decoded text as the edit of the file that has this effect; `None` if the scalar cannot hold it.
    #[must_use]
    pub fn to_source(&self, edit: &Edit) -> Option<Edit> {
        let text = match &self.encoding {
            Encoding::Block { indent, line_break, indentations } => {
                return Some(self.to_block(edit, *indent, line_break, indentations));
            }
            Encoding::DoubleQuoted => {
                let mut text = String::new();
                scalar::escape_into(&mut text, &edit.text);
                text
            }
            Encoding::SingleQuoted if !edit.text.contains('\n') => edit.text.replace('\'', "''"),
            Encoding::Plain if !edit.text.contains('\n') => edit.text.clone(),
            Encoding::SingleQuoted | Encoding::Plain | Encoding::ReadOnly => return None,
        };
        Some(Edit {
            range: self.offset_in_source(edit.range.start)..self.offset_in_source(edit.range.end),
            text,
        })
    }

    /// An edit inside a block scalar: each of its lines is indented. Whole lines begin where a line of the file
    /// begins: a blank line may have less indentation than the others.
    fn to_block(&self, edit: &Edit, indent: usize, line_break: &str, indentations: &[usize]) -> Edit {
        let pad = " ".repeat(indent);
        // Of the line that begins at an offset of the decoded text: where it begins in the file, and its indentation there.
        let line_at = |offset: usize| {
            let i = self.segments.binary_search_by_key(&offset, |(decoded, _)| *decoded).ok()?;
            let indentation = *indentations.get(i)?;
            Some((self.segments[i].1 - indentation, indentation))
        };
        let (start, end) = (line_at(edit.range.start), line_at(edit.range.end));
        let at = |offset| self.offset_in_source(offset);
        let indented = |line: &str| match line {
            "" => line_break.to_owned(),
            line => format!("{pad}{line}{line_break}"),
        };
        let lines = edit.text.split_terminator('\n').map(indented);
        match (start, end) {
            (Some((from, _)), Some((to, _))) if edit.text.is_empty() || edit.text.ends_with('\n') => {
                return Edit { range: from..to, text: lines.collect() };
            }
            // To the end of the text: nothing is left of the line.
            (Some((from, _)), None) if edit.text.is_empty() && edit.range.end == self.tree.text().len() => {
                return Edit { range: from..at(edit.range.end), text: String::new() };
            }
            (None, Some((to, _))) if edit.text.ends_with('\n') => {
                let text: String = lines.collect();
                let text = text.strip_prefix(&pad).unwrap_or(&text).to_owned();
                return Edit { range: at(edit.range.start)..to, text };
            }
            _ => {}
        }
        let mut text = edit.text.replace('\n', &format!("{line_break}{pad}"));
        if let Some((_, indentation)) = start.filter(|_| !edit.text.starts_with('\n')) {
            text.insert_str(0, &pad[indentation..]);
        }
        Edit { range: at(edit.range.start)..at(edit.range.end), text }
    }
}

type Decoded = (String, Vec<(usize, usize)>, Encoding);

fn decode(tree: &Tree<'_>, node: NodeId) -> Result<Decoded, EmbeddedError> {
    let range = tree.range(node);
    let fail = |message: &str| EmbeddedError { message: message.to_owned(), offset: range.start };
    if tree.kind(node) == Kind::Alias {
        return Err(fail("an alias: write the configuration out here"));
    }
    let Kind::Scalar(style) = tree.kind(node) else {
        return Err(fail("expected a text here, found a collection"));
    };
    let value = tree.scalar(node).unwrap_or_default();
    let raw = &tree.text()[range.clone()];
    let decoded = match style {
        Style::Literal => decode_block(tree, node),
        Style::DoubleQuoted => decode_double_quoted(raw, range.start),
        Style::SingleQuoted => decode_single_quoted(raw, range.start),
        Style::Plain => (raw == value).then(|| (raw.to_owned(), vec![(0, range.start)], Encoding::Plain)),
        Style::Folded => None,
    };
    let read_only = || (value.to_owned(), vec![(0, range.start)], Encoding::ReadOnly);
    Ok(decoded
        .filter(|(text, ..)| text.trim_matches('\n') == value.trim_matches('\n'))
        .unwrap_or_else(read_only))
}

fn decode_block(tree: &Tree<'_>, node: NodeId) -> Option<Decoded> {
    let text = tree.text();
    let range = tree.range(node);
    let indent = range.start - line_start(text, range.start);
    let mut decoded = String::with_capacity(range.len());
    let mut segments = Vec::new();
    let mut indentations = Vec::new();
    for line in lines(text, range.clone()) {
        let is_first = line.start == range.start;
        let own = if is_first { indent } else { indentation(text, line.start).min(indent) };
        let start = if is_first { line.start } else { line.start + own };
        indentations.push(own);
        if !segments.is_empty() {
            decoded.push('\n');
        }
        segments.push((decoded.len(), start));
        decoded.push_str(&text[start..line.end]);
    }
    if tree.scalar(node).is_some_and(|value| value.ends_with('\n')) && text[..range.end].ends_with('\n') {
        // The last line break, and blank lines that `+` keeps: those of a text inside may belong to its last value.
        decoded.push('\n');
        segments.push((decoded.len(), range.end));
        indentations.push(0);
    }
    let line_break = line_break_near(text, range.start).to_owned();
    (!segments.is_empty()).then_some((
        decoded,
        segments,
        Encoding::Block { indent, line_break, indentations },
    ))
}

fn decode_single_quoted(raw: &str, base: usize) -> Option<Decoded> {
    if raw.contains(['\n', '\r']) {
        return None;
    }
    let mut decoded = String::with_capacity(raw.len());
    let mut segments = vec![(0, base + 1)];
    let mut rest = 1;
    let inner_end = raw.len() - 1;
    while let Some(i) = raw[rest..inner_end].find("''") {
        decoded.push_str(&raw[rest..=rest + i]);
        rest += i + 2;
        segments.push((decoded.len(), base + rest));
    }
    decoded.push_str(&raw[rest..inner_end]);
    Some((decoded, segments, Encoding::SingleQuoted))
}

fn decode_double_quoted(raw: &str, base: usize) -> Option<Decoded> {
    if raw.contains(['\n', '\r']) {
        return None;
    }
    let mut decoded = String::with_capacity(raw.len());
    let mut segments = vec![(0, base + 1)];
    let mut chars = raw[..raw.len() - 1].char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            decoded.push(c);
            continue;
        }
        let (_, escape) = chars.next()?;
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits == 0 {
            decoded.push(match escape {
                'n' => '\n',
                't' | '\t' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{C}',
                'v' => '\u{B}',
                'a' => '\u{7}',
                'e' => '\u{1B}',
                '0' => '\0',
                '"' | '\\' | '/' | ' ' => escape,
                _ => return None,
            });
        } else {
            let code = u32::from_str_radix(raw.get(at + 2..at + 2 + digits)?, 16).ok()?;
            decoded.push(char::from_u32(code)?); // a pair of surrogates is not opened
            for _ in 0..digits {
                chars.next();
            }
        }
        segments.push((decoded.len(), base + at + 2 + digits));
    }
    Some((decoded, segments, Encoding::DoubleQuoted))
}
