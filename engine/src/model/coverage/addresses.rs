//! Addresses and ranges in a text of any kind.

use super::{Found, What};
use crate::address::{Family, family, family_of};
use core::ops::Range;
use ipnet::IpNet;
use std::net::IpAddr;

/// The addresses and ranges in a text that starts at byte `offset` of its file. Comments, loopback, wildcards and
/// link-local addresses do not count: they say nothing about the IP families of a cluster. A range of all addresses counts if the
/// other family has none, because a list of clients may be meant.
pub(super) fn addresses(text: &str, offset: usize) -> Vec<Found> {
    let mut found = Vec::new();
    // The ranges of all addresses of a family, by their index.
    let mut all = Vec::new();
    let bytes = text.as_bytes();
    let is_part = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'/');
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    // The two ends of `192.0.2.10-192.0.2.20` are addresses, the end of `node-10` is not.
    let follows_word = |at: usize| match at.checked_sub(1).map(|before| bytes[before]) {
        Some(b'-') => at < 2 || !bytes[at - 2].is_ascii_hexdigit(),
        Some(byte) => is_word(byte),
        None => false,
    };
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'#' && (at == 0 || bytes[at - 1].is_ascii_whitespace()) {
            at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
            continue;
        }
        if !is_part(bytes[at]) {
            at += 1;
            continue;
        }
        let mut start = at;
        while at < bytes.len() && is_part(bytes[at]) {
            at += 1;
        }
        // `cidr:192.0.2.0/24`; what follows the colon in `nginx:1.27.0.1` is a version.
        if bytes[start] == b':' && bytes[start..at].contains(&b'/') && bytes[start + 1].is_ascii_hexdigit() {
            start += 1;
        }
        // `192.0.2.10-192.0.2.20` is two addresses, `1.2.3.4-rc1` is a version.
        let ends_in_word = match bytes.get(at) {
            Some(b'-') => {
                let rest = &bytes[at + 1..];
                let run = rest.iter().position(|byte| !is_part(*byte)).unwrap_or(rest.len());
                !rest[..run].iter().any(|byte| matches!(byte, b'.' | b':'))
            }
            Some(byte) => is_word(*byte),
            None => false,
        };
        let is_inside_word = follows_word(start) || ends_in_word;
        // The scheme of a URL ends in a word, and its path may begin like an address: `https://192.0.2.10:6443/api`,
        // `postgres://user@192.0.2.7/data`.
        let host = if bytes[start..at].starts_with(b"://") {
            Some(start + 3)
        } else {
            bytes[..start].ends_with(b"@").then_some(start)
        };
        let path = host.and_then(|host| Some(host + text[host..at].find('/')?));
        if at - start < 3 || (is_inside_word && host.is_none()) {
            continue;
        }
        if let Some((range, family)) = read(&text[start..path.unwrap_or(at)]) {
            let range = start + range.start..start + range.end;
            // The addresses of a node, of which there may be two.
            let is_second = found.last().is_some_and(|last: &Found| {
                last.what == What::Switch
                    && last.range.end + 1 == offset + range.start
                    && text[..range.start].ends_with(',')
            });
            let (start, what) = match text[..range.start].strip_suffix("node-ip=") {
                Some(before) => (before.len(), What::Switch),
                None if is_second => (range.start, What::Switch),
                None if is_range(&text[range.clone()]) => (range.start, What::Range),
                None => (range.start, What::Address),
            };
            if text[range.clone()].ends_with("/0") {
                all.push((found.len(), family));
            }
            found.push(Found { range: offset + start..offset + range.end, family, what });
        }
    }
    // 0.0.0.0/0 beside ::/0 is for every family.
    if all.iter().any(|(_, family)| *family != all[0].1) {
        let (mut all, mut index) = (all.into_iter().peekable(), 0);
        found.retain(|_| {
            let is_of_all = all.next_if(|(one, _)| *one == index).is_some();
            index += 1;
            !is_of_all
        });
    }
    found
}

