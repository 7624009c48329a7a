//! What IPv6 needs of a Calico installation: one file a rule, and this registry.
//!
//! A rule sees the facts, the target and the typed objects, speaks in nodes and field names, and never touches text. Its
//! [`Metadata`] is its documentation: the page, `explain` and every report are made from it.

mod change;
mod cni;
mod encapsulation;
mod kubernetes;
mod node;
mod operator;
mod pool;
mod variant;
mod wanted;

pub use change::{Change, ChangeDescription, Fix};
pub use kubernetes::{CLUSTER_RULES, ClusterRule, LintContext};
pub(crate) use kubernetes::{
    DEFAULT_IPV4, DEFAULT_IPV6, FEWEST_SERVICE_BITS, HOST_PREFIX_IPV4, IPVS_ONLY, MOST_SERVICE_BITS, NO_PAIR,
    part_of_node,
};
pub(crate) use operator::{NO_IPV6_ENCAPSULATION, WHY_ENCAPSULATION, WHY_NAT, field_of_method, new_pool};
pub(crate) use wanted::{CROSS_SUBNET_NEEDS_IPV4, NO_KUBEADM_CIDR};

use crate::model::calico_config::CalicoConfig;
use crate::model::calico_node::CalicoNode;
use crate::model::facts::Facts;
use crate::model::facts::stated::StatedValue;
use crate::model::fields::ConfigObject;
use crate::model::installation::Installation;
use crate::model::{Documents, Resource};
use crate::target::Target;
use crate::version::Gate;
use crate::yaml::{NodeId, Tree};
use core::fmt;
use core::ops::Range;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably not what is wanted.
    Warning,
    /// Does not work in the cluster.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// Whether a rule can mend what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixable {
    /// Every diagnostic carries a fix.
    Always,
    /// Some do.
    Sometimes,
    /// None does: the diagnostic says what to do by hand.
    Never,
}

/// A rule as data.
#[derive(Clone, Copy, Debug)]
pub struct Metadata {
    /// Its id, such as `CNI-003`. Never reused.
    pub id: &'static str,
    /// The pattern that it finds, in kebab-case.
    pub name: &'static str,
    /// How bad a diagnostic is at the most.
    pub severity: Severity,
    /// What it finds, one sentence.
    pub finds: &'static str,
    /// What happens in the cluster, and why.
    pub consequence: &'static str,
    /// What the fix does, or what to do by hand.
    pub help: &'static str,
    /// Whether there is a fix.
    pub fixable: Fixable,
    /// The releases that it depends on.
    pub gates: &'static [Gate],
    /// An example: before and after. Both empty where there is none.
    pub example: (&'static str, &'static str),
    /// Where the facts come from: files of the upstream sources, issues, pages.
    pub sources: &'static [&'static str],
}

/// A rule: its data and its check.
#[derive(Clone, Copy)]
pub struct Rule {
    /// What it is.
    pub meta: &'static Metadata,
    /// Looks, and reports.
    pub(crate) check: fn(&InstallContext<'_>, &mut Diagnostics),
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meta.id)
    }
}

/// One installation, as the rules see it.
#[derive(Clone, Debug)]
pub struct InstallContext<'d> {
    /// What is wanted.
    pub target: &'d Target,
    /// What is known.
    pub facts: Facts,
    /// Ranges that the files of the cluster tell, each with its place.
    pub stated: &'d [StatedValue],
    /// The source.
    pub documents: &'d Documents<'d>,
    /// The ConfigMap of a manifest install.
    pub config: Option<CalicoConfig<'d, 'd>>,
    /// The DaemonSet of a manifest install.
    pub node: Option<CalicoNode<'d, 'd>>,
    /// The `Installation` of an operator install.
    pub installation: Option<Installation<'d>>,
}

