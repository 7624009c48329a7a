//! Rounds over all files of a cluster: each round runs the rules, writes their fixes, verifies the result and reads it
//! into a model again.

use super::accept::{Accepted, accept, not_verified, touched_lines};
use super::contents::{Cidrs, Contents};
use super::moves::Moves;
use super::verify::verify;
use super::{AppliedChange, Install, Plan, PlannedCluster, Request};
use crate::address::Family;
use crate::diagnostic::suppression::OpenRules;
use crate::model::coverage::{Coverage, coverage};
use crate::model::facts::Shared;
use crate::model::facts::cluster::{ClusterFacts, Ranges};
use crate::model::fields::FieldKind;
use crate::model::install::CalicoInstall;
use crate::model::{Documents, FileModel, Model};
use crate::output::pools::{PoolSummary, new_pools};
use crate::rules::{Change, Check, ClusterRanges, Context, Diagnostic, Diagnostics, Rule, Severity};
use crate::source::{Source, line_end, line_start, next_line};
use crate::target::{AddressMap, OPTIONS, Stack, Target};
use crate::yaml::write::{Edit, apply, compose};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The maximum number of rounds. Fixes that wait for others are done after two or three rounds.
const MAX_PASSES: usize = 10;

/// The state of one file.
pub(super) struct File {
    plan: Plan,
    /// How earlier rounds moved the text, in order.
    moves: Vec<Moves>,
    /// The facts about the cluster before any change, for this file.
    before: Before,
    /// Whether nothing more is written: the file is refused, or an option is missing.
    is_stopped: bool,
    /// The rules that comments around a text inside a file suppress in it.
    pub(super) suppressed: OpenRules,
}

/// What one round knows of all files.
struct Round<'r> {
    model: &'r Model<'r>,
    target: &'r Target,
    ranges: &'r ClusterRanges<'r>,
    /// The pairs of node addresses.
    address_map: Arc<AddressMap>,
    /// How many rounds were before it.
    pass: usize,
}

/// What one round does to one file, before it is verified.
struct Step {
    /// The edits in the order of the text, each with its document.
    edits: Vec<(usize, Edit)>,
    accepted: Vec<Accepted>,
    diagnostics: Diagnostics,
}

/// Plans the files of one cluster.
pub(super) struct Planner<'p> {
    originals: &'p [&'p Documents<'p>],
    pub(super) request: &'p Request<'p>,
    /// What is requested: for a lint, the stack that the files have.
    pub(super) target: Arc<Target>,
    /// The stack before any change.
    pub(super) stack: Option<Stack>,
    /// Whether the files disagree about the primary IP family: nobody knows then which of them to correct.
    pub(super) is_disputed: bool,
    /// The primary IP family in most places of files that disagree about it.
    pub(super) majority: Option<Family>,
    pub(super) files: Vec<File>,
}

impl<'p> Planner<'p> {
    pub(super) fn new(originals: &'p [&'p Documents<'p>], request: &'p Request<'p>) -> Planner<'p> {
        let file = |documents: &&Documents<'_>| File {
            plan: Plan::new(documents),
            moves: Vec::new(),
            before: Before::default(),
            is_stopped: false,
            suppressed: OpenRules::default(),
        };
        let files = originals.iter().map(file).collect();
        let target = Arc::new(request.target.clone());
        Planner { originals, request, target, stack: None, is_disputed: false, majority: None, files }
    }

    /// Runs all rounds.
    pub(super) fn plan(mut self) -> PlannedCluster {
        let written = self.round(self.originals, 0);
        for (file, text) in self.files.iter_mut().zip(written) {
            file.plan.text = text.filter(|_| !file.is_stopped);
            file.plan.conclude();
        }
        let plans = self.files.into_iter().map(|file| file.plan).collect();
        PlannedCluster { plans, stack: self.stack }
    }

