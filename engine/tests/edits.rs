//! Every edit as a case: a text, one operation, the text after it. Each case runs with `\n` and `\r\n`, with and without a
//! final line break, and with a byte-order mark; after each the result is parsed again, compared with the plan, and read by
//! the second parser.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // a test that cannot go on should say so and stop

use calico_ipv6_engine::model::Documents;
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::yaml::cross_check::second_opinion;
use calico_ipv6_engine::yaml::embedded::Embedded;
use calico_ipv6_engine::yaml::verify::{Planned, same};
use calico_ipv6_engine::yaml::write::{Edit, Op, Placement, Value, apply, commented_item, lower};
use calico_ipv6_engine::yaml::{Kind, NodeId, Tree, parse};

/// The operation for a node of a tree.
type MakeOp = dyn Fn(&Tree<'_>, NodeId) -> Op;

/// `a.b[1].c`, from the root; an empty path is the root.
fn find(tree: &Tree<'_>, path: &str) -> NodeId {
    let mut at = tree.root().expect("a root");
    for step in path.split(['.', '[']).filter(|s| !s.is_empty()) {
        let next = match step.strip_suffix(']') {
            Some(index) => tree.items(at).nth(index.parse().expect("an index")),
            None => tree.get(at, step),
        };
        at = next.unwrap_or_else(|| panic!("nothing at {path}, step {step}"));
    }
    at
}

/// Applies `op` to the node at `path`; behind ` | ` the path inside the JSON document that the scalar holds.
fn edit(text: &str, path: &str, op: &MakeOp) -> Result<String, String> {
    let tree = parse(text, 0..text.len()).map_err(|e| format!("before: {}", e.message))?;
    let (outer, inner) = path.split_once(" | ").map_or((path, None), |(o, i)| (o, Some(i)));
    let node = find(&tree, outer);
    let (edits, planned) = match inner {
        None => {
            let op = op(&tree, node);
            let edits = lower(&tree, node, &op).map_err(|refusal| refusal.reason.to_string())?;
            (edits, Planned { node, inner: None, op })
        }
        Some(path) => {
            let embedded = Embedded::json(&tree, node).map_err(|e| e.message)?;
            let inner = find(&embedded.tree, path);
            let op = op(&embedded.tree, inner);
            let edits = lower(&embedded.tree, inner, &op).map_err(|refusal| refusal.reason.to_string())?;
            let edits =
                edits.iter().map(|edit| embedded.to_source(edit).ok_or("the scalar cannot hold this"));
            (edits.collect::<Result<_, _>>()?, Planned { node, inner: Some(inner), op })
        }
    };
    let after = apply(text, &edits);
    let tree_after = parse(&after, 0..after.len()).unwrap_or_else(|e| panic!("{}: {after:?}", e.message));
    same(&tree, &[planned], &tree_after).unwrap_or_else(|path| panic!("differs at {path}: {after:?}"));
    second_opinion(&after, &tree_after).unwrap_or_else(|e| panic!("second opinion: {e}: {after:?}"));
    Ok(after)
}

/// One operation, one text before, one after.
fn case(before: &str, path: &str, op: &MakeOp, after: &str) {
    for (end, end_of_file) in [("\n", true), ("\n", false), ("\r\n", true), ("\r\n", false)] {
        for mark in ["", "\u{FEFF}"] {
            let end = if end_of_file || before.matches('\n').count() > 1 { end } else { "\n" }; // nothing to copy
            let dress = |text: &str| {
                let text = if end_of_file { text } else { text.strip_suffix('\n').unwrap_or(text) };
                format!("{mark}{}", text.replace('\n', end))
            };
            let got = edit(&dress(before), path, op).unwrap_or_else(|why| panic!("refused: {why}\n{before}"));
            assert_eq!(got, dress(after), "\n--- got\n{got}--- wanted\n{after}");
        }
    }
}

/// One operation that is refused, for a reason that says `why`.
fn refused(before: &str, path: &str, op: &MakeOp, why: &str) {
    for text in [before.to_owned(), before.replace('\n', "\r\n")] {
        let got = edit(&text, path, op);
        assert!(
            got.as_ref().is_err_and(|e| e.contains(why)),
            "wanted a refusal ({why}) of {text:?}, got {got:?}"
        );
    }
}

fn set(text: &'static str) -> impl Fn(&Tree<'_>, NodeId) -> Op {
    move |_, _| Op::Set(Value::string(text))
}

fn word(text: &'static str) -> impl Fn(&Tree<'_>, NodeId) -> Op {
    move |_, _| Op::Set(Value::Word(text.into()))
}

fn fill(value: Value) -> impl Fn(&Tree<'_>, NodeId) -> Op {
    move |_, _| Op::Set(value.clone())
}

fn remove(_: &Tree<'_>, _: NodeId) -> Op {
    Op::Remove
}

fn item(value: Value) -> impl Fn(&Tree<'_>, NodeId) -> Op {
    move |_, _| Op::InsertItem(Placement::default(), value.clone())
}

/// An item behind the one with this index.
fn item_after(index: usize, value: Value) -> impl Fn(&Tree<'_>, NodeId) -> Op {
    move |tree, node| {
        let after = tree.items(node).nth(index);
        Op::InsertItem(Placement { after, below: None }, value.clone())
    }
}

fn entry(key: &'static str, value: Value) -> impl Fn(&Tree<'_>, NodeId) -> Op {
    move |_, _| Op::InsertEntry(Placement::default(), key.into(), value.clone())
}

/// An entry behind that of `after`.
fn entry_after(after: &'static str, key: &'static str, value: Value) -> impl Fn(&Tree<'_>, NodeId) -> Op {
    move |tree, node| {
        Op::InsertEntry(Placement { after: tree.get(node, after), below: None }, key.into(), value.clone())
    }
}

fn uncomment(key: &'static str, value: &'static str, new: Value) -> impl Fn(&Tree<'_>, NodeId) -> Op {
    move |tree, node| {
        Op::Uncomment(commented_item(tree, node, key, value).expect("a commented item"), new.clone())
    }
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

fn seq<const N: usize>(items: [Value; N]) -> Value {
    Value::Seq(items.into_iter().collect())
}

fn env(name: &str, value: &str) -> Value {
    map([("name", text(name)), ("value", text(value))])
}

fn number(word: &str) -> Value {
    Value::Word(word.to_owned())
}

#[test]
fn a_scalar_keeps_its_quotes_and_its_comment() {
    case("a: old   # why\nb: 1\n", "a", &set("new"), "a: new   # why\nb: 1\n");
    case("a: 'old' # why\n", "a", &set("it's"), "a: 'it''s' # why\n");
    case("a: 'old'\n", "a", &set("two\nlines"), "a: \"two\\nlines\"\n");
    case("a: \"old\"\n", "a", &set("say \"no\"\\"), "a: \"say \\\"no\\\"\\\\\"\n");
    case("a:\told\n", "a", &set("new"), "a:\tnew\n");
    case("a: old\n", "a", &set("yes"), "a: 'yes'\n");
    case("a: old\nb: \"x\"\n", "a", &set("yes"), "a: \"yes\"\nb: \"x\"\n");
    case("a: old\nb: \"0\"\n", "a", &set("::"), "a: '::'\nb: \"0\"\n");
    case("a: old\n", "a", &set("fd00::1"), "a: fd00::1\n");
    case("a: old\n", "a", &set("fd00::"), "a: 'fd00::'\n");
    case("a: old\n", "a", &set("::/0"), "a: ::/0\n");
    case("a: old\n", "a", &set("2001:db8:1::11"), "a: 2001:db8:1::11\n");
    case("a: old\n", "a", &set("[2001:db8::1]:6443"), "a: '[2001:db8::1]:6443'\n");
    case("a: old\n", "a", &set("https://[2001:db8::1]:6443"), "a: https://[2001:db8::1]:6443\n");
    case("a: old\n", "a", &set("1:2:3:4:5:6:7:8"), "a: '1:2:3:4:5:6:7:8'\n");
    case("- old\n", "[0]", &set("--bind-address=::"), "- '--bind-address=::'\n");
    case("- old\n", "[0]", &set("--bind-address=::1"), "- --bind-address=::1\n");
    case("a: old\n", "a", &set("10.0.0.0/8,fd00::/8"), "a: 10.0.0.0/8,fd00::/8\n");
    case("a: old\n", "a", &word("1440"), "a: 1440\n");
    case("a: \"true\"\n", "a", &set("false"), "a: \"false\"\n");
    case("a: one\n  two # why\nb: 1\n", "a", &set("new"), "a: new # why\nb: 1\n");
    case("a: \"one\n  two\"\nb: 1\n", "a", &set("new"), "a: \"new\"\nb: 1\n");
    case("- old\n- x\n", "[0]", &set("new"), "- new\n- x\n");
    case("a: !!str 5\n", "a", &set("x"), "a: !!str x\n");
    case("a: &x old\n", "a", &set("new"), "a: &x new\n");
    case("\"a\" : old\n", "a", &set("new"), "\"a\" : new\n");
}

#[test]
fn a_scalar_in_flow_style() {
    case("a: {b: old, c: 1}\n", "a.b", &set("new"), "a: {b: new, c: 1}\n");
    case("a: [old, 'x']\n", "a[0]", &set("fd00::1"), "a: ['fd00::1', 'x']\n");
    case("a: [old, 'x']\n", "a[1]", &set("y"), "a: [old, 'y']\n");
    case("{\"a\":\"old\",\"b\":1}\n", "a", &set("new"), "{\"a\":\"new\",\"b\":1}\n");
    case("{\"a\":\"old\",\"b\":1}\n", "b", &word("2"), "{\"a\":\"old\",\"b\":2}\n");
    case("a: {b: , c: 1}\n", "a.b", &set("x"), "a: {b: \"x\" , c: 1}\n");
}

#[test]
fn an_empty_value_is_filled() {
    case("a:\nb: 1\n", "a", &set("x"), "a: \"x\"\nb: 1\n");
    case("a:   # why\n", "a", &set("x"), "a: \"x\"   # why\n");
    case("a:\n# below\nb: 1\n", "a", &word("1"), "a: 1\n# below\nb: 1\n");
    case(
        "- name: A\n  value:\n- name: B\n  value: 'b'\n",
        "[0].value",
        &set("x"),
        "- name: A\n  value: 'x'\n- name: B\n  value: 'b'\n",
    );
    case("a:\nb: 1\n", "a", &fill(seq([text("x")])), "a:\n  - \"x\"\nb: 1\n");
    case(
        "a: [] # why\nb: 1\n",
        "a",
        &fill(seq([env("A", "1")])),
        "a: # why\n  - name: A\n    value: \"1\"\nb: 1\n",
    );
    case(
        "m:\n    a: {}\n    b: 1\n",
        "m.a",
        &fill(map([("c", text("x"))])),
        "m:\n    a:\n        c: x\n    b: 1\n",
    );
    case("m:\n  a:   # why\n", "m.a", &fill(map([("c", text("x"))])), "m:\n  a:   # why\n    c: x\n");
    case("a: {b: [], c: 1}\n", "a.b", &fill(seq([text("x")])), "a: {b: [\"x\"], c: 1}\n");
    case("- name: A\n  list: []\n", "[0].list", &fill(seq([text("x")])), "- name: A\n  list:\n    - \"x\"\n");
    case("a: []\n", "a", &fill(seq([map([("b", Value::Map(vec![]))])])), "a:\n  - b: {}\n");
    case("a: [1, 2]\n", "a", &fill(seq([text("x")])), "a: [\"x\"]\n");
}

#[test]
fn a_block_scalar_is_replaced_with_its_header() {
    case("a: |\n  old\n  lines\nb: 1\n", "a", &set("new"), "a: \"new\"\nb: 1\n");
    case("a: |2-\n    old\nb: 1\n", "a", &set("new"), "a: \"new\"\nb: 1\n");
    case("a: >+\n  old\n\n# c\nb: 1\n", "a", &set("new"), "a: \"new\"\n\n# c\nb: 1\n");
    case("a: |\nb: 1\n", "a", &set("new"), "a: \"new\"\nb: 1\n");
    case("- |\n  old\n- x\n", "[0]", &set("new"), "- \"new\"\n- x\n");
    case("m:\n  a: |\n\n    old\n  b: 1\n", "m.a", &set("new"), "m:\n  a: \"new\"\n  b: 1\n");
    case("- |-\n  old\n- x\n", "[0]", &set("new"), "- \"new\"\n- x\n");
    refused("a: | # x|y\n  old\n", "a", &set("new"), "comment");
    refused("a: !!str |\n  old\n", "a", &set("new"), "another line");
}

#[test]
fn an_item_is_inserted_in_a_block_sequence() {
    case("a:\n- x\n- y\nb: 1\n", "a", &item(text("z")), "a:\n- x\n- y\n- z\nb: 1\n");
    case(
        "a:\n  - x # why\n  # below\n\nb: 1\n",
        "a",
        &item(text("z")),
        "a:\n  - x # why\n  - z\n  # below\n\nb: 1\n",
    );
    case("a:\n  - x\n  - y\n", "a", &item_after(0, text("z")), "a:\n  - x\n  - z\n  - y\n");
    case("- x\n", "", &item(text("z")), "- x\n- z\n");
    case("-\n- x\n", "", &item_after(0, text("z")), "-\n- z\n- x\n");
    case("- x\n-\n", "", &item(text("z")), "- x\n-\n- z\n");
    case("- - a\n  - b\n- - c\n", "", &item(seq([text("d")])), "- - a\n  - b\n- - c\n- - \"d\"\n");
    case("- - a\n  - b\n- - c\n", "[0]", &item(text("d")), "- - a\n  - b\n  - d\n- - c\n");
    case(
        "a:\n-   x: 1\n    y: 2\n",
        "a",
        &item(map([("x", number("3"))])),
        "a:\n-   x: 1\n    y: 2\n- x: 3\n",
    );
    case("a:\n- b:\n    - 1\n", "a", &item(text("z")), "a:\n- b:\n    - 1\n- \"z\"\n");
    case("a:\n- b:\n    - 1\n", "a[0].b", &item(text("z")), "a:\n- b:\n    - 1\n    - z\n");
    case("a:\n- b:   # empty\n# c\n", "a", &item(text("z")), "a:\n- b:   # empty\n- \"z\"\n# c\n");
    case(
        "a:\n- {b: 1,\n  c: 2} # x\nd: 1\n",
        "a",
        &item(text("z")),
        "a:\n- {b: 1,\n  c: 2} # x\n- \"z\"\nd: 1\n",
    );
    case("a:\n- one\n  two\nb: 1\n", "a", &item(text("z")), "a:\n- one\n  two\n- z\nb: 1\n");
    case("---\na:\n- x\n...\n", "a", &item(text("z")), "---\na:\n- x\n- z\n...\n");
    case("a: [\n  x\n  ]\nb:\n- y\n", "b", &item(text("z")), "a: [\n  x\n  ]\nb:\n- y\n- z\n");
    case("-\n  a: 1\n", "", &item(text("z")), "-\n  a: 1\n- \"z\"\n");
    case("- # why\n  a: 1\n", "", &item(text("z")), "- # why\n  a: 1\n- \"z\"\n");
    refused("- !x-y a\n", "", &item(text("z")), "dash");
}

#[test]
fn an_item_is_dressed_as_its_siblings() {
    let quoted = "env:\n  - name: A\n    value: \"a\"\n";
    case(quoted, "env", &item(env("B", "b")), &format!("{quoted}  - name: B\n    value: \"b\"\n"));
    let single = "env:\n- name: A\n  value: 'a'\n";
    case(single, "env", &item(env("B", "b")), &format!("{single}- name: B\n  value: 'b'\n"));
    let plain = "env:\n- name: A\n  value: a\n";
    case(plain, "env", &item(env("B", "b")), &format!("{plain}- name: B\n  value: b\n"));
    case(plain, "env", &item(env("B", "1")), &format!("{plain}- name: B\n  value: \"1\"\n"));
    let names = "env:\n- name: \"A\"\n  valueFrom:\n    x: y\n";
    case(names, "env", &item(env("B", "b")), &format!("{names}- name: \"B\"\n  value: b\n"));
}

#[test]
fn a_block_scalar_above_keeps_its_end() {
    for (header, body) in [
        ("|", "x\n"),
        ("|-", "x\n"),
        (">", "x\n"),
        ("|", "x\n\n  y\n"),
        ("|2-", "   x\n"),
        ("|+", "x\n\n\n"),
        ("|", ""),
    ] {
        let body = if body.is_empty() { String::new() } else { format!("  {body}") };
        let before = format!("a: {header}\n{body}");
        case(
            &format!("{before}b: 1\n"),
            "",
            &entry_after("a", "c", number("2")),
            &format!("{before}c: 2\nb: 1\n"),
        );
        let list = format!("- {header}\n{body}");
        case(&format!("{list}- b\n"), "", &item_after(0, text("z")), &format!("{list}- z\n- b\n"));
    }
    // Blank lines below `|` and `|-` are no part of the value: what is new stands right below it.
    case("a: |\n  x\n\n\nb: 1\n", "", &entry_after("a", "c", number("2")), "a: |\n  x\nc: 2\n\n\nb: 1\n");
    case(
        "m:\n  a: |-\n    x\n  \n  b: 1\n",
        "m",
        &entry_after("a", "c", number("2")),
        "m:\n  a: |-\n    x\n  c: 2\n  \n  b: 1\n",
    );
    case("a: |\n  x\n", "", &entry("c", number("2")), "a: |\n  x\nc: 2\n");
    // A line of more spaces than the indentation is content.
    case(
        "a: |\n  x\n     \nb: 1\n",
        "",
        &entry_after("a", "c", number("2")),
        "a: |\n  x\n     \nc: 2\nb: 1\n",
    );
    // Comments below a block scalar.
    case("a: |\n  x\n# c\nb: 1\n", "", &entry_after("a", "c", number("2")), "a: |\n  x\nc: 2\n# c\nb: 1\n");
}

#[test]
fn an_entry_is_inserted_in_a_block_mapping() {
    case("a: 1\nb: 2 # why\n", "", &entry("c", text("x")), "a: 1\nb: 2 # why\nc: x\n");
    case("a: 1\n# about b\nb: 2\n", "", &entry_after("a", "c", text("x")), "a: 1\nc: x\n# about b\nb: 2\n");
    case("m:\n    a: 1\n\nn: 2\n", "m", &entry("c", text("yes")), "m:\n    a: 1\n    c: \"yes\"\n\nn: 2\n");
    case("- a: 1\n- a: 2\n", "[0]", &entry("b", text("x")), "- a: 1\n  b: x\n- a: 2\n");
    case("- a: 1\n  b: 'q'\n- a: 2\n", "[1]", &entry("b", text("x")), "- a: 1\n  b: 'q'\n- a: 2\n  b: 'x'\n");
    case("a: 1\nb:\n", "", &entry("c", text("x")), "a: 1\nb:\nc: x\n");
    case("a: 1\nb:\n# c\n", "", &entry("c", seq([text("x")])), "a: 1\nb:\nc:\n- x\n# c\n");
    case(
        "a:\n  b:\n    c: 1\n",
        "a",
        &entry("d", map([("e", number("1"))])),
        "a:\n  b:\n    c: 1\n  d:\n    e: 1\n",
    );
    case("a: 1\n? b\nc: 1\n", "", &entry_after("b", "d", number("1")), "a: 1\n? b\nd: 1\nc: 1\n");
    refused("? a\n: 1\n", "", &entry("c", text("x")), "`?`");
    refused("!!str a: 1\n", "", &entry("c", text("x")), "tags");
}

#[test]
fn flow_collections_take_new_members() {
    case("a: [x, y]\n", "a", &item(text("z")), "a: [x, y, \"z\"]\n");
    case("a: [ x, y ] # why\n", "a", &item_after(0, text("z")), "a: [ x, \"z\", y ] # why\n");
    case("a: [x,]\n", "a", &item(text("z")), "a: [x, \"z\",]\n");
    case("a: {b: 1}\n", "a", &entry("c", text("x y")), "a: {b: 1, c: \"x y\"}\n");
    case("a: {b: 1, d: }\n", "a", &entry("c", text("x")), "a: {b: 1, d: , c: \"x\"}\n");
    case("a: {b: , d: 1}\n", "a", &entry_after("b", "c", text("x")), "a: {b: , c: \"x\", d: 1}\n");
    case("a: {b: 1}\n", "a", &entry("c: d", text("x")), "a: {b: 1, \"c: d\": \"x\"}\n");
    case("a: {b: !!int 1}\n", "a", &entry("c", text("x")), "a: {b: !!int 1, c: \"x\"}\n");
    case("a: {'b':1}\n", "a", &entry("c", map([("d", text("x"))])), "a: {'b':1,\"c\":{\"d\":\"x\"}}\n");
    case("a: [\n  x,\n  y\n]\n", "a", &item(text("z")), "a: [\n  x,\n  y,\n  \"z\"\n]\n");
    case("a: [\n  x\n]\n", "a", &item(text("z")), "a: [\n  x,\n  \"z\"\n]\n");
    case("a: [\n  x,\n]\nb: 1\n", "a", &item(text("z")), "a: [\n  x,\n  \"z\",\n]\nb: 1\n");
    case(
        "a:\n- {name: A, value: \"x\"}\n- {name: B, value: y}\n",
        "a[1]",
        &entry("c", text("1")),
        "a:\n- {name: A, value: \"x\"}\n- {name: B, value: y, c: \"1\"}\n",
    );
    refused("a: [x, # why\n  y]\n", "a", &item(text("z")), "comment");
    refused("a: [\n  x # why\n]\n", "a", &item(text("z")), "comment");
    refused("a: [x: 1]\n", "a[0]", &entry("y", text("z")), "braces");
}

const COMPACT: &str = "{\"a\":{\"b\":[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"value\":\"2\"}]}}\n";

const PRETTY: &str = r#"{
  "a": {
    "b": [
      {
        "name": "A",
        "value": "1"
      },
      {
        "name": "B",
        "value": "2"
      }
    ]
  }
}
"#;

#[test]
fn a_pair_whose_key_begins_with_a_brace_has_no_braces() {
    let new = entry("k", text("v"));
    refused("a: [{b: c}: d]\n", "a[0]", &new, "a pair without braces");
    refused("a: [{b: c}:]\n", "a[0]", &new, "a pair without braces");
    refused("a: [[b]: c]\n", "a[0]", &new, "a pair without braces");
}

#[test]
fn json_documents_stay_json() {
    case(
        COMPACT,
        "a.b",
        &item(env("C", "3")),
        &COMPACT.replace("\"2\"}", "\"2\"},{\"name\":\"C\",\"value\":\"3\"}"),
    );
    case(COMPACT, "a", &entry("c", number("1")), &COMPACT.replace("]}", "],\"c\":1}"));
    case(COMPACT, "a.b[0]", &remove, &COMPACT.replace("{\"name\":\"A\",\"value\":\"1\"},", ""));
    case(COMPACT, "a.b[1]", &remove, &COMPACT.replace(",{\"name\":\"B\",\"value\":\"2\"}", ""));
    let new = ",\n      {\n        \"name\": \"C\",\n        \"value\": \"3\"\n      }";
    case(PRETTY, "a.b", &item(env("C", "3")), &PRETTY.replace("\n    ]", &format!("{new}\n    ]")));
    case(PRETTY, "a.b[1]", &entry("c", text("x")), &PRETTY.replace("\"2\"", "\"2\",\n        \"c\": \"x\""));
    case(PRETTY, "a.b[1].value", &set("x"), &PRETTY.replace("\"2\"", "\"x\""));
    // Plain values and empty collections are filled as JSON.
    case(
        "{\"a\":{},\"b\":[],\"c\":null,\"d\":[1]}\n",
        "a",
        &fill(map([("x", text("y"))])),
        "{\"a\":{\"x\":\"y\"},\"b\":[],\"c\":null,\"d\":[1]}\n",
    );
    case(
        "{\"a\": [], \"b\": 1}\n",
        "a",
        &fill(seq([env("A", "1")])),
        "{\"a\": [{\"name\": \"A\", \"value\": \"1\"}], \"b\": 1}\n",
    );
    case("{\"a\":null}\n", "a", &set("x"), "{\"a\":\"x\"}\n");
    case("{\"a\":[1]}\n", "a", &item(env("A", "1")), "{\"a\":[1,{\"name\":\"A\",\"value\":\"1\"}]}\n");
    case("[{\"a\": 1}]\n", "", &item(map([("b", text("x"))])), "[{\"a\": 1}, {\"b\": \"x\"}]\n");
    case("a: {\"b\": c}\n", "a.b", &set("d"), "a: {\"b\": \"d\"}\n");
    // The style of `kubectl get -o json`: four spaces, and a list of one.
    let kubectl = "{\n    \"env\": [\n        {\n            \"name\": \"A\"\n        }\n    ]\n}\n";
    let after =
        kubectl.replace("        }\n", "        },\n        {\n            \"name\": \"C\"\n        }\n");
    case(kubectl, "env", &item(map([("name", text("C"))])), &after);
    let after = kubectl.replace("    ]\n", "    ],\n    \"x\": \"y\"\n");
    case(kubectl, "", &entry("x", text("y")), &after);
    // Braces that close and open on one line.
    let cuddled = "[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}]\n";
    case(
        cuddled,
        "",
        &item(map([("a", number("3"))])),
        "[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}, {\n  \"a\": 3\n}]\n",
    );
}

#[test]
fn flow_members_are_removed() {
    case("a: [x, y, z]\n", "a[0]", &remove, "a: [y, z]\n");
    case("a: [x, y, z]\n", "a[1]", &remove, "a: [x, z]\n");
    case("a: [x, y, z]\n", "a[2]", &remove, "a: [x, y]\n");
    case("a: [ x ]\n", "a[0]", &remove, "a: []\n");
    case("a: [x,]\n", "a[0]", &remove, "a: []\n");
    case("a: [x, y, ]\n", "a[1]", &remove, "a: [x, ]\n");
    case("a: {b: 1, c: }\n", "a.c", &remove, "a: {b: 1}\n");
    case("a: {b: , c: 1}\n", "a.c", &remove, "a: {b: }\n");
    case("a: {b: }\n", "a.b", &remove, "a: {}\n");
    case("{\n  \"a\": 1\n}\n", "a", &remove, "{}\n");
    case("{\n  \"a\": 1,\n  \"b\": 2\n}\n", "b", &remove, "{\n  \"a\": 1\n}\n");
    refused("a: {b: 1, # why\n  c: 2}\n", "a.c", &remove, "comment");
    refused("a: {b: 1, &x c: 2}\n", "a.b", &remove, "anchor");
    refused("a: [x: 1]\n", "a[0].x", &remove, "braces");
}

#[test]
fn block_members_are_removed() {
    case("a: 1\nb: 2\nc: 3\n", "a", &remove, "b: 2\nc: 3\n");
    case("a: 1\nb: 2\nc: 3\n", "b", &remove, "a: 1\nc: 3\n");
    case("a: 1\nb: 2\nc: 3\n", "c", &remove, "a: 1\nb: 2\n");
    case("a:\n- x\n- y: 1\n  z: 2\n- w\n", "a[1]", &remove, "a:\n- x\n- w\n");
    case("a:\n- x\n- y\n", "a[0]", &remove, "a:\n- y\n");
    case("a:\n- x\n- y\n", "a[1]", &remove, "a:\n- x\n");
    case("-\n- x\n", "[0]", &remove, "- x\n");
    case("- |-\n  x\n- >\n\n  y\n- z\n", "[1]", &remove, "- |-\n  x\n- z\n");
    case("- - a\n- - b\n", "[0]", &remove, "- - b\n");
    case("- a: 1\n  b: 2\n", "[0].a", &remove, "- b: 2\n");
    case("- a: |\n    x\n  b: 2\n", "[0].a", &remove, "- b: 2\n");
    case("- a: # why\n  b: 2\n- x\n", "[0].b", &remove, "- a: # why\n- x\n");
    case("a: |+\n  x\n\nb: 1\nc: 2\n", "a", &remove, "b: 1\nc: 2\n");
    // A comment goes with what it explains; an item that is commented out explains nothing.
    case("- a\n# why b\n- b\n", "[1]", &remove, "- a\n");
    case(
        "- a\n# why\n# - name: x\n#   value: 1\n- b\n",
        "[1]",
        &remove,
        "- a\n# why\n# - name: x\n#   value: 1\n",
    );
    case(
        "- a\n# - name: x\n#   value: 1\n# why b\n- b\n- c\n",
        "[1]",
        &remove,
        "- a\n# - name: x\n#   value: 1\n- c\n",
    );
    refused("-\n  a: 1\n- b\n", "[0]", &remove, "dash");
    refused("- a: 1 # why\n  b: 2\n", "[0].a", &remove, "line where this begins");
    refused("? a\n: 1\nb: 2\n", "a", &remove, "line where this begins");
}

#[test]
fn a_comment_goes_with_what_it_explains() {
    case(
        "a: 1\n# about b\n# and more\nb: 2 # here\n# about c\nc: 3\n",
        "b",
        &remove,
        "a: 1\n# about c\nc: 3\n",
    );
    case("a:\n  # about x\n  - x\n  # about y\n  - y\n", "a[1]", &remove, "a:\n  # about x\n  - x\n");
    case("a: 1\n# of its own\n\nb: 2\nc: 3\n", "b", &remove, "a: 1\n# of its own\n\nc: 3\n");
    case("m:\n  a: 1\n# elsewhere\n  b: 2\n", "m.b", &remove, "m:\n  a: 1\n# elsewhere\n");
}

#[test]
fn the_only_member_leaves_brackets_and_other_comments() {
    case("a:\n- x\nb: 1\n", "a[0]", &remove, "a: []\nb: 1\n");
    case("a:\n  b: 1\n", "a.b", &remove, "a: {}\n");
    case("a:  # why\n  - x # gone\n  # after\nb: 1\n", "a[0]", &remove, "a: []  # why\n  # after\nb: 1\n");
    case("a:\n# stays\n\n# goes\n- x\nb: 1\n", "a[0]", &remove, "a: []\n# stays\n\nb: 1\n");
    case("a:\n- |\n  x\n\nb: 1\n", "a[0]", &remove, "a: []\n\nb: 1\n");
    refused("a: !!seq\n- x\n", "a[0]", &remove, "tag");
    refused("- - x\n", "[0][0]", &remove, "item");
    refused("a: 1\n", "a", &remove, "item");
}

#[test]
fn a_removed_end_leaves_the_end_as_it_was() {
    let gone = |before: &str, path: &str| edit(before, path, &remove).expect("an edit");
    assert_eq!(gone("a: 1\n\nb: 2", "b"), "a: 1");
    assert_eq!(gone("a: |+\n  x\n\nb: 2", "b"), "a: |+\n  x\n\n");
    assert_eq!(gone("a: |\n  x\nb: 2", "b"), "a: |\n  x\n");
    assert_eq!(gone("a: 1\n# about b\nb: 2", "b"), "a: 1");
    assert_eq!(gone("a:\n- x", "a[0]"), "a: []");
    assert_eq!(gone("a: # why\n- x", "a[0]"), "a: [] # why");
}

const CALICO: &str = r#"env:
  # The default IPv4 pool.
  # - name: POOL
  #   value: "192.168.0.0/16"
  # Disable file logging.
  - name: LOG
    value: "true"
  #- name: LAST
  #  value: 'x'
# - name: ELSE
other: 1
"#;

#[test]
fn a_commented_item_is_uncommented_where_it_stands() {
    let pool = CALICO.replace(
        "  # - name: POOL\n  #   value: \"192.168.0.0/16\"",
        "  - name: POOL\n    value: \"fd00::/48\"",
    );
    case(CALICO, "env", &uncomment("name", "POOL", env("POOL", "fd00::/48")), &pool);
    let last = CALICO.replace("  #- name: LAST\n  #  value: 'x'", "  - name: LAST\n    value: \"y\"");
    case(CALICO, "env", &uncomment("name", "LAST", env("LAST", "y")), &last);
    let at_end = "env:\n- name: A\n  value: b\n# - name: B\n";
    case(
        at_end,
        "env",
        &uncomment("name", "B", env("B", "c")),
        "env:\n- name: A\n  value: b\n- name: B\n  value: c\n",
    );
    let none = |key: &str, value: &str| {
        let tree = parse(CALICO, 0..CALICO.len()).expect("YAML");
        commented_item(&tree, find(&tree, "env"), key, value)
    };
    assert_eq!(none("name", "OTHER"), None);
    assert_eq!(none("name", "LOG"), None);
}

#[test]
fn a_comment_is_replaced() {
    let comment = |_: &Tree<'_>, _: NodeId| Op::Comment { from: "# IPv6 is off.", to: "# IPv6 is on." };
    let before = "env:\n  # IPv6 is off.\n  # Really.\n  - name: A\n";
    case(before, "env[0]", &comment, "env:\n  # IPv6 is on.\n  # Really.\n  - name: A\n");
    refused("env:\n  # IPv6 is off.\n\n  - name: A\n", "env[0]", &comment, "not there");
}

#[test]
fn an_item_goes_below_a_comment() {
    let below = |tree: &Tree<'_>, node: NodeId| {
        let text = tree.text();
        let start = text.find("# about").expect("a comment");
        let below = start + text[start..].find('\n').map_or(text[start..].len(), |i| i + 1);
        Op::InsertItem(Placement { after: tree.items(node).next(), below: Some(below) }, Value::string("z"))
    };
    case("a:\n- x\n# about z\n- y\n", "a", &below, "a:\n- x\n# about z\n- z\n- y\n");
    case("a:\n- x\n# about z\n", "a", &below, "a:\n- x\n# about z\n- z\n");
}

