//! The plan that a person follows: what to check, what to run, what restarts, how to see that it worked, and how to go back.
//!
//! Every step follows from the changes of the plans of one cluster and their effects. If nothing in the files needs a step,
//! there is none.

mod about;
mod after;
mod before;
mod brief;
mod by_hand;
mod calico;
mod checks;
mod control_plane;
mod installers;
mod limits;
mod markdown;
mod new_cluster;
mod nodes;
mod openshift;
mod placeholders;
mod planned;
mod shell;
mod source;
mod view;
mod way_back;
mod workloads;

pub use brief::{NEEDS_A_NEW_CLUSTER, brief};
pub use checks::{Check, checks};
pub use markdown::markdown;
pub use planned::Planned;
pub use view::{File, State};

use crate::target::{Stack, Target};
use view::View;

/// Where a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Where the files and the credentials of the cluster are.
    Here,
    /// On one control-plane node.
    OneControlPlaneNode,
    /// On every control-plane node, one after the other.
    EachControlPlaneNode,
    /// On every node, one after the other.
    EachNode,
}

/// A command of a shell, of one or more lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Where it runs.
    pub host: Host,
    /// Its text.
    pub text: String,
    /// What it prints if all is well; empty if that does not matter.
    pub expect: String,
}

impl Command {
    fn new(host: Host, text: impl Into<String>) -> Command {
        Command { host, text: text.into(), expect: String::new() }
    }

    fn here(text: impl Into<String>) -> Command {
        Command::new(Host::Here, text)
    }

    fn expect(mut self, text: impl Into<String>) -> Command {
        self.expect = text.into();
        self
    }
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What is done, as a heading.
    pub title: String,
    /// What the step is about, in few words: `API server`.
    pub subject: &'static str,
    /// Why these files need it.
    pub why: String,
    /// The commands.
    pub commands: Vec<Command>,
    /// What restarts, and what happens to traffic meanwhile; empty if nothing does.
    pub restarts: String,
    /// The commands that show whether it worked. If one fails, the plan stops here.
    pub verify: Vec<Command>,
    /// How to go back, in words; may be empty.
    pub undo_note: String,
    /// How to go back, as commands.
    pub undo: Vec<Command>,
}

/// A part of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// What is to be known, each a sentence or two of Markdown.
    pub notes: Vec<String>,
    /// What is to be done.
    pub steps: Vec<Step>,
}

impl Section {
    fn of(title: &'static str, notes: Vec<String>, steps: Vec<Step>) -> Section {
        Section { title, notes, steps }
    }
}

/// The heading of the section whose steps are numbered.
const NUMBERED: &str = "Steps";

/// The plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Its heading.
    pub title: String,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// The plan for the files of one cluster; `cluster` is the folder that holds them. `None` if a file stops the transform: its
/// findings say why.
#[must_use]
pub fn steps(files: &[File], cluster: &str, target: &Target) -> Option<Steps> {
    let view = View::of(files, cluster, target)?;
    let title = format!("Convert {} to {}", view.subject(), target.to);
    if !view.is_changed() {
        let note = "These files need no change for this stack, so there are no steps.".to_owned();
        let about = Section::of("What this is", [about::notes(&view), vec![note]].concat(), Vec::new());
        return Some(Steps { title, sections: vec![about] });
    }
    let mut all = vec![
        Section::of("What this is", about::notes(&view), Vec::new()),
        Section::of("What cannot be undone, and what stays", limits::notes(&view), Vec::new()),
        Section::of("Before you start", before::notes(&view), before::steps(&view)),
        Section::of(NUMBERED, view.gate(), ordered(&view)),
        Section::of("After the conversion", Vec::new(), after::steps(&view)),
        Section::of("Left to do by hand", by_hand::notes(&view), Vec::new()),
    ];
    let values = placeholders::note(&all);
    if let Some(about) = all.first_mut() {
        about.notes.extend(values);
    }
    let is_filled = |section: &Section| !section.notes.is_empty() || !section.steps.is_empty();
    Some(Steps { title, sections: all.into_iter().filter(is_filled).collect() })
}

/// The numbered steps, in order.
fn ordered(view: &View<'_>) -> Vec<Step> {
    if view.is_for_new_cluster() {
        return new_cluster::steps(view);
    }
    if view.target.to == Stack::Ipv4Only {
        return way_back::steps(view);
    }
    let mut steps: Vec<Step> = installers::steps(view).into_iter().collect();
    steps.extend(openshift::steps(view));
    steps.extend(control_plane::steps(view));
    steps.extend(nodes::steps(view));
    steps.extend(calico::steps(view));
    steps.extend(workloads::steps(view));
    steps
}
