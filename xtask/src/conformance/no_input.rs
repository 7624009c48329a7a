//! What the command answers without input: `generate` and `cidr`.

use super::{ask, passed};
use anyhow::{Context, Result, ensure};
use calico_ipv6_engine::generate::KINDS;
use calico_ipv6_tests::run::fitting;
use serde_json::{Value, json};
use std::path::Path;

/// Everything that a kind may ask for.
const COMPLETE: &str = "--ipv4-pod-cidr 10.244.0.0/16 --ipv6-pod-cidr fd00:10:244::/56 --ipv4-service-cidr 10.96.0.0/16 \
    --ipv6-service-cidr fd00:10:96::/112 --ipv4-load-balancer-cidr 198.51.100.0/24 \
    --ipv6-load-balancer-cidr 2001:db8:40::/112 --ipv6-machine-cidr 2001:db8:1::/64 --map-address 192.0.2.11=2001:db8:1::11 \
    --map-address 192.0.2.21=2001:db8:1::21 --calico-version v3.31.7";

/// Requests of `cidr` without a range that is made of random bytes.
const REQUESTS: [&str; 8] = [
    "--ipv6-pod-cidr fd00:10:244::/56 --ipv6-service-cidr fd00:10:96::/112",
    "--nodes 5000 --pods-per-node 250 --services 70000 --to ipv4-only",
    "--nodes 500 --ipv6-pod-cidr fd00:10:244::/48 --ipv6-service-cidr fd00:10:96::/108 --primary-family ipv6",
    "--nodes 70000 --ipv6-pod-cidr fd00:10:244::/56 --ipv6-service-cidr fd00:10:96::/112 --to ipv6-only",
    "--ipv6-pod-cidr 2001:db8::/56 --ipv6-service-cidr fd00:10:96::/64 --to ipv6-only",
    "--ipv4-pod-cidr 10.96.0.0/12 --ipv4-service-cidr 10.96.0.0/12 --to ipv4-only",
    "--nodes 0",
    "--ipv6-pod-cidr 10.244.0.0/16",
];

/// The options of [`COMPLETE`] without those of a family that the target does not have.
fn complete(to: &str) -> String {
    fitting(to, &COMPLETE.split_whitespace().collect::<Vec<_>>()).join(" ")
}

pub(super) fn answers(command: &Path) -> Result<Vec<Value>> {
    let mut answers = Vec::new();
    for to in ["dual-stack", "ipv6-only", "ipv4-only"] {
        for kind in KINDS {
            // With all answers, and with none.
            for options in [complete(to), String::new()] {
                answers.push(answer(command, &["generate", kind.name], &format!("--to {to} {options}"))?);
            }
        }
    }
    for options in REQUESTS {
        answers.push(answer(command, &["cidr"], options)?);
    }
    Ok(answers)
}

fn answer(command: &Path, words: &[&str], options: &str) -> Result<Value> {
    let options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
    let words: Vec<String> =
        words.iter().map(|word| (*word).to_owned()).chain(options.iter().cloned()).collect();
    let name = words.join(" ");
    let (exit, printed) = ask(command, &words, "").with_context(|| name.clone())?;
    ensure!(exit == 0 || !printed.is_null() || exit == 2, "{name}: exit code {exit}");
    Ok(
        json!({ "name": name, "command": words, "options": passed(&options)?, "exit": exit, "printed": printed }),
    )
}
