//! Kernel parameters: which are needed, and which the files below `/etc/sysctl.d` set at boot.

use super::{Check, Contents, Host, Report, Unread, Verdict, paths};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A kernel parameter that is missing, or that the next boot would not keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name, as sysctl(8) reads it.
    pub key: String,
    /// The value that is needed.
    pub value: &'static str,
    /// The rule that needs it.
    pub rule: &'static str,
    /// Why it is needed, one line.
    pub why: &'static str,
}

impl Setting {
    /// The setting of a file below `/proc/sys`.
    pub(super) fn new(path: &str, value: &'static str, rule: &'static str, why: &'static str) -> Setting {
        Setting { key: key(path), value, rule, why }
    }
}

/// The name of a file below `/proc/sys`. With slashes, a dot is part of the name of an interface.
fn key(path: &str) -> String {
    let name = path.strip_prefix("/proc/sys/").unwrap_or(path);
    if name.contains('.') { name.to_owned() } else { name.replace('/', ".") }
}

/// The file below `/etc/sysctl.d` with the kernel parameters of a node.
pub(crate) const SYSCTL_FILE: &str = "90-calico-ipv6.conf";

/// The checks that find settings.
const OF_SETTINGS: [&str; 5] =
    ["IPv6", "default route", "IPv6 forwarding", "IPv4 forwarding", "after a reboot"];

/// The settings of a report, as the content of a file below `/etc/sysctl.d`.
#[must_use]
pub fn document(report: &Report) -> String {
    let is_unread =
        |check: &&Check| check.verdict == Verdict::NotChecked && OF_SETTINGS.contains(&check.name);
    let unread: Vec<&str> = report.checks.iter().filter(is_unread).map(|check| check.name).collect();
    let mut out = match unread.join(", ") {
        names if names.is_empty() => String::new(),
        names => format!("# Not checked, so settings may be missing here: {names}.\n"),
    };
    if report.settings.is_empty() {
        let known = if out.is_empty() { "" } else { ", as far as it was checked" };
        let _ = writeln!(out, "# {} needs no more settings on this host{known}.", report.to);
        return out;
    }
    let _ = write!(
        out,
        "# What {} needs on this host, in this order: accept_ra comes before forwarding.\n# Write it to /etc/sysctl.d/{SYSCTL_FILE}, then run: sysctl --system\n",
        report.to
    );
    for setting in &report.settings {
        let Setting { key, value, rule, why } = setting;
        let _ = writeln!(out, "\n# {rule}: {why}\n{key} = {value}");
    }
    out
}

/// What the files set at boot.
#[derive(Clone, Debug, Default)]
pub(super) struct AtBoot {
    /// Names with slashes, values and files, in the order in which they are set.
    set: Vec<(String, String, String)>,
    /// The files that could not be read, and why.
    pub(super) unread: Vec<(String, String)>,
}

impl AtBoot {
    /// Reads the files of the host.
    pub(super) fn read(host: &Host) -> AtBoot {
        // A file hides those with its name in the folders behind its own.
        let mut by_name: BTreeMap<&str, &str> = BTreeMap::new();
        for folder in paths::SETTINGS.iter().rev() {
            for path in host.files.keys().filter(|path| path.ends_with(".conf")) {
                if let Some(name) = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
                    by_name.insert(name, path);
                }
            }
        }
        let mut found = AtBoot::default();
        for path in by_name.into_values().chain([paths::SYSCTL_CONF]) {
            match host.files.get(path) {
                Some(Contents::Text(text)) => found.add(path, text),
                Some(Contents::Unreadable(why)) => found.unread.push((path.to_owned(), why.clone())),
                _ => {}
            }
        }
        for folder in paths::SETTINGS {
            if let Some(Contents::Unreadable(why)) = host.files.get(folder) {
                found.unread.push((folder.to_owned(), why.clone()));
            }
        }
        // A copy of a host may be without its settings.
        let has_any = paths::SETTINGS.into_iter().chain([paths::SYSCTL_CONF]).any(|path| host.exists(path));
        if !has_any && found.unread.is_empty() {
            found.unread.push((paths::SETTINGS[0].to_owned(), Unread::Missing.to_string()));
        }
        found
    }

    fn add(&mut self, file: &str, text: &str) {
        for line in text.lines().map(str::trim) {
            let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with(['#', ';'])) else {
                continue;
            };
            let name = name.trim().trim_start_matches('-');
            self.set.push((with_slashes(name), value.trim().to_owned(), file.to_owned()));
        }
    }

    /// The value that a file below `/proc/sys` gets, and the file that sets it. A name without `*` counts more.
    pub(super) fn value(&self, path: &str) -> Option<(&str, &str)> {
        let name = path.strip_prefix("/proc/sys/").unwrap_or(path);
        let last = |is_it: &dyn Fn(&str) -> bool| {
            self.set.iter().rev().find(|(key, _, _)| is_it(key)).map(|(_, v, f)| (v.as_str(), f.as_str()))
        };
        last(&|key| key == name).or_else(|| last(&|key| matches(key, name)))
    }
}

