//! Addresses of the node.

use super::super::read::{Address, ipv4_addresses, ipv4_interface, node_ips};
use super::super::rules::ADDRESS;
use super::super::{Finding, Report, Unread, Verdict, at, interfaces, paths};
use super::Facts;
use crate::diagnostic::Severity;
use std::net::IpAddr;

const NAME: &str = "IPv6 address";

fn shown(one: &Address) -> String {
    format!("{}/{} on {}", one.ip, one.prefix, one.interface)
}

pub(super) fn ipv6(facts: &Facts<'_>, report: &mut Report) {
    let all = match &facts.addresses {
        Ok(all) => all,
        Err(why) => return report.not_checked(NAME, paths::ADDRESSES, why),
    };
    let usable: Vec<&Address> = facts.node_addresses().collect();
    let Some(first) = usable.iter().find(|one| one.passes().is_none()).or(usable.first()) else {
        return none(all, report);
    };
    let read = |value: String| vec![at(paths::ADDRESSES, value)];
    if let Some(why) = first.passes() {
        let finding = Finding::new(&ADDRESS, format!("{} is {why}, and there is no permanent address", shown(first)))
            .severity(Severity::Warning)
            .expected("a permanent address")
            .consequence("the address of the node changes. Calico finds the new one only when calico-node restarts, and a fixed --node-ip of kubelet no longer exists")
            .help("configure a static address, or a DHCPv6 lease that does not change");
        return report.find(NAME, shown(first), read(shown(first)), finding);
    }
    report.push(NAME, Verdict::Ok, shown(first), read(shown(first)));
    temporary(facts, first, report);
}

/// No address can be used: says why each one cannot.
fn none(all: &[Address], report: &mut Report) {
    let fault = |one: &&Address| {
        let why = match one.fault() {
            _ if !interfaces::may_have_node_address(&one.interface) => "an interface that Calico skips",
            Some(why) => why,
            None => "link-local",
        };
        format!("{} ({why})", shown(one))
    };
    let found: Vec<String> = all.iter().filter(|one| one.interface != "lo").map(|one| fault(&one)).collect();
    let value = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
    let finding = Finding::new(&ADDRESS, "the host has no IPv6 address that Calico can use")
        .expected("a global or unique-local address that is not tentative, deprecated or dadfailed")
        .consequence("calico-node with IP6=autodetect exits: `failed to autodetect an IPv6 address`. kubelet refuses an IPv6 --node-ip that the host does not have");
    report.find(NAME, "no global or unique-local address", vec![at(paths::ADDRESSES, value)], finding);
}

/// Whether packets of the node leave with a temporary address.
fn temporary(facts: &Facts<'_>, address: &Address, report: &mut Report) {
    let name = "temporary addresses";
    let path = paths::sysctl(&address.interface, "use_tempaddr");
    match facts.host.value(&path) {
        Ok("2") => {
            let finding = Finding::new(&ADDRESS, format!("{} prefers temporary IPv6 addresses", address.interface))
                .severity(Severity::Warning)
                .expected("0 or 1")
                .consequence("packets of the node leave with an address that changes: peers and firewalls that expect the node's address drop them")
                .help(format!("set use_tempaddr of {} to 0", address.interface));
            report.find(name, format!("preferred on {}", address.interface), vec![at(path, "2")], finding);
        }
        Ok(value) => {
            let value = value.to_owned();
            report.push(
                name,
                Verdict::Ok,
                format!("not preferred on {}", address.interface),
                vec![at(path, value)],
            );
        }
        Err(why) => report.not_checked(name, &path, &why),
    }
}

pub(super) fn ipv4(facts: &Facts<'_>, report: &mut Report) {
    let name = "IPv4 address";
    let all = match facts.host.text(paths::IPV4_ADDRESSES) {
        Ok(text) => ipv4_addresses(text),
        Err(why) => return report.not_checked(name, paths::IPV4_ADDRESSES, &why),
    };
    let routes = facts.host.text(paths::IPV4_ROUTES).unwrap_or_default();
    let is_usable = |interface: Option<&str>| interface.is_none_or(interfaces::may_have_node_address);
    let usable = all.iter().find(|ip| is_usable(ipv4_interface(routes, **ip)));
    if let Some(ip) = usable {
        let on = ipv4_interface(routes, *ip).map(|interface| format!(" on {interface}")).unwrap_or_default();
        return report.push(
            name,
            Verdict::Ok,
            format!("{ip}{on}"),
            vec![at(paths::IPV4_ADDRESSES, ip.to_string())],
        );
    }
    let found: Vec<String> = all.iter().map(ToString::to_string).collect();
    let value = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
    let finding = Finding::new(&ADDRESS, "the host has no IPv4 address that Calico can use")
        .expected("an IPv4 address on an interface of the host")
        .consequence("calico-node looks for an IPv4 address, finds none and exits")
        .help("add an IPv4 address, or judge the host for --to ipv6-only");
    report.find(name, "none", vec![at(paths::IPV4_ADDRESSES, value)], finding);
}

/// Whether the host has the addresses that kubelet's --node-ip names.
pub(super) fn node_ip(facts: &Facts<'_>, report: &mut Report) {
    let name = "--node-ip";
    for path in paths::KUBELET {
        let text = match facts.host.text(path) {
            Ok(text) => text,
            Err(Unread::Missing) => continue,
            Err(why) => {
                report.not_checked(name, path, &why);
                continue;
            }
        };
        let ips: Vec<IpAddr> = node_ips(text).into_iter().filter_map(|ip| ip.parse().ok()).collect();
        for ip in ips.into_iter().filter(|ip| !ip.is_unspecified()) {
            let has = match ip {
                IpAddr::V6(ip) => facts
                    .addresses
                    .as_ref()
                    .map(|all| all.iter().any(|one| one.ip == ip))
                    .map_err(|why| (paths::ADDRESSES, *why)),
                IpAddr::V4(ip) => facts
                    .host
                    .text(paths::IPV4_ADDRESSES)
                    .map(|text| ipv4_addresses(text).contains(&ip))
                    .map_err(|why| (paths::IPV4_ADDRESSES, why)),
            };
            let read = vec![at(path, format!("--node-ip: {ip}"))];
            match has {
                Ok(true) => report.push(name, Verdict::Ok, ip.to_string(), read),
                Ok(false) => {
                    let finding = Finding::new(&ADDRESS, format!("kubelet has --node-ip={ip}, and the host does not have this address"))
                        .expected("an address of the host")
                        .consequence(format!("kubelet does not set the addresses of the Node: `node IP: \"{ip}\" not found in the host's network interfaces`"))
                        .help("correct --node-ip, or add the address to the host");
                    report.find(name, ip.to_string(), read, finding);
                }
                Err((path, why)) => report.not_checked(name, path, &why),
            }
        }
    }
}
