//! Where the copies of --output-dir are written, without links.

use crate::input::Input;
use crate::people::name;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Whether each copy has its own place below `folder`, and no place is another input. Otherwise, what to do.
pub(crate) fn check(inputs: &[Input], folder: &Path) -> Result<(), String> {
    let top = without_links(folder);
    let known: HashMap<PathBuf, usize> =
        inputs.iter().enumerate().filter_map(|(i, input)| Some((real_path(input)?, i))).collect();
    let mut folders: HashMap<PathBuf, PathBuf> = HashMap::new();
    let mut taken: HashMap<PathBuf, &Input> = HashMap::new();
    for (i, input) in inputs.iter().enumerate() {
        let place = folder.join(&input.relative);
        let (Some(parent), Some(file)) = (place.parent(), place.file_name()) else { continue };
        let parent = match folders.get(parent) {
            Some(real) => real,
            None => folders.entry(parent.to_owned()).or_insert_with(|| without_links(parent)),
        };
        if !parent.starts_with(&top) {
            return Err(format!(
                "{}: its folder is a link out of --output-dir, to {}: remove the link, or name another folder",
                name(&place),
                name(parent)
            ));
        }
        let real = parent.join(file);
        if let Some(other) = known.get(&real).filter(|other| **other != i) {
            return Err(format!(
                "{} would be written over the input {}: name another folder for the output",
                input.name(),
                inputs[*other].name()
            ));
        }
        if let Some(other) = taken.insert(real, input) {
            return Err(format!(
                "{} and {} would be written to the same file of --output-dir: pass their folder instead",
                other.name(),
                input.name()
            ));
        }
    }
    Ok(())
}

/// Whether an input is below the folder of the output: what is there already may be of the user.
pub(super) fn is_beside_inputs(input: &Input, folder: &Path) -> bool {
    real_path(input).is_some_and(|path| path.starts_with(without_links(folder)))
}

pub(super) fn real_path(input: &Input) -> Option<PathBuf> {
    input.path.as_ref()?.canonicalize().ok()
}

/// A path of which the last folders need not exist yet.
pub(super) fn without_links(path: &Path) -> PathBuf {
    for existing in path.ancestors() {
        let real = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
        if let (Ok(real), Ok(rest)) = (real.canonicalize(), path.strip_prefix(existing)) {
            return real.join(rest);
        }
    }
    path.to_owned()
}
