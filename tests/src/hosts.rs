//! The programs of others that run the command: kustomize, kpt, Helm, kubectl. `cargo xtask test` installs those that Go can build.

use std::path::{Path, PathBuf};

/// A program that is built from a Go module, once for each user and not for each checkout.
#[derive(Clone, Copy, Debug)]
pub struct GoHost {
    /// The name of the program.
    pub program: &'static str,
    /// The package with its `main`.
    pub package: &'static str,
    /// The only release that is tested.
    pub version: &'static str,
}

/// kustomize.
pub const KUSTOMIZE: GoHost =
    GoHost { program: "kustomize", package: "sigs.k8s.io/kustomize/kustomize/v5", version: "v5.8.2" };
/// Helm 3, whose post-renderer is a program.
pub const HELM_3: GoHost =
    GoHost { program: "helm", package: "helm.sh/helm/v3/cmd/helm", version: "v3.22.0" };
/// Helm 4, whose post-renderer is a plugin.
pub const HELM_4: GoHost = GoHost { program: "helm", package: "helm.sh/helm/v4/cmd/helm", version: "v4.3.1" };

/// All of them.
pub const GO_HOSTS: [GoHost; 3] = [KUSTOMIZE, HELM_3, HELM_4];

impl GoHost {
    /// The folder that `go install` writes to.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        Some(cache()?.join(format!("{}-{}", self.program, self.version)))
    }

    /// The program, if it is installed.
    #[must_use]
    pub fn installed(&self) -> Option<PathBuf> {
        let name = format!("{}{}", self.program, std::env::consts::EXE_SUFFIX);
        Some(self.folder()?.join(name)).filter(|path| path.is_file())
    }
}

/// The virtual environment with pre-commit.
#[must_use]
pub fn pre_commit_folder() -> Option<PathBuf> {
    Some(cache()?.join("pre-commit"))
}

/// pre-commit, if it is installed.
#[must_use]
pub fn pre_commit() -> Option<PathBuf> {
    Some(pre_commit_folder()?.join("bin/pre-commit")).filter(|path| path.is_file())
}

/// A program of this machine.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder: PathBuf| folder.join(name))
        .find(|file: &PathBuf| Path::is_file(file))
}

fn cache() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    Some(cache?.join("calico-ipv6").join("hosts"))
}
