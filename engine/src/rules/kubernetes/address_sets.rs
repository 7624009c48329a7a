//! Network sets that Calico policies select, and the expected addresses of host endpoints.

use super::calico_objects::POLICY_META;
use super::host_endpoints::META as HOST_ENDPOINT_META;
use crate::address::{Family, family};
use crate::model::facts::stated::nets;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Rule};
use crate::yaml::NodeId;
use ipnet::IpNet;

pub(in crate::rules) const NETWORK_SETS: Rule = Rule { meta: &POLICY_META, check: Check::Text(network_sets) };
pub(in crate::rules) const HOST_ENDPOINTS: Rule =
    Rule { meta: &HOST_ENDPOINT_META, check: Check::Text(host_endpoints) };

/// Returns a list of addresses that has no address of one target family: the list, the family that it has, and the missing
/// one.
fn of_one_family(cx: &Context<'_>, object: &ConfigObject<'_>, key: &str) -> Option<(NodeId, Family, Family)> {
    let tree = object.tree();
    let list = tree.at(object.root, &["spec", key])?;
    let all: Vec<IpNet> = tree.items(list).filter_map(|item| tree.scalar(item)).flat_map(nets).collect();
    let missing = cx.missing(&all)?;
    Some((list, family(*all.first()?), missing))
}

fn network_sets(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::NetworkSet) {
        let Some((list, has, missing)) = of_one_family(cx, object, "nets") else { continue };
        let message = format!("{} contains {has} addresses only", object.resource.title());
        diagnostics.push(
            cx.at(&POLICY_META, object, list)
                .message(message)
                .label(format!("no {missing} address"))
                .consequence(format!(
                    "a policy rule that selects this set matches no {missing} traffic: an Allow rule allows none of it, and a Deny rule denies none of it"
                ))
                .help(format!(
                    "add the {missing} ranges to nets (one set may contain both IP families); ignore this if these networks have no {missing} addresses"
                )),
        );
    }
}

fn host_endpoints(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::HostEndpoint) {
        let Some((list, has, missing)) = of_one_family(cx, object, "expectedIPs") else { continue };
        let message = format!("{} expects {has} addresses only", object.resource.title());
        diagnostics.push(
            cx.at(&HOST_ENDPOINT_META, object, list)
                .message(message)
                .label(format!("no {missing} address"))
                .consequence(format!(
                    "a policy rule that selects this host endpoint does not match its {missing} address"
                ))
                .help(format!("add the {missing} address of the interface to expectedIPs")),
        );
    }
}
