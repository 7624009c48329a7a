//! The shapes of what can be asked for and of what is known.

use calico_ipv6_engine::rules;
use calico_ipv6_engine::target::{self, Stack};
use serde::Serialize;

use crate::VERSION;
use crate::transformation::Severity;

/// Every rule.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Rules {
    /// The version of this shape: 1.
    pub version: u32,
    /// The version of the engine that has these rules.
    pub engine: &'static str,
    /// The rules, by id.
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Rule {
    /// Its id, such as `CNI-003`. Never reused.
    pub id: &'static str,
    /// The pattern that it finds, in kebab-case.
    pub name: &'static str,
    /// When it applies.
    pub kind: RuleKind,
    /// How bad a finding is at the most.
    pub severity: Severity,
    /// Whether there is a fix.
    pub fix: Fixable,
    /// What it finds, one sentence.
    pub finds: &'static str,
    /// What happens in the cluster, and why.
    pub consequence: &'static str,
    /// What the fix does, or what to do by hand.
    pub help: &'static str,
    /// The releases that it depends on.
    pub releases: Vec<Release>,
    /// What the place may look like before; may be empty.
    pub before: &'static str,
    /// What it looks like afterwards; may be empty.
    pub after: &'static str,
    /// Where the facts come from: files of the upstream sources, issues, pages.
    pub sources: Vec<Reference>,
}

/// Where a fact comes from.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Reference {
    /// What it is, in words: the repository, its release and the file; an issue; the title of a page.
    pub text: String,
    /// Its address.
    pub url: String,
}

/// When a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum RuleKind {
    /// The configuration is wrong for every target.
    Defect,
    /// The configuration does not match the requested target.
    Target,
    /// Follows from the changes, or concerns a running cluster.
    Migration,
}

/// Whether a rule can correct what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Fixable {
    /// Every finding is mended.
    Always,
    /// Some are.
    Sometimes,
    /// None is: the rule says what to do by hand.
    Never,
}

/// Something that holds only for some releases.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Release {
    /// Whose releases are counted: `Calico`, `tigera/operator` ...
    pub component: String,
    /// The releases, in words.
    pub versions: String,
    /// What is so in them.
    pub what: &'static str,
}

/// One thing that can be asked for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TargetOption {
    /// The key of a target.
    #[cfg_attr(feature = "typescript", ts(type = "keyof Target"))]
    pub key: &'static str,
    /// The flag of the command, without dashes.
    pub flag: &'static str,
    /// How a form names it.
    pub label: &'static str,
    /// What its value looks like: `CIDR`, `BOOL` ...
    pub value: &'static str,
    /// The only values there are; empty where any text of the form is taken.
    pub choices: &'static [&'static str],
    /// What it does, one line.
    pub help: &'static str,
    /// The values of `to` with which it has no effect.
    #[cfg_attr(feature = "typescript", ts(type = "Array<Target[\"to\"]>"))]
    pub no_effect_with: Vec<&'static str>,
}

impl Rules {
    /// All rules, by id.
    #[must_use]
    pub fn all() -> Rules {
        Rules {
            version: VERSION,
            engine: env!("CARGO_PKG_VERSION"),
            rules: rules::catalogue().into_iter().map(Rule::from).collect(),
        }
    }
}

impl From<&'static rules::Metadata> for Rule {
    fn from(meta: &'static rules::Metadata) -> Rule {
        let texts = meta.texts();
        let release = |gate: &calico_ipv6_engine::version::Gate| Release {
            component: gate.component.to_string(),
            versions: gate.releases(),
            what: gate.what,
        };
        Rule {
            id: meta.id,
            name: meta.name,
            kind: match meta.kind {
                rules::RuleKind::Defect => RuleKind::Defect,
                rules::RuleKind::Target => RuleKind::Target,
                rules::RuleKind::Migration => RuleKind::Migration,
            },
            severity: meta.severity.into(),
            fix: match meta.fixable {
                rules::Fixable::Always => Fixable::Always,
                rules::Fixable::Sometimes => Fixable::Sometimes,
                rules::Fixable::Never => Fixable::Never,
            },
            finds: texts.finds,
            consequence: texts.consequence,
            help: texts.help,
            releases: meta.gates.iter().map(release).collect(),
            before: texts.example.0,
            after: texts.example.1,
            sources: texts
                .sources
                .iter()
                .map(|one| Reference { text: one.to_string(), url: one.url() })
                .collect(),
        }
    }
}

impl TargetOption {
    /// Everything that can be asked for, in the order in which help shows it.
    #[must_use]
    pub fn all() -> Vec<TargetOption> {
        let option = |o: &target::TargetOption| TargetOption {
            key: o.key,
            flag: o.flag,
            label: o.label,
            value: o.value,
            choices: o.choices,
            help: o.help,
            no_effect_with: Stack::ALL.iter().filter(|to| !o.has_effect(**to)).map(|to| to.word()).collect(),
        };
        target::OPTIONS.iter().map(option).collect()
    }
}
