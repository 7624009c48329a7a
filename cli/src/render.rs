//! Findings at their locations in the user's files.

use crate::findings::Finding;
use crate::people::{Text, shown, text};
use crate::terminal::{width, wrapped};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Origin, Renderer, Snippet};
use anstyle::AnsiColor;
use calico_ipv6_engine::model::InputError;
use calico_ipv6_engine::output::escape::escaped;
use calico_ipv6_engine::output::excerpt::{Excerpt, Excerpts};
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
pub(crate) fn finding(found: &Finding) -> Text {
    let title = level(found.severity).primary_title(found.message.as_str()).id(found.rule);
    let mut group = title.element(snippet(&found.file, found.at, &found.excerpt, &found.label));
    if !found.others.is_empty() {
        let grouped = |number: usize| Text::ours(&calico_ipv6_engine::cidr::grouped(number as u128));
        let mut places = found.others.clone();
        let more = (found.more > 0).then(|| text!("and {} more", grouped(found.more)));
        let clusters = (found.clusters > 1).then(|| text!("in {} clusters", grouped(found.clusters)));
        let rest: Vec<Text> = more.into_iter().chain(clusters).collect();
        if !rest.is_empty() {
            places.push(Text::join(&rest, ", "));
        }
        let places = Text::join(&places, "\n");
        group = group.element(Level::NOTE.with_name("also at").message(places.as_str().to_owned()));
    }
    let more = text!("calico-ipv6 explain {}", found.rule);
    let notes = [("impact", &found.consequence), ("help", &found.help), ("fix", &found.fix), ("see", &more)];
    for (name, text) in notes {
        if !text.is_empty() {
            group = group.element(note(name, text, found.at));
        }
    }
    let mut groups = vec![group];
    for related in &found.related {
        let origin = Origin::path(related.file.as_str()).line(related.at.line).char_column(related.at.column);
        groups.push(Level::NOTE.secondary_title(related.text.as_str()).element(origin));
    }
    rendered(&groups, &found.file, found.at, &found.excerpt)
}

/// A text that cannot be read, at the location that says why.
pub(crate) fn input_error(name: &str, text: &str, error: &InputError) -> Text {
    let problem = problem(text, error);
    let name = shown(name);
    let (message, label) = (shown(&problem.message), shown(&problem.label));
    let Some(range) = problem.range else {
        return text!("error: {}: {}; {}\n", name, message, problem.help);
    };
    let at = position(text, range.start);
    let excerpt = Excerpts::of_refused(text).excerpt(&range);
    let group: Group<'_> = Level::ERROR
        .primary_title(message.as_str())
        .element(snippet(&name, at, &excerpt, &label))
        .element(note("help", &problem.help.into(), at));
    rendered(&[group], &name, at, &excerpt)
}

/// A note below a snippet, wrapped beside its name.
fn note<'a>(name: &'static str, text: &Text, at: Position) -> Message<'a> {
    // `   = name: `, after the width of the line number.
    let indent = at.line.to_string().len() + name.len() + 5;
    let none = Text::default();
    let lines = wrapped(text, width().saturating_sub(indent), &none, &none);
    Level::NOTE.with_name(name).message(Text::join(&lines, "\n").as_str().to_owned())
}

/// The line of a range.
fn snippet<'a>(
    name: &'a Text,
    at: Position,
    excerpt: &'a Excerpt,
    label: &'a Text,
) -> Snippet<'a, Annotation<'a>> {
    let label = (!label.is_empty()).then_some(label.as_str());
    Snippet::source(excerpt.text.as_str())
        .path(name.as_str())
        .line_start(at.line)
        .annotation(AnnotationKind::Primary.span(excerpt.span.clone()).label(label))
}

/// States the column of the file: the renderer counts that of the excerpt, which may be cut, masked or escaped.
fn rendered(groups: &[Group<'_>], name: &Text, at: Position, excerpt: &Excerpt) -> Text {
    let rendered = renderer().render(groups);
    let counted = excerpt.text[..excerpt.span.start].chars().count() + 1;
    let place = |column: usize| format!("{name}:{}:{column}", at.line);
    let rendered = match rendered.split_once("--> ") {
        Some((title, rest)) if counted != at.column => {
            format!("{title}--> {}", rest.replacen(&place(counted), &place(at.column), 1))
        }
        _ => rendered,
    };
    text!("{}\n", Text::rendered(&rendered))
}

/// A unified diff, in colour if standard output takes it.
pub(crate) fn diff(text: String) -> String {
    let is_plain = anstream::AutoStream::choice(&std::io::stdout()) == anstream::ColorChoice::Never;
    diff_for(text, std::io::stdout().is_terminal(), !is_plain)
}

/// On a terminal the lines of the files are escaped. In a pipe they are the bytes of the files: a patch must apply.
fn diff_for(text: String, is_terminal: bool, is_styled: bool) -> String {
    if !is_styled && !is_terminal {
        return text;
    }
    let line = |line: &str| {
        let (line, end) = line.split_at(line.trim_end_matches(['\n', '\r']).len());
        let line = if is_terminal { without_controls(line) } else { line.to_owned() };
        let style = match line.as_bytes().first() {
            Some(b'+') => AnsiColor::Green,
            Some(b'-') => AnsiColor::Red,
            Some(b'@') => AnsiColor::Cyan,
            _ => return format!("{line}{end}"),
        };
        let style = style.on_default();
        if is_styled { format!("{style}{line}{style:#}{end}") } else { format!("{line}{end}") }
    };
    text.split_inclusive('\n').map(line).collect()
}

/// The text of a file for standard output: on a terminal its characters must not act.
pub(crate) fn for_output(text: String) -> String {
    if std::io::stdout().is_terminal() { for_terminal(&text) } else { text }
}

/// The text of a file for a terminal.
fn for_terminal(text: &str) -> String {
    let line = |line: &str| {
        let (line, end) = line.split_at(line.trim_end_matches(['\n', '\r']).len());
        without_controls(line) + end
    };
    text.split_inclusive('\n').map(line).collect()
}

/// A line with escapes; tabs stay.
fn without_controls(line: &str) -> String {
    line.split('\t').map(escaped).collect::<Vec<_>>().join("\t")
}

#[cfg(test)]
mod tests {
    use super::diff_for;

    #[test]
    fn the_lines_of_a_diff_are_escaped_on_a_terminal_only() {
        let text = " a\u{1b}[2K\tb\n-c\u{202e}\r\n";
        assert_eq!(diff_for(text.to_owned(), false, false), text);
        assert_eq!(diff_for(text.to_owned(), true, false), " a\\u{1b}[2K\tb\n-c\\u{202e}\r\n");
        assert_eq!(
            diff_for(text.to_owned(), true, true),
            " a\\u{1b}[2K\tb\n\u{1b}[31m-c\\u{202e}\u{1b}[0m\r\n"
        );
        assert!(diff_for(text.to_owned(), false, true).contains("\u{1b}[31m-c\u{202e}\u{1b}[0m\r\n"));
    }
}
