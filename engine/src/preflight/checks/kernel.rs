//! The kernel: IPv6, its release, the packet filter, the reverse path.

use super::super::files::Encapsulation;
use super::super::read::{has_module, value_of};
use super::super::rules::{DISABLED, IPTABLES, NO_IPV6, REVERSE_PATH};
use super::super::settings::Setting;
use super::super::{Finding, Report, Unread, Verdict, at, paths};
use super::Facts;
use crate::diagnostic::Severity;
use crate::rules::KERNEL_META;
use crate::version::Version;

/// Whether the kernel runs with IPv6. What is not known counts as if it did: each check then says what it could not read.
pub(super) fn ipv6(facts: &Facts<'_>, report: &mut Report) -> bool {
    let name = "IPv6";
    let host = facts.host;
    if facts.addresses.is_ok() || host.exists(paths::IPV6_ALL) {
        let path = if facts.addresses.is_ok() { paths::ADDRESSES } else { paths::IPV6_ALL };
        report.push(name, Verdict::Ok, "in the kernel", vec![at(path, "exists")]);
        return true;
    }
    // A copy of a host may be incomplete: only beside the files of IPv4 does a missing file say something.
    let is_missing = facts.addresses == Err(Unread::Missing) && host.exists(paths::IPV4_FORWARDING);
    if !is_missing {
        let why = facts.addresses.as_ref().err().copied().unwrap_or(Unread::Missing);
        report.not_checked(name, paths::ADDRESSES, &why);
        return true;
    }
    let mut read = vec![at(paths::ADDRESSES, "not found"), at(paths::IPV6_ALL, "not found")];
    let words = host.value(paths::COMMAND_LINE).unwrap_or_default();
    if let Some(word) = words.split_whitespace().find(|word| *word == "ipv6.disable=1") {
        read.push(at(paths::COMMAND_LINE, word));
    }
    report.find(name, "not in the kernel", read, Finding::new(&NO_IPV6, "the kernel runs without IPv6"));
    false
}

