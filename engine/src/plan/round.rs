//! One round after the other: ask the rules, apply what they want, check the result.

use super::accept::{Accepted, Stop, accept, not_verified, touched_lines, unreadable};
use super::{Applied, Install, Options, Plan, installs, understood};
use crate::facts::Shared;
use crate::report::pools::made;
use crate::resource::{Content, Documents};
use crate::rules::{CLUSTER_RULES, ClusterContext, Context, Finding, Findings, RULES};
use crate::source::Source;
use crate::target::Target;
use crate::yaml::same::{Planned, same};
use crate::yaml::second::{second_opinion, unread};
use crate::yaml::write::{Edit, apply};
use core::ops::Range;

/// How often the rules are asked again. Fixes that wait for others settle in two or three rounds.
const MAX_PASSES: usize = 10;

pub(super) struct Planner<'p> {
    pub(super) target: &'p Target,
    pub(super) shared: &'p Shared,
    pub(super) options: Options,
    pub(super) plan: &'p mut Plan,
    /// What earlier rounds did to the text, the first one first.
    pub(super) moves: Vec<Moves>,
}

/// How the edits of one round moved the text, in its order.
pub(super) struct Moves(Vec<(Range<usize>, usize)>);

impl Moves {
    fn of(edits: &[Edit]) -> Moves {
        Moves(edits.iter().map(|edit| (edit.range.clone(), edit.text.len())).collect())
    }

    /// The offset before the round that became `offset`; for what the round wrote itself, where it wrote it.
    fn before(&self, offset: usize) -> usize {
        let (mut added, mut removed) = (0, 0);
        for (range, length) in &self.0 {
            let start = range.start + added - removed;
            if offset < start {
                break;
            }
            if offset < start + length {
                return range.start;
            }
            added += length;
            removed += range.len();
        }
        (offset + removed).saturating_sub(added)
    }
}

