//! What holds for every edit of every document: bytes outside the edits stay, the result parses, says what was planned, and
//! is read so by the second parser, and no comment goes that the operation does not name.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)] // a test that cannot go on should say so and stop

mod common;

use calico_ipv6_engine::yaml::cross_check::second_opinion;
use calico_ipv6_engine::yaml::embedded::Embedded;
use calico_ipv6_engine::yaml::scalar::{is_plain_string, is_safe_plain, write};
use calico_ipv6_engine::yaml::split::{split, split_by_lines};
use calico_ipv6_engine::yaml::verify::{Planned, same};
use calico_ipv6_engine::yaml::write::{Edit, Op, Placement, Value, apply, lower};
use calico_ipv6_engine::yaml::{Kind, NodeId, Style, Tree, parse};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

// ---- Documents -----------------------------------------------------------------------------------------------------------

/// What a document says; how it is written is chosen while it is written.
#[derive(Clone, Debug)]
enum Doc {
    Scalar(usize),
    Map(Vec<Doc>),
    Seq(Vec<Doc>),
}

fn documents() -> impl Strategy<Value = Doc> {
    let leaf = (0..SCALARS.len()).prop_map(Doc::Scalar);
    let tree = leaf.prop_recursive(4, 24, 4, |inner| {
        let members = prop::collection::vec(inner, 1..4);
        prop_oneof![members.clone().prop_map(Doc::Map), members.prop_map(Doc::Seq)]
    });
    prop::collection::vec(tree, 1..4).prop_map(Doc::Map)
}

/// Scalars in all styles: the text in block style, and whether it may stand in flow style.
const SCALARS: [(&str, bool); 30] = [
    ("plain", true),
    ("two words", true),
    ("\"double\"", true),
    ("\"esc \\\" \\\\ \\u00e9 # no\"", true),
    ("'it''s'", true),
    ("''", true),
    ("12", true),
    ("true", true),
    ("~", true),
    ("10.0.0.1", true),
    ("\u{e9}\u{1F600}", true),
    ("{}", true),
    ("[]", true),
    ("", false),
    ("plain\n  over lines", false),
    ("\"double\n\n  over lines\"", false),
    ("|\n  literal\n  # no comment\n", false),
    ("|-\n  literal\n\n    deeper\n", false),
    ("|+\n  kept\n\n\n", false),
    (">-\n  folded\n  text\n", false),
    ("|\n  blank below\n\n \n", false),
    ("|2\n     deep\n  x\n", false),
    ("|\n\n  blank above\n", false),
    ("|\n", false),
    ("&y anchored", true),
    ("*x", true),
    ("!!str 12", true),
    ("!!int 7", true),
    ("!local tagged", true),
    ("!!str |-\n  tagged\n", false),
];

/// Writes a document; every choice of layout comes from `choices`, which are used over and over.
struct Writer<'a> {
    out: String,
    choices: &'a [u8],
    at: usize,
    names: usize,
    comments: usize,
}

