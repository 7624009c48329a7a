//! What package managers need: krew's manifest and Homebrew's formula, for the archives that were built.

use super::platform::{PLATFORMS, Platform};
use std::fmt::Write as _;

/// What every package says of the command.
const DESCRIPTION: &str = "Convert the configuration of a Calico cluster to dual-stack or IPv6-only";

/// The name of the archive of a target, without its ending; also its folder. cargo-binstall derives it from Cargo.toml.
pub(super) fn archive_name(version: &str, target: &str) -> String {
    format!("calico-ipv6-{version}-{target}")
}

/// The name of the archive with the plugin of kubectl, without its ending.
pub(super) fn plugin_archive_name(version: &str, target: &str) -> String {
    format!("kubectl-calico_ipv6-{version}-{target}")
}

/// The files of all package managers, by name. `sums` are the checksums of the archives.
pub(super) fn all(version: &str, repository: &str, sums: &[(String, String)]) -> [(&'static str, String); 2] {
    [
        ("calico-ipv6.yaml", krew(version, repository, sums)),
        ("calico-ipv6.rb", homebrew(version, repository, sums)),
    ]
}

/// The platforms of which there is an archive, with its address and checksum.
fn built<'a>(
    version: &'a str,
    repository: &'a str,
    sums: &'a [(String, String)],
    name: fn(&str, &str) -> String,
) -> impl Iterator<Item = (&'static Platform, String, &'a str)> {
    PLATFORMS.iter().filter_map(move |platform| {
        let file = format!("{}.tar.gz", name(version, platform.target));
        let (_, sum) = sums.iter().find(|(name, _)| *name == file)?;
        Some((platform, format!("{repository}/releases/download/v{version}/{file}"), sum.as_str()))
    })
}

/// The manifest of the plugin (`krew.googlecontainertools.github.com/v1alpha2`).
fn krew(version: &str, repository: &str, sums: &[(String, String)]) -> String {
    let mut out = format!(
        "apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: calico-ipv6
spec:
  version: v{version}
  homepage: {repository}
  shortDescription: Convert Calico clusters to dual-stack or IPv6-only
  description: |
    {DESCRIPTION}.
    It reads files and standard input, changes only the lines that must
    change, and explains every change. It does not talk to the cluster.
  platforms:
"
    );
    for (platform, url, sum) in built(version, repository, sums, plugin_archive_name) {
        let (system, architecture) = platform.krew;
        let _ = write!(
            out,
            "  - selector:
      matchLabels:
        os: {system}
        arch: {architecture}
    uri: {url}
    sha256: {sum}
    bin: {}
",
            platform.plugin()
        );
    }
    out
}

/// The formula for a tap.
fn homebrew(version: &str, repository: &str, sums: &[(String, String)]) -> String {
    let mut out = format!(
        "class CalicoIpv6 < Formula
  desc \"{DESCRIPTION}\"
  homepage \"{repository}\"
  version \"{version}\"
  license \"Apache-2.0\"
"
    );
    for (platform, url, sum) in built(version, repository, sums, archive_name) {
        let (system, architecture) = match platform.krew {
            ("darwin", "amd64") => ("macos", "intel"),
            ("darwin", _) => ("macos", "arm"),
            ("linux", "amd64") => ("linux", "intel"),
            ("linux", _) => ("linux", "arm"),
            _ => continue,
        };
        let _ = write!(
            out,
            "
  on_{system} do
    on_{architecture} do
      url \"{url}\"
      sha256 \"{sum}\"
    end
  end
"
        );
    }
    out.push_str(
        "
  def install
    bin.install \"calico-ipv6\"
    bin.install_symlink bin/\"calico-ipv6\" => \"kubectl-calico_ipv6\"
    bash_completion.install \"completions/calico-ipv6.bash\" => \"calico-ipv6\"
    fish_completion.install \"completions/calico-ipv6.fish\"
    zsh_completion.install \"completions/_calico-ipv6\"
    man1.install Dir[\"man/man1/*.1\"]
  end

  test do
    assert_match version.to_s, shell_output(\"#{bin}/calico-ipv6 --version\")
  end
end
",
    );
    out
}

#[cfg(test)]
mod tests {
    use super::super::notices::{command, metadata};
    use super::{all, archive_name};
    use crate::shell::root;

    fn sums() -> Vec<(String, String)> {
        ["calico-ipv6", "kubectl-calico_ipv6"]
            .iter()
            .flat_map(|name| {
                ["x86_64-unknown-linux-musl", "aarch64-apple-darwin"]
                    .map(|target| (format!("{name}-1.2.3-{target}.tar.gz"), format!("sum-of-{target}")))
            })
            .collect()
    }

    #[test]
    fn packages_name_the_archives_that_were_built() {
        let metadata = metadata(None).unwrap();
        let repository = command(&metadata).unwrap().repository.as_deref().unwrap();
        for (name, text) in all("1.2.3", repository, &sums()) {
            assert_eq!(text.matches("sum-of-").count(), 2, "{name}: {text}");
            let url = "/calico-ipv6/calico-ipv6/releases/download/v1.2.3/";
            assert!(text.contains(url) && text.contains("-1.2.3-aarch64-apple-darwin.tar.gz"), "{text}");
            assert!(!text.contains("windows"), "{text}");
        }
    }

    #[test]
    fn binstall_finds_the_archives() {
        let manifest = std::fs::read_to_string(root().join("cli/Cargo.toml")).unwrap();
        let name = archive_name("{ version }", "{ target }");
        assert!(
            manifest.contains(&format!("/releases/download/v{{ version }}/{name}.tar.gz\"")),
            "{manifest}"
        );
        assert!(manifest.contains(&format!("bin-dir = \"{name}/{{ bin }}{{ binary-ext }}\"")), "{manifest}");
    }
}
