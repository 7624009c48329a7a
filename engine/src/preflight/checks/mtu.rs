//! The MTU of the host, and what encapsulation leaves of it for pods.

use super::super::files::Encapsulation;
use super::super::interfaces::Interface;
use super::super::rules::MTU;
use super::super::{Finding, Read, Report, Unread, Verdict, at, paths};
use super::Facts;
use crate::cidr::grouped;
use crate::diagnostic::Severity;
use std::collections::BTreeMap;

/// The smallest MTU of an interface with IPv6 (RFC 8200, section 5).
const MINIMUM: u32 = 1280;

fn bytes(number: u32) -> String {
    grouped(u128::from(number))
}

/// The interface that decides: Felix takes the smallest MTU of the physical interfaces that are up.
fn deciding<'f>(facts: &'f Facts<'_>) -> Option<(&'f Interface, u32, &'f str)> {
    let with = |one: &'f Interface| one.mtu.as_ref().map(|(mtu, path)| (one, *mtu, path.as_str()));
    facts.interfaces.iter().filter(|one| one.counts_for_mtu()).filter_map(with).min_by_key(|(_, mtu, _)| *mtu)
}

pub(super) fn host(facts: &Facts<'_>, report: &mut Report) {
    let name = "MTU";
    let has_address = facts.node_addresses().next().is_some();
    let severity = if has_address { Severity::Warning } else { Severity::Error };
    for interface in facts.node_interfaces() {
        let Some((mtu, path)) = &interface.mtu else {
            unknown(facts, interface, severity, report);
            continue;
        };
        let value = format!("{} on {}", bytes(*mtu), interface.name);
        let read = vec![at(path.as_str(), mtu.to_string())];
        if facts.ipv6() && *mtu < MINIMUM {
            let message = format!("the MTU of {} is {mtu} bytes, below the minimum of IPv6", interface.name);
            let finding = Finding::new(&MTU, message).severity(severity).expected("at least 1280");
            report.find(name, value, read, finding);
        } else {
            report.push(name, Verdict::Ok, value, read);
        }
    }
}

/// The MTU is in no file. Linux removes the settings of IPv6 from an interface with a small one.
fn unknown(facts: &Facts<'_>, interface: &Interface, severity: Severity, report: &mut Report) {
    let name = "MTU";
    let is_removed = |file: &str| facts.host.value(file) == Err(Unread::Missing);
    let (own, loopback) = (paths::sysctl(&interface.name, "mtu"), paths::sysctl("lo", "mtu"));
    if facts.ipv6() && is_removed(&own) && facts.host.value(&loopback).is_ok() {
        let message =
            format!("{} has no IPv6 settings: Linux removes them if the MTU is below 1280", interface.name);
        let finding = Finding::new(&MTU, message).severity(severity).expected("an MTU of at least 1280");
        return report.find(
            name,
            format!("below 1,280 on {}", interface.name),
            vec![at(own, "not found")],
            finding,
        );
    }
    let path = paths::link(&interface.name, "mtu");
    report.push(name, Verdict::NotChecked, "no MTU that belongs to this interface", vec![at(path, "")]);
}

pub(super) fn pods(facts: &Facts<'_>, report: &mut Report) {
    let name = "pod MTU";
    let Some((interface, host, path)) = deciding(facts) else {
        let what = "no physical interface that is up: Felix would assume 1,460 bytes";
        return report.push(name, Verdict::NotChecked, what, vec![at(paths::INTERFACES, "")]);
    };
    let host_read = || at(path, host.to_string());
    let Some(network) = &facts.request.network else {
        return without_files(facts, interface, host, host_read(), report);
    };
    let mut used: BTreeMap<Encapsulation, Vec<Read>> = BTreeMap::new();
    let is_used = |one: Encapsulation| facts.request.to.has(one.family());
    for (encapsulation, read) in network.encapsulations.iter().filter(|(one, _)| is_used(*one)) {
        used.entry(*encapsulation).or_default().push(read.clone());
    }
    let left = |one: Encapsulation| host.saturating_sub(one.overhead());
    let smallest = used.keys().map(|one| left(*one)).min().unwrap_or(host);
    let mut read: Vec<Read> = vec![host_read()];
    let parts: Vec<String> =
        used.keys().map(|one| format!("{} - {} ({})", bytes(host), one.overhead(), one.name())).collect();
    read.extend(used.into_values().flatten());
    let how = if parts.is_empty() { "no encapsulation in the files".to_owned() } else { parts.join(", ") };
    let value = format!("{} bytes: {how}", bytes(smallest));
    if facts.ipv6() && smallest < MINIMUM {
        let message = format!("encapsulation leaves {smallest} bytes for pods, below the minimum of IPv6");
        let finding = Finding::new(&MTU, message)
            .expected(format!("an MTU of at least {} on {}", bytes(MINIMUM + host - smallest), interface.name))
            .consequence("Linux turns IPv6 off on interfaces of pods with an MTU below 1280: the CNI plugin cannot add the address, and pods do not start");
        report.find(name, value, read, finding);
    } else {
        report.push(name, Verdict::Ok, value, read);
    }
    for fixed in network.mtus.iter().filter(|fixed| fixed.mtu > smallest) {
        let message = format!("the MTU of pods is set to {}, but {smallest} bytes are left", fixed.mtu);
        let finding = Finding::new(&MTU, message)
            .severity(Severity::Warning)
            .expected(format!("at most {}, or 0 (detected)", bytes(smallest)))
            .consequence(
                "pods send packets that are too large for the tunnel. If ICMPv6 is filtered, they are lost",
            )
            .help("lower it, or set it to 0: Calico 3.17 and later then detects it");
        report.find("set pod MTU", bytes(fixed.mtu), vec![fixed.read.clone(), host_read()], finding);
    }
}

/// Without files any encapsulation is possible: only the largest one matters.
fn without_files(facts: &Facts<'_>, interface: &Interface, host: u32, read: Read, report: &mut Report) {
    let name = "pod MTU";
    let with =
        |one: Encapsulation| format!("{} with {}", bytes(host.saturating_sub(one.overhead())), one.name());
    let all =
        [Encapsulation::VxlanIpv6, Encapsulation::WireguardIpv6, Encapsulation::Ipip, Encapsulation::Vxlan];
    let possible = all.into_iter().filter(|one| facts.request.to.has(one.family()));
    let value = format!(
        "{} without encapsulation, {}",
        bytes(host),
        possible.map(with).collect::<Vec<_>>().join(", ")
    );
    let largest = Encapsulation::WireguardIpv6.overhead();
    if facts.ipv6() && (MINIMUM..MINIMUM + largest).contains(&host) {
        let message = format!("the MTU of {} leaves too little for IPv6 in a tunnel", interface.name);
        let finding = Finding::new(&MTU, message)
            .severity(Severity::Warning)
            .expected("at least 1,350 with VXLAN over IPv6, 1,360 with WireGuard over IPv6")
            .consequence("with such a tunnel the MTU of pods is below 1280, and Linux turns IPv6 off in them")
            .help("raise the MTU of the network, use no tunnel for IPv6, or pass the files of the cluster to judge its own encapsulation");
        return report.find(name, value, vec![read], finding);
    }
    report.push(name, Verdict::Info, value, vec![read]);
}
