//! `cargo xtask test`: what the tests need, and all of them.

use crate::shell::{self, cargo, heading};
use crate::{hosts, sizes, toolchain, tools, web};
use anyhow::Result;

/// Installs what is missing and runs every test.
pub(crate) fn run() -> Result<()> {
    toolchain::install()?;
    all(false)
}

/// Every test of the workspace, and every benchmark once. With `check` committed declarations must be current.
pub(crate) fn all(check: bool) -> Result<()> {
    web::build(check)?;
    web::test()?;
    tools::install_shellcheck()?;
    hosts::install()?;
    heading("benchmarks, each step once");
    shell::run(cargo().args(["test", "--workspace", "--benches", "--quiet"]))?;
    heading("examples in the documentation");
    shell::run(cargo().args(["test", "--workspace", "--doc", "--quiet"]))?;
    heading("tests");
    shell::run(cargo().args(["test", "--workspace", "--lib", "--bins", "--tests"]))?;
    // Last: something over its budget fails the run, and hides no test.
    sizes::check()
}
