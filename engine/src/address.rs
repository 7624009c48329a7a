//! Ranges of addresses: reading them strictly, and what kind of range one is.

use core::fmt;
use core::ops::RangeInclusive;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv6Addr};

/// The prefix length of the blocks that Calico gives to nodes, where nothing else is said (libcalico-go `ippool.go`).
pub const IPV4_BLOCK: u8 = 26;
/// The same for IPv6.
pub const IPV6_BLOCK: u8 = 122;
/// The prefix lengths that Calico takes for blocks; calico-node and the operator refuse others.
pub const IPV4_BLOCKS: RangeInclusive<u8> = 20..=32;
/// The same for IPv6.
pub const IPV6_BLOCKS: RangeInclusive<u8> = 116..=128;

/// One of the two address families.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Ipv4 => "IPv4",
            Family::Ipv6 => "IPv6",
        })
    }
}

/// The family of a range.
#[must_use]
pub fn family(net: IpNet) -> Family {
    match net {
        IpNet::V4(_) => Family::Ipv4,
        IpNet::V6(_) => Family::Ipv6,
    }
}

/// The family of an address.
#[must_use]
pub fn family_of(address: IpAddr) -> Family {
    if address.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 }
}

/// Why a text is no range of the family wanted. Says what to write instead where that can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CidrError(String);

impl fmt::Display for CidrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for CidrError {}

/// Reads one range of `family` strictly: address and prefix length, no host bits, no blanks. Any spelling of the
/// address is taken; the canonical one (RFC 5952) is what is written.
///
/// # Errors
/// Where the text is no range, is of the other family, or has host bits set.
pub fn parse_cidr(text: &str, wanted: Family) -> Result<IpNet, CidrError> {
    if text.contains(',') {
        return Err(CidrError(format!("`{text}` holds more than one range; {wanted} wants exactly one")));
    }
    let Ok(net) = text.parse::<IpNet>() else {
        let hint = match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => format!("an address without a prefix length: write {text}/16"),
            Ok(IpAddr::V6(_)) => format!("an address without a prefix length: write {text}/56"),
            Err(_) if text.contains(['[', ']']) => {
                "a range is written without brackets: fd00:10:244::/56".to_owned()
            }
            Err(_) => format!("not a range of addresses such as {}", example(wanted)),
        };
        return Err(CidrError(format!("`{text}` is {hint}")));
    };
    if family(net) != wanted {
        let got = family(net);
        return Err(CidrError(format!(
            "`{text}` is {got}, but {wanted} is wanted here, such as {}",
            example(wanted)
        )));
    }
    if let IpNet::V6(v6) = net
        && v6.prefix_len() >= 96
        && v6.addr().to_ipv4_mapped().is_some()
    {
        return Err(CidrError(format!(
            "`{text}` is an IPv4 range in IPv6 clothes, which calico-node refuses"
        )));
    }
    if net.addr() != net.network() {
        return Err(CidrError(format!("`{text}` has host bits set: the range is {}", net.trunc())));
    }
    Ok(net)
}

fn example(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "10.244.0.0/16",
        Family::Ipv6 => "fd00:10:244::/56",
    }
}

/// Why addresses of this range never work for pods; none where they may.
///
/// Link-local ranges are refused by Calico itself (libcalico-go validator); the rest are ranges that no router forwards.
#[must_use]
pub fn unusable(net: IpNet) -> Option<&'static str> {
    match net {
        IpNet::V4(v4) => {
            let within =
                |other: &str| other.parse::<Ipv4Net>().is_ok_and(|o| o.contains(&v4) || v4.contains(&o));
            if within("169.254.0.0/16") {
                return Some("link-local addresses: Calico refuses such a pool");
            }
            if within("127.0.0.0/8") {
                return Some("loopback addresses");
            }
            within("224.0.0.0/4").then_some("multicast addresses")
        }
        IpNet::V6(v6) => {
            let within =
                |other: &str| other.parse::<Ipv6Net>().is_ok_and(|o| o.contains(&v6) || v6.contains(&o));
            if within("fe80::/10") {
                return Some("link-local addresses: Calico refuses such a pool, and calico-node exits");
            }
            if within("ff00::/8") {
                return Some("multicast addresses");
            }
            within("::1/128").then_some("the loopback address")
        }
    }
}

/// What is odd about an IPv6 range although it works; none where nothing is.
#[must_use]
pub fn unusual(net: Ipv6Net) -> Option<&'static str> {
    let within = |other: &str| other.parse::<Ipv6Net>().is_ok_and(|o| o.contains(&net));
    if within("2001:db8::/32") || within("3fff::/20") {
        return Some("documentation addresses (RFC 3849, RFC 9637): no other network routes them");
    }
    if within("2001::/32") {
        return Some("Teredo addresses (RFC 4380)");
    }
    within("2002::/16").then_some("6to4 addresses (RFC 3056)")
}

/// Whether a range is unique local, `fc00::/7` (RFC 4193): without NAT its addresses have no way out.
#[must_use]
pub fn is_unique_local(net: Ipv6Net) -> bool {
    (net.addr().segments()[0] & 0xfe00) == 0xfc00
}

/// A unique-local range for pods: the first /56 of the /48 that RFC 4193, 3.2 makes of 40 random bits. The bytes must be
/// random, so that two networks that are joined one day do not share the range.
#[must_use]
pub fn unique_local_pod_cidr(random: [u8; 5]) -> Ipv6Net {
    let mut octets = [0; 16];
    octets[0] = 0xfd;
    octets[1..6].copy_from_slice(&random);
    Ipv6Net::new_assert(octets.into(), 56)
}

/// An address as a number.
#[must_use]
pub fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(ipv4) => u128::from(u32::from(ipv4)),
        IpAddr::V6(ipv6) => u128::from(ipv6),
    }
}

/// The address at a place of a range; none behind its end.
#[must_use]
pub fn nth(net: IpNet, offset: u128) -> Option<IpAddr> {
    let number = number(net.network()).checked_add(offset)?;
    let address = match net {
        IpNet::V4(_) => IpAddr::V4(u32::try_from(number).ok()?.into()),
        IpNet::V6(_) => IpAddr::V6(number.into()),
    };
    net.contains(&address).then_some(address)
}

/// Whether two ranges share an address. Ranges of different families never do.
#[must_use]
pub fn overlap(a: IpNet, b: IpNet) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// Whether `text` is an IPv6 address without brackets, zone or prefix length.
#[must_use]
pub fn is_ipv6_address(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Family, is_unique_local, parse_cidr, unique_local_pod_cidr};

    #[test]
    fn a_range_of_random_bytes_is_unique_local_and_taken() {
        for random in [[0; 5], [0xff; 5], [0x12, 0x34, 0x56, 0x78, 0x9a]] {
            let net = unique_local_pod_cidr(random);
            assert!(is_unique_local(net));
            assert!(parse_cidr(&net.to_string(), Family::Ipv6).is_ok());
        }
        assert_eq!(unique_local_pod_cidr([0x12, 0x34, 0x56, 0x78, 0x9a]).to_string(), "fd12:3456:789a::/56");
    }
}
