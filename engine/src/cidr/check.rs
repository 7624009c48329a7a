//! Checks the planned ranges with the rules, and their capacity.

use super::sizes::{count, grouped};
use super::{AddressPlan, Note, Request};
use crate::address::{Family, unusual};
use crate::rules::{Severity, find};
use crate::source::Source;
use crate::target::RangeOf;
use crate::transform::{Options, plan_all};
use ipnet::IpNet;

/// The rule about reserved ranges.
const UNUSUAL: &str = "POOL-010";

pub(super) fn check(request: &Request, plan: &mut AddressPlan) {
    rules(plan);
    ranges(plan);
    capacity(request, plan);
}

/// Applies the rules to files of kubeadm and the operator with the planned ranges.
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
            let parts = diagnostic.into_parts();
            plan.notes.push(Note {
                severity: parts.severity,
                rule: Some(parts.rule.id),
                message: parts.message.into_owned(),
                consequence: parts.consequence.into_owned(),
                help: parts.help.into_owned(),
            });
        }
    }
}

/// Reports reserved ranges that no rule has reported.
fn ranges(plan: &mut AddressPlan) {
    let Some(rule) = find(UNUSUAL) else { return };
    for family in &plan.families {
        for range in [&family.pods, &family.services] {
            let Some(why) = unusual(range.net).filter(|_| range.is_given) else { continue };
            let net = range.net.to_string();
            let is_reported =
                |note: &Note| note.message.starts_with(&format!("{net} ")) && note.message.ends_with(why);
            let message = format!("{net} contains {why}");
            if plan.notes.iter().any(is_reported) {
                continue;
            }
            let help = match family.family {
                Family::Ipv6 => rule.texts().help,
                Family::Ipv4 => "use your own private range (RFC 1918)",
            };
            let (consequence, help) = (rule.texts().consequence.to_owned(), help.to_owned());
            plan.notes.push(Note {
                // Only ranges that Calico refuses are an error.
                severity: rule.severity.min(Severity::Warning),
                rule: Some(rule.id),
                message,
                consequence,
                help,
            });
        }
    }
}

/// Reports ranges that are too small for the request.
fn capacity(request: &Request, plan: &mut AddressPlan) {
    for family in &plan.families {
        if let Some(wanted) = request.nodes.map(u128::from).filter(|wanted| *wanted > family.nodes()) {
            let by_blocks = family.blocks / family.blocks_of_node;
            let (severity, why, consequence) = if by_blocks < wanted {
                let all = count(family.blocks, "block");
                let each = grouped(family.blocks_of_node);
                let why = format!("it has {all} of /{}, and a node needs {each}", family.block_size);
                (Severity::Error, why, "pods on further nodes get no address")
            } else {
                let why = format!("it has {} of /{}", count(family.parts, "node subnet"), family.node_mask);
                let consequence = "further nodes get no pod CIDR (`CIDRNotAvailable`). Their pods get addresses from Calico IPAM, but not \
                               from host-local IPAM";
                (Severity::Warning, why, consequence)
            };
            let (net, flag) = (family.pods.net, RangeOf::Pods.option(family.family).0);
            let capacity = if by_blocks < wanted { by_blocks } else { family.parts };
            let message = format!(
                "{net} is large enough for {}, not {}: {why}",
                count(capacity, "node"),
                grouped(wanted)
            );
            let help = format!("use a larger range, or omit --{flag}");
            plan.notes.push(Note { severity, ..Note::error(message, consequence, &help) });
        }
        if let Some(wanted) = request.services.map(u128::from).filter(|wanted| *wanted > family.cluster_ips) {
            let (net, flag) = (family.services.net, RangeOf::Services.option(family.family).0);
            let message =
                format!("{net} has {} cluster IPs, not {}", grouped(family.cluster_ips), grouped(wanted));
            let help = format!("use a larger range, or omit --{flag}");
            plan.notes.push(Note::error(
                message,
                "the API server refuses further Services: `range is full`",
                &help,
            ));
        }
    }
}
