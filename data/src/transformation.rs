//! The shapes of a transform.

use crate::input::TargetProblem;
use crate::inspection::Facts;
use crate::steps::Steps;
use serde::Serialize;

/// What becomes of all files of a cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Transformation {
    /// The version of this shape: 1.
    pub version: u32,
    /// Whether the result can be used: the target is valid, every file was read, and none is refused or needs an answer.
    pub ok: bool,
    /// What is wrong with the target. Where there is anything, `files` is empty.
    pub problems: Vec<TargetProblem>,
    /// The clusters that the files belong to. Facts never cross from one cluster to another.
    pub clusters: Vec<Cluster>,
    /// The files, in the order in which they were given.
    #[cfg_attr(feature = "typescript", ts(type = "Array<Transformed>"))]
    pub files: Vec<Transformed>,
    /// What to check before the result is applied, because no file tells it.
    pub checks: Vec<Check>,
    /// Why a cluster that runs already cannot follow; null if it can.
    pub running_cluster: Option<String>,
    /// The plan that a person follows, for each cluster whose files are not refused.
    pub steps: Vec<Steps>,
    /// The options that matter for these files and this target; `to` always does.
    pub fields: Vec<Field>,
}

/// Files that belong to one cluster.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Cluster {
    /// The folder of its files, or the name of its only file.
    pub name: String,
    /// The indexes of its files.
    pub files: Vec<usize>,
}

// In TypeScript `outcome`, `problem` and `text` are in `UNIONS`.
/// What becomes of one file, whatever it is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "TransformedFile"))]
pub struct Transformed {
    /// The name that was given.
    pub name: String,
    /// What becomes of it.
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub outcome: Outcome,
    /// Why it could not be read; null where it was.
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub problem: Option<Problem>,
    /// What it was recognised as, in words; null where nothing in it decides about IPv6.
    pub recognised: Option<String>,
    /// The objects below Calico in it: static pods, kubeadm's documents, kubelet, kube-proxy, cluster DNS.
    pub components: Vec<String>,
    /// The installations in it.
    pub installs: Vec<Install>,
    /// The changes, in the order of the text.
    pub changes: Vec<Change>,
    /// The IP pools that the result makes on a new cluster, in words.
    pub pools: Vec<String>,
    /// What else was found.
    pub findings: Vec<Finding>,
    /// Options that are missing.
    pub missing_options: Vec<MissingOption>,
    /// How many documents there are, without empty ones.
    pub documents: usize,
    /// How much of them is understood.
    pub coverage: Coverage,
    /// Whether the file already has the requested stack: every requested IP family was read in a setting that decides, and
    /// nothing was skipped. False for a file that is changed.
    pub confirmed: bool,
    /// The indexes of the edited ones.
    pub touched_documents: Vec<usize>,
    /// How many lines of the original are as they were.
    pub untouched_lines: usize,
    /// The new text; null where it is not edited.
    #[cfg_attr(feature = "typescript", ts(skip))]
    pub text: Option<String>,
    /// The difference of the new text, with three lines around each change.
    pub hunks: Vec<Hunk>,
}

/// How much of a file is understood: documents, and the objects of lists.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Coverage {
    /// How many are understood.
    pub understood: usize,
    /// How many have no settings that decide about IP families.
    pub not_relevant: usize,
    /// The lines, from 1, of those that are templates and not rendered.
    pub templates: Vec<usize>,
    /// The lines, from 1, of the first address or range in those that contain some and are not understood.
    pub not_understood: Vec<usize>,
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Outcome {
    /// It is edited.
    Changed,
    /// It is as the target wants it.
    Unchanged,
    /// Nothing in it decides about IPv6.
    PassedThrough,
    /// It cannot be brought to the target: see the findings that are errors.
    Refused,
    /// An option is missing: see the missing_options.
    NeedsInput,
    /// It cannot be read: see the problem.
    Unreadable,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Problem {
    /// What it is, one line.
    pub message: String,
    /// What the place shows, in few words; may be empty.
    pub label: String,
    /// What to do.
    pub help: &'static str,
    /// Where; null where it is about the whole file.
    pub place: Option<Place>,
}

/// A range of a text. Lines and columns count from 1, columns in characters (Unicode scalar values).
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Place {
    /// The line where it begins.
    pub line: usize,
    /// The column where it begins.
    pub column: usize,
    /// The line where it ends.
    pub end_line: usize,
    /// The column behind its last character.
    pub end_column: usize,
    /// Where it begins, as JavaScript counts: in UTF-16 code units from 0.
    pub start: usize,
    /// Where it ends, in UTF-16 code units from 0.
    pub end: usize,
}

/// An installation that was found.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Install {
    /// How people name its main object: `DaemonSet calico-node`.
    pub title: String,
    /// What is known of it.
    pub facts: Facts,
}

