//! New documents from a target alone. A kind writes the plain text of its files with what the rules decide, and the rules
//! have the last word: every file goes through [`plan_all`], so that a transform of it for the same target finds nothing to
//! change.

mod calico;
mod kubernetes;
mod kustomize;
mod openshift;
mod openshift_patches;
mod operator;
mod writer;

use crate::address::Family;
use crate::model::InputError;
use crate::rules::{Diagnostic, MissingOption};
use crate::source::Source;
use crate::target::{RangeOf, Target, TargetError};
use crate::transform::{Options, Outcome, Plan, plan_all};
use ipnet::IpNet;

/// Files by name and text, before the rules have seen them.
type Drafts = Vec<(String, String)>;

/// Something that can be written.
#[derive(Clone, Copy)]
pub struct Kind {
    /// How the command and JavaScript name it.
    pub name: &'static str,
    /// What it is, one line.
    pub about: &'static str,
    /// Its files.
    pub files: &'static [&'static str],
    /// Its files are parts of objects: what they lack stands elsewhere, and is not told.
    has_patches: bool,
    make: fn(&mut Wish<'_>) -> Option<Drafts>,
}

impl core::fmt::Debug for Kind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name)
    }
}

/// Everything that can be written, in the order in which help shows it.
pub const KINDS: &[Kind] = &[
    operator::INSTALLATION,
    calico::IP_POOL,
    calico::FELIX_CONFIGURATION,
    kubernetes::KUBEADM,
    kubernetes::KUBE_PROXY,
    kubernetes::CORE_DNS,
    operator::HELM_VALUES,
    operator::HELM_CHART_CONFIG,
    operator::HELM_CHART,
    openshift::INSTALL_CONFIG,
    openshift_patches::PATCHES,
    kustomize::MANIFEST,
    kustomize::OPERATOR,
];

/// The kind of this name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// A file that was written.
#[derive(Clone, Debug)]
pub struct File {
    /// The name of its kind.
    pub kind: &'static str,
    /// Its name; with a `/` where files belong into a folder of their own.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What the rules say of it.
    pub diagnostics: Vec<Diagnostic>,
}

/// What was written, or why nothing was.
#[derive(Clone, Debug, Default)]
pub struct Generation {
    /// What cannot be, whatever else is asked for.
    pub problems: Vec<TargetError>,
    /// Options that are missing, each with the file that needs it first.
    pub missing_options: Vec<(String, MissingOption)>,
    /// The files; those with diagnostics that refuse are no good.
    pub files: Vec<File>,
}

impl Generation {
    /// What became of it, in the words of a transform.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if !self.problems.is_empty() || !self.missing_options.is_empty() {
            Outcome::NeedsInput
        } else if self.files.iter().flat_map(|file| &file.diagnostics).any(Diagnostic::blocks) {
            Outcome::Refused
        } else {
            Outcome::Changed
        }
    }
}

/// Writes the files of these kinds.
#[must_use]
pub fn generate(kinds: &[&'static Kind], target: &Target) -> Generation {
    let mut made = Generation::default();
    for kind in kinds {
        let mut wish = Wish { target, file: kind.files[0], made: &mut made };
        let Some(files) = (kind.make)(&mut wish) else { continue };
        finish(kind, files, target, &mut made);
    }
    made
}

/// The rules bring the files to what the target wants of them, and say what they think of it.
fn finish(kind: &Kind, mut files: Drafts, target: &Target, made: &mut Generation) {
    let edited = plans(&files, target).into_iter().map(|plan| plan.ok()?.text);
    for (text, (_, old)) in edited.collect::<Vec<_>>().into_iter().zip(&mut files) {
        *old = text.unwrap_or_else(|| core::mem::take(old));
    }
    // What is found now stands at its place in the text that comes out.
    let plans = plans(&files, target);
    for ((name, text), plan) in files.into_iter().zip(plans) {
        let Ok(plan) = plan else {
            let message =
                format!("{name} was not written as YAML: this is a defect of calico-ipv6, please report it");
            made.problems.push(TargetError { option: None, message });
            continue;
        };
        for question in plan.missing_options {
            ask(made, &name, question);
        }
        // What a rule finished while the file was written is nobody's concern.
        let mut diagnostics = plan.diagnostics;
        diagnostics.retain(|diagnostic| !diagnostic.is_fixed());
        diagnostics.retain(|diagnostic| !kind.has_patches || diagnostic.blocks());
        made.files.push(File { kind: kind.name, name, text, diagnostics });
    }
}

fn plans(files: &[(String, String)], target: &Target) -> Vec<Result<Plan, InputError>> {
    let sources: Vec<Source<'_>> = files.iter().map(|(name, text)| Source { name, text }).collect();
    plan_all(&sources, target, Options::default())
}

/// NeedsInput for an option, once.
fn ask(made: &mut Generation, file: &str, question: MissingOption) {
    if made.missing_options.iter().all(|(_, known)| known.flag != question.flag) {
        made.missing_options.push((file.to_owned(), question));
    }
}

/// What is wanted of a kind, and what it misses.
struct Wish<'a> {
    target: &'a Target,
    /// The file that is written.
    file: &'static str,
    made: &'a mut Generation,
}

impl Wish<'_> {
    fn ask(&mut self, flag: &'static str, example: &str, why: impl Into<String>) {
        let question = MissingOption { flag, why: why.into(), example: example.to_owned() };
        ask(self.made, self.file, question);
    }

    fn refuse(&mut self, option: &'static str, message: String) {
        let error = TargetError { option: Some(option), message };
        if !self.made.problems.contains(&error) {
            self.made.problems.push(error);
        }
    }

    /// The families that are wanted, the primary one first.
    fn families(&self) -> Vec<Family> {
        self.target.families(None)
    }

    fn primary(&self) -> Family {
        self.target.primary(None)
    }

    /// The ranges of all families, the primary one first; asks for each that is missing. `default` is what is there
    /// without being asked for.
    fn ranges(&mut self, of: RangeOf, default: Option<IpNet>, why: &str) -> Option<Vec<IpNet>> {
        let nets: Vec<Option<IpNet>> =
            self.families().into_iter().map(|family| self.range(of, family, default, why)).collect();
        nets.into_iter().collect()
    }

    /// The range of one family.
    fn range(&mut self, of: RangeOf, family: Family, default: Option<IpNet>, why: &str) -> Option<IpNet> {
        let default = default.filter(|net| crate::address::family(*net) == family);
        let net = self.target.range(of, family).or(default);
        if net.is_none() {
            let (flag, example) = of.option(family);
            self.ask(flag, example, why);
        }
        net
    }
}
