//! The secrets of a document that can be parsed: values of keys that name a secret, whatever characters they have.
//!
//! Every other scalar, and every text between two of them, such as a comment, is a text of its own. A scalar that is a document
//! is read as one.

use super::names::is_secret_name;
use super::patterns::{CLIENTS, PAIRS};
use super::scan::NAMES;
use super::{scan, secrets};
use crate::source::line_end;
use crate::yaml::embedded::Embedded;
use crate::yaml::{Kind, NodeId, Style, Tree};
use core::ops::Range;

/// How many documents are read that are inside of each other.
const DEPTH: usize = 4;

/// The secrets of the document at a range of a text, in any order.
pub(super) fn find(tree: &Tree<'_>, range: Range<usize>) -> Vec<Range<usize>> {
    read(tree, range, 0)
}

fn read(tree: &Tree<'_>, range: Range<usize>, depth: usize) -> Vec<Range<usize>> {
    let mut walk = Walk { text: tree.text(), tree, found: Vec::new() };
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Mapping => walk.mapping(id),
            Kind::Sequence => walk.sequence(id),
            Kind::Scalar(_) | Kind::Alias => {}
        }
    }
    walk.texts(range, depth);
    walk.found
}

struct Walk<'t> {
    text: &'t str,
    tree: &'t Tree<'t>,
    found: Vec<Range<usize>>,
}

