//! `cargo xtask oracle`: asks the real components again, and rewrites what they answered.
//!
//! The programs below `tests/oracle` are written in Go, since that is what the components are libraries of. They are built
//! where they are missing; the one of Kubernetes takes ten minutes and 4 GB of Go's build cache. No part of CI.

use crate::shell::{command, heading, output, run};
use anyhow::{Context, Result, ensure};
use calico_ipv6_tests::oracle::{Answer, Record, folder, read, recorded, write};
use serde_json::Value;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Asks the components of these programs, or of all.
pub(crate) fn ask(programs: &[String]) -> Result<()> {
    output(command("go").arg("version"))
        .context("the real components are built with Go 1.26: https://go.dev/dl")?;
    for file in recorded() {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !programs.is_empty() && !programs.contains(&name) {
            continue;
        }
        heading(&name);
        let program = built(&name)?;
        let mut records = read(&file);
        let mut changed = 0;
        for record in &mut records {
            let (version, answer) =
                answer(&program, record).with_context(|| format!("{}: {}", record.rule, record.question))?;
            if (&version, &answer) != (&record.version, &record.answer) {
                println!("{}: {} {version} now answers {:?}", record.rule, record.component, answer);
                changed += 1;
            }
            (record.version, record.answer) = (version, answer);
        }
        write(&file, &records);
        println!("{} answers, {changed} of them new", records.len());
    }
    println!("`cargo test -p calico-ipv6-tests --test oracle` compares them with the engine");
    Ok(())
}

/// The program. Its name in the cache says what it was built from.
fn built(name: &str) -> Result<PathBuf> {
    let source = folder().join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&source)
        .with_context(|| source.display().to_string())?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        std::fs::read(&file).with_context(|| file.display().to_string())?.hash(&mut hasher);
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    let cache = cache.or_else(home).context("no folder for caches")?.join("calico-ipv6").join("oracle");
    let program = cache.join(format!("{name}-{:016x}{}", hasher.finish(), std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        run(command("go")
            .current_dir(source)
            .args(["build", "-trimpath", "-ldflags", "-s -w", "-o"])
            .args([program.as_os_str(), ".".as_ref()]))?;
    }
    Ok(program)
}

/// The release of the component, and what it answers.
fn answer(program: &Path, record: &Record) -> Result<(String, Answer)> {
    let asked = record.asked().context("the engine converts nothing")?;
    let mut child = Command::new(program)
        .arg(&record.component)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    child.stdin.take().context("no standard input")?.write_all(asked.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let text = |key: &str| said[key].as_str().map(str::to_owned).with_context(|| format!("no {key}"));
    let accepted = said["accepted"].as_bool().context("no accepted")?;
    Ok((text("version")?, Answer { accepted, message: text("message")? }))
}
