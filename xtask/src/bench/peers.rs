//! The tools that are compared, installed into a cache where they are missing.

use super::edit::{CIDR, kustomize_patch};
use crate::shell::{output, run};
use anyhow::{Context, Result, bail};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The releases that are compared.
const YQ: &str = "v4.54.2";
const PYTHON: [&str; 2] = ["PyYAML==6.0.3", "ruamel.yaml==0.19.1"];

/// A tool that is ready to run.
#[derive(Clone, Debug)]
pub(super) struct Tool {
    /// Its name in the table.
    pub(super) name: &'static str,
    /// Whether it makes the edit; else it only copies.
    pub(super) edits: bool,
    program: PathBuf,
    args: Vec<OsString>,
}

impl Tool {
    fn new(name: &'static str, program: impl Into<PathBuf>, args: &[&dyn AsRef<OsStr>]) -> Tool {
        let args = args.iter().map(|arg| (**arg).as_ref().to_owned()).collect();
        Tool { name, edits: true, program: program.into(), args }
    }

    /// The command that does the edit and writes to standard output; with another program before it, if any.
    pub(super) fn command(&self, before: &[&OsStr]) -> Command {
        let mut words = before
            .iter()
            .copied()
            .chain([self.program.as_os_str()])
            .chain(self.args.iter().map(AsRef::as_ref));
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        command
    }
}

/// A tool, or why it cannot be compared.
#[derive(Clone, Debug)]
pub(super) enum Peer {
    /// It is there.
    Ready(Tool),
    /// It is not.
    Skipped(&'static str, String),
}

/// All tools: `cat` first, then ours.
pub(super) fn all(ours: &Path, file: &Path, before: &str, cache: &Path, offline: bool) -> Result<Vec<Peer>> {
    let work = cache.join("bench");
    std::fs::create_dir_all(&work).with_context(|| work.display().to_string())?;
    let put = |name: &str, text: &str| -> Result<PathBuf> {
        let path = work.join(name);
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        Ok(path)
    };
    let expression = put("edit.yq", &include_str!("edit.yq").replace("CIDR_HERE", CIDR))?;
    let script = put("edit.py", include_str!("edit.py"))?;
    put("calico.yaml", before)?;
    put("patch.yaml", &kustomize_patch(before)?)?;
    put("kustomization.yaml", "resources: [calico.yaml]\npatches: [{path: patch.yaml}]\n")?;

    let ours = Tool::new(
        "calico-ipv6",
        ours,
        &[&"transform", &"--to", &"dual-stack", &"--ipv6-pod-cidr", &CIDR, &file],
    );
    let mut all = vec![
        ready("cat", there("cat").map(|cat| Tool { edits: false, ..Tool::new("cat", cat, &[&file]) })),
        Peer::Ready(ours),
        ready(
            "kubectl kustomize",
            there("kubectl").map(|it| Tool::new("kubectl kustomize", it, &[&"kustomize", &work])),
        ),
        ready("yq", yq(cache, offline).map(|yq| Tool::new("yq", yq, &[&"--from-file", &expression, &file]))),
    ];
    let python = python(cache, offline).map_err(|error| format!("{error:#}"));
    for name in ["PyYAML", "ruamel.yaml"] {
        let tool = python.as_ref().map(|python| Tool::new(name, python, &[&script, &name, &file, &CIDR]));
        all.push(ready(name, tool.map_err(|error| anyhow::anyhow!("{error}"))));
    }
    Ok(all)
}

fn ready(name: &'static str, tool: Result<Tool>) -> Peer {
    match tool {
        Ok(tool) => Peer::Ready(tool),
        Err(error) => Peer::Skipped(name, format!("{error:#}")),
    }
}

/// A program of this machine.
fn there(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let found = std::env::split_paths(&path).map(|folder| folder.join(&file)).find(|path| path.is_file());
    found.with_context(|| format!("{name} is not on this machine"))
}

/// github.com/mikefarah/yq; what Debian calls yq is another program.
fn yq(cache: &Path, offline: bool) -> Result<PathBuf> {
    let bin = cache.join(format!("yq-{YQ}"));
    let yq = bin.join(format!("yq{}", std::env::consts::EXE_SUFFIX));
    if !yq.is_file() {
        if offline {
            bail!("not installed, and --offline forbids it");
        }
        let module = format!("github.com/mikefarah/yq/v4@{YQ}");
        run(Command::new(there("go")?).env("GOBIN", &bin).args(["install", &module]))?;
    }
    Ok(yq)
}

/// A Python with both libraries.
fn python(cache: &Path, offline: bool) -> Result<PathBuf> {
    let venv = cache.join("python");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python3" });
    let is_complete = || output(Command::new(&python).args(["-c", "import yaml, ruamel.yaml"])).is_ok();
    if !python.is_file() || !is_complete() {
        if offline {
            bail!("not installed, and --offline forbids it");
        }
        run(Command::new(there("python3")?).args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PYTHON))?;
    }
    Ok(python)
}
