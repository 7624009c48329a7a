//! What `--help` says, of the command and of each of its subcommands.

use crate::shell::{cargo, output};
use anyhow::Result;
use std::fmt::Write as _;

/// The help of the whole command at a fixed width.
pub(super) fn text() -> Result<String> {
    let mut out = String::new();
    section(&mut out, &[])?;
    Ok(out)
}

fn section(out: &mut String, path: &[&str]) -> Result<()> {
    let help = ask(path)?;
    let title: Vec<&str> =
        ["calico-ipv6"].into_iter().chain(path.iter().copied()).chain(["--help"]).collect();
    let gap = if out.is_empty() { "" } else { "\n" };
    let _ = writeln!(out, "{gap}$ {}", title.join(" "));
    // clap pads lines that would be empty.
    help.trim_end().lines().for_each(|line| out.extend([line.trim_end(), "\n"]));
    for subcommand in subcommands(&help) {
        let path: Vec<&str> = path.iter().copied().chain([subcommand]).collect();
        section(out, &path)?;
    }
    Ok(())
}

/// Neither a terminal nor the environment of whoever runs this has a say.
pub(crate) fn ask(path: &[&str]) -> Result<String> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "calico-ipv6", "--"]).args(path).arg("--help");
    output(command.env("COLUMNS", "100").env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE"))
}

/// The subcommands that a help lists, but for `help` itself.
pub(crate) fn subcommands(help: &str) -> Vec<&str> {
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // Names stand two columns in; what follows them may go on below, further in.
    let named =
        listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    named.filter(|name| *name != "help").collect()
}

#[cfg(test)]
mod tests {
    use super::subcommands;

    #[test]
    fn subcommands_are_read_from_help() {
        let help = "About\n\nUsage: x <COMMAND>\n\nCommands:\n  one    Does one\n         thing\n  two    Does\n  help   Print\n\nOptions:\n  -q\n";
        assert_eq!(subcommands(help), ["one", "two"]);
        assert!(subcommands("Usage: x\n").is_empty());
    }
}
