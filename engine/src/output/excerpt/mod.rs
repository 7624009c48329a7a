//! The line of a finding, safe to show.

mod view;

use super::secrets::{Document, MASK, masked, masked_value};
use crate::diagnostic::ChangeDescription;
use crate::model::{self, Documents, ObjectRef};
use crate::source::{LineIndex, floor_boundary, line_end, line_start};
use crate::transform::{AppliedChange, Plan};
use core::cell::{OnceCell, RefCell};
use core::net::IpAddr;
use core::ops::Range;
use ipnet::IpNet;
use std::rc::Rc;
use view::View;

/// How large a document of a refused text is read once more, in bytes.
const READ_AGAIN: usize = 1024 * 1024;

/// A line with a marked range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line without its line break; secrets are masked, hidden characters escaped.
    pub text: String,
    /// The bytes of `text` that are marked.
    pub span: Range<usize>,
}

/// A text whose lines may be shown. Its lines are counted once, if a place in it is asked for. Its secrets are found once for
/// each document with findings.
#[derive(Clone, Debug)]
pub struct Excerpts<'t> {
    text: &'t str,
    lines: OnceCell<LineIndex<'t>>,
    /// Its documents, if they were read.
    read: Option<&'t Documents<'t>>,
    /// Which of them libyaml reads as well, as far as that is known.
    verified: &'t [usize],
    /// How large a document is read, in bytes. A larger one is masked as one that cannot be parsed.
    reads: usize,
    /// In the order of their starts.
    documents: RefCell<Vec<Rc<Document>>>,
}

