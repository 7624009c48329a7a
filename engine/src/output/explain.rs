//! A rule's page, as Markdown: for the terminal, the documentation and the web alike.

use crate::rules::{Fixable, Metadata};
use std::fmt::Write as _;

/// The page of a rule.
#[must_use]
pub fn page(meta: &Metadata) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}: {}\n", meta.id, meta.name);
    let _ = writeln!(out, "{}.\n", capital(meta.finds));
    let fix = match meta.fixable {
        Fixable::Always => "always",
        Fixable::Sometimes => "sometimes",
        Fixable::Never => "none, see below",
    };
    let Metadata { kind, severity, .. } = meta;
    let _ =
        writeln!(out, "| kind | severity | fix |\n| --- | --- | --- |\n| {kind} | {severity} | {fix} |\n");
    let _ = writeln!(out, "## In the cluster\n\n{}.\n", capital(meta.consequence));
    let _ = writeln!(out, "## What to do\n\n{}.", capital(meta.help));
    if !meta.gates.is_empty() {
        let _ = writeln!(out, "\n## Releases\n");
        for gate in meta.gates {
            let windows: Vec<String> = gate.windows.iter().map(ToString::to_string).collect();
            let _ = writeln!(out, "- {} {}: {}", gate.component, windows.join(", "), gate.what);
        }
    }
    let (before, after) = meta.example;
    if !before.is_empty() || !after.is_empty() {
        let _ = writeln!(out, "\n## Example\n");
        for (title, text) in [("Before", before), ("After", after)] {
            if text.is_empty() {
                let _ = writeln!(out, "{title}: nothing there.\n");
            } else {
                let _ = writeln!(out, "{title}:\n\n```yaml\n{text}\n```\n");
            }
        }
        out.truncate(out.trim_end().len() + 1);
    }
    if !meta.sources.is_empty() {
        let _ = writeln!(out, "\n## Sources\n");
        for source in meta.sources {
            let _ = writeln!(out, "- {source}");
        }
    }
    out
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        // Names of variables and fields keep their case.
        Some(first)
            if first.is_ascii_lowercase() && !text.split(' ').next().unwrap_or("").contains(['_', '.']) =>
        {
            let word = text.split([' ', ',', ':']).next().unwrap_or("");
            let is_name = word == "calico-node"
                || word.chars().skip(1).any(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            if is_name { text.to_owned() } else { first.to_ascii_uppercase().to_string() + chars.as_str() }
        }
        _ => text.to_owned(),
    }
}
