//! A folder in which the command runs, and the smallest manifests that it edits.

#![allow(clippy::unwrap_used, clippy::print_stderr, dead_code, unreachable_pub, missing_docs)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

pub const DUAL: [&str; 5] = ["transform", "--to", "dual-stack", "--ipv6-pod-cidr", "fd00:10:244::/56"];

pub const CONFIG: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: calico-config
data:
  cni_network_config: '{"type": "calico", "ipam": {"type": "calico-ipam"}}'
"#;

pub const CONFIG_DUAL: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: calico-config
data:
  cni_network_config: '{"type": "calico", "ipam": {"type": "calico-ipam", "assign_ipv4": "true", "assign_ipv6": "true"}}'
"#;

/// Calico 3.22 with the VXLAN backend has no IPv6.
pub const REFUSED: &str = r#"apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: calico-node
spec:
  template:
    spec:
      containers:
        - name: calico-node
          image: calico/node:v3.22.5
          env:
            - name: CALICO_NETWORKING_BACKEND
              value: "vxlan"
            - name: IP
              value: "autodetect"
"#;

pub const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";

/// A folder with the files of a test.
pub struct Folder(pub TempDir);

impl Folder {
    pub fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = folder.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// All files below it, sorted.
    pub fn list(&self) -> Vec<String> {
        fn walk(root: &Path, at: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(at).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    walk(root, &path, found);
                } else {
                    found.push(path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"));
                }
            }
        }
        let mut found = Vec::new();
        walk(self.0.path(), self.0.path(), &mut found);
        found.sort();
        found
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "", &[])
    }

    /// The command in this folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_calico-ipv6"));
        command.current_dir(self.0.path()).env_clear().args(arguments);
        command
    }

    /// A line of bash in which `dual` is the command, its target and the quiet flag.
    pub fn bash(&self, line: &str) -> Ran {
        let dual = format!("{} {} -q", env!("CARGO_BIN_EXE_calico-ipv6"), DUAL.join(" "));
        let line = format!("dual() {{ {dual} \"$@\"; }}\n{line}");
        Ran(Command::new("bash").args(["-c", &line]).current_dir(self.0.path()).output().unwrap())
    }

    pub fn run_with(&self, arguments: &[&str], input: &str, env: &[(&str, &str)]) -> Ran {
        let mut command = self.command(arguments);
        command.envs(env.iter().copied());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran(child.wait_with_output().unwrap())
    }
}

/// What a run printed, and how it ended.
pub struct Ran(pub Output);

impl Ran {
    #[track_caller]
    pub fn exit(self, code: i32) -> Ran {
        assert_eq!(self.0.status.code(), Some(code), "{}", self.err());
        self
    }

    pub fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }
}

pub fn dual<'a>(more: &[&'a str]) -> Vec<&'a str> {
    DUAL.iter().copied().chain(more.iter().copied()).collect()
}

/// Says why a test does not run here.
pub fn skip(reason: &str) {
    eprintln!("skipped: {reason}");
}

/// Whether the tests run as root, who may mount, and give files away.
pub fn is_root() -> bool {
    cfg!(target_os = "linux") && fs::metadata("/proc/self").is_ok_and(|own| uid(&own) == 0)
}

#[cfg(unix)]
fn uid(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(metadata)
}

#[cfg(not(unix))]
fn uid(_: &fs::Metadata) -> u32 {
    1
}
