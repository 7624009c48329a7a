//! Several changes in one pass: random lists and mappings, in many layouts, lose some members, get new ones and new values at
//! the same time. The result must say exactly that, for both parsers.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)] // a test that cannot go on should say so and stop

use calico_ipv6_engine::yaml::cross_check::second_opinion;
use calico_ipv6_engine::yaml::embedded::Embedded;
use calico_ipv6_engine::yaml::flag_file::FlagFile;
use calico_ipv6_engine::yaml::verify::{Planned, same};
use calico_ipv6_engine::yaml::write::{
    Edit, Lowered, Op, Placement, Value, apply, commented_item, lower_all,
};
use calico_ipv6_engine::yaml::{Kind, NodeId, Tree, parse};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// One member of the collection under test.
#[derive(Clone, Debug)]
struct Member {
    /// What stands above it: nothing, a comment, a blank line, a blank line and a comment, a commented-out item.
    above: u8,
    /// How its value is written.
    shape: u8,
    removed: bool,
    /// Its value is set.
    set: bool,
    /// How many new members follow it.
    adds: u8,
}

impl Member {
    /// The commented-out item above it becomes an item.
    fn uncomments(&self) -> bool {
        self.above == 4 && self.shape % 2 == 1
    }
}

#[derive(Clone, Debug)]
struct Sample {
    members: Vec<Member>,
    /// How the collection is written.
    layout: u8,
    /// What stands below the collection.
    below: u8,
    /// How many new members have no place.
    last: u8,
    /// An entry of the mapping around the collection is added, too; its only other key may be removed.
    outer: u8,
    final_break: bool,
    carriage_returns: bool,
    /// The header of the block scalar around it; none is no scalar.
    scalar: Option<u8>,
}

fn samples() -> impl Strategy<Value = Sample> {
    let member = (0..8_u8, 0..8_u8, prop::bool::weighted(0.5), prop::bool::weighted(0.2), 0..6_u8).prop_map(
        |(above, shape, removed, set, adds)| Member {
            above,
            shape,
            removed,
            set,
            adds: adds.saturating_sub(3),
        },
    );
    let members = prop::collection::vec(member, 0..5);
    let around = (0..8_u8, 0..5_u8, 0..3_u8, 0..3_u8, any::<bool>(), any::<bool>());
    (members, around, prop::option::weighted(0.4, 0..4_u8)).prop_map(|(members, around, scalar)| {
        let (layout, below, last, outer, final_break, carriage_returns) = around;
        Sample { members, layout, below, last, outer, final_break, carriage_returns, scalar }
    })
}

/// The layouts of a collection; all but the last three are block style.
const LAYOUTS: [&str; 8] = [
    "list",
    "indented list",
    "mapping",
    "mapping of an item",
    "list of an item",
    "flow list",
    "flow mapping",
    "JSON",
];

/// The document, without the scalar around it. `outer: { list: <the collection>, z: 1 }`.
fn document(sample: &Sample) -> String {
    let layout = usize::from(sample.layout);
    let mut text = String::from("outer:\n");
    if layout >= 5 || sample.members.is_empty() {
        return flow_document(sample, layout);
    }
    let (head, pad) = match layout {
        0 => ("  list:\n", "  "),
        1 => ("  list: # about the list\n", "      "),
        2 => ("  list:\n", "    "),
        3 => ("  list:\n  - ", "    "),
        _ => ("  list:\n  - ", "    "),
    };
    text.push_str(head);
    for (i, member) in sample.members.iter().enumerate() {
        let compact = layout >= 3 && i == 0;
        if !compact {
            let above = match member.above {
                1 => format!("{pad}# about {i}\n"),
                2 => "\n".to_owned(),
                3 => format!("\n{pad}# about {i}\n"),
                4 => format!("{pad}# - name: out{i}\n{pad}#   value: x{i}\n"),
                5 => format!("{pad}# of its own {i}\n\n"),
                _ => String::new(),
            };
            text.push_str(&above);
            text.push_str(pad);
        }
        let is_mapping = layout == 2 || layout == 3;
        let start = if is_mapping { format!("k{i}:") } else { "-".to_owned() };
        let deeper = format!("{pad}  ");
        let value = match member.shape {
            0 => format!("{start} v{i} # beside {i}\n"),
            1 => format!("{start} |\n{deeper}v{i}\n"),
            2 => format!("{start} |+\n{deeper}v{i}\n\n"),
            3 => format!("{start} {{name: n{i}, value: \"v{i}\"}}\n"),
            4 if !is_mapping => format!("{start} name: n{i}\n{deeper}value: v{i}\n"),
            4 => format!("{start}\n{deeper}a: v{i}\n"),
            _ => format!("{start} v{i}\n"),
        };
        text.push_str(&value);
    }
    text.push_str(match sample.below {
        0 => "  z: 1\n",
        1 => "  # the end\n  z: 1\n",
        2 => "\n  z: 1\n",
        3 => "# the end\n",
        _ => "",
    });
    text
}

