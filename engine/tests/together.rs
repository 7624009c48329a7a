//! Several changes in one pass: random lists and mappings, in many layouts, lose some members, get new ones and new values at
//! the same time. The result must say exactly that, for both parsers.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)] // a test that cannot go on should say so and stop

use calico_ipv6_engine::yaml::embedded::Embedded;
use calico_ipv6_engine::yaml::same::{Planned, same};
use calico_ipv6_engine::yaml::second::second_opinion;
use calico_ipv6_engine::yaml::write::{Edit, Lowered, Op, Placement, Value, apply, lower_all};
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
                4 => format!("{pad}# - name: out{i}\n{pad}#   value: x\n"),
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

/// The changes that the sample asks for.
fn changes(sample: &Sample, tree: &Tree<'_>) -> Vec<(NodeId, Op)> {
    let list = collection(tree, sample.layout);
    let is_mapping = tree.kind(list) == Kind::Mapping;
    let nodes: Vec<NodeId> = match tree.kind(list) {
        Kind::Mapping => tree.entries(list).map(|(_, v)| v).collect(),
        _ => tree.items(list).collect(),
    };
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
    for (node, member) in nodes.iter().zip(&sample.members) {
        if member.removed {
            changes.push((*node, Op::Remove));
        } else if member.set && matches!(tree.kind(*node), Kind::Scalar(_)) {
            changes.push((*node, Op::Set(Value::string("set"))));
        }
        changes.extend((0..member.adds).map(|_| add(Some(*node))));
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
    all.sort_by_key(|(lowered, _)| place(lowered));
    let mut edits: Vec<Edit> = all.iter().flat_map(|(lowered, _)| lowered.edits.iter().cloned()).collect();
    edits.sort_by_key(|e| (e.range.start, e.range.end));
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
            m.removed && ["about", "beside"].iter().any(|what| note == format!("# {what} {i}"))
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
