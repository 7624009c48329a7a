//! CIDRs: strict parsing, and kinds of ranges.

use core::fmt;
use core::ops::RangeInclusive;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv6Addr};

/// The default prefix length of Calico's blocks (libcalico-go `ippool.go`).
pub(crate) const IPV4_BLOCK: u8 = 26;
/// The same for IPv6.
pub(crate) const IPV6_BLOCK: u8 = 122;
/// The prefix lengths that Calico accepts for blocks; calico-node and the operator refuse others.
pub(crate) const IPV4_BLOCKS: RangeInclusive<u8> = 20..=32;
/// The same for IPv6.
pub(crate) const IPV6_BLOCKS: RangeInclusive<u8> = 116..=128;

/// An IP family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Family {
        match self {
            Family::Ipv4 => Family::Ipv6,
            Family::Ipv6 => Family::Ipv4,
        }
    }
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
pub(crate) fn family_of(address: IpAddr) -> Family {
    if address.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 }
}

/// Why a text is not a valid CIDR of the expected family, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CidrError(String);

impl fmt::Display for CidrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for CidrError {}

/// Reads a CIDR as Go does: the octets of an IPv4 address have no leading zeros, which others read as octal numbers.
#[must_use]
pub fn net(text: &str) -> Option<IpNet> {
    let (address, _) = text.split_once('/')?;
    address.parse::<IpAddr>().ok()?;
    text.parse().ok()
}

/// Parses one CIDR of a family strictly: address and prefix length, no host bits, no blanks. Accepts every spelling of the
/// address; output uses the canonical one (RFC 5952).
///
/// # Errors
/// The text is not a CIDR, is of the other family, or has host bits set.
pub(crate) fn parse_cidr(text: &str, wanted: Family) -> Result<IpNet, CidrError> {
    if text.contains(',') {
        return Err(CidrError(format!("`{text}`: give exactly one {wanted} range")));
    }
    let Some(net) = net(text) else {
        let hint = match text.parse::<IpAddr>() {
            Err(_) if text.parse::<IpNet>().is_ok() => {
                "not a valid CIDR: Go reads no IPv4 address with leading zeros, so remove them".to_owned()
            }
            Ok(IpAddr::V4(_)) => format!("an address without a prefix length: write {text}/16"),
            Ok(IpAddr::V6(_)) => format!("an address without a prefix length: write {text}/56"),
            Err(_) if text.starts_with('[') => {
                "not a valid CIDR: remove the brackets, as in fd00:10:244::/56".to_owned()
            }
            Err(_) => format!("not a valid CIDR, such as {}", example(wanted)),
        };
        return Err(CidrError(format!("`{text}` is {hint}")));
    };
    if family(net) != wanted {
        let got = family(net);
        return Err(CidrError(format!(
            "`{text}` is an {got} range; expected {wanted}, such as {}",
            example(wanted)
        )));
    }
    if let IpNet::V6(v6) = net
        && v6.prefix_len() >= 96
        && v6.addr().to_ipv4_mapped().is_some()
    {
        return Err(CidrError(format!("`{text}` is an IPv4-mapped IPv6 range, which calico-node refuses")));
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

/// A special-purpose range: the range, a description of its addresses, and whether they never work for pods.
type Special = (&'static str, &'static str, bool);

/// Ranges of the IANA special-purpose registries that users might choose for pods or Services.
const SPECIAL: [Special; 25] = [
    ("169.254.0.0/16", "link-local addresses, which Calico refuses in IP pools", true),
    ("127.0.0.0/8", "loopback addresses", true),
    ("224.0.0.0/4", "multicast addresses", true),
    ("0.0.0.0/8", "addresses of `this network` (RFC 791), which cannot be a destination", true),
    ("240.0.0.0/4", "reserved addresses (RFC 1112), which many systems drop", false),
    ("192.0.2.0/24", "documentation addresses (RFC 5737), which other networks do not route", false),
    ("198.51.100.0/24", "documentation addresses (RFC 5737), which other networks do not route", false),
    ("203.0.113.0/24", "documentation addresses (RFC 5737), which other networks do not route", false),
    ("198.18.0.0/15", "benchmarking addresses (RFC 2544)", false),
    ("192.0.0.0/24", "IETF protocol addresses (RFC 6890)", false),
    ("fe80::/10", "link-local addresses, which Calico refuses in IP pools (calico-node exits)", true),
    ("ff00::/8", "multicast addresses", true),
    ("::1/128", "the loopback address", true),
    ("::ffff:0:0/96", "IPv4-mapped addresses (RFC 4291, 2.5.5.2), which are never sent on a network", true),
    (
        "2001:db8::/32",
        "documentation addresses (RFC 3849, RFC 9637), which other networks do not route",
        false,
    ),
    ("3fff::/20", "documentation addresses (RFC 3849, RFC 9637), which other networks do not route", false),
    ("2001::/32", "Teredo addresses (RFC 4380)", false),
    ("2002::/16", "6to4 addresses (RFC 3056)", false),
    ("fec0::/10", "site-local addresses, which are deprecated (RFC 3879): kubeadm warns about them", false),
    ("64:ff9b::/96", "NAT64 addresses (RFC 6052)", false),
    ("64:ff9b:1::/48", "NAT64 addresses (RFC 8215)", false),
    ("100::/64", "discard-only addresses (RFC 6666)", false),
    ("2001:20::/28", "ORCHIDv2 identifiers, which are not routable addresses (RFC 7343)", false),
    ("fc00::/8", "unique-local addresses that nobody assigns (RFC 4193, 3.1): use fd00::/8", false),
    ("2001:2::/48", "benchmarking addresses (RFC 5180)", false),
];

/// Describes the addresses of a range if they never work for pods.
///
/// Calico refuses link-local ranges (libcalico-go validator); routers do not forward the others.
#[must_use]
pub fn unusable(net: IpNet) -> Option<&'static str> {
    special(true, |range| overlap(range, net))
}

/// Describes the addresses of an unusual range that works; `None` for other ranges.
#[must_use]
pub fn unusual(net: IpNet) -> Option<&'static str> {
    if unusable(net).is_some() {
        return None;
    }
    special(false, |range| range.contains(&net)).or_else(|| match net {
        IpNet::V4(v4) if !is_private(v4) => {
            Some("public addresses, which may belong to others; private ranges are in RFC 1918")
        }
        IpNet::V6(v6) if v6.addr().segments()[0] & 0xe000 != 0x2000 && !is_unique_local(v6) => {
            Some("reserved addresses (RFC 4291): only 2000::/3 and fd00::/8 are assigned")
        }
        _ => None,
    })
}

