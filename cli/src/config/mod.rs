//! A target in a file: a `Target` document, or a ConfigMap with the same keys.

mod find;
mod print;
mod resolve;

use crate::input::Input;
use calico_ipv6_engine::source::{Position, position};
use calico_ipv6_engine::target::{OPTIONS, TargetOption};
use calico_ipv6_engine::yaml::split::split;
use calico_ipv6_engine::yaml::{Kind, NodeId, Style, Tree, parse};
use std::collections::HashSet;
use std::fmt::{Display, Formatter};
use std::path::{Path, PathBuf};

pub(crate) use find::{FILE, Found, Search, is_target};
pub(crate) use print::{Printed, document};
pub(crate) use resolve::{Value, Wrong};

/// What a KRM function does: a key that only `calico-ipv6 fn` reads.
pub(crate) const MODE: &str = "mode";

/// The keys of a `Target` document.
const KEYS: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];

/// Where a `Target` is to be had.
const PRINTS_ONE: &str = "calico-ipv6 transform --isolated --print-config --to dual-stack FILE prints one";

/// How near a word must be to the one that is meant, of 1.
const NEAR: f64 = 0.75;

/// A target in a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    /// The file, as messages name it.
    pub(crate) name: String,
    pub(crate) settings: Vec<Setting>,
}

/// A key of a target and its value; each item of a list is one.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) option: &'static TargetOption,
    pub(crate) value: String,
    /// Where the value is.
    pub(crate) at: Position,
}

/// What is wrong with a document.
#[derive(Debug)]
pub(crate) struct Problem {
    /// Where; the offset in the text.
    at: Option<usize>,
    pub(crate) message: String,
}

impl Problem {
    fn at(offset: usize, message: impl Into<String>) -> Problem {
        Problem { at: Some(offset), message: message.into() }
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// Which documents may say what is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accepted {
    /// Of a file that was found by its name: a ConfigMap may be an object of the cluster.
    Target,
    /// Of a document that the user passed.
    TargetOrConfigMap,
}

impl Config {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Config, String> {
        let input = Input::file(path.to_owned(), PathBuf::new(), None);
        let reading = input.read().map_err(|error| error.to_string())?;
        Config::parse(&input.name(), &reading.text)
    }

    /// Reads the text of a file that was found by its name. It must be a `Target`.
    fn parse_found(name: &str, text: &str) -> Result<Config, String> {
        Config::parse_as(name, text, Accepted::Target)
    }

    /// Reads the text of a file. The engine's parser has limits, so that no document takes long.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Config, String> {
        Config::parse_as(name, text, Accepted::TargetOrConfigMap)
    }

    fn parse_as(name: &str, text: &str, accepted: Accepted) -> Result<Config, String> {
        let located = |problem: Problem| match problem.at.map(|offset| position(text, offset)) {
            Some(Position { line, column }) => format!("{name}:{line}:{column}: {}", problem.message),
            None => format!("{name}: {}", problem.message),
        };
        let settings = settings_of_text(text, accepted).map_err(located)?;
        Ok(Config { name: name.to_owned(), settings })
    }
}

fn settings_of_text(text: &str, accepted: Accepted) -> Result<Vec<Setting>, Problem> {
    let mut documents = Vec::new();
    for chunk in split(text) {
        let tree = parse(text, chunk.range).map_err(|error| Problem::at(error.offset, error.message))?;
        if tree.root().is_some() {
            documents.push(tree);
        }
    }
    let empty = || Problem::at(0, format!("is empty: write a Target ({PRINTS_ONE}), or remove the file"));
    let tree = match &documents[..] {
        [tree] => tree,
        [] => return Err(empty()),
        [_, second, ..] => {
            let message = format!("has {} documents: a target is one document", documents.len());
            return Err(match second.root() {
                Some(root) => Problem::at(second.range(root).start, message),
                None => Problem { at: None, message },
            });
        }
    };
    settings_as(tree, tree.root().ok_or_else(empty)?, accepted)
}

/// Whether an object is a ConfigMap with keys of a target.
fn is_config_map_of_target(tree: &Tree<'_>, root: NodeId) -> bool {
    let Some(data) = tree.get(root, "data").filter(|_| field(tree, root, "kind") == "ConfigMap") else {
        return false;
    };
    let is_ours = |key| OPTIONS.iter().any(|option| option.key == key || option.alias() == Some(key));
    tree.entries(data).any(|(key, _)| tree.scalar(key).is_some_and(is_ours))
}

/// The text of a field; empty if it has none.
fn field<'t>(tree: &'t Tree<'_>, root: NodeId, key: &str) -> &'t str {
    tree.get(root, key).and_then(|value| tree.string(value)).unwrap_or_default()
}

/// Keys and values of the `Target` or ConfigMap at a node. `mode` says what a KRM function does, and is not an option of a target.
pub(crate) fn settings(tree: &Tree<'_>, root: NodeId) -> Result<Vec<Setting>, Problem> {
    settings_as(tree, root, Accepted::TargetOrConfigMap)
}