const CNI: &str = r#"{
  "name": "k8s",
  "plugins": [
    {
      "mtu": __CNI_MTU__,
      "ipam": {
        "type": "calico-ipam"
      }
    },
    {"type": "portmap", "snat": true}
  ]
}
"#;

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

#[test]
fn json_inside_a_literal_block() {
    let edits: [(&str, Box<MakeOp>, &str, &str); 6] = [
        ("plugins[0].mtu", Box::new(word("1440")), "__CNI_MTU__", "1440"),
        ("name", Box::new(set("a\"b")), "\"k8s\"", "\"a\\\"b\""),
        (
            "plugins[0].ipam",
            Box::new(entry("assign_ipv6", text("true"))),
            "\"calico-ipam\"\n",
            "\"calico-ipam\",\n        \"assign_ipv6\": \"true\"\n",
        ),
        ("plugins[1]", Box::new(entry("x", number("1"))), "true}", "true, \"x\": 1}"),
        ("plugins[1]", Box::new(remove), ",\n    {\"type\": \"portmap\", \"snat\": true}", ""),
        ("plugins[1].snat", Box::new(remove), ", \"snat\": true", ""),
    ];
    for (path, op, from, to) in &edits {
        let changed = CNI.replace(from, to);
        let path = format!("data.cni | {path}");
        for header in ["|", "|-", "|+", "|4-"] {
            let dress =
                |json: &str| format!("data:\n  # c\n  cni: {header}\n{}  z: 1 # d\n", indented(json, 6));
            case(&dress(CNI), &path, op, &dress(&changed));
            let last = |json: &str| format!("data:\n  cni: {header}\n{}", indented(json, 6));
            case(&last(CNI), &path, op, &last(&changed));
        }
        // Blank lines above, below and between.
        let blank = |json: &str| {
            format!("data:\n  cni: |-\n\n{}\n\n  z: 1\n", indented(json, 4).replacen('\n', "\n\n", 1))
        };
        case(&blank(CNI), &path, op, &blank(&changed));
        // More deeply indented than the indicator says.
        let deep = |json: &str| format!("data:\n  cni: |2\n{}  z: 1\n", indented(json, 7));
        case(&deep(CNI), &path, op, &deep(&changed));
    }
}

