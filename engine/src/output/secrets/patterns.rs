//! Secrets that are recognised by what they look like, whatever they are called.

use super::names::is_secret_name;
use crate::source::{floor_boundary, line_end};
use core::ops::Range;

/// What tokens of common services begin with.
const PREFIXES: [&str; 10] =
    ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "ASIA", "hvs."];

/// The length from which letters and digits without a pause are a key or a certificate.
const LONG: usize = 48;

/// The longest user information that is found.
const LONGEST: usize = 2048;

/// Adds all of them, in any order.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    user_infos(text, found);
    private_keys(text, found);
    words(text, found);
    pairs_of_curl(text, found);
    comments(text, found);
}

/// `user:password` in `scheme://user:password@host`, also where JSON writes `:\/\/`, and in `user:password@tcp(host)`.
fn user_infos(text: &str, found: &mut Vec<Range<usize>>) {
    let ends = |c: char| matches!(c, '"' | '\'') || c.is_whitespace();
    for at in memchr::memchr_iter(b'@', text.as_bytes()) {
        let from = floor_boundary(text, at.saturating_sub(LONGEST));
        let near = &text[from..at];
        let word = near.rfind(ends).map_or(0, |i| i + near[i..].chars().next().map_or(1, char::len_utf8));
        let (word, before) = (from + word, &near[word..]);
        let start = [":\\/\\/", "://"].iter().find_map(|sep| Some(before.rfind(sep)? + sep.len()));
        if let Some(start) = start {
            let authority = before[start..].find(['/', '?', '#', ',']).map_or(before.len(), |i| start + i);
            // A port is a number: anything else begins a password with a slash or a comma.
            let port = before[start..authority].rsplit_once(':').map(|(_, port)| port);
            let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
            if authority == before.len() || !port.is_none_or(is_port) {
                found.push(word + start..at);
            }
            continue;
        }
        let rest = &text[at + 1..];
        let own = before.rfind(['=', ',', '(', '{', '[']).map_or(0, |i| i + 1);
        let is_digest = rest.starts_with("sha256:") || rest.starts_with("sha512:");
        if before[own..].contains(':') && !is_digest && rest.starts_with(|c: char| !ends(c)) {
            found.push(word + own..at);
        }
    }
}

/// From the first line of a private key to its last; to the end if it has none.
fn private_keys(text: &str, found: &mut Vec<Range<usize>>) {
    for (at, begin) in text.match_indices("-----BEGIN ") {
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
        let word = &text[at..at + length];
        let is_digest = text[..at].ends_with("sha256:") || text[..at].ends_with("sha512:");
        let mut from = at;
        // `--flag=value` is two words; the padding of base64 belongs to neither.
        for part in word.split('=') {
            if !is_digest && is_token(part) {
                found.push(from..from + part.len());
            }
            from += part.len() + 1;
        }
        at += length.max(1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
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

/// The password of `curl -u user:password`.
fn pairs_of_curl(text: &str, found: &mut Vec<Range<usize>>) {
    for flag in [" -u ", " --user ", " --proxy-user "] {
        for (at, _) in text.match_indices(flag) {
            let start = at + flag.len();
            let end = text[start..].find(char::is_whitespace).map_or(text.len(), |end| start + end);
            if let Some(colon) = text[start..end].find(':') {
                found.push(start + colon + 1..end);
            }
        }
    }
}

/// What follows the name of a secret in a comment: `# the password is ...`.
fn comments(text: &str, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    while let Some(at) = text[from..].find('#').map(|at| from + at) {
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
