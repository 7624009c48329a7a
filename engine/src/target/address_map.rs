//! The pairs of IPv4 and IPv6 addresses.

use crate::address::Family;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IPv4 and IPv6 addresses of nodes and load balancers, in pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressMap {
    /// In the order in which they were given.
    pairs: Vec<(Ipv4Addr, Ipv6Addr)>,
}

impl AddressMap {
    /// How a user writes the counterpart of an address: `192.0.2.11=IPV6`.
    #[must_use]
    pub fn placeholder(address: Option<IpAddr>) -> String {
        match address {
            Some(IpAddr::V4(ipv4)) => format!("{ipv4}=IPV6"),
            Some(IpAddr::V6(ipv6)) => format!("IPV4={ipv6}"),
            None => "IPV4=IPV6".to_owned(),
        }
    }

    /// Adds pairs from an option: `192.0.2.11=2001:db8:1::11`, several separated by commas.
    pub(super) fn parse(&mut self, text: &str) -> Result<(), String> {
        for pair in text.split(',') {
            let (ipv4, ipv6) = pair
                .split_once('=')
                .ok_or_else(|| format!("`{pair}`: expected IPV4=IPV6, such as 192.0.2.11=2001:db8:1::11"))?;
            let ipv4: Ipv4Addr =
                ipv4.trim().parse().map_err(|_| format!("`{ipv4}` is not an IPv4 address"))?;
            let ipv6: Ipv6Addr = ipv6.trim().parse().map_err(|_| {
                format!("`{ipv6}` is not an IPv6 address (without brackets, zone or prefix length)")
            })?;
            if let Some(why) = unusable(IpAddr::V4(ipv4)).or(unusable(IpAddr::V6(ipv6))) {
                return Err(format!("`{pair}` has {why}, which other nodes cannot reach"));
            }
            let other = self.of(IpAddr::V4(ipv4)).or(self.of(IpAddr::V6(ipv6)));
            if self.pairs.contains(&(ipv4, ipv6)) {
                continue;
            }
            if let Some(other) = other {
                return Err(format!("`{pair}`: one of the two is already mapped to {other}"));
            }
            self.pairs.push((ipv4, ipv6));
        }
        Ok(())
    }

    /// Adds a pair that was read from the input. A known pair stays as it is.
    pub(crate) fn learn(&mut self, ipv4: Ipv4Addr, ipv6: Ipv6Addr) {
        if self.of(IpAddr::V6(ipv6)).is_none() && self.of(IpAddr::V4(ipv4)).is_none() {
            self.pairs.push((ipv4, ipv6));
        }
    }

    /// Returns the counterpart of an address.
    #[must_use]
    pub fn of(&self, address: IpAddr) -> Option<IpAddr> {
        match address {
            IpAddr::V4(ipv4) => self.pairs().find(|pair| pair.0 == ipv4).map(|pair| IpAddr::V6(pair.1)),
            IpAddr::V6(ipv6) => self.pairs().find(|pair| pair.1 == ipv6).map(|pair| IpAddr::V4(pair.0)),
        }
    }

    /// Returns `address` if it is of `family`, otherwise its counterpart.
    #[must_use]
    pub(crate) fn in_family(&self, address: IpAddr, family: Family) -> Option<IpAddr> {
        if crate::address::family_of(address) == family { Some(address) } else { self.of(address) }
    }

    /// All pairs, in the order in which they were given.
    pub fn pairs(&self) -> impl Iterator<Item = (Ipv4Addr, Ipv6Addr)> + '_ {
        self.pairs.iter().copied()
    }
}

/// Why a node or load balancer cannot have an address.
fn unusable(address: IpAddr) -> Option<&'static str> {
    // A DNS cache on every node may have an IPv4 link-local address.
    let link_local = matches!(address, IpAddr::V6(ipv6) if ipv6.is_unicast_link_local());
    match address {
        _ if address.is_unspecified() => Some("an unspecified address"),
        _ if address.is_loopback() => Some("a loopback address"),
        _ if address.is_multicast() => Some("a multicast address"),
        _ if link_local => Some("a link-local address"),
        _ => None,
    }
}
