//! Findings of all files: one that occurs in many places is printed once, with its places.

use crate::people::{Text, shown, text};
use crate::render;
use calico_ipv6_engine::diagnostic;
use calico_ipv6_engine::output::excerpt::{Excerpt, Excerpts};
use calico_ipv6_engine::rules::{Applicability, Diagnostic, Severity};
use calico_ipv6_engine::source::{Place, Position};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// How many places are listed after the first one.
const LISTED: usize = 4;

/// A finding with its first place, ready to print.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: Text,
    pub(crate) label: Text,
    pub(crate) consequence: Text,
    pub(crate) help: Text,
    /// What its fix does, if fixes are shown.
    pub(crate) fix: Text,
    /// Other places that belong to it, with what is there.
    pub(crate) related: Vec<Related>,
    pub(crate) file: Text,
    pub(crate) at: Position,
    pub(crate) excerpt: Excerpt,
    /// Where else it occurs, in the order in which that was found.
    pub(crate) others: Vec<Text>,
    known: HashSet<Text>,
}

/// Another place of a finding.
#[derive(Debug)]
pub(crate) struct Related {
    pub(crate) file: Text,
    pub(crate) at: Position,
    pub(crate) text: Text,
}

/// What makes two findings the same.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    rule: &'static str,
    is_error: bool,
    texts: [Text; 3],
}

/// What is printed about all files.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    all: Vec<Finding>,
    known: HashMap<Key, usize>,
    notes: Text,
    /// Whether fixes are shown.
    has_fixes: bool,
}

impl Findings {
    /// Findings that are shown with what their fixes do.
    pub(crate) fn with_fixes() -> Findings {
        Findings { has_fixes: true, ..Findings::default() }
    }

    /// Adds a finding of a file.
    pub(crate) fn add(&mut self, name: &str, excerpts: &Excerpts<'_>, found: &Diagnostic) {
        // What a rule says of every place quotes nothing.
        let told = |text: &Cow<'static, str>| match text {
            Cow::Borrowed(of_rule) => Text::from(*of_rule),
            Cow::Owned(message) => shown(&excerpts.message(&found.range, message)),
        };
        let texts = [&found.message, &found.consequence, &found.help].map(told);
        let key =
            Key { rule: found.rule.id, is_error: found.severity == Severity::Error, texts: texts.clone() };
        let at = excerpts.lines().position(found.range.start);
        let file = shown(name);
        if let Some(same) = self.known.get(&key).and_then(|i| self.all.get_mut(*i)) {
            let place = text!("{}:{}:{}", file, at.line, at.column);
            if place != text!("{}:{}:{}", same.file, same.at.line, same.at.column)
                && same.known.insert(place.clone())
            {
                same.others.push(place);
            }
            return;
        }
        let [message, consequence, help] = texts;
        let related = |related: &diagnostic::Related| {
            let Place { file, position } = &related.place;
            Related { file: shown(file), at: *position, text: shown(&related.text) }
        };
        let fix = match found.fix.as_ref().filter(|_| self.has_fixes) {
            None => Text::default(),
            Some(fix) if fix.applicability == Applicability::Unsafe => {
                text!("{} (unsafe)", told(&fix.title().into()))
            }
            Some(fix) => told(&fix.title().into()),
        };
        self.known.insert(key, self.all.len());
        self.all.push(Finding {
            rule: found.rule.id,
            severity: found.severity,
            message,
            label: shown(&excerpts.message(&found.range, &found.label)),
            consequence,
            help,
            fix,
            related: found.related.iter().map(related).collect(),
            file,
            at,
            excerpt: excerpts.excerpt(&found.range),
            others: Vec::new(),
            known: HashSet::new(),
        });
    }

    /// Adds a text that is printed after all findings.
    pub(crate) fn note(&mut self, text: &Text) {
        self.notes.push(text);
    }

    /// All of it. `verbose` lists every place.
    pub(crate) fn report(&mut self, verbose: bool) -> Text {
        self.known.clear();
        let listed = if verbose { usize::MAX } else { LISTED };
        let mut out: Text = self.all.drain(..).map(|found| render::finding(&found, listed)).collect();
        out.push(&std::mem::take(&mut self.notes));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{Excerpts, Findings};
    use calico_ipv6_engine::diagnostic::Related;
    use calico_ipv6_engine::rules::{Diagnostic, Severity, find};
    use calico_ipv6_engine::source::{Place, Position};

    fn found(message: &str) -> Diagnostic {
        Diagnostic {
            rule: find("NODE-003").unwrap(),
            severity: Severity::Warning,
            range: 3..6,
            path: String::new(),
            message: message.to_owned().into(),
            label: String::new(),
            related: Vec::new(),
            consequence: "pods have no IPv6".into(),
            help: "".into(),
            stops: None,
            fix: None,
        }
    }

    fn printed(findings: &mut Findings, verbose: bool) -> String {
        anstream::adapter::strip_str(findings.report(verbose).as_str()).to_string()
    }

    #[test]
    fn the_same_finding_is_printed_once_with_its_places() {
        let text = Excerpts::new("a: bcd\n");
        for (verbose, last) in [(false, "and 3 more"), (true, "f7.yaml:1:4")] {
            let mut findings = Findings::default();
            for file in 0..8 {
                findings.add(&format!("f{file}.yaml"), &text, &found("one"));
            }
            findings.add("f1.yaml", &text, &found("one"));
            findings.add("f0.yaml", &text, &found("another"));
            findings.note(&"f0.yaml: not transformed\n".into());
            let text = printed(&mut findings, verbose);
            assert_eq!(text.matches("warning[NODE-003]: one").count(), 1, "{text}");
            assert_eq!(text.matches("warning[NODE-003]: another").count(), 1, "{text}");
            assert_eq!(text.matches("f1.yaml:1:4").count(), 1, "{text}");
            assert!(text.contains(" = also at: f1.yaml:1:4\n"), "{text}");
            assert!(text.contains(last), "{text}");
            assert_eq!(text.contains("more"), !verbose, "{text}");
            assert!(text.ends_with("f0.yaml: not transformed\n"), "{text}");
        }
    }

    #[test]
    fn related_places_are_notes() {
        let place = Place { file: "k\u{1b}.yaml".to_owned(), position: Position { line: 12, column: 5 } };
        let related = vec![Related { place, text: "the range is set here".to_owned() }];
        let mut findings = Findings::default();
        findings.add("a.yaml", &Excerpts::new("a: bcd\n"), &Diagnostic { related, ..found("one") });
        let text = printed(&mut findings, false);
        assert!(text.contains("note: the range is set here\n"), "{text}");
        assert!(text.contains(" k\\u{1b}.yaml:12:5"), "{text}");
    }
}
