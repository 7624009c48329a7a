//! A target in a file: a `Target` document, or a ConfigMap with the same keys.

use crate::input::Input;
use calico_ipv6_engine::target::TargetOption;
use calico_ipv6_engine::yaml::split::split;
use calico_ipv6_engine::yaml::{Kind, NodeId, Style, Tree, parse};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// What a KRM function does: a key that only `calico-ipv6 fn` reads.
pub(crate) const MODE: &str = "mode";

/// Keys and values of a `Target` document or a ConfigMap.
pub(crate) fn read_config(path: &Path) -> Result<Vec<(String, String)>, String> {
    let input = Input::file(path.to_owned(), PathBuf::new(), None);
    let reading = input.read().map_err(|error| error.to_string())?;
    parse_config(&input.name(), &reading.text)
}

/// Keys and values of a `Target` document or a ConfigMap that was read already. The engine's parser has limits, so that no
/// document takes long.
pub(crate) fn parse_config(name: &str, text: &str) -> Result<Vec<(String, String)>, String> {
    options(text).map_err(|problem| format!("{name}: {problem}"))
}

fn options(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut documents = Vec::new();
    for chunk in split(text) {
        let tree = parse(text, chunk.range).map_err(|error| error.to_string())?;
        if tree.root().is_some() {
            documents.push(tree);
        }
    }
    let tree = match &documents[..] {
        [tree] => tree,
        [] => return Err("is empty".to_owned()),
        several => return Err(format!("has {} documents: a target is one document", several.len())),
    };
    keys_and_values(tree, tree.root().ok_or("is empty")?)
}

/// Keys and values of the `Target` or ConfigMap at a node. `mode` says what a KRM function does, and is not an option of a target.
pub(crate) fn keys_and_values(tree: &Tree<'_>, root: NodeId) -> Result<Vec<(String, String)>, String> {
    let keys = keys_of(tree, root)?;
    let (mut options, mut seen) = (Vec::new(), HashSet::new());
    for (key, value) in tree.entries(keys) {
        let key = tree.scalar(key).ok_or("a key is not a text")?;
        if key == "<<" {
            return Err("`<<` (a merge key) is not supported: write the keys themselves".to_owned());
        }
        if !seen.insert(key) {
            return Err(format!("`{key}` is given twice"));
        }
        if key == MODE {
            continue;
        }
        let is_list = tree.kind(value) == Kind::Sequence
            && TargetOption::named(key).is_some_and(TargetOption::is_repeatable);
        let values = if is_list { tree.items(value).collect() } else { vec![value] };
        for value in values {
            let value =
                scalar(tree, value).ok_or_else(|| format!("`{key}` must be a string, number or boolean"))?;
            options.push((key.to_owned(), value));
        }
    }
    Ok(options)
}

/// The value of `mode` of the `Target` or ConfigMap at a node.
pub(crate) fn mode(tree: &Tree<'_>, root: NodeId) -> Option<String> {
    let value = tree.get(keys_of(tree, root).ok()?, MODE)?;
    Some(scalar(tree, value).unwrap_or_default())
}

/// The mapping that has the keys of a `Target` or ConfigMap.
fn keys_of(tree: &Tree<'_>, root: NodeId) -> Result<NodeId, String> {
    let field = |key: &str| tree.get(root, key).and_then(|value| tree.string(value)).unwrap_or_default();
    let keys = match (field("apiVersion"), field("kind")) {
        ("calico-ipv6.io/v1alpha1", "Target") => tree.get(root, "spec"),
        ("v1", "ConfigMap") => tree.get(root, "data"),
        (api, kind) => {
            let found = if api.is_empty() && kind.is_empty() {
                "no apiVersion and kind".to_owned()
            } else {
                format!("{kind} of {api}")
            };
            return Err(format!(
                "expected a Target of calico-ipv6.io/v1alpha1 or a ConfigMap, found {found}"
            ));
        }
    };
    keys.filter(|keys| tree.kind(*keys) == Kind::Mapping)
        .ok_or_else(|| "`spec` (of a ConfigMap: `data`) must be a mapping".to_owned())
}

/// A string, number or boolean as it is written; not null, and no alias.
fn scalar(tree: &Tree<'_>, value: NodeId) -> Option<String> {
    let text = tree.scalar(value)?;
    let is_plain = tree.kind(value) == Kind::Scalar(Style::Plain);
    match text {
        "" | "~" | "null" | "Null" | "NULL" if is_plain => None,
        "True" | "TRUE" | "False" | "FALSE" if is_plain => Some(text.to_lowercase()),
        _ => Some(text.to_owned()),
    }
}
