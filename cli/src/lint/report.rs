//! What a lint says to people: the findings, and a summary of what was checked.

use crate::args::{Lint, LintFormat};
use crate::command::Verbosity;
use crate::findings::Findings;
use crate::people::{Text, shown, text};
use crate::render;
use crate::summary::count;
use calico_ipv6_data::LintedCluster;
use calico_ipv6_engine::lint::{FixedFile, LintedFile};
use calico_ipv6_engine::model::InputError;
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::rules::{Applicability, Severity};
use calico_ipv6_engine::target::Stack;
use std::collections::BTreeMap;

use super::baseline::Baseline;

/// Counts and findings of all files.
pub(super) struct Report {
    findings: Findings,
    prints_text: bool,
    verbosity: Verbosity,
    /// The lowest severity that is shown.
    shown_from: Severity,
    /// Fixes are written.
    fixes: bool,
    /// Unsafe fixes, too.
    unsafe_fixes: bool,
    files: usize,
    files_with_findings: usize,
    unreadable: usize,
    counts: [usize; 3],
    fixable: usize,
    unsafely_fixable: usize,
    suppressed: usize,
    known: usize,
    changes: usize,
    changed_files: usize,
    /// How many clusters were checked for which stack.
    stacks: BTreeMap<Option<&'static str>, usize>,
    /// Whether the stacks are those of the files.
    is_as_found: bool,
}

impl Report {
    pub(super) fn new(args: &Lint, verbosity: Verbosity) -> Report {
        let shows_info = verbosity.verbose || args.fail_on == crate::args::FailOn::Info;
        let shown_from = match (verbosity.quiet, shows_info) {
            (true, _) => Severity::Error,
            (false, true) => Severity::Info,
            (false, false) => Severity::Warning,
        };
        Report {
            findings: Findings::with_fixes(verbosity.verbose),
            prints_text: args.output == LintFormat::Text,
            verbosity,
            shown_from,
            fixes: args.fix || args.unsafe_fixes,
            unsafe_fixes: args.unsafe_fixes,
            files: 0,
            files_with_findings: 0,
            unreadable: 0,
            counts: [0; 3],
            fixable: 0,
            unsafely_fixable: 0,
            suppressed: 0,
            known: 0,
            changes: 0,
            changed_files: 0,
            stacks: BTreeMap::new(),
            is_as_found: false,
        }
    }

    /// Adds the findings of a file; `known` are those of the baseline.
    pub(super) fn file(&mut self, name: &str, text: &str, found: &LintedFile, known: usize) {
        self.files += 1;
        self.files_with_findings += usize::from(!found.findings.is_empty());
        self.suppressed += found.suppressed;
        self.known += known;
        let excerpts = Excerpts::new(text);
        for finding in &found.findings {
            let diagnostic = &finding.diagnostic;
            self.counts[index(diagnostic.severity)] += 1;
            match diagnostic.fix.as_ref().map(|fix| fix.applicability) {
                Some(Applicability::Safe) => self.fixable += 1,
                Some(Applicability::Unsafe) => self.unsafely_fixable += 1,
                Some(Applicability::DisplayOnly) | None => {}
            }
            if self.prints_text && diagnostic.severity >= self.shown_from {
                self.findings.add(name, &excerpts, diagnostic);
            }
        }
    }

    /// Adds what was changed in a file.
    pub(super) fn fixed(&mut self, name: &str, text: &str, fixed: &FixedFile) {
        self.changes += fixed.changes.len();
        self.changed_files += usize::from(fixed.text.is_some());
        let excerpts = Excerpts::new(text);
        for refused in fixed.refused.iter().filter(|_| self.prints_text) {
            self.findings.add(name, &excerpts, refused);
        }
    }

    /// What is added from now on is of another cluster.
    pub(super) fn begin_cluster(&mut self) {
        self.findings.begin_cluster();
    }

    pub(super) fn input_error(&mut self, name: &str, text: &str, error: &InputError) {
        self.findings.note(&render::input_error(name, text, error));
    }

