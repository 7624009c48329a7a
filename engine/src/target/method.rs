//! Autodetection methods for the addresses of a node.

use crate::address::{Family, is_ipv6_address};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::Ipv4Addr;

/// Checks an autodetection method as calico-node reads it (node `autodetection_methods.go`): names are case-sensitive,
/// and an address must be IPv6.
///
/// # Errors
/// Why calico-node would exit, and the valid methods.
pub(crate) fn check_ipv6_method(method: &str) -> Result<(), String> {
    check_method(method, Family::Ipv6)
}

/// The same for one IP family.
pub(crate) fn check_method(method: &str, family: Family) -> Result<(), String> {
    let is_ipv6 = family == Family::Ipv6;
    let list =
        |text: &str, ok: fn(&str) -> bool| !text.is_empty() && text.split(',').all(|part| ok(part.trim()));
    let known = match method.split_once('=') {
        None => matches!(method, "first-found" | "kubernetes-internal-ip"),
        Some(("interface" | "skip-interface", regex)) => {
            list(regex, |part| !part.is_empty() && compiles(part))
        }
        Some(("cidr", cidrs)) if is_ipv6 => list(cidrs, |part| part.parse::<Ipv6Net>().is_ok()),
        Some(("cidr", cidrs)) => list(cidrs, |part| part.parse::<Ipv4Net>().is_ok()),
        Some(("can-reach", destination)) if is_ipv6 => {
            is_ipv6_address(destination) || is_host_name(destination)
        }
        // A text with colons is an IPv6 address, or nothing.
        Some(("can-reach", destination)) => {
            destination.parse::<Ipv4Addr>().is_ok() || is_host_name(destination)
        }
        Some(_) => false,
    };
    if known {
        return Ok(());
    }
    Err(format!(
        "`{method}` is not a valid {family} autodetection method, so calico-node would exit; valid: first-found, \
         kubernetes-internal-ip, interface=REGEX, skip-interface=REGEX, cidr={family}-CIDR, can-reach={family}-ADDRESS"
    ))
}

/// Whether Go's package `regexp` can compile an expression, as far as people get it wrong: a shell pattern such as `*eth`, and
/// brackets that do not match.
fn compiles(expression: &str) -> bool {
    let mut chars = expression.chars();
    let (mut groups, mut in_class) = (0_u32, false);
    // What an operator would repeat.
    let mut repeatable = false;
    while let Some(c) = chars.next() {
        let is_operand = match c {
            '\\' if chars.next().is_none() => return false,
            '\\' => true,
            ']' if in_class => {
                in_class = false;
                true
            }
            _ if in_class => continue,
            '[' => {
                in_class = true;
                false
            }
            '(' => {
                groups += 1;
                // `(?:` and `(?i)` are not repetitions.
                if chars.as_str().starts_with('?') {
                    chars.next();
                }
                false
            }
            ')' if groups == 0 => return false,
            ')' => {
                groups -= 1;
                true
            }
            '|' => false,
            '*' | '+' | '?' if !repeatable => return false,
            '*' | '+' => {
                // `a*?` is lazy; `a**` is an error.
                if chars.as_str().starts_with('?') {
                    chars.next();
                }
                false
            }
            '?' => false,
            _ => true,
        };
        repeatable = is_operand;
    }
    groups == 0 && !in_class
}

fn is_host_name(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_err()
        && text.contains(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::check_ipv6_method;

    #[test]
    fn an_expression_must_compile() {
        let sound =
            ["eth.*", "eth[0-9]+", "(eth|en).*", "^bond0$", r"eth\.", "eth0|", "(?:en.*)?", "e.*?", "a,b*"];
        for expression in sound {
            assert_eq!(check_ipv6_method(&format!("interface={expression}")), Ok(()), "{expression}");
        }
        for expression in ["*eth", "+eth", "(eth", "eth)", "[eth", "eth**", r"eth\", "(*eth)", "eth0,*1"] {
            let method = format!("skip-interface={expression}");
            assert!(check_ipv6_method(&method).is_err(), "{expression}");
        }
    }
}
