//! A source and a target into a plan: rules are asked, their fixes become edits, the edited text is read again and
//! compared, until the rules have nothing left to mend.

mod accept;
mod round;

use crate::facts::{Facts, Shared, config_map_name};
use crate::report::pools::Made;
use crate::resource::calico_config::CalicoConfig;
use crate::resource::calico_node::CalicoNode;
use crate::resource::installation::Installation;
use crate::resource::{Content, Documents, InputError};
use crate::rules::{ClusterContext, Context, Finding, Question, Shown};
use crate::source::{Source, line_count};
use crate::target::Target;
use round::Planner;

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
    /// The byte offset in the original where it begins; none where it is part of another change's edit.
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
    /// The objects below Calico in it: static pods, kubeadm's documents, kubelet, kube-proxy, cluster DNS.
    pub components: Vec<String>,
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
    /// How many of them decide about IPv6.
    pub understood: usize,
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
        components: Vec::new(),
        changes: Vec::new(),
        pools: Vec::new(),
        findings: Vec::new(),
        questions: Vec::new(),
        documents: documents.documents.iter().filter(|d| !matches!(d.content, Content::Empty)).count(),
        understood: 0,
        touched: Vec::new(),
        templates: templates(&documents),
        untouched_lines: line_count(source.text),
    };
    let mut shared = shared.clone();
    shared.add_nearest(&documents);
    let mut planner = Planner { target, shared: &shared, options, plan: &mut plan, moves: Vec::new() };
    match planner.round(&documents, 0) {
        Ok(text) => plan.text = text,
        Err(finding) => {
            plan.findings.insert(0, *finding);
            plan.changes.clear();
            plan.touched.clear();
        }
    }
    if plan.findings.iter().any(Finding::refuses) {
        // A fix that cannot be written keeps all others from being written.
        plan.text = None;
        plan.changes.clear();
        plan.touched.clear();
        plan.untouched_lines = line_count(source.text);
    }
    plan.outcome = if plan.installs.is_empty() && plan.components.is_empty() {
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

/// Plans all files of one cluster together: what one says is known to the others. A source that cannot be read says
/// nothing to the others, and has its error in its own place.
#[must_use]
pub fn plan_all(sources: &[Source<'_>], target: &Target, options: Options) -> Vec<Result<Plan, InputError>> {
    let shared = survey_all(sources);
    sources.iter().map(|source| plan(*source, target, &shared, options)).collect()
}

/// What the files of one cluster say to each other; nothing where there is only one.
#[must_use]
pub fn survey_all(sources: &[Source<'_>]) -> Shared {
    let mut shared = Shared::default();
    if sources.len() > 1 {
        for source in sources {
            // One that cannot be read is told when it is planned.
            let _ = survey(*source, &mut shared);
        }
    }
    shared
}

/// How many documents decide about IPv6.
#[must_use]
pub fn understood(contexts: &[Context<'_>], cluster: Option<&ClusterContext<'_>>) -> usize {
    let mut documents: Vec<usize> =
        contexts.iter().flat_map(Context::resources).map(|resource| resource.document).collect();
    documents.extend(cluster.into_iter().flat_map(ClusterContext::documents));
    documents.sort_unstable();
    documents.dedup();
    documents.len()
}

fn templates(documents: &Documents<'_>) -> Vec<usize> {
    let is_template = |content: &Content<'_>| matches!(content, Content::Template);
    documents.documents.iter().filter(|d| is_template(&d.content)).map(|d| d.chunk.range.start).collect()
}

/// The installations of a source, as the rules see them.
#[must_use]
pub fn installs<'d>(
    documents: &'d Documents<'d>,
    target: &'d Target,
    shared: &'d Shared,
) -> Vec<Context<'d>> {
    let told = &shared.cluster.told;
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
        contexts.push(Context {
            target,
            facts,
            told,
            documents,
            config,
            node: Some(node),
            installation: None,
        });
    }
    for (i, config) in configs.into_iter().enumerate() {
        if used.contains(&i) || config.cni.is_none() {
            continue;
        }
        let facts = Facts::of_manifest(Some(&config), None, shared, target);
        contexts.push(Context {
            target,
            facts,
            told,
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
            told,
            documents,
            config: None,
            node: None,
            installation: Some(installation),
        });
    }
    contexts
}
