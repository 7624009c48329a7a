//! What the tests of the YAML layer share.

#![allow(clippy::disallowed_methods)] // tests read files and the environment
#![allow(clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

/// The YAML files of the corpus with their names, in a fixed order; none, and a line that says so, where it is absent.
pub(crate) fn corpus() -> Vec<(String, String)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let root = std::env::var_os("CALICO_IPV6_CORPUS").map_or(here, PathBuf::from);
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort();
    if files.is_empty() {
        println!("skipped: no corpus at {} (set CALICO_IPV6_CORPUS)", root.display());
    }
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
            && let Ok(text) = fs::read_to_string(&path)
        {
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            files.push((name, text));
        }
    }
}
