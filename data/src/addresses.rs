//! The shapes of an address plan.

use crate::VERSION;
use crate::input::TargetProblem;
use crate::transformation::{MissingOption, Severity};
use calico_ipv6_engine::cidr;
use calico_ipv6_engine::target::OPTIONS;
use serde::Serialize;

/// Ranges for the addresses of a cluster, and what they hold. Numbers that may be larger than JavaScript's are texts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AddressPlan {
    /// The version of this shape: 1.
    pub version: u32,
    /// Whether the ranges can be used.
    pub ok: bool,
    /// What is wrong with the request. Where there is anything, nothing is planned.
    pub problems: Vec<TargetProblem>,
    /// Ranges that cannot be found without being told.
    pub missing_options: Vec<MissingOption>,
    /// The families, the primary one first.
    pub families: Vec<FamilyPlan>,
    /// What is wrong or odd about the ranges.
    pub notes: Vec<AddressNote>,
    /// What to give to a transform, or to generate: the ranges.
    pub options: Vec<TypedOption>,
}

/// The ranges of one family.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FamilyPlan {
    /// `IPv4` or `IPv6`.
    #[cfg_attr(feature = "typescript", ts(type = "\"IPv4\" | \"IPv6\""))]
    pub family: String,
    /// The range of pods.
    pub pods: PlannedRange,
    /// The range of cluster IPs.
    pub services: PlannedRange,
    /// The part of the range of pods that a node gets, as a prefix length.
    pub node_mask: u8,
    /// The flag of the controller manager that must say it; null where it is the default.
    pub node_mask_flag: Option<&'static str>,
    /// How many nodes the range of pods has place for.
    pub nodes: String,
    /// The prefix length of Calico's blocks.
    pub block_size: u8,
    /// How many blocks there are.
    pub blocks: String,
    /// How many blocks a node takes.
    pub blocks_per_node: String,
    /// How many addresses of pods there are.
    pub addresses: String,
    /// How many cluster IPs there are.
    #[serde(rename = "clusterIPs")]
    pub cluster_ips: String,
}

/// A range, and why it is that one.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PlannedRange {
    /// The range.
    pub cidr: String,
    /// Whether it was given.
    pub given: bool,
    /// Why it has this size.
    pub why: String,
}

/// Something that is wrong or odd about a range.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AddressNote {
    /// How bad it is.
    pub severity: Severity,
    /// The id of the rule that says it; null where it is about numbers.
    pub rule: Option<&'static str>,
    /// What it is, one line.
    pub message: String,
    /// What happens in the cluster.
    pub consequence: String,
    /// What to do.
    pub help: String,
}

/// An option with its value.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TypedOption {
    /// The flag of the command, without dashes.
    pub option: &'static str,
    /// The key of a target.
    #[cfg_attr(feature = "typescript", ts(type = "keyof Target"))]
    pub key: &'static str,
    /// The value.
    pub value: String,
}

impl AddressPlan {
    /// Plans addresses; `random` makes an IPv6 range where none is given.
    #[must_use]
    pub fn of(request: &cidr::Request, random: Option<[u8; 5]>) -> AddressPlan {
        AddressPlan::from(&cidr::plan_addresses(request, random))
    }

    /// Nothing is planned for a request that cannot be.
    #[must_use]
    pub fn refused(problems: Vec<TargetProblem>) -> AddressPlan {
        AddressPlan {
            version: VERSION,
            ok: false,
            problems,
            missing_options: Vec::new(),
            families: Vec::new(),
            notes: Vec::new(),
            options: Vec::new(),
        }
    }
}

impl From<&cidr::AddressPlan> for AddressPlan {
    fn from(plan: &cidr::AddressPlan) -> AddressPlan {
        let option = |(flag, value)| {
            let key = OPTIONS.iter().find(|o| o.flag == flag).map_or(flag, |o| o.key);
            TypedOption { option: flag, key, value }
        };
        AddressPlan {
            version: VERSION,
            ok: plan.works(),
            problems: Vec::new(),
            missing_options: plan.missing_options.iter().map(MissingOption::from).collect(),
            families: plan.families.iter().map(FamilyPlan::from).collect(),
            notes: plan.notes.iter().map(AddressNote::from).collect(),
            options: plan.options().into_iter().map(option).collect(),
        }
    }
}

impl From<&cidr::FamilyPlan> for FamilyPlan {
    fn from(plan: &cidr::FamilyPlan) -> FamilyPlan {
        let range = |range: &cidr::Range| PlannedRange {
            cidr: range.net.to_string(),
            given: range.is_given,
            why: range.why.clone(),
        };
        FamilyPlan {
            family: plan.family.to_string(),
            pods: range(&plan.pods),
            services: range(&plan.services),
            node_mask: plan.node_mask,
            node_mask_flag: plan.node_mask_flag,
            nodes: plan.nodes().to_string(),
            block_size: plan.block_size,
            blocks: plan.blocks.to_string(),
            blocks_per_node: plan.blocks_of_node.to_string(),
            addresses: plan.addresses.to_string(),
            cluster_ips: plan.cluster_ips.to_string(),
        }
    }
}

impl From<&cidr::Note> for AddressNote {
    fn from(note: &cidr::Note) -> AddressNote {
        AddressNote {
            severity: note.severity.into(),
            rule: note.rule,
            message: note.message.clone(),
            consequence: note.consequence.clone(),
            help: note.help.clone(),
        }
    }
}
