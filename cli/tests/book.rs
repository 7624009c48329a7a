//! Every command of the README, of the book, of the pages that it includes and of `--help`.
//!
//! A page has two kinds of blocks with commands:
//!
//! - `console`: what a person types after `$ ` and what is printed, standard error included. `...` is any number of lines,
//!   `[..]` is any text inside a line, and `? 1` below a command is its exit code. The commands of a page run in one folder,
//!   one after the other: a copy of `examples/`, and the files of `docs/book/samples/PAGE`. The README's run
//!   beside a copy of `examples/`. `TRYCMD=overwrite` rewrites what is printed.
//! - `sh`: commands that need a cluster, a host or the network. A shell must understand them, and kubectl and calico-ipv6
//!   must know their flags.
//!
//! A command in any other block must also be in a `console` block of the page.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod commands;
mod markdown;

use libtest_mimic::{Arguments, Failed, Trial};
use markdown::{Block, Call};
use snapbox::IntoData as _;
use snapbox::filter::{Filter as _, FilterNewlines, NormalizeToExpected};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Programs whose names begin a command.
const PROGRAMS: [&str; 14] = [
    "ansible-playbook",
    "calico-ipv6",
    "calicoctl",
    "cargo",
    "curl",
    "git",
    "helm",
    "kpt",
    "kubeadm",
    "kubectl",
    "kustomize",
    "oc",
    "sudo",
    "systemctl",
];

