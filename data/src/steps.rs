//! The plan that a person follows.

use calico_ipv6_engine::output::steps;
use serde::Serialize;

/// The plan for one cluster.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Steps {
    /// The index of the cluster.
    pub cluster: usize,
    /// Its heading.
    pub title: String,
    /// Its parts, in order.
    pub sections: Vec<Section>,
    /// The same as Markdown.
    pub markdown: String,
}

/// A part of a plan.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "StepsSection"))]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// What is to be known, each a sentence or two of Markdown.
    pub notes: Vec<String>,
    /// What is to be done, in order.
    pub steps: Vec<Step>,
}

/// A step of a plan.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Step {
    /// What is done, as a heading.
    pub title: String,
    /// Why these files need it; may be empty.
    pub why: String,
    /// The commands.
    pub commands: Vec<Command>,
    /// What restarts, and what happens to traffic meanwhile; may be empty.
    pub restarts: String,
    /// The commands that show whether it worked. If one fails, the plan stops here.
    pub verify: Vec<Command>,
    /// How to go back, in words; may be empty.
    pub undo_note: String,
    /// How to go back, as commands.
    pub undo: Vec<Command>,
}

/// A command of a shell.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "StepCommand"))]
pub struct Command {
    /// Where it runs.
    pub host: Host,
    /// Its text, of one or more lines.
    pub text: String,
    /// What it prints if all is well; empty if that does not matter.
    pub expect: String,
}

/// Where a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "StepHost"))]
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

impl Steps {
    pub(crate) fn of(cluster: usize, plan: steps::Steps) -> Steps {
        let markdown = steps::markdown(&plan);
        let sections = plan.sections.into_iter().map(Section::from).collect();
        Steps { cluster, title: plan.title, sections, markdown }
    }
}

impl From<steps::Section> for Section {
    fn from(section: steps::Section) -> Section {
        Section {
            title: section.title,
            notes: section.notes,
            steps: section.steps.into_iter().map(Step::from).collect(),
        }
    }
}

impl From<steps::Step> for Step {
    fn from(step: steps::Step) -> Step {
        let commands = |all: Vec<steps::Command>| all.into_iter().map(Command::from).collect();
        Step {
            title: step.title,
            why: step.why,
            commands: commands(step.commands),
            restarts: step.restarts,
            verify: commands(step.verify),
            undo_note: step.undo_note,
            undo: commands(step.undo),
        }
    }
}

impl From<steps::Command> for Command {
    fn from(command: steps::Command) -> Command {
        let host = match command.host {
            steps::Host::Here => Host::Here,
            steps::Host::OneControlPlaneNode => Host::OneControlPlaneNode,
            steps::Host::EachControlPlaneNode => Host::EachControlPlaneNode,
            steps::Host::EachNode => Host::EachNode,
        };
        Command { host, text: command.text, expect: command.expect }
    }
}
