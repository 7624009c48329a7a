//! Edits of any node of any text: bytes outside an edit stay, and what both parsers accept is what was planned.

use crate::choices::Choices;
use crate::texts::nodes_are_in_order;
use calico_ipv6_engine::yaml::cross_check::second_opinion;
use calico_ipv6_engine::yaml::embedded::Embedded;
use calico_ipv6_engine::yaml::flag_file::FlagFile;
use calico_ipv6_engine::yaml::split::split;
use calico_ipv6_engine::yaml::verify::{Planned, same};
use calico_ipv6_engine::yaml::write::{Edit, Op, Placement, Value, apply, commented_item, lower};
use calico_ipv6_engine::yaml::{Kind, NodeId, Tree, parse};
use calico_ipv6_tests::values::documents;

/// New texts, simple and difficult.
const NEW: [&str; 12] = [
    "fd00:10:244::/56",
    "true",
    "",
    "~",
    "12",
    "a: b",
    "# no comment",
    " spaces ",
    "two\nlines\n",
    "quote \" and ' and \\",
    "- item",
    "\u{e9}\u{1F600}",
];

/// How many bytes choose an edit.
const CHOICES: usize = 4;

/// Edits a node of a document.
pub fn edit(data: &[u8]) {
    let Some(choices) = Choices::read(data, CHOICES) else { return };
    let text = choices.text;
    if split(text).len() != 1 {
        return;
    }
    let Ok(tree) = parse(text, 0..text.len()) else { return };
    let Some(node) = pick_node(&tree, &choices) else { return };
    let op = pick_op(&tree, node, &choices);
    let Ok(edits) = lower(&tree, node, &op) else { return };
    let Some(after) = applied(text, &edits) else { return };
    let Ok(tree_after) = parse(&after, 0..after.len()) else { return };
    let planned = Planned { node, inner: None, op };
    if same(&tree, &[planned], &tree_after).is_err() || second_opinion(&after, &tree_after).is_err() {
        return;
    }
    // The edit is accepted: a parser that is not the engine's must read both texts. An empty document may get a value.
    if let Some(before) = documents(text).filter(|before| !before.is_empty()) {
        let now = documents(&after)
            .unwrap_or_else(|| panic!("only the old text can be read:\n{text}\n---\n{after}"));
        assert_eq!(before.len(), now.len(), "the number of documents stays");
    }
}

/// Edits a document inside a scalar.
pub fn embedded(data: &[u8]) {
    let Some(choices) = Choices::read(data, CHOICES + 1) else { return };
    let text = choices.text;
    if split(text).len() != 1 {
        return;
    }
    let Ok(tree) = parse(text, 0..text.len()) else { return };
    let Some(outer) = pick_node(&tree, &choices) else { return };
    let opened = match choices.pick(4, 3) {
        0 => Embedded::json(&tree, outer),
        1 => Embedded::text(&tree, outer),
        _ => Embedded::open(&tree, outer),
    };
    let embedded = match opened {
        Ok(embedded) => embedded,
        Err(error) => {
            assert!(error.offset <= text.len(), "the location of an error is in the text");
            return;
        }
    };
    let inner_text = embedded.tree.text();
    nodes_are_in_order(&embedded.tree, inner_text);
    let mut end = 0;
    for (offset, _) in inner_text.char_indices() {
        let place = embedded.offset_in_source(offset);
        assert!(end <= place && place <= text.len() && text.is_char_boundary(place), "offsets only grow");
        end = place;
    }
    let Some(inner) = pick_node(&embedded.tree, &choices) else { return };
    let op = pick_op(&embedded.tree, inner, &choices);
    let Ok(edits) = lower(&embedded.tree, inner, &op) else { return };
    let Some(edits) = edits.iter().map(|edit| embedded.to_source(edit)).collect::<Option<Vec<_>>>() else {
        return;
    };
    let Some(after) = applied(text, &edits) else { return };
    let Ok(tree_after) = parse(&after, 0..after.len()) else { return };
    let planned = Planned { node: outer, inner: Some(inner), op };
    if same(&tree, &[planned], &tree_after).is_ok() && second_opinion(&after, &tree_after).is_ok() {
        assert!(documents(text).is_none() || documents(&after).is_some(), "only the old text can be read");
    }
}

/// Reads and edits an environment file, a unit or a file of arguments.
pub fn flag_files(data: &[u8]) {
    let Some(choices) = Choices::read(data, CHOICES) else { return };
    let text = choices.text;
    let Some(kind) = FlagFile::of(text) else { return };
    let tree = kind.parse(text);
    let mut end = 0;
    for (key, list) in tree.root().into_iter().flat_map(|root| tree.entries(root)) {
        for node in core::iter::once(key).chain(tree.items(list)) {
            let range = tree.range(node);
            assert!(end <= range.start && range.end <= text.len(), "words are in order");
            assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
            end = range.end;
        }
    }
    let Some(node) = pick_node(&tree, &choices) else { return };
    let op = pick_op(&tree, node, &choices);
    let Ok(edits) = lower(&tree, node, &op) else { return };
    let Some(after) = applied(text, &edits) else { return };
    let planned = Planned { node, inner: None, op };
    // A file with an open quote takes no new line: the comparison finds that, and the engine then refuses the edit.
    let _ = same(&tree, &[planned], &kind.parse(&after));
}

/// A node that is no key: rules change values, items and entries.
fn pick_node(tree: &Tree<'_>, choices: &Choices<'_>) -> Option<NodeId> {
    let mut nodes = vec![tree.root()?];
    let mut at = 0;
    while at < nodes.len() && nodes.len() < 256 {
        let node = nodes[at];
        match tree.kind(node) {
            Kind::Mapping => nodes.extend(tree.entries(node).map(|(_, value)| value)),
            _ => nodes.extend(tree.items(node)),
        }
        at += 1;
    }
    Some(nodes[choices.pick(0, nodes.len())])
}

fn pick_op(tree: &Tree<'_>, node: NodeId, choices: &Choices<'_>) -> Op {
    let text = NEW[choices.pick(2, NEW.len())];
    let value = match choices.pick(3, 5) {
        0 => Value::Word("{}".into()),
        1 => Value::Map(vec![("name".into(), Value::string("IP6")), ("value".into(), Value::string(text))]),
        2 => Value::Seq(vec![Value::string(text), Value::string("second")]),
        _ => Value::string(text),
    };
    let children: Vec<NodeId> = tree.children(node).collect();
    let after = children.get(choices.pick(2, children.len() + 1)).copied();
    let placement = Placement { after, below: None };
    match (choices.pick(1, 5), tree.kind(node)) {
        (0, _) => Op::Remove,
        (1, Kind::Sequence) => match commented_item(tree, node, "name", "IP6") {
            Some(item) => Op::Uncomment(item, value),
            None => Op::InsertItem(placement, value),
        },
        (2, Kind::Sequence) => Op::InsertItem(placement, value),
        (1 | 2, Kind::Mapping) => Op::InsertEntry(placement, "added".into(), value),
        _ => Op::Set(value),
    }
}

/// The text after the edits, which must be in order and lie in the text; nothing if they change nothing.
fn applied(text: &str, edits: &[Edit]) -> Option<String> {
    let mut end = 0;
    for edit in edits {
        assert!(end <= edit.range.start && edit.range.end <= text.len(), "edits are in order: {edits:?}");
        assert!(text.is_char_boundary(edit.range.start) && text.is_char_boundary(edit.range.end));
        end = edit.range.end;
    }
    (!edits.is_empty()).then(|| apply(text, edits))
}
