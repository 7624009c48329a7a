//! The CNI configuration inside the ConfigMap.

pub(super) mod api_root_without_brackets;
mod config_elsewhere;
mod flag_misspelt;
mod flag_not_a_string;
mod flags;
mod flannel_network;
mod host_local_ranges;
mod host_local_too_old;
mod not_json;
mod pools_of_other_family;
mod repeated_key;
mod tuning_turns_ipv6_off;
mod upgrade_ipam_left;

pub(super) use config_elsewhere::RULE as CONFIG_ELSEWHERE;
pub(super) use flag_misspelt::RULE as FLAG_MISSPELT;
pub(super) use flag_not_a_string::RULE as FLAG_NOT_A_STRING;
pub(super) use flags::{IPV4_LEFT_ON, IPV4_OFF, IPV6_LEFT_ON, IPV6_OFF};
pub(super) use flannel_network::RULE as FLANNEL_NETWORK;
pub(super) use host_local_ranges::RULE as HOST_LOCAL_RANGES;
pub(super) use host_local_too_old::RULE as HOST_LOCAL_TOO_OLD;
pub(super) use not_json::RULE as NOT_JSON;
pub(super) use pools_of_other_family::RULE as POOLS_OF_OTHER_FAMILY;
pub(super) use repeated_key::RULE as REPEATED_KEY;
pub(super) use tuning_turns_ipv6_off::RULE as TUNING_TURNS_IPV6_OFF;
pub(super) use upgrade_ipam_left::RULE as UPGRADE_IPAM_LEFT;

use super::Context;
use crate::model::calico_config::{CalicoConfig, Cni};
use crate::model::install::CalicoInstall;
use crate::yaml::{Kind, NodeId, Style};

/// The flags that turn the IP families of Calico IPAM on and off.
const FLAGS: [&str; 2] = ["assign_ipv4", "assign_ipv6"];

/// The value of a flag of `ipam`.
enum Flag<'a> {
    /// Missing or null: `assign_ipv4` is on, `assign_ipv6` is off.
    Absent,
    /// A string.
    Text(&'a str),
    /// A boolean or a number: the CNI plugin fails.
    NotAString,
}

fn flag<'a>(cni: &'a Cni, key: &str) -> Flag<'a> {
    let Some((tree, node)) = cni.tree().zip(cni.ipam_value(key)) else { return Flag::Absent };
    match (tree.kind(node), tree.scalar(node)) {
        (Kind::Scalar(Style::Plain), Some("null")) => Flag::Absent,
        (Kind::Scalar(Style::Plain), _) | (_, None) => Flag::NotAString,
        (_, Some(text)) => Flag::Text(text),
    }
}

/// The value that the target requires of a flag; without IPv6 it is the default.
fn required_flag(cx: &Context<'_>, key: &str) -> &'static str {
    let is_on = if key == "assign_ipv4" { cx.wants_ipv4() } else { cx.wants_ipv6() };
    if is_on { "true" } else { "false" }
}

/// The node of the flag, as the location of a diagnostic.
fn place(cni: &Cni, key: &str) -> Option<NodeId> {
    cni.ipam_value(key).or(cni.ipam)
}

/// The CNI configuration, if Calico IPAM assigns the addresses.
fn calico_ipam<'c, 'd>(install: &'c CalicoInstall<'d>) -> Option<(&'c CalicoConfig<'d, 'd>, &'c Cni)> {
    install.cni().filter(|(_, cni)| cni.ipam.is_some() && cni.ipam_type() != Some("host-local"))
}
