//! Whole transforms.

use crate::choices::Choices;
use calico_ipv6_data::{SourceFile, Transformation};
use calico_ipv6_tests::invariants::{self, Subject};
use calico_ipv6_tests::run::{Made, run, target};
use serde_json::Value;

/// What is requested.
const TARGETS: [&str; 8] = [
    "--to dual-stack --ipv6-pod-cidr fd00:10:244::/56 --ipv6-service-cidr fd00:10:96::/112",
    "--to ipv6-only --ipv6-pod-cidr fd00:10:244::/56 --ipv6-service-cidr fd00:10:96::/112",
    "--to ipv4-only",
    "--to dual-stack",
    "--to ipv6-only --ipv6-pod-cidr fd00:10:244::/56 --ipv6-service-cidr fd00:10:96::/112 --nodes-have-ipv4 true",
    "--to dual-stack --ipv6-pod-cidr fd00:10:244::/56 --ipv6-service-cidr fd00:10:96::/112 --primary-family ipv6 --map-address 192.0.2.11=2001:db8:1::11",
    "--to dual-stack --ipv6-pod-cidr fd00:10:244::/56 --calico-version 3.20 --kubernetes-version 1.20",
    "--to dual-stack --ipv6-pod-cidr fd00:10:244::/56 --ipv6-service-cidr fd00:10:96::/112 --provisioner kubeadm --encapsulation vxlan",
];

fn options(choices: &Choices<'_>) -> Vec<String> {
    TARGETS[choices.pick(0, TARGETS.len())].split(' ').map(str::to_owned).collect()
}

/// A transform keeps every invariant of the literate cases: findings with locations, rules in any order, untouched
/// documents, comments, a quiet second run, line endings, a final line break, a byte-order mark.
pub fn transform(data: &[u8]) {
    let Some(choices) = Choices::read(data, 1) else { return };
    let options = options(&choices);
    let made = run(choices.text, &options);
    // The location of a fault in YAML depends on line breaks.
    let skip: &[&str] = if matches!(made, Made::Plan(_)) { &[] } else { &["crlf", "end", "bom"] };
    let skip: Vec<String> = skip.iter().map(|variant| (*variant).to_owned()).collect();
    let subject = Subject { input: choices.text, options: &options, made: &made, skip: &skip, loses: &[] };
    if let Err(broken) = invariants::of_any_input(subject) {
        panic!("{broken}\n--- {}\n{}", options.join(" "), choices.text);
    }
}

/// What JavaScript hands over: UTF-16, also with lone surrogates. Every location counts in the text that the engine got.
pub fn utf16(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    // What TextEncoder makes of a lone surrogate.
    let text = String::from_utf16_lossy(&units);
    let choices = Choices { bytes: core::slice::from_ref(first), text: &text };
    let Ok(target) = target(&options(&choices)) else { return };
    let files = [SourceFile { name: "input.yaml".into(), text: text.clone() }];
    let result = serde_json::to_value(Transformation::of(&files, &target)).unwrap_or_else(|e| panic!("{e}"));
    let length = text.encode_utf16().count();
    let lines = text.split('\n').count();
    locations(&result, length, lines);
}

/// Every location in the result is in the text.
fn locations(value: &Value, length: usize, lines: usize) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| locations(item, length, lines)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value.as_u64()) {
                    ("start" | "end" | "offset", Some(n)) => {
                        assert!(n <= length as u64, "{key} {n} of {length}")
                    }
                    ("line", Some(n)) => {
                        assert!(1 <= n && n <= lines as u64 + length as u64, "line {n} of {lines}")
                    }
                    _ => locations(value, length, lines),
                }
            }
        }
        _ => {}
    }
}
