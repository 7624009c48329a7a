//! The function in the programs that run functions: kustomize and kpt. What is not installed is skipped, and says so.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;
mod hosts;

use calico_ipv6_tests::hosts::on_path;
use folder::Folder;
use hosts::{example, kustomize, run, skip};
use std::path::PathBuf;

const KUSTOMIZATION: &str = "resources: [calico.yaml]\ntransformers: [to-dual-stack.yaml]\n";

/// As `docs/krm.md` shows it.
const TARGET: &str = "apiVersion: calico-ipv6.io/v1alpha1
kind: Target
metadata:
  name: to-dual-stack
  annotations:
    config.kubernetes.io/function: |
      exec: {path: calico-ipv6, args: [fn]}
spec: {to: dual-stack, ipv6PodCIDR: fd00:10:244::/56}
";

const BUILD: [&str; 4] = ["build", "--enable-alpha-plugins", "--enable-exec", "."];

fn kpt() -> Option<PathBuf> {
    let found = on_path("kpt");
    if found.is_none() {
        skip("kpt is not installed");
    }
    found
}

#[test]
fn kustomize_converts_with_a_transformer() {
    let Some(kustomize) = kustomize() else { return };
    let calico = example("calico.yaml");
    let plain =
        Folder::with(&[("calico.yaml", &calico), ("kustomization.yaml", "resources: [calico.yaml]\n")]);
    let before = run(&kustomize, &["build", "."], &plain).exit(0).out();
    let folder = Folder::with(&[
        ("calico.yaml", &calico),
        ("kustomization.yaml", KUSTOMIZATION),
        ("to-dual-stack.yaml", TARGET),
    ]);
    let after = run(&kustomize, &BUILD, &folder).exit(0).out();
    assert_ne!(after, before);
    let dual = ["transform", "-q", "--to", "dual-stack", "--ipv6-pod-cidr", "fd00:10:244::/56"];
    let converted = folder.run_with(&dual, &before, &[]).exit(0).out();
    // kustomize writes quotes in its own way.
    std::fs::write(plain.path("calico.yaml"), converted).unwrap();
    let converted = run(&kustomize, &["build", "."], &plain).exit(0).out();
    assert!(after == converted, "{after}");
}

#[test]
fn kustomize_fails_with_a_check_until_the_files_are_converted() {
    let Some(kustomize) = kustomize() else { return };
    let target = TARGET.replace("{to:", "{mode: check, to:");
    let folder = Folder::with(&[
        ("calico.yaml", &example("calico.yaml")),
        ("kustomization.yaml", KUSTOMIZATION),
        ("to-dual-stack.yaml", &target),
    ]);
    let missing = "error[CNI-008]: ConfigMap calico-config, data.cni_network_config: would add assign_ipv6";
    for section in ["transformers", "validators"] {
        std::fs::write(folder.path("kustomization.yaml"), KUSTOMIZATION.replace("transformers", section))
            .unwrap();
        let ran = run(&kustomize, &BUILD, &folder).exit(1);
        assert!(ran.err().contains(missing), "{}", ran.err());
        assert_eq!(ran.out(), "");
    }
    folder.run(&["transform", "-q", "-w", "--config", "to-dual-stack.yaml", "calico.yaml"]).exit(0);
    std::fs::write(folder.path("kustomization.yaml"), KUSTOMIZATION).unwrap();
    run(&kustomize, &BUILD, &folder).exit(0);
}

/// kustomize adds annotations with paths to what a function returns, and then reports that the validator changed it. So the
/// documentation says: list a check under `transformers`.
#[test]
fn kustomize_fails_with_every_validator_that_is_a_function() {
    let Some(kustomize) = kustomize() else { return };
    let nothing = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: nothing\n  annotations:\n    config.kubernetes.io/function: 'exec: {path: cat}'\n";
    let folder = Folder::with(&[
        ("service.yaml", folder::SERVICE),
        ("kustomization.yaml", "resources: [service.yaml]\nvalidators: [nothing.yaml]\n"),
        ("nothing.yaml", nothing),
    ]);
    let ran = run(&kustomize, &BUILD, &folder).exit(1);
    assert!(ran.err().contains("validator shouldn't modify the resource map"), "{}", ran.err());
}

