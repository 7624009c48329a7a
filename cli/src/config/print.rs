//! `--print-config`: the target that is in effect, as a document, with where each value comes from.

use super::Config;
use super::resolve::{Origin, Value};
use crate::args::TargetArgs;
use crate::people::{Text, shown, text};
use crate::terminal::columns;
use calico_ipv6_engine::output::escape::is_hidden;
use calico_ipv6_engine::source::Position;
use calico_ipv6_engine::target::{OPTIONS, TargetOption};

/// Where the JSON Schema of the document is, from the repository on.
const SCHEMA: &str = "docs/target.schema.json";

/// What `--print-config` prints of one or more clusters.
pub(crate) struct Printed<'a> {
    /// What it is for; nothing if there is one cluster.
    pub(crate) clusters: Text,
    pub(crate) config: Option<&'a Config>,
    /// Whether the files decide about the stack if nothing else does.
    pub(crate) takes_stack_of_files: bool,
}

/// A line: the key with its value, and where it is from.
type Line = (Text, Text);

/// The whole, as documents that `--config` reads.
pub(crate) fn document(args: &TargetArgs, all: &[Printed<'_>]) -> Text {
    let documents: Vec<Text> = all.iter().map(|one| one_document(args, one)).collect();
    Text::join(&documents, "---\n")
}

fn one_document(args: &TargetArgs, printed: &Printed<'_>) -> Text {
    let mut out = text!("# yaml-language-server: $schema={}\n", Text::ours(&schema_url()));
    if !printed.clusters.is_empty() {
        out.push(&text!("# {}\n", printed.clusters));
    }
    out.push(&"apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec:\n".into());
    let values = args.values(printed.config);
    let mut lines = Vec::new();
    for option in OPTIONS {
        let of_option: Vec<&Value<'_>> =
            values.iter().filter(|value| value.option.key == option.key).collect();
        let origin = |value: &Value<'_>| origin(option, value.origin, printed.config);
        let counts = of_option.iter().filter(|value| !matches!(value.origin, Origin::Overridden(_)));
        let is_set = counts.clone().next().is_some();
        if option.is_repeatable() && is_set {
            lines.push((text!("  {}:", option.key), Text::default()));
            lines.extend(counts.map(|value| (text!("  - {}", scalar(value.value)), origin(value))));
        } else {
            lines.extend(
                counts.map(|value| (text!("  {}: {}", option.key, scalar(value.value)), origin(value))),
            );
        }
        let overridden = of_option.iter().filter(|value| matches!(value.origin, Origin::Overridden(_)));
        lines.extend(
            overridden.map(|value| (text!("  # {}: {}", option.key, scalar(value.value)), origin(value))),
        );
        if !is_set {
            let default = match option.key {
                "to" if printed.takes_stack_of_files => "the IP families that the files configure",
                _ => default(option),
            };
            lines.push((text!("  # {}:", option.key), text!("default: {}", default)));
        }
    }
    out.push(&aligned(&lines));
    out
}

/// The address of the JSON Schema: the file in the repository.
fn schema_url() -> String {
    let raw = env!("CARGO_PKG_REPOSITORY").replace("://github.com/", "://raw.githubusercontent.com/");
    format!("{raw}/main/{SCHEMA}")
}

fn origin(option: &'static TargetOption, origin: Origin, config: Option<&Config>) -> Text {
    let file = |at: Position| {
        let name = config.map_or("", |config| config.name.as_str());
        text!("{}:{}", shown(name), at.line)
    };
    match origin {
        Origin::Flag => text!("--{}", option.flag),
        Origin::File(at) => file(at),
        Origin::Overridden(at) => text!("{}, overridden by a flag", file(at)),
    }
}

/// What its help says that happens without the option.
fn default(option: &'static TargetOption) -> &'static str {
    let stated = option.help.split_once("[default: ").and_then(|(_, rest)| rest.split_once(']'));
    match stated {
        Some((default, _)) => default,
        None if option.key == "to" => "none, it must be given",
        None if option.is_switch() => "false",
        None => "not set",
    }
}

/// A value that YAML reads as it is.
fn scalar(value: &str) -> Text {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '=');
    let is_safe = value.chars().all(is_plain)
        && value.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !value.ends_with(':');
    if is_safe { shown(value) } else { shown(&quoted(value)) }
}

/// A value in double quotes. What messages escape in their own way, YAML must read.
fn quoted(value: &str) -> String {
    let mut out = String::new();
    for c in serde_json::Value::from(value).to_string().chars() {
        match u32::from(c) {
            code @ ..=0xFFFF if is_hidden(c) => out.push_str(&format!("\\u{code:04x}")),
            code if is_hidden(c) => out.push_str(&format!("\\U{code:08x}")),
            _ => out.push(c),
        }
    }
    out
}

fn aligned(lines: &[Line]) -> Text {
    let width = lines.iter().map(|(line, _)| columns(line)).filter(|width| *width <= 50).max().unwrap_or(0);
    let one = |(line, origin): &Line| match origin.is_empty() {
        true => text!("{}\n", line),
        false => {
            let padding = Text::spaces(width.saturating_sub(columns(line)));
            text!("{}{}  # {}\n", line, padding, origin)
        }
    };
    lines.iter().map(one).collect()
}
