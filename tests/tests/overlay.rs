//! The overlay of kustomize on the `calico.yaml` of every release in the corpus gives what a transform of that file gives.
//! Where there is no corpus, nothing is compared.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calico_ipv6_engine::generate::{generate, kind};
use calico_ipv6_engine::rules::Diagnostic;
use calico_ipv6_engine::version::Version;
use calico_ipv6_tests::run::{Made, fitting, run, target};
use calico_ipv6_tests::values::{documents, embedded};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The stock files of the releases that the overlay is for.
fn stock() -> Vec<(String, String)> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let corpus = std::env::var_os("CALICO_IPV6_CORPUS").map_or(beside, PathBuf::from).join("calico");
    let Ok(releases) = std::fs::read_dir(corpus) else { return Vec::new() };
    let read = |release: std::fs::DirEntry| {
        let version = release.file_name().into_string().ok()?;
        let is_known = Version::parse(&version)? >= Version::new(3, 16, 0);
        let text = std::fs::read_to_string(release.path().join("calico.yaml")).ok()?;
        is_known.then_some((version, text))
    };
    releases.filter_map(Result::ok).filter_map(read).collect()
}

/// What decides about families, in a form that the two ways must share.
fn decisive(all: &[Value]) -> Vec<Value> {
    let named = |kind: &str, name: &str| {
        let is_it = |v: &&Value| v["kind"] == kind && v["metadata"]["name"] == name;
        all.iter().find(is_it).unwrap_or_else(|| panic!("no {kind} {name}")).clone()
    };
    let mut config = named("ConfigMap", "calico-config");
    let mut cni = embedded(config["data"]["cni_network_config"].as_str().unwrap()).unwrap();
    // Every plugin of Calico takes both versions that are shipped.
    cni["cniVersion"] = Value::Null;
    config["data"]["cni_network_config"] = cni;
    let mut node = named("DaemonSet", "calico-node");
    let env = node["spec"]["template"]["spec"]["containers"][0]["env"].as_array_mut().unwrap();
    env.sort_by_key(|var| var["name"].to_string());
    vec![config, node]
}

/// A strategic merge patch, as far as these two need it.
fn patched(mut all: Vec<Value>, patch: &Value) -> Vec<Value> {
    let is_it =
        |v: &&mut Value| v["kind"] == patch["kind"] && v["metadata"]["name"] == patch["metadata"]["name"];
    let object = all.iter_mut().find(is_it).unwrap();
    if let Some(data) = patch["data"].as_object() {
        for (key, value) in data {
            object["data"][key] = value.clone();
        }
        return all;
    }
    let of = "/spec/template/spec/containers/0";
    let (new, old) = (patch.pointer(of).unwrap(), object.pointer_mut(of).unwrap());
    assert_eq!(new["name"], old["name"]);
    for var in new["env"].as_array().into_iter().flatten() {
        let env = old["env"].as_array_mut().unwrap();
        env.retain(|known| known["name"] != var["name"]);
        env.push(var.clone());
    }
    for probe in ["readinessProbe", "livenessProbe"] {
        if let Some(command) = new.pointer(&format!("/{probe}/exec/command")) {
            old[probe]["exec"]["command"] = json!(command);
        }
    }
    all
}

#[test]
fn an_overlay_gives_what_a_transform_gives() {
    for (version, stock) in stock() {
        for to in ["dual-stack", "ipv6-only", "ipv4-only"] {
            for more in
                ["", "--encapsulation vxlan-cross-subnet", "--ipv6-block-size 118 --provisioner kubeadm"]
            {
                let options = format!(
                    "--to {to} --ipv4-pod-cidr 10.244.0.0/16 --ipv6-pod-cidr fd00:10:244::/56 --calico-version {version} {more}"
                );
                let words: Vec<&str> = options.split_whitespace().collect();
                let options: Vec<String> = fitting(to, &words).into_iter().map(str::to_owned).collect();
                let Made::Plan(plan) = run(&stock, &options) else { panic!("{version}: not read") };
                let made = generate(&[kind("kustomize").unwrap()], &target(&options).unwrap());
                if !made.files.iter().any(|file| file.name == "kustomize/kustomization.yaml") {
                    // What the one refuses the other does, too.
                    assert!(
                        plan.diagnostics.iter().any(Diagnostic::blocks),
                        "{version} {options:?}: {made:?}"
                    );
                    continue;
                }
                let patches = made.files.iter().skip(1).flat_map(|file| documents(&file.text).unwrap());
                let overlaid = patches.fold(documents(&stock).unwrap(), |all, patch| patched(all, &patch));
                let transformed = documents(plan.text.as_deref().unwrap_or(&stock)).unwrap();
                for (one, other) in decisive(&overlaid).iter().zip(&decisive(&transformed)) {
                    assert_eq!(one, other, "{version} {options:?}");
                }
            }
        }
    }
}