impl<'t> Excerpts<'t> {
    /// Reads a text.
    #[must_use]
    pub fn new(text: &'t str) -> Excerpts<'t> {
        let (lines, documents) = (OnceCell::new(), RefCell::default());
        Excerpts { text, lines, read: None, verified: &[], reads: usize::MAX, documents }
    }

    /// The text of documents that were read and planned: they are not parsed again. libyaml read the edited ones, and every
    /// node that no edit changes, as they were read: so nothing else of them must be masked.
    #[must_use]
    pub fn of(read: &'t Documents<'t>, plan: &'t Plan) -> Excerpts<'t> {
        Excerpts { read: Some(read), verified: &plan.touched, ..Excerpts::new(read.source.text) }
    }

    /// A text that was refused, of which one line is shown. For that line, no large document is read again: what takes a second
    /// until it is refused would take two.
    #[must_use]
    pub fn of_refused(text: &'t str) -> Excerpts<'t> {
        Excerpts { reads: READ_AGAIN, ..Excerpts::new(text) }
    }

    /// The text itself.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The places of the text.
    #[must_use]
    pub fn lines(&self) -> &LineIndex<'t> {
        self.lines.get_or_init(|| self.read.map_or_else(|| LineIndex::new(self.text), Documents::lines))
    }

    /// Returns the line where `range` begins. Of a line in flow style, and of a long line, only the key and the item around the
    /// range are shown: the others may contain anything.
    #[must_use]
    pub fn excerpt(&self, range: &Range<usize>) -> Excerpt {
        let (view, text) = (View::new(self, range), self.text);
        let View { line, key, shown, marked, .. } = &view;
        let before = format!(
            "{}{}{}",
            view.piece(text, line.start..*key),
            if shown.start > *key { "... " } else { "" },
            view.piece(text, shown.start..marked.start)
        );
        let inside = view.piece(text, marked.clone());
        let dots = if shown.end < line.end { " ..." } else { "" };
        let after = format!("{}{dots}", view.piece(text, marked.end..shown.end));
        let span = before.len()..before.len() + inside.len();
        Excerpt { text: before + &inside + &after, span }
    }

    /// Returns the line where `range` begins up to the end of its item, for programs: each character that an excerpt does not
    /// show is a star, so that columns do not move. Of a longer line than a person reads nothing is returned: thousands of findings
    /// may be on it.
    #[must_use]
    pub fn masked_line(&self, range: &Range<usize>) -> String {
        let view = View::new(self, range);
        if !view.is_whole {
            return String::new();
        }
        let is_shown = |at: usize| {
            (at < view.key || view.shown.contains(&at))
                && !view.secrets.iter().any(|secret| secret.contains(&at))
        };
        let start = view.line.start;
        let characters = self.text[start..view.shown.end].char_indices();
        characters.map(|(i, c)| if is_shown(start + i) { c } else { '*' }).collect()
    }

    /// A text about a place, with secrets masked: if the place is secret, also what is quoted, unless it is an address.
    #[must_use]
    pub fn message(&self, range: &Range<usize>, message: &str) -> String {
        let message = masked(message);
        if !self.hides(range.start) {
            return message.into_owned();
        }
        let (start, end) = (floor_boundary(self.text, range.start), floor_boundary(self.text, range.end));
        let own = self.text[start..end.max(start)].trim_matches(['"', '\'', '\\', ' ', '\r', '\n']);
        if is_addresses(own) {
            return message.into_owned();
        }
        // The value is quoted without its quotes and escapes, and may contain a backquote.
        match (message.find('`'), message.rfind('`')) {
            (Some(first), Some(last)) if first < last => {
                format!("{}`{MASK}`{}", &message[..first], &message[last + 1..])
            }
            _ if own.is_empty() => message.into_owned(),
            _ => message.replace(own, MASK),
        }
    }

    /// The value of a field at an offset, masked if it is a secret, unless it is addresses or a word that is none.
    #[must_use]
    pub fn value(&self, offset: Option<usize>, name: &str, value: &str) -> String {
        // Asking where secrets are means to read a document.
        if !is_harmless(value) && offset.is_some_and(|offset| self.hides(offset)) {
            return MASK.to_owned();
        }
        masked_value(name, value).into_owned()
    }

    /// The value of a field that was read from a line, which may have other values: masked if it is in a secret of the line.
    #[must_use]
    pub fn value_of_line(&self, line: usize, name: &str, value: &str) -> String {
        let start = self.lines().start(line);
        let of_line = start..line_end(self.text, start);
        let is_secret = |secret: &Range<usize>| self.text[secret.clone()].contains(value);
        if !value.is_empty() && !is_harmless(value) && self.secrets_of(&of_line).iter().any(is_secret) {
            return MASK.to_owned();
        }
        self.value(Some(start), name, value)
    }

    /// A change with the secrets of its texts masked.
    #[must_use]
    pub fn change(&self, change: &AppliedChange) -> AppliedChange {
        let ChangeDescription { resource, field, from, to, why } = &change.description;
        let value =
            |value: &Option<String>| value.as_ref().map(|value| self.value(change.offset, field, value));
        let text = |text: &str| masked(text).into_owned();
        let description = ChangeDescription {
            resource: text(resource),
            field: text(field),
            from: value(from),
            to: value(to),
            why: text(why),
        };
        let object = ObjectRef {
            namespace: change.object.namespace.as_deref().map(text),
            name: text(&change.object.name),
            ..change.object.clone()
        };
        AppliedChange { description, object, ..change.clone() }
    }

    /// The secrets that a line overlaps.
    fn secrets_of(&self, line: &Range<usize>) -> Vec<Range<usize>> {
        self.document(line.start).secrets_in(self.text, line)
    }

    fn hides(&self, offset: usize) -> bool {
        let document = self.document(offset);
        let start = floor_boundary(self.text, offset);
        // A node begins with its quote.
        let inside = &self.text[start..];
        let inside = start + inside.len() - inside.trim_start_matches(['"', '\'', '\\']).len();
        document.hides(offset) || document.masks(self.text, offset) || document.masks(self.text, inside)
    }

    /// The document at an offset.
    fn document(&self, offset: usize) -> Rc<Document> {
        let mut documents = self.documents.borrow_mut();
        let place = documents.partition_point(|document| document.range.start <= offset);
        let before = documents[..place].last();
        if let Some(document) =
            before.filter(|document| offset < document.range.end || document.range.end == self.text.len())
        {
            return Rc::clone(document);
        }
        let document = Rc::new(self.parsed(offset).unwrap_or_else(|| self.found(offset)));
        let place = documents.partition_point(|known| known.range.start < document.range.start);
        documents.insert(place, Rc::clone(&document));
        document
    }

    /// The document at an offset, if it was parsed before.
    fn parsed(&self, offset: usize) -> Option<Document> {
        let read = self.read?;
        let starts_before = |document: &model::Document<'_>| document.chunk.range.start <= offset;
        let place = read.documents.partition_point(starts_before).checked_sub(1)?;
        let (tree, range) = (read.tree(place)?, read.documents[place].chunk.range.clone());
        Document::of_tree(tree, range, self.verified.contains(&place))
    }

    /// The document at an offset, by its markers.
    fn found(&self, offset: usize) -> Document {
        let at = floor_boundary(self.text, offset);
        // What is inserted at the end of a document is at the marker of the next one.
        let line = line_start(self.text, at);
        let start = if self.text[line..].starts_with("---") {
            line
        } else {
            self.text[..at].rfind("\n---").map_or(0, |break_at| break_at + 1)
        };
        let end = self.text[at..].find("\n---").map_or(self.text.len(), |break_at| at + break_at + 1);
        if end - start > self.reads {
            Document::broken(self.text, start..end)
        } else {
            Document::read(self.text, start..end, start == 0 && end == self.text.len())
        }
    }
}

/// Whether a value is harmless in any place.
fn is_harmless(value: &str) -> bool {
    matches!(value.trim_matches('"'), "true" | "false" | "autodetect") || is_addresses(value)
}

/// Whether a text is addresses or ranges.
fn is_addresses(text: &str) -> bool {
    text.split([',', ' ']).all(|part| part.parse::<IpNet>().is_ok() || part.parse::<IpAddr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::Excerpts;

    fn marked(text: &str, wanted: &str) -> (String, String) {
        let start = text.find(wanted).unwrap_or_default();
        let found = Excerpts::new(text).excerpt(&(start..start + wanted.len()));
        let inside = found.text[found.span.clone()].to_owned();
        (found.text, inside)
    }

    #[test]
    fn a_line_is_shown_whole() {
        let (text, inside) = marked("a:\n  b: {c: 10.0.0.1}\nd: 2\n", "10.0.0.1");
        assert_eq!((text.as_str(), inside.as_str()), ("  b: {c: 10.0.0.1}", "10.0.0.1"));
    }

    #[test]
    fn of_several_entries_one_is_shown() {
        let line = r#"{"a":[{"server":"https://10.0.0.1"}],"b":[{"user":{"token":"T"}}]}"#;
        let (text, inside) = marked(line, "10.0.0.1");
        assert_eq!((text.as_str(), inside.as_str()), (r#"... "server":"https://10.0.0.1" ..."#, "10.0.0.1"));
    }

    #[test]
    fn secrets_are_masked_and_hidden_characters_escaped() {
        let (text, inside) = marked("x: {token: T\u{e4}, name: a\u{202e}b}", "a\u{202e}b");
        assert_eq!((text.as_str(), inside.as_str()), ("x: ... name: a\\u{202e}b}", "a\\u{202e}b"));
        let (text, inside) = marked("- name: PASSWORD\n  value: T\n", "T");
        assert_eq!((text.as_str(), inside.as_str()), ("  value: ***", "***"));
    }

    /// Only the key above says that it is one.
    #[test]
    fn a_secret_of_a_large_text_that_was_refused_is_masked_by_what_stands_above_it() {
        let text = format!("{}stringData:\n  a: hunter\n", "# filler\n".repeat(200_000));
        let start = text.find("a: hunter").unwrap_or_default();
        assert_eq!(Excerpts::of_refused(&text).excerpt(&(start..start + 1)).text, "  ***");
    }

    #[test]
    fn a_range_below_the_name_of_a_secret_is_shown() {
        let text = "a:\n  authorization:\n    cidrs:\n    - 10.0.0.0/8\n    - hunter\n";
        let shown = |wanted: &str| {
            let start = text.find(wanted).unwrap_or_default();
            Excerpts::of_refused(text).excerpt(&(start..start + 1)).text
        };
        assert_eq!(shown("10.0.0.0/8"), "    - 10.0.0.0/8");
        assert_eq!(shown("hunter"), "    ***");
    }

    /// What is inserted at the end of a document is at the marker of the next one, which may have only comments.
    #[test]
    fn a_text_that_is_inserted_before_a_marker_is_in_a_document() {
        let text = "a:\n- name: A\n  value: b\n---\n# c\n";
        let at = |marker: &str| text.find(marker);
        assert_eq!(Excerpts::new(text).value(at("---"), "A", "true"), "true");
        assert_eq!(Excerpts::new(text).value(at("# c"), "A", "true"), "true");
    }

    #[test]
    fn masks_of_data_keep_columns() {
        let of = |text: &str, wanted: &str| {
            let start = text.find(wanted).unwrap_or_default();
            Excerpts::new(text).masked_line(&(start..start + wanted.len()))
        };
        assert_eq!(of("a: 1\nx: {token: T\u{e4}c, b: 2}\n", "2"), "x: *************b: 2}");
        assert_eq!(of("x: {b: 2, c: 3}\n", "2"), "x: {b: 2");
        assert_eq!(of("  password: T\u{e4}c\n", "T"), "  password: ***");
    }

    #[test]
    fn of_a_flow_or_long_line_only_the_own_item_is_shown() {
        let long = format!("run: {} --node-ip 10.0.0.1 {}", "a ".repeat(100), "b ".repeat(100));
        for (text, shown) in [
            ("a: [x, 10.0.0.1, y]", "a: ... 10.0.0.1 ..."),
            ("- {name: IP, value: 10.0.0.1, x: y}", "- {name: IP, value: 10.0.0.1 ..."),
            ("- {a: b, name: IP, value: 10.0.0.1}", "- ... name: IP, value: 10.0.0.1}"),
            ("a: '{\"b\": 1, \"c\": \"10.0.0.1\"}'", "a: ... \"c\": \"10.0.0.1\"}'"),
            ("a: \"b: [c]\\nd: 10.0.0.1\\ne: f\"", "a: ... d: 10.0.0.1 ..."),
            (&long, "run: ... --node-ip 10.0.0.1 ..."),
        ] {
            assert_eq!(marked(text, "10.0.0.1").0, shown, "{text}");
        }
    }

    #[test]
    fn of_a_secret_only_addresses_are_told() {
        let text = "kind: Secret\nstringData:\n  a: hunter 10.0.0.1\n";
        assert_eq!(marked(text, "10.0.0.1"), ("  ***".to_owned(), "***".to_owned()));
        let excerpts = Excerpts::new(text);
        let of =
            |wanted: &str| text.find(wanted).map(|start| start..start + wanted.len()).unwrap_or_default();
        assert_eq!(
            excerpts.message(&of("hunter"), "`hunter` is not a valid CIDR"),
            "`***` is not a valid CIDR"
        );
        assert_eq!(excerpts.message(&of("10.0.0.1"), "`10.0.0.1` is an address"), "`10.0.0.1` is an address");
        assert_eq!(excerpts.value(Some(of("hunter").start), "a", "hunter"), "***");
        assert_eq!(excerpts.value(Some(of("hunter").start), "a", "10.0.0.1,fd00::/8"), "10.0.0.1,fd00::/8");
        assert_eq!(excerpts.value(Some(0), "a", "hunter"), "hunter");
    }

    #[test]
    fn a_value_ends_where_the_parser_says_or_with_its_line_if_the_text_is_broken() {
        for (text, shown) in [
            ("{token: T, a: 10.0.0.1}", "... a: 10.0.0.1}"),
            ("{\"token\":\"T\",\"a\":\"10.0.0.1\"}", "... \"a\":\"10.0.0.1\"}"),
            ("[--token, T, 10.0.0.1]", "... 10.0.0.1]"),
            ("x: '{\"token\":\"T\",\"a\":\"10.0.0.1\"}'", "x: ... \"a\":\"10.0.0.1\"}'"),
            ("KUBELET_EXTRA_ARGS=--token=a}T --node-ip=10.0.0.1", "... --token=*** --node-ip=10.0.0.1"),
            ("{token: T}U, a: 10.0.0.1", "***"),
            ("token: T 10.0.0.1: [", "token: ***"),
        ] {
            let found = marked(text, "10.0.0.1").0;
            assert_eq!(found.replace("KUBELET_EXTRA_ARGS=", "... "), shown, "{text}");
        }
    }

    #[test]
    fn of_a_collection_the_begin_is_shown() {
        let (text, inside) = marked("command: [kubelet, --a=b, c] # d", "[kubelet, --a=b, c]");
        assert_eq!((text.as_str(), inside.as_str()), ("command: [kubelet ...", "[kubelet"));
    }

    #[test]
    fn a_line_that_nobody_reads_is_not_data() {
        let text = format!("a: 1\nb: {}\n", "x".repeat(5000));
        let excerpts = Excerpts::new(&text);
        let of = |offset: usize| excerpts.masked_line(&(offset..offset));
        assert_eq!(of(6), "");
        assert_eq!(of(text.len() - 1), "");
        assert_eq!(of(0), "a: 1");
    }

    #[test]
    fn of_a_very_long_line_neither_the_begin_nor_the_end_is_shown() {
        let filler = "T: U, ".repeat(2000);
        let line = format!("a: {{{filler}b: 10.0.0.1, {filler}}}");
        // The key is not shown either: where a line is cut, the words before the item could be any text.
        assert_eq!(marked(&line, "10.0.0.1").0, "... 10.0.0.1, ...");
    }
}
