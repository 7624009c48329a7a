//! `generate` and `cidr` as people use them: files in a folder, and what `transform` says of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, words: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_calico-ipv6"))
        .args(words.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const TARGET: &str = "--to dual-stack --ipv4-pod-cidr 10.244.0.0/16 --ipv6-pod-cidr fd00:10:244::/56 \
                      --ipv6-service-cidr fd00:10:96::/112 --address 192.0.2.11=2001:db8:1::11 \
                      --calico-version v3.31.7 --kubernetes-version v1.34.2";

#[test]
fn a_folder_of_new_files_is_what_the_target_wants() {
    let folder = tempfile::tempdir().unwrap();
    let kinds = "installation ippool felixconfiguration kubeadm kube-proxy coredns kustomize-operator";
    let made = run(folder.path(), &format!("generate {kinds} {TARGET} --output-dir new"));
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(made.stdout.is_empty());
    let told = text(&made.stderr);
    for file in ["installation.yaml", "kubeadm-init.yaml", "kustomize-operator/kustomization.yaml"] {
        assert!(told.contains(&format!("new/{file}\n")), "{told}");
        assert!(folder.path().join("new").join(file).is_file());
    }
    let diff = run(folder.path(), &format!("transform {TARGET} -R -o diff new"));
    assert!(diff.status.success(), "{}", text(&diff.stderr));
    assert_eq!(text(&diff.stdout), "");
}

#[test]
fn a_file_that_is_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let words = format!("generate installation ippool {TARGET} --output-dir .");
    std::fs::write(folder.path().join("ippools.yaml"), "mine\n").unwrap();
    let made = run(folder.path(), &words);
    assert_eq!(made.status.code(), Some(2));
    assert!(text(&made.stderr).contains("already exists"));
    assert_eq!(std::fs::read_to_string(folder.path().join("ippools.yaml")).unwrap(), "mine\n");
    assert!(!folder.path().join("installation.yaml").exists());
}

#[test]
fn a_stream_is_what_the_target_wants() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(folder.path(), &format!("generate kubeadm installation {TARGET}"));
    std::fs::write(folder.path().join("all.yaml"), &made.stdout).unwrap();
    let same = run(folder.path(), &format!("transform {TARGET} all.yaml"));
    assert!(same.status.success(), "{}", text(&same.stderr));
    assert_eq!(text(&same.stdout), text(&made.stdout));
}

#[test]
fn data_has_the_same_files_and_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let data = |words: &str| -> serde_json::Value {
        serde_json::from_slice(&run(folder.path(), words).stdout).unwrap()
    };
    let made = data(&format!("generate installation {TARGET} -o json"));
    let plain = run(folder.path(), &format!("generate installation {TARGET}"));
    assert_eq!(made["ok"], true);
    assert_eq!(made["files"][0]["text"], text(&plain.stdout));
    let missing = data("generate installation --to ipv6-only -o json");
    assert_eq!(missing["ok"], false);
    assert_eq!(missing["missingOptions"][0]["key"], "ipv6PodCIDR");
}

#[test]
fn unique_local_ranges_are_random() {
    let folder = tempfile::tempdir().unwrap();
    let range = || {
        let plan = run(folder.path(), "cidr --to ipv6-only -o json");
        let plan: serde_json::Value = serde_json::from_slice(&plan.stdout).unwrap();
        plan["families"][0]["pods"]["cidr"].as_str().unwrap().to_owned()
    };
    let (one, other) = (range(), range());
    assert!(one.starts_with("fd") && one.ends_with("::/56"), "{one}");
    assert_ne!(one, other);
}
