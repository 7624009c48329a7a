//! Files that the command writes beside the manifests: a report, a baseline.

use super::places::{real_path, without_links};
use super::{Obstacle, new_file};
use crate::input::Input;
use crate::people::name;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// How a report begins, without white space.
const REPORT: &str = "{\"kind\":\"run\"";

/// What an option writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResultFile<'a> {
    /// The option: `--report`.
    pub option: &'static str,
    /// Its value.
    pub path: &'a Path,
    /// How such a file begins, without white space.
    pub begins: &'static str,
}

impl<'a> ResultFile<'a> {
    /// A report of many clusters.
    pub(crate) fn report(path: &'a Path) -> ResultFile<'a> {
        ResultFile { option: "--report", path, begins: REPORT }
    }

    /// A list of known findings.
    pub(crate) fn baseline(path: &'a Path) -> ResultFile<'a> {
        ResultFile { option: "--write-baseline", path, begins: "{\"version\"" }
    }
}

/// The report of an earlier run in the place of the one of this run. If this run ends without a report, the older one is
/// removed: nobody must take one for the other.
#[derive(Debug, Default)]
pub(crate) struct OlderReport(Option<PathBuf>);

impl OlderReport {
    pub(crate) fn at(path: Option<&Path>) -> OlderReport {
        let is_one = |path: &&Path| path.is_file() && begins(path, REPORT).unwrap_or_default();
        OlderReport(path.filter(is_one).map(Path::to_owned))
    }

    /// It was replaced.
    pub(crate) fn replaced(mut self) {
        self.0 = None;
    }
}

impl Drop for OlderReport {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Checks that each file can be written, and that the user loses nothing: it is not an input and not another file of this
/// run, and it replaces only an older one of its kind. Otherwise, returns what to do.
pub(crate) fn check_results(
    results: &[ResultFile<'_>],
    inputs: &[Input],
    options: &[(&str, Option<&Path>)],
    output_dir: Option<&Path>,
) -> Result<(), String> {
    for (index, result) in results.iter().enumerate() {
        let (option, shown) = (result.option, name(result.path));
        let real = without_links(result.path);
        let over = |what: String| format!("{option} {shown} would be written over {what}: name another file");
        // The baseline of an earlier run may be in the folder that is checked.
        let is_older = result.path.is_file() && begins(result.path, result.begins).unwrap_or_default();
        let mut known = inputs.iter().filter(|_| !is_older && result.path.exists());
        if let Some(input) = known.find(|input| real_path(input).as_ref() == Some(&real)) {
            return Err(over(format!("the input {}", input.name())));
        }
        let is_copy =
            |folder: &Path| inputs.iter().any(|input| without_links(&folder.join(&input.relative)) == real);
        if output_dir.is_some_and(is_copy) {
            return Err(over("a file of --output-dir".to_owned()));
        }
        let earlier = results[..index].iter().map(|other| (other.option, Some(other.path)));
        let is_same = |path: &Path| without_links(path) == real;
        if let Some((other, _)) =
            options.iter().copied().chain(earlier).find(|(_, path)| path.is_some_and(is_same))
        {
            return Err(over(format!("the file of {other}")));
        }
        possible(result.path, is_older).map_err(|what| format!("{option} {shown}: {what}"))?;
    }
    Ok(())
}

/// Whether a file can be written there, without leaving anything.
fn possible(path: &Path, is_older: bool) -> Result<(), String> {
    if path.is_dir() {
        return Err("is a folder: name a file".to_owned());
    }
    if let Ok(metadata) = path.metadata() {
        // A pipe or a device is written as it is.
        if !metadata.is_file() {
            return Ok(());
        }
        if metadata.permissions().readonly() {
            return Err(Obstacle::ReadOnly.to_string());
        }
        if !is_older && metadata.len() > 0 {
            return Err("is another file, which would be lost: remove it, or name another one".to_owned());
        }
    }
    new_file(path).map(drop).map_err(|error| error.to_string())
}

/// Whether a file begins so, apart from white space.
fn begins(path: &Path, with: &str) -> std::io::Result<bool> {
    let mut first = Vec::new();
    File::open(path)?.take(64).read_to_end(&mut first)?;
    first.retain(|byte| !byte.is_ascii_whitespace());
    Ok(first.starts_with(with.as_bytes()))
}
