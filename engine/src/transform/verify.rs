//! Verifies that an edited text equals the original with exactly the planned changes.

use super::Options;
use super::accept::{Accepted, Stop, not_verified, unreadable};
use crate::model::{Content, Documents};
use crate::yaml::cross_check::{second_opinion, unread};
use crate::yaml::verify::{Planned, same};
use std::collections::BTreeMap;

pub(super) fn verify(
    before: &Documents<'_>,
    accepted: &[Accepted],
    after: &Documents<'_>,
    options: Options,
) -> Result<(), Stop> {
    let fail = |what: &str| Err(not_verified(accepted, before, what));
    let mut by_document: BTreeMap<usize, Vec<Planned>> = BTreeMap::new();
    for one in accepted {
        by_document.entry(one.change.document).or_default().push(one.change.planned.clone());
    }
    for (i, planned) in by_document {
        let (Some(old), Some(new)) = (before.documents.get(i), after.documents.get(i)) else {
            return fail("the number of documents would change");
        };
        let (Content::Parsed(old), Content::Parsed(tree)) = (&old.content, &new.content) else {
            return fail("an edited document can no longer be parsed");
        };
        if let Err(path) = same(old, &planned, tree) {
            return fail(&format!("the edit would change more than planned at {path}"));
        }
        if options.second_parser
            && !tree.is_flag_file()
            && let Err(other) = second_opinion(&after.source.text[new.chunk.range.clone()], tree)
        {
            return Err(match unread(&before.source.text[before.documents[i].chunk.range.clone()]) {
                Some((message, offset)) => unreadable(before, i, &message, offset),
                None => {
                    not_verified(accepted, before, &format!("a second parser reads it differently: {other}"))
                }
            });
        }
    }
    Ok(())
}
