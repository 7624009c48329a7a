//! What the built files weigh when a server compresses them, and what they may.

use crate::shell::{heading, root};
use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;
use std::path::Path;

const KIB: usize = 1024;

/// A budget over the files of a folder that begin and end so.
struct Budget {
    what: &'static str,
    folder: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// What is promised, in bytes, gzipped.
    most: usize,
    /// `Some` while the promise is broken: what the files weighed when that was last written down, in bytes, gzipped. They
    /// become heavier only by a change that says so here. This is a debt, not a budget: it never becomes `most`.
    missed: Option<usize>,
}

const BUDGETS: [Budget; 3] = [
    Budget {
        what: "the engine",
        folder: "wasm/npm/dist",
        files: &[("engine", ".wasm")],
        // A quarter of it are the checks of rules, and those that lint added weigh 50 KiB. The plan that a person follows weighs
        // 60 KiB. The rest is what reads and writes YAML, knows installers, and makes new documents. A diagnostic in a box is 17
        // KiB less than one that each step of a rule moves whole. The texts of rules are not in it. What finds settings that
        // nothing reads, and what reads more of installers, charts and the Corefile, weighs 9 KiB.
        most: 270 * KIB,
        missed: Some(568 * KIB),
    },
    Budget {
        what: "the element",
        folder: "wasm/npm/dist",
        files: &[("element", ".js")],
        most: 35 * KIB,
        missed: None,
    },
    Budget {
        what: "the page, without the editor",
        folder: "web/dist/assets",
        files: &[
            ("index", ".js"),
            ("worker", ".js"),
            ("examples", ".js"),
            ("doors", ".js"),
            ("index", ".css"),
        ],
        most: 60 * KIB,
        missed: None,
    },
];

/// Prints what everything weighs, in bytes, and which budget is missed. An error if something became heavier than it may.
pub(crate) fn check() -> Result<()> {
    heading("sizes, gzipped");
    for budget in &BUDGETS {
        let size = weigh(&root().join(budget.folder), budget.files)?;
        let verdict = if size <= budget.most { "holds" } else { "IS MISSED" };
        println!("{}: {size} bytes; the budget of {} {verdict}", budget.what, budget.most);
        let limit = budget.missed.unwrap_or(budget.most);
        ensure!(size <= limit, "{} weighs more than {limit} bytes", budget.what);
    }
    Ok(())
}

fn weigh(folder: &Path, files: &[(&str, &str)]) -> Result<usize> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut size = 0;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if files.iter().any(|(start, end)| name.starts_with(start) && name.ends_with(end)) {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            gzip.write_all(&std::fs::read(&path)?)?;
            size += gzip.finish()?.len();
        }
    }
    ensure!(size > 0, "{}: nothing was built", folder.display());
    Ok(size)
}
