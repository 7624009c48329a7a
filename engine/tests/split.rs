//! The lexical layer: where documents begin and end, and what their lines say without a parser.

#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)] // a test that cannot go on should say so and stop

mod common;

use calico_ipv6_engine::yaml::classify::{Hint, classify};
use calico_ipv6_engine::yaml::split::{split, split_by_lines};
use calico_ipv6_engine::yaml::{Kind, Style, Tree, parse};

/// A stream and its chunks. `!` before a chunk: it follows `...` without a `---` of its own.
const STREAMS: &[(&str, &[&str])] = &[
    // Empty and nearly empty.
    ("", &[""]),
    ("\n", &["\n"]),
    ("# only a comment\n", &["# only a comment\n"]),
    ("---", &["---"]),
    ("---\n", &["---\n"]),
    ("---\n---\n", &["---\n", "---\n"]),
    ("---\n---\n---\n", &["---\n", "---\n", "---\n"]),
    ("a: 1\n---\n", &["a: 1\n", "---\n"]),
    ("a: 1\n---", &["a: 1\n", "---"]),
    ("---\n# nothing\n---\na: 1\n", &["---\n# nothing\n", "---\na: 1\n"]),
    // One and several documents, with and without a marker in front.
    ("a: 1", &["a: 1"]),
    ("a: 1\n---\nb: 2\n", &["a: 1\n", "---\nb: 2\n"]),
    ("---\na: 1\n---\nb: 2", &["---\na: 1\n", "---\nb: 2"]),
    ("---\na: 1\n---\n\n---\nb: 2\n", &["---\na: 1\n", "---\n\n", "---\nb: 2\n"]),
    // What stands before the first marker belongs to its document, unless it is content.
    ("# about\n\n---\na: 1\n---\nb: 2\n", &["# about\n\n---\na: 1\n", "---\nb: 2\n"]),
    ("  # indented\n\t# tab\n---\na: 1\n", &["  # indented\n\t# tab\n---\na: 1\n"]),
    ("\n---\n---\n", &["\n---\n", "---\n"]),
    ("  a: 1\n---\nb: 2\n", &["  a: 1\n", "---\nb: 2\n"]),
    // Markers with something behind them, and what only resembles one.
    ("--- # about\na: 1\n---\t# b\nb: 2\n", &["--- # about\na: 1\n", "---\t# b\nb: 2\n"]),
    ("--- {a: 1}\n--- [b]\n--- |\n x\n", &["--- {a: 1}\n", "--- [b]\n", "--- |\n x\n"]),
    ("--- ---\n---\nb: 2\n", &["--- ---\n", "---\nb: 2\n"]),
    ("---a: 1\n----\n---b: 2\n", &["---a: 1\n----\n---b: 2\n"]),
    ("a: 1\n ---\nb: 2\n", &["a: 1\n ---\nb: 2\n"]),
    ("a: |\n  ---\n  x\n  ...\n", &["a: |\n  ---\n  x\n  ...\n"]),
    ("a: '\n  ---\n  '\n---\nb: 2\n", &["a: '\n  ---\n  '\n", "---\nb: 2\n"]),
    ("a: |\n---\nb: 2\n", &["a: |\n", "---\nb: 2\n"]),
    // The end marker.
    ("a: 1\n...\n", &["a: 1\n...\n"]),
    ("a: 1\n...", &["a: 1\n..."]),
    ("a: 1\n...\n---\nb: 2\n", &["a: 1\n...\n", "---\nb: 2\n"]),
    ("a: 1\n...\nb: 2\n", &["a: 1\n...\n", "!b: 2\n"]),
    ("a: 1\n...\nb: 2\n---\nc: 3\n", &["a: 1\n...\n", "!b: 2\n", "---\nc: 3\n"]),
    ("a: 1\n...\nb: 2\n...\nc: 3\n", &["a: 1\n...\n", "!b: 2\n...\n", "!c: 3\n"]),
    ("a: 1\n... # done\n# after\n", &["a: 1\n... # done\n", "# after\n"]),
    ("a: 1\n...\n# before\n---\nb: 2\n", &["a: 1\n...\n", "# before\n---\nb: 2\n"]),
    ("a: 1\n...\n...\n---\nb: 2\n", &["a: 1\n...\n...\n", "---\nb: 2\n"]),
    ("...\na: 1\n", &["...\n", "!a: 1\n"]),
    ("\n\u{FEFF}...\na: 1\n", &["\n\u{FEFF}...\n", "!a: 1\n"]),
    ("...\n...\na: 1\n", &["...\n...\n", "!a: 1\n"]),
    ("a: 1\n...\n...\nb: 2\n", &["a: 1\n...\n...\n", "!b: 2\n"]),
    ("---\n...\n---\na: 1\n", &["---\n...\n", "---\na: 1\n"]),
    ("a: 1\n....\nb: 2\n", &["a: 1\n....\nb: 2\n"]),
    // Directives.
    ("%YAML 1.2\n---\na: 1\n", &["%YAML 1.2\n---\na: 1\n"]),
    ("# c\n%TAG ! tag:x,2000:\n---\na: 1\n", &["# c\n%TAG ! tag:x,2000:\n---\na: 1\n"]),
    ("a: 1\n...\n%YAML 1.2\n---\nb: 2\n", &["a: 1\n...\n", "%YAML 1.2\n---\nb: 2\n"]),
    ("---\n%x: 1\n---\na: 1\n", &["---\n%x: 1\n", "---\na: 1\n"]),
    // Byte-order marks.
    ("\u{FEFF}a: 1\n---\nb: 2\n", &["\u{FEFF}a: 1\n", "---\nb: 2\n"]),
    ("\u{FEFF}---\na: 1\n---\nb: 2\n", &["\u{FEFF}---\na: 1\n", "---\nb: 2\n"]),
    ("\u{FEFF}# c\n---\na: 1\n", &["\u{FEFF}# c\n---\na: 1\n"]),
    ("\u{FEFF}\n---\na: 1\n", &["\u{FEFF}\n---\na: 1\n"]),
    ("\u{FEFF}...\na: 1\n", &["\u{FEFF}...\n", "!a: 1\n"]),
    ("\u{FEFF}...\n---\na: 1\n", &["\u{FEFF}...\n", "---\na: 1\n"]),
    ("a: 1\n\u{FEFF}...\n", &["a: 1\n\u{FEFF}...\n"]),
    ("\u{FEFF}", &["\u{FEFF}"]),
    ("\u{FEFF}%YAML 1.2\n---\na: 1\n", &["\u{FEFF}%YAML 1.2\n---\na: 1\n"]),
    ("a: 1\n...\n\u{FEFF}---\nb: 2\n", &["a: 1\n...\n", "!\u{FEFF}---\nb: 2\n"]),
    // Windows and old Macintosh line ends.
    ("# c\r\n---\r\na: 1\r\n---\r\nb: 2\r\n", &["# c\r\n---\r\na: 1\r\n", "---\r\nb: 2\r\n"]),
    ("a: 1\r\n...\r\nb: 2\r\n", &["a: 1\r\n...\r\n", "!b: 2\r\n"]),
    ("a: 1\r---\rb: 2\r", &["a: 1\r", "---\rb: 2\r"]),
    ("a: 1\r\n---\rb: 2\n---\nc: 3", &["a: 1\r\n", "---\rb: 2\n", "---\nc: 3"]),
    ("---\r", &["---\r"]),
];

