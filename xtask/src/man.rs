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
    let help = ask(&[])?;
    for name in [None].into_iter().chain(subcommands(&help).into_iter().map(Some)) {
        let mut command = cargo();
        command.args(["run", "--quiet", "--package", "calico-ipv6", "--", "man"]).args(name);
        let file = match name {
            None => folder.join("calico-ipv6.1"),
            Some(name) => folder.join(format!("calico-ipv6-{name}.1")),
        };
        fs::write(&file, output(&mut command)?).with_context(|| file.display().to_string())?;
        println!("{}", file.display());
    }
    Ok(())
}
