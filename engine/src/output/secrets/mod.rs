//! Masks passwords, tokens and keys in shown text: values of keys that name a secret, and the user info of URLs.
//!
//! An excerpt is part of a text in any syntax. This code works on words, punctuation and indentation, and masks too much rather
//! than too little.

mod names;
mod nesting;
mod patterns;
mod scan;

use core::ops::Range;
use std::borrow::Cow;

pub use names::is_secret_name;
pub(crate) use nesting::hidden;

/// The text that replaces a secret.
pub const MASK: &str = "***";

/// Masks each secret of a text.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    let secrets = secrets(text);
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for secret in secrets {
        out.push_str(&text[at..secret.start]);
        out.push_str(MASK);
        at = secret.end;
    }
    out.push_str(&text[at..]);
    Cow::Owned(out)
}

/// Masks the value of a field with this name if it is a secret.
#[must_use]
pub fn masked_value<'t>(name: &str, value: &'t str) -> Cow<'t, str> {
    if names::is_secret_path(name) { Cow::Borrowed(MASK) } else { masked(value) }
}

/// Returns the secrets of a text in order, without overlaps.
#[must_use]
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    scan::find(text, &mut found);
    patterns::find(text, &mut found);
    found.sort_by_key(|range| (range.start, core::cmp::Reverse(range.end)));
    // One that overlaps the one before it extends it.
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found.into_iter().filter(|range| !range.is_empty()) {
        match apart.last_mut().filter(|last| range.start <= last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => apart.push(range),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::{masked, masked_value};

    #[test]
    fn values_of_secrets_are_masked_in_every_language() {
        for (text, shown) in [
            ("  token: abc.def # note", "  token: ***"),
            ("  password: \"a \\\" b\" # note", "  password: \"***\" # note"),
            ("{\"user\":{\"token\":\"T\",\"name\":\"x\"}}", "{\"user\":{\"token\":\"***\",\"name\":\"x\"}}"),
            ("{token: T, name: x}", "{token: ***, name: x}"),
            ("{\"stringData\":{\"a\":\"T}\",\"b\":\"T\"},\"c\":1}", "{\"stringData\":{***},\"c\":1}"),
            ("'{\\\"token\\\":\\\"T\\\"}'", "'{\\\"token\\\":\\\"***\\\"}'"),
            ("kubeadm join --token abc.def 10.0.0.1:6443", "kubeadm join --token *** 10.0.0.1:6443"),
            ("- --etcd-password=T", "- --etcd-password=***"),
            ("[a, --token, T, --v=2]", "[a, --token, *** --v=2]"),
            ("[--token, --v=2]", "[--token, --v=2]"),
            ("- --token\n- T\n- a", "- --token\n- ***\n- a"),
            ("password = \"T\"", "password = \"***\""),
            ("{value: T, name: DB_PASSWORD}", "{value: ***, name: DB_PASSWORD}"),
            ("password: 'a''T' b", "password: '***"),
            ("'{\\\"token\\\":\\\"a\\\\\\\"T\\\"}'", "'{\\\"token\\\":\\\"***\\\"}'"),
            ("https:\\/\\/user:T@10.0.0.1", "https:\\/\\/***@10.0.0.1"),
            ("[\"--token\", \"T\", \"--v=2\"]", "[\"--token\", \"***\", \"--v=2\"]"),
            ("DB_PASSWORD=\"a b\" IP=::1", "DB_PASSWORD=\"***\" IP=::1"),
            ("{name: DB_PASSWORD, value: T}", "{name: DB_PASSWORD, value: ***}"),
            ("- name: DB_PASSWORD\n  value: T\n- name: IP", "- name: DB_PASSWORD\n  value: ***\n- name: IP"),
            ("a-key: |\n  line\n  line\nb: c", "a-key: |\n  ***\nb: c"),
            ("https://user:T@10.0.0.1:6443/x@y", "https://***@10.0.0.1:6443/x@y"),
        ] {
            assert_eq!(masked(text), shown, "{text}");
        }
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            "server: https://10.0.0.1:6443",
            "- --service-cluster-ip-range=10.96.0.0/12",
            "secret: {secretName: calico-etcd-secrets}",
            "- name: IP\n  value: autodetect",
            "token:",
            "cidr: 10.0.0.0/8",
            "a: \u{e4}\u{1F600}",
        ] {
            assert_eq!(masked(text), text);
        }
        assert_eq!(masked_value("user.token", "T"), "***");
        assert_eq!(masked_value("server", "https://u:p@h"), "https://***@h");
    }

    #[test]
    fn an_open_value_is_masked_to_its_end() {
        assert_eq!(masked("{\"token\":\"T"), "{\"token\":\"***");
        assert_eq!(masked("token: [a, b"), "token: ***");
        // A blank line below a key is not a value.
        assert_eq!(masked("token:\n  \nname: a\n"), "token:\n  \nname: a\n");
    }
}
