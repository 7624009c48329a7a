//! Autodetection methods for the IPv6 address of a node.

use crate::address::is_ipv6_address;
use ipnet::Ipv6Net;

/// Checks an autodetection method as calico-node reads it (node `autodetection_methods.go`): names are case-sensitive,
/// and an address must be IPv6.
///
/// # Errors
/// Why calico-node would exit, and the valid methods.
pub(crate) fn check_ipv6_method(method: &str) -> Result<(), String> {
    let list =
        |text: &str, ok: fn(&str) -> bool| !text.is_empty() && text.split(',').all(|part| ok(part.trim()));
    let known = match method.split_once('=') {
        None => matches!(method, "first-found" | "kubernetes-internal-ip"),
        Some(("interface" | "skip-interface", regex)) => list(regex, |part| !part.is_empty()),
        Some(("cidr", cidrs)) => list(cidrs, |part| part.parse::<Ipv6Net>().is_ok()),
        Some(("can-reach", destination)) => is_ipv6_address(destination) || is_host_name(destination),
        Some(_) => false,
    };
    if known {
        return Ok(());
    }
    Err(format!(
        "`{method}` is not a valid IPv6 autodetection method, so calico-node would exit; valid: first-found, \
         kubernetes-internal-ip, interface=REGEX, skip-interface=REGEX, cidr=IPV6-CIDR, can-reach=IPV6-ADDRESS"
    ))
}

fn is_host_name(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_err()
        && text.contains(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}