#[test]
fn json_has_the_numbers_of_rfc_8259() {
    let numbers = ["0", "-0.5", "10", "1e3", "12.50E-7", "1e400", "123456789012345678901234567890"];
    let others = ["01", "-", "1.", ".5", "+1", "1e", "1e+", "1.e3", "inf", "NaN", "0x1F", "1_000"];
    let cases = numbers.map(|text| (text, true)).into_iter().chain(others.map(|text| (text, false)));
    for (number, is_json) in cases {
        let text = format!("a: '[{number}]'\n");
        let tree = parse(&text, 0..text.len()).unwrap();
        let node = tree.at(tree.root().unwrap(), &["a"]).unwrap();
        assert_eq!(Embedded::open(&tree, node).is_ok(), is_json, "{number}");
    }
}

#[test]
fn json_inside_quotes() {
    case(
        r#"a: "{\"b\":\"x\",\"c\":[1,2]}" # why
"#,
        "a | b",
        &set("é\n"),
        r#"a: "{\"b\":\"é\\n\",\"c\":[1,2]}" # why
"#,
    );
    case(
        r#"a: "{\n  \"b\": 1\n}\n"
"#,
        "a | ",
        &entry("c", text("x")),
        r#"a: "{\n  \"b\": 1,\n  \"c\": \"x\"\n}\n"
"#,
    );
    case(
        r#"a: "\x7b\u0022b\u0022:1\U0000002c\"c\":2}"
"#,
        "a | c",
        &word("3"),
        r#"a: "\x7b\u0022b\u0022:1\U0000002c\"c\":3}"
"#,
    );
    case(
        "a: '{\"b\":\"it''s\",\"c\":1}'\n",
        "a | c",
        &set("o'clock"),
        "a: '{\"b\":\"it''s\",\"c\":\"o''clock\"}'\n",
    );
    case("a: '{\"b\":\"it''s\",\"c\":1}'\n", "a | b", &remove, "a: '{\"c\":1}'\n");
    case("a: '{\"b\":[]}'\n", "a | b", &fill(seq([text("x")])), "a: '{\"b\":[\"x\"]}'\n");
    case("a: '{\"b\":{}}'\n", "a | b", &fill(map([("c", number("1"))])), "a: '{\"b\":{\"c\":1}}'\n");
}

