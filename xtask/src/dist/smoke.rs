//! Whether an archive works: it is unpacked in a new folder, and its command converts a file.

use super::platform::Platform;
use crate::shell::{output, root};
use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use std::path::Path;
use std::process::Command;
use tar::Archive;
use tempfile::TempDir;

/// What every archive has beside the command.
const FILES: [&str; 5] = [
    "LICENSE",
    "THIRD-PARTY-NOTICES.txt",
    "completions/calico-ipv6.bash",
    "man/man1/calico-ipv6.1",
    "man/man1/calico-ipv6-transform.1",
];

/// Checks the archive of the command.
pub(super) fn archive(platform: &Platform, version: &str, name: &str, archive: &[u8]) -> Result<()> {
    let folder = unpacked(archive)?;
    let at = folder.path().join(name);
    for file in FILES {
        ensure!(at.join(file).is_file(), "{name}: {file} is missing");
    }
    let program = at.join(platform.program());
    ensure!(program.is_file(), "{name}: has no {}", platform.program());
    if !platform.runs_here() {
        println!("not run: this machine runs no programs for {}", platform.target);
        return Ok(());
    }
    let stated = output(&mut alone(&program, folder.path(), &["--version"]))?;
    ensure!(stated.trim() == format!("calico-ipv6 {version}"), "--version prints {stated}");
    let arguments = ["transform", "-q", "--to", "dual-stack", "--ipv6-pod-cidr", "fd00:10:244::/56"];
    let manifest = root().join("examples/calico.yaml").display().to_string();
    let converted = output(&mut alone(&program, folder.path(), &[&arguments[..], &[&manifest]].concat()))?;
    let expected = output(&mut super::ask(&[&arguments[..], &[&manifest]].concat()))?;
    ensure!(!converted.is_empty() && converted == expected, "{name}: converts a file to other bytes");
    println!("unpacked, run, and {manifest} converted");
    Ok(())
}

/// Checks the archive of the plugin: help and messages name it as kubectl does.
pub(super) fn plugin(platform: &Platform, archive: &[u8]) -> Result<()> {
    let folder = unpacked(archive)?;
    let program = folder.path().join(platform.plugin());
    ensure!(
        program.is_file() && folder.path().join("LICENSE").is_file(),
        "the plugin's archive is not complete"
    );
    if platform.runs_here() {
        let help = output(&mut alone(&program, folder.path(), &["--help"]))?;
        ensure!(
            help.contains("Usage: kubectl calico-ipv6"),
            "the plugin does not know that it is one: {help}"
        );
    }
    Ok(())
}

fn unpacked(archive: &[u8]) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    Archive::new(GzDecoder::new(archive)).unpack(folder.path()).context("unpack")?;
    Ok(folder)
}

/// A program without an environment: nothing of this machine helps it.
fn alone(program: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().args(arguments);
    command
}
