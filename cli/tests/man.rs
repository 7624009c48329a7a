//! The manual pages: there is one for the command and for each subcommand, and groff formats them without a warning.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn calico_ipv6(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_calico-ipv6")).args(arguments).env("COLUMNS", "100").output().unwrap()
}

fn page(arguments: &[&str]) -> String {
    let output = calico_ipv6(&[&["man"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The subcommands, as `--help` lists them.
fn subcommands() -> Vec<String> {
    let help = String::from_utf8(calico_ipv6(&["--help"]).stdout).unwrap();
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names =
        listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn a_page_has_the_options_and_the_examples_of_the_help() {
    let page = page(&["transform"]);
    for text in [
        ".TH calico-ipv6-transform 1",
        ".SH SYNOPSIS",
        "\\-\\-ipv6\\-pod\\-cidr",
        ".SH EXAMPLES",
        ".SH \"EXIT STATUS\"",
    ] {
        assert!(page.contains(text), "{text} is missing:\n{page}");
    }
}

#[test]
fn the_page_of_the_command_lists_its_subcommands() {
    let page = page(&[]);
    assert!(page.contains(".TH calico-ipv6 1"), "{page}");
    for name in subcommands() {
        assert!(page.contains(&format!("calico\\-ipv6\\-{name}(1)")), "{name} is missing:\n{page}");
    }
}

#[test]
fn a_subcommand_of_a_subcommand_has_a_page() {
    let page = page(&["report", "merge"]);
    assert!(
        page.contains(".TH calico-ipv6-report-merge 1") && page.contains("calico\\-ipv6 report merge"),
        "{page}"
    );
}

#[test]
fn a_subcommand_that_does_not_exist_has_no_page() {
    let output = calico_ipv6(&["man", "convert"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: no subcommand is called `convert`; `calico-ipv6 --help` lists them\n"
    );
}

#[test]
fn groff_formats_every_page_without_a_warning() {
    if Command::new("groff").arg("--version").output().is_err() {
        let _ =
            std::io::stderr().write_all(b"SKIPPED: groff is not installed: manual pages are not formatted\n");
        return;
    }
    let names = subcommands();
    assert!(names.len() > 5, "{names:?}");
    let pages = names.iter().map(|name| page(&[name])).chain([page(&[])]);
    for page in pages {
        let mut groff = Command::new("groff")
            .args(["-man", "-Tutf8", "-ww", "-z"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        groff.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
        let output = groff.wait_with_output().unwrap();
        assert!(output.stderr.is_empty(), "{}\n{page}", String::from_utf8_lossy(&output.stderr));
    }
}
