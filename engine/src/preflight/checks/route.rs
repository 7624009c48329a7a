//! The IPv6 default route, and whether the kernel keeps it.

use super::super::read::DefaultRoute;
use super::super::rules::{ACCEPT_RA, NO_DEFAULT_ROUTE};
use super::super::settings::Setting;
use super::super::{Finding, Report, Verdict, at, paths};
use super::Facts;

const NAME: &str = "default route";

pub(super) fn default(facts: &Facts<'_>, report: &mut Report) {
    let routes = match &facts.routes {
        Ok(routes) => routes,
        Err(why) => return report.not_checked(NAME, paths::ROUTES, why),
    };
    if routes.is_empty() {
        let mut finding = Finding::new(&NO_DEFAULT_ROUTE, "the host has no IPv6 default route")
            .expected("a default route, or a route to the IPv6 service CIDR");
        let is_forwarding = facts.host.value(paths::FORWARDING) == Ok("1");
        let ignores = |name: &str| facts.host.value(&paths::sysctl(name, "accept_ra")) == Ok("1");
        let name = facts.node_interfaces().map(|one| one.name.as_str()).find(|name| ignores(name));
        if let Some(name) = name.filter(|_| is_forwarding) {
            let help = format!(
                "{}. If a router announces itself: forwarding is on and accept_ra of {name} is 1, so Linux ignores it; set net.ipv6.conf.{name}.accept_ra to 2",
                finding.help
            );
            finding = finding.help(help);
        }
        return report.find(NAME, "none", vec![at(paths::ROUTES, "no default route")], finding);
    }
    let shown: Vec<String> = routes.iter().map(shown).collect();
    report.push(NAME, Verdict::Ok, shown.join(", "), vec![at(paths::ROUTES, shown.join(", "))]);
}

fn shown(route: &DefaultRoute) -> String {
    let learned = if route.is_learned() {
        ", learned from a router advertisement"
    } else if route.expires() {
        ", added by a program with a lifetime"
    } else {
        ""
    };
    let via = if route.gateway.is_unspecified() { String::new() } else { format!("via {} ", route.gateway) };
    format!("{via}on {}{learned}", route.interface)
}

/// A learned default route stays only if accept_ra is 2: Calico turns forwarding on.
pub(super) fn accept_ra(facts: &Facts<'_>, report: &mut Report) {
    let Ok(routes) = &facts.routes else { return };
    let mut seen: Vec<&str> = Vec::new();
    for route in routes.iter().filter(|route| route.is_learned()) {
        let interface = route.interface.as_str();
        if seen.contains(&interface) {
            continue;
        }
        seen.push(interface);
        let path = paths::sysctl(interface, "accept_ra");
        let name = "accept_ra";
        match facts.host.value(&path) {
            Ok("2") => report.push(name, Verdict::Ok, format!("2 on {interface}"), vec![at(path, "2")]),
            Ok(value) => ignored(facts, interface, &path, value, report),
            Err(why) => report.not_checked(name, &path, &why),
        }
    }
}

fn ignored(facts: &Facts<'_>, interface: &str, path: &str, value: &str, report: &mut Report) {
    let is_forwarding = facts.host.value(paths::FORWARDING) == Ok("1");
    let consequence = if is_forwarding {
        "forwarding is on, so Linux ignores router advertisements: the default route expires, and the node loses IPv6"
    } else {
        "Calico turns forwarding on when it starts. Linux then removes the default route that it learned and ignores further advertisements: the node loses IPv6"
    };
    let message = format!(
        "the default route on {interface} was learned from a router, and accept_ra of {interface} is {value}"
    );
    let mut finding = Finding::new(&ACCEPT_RA, message).expected("2").consequence(consequence);
    let all = "/proc/sys/net/ipv6/conf/all/accept_ra";
    let mut read = vec![at(path, value), at(paths::ROUTES, format!("default route on {interface}, learned"))];
    if let Some(("2", file)) = facts.boot.value(all) {
        read.push(at(file, "net.ipv6.conf.all.accept_ra = 2"));
        let help = format!(
            "set accept_ra of {interface} itself: {file} sets it for `all`, which does not change interfaces that exist"
        );
        finding = finding.help(help);
    } else {
        finding =
            finding.help(format!("set accept_ra of {interface} to 2: calico-ipv6 preflight --print-sysctl"));
    }
    report.find("accept_ra", format!("{value} on {interface}"), read, finding);
    let why = "keep the default route that the kernel learned when forwarding is on";
    report.settings.push(Setting::new(path, "2", ACCEPT_RA.id, why));
}
