//! The plan as Markdown.

use super::shell::code;
use super::{Command, Host, NUMBERED, Section, Step, Steps};
use core::fmt::Write as _;

/// Writes the plan as Markdown.
#[must_use]
pub fn markdown(steps: &Steps) -> String {
    let mut out = format!("# {}\n", steps.title);
    for section in &steps.sections {
        write_section(&mut out, section);
    }
    out
}

fn write_section(out: &mut String, section: &Section) {
    let _ = writeln!(out, "\n## {}", section.title);
    for note in &section.notes {
        let _ = writeln!(out, "- {note}");
    }
    for (i, step) in section.steps.iter().enumerate() {
        let number = if section.title == NUMBERED { format!("{}. ", i + 1) } else { String::new() };
        let _ = writeln!(out, "\n### {number}{}", step.title);
        write_step(out, step);
    }
}

fn write_step(out: &mut String, step: &Step) {
    if !step.why.is_empty() {
        let _ = writeln!(out, "{}", step.why);
    }
    write_commands(out, "", &step.commands);
    if !step.restarts.is_empty() {
        let _ = writeln!(out, "Restarts: {}", step.restarts);
    }
    write_commands(out, "Check", &step.verify);
    write_commands(out, "Go back", &step.undo);
    if !step.undo_note.is_empty() {
        let label = if step.undo.is_empty() { "\nGo back: " } else { "" };
        let _ = writeln!(out, "{label}{}", step.undo_note);
    }
}

/// Where a command runs, as a heading; empty for the place that needs none.
fn place(host: Host) -> &'static str {
    match host {
        Host::Here => "",
        Host::OneControlPlaneNode => "on the first control-plane node",
        Host::EachControlPlaneNode => "on each control-plane node, one after the other",
        Host::EachNode => "on each node, one after the other",
    }
}

/// Commands in blocks. The label and the place come before the first block that they are about; the commands of a check
/// share a block.
fn write_commands(out: &mut String, label: &str, commands: &[Command]) {
    let mut last: Option<Host> = None;
    let shares = |a: &Command, b: &Command| label == "Check" && a.host == b.host;
    for block in commands.chunk_by(shares) {
        let Some(first) = block.first() else { continue };
        let (is_first, place) = (last.is_none(), place(first.host));
        let moves = last.unwrap_or(Host::Here) != first.host;
        let heading = match (label, place) {
            (label, place) if is_first && !label.is_empty() && !place.is_empty() => {
                format!("{label}, {place}:")
            }
            (label, _) if is_first && !label.is_empty() => format!("{label}:"),
            (_, "") if moves => "Where kubectl is:".to_owned(),
            (_, place) if moves => format!("{}:", upper(place)),
            _ => String::new(),
        };
        last = Some(first.host);
        // A fence ends a paragraph, so only a heading needs an empty line.
        if !heading.is_empty() {
            let _ = writeln!(out, "\n{heading}");
        }
        let texts: Vec<&str> = block.iter().map(|command| command.text.as_str()).collect();
        let _ = writeln!(out, "```sh\n{}\n```", texts.join("\n"));
        let expected = block.iter().filter(|command| !command.expect.is_empty());
        let expected: Vec<String> = expected.map(|command| code_or_text(&command.expect)).collect();
        if !expected.is_empty() {
            let _ = writeln!(out, "Expect: {}.", expected.join("; "));
        }
    }
}

/// What is printed exactly is code; a description is text.
fn code_or_text(text: &str) -> String {
    let is_exact = (text.starts_with('[') && text.ends_with(']'))
        || text == "ok"
        || text.ends_with('!')
        || text.ends_with("successfully rolled out");
    if is_exact { code(text) } else { text.trim_end_matches('.').to_owned() }
}

/// An English text with a capital.
pub(super) fn upper(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