impl Planner<'_> {
    /// One round: asks the rules, applies what they want, checks the result, and goes on with it. The text after all
    /// rounds; none where nothing is to be done.
    pub(super) fn round(&mut self, documents: &Documents<'_>, pass: usize) -> Result<Option<String>, Stop> {
        let contexts = installs(documents, self.target, self.shared);
        let mut findings = Findings::default();
        for context in &contexts {
            for rule in RULES {
                (rule.check)(context, &mut findings);
            }
        }
        let cluster = ClusterContext::read(documents, self.target, &self.shared.cluster);
        if let Some(cluster) = &cluster {
            for rule in CLUSTER_RULES {
                (rule.check)(cluster, &mut findings);
            }
        }
        if pass == 0 {
            self.plan.understood = understood(&contexts, cluster.as_ref());
            self.plan.components = cluster.as_ref().map(ClusterContext::titles).unwrap_or_default();
            self.plan.installs = contexts.iter().map(install).collect();
            self.plan.questions = core::mem::take(&mut findings.questions);
            let untold = findings.all.iter().filter(|f| f.fix.is_none());
            self.plan.findings = untold.cloned().collect();
        }
        if let Some(refusal) = findings.all.iter().find(|f| f.refuses()) {
            // After a fix that cannot be written, what follows from the other fixes alone says nothing.
            let is_refused = pass == 0 || self.plan.findings.iter().any(Finding::refuses);
            return if is_refused { Ok(None) } else { Err(Box::new(self.in_the_original(refusal))) };
        }
        if !self.plan.questions.is_empty() {
            return Ok(None);
        }
        let (accepted, refused) = accept(documents, &findings);
        for finding in refused {
            self.refuse(*finding, pass);
        }
        if accepted.is_empty() {
            self.plan.pools = contexts.iter().flat_map(made).collect();
            return Ok(None);
        }
        if pass == MAX_PASSES {
            return Err(not_verified(&accepted, documents, "the rules do not come to rest"));
        }
        let mut edits: Vec<Edit> = accepted.iter().flat_map(|a| a.edits.iter().cloned()).collect();
        edits.sort_by_key(|e| (e.range.start, e.range.end));
        let text = apply(documents.source.text, &edits);
        let of_document: Vec<(usize, &Edit)> =
            accepted.iter().flat_map(|a| a.edits.iter().map(|edit| (a.change.document, edit))).collect();
        let after = documents
            .edited(Source { name: documents.source.name, text: &text }, &of_document)
            .ok_or_else(|| {
                not_verified(&accepted, documents, "the documents of the edited text are not read any more")
            })?;
        self.verify(documents, &accepted, &after)?;
        self.record(documents, accepted);
        self.moves.push(Moves::of(&edits));
        Ok(Some(self.round(&after, pass + 1)?.unwrap_or(text)))
    }

    /// Reports a fix that cannot be written, once and above all else. The other fixes go on.
    fn refuse(&mut self, mut finding: Finding, pass: usize) {
        if pass > 0 {
            let offset = self.original_offset(finding.range.start);
            finding.range = offset..offset;
        }
        let refusals = self.plan.findings.iter().take_while(|f| f.rule.id == finding.rule.id).count();
        let is_known = |f: &Finding| f.message == finding.message && f.cluster == finding.cluster;
        if !self.plan.findings[..refusals].iter().any(is_known) {
            self.plan.findings.insert(refusals, finding);
        }
    }

    /// The offset in the original that became this one of the text of the current round.
    fn original_offset(&self, offset: usize) -> usize {
        self.moves.iter().rev().fold(offset, |offset, moves| moves.before(offset))
    }

    /// A finding of a later round at the place of the original that led to it: ranges are those of the original.
    fn in_the_original(&self, finding: &Finding) -> Finding {
        let offset = self.original_offset(finding.range.start);
        let message = format!("after the changes: {}", finding.message);
        Finding { range: offset..offset, message, label: "changed here".to_owned(), ..finding.clone() }
    }

    /// Whether the edited text says what the original said, with exactly the planned changes.
    fn verify(
        &self,
        before: &Documents<'_>,
        accepted: &[Accepted],
        after: &Documents<'_>,
    ) -> Result<(), Stop> {
        let fail = |what: &str| Err(not_verified(accepted, before, what));
        for (i, (old, new)) in before.documents.iter().zip(&after.documents).enumerate() {
            let planned: Vec<Planned> = accepted
                .iter()
                .filter(|a| a.change.document == i)
                .map(|a| a.change.planned.clone())
                .collect();
            if planned.is_empty() {
                continue;
            }
            let (Content::Parsed(old), Content::Parsed(tree)) = (&old.content, &new.content) else {
                return fail("an edited document is not read any more");
            };
            if let Err(path) = same(old, &planned, tree) {
                return fail(&format!("more than planned would change at {path}"));
            }
            if self.options.second_parser
                && !tree.is_words()
                && let Err(other) = second_opinion(&after.source.text[new.chunk.range.clone()], tree)
            {
                return Err(match unread(&before.source.text[before.documents[i].chunk.range.clone()]) {
                    Some((message, offset)) => unreadable(before, i, &message, offset),
                    None => not_verified(
                        accepted,
                        before,
                        &format!("a second parser reads it differently: {other}"),
                    ),
                });
            }
        }
        Ok(())
    }

    fn record(&mut self, documents: &Documents<'_>, accepted: Vec<Accepted>) {
        let text = documents.source.text;
        for one in accepted {
            let start = one.place().0;
            let Accepted { edits, change, rule, .. } = one;
            if !self.plan.touched.contains(&change.document) {
                self.plan.touched.push(change.document);
            }
            let touched: usize = edits.iter().map(|edit| touched_lines(text, edit)).sum();
            self.plan.untouched_lines = self.plan.untouched_lines.saturating_sub(touched);
            if let Some(shown) = change.shown {
                let offset = (!edits.is_empty()).then(|| self.original_offset(start));
                self.plan.changes.push(Applied { rule, shown, offset });
            }
        }
        self.plan.touched.sort_unstable();
        // Changes of later rounds stand beside those of earlier ones. One without a place of its own (its edit is part of
        // another one's) stays behind the change that it came with.
        let mut last = 0;
        let mut placed: Vec<(usize, Applied)> = Vec::with_capacity(self.plan.changes.len());
        for change in self.plan.changes.drain(..) {
            last = change.offset.unwrap_or(last);
            placed.push((last, change));
        }
        placed.sort_by_key(|(offset, _)| *offset);
        self.plan.changes.extend(placed.into_iter().map(|(_, change)| change));
    }
}

fn install(context: &Context<'_>) -> Install {
    Install { facts: context.facts.clone(), title: context.title() }
}
