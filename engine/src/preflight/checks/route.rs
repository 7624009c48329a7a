//! The IPv6 default route, and whether the kernel keeps it.

use super::super::read::Route;
use super::super::rules::{ACCEPT_RA, NO_DEFAULT_ROUTE};
use super::super::settings::Setting;
use super::super::{Finding, Report, Verdict, at, paths};
use super::Facts;

const NAME: &str = "default route";

pub(super) fn default(facts: &Facts<'_>, report: &mut Report) {
    if let Err(why) = &facts.routes {
        return report.not_checked(NAME, paths::ROUTES, why);
    }
    let shown: Vec<String> = facts.default_routes().map(shown).collect();
    if shown.is_empty() {
        let finding = Finding::new(&NO_DEFAULT_ROUTE, "the host has no IPv6 default route")
            .expected("a default route, or a route to the IPv6 service CIDR");
        return report.find(NAME, "none", vec![at(paths::ROUTES, "no default route")], finding);
    }
    report.push(NAME, Verdict::Ok, shown.join(", "), vec![at(paths::ROUTES, shown.join(", "))]);
}

fn shown(route: &Route) -> String {
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

/// What the kernel learns from routers stays only if accept_ra is 2: Calico turns forwarding on.
pub(super) fn accept_ra(facts: &Facts<'_>, report: &mut Report) {
    for interface in facts.learning_interfaces() {
        let path = paths::sysctl(interface, NAME_RA);
        match facts.host.value(&path) {
            Ok("2") => report.push(NAME_RA, Verdict::Ok, format!("2 on {interface}"), vec![at(path, "2")]),
            Ok(value) => ignored(facts, interface, &path, value, report),
            Err(why) => report.not_checked(NAME_RA, &path, &why),
        }
    }
}

const NAME_RA: &str = "accept_ra";

fn ignored(facts: &Facts<'_>, interface: &str, path: &str, value: &str, report: &mut Report) {
    let is_forwarding = facts.host.value(paths::FORWARDING) == Ok("1");
    let has_route = facts.default_routes().any(|route| route.interface == interface && route.is_learned());
    let consequence = match (is_forwarding, has_route) {
        (true, true) => {
            "forwarding is on, so Linux ignores router advertisements: the default route and the addresses that it learned expire"
        }
        (true, false) => {
            "forwarding is on, so Linux ignores router advertisements, and removed the default route that it had learned: addresses that it learned expire too"
        }
        (false, _) => {
            "Calico turns forwarding on when it starts. Linux then removes the default route that it learned and ignores further advertisements, so that addresses that it learned expire too"
        }
    };
    let message = format!("{interface} is configured by router advertisements, and its accept_ra is {value}");
    let mut finding = Finding::new(&ACCEPT_RA, message).expected("2").consequence(consequence);
    let mut read = vec![
        at(path, value),
        at(paths::ROUTES, format!("a route on {interface} that the kernel learned")),
        at(paths::FORWARDING, facts.host.value(paths::FORWARDING).unwrap_or("not read")),
    ];
    if let Some(("2", file)) = facts.boot.value("/proc/sys/net/ipv6/conf/all/accept_ra") {
        read.push(at(file, "net.ipv6.conf.all.accept_ra = 2"));
        finding = finding.help(format!(
            "set accept_ra of {interface} itself: {file} sets it for `all`, which does not change interfaces that exist"
        ));
    } else {
        finding =
            finding.help(format!("set accept_ra of {interface} to 2: calico-ipv6 preflight --print-sysctl"));
    }
    report.find(NAME_RA, format!("{value} on {interface}"), read, finding);
    let why = "keep what the kernel learns from routers when forwarding is on";
    report.settings.push(Setting::new(path, "2", ACCEPT_RA.id, why));
}
