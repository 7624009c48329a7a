//! Findings at their locations in the user's files.

use crate::findings::Finding;
use crate::terminal::{shown, width, wrapped};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Origin, Renderer, Snippet};
use anstyle::AnsiColor;
use calico_ipv6_engine::model::InputError;
use calico_ipv6_engine::output::escape::escaped;
use calico_ipv6_engine::output::excerpt::{Excerpt, excerpt};
use calico_ipv6_engine::output::problem::problem;
use calico_ipv6_engine::rules::Severity;
use calico_ipv6_engine::source::{Position, position};
use std::io::IsTerminal as _;

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

fn renderer() -> Renderer {
    Renderer::styled().term_width(width())
}

/// A finding with its line, its label, where else it occurs, and what happens and what to do below.
pub(crate) fn finding(found: &Finding, listed: usize) -> String {
    let title = level(found.severity).primary_title(found.message.as_str()).id(found.rule);
    let mut group = title.element(snippet(&found.file, found.at, &found.excerpt, &found.label));
    if !found.others.is_empty() {
        let mut places: Vec<String> = found.others.iter().take(listed).cloned().collect();
        let more = found.others.len() - places.len();
        if more > 0 {
            places.push(format!("and {} more", calico_ipv6_engine::cidr::grouped(more as u128)));
        }
        group = group.element(Level::NOTE.with_name("also at").message(places.join("\n")));
    }
    let more = format!("calico-ipv6 explain {}", found.rule);
    for (name, text) in [("impact", &found.consequence), ("help", &found.help), ("see", &more)] {
        if !text.is_empty() {
            group = group.element(note(name, text, found.at));
        }
    }
    let mut groups = vec![group];
    for (place, text) in &found.related {
        let origin =
            Origin::path(place.file.as_str()).line(place.position.line).char_column(place.position.column);
        groups.push(Level::NOTE.secondary_title(text.as_str()).element(origin));
    }
    let rendered = renderer().render(&groups);
    format!("{}\n", with_location(rendered, &found.file, found.at, &found.excerpt))
}

/// A text that cannot be read, at the location that says why.
pub(crate) fn input_error(name: &str, text: &str, error: &InputError) -> String {
    let problem = problem(text, error);
    let name = shown(name);
    let Some(range) = problem.range else {
        return format!("error: {name}: {}; {}\n", shown(&problem.message), problem.help);
    };
    let at = position(text, range.start);
    let (message, label) = (shown(&problem.message), shown(&problem.label));
    let excerpt = excerpt(text, &range);
    let group: Group<'_> = Level::ERROR
        .primary_title(message)
        .element(snippet(&name, at, &excerpt, &label))
        .element(note("help", problem.help, at));
    let rendered = renderer().render(&[group]);
    format!("{}\n", with_location(rendered, &name, at, &excerpt))
}

/// A note below a snippet, wrapped beside its name.
fn note<'a>(name: &'a str, text: &str, at: Position) -> Message<'a> {
    // `   = name: `, after the width of the line number.
    let indent = at.line.to_string().len() + name.len() + 5;
    let lines = wrapped(text, width().saturating_sub(indent), "", "");
    Level::NOTE.with_name(name).message(lines.join("\n"))
}

/// The line of a range.
fn snippet<'a>(
    name: &'a str,
    at: Position,
    excerpt: &'a Excerpt,
    label: &'a str,
) -> Snippet<'a, Annotation<'a>> {
    let label = (!label.is_empty()).then_some(label);
    Snippet::source(excerpt.text.as_str())
        .path(name)
        .line_start(at.line)
        .annotation(AnnotationKind::Primary.span(excerpt.span.clone()).label(label))
}

/// States the column of the file: the renderer counts that of the excerpt, which may be cut, masked or escaped.
fn with_location(rendered: String, name: &str, at: Position, excerpt: &Excerpt) -> String {
    let counted = excerpt.text[..excerpt.span.start].chars().count() + 1;
    let place = |column: usize| format!("{name}:{}:{column}", at.line);
    if counted == at.column {
        return rendered;
    }
    match rendered.split_once("--> ") {
        Some((title, rest)) => format!("{title}--> {}", rest.replacen(&place(counted), &place(at.column), 1)),
        None => rendered,
    }
}

/// A unified diff, in colour if standard output takes it. On a terminal its lines are escaped; piped, it must apply.
pub(crate) fn diff(text: String) -> String {
    let is_plain = anstream::AutoStream::choice(&std::io::stdout()) == anstream::ColorChoice::Never;
    let is_terminal = std::io::stdout().is_terminal();
    if is_plain && !is_terminal {
        return text;
    }
    let line = |line: &str| {
        let (line, end) = line.split_at(line.trim_end_matches(['\n', '\r']).len());
        let line = if is_terminal { escaped(line).replace("\\t", "\t") } else { line.to_owned() };
        let style = match line.as_bytes().first() {
            Some(b'+') => AnsiColor::Green,
            Some(b'-') => AnsiColor::Red,
            Some(b'@') => AnsiColor::Cyan,
            _ => return format!("{line}{end}"),
        };
        let style = style.on_default();
        if is_plain { format!("{line}{end}") } else { format!("{style}{line}{style:#}{end}") }
    };
    text.split_inclusive('\n').map(line).collect()
}
