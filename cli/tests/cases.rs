//! Every literate case of the workspace through the built command: the same bytes as from the engine, the documented exit
//! codes, and nothing printed or written where the answer is not a change.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calico_ipv6_tests::case::{self, Case};
use calico_ipv6_tests::run::{Made, exit_code, output, run};
use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials =
        case::all().into_iter().map(|case| Trial::test(case.name.clone(), move || check(&case))).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn command(folder: &Path, case: &Case, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_calico-ipv6"));
    command.current_dir(folder).env_clear().arg("transform").args(&case.options).args(more);
    command.output().unwrap()
}

fn check(case: &Case) -> Result<(), Failed> {
    if case.skip.iter().any(|skip| skip == "command") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let file = format!("input.{}", case.format);
    fs::write(folder.path().join(&file), &case.input)?;
    let made = run(&case.input, &case.options);
    let wanted = output(case, &made);

    let printed = command(folder.path(), case, &[&file]);
    exit(&printed, &made)?;
    same("standard output", &String::from_utf8(printed.stdout)?, wanted.unwrap_or_default())?;
    if printed.stderr.is_empty() {
        return Err("nothing is said".into());
    }

    let diff = command(folder.path(), case, &[&file, "-o", "diff"]);
    exit(&diff, &made)?;
    let lines: String = String::from_utf8(diff.stdout)?.split_inclusive('\n').skip(2).collect();
    same("diff", &lines.replace('\r', "\\r"), &calico_ipv6_tests::run::diff(&case.input, &made))?;

    if !matches!(made, Made::BadInput(_) | Made::BadOptions(_)) {
        let json = command(folder.path(), case, &[&file, "-o", "json"]);
        exit(&json, &made)?;
        let json: serde_json::Value = serde_json::from_slice(&json.stdout)?;
        let text = json["files"][0]["text"].as_str();
        same(
            "text of the JSON",
            text.unwrap_or_default(),
            if text.is_some() { wanted.unwrap_or_default() } else { "" },
        )?;
    }

    let written = command(folder.path(), case, &[&file, "-w"]);
    exit(&written, &made)?;
    if !written.stdout.is_empty() {
        return Err("-w prints".into());
    }
    same("file", &fs::read_to_string(folder.path().join(&file))?, wanted.unwrap_or(&case.input))?;
    let files: Vec<_> = fs::read_dir(folder.path())?.map(|entry| entry.unwrap().file_name()).collect();
    if files.len() == 1 { Ok(()) } else { Err(format!("files left behind: {files:?}").into()) }
}

fn exit(output: &Output, made: &Made) -> Result<(), Failed> {
    let (got, wanted) = (output.status.code(), exit_code(made));
    if got == Some(wanted) {
        return Ok(());
    }
    Err(format!("exit {got:?}, {wanted} is documented:\n{}", String::from_utf8_lossy(&output.stderr)).into())
}

fn same(what: &str, got: &str, wanted: &str) -> Result<(), Failed> {
    if got == wanted { Ok(()) } else { Err(format!("{what} differs:\n{got}\nand not\n{wanted}").into()) }
}
