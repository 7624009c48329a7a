//! The shapes of what is written anew.

use crate::VERSION;
use crate::input::TargetProblem;
use crate::transformation::{Finding, MissingOption};
use calico_ipv6_engine::generate;
use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::Outcome;
use serde::Serialize;

/// New files from a target alone.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Generation {
    /// The version of this shape: 1.
    pub version: u32,
    /// Whether the files can be applied: the target is valid, nothing is missing and nothing is refused.
    pub ok: bool,
    /// What is wrong with the target. Where there is anything, `files` may lack some.
    pub problems: Vec<TargetProblem>,
    /// Options that are missing. The files that need them are not there.
    pub missing_options: Vec<MissingOption>,
    /// The files.
    pub files: Vec<Generated>,
}

/// A new file.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Generated {
    /// The name of its kind.
    #[cfg_attr(feature = "typescript", ts(type = "Kind"))]
    pub kind: &'static str,
    /// Its name; with a `/` where files belong into a folder of their own.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What was found; an error says why it would not work.
    pub findings: Vec<Finding>,
}

/// A kind of file that can be written.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct GeneratedKind {
    /// Its name.
    #[cfg_attr(feature = "typescript", ts(type = "Kind"))]
    pub name: &'static str,
    /// What it is, one line.
    pub about: &'static str,
    /// The names of its files; some are only written where they are needed.
    pub files: &'static [&'static str],
}

impl Generation {
    /// Writes the files of these kinds.
    #[must_use]
    pub fn of(kinds: &[&'static generate::Kind], target: &Target) -> Generation {
        Generation::from(generate::generate(kinds, target))
    }

    /// Nothing is written for a target that cannot be.
    #[must_use]
    pub fn refused(problems: Vec<TargetProblem>) -> Generation {
        Generation { version: VERSION, ok: false, problems, missing_options: Vec::new(), files: Vec::new() }
    }
}

impl From<generate::Generation> for Generation {
    fn from(made: generate::Generation) -> Generation {
        Generation {
            version: VERSION,
            ok: made.outcome() == Outcome::Changed,
            problems: made.problems.iter().map(TargetProblem::from).collect(),
            missing_options: made.missing_options.iter().map(|(_, question)| question.into()).collect(),
            files: made.files.into_iter().map(Generated::from).collect(),
        }
    }
}

impl From<generate::File> for Generated {
    fn from(file: generate::File) -> Generated {
        let excerpts = Excerpts::new(&file.text);
        let findings = file.diagnostics.iter().map(|found| Finding::of(&excerpts, found)).collect();
        Generated { kind: file.kind, name: file.name, findings, text: file.text }
    }
}

impl GeneratedKind {
    /// Everything that can be written, in the order in which help shows it.
    #[must_use]
    pub fn all() -> Vec<GeneratedKind> {
        let kind =
            |kind: &generate::Kind| GeneratedKind { name: kind.name, about: kind.about, files: kind.files };
        generate::KINDS.iter().map(kind).collect()
    }
}
