//! `cargo xtask wasm`: the engine for JavaScript, as small as it gets, and the texts of rules beside it.

mod likeness;

use crate::node;
use crate::shell::{cargo, command, heading, output, root, run, target_folder};
use crate::toolchain::{WASM, install_source};
use anyhow::{Context, Result, bail};
use calico_ipv6_data::Rules;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// Rust's own library is built with the engine: as it is shipped it is made for speed, formats a message before it traps,
/// and the names of source files stand in every place that may. Nobody reads them in a browser. That takes options which are
/// not stable yet; rust-toolchain.toml pins the release, so they mean the same everywhere.
const LIBRARY: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];
/// A stack below 1 MiB (which is the default) keeps all constants below 1 MiB too, where an address takes a byte less. LLVM copies
/// no function that has more than one caller: that is 4 KB less after compression.
const RUSTFLAGS: [&str; 5] = [
    "-Zunstable-options",
    "-Cllvm-args=-inline-threshold=0",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    "-Clink-arg=-zstack-size=917504",
];

/// `--low-memory-unused`: the first KiB is the far end of the stack, to which no address is ever computed. The rest finds
/// what one round of `-Oz` leaves.
const SHRINK: [&str; 9] = [
    "--low-memory-unused",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--converge",
    "--reorder-locals",
    "-Oz",
    "--reorder-locals",
];

/// A second run, after the functions have got the names by which they are sorted.
const STRIP: [&str; 4] =
    ["--reorder-functions-by-name", "--strip-debug", "--strip-producers", "--strip-target-features"];

/// What every browser and Node of the last years has, and rustc uses; nothing else may slip in.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Builds the module and its bindings into the npm package. With `check` the committed declarations must be current.
pub(crate) fn build(check: bool) -> Result<()> {
    node::install()?;
    heading("the engine for JavaScript");
    install_source()?;
    // In a folder of its own: build scripts see the unstable options, and would be run again by every other build.
    let built = module(&root(), &target_folder()?.join("small"))?;
    let bound = target_folder()?.join("bindings");
    Bindgen::new()
        .input_path(&built)
        .out_name("bindings")
        .web(true)?
        .omit_default_module_path(true)
        .typescript(true)
        .generate(&bound)?;

    let package = root().join("wasm/npm");
    let dist = package.join("dist");
    std::fs::create_dir_all(&dist).with_context(|| dist.display().to_string())?;
    let small = dist.join("engine.wasm");
    let named = bound.join("named.wasm");
    let optimise = || {
        let mut optimise = node::tool("wasm-opt");
        optimise.args(FEATURES);
        optimise
    };
    let whole = bound.join("bindings_bg.wasm");
    run(optimise().arg("--debuginfo").args(SHRINK).arg(whole).arg("-o").arg(&named))?;
    std::fs::write(&named, likeness::named_by_likeness(&std::fs::read(&named)?)?)?;
    run(optimise().args(STRIP).arg(&named).arg("-o").arg(&small))?;
    write(&dist.join("rules.json"), serde_json::to_string(&Rules::all())?)?;
    copy(&bound.join("bindings.js"), &package.join("src/bindings.js"))?;
    let declarations = read(&bound.join("bindings.d.ts"))?;
    let committed = package.join("src/bindings.d.ts");
    if check && read(&committed).ok().as_ref() != Some(&declarations) {
        bail!("{} is not up to date: run `cargo xtask wasm`", committed.display());
    }
    write(&committed, declarations)
}

/// Compiles the module of a checkout, before its bindings are made. The same source gives the same bytes in every folder.
pub(crate) fn module(checkout: &Path, target: &Path) -> Result<PathBuf> {
    let mut flags: Vec<String> = RUSTFLAGS.map(str::to_owned).to_vec();
    flags.extend(remapped(checkout)?);
    let mut build = cargo();
    build.current_dir(checkout);
    build.args(["build", "--package", "calico-ipv6-wasm", "--profile", "wasm", "--target", WASM]);
    build.args(LIBRARY).arg("--target-dir").arg(target);
    run(build.env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")))?;
    Ok(target.join(WASM).join("wasm/calico_ipv6_wasm.wasm"))
}

/// Gives the folders that differ between machines the same names: those of the checkout, of other people's crates, and of
/// Rust's library.
fn remapped(checkout: &Path) -> Result<Vec<String>> {
    let library = output(command("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(library.trim()).join("lib/rustlib/src/rust");
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let home = home.context("neither CARGO_HOME nor a home folder is known")?;
    let folders = [(home.as_path(), "/cargo"), (&library, "/rust"), (checkout, "/calico-ipv6")];
    Ok(folders.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).to_vec())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn write(path: &Path, text: String) -> Result<()> {
    std::fs::write(path, text).with_context(|| path.display().to_string())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).map(|_| ()).with_context(|| format!("{} to {}", from.display(), to.display()))
}
