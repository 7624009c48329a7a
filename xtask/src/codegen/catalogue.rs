//! What became of each rule id that was ever considered: a page made from the rules and from `catalogue.tsv`.
//!
//! The rules in the code are the truth for what is implemented. The data holds the other ids, one a line: the id, its fate,
//! the ids that it is part of, and a sentence.

use crate::codegen::rules::cell;
use crate::shell::root;
use anyhow::{Context, Result, bail};
use calico_ipv6_engine::rules::{catalogue, find};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The data, below the root.
const FILE: &str = "xtask/src/codegen/catalogue.tsv";

/// An id that has no rule of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The id.
    pub(crate) id: String,
    /// What became of it.
    pub(crate) fate: Fate,
}

/// What became of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A rule is still to be written; what it will find.
    Planned(String),
    /// Other rules find it.
    Folded {
        /// Their ids.
        into: String,
        /// What they find.
        finds: String,
    },
    /// There will be no rule; why.
    Dropped(String),
}

/// The ids of the data, in its order.
pub(crate) fn entries() -> Result<Vec<Entry>> {
    let path = root().join(FILE);
    parse(&std::fs::read_to_string(&path).with_context(|| path.display().to_string())?)
}

/// Removes planned ids from the data because the code has them now.
pub(crate) fn forget(ids: &[&str]) -> Result<()> {
    let path = root().join(FILE);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let kept = without_planned(&text, ids);
    if kept != text {
        std::fs::write(&path, kept).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// The ids of every rule.
pub(super) fn implemented() -> Vec<&'static str> {
    catalogue().iter().map(|meta| meta.id).collect()
}

/// The page.
pub(super) fn page() -> Result<String> {
    let mut rows: BTreeMap<String, String> = BTreeMap::new();
    for Entry { id, fate } in entries()? {
        let text = match fate {
            Fate::Planned(finds) => format!("planned | {}", cell(&finds)),
            Fate::Folded { into, finds } => format!("part of {} | {}", links(&into), cell(&finds)),
            Fate::Dropped(why) => format!("dropped | {}", cell(&why)),
        };
        rows.insert(id.clone(), format!("| {id} | {text} |"));
    }
    let planned = rows.len();
    for meta in catalogue() {
        let name = format!("`{}`", meta.name);
        let row = format!("| [{0}]({0}.md) | implemented | {name} |", meta.id);
        if rows.insert(meta.id.to_owned(), row).is_some() {
            bail!("{} has a rule: remove its line from {FILE}", meta.id);
        }
    }
    let mut out = format!(
        "# Rule ids\n\nEvery id: {} with a rule, {planned} without. An id is never reused.\n\n| id | status | what |\n| --- | --- | --- |\n",
        rows.len() - planned
    );
    for row in rows.values() {
        let _ = writeln!(out, "{row}");
    }
    Ok(out)
}

/// Ids, with links to the pages of those that are implemented.
fn links(ids: &str) -> String {
    let link = |id: &str| find(id).map_or_else(|| id.to_owned(), |meta| format!("[{0}]({0}.md)", meta.id));
    ids.split(", ").map(link).collect::<Vec<_>>().join(", ")
}

fn parse(text: &str) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let at = || format!("{FILE}:{}", index + 1);
        let [id, fate, into, text] =
            line.split('\t').collect::<Vec<_>>().try_into().ok().with_context(|| {
                format!("{}: expected four columns: id, fate, ids that it is part of, text", at())
            })?;
        let text = text.to_owned();
        let fate = match (fate, into) {
            ("planned", "") => Fate::Planned(text),
            ("dropped", "") => Fate::Dropped(text),
            ("folded", into) if !into.is_empty() => Fate::Folded { into: into.to_owned(), finds: text },
            _ => bail!("{}: expected planned, dropped, or folded with ids", at()),
        };
        if entries.iter().any(|entry| entry.id == id) {
            bail!("{}: {id} is listed twice", at());
        }
        entries.push(Entry { id: id.to_owned(), fate });
    }
    Ok(entries)
}

/// The data without the planned ids that are among these.
fn without_planned(text: &str, ids: &[&str]) -> String {
    let is_kept = |line: &&str| {
        let mut columns = line.split('\t');
        let id = columns.next().unwrap_or_default();
        !(ids.contains(&id) && columns.next() == Some("planned"))
    };
    text.split_inclusive('\n').filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use super::{Fate, entries, page, parse, without_planned};
    use calico_ipv6_engine::rules::find;

    #[test]
    fn ids_with_a_rule_are_not_in_the_data() {
        for entry in entries().unwrap() {
            assert!(find(&entry.id).is_none(), "{} has a rule: run `cargo xtask codegen`", entry.id);
        }
    }

    #[test]
    fn ids_are_part_of_ids_that_have_or_get_a_rule() {
        let entries = entries().unwrap();
        let planned = |id: &str| entries.iter().any(|e| e.id == id && matches!(e.fate, Fate::Planned(_)));
        for entry in &entries {
            if let Fate::Folded { into, .. } = &entry.fate {
                for id in into.split(", ") {
                    assert!(find(id).is_some() || planned(id), "{}: {id} has no rule", entry.id);
                }
            }
        }
    }

    #[test]
    fn every_id_has_one_row() {
        let page = page().unwrap();
        for id in ["NODE-018", "NODE-009", "POOL-007"] {
            let rows = page.lines().filter(|line| {
                line.starts_with(&format!("| {id} |")) || line.starts_with(&format!("| [{id}]"))
            });
            assert_eq!(rows.count(), 1, "{id}");
        }
    }

    #[test]
    fn a_repeated_id_is_an_error() {
        assert!(parse("A-1\tplanned\t\tx\nA-2\tdropped\t\ty\n").is_ok());
        let error = parse("A-1\tplanned\t\tx\nA-1\tdropped\t\ty\n").unwrap_err();
        assert!(error.to_string().ends_with("catalogue.tsv:2: A-1 is listed twice"));
        assert!(parse("A-1\tfolded\t\tx\n").is_err());
        assert!(parse("A-1\tplanned\n").is_err());
    }

    #[test]
    fn only_planned_ids_are_forgotten() {
        let text = "A-1\tplanned\t\tx\nA-2\tdropped\t\ty\nA-3\tplanned\t\tz\n";
        assert_eq!(without_planned(text, &["A-1", "A-2"]), "A-2\tdropped\t\ty\nA-3\tplanned\t\tz\n");
    }
}
