//! Whether a host can run Calico with the IP families of a target.
//!
//! Pure: a front end reads the files that [`paths`] names and passes their contents as a [`Host`]. The judgement names each
//! file that it rests on. What could not be read is reported as not checked, never as correct.

mod checks;
mod files;
mod interfaces;
pub mod paths;
mod read;
pub(crate) mod rules;
mod settings;

pub use files::{Encapsulation, FixedMtu, Network, network};
pub use rules::RULES;
pub(crate) use settings::SYSCTL_FILE;
pub use settings::{Setting, document};

use crate::diagnostic::{Metadata, Severity};
use crate::target::Stack;
use std::collections::BTreeMap;

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Its text.
    Text(String),
    /// It exists and is a folder.
    Folder,
    /// There is no such file.
    Missing,
    /// It could not be read, and why.
    Unreadable(String),
}

/// A host: the contents of its files, by their absolute paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// The files.
    pub files: BTreeMap<String, Contents>,
}

/// Why the text of a file is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unread<'h> {
    Missing,
    Failed(&'h str),
}

impl core::fmt::Display for Unread<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Unread::Missing => "not found",
            Unread::Failed(why) => why,
        })
    }
}

impl Host {
    fn text(&self, path: &str) -> Result<&str, Unread<'_>> {
        match self.files.get(path) {
            Some(Contents::Text(text)) => Ok(text),
            Some(Contents::Unreadable(why)) => Err(Unread::Failed(why)),
            Some(Contents::Folder) => Err(Unread::Failed("is a folder")),
            Some(Contents::Missing) | None => Err(Unread::Missing),
        }
    }

    /// The text without the spaces around it, as a file of `/proc/sys` or `/sys` has it.
    fn value(&self, path: &str) -> Result<&str, Unread<'_>> {
        self.text(path).map(str::trim)
    }

    fn exists(&self, path: &str) -> bool {
        matches!(self.files.get(path), Some(Contents::Text(_) | Contents::Folder))
    }
}

/// What the host is judged for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The families that pods get.
    pub to: Stack,
    /// Whether kubeadm creates the node.
    pub is_kubeadm: bool,
    /// What the configuration of the cluster says about encapsulation; `None` if no file was passed.
    pub network: Option<Network>,
}

/// The judgement.
#[derive(Clone, Debug)]
pub struct Report {
    /// The families that the host was judged for.
    pub to: Stack,
    /// The release of the kernel; `None` if it is not known.
    pub release: Option<String>,
    /// The checks, in the order in which they are shown.
    pub checks: Vec<Check>,
    /// The settings that are missing, or that the next boot would not keep.
    pub settings: Vec<Setting>,
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is about.
    pub name: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// What was found, or why it was not checked.
    pub value: String,
    /// The files that it rests on, with what was read there.
    pub read: Vec<Read>,
    /// What is wrong.
    pub finding: Option<Finding>,
}

/// A file and what was read there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The absolute path on the host; the file and the line of a file of the cluster.
    pub path: String,
    /// Whether it is a file of the host.
    pub of_host: bool,
    /// What was read.
    pub value: String,
}

/// The verdict of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Good to know.
    Info,
    /// Probably not what the user wants.
    Warning,
    /// Does not work in the cluster.
    Error,
    /// Could not be checked.
    NotChecked,
}

impl Verdict {
    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Info => "info",
            Verdict::Warning => "warning",
            Verdict::Error => "error",
            Verdict::NotChecked => "not checked",
        }
    }
}

/// Something that is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Metadata,
    /// How serious it is.
    pub severity: Severity,
    /// What was found, one line.
    pub message: String,
    /// What was expected instead; may be empty.
    pub expected: String,
    /// What happens in the cluster.
    pub consequence: String,
    /// What to do.
    pub help: String,
}

impl PartialEq for Finding {
    fn eq(&self, other: &Finding) -> bool {
        (self.rule.id, self.severity, &self.message) == (other.rule.id, other.severity, &other.message)
    }
}

impl Eq for Finding {}

impl Finding {
    /// A finding with the texts and the severity of its rule.
    fn new(rule: &'static Metadata, message: impl Into<String>) -> Finding {
        Finding {
            rule,
            severity: rule.severity,
            message: message.into(),
            expected: String::new(),
            consequence: rule.texts().consequence.to_owned(),
            help: rule.texts().help.to_owned(),
        }
    }

    fn severity(self, severity: Severity) -> Finding {
        Finding { severity, ..self }
    }

    fn expected(self, expected: impl Into<String>) -> Finding {
        Finding { expected: expected.into(), ..self }
    }

    fn consequence(self, consequence: impl Into<String>) -> Finding {
        Finding { consequence: consequence.into(), ..self }
    }

    fn help(self, help: impl Into<String>) -> Finding {
        Finding { help: help.into(), ..self }
    }
}

impl Report {
    /// Whether something does not work in the cluster.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.checks.iter().any(|check| check.verdict == Verdict::Error)
    }

    /// How many checks have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|check| check.verdict == verdict).count()
    }

    fn push(&mut self, name: &'static str, verdict: Verdict, value: impl Into<String>, read: Vec<Read>) {
        self.checks.push(Check { name, verdict, value: value.into(), read, finding: None });
    }

    fn not_checked(&mut self, name: &'static str, path: &str, why: &Unread<'_>) {
        self.push(name, Verdict::NotChecked, why.to_string(), vec![at(path, "")]);
    }

    fn find(&mut self, name: &'static str, value: impl Into<String>, read: Vec<Read>, finding: Finding) {
        let verdict = match finding.severity {
            Severity::Info => Verdict::Info,
            Severity::Warning => Verdict::Warning,
            Severity::Error => Verdict::Error,
        };
        self.checks.push(Check { name, verdict, value: value.into(), read, finding: Some(finding) });
    }
}

/// A file and what was read there.
fn at(path: impl Into<String>, value: impl Into<String>) -> Read {
    Read { path: path.into(), of_host: true, value: value.into() }
}

/// Judges a host.
#[must_use]
pub fn judge(host: &Host, request: &Request) -> Report {
    let release = host.value(paths::RELEASE).ok().map(str::to_owned);
    let mut report = Report { to: request.to, release, checks: Vec::new(), settings: Vec::new() };
    checks::run(host, request, &mut report);
    report
}