impl Writer<'_> {
    fn choose(&mut self, of: usize) -> usize {
        self.at += 1;
        let i = self.at % self.choices.len();
        usize::from(self.choices[i].wrapping_add(u8::try_from(self.at % 251).unwrap_or(0))) % of
    }

    fn name(&mut self) -> String {
        self.names += 1;
        let n = self.names;
        [format!("key{n}"), format!("\"k {n}\""), format!("'q{n}'"), format!("a.b/c-{n}")][self.choose(6) % 4]
            .clone()
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# comment {}: it's \"odd\"", self.comments)
    }

    /// The end of a line, with a comment at times.
    fn end_line(&mut self) {
        if self.choose(6) == 0 {
            let comment = format!("  {}", self.comment());
            self.out.push_str(&comment);
        }
        self.out.push('\n');
    }

    /// Comment lines and blank lines between members.
    fn between(&mut self, column: usize) {
        match self.choose(8) {
            0 => self.out.push('\n'),
            1 | 2 => {
                let pad = [column, column, 0][self.choose(3)];
                let line = format!("{}{}\n", " ".repeat(pad), self.comment());
                self.out.push_str(&line);
            }
            _ => {}
        }
    }

    /// The value after `key:` or `-`, up to the end of its last line. `column` is that of the key or dash.
    fn value(&mut self, doc: &Doc, column: usize, in_sequence: bool) {
        match doc {
            Doc::Scalar(i) => {
                let pad = " ".repeat(column);
                let scalar = SCALARS[*i].0;
                if scalar.is_empty() {
                    return self.end_line();
                }
                // The text of the table is written for column 0.
                let lines: Vec<&str> = scalar.split_terminator('\n').collect();
                let block = scalar.starts_with(['|', '>']);
                self.out.push(' ');
                for (n, line) in lines.iter().enumerate() {
                    if n > 0 {
                        self.out.push('\n');
                        if !line.trim().is_empty() {
                            self.out.push_str(&pad);
                        }
                    }
                    self.out.push_str(line);
                }
                if block { self.out.push('\n') } else { self.end_line() }
            }
            _ if self.choose(4) == 0 && fits_flow(doc) => {
                self.out.push(' ');
                let lines = self.choose(3) == 0;
                self.flow(doc, if lines { Some(column + 2) } else { None });
                self.end_line();
            }
            Doc::Map(members) if in_sequence => {
                let gap = [1, 1, 3][self.choose(3)];
                self.out.push_str(&" ".repeat(gap));
                self.map(members, column + 1 + gap, true);
            }
            Doc::Seq(members) if in_sequence => {
                self.out.push(' ');
                self.seq(members, column + 2, true);
            }
            Doc::Map(members) => {
                self.end_line();
                let column = column + [2, 2, 4, 1][self.choose(4)];
                self.between(column);
                self.map(members, column, false);
            }
            Doc::Seq(members) => {
                self.end_line();
                let column = column + [0, 2][self.choose(2)];
                self.between(column);
                self.seq(members, column, false);
            }
        }
    }

    fn map(&mut self, members: &[Doc], column: usize, begun: bool) {
        for (i, member) in members.iter().enumerate() {
            if i > 0 || !begun {
                if i > 0 {
                    self.between(column);
                }
                self.out.push_str(&" ".repeat(column));
            }
            let name = self.name();
            if i > 0 && self.choose(16) == 0 {
                self.out.push_str(&format!("? {name}\n{}", " ".repeat(column)));
            } else {
                self.out.push_str(&name);
            }
            self.out.push(':');
            self.value(member, column, false);
        }
    }

    fn seq(&mut self, members: &[Doc], column: usize, begun: bool) {
        for (i, member) in members.iter().enumerate() {
            if i > 0 || !begun {
                if i > 0 {
                    self.between(column);
                }
                self.out.push_str(&" ".repeat(column));
            }
            self.out.push('-');
            self.value(member, column, true);
        }
    }

    /// A flow collection on one line, or with its members on lines of their own at `column`.
    fn flow(&mut self, doc: &Doc, column: Option<usize>) {
        let (members, open, close) = match doc {
            Doc::Scalar(i) => return self.out.push_str(SCALARS[*i].0),
            Doc::Map(members) => (members, '{', '}'),
            Doc::Seq(members) => (members, '[', ']'),
        };
        self.out.push(open);
        let pad = self.choose(3) == 0 && column.is_none();
        for (i, member) in members.iter().enumerate() {
            if i > 0 {
                self.out.push_str(if column.is_some() { "," } else { ", " });
            }
            match column {
                Some(column) => self.out.push_str(&format!("\n{}", " ".repeat(column))),
                None if pad && i == 0 => self.out.push(' '),
                None => {}
            }
            if close == '}' {
                let name = self.name();
                self.out.push_str(&format!("{name}: "));
            }
            self.flow(member, column.map(|c| c + 2));
        }
        if self.choose(5) == 0 {
            self.out.push(',');
        }
        match column {
            Some(column) => self.out.push_str(&format!("\n{}", " ".repeat(column - 1))),
            None if pad => self.out.push(' '),
            None => {}
        }
        self.out.push(close);
    }
}

fn fits_flow(doc: &Doc) -> bool {
    match doc {
        Doc::Scalar(i) => SCALARS[*i].1,
        Doc::Map(members) | Doc::Seq(members) => members.iter().all(fits_flow),
    }
}