#[test]
fn streams_split_where_their_markers_stand() {
    for (text, expected) in STREAMS {
        let chunks = split(text);
        let shown: Vec<String> = chunks
            .iter()
            .map(|c| format!("{}{}", if c.after_end_marker { "!" } else { "" }, &text[c.range.clone()]))
            .collect();
        assert_eq!(shown, *expected, "of {text:?}");
        assert_eq!(split_by_lines(text), chunks, "by lines, of {text:?}");
        assert_covers(text);
    }
}

fn assert_covers(text: &str) {
    let mut at = 0;
    for chunk in split(text) {
        assert_eq!(chunk.range.start, at, "a gap or an overlap in {text:?}");
        at = chunk.range.end;
    }
    assert_eq!(at, text.len(), "the end of {text:?} is missing");
}

/// Every text of up to six of these lines: both ways agree, cover every byte, and find as many documents as the parser.
#[test]
fn both_ways_to_split_agree() {
    const LINES: [&str; 8] = ["---", "...", "# c", "", "a: 1", "--- # c", "%YAML 1.2", " ---"];
    for line_break in ["\n", "\r\n"] {
        for number in 0..8_usize.pow(5) {
            let pick = |i: u32| LINES[number / 8_usize.pow(i) % 8];
            let text: String = (0..5).map(|i| format!("{}{line_break}", pick(i))).collect();
            assert_eq!(split(&text), split_by_lines(&text), "of {text:?}");
            assert_covers(&text);
        }
    }
}