#[test]
fn scalars_that_take_no_edits() {
    refused("a: >\n  {\"b\": 1}\n", "a | b", &word("2"), "cannot hold");
    refused("a: \"{\\\"b\\\":\n  1}\"\n", "a | b", &word("2"), "cannot hold");
    refused("a: '{\"b\":\n  1}'\n", "a | b", &word("2"), "cannot hold");
    refused("a: '{\"b\": 1,}'\n", "a | b", &word("2"), "comma");
    refused("a: '{\"b\": 1, \"b\": 2}'\n", "a | b", &word("2"), "more than once");
    refused("a: {b: 1}\n", "a | b", &word("2"), "collection");
}

#[test]
fn what_is_shared_or_repeated_is_refused() {
    refused("a: &x old\nb: *x\n", "a", &set("new"), "anchor or alias");
    refused("a: &x old\nb: *x\n", "b", &set("new"), "anchor or alias");
    refused("a: &x\n  c: 1\nb: *x\n", "a.c", &word("2"), "anchor or alias");
    refused("a: &x\n  c: 1\nb:\n  <<: *x\n", "a", &entry("d", text("x")), "anchor or alias");
    refused("a: &x [1]\nb: *x\n", "a", &item(text("x")), "anchor or alias");
    refused("a:\n  c: &x 1\nd: *x\ne: 1\n", "a", &remove, "anchor or alias");
    refused("a: 1\n&x c: 1\nd: *x\n", "c", &remove, "anchor or alias");
    refused("a: [&x 1, 2]\nd: *x\n", "a", &fill(seq([text("x")])), "anchor or alias");
    refused("a: old\na: old\n", "a", &set("new"), "more than once");
    refused("a:\n  b: 1\na:\n  b: 2\n", "a.b", &word("3"), "more than once");
    refused("a: [1, # c\n 2]\n", "a", &fill(seq([text("x")])), "comment");
    refused("a: !!int 5\n", "a", &set("x"), "type");
    refused("a: !!str 5\n", "a", &word("6"), "type");
    refused("a: !!str\n", "a", &set("x"), "tag");
    refused("a: &x\nb: 1\n", "a", &set("x"), "anchor");
    refused("a: &x []\n", "a", &fill(seq([text("x")])), "anchor");
    refused("a: [1]\n", "a", &set("x"), "another shape");
    refused("a: x\n", "a", &fill(seq([text("x")])), "another shape");
    refused("-\n- x\n", "[0]", &set("x"), "empty item");
    refused("a:\n- x\n", "a", &entry("b", text("x")), "mapping");
    refused("a:\n  b: x\n", "a", &item(text("x")), "list");
    refused("a: 1\n", "", &remove, "root");
}