impl<'d> InstallContext<'d> {
    /// The objects of this installation, the one that people name it by first.
    pub fn resources(&self) -> impl Iterator<Item = &'d Resource> {
        let node = self.node.as_ref().map(|n| n.resource);
        let config = self.config.as_ref().map(|c| c.resource);
        let installation = self.installation.as_ref().map(Installation::resource);
        node.into_iter().chain(config).chain(installation)
    }

    /// How people name it: its main object.
    #[must_use]
    pub fn title(&self) -> String {
        self.resources().next().map_or_else(String::new, Resource::title)
    }
}

/// What a rule says.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Which rule.
    pub rule: &'static Metadata,
    /// How bad it is here.
    pub severity: Severity,
    /// Bytes of the source.
    pub range: Range<usize>,
    /// Where, as a path of fields.
    pub path: String,
    /// What it is, one line.
    pub message: String,
    /// What the place shows, in few words; may be empty.
    pub label: String,
    /// What happens in the cluster.
    pub consequence: String,
    /// What to do.
    pub help: String,
    /// The changes that mend it.
    pub fix: Option<Fix>,
}

/// A question that only a person can answer: which option is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingOption {
    /// The flag, without dashes.
    pub flag: &'static str,
    /// Why this input needs it.
    pub why: String,
    /// An example of its value.
    pub example: String,
}

/// What the rules have said so far.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    /// Everything found.
    pub all: Vec<Diagnostic>,
    /// Options that are missing.
    pub missing_options: Vec<MissingOption>,
}

impl Diagnostics {
    /// Reports a diagnostic.
    fn push(&mut self, diagnostic: Diagnostic) {
        self.all.push(diagnostic);
    }

    /// NeedsInput for an option, once.
    fn ask(&mut self, flag: &'static str, example: impl Into<String>, why: impl Into<String>) {
        if self.missing_options.iter().all(|q| q.flag != flag) {
            self.missing_options.push(MissingOption { flag, why: why.into(), example: example.into() });
        }
    }
}

impl Diagnostic {
    fn new(rule: &'static Metadata, tree: &Tree<'_>, node: NodeId) -> Diagnostic {
        Diagnostic {
            rule,
            severity: rule.severity,
            range: tree.range(node),
            path: tree.path(node),
            message: rule.finds.to_owned(),
            label: String::new(),
            consequence: rule.consequence.to_owned(),
            help: rule.help.to_owned(),
            fix: None,
        }
    }

    fn at_body(rule: &'static Metadata, object: &ConfigObject<'_>, node: NodeId) -> Diagnostic {
        Diagnostic {
            path: object.path(node),
            ..Diagnostic::new(rule, object.tree(), node).at(object.range(node))
        }
    }

    fn message(mut self, message: impl Into<String>) -> Diagnostic {
        self.message = message.into();
        self
    }

    fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    fn consequence(mut self, consequence: impl Into<String>) -> Diagnostic {
        self.consequence = consequence.into();
        self
    }

    fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = help.into();
        self
    }

    fn severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = severity;
        self
    }

    fn at(mut self, range: Range<usize>) -> Diagnostic {
        self.range = range;
        self
    }

    fn fix(mut self, fix: Fix) -> Diagnostic {
        self.fix = Some(fix);
        self
    }

    /// Whether a transform must stop here: an error that nothing mends.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.severity == Severity::Error && self.fix.is_none()
    }
}

/// Not asked, but told: a place that a fix needs and that cannot be edited.
pub const NOT_EDITABLE: Metadata = Metadata {
    id: "EDIT-001",
    name: "place-not-editable",
    severity: Severity::Error,
    finds: "the place that must change cannot be edited without changing others",
    consequence: "an alias, an anchor, a key that stands twice or an unusual layout: an edit there would reach further than planned, or do nothing",
    help: "write the value out in this place, once and in plain block style, and run again",
    fixable: Fixable::Never,
    gates: &[],
    example: ("env: *common", "env:\n- name: IP\n  value: \"autodetect\""),
    sources: &["yaml.org: YAML 1.2.2, 3.2.2.2 Anchors and Aliases"],
};

