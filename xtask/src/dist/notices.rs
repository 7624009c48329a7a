//! The packages in a binary, and their licenses.

use crate::shell::root;
use anyhow::{Context, Result};
use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;

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
pub(super) fn packages(metadata: &Metadata) -> Result<Vec<&Package>> {
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
    let foreign = |package: &&Package| package.source.is_some();
    let mut packages: Vec<&Package> =
        seen.into_iter().filter_map(|id| all.get(id).copied()).filter(foreign).collect();
    packages.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    Ok(packages)
}

/// The licenses of packages: each text once, with the packages that have it.
pub(super) fn text(packages: &[&Package]) -> Result<String> {
    let mut by_text: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut out = "Software of others in this program, and its licenses.\n".to_owned();
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
