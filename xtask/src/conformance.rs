//! `cargo xtask conformance`: what the built command answers to every literate case, and without input, as data for the
//! other front ends.
//!
//! JavaScript gets each case's input and target and must answer with the same object.

mod no_input;

use crate::shell::{cargo, heading, root, run, target_folder};
use anyhow::{Context, Result, bail, ensure};
use calico_ipv6_engine::cidr::COUNTS;
use calico_ipv6_engine::target::TargetOption;
use calico_ipv6_tests::case::{self, Case};
use calico_ipv6_tests::run::target;
use serde_json::{Map, Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Builds the command, asks it about every case, and writes `target/conformance.json`.
pub(crate) fn write() -> Result<()> {
    heading("what the command says of every case");
    run(cargo().args(["build", "--package", "calico-ipv6", "--quiet"]))?;
    let command = target_folder()?.join("debug").join(format!("calico-ipv6{}", std::env::consts::EXE_SUFFIX));
    let cases = case::all();
    let answers = cases.iter().map(|case| answer(&command, case)).collect::<Result<Vec<Value>>>()?;
    save("conformance.json", &answers)?;
    save("conformance-no-input.json", &no_input::answers(&command)?)
}

fn save(name: &str, answers: &[Value]) -> Result<()> {
    let file = root().join("target").join(name);
    std::fs::create_dir_all(root().join("target"))?;
    std::fs::write(&file, serde_json::to_vec(answers)?).with_context(|| file.display().to_string())?;
    println!("{} answers in {}", answers.len(), file.display());
    Ok(())
}

/// A case and what the command said of it. Null where it printed nothing: a target that cannot be, whose keys are in
/// `badKeys`, or an input that only the command refuses, with `onlyCommandRefuses`.
fn answer(command: &Path, case: &Case) -> Result<Value> {
    let words = [&["transform".to_owned()], &case.options[..]].concat();
    let (exit, printed) = ask(command, &words, &case.input).with_context(|| case.name.clone())?;
    let bad_flags = target(&case.options).err().unwrap_or_default();
    let bad_keys: Vec<&str> = bad_flags.iter().map(|flag| key(flag)).collect();
    let only_command_refuses = case.skip.iter().any(|skip| skip == "command");
    let is_silent = printed.is_null();
    ensure!(
        is_silent == (!bad_keys.is_empty() || only_command_refuses),
        "{}: the command exits with {exit} and prints {}",
        case.name,
        if is_silent { "nothing" } else { "a plan" },
    );
    Ok(json!({
        "name": case.name,
        "input": case.input,
        "target": passed(&case.options)?,
        "exit": exit,
        "badKeys": bad_keys,
        "onlyCommandRefuses": only_command_refuses,
        "printed": printed,
        "linted": linted(command, &case.options, &case.input)?,
        "lintedAsFound": linted(command, &[], &case.input)?,
    }))
}

/// What `lint` prints; null for a target that cannot be.
fn linted(command: &Path, options: &[String], input: &str) -> Result<Value> {
    let words = [&["lint".to_owned()], options].concat();
    Ok(ask(command, &words, input)?.1)
}

/// The exit code, and the JSON that was printed.
fn ask(command: &Path, words: &[String], input: &str) -> Result<(i32, Value)> {
    let mut child = Command::new(command)
        .args(words)
        .args(["-o", "json"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let written = child.stdin.take().context("no standard input")?.write_all(input.as_bytes());
    // A target that cannot be is refused before anything is read.
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        bail!(error);
    }
    let output = child.wait_with_output()?;
    let printed =
        if output.stdout.is_empty() { Value::Null } else { serde_json::from_slice(&output.stdout)? };
    Ok((output.status.code().context("no exit code")?, printed))
}

/// The target as JavaScript passes it: `--ipv6-pod-cidr X` or `--ipv6-pod-cidr=X` is `{ ipv6PodCIDR: "X" }`; what is given
/// several times is an array.
fn passed(options: &[String]) -> Result<Map<String, Value>> {
    let mut object = Map::new();
    let mut words = options.iter();
    while let Some(word) = words.next() {
        let flag = word.trim_start_matches("--");
        let (flag, value) = match flag.split_once('=') {
            Some(both) => both,
            None => (flag, words.next().with_context(|| format!("--{flag} has no value"))?.as_str()),
        };
        let key = key(flag);
        let value = match object.remove(key) {
            None => value.into(),
            Some(Value::Array(mut values)) => {
                values.push(value.into());
                Value::Array(values)
            }
            Some(first) => json!([first, value]),
        };
        object.insert(key.to_owned(), value);
    }
    Ok(object)
}

/// The key of a flag.
fn key(flag: &str) -> &str {
    let of_count = COUNTS.iter().find(|count| count.flag == flag).map(|count| count.key);
    TargetOption::named(flag).map(|option| option.key).or(of_count).unwrap_or(flag)
}

#[cfg(test)]
mod tests {
    use super::passed;
    use serde_json::json;

    #[test]
    fn flags_are_keys_in_javascript() {
        let options = ["--to", "dual-stack", "--ipv6-pod-cidr=fd00::/56", "--nodes-have-ipv4", "true"];
        let object = passed(&options.map(str::to_owned)).map(serde_json::Value::from);
        let wanted = json!({ "to": "dual-stack", "ipv6PodCIDR": "fd00::/56", "nodesHaveIPv4": "true" });
        assert_eq!(object.ok(), Some(wanted));
    }
}