    pub(super) fn unreadable(&mut self) {
        self.unreadable += 1;
    }

    pub(super) fn cluster(&mut self, cluster: &LintedCluster, is_as_found: bool) {
        *self.stacks.entry(cluster.checked_for).or_default() += 1;
        self.is_as_found = is_as_found;
    }

    /// Whether there is a finding of this severity or a higher one.
    pub(super) fn has(&self, least: Severity) -> bool {
        self.counts[index(least)..].iter().any(|count| *count > 0)
    }

    /// All findings.
    pub(super) fn text(&mut self) -> Text {
        self.findings.report()
    }

    /// What was found, where, and for which stack.
    pub(super) fn summary(&self, baseline: &Baseline) -> Text {
        let mut out = Text::default();
        if self.changes > 0 {
            let files = count(self.changed_files, "file");
            out.push(&text!("{} written in {}\n", count(self.changes, "change"), files));
        }
        let [infos, warnings, errors] = self.counts;
        let named = [(errors, "error"), (warnings, "warning"), (infos, "note")];
        let counts: Vec<Text> =
            named.iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(*n, what)).collect();
        let files = count(self.files, "file");
        if self.files == 0 && self.unreadable > 0 {
            return text!("nothing was checked: {} not read\n", count(self.unreadable, "file"));
        }
        out.push(&match counts.is_empty() {
            true => text!("no findings in {}", files),
            false => {
                text!("{} in {} of {}", Text::join(&counts, ", "), self.files_with_findings, files)
            }
        });
        if self.unreadable > 0 {
            out.push(&text!("; {} not read", count(self.unreadable, "file")));
        }
        out.push(&text!("\n{}\n", self.checked_for()));
        let mut fixes = Vec::new();
        if !self.fixes && self.fixable > 0 {
            fixes.push(text!("{} with --fix", self.fixable));
        }
        if !self.unsafe_fixes && self.unsafely_fixable > 0 {
            fixes.push(text!("{} with --unsafe-fixes", self.unsafely_fixable));
        }
        if !fixes.is_empty() {
            out.push(&text!("can be corrected: {}\n", Text::join(&fixes, ", ")));
        }
        if infos > 0 && self.shown_from > Severity::Info && self.prints_text && !self.verbosity.quiet {
            out.push(&text!("{} not shown: -v shows them\n", count(infos, "note")));
        }
        let hidden = [(self.suppressed, "comments"), (self.known, "the baseline")];
        for (number, by) in hidden.into_iter().filter(|(number, _)| *number > 0) {
            out.push(&text!("{} not reported because of {}\n", count(number, "finding"), by));
        }
        if baseline.left() > 0 {
            let left = count(baseline.left(), "finding");
            out.push(&text!(
                "{} of the baseline not found any more: write it again with --write-baseline\n",
                left
            ));
        }
        out
    }

    /// For which stack the files were checked.
    fn checked_for(&self) -> Text {
        let title = |word: &str| Stack::named(word).map_or_else(|| shown(word), |stack| text!("{}", stack));
        let one = |(word, number): (&Option<&'static str>, &usize)| {
            let named = match word {
                Some(word) => title(word),
                None => "what is wrong for every stack, because no file states an IP family".into(),
            };
            if self.stacks.len() == 1 { named } else { text!("{} ({})", named, count(*number, "cluster")) }
        };
        let stacks: Vec<Text> = self.stacks.iter().map(one).collect();
        let why = match (self.is_as_found, self.stacks.keys().any(Option::is_some)) {
            (true, true) => ", the IP families that the files configure (--to checks for others)",
            (true, false) => " (--to checks for one)",
            (false, _) => "",
        };
        text!("checked for {}{}", Text::join(&stacks, ", "), why)
    }
}

fn index(severity: Severity) -> usize {
    match severity {
        Severity::Info => 0,
        Severity::Warning => 1,
        Severity::Error => 2,
    }
}
