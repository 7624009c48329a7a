//! The example of each rule is a part of a real file: a case in which the rule reports the first half, and no longer the second.

#![allow(clippy::panic)]

use calico_ipv6_engine::rules::{Fixable, Metadata, catalogue};
use calico_ipv6_tests::case::{self, Case};
use calico_ipv6_tests::run::{Made, run};
use std::collections::BTreeMap;

/// What the engine says of a text: the rules that report something, and the text after the fixes.
struct Said {
    rules: Vec<&'static str>,
    after: String,
}

fn say(text: &str, options: &[String]) -> Option<Said> {
    let Made::Plan(plan) = run(text, options) else { return None };
    let rules = plan.diagnostics.iter().map(|diagnostic| diagnostic.rule.id).collect();
    Some(Said { rules, after: plan.text.unwrap_or_else(|| text.to_owned()) })
}

/// Where a text has these lines, one after the other. Their indentation, and what else stands on them, does not count.
fn place(own: &[&str], wanted: &[&str]) -> Option<usize> {
    let is_here = |part: &[&str]| part.iter().zip(wanted).all(|(own, want)| own.contains(want));
    if wanted.is_empty() { Some(0) } else { own.windows(wanted.len()).position(is_here) }
}

fn has(text: &str, lines: &str) -> bool {
    let own: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let wanted: Vec<&str> = lines.lines().map(str::trim).collect();
    place(&own, &wanted).is_some()
}

/// The text with other lines in the place of these: what else stands on a line stays, unless there are more or fewer lines.
fn replaced(text: &str, lines: &str, by: &str) -> String {
    let wanted: Vec<&str> = lines.lines().map(str::trim).collect();
    let new: Vec<&str> = by.lines().collect();
    let own: Vec<&str> = text.lines().collect();
    let Some(at) = place(&own, &wanted) else { return text.to_owned() };
    let part = &own[at..at + wanted.len()];
    let indentation = &part[0][..part[0].len() - part[0].trim_start().len()];
    let part: Vec<String> = if new.len() == wanted.len() {
        let pairs = part.iter().zip(wanted.iter().zip(&new));
        pairs.map(|(own, (want, new))| own.replacen(want, new.trim(), 1)).collect()
    } else {
        new.iter().map(|line| format!("{indentation}{line}")).collect()
    };
    let rest = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    [rest(&own[..at]), part, rest(&own[at + wanted.len()..])].concat().join("\n") + "\n"
}

/// Whether a case shows the example of a rule.
fn shows(rule: &Metadata, case: &Case, said: &Said) -> bool {
    let (before, after) = rule.texts().example;
    if !said.rules.contains(&rule.id) || !has(&case.input, before) {
        return false;
    }
    // A fix that a transform does not write is not in the text.
    if rule.fixable == Fixable::Never || said.after == case.input {
        if before.is_empty() {
            return true; // what is missing has no place of its own
        }
        let mended = replaced(&case.input, before, after);
        return say(&mended, &case.options).is_some_and(|again| !again.rules.contains(&rule.id));
    }
    // What sometimes has a fix may still be reported after it.
    let is_mended = rule.fixable == Fixable::Sometimes
        || say(&said.after, &case.options).is_some_and(|again| !again.rules.contains(&rule.id));
    is_mended && has(&said.after, after)
}

#[test]
fn examples_are_parts_of_cases() {
    let cases = case::all();
    let said: Vec<(&Case, Said)> =
        cases.iter().filter_map(|case| Some((case, say(&case.input, &case.options)?))).collect();
    let mut missing = BTreeMap::new();
    for rule in catalogue() {
        let (before, after) = rule.texts().example;
        // Comments that suppress are read by a lint only, which has tests of its own.
        let is_there = (before.is_empty() && after.is_empty())
            || rule.id.starts_with("LINT-")
            || said.iter().any(|(case, said)| shows(rule, case, said));
        if !is_there {
            missing.insert(rule.id, (before, after));
        }
    }
    let what = "a case in tests/cases must contain the first half, report the rule, and not report it with the second";
    assert!(missing.is_empty(), "{} examples of rules are in no case: {what}: {missing:#?}", missing.len());
}