#[test]
fn a_host_without_exec_functions_converts_nothing_and_does_not_say_so() {
    let calico = example("calico.yaml");
    let folder = Folder::with(&[
        ("calico.yaml", &calico),
        ("kustomization.yaml", KUSTOMIZATION),
        ("to-dual-stack.yaml", &TARGET.replace(", args: [fn]", "")),
    ]);
    if let Some(kustomize) = kustomize() {
        let ran = run(&kustomize, &["build", "--enable-alpha-plugins", "."], &folder).exit(0);
        assert!(!ran.out().contains("assign_ipv6") && ran.err().is_empty(), "{}", ran.err());
    }
    if let Some(kubectl) = on_path("kubectl") {
        let ran = run(&kubectl, &["kustomize", "--enable-alpha-plugins", "."], &folder).exit(0);
        assert!(!ran.out().contains("assign_ipv6") && ran.err().is_empty(), "{}", ran.err());
    } else {
        skip("kubectl is not installed");
    }
}

#[test]
fn kpt_converts_a_package_and_keeps_comments() {
    let Some(kpt) = kpt() else { return };
    let folder = Folder::with(&[("calico.yaml", &example("calico.yaml"))]);
    let eval = ["fn", "eval", ".", "--exec", "calico-ipv6 fn", "--", "to=dual-stack"];
    let ran = run(&kpt, &eval, &folder).exit(1);
    assert!(ran.err().contains("functionConfig has no ipv6PodCIDR"), "{}", ran.err());
    let eval = [&eval[..], &["ipv6PodCIDR=fd00:10:244::/56"]].concat();
    let ran = run(&kpt, &eval, &folder).exit(0);
    assert!(
        ran.err().contains(
            "[info] v1/ConfigMap/kube-system/calico-config data.cni_network_config: add assign_ipv4"
        ),
        "{}",
        ran.err()
    );
    let converted = folder.read("calico.yaml");
    assert!(converted.contains("\"assign_ipv6\": \"true\""), "{converted}");
    let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
    assert!(comments(&converted) >= comments(&example("calico.yaml")), "{converted}");
    let check = [&eval[..], &["mode=check"]].concat();
    run(&kpt, &check, &folder).exit(0);
}

#[test]
fn kpt_renders_a_pipeline_that_converts_and_checks() {
    let Some(kpt) = kpt() else { return };
    let kptfile = "apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: cluster
pipeline:
  mutators:
  - exec: calico-ipv6 fn
    configPath: target.yaml
  validators:
  - exec: calico-ipv6 fn
    configMap: {mode: check, to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56'}
";
    let target = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nmetadata: {name: target, annotations: {config.kubernetes.io/local-config: 'true'}}\nspec: {to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56'}\n";
    let calico = example("calico.yaml");
    let folder = Folder::with(&[("Kptfile", kptfile), ("target.yaml", target), ("calico.yaml", &calico)]);
    let render = ["fn", "render", "--allow-exec", "."];
    run(&kpt, &render, &folder).exit(0);
    assert!(folder.read("calico.yaml").contains("\"assign_ipv6\": \"true\""));
    // Without the mutator, the validator fails, and kpt writes nothing.
    let only_check =
        kptfile.replace("  mutators:\n  - exec: calico-ipv6 fn\n    configPath: target.yaml\n", "");
    let folder = Folder::with(&[("Kptfile", &only_check), ("calico.yaml", &calico)]);
    let ran = run(&kpt, &render, &folder).exit(1);
    assert!(ran.err().contains("would add assign_ipv6"), "{}", ran.err());
    assert_eq!(folder.read("calico.yaml"), calico);
}
