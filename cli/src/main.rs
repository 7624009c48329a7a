//! The native command: files, terminal and exit codes around the engine.

mod args;
mod cidr;
mod command;
mod generate;
mod input;
mod output;
mod output_buffer;
mod render;
mod summary;

use clap::{CommandFactory, FromArgMatches};
use std::process::ExitCode;

/// How the command ends. `diff` and ruff use the same numbers: 1 says something about the input, 2 about the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Done.
    Done = 0,
    /// A transform that could not be completed.
    Incomplete = 1,
    /// Bad usage, input or IO; nothing was written.
    Bad = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

fn main() -> ExitCode {
    let mut command = args::Cli::command();
    // As kubectl-calico_ipv6 it is a plugin: its help says how people call it.
    let name = std::env::args().next().unwrap_or_default();
    let name = std::path::Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name.starts_with("kubectl-") {
        command = command.bin_name("kubectl calico-ipv6");
    }
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Bad.into() } else { Exit::Done.into() };
        }
    };
    let cli = match args::Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return Exit::Bad.into();
        }
    };
    cli.color.apply();
    command::run(cli).into()
}
