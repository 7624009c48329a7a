//! What builds and tests need of the toolchain, installed where it is missing.

use crate::shell::{command, heading, output, run};
use anyhow::{Context, Result};

/// The target that the engine must also compile for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Installs the source of Rust's library, where it is missing.
pub(crate) fn install_source() -> Result<()> {
    if output(command("rustup").args(["component", "list", "--installed"]))
        .is_ok_and(|installed| !installed.lines().any(|line| line == "rust-src"))
    {
        run(command("rustup").args(["component", "add", "rust-src"])).context("rust-src is needed")?;
    }
    Ok(())
}

/// Installs the components and targets that are missing. A toolchain without rustup is taken as it is: what it lacks, the
/// command that needs it says.
pub(crate) fn install() -> Result<()> {
    heading("toolchain");
    let installed = |list: &[&str]| output(command("rustup").args(list));
    let (Ok(components), Ok(targets)) =
        (installed(&["component", "list", "--installed"]), installed(&["target", "list", "--installed"]))
    else {
        println!("no rustup here: the toolchain is used as it is");
        return Ok(());
    };
    // A component is listed with its host: `clippy-x86_64-unknown-linux-gnu`.
    for component in ["clippy", "rustfmt"] {
        if !components.lines().any(|line| line == component || line.starts_with(&format!("{component}-"))) {
            run(command("rustup").args(["component", "add", component]))
                .with_context(|| format!("{component} is needed"))?;
        }
    }
    if !targets.lines().any(|line| line == WASM) {
        run(command("rustup").args(["target", "add", WASM])).with_context(|| format!("{WASM} is needed"))?;
    }
    println!("clippy, rustfmt and {WASM} are there");
    Ok(())
}
