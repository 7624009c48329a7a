//! Findings that are known: a file lists them, so that a lint reports new ones only.

use crate::input::Input;
use calico_ipv6_data::LintedFile;
use calico_ipv6_engine::lint::Finding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The version of the file's format.
const VERSION: u32 = 1;

/// The findings of a baseline that were not met yet.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    /// How often each file has each finding.
    left: BTreeMap<String, BTreeMap<String, usize>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    /// By the name of the file and the fingerprint of the finding: how often it occurs.
    files: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Baseline {
    /// Reads a file that `--write-baseline` wrote.
    pub(super) fn read(path: &Path) -> Result<Baseline, String> {
        let input = Input::file(path.to_owned(), PathBuf::new(), None);
        let text = input.read().map_err(|error| error.to_string())?.text;
        let name = input.name();
        let again = "write it again with --write-baseline";
        let document: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| format!("{name}: not a baseline: {error}; {again}"))?;
        let version = document.get("version").and_then(serde_json::Value::as_u64);
        match version {
            Some(1) => {}
            Some(other) => {
                return Err(format!(
                    "{name}: a baseline of version {other}, and this command reads version {VERSION}; {again}"
                ));
            }
            None => return Err(format!("{name}: not a baseline: it has no version; {again}")),
        }
        let Document { files, .. } = serde_json::from_value(document)
            .map_err(|error| format!("{name}: not a baseline: {error}; {again}"))?;
        Ok(Baseline { left: files })
    }

    /// Whether it lists a finding; each entry counts once.
    pub(super) fn takes(&mut self, file: &str, finding: &Finding) -> bool {
        let Some(left) = self.left.get_mut(file).and_then(|of_file| of_file.get_mut(&finding.fingerprint()))
        else {
            return false;
        };
        let has_one = *left > 0;
        *left = left.saturating_sub(1);
        has_one
    }

    /// How many of its findings were not met.
    pub(super) fn left(&self) -> usize {
        self.left.values().flat_map(BTreeMap::values).sum()
    }

    /// Writes the findings of all files. Returns how many there are.
    pub(super) fn write(path: &Path, linted: &[LintedFile]) -> Result<usize, String> {
        let mut files: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        let mut number = 0;
        for file in linted.iter().filter(|file| !file.findings.is_empty()) {
            let of_file = files.entry(file.name.clone()).or_default();
            for finding in &file.findings {
                *of_file.entry(finding.fingerprint.clone()).or_default() += 1;
                number += 1;
            }
        }
        let text = serde_json::to_string_pretty(&Document { version: VERSION, files })
            .map_err(|error| error.to_string())?;
        let request = crate::output::Request::write(path.to_owned(), text + "\n");
        let mut staged = crate::output::Staged::default();
        staged.add(vec![request]).map_err(|failure| failure.to_string())?;
        staged.commit().map_err(|failure| failure.to_string())?;
        Ok(number)
    }
}
