//! The native command: files, terminal and exit codes around the engine.

mod args;
mod cidr;
mod clusters;
mod command;
mod config;
mod examples;
mod explain;
mod file_state;
mod findings;
mod fleet;
mod function;
mod generate;
mod input;
mod interrupt;
mod kubectl;
mod lint;
mod man;
mod output;
mod output_buffer;
mod patch;
mod people;
mod preflight;
mod progress;
mod render;
mod search;
mod summary;
mod terminal;
mod threads;
mod transform;

use crate::people::{Text, shown, text};
use calico_ipv6_engine::output::escape::escaped;
use clap::{CommandFactory, FromArgMatches};
use std::mem::ManuallyDrop;
use std::process::ExitCode;

/// Released programs for Linux are linked with musl, whose own allocator is slow.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// How the command ends. `diff` and ruff use the same numbers: 1 is about the input, 2 about the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    /// Done.
    Done = 0,
    /// The transform could not be completed.
    Incomplete = 1,
    /// Bad usage, input or IO; nothing was written.
    Bad = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// The command with its flags.
fn command() -> clap::Command {
    let command = args::Cli::command();
    if kubectl::is_plugin() { command.bin_name(kubectl::PLUGIN) } else { command }
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| command::speak(&defect(panic.payload(), panic.location()))));
    interrupt::survive_file_size_limit();
    if kubectl::is_completion() {
        let words: Vec<_> = std::env::args_os().skip(1).collect();
        return command::print_file(kubectl::completions(&command(), &words).as_bytes()).into();
    }
    // The process ends with it: taking it apart takes longer than reading the arguments.
    let mut command = ManuallyDrop::new(command());
    let parsed = command
        .try_get_matches_from_mut(std::env::args_os())
        .and_then(|matches| args::Cli::from_arg_matches(&matches));
    let exit = match parsed {
        Ok(cli) => {
            cli.color.apply();
            command::run(cli)
        }
        Err(error) => usage(self::command(), &error),
    };
    interrupt::obey();
    exit.into()
}

/// Prints help, or what is wrong with the arguments. These are quoted in the message, so they are escaped first.
fn usage(command: clap::Command, error: &clap::Error) -> Exit {
    let arguments: Vec<String> =
        std::env::args_os().map(|argument| escaped(&argument.to_string_lossy()).into_owned()).collect();
    let escaped = command.try_get_matches_from(arguments).err();
    let error = escaped.as_ref().filter(|escaped| escaped.kind() == error.kind()).unwrap_or(error);
    let text = error.render();
    if error.use_stderr() {
        command::speak(&Text::rendered(&text.ansi().to_string()));
        Exit::Bad
    } else {
        command::print_text(&Text::rendered(&text.ansi().to_string()))
    }
}

/// What is printed about a defect of this program. A message that was put together may quote the input, with its secrets: only
/// literals are shown.
fn defect(payload: &dyn std::any::Any, location: Option<&std::panic::Location<'_>>) -> Text {
    let what: &'static str = payload.downcast_ref::<&'static str>().copied().unwrap_or("internal error");
    let place = location.map_or_else(Text::default, |place| {
        text!(" ({}:{})", shown(in_crate(place.file())), shown(&place.line().to_string()))
    });
    text!(
        "error: a defect of calico-ipv6 {}: {}{}\n  help: report it, with the smallest input that shows it: {}/issues\n",
        env!("CARGO_PKG_VERSION"),
        what,
        place,
        env!("CARGO_PKG_REPOSITORY")
    )
}

/// The path of a source file from its crate on: what is before it is of the machine that built this program.
fn in_crate(file: &str) -> &str {
    let source = file.rfind("/src/").or_else(|| file.rfind("\\src\\")).unwrap_or(0);
    file[..source].rfind(['/', '\\']).map_or(file, |end| &file[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::{defect, in_crate};
    use std::panic::Location;

    #[test]
    fn a_defect_does_not_quote_the_input() {
        let text = defect(&"a literal", Some(Location::caller()));
        assert!(text.as_str().contains(": a literal (cli/src/main.rs:"), "{text}");
        let text = defect(&String::from("byte 3 of `token: T\u{1b}`"), None);
        assert!(text.as_str().contains(": internal error\n"), "{text}");
    }

    #[test]
    fn a_defect_does_not_show_folders_of_the_machine_that_built_the_command() {
        for (file, shown) in [
            ("/home/me/registry/rayon-core-1.13.0/src/registry.rs", "rayon-core-1.13.0/src/registry.rs"),
            ("/rustc/59807616/library/core/src/slice/index.rs", "core/src/slice/index.rs"),
            (r"C:\me\rayon-1.11.0\src\lib.rs", r"rayon-1.11.0\src\lib.rs"),
            ("cli/src/main.rs", "cli/src/main.rs"),
            ("src/main.rs", "src/main.rs"),
        ] {
            assert_eq!(in_crate(file), shown);
        }
    }
}
