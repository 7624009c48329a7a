//! Felix settings with addresses: of one IP family only, or in a form that Felix cannot parse.

use crate::address::{Family, family, family_of, is_unique_local};
use crate::diagnostic::upstream;
use crate::model::calico_node::{CalicoNode, EnvVar};
use crate::model::facts::settings::Settings;
use crate::rules::change::{Near, at_env};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::{NatOutgoing, Target};
use crate::version::{Component, Gate, Version, Window};
use ipnet::IpNet;
use std::net::IpAddr;

const NO_IPV6_SOURCE: Gate = Gate {
    component: Component::Calico,
    what: "Felix sets the IPv4 source address on IPv6 routes",
    windows: &[Window::before(3, 23, 0)],
};

const META: Metadata = Metadata {
    id: "FELIX-003",
    name: "felix-addresses-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_IPV6_SOURCE],
    texts: Texts {
        finds: "a Felix setting has an address of one IP family only",
        consequence: "Felix uses the address for one IP family only; if an IPv6 pool has NAT, Felix also adds natOutgoingAddress to the IPv6 rules, and panics because ip6tables-restore refuses it",
        help: "remove natOutgoingAddress, or turn off NAT for the IPv6 pools; for other settings, remove the address or set the one of the other IP family too (deviceRouteSourceAddressIPv6: Calico 3.23 and later)",
        example: (
            "deviceRouteSourceAddress: 192.0.2.11",
            "deviceRouteSourceAddress: 192.0.2.11\ndeviceRouteSourceAddressIPv6: 2001:db8:1::11",
        ),
        sources: &[
            upstream::CALICO.file("felix/rules/nat.go").line(84),
            upstream::CALICO.file("felix/rules/static.go").line(475),
            upstream::CALICO.file("felix/dataplane/linux/int_dataplane.go").line(681),
            upstream::CALICO.file("felix/dataplane/linux/int_dataplane.go").line(818).at("v3.22.5"),
            upstream::CALICO.issue(3275),
            upstream::CALICO.issue(5179),
        ],
    }
    .built_in(),
};

const NO_RANGES: Gate = Gate {
    component: Component::Calico,
    what: "Felix accepts no range in a failsafe port",
    windows: &[
        Window::before(3, 15, 5),
        Window::between(Version::new(3, 16, 0), Version::new(3, 16, 10)),
        Window::between(Version::new(3, 17, 0), Version::new(3, 17, 4)),
        Window::between(Version::new(3, 18, 0), Version::new(3, 18, 2)),
    ],
};

