//! The systems that the command is released for.

use crate::shell::{command, output, run};
use anyhow::{Context, Result, bail};

/// A system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Platform {
    /// As Rust names it.
    pub(super) target: &'static str,
    /// As krew names its system and architecture.
    pub(super) krew: (&'static str, &'static str),
    /// The architecture of the container image, if it is in one.
    pub(super) container: Option<&'static str>,
    /// The system that builds it: a value of `std::env::consts::OS`.
    host: &'static str,
    /// Flags of rustc.
    pub(super) flags: &'static [&'static str],
}

/// Rust brings a C library and a linker for static programs, so that one machine builds for both architectures. At a fixed
/// address the program needs no relocations when it starts: a seventh of the time of a transform.
const STATIC: &[&str] = &[
    "-Crelocation-model=static",
    "-Clinker=rust-lld",
    "-Clinker-flavor=ld.lld",
    "-Clink-self-contained=yes",
    "-Ctarget-feature=+crt-static",
];

/// All of them.
pub(super) const PLATFORMS: [Platform; 5] = [
    Platform {
        target: "x86_64-unknown-linux-musl",
        krew: ("linux", "amd64"),
        container: Some("amd64"),
        host: "linux",
        flags: STATIC,
    },
    Platform {
        target: "aarch64-unknown-linux-musl",
        krew: ("linux", "arm64"),
        container: Some("arm64"),
        host: "linux",
        flags: STATIC,
    },
    Platform {
        target: "x86_64-apple-darwin",
        krew: ("darwin", "amd64"),
        container: None,
        host: "macos",
        flags: &[],
    },
    Platform {
        target: "aarch64-apple-darwin",
        krew: ("darwin", "arm64"),
        container: None,
        host: "macos",
        flags: &[],
    },
    Platform {
        target: "x86_64-pc-windows-msvc",
        krew: ("windows", "amd64"),
        container: None,
        host: "windows",
        flags: &["-Ctarget-feature=+crt-static"],
    },
];

/// The platforms with these targets; without targets, those that this system builds.
pub(super) fn chosen(targets: &[String]) -> Result<Vec<&'static Platform>> {
    if targets.is_empty() {
        return Ok(PLATFORMS.iter().filter(|platform| platform.host == std::env::consts::OS).collect());
    }
    let named = |target: &String| {
        let platform = PLATFORMS.iter().find(|platform| platform.target == target);
        let known = PLATFORMS.map(|platform| platform.target).join(", ");
        platform.with_context(|| format!("{target} is not a target of a release: {known}"))
    };
    targets.iter().map(named).collect()
}

impl Platform {
    /// The file name of the command.
    pub(super) fn program(&self) -> String {
        format!("calico-ipv6{}", self.ending())
    }

    /// The file name of the command as a plugin of kubectl.
    pub(super) fn plugin(&self) -> String {
        format!("kubectl-calico_ipv6{}", self.ending())
    }

    fn ending(&self) -> &'static str {
        if self.krew.0 == "windows" { ".exe" } else { "" }
    }

    /// Whether this machine can run programs of the platform.
    pub(super) fn runs_here(&self) -> bool {
        self.host == std::env::consts::OS && self.target.starts_with(std::env::consts::ARCH)
    }

    /// Installs Rust's library for the target.
    pub(super) fn install(&self) -> Result<()> {
        let installed = output(command("rustup").args(["target", "list", "--installed"]));
        match installed {
            Ok(installed) if installed.lines().any(|target| target == self.target) => Ok(()),
            Ok(_) => run(command("rustup").args(["target", "add", self.target])),
            Err(error) => bail!("rustup is needed to build for {}: {error:#}", self.target),
        }
    }
}
