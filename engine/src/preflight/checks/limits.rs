//! Facts that are shown and not judged.

use super::super::read::listening;
use super::super::{Report, Unread, Verdict, at, paths};
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
    show("IPv6 routes", paths::MAX_ROUTES, "route/max_size is");
    show("neighbours", paths::MAX_NEIGHBOURS, "gc_thresh3 is");
    show("conntrack", paths::CONNTRACK, "nf_conntrack_max is");
    bridge(facts, report);
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

/// Packets of pods do not cross a bridge with Calico, so its filter does not matter here.
fn bridge(facts: &Facts<'_>, report: &mut Report) {
    let name = "bridge filter";
    let only = "only CNI plugins with a bridge need it";
    match facts.host.value(paths::BRIDGE) {
        Ok(value) => {
            let shown = format!("bridge-nf-call-ip6tables is {value}; {only}");
            report.push(name, Verdict::Info, shown, vec![at(paths::BRIDGE, value)]);
        }
        Err(Unread::Missing) => {
            let shown = format!("br_netfilter is not loaded; {only}");
            report.push(name, Verdict::Info, shown, vec![at(paths::BRIDGE, "not found")]);
        }
        Err(why) => report.not_checked(name, paths::BRIDGE, &why),
    }
}
