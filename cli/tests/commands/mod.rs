//! Checks of commands that a test cannot run, because they need a cluster: a shell understands them, and kubectl and
//! calico-ipv6 know their flags.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs that the commands name, and that the check of the flags does not run.
const OTHERS: [&str; 23] = [
    "ansible-playbook",
    "calicoctl",
    "cargo",
    "cp",
    "curl",
    "git",
    "helm",
    "ip",
    "k3s",
    "kpt",
    "kubeadm",
    "kustomize",
    "ls",
    "oc",
    "openshift-install",
    "rm",
    "scp",
    "sed",
    "ssh",
    "sudo",
    "sysctl",
    "systemctl",
    "tar",
];

/// A program that does nothing: what it would read is read, what it would print is one word.
const STUB: &str = "#!/bin/sh\n[ -t 0 ] || cat > /dev/null\necho word\n";

/// Says that a test is skipped, past the harness, which shows nothing of a test that passes.
fn skip(why: &str) {
    let _ = std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes());
}

/// ShellCheck: what `cargo xtask ci` installs, or the one of this machine.
fn shellcheck() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_BIN_EXE_calico-ipv6")).parent()?.parent()?;
    let own = target.join("shellcheck/bin/shellcheck");
    let path = if own.exists() { own } else { PathBuf::from("shellcheck") };
    Command::new(&path).arg("--version").output().ok().map(|_| path)
}

/// Checks that a shell understands each script, as ShellCheck does.
pub(crate) fn check_syntax(scripts: &BTreeSet<String>) -> Result<(), String> {
    if scripts.is_empty() {
        return Ok(());
    }
    let Some(shellcheck) = shellcheck() else {
        skip("ShellCheck is not installed: `cargo xtask test` installs it");
        return Ok(());
    };
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for script in scripts {
        let file = folder.path().join(format!("{}.sh", files.len()));
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        files.push(file);
    }
    let output = Command::new(shellcheck).args(["--shell", "sh"]).args(&files).output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stdout).into_owned()) }
}

/// Runs each script with kubectl and calico-ipv6 asked for help: they parse the flags, and reach no cluster. Other
/// programs do nothing.
pub(crate) fn check_flags(scripts: &BTreeSet<String>) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    let log = folder.path().join("log");
    for name in OTHERS {
        write_program(&bin.join(name), STUB);
    }
    write_program(&bin.join("calico-ipv6"), &asking_for_help(env!("CARGO_BIN_EXE_calico-ipv6"), &log));
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_calico-ipv6"), bin.join("kubectl-calico_ipv6")).unwrap();
    let found = Command::new("sh").args(["-c", "command -v kubectl"]).output().unwrap();
    let kubectl = String::from_utf8(found.stdout).unwrap().trim().to_owned();
    if kubectl.is_empty() {
        skip("kubectl is not installed: its flags are not checked");
        write_program(&bin.join("kubectl"), STUB);
    } else {
        write_program(&bin.join("kubectl"), &asking_for_help(&kubectl, &log));
    }
    // The plan of OpenShift writes there what it saves.
    fs::create_dir(folder.path().join("before")).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    for script in scripts {
        if !script.contains("kubectl") && !script.contains("calico-ipv6") {
            continue;
        }
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).current_dir(folder.path()).env("PATH", &path).env("HOME", folder.path());
        let errors = String::from_utf8(shell.output().unwrap().stderr).unwrap();
        if !errors.is_empty() {
            return Err(format!("{script}\n{errors}"));
        }
    }
    let log = fs::read_to_string(log).unwrap_or_default();
    if log.is_empty() { Ok(()) } else { Err(log) }
}

/// A program that asks another for help, with the same arguments, and writes down what it refuses. `--help` comes before
/// `--`: what follows `--` belongs to another program.
fn asking_for_help(real: &str, log: &Path) -> String {
    let log = log.display();
    format!(
        "#!/bin/bash\n[ -t 0 ] || cat > /dev/null\nwords=()\nfor word in \"$@\"; do [ \"$word\" = -- ] && break; words+=(\"$word\"); done\n\
         if ! answer=$('{real}' \"${{words[@]}}\" --help 2>&1); then echo \"$0 $*: $answer\" >> '{log}'; fi\necho word\n"
    )
}

fn write_program(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}
