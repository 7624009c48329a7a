//! Masks passwords, tokens and keys in shown text: values of keys that name a secret, and the user info of URLs.
//!
//! Of a document that can be parsed, the tree says where a value ends. Of one that cannot be parsed, only keys and addresses are
//! shown. A text of unknown syntax is read by its words, punctuation and indentation, and too much is masked rather than too little.

mod broken;
mod document;
mod names;
mod nesting;
mod patterns;
mod scan;
mod tree;

use core::ops::Range;
use std::borrow::Cow;

pub(crate) use document::Document;
pub use names::is_secret_name;

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

/// Returns the secrets of a text of unknown syntax in order, without overlaps.
#[must_use]
pub fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !has_words(text) {
        return found;
    }
    // Most values are one word, which names nothing but may be a token.
    if !text.bytes().all(scan::is_name) {
        scan::find(text, &mut found);
    }
    patterns::find(text, &mut found);
    apart(found)
}

/// Whether a text has a name, a word or a user: what is between two nodes of a document is mostly blanks and punctuation.
fn has_words(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii() || byte == b'@')
}

/// Returns everything that may be a secret in a document that cannot be parsed, in order, without overlaps.
fn secrets_of_broken(text: &str) -> Vec<Range<usize>> {
    let mut found = secrets(text);
    if names::may_name_secrets(text) {
        broken::find(text, &mut found);
    }
    apart(found)
}

