//! `cargo xtask dist`: what a release consists of, in `target/dist`.
//!
//! Each target gets an archive with the command, completions, manual pages and licenses, one with the command as a plugin of
//! kubectl, and a bill of materials. The bytes depend on the source only: no time, user or folder of the machine is in them.

mod archive;
mod notices;
mod packages;
mod platform;
mod sbom;
mod smoke;

use crate::reproducible::copy_tracked;
use crate::shell::{cargo, command, heading, output, root, run, target_folder};
use anyhow::{Context, Result, ensure};
use archive::{Entry, pack};
use platform::Platform;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The list of checksums.
const SUMS: &str = "SHA256SUMS";

/// The shells that the command has completions for, and the name of each script.
const COMPLETIONS: [(&str, &str); 5] = [
    ("bash", "calico-ipv6.bash"),
    ("elvish", "calico-ipv6.elv"),
    ("fish", "calico-ipv6.fish"),
    ("powershell", "_calico-ipv6.ps1"),
    ("zsh", "_calico-ipv6"),
];

/// Builds archives for targets, and what is made of them.
pub(crate) fn build(targets: &[String], twice: bool) -> Result<()> {
    let platforms = platform::chosen(targets)?;
    let folder = dist_folder()?;
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let texts = texts()?;
    for platform in platforms {
        heading(&format!("release for {}", platform.target));
        platform.install()?;
        let program = compiled(&root(), &target_folder()?.join("release-builds"), platform)?;
        if twice {
            check_copy(platform, &program)?;
        }
        pack_all(&folder, platform, &program, &texts)?;
    }
    collect()
}

/// Writes the checksums, and the packages that need them, for all archives that are in the folder.
pub(crate) fn collect() -> Result<()> {
    heading("checksums and packages");
    let folder = dist_folder()?;
    let sums = sums(&folder)?;
    let metadata = notices::metadata(None)?;
    let command = notices::command(&metadata)?;
    let repository = command.repository.as_deref().context("Cargo.toml names the repository")?;
    for (name, text) in packages::all(&command.version.to_string(), repository, &sums) {
        write(&folder.join(name), text.as_bytes())?;
    }
    let lines: String = self::sums(&folder)?.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    write(&folder.join(SUMS), lines.as_bytes())
}

fn dist_folder() -> Result<PathBuf> {
    Ok(target_folder()?.join("dist"))
}

/// Compiles the command. Paths of this machine are not in it.
fn compiled(checkout: &Path, target_folder: &Path, platform: &Platform) -> Result<PathBuf> {
    let mut build = cargo();
    build.current_dir(checkout).args(["build", "--release", "--locked", "--package", "calico-ipv6"]);
    build.args(["--target", platform.target]).arg("--target-dir").arg(target_folder);
    let cargo_home =
        std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| home + "/.cargo"));
    let mut flags = vec![format!("--remap-path-prefix={}=/calico-ipv6", checkout.display())];
    flags.extend(cargo_home.map(|home| format!("--remap-path-prefix={home}=/cargo")));
    // Where the source of Rust's library is installed, rustc names its files there.
    let sysroot = output(command("rustc").args(["--print", "sysroot"]))?;
    flags.push(format!("--remap-path-prefix={}/lib/rustlib/src/rust=/rust", sysroot.trim()));
    flags.extend(platform.flags.iter().map(|flag| (*flag).to_owned()));
    build.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    build.env("CARGO_INCREMENTAL", "0");
    run(&mut build)?;
    Ok(target_folder.join(platform.target).join("release").join(platform.program()))
}

/// Compiles a copy of this checkout in another folder, and compares.
fn check_copy(platform: &Platform, program: &Path) -> Result<()> {
    let copy = target_folder()?.join("reproducible/another-checkout");
    copy_tracked(&copy)?;
    let other = compiled(&copy, &target_folder()?.join("reproducible/release-builds"), platform)?;
    ensure!(
        bytes(program)? == bytes(&other)?,
        "the command depends on the folder in which it is built: {} and {}",
        program.display(),
        other.display()
    );
    println!("a copy of this checkout becomes the same bytes");
    Ok(())
}

/// What is the same in all archives: completions, manual pages, licenses.
fn texts() -> Result<Vec<Entry>> {
    heading("completions and manual pages");
    let mut entries = vec![Entry::file("LICENSE", bytes(&root().join("LICENSE"))?)];
    for (shell, name) in COMPLETIONS {
        let script = output(&mut ask(&["completion", shell]))?;
        entries.push(Entry::file(&format!("completions/{name}"), script.into_bytes()));
    }
    for (name, page) in crate::man::pages()? {
        entries.push(Entry::file(&format!("man/man1/{name}"), page.into_bytes()));
    }
    println!("{} files", entries.len());
    Ok(entries)
}

/// The command of this checkout.
fn ask(arguments: &[&str]) -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "calico-ipv6", "--"]).args(arguments);
    command
}

fn pack_all(folder: &Path, platform: &Platform, program: &Path, texts: &[Entry]) -> Result<()> {
    let metadata = notices::metadata(Some(platform.target))?;
    let version = notices::command(&metadata)?.version.to_string();
    let packages = notices::packages(&metadata, platform.target)?;
    let notices =
        Entry::file("THIRD-PARTY-NOTICES.txt", notices::text(&packages, platform.target)?.into_bytes());
    let name = packages::archive_name(&version, platform.target);
    let mut entries = texts.to_vec();
    entries.push(notices.clone());
    entries.push(Entry::program(&platform.program(), bytes(program)?));
    let archive = pack(&name, &entries)?;
    write(&folder.join(format!("{name}.tar.gz")), &archive)?;

    let plugin_name = packages::plugin_archive_name(&version, platform.target);
    let license = texts.iter().filter(|entry| entry.path == "LICENSE").cloned();
    let mut plugin: Vec<Entry> = license.collect();
    plugin.push(notices);
    plugin.push(Entry::program(&platform.plugin(), bytes(program)?));
    let plugin_archive = pack("", &plugin)?;
    write(&folder.join(format!("{plugin_name}.tar.gz")), &plugin_archive)?;

    write(&folder.join(format!("{name}.cdx.json")), sbom::json(&version, platform, &packages)?.as_bytes())?;
    if let Some(architecture) = platform.container {
        let place = folder.join("container").join(architecture);
        fs::create_dir_all(&place).with_context(|| place.display().to_string())?;
        fs::copy(program, place.join("calico-ipv6")).with_context(|| place.display().to_string())?;
    }
    smoke::archive(platform, &version, &name, &archive)?;
    smoke::plugin(platform, &plugin_archive)
}

/// The checksum of each file that is published, by its name.
fn sums(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut sums = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_file() && name != SUMS {
            let digest = Sha256::digest(bytes(&entry.path())?);
            sums.push((name, digest.iter().map(|byte| format!("{byte:02x}")).collect()));
        }
    }
    sums.sort();
    Ok(sums)
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| path.display().to_string())?;
    println!("{} ({} bytes)", path.display(), bytes.len());
    Ok(())
}
