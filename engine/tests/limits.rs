//! What a file may have at most: a file above a limit is refused where the limit is passed, before any rule runs.

#![allow(clippy::expect_used)] // a test that cannot go on should say so and stop

use calico_ipv6_engine::model::InputError;
use calico_ipv6_engine::output::problem::problem;
use calico_ipv6_engine::source::{Source, position};
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, plan};

fn read(name: &str, text: &str) -> Result<(), InputError> {
    let options =
        [("to", "dual-stack"), ("ipv6PodCIDR", "fd00:10:244::/56"), ("ipv6ServiceCIDR", "fd00:10:96::/112")];
    let target = Target::from_options(options).expect("a target");
    plan(Source { name, text }, &target, Options::default()).map(|_| ())
}

/// The message, the line and the help of the refusal.
fn refused(name: &str, text: &str) -> (String, usize, &'static str) {
    let error = read(name, text).expect_err("above the limit");
    let problem = problem(text, &error);
    let range = problem.range.expect("a place");
    (problem.message, position(text, range.start).line, problem.help)
}

fn documents(n: usize) -> String {
    "---\na: 1\n".repeat(n)
}

#[test]
fn documents_of_a_stream() {
    assert_eq!(read("stream.yaml", &documents(100_000)), Ok(()));
    let (message, line, help) = refused("stream.yaml", &documents(100_001));
    assert_eq!(message, "the file has more than 100,000 documents");
    assert_eq!(line, 200_001);
    assert_eq!(help, "split the file into several files between its documents");
}

#[test]
fn words_of_a_flag_file() {
    let unit = |n: usize| format!("[Service]\nExecStart=/usr/bin/kubelet \\\n{}", "--v=2 \\\n".repeat(n));
    assert_eq!(read("kubelet.service", &unit(9_999)), Ok(()));
    let (message, line, help) = refused("kubelet.service", &unit(10_000));
    assert_eq!(message, "the file has more than 10,000 words");
    assert_eq!(line, 10_002);
    assert_eq!(help, "check what writes this file: a component has at most some hundred flags");
}

#[test]
fn variables_and_flags_of_a_container() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver, namespace: kube-system}\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n";
    let flags = |n: usize| format!("{pod}{}", "    - --v=2\n".repeat(n));
    assert_eq!(read("pod.yaml", &flags(9_999)), Ok(()));
    let (message, line, help) = refused("pod.yaml", &flags(10_000));
    assert_eq!(message, "a container has more than 10,000 variables or flags");
    assert_eq!(line, 10_008);
    assert_eq!(help, "check what writes this manifest: a container has at most some hundred of them");

    let daemon_set = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node, namespace: kube-system}\nspec:\n  template:\n    spec:\n      containers:\n      - name: calico-node\n        image: calico/node:v3.31.0\n        env:\n";
    let variables: String =
        (0..10_001).map(|i| format!("        - name: V{i}\n          value: x\n")).collect();
    let (message, line, _) = refused("calico.yaml", &format!("{daemon_set}{variables}"));
    assert_eq!(message, "a container has more than 10,000 variables or flags");
    assert_eq!(line, 20_011);
}

#[test]
fn objects_of_which_a_cluster_has_few() {
    let installation = |i: usize| {
        format!(
            "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {{name: d{i}}}\nspec: {{}}\n"
        )
    };
    let stream = |n: usize| (0..n).map(|i| format!("---\n{}", installation(i))).collect::<String>();
    assert_eq!(read("fleet.yaml", &stream(1_000)), Ok(()));
    let (message, line, help) = refused("fleet.yaml", &stream(1_001));
    assert_eq!(message, "the file has more than 1,000 objects of the kind Installation");
    assert_eq!(line, 5_002);
    assert_eq!(help, "pass the files of one cluster at a time");
}

/// Also as the items of a list, in one document.
#[test]
fn objects_of_a_list() {
    let items: String = (0..1_001)
        .map(|i| format!("- apiVersion: apps/v1\n  kind: DaemonSet\n  metadata: {{name: d{i}}}\n"))
        .collect();
    let (message, line, _) = refused("list.yaml", &format!("apiVersion: v1\nkind: List\nitems:\n{items}"));
    assert_eq!(message, "the file has more than 1,000 objects of the kind DaemonSet");
    assert_eq!(line, 3_004);
}

/// A ConfigMap has at most 1 MiB. The finding is where the limit is passed.
#[test]
fn values_of_json_inside_a_text() {
    let config = |n: usize| {
        let values = "1,".repeat(n);
        format!(
            "kind: ConfigMap\nmetadata: {{name: calico-config}}\ndata:\n  cni_network_config: |\n    {{\"x\":[{values}1]}}\n"
        )
    };
    let label = |text: &str| {
        let options = [("to", "dual-stack"), ("ipv6PodCIDR", "fd00:10:244::/56")];
        let target = Target::from_options(options).expect("a target");
        let plan = plan(Source { name: "config.yaml", text }, &target, Options::default()).expect("YAML");
        let found = plan.diagnostics.into_iter().find(|found| found.rule.id == "CNI-002");
        found.map(|found| (found.label.clone(), position(text, found.range.start).line))
    };
    let wanted = ("more than 100000 nodes in one text".to_owned(), 5);
    assert_ne!(label(&config(1_000)).as_ref(), Some(&wanted));
    assert_eq!(label(&config(100_000)), Some(wanted));
}

#[test]
fn ranges_of_a_list() {
    let many = |n: usize| vec!["fd00:10:244::/56"; n].join(",");
    let kubeadm = |n| {
        format!(
            "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: {}\n",
            many(n)
        )
    };
    assert_eq!(read("kubeadm.yaml", &kubeadm(1_000)), Ok(()));
    let (message, line, help) = refused("kubeadm.yaml", &kubeadm(1_001));
    assert_eq!(message, "a list has more than 1,000 ranges or addresses");
    assert_eq!(line, 4);
    assert_eq!(help, "check what writes this list: a cluster has a few ranges at most");

    let kubelet = format!(
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nclusterDNS:\n{}",
        "- 10.96.0.10\n".repeat(1_001)
    );
    let unit =
        format!("[Service]\nExecStart=/usr/bin/kube-apiserver --service-cluster-ip-range={}\n", many(1_001));
    for (name, text, at) in [("kubelet.yaml", kubelet.as_str(), 1_004), ("kube-apiserver.service", &unit, 2)]
    {
        let (message, line, _) = refused(name, text);
        assert_eq!(
            (message.as_str(), line),
            ("a list has more than 1,000 ranges or addresses", at),
            "{name}"
        );
    }
}