    /// Runs one round and those after it. Returns the final text of each file; `None` if nothing was written.
    fn round(&mut self, documents: &[&Documents<'_>], pass: usize) -> Vec<Option<String>> {
        let model = Model::read(documents);
        if pass == 0 {
            self.take_stack(&model);
        }
        let target = Arc::clone(&self.target);
        let lists = &model.facts.cluster.lists;
        let ranges = ClusterRanges::read(lists.stated.in_order(), &target);
        let address_map = Arc::new(lists.address_map(&target));
        let round = Round { model: &model, target: &target, ranges: &ranges, address_map, pass };
        let mut written: Vec<Option<String>> = Vec::with_capacity(documents.len());
        let mut steps: Vec<Option<Step>> = Vec::with_capacity(documents.len());
        for i in 0..documents.len() {
            let (text, step) = self.file(&round, i).map_or((None, None), |(t, s)| (Some(t), Some(s)));
            written.push(text);
            steps.push(step);
        }
        if written.iter().all(Option::is_none) {
            return written;
        }
        let mut after: Vec<Option<Documents<'_>>> = Vec::with_capacity(documents.len());
        for (i, (text, step)) in written.iter().zip(steps).enumerate() {
            let edited = text.as_deref().zip(step);
            after.push(edited.and_then(|(text, step)| self.verified(documents[i], i, text, step, pass)));
        }
        let next: Vec<&Documents<'_>> = (0..documents.len())
            .map(|i| match &after[i] {
                _ if self.files[i].is_stopped => self.originals[i],
                Some(after) => after,
                None => documents[i],
            })
            .collect();
        let later = self.round(&next, pass + 1);
        drop(next);
        drop(after);
        later.into_iter().zip(written).map(|(later, now)| later.or(now)).collect()
    }

    /// Runs the rules for one file and applies their fixes. Returns the new text, and how it was made.
    fn file(&mut self, round: &Round<'_>, index: usize) -> Option<(String, Step)> {
        if self.files[index].is_stopped {
            return None;
        }
        let pass = round.pass;
        let documents = round.model.files[index].documents;
        let facts = round.model.facts_of(index);
        if pass == 0 {
            let before = Before::of(&facts.cluster);
            self.files[index].before = Before { primary: self.majority.or(before.primary), ..before };
        }
        let before = self.files[index].before.clone();
        let mut view = View::of(round, index, facts, before);
        let mut diagnostics = view.check(self.request.rules);
        if pass == 0 {
            view.describe(&mut self.files[index].plan);
        }
        if let Some(lint) = self.request.lint {
            self.select(index, lint, documents.source.text, &mut diagnostics);
            if lint.fix.is_none() {
                self.keep(index, diagnostics.all, pass);
                return None;
            }
        }
        let blocked = diagnostics.all.iter().any(Diagnostic::blocks);
        if blocked || !diagnostics.missing_options.is_empty() {
            self.stop(index, diagnostics, pass);
            return None;
        }
        let (mut accepted, mut failed) = accept(documents, &diagnostics.all);
        let consequences = view.check_changes(self.request.rules, &accepted);
        let has_fixes = consequences.all.iter().any(Diagnostic::is_fixed);
        diagnostics.all.extend(consequences.all);
        if has_fixes {
            (accepted, failed) = accept(documents, &diagnostics.all);
        }
        if self.request.lint.is_some() {
            // A lint writes what it can.
            diagnostics.all.extend(failed.drain(..).map(|failed| failed.stops(false)));
        }
        if !failed.is_empty() {
            diagnostics.all.extend(failed);
            self.stop(index, diagnostics, pass);
            return None;
        }
        if accepted.is_empty() {
            self.keep(index, diagnostics.all, pass);
            self.files[index].plan.stated = view.families();
            view.conclude(&mut self.files[index].plan.contents);
            self.files[index].plan.pools = view.new_pools();
            return None;
        }
        if pass == MAX_PASSES {
            let stop = not_verified(&accepted, documents, "the fixes did not converge after 10 passes");
            diagnostics.all.push(stop);
            self.stop(index, diagnostics, pass);
            return None;
        }
        let mut edits: Vec<(usize, Edit)> = accepted
            .iter()
            .flat_map(|a| a.edits.iter().map(|edit| (a.change.document, edit.clone())))
            .collect();
        edits.sort_by_key(|(_, edit)| (edit.range.start, edit.range.end));
        let plain: Vec<Edit> = edits.iter().map(|(_, edit)| edit.clone()).collect();
        let text = apply(documents.source.text, &plain);
        Some((text, Step { edits, accepted, diagnostics }))
    }

    /// Reads an edited text again, once for its verification and the next round. `None` if it is not what was planned.
    fn verified<'n>(
        &mut self,
        documents: &Documents<'_>,
        index: usize,
        text: &'n str,
        step: Step,
        pass: usize,
    ) -> Option<Documents<'n>>
    where
        'p: 'n,
    {
        let Step { edits, accepted, mut diagnostics } = step;
        let of_document: Vec<(usize, &Edit)> =
            edits.iter().map(|(document, edit)| (*document, edit)).collect();
        let source = Source { name: self.originals[index].source.name, text };
        let after = documents.edited(source, &of_document);
        let verified = match &after {
            Some(after) => verify(documents, &accepted, after, self.request.options),
            None => Err(not_verified(&accepted, documents, "the edited documents can no longer be parsed")),
        };
        if let Err(stop) = verified {
            diagnostics.all.push(stop);
            self.stop(index, diagnostics, pass);
            return None;
        }
        self.keep(index, diagnostics.all, pass);
        self.record(index, documents, accepted);
        let plain: Vec<Edit> = edits.into_iter().map(|(_, edit)| edit).collect();
        let file = &mut self.files[index];
        file.plan.edits = compose(&file.plan.edits, &plain);
        file.moves.push(Moves::of(&plain));
        after
    }