/// Not asked, but told: edits that did not pass their own check.
pub const NOT_VERIFIED: Metadata = Metadata {
    id: "EDIT-002",
    name: "edit-not-verified",
    severity: Severity::Error,
    finds: "the edited text did not say exactly what was planned",
    consequence: "every edited document is read again, and by a second parser too; where either sees more or less than the planned change, nothing is written",
    help: "this is a defect of calico-ipv6: please report it with the part of the file that is named",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &[],
};

/// Every rule, in the order in which they are asked: what cannot be done at all first.
pub const RULES: &[Rule] = &[
    variant::WINDOWS,
    variant::CANAL_ETCD,
    variant::FLANNEL_MIGRATION,
    variant::VERSION_UNKNOWN,
    node::BPF_TOO_OLD,
    node::MTU_TOO_SMALL,
    encapsulation::VXLAN_TOO_OLD,
    encapsulation::VXLAN_BACKEND_WITHOUT_VXLAN,
    cni::CONFIG_ELSEWHERE,
    cni::NOT_JSON,
    cni::REPEATED_KEY,
    cni::HOST_LOCAL_TOO_OLD,
    cni::FLAG_NOT_A_STRING,
    cni::FLAG_MISSPELT,
    cni::IPV4_LEFT_ON,
    cni::IPV4_OFF,
    cni::IPV6_OFF,
    cni::IPV6_LEFT_ON,
    cni::POOLS_OF_OTHER_FAMILY,
    cni::HOST_LOCAL_RANGES,
    cni::UPGRADE_IPAM_LEFT,
    cni::FLANNEL_NETWORK,
    node::SOURCE_ELSEWHERE,
    node::IPV4_AUTODETECTION,
    node::IPV6_AUTODETECTION,
    node::IPV6_METHOD,
    node::ROUTER_ID_MISSING,
    node::ROUTER_ID_WRONG,
    node::ROUTER_ID_HASH_OLD,
    node::VXLAN_TUNNEL_PICKED,
    encapsulation::IPV6_VXLAN,
    encapsulation::ONLY_IPV4_ENCAPSULATED,
    encapsulation::CROSS_SUBNET_BUG,
    encapsulation::KERNEL,
    node::VXLAN_MTU,
    pool::NO_DEFAULT_POOLS,
    pool::UNREADABLE,
    pool::HOST_BITS,
    pool::IPV4_CIDR,
    pool::IPV4_POOL_STILL_MADE,
    pool::IPV6_CIDR,
    pool::NAT_OUTGOING,
    pool::BLOCK_SIZE,
    pool::UNUSUAL_RANGE,
    pool::OUTSIDE,
    node::FELIX_IPV6,
    node::REPEATED_VARIABLE,
    node::BIRD6_PROBES,
    operator::VALUES_UNREAD,
    operator::WINDOWS,
    operator::OTHER_CNI,
    operator::TOO_MANY_POOLS,
    operator::ENCAPSULATION_TOO_OLD,
    operator::POOLS_OVERLAP,
    operator::IPV4_POOL_STILL_MADE,
    operator::POOLS,
    operator::POOL_FIELDS,
    operator::POOL_ENCAPSULATION,
    operator::POOL_TEXT,
    operator::AUTODETECTION_V6,
    operator::AUTODETECTION_V4,
    operator::NO_BGP,
];

/// What every rule says of itself, by id.
#[must_use]
pub fn catalogue() -> Vec<&'static Metadata> {
    let mut all: Vec<&'static Metadata> =
        RULES.iter().map(|r| r.meta).chain([&NOT_EDITABLE, &NOT_VERIFIED]).collect();
    all.extend(CLUSTER_RULES.iter().map(|r| r.meta));
    all.sort_by_key(|meta| meta.id);
    all
}

/// What the rule with this id or name says of itself.
#[must_use]
pub fn find(id: &str) -> Option<&'static Metadata> {
    catalogue()
        .into_iter()
        .find(|meta| meta.id.eq_ignore_ascii_case(id) || meta.name.eq_ignore_ascii_case(id))
}
