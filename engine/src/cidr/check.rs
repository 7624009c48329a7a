//! What the rules say of the ranges, and whether they hold what is asked for.

use super::sizes::{count, grouped};
use super::{AddressPlan, Note, Request};
use crate::address::{Family, unusual};
use crate::rules::{Severity, find};
use crate::source::Source;
use crate::target::RangeOf;
use crate::transform::{Options, plan_all};
use ipnet::IpNet;

/// The rule about ranges with a use of their own.
const UNUSUAL: &str = "POOL-010";

pub(super) fn check(request: &Request, plan: &mut AddressPlan) {
    rules(plan);
    ranges(plan);
    capacity(request, plan);
}

/// The rules, asked about what kubeadm and the operator are told.
fn rules(plan: &mut AddressPlan) {
    let list = |nets: Vec<IpNet>| nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    if plan.families.is_empty() {
        return;
    }
    let pods = list(plan.families.iter().map(|family| family.pods.net).collect());
    let services = list(plan.families.iter().map(|family| family.services.net).collect());
    let kubeadm = format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: {pods}\n  serviceSubnet: {services}\n"
    );
    let operator =
        "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata:\n  name: default\nspec: {}\n";
    let sources = [
        Source { name: "kubeadm.yaml", text: &kubeadm },
        Source { name: "installation.yaml", text: operator },
    ];
    for made in plan_all(&sources, &plan.target, Options::default()).into_iter().flatten() {
        for diagnostic in made
            .diagnostics
            .into_iter()
            .filter(|diagnostic| diagnostic.severity > Severity::Info && !diagnostic.is_fixed())
        {
            plan.notes.push(Note {
                severity: diagnostic.severity,
                rule: Some(diagnostic.rule.id),
                message: diagnostic.message,
                consequence: diagnostic.consequence,
                help: diagnostic.help,
            });
        }
    }
}

/// Ranges with a use of their own, where no rule has told them.
fn ranges(plan: &mut AddressPlan) {
    let Some(rule) = find(UNUSUAL) else { return };
    for family in &plan.families {
        for range in [&family.pods, &family.services] {
            let Some(why) = unusual(range.net).filter(|_| range.is_given) else { continue };
            let message = format!("{} are {why}", range.net);
            if plan.notes.iter().any(|note| note.message == message) {
                continue;
            }
            let help = match family.family {
                Family::Ipv6 => rule.help,
                Family::Ipv4 => "take a private range of your own (RFC 1918)",
            };
            let (consequence, help) = (rule.consequence.to_owned(), help.to_owned());
            plan.notes.push(Note {
                severity: rule.severity,
                rule: Some(rule.id),
                message,
                consequence,
                help,
            });
        }
    }
}

/// Ranges that are given and do not hold what is asked for.
fn capacity(request: &Request, plan: &mut AddressPlan) {
    for family in &plan.families {
        if let Some(wanted) = request.nodes.map(u128::from).filter(|wanted| *wanted > family.nodes()) {
            let by_blocks = family.blocks / family.blocks_of_node;
            let (severity, why, consequence) = if by_blocks < wanted {
                let all = count(family.blocks, "block");
                let each = grouped(family.blocks_of_node);
                let why = format!("it has {all} of /{}, and a node takes {each}", family.block_size);
                (Severity::Error, why, "pods of nodes beyond it get no address")
            } else {
                let why = format!("it has {} of /{}", count(family.parts, "part"), family.node_mask);
                let consequence = "`CIDRNotAvailable`: nodes beyond it get no part; pods get addresses all the same from \
                               Calico's own IPAM, from host-local they do not";
                (Severity::Warning, why, consequence)
            };
            let (net, flag) = (family.pods.net, RangeOf::Pods.option(family.family).0);
            let place = if by_blocks < wanted { by_blocks } else { family.parts };
            let message =
                format!("{net} has place for {}, not {}: {why}", count(place, "node"), grouped(wanted));
            let help = format!("take a larger range, or leave --{flag} out");
            plan.notes.push(Note { severity, ..Note::error(message, consequence, &help) });
        }
        if let Some(wanted) = request.services.map(u128::from).filter(|wanted| *wanted > family.cluster_ips) {
            let (net, flag) = (family.services.net, RangeOf::Services.option(family.family).0);
            let message =
                format!("{net} has {} cluster IPs, not {}", grouped(family.cluster_ips), grouped(wanted));
            let help = format!("take a larger range, or leave --{flag} out");
            plan.notes.push(Note::error(message, "`range is full`: no more Services can be made", &help));
        }
    }
}