pub(super) fn disabled(facts: &Facts<'_>, report: &mut Report) {
    let name = "disable_ipv6";
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for interface in facts.node_interfaces() {
        // An interface with a small MTU has no such file: the check of the MTU reports it.
        let path = paths::sysctl(&interface.name, name);
        match facts.host.value(&path) {
            Ok("0") => on.push((interface, path)),
            Ok(_) => off.push((interface, path)),
            Err(Unread::Missing) => {}
            Err(why) => report.not_checked(name, &path, &why),
        }
    }
    let names = |list: &[(&super::Interface, String)]| {
        list.iter().map(|(one, _)| one.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let read = |list: &[(&super::Interface, String)], value: &str| {
        list.iter().map(|(_, path)| at(path.as_str(), value)).collect::<Vec<_>>()
    };
    if off.is_empty() && !on.is_empty() {
        report.push(name, Verdict::Ok, format!("0 on {}", names(&on)), read(&on, "0"));
    } else if !off.is_empty() && facts.node_addresses().next().is_some() {
        let value = format!("1 on {}, 0 on {}", names(&off), names(&on));
        report.push(name, Verdict::Info, value, read(&off, "1"));
    } else if !off.is_empty() {
        let message = format!("IPv6 is turned off on {}", names(&off));
        let help = "set disable_ipv6 to 0: calico-ipv6 preflight --print-sysctl; remove disable_ipv6 = 1 from other files below /etc/sysctl.d";
        let finding = Finding::new(&DISABLED, message).expected("0").help(help);
        report.find(name, format!("1 on {}", names(&off)), read(&off, "1"), finding);
        for (_, path) in &off {
            let why = "the interface of the node needs an IPv6 address";
            report.settings.push(Setting::new(path, "0", DISABLED.id, why));
        }
    }
    if facts.host.value(paths::IPV6_DEFAULT) == Ok("1") {
        let finding = Finding::new(&DISABLED, "IPv6 is turned off on interfaces that are created later")
            .severity(Severity::Warning)
            .expected("0")
            .consequence("interfaces of tunnels that Calico creates, such as vxlan-v6.calico, start without IPv6. The CNI plugin turns it on for the interfaces of pods only")
            .help("set net.ipv6.conf.default.disable_ipv6 to 0: calico-ipv6 preflight --print-sysctl");
        report.find(name, "1 by default", vec![at(paths::IPV6_DEFAULT, "1")], finding);
        let why = "interfaces that Calico creates need IPv6";
        report.settings.push(Setting::new(paths::IPV6_DEFAULT, "0", DISABLED.id, why));
    }
}

/// VXLAN over IPv6 needs Linux 4.19.1; RHEL's own 4.18 has it as well.
pub(super) fn release(facts: &Facts<'_>, report: &mut Report) {
    let name = "kernel";
    let text = match facts.host.value(paths::RELEASE) {
        Ok(text) => text,
        Err(why) => return report.not_checked(name, paths::RELEASE, &why),
    };
    let read = vec![at(paths::RELEASE, text)];
    let number: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let Some(version) = Version::parse(number.trim_end_matches('.')) else {
        return report.push(name, Verdict::NotChecked, format!("unknown release {text}"), read);
    };
    let is_rhel = text.contains(".el8") && version >= Version::new(4, 18, 0);
    if !facts.ipv6() || is_rhel || version >= Version::new(4, 19, 1) {
        return report.push(name, Verdict::Ok, format!("Linux {text}"), read);
    }
    let has_vxlan = |network: &super::super::Network| {
        network.encapsulations.iter().any(|(one, _)| *one == Encapsulation::VxlanIpv6)
    };
    let severity = match facts.request.network.as_ref().map(has_vxlan) {
        Some(true) => Severity::Error,
        Some(false) => Severity::Info,
        None => Severity::Warning,
    };
    let finding = Finding::new(&KERNEL_META, format!("Linux {text} is too old for VXLAN over IPv6"))
        .severity(severity)
        .expected("4.19.1 or later (RHEL's own kernel: 4.18.0)")
        .help("upgrade the kernel, or use no VXLAN for the IPv6 pool");
    report.find(name, format!("Linux {text}"), read, finding);
}

pub(super) fn packet_filter(facts: &Facts<'_>, report: &mut Report) {
    let name = "packet filter";
    let host = facts.host;
    let release = host.value(paths::RELEASE).unwrap_or_default();
    let lists = paths::module_lists(release);
    for module in ["nf_tables", "ip6_tables"] {
        let folder = format!("/sys/module/{module}");
        if host.exists(&folder) {
            return report.push(name, Verdict::Ok, format!("{module} is loaded"), vec![at(folder, "exists")]);
        }
        let places = [
            (paths::MODULES, "is loaded"),
            (&lists[0], "is part of the kernel"),
            (&lists[1], "can be loaded"),
        ];
        for (path, how) in places {
            if host.text(path).is_ok_and(|list| has_module(list, module)) {
                return report.push(name, Verdict::Ok, format!("{module} {how}"), vec![at(path, module)]);
            }
        }
    }
    if !facts.ipv6() {
        return;
    }
    // Only together do the lists say that a module is missing.
    for path in [paths::MODULES, &lists[0], &lists[1]] {
        if let Err(why) = host.text(path) {
            return report.not_checked(name, path, &why);
        }
    }
    let read =
        [paths::MODULES, &lists[0], &lists[1]].map(|path| at(path, "neither nf_tables nor ip6_tables"));
    let finding = Finding::new(&IPTABLES, "the kernel has neither nf_tables nor ip6_tables")
        .expected("nf_tables or ip6_tables");
    report.find(name, "none for IPv6", read.to_vec(), finding);
}

pub(super) fn reverse_path(facts: &Facts<'_>, report: &mut Report) {
    let name = "firewalld";
    let text = match facts.host.text(paths::FIREWALLD) {
        Ok(text) => text,
        Err(Unread::Missing) => return,
        Err(why) => return report.not_checked(name, paths::FIREWALLD, &why),
    };
    let set = value_of(text, "IPv6_rpfilter");
    let value = set.unwrap_or("yes (default)");
    let read = vec![at(paths::FIREWALLD, format!("IPv6_rpfilter: {value}"))];
    // firewalld itself filters if nothing is set.
    if set.is_some_and(|set| !matches!(set, "yes" | "true" | "strict" | "strict-forward")) {
        return report.push(name, Verdict::Ok, format!("IPv6_rpfilter={value}"), read);
    }
    let message = format!("firewalld filters IPv6 packets by their reverse path: IPv6_rpfilter={value}");
    let finding = Finding::new(&REVERSE_PATH, message).expected("no");
    report.find(name, format!("IPv6_rpfilter={value}"), read, finding);
}
