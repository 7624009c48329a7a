//! A rule as data: the source of its page, of `explain`, and of every report.

use super::texts::{self, BuiltIn, Texts};
use crate::version::Gate;
use core::fmt;

/// How serious the effect on the cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably not what the user wants.
    Warning,
    /// Does not work in the cluster, or is unsafe.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// When a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// The configuration is wrong for every target.
    Defect,
    /// The configuration does not match the requested target.
    Target,
    /// Follows from changes that were accepted.
    Migration,
}

impl fmt::Display for RuleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RuleKind::Defect => "defect",
            RuleKind::Target => "target",
            RuleKind::Migration => "migration",
        })
    }
}

/// Whether a rule can correct what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixable {
    /// Every diagnostic has a fix.
    Always,
    /// Some diagnostics have a fix.
    Sometimes,
    /// No diagnostic has a fix: its help says what to do by hand.
    Never,
}

/// A rule as data.
#[derive(Clone, Copy, Debug)]
pub struct Metadata {
    /// Its id, such as `CNI-003`. Never reused.
    pub id: &'static str,
    /// The pattern that it finds, in kebab-case. Reads well in `ignore[...]`.
    pub name: &'static str,
    /// When it applies.
    pub kind: RuleKind,
    /// The highest severity of its diagnostics.
    pub severity: Severity,
    /// Whether there is a fix.
    pub fixable: Fixable,
    /// The releases that it depends on.
    pub gates: &'static [Gate],
    /// What its page says.
    pub(crate) texts: BuiltIn,
}

impl Metadata {
    /// Whether a word is its id or its name, in any case.
    #[must_use]
    pub fn is_called(&self, word: &str) -> bool {
        self.id.eq_ignore_ascii_case(word) || self.name.eq_ignore_ascii_case(word)
    }

    /// What its page says.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        texts::of(self.id, &self.texts)
    }
}