fn flow_document(sample: &Sample, layout: usize) -> String {
    let is_mapping = layout == 2 || layout == 6 || layout == 7;
    let member = |i: usize| match (layout, is_mapping) {
        (7, _) => format!("\"k{i}\": \"v{i}\""),
        (_, true) => format!("k{i}: v{i}"),
        _ => format!("v{i}"),
    };
    let members: Vec<String> = (0..sample.members.len()).map(member).collect();
    let (open, close) = if is_mapping { ('{', '}') } else { ('[', ']') };
    let inner = match sample.below {
        0 | 1 => members.join(", "),
        2 => format!(" {} ", members.join(", ")),
        3 => format!("\n      {}\n    ", members.join(",\n      ")),
        _ => members.join(" , "),
    };
    if layout == 7 {
        return format!("{{\"outer\": {{\"list\": {open}{inner}{close}}}}}\n");
    }
    let below = if sample.outer == 2 { "" } else { "  z: 1 # last\n" };
    format!("outer:\n  list: {open}{inner}{close} # beside\n{below}")
}

/// The collection under test.
fn collection(tree: &Tree<'_>, layout: u8) -> NodeId {
    let list = tree.at(tree.root().expect("a root"), &["outer", "list"]).expect("a list");
    if (layout == 3 || layout == 4) && !tree.is_flow(list) {
        tree.items(list).next().expect("an item")
    } else {
        list
    }
}

/// The values of a mapping, or the items of a sequence.
fn members(tree: &Tree<'_>, list: NodeId) -> Vec<NodeId> {
    match tree.kind(list) {
        Kind::Mapping => tree.entries(list).map(|(_, value)| value).collect(),
        _ => tree.items(list).collect(),
    }
}

/// The changes that the sample asks for.
fn changes(sample: &Sample, tree: &Tree<'_>) -> Vec<(NodeId, Op)> {
    let list = collection(tree, sample.layout);
    let is_mapping = tree.kind(list) == Kind::Mapping;
    let nodes = members(tree, list);
    let mut changes = Vec::new();
    let mut number = 0;
    let mut add = |after: Option<NodeId>| {
        number += 1;
        let place = Placement { after, below: None };
        let value = Value::string(format!("new{number}"));
        let op = match (is_mapping, number % 3) {
            (true, 0) => {
                Op::InsertEntry(place, format!("new{number}"), Value::Map(vec![("a".into(), value)]))
            }
            (true, _) => Op::InsertEntry(place, format!("new{number}"), value),
            (false, 0) => Op::InsertItem(
                place,
                Value::Map(vec![("name".into(), value.clone()), ("value".into(), value)]),
            ),
            _ => Op::InsertItem(place, value),
        };
        (list, op)
    };
    // New members at the end come first in the list of changes: their order is not that of the text.
    changes.extend((0..sample.last).map(|_| add(None)));
    for (i, (node, member)) in nodes.iter().zip(&sample.members).enumerate() {
        if member.removed {
            changes.push((*node, Op::Remove));
        } else if member.set && matches!(tree.kind(*node), Kind::Scalar(_)) {
            changes.push((*node, Op::Set(Value::string("set"))));
        }
        changes.extend((0..member.adds).map(|_| add(Some(*node))));
        if member.uncomments()
            && let Some(comment) = commented_item(tree, list, "name", &format!("out{i}"))
        {
            changes
                .push((list, Op::Uncomment(comment, Value::Map(vec![("name".into(), Value::string("in"))]))));
        }
    }
    if sample.outer > 0 {
        let outer = tree.get(tree.root().expect("a root"), "outer").expect("outer");
        changes.insert(0, (outer, Op::InsertEntry(Placement::default(), "added".into(), Value::string("x"))));
        if sample.outer == 2 {
            changes.extend(tree.get(outer, "z").map(|z| (z, Op::Remove)));
        }
    }
    changes
}

