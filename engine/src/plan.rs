//! A source and a target into a plan: rules are asked, their fixes become edits, the edited text is read again and
//! compared, until the rules have nothing left to mend.

use crate::facts::{Facts, Shared, config_map_name};
use crate::report::pools::{Made, made};
use crate::resource::calico_config::CalicoConfig;
use crate::resource::calico_node::CalicoNode;
use crate::resource::installation::Installation;
use crate::resource::{Content, Documents, InputError};
use crate::rules::{Change, Context, Finding, Findings, Fix, Question, RULES, Severity, Shown};
use crate::rules::{NOT_EDITABLE, NOT_VERIFIED};
use crate::source::{Source, line_count, lines};
use crate::target::{Stack, Target};
use crate::yaml::embedded::Embedded;
use crate::yaml::same::{Planned, same};
use crate::yaml::second::{second_opinion, unread};
use crate::yaml::write::{Edit, Op, Reason, Refusal, apply, lower_among, repeated_key};

/// How often the rules are asked again. Fixes that wait for others settle in two or three rounds.
const MAX_PASSES: usize = 10;

/// How a plan is checked.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Ask a second parser (the grammar that kubectl uses) about every edited document.
    pub second_parser: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { second_parser: true }
    }
}

/// What becomes of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is edited.
    Changed,
    /// It is as the target wants it.
    Unchanged,
    /// Nothing in it decides about IPv6.
    PassedThrough,
    /// It cannot be brought to the target: see the findings that refuse.
    Refused,
    /// An option is missing: see the questions.
    Asks,
}

/// An installation that was found in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// What was known of it before.
    pub facts: Facts,
    /// How people name its main object.
    pub title: String,
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The id of the rule that wanted it.
    pub rule: &'static str,
    /// How it is told.
    pub shown: Shown,
    /// The byte offset in the original where it begins; none for changes of a later round.
    pub offset: Option<usize>,
}

/// What happens to one source, and why.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What becomes of it.
    pub outcome: Outcome,
    /// The new text; none where it is not edited.
    pub text: Option<String>,
    /// The installations in it.
    pub installs: Vec<Install>,
    /// The changes, in the order of the text.
    pub changes: Vec<Applied>,
    /// The pools that the result makes on a new cluster.
    pub pools: Vec<Made>,
    /// What else was found: errors that stop, warnings, things to know. Their ranges are those of the original.
    pub findings: Vec<Finding>,
    /// Options that are missing.
    pub questions: Vec<Question>,
    /// How many documents there are.
    pub documents: usize,
    /// The indexes of the edited ones.
    pub touched: Vec<usize>,
    /// Byte offsets of documents that are templates and were passed through.
    pub templates: Vec<usize>,
    /// How many lines of the original are as they were.
    pub untouched_lines: usize,
}

/// Reads what other files need to know of this one.
///
/// # Errors
/// Where it cannot be read as YAML.
pub fn survey(source: Source<'_>, shared: &mut Shared) -> Result<(), InputError> {
    shared.add(&Documents::read(source)?);
    Ok(())
}

/// Plans one source. `shared` is what the other files of the cluster say.
///
/// # Errors
/// Where it cannot be read at all; nothing is planned then.
pub fn plan(
    source: Source<'_>,
    target: &Target,
    shared: &Shared,
    options: Options,
) -> Result<Plan, InputError> {
    let documents = Documents::read(source)?;
    let mut plan = Plan {
        outcome: Outcome::Unchanged,
        text: None,
        installs: Vec::new(),
        changes: Vec::new(),
        pools: Vec::new(),
        findings: Vec::new(),
        questions: Vec::new(),
        documents: documents.documents.iter().filter(|d| !matches!(d.content, Content::Empty)).count(),
        touched: Vec::new(),
        templates: templates(&documents),
        untouched_lines: line_count(source.text),
    };
    let mut shared = shared.clone();
    shared.add(&documents);
    let mut planner = Planner { target, shared: &shared, options, plan: &mut plan };
    match planner.round(&documents, 0) {
        Ok(text) => plan.text = text,
        Err(finding) => {
            plan.findings.insert(0, *finding);
            plan.changes.clear();
            plan.touched.clear();
        }
    }
    plan.outcome = if plan.installs.is_empty() {
        Outcome::PassedThrough
    } else if plan.findings.iter().any(Finding::refuses) {
        Outcome::Refused
    } else if !plan.questions.is_empty() {
        Outcome::Asks
    } else if plan.text.is_some() {
        Outcome::Changed
    } else {
        Outcome::Unchanged
    };
    Ok(plan)
}

