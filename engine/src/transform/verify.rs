//! Verifies that an edited text equals the original with exactly the planned changes.

use super::Options;
use super::accept::{Accepted, Stop, not_verified, unended, unreadable};
use crate::diagnostic::Change;
use crate::model::{Content, Documents};
use crate::yaml::cross_check::{second_opinion, unread};
use crate::yaml::verify::{Planned, same};

pub(super) fn verify(
    before: &Documents<'_>,
    accepted: &[Accepted],
    after: &Documents<'_>,
    options: Options,
) -> Result<(), Stop> {
    let fail = |what: &str| Err(not_verified(accepted, before, what));
    let mut changes: Vec<&Change> = accepted.iter().map(|one| &one.change).collect();
    changes.sort_by_key(|change| change.document);
    for of_document in changes.chunk_by(|a, b| a.document == b.document) {
        let i = of_document[0].document;
        let planned: Vec<Planned> = of_document.iter().map(|change| change.planned.clone()).collect();
        let (Some(old), Some(new)) = (before.documents.get(i), after.documents.get(i)) else {
            return fail("the number of documents would change");
        };
        let (Content::Parsed(old), Content::Parsed(tree)) = (&old.content, &new.content) else {
            return fail("an edited document can no longer be parsed");
        };
        if let Err(path) = same(old, &planned, tree) {
            return fail(&format!("the edit would change more than planned at {path}"));
        }
        if let Some(node) = old.unended_block_scalar()
            && tree.unended_block_scalar().is_none()
        {
            return Err(unended(before, old.range(node)));
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