impl Walk<'_> {
    fn mapping(&mut self, id: NodeId) {
        let tree = self.tree;
        let (mut is_secret_kind, mut names_secret, mut value, mut data) = (false, false, None, Vec::new());
        let mut is_open = false;
        for (key, own) in tree.entries(id) {
            let name = tree.scalar(key).unwrap_or_default();
            // A plain value in braces ends at a comma, and a key without a value follows.
            if is_open && tree.range(own).is_empty() {
                self.found.push(tree.range(key));
                continue;
            }
            is_open = false;
            match name {
                "kind" => is_secret_kind = tree.scalar(own) == Some("Secret"),
                "data" => data.push(own),
                // Only a Secret has it.
                "stringData" => self.found.push(tree.range(own)),
                "value" => value = Some((key, own)),
                name if is_secret_name(name) => {
                    self.value(key, own);
                    is_open = tree.is_flow(id);
                }
                name if NAMES.contains(&name) => names_secret |= tree.scalar(own).is_some_and(is_secret_name),
                _ => {}
            }
        }
        if let Some((key, own)) = value.filter(|_| names_secret) {
            self.value(key, own);
            // A plain value in braces ends at a comma, and a key without a value follows.
            let mut behind = tree.entries(id).skip_while(|(other, _)| *other != key).skip(1);
            if tree.is_flow(id) && behind.next().is_some_and(|(_, own)| tree.range(own).is_empty()) {
                self.found.push(tree.range(own).end..tree.range(id).end);
            }
        }
        if is_secret_kind {
            self.found.extend(data.into_iter().map(|own| tree.range(own)));
        }
    }

    /// The value of a key that names a secret.
    fn value(&mut self, key: NodeId, own: NodeId) {
        let (tree, text, range) = (self.tree, self.text, self.tree.range(own));
        // An empty value may be before its colon.
        let key_end = tree.range(key).end;
        let between = text.get(key_end..range.start).filter(|between| !between.is_empty());
        let between = between.unwrap_or(&text[key_end..line_end(text, key_end)]);
        let colon = between.find([':', '=']).map_or(range.start, |at| key_end + at + 1);
        let start = colon + text[colon..].len() - text[colon..].trim_start_matches([' ', '\t']).len();
        // What a comment, a tag or an anchor seems to be may be the rest of a password.
        if text[start..].starts_with(['#', '!', '&']) {
            self.found.push(start..line_end(text, start));
        }
        let Kind::Scalar(style) = tree.kind(own) else {
            let is_value =
                |(key, own): (NodeId, NodeId)| tree.scalar(key).is_none() || tree.range(own).is_empty();
            // What begins with a brace and has its end on another line may be a password as well.
            let first_line = range.start..line_end(text, range.start);
            if tree.is_flow(own) && first_line.end < range.end {
                self.found.push(first_line);
            }
            // `{a}` is a password rather than a mapping without a value.
            if tree.kind(own) != Kind::Mapping || tree.entries(own).any(is_value) {
                self.found.push(range);
            }
            return;
        };
        let is_alone = start == range.start;
        let is_flow = tree.parent(own).is_some_and(|parent| tree.is_flow(parent));
        self.found.push(match style {
            Style::SingleQuoted | Style::DoubleQuoted if is_alone => unquoted(text, range),
            Style::Plain if !is_flow => start..line_end(text, range.end.max(start)),
            _ => start.min(range.start)..range.end,
        });
    }

    /// The values of flags, each with its flag or as the next item.
    fn sequence(&mut self, id: NodeId) {
        let (tree, text) = (self.tree, self.text);
        let is_client = |item: NodeId| {
            let name = tree.scalar(item).unwrap_or_default().rsplit('/').next().unwrap_or_default();
            CLIENTS.iter().any(|client| name.starts_with(client))
        };
        let is_of_client = tree.items(id).any(is_client);
        let mut flag = None;
        let mut above = tree.range(id).start;
        for item in tree.items(id) {
            let before = flag.take();
            let range = tree.range(item);
            let between = core::mem::replace(&mut above, range.end)..range.start;
            let Some(word) = tree.scalar(item) else {
                // `a:` and `[a` are passwords too.
                if matches!(before, Some(Flag::Secret)) {
                    let secret = self.tagged(between, item, &range);
                    self.found.push(secret);
                }
                continue;
            };
            let own = unquoted(text, range);
            let part = |at: Option<usize>| at.map(|at| own.start + at..own.end);
            let source = &text[own.clone()];
            let secret = match before {
                Some(Flag::Secret) if !scan::is_flag(word) => Some(self.tagged(between, item, &own)),
                Some(Flag::Pair) => part(source.find(':').map(|at| at + 1)),
                Some(Flag::Secret) | None => None,
            };
            let is_secret = |word: &str| is_secret_name(word.trim_start_matches('-'));
            let of_word = match word.split_once('=') {
                Some((name, _)) if !name.contains(char::is_whitespace) && is_secret(name) => {
                    part(source.find('=').map(|at| at + 1))
                }
                Some((name, _)) if PAIRS.contains(&name) => part(source.find(':').map(|at| at + 1)),
                _ => part((is_of_client && word.starts_with("-p") && word.len() > 2).then_some(2)),
            };
            self.found.extend(secret.into_iter().chain(of_word));
            flag = match word {
                "-p" if is_of_client => Some(Flag::Secret),
                word if PAIRS.contains(&word) => Some(Flag::Pair),
                word => {
                    (word.starts_with("--") && !word.contains('=') && is_secret(word)).then_some(Flag::Secret)
                }
            };
        }
    }

    /// An item with what precedes it behind its dash or comma: a password that begins with `!` or `&` is a tag or an anchor.
    fn tagged(&self, between: Range<usize>, item: NodeId, own: &Range<usize>) -> Range<usize> {
        let before = self.text.get(between.clone()).unwrap_or_default();
        let properties = before.find(['!', '&', '*']).map(|at| between.start + at);
        let is_flow = self.tree.parent(item).is_some_and(|parent| self.tree.is_flow(parent));
        match properties {
            Some(start) if is_flow => start..own.end.max(start),
            Some(start) => start..line_end(self.text, own.end.max(start)),
            None => own.clone(),
        }
    }

    /// Reads the other texts.
    fn texts(&mut self, all: Range<usize>, depth: usize) {
        let tree = self.tree;
        let mut end = all.start;
        for id in tree.ids().filter(|id| matches!(tree.kind(*id), Kind::Scalar(_))) {
            let range = tree.range(id);
            if range.start < end || range.is_empty() {
                continue;
            }
            self.part(end..range.start);
            end = range.end;
            let inside = (depth < DEPTH && may_be_document(tree.scalar(id).unwrap_or_default()))
                .then(|| Embedded::open(tree, id).ok())
                .flatten()
                .filter(Embedded::has_places);
            match inside {
                Some(inside) => {
                    let place = |at: usize| inside.offset_in_source(at);
                    let secrets = read(&inside.tree, 0..inside.tree.text().len(), depth + 1);
                    self.found.extend(secrets.into_iter().map(|one| place(one.start)..place(one.end)));
                }
                None => self.part(range),
            }
        }
        self.part(end..all.end.max(end));
    }

    fn part(&mut self, range: Range<usize>) {
        let start = range.start;
        let secrets = secrets(&self.text[range]);
        self.found.extend(secrets.into_iter().map(|one| start + one.start..start + one.end));
    }
}

/// What an item of a list says of the next one.
enum Flag {
    Secret,
    /// `user:password`.
    Pair,
}

/// A scalar without its quotes.
fn unquoted(text: &str, range: Range<usize>) -> Range<usize> {
    let source = &text[range.clone()];
    let is_quoted = |quote: char| source.len() > 1 && source.starts_with(quote) && source.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') { range.start + 1..range.end - 1 } else { range }
}

fn may_be_document(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) || (text.contains('\n') && text.contains(':'))
}