fn place(lowered: &Lowered) -> ((usize, usize), (usize, usize)) {
    let first = lowered.edits.iter().map(|e| (e.range.start, e.range.end)).min();
    (first.unwrap_or((usize::MAX, usize::MAX)), lowered.rank)
}

/// Puts the changes in the order of the text, and gives their edits in that order.
fn in_order<T>(all: &mut [(Lowered, T)]) -> Vec<Edit> {
    all.sort_by_key(|(lowered, _)| place(lowered));
    let mut edits: Vec<Edit> = all.iter().flat_map(|(lowered, _)| lowered.edits.iter().cloned()).collect();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits
}

enum Outcome {
    Nothing,
    Refused(String),
    Done,
}

fn check(sample: &Sample) -> Result<Outcome, String> {
    let mut inside = document(sample);
    if sample.scalar.is_none() && !sample.final_break {
        inside.truncate(inside.trim_end_matches('\n').len());
    }
    let mut text = inside.clone();
    if let Some(header) = sample.scalar {
        let body: String = inside
            .lines()
            .map(|l| if l.is_empty() { "\n".to_owned() } else { format!("    {l}\n") })
            .collect();
        let (header, end) = [("|", ""), ("|-", "\n"), ("|+", "\n\n"), ("|+", "")][usize::from(header)];
        let rest = if sample.final_break { "# a note\nlast: 1\n" } else { "" };
        text = format!("data:\n  text: {header}\n{body}{end}{rest}");
    }
    if sample.carriage_returns {
        text = text.replace('\n', "\r\n");
    }
    let tree = parse(&text, 0..text.len()).map_err(|e| format!("before: {}\n{text}", e.message))?;
    let scalar = sample.scalar.map(|_| tree.at(tree.root().unwrap(), &["data", "text"]).expect("a text"));
    let embedded = scalar.map(|node| Embedded::open(&tree, node).expect("a document"));
    let inner_tree = embedded.as_ref().map_or(&tree, |e| &e.tree);
    let changes = changes(sample, inner_tree);
    if changes.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let refs: Vec<(NodeId, &Op)> = changes.iter().map(|(node, op)| (*node, op)).collect();
    let mut lowered = match lower_all(inner_tree, &refs) {
        Ok(lowered) => lowered,
        Err((i, refusal)) => return Ok(Outcome::Refused(format!("{}: {:?}", refusal.reason, changes[i].1))),
    };
    if let Some(embedded) = &embedded {
        for edit in lowered.iter_mut().flat_map(|one| &mut one.edits) {
            *edit = embedded.to_source(edit).ok_or("the scalar takes no edit")?;
        }
    }
    let mut all: Vec<(Lowered, Planned)> = lowered
        .into_iter()
        .zip(&changes)
        .map(|(lowered, (node, op))| {
            let (node, inner) = scalar.map_or((*node, None), |scalar| (scalar, Some(*node)));
            (lowered, Planned { node, inner, op: op.clone() })
        })
        .collect();
    let edits = in_order(&mut all);
    let planned: Vec<Planned> = all.into_iter().map(|(_, planned)| planned).collect();
    let why = |what: &str, after: &str| {
        format!(
            "{what}\n--- changes\n{changes:#?}\n--- edits\n{edits:?}\n--- before\n{text}\n--- after\n{after}---"
        )
    };
    if edits.windows(2).any(|pair| pair[0].range.end > pair[1].range.start) {
        return Err(why("edits overlap", ""));
    }
    let after = apply(&text, &edits);
    let tree_after = parse(&after, 0..after.len()).map_err(|e| why(&e.message, &after))?;
    same(&tree, &planned, &tree_after).map_err(|path| why(&format!("differs at {path}"), &after))?;
    second_opinion(&after, &tree_after).map_err(|e| why(&e, &after))?;
    // A block scalar that is the last one now keeps the line break that ends it.
    if after.ends_with('\n') != text.ends_with('\n') && !text.contains('|') {
        return Err(why("the end of the text is another one", &after));
    }
    if after.contains('\n') && sample.carriage_returns == after.replace("\r\n", "").contains('\n') {
        return Err(why("line breaks are mixed", &after));
    }
    if after.lines().any(|line| line.ends_with(' ') && !text.contains(line)) {
        return Err(why("a line ends with a new blank", &after));
    }
    // What no change names stays.
    let removed = |note: &str| {
        let of_member = |(i, m): (usize, &Member)| {
            let explains = ["about", "beside"].iter().any(|what| note == format!("# {what} {i}"));
            let is_item = note == format!("# - name: out{i}") || note == format!("#   value: x{i}");
            (m.removed && explains) || (m.uncomments() && is_item)
        };
        // The comment above the key that is removed.
        let of_outer = sample.outer == 2 && note == "# the end";
        of_outer || sample.members.iter().enumerate().any(of_member)
    };
    for line in text.lines().filter_map(|line| line.find('#').map(|at| line[at..].trim_end())) {
        if !removed(line) && !after.contains(line) {
            return Err(why(&format!("lost: {line}"), &after));
        }
    }
    Ok(Outcome::Done)
}

