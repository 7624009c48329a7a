//! Starts the programs of others, which start the command.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub, missing_docs)]

use crate::folder::{Folder, Ran};
use calico_ipv6_tests::hosts::KUSTOMIZE;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Says that a test is skipped, past the harness, which shows nothing of a test that passes.
pub fn skip(why: &str) {
    let _ = std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes());
}

/// kustomize; without it, the test is skipped.
pub fn kustomize() -> Option<PathBuf> {
    let found = KUSTOMIZE.installed();
    if found.is_none() {
        skip("kustomize v5.8.2 is not installed: `cargo xtask test` installs it");
    }
    found
}

/// A file of the folder `examples`.
pub fn example(name: &str) -> String {
    std::fs::read_to_string(root().join("examples").join(name)).unwrap()
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// `PATH` with the folder of the command, and others before it.
pub fn path(before: &[&Path]) -> OsString {
    let own = Path::new(env!("CARGO_BIN_EXE_calico-ipv6")).parent().unwrap();
    let old = std::env::var_os("PATH").unwrap_or_default();
    let folders = before.iter().copied().chain([own]).map(Path::to_owned);
    std::env::join_paths(folders.chain(std::env::split_paths(&old))).unwrap()
}

/// Runs a host in a folder, which is its home, too.
pub fn run(program: &Path, arguments: &[&str], folder: &Folder) -> Ran {
    run_with(program, arguments, folder, "", &[])
}

pub fn run_with(
    program: &Path,
    arguments: &[&str],
    folder: &Folder,
    input: &str,
    env: &[(&str, &str)],
) -> Ran {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder.0.path()).env("PATH", path(&[])).env("HOME", folder.0.path());
    command.envs(env.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A host that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Ran(child.wait_with_output().unwrap())
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