fn settings_as(tree: &Tree<'_>, root: NodeId, accepted: Accepted) -> Result<Vec<Setting>, Problem> {
    let keys = keys_of(tree, root, accepted)?;
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for (key, value) in tree.entries(keys) {
        let at = tree.range(key).start;
        let key = tree.scalar(key).ok_or_else(|| Problem::at(at, "a key is not a text"))?;
        if key == "<<" {
            return Err(Problem::at(at, "`<<` (a merge key) is not supported: write the keys themselves"));
        }
        once(&mut seen, key, at)?;
        if key == MODE {
            continue;
        }
        let option = OPTIONS.iter().find(|option| option.key == key || option.alias() == Some(key));
        let known = OPTIONS.iter().map(|option| option.key).chain([MODE]);
        let option = option.ok_or_else(|| Problem::at(at, unknown(key, known)))?;
        let is_list = tree.kind(value) == Kind::Sequence && option.is_repeatable();
        let values = if is_list { tree.items(value).collect() } else { vec![value] };
        for value in values {
            let at = tree.range(value).start;
            let value = scalar(tree, value).ok_or_else(|| Problem::at(at, wrong_form(option, key)))?;
            found.push(Setting { option, value, at: position(tree.text(), at) });
        }
    }
    Ok(found)
}

/// What form the value of a key must have.
fn wrong_form(option: &TargetOption, key: &str) -> String {
    if option.is_repeatable() {
        return format!("`{key}` must be a text, or a list of texts, of the form `{}`", option.value);
    }
    format!("`{key}` must be a string, number or boolean")
}

/// Fails if a key of the same mapping was seen before.
pub(crate) fn once<'t>(seen: &mut HashSet<&'t str>, key: &'t str, at: usize) -> Result<(), Problem> {
    if seen.insert(key) { Ok(()) } else { Err(Problem::at(at, format!("`{key}` is given twice"))) }
}

/// That a key is unknown, and which one may be meant: one that is spelt nearly so, or as the flag.
fn unknown(key: &str, known: impl Iterator<Item = &'static str>) -> String {
    let word = key.replace(['-', '_'], "").to_lowercase();
    let distance = |known: &'static str| (strsim::jaro_winkler(&word, &known.to_lowercase()), known);
    let near = known.map(distance).filter(|(nearness, _)| *nearness >= NEAR);
    let hint = match near.max_by(|one, other| one.0.total_cmp(&other.0)) {
        Some((_, near)) => format!("; did you mean `{near}`?"),
        None => String::new(),
    };
    format!("unknown key `{key}`{hint}")
}

/// The value of `mode` of the `Target` or ConfigMap at a node.
pub(crate) fn mode(tree: &Tree<'_>, root: NodeId) -> Option<String> {
    let value = tree.get(keys_of(tree, root, Accepted::TargetOrConfigMap).ok()?, MODE)?;
    Some(scalar(tree, value).unwrap_or_default())
}

/// The mapping that has the keys of a `Target` or ConfigMap.
fn keys_of(tree: &Tree<'_>, root: NodeId, accepted: Accepted) -> Result<NodeId, Problem> {
    let mut seen = HashSet::new();
    for (key, _) in tree.entries(root) {
        if let Some(word) = tree.scalar(key) {
            once(&mut seen, word, tree.range(key).start)?;
        }
    }
    let at = tree.range(root).start;
    let key = match (field(tree, root, "apiVersion"), field(tree, root, "kind")) {
        ("calico-ipv6.io/v1alpha1", "Target") => {
            let is_unknown = |key: NodeId| tree.scalar(key).filter(|key| !KEYS.contains(key));
            let first = tree.entries(root).find_map(|(key, _)| Some((key, is_unknown(key)?)));
            if let Some((key, word)) = first {
                return Err(Problem::at(tree.range(key).start, unknown(word, KEYS.into_iter())));
            }
            "spec"
        }
        (_, "ConfigMap") if accepted == Accepted::Target => {
            let message = format!(
                "a ConfigMap counts only with --config: write it as a Target, with the keys of `data` below `spec` ({PRINTS_ONE}), or rename the file"
            );
            return Err(Problem::at(at, message));
        }
        ("v1", "ConfigMap") => "data",
        (api, kind) => {
            let found = match (api, kind) {
                ("", "") => format!(
                    "neither apiVersion nor kind: write both, and the keys below `spec` ({PRINTS_ONE})"
                ),
                ("", kind) => format!("{kind} without an apiVersion"),
                (api, "") => format!("an object of {api} without a kind"),
                (api, kind) => format!("{kind} of {api}"),
            };
            let or = if accepted == Accepted::Target { "" } else { " or a ConfigMap" };
            let message = format!("expected a Target of calico-ipv6.io/v1alpha1{or}, found {found}");
            return Err(Problem::at(at, message));
        }
    };
    tree.get(root, key)
        .filter(|keys| tree.kind(*keys) == Kind::Mapping)
        .ok_or_else(|| Problem::at(at, format!("`{key}` must be a mapping")))
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