#[test]
fn many_changes_at_once() {
    let config = Config { cases: 20_000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut refusals: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    let refusals_cell = core::cell::RefCell::new(&mut refusals);
    let done = core::cell::Cell::new(0_u32);
    let result = runner.run(&samples(), |sample| {
        match check(&sample).map_err(TestCaseError::fail)? {
            Outcome::Done => done.set(done.get() + 1),
            Outcome::Refused(why) => {
                let why = why.split(": ").next().unwrap_or_default().to_owned();
                *refusals_cell
                    .borrow_mut()
                    .entry(format!("{}: {why}", LAYOUTS[usize::from(sample.layout)]))
                    .or_default() += 1;
            }
            Outcome::Nothing => {}
        }
        Ok(())
    });
    println!("{} done; refused: {refusals:#?}", done.get());
    result.unwrap_or_else(|e| panic!("{e}"));
    let refused: usize = refusals.values().sum();
    assert!(
        usize::try_from(done.get()).unwrap() > 8 * refused,
        "too many are refused: {refused} beside {}",
        done.get()
    );
}

// ---- By hand -------------------------------------------------------------------------------------------------------------

/// Applies changes that are made together; each is a path, and an operation on the tree.
fn edit(tree: &Tree<'_>, changes: &[(NodeId, Op)]) -> Result<String, String> {
    let refs: Vec<(NodeId, &Op)> = changes.iter().map(|(node, op)| (*node, op)).collect();
    let lowered = lower_all(tree, &refs).map_err(|(_, refusal)| refusal.reason.to_string())?;
    let mut all: Vec<_> = lowered.into_iter().zip(changes).collect();
    let edits = in_order(&mut all);
    assert!(edits.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start), "{edits:?}");
    let after = apply(tree.text(), &edits);
    if !tree.is_flag_file() {
        let planned: Vec<Planned> =
            all.iter().map(|(_, (node, op))| Planned { node: *node, inner: None, op: op.clone() }).collect();
        let tree_after = parse(&after, 0..after.len()).map_err(|e| format!("{}: {after}", e.message))?;
        same(tree, &planned, &tree_after).map_err(|path| format!("differs at {path}: {after}"))?;
    }
    Ok(after)
}

