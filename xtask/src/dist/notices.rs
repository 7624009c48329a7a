//! The packages in a binary, and their licenses.

use crate::shell::{cargo, output, root};
use anyhow::{Context, Result};
use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;

/// A work that is in the program, and no package of Cargo.lock.
struct Work {
    name: &'static str,
    license: &'static str,
    repository: &'static str,
    text: &'static str,
}

/// The second parser is a port of this one.
const LIBYAML: Work = Work {
    name: "libyaml",
    license: "MIT",
    repository: "https://github.com/yaml/libyaml",
    text: include_str!("../../../engine/src/yaml/libyaml/LICENSE-MIT"),
};

/// Rust's own library.
const RUST: Work = Work {
    name: "Rust standard library",
    license: "MIT OR Apache-2.0",
    repository: "https://github.com/rust-lang/rust",
    text: include_str!("licenses/rust.txt"),
};

/// The C library of static programs for Linux.
const MUSL: Work = Work {
    name: "musl",
    license: "MIT",
    repository: "https://git.musl-libc.org/cgit/musl",
    text: include_str!("licenses/musl.txt"),
};

/// What cargo knows of the workspace, as Cargo.lock fixes it.
pub(super) fn metadata(target: Option<&str>) -> Result<Metadata> {
    let mut options = vec!["--locked".to_owned()];
    if let Some(target) = target {
        options.extend(["--filter-platform".to_owned(), target.to_owned()]);
    }
    let mut asked = MetadataCommand::new();
    asked.current_dir(root()).features(CargoOpt::AllFeatures).other_options(options);
    asked.exec().context("cargo metadata")
}

/// The package of the command.
pub(super) fn command(metadata: &Metadata) -> Result<&Package> {
    let command = metadata.packages.iter().find(|package| package.name.as_str() == "calico-ipv6");
    command.context("the workspace has the command")
}

/// The packages that the command is linked of, without those of this workspace, by name and version.
pub(super) fn packages<'m>(metadata: &'m Metadata, target: &str) -> Result<Vec<&'m Package>> {
    let built = built(target)?;
    let resolve = metadata.resolve.as_ref().context("cargo metadata resolves dependencies")?;
    let nodes: HashMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let all: HashMap<&PackageId, &Package> =
        metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let mut todo = vec![&command(metadata)?.id];
    let mut seen = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        let is_macro = all
            .get(id)
            .is_some_and(|package| package.targets.iter().any(cargo_metadata::Target::is_proc_macro));
        if is_macro {
            // What a macro is made of is not in the binary.
            continue;
        }
        let node = nodes.get(id).context("each package is resolved")?;
        let is_linked = |dependency: &&cargo_metadata::NodeDep| {
            dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
        };
        todo.extend(node.deps.iter().filter(is_linked).map(|dependency| &dependency.pkg));
    }
    let is_built = |package: &Package| built.contains(&format!("{} v{}", package.name, package.version));
    let foreign = |package: &&Package| package.source.is_some() && is_built(package);
    let mut packages: Vec<&Package> =
        seen.into_iter().filter_map(|id| all.get(id).copied()).filter(foreign).collect();
    packages.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    Ok(packages)
}

/// The packages that cargo compiles for the command. Its metadata also have what features of other packages of the workspace
/// bring in.
fn built(target: &str) -> Result<BTreeSet<String>> {
    let mut tree = cargo();
    tree.current_dir(root()).args(["tree", "--locked", "--package", "calico-ipv6", "--target", target]);
    tree.args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let name = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    Ok(output(&mut tree)?.lines().map(name).collect())
}

/// The licenses of packages, and of what else is in a program for a target: each text once, with those that have it.
pub(super) fn text(packages: &[&Package], target: &str) -> Result<String> {
    let mut by_text: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut out = "Software of others in this program, and its licenses.\n".to_owned();
    let musl = target.ends_with("-musl").then_some(MUSL);
    for work in [LIBYAML, RUST].into_iter().chain(musl) {
        let _ = write!(out, "\n{}: {}\n  {}", work.name, work.license, work.repository);
        by_text.entry(work.text.trim_end().to_owned()).or_default().push(work.name.to_owned());
    }
    for package in packages {
        let license = package.license.as_deref().unwrap_or("see below");
        let _ = write!(out, "\n{} {}: {license}", package.name, package.version);
        if let Some(repository) = &package.repository {
            let _ = write!(out, "\n  {repository}");
        }
        let texts = texts_of(package)?;
        if texts.is_empty() {
            let _ =
                write!(out, "\n  its package has no text of the license; by {}", package.authors.join(", "));
        }
        for text in texts {
            by_text.entry(text).or_default().push(format!("{} {}", package.name, package.version));
        }
    }
    out.push('\n');
    for (text, of) in by_text {
        let _ = write!(out, "\n{}\n{}\n\n{text}\n", "=".repeat(80), of.join(", "));
    }
    Ok(out)
}

/// The license files of a package.
fn texts_of(package: &Package) -> Result<Vec<String>> {
    let folder = package.manifest_path.parent().context("a manifest is in a folder")?;
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| folder.to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        let is_license = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE", "COPYRIGHT"]
            .iter()
            .any(|word| name.starts_with(word));
        if is_license && entry.file_type()?.is_file() {
            let text =
                fs::read_to_string(entry.path()).with_context(|| entry.path().display().to_string())?;
            texts.insert(name, text.replace("\r\n", "\n").trim_end().to_owned());
        }
    }
    Ok(texts.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::{command, metadata, packages, text};

    const LINUX: &str = "x86_64-unknown-linux-musl";

    #[test]
    fn what_is_linked_without_a_package_has_its_license() {
        let linux = text(&[], LINUX).unwrap();
        for notice in [
            "libyaml: MIT",
            "Copyright (c) 2006-2016 Kirill Simonov",
            "Rust standard library: MIT OR Apache-2.0",
            "Copyright (c) The Rust Project Contributors",
            "musl: MIT",
            "Copyright © 2005-2020 Rich Felker",
        ] {
            assert!(linux.contains(notice), "{notice}: {linux}");
        }
        assert!(!text(&[], "aarch64-apple-darwin").unwrap().contains("musl"));
    }

    /// Other packages of the workspace have more features, and other dependencies.
    #[test]
    fn only_what_is_linked_is_listed() {
        let metadata = metadata(Some(LINUX)).unwrap();
        let names: Vec<&str> =
            packages(&metadata, LINUX).unwrap().iter().map(|package| package.name.as_str()).collect();
        assert!(names.contains(&"granit-parser") && names.contains(&"serde_derive"), "{names:?}");
        for other in
            ["ts-rs", "cargo_metadata", "syn", "windows-sys", command(&metadata).unwrap().name.as_str()]
        {
            assert!(!names.contains(&other), "{other}: {names:?}");
        }
    }
}
