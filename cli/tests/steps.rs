//! Every command of every plan: a shell understands it, and kubectl and calico-ipv6 know its flags.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod commands;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder of `cmd`, options, and files.
type Plan = (&'static str, &'static [&'static str]);

const RANGES: &str = "--ipv6-pod-cidr=fd00:10:244::/56 --ipv6-service-cidr=fd00:10:96::/112 --map-address=192.0.2.11=2001:db8:1::11";

/// The plans whose commands are checked.
const PLANS: [Plan; 25] = [
    (
        "steps-kubeadm.in",
        &["--to=dual-stack", "--running", RANGES, "calico.yaml", "kubeadm.yaml", "service.yaml"],
    ),
    (
        "steps-kubeadm.in",
        &["--to=dual-stack", "--new-cluster", RANGES, "calico.yaml", "kubeadm.yaml", "service.yaml"],
    ),
    (
        "steps-kubeadm.in",
        &["--to=dual-stack", "--new-cluster", RANGES, "calico.yaml", "kubeadm.yaml", "join/w1.yaml"],
    ),
    (
        "steps-kubeadm.in",
        &["--to=dual-stack", "--new-cluster", RANGES, "calico.yaml", "kubeadm.yaml", "join"],
    ),
    ("steps-kubeadm.in", &["--to=dual-stack", "--running", RANGES, "calico.yaml"]),
    (
        "steps-kubeadm.in",
        &["--to=ipv6-only", RANGES, "--map-address=192.0.2.10=2001:db8:1::10", "calico.yaml", "kubeadm.yaml"],
    ),
    ("steps-kubeadm.in", &["--to=ipv4-only", "--running", "dual/calico.yaml", "dual/kubeadm.yaml"]),
    ("steps-operator.in", &["--to=dual-stack", RANGES, "installation.yaml"]),
    ("steps-operator.in", &["--to=dual-stack", "--new-cluster", RANGES, "installation.yaml"]),
    ("steps-openshift.in", &["--to=dual-stack", RANGES, "network.yaml", "installation.yaml"]),
    ("steps-openshift.in", &["--to=dual-stack", "--ipv6-machine-cidr=2001:db8:1::/64", RANGES, "new"]),
    ("steps-k3s.in", &["--to=dual-stack", RANGES, "k3s/config.yaml"]),
    ("steps-kubespray.in", &["--to=dual-stack", "--running", "k8s-cluster.yml"]),
    ("steps-operator.in", &["--to=dual-stack", "--new-cluster", RANGES, "values.yaml"]),
    ("steps-k3s.in", &["--to=dual-stack", "--new-cluster", RANGES, "chart/config.yaml", "chart/calico.yaml"]),
    ("steps-kubeadm.in", &["--to=dual-stack", "--running", RANGES, "etcd/calico.yaml"]),
    ("steps-kubeadm.in", &["--to=dual-stack", "--new-cluster", RANGES, "etcd/calico.yaml"]),
    (
        "steps-openshift.in",
        &["--to=dual-stack", "--running", "--ipv6-machine-cidr=2001:db8:1::/64", RANGES, "new"],
    ),
    ("steps-operator.in", &["--to=dual-stack", "--running", RANGES, "release.yaml"]),
    ("steps-operator.in", &["--to=dual-stack", "--running", RANGES, "inline/kustomization.yaml"]),
    ("steps-operator.in", &["--to=dual-stack", "--new-cluster", RANGES, "inline/kustomization.yaml"]),
    ("steps-operator.in", &["--to=dual-stack", "--running", RANGES, "inline/talos.yaml"]),
    ("steps-operator.in", &["--to=dual-stack", "--new-cluster", RANGES, "inline/talos.yaml"]),
    ("steps-operator.in", &["--to=dual-stack", "--running", RANGES, "inline/k0s.yaml"]),
    ("steps-operator.in", &["--to=dual-stack", "--new-cluster", RANGES, "inline/k0s.yaml"]),
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd").join(name)
}

fn command(plan: Plan, format: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_calico-ipv6"));
    command.current_dir(folder(plan.0)).args(["transform", "-q", "-o", format]);
    command.args(plan.1.iter().flat_map(|option| option.split(' ')));
    command
}

/// The Markdown of a plan.
fn markdown(plan: Plan) -> String {
    let output = command(plan, "steps").output().unwrap();
    assert!(output.status.success(), "{plan:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The commands of a plan, as data.
fn commands(plan: Plan) -> Vec<String> {
    let output = command(plan, "json").output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut all = Vec::new();
    for section in json["steps"][0]["sections"].as_array().unwrap() {
        for step in section["steps"].as_array().unwrap() {
            for list in ["commands", "verify", "undo"] {
                for command in step[list].as_array().unwrap() {
                    all.push(command["text"].as_str().unwrap().to_owned());
                }
            }
        }
    }
    assert!(!all.is_empty(), "{plan:?} has no command");
    all
}

#[test]
fn the_plan_of_a_kubeadm_cluster_is_short_and_begins_with_the_api_server() {
    let plan = markdown(PLANS[0]);
    let blocks = plan.matches("```sh\n").count();
    assert!(plan.lines().count() <= 320, "{} lines", plan.lines().count());
    assert!(blocks >= 10, "{blocks} blocks");
    let place = |text: &str| plan.find(text).unwrap_or_else(|| panic!("{text} is missing"));
    assert!(place("### 1. Give the API server") < place("Give the controller manager"));
    assert!(place("Give the controller manager") < place("Give each kubelet"));
    assert!(place("Give kube-proxy") < place("Apply Calico"));
    assert!(place("Apply Calico") < place("Apply the Services"));
    assert!(place("Apply the Services") < place("Recreate the pods"));
}

#[test]
fn the_data_and_the_markdown_have_the_same_commands() {
    for plan in PLANS {
        let text = markdown(plan);
        for command in commands(plan) {
            assert!(text.contains(&command), "{command}");
        }
    }
}

#[test]
fn a_shell_understands_every_command() {
    let all: BTreeSet<String> = PLANS.into_iter().flat_map(commands).collect();
    commands::check_syntax(&all).unwrap();
}

#[test]
fn the_command_and_kubectl_know_every_flag() {
    let all: BTreeSet<String> = PLANS.into_iter().flat_map(commands).collect();
    commands::check_flags(&all).unwrap();
}

#[test]
fn every_value_that_only_the_user_knows_is_explained_once() {
    for plan in PLANS {
        let text = markdown(plan);
        let code: Vec<String> = commands(plan);
        for name in [
            "CONTROL_PLANE_NODE",
            "NODE",
            "NODE_IPV4",
            "NODE_IPV6",
            "NAMESPACE",
            "OUTSIDE_IPV6",
            "FILE",
            "FILE_OF_THE_NODE",
            "API_ENDPOINT",
            "TOKEN",
            "HASH",
            "INVENTORY",
            "INVENTORY_FOLDER",
            "CALICO_VERSION",
            "CHART_VERSION",
        ] {
            let is_used = code.iter().any(|command| command.contains(&format!("<{name}>")));
            let explained = text.matches(&format!("`<{name}>` is ")).count();
            assert_eq!(explained, usize::from(is_used), "{name} in {plan:?}");
        }
        let angle = code.iter().flat_map(|command| command.split('<').skip(1));
        for word in angle.filter_map(|rest| rest.split_once('>')).map(|(word, _)| word) {
            let is_name = word.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
                && !word.is_empty();
            assert!(!is_name || text.contains(&format!("`<{word}>` is ")), "<{word}> is not explained");
        }
    }
}

#[test]
fn a_node_joins_with_the_file_that_has_its_addresses() {
    let joins = |files: &[&'static str]| -> Vec<String> {
        let mut options = vec!["--to=dual-stack", "--new-cluster", RANGES, "calico.yaml", "kubeadm.yaml"];
        options.extend(files);
        let all = commands(("steps-kubeadm.in", options.leak()));
        let is_of_join = |text: &String| text.contains("kubeadm ") && text.contains("join");
        let start = all.iter().position(is_of_join).expect("a command that prints the token");
        all.into_iter().skip(start).take(3).collect()
    };
    let print = "sudo kubeadm token create --print-join-command";
    assert_eq!(
        joins(&["join/w1.yaml"]),
        [print, "scp converted/w1.yaml '<NODE>:'", "sudo kubeadm join --config w1.yaml"]
    );
    assert_eq!(joins(&["join"])[2], "sudo kubeadm join --config '<FILE_OF_THE_NODE>'");
    let command =
        "sudo kubeadm join '<API_ENDPOINT>' --token '<TOKEN>' --discovery-token-ca-cert-hash 'sha256:<HASH>'";
    assert!(joins(&[])[1].ends_with(command));
}

#[test]
fn kubectl_applies_no_file_that_only_an_installer_or_kustomize_reads() {
    for plan in PLANS.into_iter().filter(|plan| plan.1.iter().any(|option| option.starts_with("inline/"))) {
        let own: Vec<String> = commands(plan).into_iter().filter(|text| text.contains("inline/")).collect();
        assert!(own.iter().all(|text| !text.contains("kubectl")), "{plan:?}: {own:?}");
    }
}

#[test]
fn a_running_cluster_gets_each_file_once_and_a_new_one_again_once_the_operator_is_there() {
    let applied = |when: &'static str| {
        let options = vec!["--to=dual-stack", when, RANGES, "one/all.yaml"];
        let all = commands(("steps-operator.in", options.leak()));
        all.iter().filter(|text| text.contains("kubectl apply -f converted/")).count()
    };
    assert_eq!(applied("--running"), 1);
    assert_eq!(applied("--new-cluster"), 2);
    let plan = markdown(("steps-operator.in", &["--to=dual-stack", "--running", RANGES, "one/all.yaml"]));
    assert!(plan.contains("Other objects in the same file must know the other family, too."));
}
