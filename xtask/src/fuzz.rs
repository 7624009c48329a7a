//! `cargo xtask fuzz`: every fuzz target for some seconds, from the inputs of the literate cases.

use crate::shell::{cargo, heading, output, root, run};
use anyhow::{Context, Result, bail};
use calico_ipv6_tests::case::{self, Case};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A fuzz target of the folder `fuzz`.
struct Target {
    name: &'static str,
    /// How many bytes of an input choose what is done with the rest.
    choices: usize,
    /// How the rest is encoded.
    encoding: Encoding,
    /// How many inputs are tried in CI: about half a minute.
    runs: u32,
}

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effort {
    /// For so many seconds, all targets together: other inputs each time, and those that were found before.
    Seconds(u64),
    /// The same inputs in each run, so that a change is judged by what it changes.
    Repeatable,
}

enum Encoding {
    Utf8,
    Utf16,
}

const TARGETS: [Target; 7] = [
    Target { name: "split", choices: 0, encoding: Encoding::Utf8, runs: 300_000 },
    Target { name: "parse", choices: 0, encoding: Encoding::Utf8, runs: 200_000 },
    Target { name: "edit", choices: 4, encoding: Encoding::Utf8, runs: 150_000 },
    Target { name: "embedded", choices: 5, encoding: Encoding::Utf8, runs: 150_000 },
    Target { name: "flag_files", choices: 4, encoding: Encoding::Utf8, runs: 200_000 },
    Target { name: "transform", choices: 1, encoding: Encoding::Utf8, runs: 8_000 },
    Target { name: "utf16", choices: 1, encoding: Encoding::Utf16, runs: 15_000 },
];

/// What cargo-fuzz passes to rustc, without the sanitizers, which the stable compiler does not have: the engine has no unsafe
/// code that they could watch.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// A larger input is slower and finds no more.
const MAX_LENGTH: usize = 4096;

/// Builds all targets and runs those that are named, or all: as many at a time as there are cores.
pub(crate) fn fuzz(effort: Effort, names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| !TARGETS.iter().any(|target| target.name == **name)) {
        let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        bail!("there is no fuzz target `{unknown}`: {}", known.join(", "));
    }
    let wanted = |target: &&Target| names.is_empty() || names.iter().any(|name| name == target.name);
    let targets: Vec<&Target> = TARGETS.iter().filter(wanted).collect();
    heading("fuzz targets");
    let programs = build()?;
    let folder = root().join("target/fuzz");
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let rounds = targets.len().div_ceil(jobs) as u64;
    let limits = |target: &Target| match effort {
        Effort::Seconds(seconds) => vec![format!("-max_total_time={}", (seconds / rounds).max(1))],
        Effort::Repeatable => vec!["-seed=1".to_owned(), format!("-runs={}", target.runs)],
    };
    let corpus = match effort {
        Effort::Seconds(_) => folder.join("corpus"),
        Effort::Repeatable => {
            let corpus = folder.join("repeatable");
            if corpus.exists() {
                std::fs::remove_dir_all(&corpus)?;
            }
            corpus
        }
    };
    let cases = case::all();
    for target in &targets {
        write_seeds(target, &cases, &folder.join("seeds").join(target.name))?;
    }
    let mut found = Vec::new();
    for batch in targets.chunks(jobs) {
        let started: Vec<(&Target, Child)> = batch
            .iter()
            .map(|target| Ok((*target, start(target, &programs, &folder, &corpus, &limits(target))?)))
            .collect::<Result<_>>()?;
        for (target, mut child) in started {
            let status = child.wait()?;
            let log = std::fs::read(log_of(target, &folder))?;
            let log = String::from_utf8_lossy(&log);
            println!("{:<11} {:>10} executions", target.name, executions(&log));
            if !status.success() {
                found.push(report(target, &folder, &log));
            }
        }
    }
    if !found.is_empty() {
        bail!("{}", found.join("\n"));
    }
    Ok(())
}

/// The folder with the programs. libFuzzer needs `--target`: build scripts must not be instrumented.
fn build() -> Result<PathBuf> {
    let host = output(cargo().args(["-vV"]))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("cargo names no host")?;
    let folder = root().join("target/fuzz/build");
    run(cargo()
        .args(["build", "--release", "--quiet", "--manifest-path", "fuzz/Cargo.toml", "--target", host])
        .arg("--target-dir")
        .arg(&folder)
        .env("RUSTFLAGS", COVERAGE)
        .env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    Ok(folder.join(host).join("release"))
}

/// Starts a target. What it learns stays in `corpus`.
fn start(target: &Target, programs: &Path, folder: &Path, corpus: &Path, limits: &[String]) -> Result<Child> {
    let corpus = corpus.join(target.name);
    let seeds = folder.join("seeds").join(target.name);
    let findings = folder.join("findings").join(target.name);
    for place in [&corpus, &findings] {
        std::fs::create_dir_all(place)?;
    }
    Command::new(programs.join(target.name))
        .current_dir(root())
        .args([&corpus, &seeds])
        .args(limits)
        .arg(format!("-max_len={MAX_LENGTH}"))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .args(["-dict=fuzz/words.dict", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .stdout(Stdio::null())
        // Not a pipe: a target that fills it would wait until the one before it has ended.
        .stderr(std::fs::File::create(log_of(target, folder))?)
        .spawn()
        .with_context(|| target.name)
}

/// The inputs of the literate cases, as this target reads them.
fn write_seeds(target: &Target, cases: &[Case], folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    for (i, case) in cases.iter().enumerate() {
        let mut bytes: Vec<u8> =
            (0..target.choices).map(|n| u8::try_from((i + n) % 251)).collect::<Result<_, _>>()?;
        match target.encoding {
            Encoding::Utf8 => bytes.extend(case.input.bytes()),
            Encoding::Utf16 => bytes.extend(case.input.encode_utf16().flat_map(u16::to_le_bytes)),
        }
        if bytes.len() <= MAX_LENGTH {
            std::fs::write(folder.join(i.to_string()), bytes)?;
        }
    }
    Ok(())
}

/// The number of executions that libFuzzer's statistics name.
fn executions(log: &str) -> &str {
    log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units: ")).unwrap_or("?")
}

/// What was found, and how to see it again.
fn report(target: &Target, folder: &Path, log: &str) -> String {
    let name = target.name;
    let panic =
        log.lines().skip_while(|line| !line.contains("panicked at")).take(2).collect::<Vec<_>>().join(" ");
    let artifact = log.lines().find_map(|line| line.split("Test unit written to ").nth(1));
    let mut told = format!("{name}: {panic}\n  log: {}", log_of(target, folder).display());
    if let Some(artifact) = artifact {
        let _ = write!(told, "\n  again: target/fuzz/build/*/release/{name} {artifact}");
    }
    told
}

/// What a target prints.
fn log_of(target: &Target, folder: &Path) -> PathBuf {
    folder.join("findings").join(format!("{}.log", target.name))
}
