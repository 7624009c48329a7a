//! The developer's commands: `cargo xtask test`, `ci`, `codegen`, `new-rule`, `bench`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a developer's command speaks by printing")]

mod bench;
mod book;
mod ci;
mod codegen;
mod conformance;
mod dist;
mod fuzz;
mod hosts;
mod man;
mod new_rule;
mod node;
mod oracle;
mod pure;
mod reproducible;
mod shell;
mod sizes;
mod test;
mod toolchain;
mod tools;
mod wasm;
mod web;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The developer's commands of calico-ipv6.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install what the tests need, and run all of them.
    Test,
    /// Everything that CI runs: format, lints, documentation, spelling, dependencies, generated files, wasm32, tests.
    Ci,
    /// Write the generated files: the rules' pages and the command's help.
    Codegen {
        /// Write nothing; fail where a file is not what it would be.
        #[arg(long)]
        check: bool,
    },
    /// Build the book: `target/book/book`. Every link of it, of the README and of the documentation must lead somewhere.
    Book,
    /// Write the manual pages, for packages: `target/man`.
    Man,
    /// Build release archives with their checksums, bill of materials and packages: `target/dist`.
    Dist {
        /// The targets to build for; without one, those that this system can build.
        #[arg(long, value_name = "TARGET")]
        target: Vec<String>,
        /// Build nothing; write checksums and packages for the archives that are in `target/dist`.
        #[arg(long, conflicts_with = "target")]
        collect: bool,
        /// Also build in a copy of this checkout: both must have the same bytes.
        #[arg(long, conflicts_with = "collect")]
        twice: bool,
    },
    /// Create a rule without a fix: its file, its line in the list of rules, and two cases.
    NewRule {
        /// The id of the rule, such as FELIX-009. Never one that was used before.
        id: String,
        /// What the rule finds, in kebab-case.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// The rule looks at each Calico installation (calico-node, its ConfigMap, the Installation).
        #[arg(long, conflicts_with = "objects")]
        installation: bool,
        /// The rule looks at the objects of each file (Kubernetes and Calico's own objects).
        #[arg(long)]
        objects: bool,
    },
    /// Build the engine for JavaScript into the npm package.
    Wasm {
        /// Fail where the committed declarations are not what they would be.
        #[arg(long)]
        check: bool,
    },
    /// Build the module for browsers here and in a copy of this checkout: both must have the same bytes.
    Reproducible,
    /// Write what the command says of every literate case: `target/conformance.json`.
    Conformance,
    /// Ask the real components again, and rewrite the answers below `tests/oracle/recorded`. Needs Go.
    Oracle {
        /// The programs below `tests/oracle` that are asked; all without one.
        programs: Vec<String>,
    },
    /// Run the fuzz targets of the folder `fuzz`, from the inputs of the literate cases. Needs a C++ compiler.
    Fuzz {
        /// How long, for all targets together, with other inputs each time. Without it, the same inputs as in CI.
        #[arg(long, value_name = "N")]
        seconds: Option<u64>,
        /// The targets that run; all without one.
        targets: Vec<String>,
    },
    /// Build the npm package, the element and the page.
    Web,
    /// Time the whole command beside its peers doing the same edit, as a Markdown table.
    Bench {
        /// How often each tool runs.
        #[arg(long, default_value_t = 21, value_name = "N")]
        rounds: usize,
        /// Do not install peers that are missing.
        #[arg(long)]
        offline: bool,
        /// Time the first transform of the built page in a browser instead.
        #[arg(long)]
        page: bool,
    },
}

fn main() -> ExitCode {
    let done = match Xtask::parse().command {
        Command::Test => test::run(),
        Command::Ci => ci::run(),
        Command::Codegen { check } => codegen::run(check),
        Command::Book => book::build(),
        Command::Dist { collect: true, .. } => dist::collect(),
        Command::Dist { target, twice, .. } => dist::build(&target, twice),
        Command::Man => man::write(),
        Command::NewRule { id, name, installation, objects } => {
            let scope = match (installation, objects) {
                (true, _) => Some(new_rule::Scope::Installation),
                (_, true) => Some(new_rule::Scope::Objects),
                _ => None,
            };
            new_rule::run(&id, &name, scope)
        }
        Command::Web => web::build(false).and_then(|()| sizes::check()),
        Command::Wasm { check } => wasm::build(check),
        Command::Reproducible => reproducible::check(),
        Command::Conformance => conformance::write(),
        Command::Fuzz { seconds, targets } => {
            fuzz::fuzz(seconds.map_or(fuzz::Effort::Repeatable, fuzz::Effort::Seconds), &targets)
        }
        Command::Oracle { programs } => oracle::ask(&programs),
        Command::Bench { page: true, .. } => bench::page(),
        Command::Bench { rounds, offline, .. } => bench::run(rounds, offline),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
