//! Node and its packages: everything of JavaScript is installed from the lock file, below the checkout.

use crate::shell::{command, heading, root, run};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// The oldest Node that the package and its tools work with.
const NODE: u32 = 20;

/// Installs the packages of the lock file, unless they are there.
pub(crate) fn install() -> Result<()> {
    heading("packages for JavaScript");
    let version = crate::shell::output(command("node").arg("--version"))
        .context("Node is needed, version 20 or later, with npm: nodejs.org, or your system's package")?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|n| n.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE) {
        bail!("Node {} is too old: version {NODE} or later is needed", version.trim());
    }
    let lock = root().join("package-lock.json");
    let stamp = root().join("node_modules/.calico-ipv6-lock");
    let wanted = std::fs::read(&lock).with_context(|| lock.display().to_string())?;
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("the packages of package-lock.json are there");
        return Ok(());
    }
    run(command("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel", "error"]))?;
    std::fs::write(&stamp, wanted).with_context(|| stamp.display().to_string())
}

/// A program of an installed package.
pub(crate) fn tool(name: &str) -> Command {
    let path: PathBuf = root().join("node_modules/.bin").join(name);
    command(path)
}