/// Removes the members at `removed` of the collection at `path`, and adds `new` behind the member at its index.
fn replace(
    text: &str,
    path: &[&str],
    removed: &[usize],
    new: &[(Option<usize>, &str)],
) -> Result<String, String> {
    let tree = parse(text, 0..text.len()).map_err(|e| e.message)?;
    let list = tree.at(tree.root().unwrap(), path).expect("a collection");
    let list = if path.is_empty() && tree.kind(list) == Kind::Sequence {
        tree.items(list).next().unwrap()
    } else {
        list
    };
    let nodes = members(&tree, list);
    let mut changes: Vec<(NodeId, Op)> = removed.iter().map(|i| (nodes[*i], Op::Remove)).collect();
    for (after, text) in new {
        let place = Placement { after: after.map(|i| nodes[i]), below: None };
        let op = match (tree.kind(list), text.split_once('=')) {
            (Kind::Mapping, Some((key, value))) => {
                Op::InsertEntry(place, key.to_owned(), Value::string(value))
            }
            _ => Op::InsertItem(place, Value::string(*text)),
        };
        changes.push((list, op));
    }
    edit(&tree, &changes)
}

#[test]
fn what_is_removed_is_replaced_in_its_place() {
    let done = |text, path: &[&str], removed: &[usize], new: &[(Option<usize>, &str)]| {
        replace(text, path, removed, new).unwrap_or_else(|why| panic!("{why}"))
    };
    // The only key, the only item; blocks keep the comment beside their key and those that are not about the member.
    assert_eq!(done("m: # why\n  a: 1\nz: 1\n", &["m"], &[0], &[(None, "b=x")]), "m: # why\n  b: x\nz: 1\n");
    assert_eq!(
        done("m:\n  # far\n\n  # near\n  a: 1\n", &["m"], &[0], &[(None, "b=x")]),
        "m:\n  # far\n\n  b: x\n"
    );
    assert_eq!(done("m:\n- a\nz: 1\n", &["m"], &[0], &[(None, "b")]), "m:\n- b\nz: 1\n");
    assert_eq!(done("m:\n- a", &["m"], &[0], &[(None, "b")]), "m:\n- b");
    assert_eq!(done("- a: 1\n- z\n", &[], &[0], &[(None, "b=x")]), "- b: x\n- z\n");
    assert_eq!(done("- a: 1\n  c: 2\n", &[], &[0], &[(Some(0), "b=x")]), "- b: x\n  c: 2\n");
    assert_eq!(done("- a: 1\n  b: 2\n  c: 3\n", &[], &[0, 1], &[]), "- c: 3\n");
    assert_eq!(done("- - a\n  - b\n", &[], &[0], &[]), "- - b\n");
    // In brackets.
    assert_eq!(done("m: {a: 1}\n", &["m"], &[0], &[(None, "b=x")]), "m: {b: \"x\"}\n");
    assert_eq!(done("m: { a: 1 } # c\n", &["m"], &[0], &[(None, "b=x")]), "m: { b: \"x\" } # c\n");
    assert_eq!(done("m: [a,]\n", &["m"], &[0], &[(None, "b"), (Some(0), "c")]), "m: [\"c\", \"b\",]\n");
    assert_eq!(done("m: [a, b, c]\n", &["m"], &[0, 1], &[(Some(0), "x")]), "m: [\"x\", c]\n");
    assert_eq!(done("m: [a, b, c]\n", &["m"], &[1], &[(Some(1), "x")]), "m: [a, \"x\", c]\n");
    assert_eq!(done("{\n  \"a\": 1\n}\n", &[], &[0], &[(None, "b=x")]), "{\n  \"b\": \"x\"\n}\n");
    // An empty one is filled by all that is added.
    assert_eq!(done("m: {}\n", &["m"], &[], &[(None, "a=x"), (None, "b=y")]), "m:\n  a: x\n  b: \"y\"\n");
    assert_eq!(
        done("m: {k: []}\n", &["m", "k"], &[], &[(None, "a"), (None, "b")]),
        "m: {k: [\"a\", \"b\"]}\n"
    );
    // A key may be replaced by itself.
    assert_eq!(done("m:\n  a:\n    b: 1\n", &["m"], &[0], &[(None, "a=x")]), "m:\n  a: x\n");
    let there = replace("m:\n  a: 1\n", &["m"], &[], &[(None, "a=x")]);
    assert!(there.is_err_and(|why| why.contains("exists already")));
    // A comment beside what shares its line with a dash would be lost.
    let comment = replace("- a: 1 # why\n", &[], &[0], &[(None, "b=x")]);
    assert!(comment.is_err_and(|why| why.contains("line where this begins")));
}

