//! Patches: what kustomize and kubectl make of the original with them is what a transform makes of it.
//!
//! `CALICO_IPV6_PATCHES=all` compares every file of the corpus; otherwise those of two releases are compared.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod folder;
mod hosts;

use calico_ipv6_tests::hosts::KUSTOMIZE;
use calico_ipv6_tests::values::{differences, documents};
use folder::Folder;
use hosts::{example, root, run, skip};
use serde_json::Value;
use std::path::{Path, PathBuf};

const STACKS: [&str; 3] = ["dual-stack", "ipv6-only", "ipv4-only"];

fn kustomize() -> Option<PathBuf> {
    let found = KUSTOMIZE.installed();
    if found.is_none() {
        skip("kustomize v5.8.2 is not installed: `cargo xtask test` installs it");
    }
    found
}

/// The objects of a stream: those of a list one by one, and variables by name, because kustomize puts what it merges first.
fn objects(text: &str) -> Vec<Value> {
    fn flat(value: Value, found: &mut Vec<Value>) {
        let is_list = value["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
        match value.get("items").and_then(Value::as_array) {
            Some(items) if is_list => items.iter().for_each(|item| flat(item.clone(), found)),
            _ => found.push(value),
        }
    }
    fn sort(value: &mut Value) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries.iter_mut() {
                    sort(value);
                    // kubectl and kustomize read YAML 1.1, in which a number that begins with 0 is octal.
                    if let Some(octal) = value.as_str().filter(|_| key == "defaultMode") {
                        *value = i64::from_str_radix(octal, 8).unwrap().into();
                    }
                    if let Some(items) = value.as_array_mut().filter(|_| key == "env") {
                        items.sort_by_key(|item| item["name"].to_string());
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(sort),
            _ => {}
        }
    }
    let mut found = Vec::new();
    documents(text).unwrap().into_iter().for_each(|value| flat(value, &mut found));
    found.iter_mut().for_each(sort);
    found
}

#[track_caller]
fn assert_same(one: &str, other: &str, what: &str) {
    let (one, other) = (Value::Array(objects(one)), Value::Array(objects(other)));
    let differ = differences(&one, &other);
    assert!(differ.is_empty(), "{what}: {:?}", &differ[..differ.len().min(9)]);
}

/// What became of the comparison of a file and a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Compared {
    /// The patches give what the transform gives.
    Same,
    /// Nothing changes, or the transform does not succeed.
    Nothing,
    /// It changes, and is no object that can be patched.
    NotPatched,
}

/// Transforms a file, and lets kustomize apply the patches to the original.
fn compare(kustomize: &Path, text: &str, options: &[&str]) -> Compared {
    let folder = Folder::with(&[("a.yaml", text)]);
    let mut options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
    let transform = |options: &[String], format: &str| {
        let fixed = ["transform", "-q", "-o", format, "a.yaml"];
        folder.run(&fixed.into_iter().chain(options.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    let mut made = transform(&options, "yaml");
    // What is missing is named, with an example.
    for line in made.err().lines().filter_map(|line| line.trim().strip_prefix("for example: ")) {
        let line = line.split(';').next().unwrap();
        options.extend(line.split(' ').map(str::to_owned));
    }
    if made.0.status.code() == Some(2) {
        made = transform(&options, "yaml");
    }
    if made.0.status.code() != Some(0) || made.out() == text {
        return Compared::Nothing;
    }
    let component = transform(&options, "kustomize");
    if component.0.status.code() == Some(1) {
        assert!(component.err().contains("cannot be patched"), "{}", component.err());
        assert_eq!(component.out(), "");
        return Compared::NotPatched;
    }
    std::fs::create_dir(folder.path("ipv6")).unwrap();
    std::fs::write(folder.path("ipv6/kustomization.yaml"), component.exit(0).out()).unwrap();
    let kustomization = "resources: [a.yaml]\ncomponents: [ipv6]\nsortOptions: {order: fifo}\n";
    std::fs::write(folder.path("kustomization.yaml"), kustomization).unwrap();
    let built = run(kustomize, &["build", "."], &folder).exit(0).out();
    assert_same(&built, &made.out(), &format!("{options:?}"));
    Compared::Same
}

fn options(to: &str) -> Vec<&str> {
    let ipv6 = [
        "--ipv6-pod-cidr=fd00:10:244::/56",
        "--ipv6-service-cidr=fd00:10:96::/112",
        "--map-address=192.0.2.10=2001:db8:1::10",
        "--map-address=192.0.2.11=2001:db8:1::11",
        "--new-cluster",
    ];
    let all = ["--to", to].into_iter();
    if to == "ipv4-only" { all.collect() } else { all.chain(ipv6).collect() }
}

#[test]
fn kustomize_makes_of_the_examples_what_a_transform_makes() {
    let Some(kustomize) = kustomize() else { return };
    let texts = [
        example("calico.yaml"),
        example("installation.yaml"),
        example("cluster/manifests/kube-apiserver.yaml"),
        example("cluster/manifests/kube-controller-manager.yaml"),
        example("cluster/addons/coredns.yaml"),
        example("cluster/addons/kube-proxy.yaml"),
        example("openshift-cluster/calico.yaml"),
    ];
    let mut counts = [0; 3];
    for text in &texts {
        for to in STACKS {
            counts[compare(&kustomize, text, &options(to)) as usize] += 1;
        }
    }
    // The other files have both families already, or no transform goes from them to this stack.
    assert_eq!(counts[Compared::NotPatched as usize], 0);
    assert!(counts[Compared::Same as usize] >= 7, "{counts:?}");
}

#[test]
fn kustomize_makes_of_the_corpus_what_a_transform_makes() {
    let Some(kustomize) = kustomize() else { return };
    let corpus = std::env::var_os("CALICO_IPV6_CORPUS");
    let corpus = corpus.map_or_else(|| root().join("../shared/corpus"), PathBuf::from);
    if !corpus.is_dir() {
        return skip("there is no corpus (CALICO_IPV6_CORPUS names it)");
    }
    let is_all = std::env::var_os("CALICO_IPV6_PATCHES").is_some_and(|value| value == "all");
    let mut files = Vec::new();
    let mut folders = vec![corpus.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&corpus).unwrap().to_string_lossy().replace('\\', "/");
            let in_subset =
                ["calico/v3.8.9/", "calico/v3.31.7/", "kubernetes/static-pods/", "kubernetes/services/"];
            if path.is_dir() {
                folders.push(path);
            } else if is_all || in_subset.iter().any(|folder| name.starts_with(folder)) {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut counts = [0; 3];
    for file in &files {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        for to in STACKS {
            let compared = compare(&kustomize, &text, &options(to));
            if compared != Compared::Nothing && is_all {
                eprintln!("{compared:?}: {} to {to}", file.display());
            }
            counts[compared as usize] += 1;
        }
    }
    eprintln!(
        "corpus: {} pairs compared, {} unchanged or refused, {} not patched",
        counts[0], counts[1], counts[2]
    );
    assert!(counts[Compared::Same as usize] > 0);
}