#[test]
fn what_is_no_change_of_the_node_is_no_change_elsewhere() {
    // Anchors that no alias names, and aliases elsewhere, are in nobody's way.
    case("a: &x 1\nb: &y 2\nc: *y\n", "a", &word("3"), "a: &x 3\nb: &y 2\nc: *y\n");
    case("a: &x {b: 1}\nc: 1\n", "a", &remove, "c: 1\n");
    // A plain address is a string and stays one.
    let tree =
        parse("- 10.96.0.10\n- 1.2\n- fd00::1\n- 2001:db8::1\n- 12:30\n- 1.2.3\n- 2001-01-02\n", 0..71)
            .expect("YAML");
    let root = tree.root().expect("a root");
    assert_eq!(tree.kind(root), Kind::Sequence);
    let strings: Vec<_> = tree.items(root).map(|i| tree.string(i)).collect();
    assert_eq!(
        strings,
        [Some("10.96.0.10"), None, Some("fd00::1"), Some("2001:db8::1"), None, Some("1.2.3"), None]
    );
}

/// A document that no edit touches keeps its tree: it must be the one that the edited text has, whether the text before it
/// became longer or shorter. The scalars are parts of the text, and decoded.
#[test]
fn a_document_beside_an_edited_one_is_read_where_it_stands_now() {
    let second =
        "kind: ConfigMap\nmetadata: &m {name: a, x: \"b\\tc\"}\ndata:\n  d: !!str |\n    e\n  f: *m\n";
    for (value, new) in [("10.0.0.0/8", "10.0.0.0/8,fd00::/8"), ("10.0.0.0/8,fd00::/8", ""), ("a", "b")] {
        let first = |value: &str| {
            format!("apiVersion: projectcalico.org/v3\nkind: IPPool\nspec: {{cidr: {value}}}\n---\n")
        };
        let (before, after) = (first(value) + second, first(new) + second);
        let at = before.find(value).expect("the value");
        let edit = Edit { range: at..at + value.len(), text: new.to_owned() };
        let source = |text| Source { name: "a.yaml", text };
        let read = Documents::read(source(&before)).expect("YAML");
        let edited = read.edited(source(&after), &[(0, &edit)]).expect("as many documents");
        let fresh = Documents::read(source(&after)).expect("YAML");
        assert!(edited.tree(1).is_some(), "the second document was read");
        for document in 0..2 {
            let [moved, parsed] = [&edited, &fresh].map(|read| format!("{:?}", read.tree(document)));
            assert_eq!(moved, parsed, "document {document} of {after}");
        }
    }
}

/// What was not planned to change must be the same bytes.
#[test]
fn a_document_beside_an_edited_one_must_be_the_same() {
    let pools = |first: &str, second: &str| {
        let pool = |cidr| format!("apiVersion: projectcalico.org/v3\nkind: IPPool\nspec: {{cidr: {cidr}}}\n");
        format!("{}---\n{}", pool(first), pool(second))
    };
    let (text, other) = (pools("a", "b"), pools("c", "d"));
    let source = |text| Source { name: "a.yaml", text };
    let read = Documents::read(source(&text)).expect("YAML");
    let at = text.find("a}").expect("the value");
    let edit = Edit { range: at..at + 1, text: "c".to_owned() };
    assert!(read.edited(source(&other), &[(0, &edit)]).is_none());
}

#[test]
fn a_line_break_in_quotes_is_not_the_one_of_the_text() {
    let added = entry("c", text("z"));
    let got = edit("a: 1\nb: \"\r2\"", "", &added).unwrap();
    assert_eq!(got, "a: 1\nb: \"\r2\"\nc: \"z\"");
    assert_eq!(edit("a: 1\rb: 2", "", &added).unwrap(), "a: 1\rb: 2\rc: z");
}