fn apart(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.sort_unstable_by_key(|range| (range.start, core::cmp::Reverse(range.end)));
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
    use super::{Document, masked, masked_value, secrets_of_broken};
    use crate::yaml::parse;

    /// A document as its tree says, which is the same in a large document.
    fn masked_by_tree(text: &str) -> String {
        let masked = |text: &str| {
            let tree = parse(text, 0..text.len()).unwrap_or_else(|error| panic!("{text}: {error}"));
            let mut out = text.to_owned();
            let document = Document::of(&tree, 0..text.len());
            let secrets = document.secrets_in(text, &(0..text.len()));
            // Asked often, it has read everything.
            for _ in 0..40 {
                assert_eq!(document.secrets_in(text, &(0..text.len())), secrets);
            }
            for secret in secrets.into_iter().rev() {
                out.replace_range(secret, super::MASK);
            }
            out
        };
        let shown = masked(text);
        let filler = "# filler\n".repeat(200);
        assert_eq!(masked(&format!("{filler}{text}")), format!("{filler}{shown}"));
        shown
    }

    #[test]
    fn in_a_text_of_unknown_syntax_a_value_reaches_to_the_end_of_its_line() {
        for (text, shown) in [
            ("  token: abc.def # note", "  token: ***"),
            ("  password: \"a \\\" b\" # note", "  password: ***"),
            ("{token: T, name: x}", "{token: ***"),
            ("{password: T}U, a: b}", "{password: ***"),
            ("password: {T", "password: ***"),
            ("password: \"\"\\qT", "password: ***"),
            ("{\"stringData\":{\"a\":\"T}\",\"b\":\"T\"},\"c\":1}", "{\"stringData\":***"),
            ("'{\\\"token\\\":\\\"T\\\"}'", "'{\\\"token\\\":***"),
            ("- --token\n- T\n- a", "- --token\n- ***\n- a"),
            ("[a, --token, T, --v=2]", "[a, --token, ***"),
            ("[--token, --v=2]", "[--token, --v=2]"),
            ("password = \"T\"", "password = ***"),
            ("token => T", "token => ***"),
            ("<password>T</password>", "<password>***"),
            ("Bearer T", "Bearer ***"),
            ("{value: T, name: DB_PASSWORD}", "{value: ***"),
            ("{name: DB_PASSWORD, value: T}", "{name: DB_PASSWORD, value: ***"),
            ("- name: DB_PASSWORD\n  value: T\n- name: IP", "- name: DB_PASSWORD\n  value: ***\n- name: IP"),
            ("a-key: |\n  line\n  line\nb: c", "a-key: ***\nb: c"),
            ("- password: T\n    U\n  b: c", "- password: ***\n  b: c"),
            ("DB_PASSWORD=a b", "DB_PASSWORD=***"),
        ] {
            assert_eq!(masked(text), shown, "{text}");
        }
    }

    #[test]
    fn arguments_end_at_a_space() {
        for (text, shown) in [
            ("kubeadm join --token abc.def 10.0.0.1:6443", "kubeadm join --token *** 10.0.0.1:6443"),
            ("a --etcd-password=T]}U --v=2", "a --etcd-password=*** --v=2"),
            ("a --password=a\"b c\"d --v=2", "a --password=*** --v=2"),
            ("a --password=a\"b c", "a --password=***"),
            ("curl -u admin:T x", "curl -u admin:*** x"),
            ("--user=admin:T x", "--user=admin:*** x"),
            ("sshpass -p T x", "sshpass -p***"),
            ("mysql -uroot -pT x", "mysql -uroot -p***"),
        ] {
            assert_eq!(masked(text), shown, "{text}");
        }
    }

    #[test]
    fn user_information_and_tokens_are_masked_wherever_they_stand() {
        for (text, shown) in [
            ("https:\\/\\/user:T@10.0.0.1", "https:\\/\\/***@10.0.0.1"),
            ("https://user:T@10.0.0.1:6443/x@y", "https://***@10.0.0.1:6443/x@y"),
            ("https://u:a\"T@h", "https://***@h"),
            ("https://u:1\"T@h", "https://***@h"),
            ("https://u:/T, T@h", "https://***@h"),
            ("https://u:1/T@h", "https://***@h"),
            ("\"https://10.0.0.1:6443\", \"a@b\"", "\"https://10.0.0.1:6443\", \"a@b\""),
            ("https://[fd00::1]/a@b", "https://[fd00::1]/a@b"),
            ("https://h/ghp_abcdefghijklmnop/x", "https://h/***/x"),
        ] {
            assert_eq!(masked(text), shown, "{text}");
        }
    }

    #[test]
    fn in_a_document_a_value_ends_where_its_node_ends() {
        for (text, shown) in [
            ("{token: T, name: x}", "{token: ***, name: x}"),
            ("{token: T,U, name: x}", "{token: ***, name: x}"),
            ("password: {T}", "password: ***"),
            ("password: {{T}}", "password: ***"),
            ("password: T #U\nb: c", "password: ***\nb: c"),
            ("password: \"T\" # note", "password: \"***\" # note"),
            ("password: !T U\nb: c", "password: ***\nb: c"),
            ("tokens: [T, U]\nb: c", "tokens: ***\nb: c"),
            ("secret: {secretName: calico-etcd-secrets}", "secret: {secretName: calico-etcd-secrets}"),
            ("{\"user\":{\"token\":\"T\",\"name\":\"x\"}}", "{\"user\":{\"token\":\"***\",\"name\":\"x\"}}"),
            ("{kind: Secret, data: {a: T}, b: c}", "{kind: Secret, data: ***, b: c}"),
            ("{value: T, name: DB_PASSWORD}", "{value: ***, name: DB_PASSWORD}"),
            ("[\"--token=T, U\", \"--v=2\"]", "[\"--token=***\", \"--v=2\"]"),
            ("[a, --token, T, --v=2]", "[a, --token, ***, --v=2]"),
            ("[--enable-bootstrap-token-auth, --v=2]", "[--enable-bootstrap-token-auth, --v=2]"),
            ("[curl, -u, 'admin:T', x]", "[curl, -u, 'admin:***', x]"),
            ("[mysqladmin, -pT, ping]", "[mysqladmin, -p***, ping]"),
            ("[sshpass, -p, T, ping]", "[sshpass, -p, ***, ping]"),
            ("a: |\n  {\"token\": \"T\", \"b\": 1}\n", "a: |\n  {\"token\": \"***\", \"b\": 1}\n"),
            ("a: '{\"token\": \"T\", \"b\": 1}'", "a: '{\"token\": \"***\", \"b\": 1}'"),
            ("a: |\n  token: T\n  b: {c: d}\n", "a: |\n  token: ***\n  b: {c: d}\n"),
            ("a: b # token T", "a: b # token ***"),
            ("[a, --token, &T, b]", "[a, --token***"),
            ("[a, --token=T,:U, --v=2]", "[a, --token=***, --v=2]"),
            ("[a, --token, T,U, b]", "[a, --token, ***, b]"),
            ("{DB_PASSWORD: T,&U, a: b}", "{DB_PASSWORD: ***, a: b}"),
            ("{value: T,U, name: DB_PASSWORD, a: b}", "{value: ***, name: DB_PASSWORD, a: b}"),
            ("a: &x T\npassword: *x", "a: ***\npassword: ***"),
            ("b: &y U\na: &x [T, *y]", "b: &y U\na: &x [T, *y]"),
            ("b: &y U\na: &x [T, *y]\npasswords: [*x]", "b: ***\na: ***\npasswords: ***"),
            ("a: &x T\nb: [c, --token, *x]", "a: ***\nb: [c, --token, ***]"),
            ("a: &x {b: T}\nkind: Secret\ndata: *x", "a: ***\nkind: Secret\ndata: ***"),
            ("a: |\n  {\"to}ken\": \"T\", \"b\": 1\n", "a: |\n  ***\n"),
        ] {
            assert_eq!(masked_by_tree(text), shown, "{text}");
        }
    }

    #[test]
    fn of_a_document_that_cannot_be_parsed_keys_and_addresses_are_shown() {
        for (text, shown) in [
            ("spec:\n  - cidr: 10.0.0.0/8", "spec:\n  - cidr: 10.0.0.0/8"),
            ("{\n  \"a\": \"fd00::1\",\n  \"b\": true\n}", "{\n  \"a\": \"fd00::1\",\n  \"b\": true\n}"),
            ("to}ken: T", "***"),
            ("to}ken:\n- T # U", "***\n- ***"),
            ("{{ token T\n  T\n\nT\na: T", "***\na: ***"),
            ("\"token: T", "***"),
            ("name: T\n# password", "name: ***"),
            // Nothing in it names a secret.
            ("name: b\n\tc: d", "name: b\n\tc: d"),
            ("tokens:\n- T: U", "tokens:\n***"),
        ] {
            let mut out = text.to_owned();
            for secret in secrets_of_broken(text).into_iter().rev() {
                out.replace_range(secret, super::MASK);
            }
            assert_eq!(out, shown, "{text}");
        }
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            "server: https://10.0.0.1:6443",
            "- --service-cluster-ip-range=10.96.0.0/12",
            "- name: IP\n  value: autodetect",
            "token:",
            "cidr: 10.0.0.0/8",
            "Secret kube-system/calico-etcd-secrets",
            "a: \u{e4}\u{1F600}",
        ] {
            assert_eq!(masked(text), text);
        }
        assert_eq!(masked_value("user.token", "T"), "***");
        assert_eq!(masked_value("server", "https://u:p@h"), "https://***@h");
    }

    #[test]
    fn an_open_value_is_masked_to_its_end() {
        assert_eq!(masked("{\"token\":\"T"), "{\"token\":***");
        assert_eq!(masked("token: [a, b"), "token: ***");
        // A blank line below a key is not a value.
        assert_eq!(masked("token:\n  \nname: a\n"), "token:\n  \nname: a\n");
    }
}
