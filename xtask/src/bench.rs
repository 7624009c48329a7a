//! `cargo xtask bench`: the whole command beside `cat` and beside its peers, all doing the same edit to the same file.
//!
//! Runs are interleaved, so that a machine that slows down slows all of them. Nothing is asserted: the table is to be read.

mod edit;
mod measure;
mod peers;
mod table;

use crate::node::tool;
use crate::shell::{cargo, heading, root, run as run_shown, target_folder};
use crate::web;
use anyhow::{Context, Result};
use peers::{Peer, Tool};
use std::path::PathBuf;
use table::Row;

/// What becomes of a tool: a row of the table, or why it has none.
type Outcome = Result<Row, (&'static str, String)>;

/// Times every tool `rounds` times and prints the table.
pub(crate) fn run(rounds: usize, offline: bool) -> Result<()> {
    heading("the command");
    run_shown(cargo().args(["build", "--release", "--package", "calico-ipv6"]))?;
    let file = subject();
    let before = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let cache = cache()?;
    heading("the peers");
    let peers = peers::all(&ours()?, &file, &before, &cache, offline)?;

    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut tools: Vec<Tool> = Vec::new();
    for peer in peers {
        match peer {
            Peer::Skipped(name, why) => outcomes.push(Err((name, why))),
            Peer::Ready(tool) => match Row::of(&tool, &before) {
                Ok(row) => {
                    outcomes.push(Ok(row));
                    tools.push(tool);
                }
                Err(error) => outcomes.push(Err((tool.name, format!("{error:#}")))),
            },
        }
    }
    heading(&format!("{rounds} interleaved runs of {} tools", tools.len()));
    let mut times = measure::interleaved(&tools, rounds)?.into_iter();
    for row in outcomes.iter_mut().flatten() {
        row.times = times.next().unwrap_or_default();
    }
    let lines = before.lines().count();
    println!("{}: {} bytes, {lines} lines\n", file.display(), before.len());
    print!("{}", table::render(&outcomes));
    Ok(())
}

/// Times the first transform of the built page beside later ones.
pub(crate) fn page() -> Result<()> {
    web::build(false)?;
    heading("the page");
    let bench = root().join("web/bench");
    run_shown(tool("vitest").args(["run", "--root"]).arg(bench).env("CALICO_IPV6_SUBJECT", subject()))
}

/// A calico.yaml of release 3.31 from the corpus, else the example of the repository.
fn subject() -> PathBuf {
    let corpus =
        std::env::var_os("CALICO_IPV6_CORPUS").map_or_else(|| root().join("../shared/corpus"), PathBuf::from);
    let releases =
        std::fs::read_dir(corpus.join("calico")).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_wanted =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("v3.31."));
    let manifest = releases
        .filter(is_wanted)
        .map(|release| release.join("calico.yaml"))
        .filter(|path| path.is_file())
        .max();
    manifest.and_then(|path| path.canonicalize().ok()).unwrap_or_else(|| root().join("examples/calico.yaml"))
}

/// The release build of the command: beside the build of this program.
fn ours() -> Result<PathBuf> {
    Ok(target_folder()?.join("release").join(format!("calico-ipv6{}", std::env::consts::EXE_SUFFIX)))
}

/// Where peers are installed: outside of the checkout, kept between runs.
fn cache() -> Result<PathBuf> {
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    let base =
        std::env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from).or_else(home);
    let cache = base.context("neither XDG_CACHE_HOME nor a home folder is known")?.join("calico-ipv6");
    std::fs::create_dir_all(&cache).with_context(|| cache.display().to_string())?;
    Ok(cache)
}
