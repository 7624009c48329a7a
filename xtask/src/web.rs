//! `cargo xtask web`: the npm package, the element and the page around the engine; and what tests them.

use crate::node::tool;
use crate::shell::{command, heading, output, root, run};
use crate::{conformance, wasm};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// Builds everything of JavaScript. With `check` the committed declarations must be current.
pub(crate) fn build(check: bool) -> Result<()> {
    wasm::build(check)?;
    heading("the npm package and the page");
    run(command("node").arg("wasm/npm/build.mjs"))?;
    run(tool("vite").args(["build", "web/page", "--logLevel", "warn"]))
}

/// Runs every test of what [`build`] has built, in Node and in a browser.
pub(crate) fn test() -> Result<()> {
    conformance::write()?;
    browser()?;
    heading("types");
    for project in ["web", "wasm/npm/tests"] {
        run(tool("tsc").args(["--noEmit", "--project", project]))?;
    }
    for (title, folder) in [("the npm package", "wasm/npm"), ("the page in a browser", "web")] {
        heading(title);
        run(tool("vitest").args(["run", "--reporter=dot", "--root", folder]))?;
    }
    Ok(())
}

/// Installs a browser where there is none and the system lets us.
fn browser() -> Result<()> {
    heading("a browser");
    if let Some(path) = installed() {
        println!("{}", path.display());
        return Ok(());
    }
    let is_root = output(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || output(command("apt-get").arg("--version")).is_err() {
        bail!("Chromium is needed: install your system's package, or say where it is with CHROMIUM=/path");
    }
    let _ = run(command("apt-get").args(["update", "--quiet"]));
    run(command("apt-get")
        .args(["install", "--yes", "--quiet", "--no-install-recommends", "chromium"])
        .env("DEBIAN_FRONTEND", "noninteractive"))?;
    installed().map(|_| ()).context("Chromium was installed, and is not on the path")
}

/// `$CHROMIUM`, or the first one on the path: the same that the tests take.
fn installed() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").filter(|path| !path.is_empty()).map(PathBuf::from);
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = || {
        std::env::split_paths(&path)
            .flat_map(|folder| names.map(|name| folder.join(name)))
            .find(|candidate| candidate.is_file())
    };
    named.or_else(found).filter(|path| root().join(path).is_file())
}
