//! The checks, by what they are about.

mod address;
mod boot;
mod forwarding;
mod kernel;
mod limits;
mod mtu;
mod resolver;
mod route;

use super::interfaces::Interface;
use super::read::{Address, Route, addresses, ipv4_interfaces, routes};
use super::settings::AtBoot;
use super::{Host, Report, Request, Unread, Verdict, at, paths};

/// What several checks need.
struct Facts<'h> {
    host: &'h Host,
    request: &'h Request,
    interfaces: Vec<Interface>,
    addresses: Result<Vec<Address>, Unread<'h>>,
    routes: Result<Vec<Route>, Unread<'h>>,
    boot: AtBoot,
}

impl Facts<'_> {
    fn ipv4(&self) -> bool {
        self.request.to.has_ipv4()
    }

    fn ipv6(&self) -> bool {
        self.request.to.has_ipv6()
    }

    /// The interfaces in which Calico looks for the node's address: those that have an address or a route, or the name of
    /// a physical one. If there are none, all others.
    fn node_interfaces(&self) -> Vec<&Interface> {
        let all = || self.interfaces.iter().filter(|interface| interface.may_have_node_address());
        let ipv4 = ipv4_interfaces(self.host.text(paths::IPV4_ROUTES).unwrap_or_default());
        let is_used = |one: &&Interface| {
            let name = one.name.as_str();
            one.is_physical()
                || ipv4.contains(name)
                || self.addresses.iter().flatten().any(|a| a.is_global() && a.interface == name)
                || self.default_routes().any(|route| route.interface == name)
        };
        let used: Vec<&Interface> = all().filter(is_used).collect();
        if used.is_empty() { all().collect() } else { used }
    }

    fn default_routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().flatten().filter(|route| route.is_default)
    }

    /// The interfaces on which the kernel learned a route from a router advertisement.
    fn learning_interfaces(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for route in self.routes.iter().flatten().filter(|route| route.is_learned()) {
            let name = route.interface.as_str();
            if super::interfaces::may_have_node_address(name) && !found.contains(&name) {
                found.push(name);
            }
        }
        found
    }

    /// The addresses that Calico can use for the node.
    fn node_addresses(&self) -> impl Iterator<Item = &Address> {
        let all = self.addresses.iter().flatten();
        all.filter(|one| {
            let is_node = super::interfaces::may_have_node_address(&one.interface);
            is_node && one.is_global() && one.fault().is_none()
        })
    }
}

const FORM: Unread<'static> = Unread::Failed("has an unknown form");

/// Runs all checks.
pub(super) fn run(host: &Host, request: &Request, report: &mut Report) {
    let found = host.text(paths::ADDRESSES).and_then(|text| addresses(text).ok_or(FORM));
    let indexes: Vec<(u32, String)> =
        found.iter().flatten().map(|one| (one.index, one.interface.clone())).collect();
    let interfaces = Interface::all(host, &indexes);
    if interfaces.is_none() {
        let why = host.text(paths::INTERFACES).err().unwrap_or(FORM);
        report.not_checked("interfaces", paths::INTERFACES, &why);
    }
    let facts = Facts {
        host,
        request,
        interfaces: interfaces.unwrap_or_default(),
        addresses: found,
        routes: host.text(paths::ROUTES).map(routes),
        boot: AtBoot::read(host),
    };
    let has_ipv6 = !facts.ipv6() || kernel::ipv6(&facts, report);
    if facts.ipv6() && has_ipv6 {
        kernel::disabled(&facts, report);
        address::ipv6(&facts, report);
        route::default(&facts, report);
        route::accept_ra(&facts, report);
        forwarding::ipv6(&facts, report);
    } else if facts.ipv6() {
        let what = "addresses, routes and settings: the kernel has no IPv6";
        report.push("IPv6", Verdict::NotChecked, what, vec![at(paths::ADDRESSES, "")]);
    }
    address::node_ip(&facts, report);
    if facts.ipv4() {
        address::ipv4(&facts, report);
        forwarding::ipv4(&facts, report);
    }
    mtu::host(&facts, report);
    mtu::pods(&facts, report);
    kernel::release(&facts, report);
    kernel::packet_filter(&facts, report);
    if facts.ipv6() {
        kernel::reverse_path(&facts, report);
        resolver::resolvers(&facts, report);
        resolver::names(&facts, report);
        limits::all(&facts, report);
    }
    boot::settings(&facts, report);
}
