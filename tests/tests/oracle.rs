//! The engine reports what the real components refuse, and not what they accept: see `oracle/recorded`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calico_ipv6_tests::oracle::{Record, records};
use calico_ipv6_tests::run::Made;
use std::collections::BTreeMap;
use std::path::Path;

/// What the engine reports of the question of a record: severities and rules.
fn reported(record: &Record) -> Vec<(String, &'static str)> {
    match record.made() {
        Made::Plan(plan) => {
            plan.diagnostics.iter().map(|one| (one.severity.to_string(), one.rule.id)).collect()
        }
        other => panic!("{}: no plan but {other:?}\n{}", record.rule, record.question),
    }
}

#[test]
fn the_engine_says_what_the_components_say() {
    let mut wrong = Vec::new();
    for record in records() {
        let Record { rule, component, question, answer, .. } = &record;
        let (expected, all) = (record.expected(), reported(&record));
        let mut found = all.iter().filter(|(_, id)| id == rule).map(|(severity, _)| severity);
        let agrees = match expected {
            "none" => found.next().is_none(),
            "any" => found.next().is_some(),
            severity => found.any(|found| found == severity),
        };
        if agrees == record.disagrees.is_some() {
            let target = &record.target;
            wrong.push(format!(
                "{rule}: expected {expected}, reported {all:?} for {target}; {component} answered {answer:?} to\n{question}"
            ));
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
            wrong.push(format!(
                "{rule}: {component} was not asked yet, run `cargo xtask oracle`:\n{question}"
            ));
        }
        for words in record.missing_words() {
            wrong.push(format!(
                "{rule}: {component} does not say {words:?} but {:?} to\n{question}",
                record.answer.message
            ));
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

/// A rule that is never silent is no more proven than one that never speaks. Disagreements prove neither.
#[test]
fn every_rule_has_both_sides() {
    let mut sides: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    for record in records().into_iter().filter(|record| record.disagrees.is_none()) {
        let side = sides.entry(record.rule.clone()).or_default();
        if record.expected() == "none" {
            side.1 = true;
        } else {
            side.0 = true;
        }
    }
    let one_sided: Vec<&String> =
        sides.iter().filter(|(_, side)| **side != (true, true)).map(|(rule, _)| rule).collect();
    assert!(one_sided.is_empty(), "only one side is recorded: {one_sided:?}");
}