/// The text of a document in one of the clothes that files wear.
fn render(doc: &Doc, choices: &[u8]) -> String {
    let mut writer = Writer { out: String::new(), choices, at: 0, names: 0, comments: 0 };
    if writer.choose(3) == 0 {
        writer.out.push_str("# header\n---\n");
    }
    writer.out.push_str("base: &x plain # for aliases\n");
    if let Doc::Map(members) = doc {
        writer.map(members, 0, false);
    }
    if writer.choose(5) == 0 {
        writer.between(0);
    }
    let mut text = writer.out;
    if choices[0].is_multiple_of(4) {
        text.pop();
    }
    if choices[0] & 16 == 0 {
        text = text.replace('\n', "\r\n");
    }
    if choices[0] & 96 == 0 {
        text.insert(0, '\u{FEFF}');
    }
    text
}

// ---- Operations ----------------------------------------------------------------------------------------------------------

/// What to do, before it is known to which document: numbers that choose among what there is.
type Choice = (u16, u8, u8);

const STRINGS: [&str; 14] = [
    "new",
    "two words",
    "yes",
    "1",
    "0x1f",
    "1_0",
    "it's",
    "say \"x\"",
    "fd00:10:244::/56",
    "10.0.0.0/8,fd00::/8",
    "a: b",
    "",
    "# c",
    "\u{e9}\ttab\u{2028}",
];

fn new_value(choice: u8) -> Value {
    let text = |n: u8| Value::string(STRINGS[usize::from(n) % STRINGS.len()]);
    match choice % 8 {
        0 => Value::Word("1440".to_owned()),
        1 => Value::Map(vec![
            ("name".to_owned(), text(choice / 8)),
            ("new value".to_owned(), Value::Word("true".to_owned())),
        ]),
        2 => Value::Seq(vec![text(choice / 8), Value::Seq(vec![Value::Word("2".to_owned())])]),
        3 => Value::Map(vec![(
            "nested".to_owned(),
            Value::Map(vec![("empty".to_owned(), Value::Seq(vec![]))]),
        )]),
        _ => text(choice / 8),
    }
}

fn all_nodes(tree: &Tree<'_>) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    let mut pending: Vec<NodeId> = tree.root().into_iter().collect();
    while let Some(node) = pending.pop() {
        nodes.push(node);
        let children: Vec<NodeId> = tree.children(node).collect();
        // Keys are not edited.
        let step = if tree.kind(node) == Kind::Mapping { 2 } else { 1 };
        pending.extend(children.iter().skip(step - 1).step_by(step));
    }
    nodes
}

/// An operation on some node; `number` tells new keys of one run apart.
fn choose(tree: &Tree<'_>, (node, op, value): Choice, number: usize) -> Option<(NodeId, Op)> {
    let nodes = all_nodes(tree);
    let node = *nodes.get(usize::from(node) % nodes.len().max(1))?;
    let value = new_value(value);
    let last = |i: u8, of: Vec<NodeId>| {
        if i & 64 == 0 { of.get(usize::from(i) % of.len().max(1)).copied() } else { None }
    };
    let op = match (op % 4, tree.kind(node)) {
        (0, _) => Op::Remove,
        (1 | 2, Kind::Sequence) => {
            Op::InsertItem(Placement { after: last(op, tree.items(node).collect()), below: None }, value)
        }
        (1 | 2, Kind::Mapping) => {
            let after = last(op, tree.entries(node).map(|(_, v)| v).collect());
            Op::InsertEntry(Placement { after, below: None }, format!("new{number}"), value)
        }
        _ => Op::Set(value),
    };
    Some((node, op))
}

/// The comments of a text that the parser reads: `#` where no scalar stands. Sorted.
fn comments(tree: &Tree<'_>, from: usize, to: usize) -> Vec<String> {
    let text = tree.text();
    let mut leaves: Vec<_> = Vec::new();
    let mut pending: Vec<NodeId> = tree.root().into_iter().collect();
    while let Some(node) = pending.pop() {
        if matches!(tree.kind(node), Kind::Scalar(_)) {
            leaves.push(tree.range(node));
        }
        pending.extend(tree.children(node));
    }
    leaves.sort_by_key(|l| l.start);
    leaves.push(to..to);
    let mut found = Vec::new();
    let mut at = from;
    for leaf in leaves {
        let gap = text.get(at..leaf.start).unwrap_or_default();
        found.extend(gap.lines().filter_map(|l| l.find('#').map(|i| l[i..].trim_end().to_owned())));
        at = leaf.end.max(at);
    }
    found.sort();
    found
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Refused,
    Done(String),
}