/// Pages beside the book's own. The others are generated from what the command prints, or from cases, which are tests.
const OTHER_PAGES: [&str; 6] =
    ["README.md", "docs/krm.md", "docs/lint.md", "docs/patches.md", "docs/reliability.md", "docs/steps.md"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<Trial> = pages()
        .into_iter()
        .map(|page| Trial::test(page.display().to_string(), move || check_page(&page)))
        .collect();
    trials.push(Trial::test("examples of --help", check_examples));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The pages, by their path below the root.
fn pages() -> Vec<PathBuf> {
    let book = fs::read_dir(root().join("docs/book/src")).unwrap();
    let names = book.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut pages: Vec<PathBuf> = names.map(|name| PathBuf::from(format!("docs/book/src/{name}"))).collect();
    pages.extend(OTHER_PAGES.map(PathBuf::from));
    pages.sort();
    pages
}

fn check_page(page: &Path) -> Result<(), Failed> {
    let path = root().join(page);
    let text = fs::read_to_string(&path)?;
    let blocks = markdown::blocks(&text);
    check_other_blocks(page, &blocks)?;
    let scripts: BTreeSet<String> =
        blocks.iter().filter(|block| block.kind == "sh").map(Block::text).collect();
    commands::check_syntax(&scripts)?;
    commands::check_flags(&scripts)?;

    let sandbox = sandbox(page)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut differences = String::new();
    let mut answers = Vec::new();
    for block in blocks.iter().filter(|block| block.kind == "console") {
        for call in markdown::calls(block)? {
            let printed = sandbox.run(&call.command)?;
            let expected = call.expected.clone().into_data().raw();
            let printed = NormalizeToExpected::new()
                .redact()
                .normalize(FilterNewlines.filter(printed.into_data()), &expected);
            let printed = printed.to_string();
            if printed != call.expected {
                differences.push_str(&difference(page, &call, &printed));
                answers.push((call.lines.clone(), printed, block.indentation.clone()));
            }
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    if std::env::var_os("TRYCMD").is_some_and(|value| value == "overwrite") {
        // From the last to the first, so that the lines before keep their numbers.
        for (range, printed, indentation) in answers.into_iter().rev() {
            let new = printed.lines().map(|line| format!("{indentation}{line}").trim_end().to_owned());
            lines.splice(range, new);
        }
        fs::write(path, lines.join("\n") + "\n")?;
        return Ok(());
    }
    Err(format!("{differences}TRYCMD=overwrite writes what is printed").into())
}

fn difference(page: &Path, call: &Call, printed: &str) -> String {
    let (page, line) = (page.display(), call.lines.start);
    format!("{page}:{line}: $ {}\n--- expected\n{}--- printed\n{printed}\n", call.command, call.expected)
}

/// Finds commands that no test would see.
fn check_other_blocks(page: &Path, blocks: &[Block]) -> Result<(), Failed> {
    let run: BTreeSet<String> = blocks
        .iter()
        .filter(|block| block.kind == "console")
        .flat_map(|block| markdown::calls(block).unwrap_or_default())
        .map(|call| call.command)
        .collect();
    for block in blocks.iter().filter(|block| !matches!(block.kind.as_str(), "console" | "sh")) {
        for (number, line) in block.lines() {
            let Some(command) = command_in(line) else { continue };
            let place = format!("{}:{number}", page.display());
            if block.kind.is_empty() {
                return Err(format!("{place}: a block without a kind has the command `{command}`").into());
            }
            if !run.contains(command) {
                let kind = &block.kind;
                return Err(format!(
                    "{place}: no console block has `{command}`, which is in a block of kind {kind}"
                )
                .into());
            }
        }
    }
    Ok(())
}

/// The command that a line of a configuration or of a text begins with.
fn command_in(line: &str) -> Option<&str> {
    let line = line.trim_start_matches([' ', '-', '$']);
    let line = ["run: ", "script: ", "entry: "].iter().find_map(|key| line.strip_prefix(key)).unwrap_or(line);
    let (program, rest) = line.split_once(' ')?;
    // `kubeadm init prints ...` in prose would be one; pages do not begin lines of other blocks like that.
    (PROGRAMS.contains(&program) && !rest.is_empty()).then(|| line.trim_end())
}

/// A folder in which the commands of a page run.
struct Sandbox {
    folder: tempfile::TempDir,
    /// What is found as a program.
    path: String,
}

fn sandbox(page: &Path) -> Result<Sandbox, Failed> {
    let folder = tempfile::tempdir()?;
    let work = folder.path().join("work");
    let name = page.file_stem().unwrap_or_default();
    if page.parent() == Some(Path::new("")) {
        copy(&root().join("examples"), &work.join("examples"))?;
    } else {
        copy(&root().join("examples"), &work)?;
    }
    let samples = root().join("docs/book/samples").join(name);
    if samples.is_dir() {
        copy(&samples, &work)?;
    }
    // The copy of a host that the page of `preflight` shows.
    copy(&root().join("cli/tests/cmd/preflight.in/node7"), &work.join("node7"))?;
    let bin = folder.path().join("bin");
    fs::create_dir(&bin)?;
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_calico-ipv6"), bin.join("calico-ipv6"))?;
    let path = format!("{}:{}", bin.display(), std::env::var("PATH")?);
    Ok(Sandbox { folder, path })
}

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

impl Sandbox {
    /// What a command prints, as a terminal shows it, and its exit code before it if it is not 0.
    fn run(&self, command: &str) -> Result<String, Failed> {
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(self.folder.path().join("work"))
            .env("PATH", &self.path)
            .env("HOME", self.folder.path().join("work"))
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null())
            .output()?;
        let code = output.status.code().ok_or_else(|| format!("{command}: was killed"))?;
        let mut printed = if code == 0 { String::new() } else { format!("? {code}\n") };
        // A page has no blanks at the end of a line, and a block has no blank line at its end.
        for line in String::from_utf8(output.stdout)?.trim_end().lines() {
            printed.extend([line.trim_end(), "\n"]);
        }
        Ok(printed)
    }
}

/// What the examples of `--help` find: a file that is dual-stack, the folders of a home, and programs of the system that
/// are not asked.
const PREPARE: &str = "
calico-ipv6 transform -q --to dual-stack --ipv6-pod-cidr fd00:10:244::/56 --encapsulation vxlan-cross-subnet calico.yaml > dual-stack.yaml
mkdir -p ~/.local/share/bash-completion/completions ~/.local/share/man/man1 ~/.zfunc
printf 'apiVersion: config.kubernetes.io/v1\\nkind: ResourceList\\nitems: []\\nfunctionConfig: {apiVersion: v1, kind: ConfigMap, data: {to: dual-stack}}\\n' > resource-list.yaml
for name in sudo man kpt; do printf '#!/bin/sh\\ncat > /dev/null\\n' > ../bin/$name; chmod +x ../bin/$name; done";

/// Runs what `--help` of each subcommand shows as its examples.
fn check_examples() -> Result<(), Failed> {
    let help = |arguments: &[&str]| -> Result<String, Failed> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_calico-ipv6"));
        Ok(String::from_utf8(command.args(arguments).env("COLUMNS", "100").output()?.stdout)?)
    };
    let all = help(&["--help"])?;
    let listed =
        all.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names =
        listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    for name in names.filter(|name| *name != "help") {
        let text = help(&[name, "--help"])?;
        let examples = examples(&text);
        if examples.is_empty() {
            return Err(format!("`calico-ipv6 {name} --help` has no examples").into());
        }
        let sandbox = sandbox(Path::new("docs/help.md"))?;
        sandbox.run(PREPARE)?;
        for example in examples {
            commands::check_syntax(&BTreeSet::from([example.clone()]))?;
            let printed = sandbox.run(&example)?;
            // A host may not be ready for IPv6, and a finding is an answer, too.
            let may_fail = name == "preflight";
            if printed.starts_with("? ") && !(may_fail && printed.starts_with("? 1\n")) {
                return Err(format!("{example}\n{printed}").into());
            }
        }
    }
    Ok(())
}

/// The examples at the end of a help.
fn examples(help: &str) -> Vec<String> {
    let (_, text) = help.split_once("\nExamples:\n").unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#'));
    let joined = lines.map(str::trim).collect::<Vec<_>>().join("\n").replace("\\\n", "");
    joined.lines().map(str::to_owned).collect()
}
