//! The shapes of the judgement of a host.

use crate::VERSION;
use crate::transformation::Severity;
use calico_ipv6_engine::diagnostic::Reference;
use calico_ipv6_engine::preflight::{self, Report};
use serde::Serialize;

/// Whether a host can run Calico with the IP families of a target.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preflight {
    /// The version of this shape: 1.
    pub version: u32,
    /// The families that the host was judged for: `dual-stack`, `ipv6-only` or `ipv4-only`.
    pub to: &'static str,
    /// The folder with the copy of the host; null if it is this host.
    pub root: Option<String>,
    /// The release of the kernel; null if it could not be read.
    pub kernel: Option<String>,
    /// Whether no check found an error.
    pub works: bool,
    /// The checks.
    pub checks: Vec<HostCheck>,
    /// The kernel parameters that are needed and not set, now or at boot.
    pub settings: Vec<HostSetting>,
}

/// What one check found.
#[derive(Clone, Debug, Serialize)]
pub struct HostCheck {
    /// What it is about.
    pub name: &'static str,
    /// `ok`, `info`, `warning`, `error` or `not checked`.
    pub verdict: &'static str,
    /// What was found, or why it was not checked.
    pub value: String,
    /// The files that it rests on, and what was read there.
    pub read: Vec<HostRead>,
    /// What is wrong; null if nothing is.
    pub finding: Option<HostFinding>,
}

/// A file and what was read there.
#[derive(Clone, Debug, Serialize)]
pub struct HostRead {
    /// Its absolute path on the host; the file and the line of a file that was passed.
    pub path: String,
    /// What was read.
    pub value: String,
}

/// Something that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct HostFinding {
    /// The id of the rule.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, one line.
    pub message: String,
    /// What was expected instead.
    pub expected: String,
    /// What happens in the cluster.
    pub consequence: String,
    /// What to do.
    pub help: String,
    /// Where the facts come from.
    pub sources: Vec<String>,
}

/// A kernel parameter.
#[derive(Clone, Debug, Serialize)]
pub struct HostSetting {
    /// Its name, as sysctl reads it.
    pub key: String,
    /// The value that is needed.
    pub value: &'static str,
    /// The id of the rule that needs it.
    pub rule: &'static str,
    /// Why it is needed.
    pub why: &'static str,
}

impl Preflight {
    /// The shape of a report; `root` is the folder with the copy of a host.
    #[must_use]
    pub fn of(report: &Report, root: Option<String>) -> Preflight {
        let setting = |one: &preflight::Setting| HostSetting {
            key: one.key.clone(),
            value: one.value,
            rule: one.rule,
            why: one.why,
        };
        Preflight {
            version: VERSION,
            to: report.to.word(),
            root,
            kernel: report.release.clone(),
            works: !report.has_errors(),
            checks: report.checks.iter().map(HostCheck::from).collect(),
            settings: report.settings.iter().map(setting).collect(),
        }
    }
}

impl From<&preflight::Check> for HostCheck {
    fn from(check: &preflight::Check) -> HostCheck {
        let read = |one: &preflight::Read| HostRead { path: one.path.clone(), value: one.value.clone() };
        HostCheck {
            name: check.name,
            verdict: check.verdict.word(),
            value: check.value.clone(),
            read: check.read.iter().map(read).collect(),
            finding: check.finding.as_ref().map(HostFinding::from),
        }
    }
}

impl From<&preflight::Finding> for HostFinding {
    fn from(found: &preflight::Finding) -> HostFinding {
        HostFinding {
            rule: found.rule.id,
            severity: found.severity.into(),
            message: found.message.clone(),
            expected: found.expected.clone(),
            consequence: found.consequence.clone(),
            help: found.help.clone(),
            sources: found.rule.texts().sources.iter().map(Reference::url).collect(),
        }
    }
}