#[derive(Debug, PartialEq)]
enum Expect {
    Empty,
    Kind(&'static str),
    Unknown,
}
use Expect::{Empty, Unknown};

const fn kind(word: &'static str) -> Expect {
    Expect::Kind(word)
}

/// Documents and their hints. Whether a hint is right is checked against the parser as well.
const DOCUMENTS: &[(&str, Expect)] = &[
    ("", Empty),
    ("\n\n", Empty),
    ("---\n", Empty),
    ("# c\n--- # d\n  # e\n\t\n...\n", Empty),
    ("\u{FEFF}# c\n", Empty),
    ("apiVersion: v1\nkind: ConfigMap\n", kind("ConfigMap")),
    ("kind: A", kind("A")),
    ("\u{FEFF}kind: A\n", kind("A")),
    ("---\nkind: A\n...\n", kind("A")),
    ("--- # c\r\napiVersion: v1\r\nkind: A # why\r\ndata:\r\n  a: 1\r\n", kind("A")),
    ("kind:   A  \n\n# c\nmetadata:\n  name: x\n", kind("A")),
    ("metadata:\n  name: x\n  kind: B\nkind: A\n", kind("A")),
    ("subjects:\n- kind: ServiceAccount\n  name: x\n-\n- kind: B\nkind: A\n", kind("A")),
    ("data:\n  a: |\n    kind: B\n\n    x\nkind: A\n", kind("A")),
    ("data:\n  a: \"x\"  # c\n  b: 'it'\n  c: {}\n  d: [1, [2]]\n  e: it's\n- \"f\": 1\nkind: A\n", Unknown),
    ("data:\n  a: \"x\"  # c\n  b: 'it'\n  c: {}\n  d: [1, [2]]\n  e: it's\n  # don't\nkind: A\n", kind("A")),
    // No kind, or not at column 0 as a plain key with one plain word.
    ("a: 1\n", Unknown),
    ("{kind: A}\n", Unknown),
    ("{\n  \"kind\": \"A\"\n}\n", Unknown),
    ("\"kind\": A\n", Unknown),
    ("'kind': A\n", Unknown),
    ("? kind\n: A\n", Unknown),
    ("kind : A\n", Unknown),
    ("a: &x {kind: A}\n", Unknown),
    ("x: &x\n  kind: A\n<<: *x\n", Unknown),
    ("<<: {kind: B}\nkind: A\n", Unknown),
    ("kind: &k A\nb: *k\n", Unknown),
    ("kind: !!str A\n", Unknown),
    ("kind:\n  A\n", Unknown),
    ("kind: A\n  B\n", Unknown),
    ("kind: A\n\n  B\n", Unknown),
    ("kind: \"A\"\n", Unknown),
    ("kind: \"\\x41\"\n", Unknown),
    ("kind: >-\n  A\n", Unknown),
    ("kind: A#b\n", Unknown),
    ("kind: A-B\n", Unknown),
    ("  kind: A\n", Unknown),
    ("  apiVersion: v1\n  kind: A\n", Unknown),
    ("- kind: A\n", Unknown),
    ("kind: A\nb: 1\nkind: A\n", Unknown),
    ("kind: A\nb: 1\nkind: B\n", Unknown),
    // Content on the marker line.
    ("--- {kind: A}\n", Unknown),
    ("--- |\nkind: A\n", Unknown),
    ("--- >\nkind: A\n", Unknown),
    ("---\tx\n", Unknown),
    ("--- !!map\nkind: A\n", Unknown),
    ("--- &a\nkind: A\n", Unknown),
    ("---# c\n", Unknown),
    ("%YAML 1.2\n---\nkind: A\n", Unknown),
    // Quoted scalars and flow collections whose lines go on at column 0, as libyaml and kubectl allow.
    ("a: \"x\nkind: A\n\"\n", Unknown),
    ("a: \"x\nkind: A\n  \"\n", Unknown),
    ("a: 'x\nkind: A\n  '\n", Unknown),
    ("a: 'it''\nkind: A\n  '\n", Unknown),
    ("a: \"\\\"\nkind: A\n  \"\n", Unknown),
    ("a: \"x # y\nkind: A\n  \"\n", Unknown),
    ("a: {\nkind: A\n}\n", Unknown),
    ("a: {\nkind: A\n  }\n", Unknown),
    ("a: [\nkind: A\n  ]\n", Unknown),
    ("a: [ # ]\nkind: A\n  ]\n", Unknown),
    ("a: [ \"]\",\nkind: A\n  ]\n", Unknown),
    ("a:\n  b: 'x\nkind: A\n  '\n", Unknown),
    ("a:\n  - 'x\nkind: A\n  '\n", Unknown),
    ("a:\n  - b: \"x\nkind: A\n  \"\n", Unknown),
    ("a:\n- - 'x\nkind: A\n  '\n", Unknown),
    ("a:\n  don't: 'x\nkind: A\n  '\n", Unknown),
    ("a:\n  \"b\": \"x\nkind: A\n  \"\n", Unknown),
    ("a:\n  b c: \"x\" \"\nkind: A\n  \"\n", Unknown),
    ("a:\n  b: !!str 'x\nkind: A\n  '\n", Unknown),
    ("a:\n  ? 'x\nkind: A\n  '\n", Unknown),
    ("b: c\na: &x \"x\nkind: A\n\"\n", Unknown),
    // Lone carriage returns.
    ("a: 1\rkind: A\r", Unknown),
    ("kind: A\nb:\n  c: 1\rkind: B\n", Unknown),
    ("kind: A\n  # c\rkind: B\n", Unknown),
    ("kind: A\r", Unknown),
    // Tabs.
    ("kind:\tA\n", kind("A")),
    ("kind: A\t# c\n", Unknown),
    ("kind: A\n\tB\n", Unknown),
    ("kind: List\nitems:\n- kind: A\n", kind("List")),
];

#[test]
fn hints_are_right_or_absent() {
    for (text, expected) in DOCUMENTS {
        let hint = classify(text, 0..text.len());
        let shown = match &hint {
            Hint::Empty => Empty,
            Hint::Kind(word) => Expect::Kind(DOCUMENTS_WORDS.iter().find(|w| *w == word).unwrap()),
            Hint::Unknown => Unknown,
        };
        assert_eq!(shown, *expected, "of {text:?}");
        if let Ok(tree) = parse(text, 0..text.len()) {
            assert_hint(&hint, &tree, text);
        }
    }
}

const DOCUMENTS_WORDS: [&str; 3] = ["A", "ConfigMap", "List"];

/// A hint that says something must say what the tree says.
fn assert_hint(hint: &Hint<'_>, tree: &Tree<'_>, what: &str) {
    let root = tree.root();
    match hint {
        Hint::Unknown => {}
        Hint::Empty => {
            let empty =
                root.is_none_or(|r| tree.kind(r) == Kind::Scalar(Style::Plain) && tree.range(r).is_empty());
            assert!(empty, "not empty: {what:?}");
        }
        Hint::Kind(word) => {
            let found = root.and_then(|r| tree.get(r, "kind")).and_then(|k| tree.scalar(k));
            assert_eq!(found, Some(*word), "kind of {what:?}");
        }
    }
}

/// Any three of these lines around `kind: A`: where the parser takes the document, the hint agrees with it.
#[test]
fn hints_agree_with_the_parser_on_odd_neighbours() {
    const LINES: [&str; 26] = [
        "", "# c", "a: 1", "b:", "- x", "  c: 1", "  x", "c: 'x", "  c: 'x", "  '", "'", "d: \"x", "  \"",
        "\"", "e: {", "  }", "}", "f: [", "  ]", "]", "g: |", "  - \"x", "h: x\\", "kind: B", "--- |",
        "  x: 'a'",
    ];
    let mut taken = 0;
    for number in 0..LINES.len().pow(3) {
        let pick = |i: u32| LINES[number / LINES.len().pow(i) % LINES.len()];
        for text in [
            format!("{}\n{}\nkind: A\n{}\n", pick(0), pick(1), pick(2)),
            format!("{}\nkind: A\n{}\n{}\n", pick(0), pick(1), pick(2)),
        ] {
            if let Ok(tree) = parse(&text, 0..text.len()) {
                taken += 1;
                assert_hint(&classify(&text, 0..text.len()), &tree, &text);
            }
        }
    }
    assert!(taken > 1000, "the lines no longer make documents: {taken}");
}

#[test]
fn hints_and_chunks_of_the_corpus() {
    let files = common::corpus();
    let (mut documents, mut unknown, mut broken) = (0, 0, 0);
    for (name, text) in &files {
        assert_covers(text);
        assert_eq!(split(text), split_by_lines(text), "{name}");
        for chunk in split(text) {
            let hint = classify(text, chunk.range.clone());
            documents += 1;
            unknown += usize::from(hint == Hint::Unknown);
            match parse(text, chunk.range.clone()) {
                Ok(tree) => assert_hint(&hint, &tree, name),
                Err(_) => broken += 1,
            }
        }
    }
    if !files.is_empty() {
        println!(
            "{documents} documents of {} files: {unknown} without a hint, {broken} not YAML",
            files.len()
        );
    }
}
