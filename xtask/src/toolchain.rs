//! What builds and tests need of the toolchain, installed where it is missing.

use crate::shell::{cargo, command, heading, output, run, target_folder};
use anyhow::{Context, Result};

/// The target that the engine must also compile for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The other systems that people run the command on. Rust's library is compiled for them here, so that no toolchain of theirs
/// is needed; nothing is linked.
const OTHER_SYSTEMS: [&str; 2] = ["aarch64-apple-darwin", "x86_64-pc-windows-msvc"];

/// Compiles the command for the systems that this machine cannot run, up to the linker.
pub(crate) fn check_other_systems() -> Result<()> {
    install_source()?;
    let folder = target_folder()?.join("other-systems");
    for system in OTHER_SYSTEMS {
        heading(&format!("lints for {system}"));
        let mut clippy = cargo();
        clippy.env("RUSTC_BOOTSTRAP", "1").args(["clippy", "--package", "calico-ipv6", "--target", system]);
        clippy
            .args(["-Zbuild-std=std,panic_abort", "--target-dir"])
            .arg(&folder)
            .args(["--", "-D", "warnings"]);
        run(&mut clippy)?;
    }
    Ok(())
}

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
