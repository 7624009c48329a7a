//! The engine is pure: nothing that it stands on knows files, clocks, networks, randomness or threads.

use crate::shell::{cargo, output};
use anyhow::{Result, bail};

/// Crates that bring an operating system, a browser, or several threads.
const FORBIDDEN: [&str; 27] = [
    "async-std",
    "chrono",
    "crossbeam-utils",
    "dirs",
    "fastrand",
    "getrandom",
    "js-sys",
    "libc",
    "mio",
    "nix",
    "num_cpus",
    "parking_lot",
    "rand",
    "rand_core",
    "rayon",
    "rayon-core",
    "rustix",
    "socket2",
    "tempfile",
    "time",
    "tokio",
    "walkdir",
    "wasi",
    "wasm-bindgen",
    "web-sys",
    "winapi",
    "windows-sys",
];

/// Looks through the tree of the engine, for every target.
pub(crate) fn check() -> Result<()> {
    let arguments = ["tree", "--package", "calico-ipv6-engine", "--edges", "normal", "--target", "all"];
    let tree = output(cargo().args(arguments).args(["--prefix", "none", "--format", "{p}"]))?;
    let found = forbidden(&tree);
    if !found.is_empty() {
        bail!(
            "the engine is not pure any more: {} (cargo tree -p calico-ipv6-engine --invert CRATE)",
            found.join(", ")
        );
    }
    println!(
        "none of its {} crates brings files, clocks, networks, randomness or threads",
        crates(&tree).len()
    );
    Ok(())
}

/// The names in the output of `cargo tree`, each once.
fn crates(tree: &str) -> Vec<&str> {
    let mut names: Vec<&str> =
        tree.lines().filter_map(|line| line.split(' ').next()).filter(|n| !n.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn forbidden(tree: &str) -> Vec<&str> {
    // The Windows bindings come as many crates.
    let is_forbidden = |name: &&str| FORBIDDEN.contains(name) || name.starts_with("windows-");
    crates(tree).into_iter().filter(is_forbidden).collect()
}

#[cfg(test)]
mod tests {
    use super::forbidden;

    #[test]
    fn a_crate_with_an_operating_system_is_found() {
        let tree = "calico-ipv6-engine v0.1.0 (/x/engine)\nmemchr v2.8.3\nlibc v0.2.0\nlibc v0.2.0 (*)\nlibc-free v1.0.0\n";
        assert_eq!(forbidden(tree), ["libc"]);
        assert_eq!(forbidden("windows-link v0.2.0\nindexmap v2.0.0"), ["windows-link"]);
    }
}
