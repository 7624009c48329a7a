//! Findings for other programs, a line or an element for each.

use crate::args::FailOn;
use crate::people::{Text, shown, text};
use calico_ipv6_data::{Finding, Lint, LintFinding, LintedFile, Problem, Severity};

/// A file that is not available, as a problem.
pub(super) fn unavailable(message: String) -> Problem {
    let help = "check that the file exists and can be read";
    Problem { message, label: String::new(), help, place: None }
}

/// A file that is not checked because nobody knows for which target, as a problem.
pub(super) fn wrong_target(message: String) -> Problem {
    Problem { message, label: String::new(), help: "correct what is requested of this cluster", place: None }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// What a finding says: what it is, what happens, what to do.
pub(super) fn texts(finding: &Finding) -> impl Iterator<Item = &str> {
    let all = [&finding.message, &finding.consequence, &finding.help];
    all.into_iter().map(String::as_str).filter(|text| !text.is_empty())
}

/// `file:line:column: severity[RULE] message`, as compilers write it.
pub(super) fn concise(lint: &Lint) -> Text {
    let mut out = Text::default();
    for file in &lint.files {
        let name = shown(&file.name);
        if let Some(problem) = &file.problem {
            let place =
                problem.place.map_or_else(Text::default, |place| text!(":{}:{}", place.line, place.column));
            out.push(&text!("{}{}: error: {}\n", name, place, shown(&problem.message)));
        }
        for LintFinding { finding, .. } in &file.findings {
            out.push(&text!(
                "{}:{}:{}: {}[{}] {}\n",
                name,
                finding.place.line,
                finding.place.column,
                word(finding.severity),
                finding.rule,
                shown(&finding.message)
            ));
        }
    }
    out
}

/// Workflow commands of GitHub Actions, which become annotations.
pub(super) fn github(lint: &Lint) -> Text {
    let mut out = Text::default();
    for file in &lint.files {
        // Annotations are shown at files of the repository, whose names begin with no `./`.
        let name = property(file.name.trim_start_matches("./"));
        if let Some(problem) = &file.problem {
            let line = problem.place.map_or(1, |place| place.line);
            out.push(&text!("::error file={},line={}::{}\n", name, line, data(&problem.message)));
        }
        for LintFinding { finding, .. } in &file.findings {
            let level = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "notice",
            };
            let texts: Vec<Text> = texts(finding).map(data).collect();
            let place = finding.place;
            out.push(&text!(
                "::{} file={},line={},col={},endLine={},title={}::{}\n",
                level,
                name,
                place.line,
                place.column,
                place.end_line,
                text!("{} {}", finding.rule, finding.name),
                Text::join(&texts, "%0A")
            ));
        }
    }
    out
}

/// The annotation of a lint that ended before it checked the files.
pub(super) fn github_not_checked(error: &str) -> Text {
    text!("::error title=calico-ipv6::{}\n", data(error))
}

/// The data of a workflow command (actions/toolkit, packages/core/src/command.ts).
fn data(text: &str) -> Text {
    let line = |line: &str| Text::ours(&shown(line).as_str().replace('%', "%25"));
    Text::join(&text.lines().map(line).collect::<Vec<_>>(), "%0A")
}

/// A property of a workflow command.
fn property(text: &str) -> Text {
    Text::ours(&shown(text).as_str().replace('%', "%25").replace(':', "%3A").replace(',', "%2C"))
}

/// JUnit XML as CI servers read it: a file is a test suite, a finding a test, which fails if --fail-on says so.
pub(super) fn junit(lint: &Lint, fail_on: FailOn) -> Text {
    let fails = |found: &LintFinding| match fail_on {
        FailOn::Never => false,
        FailOn::Error => found.finding.severity == Severity::Error,
        FailOn::Warning => found.finding.severity != Severity::Info,
        FailOn::Info => true,
    };
    let failed = |file: &LintedFile| {
        file.findings.iter().filter(|finding| fails(finding)).count() + usize::from(file.problem.is_some())
    };
    let all = |file: &LintedFile| (file.findings.len() + usize::from(file.problem.is_some())).max(1);
    let failures: usize = lint.files.iter().map(failed).sum();
    let tests: usize = lint.files.iter().map(all).sum();
    let mut out = text!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"calico-ipv6\" tests=\"{}\" failures=\"{}\">\n",
        tests,
        failures
    );
    for file in &lint.files {
        let name = xml(&file.name);
        let (failures, tests) = (failed(file), all(file));
        out.push(&text!("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", name, tests, failures));
        if file.findings.is_empty() && file.problem.is_none() {
            out.push(&text!("    <testcase name=\"no findings\" classname=\"{}\"/>\n", name));
        }
        if let Some(problem) = &file.problem {
            let message = xml(&problem.message);
            out.push(&case(&"not checked".into(), &name, "error", &message, &message));
        }
        for found @ LintFinding { finding, .. } in &file.findings {
            let place = text!("{}:{}:{}", name, finding.place.line, finding.place.column);
            let title = text!("{} {}:{}", finding.rule, finding.place.line, finding.place.column);
            let lines: Vec<Text> = core::iter::once(place).chain(texts(finding).map(xml)).collect();
            let body = Text::join(&lines, "\n");
            let message = xml(&finding.message);
            out.push(&if fails(found) {
                case(&title, &name, word(finding.severity), &message, &body)
            } else {
                passed(&title, &name, &text!("{}: {}", word(finding.severity), body))
            });
        }
        out.push(&"  </testsuite>\n".into());
    }
    out.push(&"</testsuites>\n".into());
    out
}

/// JUnit XML of a lint that ended before it checked the files: one test, which fails.
pub(super) fn junit_not_checked(error: &str) -> Text {
    let error = xml(error);
    let failed = case(&"nothing was checked".into(), &"calico-ipv6".into(), "error", &error, &error);
    text!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"calico-ipv6\" tests=\"1\" failures=\"1\">\n  <testsuite name=\"calico-ipv6\" tests=\"1\" failures=\"1\">\n{}  </testsuite>\n</testsuites>\n",
        failed
    )
}

/// A test that passed, with what is to be said about it.
fn passed(title: &Text, class: &Text, body: &Text) -> Text {
    text!(
        "    <testcase name=\"{}\" classname=\"{}\">\n      <system-out>{}</system-out>\n    </testcase>\n",
        title,
        class,
        body
    )
}

fn case(title: &Text, class: &Text, kind: &'static str, message: &Text, body: &Text) -> Text {
    text!(
        "    <testcase name=\"{}\" classname=\"{}\">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
        title,
        class,
        kind,
        message,
        body
    )
}

/// A text in XML 1.0. Characters that XML cannot contain are escaped before.
fn xml(text: &str) -> Text {
    let escaped = shown(text).as_str().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Text::ours(&escaped.replace('"', "&quot;"))
}
