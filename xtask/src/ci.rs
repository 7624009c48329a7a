//! `cargo xtask ci`: everything that must hold before a change is taken.

use crate::shell::{self, cargo, heading};
use crate::toolchain::{self, WASM};
use crate::{book, codegen, fuzz, pure, test, tools};
use anyhow::{Context, Result};

/// Runs every check, the quickest first, and stops at the first that fails.
pub(crate) fn run() -> Result<()> {
    toolchain::install()?;
    heading("format");
    shell::run(cargo().args(["fmt", "--all", "--check"])).context("`cargo fmt --all` mends this")?;
    let fuzz_targets = ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"];
    shell::run(cargo().args(fuzz_targets))
        .context("`cargo fmt --manifest-path fuzz/Cargo.toml` mends this")?;
    heading("lints");
    shell::run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    toolchain::check_other_systems()?;
    heading("documentation");
    shell::run(cargo().args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    book::build()?;
    tools::check_spelling()?;
    tools::check_dependencies()?;
    tools::check_packages()?;
    heading("generated files");
    codegen::run(true)?;
    heading("the engine without an operating system");
    pure::check()?;
    let bare =
        ["build", "--package", "calico-ipv6-engine", "--lib", "--no-default-features", "--target", WASM];
    shell::run(cargo().args(bare))?;
    fuzz::fuzz(fuzz::Effort::Repeatable, &[])?;
    test::all(true)
}