/// Whether a text is a range, and not an address or the address of an interface with its prefix length.
fn is_range(text: &str) -> bool {
    text.parse::<IpNet>().is_ok_and(|net| net.addr() == net.network())
}

/// An address, a range or `address:port` in a run of the characters that they consist of.
fn read(run: &str) -> Option<(Range<usize>, Family)> {
    let start = if run.starts_with("://") { 3 } else { run.len() - run.trim_start_matches('/').len() };
    let text = run[start..].trim_end_matches(['.', '/']);
    let host = match text.rsplit_once(':') {
        Some((host, port)) if host.contains('.') && !port.contains('.') => host,
        _ => text.strip_suffix(':').filter(|text| !text.ends_with(':')).unwrap_or(text),
    };
    let family = match host.split_once('/') {
        Some(_) => {
            let net: IpNet = host.parse().ok()?;
            let is_link_local = matches!(net.addr(), IpAddr::V4(ipv4) if ipv4.is_link_local());
            (net.prefix_len() == 0 || is_link_local || counts(net.addr())).then(|| family(net))
        }
        None => {
            let address: IpAddr = host.parse().ok()?;
            counts(address).then(|| family_of(address))
        }
    }?;
    Some((start..start + host.len(), family))
}

fn counts(address: IpAddr) -> bool {
    let is_link_local = match address {
        IpAddr::V4(ipv4) => ipv4.is_link_local() || ipv4.is_broadcast() || ipv4.octets()[0] == 255,
        // No node has an address of ::/16 (`x[::2]`, mapped addresses) or fe00::/9 (/etc/hosts).
        IpAddr::V6(ipv6) => matches!(ipv6.segments()[0], 0 | 0xfe00..=0xfebf),
    };
    !address.is_loopback() && !address.is_unspecified() && !address.is_multicast() && !is_link_local
}

#[cfg(test)]
mod tests {
    use super::addresses;

    fn texts(text: &str) -> Vec<&str> {
        addresses(text, 0).into_iter().map(|found| &text[found.range]).collect()
    }

    #[test]
    fn ranges_and_addresses_in_any_notation_are_found() {
        assert_eq!(
            texts("podSubnets:\n- 10.244.0.0/16\n- fd00:10:244::/56\n"),
            ["10.244.0.0/16", "fd00:10:244::/56"]
        );
        assert_eq!(
            texts("a: https://192.0.2.10:6443/api, http://me:pw@192.0.2.7:80/k"),
            ["192.0.2.10", "192.0.2.7"]
        );
        assert_eq!(texts("a: \"192.0.2.1-192.0.2.9\""), ["192.0.2.1", "192.0.2.9"]);
        assert_eq!(texts("endpoint: 2001:db8::1, 192.0.2.1"), ["2001:db8::1", "192.0.2.1"]);
        assert_eq!(texts("rules: cidr:192.0.2.0/24,cidr:2001:db8::/32"), ["192.0.2.0/24", "2001:db8::/32"]);
    }

    #[test]
    fn comments_versions_hashes_and_addresses_of_the_host_are_not() {
        assert_eq!(texts("# 10.0.0.0/8\nimage: calico/node:v3.31.2 # 10.0.0.1\n"), [""; 0]);
        assert_eq!(
            texts("sha256:abcdef0123456789\nversion: 1.2.3.4-rc1\ntime: 12:30:45\nmac: 02:42:ac:11:00:02\n"),
            [""; 0]
        );
        assert_eq!(texts("toCIDR: [0.0.0.0/0, 169.254.169.254/32]"), ["0.0.0.0/0", "169.254.169.254/32"]);
        assert_eq!(texts("127.0.0.1 ::1 0.0.0.0/0 ::/0 169.254.20.10 fe80::1 255.255.255.0\n"), [""; 0]);
        assert_eq!(texts("fe00::0 host\neven = all[::2]\n::ffff:0:0/96\n"), [""; 0]);
    }
}
