//! Addresses in longer texts: lists, hosts with ports, URLs. An IPv6 address needs brackets only if a port or a path can
//! follow (Go's `net.SplitHostPort` and `net.JoinHostPort`, which every component uses).

use std::net::IpAddr;

/// How a text contains addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One address or several separated by commas, without brackets.
    Addresses,
    /// A host, with or without a port; brackets only with a port.
    HostPort,
    /// URLs separated by commas.
    Urls,
    /// `name=URL` separated by commas: etcd's `--initial-cluster`.
    NamedUrls,
}

/// A text with one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'t> {
    before: &'t str,
    /// The host, without brackets.
    pub host: &'t str,
    after: &'t str,
    is_url: bool,
}

impl<'t> Host<'t> {
    /// Reads `host`, `host:port`, `[address]:port` and a bare IPv6 address.
    #[must_use]
    pub fn read(text: &'t str) -> Option<Host<'t>> {
        if let Some(rest) = text.strip_prefix('[') {
            let (host, after) = rest.split_once(']')?;
            return Some(Host { before: "", host, after, is_url: false });
        }
        let end = match text.parse::<IpAddr>() {
            Ok(_) => text.len(),
            Err(_) => text.find(':').unwrap_or(text.len()),
        };
        Some(Host { before: "", host: &text[..end], after: &text[end..], is_url: false })
    }

    /// Reads a URL with a host.
    #[must_use]
    pub(crate) fn of_url(text: &'t str) -> Option<Host<'t>> {
        let start = text.find("://")? + 3;
        let end = text[start..].find(['/', '?', '#']).map_or(text.len(), |i| start + i);
        let start = text[start..end].rfind('@').map_or(start, |i| start + i + 1);
        let host = Host::read(&text[start..end])?;
        let after = &text[end - host.after.len()..];
        Some(Host { before: &text[..start], host: host.host, after, is_url: true })
    }

    /// The host if it is an address.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// The text after the host: `:port` and the rest of a URL.
    #[must_use]
    pub fn after(&self) -> &'t str {
        self.after
    }

    /// The same text with another address.
    #[must_use]
    pub fn with(&self, address: IpAddr) -> String {
        let brackets = address.is_ipv6() && (self.is_url || !self.after.is_empty());
        let host = if brackets { format!("[{address}]") } else { address.to_string() };
        format!("{}{host}{}", self.before, self.after)
    }
}

/// Returns the addresses in a text; skips everything else.
#[must_use]
pub fn addresses(text: &str, form: Form) -> Vec<IpAddr> {
    parts(text, form).into_iter().filter_map(|part| part.host?.address()).collect()
}

/// Replaces every address of a text. Removes a part that becomes equal to another one.
#[must_use]
pub fn map(text: &str, form: Form, mut other: impl FnMut(IpAddr) -> IpAddr) -> String {
    let parts = parts(text, form);
    let mut out: Vec<String> = Vec::new();
    for part in &parts {
        let address = part.host.and_then(|host| Some((host, host.address()?)));
        let (host, new) = match address.map(|(host, address)| (host, address, other(address))) {
            Some((host, address, new)) if new != address => (host, new),
            _ => {
                out.push(part.text.to_owned());
                continue;
            }
        };
        let new = format!("{}{}", part.name, host.with(new));
        if !out.contains(&new) && !parts.iter().any(|own| own.text == new) {
            out.push(new);
        }
    }
    out.join(",")
}

struct Part<'t> {
    text: &'t str,
    /// The text before the URL: `name=`.
    name: &'t str,
    host: Option<Host<'t>>,
}

fn parts(text: &str, form: Form) -> Vec<Part<'_>> {
    text.split(',')
        .map(|text| {
            let named = form == Form::NamedUrls;
            let start = text.find('=').filter(|_| named).map_or(0, |i| i + 1);
            let rest = &text[start..];
            let host = match form {
                Form::Addresses => {
                    let host = rest.trim();
                    Some(Host { before: "", host, after: "", is_url: false })
                }
                Form::HostPort => Host::read(rest),
                Form::Urls | Form::NamedUrls => Host::of_url(rest),
            };
            Part { text, name: &text[..start], host }
        })
        .collect()
}
