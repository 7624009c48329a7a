//! What kustomize makes of an original with patches, compared with what a transform makes of it.

#![allow(clippy::unwrap_used, unreachable_pub)]

use crate::folder::Folder;
use crate::hosts::run;
use calico_ipv6_tests::values::{differences, documents};
use serde_json::{Map, Value};
use std::path::Path;

/// The objects of a stream: those of a list one by one, and variables by name, because kustomize puts what it merges first.
pub fn objects(text: &str) -> Vec<Value> {
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
                // kustomize leaves out annotations without an entry.
                entries.retain(|key, value| key != "annotations" || *value != Value::Object(Map::new()));
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

/// Checks that two streams have the same objects.
#[track_caller]
pub fn assert_same(one: &str, other: &str, what: &str) {
    let (one, other) = (Value::Array(objects(one)), Value::Array(objects(other)));
    let differ = differences(&one, &other);
    assert!(differ.is_empty(), "{what}: {:?}", &differ[..differ.len().min(9)]);
}

/// What became of the comparison of a file and a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compared {
    /// The patches give what the transform gives.
    Same,
    /// Nothing changes.
    Unchanged,
    /// The transform does not succeed.
    NotTransformed,
    /// It changes, but cannot be patched.
    NotPatched,
    /// kustomize does not read the original.
    NotRead,
}

/// Transforms a file, and lets kustomize apply the patches to the original.
pub fn compare(kustomize: &Path, text: &str, options: &[&str]) -> Compared {
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
    if made.0.status.code() != Some(0) {
        return Compared::NotTransformed;
    }
    if made.out() == text {
        return Compared::Unchanged;
    }
    let component = transform(&options, "kustomize");
    if component.0.status.code() == Some(1) {
        let is_said =
            ["cannot be patched", "is not a name that a patch can find", "would change the object at"];
        assert!(is_said.iter().any(|said| component.err().contains(said)), "{}", component.err());
        assert_eq!(component.out(), "");
        return Compared::NotPatched;
    }
    std::fs::create_dir(folder.path("ipv6")).unwrap();
    std::fs::write(folder.path("ipv6/kustomization.yaml"), component.exit(0).out()).unwrap();
    let kustomization = "resources: [a.yaml]\ncomponents: [ipv6]\nsortOptions: {order: fifo}\n";
    std::fs::write(folder.path("kustomization.yaml"), kustomization).unwrap();
    let built = run(kustomize, &["build", "."], &folder);
    if built.0.status.code() != Some(0) {
        std::fs::write(folder.path("kustomization.yaml"), "resources: [a.yaml]\n").unwrap();
        assert_ne!(run(kustomize, &["build", "."], &folder).0.status.code(), Some(0), "{}", built.err());
        return Compared::NotRead;
    }
    assert_same(&built.out(), &made.out(), &format!("{options:?}"));
    Compared::Same
}