    /// Stops writing the file. Its diagnostics are kept.
    fn stop(&mut self, index: usize, diagnostics: Diagnostics, pass: usize) {
        self.files[index].is_stopped = true;
        let mut missing = diagnostics.missing_options;
        missing.sort_by_key(|option| OPTIONS.iter().position(|known| known.flag == option.flag));
        self.files[index].plan.missing_options.extend(missing);
        self.keep(index, diagnostics.all, pass);
    }

    /// Keeps the diagnostics of a round; of a later round, those that are new: those that it fixed, and those that follow from
    /// the changes.
    fn keep(&mut self, index: usize, diagnostics: Vec<Diagnostic>, pass: usize) {
        if pass == 0 {
            self.files[index].plan.diagnostics = diagnostics;
            return;
        }
        let known = &self.files[index].plan.diagnostics;
        let place = |one: &Diagnostic| format!("{} {}", one.rule.id, one.range.start);
        let mut places = BTreeSet::new();
        places.extend(known.iter().map(place));
        // What an edit moved may have another place in the original.
        let said = |one: &Diagnostic| format!("{} {}", one.rule.id, one.message);
        let mut messages = BTreeSet::new();
        messages.extend(known.iter().map(said));
        let mut new = Vec::new();
        for diagnostic in diagnostics {
            let blocks = diagnostic.blocks();
            let follows = diagnostic.severity >= Severity::Warning && !messages.contains(&said(&diagnostic));
            if !blocks && !diagnostic.is_fixed() && !follows {
                continue;
            }
            let mut moved = self.in_the_original(index, &diagnostic);
            let is_new = places.insert(place(&moved));
            if blocks {
                moved.message = format!("after the changes: {}", diagnostic.message).into();
                "changed here".clone_into(&mut moved.label);
            }
            if is_new || blocks {
                new.push(moved);
            }
        }
        self.files[index].plan.diagnostics.extend(new);
    }

