//! The engine's second parser has the grammar of libyaml: it is compared with libyaml itself, as `serde_yaml` binds it, on
//! the inputs of all cases and on what becomes of them when something is inserted, removed or exchanged.

#![allow(clippy::unwrap_used, clippy::panic)]

use calico_ipv6_engine::yaml::cross_check::{second_opinion, unread};
use calico_ipv6_engine::yaml::parse;
use calico_ipv6_engine::yaml::split::split;
use calico_ipv6_tests::case;
use serde::Deserialize as _;
use serde::de::IgnoredAny;

/// What is inserted: whatever YAML gives a meaning, or refuses.
const INSERTED: [&str; 68] = [
    "\t",
    " ",
    "  ",
    "\"",
    "'",
    ":",
    ": ",
    "- ",
    "? ",
    "&a ",
    "*a ",
    "*a",
    "!t ",
    "!",
    "!!str ",
    "!!int ",
    "!e!x ",
    "!<tag:x,y> ",
    "!a%41 ",
    "!x,",
    "#",
    " # c\n",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\r",
    "\r\n",
    "\n",
    "\n\n",
    "\n---\n",
    "\n--- ",
    "\n...\n",
    "%YAML 1.2\n---\n",
    "%YAML 1.3\n---\n",
    "%TAG !e! tag:x:\n---\n",
    "%FOO x\n---\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    "[a, b: c]",
    "{a: b, ? c}",
    "|",
    ">",
    "|-\n",
    ">+\n  ",
    "|2\n",
    "| # c\n  ",
    "\\",
    "\\x41",
    "\\ud83d",
    "\\\n",
    "\u{FEFF}",
    "<<: *a",
    "@",
    "`",
    "%",
    "\0",
    "\u{7f}",
    "\u{80}",
    "é",
    "~",
    "012",
    "a: b\n",
    "\"q\": ",
    "- - a\n",
    "? a\n: b\n",
];

/// Whether libyaml reads `text` as one document.
fn libyaml_reads(text: &str) -> bool {
    let text = text.trim_start_matches('\u{FEFF}');
    IgnoredAny::deserialize(serde_yaml::Deserializer::from_str(text)).is_ok()
}

/// The documents of all cases that are small enough to be varied often.
fn documents() -> Vec<String> {
    let mut documents: Vec<String> = case::all()
        .iter()
        .flat_map(|case| split(&case.input).into_iter().map(|chunk| case.input[chunk.range].to_owned()))
        .filter(|document| document.len() < 2000)
        .collect();
    documents.sort_unstable();
    documents.dedup();
    documents
}

/// The same numbers in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }

    fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn varied(&mut self, document: &str) -> String {
        let mut text = document.to_owned();
        for _ in 0..=self.below(3) {
            let at = self.place(&text);
            let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
            let inserted = INSERTED[self.below(INSERTED.len())];
            match self.below(4) {
                0 => text.replace_range(at..end, ""),
                1 => text.replace_range(at..end, inserted),
                _ => text.insert_str(at, inserted),
            }
        }
        text
    }
}

#[test]
fn it_reads_what_libyaml_reads() {
    let mut numbers = Numbers(20_010_101);
    let (mut read, mut refused) = (0, 0);
    for document in documents() {
        for text in core::iter::once(document.clone()).chain((0..20).map(|_| numbers.varied(&document))) {
            let reads = libyaml_reads(&text);
            assert_eq!(unread(&text).is_none(), reads, "libyaml reads it: {reads}\n{text:?}");
            if reads { read += 1 } else { refused += 1 }
        }
    }
    assert!(
        read > 1000 && refused > 1000,
        "{read} texts were read and {refused} refused: too few to say anything"
    );
}

#[test]
fn it_agrees_about_every_document_of_the_cases() {
    for document in documents().into_iter().filter(|document| libyaml_reads(document)) {
        let Ok(tree) = parse(&document, 0..document.len()) else { continue };
        assert_eq!(second_opinion(&document, &tree), Ok(()), "{document}");
    }
}

#[test]
fn it_sees_every_difference() {
    let cases = [
        ("a: '1'", "a: 1", "a: read as `1`"),
        ("a: 1", "a: '1'", "a: read as `1`"),
        ("a: \"b\"", "a: 'b'", "a: read as `b`"),
        ("a: b", "a: c", "a: read as `c`"),
        ("a: b", "a: [b]", "a: read as a sequence"),
        ("a: [b]", "a: {b}", "a: read as a mapping"),
        ("a: [b]", "a: [b, c]", "a: a scalar too many"),
        ("a: [b, c]", "a: [b]", "a: read as a shorter sequence"),
        ("a: b\nc: d", "a: b", ": read as a shorter mapping"),
        ("a: !t b", "a: b", "a: read as tagged nothing"),
        ("a: !t b", "a: !u b", "a: read as tagged !u"),
        ("a: !!str 1", "a: !!int 1", "a: read as tagged tag:yaml.org,2002:int"),
        ("a: &x b", "a: b", "a: read as anchored nowhere"),
        ("[&x b, &y c, *x]", "[&x b, &y c, *y]", "[2]: read as the alias *y"),
        ("[&x b, *x]", "[&x b, b]", "[1]: read as `b`"),
        ("a: b", "a: b\n---\nc: d", "a second document begins"),
        ("a: !!int b", "a: !!int b", "a: read as `b`, which is no tag:yaml.org,2002:int"),
        ("a: \"\\ud83d\\ude00\"", "a: \"\\ud83d\\ude00\"", "found invalid Unicode character escape code"),
        ("a: b #\u{2028}c", "a: b #\u{2028}c", "could not find expected ':'"),
    ];
    for (first, second, told) in cases {
        let tree = parse(first, 0..first.len()).unwrap();
        assert_eq!(second_opinion(second, &tree), Err(told.to_owned()), "{first:?} read as {second:?}");
    }
}

#[test]
fn it_refuses_what_nests_too_deep_and_expands_no_alias() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for (depth, expected) in [(128, Ok(())), (129, Err("nested deeper than 128 levels".to_owned()))] {
        let text = nested(depth);
        let tree = parse(&text, 0..text.len()).unwrap();
        assert_eq!(second_opinion(&text, &tree), expected, "{depth}");
    }
    assert!(unread(&nested(1_000_000)).is_some());
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..30 {
        bomb += &format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(", "));
    }
    let tree = parse(&bomb, 0..bomb.len()).unwrap();
    assert_eq!(second_opinion(&bomb, &tree), Ok(()));
}