const SYNTAX_META: Metadata = Metadata {
    id: "FELIX-004",
    name: "invalid-failsafe-port-range",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[NO_RANGES],
    texts: Texts {
        finds: "a failsafe port of Felix has an IPv6 range that Felix cannot parse",
        consequence: "Felix does not start: `ports should be <protocol>:<net>:<number> or <protocol>:<number> or <number>`, or `invalid CIDR or IP`, or it panics. A release that accepts no range says `ports should be <protocol>:<number> or <number>`",
        help: "the range and its prefix length are put into brackets: tcp:[2001:db8::/32]:22. For a release that accepts no range, remove it, or upgrade Calico",
        example: ("tcp:2001:db8::/32:22", "tcp:[2001:db8::/32]:22"),
        sources: &[
            upstream::CALICO.file("felix/config/param_types.go").symbol("PortListParam").line(502),
            upstream::CALICO.file("felix/config/config_params.go").symbol("die-on-fail").line(425),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };
pub(in crate::rules) const SYNTAX: Rule = Rule { meta: &SYNTAX_META, check: Check::Text(syntax) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    resource(cx, diagnostics);
    environment(cx, diagnostics);
}

const FAILSAFE: [(&str, &str); 2] = [
    ("failsafeInboundHostPorts", "FELIX_FAILSAFEINBOUNDHOSTPORTS"),
    ("failsafeOutboundHostPorts", "FELIX_FAILSAFEOUTBOUNDHOSTPORTS"),
];

/// Whether an IPv6 pool has NAT after the transform; `None` if the files do not show it.
fn ipv6_nat(settings: &Settings, target: &Target) -> Option<bool> {
    match target.nat_outgoing {
        NatOutgoing::On => Some(true),
        NatOutgoing::Off => settings.ipv6_nat.or(target.ipv6_pod_cidr.map(|_| false)),
        // Explicit settings are kept; a new unique-local pool gets NAT.
        NatOutgoing::Auto => {
            settings.ipv6_nat.or(target.ipv6_pod_cidr.is_some_and(is_unique_local).then_some(true))
        }
    }
}

/// Reports an error that does not block: Felix fails, but only the user knows which of the two values is wrong.
fn nat_address(diagnostic: Diagnostic, name: &str, address: &str, nat: Option<bool>) -> Option<Diagnostic> {
    if nat == Some(false) {
        return None;
    }
    let message = format!("{name} is {address}, but an IPv6 pool has NAT");
    let diagnostic = diagnostic
        .message(message)
        .consequence("Felix adds the address to the rules of both IP families: ip6tables-restore refuses it, Felix panics, and the node gets no more policy updates, for IPv4 too")
        .help(format!("remove {name}, or turn off NAT for the IPv6 pools (--nat-outgoing false)"))
        .stops(false);
    Some(match nat {
        Some(_) => diagnostic,
        None => diagnostic
            .severity(Severity::Warning)
            .message(format!("{name} is {address}; these files do not show whether an IPv6 pool has NAT")),
    })
}

/// Reports an IPv6 address where Felix reads an IPv4 address only.
fn not_ipv4(diagnostic: Diagnostic, name: &str, address: &str) -> Diagnostic {
    diagnostic
        .message(format!("{name} is {address}, but Felix reads an IPv4 address only"))
        .severity(Severity::Warning)
        .consequence("Felix replaces the value with its default: NAT uses an address of the interface that the packet leaves through")
        .help(format!("remove {name}"))
}

/// Lists of ranges, and what happens to the packets of an IP family without a range.
const LISTS: [(&str, &str, &str); 2] = [
    (
        "externalNodesList",
        "FELIX_EXTERNALNODESCIDRLIST",
        "nodes drop VXLAN and IP-in-IP packets from external nodes with such addresses",
    ),
    (
        "bpfDSROptoutCIDRs",
        "FELIX_BPFDSROPTOUTCIDRS",
        "nodes answer clients with such addresses directly (DSR)",
    ),
];

fn list<'t>(
    diagnostic: Diagnostic,
    name: &str,
    texts: impl Iterator<Item = &'t str>,
    (families, consequence): (&[Family], &'static str),
) -> Option<Diagnostic> {
    let nets: Vec<IpNet> = texts.filter_map(|text| range(text.trim())).collect();
    let has = |wanted: Family| nets.iter().any(|net| family(*net) == wanted);
    let missing = families.iter().find(|wanted| !nets.is_empty() && !has(**wanted))?;
    Some(
        diagnostic
            .message(format!("{name} has no {missing} range"))
            .severity(Severity::Warning)
            .consequence(consequence)
            .help(format!("add the {missing} ranges to {name}, if there are any")),
    )
}

/// The address on which Felix serves metrics.
fn metrics(cx: &Context<'_>, diagnostic: Diagnostic, name: &str, address: IpAddr) -> Option<Diagnostic> {
    let is_there = address.is_ipv6() || address.is_loopback() || address.is_unspecified();
    (!is_there && cx.nodes_lack_ipv4()).then(|| {
        diagnostic
            .message(format!("{name} is {address}, which nodes without IPv4 do not have"))
            .severity(Severity::Warning)
            .consequence("Felix serves no metrics and tries again each second: `Prometheus metrics endpoint failed, trying to restart it...`")
            .help(format!("set {name} to an address that each node has, or remove it: Felix then listens on all addresses"))
    })
}

fn route_source(diagnostic: Diagnostic, address: IpAddr, release: Option<Version>) -> Diagnostic {
    let name = if address.is_ipv4() { "deviceRouteSourceAddressIPv6" } else { "deviceRouteSourceAddress" };
    let own = if address.is_ipv4() { "deviceRouteSourceAddress" } else { "deviceRouteSourceAddressIPv6" };
    let message = format!("{own} is {address}, and {name} is not set");
    if address.is_ipv4() && NO_IPV6_SOURCE.holds(release) {
        return diagnostic
            .message(message)
            .consequence("before Calico 3.23 Felix sets the IPv4 address on IPv6 routes: pods cannot reach each other over IPv6")
            .help("upgrade to Calico 3.23 or later, or remove deviceRouteSourceAddress");
    }
    if address.is_ipv4() && release.is_none() {
        return diagnostic
            .message(message)
            .severity(Severity::Warning)
            .consequence("cannot tell the Calico release from these files. Before 3.23 Felix sets the IPv4 address on IPv6 routes: pods cannot reach each other over IPv6")
            .help("pass --calico-version; from 3.23 on, set deviceRouteSourceAddressIPv6 if IPv6 needs its own source address");
    }
    diagnostic
        .message(message)
        .severity(Severity::Info)
        .consequence("the kernel selects the source address for routes of the other IP family")
        .help(format!("ignore this if that is intended; otherwise set {name}"))
}

/// The source of routes from `status.hostIP`, as kubespray sets it: from 3.23 on IPv6 has a setting of its own.
fn host_ip_as_source(diagnostic: Diagnostic, release: Option<Version>) -> Option<Diagnostic> {
    if !NO_IPV6_SOURCE.holds(release) {
        return None;
    }
    Some(
        diagnostic
            .message("FELIX_DEVICEROUTESOURCEADDRESS is the primary address of the node, for the routes of both IP families")
            .consequence("before Calico 3.23 Felix sets this address on the routes of the other IP family, too: pods cannot reach each other over it")
            .help("upgrade to Calico 3.23 or later, or remove FELIX_DEVICEROUTESOURCEADDRESS"),
    )
}

/// A failsafe port: protocol and port, and the range that it is limited to.
struct Port {
    port: String,
    net: Option<IpNet>,
}

fn failsafe(diagnostic: Diagnostic, name: &str, ports: &[Port], families: &[Family]) -> Option<Diagnostic> {
    let reaches = |port: &Port, wanted: Family| {
        let mut same = ports.iter().filter(|other| other.port == port.port);
        same.any(|other| other.net.is_none_or(|net| family(net) == wanted))
    };
    let cut = ports.iter().find_map(|port| {
        // DHCP has other ports for each family.
        let is_dhcp = matches!(port.port.as_str(), "UDP 67" | "UDP 68" | "UDP 546" | "UDP 547");
        let mut families = families.iter().filter(|_| !is_dhcp);
        families.find(|family| !reaches(port, **family)).map(|family| (port, *family))
    });
    let (port, missing) = cut?;
    let net = port.net?;
    let message = format!("{name}: {} is open for {net} only, not for {missing}", port.port);
    Some(
        diagnostic
            .message(message)
            .severity(Severity::Warning)
            .consequence(format!(
                "a host endpoint policy can block this port over {missing}: SSH, BGP or the API server on that node become unreachable"
            ))
            .help(format!("add an entry for the same port with an {missing} range, or omit the range")),
    )
}

fn resource(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (object, settings) in cx.felix_settings() {
        let tree = object.tree();
        let get = |key| {
            let node = tree.get(settings, key)?;
            Some((node, tree.scalar(node)?.parse::<IpAddr>().ok()?))
        };
        if let Some((node, address)) = get("natOutgoingAddress") {
            let nat = ipv6_nat(&cx.cluster.settings, cx.target);
            let text = format!("the IPv4 address {address}");
            let found = nat_address(cx.at(&META, object, node), "natOutgoingAddress", &text, nat);
            diagnostics.all.extend(if address.is_ipv4() {
                found
            } else {
                Some(not_ipv4(cx.at(&META, object, node), "natOutgoingAddress", &address.to_string()))
            });
        }
        let name = "prometheusMetricsHost";
        let host = get(name);
        diagnostics.extend(host.and_then(|(node, own)| metrics(cx, cx.at(&META, object, node), name, own)));
        let sources = [get("deviceRouteSourceAddress"), get("deviceRouteSourceAddressIPv6")];
        if let [Some((node, address)), None] | [None, Some((node, address))] = sources
            && cx.families().iter().any(|family| *family != family_of(address))
        {
            diagnostics.push(route_source(cx.at(&META, object, node), address, cx.cluster.calico));
        }
        for (name, _, consequence) in LISTS {
            let Some(node) = tree.get(settings, name) else { continue };
            let texts = tree.items(node).filter_map(|item| tree.scalar(item));
            let found = list(cx.at(&META, object, node), name, texts, (&cx.families(), consequence));
            diagnostics.extend(found);
        }
        for (name, _) in FAILSAFE {
            let Some(list) = tree.get(settings, name) else { continue };
            let text = |item, key| tree.get(item, key).and_then(|node| tree.scalar(node));
            let port = |item| Port {
                port: format!(
                    "{} {}",
                    text(item, "protocol").unwrap_or("TCP").to_ascii_uppercase(),
                    text(item, "port").unwrap_or_default()
                ),
                net: text(item, "net").and_then(|net| net.parse().ok()),
            };
            let ports: Vec<Port> = tree.items(list).map(port).collect();
            diagnostics.all.extend(failsafe(cx.at(&META, object, list), name, &ports, &cx.families()));
        }
    }
}

fn environment(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes().filter(|_| cx.wants_ipv6()) {
        let get = |name| Some((name, node.env.text(name)?.trim().parse::<IpAddr>().ok()?));
        let name = "FELIX_NATOUTGOINGADDRESS";
        let address = match (node.env.get(name), get(name)) {
            (_, Some((_, address))) => address.is_ipv4().then(|| format!("the IPv4 address {address}")),
            (Some(var), None) if is_host_ip(node, var) => Some("the primary address of the node".to_owned()),
            _ => None,
        };
        if let (Some((_, address)), true) = (get(name), address.is_none()) {
            diagnostics.push(not_ipv4(at_env(&META, node, name), name, &address.to_string()));
        }
        if let Some(address) = address {
            let nat = ipv6_nat(&cx.cluster.settings, cx.target);
            diagnostics.all.extend(nat_address(at_env(&META, node, name), name, &address, nat));
        }
        let host = get("FELIX_PROMETHEUSMETRICSHOST");
        diagnostics.extend(host.and_then(|(name, own)| metrics(cx, at_env(&META, node, name), name, own)));
        let families = cx.target.families(None);
        let [ipv4, ipv6] = ["FELIX_DEVICEROUTESOURCEADDRESS", "FELIX_DEVICEROUTESOURCEADDRESSIPV6"];
        let sources = [get(ipv4), get(ipv6)];
        if let [Some((name, address)), None] | [None, Some((name, address))] = sources
            && families.iter().any(|family| *family != family_of(address))
        {
            diagnostics.push(route_source(at_env(&META, node, name), address, install.facts.calico));
        }
        let is_from_host = node.env.get(ipv4).is_some_and(|var| is_host_ip(node, var));
        if is_from_host && node.env.get(ipv6).is_none() && cx.is_dual() {
            diagnostics.extend(host_ip_as_source(at_env(&META, node, ipv4), install.facts.calico));
        }
        for (_, name, consequence) in LISTS {
            let Some(text) = node.env.text(name) else { continue };
            let found = list(at_env(&META, node, name), name, text.split(','), (&families, consequence));
            diagnostics.extend(found);
        }
        for (_, name) in FAILSAFE {
            let Some(text) = node.env.text(name) else { continue };
            let ports: Vec<Port> = text.split(',').filter_map(read_port).collect();
            diagnostics.all.extend(failsafe(at_env(&META, node, name), name, &ports, &families));
        }
    }
}

/// Whether a variable is the primary address of its node, also through another variable: `$(NODEIP)`.
fn is_host_ip(node: &CalicoNode<'_, '_>, var: &EnvVar<'_>) -> bool {
    let other = || {
        let name = node.env.text(var.name)?.trim().strip_prefix("$(")?.strip_suffix(')')?;
        Some(node.env.get(name)?.value.is_host_ip())
    };
    var.value.is_host_ip() || other() == Some(true)
}

/// A range, or an address without a prefix length.
fn range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Reads `22`, `tcp:22`, `tcp:10.0.0.0/8:22`, `tcp:[2001:db8::/32]:22` and `[2001:db8::1]:22`.
fn read_port(text: &str) -> Option<Port> {
    let text = text.trim();
    let (protocol, rest) = match text.split_once(':') {
        Some(parts) if !text.starts_with('[') => parts,
        _ => ("tcp", text),
    };
    let (net, port) = match rest.rsplit_once(':') {
        Some((net, port)) => (Some(range(net.trim_matches(['[', ']']))?), port.trim_end_matches(']')),
        None => (None, rest),
    };
    Some(Port { port: format!("{} {port}", protocol.to_ascii_uppercase()), net })
}

/// The correct form of a failsafe port with an IPv6 range. `None` if it is correct or has no such range; `Some(None)` if the
/// correct form is not known.
fn corrected(text: &str) -> Option<Option<String>> {
    let text = text.trim();
    // The protocol may be missing.
    let start = if text.starts_with('[') { 0 } else { text.find(':')? + 1 };
    let (protocol, rest) = text.split_at(start);
    let (net, port) = rest.rsplit_once(':')?;
    let port = port.trim_end_matches(']');
    if !net.contains(':') {
        return None;
    }
    let bare: String = net.chars().filter(|c| !matches!(c, '[' | ']')).collect();
    let is_ipv6 = range(&bare).is_some_and(|net| family(net) == Family::Ipv6);
    let right = is_ipv6.then(|| format!("{protocol}[{bare}]:{port}"));
    let is_right = net.starts_with('[') && net.ends_with(']') && is_ipv6;
    (!is_right).then_some(right)
}

fn syntax(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        for (_, name) in FAILSAFE {
            let Some(text) = node.env.text(name) else { continue };
            let parts: Vec<&str> = text.split(',').collect();
            let Some(wrong) = parts.iter().find(|part| corrected(part).is_some()) else { continue };
            let message = format!("{name}: Felix cannot parse `{}`", wrong.trim());
            let diagnostic = at_env(&SYNTAX_META, node, name).message(message);
            let right: Option<Vec<String>> = parts
                .iter()
                .map(|part| corrected(part).unwrap_or_else(|| Some((*part).to_owned())))
                .collect();
            let has_ranges = !NO_RANGES.holds(install.facts.calico);
            let fix = right.filter(|_| has_ranges).and_then(|right| {
                install.set_env(
                    name,
                    &right.join(","),
                    &Near(&[]),
                    "Felix parses an IPv6 range only in brackets",
                )
            });
            diagnostics.push(match fix {
                Some(fix) => diagnostic.fix(fix),
                None if !has_ranges => {
                    diagnostic.help("remove the range, or upgrade Calico: this release accepts none")
                }
                None => diagnostic
                    .help("put the range and its prefix length into brackets: tcp:[2001:db8::/32]:22"),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::corrected;

    #[test]
    fn the_range_of_a_failsafe_port_is_put_into_brackets() {
        for text in ["22", "tcp:22", "tcp:10.0.0.0/8:22", " udp:[2001:db8::/32]:68"] {
            assert_eq!(corrected(text), None, "{text}");
        }
        for text in ["tcp:[2001:db8::1]:22", "[2001:db8::/32]:22", "[2001:db8::1]:22"] {
            assert_eq!(corrected(text), None, "{text}");
        }
        for text in ["tcp:2001:db8::/32:22", "tcp:[2001:db8::]/32:22", "tcp:[2001:db8::/32:22]"] {
            assert_eq!(corrected(text), Some(Some("tcp:[2001:db8::/32]:22".to_owned())), "{text}");
        }
        assert_eq!(corrected("tcp:2001:zz::/32:22"), Some(None));
    }
}
