//! `man`: manual pages, from the description of the arguments that `--help` shows.

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use std::io;

/// The page of the command, or of one of its subcommands, by the words that name it. `None` if there is no such subcommand.
pub(crate) fn page(command: Command, subcommand: &[String]) -> Option<Vec<u8>> {
    let mut command = command.disable_help_subcommand(true);
    // Subcommands get their full names.
    command.build();
    let find = |command: Command, name: &String| {
        command.get_subcommands().find(|command| command.get_name() == name).cloned()
    };
    let command = subcommand.iter().try_fold(command, find)?;
    let examples = command.get_after_help().map(ToString::to_string);
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let man =
        Man::new(command).source(concat!("calico-ipv6 ", env!("CARGO_PKG_VERSION"))).manual("calico-ipv6");
    render(&man, examples.as_deref(), &mut page).ok()?;
    Some(page)
}

/// The sections of a page. The examples have a heading of their own, and keep their lines.
fn render(man: &Man, examples: Option<&str>, page: &mut Vec<u8>) -> io::Result<()> {
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if let Some(text) = examples {
        let mut roff = Roff::new();
        roff.control("SH", ["EXAMPLES"]).control("nf", []);
        for line in text.lines().skip(1) {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        roff.control("fi", []);
        roff.to_writer(page)?;
    } else {
        man.render_subcommands_section(page)?;
    }
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    roff.text([roman("0: done. 1: a finding, or files that cannot be converted. 2: invalid usage, or input or output failed.")]);
    roff.to_writer(page)
}