    /// Moves a diagnostic of a later round to its location in the original.
    fn in_the_original(&self, index: usize, diagnostic: &Diagnostic) -> Diagnostic {
        let text = self.originals[index].source.text;
        let offset = first_word(text, self.original_offset(index, diagnostic.range.start));
        diagnostic.clone().at(offset..offset)
    }

    /// The offset in the original for an offset in the text of the current round.
    fn original_offset(&self, index: usize, offset: usize) -> usize {
        self.files[index].moves.iter().rev().fold(offset, |offset, moves| moves.before(offset))
    }

    fn record(&mut self, index: usize, documents: &Documents<'_>, accepted: Vec<Accepted>) {
        let text = documents.source.text;
        for one in accepted {
            let offset = (!one.edits.is_empty()).then(|| self.original_offset(index, one.place().0));
            let plan = &mut self.files[index].plan;
            let Accepted { edits, change, rule, .. } = one;
            plan.touched.push(change.document);
            let touched: usize = edits.iter().map(|edit| touched_lines(text, edit)).sum();
            plan.untouched_lines = plan.untouched_lines.saturating_sub(touched);
            if let Some(description) = change.description {
                let (document, root) =
                    change.object.map_or((change.document, None), |key| (key.document, Some(key.resource)));
                let object = documents.object(document, root).unwrap_or_default();
                plan.changes.push(AppliedChange {
                    rule,
                    description,
                    offset,
                    effect: change.effect,
                    object,
                    is_in_text: false,
                });
            }
        }
        let plan = &mut self.files[index].plan;
        plan.touched.sort_unstable();
        plan.touched.dedup();
        // Changes of later rounds are listed next to those of earlier ones. One without a location of its own (its edit is
        // part of another one's) stays behind the change that it came with.
        let mut last = 0;
        let mut placed: Vec<(usize, AppliedChange)> = Vec::with_capacity(plan.changes.len());
        for change in plan.changes.drain(..) {
            last = change.offset.unwrap_or(last);
            placed.push((last, change));
        }
        placed.sort_by_key(|(offset, _)| *offset);
        plan.changes.extend(placed.into_iter().map(|(_, change)| change));
    }
}

/// The first word of the line at `offset`; of the next line if the offset ends a line, and of the last line with content if no
/// other follows. What one round inserts at the end of a line and what it inserts at the start of the next one is then at the
/// same place, whatever the line ends are, also where the text ends without one.
fn first_word(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.trim_end().len());
    let end = line_end(text, offset);
    let is_last = text[end..].trim_start().is_empty();
    let start = if end == offset && !is_last && line_start(text, offset) < offset {
        next_line(text, offset)
    } else {
        line_start(text, offset)
    };
    let line = &text[start..line_end(text, start)];
    start + line.len() - line.trim_start().len()
}

/// The IP families in the settings of a file that configure them.
fn stated_families(installs: &[CalicoInstall<'_>], file: &FileModel<'_>) -> Vec<Family> {
    let mut stated = file.objects.stated_families();
    // Nodes of a single-stack cluster may have addresses of both families.
    stated.retain(|(kind, _)| !matches!(kind, FieldKind::MachineRange | FieldKind::NodeIp));
    let is_stated = |family: &Family| {
        let has = |install: &CalicoInstall<'_>| install.facts.stack.is_some_and(|stack| stack.has(*family));
        stated.iter().any(|(_, stated)| stated == family) || installs.iter().any(has)
    };
    [Family::Ipv4, Family::Ipv6].into_iter().filter(is_stated).collect()
}

/// The facts of the cluster before any change.
#[derive(Clone, Debug, Default)]
struct Before {
    /// The primary family.
    primary: Option<Family>,
    /// The service CIDRs.
    services: Ranges,
}

impl Before {
    fn of(facts: &ClusterFacts) -> Before {
        Before { primary: facts.primary(), services: facts.services.clone() }
    }
}

/// What the context of one file refers to.
struct View<'v> {
    target: &'v Target,
    file: &'v FileModel<'v>,
    cluster: ClusterFacts,
    ranges: &'v ClusterRanges<'v>,
    address_map: &'v Arc<AddressMap>,
    coverage: Vec<Coverage>,
    installs: Vec<CalicoInstall<'v>>,
    before: Before,
}

