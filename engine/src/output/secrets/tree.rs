//! The secrets of a document that can be parsed: values of keys that name a secret, whatever characters they have.
//!
//! Every other scalar, and every text between two of them, such as a comment, is a text of its own. A scalar that is a document
//! is read as one.

use super::names::is_secret_name;
use super::patterns::{CLIENTS, PAIRS};
use super::scan::NAMES;
use super::{has_words, scan, secrets, secrets_of_broken};
use crate::source::line_end;
use crate::yaml::embedded::Embedded;
use crate::yaml::{Kind, NodeId, Style, Tree};
use core::ops::Range;

/// How many documents are read that are inside of each other.
const DEPTH: usize = 4;

/// How long a text is, in bytes, that is read for each line of it that is shown.
const SHORT: usize = 1024;

/// What of a document is secret, in any order.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The secrets by their place in the document, and those of long texts.
    pub(super) secrets: Vec<Range<usize>>,
    /// Short texts in the order of the document, each of which may contain secrets: reading them takes longer than the rest, and a
    /// finding shows one line.
    pub(super) texts: Vec<Range<usize>>,
}

/// Reads the document at a range of a text.
pub(super) fn find(tree: &Tree<'_>, range: Range<usize>) -> Found {
    read(tree, range, 0)
}

fn read(tree: &Tree<'_>, range: Range<usize>, depth: usize) -> Found {
    let mut walk =
        Walk { text: tree.text(), tree, aliases: Vec::new(), found: Vec::new(), texts: Vec::new() };
    for id in tree.ids() {
        match tree.kind(id) {
            Kind::Mapping => walk.mapping(id),
            Kind::Sequence => walk.sequence(id),
            Kind::Scalar(_) | Kind::Alias => {}
        }
    }
    walk.named();
    walk.texts(range, depth);
    Found { secrets: walk.found, texts: walk.texts }
}

struct Walk<'t> {
    text: &'t str,
    tree: &'t Tree<'t>,
    /// The aliases in the place of a secret.
    aliases: Vec<NodeId>,
    found: Vec<Range<usize>>,
    texts: Vec<Range<usize>>,
}

impl Walk<'_> {
    fn mapping(&mut self, id: NodeId) {
        let tree = self.tree;
        let entries = || tree.entries(id).map(|(key, own)| (tree.scalar(key).unwrap_or_default(), key, own));
        let is_secret_kind =
            entries().any(|(name, _, own)| name == "kind" && tree.scalar(own) == Some("Secret"));
        let names_secret = entries()
            .any(|(name, _, own)| NAMES.contains(&name) && tree.scalar(own).is_some_and(is_secret_name));
        // Where a secret in braces ends.
        let mut open = None;
        for (name, key, own) in entries() {
            // A plain value in braces ends at a comma, and a key without a value follows, which may be no more than an anchor.
            if let Some(end) = open.filter(|_| tree.range(own).is_empty()) {
                let key = tree.range(key).end.max(end);
                self.found.push(end..key);
                open = Some(key);
                continue;
            }
            open = None;
            match name {
                // Only a Secret has it.
                "stringData" => self.whole(own),
                "data" if is_secret_kind => self.whole(own),
                // The contents of pull secrets by their names, in values of the chart tigera-operator. In a pod it is a list of names.
                "imagePullSecrets" if tree.kind(own) == Kind::Mapping => self.whole(own),
                name if is_secret_name(name) || (name == "value" && names_secret) => {
                    self.value(key, own);
                    open = tree.is_flow(id).then(|| tree.range(own).end);
                }
                _ => {}
            }
        }
    }

    /// A node with everything in it, also what it only names.
    fn whole(&mut self, own: NodeId) {
        self.found.push(self.tree.range(own));
        self.aliases.extend(self.tree.ids_in(own).filter(|id| self.tree.kind(*id) == Kind::Alias));
    }

    /// The values that aliases in the place of a secret stand for, where they are written.
    fn named(&mut self) {
        let tree = self.tree;
        let mut anchored = tree.anchored();
        while let Some(alias) = self.aliases.pop() {
            let anchor = tree.anchor(alias);
            // Each of them once: one may name another, or itself.
            let place = anchored.binary_search_by_key(&anchor, |(anchor, _)| *anchor);
            let Some(own) = place.ok().and_then(|place| anchored[place].1.take()) else { continue };
            self.whole(own);
            if let Some(key) = tree.key_of(own) {
                self.value(key, own);
            }
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
                self.whole(own);
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
        // Where a secret without quotes begins that a comma may have ended.
        let mut open = None;
        for item in tree.items(id) {
            let before = flag.take();
            let range = tree.range(item);
            let between = core::mem::replace(&mut above, range.end)..range.start;
            let word = tree.scalar(item).filter(|_| !range.is_empty());
            // A comma of a list is followed by a space; a comma of a password almost never is.
            let is_apart = text.get(between.clone()).is_none_or(|text| text.contains(char::is_whitespace));
            if is_apart || word.is_some_and(scan::is_flag) {
                open = None;
            }
            if let Some(start) = open {
                self.found.push(start..range.end);
                continue;
            }
            let found = self.found.len();
            let Some(word) = word else {
                // `a:`, `[a`, `*a` and `&a` are passwords too.
                if matches!(before, Some(Flag::Secret)) {
                    let secret = self.tagged(between, item, &range);
                    open = tree.is_flow(id).then_some(secret.start);
                    self.found.push(secret);
                    self.whole(item);
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
            if tree.is_flow(id) && tree.kind(item) == Kind::Scalar(Style::Plain) {
                open = self.found.get(found).map(|secret| secret.start);
            }
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
            // Nothing but an anchor: where it ends is not known.
            _ if own.is_empty() => between.start..line_end(self.text, own.end),
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
                    let Found { secrets, texts } = read(&inside.tree, 0..inside.tree.text().len(), depth + 1);
                    let of_texts = secrets_of_texts(inside.tree.text(), &texts);
                    let secrets = secrets.into_iter().chain(of_texts);
                    self.found.extend(secrets.map(|one| place(one.start)..place(one.end)));
                }
                // What is neither JSON nor YAML, or has no places.
                None if tree.scalar(id).is_some_and(is_json) => {
                    let secrets = secrets_of_broken(&self.text[range.clone()]);
                    let place = |one: Range<usize>| range.start + one.start..range.start + one.end;
                    self.found.extend(secrets.into_iter().map(place));
                }
                None => self.part(range),
            }
        }
        self.part(end..all.end.max(end));
    }

    fn part(&mut self, range: Range<usize>) {
        if range.len() <= SHORT {
            if has_words(&self.text[range.clone()]) {
                self.texts.push(range);
            }
            return;
        }
        self.found.extend(secrets_of_texts(self.text, &[range]));
    }
}

/// The secrets of texts of a document.
pub(super) fn secrets_of_texts(text: &str, texts: &[Range<usize>]) -> impl Iterator<Item = Range<usize>> {
    texts.iter().flat_map(|range| {
        let secrets = secrets(&text[range.clone()]);
        secrets.into_iter().map(|one| range.start + one.start..range.start + one.end)
    })
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

/// Whether a text begins as JSON does, and not as an address in brackets.
fn is_json(text: &str) -> bool {
    let mut characters = text.chars().filter(|c| !c.is_whitespace());
    match (characters.next(), characters.next()) {
        (Some('{'), _) => true,
        (Some('['), Some(next)) => matches!(next, '{' | '[' | '"'),
        _ => false,
    }
}

fn may_be_document(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) || (text.contains('\n') && text.contains(':'))
}
