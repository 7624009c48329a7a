//! Findings of all files: one that occurs in many places is printed once, with its places.

use crate::people::{Text, shown, text};
use crate::render;
use crate::summary::count;
use calico_ipv6_engine::diagnostic;
use calico_ipv6_engine::output::excerpt::{Excerpt, Excerpts};
use calico_ipv6_engine::rules::{Applicability, Diagnostic, Severity};
use calico_ipv6_engine::source::{Place, Position};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many places are listed after the first one.
const LISTED: usize = 4;

/// How many findings of a rule are printed. Nobody reads more, and each is a page of a terminal.
const PRINTED: usize = 1000;

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
    /// Where else it occurs, in the order in which that was found: all places, or the first ones.
    pub(crate) others: Vec<Text>,
    /// How many more places there are.
    pub(crate) more: usize,
    /// In how many clusters it occurs.
    pub(crate) clusters: usize,
    last_cluster: usize,
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
    /// How many clusters were begun.
    clusters: usize,
    /// The file that was added to last, and the places of each finding in it.
    last_file: Text,
    in_file: HashSet<(usize, Position)>,
    /// How many findings of each rule are printed, and how many are not.
    of_rules: BTreeMap<&'static str, Counts>,
    /// Every finding and every place of it is listed, and not only the first ones.
    lists_all: bool,
    /// Whether fixes are shown.
    has_fixes: bool,
}

/// How many findings of a rule there are.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    printed: usize,
    left_out: usize,
}

impl Counts {
    /// Whether another finding is left out, which is counted; `lists_all`: none is.
    fn leave_out(&mut self, lists_all: bool) -> bool {
        let is_left_out = !lists_all && self.printed >= PRINTED;
        self.left_out += usize::from(is_left_out);
        is_left_out
    }
}

/// The findings of a file that are printed.
#[derive(Debug, Default)]
pub(crate) struct Told {
    findings: Vec<Prepared>,
    of_rules: BTreeMap<&'static str, Counts>,
}

impl Told {
    /// `lists_all`: also those that nobody reads.
    pub(crate) fn of<'d>(
        name: &str,
        excerpts: &Excerpts<'_>,
        found: impl Iterator<Item = &'d Diagnostic>,
        lists_all: bool,
    ) -> Told {
        let mut told = Told::default();
        for diagnostic in found {
            let counts = told.of_rules.entry(diagnostic.rule.id).or_default();
            if !counts.leave_out(lists_all) {
                counts.printed += 1;
                told.findings.push(Prepared::of(name, excerpts, diagnostic, false));
            }
        }
        told
    }
}

/// A finding with its texts, which take most of the time, before it is known whether it was found elsewhere.
#[derive(Debug)]
struct Prepared {
    key: Key,
    finding: Finding,
}

impl Prepared {
    /// `has_fixes`: with what its fix does.
    fn of(name: &str, excerpts: &Excerpts<'_>, found: &Diagnostic, has_fixes: bool) -> Prepared {
        // What a rule says of every place quotes nothing.
        let told = |text: &Cow<'static, str>| match text {
            Cow::Borrowed(of_rule) => Text::from(*of_rule),
            Cow::Owned(message) => shown(&excerpts.message(&found.range, message)),
        };
        let [message, consequence, help] = [&found.message, &found.consequence, &found.help].map(told);
        let texts = [message.clone(), consequence.clone(), help.clone()];
        let key = Key { rule: found.rule.id, is_error: found.severity == Severity::Error, texts };
        let related = |related: &diagnostic::Related| {
            let Place { file, position } = &related.place;
            Related { file: shown(file), at: *position, text: shown(&related.text) }
        };
        let fix = match found.fix.as_ref().filter(|_| has_fixes) {
            None => Text::default(),
            Some(fix) if fix.applicability == Applicability::Unsafe => {
                text!("{} (unsafe)", told(&fix.title().into()))
            }
            Some(fix) => told(&fix.title().into()),
        };
        let finding = Finding {
            rule: found.rule.id,
            severity: found.severity,
            message,
            label: shown(&excerpts.message(&found.range, &found.label)),
            consequence,
            help,
            fix,
            related: found.related.iter().map(related).collect(),
            file: shown(name),
            at: excerpts.lines().position(found.range.start),
            excerpt: excerpts.excerpt(&found.range),
            others: Vec::new(),
            more: 0,
            clusters: 1,
            last_cluster: 0,
        };
        Prepared { key, finding }
    }
}

impl Findings {
    /// `lists_all`: all of them with every place of each, and not only the first ones.
    pub(crate) fn new(lists_all: bool) -> Findings {
        Findings { lists_all, ..Findings::default() }
    }

    /// Findings that are shown with what their fixes do.
    pub(crate) fn with_fixes(lists_all: bool) -> Findings {
        Findings { has_fixes: true, lists_all, ..Findings::default() }
    }

    /// What is added from now on is of another cluster.
    pub(crate) fn begin_cluster(&mut self) {
        self.clusters += 1;
    }

    /// Adds a finding of a file.
    pub(crate) fn add(&mut self, name: &str, excerpts: &Excerpts<'_>, found: &Diagnostic) {
        if !self.of_rules.entry(found.rule.id).or_default().leave_out(self.lists_all) {
            self.insert(Prepared::of(name, excerpts, found, self.has_fixes));
        }
    }

