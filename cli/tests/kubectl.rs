//! The command as a plugin of the real kubectl.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg(unix)]

mod folder;
mod hosts;

use calico_ipv6_tests::hosts::on_path;
use folder::{Folder, Ran};
use hosts::{path, run_with, skip};
use std::path::PathBuf;

/// What `kubectl get cm,ds -n kube-system -o yaml` prints, as far as it matters.
const LIVE: &str = r#"apiVersion: v1
items:
- apiVersion: v1
  data:
    calico_backend: bird
    cni_network_config: '{"type": "calico", "ipam": {"type": "calico-ipam"}}'
  kind: ConfigMap
  metadata:
    name: calico-config
    namespace: kube-system
    resourceVersion: "341"
    uid: 0b8a2c0e-5f0e-4a53-9e1c-3f1f1a1b2c3d
- apiVersion: apps/v1
  kind: DaemonSet
  metadata:
    name: calico-node
    namespace: kube-system
    resourceVersion: "342"
    uid: 1b8a2c0e-5f0e-4a53-9e1c-3f1f1a1b2c3d
  spec:
    template:
      spec:
        containers:
        - name: calico-node
          image: quay.io/calico/node:v3.31.4
          env:
          - {name: CALICO_NETWORKING_BACKEND, value: bird}
          - {name: IP, value: autodetect}
kind: List
metadata:
  resourceVersion: ""
"#;

/// kubectl, and a folder in which the plugin is installed as people install it: by links.
struct Kubectl {
    program: PathBuf,
    folder: Folder,
    path: String,
}

impl Kubectl {
    fn new() -> Option<Kubectl> {
        let Some(program) = on_path("kubectl") else {
            skip("kubectl is not installed");
            return None;
        };
        let folder = Folder::with(&[]);
        for name in ["kubectl-calico_ipv6", "kubectl_complete-calico_ipv6"] {
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_calico-ipv6"), folder.path(name)).unwrap();
        }
        let path = path(&[folder.0.path()]).into_string().unwrap();
        Some(Kubectl { program, folder, path })
    }

    fn run(&self, arguments: &[&str], input: &str) -> Ran {
        run_with(&self.program, arguments, &self.folder, input, &[("PATH", &self.path)])
    }
}

#[test]
fn kubectl_finds_the_plugin() {
    let Some(kubectl) = Kubectl::new() else { return };
    let listed = kubectl.run(&["plugin", "list"], "").out();
    assert!(listed.contains("/kubectl-calico_ipv6\n"), "{listed}");
}

#[test]
fn help_and_errors_name_the_plugin() {
    let Some(kubectl) = Kubectl::new() else { return };
    let help = kubectl.run(&["calico-ipv6", "transform", "--help"], "").exit(0).out();
    assert!(help.contains("Usage: kubectl calico-ipv6 transform [OPTIONS]"), "{help}");
    assert!(help.contains("\n  kubectl calico-ipv6 transform --to dual-stack"), "{help}");
    for (arguments, expected) in [
        (&["transform"][..], "try 'kubectl calico-ipv6 transform --help'"),
        (&["explain", "X"], "(kubectl calico-ipv6 rules lists all rules)"),
        (&["transform", "--to", "dual-stack"], "to choose one: kubectl calico-ipv6 cidr"),
    ] {
        let ran = kubectl.run(&[&["calico-ipv6"], arguments].concat(), LIVE);
        assert!(ran.err().contains(expected), "{}", ran.err());
    }
    let unknown = kubectl.run(&["calico-ipv6", "convert"], "").err();
    assert!(unknown.contains("Usage: kubectl calico-ipv6 "), "{unknown}");
}

#[test]
fn kubectl_completes_the_words_of_the_plugin() {
    let Some(kubectl) = Kubectl::new() else { return };
    for (words, expected) in [
        (&["tr"][..], "transform\n:4\n"),
        (&["transform", "--to", ""], "dual-stack\nipv6-only\nipv4-only\n:4\n"),
        (&["transform", "--ipv6-p"], "--ipv6-pod-cidr\n:4\n"),
        (&["lint", ""], ":0\n"),
    ] {
        let ran = kubectl.run(&[&["__complete", "calico-ipv6"], words].concat(), "").exit(0);
        assert_eq!(ran.out(), expected, "{words:?}: {}", ran.err());
    }
}

/// An object with a `uid` was read from a cluster, so the advice is for one that runs.
#[test]
fn live_objects_are_checked_as_those_of_a_running_cluster() {
    let Some(kubectl) = Kubectl::new() else { return };
    let ran = kubectl.run(&["calico-ipv6", "lint", "--to", "ipv6-only", "-"], LIVE).exit(1);
    for expected in [
        "error[VAR-006]: a running cluster cannot become IPv6-only",
        "warning[VAR-005]: DaemonSet calico-node is from a running cluster",
        "see: kubectl calico-ipv6 explain VAR-006",
    ] {
        assert!(ran.out().contains(expected), "{}", ran.out());
    }
}