#[test]
fn all_are_removed_and_the_comments_between_them_stay() {
    let done = |text| replace(text, &["m"], &[0, 1], &[]).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(done("m:\n- a\n\n- b\nz: 1\n"), "m: []\nz: 1\n");
    assert_eq!(
        done("m:\n- a\n# - name: old\n#   value: x\n- b\nz: 1\n"),
        "m: []\n# - name: old\n#   value: x\nz: 1\n"
    );
}

#[test]
fn words_are_replaced_in_their_place() {
    let done = |text: &str, removed: &[usize], new: &[(Option<usize>, &str)]| {
        let tree = FlagFile::Environment.parse(text);
        let (_, list) = tree.entries(tree.root().unwrap()).next().unwrap();
        let nodes: Vec<NodeId> = tree.items(list).collect();
        let mut changes: Vec<(NodeId, Op)> = removed.iter().map(|i| (nodes[*i], Op::Remove)).collect();
        changes.extend(new.iter().map(|(after, text)| {
            let place = Placement { after: after.map(|i| nodes[i]), below: None };
            (list, Op::InsertItem(place, Value::string(*text)))
        }));
        edit(&tree, &changes).unwrap_or_else(|why| panic!("{why}"))
    };
    assert_eq!(done("A=--x\n", &[0], &[(None, "--y")]), "A=--y\n");
    assert_eq!(done("A=\"--x --z\"", &[0], &[(Some(0), "--y")]), "A=\"--y --z\"");
    assert_eq!(done("A=\"--x --z\"", &[1], &[(Some(1), "--y"), (None, "--v")]), "A=\"--x --y --v\"");
    assert_eq!(done("A=\"--x --z\"", &[0, 1], &[(None, "--v"), (Some(0), "--y")]), "A=\"--y --v\"");
}

#[test]
fn a_note_is_no_part_of_a_commented_out_item() {
    let done = |text: &str| {
        let tree = parse(text, 0..text.len()).unwrap();
        let list = tree.get(tree.root().unwrap(), "env").unwrap();
        let comment = commented_item(&tree, list, "name", "A")?;
        let value =
            Value::Map(vec![("name".into(), Value::string("A")), ("value".into(), Value::string("x"))]);
        Some(edit(&tree, &[(list, Op::Uncomment(comment, value))]).unwrap_or_else(|why| panic!("{why}")))
    };
    let case = |comment: &str, item: &str| {
        for below in ["- name: Z\n", "# - name: B\n#   value: b\n- name: Z\n"] {
            let text = format!("env:\n- name: Y\n# above: this\n{comment}{below}");
            let want = format!("env:\n- name: Y\n# above: this\n{item}{below}");
            assert_eq!(done(&text).as_deref(), Some(&*want));
        }
    };
    let new = "- name: A\n  value: x\n";
    case("# - name: A\n#   value: a\n", new);
    case("# - name: A\n", new);
    case("# - name: A\n#   value: a\n#   NOTE: ask first\n", &format!("{new}#   NOTE: ask first\n"));
    case("# - name: A\n#   value: \"a\"\n#     deeper: note\n", &format!("{new}#     deeper: note\n"));
    case("# - name: A\n#\n#   see: there\n", &format!("{new}#\n#   see: there\n"));
    case(
        "# - name: A\n#   valueFrom:\n#     fieldRef:\n#       fieldPath: x\n#   note: y\n",
        &format!("{new}#   note: y\n"),
    );
    case(
        "# - name: A\n#   valueFrom: {fieldRef: {fieldPath: x}}\n#   note: y\n",
        &format!("{new}#   note: y\n"),
    );
    case("# - name: A\n#   value: |\n#     a\n#     b\n", new);
    case("# - name: A\n#   value: \"a#b\" # why\n", "- name: A\n  value: x # why\n");
    // A note in the middle of the value would be lost.
    assert_eq!(done("env:\n# - name: A\n#   valueFrom: # why\n#     fieldRef: x\n- name: Z\n"), None);
}