impl<'v> View<'v> {
    fn of(round: &'v Round<'v>, index: usize, facts: Shared, before: Before) -> View<'v> {
        let Round { target, ranges, .. } = *round;
        let file = &round.model.files[index];
        let facts = facts.stating(target);
        let installs = CalicoInstall::of_file(file, target, &facts);
        let cluster = facts.cluster;
        let coverage = if round.pass == 0 { coverage(file) } else { Vec::new() };
        View { target, file, cluster, ranges, address_map: &round.address_map, coverage, installs, before }
    }

    fn context<'c>(&'c self, changes: &'c [&'c Change]) -> Context<'c> {
        Context {
            target: self.target,
            cluster: &self.cluster,
            ranges: self.ranges,
            documents: self.file.documents,
            coverage: &self.coverage,
            config: &self.file.objects,
            installs: &self.installs,
            first: self.before.primary,
            services: &self.before.services,
            address_map: self.address_map,
            changes,
        }
    }

    /// Runs every rule that checks the current text of the file.
    fn check(&self, rules: &[Rule]) -> Diagnostics {
        let context = self.context(&[]);
        let mut diagnostics = Diagnostics::default();
        for rule in rules {
            if let Check::Text(check) = rule.check {
                check(&context, &mut diagnostics);
            }
        }
        self.sort(&mut diagnostics);
        diagnostics
    }

    /// Runs the rules about accepted changes.
    fn check_changes(&self, rules: &[Rule], accepted: &[Accepted]) -> Diagnostics {
        let changes: Vec<&Change> = accepted.iter().map(|a| &a.change).collect();
        let context = self.context(&changes);
        let mut diagnostics = Diagnostics::default();
        for rule in rules.iter().filter(|_| !changes.is_empty()) {
            if let Check::Changes(check) = rule.check {
                check(&context, &mut diagnostics);
            }
        }
        self.sort(&mut diagnostics);
        diagnostics
    }

    /// Sorts findings by their places. What follows the last line break counts to the line before it, as it would without the line break.
    fn sort(&self, diagnostics: &mut Diagnostics) {
        let text = self.file.documents.source.text;
        let end = text.strip_suffix('\n').map_or(text, |rest| rest.strip_suffix('\r').unwrap_or(rest)).len();
        for diagnostic in diagnostics.all.iter_mut().filter(|one| one.range.start == text.len()) {
            diagnostic.range = end..end;
        }
        diagnostics.all.sort_by_key(|diagnostic| (diagnostic.range.start, diagnostic.rule.id));
    }

    /// The IP families in the settings of the file that configure them.
    fn families(&self) -> Vec<Family> {
        stated_families(&self.installs, self.file)
    }

    /// The IP pools that the file creates on a new cluster.
    fn new_pools(&self) -> Vec<PoolSummary> {
        let pools = |install| new_pools(install, &self.cluster, self.target);
        self.installs.iter().flat_map(pools).collect()
    }

    /// What the last round knows of the cluster.
    fn conclude(&self, contents: &mut Contents) {
        contents.after = Cidrs::of(&self.cluster);
        contents.nodes = Some(Arc::clone(self.address_map));
    }

    /// The contents of the file before any change.
    fn describe(&mut self, plan: &mut Plan) {
        plan.contents = Contents::of(self.file, &self.cluster);
        plan.coverage = core::mem::take(&mut self.coverage);
        plan.components = self.file.objects.titles();
        let install = |one: &CalicoInstall<'_>| Install { facts: one.facts.clone(), title: one.title() };
        plan.installs = self.installs.iter().map(install).collect();
    }
}
