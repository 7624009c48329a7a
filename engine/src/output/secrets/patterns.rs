//! Secrets that are recognised by what they look like, whatever they are called.

use super::names::is_secret_name;
use crate::source::{floor_boundary, line_end};
use core::net::{Ipv4Addr, Ipv6Addr};
use core::ops::Range;

/// What tokens of common services begin with.
const PREFIXES: [&str; 10] =
    ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "ASIA", "hvs."];

/// The length from which letters and digits without a pause are a key or a certificate.
const LONG: usize = 48;

/// No token is shorter: the begin of a certificate in base64.
const SHORTEST: usize = 12;

/// The longest user information that is found.
const LONGEST: usize = 2048;

/// Flags before `user:password`.
pub(super) const PAIRS: [&str; 3] = ["-u", "--user", "--proxy-user"];

/// Commands whose flag `-p` is a password.
pub(super) const CLIENTS: [&str; 3] = ["mysql", "mariadb", "sshpass"];

/// Adds all of them, in any order.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    user_infos(text, found);
    if text.contains(BEGIN) {
        private_keys(text, found);
    }
    words(text, found);
    // Each of `PAIRS` has it.
    if text.contains("-u") {
        pairs_of_curl(text, found);
    }
    if text.contains("-p") {
        passwords_of_clients(text, found);
    }
    comments(text, found);
}

/// `user:password` in `scheme://user:password@host`, also where JSON writes `:\/\/`, and in `user:password@tcp(host)`.
fn user_infos(text: &str, found: &mut Vec<Range<usize>>) {
    let mut authority: Option<Authority> = None;
    for at in memchr::memchr3_iter(b'@', b'/', b'\n', text.as_bytes()) {
        match text.as_bytes()[at] {
            b'@' => match authority.as_ref().filter(|authority| authority.ends_at(at)) {
                Some(authority) => found.push(authority.start..at),
                None => found.extend(user_of_connection(text, at)),
            },
            b'/' => {
                let is_scheme = text[..=at].ends_with("://") || text[..=at].ends_with(":\\/\\/");
                let is_inside = authority.as_ref().is_some_and(|authority| authority.holds(text, at));
                if is_scheme && !is_inside {
                    authority = Some(Authority::read(text, at + 1));
                }
            }
            _ => authority = None,
        }
    }
}

/// The text between `://` and a slash, a blank or a quote. A password may contain each of them.
struct Authority {
    start: usize,
    end: usize,
    /// Whether it is a host, perhaps with a port, and no begin of a user and a password.
    is_host: bool,
    /// Where a string ends behind it, if it ends with a quote.
    string_end: Option<usize>,
}

/// No password is longer; this bounds the work.
const LONGEST_PASSWORD: usize = 256;

impl Authority {
    /// Whether a password that began here may go on to `at`, as in `https://user:://x@host`.
    fn holds(&self, text: &str, at: usize) -> bool {
        let between = &text.as_bytes()[self.start..at.max(self.start)];
        !self.is_host
            && between.len() <= LONGEST_PASSWORD
            && !between.iter().any(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\''))
    }

    fn read(text: &str, start: usize) -> Authority {
        let ends = |c: char| matches!(c, '/' | '?' | '#' | ',' | '`') || is_quote(c) || c.is_whitespace();
        let rest = &text[start..];
        let end = rest.find(ends).unwrap_or(rest.len());
        let quote = rest.as_bytes().get(end).copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let string_end = quote.map(|quote| {
            let behind = start + end + 1;
            // Only as far as the line: what ends it ends the string.
            let next = memchr::memchr3(quote, b'\n', b'\r', &text.as_bytes()[behind..]);
            next.map(|at| behind + at).filter(|at| text.as_bytes()[*at] == quote).unwrap_or(text.len())
        });
        Authority { start, end: start + end, is_host: is_host(&rest[..end]), string_end }
    }

    /// Whether an `@` ends it.
    fn ends_at(&self, at: usize) -> bool {
        // A quote that no other one follows is a character of the password.
        self.end >= at || !self.is_host || self.string_end.is_some_and(|end| at < end)
    }
}

