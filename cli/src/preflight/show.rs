//! The report of `preflight` as text.

use crate::command::Verbosity;
use crate::people::{Text, name, shown, text};
use crate::terminal::prose;
use anstyle::{AnsiColor, Style};
use calico_ipv6_engine::cidr::count;
use calico_ipv6_engine::preflight::{Check, Finding, Read, Report, Verdict};
use std::path::Path;

/// The whole report: a row for each check, the findings, and how many there are of each verdict.
pub(super) fn report(report: &Report, root: Option<&Path>, verbosity: Verbosity) -> Text {
    let findings = report.checks.iter().filter_map(|check| Some((check, check.finding.as_ref()?)));
    if verbosity.quiet {
        let errors = findings.filter(|(check, _)| check.verdict == Verdict::Error);
        return errors.map(|(check, found)| finding(check, found, root)).collect();
    }
    let of = root.map_or_else(|| "this host".into(), |root| shown(&name(root)));
    let mut out = text!("{}, judged for {}\n", of, report.to);
    let width = report.checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    for check in &report.checks {
        out.push(&row(check, width, root, verbosity.verbose));
    }
    for (check, found) in findings.filter(|(check, _)| verbosity.verbose || check.verdict != Verdict::Info) {
        out.push(&"\n".into());
        out.push(&finding(check, found, root));
    }
    out.push(&summary(report));
    out
}

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Ok => AnsiColor::Green.on_default(),
        Verdict::Warning => AnsiColor::Yellow.on_default().bold(),
        Verdict::Error => AnsiColor::Red.on_default().bold(),
        Verdict::Info | Verdict::NotChecked => Style::new(),
    }
}

fn row(check: &Check, width: usize, root: Option<&Path>, with_files: bool) -> Text {
    let word = check.verdict.word();
    let style = style(check.verdict);
    let after_word = Text::spaces("not checked".len() - word.len());
    let after_name = Text::spaces(width - check.name.len());
    let files = || Text::join(&check.read.iter().map(|read| path(read, root)).collect::<Vec<_>>(), ", ");
    let value = match check.verdict {
        Verdict::NotChecked => text!("{}: {}", files(), shown(&check.value)),
        _ if with_files => text!("{} ({})", shown(&check.value), files()),
        _ => shown(&check.value),
    };
    text!("  {}{}{:#}{}  {}{}  {}\n", style, word, style, after_word, check.name, after_name, value)
}

fn finding(check: &Check, found: &Finding, root: Option<&Path>) -> Text {
    let style = style(check.verdict);
    let mut out =
        text!("{}{}[{}]{:#}: {}\n", style, found.severity, found.rule.id, style, shown(&found.message));
    for read in &check.read {
        out.push(&note("read", &text!("{}: {}", path(read, root), shown(&read.value))));
    }
    if !found.expected.is_empty() {
        out.push(&note("expected", &shown(&found.expected)));
    }
    out.push(&note("impact", &shown(&found.consequence)));
    out.push(&note("help", &shown(&found.help)));
    let source = found.rule.texts().sources.first().map(|source| Text::ours(&source.url()));
    out.push(&text!("  see: calico-ipv6 explain {}\n", found.rule.id));
    if let Some(source) = source {
        out.push(&text!("       {}\n", source));
    }
    out
}

fn note(name: &'static str, value: &Text) -> Text {
    prose(value, &text!("  {}: ", name), &Text::spaces(name.len() + 4))
}

/// Where a file is: below the folder of a copy, or where the user passed it.
fn path(read: &Read, root: Option<&Path>) -> Text {
    match root {
        Some(root) if read.of_host => shown(&name(&root.join(read.path.trim_start_matches('/')))),
        _ => shown(&read.path),
    }
}

fn summary(report: &Report) -> Text {
    let number = |verdict| report.count(verdict) as u128;
    let parts = [
        Text::ours(&count(number(Verdict::Error), "error")),
        Text::ours(&count(number(Verdict::Warning), "warning")),
        text!("{} ok", report.count(Verdict::Ok)),
        text!("{} for information", report.count(Verdict::Info)),
        text!("{} not checked", report.count(Verdict::NotChecked)),
    ];
    text!("\n{}\n", Text::join(&parts, ", "))
}
