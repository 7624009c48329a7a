//! Facts that are shown and not judged.

use super::super::read::listening;
use super::super::{Report, Verdict, at, paths};
use super::Facts;

/// Ports of the API server and etcd.
const PORTS: [u16; 3] = [2379, 2380, 6443];

pub(super) fn all(facts: &Facts<'_>, report: &mut Report) {
    let host = facts.host;
    let mut show = |name, path: &str, what: &str| {
        if let Ok(value) = host.value(path) {
            report.push(name, Verdict::Info, format!("{what} {value}"), vec![at(path, value)]);
        }
    };
    show("bridge filter", paths::BRIDGE, "bridge-nf-call-ip6tables is");
    show("IPv6 routes", paths::MAX_ROUTES, "route/max_size is");
    show("neighbours", paths::MAX_NEIGHBOURS, "gc_thresh3 is");
    show("conntrack", paths::CONNTRACK, "nf_conntrack_max is");
    if host.exists("/sys/module/ip_vs") {
        report.push("IPVS", Verdict::Info, "ip_vs is loaded", vec![at("/sys/module/ip_vs", "exists")]);
    }
    if let Ok(text) = host.text(paths::LISTENERS) {
        let open: Vec<String> = listening(text, &PORTS).iter().map(ToString::to_string).collect();
        if !open.is_empty() {
            let value = open.join(", ");
            let shown = format!("something listens on {value}");
            report.push("ports", Verdict::Info, shown, vec![at(paths::LISTENERS, value)]);
        }
    }
}
