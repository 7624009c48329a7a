//! Generates new files from a target. Each kind writes its files, then [`plan_all`] applies the rules to them, so that a
//! transform of a generated file for the same target finds nothing to change.

mod calico;
pub(crate) mod connectivity;
mod installers;
mod kubernetes;
mod kustomize;
mod openshift;
mod openshift_patches;
mod operator;
mod sysctl;
mod writer;

use crate::address::Family;
use crate::model::InputError;
use crate::rules::{Diagnostic, MissingOption};
use crate::source::Source;
use crate::target::{RangeOf, Target, TargetError};
use crate::transform::{Options, Outcome, Plan, plan_all};
use ipnet::IpNet;

/// Names and texts of files, before the rules are applied.
type Drafts = Vec<(String, String)>;

/// A kind of files that can be generated.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name in the command and in JavaScript.
    pub name: &'static str,
    /// A description of one line.
    pub about: &'static str,
    /// Its files.
    pub files: &'static [&'static str],
    /// Whether its files are parts of objects. Missing settings are elsewhere and not reported.
    has_patches: bool,
    make: fn(&mut Request<'_>) -> Option<Drafts>,
}

impl core::fmt::Debug for Kind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name)
    }
}

/// All kinds, in the order of the help text.
pub const KINDS: &[Kind] = &[
    operator::INSTALLATION,
    calico::IP_POOL,
    calico::LOAD_BALANCER_POOL,
    calico::FELIX_CONFIGURATION,
    calico::BGP_CONFIGURATION,
    calico::BGP_PEER,
    kubernetes::KUBEADM,
    kubernetes::KUBE_PROXY,
    kubernetes::CORE_DNS,
    kubernetes::SERVICE_CIDR,
    operator::HELM_VALUES,
    operator::HELM_CHART_CONFIG,
    operator::HELM_CHART,
    installers::K3S,
    installers::RKE2,
    installers::KUBESPRAY,
    openshift::INSTALL_CONFIG,
    openshift_patches::PATCHES,
    kustomize::MANIFEST,
    kustomize::OPERATOR,
    sysctl::SYSCTL,
    connectivity::CONNECTIVITY_TEST,
];

/// Returns the kind with this name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// A generated file.
#[derive(Clone, Debug)]
pub struct File {
    /// The name of its kind.
    pub kind: &'static str,
    /// Its name, with a `/` if it belongs into a folder.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The findings of the rules.
    pub diagnostics: Vec<Diagnostic>,
}

/// Generated files, or why there are none.
#[derive(Clone, Debug, Default)]
pub struct Generation {
    /// Invalid options and combinations.
    pub problems: Vec<TargetError>,
    /// Options that are missing, each with the file that needs it first.
    pub missing_options: Vec<(String, MissingOption)>,
    /// The files. Do not use files whose diagnostics block.
    pub files: Vec<File>,
}

impl Generation {
    /// The outcome, as of a transform.
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

/// Generates the files of these kinds.
#[must_use]
pub fn generate(kinds: &[&'static Kind], target: &Target) -> Generation {
    let mut generation = Generation::default();
    for kind in kinds {
        let mut request = Request { target, file: kind.files[0], generation: &mut generation };
        let Some(files) = (kind.make)(&mut request) else { continue };
        finish(kind, files, target, &mut generation);
    }
    generation
}

/// Applies the rules to the files and collects their findings.
fn finish(kind: &Kind, mut files: Drafts, target: &Target, generation: &mut Generation) {
    let edited = plans(&files, target).into_iter().map(|plan| plan.ok()?.text);
    for (text, (_, old)) in edited.collect::<Vec<_>>().into_iter().zip(&mut files) {
        *old = text.unwrap_or_else(|| core::mem::take(old));
    }
    // These findings refer to the final text.
    let plans = plans(&files, target);
    for ((name, text), plan) in files.into_iter().zip(plans) {
        let Ok(plan) = plan else {
            let message = format!("{name} is not valid YAML: this is a bug in calico-ipv6, please report it");
            generation.problems.push(TargetError { option: None, message });
            continue;
        };
        for missing in plan.missing_options {
            ask(generation, &name, missing);
        }
        // Fixed findings are not relevant to the user.
        let mut diagnostics = plan.diagnostics;
        diagnostics.retain(|diagnostic| !diagnostic.is_fixed());
        diagnostics.retain(|diagnostic| !kind.has_patches || diagnostic.blocks());
        generation.files.push(File { kind: kind.name, name, text, diagnostics });
    }
}

fn plans(files: &[(String, String)], target: &Target) -> Vec<Result<Plan, InputError>> {
    let sources: Vec<Source<'_>> = files.iter().map(|(name, text)| Source { name, text }).collect();
    plan_all(&sources, target, Options::default())
}

/// Adds a missing option, once.
fn ask(generation: &mut Generation, file: &str, missing: MissingOption) {
    if generation.missing_options.iter().all(|(_, known)| known.flag != missing.flag) {
        generation.missing_options.push((file.to_owned(), missing));
    }
}

/// A request for a kind, and its result.
struct Request<'a> {
    target: &'a Target,
    /// The first file of the kind.
    file: &'static str,
    generation: &'a mut Generation,
}

impl Request<'_> {
    fn ask(&mut self, flag: &'static str, example: &str, why: impl Into<String>) {
        let missing = MissingOption { flag, why: why.into(), example: example.to_owned() };
        ask(self.generation, self.file, missing);
    }

    fn refuse(&mut self, option: &'static str, message: String) {
        let error = TargetError { option: Some(option), message };
        if !self.generation.problems.contains(&error) {
            self.generation.problems.push(error);
        }
    }

    /// The families of the target, primary family first.
    fn families(&self) -> Vec<Family> {
        self.target.families(None)
    }

    fn primary(&self) -> Family {
        self.target.primary(None)
    }

    /// The ranges of all families, primary family first. Requests the option of each missing range. `default` is the default
    /// range.
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
