//! `cargo xtask man`: the manual pages as files, for packages.

use crate::codegen::help::{ask, subcommands};
use crate::shell::{cargo, heading, output, target_folder};
use anyhow::{Context, Result};
use std::fs;

/// Writes the page of the command and of each subcommand.
pub(crate) fn write() -> Result<()> {
    heading("manual pages");
    let folder = target_folder()?.join("man");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for (name, page) in pages()? {
        let file = folder.join(name);
        fs::write(&file, page).with_context(|| file.display().to_string())?;
        println!("{}", file.display());
    }
    Ok(())
}

/// The pages, by their file names.
pub(crate) fn pages() -> Result<Vec<(String, String)>> {
    let mut pages = Vec::new();
    add(&mut pages, &[])?;
    Ok(pages)
}

fn add(pages: &mut Vec<(String, String)>, path: &[&str]) -> Result<()> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "calico-ipv6", "--", "man"]).args(path);
    let name: Vec<&str> = ["calico-ipv6"].into_iter().chain(path.iter().copied()).collect();
    pages.push((format!("{}.1", name.join("-")), output(&mut command)?));
    for subcommand in subcommands(&ask(path)?) {
        add(pages, &[path, &[subcommand]].concat())?;
    }
    Ok(())
}
