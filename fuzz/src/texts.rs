//! Texts into documents, documents into trees.

use calico_ipv6_engine::yaml::cross_check::second_opinion;
use calico_ipv6_engine::yaml::parse as read;
use calico_ipv6_engine::yaml::split::{split as chunks, split_by_lines};
use calico_ipv6_engine::yaml::{Kind, Tree};

/// Documents cover the text without gaps, in order, and two ways to find them agree.
pub fn split(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let found = chunks(text);
    let mut end = 0;
    for chunk in &found {
        assert_eq!(chunk.range.start, end, "documents follow each other");
        assert!(text.is_char_boundary(chunk.range.end));
        end = chunk.range.end;
    }
    assert_eq!(end, text.len(), "documents cover the text");
    assert_eq!(found, split_by_lines(text), "both ways to split agree");
}

/// Each node of a document lies inside its parent, and the second parser does not stop on what the first one read.
pub fn parse(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    for chunk in chunks(text) {
        match read(text, chunk.range.clone()) {
            Ok(tree) => {
                nodes_are_in_order(&tree, text);
                let _ = second_opinion(&text[chunk.range], &tree);
            }
            Err(error) => {
                assert!(error.offset <= text.len(), "the location of an error is in the text");
                assert!(text.is_char_boundary(error.offset));
            }
        }
    }
}

/// Each node lies in the text, and inside its parent.
pub(crate) fn nodes_are_in_order(tree: &Tree<'_>, text: &str) {
    let Some(root) = tree.root() else { return };
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let range = tree.range(node);
        assert!(range.start <= range.end && range.end <= text.len(), "{range:?} is in the text");
        assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
        if matches!(tree.kind(node), Kind::Scalar(_)) {
            assert!(tree.scalar(node).is_some());
        }
        for child in tree.children(node) {
            let inner = tree.range(child);
            assert!(range.start <= inner.start && inner.end <= range.end, "{inner:?} is inside {range:?}");
            open.push(child);
        }
    }
}