/// Whether a text is an address or a name, with a port only behind an address or a user: `u:1` may be a user and the begin of a
/// password.
fn is_host(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return true };
    let is_address = |text: &str| {
        let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        inside.map_or_else(|| text.parse::<Ipv4Addr>().is_ok(), |inside| inside.parse::<Ipv6Addr>().is_ok())
    };
    let has_user = text.contains('@');
    is_address(text)
        || ((has_user || is_address(host)) && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

/// The `user:password` before an `@` without a scheme.
fn user_of_connection(text: &str, at: usize) -> Option<Range<usize>> {
    let ends = |c: char| is_quote(c) || c.is_whitespace();
    let from = floor_boundary(text, at.saturating_sub(LONGEST));
    let near = &text[from..at];
    let word = near.rfind(ends).map_or(0, |i| i + near[i..].chars().next().map_or(1, char::len_utf8));
    let before = &near[word..];
    let own = before.rfind(['=', ',', '(', '{', '[']).map_or(0, |i| i + 1);
    let rest = &text[at + 1..];
    let is_digest = rest.starts_with("sha256:") || rest.starts_with("sha512:");
    let is_pair = before[own..].contains(':') && !before.contains("://") && !before.contains(":\\/\\/");
    (is_pair && !is_digest && rest.starts_with(|c: char| !ends(c))).then(|| from + word + own..at)
}

/// The line before a key or a certificate begins with it.
const BEGIN: &str = "-----BEGIN ";

/// From the first line of a private key to its last; to the end if it has none.
fn private_keys(text: &str, found: &mut Vec<Range<usize>>) {
    for (at, begin) in text.match_indices(BEGIN) {
        let line = &text[at..line_end(text, at)];
        if line.contains("PRIVATE KEY") {
            let start = at + begin.len();
            let end = text[start..].find("-----END").map(|end| start + end);
            found.push(start..end.unwrap_or(text.len()));
            if end.is_none() {
                return;
            }
        }
    }
}

/// Words that look like a token or a key.
fn words(text: &str, found: &mut Vec<Range<usize>>) {
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.');
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| is_part(**byte)).count();
        if length < SHORTEST {
            at += length.max(1);
            continue;
        }
        let word = &text[at..at + length];
        let is_digest = text[..at].ends_with("sha256:") || text[..at].ends_with("sha512:");
        let mut from = at;
        // `--flag=value` is two words; the padding of base64 belongs to neither.
        for part in word.split('=') {
            if !is_digest && is_token(part) {
                found.push(from..from + part.len());
            } else if !is_digest {
                let mut own = from;
                for segment in part.split('/') {
                    if is_token(segment) {
                        found.push(own..own + segment.len());
                    }
                    own += segment.len() + 1;
                }
            }
            from += part.len() + 1;
        }
        at += length;
    }
}

/// A bootstrap token of Kubernetes, a JSON web token, a token of a service, or a long run of letters and digits.
fn is_token(word: &str) -> bool {
    let lower = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if let Some((id, secret)) = word.split_once('.')
        && (id.len(), secret.len()) == (6, 16)
        && lower(id)
        && lower(secret)
        && word.bytes().any(|b| b.is_ascii_digit())
    {
        return true;
    }
    let is_web_token = word.starts_with("eyJ") && word.len() >= 20;
    let is_service = PREFIXES.iter().any(|prefix| word.starts_with(prefix)) && word.len() >= 16;
    let any = |of: fn(&u8) -> bool| word.as_bytes().iter().any(of);
    let is_long = word.len() >= LONG
        && !any(|b| matches!(b, b'.' | b'-' | b'_'))
        && any(u8::is_ascii_digit)
        && any(u8::is_ascii_lowercase)
        && any(u8::is_ascii_uppercase);
    // Base64 of `-----BEGIN`.
    is_web_token || is_service || is_long || word.starts_with("LS0tLS1CRUdJ")
}

/// The password of `curl -u user:password`, also as two items of a list.
fn pairs_of_curl(text: &str, found: &mut Vec<Range<usize>>) {
    for flag in PAIRS {
        for (at, _) in text.match_indices(flag) {
            let is_word =
                at == 0 || text[..at].ends_with(|c: char| c.is_whitespace() || is_quote(c) || is_list(c));
            let rest = &text[at + flag.len()..];
            let word = rest.trim_start_matches(|c: char| {
                c.is_whitespace() || is_quote(c) || matches!(c, '=' | ',' | '\\')
            });
            let word = word.strip_prefix("- ").unwrap_or(word);
            if !is_word || word.len() == rest.len() {
                continue;
            }
            let start = text.len() - word.len();
            let end = start + word.find(char::is_whitespace).unwrap_or(word.len());
            if let Some(colon) = text[start..end].find(':') {
                // A quote may be closed behind a space.
                let is_open = text[..start].ends_with(is_quote) || text[start..end].contains(is_quote);
                let end = if is_open { line_end(text, end) } else { end };
                found.push(start + colon + 1..end);
            }
        }
    }
}

/// The password of `mysql -pPASSWORD` and `sshpass -p PASSWORD`, and what follows it.
fn passwords_of_clients(text: &str, found: &mut Vec<Range<usize>>) {
    for client in CLIENTS {
        let mut from = 0;
        while let Some(at) = text[from..].find(client).map(|at| from + at) {
            let end = line_end(text, at);
            let is_word = |c: char| c.is_whitespace() || is_quote(c) || is_list(c);
            let flags = text[at..end].match_indices("-p").map(|(i, _)| at + i);
            let mut flags = flags.filter(|flag| text[..*flag].ends_with(is_word));
            if let Some(flag) = flags.next() {
                found.push(flag + 2..end);
            }
            from = end;
        }
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'')
}

fn is_list(c: char) -> bool {
    matches!(c, ',' | '[')
}

/// What follows the name of a secret in a comment: `# the password is ...`.
fn comments(text: &str, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'#', &text.as_bytes()[from..]).map(|at| from + at) {
        from = at + 1;
        if !(at == 0 || text[..at].ends_with([' ', '\t', '\n', '\r'])) {
            continue;
        }
        let end = line_end(text, at);
        from = end;
        let is_word = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || matches!(c, '-' | '_');
        let mut start = at;
        for (i, c) in text[at..end].char_indices().filter(|(_, c)| !is_word(*c)) {
            if is_secret_name(&text[start..at + i]) {
                found.push(at + i + c.len_utf8()..end);
                break;
            }
            start = at + i + c.len_utf8();
        }
    }
}
