//! No line that is shown contains a secret, whatever characters the secret has, and whatever is broken in its line.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use calico_ipv6_engine::output::excerpt::Excerpts;
use calico_ipv6_engine::output::secrets::masked;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const MARKER: &str = "S3cr3tXYZ";

/// Lines with a secret in the place of `HERE`.
const SHAPES: [&str; 22] = [
    "password: HERE",
    "password: \"HERE\"",
    "password: 'HERE'",
    "? token\n: HERE",
    "tokens:\n- HERE\n- b",
    "client-key-data: |\n  HERE\n  HERE",
    "x: {DB_PASSWORD: HERE, a: 10.0.0.0/99}",
    "x: {\"apiKey\": \"HERE\", \"a\": \"10.0.0.0/99\"}",
    "x: '{\"token\":\"HERE\",\"a\":\"10.0.0.0/99\"}'",
    "x: |\n  {\"token\": \"HERE\",\n  \"a\": \"10.0.0.0/99\"}",
    "x: [a, --token, \"HERE\", --node-ip=b]",
    "x:\n- --etcd-password=HERE\n- --node-ip=b",
    "x:\n- --token\n- HERE\n- --node-ip=b",
    "env:\n- name: DB_PASSWORD\n  value: HERE\n- name: IP\n  value: b",
    "env: [{name: DB_PASSWORD, value: HERE}, {name: IP, value: b}]",
    "env: [{value: 'HERE', name: DB_PASSWORD}]",
    "x: https://u:HERE@192.0.2.1:6443",
    "x: curl -u admin:HERE https://192.0.2.1",
    "x: mysql -uroot -pHERE db",
    "# Bearer HERE",
    "# the password is HERE",
    "kind: Secret\nstringData:\n  a: HERE",
];

fn secrets() -> impl Strategy<Value = String> {
    let some = "[!-/:-@\\[-`{-~ab1]{0,4}";
    (some, some).prop_map(|(before, after)| format!("{before}{MARKER}{after}"))
}

proptest! {
    // The same inputs each time, so that a change is judged by what it changes.
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn no_line_that_is_shown_contains_a_secret(
        lines in prop::collection::vec((0..SHAPES.len(), secrets()), 1..4),
        broken in prop::option::of(0..4_usize),
    ) {
        let mut text = String::new();
        for (shape, secret) in &lines {
            // A list in which another item follows an empty one.
            prop_assume!(!(SHAPES[*shape].starts_with("x: [") && secret.contains('"')));
            text += &(SHAPES[*shape].replace("HERE", secret) + "\n");
        }
        text += ["", "x: [\n", "y: \"\n", "a: b: c\n", "}\n"][broken.map_or(0, |which| which + 1)];
        let excerpts = Excerpts::new(&text);
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let content = line.trim_end();
            let indentation = content.len() - content.trim_start().len();
            for range in [at..at + 1, at + indentation..at + content.len(), at + content.len()..at + content.len()] {
                let shown = excerpts.excerpt(&range).text;
                prop_assert!(!shown.contains(MARKER), "{range:?} of\n{text}\nis shown as\n{shown}");
                let shown = excerpts.masked_line(&range);
                prop_assert!(!shown.contains(MARKER), "{range:?} of\n{text}\nis shown to programs as\n{shown}");
            }
            at += line.len();
        }
    }

    #[test]
    fn no_message_contains_the_secret_of_a_line(shape in 0..SHAPES.len() - 1, secret in secrets()) {
        let text = SHAPES[shape].replace("HERE", &secret);
        let shown = masked(&text);
        prop_assert!(!shown.contains(MARKER), "{text}\nis shown as\n{shown}");
    }
}
