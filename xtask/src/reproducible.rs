//! `cargo xtask reproducible`: the module for browsers has the same bytes, whichever folder it was built in.

use crate::shell::{command, heading, output, root, target_folder};
use crate::toolchain::install_source;
use crate::wasm;
use anyhow::{Context, Result, ensure};
use std::path::Path;

/// Builds the module in this checkout and in a copy elsewhere, and compares the two. What follows (its bindings, wasm-opt)
/// reads nothing else.
pub(crate) fn check() -> Result<()> {
    install_source()?;
    let folder = target_folder()?.join("reproducible");
    let copy = folder.join("a-checkout-with-another-name");
    heading("a copy of this checkout");
    copy_tracked(&copy)?;
    heading("the module, built in both");
    let here = bytes(&wasm::module(&root(), &target_folder()?.join("small"))?)?;
    let there = bytes(&wasm::module(&copy, &folder.join("build"))?)?;
    let first = here.iter().zip(&there).position(|(one, other)| one != other);
    ensure!(
        here == there,
        "the module depends on the folder: {} and {} bytes, the first difference is at {}",
        here.len(),
        there.len(),
        first.unwrap_or(here.len().min(there.len()))
    );
    println!("both have the same {} bytes", here.len());
    Ok(())
}

/// Copies what git tracks, as it is in this checkout.
pub(crate) fn copy_tracked(to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to).with_context(|| to.display().to_string())?;
    }
    let tracked = output(command("git").args(["ls-files", "-z"]))?;
    for name in tracked.split_terminator('\0') {
        let (from, place) = (root().join(name), to.join(name));
        let parent = place.parent().context("a tracked file is in a folder")?;
        std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        if from.is_file() {
            std::fs::copy(&from, &place)
                .with_context(|| format!("{} to {}", from.display(), place.display()))?;
        }
    }
    Ok(())
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}
