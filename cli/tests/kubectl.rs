//! The command as a plugin of the real kubectl.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg(unix)]

mod folder;
mod hosts;

use calico_ipv6_tests::hosts::on_path;
use folder::{Folder, Ran};
use hosts::{path, root, run_with, skip};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
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
        "help: before you apply a change, read the plan that `kubectl calico-ipv6",
        "see: kubectl calico-ipv6 explain VAR-006",
    ] {
        assert!(ran.out().contains(expected), "{}", ran.out());
    }
}

/// The `kubectl wait` of `integrations/fleet` ends when the Job has ended, whether or not a cluster could not be converted.
#[test]
fn the_wait_for_the_job_of_a_fleet_ends_when_the_job_has_failed() {
    let Some(kubectl) = Kubectl::new() else { return };
    let readme = std::fs::read_to_string(root().join("integrations/fleet/README.md")).unwrap();
    let line = readme.lines().find(|line| line.starts_with("kubectl wait ")).unwrap();
    for (conditions, exit) in [
        (
            r#"{"conditions": [{"type": "FailureTarget", "status": "True"}, {"type": "Failed", "status": "True"}]}"#,
            0,
        ),
        (
            r#"{"conditions": [{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}]}"#,
            0,
        ),
        (r#"{"active": 4}"#, 1),
    ] {
        let server = serve_job(conditions);
        let line = line.replace("kubectl wait", "kubectl --server=\"$0\" wait").replace("=1h", "=2s");
        let ran = run_with(
            "sh".as_ref(),
            &["-c", &line, &server],
            &kubectl.folder,
            "",
            &[("KUBECONFIG", "/dev/null")],
        );
        assert_eq!(ran.0.status.code(), Some(exit), "{conditions}: {}", ran.err());
    }
}

/// An API server that has one Job with this status, which never changes. Returns its address.
fn serve_job(status: &str) -> String {
    let job = format!(
        r#"{{"apiVersion": "batch/v1", "kind": "Job", "metadata": {{"name": "calico-ipv6-fleet", "namespace": "default", "resourceVersion": "1"}}, "status": {status}}}"#
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let job = job.clone();
            std::thread::spawn(move || answer(stream, &job));
        }
    });
    address
}

fn answer(mut stream: TcpStream, job: &str) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let Some(request) = head.first().and_then(|line| line.split(' ').nth(1)) else { return };
    let (path, query) = request.split_once('?').unwrap_or((request, ""));
    let body = match path {
        "/api" => r#"{"kind": "APIVersions", "versions": ["v1"]}"#.to_owned(),
        "/api/v1" => r#"{"kind": "APIResourceList", "groupVersion": "v1", "resources": []}"#.to_owned(),
        "/apis" => r#"{"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": "batch", "versions": [{"groupVersion": "batch/v1", "version": "v1"}], "preferredVersion": {"groupVersion": "batch/v1", "version": "v1"}}]}"#.to_owned(),
        "/apis/batch/v1" => r#"{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "batch/v1", "resources": [{"name": "jobs", "singularName": "job", "namespaced": true, "kind": "Job", "verbs": ["get", "list", "watch"]}]}"#.to_owned(),
        _ if query.contains("watch=true") => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
            return std::thread::sleep(std::time::Duration::from_secs(5));
        }
        _ if path.ends_with("/jobs") => {
            format!(r#"{{"apiVersion": "batch/v1", "kind": "JobList", "metadata": {{"resourceVersion": "1"}}, "items": [{job}]}}"#)
        }
        _ => job.to_owned(),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}
