//! A page for each kind of file: what is changed in it, with examples and rules from the cases.

use super::Files;
use anyhow::{Context, Result};
use calico_ipv6_engine::model::kind_spec::{self, KindSpec};
use calico_ipv6_engine::rules::{Metadata, catalogue};
use calico_ipv6_tests::case::{Case, all};
use calico_ipv6_tests::run::{Made, run};
use std::collections::BTreeSet;
use std::fmt::Write as _;

mod table;

pub(super) use table::KINDS;

/// A kind of file.
#[derive(Debug)]
pub(super) struct Kind {
    /// The name of its page.
    page: &'static str,
    /// What people call it.
    title: &'static str,
    /// Where such files are found.
    found: &'static str,
    /// What is changed in it, and what is not.
    says: &'static str,
    /// The files of its cases, by the start of their names.
    cases: &'static [&'static str],
    /// The cases that are its examples.
    examples: &'static [&'static str],
}

/// The pages below `docs/files`.
pub(super) fn pages() -> Result<Files> {
    let cases = all();
    let rules = catalogue();
    let mut files = Files::new();
    let mut index = "# Files\n\nWhat is understood, and what becomes of it. All files of a cluster are given together: what one says is known to the others.\n\n| file | where |\n| --- | --- |\n".to_owned();
    for kind in &KINDS {
        let _ = writeln!(index, "| [{}]({}.md) | {} |", kind.title, kind.page, kind.found);
        files.insert(format!("docs/files/{}.md", kind.page).into(), page(kind, &cases, &rules)?);
    }
    files.insert("docs/files/README.md".into(), index);
    Ok(files)
}

impl Kind {
    /// Whether a case is one of this kind.
    fn has(&self, case: &Case) -> bool {
        self.cases.iter().any(|start| case.name.starts_with(start))
    }
}

fn page(kind: &Kind, cases: &[Case], rules: &[&Metadata]) -> Result<String> {
    let mut out = format!("# {}\n\nFound as: {}\n\n{}\n", kind.title, kind.found, kind.says);
    let specs: Vec<&KindSpec> = kind_spec::KINDS.iter().filter(|spec| spec.page == kind.page).collect();
    let named: Vec<String> = specs.chunk_by(|a, b| a.groups == b.groups).map(of_one_group).collect();
    if !named.is_empty() {
        let _ = write!(out, "\nKinds: {}\n", named.join("; "));
    }
    for name in kind.examples {
        let case = cases.iter().find(|case| case.name == *name).with_context(|| format!("no case {name}"))?;
        let heading = name.split_once(": ").map_or(*name, |(_, heading)| heading);
        let _ = write!(out, "\n## {heading}\n\n    calico-ipv6 transform {}\n\n", case.options.join(" "));
        let _ = write!(out, "```diff\n{}```\n", case.diff);
    }
    let shown = shown(cases.iter().filter(|case| kind.has(case)));
    out.push_str("\n## Rules\n\n| rule | finds |\n| --- | --- |\n");
    for rule in rules.iter().filter(|rule| shown.contains(rule.id)) {
        let _ = writeln!(
            out,
            "| [{0}](../rules/{0}.md) | {1} |",
            rule.id,
            super::rules::cell(rule.texts().finds)
        );
    }
    Ok(out)
}

/// Kinds of the same groups: `IPPool`, `BGPPeer` (projectcalico.org, crd.projectcalico.org).
fn of_one_group(specs: &[&KindSpec]) -> String {
    // A file without a `kind` has a name in words.
    let name = |spec: &&KindSpec| match spec.kind {
        words if words.contains([' ', '.']) => words.to_owned(),
        kind => format!("`{kind}`"),
    };
    let names = specs.iter().map(name).collect::<Vec<_>>().join(", ");
    match specs.first().map(|spec| spec.groups) {
        None | Some([]) => names,
        Some(groups) => format!("{names} ({})", groups.join(", ")),
    }
}

/// The rules that cases show, by what they find or change.
fn shown<'a>(cases: impl Iterator<Item = &'a Case>) -> BTreeSet<&'static str> {
    let mut shown = BTreeSet::new();
    for case in cases {
        if let Made::Plan(plan) = run(&case.input, &case.options) {
            shown.extend(plan.diagnostics.iter().map(|finding| finding.rule.id));
            shown.extend(plan.changes.iter().map(|change| change.rule));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{KINDS, kind_spec};
    use calico_ipv6_tests::case::all;

    /// What holds for every kind of file.
    const OF_ALL: [&str; 6] = ["reported/", "examples/", "input/", "ranges/", "security/", "yaml/"];

    #[test]
    fn every_case_is_of_a_kind_that_has_a_page() {
        let mut unnamed: Vec<String> = Vec::new();
        for case in all() {
            let is_known =
                KINDS.iter().any(|kind| kind.has(&case)) || OF_ALL.iter().any(|of| case.name.starts_with(of));
            unnamed.extend((!is_known).then(|| case.name.clone()));
        }
        assert!(unnamed.is_empty(), "no page names {unnamed:#?}");
    }

    #[test]
    fn every_kind_of_object_has_a_page() {
        for spec in kind_spec::KINDS {
            assert!(KINDS.iter().any(|kind| kind.page == spec.page), "{}: no page {}", spec.kind, spec.page);
        }
    }

    #[test]
    fn every_kind_has_cases() {
        let cases = all();
        for kind in &KINDS {
            for start in kind.cases {
                assert!(cases.iter().any(|case| case.name.starts_with(start)), "{}: {start}", kind.page);
            }
        }
    }
}
