//! Findings at their place in the user's file.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::AnsiColor;
use calico_ipv6_engine::model::InputError;
use calico_ipv6_engine::output::problem::problem;
use calico_ipv6_engine::rules::{Diagnostic, Severity};
use calico_ipv6_engine::source::{line_end, line_start, next_line, position};

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

fn renderer() -> Renderer {
    Renderer::styled()
}

/// A finding with its line, its label, and what happens and what to do below.
pub(crate) fn finding(name: &str, text: &str, finding: &Diagnostic) -> String {
    let more = format!("calico-ipv6 explain {}", finding.rule.id);
    let title = level(finding.severity).primary_title(finding.message.as_str()).id(finding.rule.id);
    let mut group = title.element(snippet(name, text, finding.range.clone(), &finding.label));
    for (what, words) in [("impact", &finding.consequence), ("help", &finding.help), ("see", &more)] {
        if !words.is_empty() {
            group = group.element(Level::NOTE.with_name(None::<&str>).message(format!("{what}: {words}")));
        }
    }
    format!("{}\n", renderer().render(&[group]))
}

/// A text that cannot be read, at the place that says why.
pub(crate) fn input_error(name: &str, text: &str, error: &InputError) -> String {
    let problem = problem(text, error);
    let Some(range) = problem.range else {
        return format!("error: {name}: {}; {}\n", problem.message, problem.help);
    };
    let group: Group<'_> = Level::ERROR
        .primary_title(problem.message)
        .element(snippet(name, text, range, &problem.label))
        .element(Level::NOTE.with_name(None::<&str>).message(format!("help: {}", problem.help)));
    format!("{}\n", renderer().render(&[group]))
}

/// The lines around a range: only these are given to the renderer, which would else count through the whole file.
fn snippet<'a>(
    name: &'a str,
    text: &'a str,
    range: std::ops::Range<usize>,
    label: &'a str,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let mut start = range.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let from = line_start(text, start);
    let last = line_end(text, start);
    let mut end = range.end.clamp(start, last);
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let until = next_line(text, start);
    let label = (!label.is_empty()).then_some(label);
    Snippet::source(&text[from..until])
        .path(name)
        .line_start(position(text, start).line)
        .annotation(AnnotationKind::Primary.span(start - from..end - from).label(label))
}

/// A unified diff, in colour where standard output takes it.
pub(crate) fn diff(text: String) -> String {
    if anstream::AutoStream::choice(&std::io::stdout()) == anstream::ColorChoice::Never {
        return text;
    }
    let colour = |line: &str| {
        let style = match line.as_bytes().first() {
            Some(b'+') => AnsiColor::Green,
            Some(b'-') => AnsiColor::Red,
            Some(b'@') => AnsiColor::Cyan,
            _ => return line.to_owned(),
        };
        let style = style.on_default();
        let (line, end) = line.split_at(line.trim_end_matches(['\n', '\r']).len());
        format!("{style}{line}{style:#}{end}")
    };
    text.split_inclusive('\n').map(colour).collect()
}
