//! Readers of the kernel's tables and of the files below `/etc`.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IPv6 address of an interface: a line of `/proc/net/if_inet6`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) ip: Ipv6Addr,
    pub(super) prefix: u8,
    pub(super) index: u32,
    pub(super) interface: String,
    scope: u8,
    flags: u8,
}

impl Address {
    const TEMPORARY: u8 = 0x01;
    const DAD_FAILED: u8 = 0x08;
    const DEPRECATED: u8 = 0x20;
    const TENTATIVE: u8 = 0x40;
    const PERMANENT: u8 = 0x80;

    /// Whether other hosts can use it: its scope is global, as it is for unique-local addresses too.
    pub(super) fn is_global(&self) -> bool {
        self.scope == 0 && !self.ip.is_multicast()
    }

    /// Why the kernel does not use it; `None` if it does.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let has = |flag| self.flags & flag != 0;
        if has(Self::DAD_FAILED) {
            Some("dadfailed: another host has the same address")
        } else if has(Self::TENTATIVE) {
            Some("tentative: duplicate address detection has not finished")
        } else if has(Self::DEPRECATED) {
            Some("deprecated: its preferred lifetime is over")
        } else {
            None
        }
    }

    /// Why another address replaces it one day; `None` if it stays.
    pub(super) fn passes(&self) -> Option<&'static str> {
        if self.flags & Self::TEMPORARY != 0 {
            Some("temporary")
        } else if self.flags & Self::PERMANENT == 0 {
            Some("dynamic")
        } else {
            None
        }
    }
}

/// The lines of `/proc/net/if_inet6`; `None` if one has another form.
pub(super) fn addresses(text: &str) -> Option<Vec<Address>> {
    text.lines().filter(|line| !line.trim().is_empty()).map(address).collect()
}

fn address(line: &str) -> Option<Address> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let [ip, index, prefix, scope, flags, interface] = columns.try_into().ok()?;
    let byte = |text| u8::from_str_radix(text, 16).ok();
    Some(Address {
        ip: ipv6(ip)?,
        prefix: byte(prefix)?,
        index: u32::from_str_radix(index, 16).ok()?,
        interface: interface.to_owned(),
        scope: byte(scope)?,
        flags: byte(flags)?,
    })
}

fn ipv6(hex: &str) -> Option<Ipv6Addr> {
    let number = u128::from_str_radix(hex, 16).ok();
    number.filter(|_| hex.len() == 32).map(Ipv6Addr::from)
}

/// A route of `/proc/net/ipv6_route` that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) interface: String,
    pub(super) gateway: Ipv6Addr,
    pub(super) is_default: bool,
    flags: u32,
}

impl Route {
    const UP: u32 = 0x1;
    const REJECT: u32 = 0x200;
    const DEFAULT: u32 = 0x0001_0000;
    const ADDRCONF: u32 = 0x0004_0000;
    const EXPIRES: u32 = 0x0040_0000;

    /// Whether the kernel learned it from a router advertisement. Routes that programs add have neither flag.
    pub(super) fn is_learned(&self) -> bool {
        self.flags & (Self::DEFAULT | Self::ADDRCONF) != 0
    }

    /// Whether a program added it with a lifetime, as those do that read router advertisements themselves.
    pub(super) fn expires(&self) -> bool {
        self.flags & Self::EXPIRES != 0
    }
}

/// The routes of `/proc/net/ipv6_route` that lead somewhere: an empty namespace has a default route that does not.
pub(super) fn routes(text: &str) -> Vec<Route> {
    let route = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [to, to_length, _, from_length, gateway, _, _, _, flags, interface] = columns.try_into().ok()?;
        let flags = u32::from_str_radix(flags, 16).ok()?;
        let leads = flags & Route::UP != 0 && flags & Route::REJECT == 0 && interface != "lo";
        let is_default = ipv6(to)?.is_unspecified() && to_length == "00" && from_length == "00";
        let gateway = ipv6(gateway)?;
        leads.then(|| Route { interface: interface.to_owned(), gateway, is_default, flags })
    };
    text.lines().filter_map(route).collect()
}

/// The local addresses of `/proc/net/fib_trie`, without loopback and link-local ones.
pub(super) fn ipv4_addresses(text: &str) -> BTreeSet<Ipv4Addr> {
    let mut found = BTreeSet::new();
    let mut last = None;
    for line in text.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address.parse::<Ipv4Addr>().ok();
        } else if line == "/32 host LOCAL" {
            found.extend(last.filter(|ip| !ip.is_loopback() && !ip.is_link_local()));
        }
    }
    found
}

/// The interface whose subnet holds an address: `/proc/net/route` has numbers in the order of the machine's bytes.
pub(super) fn ipv4_interface(routes: &str, ip: Ipv4Addr) -> Option<&str> {
    let number = |hex| u32::from_str_radix(hex, 16).ok().map(u32::swap_bytes);
    routes.lines().skip(1).find_map(|line| {
        let mut columns = line.split_whitespace();
        let (interface, to, gateway) = (columns.next()?, number(columns.next()?)?, number(columns.next()?)?);
        let mask = number(columns.nth(4)?)?;
        (mask != 0 && gateway == 0 && u32::from(ip) & mask == to).then_some(interface)
    })
}

/// The interfaces of `/proc/net/route`.
pub(super) fn ipv4_interfaces(routes: &str) -> BTreeSet<&str> {
    routes.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect()
}

