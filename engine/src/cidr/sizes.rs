//! The arithmetic of ranges.

use super::power;
use crate::address::Family;
use crate::rules::{DEFAULT_IPV4, DEFAULT_IPV6};

/// The number of bits for this many values.
pub(super) fn bits_for(count: u128) -> u8 {
    u8::try_from(count.next_power_of_two().trailing_zeros()).unwrap_or(u8::MAX)
}

/// The number of Calico's blocks that a node needs for its pods and its tunnel address.
pub(super) fn blocks_of_node(pods: u32, family: Family, block_size: u8) -> u128 {
    let most = if family == Family::Ipv4 { 32 } else { 128 };
    (u128::from(pods) + 1).div_ceil(power(most - block_size))
}

/// The prefix length of a pod CIDR with a subnet for each node and blocks for its pods. `None` if no private range, or no
/// range beside the service CIDR in a unique-local /48, is large enough.
pub(super) fn pods_prefix(nodes: u32, per_node: u128, family: Family, block_size: u8) -> Option<u8> {
    let (mask, shortest) = match family {
        // Half of 10.0.0.0/8: the service CIDR is in the other half.
        Family::Ipv4 => (DEFAULT_IPV4, 9),
        Family::Ipv6 => (DEFAULT_IPV6, 49),
    };
    let by_part = mask.checked_sub(bits_for(nodes.into()))?;
    let by_blocks = block_size.checked_sub(bits_for(u128::from(nodes) * per_node))?;
    let prefix = by_part.min(by_blocks);
    // Prefix lengths of IPv6 are multiples of four bits, one hexadecimal digit.
    let by_digit = if family == Family::Ipv6 { prefix & !3 } else { prefix };
    let prefix = if by_digit < shortest { prefix } else { by_digit };
    (prefix >= shortest).then_some(prefix)
}

/// Formats a number: `65,536`, or as a power of two if it is very large.
#[must_use]
pub fn grouped(number: u128) -> String {
    let above = number.checked_next_power_of_two().filter(|_| number > 1 << 40);
    match above.map(|power| (power.trailing_zeros(), power - number)) {
        Some((bits, 0)) => return format!("2^{bits}"),
        Some((bits, few @ 1..=2)) => return format!("2^{bits} - {few}"),
        _ => {}
    }
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Formats a count: `1 node`, `65,536 nodes`.
#[must_use]
pub fn count(number: u128, thing: &str) -> String {
    format!("{} {thing}{}", grouped(number), if number == 1 { "" } else { "s" })
}