    /// Adds the findings of a file.
    pub(crate) fn add_all(&mut self, told: Told) {
        told.findings.into_iter().for_each(|finding| self.insert(finding));
        for (rule, counts) in told.of_rules {
            self.of_rules.entry(rule).or_default().left_out += counts.left_out;
        }
    }

    /// Adds a finding. Those of a file come one after the other.
    fn insert(&mut self, prepared: Prepared) {
        let Prepared { key, finding } = prepared;
        if self.last_file != finding.file {
            self.last_file = finding.file.clone();
            self.in_file.clear();
        }
        let index = self.known.get(&key).copied().unwrap_or(self.all.len());
        if !self.in_file.insert((index, finding.at)) {
            return;
        }
        if let Some(same) = self.all.get_mut(index) {
            if self.lists_all || same.others.len() < LISTED {
                same.others.push(text!("{}:{}:{}", finding.file, finding.at.line, finding.at.column));
            } else {
                same.more += 1;
            }
            if same.last_cluster != self.clusters {
                same.last_cluster = self.clusters;
                same.clusters += 1;
            }
            return;
        }
        let counts = self.of_rules.entry(finding.rule).or_default();
        if counts.leave_out(self.lists_all) {
            return;
        }
        counts.printed += 1;
        self.known.insert(key, index);
        self.all.push(Finding { last_cluster: self.clusters, ..finding });
    }

    /// Adds a text that is printed after all findings.
    pub(crate) fn note(&mut self, text: &Text) {
        self.notes.push(text);
    }

    /// All of it.
    pub(crate) fn report(&mut self) -> Text {
        self.known.clear();
        let mut out: Text = self.all.drain(..).map(|found| render::finding(&found)).collect();
        for (rule, counts) in std::mem::take(&mut self.of_rules) {
            if counts.left_out > 0 {
                let number = count(counts.left_out, "finding");
                out.push(&text!("{}: {} not shown; -v shows all of them\n\n", rule, number));
            }
        }
        out.push(&std::mem::take(&mut self.notes));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{Excerpts, Findings, Told};
    use calico_ipv6_engine::diagnostic::{Parts, Related};
    use calico_ipv6_engine::rules::{Diagnostic, Severity, find};
    use calico_ipv6_engine::source::{Place, Position};

    fn found(message: &str) -> Diagnostic {
        Diagnostic::from(Parts {
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
        })
    }

    fn printed(findings: &mut Findings) -> String {
        anstream::adapter::strip_str(findings.report().as_str()).to_string()
    }

    #[test]
    fn the_same_finding_is_printed_once_with_its_places() {
        let text = Excerpts::new("a: bcd\n");
        for (verbose, last) in [(false, "and 3 more"), (true, "f7.yaml:1:4")] {
            let mut findings = Findings::new(verbose);
            for file in 0..8 {
                findings.begin_cluster();
                for _ in 0..2 {
                    findings.add(&format!("f{file}.yaml"), &text, &found("one"));
                }
            }
            findings.add("f0.yaml", &text, &found("another"));
            findings.note(&"f0.yaml: not transformed\n".into());
            let text = printed(&mut findings);
            assert_eq!(text.matches("warning[NODE-003]: one").count(), 1, "{text}");
            assert_eq!(text.matches("warning[NODE-003]: another").count(), 1, "{text}");
            assert_eq!(text.matches("f1.yaml:1:4").count(), 1, "{text}");
            assert!(text.contains(" = also at: f1.yaml:1:4\n"), "{text}");
            assert!(text.contains(last), "{text}");
            assert_eq!(text.contains("more"), !verbose, "{text}");
            assert_eq!(text.matches("in 8 clusters").count(), 1, "{text}");
            assert!(text.ends_with("f0.yaml: not transformed\n"), "{text}");
        }
    }

    #[test]
    fn of_a_rule_that_finds_thousands_the_first_are_printed() {
        let excerpts = Excerpts::new("a: bcd\n");
        let all: Vec<_> = (0..1203).map(|i| found(&format!("number {i}."))).collect();
        for (lists_all, last) in
            [(false, "NODE-003: 203 findings not shown; -v shows all of them\n\n"), (true, "")]
        {
            let mut of_a_file = Findings::new(lists_all);
            of_a_file.add_all(Told::of("a.yaml", &excerpts, all.iter(), lists_all));
            let mut of_many = Findings::new(lists_all);
            for (i, one) in all.iter().enumerate() {
                of_many.add(&format!("f{i}.yaml"), &excerpts, one);
            }
            for text in [printed(&mut of_a_file), printed(&mut of_many)] {
                let shown = if lists_all { 1203 } else { 1000 };
                assert_eq!(text.matches("warning[NODE-003]: number").count(), shown);
                assert!(text.ends_with(last), "{}", &text[text.len() - 200..]);
            }
        }
    }

    #[test]
    fn related_places_are_notes() {
        let place = Place { file: "k\u{1b}.yaml".to_owned(), position: Position { line: 12, column: 5 } };
        let related = vec![Related { place, text: "the range is set here".to_owned() }];
        let mut findings = Findings::default();
        findings.add(
            "a.yaml",
            &Excerpts::new("a: bcd\n"),
            &Diagnostic::from(Parts { related, ..found("one").into_parts() }),
        );
        let text = printed(&mut findings);
        assert!(text.contains("note: the range is set here\n"), "{text}");
        assert!(text.contains(" k\\u{1b}.yaml:12:5"), "{text}");
    }
}
