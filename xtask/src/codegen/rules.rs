//! A page for each rule, and a table of all.

use super::Files;
use calico_ipv6_engine::diagnostic::Reference;
use calico_ipv6_engine::output::explain::page;
use calico_ipv6_engine::rules::{Fixable, Metadata, catalogue};
use calico_ipv6_tests::oracle::records;
use std::fmt::Write as _;

/// The pages below `docs/rules`.
pub(super) fn pages() -> Files {
    let all = catalogue();
    let mut files: Files =
        all.iter().map(|meta| (format!("docs/rules/{}.md", meta.id).into(), page(meta))).collect();
    files.insert("docs/rules/README.md".into(), table(&all));
    files
}

fn table(all: &[&Metadata]) -> String {
    let mut out =
        "# Rules

Every rule, by id. `calico-ipv6 explain ID` shows the same page in the terminal. [All ids](catalogue.md) also lists those without a rule.

A *defect* is wrong for every target. A *target* rule reports what does not match the requested stack. A *migration* rule follows from the changes, or concerns a running cluster. Files do not show what the rules HOST-... find: [`calico-ipv6 preflight`](../preflight.md) checks a host.

"
        .to_owned();
    out.push_str(VERIFIED);
    out.push_str("| id | kind | severity | name | finds | fix | verified |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    let records = records();
    for meta in all {
        let Metadata { id, kind, severity, name, .. } = meta;
        let finds = cell(meta.texts().finds);
        let fix = fix(meta.fixable);
        let is_run = records.iter().any(|record| record.rule == *id);
        let verified = if is_run { "run" } else { verified(meta) };
        let _ = writeln!(
            out,
            "| [{id}]({id}.md) | {kind} | {severity} | {name} | {finds} | {fix} | {verified} |"
        );
    }
    out
}

const VERIFIED: &str = "How the facts of a rule were verified: *run*: a real component answered, and its answer is recorded; *read*: in the source that the page names, at the release that it names; *issue* or *page*: in a public issue or in documentation; *own*: the rule is about calico-ipv6 itself.

";

/// How the facts of a rule were verified that no component was asked about.
fn verified(meta: &Metadata) -> &'static str {
    let sources = meta.texts().sources;
    let has = |is: fn(&Reference) -> bool| sources.iter().any(is);
    if has(|source| matches!(source, Reference::File { .. } | Reference::Commit { .. })) {
        "read"
    } else if has(|source| {
        matches!(source, Reference::Issue { .. } | Reference::Pull { .. } | Reference::Release { .. })
    }) {
        "issue"
    } else if sources.is_empty() {
        "own"
    } else {
        "page"
    }
}

fn fix(fixable: Fixable) -> &'static str {
    match fixable {
        Fixable::Always => "always",
        Fixable::Sometimes => "sometimes",
        Fixable::Never => "by hand",
    }
}

/// A text inside a table.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::pages;
    use calico_ipv6_engine::rules::catalogue;

    #[test]
    fn no_two_rules_share_a_name() {
        let mut names: Vec<&str> = catalogue().iter().map(|meta| meta.name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn no_text_of_a_rule_is_left_to_do() {
        for meta in catalogue() {
            let own = meta.texts();
            let texts = [own.finds, own.consequence, own.help, own.example.0, own.example.1];
            let sources = own.sources.iter().map(|source| format!("{source} {}", source.url()));
            let mut texts = texts.into_iter().map(str::to_owned).chain(sources);
            assert!(texts.all(|text| !text.contains("TODO")), "{}: replace each TODO", meta.id);
        }
    }

    #[test]
    fn every_rule_has_a_page_and_a_row() {
        let pages = pages();
        assert_eq!(pages.len(), catalogue().len() + 1, "no two rules share an id");
        let table = &pages[std::path::Path::new("docs/rules/README.md")];
        for meta in catalogue() {
            assert!(table.contains(&format!("| [{0}]({0}.md) |", meta.id)), "{} has a row", meta.id);
        }
    }
}
