//! Resolvers, and names in `/etc/hosts`.

use super::super::read::{addresses_of, resolvers as servers};
use super::super::rules::RESOLVER;
use super::super::{Finding, Report, Verdict, at, paths};
use super::Facts;
use crate::target::Stack;
use std::net::{IpAddr, Ipv6Addr};

pub(super) fn resolvers(facts: &Facts<'_>, report: &mut Report) {
    let name = "resolvers";
    let text = match facts.host.text(paths::RESOLVERS) {
        Ok(text) => text,
        Err(why) => return report.not_checked(name, paths::RESOLVERS, &why),
    };
    let mut path = paths::RESOLVERS;
    let mut found = servers(text);
    let is_local = |text: &&str| text.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    // The local stub of systemd-resolved: pods need the list behind it.
    if !found.is_empty() && found.iter().all(is_local) {
        path = paths::SYSTEMD_RESOLVERS;
        match facts.host.text(path) {
            Ok(text) => found = servers(text),
            Err(why) => return report.not_checked(name, path, &why),
        }
    }
    let value = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
    let read = vec![at(path, value.as_str())];
    let is_usable = |text: &&str| {
        let is_own = |ip: &Ipv6Addr| ip.is_loopback() || ip.is_unicast_link_local();
        text.parse::<Ipv6Addr>().is_ok_and(|ip| !is_own(&ip))
    };
    if found.iter().any(is_usable) {
        return report.push(name, Verdict::Ok, value, read);
    }
    if facts.request.to != Stack::Ipv6Only {
        return report.push(name, Verdict::Info, value, read);
    }
    let mut finding = Finding::new(&RESOLVER, "the host has no resolver that IPv6-only pods can reach")
        .expected("a nameserver with a global or unique-local IPv6 address");
    if found.iter().any(|one| one.contains('%')) {
        finding = finding.consequence("a link-local resolver is reached through an interface of the host, which pods do not have: CoreDNS resolves names of the cluster only");
    }
    report.find(name, value, read, finding);
}

/// Which addresses `/etc/hosts` has for localhost and for the host itself. Not judged: a resolver may know more.
pub(super) fn names(facts: &Facts<'_>, report: &mut Report) {
    let text = match facts.host.text(paths::HOSTS) {
        Ok(text) => text,
        Err(why) => return report.not_checked("host names", paths::HOSTS, &why),
    };
    let hostname = facts.host.value(paths::HOSTNAME).ok();
    for name in ["localhost"].into_iter().chain(hostname) {
        let found: Vec<String> = addresses_of(text, name).iter().map(ToString::to_string).collect();
        let value = if found.is_empty() { "not listed".to_owned() } else { found.join(", ") };
        let read = vec![at(paths::HOSTS, format!("{name}: {value}"))];
        let mut shown = format!("{name} is {value} in {}", paths::HOSTS);
        let is_ipv4 =
            |text: &String| text.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv4() && !ip.is_loopback());
        if name != "localhost" && facts.request.to == Stack::Ipv6Only && found.iter().any(is_ipv4) {
            shown.push_str("; without --node-ip kubelet prefers the IPv4 address");
        }
        report.push("host names", Verdict::Info, shown, read);
    }
}
