//! Forwarding of packets.

use super::super::rules::FORWARDING;
use super::super::settings::Setting;
use super::super::{Finding, Report, Verdict, at, paths};
use super::Facts;
use crate::diagnostic::Severity;

pub(super) fn ipv6(facts: &Facts<'_>, report: &mut Report) {
    let found = [paths::FORWARDING, paths::FORWARDING_DEFAULT];
    check(facts, "IPv6 forwarding", &found, paths::FORWARDING, report);
}

pub(super) fn ipv4(facts: &Facts<'_>, report: &mut Report) {
    check(facts, "IPv4 forwarding", &[paths::IPV4_FORWARDING], paths::IPV4_FORWARDING, report);
}

/// `setting` is the file that sets all of them.
fn check(
    facts: &Facts<'_>,
    name: &'static str,
    files: &[&'static str],
    setting: &'static str,
    report: &mut Report,
) {
    let mut read = Vec::new();
    for path in files {
        match facts.host.value(path) {
            Ok(value) => read.push(at(*path, value)),
            Err(why) => return report.not_checked(name, path, &why),
        }
    }
    if read.iter().all(|one| one.value == "1") {
        return report.push(name, Verdict::Ok, "on", read);
    }
    let family = name.split(' ').next().unwrap_or_default();
    let mut finding = Finding::new(&FORWARDING, format!("{family} forwarding is off")).expected("1");
    if facts.request.is_kubeadm {
        let file = read.iter().rev().find(|one| one.value != "1").map_or("", |one| one.path.as_str());
        let older = match family {
            "IPv6" => " (before 1.27 only if the advertise address is an IPv6 address)",
            _ => "",
        };
        finding = finding
            .consequence(format!("kubeadm init stops{older}, and kubeadm join too if the API endpoint is an {family} address: `{file} contents are not set to 1`"));
    } else {
        finding = finding.severity(Severity::Info).consequence(
            "Felix turns forwarding on when it starts. kubeadm checks it before that: with --provisioner kubeadm this is an error",
        );
    }
    finding = finding.help("set it to 1: calico-ipv6 preflight --print-sysctl");
    let value =
        if facts.request.is_kubeadm { "off" } else { "off: Calico turns it on, kubeadm needs it before" };
    report.find(name, value, read, finding);
    let why = "kubeadm checks it; Calico sets it only while it runs";
    report.settings.push(Setting::new(setting, "1", FORWARDING.id, why));
}