/// Describes the special purpose of a range that works; `None` for public and reserved addresses.
#[must_use]
pub(crate) fn special_use(net: IpNet) -> Option<&'static str> {
    special(false, |range| range.contains(&net))
}

fn special(is_unusable: bool, is_it: impl Fn(IpNet) -> bool) -> Option<&'static str> {
    let of = |(range, ..): &&Special| range.parse().is_ok_and(&is_it);
    SPECIAL.iter().filter(|special| special.2 == is_unusable).find(of).map(|special| special.1)
}

/// Whether a range is private (RFC 1918) or shared address space (RFC 6598).
fn is_private(net: Ipv4Net) -> bool {
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
        .iter()
        .any(|range| range.parse::<Ipv4Net>().is_ok_and(|range| range.contains(&net)))
}

/// Whether a range is unique-local, `fc00::/7` (RFC 4193), which is not routed outside.
#[must_use]
pub fn is_unique_local(net: Ipv6Net) -> bool {
    (net.addr().segments()[0] & 0xfe00) == 0xfc00
}

/// Returns a unique-local /48 with 40 random bits (RFC 4193, 3.2). The bytes must be random, so that two networks that are
/// merged later do not use the same range.
#[must_use]
pub fn unique_local(random: [u8; 5]) -> Ipv6Net {
    let mut octets = [0; 16];
    octets[0] = 0xfd;
    octets[1..6].copy_from_slice(&random);
    Ipv6Net::new_assert(octets.into(), 48)
}

/// Returns a unique-local range for pods: the first /56 of the /48 with these random bytes.
#[must_use]
pub fn unique_local_pod_cidr(random: [u8; 5]) -> Ipv6Net {
    Ipv6Net::new_assert(unique_local(random).addr(), 56)
}

/// An address as a number.
#[must_use]
pub fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(ipv4) => u128::from(u32::from(ipv4)),
        IpAddr::V6(ipv6) => u128::from(ipv6),
    }
}

/// Returns the address at an offset of a range; `None` after its end.
#[must_use]
pub fn nth(net: IpNet, offset: u128) -> Option<IpAddr> {
    let number = number(net.network()).checked_add(offset)?;
    let address = match net {
        IpNet::V4(_) => IpAddr::V4(u32::try_from(number).ok()?.into()),
        IpNet::V6(_) => IpAddr::V6(number.into()),
    };
    net.contains(&address).then_some(address)
}

/// Whether two ranges overlap. Ranges of different families never do.
#[must_use]
pub fn overlap(a: IpNet, b: IpNet) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// Whether `text` is an IPv6 address without brackets, zone or prefix length.
#[must_use]
pub(crate) fn is_ipv6_address(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Family, is_unique_local, parse_cidr, unique_local_pod_cidr};

    #[test]
    fn ranges_with_a_use_of_their_own_are_told() {
        let net = |text: &str| text.parse().unwrap_or_default();
        for (range, word) in [
            ("fe80::/64", "link-local"),
            ("ff08::/32", "multicast"),
            ("::ffff:10.0.0.0/104", "IPv4-mapped"),
            ("169.254.0.0/20", "link-local"),
            ("::/0", "link-local"),
        ] {
            assert!(super::unusable(net(range)).is_some_and(|why| why.contains(word)), "{range}");
        }
        for (range, word) in [
            ("2001:db8:1::/48", "documentation"),
            ("fec0:1::/48", "site-local"),
            ("64:ff9b::/112", "NAT64"),
            ("fc12::/48", "nobody assigns"),
            ("4000::/32", "reserved"),
            ("203.0.113.0/26", "documentation"),
            ("8.8.0.0/16", "public"),
        ] {
            assert!(super::unusual(net(range)).is_some_and(|why| why.contains(word)), "{range}");
        }
        for range in ["fd00:10:244::/56", "2600:1::/48", "10.244.0.0/16", "100.64.0.0/12", "172.31.0.0/16"] {
            assert_eq!((super::unusable(net(range)), super::unusual(net(range))), (None, None), "{range}");
        }
    }

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