/// Plans all files of one cluster together: what one says is known to the others.
///
/// # Errors
/// The first source that cannot be read, by its index.
pub fn plan_all(
    sources: &[Source<'_>],
    target: &Target,
    options: Options,
) -> Result<Vec<Plan>, (usize, InputError)> {
    let mut shared = Shared::default();
    if sources.len() > 1 {
        for (i, source) in sources.iter().enumerate() {
            survey(*source, &mut shared).map_err(|error| (i, error))?;
        }
    }
    let one = |(i, source): (usize, &Source<'_>)| {
        plan(*source, target, &shared, options).map_err(|error| (i, error))
    };
    sources.iter().enumerate().map(one).collect()
}

fn templates(documents: &Documents<'_>) -> Vec<usize> {
    let is_template = |content: &Content<'_>| matches!(content, Content::Template);
    documents.documents.iter().filter(|d| is_template(&d.content)).map(|d| d.chunk.range.start).collect()
}

/// The installations of a source, as the rules see them.
#[must_use]
pub fn installs<'d>(documents: &'d Documents<'d>, target: &'d Target, shared: &Shared) -> Vec<Context<'d>> {
    let configs = CalicoConfig::find(documents);
    let nodes = CalicoNode::find(documents);
    let mut contexts = Vec::new();
    let mut used = Vec::new();
    for node in nodes {
        let name = config_map_name(&node);
        let named = configs.iter().position(|c| Some(c.resource.name.as_str()) == name);
        let index = named.or_else(|| (configs.len() == 1 && name.is_none()).then_some(0));
        // Two DaemonSets may share a ConfigMap: the first one's rules look at it.
        let config = index.filter(|i| !used.contains(i)).map(|i| configs[i].clone());
        used.extend(index);
        let facts = Facts::of_manifest(config.as_ref(), Some(&node), shared, target);
        contexts.push(Context { target, facts, documents, config, node: Some(node), installation: None });
    }
    for (i, config) in configs.into_iter().enumerate() {
        if used.contains(&i) || config.cni.is_none() {
            continue;
        }
        let facts = Facts::of_manifest(Some(&config), None, shared, target);
        contexts.push(Context {
            target,
            facts,
            documents,
            config: Some(config),
            node: None,
            installation: None,
        });
    }
    for installation in Installation::find(documents) {
        let facts = Facts::of_installation(&installation, shared, target);
        contexts.push(Context {
            target,
            facts,
            documents,
            config: None,
            node: None,
            installation: Some(installation),
        });
    }
    contexts
}

struct Planner<'p> {
    target: &'p Target,
    shared: &'p Shared,
    options: Options,
    plan: &'p mut Plan,
}

/// A change with its edits, and the rule that wants it.
struct Accepted {
    edits: Vec<Edit>,
    change: Change,
    rule: &'static str,
}

impl Accepted {
    /// Where it begins in the text; after everything where its edits stand with a neighbour's.
    fn place(&self) -> (usize, usize) {
        self.edits.iter().map(|e| (e.range.start, e.range.end)).min().unwrap_or((usize::MAX, usize::MAX))
    }
}

type Stop = Box<Finding>;