/// Applies one operation to the document at `range` and checks everything that must hold.
fn check(
    text: &str,
    range: core::ops::Range<usize>,
    choice: Choice,
    number: usize,
) -> Result<Outcome, String> {
    let before = parse(text, range.clone()).map_err(|e| format!("before: {}", e.message))?;
    let Some((node, op)) = choose(&before, choice, number) else { return Ok(Outcome::Refused) };
    let Ok(edits) = lower(&before, node, &op) else { return Ok(Outcome::Refused) };
    let after = apply(text, &edits);
    let why = |what: &str| {
        format!("{what} after {op:?} at {}\n--- before\n{text}\n--- after\n{after}\n---", before.path(node))
    };
    check_edits(text, &range, &edits).map_err(|e| why(&e))?;
    let end = range.end + after.len() - text.len();
    let tree = parse(&after, range.start..end).map_err(|e| why(&e.message))?;
    let planned = [Planned { node, inner: None, op: op.clone() }];
    same(&before, &planned, &tree).map_err(|path| why(&format!("differs at {path}")))?;
    if second_opinion(&text[range.clone()], &before).is_ok() {
        second_opinion(&after[range.start..end], &tree).map_err(|e| why(&e))?;
    }
    let quoted = matches!(&op, Op::Set(Value::String(text)) if before.string(node) == Some(text));
    // The second parser is not asked what an alias stands for.
    let said = quoted || text.contains('*') || same(&before, &[], &tree).is_ok();
    if !said && second_opinion(&after[range.start..end], &before).is_ok() {
        return Err(why("the second parser sees no difference"));
    }
    let (had, has) = (comments(&before, range.start, range.end), comments(&tree, range.start, end));
    let kept = if op == Op::Remove {
        has.iter().all(|c| had.contains(c))
            && had.iter().all(|c| has.contains(c) || edits.iter().any(|e| text[e.range.clone()].contains(c)))
    } else {
        had == has
    };
    if !kept {
        return Err(why(&format!("comments were {had:?} and are {has:?}")));
    }
    Ok(Outcome::Done(after))
}

/// Edits are in order, within the document, apart from one another, and do something.
fn check_edits(text: &str, range: &core::ops::Range<usize>, edits: &[Edit]) -> Result<(), String> {
    let mut at = range.start;
    for edit in edits {
        let fits =
            edit.range.start >= at && edit.range.end <= range.end && edit.range.start <= edit.range.end;
        let whole = text.is_char_boundary(edit.range.start) && text.is_char_boundary(edit.range.end);
        if !fits || !whole {
            return Err(format!("bad edit {edit:?}"));
        }
        at = edit.range.end;
    }
    Ok(())
}

