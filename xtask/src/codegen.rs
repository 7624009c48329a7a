//! `cargo xtask codegen`: files that the code can write itself. What is said twice is said differently one day.

pub(crate) mod catalogue;
pub(crate) mod help;
mod kinds;
mod pages;
mod picture;
mod rules;
mod target;

use crate::shell::root;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files by their path below the root.
type Files = BTreeMap<PathBuf, String>;

/// The folders that hold nothing but generated files.
const FOLDERS: [&str; 3] = ["docs/cli", "docs/files", "docs/rules"];

/// Generated files that stand beside others.
const FILES: [&str; 6] = [
    "docs/generate.md",
    "docs/cidr.md",
    "docs/preflight.md",
    target::SCHEMA,
    "wasm/types.d.ts",
    "wasm/npm/schema.json",
];

/// What is to be done to a file.
#[derive(Debug, PartialEq, Eq)]
enum Difference {
    /// It is not there.
    Missing,
    /// It says something else.
    Differs,
    /// Nothing writes it any more.
    Stale,
}

/// Writes the generated files, or with `check` says which are not as they would be.
pub(crate) fn run(check: bool) -> Result<()> {
    if !check {
        catalogue::forget(&catalogue::implemented())?;
    }
    let mut files = rules::pages();
    files.insert("docs/rules/catalogue.md".into(), catalogue::page()?);
    files.extend(kinds::pages()?);
    files.extend(pages::pages()?);
    files.insert("docs/cli/help.txt".into(), help::text()?);
    files.insert("docs/cli/transform.svg".into(), picture::svg()?);
    files.insert("wasm/types.d.ts".into(), target::typescript());
    let schema = target::schema()?;
    files.insert(target::SCHEMA.into(), schema.clone());
    files.insert("wasm/npm/schema.json".into(), schema);
    let root = root();
    let differences = compare(&files, &present(&root)?);
    for (path, difference) in &differences {
        match (check, difference) {
            (true, Difference::Missing) => println!("{}: is missing", path.display()),
            (true, Difference::Differs) => println!("{}: is not up to date", path.display()),
            (true, Difference::Stale) => println!("{}: nothing writes it any more", path.display()),
            (false, Difference::Stale) => remove(&root.join(path))?,
            (false, _) => write(&root.join(path), &files[path])?,
        }
    }
    match (check, differences.len()) {
        (_, 0) => println!("{} generated files are up to date", files.len()),
        (true, some) => bail!("{some} generated files are not up to date: run `cargo xtask codegen`"),
        (false, some) => println!("{some} of {} generated files written or removed", files.len()),
    }
    Ok(())
}

/// The generated files that are there.
fn present(root: &Path) -> Result<Files> {
    let mut files = Files::new();
    for folder in FOLDERS {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        for entry in entries {
            let path = Path::new(folder).join(entry?.file_name());
            let bytes = std::fs::read(root.join(&path)).with_context(|| path.display().to_string())?;
            files.insert(path, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    for path in FILES {
        if let Ok(text) = std::fs::read_to_string(root.join(path)) {
            files.insert(path.into(), text);
        }
    }
    Ok(files)
}

fn compare(wanted: &Files, present: &Files) -> Vec<(PathBuf, Difference)> {
    let new = wanted.iter().filter_map(|(path, text)| match present.get(path) {
        None => Some((path.clone(), Difference::Missing)),
        Some(old) if old != text => Some((path.clone(), Difference::Differs)),
        Some(_) => None,
    });
    let stale = present.keys().filter(|path| !wanted.contains_key(*path));
    new.chain(stale.map(|path| (path.clone(), Difference::Stale))).collect()
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .with_context(|| path.display().to_string())
}

fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::{Difference, Files, compare};

    fn files(all: &[(&str, &str)]) -> Files {
        all.iter().map(|(path, text)| (path.into(), (*text).to_owned())).collect()
    }

    #[test]
    fn differences_are_missing_other_and_stale_files() {
        let wanted = files(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let present = files(&[("a", "1"), ("b", "0"), ("d", "4")]);
        let expected = [("b", Difference::Differs), ("c", Difference::Missing), ("d", Difference::Stale)];
        assert_eq!(compare(&wanted, &present), expected.map(|(path, difference)| (path.into(), difference)));
        assert!(compare(&wanted, &wanted).is_empty());
    }
}