/// A change that was made.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Change {
    /// The id of the rule that wanted it.
    pub rule: &'static str,
    /// The object: `DaemonSet calico-node, container calico-node`.
    pub resource: String,
    /// The field or variable.
    pub field: String,
    /// What stood there; null where it is new.
    pub from: Option<String>,
    /// What stands there now; null where it is gone.
    pub to: Option<String>,
    /// Why, in few words.
    pub why: String,
    /// The line of the original where it begins, from 1; null where it is part of another change.
    pub line: Option<usize>,
    /// The index of the hunk that shows it; null where none does.
    pub hunk: Option<usize>,
}

/// A run of changed lines with the lines around it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Hunk {
    /// The first line of the old text, from 1; the line before where it has none.
    pub old_start: usize,
    /// How many lines of the old text.
    pub old_lines: usize,
    /// The first line of the new text.
    pub new_start: usize,
    /// How many lines of the new text.
    pub new_lines: usize,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line of a hunk.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Line {
    /// Which text it is in.
    pub kind: LineKind,
    /// The line with its line break.
    pub text: String,
}

/// Which text a line is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum LineKind {
    /// In both.
    Context,
    /// Only in the old one.
    Removed,
    /// Only in the new one.
    Added,
}

/// What a rule says.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Finding {
    /// The id of the rule.
    pub rule: &'static str,
    /// The rule's name: the pattern that it finds.
    pub name: &'static str,
    /// How bad it is here.
    pub severity: Severity,
    /// What it is, one line.
    pub message: String,
    /// What the place shows, in few words; may be empty.
    pub label: String,
    /// What happens in the cluster.
    pub consequence: String,
    /// What to do.
    pub help: String,
    /// Where, as a path of fields.
    pub path: String,
    /// Where in the text.
    pub place: Place,
    /// The line where it begins, up to the end of its item; secrets, and other items of a line in flow style, are stars.
    /// Empty if the line is too long to be shown.
    pub line: String,
    /// Other locations that belong to it, also in other files.
    pub related: Vec<Location>,
    /// Whether a transform stops here.
    pub blocks: bool,
    /// The changes that correct it; null if there are none.
    pub fix: Option<Fix>,
}

/// Another location of a finding.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Location {
    /// The name of the file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is there.
    pub text: String,
}

/// Changes that correct a finding.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Fix {
    /// What they do, one line.
    pub title: String,
    /// Whether a transform writes them.
    pub applicability: Applicability,
}

/// Whether a transform writes a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Applicability {
    /// Only shown.
    DisplayOnly,
    /// Written on request only.
    Unsafe,
    /// Written.
    Safe,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably not what is wanted.
    Warning,
    /// Does not work in the cluster.
    Error,
}

/// An option that is missing.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MissingOption {
    /// The flag of the command, without dashes.
    pub option: &'static str,
    /// The key of a target.
    #[cfg_attr(feature = "typescript", ts(type = "keyof Target"))]
    pub key: &'static str,
    /// Why this input needs it.
    pub why: String,
    /// An example of its value.
    pub example: String,
}

/// One thing to check.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Check {
    /// What must hold, and what happens where it does not.
    pub text: String,
    /// A command that shows it; null where there is none.
    pub command: Option<&'static str>,
}

/// An option as a form shows it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Field {
    /// The key of a target.
    #[cfg_attr(feature = "typescript", ts(type = "keyof Target"))]
    pub key: &'static str,
    /// How much it matters.
    pub weight: Weight,
    /// Why it is asked for, or where `used` comes from; may be empty.
    pub note: String,
    /// The value that is used without an answer, where the files tell it.
    pub used: Option<String>,
    /// An example of an answer, where one is needed.
    pub example: Option<String>,
}

/// How much an option matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Weight {
    /// Nothing is done without an answer.
    Missing,
    /// An answer is likely to differ from the default.
    Usual,
    /// The default is right for most.
    Rare,
}