impl Planner<'_> {
    /// One round: asks the rules, applies what they want, checks the result, and goes on with it. The text after all
    /// rounds; none where nothing is to be done.
    fn round(&mut self, documents: &Documents<'_>, pass: usize) -> Result<Option<String>, Stop> {
        let contexts = installs(documents, self.target, self.shared);
        let mut findings = Findings::default();
        for context in &contexts {
            for rule in RULES {
                (rule.check)(context, &mut findings);
            }
        }
        if pass == 0 {
            self.plan.installs = contexts.iter().map(install).collect();
            self.plan.questions = core::mem::take(&mut findings.questions);
            let untold = findings.all.iter().filter(|f| f.fix.is_none());
            self.plan.findings = untold.cloned().collect();
        }
        if let Some(refusal) = findings.all.iter().find(|f| f.refuses()) {
            return if pass == 0 { Ok(None) } else { Err(Box::new(self.in_the_original(refusal))) };
        }
        if !self.plan.questions.is_empty() {
            return Ok(None);
        }
        let accepted = accept(documents, &findings)?;
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
        self.record(documents, accepted, pass);
        Ok(Some(self.round(&after, pass + 1)?.unwrap_or(text)))
    }

    /// A finding of a later round at the place of the original that led to it: ranges are those of the original.
    fn in_the_original(&self, finding: &Finding) -> Finding {
        let offset = self.plan.changes.iter().find_map(|c| c.offset).unwrap_or(0);
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

    fn record(&mut self, documents: &Documents<'_>, accepted: Vec<Accepted>, pass: usize) {
        let text = documents.source.text;
        for one in accepted {
            let start = one.place().0;
            let Accepted { edits, change, rule } = one;
            if !self.plan.touched.contains(&change.document) {
                self.plan.touched.push(change.document);
            }
            let touched: usize = edits.iter().map(|edit| touched_lines(text, edit)).sum();
            self.plan.untouched_lines = self.plan.untouched_lines.saturating_sub(touched);
            if let Some(shown) = change.shown {
                let offset = (pass == 0 && !edits.is_empty()).then_some(start);
                self.plan.changes.push(Applied { rule, shown, offset });
            }
        }
        self.plan.touched.sort_unstable();
    }
}

fn install(context: &Context<'_>) -> Install {
    let title = match (&context.node, &context.config, &context.installation) {
        (Some(node), ..) => node.resource.title(),
        (None, Some(config), _) => config.resource.title(),
        (None, None, Some(installation)) => installation.resource.title(),
        (None, None, None) => String::new(),
    };
    Install { facts: context.facts.clone(), title }
}

/// The fixes that go together in this round, in the order of the text. One that overlaps an earlier one waits.
fn accept(documents: &Documents<'_>, findings: &Findings) -> Result<Vec<Accepted>, Stop> {
    let mut accepted: Vec<Accepted> = Vec::new();
    for finding in &findings.all {
        let Some(fix) = &finding.fix else { continue };
        let mut wanted: Vec<Accepted> = Vec::new();
        for change in &fix.changes {
            let edits = edits_of(documents, change, fix)
                .map_err(|refusal| not_editable(documents, finding, change, &refusal))?;
            wanted.push(Accepted { edits, change: change.clone(), rule: finding.rule.id });
        }
        for (i, one) in wanted.iter().enumerate() {
            if wanted[..i].iter().any(|other| conflicts(one, other)) {
                let offset = one.place().0;
                let refusal = Refusal { offset, reason: Reason::Layout("two changes of one fix meet here") };
                return Err(not_editable(documents, finding, &one.change, &refusal));
            }
        }
        // All or nothing: a fix that meets another waits for the next round.
        if wanted.iter().all(|one| accepted.iter().all(|other| !conflicts(one, other))) {
            accepted.extend(wanted);
        }
    }
    accepted.sort_by_key(Accepted::place);
    Ok(accepted)
}

/// Whether two changes cannot be made in one round: their edits meet, or both make the same thing.
fn conflicts(a: &Accepted, b: &Accepted) -> bool {
    let (x, y) = (&a.change.planned, &b.change.planned);
    let same_node = a.change.document == b.change.document && x.node == y.node && x.inner == y.inner;
    let same_thing = match (&x.op, &y.op) {
        (Op::Set(_), Op::Set(_)) => true,
        (Op::InsertEntry(_, one, _), Op::InsertEntry(_, other, _)) => one == other,
        _ => false,
    };
    (same_node && same_thing) || a.edits.iter().any(|one| b.edits.iter().any(|other| overlap(one, other)))
}

fn overlap(a: &Edit, b: &Edit) -> bool {
    let same_place = a.range == b.range && !a.range.is_empty();
    same_place || (a.range.start < b.range.end && b.range.start < a.range.end)
}

