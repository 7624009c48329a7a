//! What the real components answered: the records below `oracle/recorded`.
//!
//! A record is one question: YAML as the engine reads it. The programs below `oracle` put it to a component; `cargo xtask
//! oracle` asks again and rewrites the answers. A question without a complaint is one that the engine must not report.

use crate::case::files;
use crate::run::{Made, run};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// A question about a rule, and what a component answered.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The rule.
    pub rule: String,
    /// The component that is asked, as the program calls it.
    pub component: String,
    /// The flags of `transform` with which the engine is asked.
    pub target: String,
    /// How the engine must report the rule: `error`, `warning`, `info` or `none`. Without it: in any way where the component
    /// refuses the input or complains, not at all where it accepts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<String>,
    /// Words that the answer must contain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<String>,
    /// Words that the answer must contain and the rule's page quotes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotes: Vec<String>,
    /// Why the engine may say something else than the component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disagrees: Option<String>,
    /// The component is asked about what the engine makes of the question: the rule is about the change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub converted: bool,
    /// The input.
    pub question: String,
    /// The release of the component that answered.
    #[serde(default)]
    pub version: String,
    /// What it answered.
    #[serde(default)]
    pub answer: Answer,
}

/// What a component answered.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// It accepted the input, and did not complain.
    pub accepted: bool,
    /// Its words.
    pub message: String,
}

impl Record {
    /// How the engine must report the rule: a severity, `any` or `none`.
    #[must_use]
    pub fn expected(&self) -> &str {
        match &self.reported {
            Some(severity) => severity,
            None if self.answer.accepted => "none",
            None => "any",
        }
    }

    /// What the engine makes of the question.
    #[must_use]
    pub fn made(&self) -> Made {
        let options: Vec<String> = self.target.split_whitespace().map(str::to_owned).collect();
        run(&self.question, &options)
    }

    /// The text that the component is asked about. None where it is to be converted and cannot be.
    #[must_use]
    pub fn asked(&self) -> Option<String> {
        if !self.converted {
            return Some(self.question.clone());
        }
        match self.made() {
            Made::Plan(plan) => plan.text.clone(),
            _ => None,
        }
    }

    /// The words that the answer lacks.
    pub fn missing_words(&self) -> impl Iterator<Item = &str> {
        let words = self.says.iter().chain(&self.quotes).map(String::as_str);
        words.filter(|words| !self.answer.message.contains(words))
    }
}

/// The folder of the programs and of the records.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle")
}

/// The files of records. Each has the name of the program that answers its questions.
#[must_use]
pub fn recorded() -> Vec<PathBuf> {
    files(&folder().join("recorded"), "yaml")
}

/// All records.
///
/// # Panics
/// Where a file cannot be read, or is no list of records.
#[must_use]
pub fn records() -> Vec<Record> {
    recorded().iter().flat_map(|file| read(file)).collect()
}

/// The records of a file.
///
/// # Panics
/// Where the file cannot be read, or is no list of records.
#[must_use]
pub fn read(file: &Path) -> Vec<Record> {
    let text = fs::read_to_string(file).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Writes the records of a file.
///
/// # Panics
/// Where the file cannot be written.
pub fn write(file: &Path, records: &[Record]) {
    fs::write(file, serde_yaml::to_string(records).unwrap()).unwrap();
}
