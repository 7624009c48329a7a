//! The shape of a target for JavaScript and for editors: TypeScript and JSON Schema, both made from the table of options.

use anyhow::Result;
use calico_ipv6_data::{UNIONS, declarations};
use calico_ipv6_engine::cidr::{COUNTS, Request};
use calico_ipv6_engine::generate::KINDS;
use calico_ipv6_engine::target::{OPTIONS, TargetOption};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The TypeScript of everything that goes in and comes out.
pub(super) fn typescript() -> String {
    let mut out = "/** What is wanted of a cluster. What is left out is read from the files, or has a default. */\nexport interface Target {\n".to_owned();
    for option in OPTIONS {
        let optional = if option.key == "to" { "" } else { "?" };
        let or_null = if option.key == "to" { "" } else { " | null" };
        let _ = writeln!(
            out,
            "    /** {} */\n    {}{optional}: {}{or_null};",
            option.help,
            option.key,
            union(option)
        );
        if let Some(alias) = option.alias() {
            let _ = writeln!(
                out,
                "    /** @deprecated Another name of `{}`. */\n    {alias}?: {} | null;",
                option.key,
                union(option)
            );
        }
    }
    out.push_str("}\n");
    let kinds: Vec<String> = KINDS.iter().map(|kind| format!("{:?}", kind.name)).collect();
    let _ = write!(out, "\n/** What can be written. */\nexport type Kind = {};\n", kinds.join(" | "));
    out.push_str("\n/** How large a cluster shall be, and the ranges that it has. */\nexport interface AddressRequest {\n");
    for count in COUNTS {
        let _ = writeln!(out, "    /** {} */\n    {}?: number | null;", count.help, count.key);
    }
    for option in Request::options() {
        let _ = writeln!(out, "    /** {} */\n    {}?: {} | null;", option.help, option.key, union(option));
    }
    out.push_str("}\n");
    for declaration in declarations() {
        let _ = write!(out, "\n{}", tidy(&declaration));
    }
    out.push_str(UNIONS);
    out
}

/// A declaration as a person would write it: ts-rs puts comments on three lines each, and indents nothing.
fn tidy(declaration: &str) -> String {
    let mut out = String::new();
    let mut is_inside = false;
    let indent = |is_inside: bool| if is_inside { "    " } else { "" };
    for line in declaration.trim().lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("export type ").and_then(|line| line.strip_suffix(" = {")) {
            let _ = writeln!(out, "export interface {name} {{");
            is_inside = true;
        } else if line == "/**" {
            let _ = write!(out, "{}/**", indent(is_inside));
        } else if line == "*/" {
            out.push_str(" */\n");
        } else if let Some(comment) = line.strip_prefix("* ") {
            let _ = write!(out, " {comment}");
        } else if let Some(last) = line.strip_suffix(", };") {
            let _ = writeln!(out, "    {last};\n}}");
        } else {
            let _ = writeln!(out, "{}{};", indent(is_inside), line.trim_end_matches([',', ';']));
        }
    }
    out
}

fn union(option: &TargetOption) -> String {
    let is_bool = |choice: &&&str| matches!(**choice, "true" | "false");
    let quoted: Vec<String> = option.choices.iter().map(|choice| format!("{choice:?}")).collect();
    match (option.choices.is_empty(), option.choices.iter().any(|choice| is_bool(&choice))) {
        (true, _) if is_number(option) => "number".to_owned(),
        (true, _) if is_list(option) => "string | readonly string[]".to_owned(),
        (true, _) => "string".to_owned(),
        (false, true) => {
            words(option).iter().fold("boolean".to_owned(), |all, word| format!("{all} | {word:?}"))
        }
        (false, false) => quoted.join(" | "),
    }
}

/// The choices that are neither of the two booleans.
fn words(option: &TargetOption) -> Vec<&'static str> {
    option.choices.iter().copied().filter(|choice| !matches!(*choice, "true" | "false")).collect()
}

fn is_number(option: &TargetOption) -> bool {
    option.value == "LENGTH"
}

/// Whether several values may be given.
fn is_list(option: &TargetOption) -> bool {
    option.value == "IPV4=IPV6"
}

/// Where editors find the JSON Schema.
pub(super) const SCHEMA: &str = "docs/target.schema.json";

/// The JSON Schema of a `Target` document, as `--config` takes it.
pub(super) fn schema() -> Result<String> {
    let mut properties = Map::new();
    for option in OPTIONS {
        properties.insert(option.key.to_owned(), value(option));
        if let (Some(alias), Value::Object(mut schema)) = (option.alias(), value(option)) {
            schema.insert("deprecated".to_owned(), true.into());
            properties.insert(alias.to_owned(), schema.into());
        }
    }
    let mode = json!({
        "description": "what a KRM function does; only `calico-ipv6 fn` reads it",
        "enum": ["transform", "check"],
    });
    properties.insert("mode".to_owned(), mode);
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Target of calico-ipv6",
        "description": "What is wanted of a cluster: the document of --config, of the web page and of JavaScript",
        "type": "object",
        "required": ["apiVersion", "kind", "spec"],
        "additionalProperties": false,
        "properties": {
            "apiVersion": { "const": "calico-ipv6.io/v1alpha1" },
            "kind": { "const": "Target" },
            "metadata": { "type": "object", "description": "Kubernetes object metadata; only for people and tools" },
            "spec": {
                "type": "object",
                "required": ["to"],
                "additionalProperties": false,
                "properties": properties,
            },
        },
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&schema)?))
}

fn value(option: &TargetOption) -> Value {
    let mut schema = Map::new();
    schema.insert("description".to_owned(), option.help.into());
    if is_number(option) {
        schema.insert("type".to_owned(), json!(["integer", "string"]));
    } else if is_list(option) {
        schema.insert("type".to_owned(), json!(["string", "array"]));
        schema.insert("items".to_owned(), json!({ "type": "string" }));
    } else if option.choices.is_empty() {
        schema.insert("type".to_owned(), "string".into());
    } else {
        let literal = |choice: &&str| match *choice {
            "true" => vec![true.into(), "true".into()],
            "false" => vec![false.into(), "false".into()],
            other => vec![other.into()],
        };
        schema.insert(
            "enum".to_owned(),
            option.choices.iter().flat_map(literal).collect::<Vec<Value>>().into(),
        );
    }
    schema.into()
}

#[cfg(test)]
mod tests {
    use super::{schema, typescript};
    use calico_ipv6_engine::target::OPTIONS;

    #[test]
    fn every_option_is_in_both() {
        let (types, schema) = (typescript(), schema().unwrap_or_default());
        for option in OPTIONS {
            assert!(types.contains(&format!("\n    {}", option.key)), "{}", option.key);
            assert!(schema.contains(&format!("\"{}\": {{", option.key)), "{}", option.key);
        }
    }

    #[test]
    fn numbers_are_numbers_in_typescript() {
        assert!(!typescript().contains("bigint"));
    }
}