/// The edits of the file that a change stands for. The refusal's offset is one of the file.
fn edits_of(documents: &Documents<'_>, change: &Change, fix: &Fix) -> Result<Vec<Edit>, Refusal> {
    let layout = |offset, what| Refusal { offset, reason: Reason::Layout(what) };
    let Some(tree) = documents.tree(change.document) else {
        return Err(layout(0, "this document was not read"));
    };
    let Planned { node, inner, op } = &change.planned;
    let same_tree = |other: &&Change| {
        other.document == change.document
            && other.planned.op == Op::Remove
            && other.planned.inner.is_some() == inner.is_some()
            && (inner.is_none() || other.planned.node == *node)
    };
    let removed: Vec<_> =
        fix.changes.iter().filter(same_tree).map(|c| c.planned.inner.unwrap_or(c.planned.node)).collect();
    let Some(inner) = inner else { return lower_among(tree, *node, op, &removed) };
    // The scalar itself must be free to change, too.
    if let Some(shared) = tree.shared_ancestor(*node) {
        return Err(Refusal { offset: tree.range(shared).start, reason: Reason::Shared });
    }
    if let Some(refusal) = repeated_key(tree, *node) {
        return Err(refusal);
    }
    let no_place = "a folded or wrapped scalar is not edited in place: write it as a literal block (`|`)";
    let embedded = Embedded::json(tree, *node).map_err(|error| layout(error.offset, no_place))?;
    let edits = lower_among(&embedded.tree, *inner, op, &removed).map_err(|refusal| Refusal {
        offset: embedded.offset_in_source(refusal.offset),
        reason: refusal.reason,
    })?;
    let to_source = |edit| embedded.to_source(edit).ok_or_else(|| layout(tree.range(*node).start, no_place));
    edits.iter().map(to_source).collect()
}

fn not_editable(documents: &Documents<'_>, finding: &Finding, change: &Change, refusal: &Refusal) -> Stop {
    let text = documents.source.text;
    let what = change.shown.as_ref().map_or_else(String::new, |s| format!("{}, {}", s.resource, s.field));
    let end = crate::source::line_end(text, refusal.offset).max(refusal.offset);
    Box::new(Finding {
        rule: &NOT_EDITABLE,
        severity: Severity::Error,
        range: refusal.offset..end,
        path: finding.path.clone(),
        message: format!("{} cannot be mended here: {}", finding.rule.id, finding.message),
        label: refusal.reason.to_string(),
        cluster: what,
        remedy: NOT_EDITABLE.remedy.to_owned(),
        fix: None,
    })
}

/// kubectl does not read the document that is to be edited, also as it stands.
fn unreadable(documents: &Documents<'_>, document: usize, message: &str, offset: usize) -> Stop {
    let text = documents.source.text;
    let mut at = documents.documents[document].chunk.range.start + offset;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    Box::new(Finding {
        rule: &NOT_EDITABLE,
        severity: Severity::Error,
        range: at..crate::source::line_end(text, at).max(at),
        path: String::new(),
        message: "kubectl does not read this document, also as it stands".to_owned(),
        label: message.to_owned(),
        cluster: "kubectl apply refuses the file".to_owned(),
        remedy: "correct it here: tabs and unusual characters are where parsers differ".to_owned(),
        fix: None,
    })
}

fn not_verified(accepted: &[Accepted], documents: &Documents<'_>, what: &str) -> Stop {
    let at = accepted.first().map_or(0, |a| a.place().0);
    let rules: Vec<&str> = accepted.iter().map(|a| a.rule).collect();
    Box::new(Finding {
        rule: &NOT_VERIFIED,
        severity: Severity::Error,
        range: at..crate::source::line_end(documents.source.text, at).max(at),
        path: String::new(),
        message: format!("the edits were taken back: {what}"),
        label: String::new(),
        cluster: format!("nothing: the file is as it was ({})", rules.join(", ")),
        remedy: NOT_VERIFIED.remedy.to_owned(),
        fix: None,
    })
}

/// How many lines of the original an edit replaces or removes.
fn touched_lines(text: &str, edit: &Edit) -> usize {
    let at_line_start = crate::source::line_start(text, edit.range.start) == edit.range.start;
    if edit.range.is_empty() {
        return usize::from(!at_line_start && edit.range.start != text.len());
    }
    lines(text, edit.range.clone()).count()
}

/// The stack that a source has now, where all its installations agree.
#[must_use]
pub fn current_stack(installs: &[Install]) -> Option<Stack> {
    let first = installs.first()?.facts.stack;
    first.filter(|stack| installs.iter().all(|i| i.facts.stack == Some(*stack)))
}
