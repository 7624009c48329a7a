//! The engine reports what the real components refuse, and not what they accept: see `oracle/recorded`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calico_ipv6_tests::oracle::{Record, read, recorded};
use calico_ipv6_tests::run::{Made, run};
use std::collections::BTreeMap;
use std::path::Path;

fn records() -> Vec<Record> {
    recorded().iter().flat_map(|file| read(file)).collect()
}

/// How the engine reports the rule of a record: a severity, or `none`.
fn reported(record: &Record) -> Result<String, String> {
    let options: Vec<String> = record.target.split_whitespace().map(str::to_owned).collect();
    let plan = match run(&record.question, &options) {
        Made::Plan(plan) => plan,
        other => return Err(format!("no plan: {other:?}")),
    };
    let severities =
        plan.diagnostics.iter().filter(|one| one.rule.id == record.rule).map(|one| one.severity.to_string());
    Ok(severities.min().unwrap_or_else(|| "none".to_owned()))
}

#[test]
fn the_engine_says_what_the_components_say() {
    let mut wrong = Vec::new();
    for record in records() {
        let expected = record.expected();
        let agrees = match (reported(&record), expected) {
            (Ok(found), "any") => found != "none",
            (Ok(found), expected) => found == expected,
            (Err(what), _) => panic!("{}: {what}\n{}", record.rule, record.question),
        };
        if agrees == record.disagrees.is_some() {
            let (rule, component, question) = (&record.rule, &record.component, &record.question);
            let found = reported(&record);
            wrong.push(format!("{rule}: expected {expected}, found {found:?}; {component} answered {:?} to\n{question}", record.answer));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn answers_contain_the_words_that_matter() {
    let mut wrong = Vec::new();
    for record in records() {
        let (rule, component, question) = (&record.rule, &record.component, &record.question);
        if record.version.is_empty() {
            wrong.push(format!("{rule}: {component} was not asked yet, run `cargo xtask oracle`:\n{question}"));
        }
        for words in record.missing_words() {
            wrong.push(format!("{rule}: {component} does not say {words:?} but {:?} to\n{question}", record.answer.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_quote_what_the_components_say() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules");
    let mut wrong = Vec::new();
    for record in records() {
        let page = std::fs::read_to_string(pages.join(format!("{}.md", record.rule))).unwrap();
        for words in record.quotes.iter().filter(|words| !page.contains(&format!("`{words}`"))) {
            wrong.push(format!("{}: the page does not quote {words:?}", record.rule));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A rule that is never silent is no more proven than one that never speaks.
#[test]
fn every_rule_has_both_sides() {
    let mut sides: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    for record in records() {
        let side = sides.entry(record.rule.clone()).or_default();
        if record.expected() == "none" {
            side.1 = true;
        } else {
            side.0 = true;
        }
    }
    let one_sided: Vec<&String> = sides.iter().filter(|(_, side)| **side != (true, true)).map(|(rule, _)| rule).collect();
    assert!(one_sided.is_empty(), "only one side is recorded: {one_sided:?}");
}
