//! Whether the next boot keeps the settings.

use super::super::rules::{ACCEPT_RA, DISABLED, FORWARDING};
use super::super::settings::Setting;
use super::super::{Finding, Report, Verdict, at, paths};
use super::Facts;
use crate::diagnostic::{Metadata, Severity};

const NAME: &str = "after a reboot";

pub(super) fn settings(facts: &Facts<'_>, report: &mut Report) {
    for (path, why) in &facts.boot.unread {
        report.push(NAME, Verdict::NotChecked, why.as_str(), vec![at(path.as_str(), "")]);
    }
    if facts.ipv6() {
        for interface in facts.learning_interfaces() {
            let path = paths::sysctl(interface, "accept_ra");
            let by_default = facts.boot.value("/proc/sys/net/ipv6/conf/default/accept_ra");
            let is_kept = by_default.is_some_and(|(value, _)| value == "2");
            keep(facts, &path, "2", &ACCEPT_RA, is_kept, report);
        }
        turned_off(facts, report);
        keep(facts, paths::FORWARDING, "1", &FORWARDING, false, report);
    }
    if facts.ipv4() {
        keep(facts, paths::IPV4_FORWARDING, "1", &FORWARDING, false, report);
    }
}

/// A setting that is right now, and that no file sets: it was set by hand, or by a program.
fn keep(
    facts: &Facts<'_>,
    path: &str,
    value: &'static str,
    rule: &'static Metadata,
    is_kept: bool,
    report: &mut Report,
) {
    if facts.host.value(path) != Ok(value) || is_kept || !facts.boot.unread.is_empty() {
        return;
    }
    let setting = Setting::new(path, value, rule.id, "it is set now, and no file sets it at boot");
    let (read, found) = match facts.boot.value(path) {
        Some((same, file)) if same == value => {
            let line = format!("{} = {value}", setting.key);
            return report.push(NAME, Verdict::Ok, line.clone(), vec![at(file, line)]);
        }
        Some((other, file)) => (at(file, other), format!("{file} sets {} to {other}", setting.key)),
        None => (at("/etc/sysctl.d", "not set"), format!("no file sets {}", setting.key)),
    };
    let consequence = if rule.id == FORWARDING.id {
        "after a reboot it is off until Calico starts"
    } else {
        "after a reboot the node may lose its IPv6 default route"
    };
    let finding = Finding::new(rule, format!("the next boot may not keep {} = {value}: {found}", setting.key))
        .severity(Severity::Info)
        .expected(format!("{} = {value}", setting.key))
        .consequence(consequence)
        .help("write it to a file below /etc/sysctl.d: calico-ipv6 preflight --print-sysctl. Ignore this if your network configuration sets it");
    report.find(NAME, found, vec![read], finding);
    report.settings.push(setting);
}

/// IPv6 that is on now, and that a file turns off at boot.
fn turned_off(facts: &Facts<'_>, report: &mut Report) {
    let interfaces = facts.node_interfaces().into_iter().map(|one| one.name.as_str());
    for name in ["all", "default"].into_iter().chain(interfaces) {
        let path = paths::sysctl(name, "disable_ipv6");
        let Some(("1", file)) = facts.boot.value(&path) else { continue };
        let line = format!("net.ipv6.conf.{name}.disable_ipv6 = 1");
        let finding = Finding::new(&DISABLED, format!("{file} turns IPv6 off at the next boot"))
            .severity(Severity::Warning)
            .expected("net.ipv6.conf.NAME.disable_ipv6 = 0")
            .help(format!("remove the line from {file}"));
        report.find(NAME, line.clone(), vec![at(file, line)], finding);
    }
}
