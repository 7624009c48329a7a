//! Every case of `cases/` through the engine, with all invariants. `UPDATE_CASES=1` rewrites what is
//! expected, `UPDATE_CASES=node/` only that of cases whose name begins so.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::exit)]

use calico_ipv6_engine::preflight::RULES as HOST_RULES;
use calico_ipv6_engine::rules::catalogue;
use calico_ipv6_tests::case::{self, Case};
use calico_ipv6_tests::invariants::{self, Subject};
use calico_ipv6_tests::run::{Made, diff, run, told};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn main() {
    let arguments = Arguments::from_args();
    let cases = Arc::new(case::all());
    if let Ok(which) = std::env::var("UPDATE_CASES") {
        update(&cases, &which);
        return;
    }
    let mut trials: Vec<Trial> =
        cases.iter().cloned().map(|case| Trial::test(case.name.clone(), move || check(&case))).collect();
    trials.push(Trial::test("every rule has a case", move || every_rule_has_a_case(&cases)));
    libtest_mimic::run(&arguments, trials).exit();
}

fn check(case: &Case) -> Result<(), Failed> {
    let made = run(&case.input, &case.options);
    let (told, diff) = (told(&case.input, &made), diff(&case.input, &made));
    if told != case.expected || diff != case.diff {
        return Err(format!(
            "expected\n{}{}\ngot\n{told}{diff}{}",
            case.expected,
            case.diff,
            messages(&made)
        )
        .into());
    }
    let subject = Subject {
        input: &case.input,
        options: &case.options,
        made: &made,
        skip: &case.skip,
        loses: &case.loses,
    };
    invariants::all(subject).map_err(Failed::from)
}

fn messages(made: &Made) -> String {
    match made {
        Made::Plan(plan) => plan
            .diagnostics
            .iter()
            .map(|f| format!("{} {}: {} ({})\n", f.severity, f.rule.id, f.message, f.label))
            .collect(),
        other => format!("{other:?}\n"),
    }
}

fn every_rule_has_a_case(cases: &[Case]) -> Result<(), Failed> {
    let mut seen = BTreeSet::new();
    for case in cases {
        if let Made::Plan(plan) = run(&case.input, &case.options) {
            seen.extend(plan.changes.iter().map(|c| c.rule));
            seen.extend(plan.diagnostics.iter().map(|f| f.rule.id));
        }
    }
    // An edit that fails its own check is a defect: no input shows it. Only a host shows what the rules about hosts find, and
    // only a lint what is wrong with comments that suppress.
    let is_elsewhere =
        |id: &str| id == "EDIT-002" || id.starts_with("LINT-") || HOST_RULES.iter().any(|rule| rule.id == id);
    let is_shown = |id: &str| is_elsewhere(id) || seen.contains(id);
    let unseen: Vec<&str> = catalogue().iter().map(|m| m.id).filter(|id| !is_shown(id)).collect();
    if unseen.is_empty() { Ok(()) } else { Err(format!("no case shows {}", unseen.join(", ")).into()) }
}

/// Rewrites the expectations of the cases whose name begins so; `1` is all of them.
fn update(cases: &[Case], which: &str) {
    let mut files: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for case in cases.iter().filter(|case| which == "1" || case.name.starts_with(which)) {
        let made = run(&case.input, &case.options);
        files.entry(&case.file).or_default().push((case, told(&case.input, &made), diff(&case.input, &made)));
    }
    for (file, expectations) in files {
        case::update(file, &expectations);
    }
}