/// The addresses of `--node-ip` in a file with flags of kubelet.
pub(super) fn node_ips(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let lists = lines.filter_map(|line| {
        let rest = line.split("--node-ip").nth(1)?.trim_start_matches(['=', ' ']);
        rest.split([' ', '"', '\'']).next()
    });
    lists.flat_map(|list| list.split(',')).filter(|one| !one.is_empty()).collect()
}

/// The addresses of `nameserver` lines, as they are written.
pub(super) fn resolvers(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some("nameserver")).then(|| words.next())?
        })
        .collect()
}

/// The addresses of a name in `/etc/hosts`.
pub(super) fn addresses_of(hosts: &str, name: &str) -> Vec<IpAddr> {
    let address = |line: &str| {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let address = words.next()?.parse().ok()?;
        words.any(|word| word.eq_ignore_ascii_case(name)).then_some(address)
    };
    hosts.lines().filter_map(address).collect()
}

/// Whether a list of modules has one: `/proc/modules` begins each line with a name, the lists below `/lib/modules` with a path.
pub(super) fn has_module(list: &str, name: &str) -> bool {
    list.lines().any(|line| {
        let first = line.split([' ', ':']).next().unwrap_or_default();
        let file = first.rsplit('/').next().unwrap_or_default();
        file.split('.').next().unwrap_or_default().replace('-', "_") == name
    })
}

/// The ports below these that something listens on, in `/proc/net/tcp6`.
pub(super) fn listening(text: &str, ports: &[u16]) -> Vec<u16> {
    let port = |line: &str| {
        let mut columns = line.split_whitespace();
        let (_, port) = columns.nth(1)?.rsplit_once(':')?;
        (columns.nth(1)? == "0A").then(|| u16::from_str_radix(port, 16).ok())?
    };
    let open: BTreeSet<u16> = text.lines().filter_map(port).collect();
    ports.iter().copied().filter(|port| open.contains(port)).collect()
}

/// The last value of a key in a file of `KEY=VALUE` lines.
pub(super) fn value_of<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let value = |line: &'t str| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then_some(value.trim())
    };
    text.lines().filter_map(value).next_back()
}

#[cfg(test)]
mod tests {
    use super::{
        addresses, addresses_of, has_module, ipv4_addresses, ipv4_interface, listening, node_ips, resolvers,
        routes, value_of,
    };

    #[test]
    fn addresses_have_a_scope_and_flags() {
        let text = "20010db8000000000000000000000011 02 40 00 80     eth0\n20010db80000000000000000000000aa 02 40 00 48     eth0\nfe800000000000000000000000000001 02 40 20 80     eth0\n";
        let found = addresses(text).unwrap();
        assert_eq!(found[0].ip.to_string(), "2001:db8::11");
        assert!(found[0].is_global() && found[0].fault().is_none() && found[0].passes().is_none());
        assert!(found[1].fault().unwrap().starts_with("dadfailed"));
        assert_eq!(found[1].passes(), Some("dynamic"));
        assert!(!found[2].is_global());
        assert!(addresses("not a table\n").is_none());
    }

    #[test]
    fn the_default_route_of_an_empty_namespace_leads_nowhere() {
        let zeros = "0".repeat(32);
        let reject = format!("{zeros} 00 {zeros} 00 {zeros} ffffffff 00000001 00000000 00200200       lo\n");
        assert!(routes(&reject).is_empty());
        let learned = format!(
            "{zeros} 00 {zeros} 00 fe80{} 00000400 00000001 00000000 00450003     eth0\n",
            "0".repeat(28)
        );
        let found = routes(&learned);
        assert!(found[0].is_default && found[0].is_learned() && found[0].expires());
    }

    #[test]
    fn ipv4_addresses_are_those_of_the_host() {
        let trie = "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.0.2.11\n        /32 host LOCAL\n     |-- 192.0.2.255\n        /32 link BROADCAST\n";
        let found: Vec<String> = ipv4_addresses(trie).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.0.2.11"]);
        let routes = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n";
        assert_eq!(ipv4_interface(routes, "192.0.2.11".parse().unwrap()), Some("eth0"));
        assert_eq!(ipv4_interface(routes, "198.51.100.1".parse().unwrap()), None);
    }

    #[test]
    fn files_below_etc() {
        assert_eq!(resolvers("# x\nnameserver 192.0.2.53\nsearch a\nnameserver fe80::1%eth0\n").len(), 2);
        assert_eq!(addresses_of("::1 localhost # nameserver\n", "localhost").len(), 1);
        assert!(addresses_of("::1 localhost # b\n", "b").is_empty());
        let flags = "KUBELET_KUBEADM_ARGS=\"--node-ip=192.0.2.11,2001:db8::11 --v=2\"\n# --node-ip=::1\n";
        assert_eq!(node_ips(flags), ["192.0.2.11", "2001:db8::11"]);
        assert_eq!(value_of("#A=1\nA=2\nA = 3\n", "A"), Some("3"));
    }

    #[test]
    fn modules_and_ports() {
        assert!(has_module("nf_tables 380928 0 - Live 0x0\n", "nf_tables"));
        assert!(has_module("kernel/net/ipv6/netfilter/ip6_tables.ko.xz: kernel/x.ko\n", "ip6_tables"));
        assert!(has_module("kernel/net/netfilter/nf-tables.ko\n", "nf_tables"));
        assert!(!has_module("kernel/net/nf_tables_set.ko\n", "nf_tables"));
        let tcp6 = "  sl  local_address  remote st\n   0: 00000000000000000000000000000000:192B 0000:0000 0A 0\n   1: 00000000000000000000000000000000:0016 0000:0000 01 0\n";
        assert_eq!(listening(tcp6, &[22, 6443]), [6443]);
    }
}