/// A name with slashes: if the first separator is a slash, dots are part of the name (sysctl.d(5)).
fn with_slashes(name: &str) -> String {
    match name.find(['/', '.']) {
        Some(at) if name[at..].starts_with('.') => name
            .chars()
            .map(|c| {
                if c == '.' {
                    '/'
                } else if c == '/' {
                    '.'
                } else {
                    c
                }
            })
            .collect(),
        _ => name.to_owned(),
    }
}

/// Whether a name with `*` is this one.
fn matches(pattern: &str, name: &str) -> bool {
    let part = |(pattern, part): (&str, &str)| match pattern.split_once('*') {
        None => pattern == part,
        Some((start, end)) => {
            part.len() >= start.len() + end.len() && part.starts_with(start) && part.ends_with(end)
        }
    };
    pattern.split('/').count() == name.split('/').count() && pattern.split('/').zip(name.split('/')).all(part)
}

#[cfg(test)]
mod tests {
    use super::{AtBoot, key};
    use crate::preflight::{Contents, Host};

    const FORWARDING: &str = "/proc/sys/net/ipv6/conf/all/forwarding";

    fn host(files: &[(&str, &str)]) -> Host {
        let file = |(path, text): &(&str, &str)| ((*path).to_owned(), Contents::Text((*text).to_owned()));
        Host { files: files.iter().map(file).collect() }
    }

    #[test]
    fn the_last_file_counts_and_hides_its_namesakes() {
        let host = host(&[
            ("/usr/lib/sysctl.d/50-a.conf", "net.ipv6.conf.all.forwarding=0\n"),
            ("/etc/sysctl.d/50-a.conf", "# nothing\n"),
            ("/etc/sysctl.d/90-b.conf", "-net.ipv6.conf.all.forwarding = 1\n"),
            ("/etc/sysctl.d/91-c.conf.bak", "net.ipv6.conf.all.forwarding = 0\n"),
        ]);
        assert_eq!(AtBoot::read(&host).value(FORWARDING), Some(("1", "/etc/sysctl.d/90-b.conf")));
    }

    #[test]
    fn names_with_stars_count_less() {
        let text =
            "net.ipv6.conf.eth0.accept_ra=2\nnet.ipv6.conf.*.accept_ra=0\nnet/ipv6/conf/eth0.7/accept_ra=1\n";
        let host = host(&[("/etc/sysctl.conf", text)]);
        let boot = AtBoot::read(&host);
        let value = |interface: &str| {
            boot.value(&format!("/proc/sys/net/ipv6/conf/{interface}/accept_ra")).map(|(value, _)| value)
        };
        assert_eq!((value("eth0"), value("eth1"), value("eth0.7")), (Some("2"), Some("0"), Some("1")));
    }

    #[test]
    fn a_dot_in_an_interface_needs_slashes() {
        assert_eq!(key(FORWARDING), "net.ipv6.conf.all.forwarding");
        assert_eq!(key("/proc/sys/net/ipv6/conf/eth0.7/accept_ra"), "net/ipv6/conf/eth0.7/accept_ra");
    }
}