/// The same runs on every machine: a failure here is a failure everywhere.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn generated_documents_are_yaml_for_both_parsers() {
    let layouts = (documents(), prop::collection::vec(any::<u8>(), 1..40));
    let result = runner(3000).run(&layouts, |(doc, choices)| {
        let text = render(&doc, &choices);
        let tree = parse(&text, 0..text.len());
        let tree = tree.map_err(|e| TestCaseError::fail(format!("{}\n{text}", e.message)))?;
        second_opinion(&text, &tree).map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        prop_assert_eq!(split(&text).len(), 1, "{}", text);
        prop_assert_eq!(split(&text), split_by_lines(&text));
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn every_edit_does_what_it_says_and_nothing_else() {
    let edits = prop::collection::vec(any::<Choice>(), 1..6);
    let layouts = (documents(), prop::collection::vec(any::<u8>(), 1..40), edits);
    let (done, tried) = (core::cell::Cell::new(0_u32), core::cell::Cell::new(0_u32));
    let result = runner(6000).run(&layouts, |(doc, choices, ops)| {
        let mut text = render(&doc, &choices);
        for (number, op) in ops.into_iter().enumerate() {
            tried.set(tried.get() + 1);
            match check(&text, 0..text.len(), op, number).map_err(TestCaseError::fail)? {
                Outcome::Refused => {}
                Outcome::Done(after) => {
                    done.set(done.get() + 1);
                    text = after;
                }
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
    assert!(done.get() * 2 > tried.get(), "most edits are refused: {} of {} done", done.get(), tried.get());
}

#[test]
fn edits_of_real_documents() {
    let files = common::corpus();
    let (mut done, mut refused, mut documents) = (0, 0, 0);
    let mut number: u16 = 7;
    for (name, text) in files.iter().step_by(5) {
        let chunks = split(text);
        for chunk in chunks.iter().filter(|c| c.range.len() < 20_000).step_by(4) {
            documents += 1;
            for _ in 0..3 {
                number = number.wrapping_mul(25173).wrapping_add(13849);
                let choice = (number, (number >> 8).to_le_bytes()[0], (number >> 3).to_le_bytes()[0]);
                // A file of its own: the check reads all of it, again and again.
                let part = &text[chunk.range.clone()];
                match check(part, 0..part.len(), choice, 0) {
                    Ok(Outcome::Done(_)) => done += 1,
                    Ok(Outcome::Refused) => refused += 1,
                    Err(e) if e.starts_with("before: ") => {}
                    Err(e) => panic!("{name}: {e}"),
                }
            }
        }
    }
    if !files.is_empty() {
        println!("{done} edits of {documents} documents done, {refused} refused");
        assert!(done > refused, "most edits are refused");
    }
}

// ---- JSON inside scalars -------------------------------------------------------------------------------------------------

fn json_values() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "true",
        "null",
        "__MTU__",
        "\"x\"",
        "\"it's\"",
        "\"\\\"\\\\ \u{e9}\"",
        "\"a: b # c\"",
        "{}",
        "[]",
        "\"${X}\"",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 12, 3, |inner| {
        let lists = prop::collection::vec(inner.clone(), 1..4).prop_map(|v| format!("[{}]", v.join(",\n  ")));
        let maps = prop::collection::vec(inner, 1..4).prop_map(|v| {
            let entries: Vec<String> = v.iter().enumerate().map(|(i, v)| format!("\"k{i}\": {v}")).collect();
            format!("{{\n  {}\n}}", entries.join(",\n  "))
        });
        prop_oneof![lists, maps]
    })
}

/// A file that holds `json` in a scalar of some style.
fn around(json: &str, style: u8) -> String {
    let block = |header: &str, by: usize| {
        let lines: String = json.lines().map(|l| format!("{}{l}\n", " ".repeat(by))).collect();
        format!("data:\n  # above\n  cni: {header}\n{lines}  # below\n  z: 1\n")
    };
    let one_line = json.replace('\n', " ");
    let text = match style % 7 {
        0 => block("|", 4),
        1 => block("|-", 3),
        2 => block("|2", 8),
        3 => block("|+", 4).replace("  # below", "\n\n  # below"),
        4 => block("|", 4).replacen("|\n", "|\n\n\n", 1),
        5 => format!("cni: {} # beside\n", write(json, Style::DoubleQuoted, false)),
        _ => format!("cni: {} # beside\n", write(&one_line, Style::SingleQuoted, false)),
    };
    if style & 64 == 0 { text } else { text.replace('\n', "\r\n") }
}

#[test]
fn edits_of_json_inside_scalars() {
    let result = runner(3000).run(&(json_values(), any::<u8>(), any::<Choice>()), |(json, style, choice)| {
        let json = format!("{{\"a\": {json}, \"b\": 1}}");
        let text = around(&json, style);
        check_embedded(&text, choice).map_err(TestCaseError::fail)?;
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}

fn check_embedded(text: &str, choice: Choice) -> Result<(), String> {
    let before = parse(text, 0..text.len()).map_err(|e| format!("{}\n{text}", e.message))?;
    let root = before.root().ok_or("no root")?;
    let node = before.at(root, &["data", "cni"]).or_else(|| before.get(root, "cni")).ok_or("no scalar")?;
    let embedded =
        Embedded::json(&before, node).map_err(|e| format!("{} at {}\n{text}", e.message, e.offset))?;
    let Some((inner, op)) = choose(&embedded.tree, choice, 0) else { return Ok(()) };
    let Ok(edits) = lower(&embedded.tree, inner, &op) else { return Ok(()) };
    let why = |what: &str| format!("{what} after {op:?} at {}\n{text}", embedded.tree.path(inner));
    let edits: Vec<Edit> = edits.iter().filter_map(|e| embedded.to_source(e)).collect();
    check_edits(text, &(0..text.len()), &edits).map_err(|e| why(&e))?;
    let after = apply(text, &edits);
    let tree = parse(&after, 0..after.len()).map_err(|e| why(&e.message))?;
    same(&before, &[Planned { node, inner: Some(inner), op: op.clone() }], &tree)
        .map_err(|e| why(&format!("{e}\n{after}")))?;
    second_opinion(&after, &tree).map_err(|e| why(&format!("{e}\n{after}")))?;
    let (had, has) = (comments(&before, 0, text.len()), comments(&tree, 0, after.len()));
    if had == has { Ok(()) } else { Err(why(&format!("comments were {had:?} and are {has:?}"))) }
}

// ---- Scalars -------------------------------------------------------------------------------------------------------------

/// Whatever is written is read as the same string, in block and in flow style, by both parsers.
#[test]
fn a_written_string_is_read_as_that_string() {
    let odd = prop::string::string_regex(
        "[-+.:_0-9a-fxoinystTZeE~#,&*!|>'\"%@`{}\\[\\] \\\\\\n\\t\u{85}\u{2028}\u{FEFF}\u{FFFE}é]{0,12}",
    );
    let texts = prop_oneof![
        odd.expect("a regex"),
        any::<String>(),
        prop::string::string_regex("[-+.:_0-9a-fxob]{1,9}").unwrap()
    ];
    let result = runner(20_000).run(&texts, |value| {
        for style in [Style::Plain, Style::SingleQuoted, Style::DoubleQuoted] {
            let texts = [
                format!("a: {}\n", write(&value, style, false)),
                format!("{{a: [{}]}}\n", write(&value, style, true)),
            ];
            for text in texts {
                let tree = parse(&text, 0..text.len())
                    .map_err(|e| TestCaseError::fail(format!("{}: {text}", e.message)))?;
                let node = tree.root().and_then(|r| tree.get(r, "a"));
                let node = node.and_then(|n| tree.items(n).next().or(Some(n))).expect("a value");
                prop_assert_eq!(tree.string(node), Some(&*value), "{}", text);
                second_opinion(&text, &tree).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}

/// Plain text that a YAML 1.1 or 1.2 parser in use reads as something else than a string; kubectl 1.32 does for most.
#[test]
fn nothing_ambiguous_is_plain() {
    let ambiguous = [
        "",
        "~",
        "null",
        "Null",
        "NULL",
        "true",
        "True",
        "FALSE",
        "yes",
        "Yes",
        "NO",
        "on",
        "Off",
        "y",
        "N",
        "<<",
        "=",
        "0",
        "12",
        "+12",
        "-12",
        "012",
        "0o14",
        "0O14",
        "0x1f",
        "0X1F",
        "-0x1f",
        "0b11",
        "+0b1",
        "1_000",
        "1__",
        "0_7",
        "1.10",
        "1.",
        ".5",
        "-.5",
        "+.5e3",
        "1e3",
        "1E+3",
        "1.5e-3",
        "1_0.5_0",
        ".inf",
        "-.INF",
        "+.Inf",
        ".nan",
        ".NaN",
        "190:20:30",
        "190:20:30.15",
        "1:30",
        "-1:30",
        "2001-12-14",
        "2001-12-14t21:59:43.10-05:00",
        "2001-12-14 21:59:43.10 -5",
        "2001-1-1",
        "2001-12-15T02:59:43.1Z",
        "0x",
        "1e",
        "685_230.15",
    ];
    for text in ambiguous {
        assert!(!is_plain_string(text), "{text:?} is read as a string");
        assert!(!is_safe_plain(text, false) && !is_safe_plain(text, true), "{text:?} is written plain");
    }
    let strings = [
        "10.96.0.10",
        "10.0.0.0/8",
        "fd00::1",
        "2001:db8::1",
        "::1",
        "1.2.3",
        "v1.2",
        "1a",
        "a1",
        "0xg",
        "nope",
        "e3",
        "1.2.3.4:80",
        "2001-12",
        "100Mi",
        "5m",
        "1Gi",
        "-",
        ".",
        "..",
        "+",
        "x:y",
        "1:2:345",
        "deadbeef",
    ];
    for text in strings {
        assert!(is_plain_string(text), "{text:?} is no string");
    }
    for text in [
        "new",
        "a.b/c-d_e",
        "fd00::1",
        "all()",
        "v3.31.7",
        "/etc/cni",
        "100Mi",
        "CALICO_IPV4POOL_CIDR",
        "-bird6-ready",
    ] {
        assert!(is_safe_plain(text, false), "{text:?} is quoted");
    }
    for text in [
        "a: b", "a #b", "-1", "- a", "?a", "a:", "a b", "@a", "%a", "é", "a,b", "!a", "*a", "fd00::",
        "10.0.0.1",
    ] {
        assert!(!is_safe_plain(text, false), "{text:?} is written plain");
    }
}
