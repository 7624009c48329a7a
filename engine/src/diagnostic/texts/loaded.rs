//! The texts of rules from a file of their own.

use super::Texts;
use crate::diagnostic::Reference;
use std::sync::OnceLock;

/// Between rules, between the fields of a rule, between its sources, and between the text and the address of a source:
/// characters that no text contains.
const RULE: char = '\u{1e}';
const FIELD: char = '\u{1f}';
const SOURCE: char = '\u{1d}';
const ADDRESS: char = '\u{1c}';

const NONE: Texts = Texts { finds: "", consequence: "", help: "", example: ("", ""), sources: &[] };

static LOADED: OnceLock<Vec<(&'static str, Texts)>> = OnceLock::new();

/// Takes the texts of all rules, once; later calls do nothing. A rule is its id, then `finds`, `consequence`, `help`, the
/// example before and after, and its sources.
pub fn load(rules: String) {
    LOADED.get_or_init(|| {
        // They live as long as the module.
        let rules: &'static str = rules.leak();
        rules.split(RULE).filter_map(read).collect()
    });
}

pub(super) fn of(id: &str) -> &'static Texts {
    let all = LOADED.get().map(Vec::as_slice).unwrap_or_default();
    all.iter().find(|(of, _)| *of == id).map_or(&NONE, |(_, texts)| texts)
}

fn read(rule: &'static str) -> Option<(&'static str, Texts)> {
    let mut fields = rule.split(FIELD);
    let mut next = || fields.next();
    let (id, finds, consequence, help) = (next()?, next()?, next()?, next()?);
    let example = (next()?, next()?);
    let source =
        |source: &'static str| source.split_once(ADDRESS).map(|(title, url)| Reference::Page { title, url });
    let sources = next()?.split(SOURCE).filter_map(source).collect::<Vec<_>>().leak();
    Some((id, Texts { finds, consequence, help, example, sources }))
}
