//! For which stack a lint checks files, if nobody says it: a wrong answer turns a missing line into wrong fixes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::Folder;
use serde_json::Value;

/// calico-node of a dual-stack cluster; IPAM is filled in.
const CALICO: &str = r#"kind: ConfigMap
apiVersion: v1
metadata:
  name: calico-config
  namespace: kube-system
data:
  calico_backend: "bird"
  cni_network_config: |-
    {"plugins": [{"type": "calico", "ipam": IPAM}]}
---
kind: DaemonSet
apiVersion: apps/v1
metadata:
  name: calico-node
  namespace: kube-system
spec:
  template:
    spec:
      containers:
      - name: calico-node
        image: quay.io/calico/node:v3.31.4
        env:
        - {name: CALICO_NETWORKING_BACKEND, valueFrom: {configMapKeyRef: {name: calico-config, key: calico_backend}}}
        - {name: IP, value: "autodetect"}
        - {name: IP6, value: "autodetect"}
        - {name: CALICO_IPV4POOL_CIDR, value: "10.244.0.0/16"}
        - {name: CALICO_IPV6POOL_CIDR, value: "fd00:10:244::/56"}
        - {name: CALICO_IPV6POOL_NAT_OUTGOING, value: "true"}
        - {name: FELIX_IPV6SUPPORT, value: "true"}
"#;

/// kubeadm's file of a cluster with these service and pod CIDRs.
fn kubeadm(services: &str, pods: &str, node_ip: &str) -> String {
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking:
  podSubnet: {pods}
  serviceSubnet: {services}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs:
  - name: node-ip
    value: {node_ip}
"
    )
}

fn lint(files: &[(&str, &str)], options: &[&str]) -> (Folder, Value) {
    let folder = Folder::with(files);
    let args = [&["lint", "-o", "json"][..], options, &["."]].concat();
    let value = serde_json::from_str(&folder.run(&args).out()).unwrap();
    (folder, value)
}

/// The stack that is checked, and the rules of the findings that are no notes.
fn checked(lint: &Value) -> (String, Vec<String>) {
    let stack = lint["clusters"][0]["checkedFor"].as_str().unwrap().to_owned();
    let files = lint["files"].as_array().unwrap().iter();
    let findings = files.flat_map(|file| file["findings"].as_array().unwrap());
    let real = findings.filter(|finding| finding["severity"] != "info");
    (stack, real.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn a_forgotten_flag_of_ipam_is_added_and_nothing_is_turned_off() {
    for ipam in [
        r#"{"type": "calico-ipam", "assign_ipv4": "true"}"#,
        r#"{"type": "calico-ipam", "assign_ipv4": "true", "assign_ipv6": "True"}"#,
    ] {
        let text = CALICO.replace("IPAM", ipam);
        let (folder, found) = lint(&[("calico.yaml", &text)], &["--fix"]);
        assert_eq!(checked(&found).0, "dual-stack");
        let fixed = folder.read("calico.yaml");
        assert!(fixed.contains(r#""assign_ipv6": "true""#), "{fixed}");
        assert!(fixed.contains("IP6") && fixed.contains(r#"FELIX_IPV6SUPPORT, value: "true""#), "{fixed}");
    }
}

#[test]
fn both_families_off_is_an_error() {
    let text =
        CALICO.replace("IPAM", r#"{"type": "calico-ipam", "assign_ipv4": "false", "assign_ipv6": "false"}"#);
    let (_, found) = lint(&[("calico.yaml", &text)], &[]);
    assert_eq!(checked(&found), ("dual-stack".to_owned(), vec!["CNI-015".to_owned(), "CNI-008".to_owned()]));
}

#[test]
fn ranges_decide_about_ipv4() {
    let ipv6_only = CALICO
        .replace("IPAM", r#"{"type": "calico-ipam", "assign_ipv4": "true", "assign_ipv6": "true"}"#)
        .replace(r#"IP, value: "autodetect""#, r#"IP, value: "none""#)
        .replace(r#""10.244.0.0/16""#, r#""none""#);
    let kubeadm = kubeadm("fd00:10:96::/112", "fd00:10:244::/56", "2001:db8:1::21");
    let (folder, found) = lint(&[("calico.yaml", &ipv6_only), ("kubeadm.yaml", &kubeadm)], &["--fix"]);
    assert_eq!(checked(&found).0, "ipv6-only");
    assert!(folder.read("calico.yaml").contains(r#""assign_ipv4": "false""#));
}

#[test]
fn without_the_cni_configuration_calico_node_has_an_ipv4_pool_unless_it_is_turned_off() {
    // The IPv4 pool is the default, as in the shipped manifest.
    let node = CALICO.split("---\n").nth(1).unwrap();
    let both = node.replace("        - {name: CALICO_IPV4POOL_CIDR, value: \"10.244.0.0/16\"}\n", "");
    let (_, found) = lint(&[("node.yaml", &both)], &[]);
    let (stack, rules) = checked(&found);
    assert!(stack == "dual-stack" && rules.iter().all(|rule| rule == "CNI-018"), "{stack} {rules:?}");
    let one = node.replace("\"10.244.0.0/16\"", "\"none\"");
    assert_eq!(checked(&lint(&[("node.yaml", &one)], &[]).1).0, "ipv6-only");
}

#[test]
fn an_ipv6_range_of_kubeone_counts_only_if_its_word_says_so() {
    let file = "apiVersion: kubeone.k8c.io/v1beta2
kind: KubeOneCluster
clusterNetwork: {ipFamily: WORD, podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/12, podSubnetIPv6: \"fd00:10:244::/56\", serviceSubnetIPv6: \"fd00:10:96::/112\"}
";
    for (word, stack) in [("IPv4", "ipv4-only"), ("IPv4+IPv6", "dual-stack")] {
        let (_, found) = lint(&[("kubeone.yaml", &file.replace("WORD", word))], &[]);
        assert_eq!(checked(&found), (stack.to_owned(), vec![]));
    }
}

#[test]
fn nodes_of_a_single_stack_cluster_may_have_both_addresses() {
    let text = kubeadm("fd00:10:96::/112", "fd00:10:244::/56", "2001:db8:1::21,192.0.2.21");
    let (_, found) = lint(&[("kubeadm.yaml", &text)], &[]);
    assert_eq!(checked(&found), ("ipv6-only".to_owned(), vec![]));
}

#[test]
fn if_the_order_of_the_families_is_disputed_no_fix_is_safe() {
    let text = kubeadm(
        "fd00:10:96::/112,10.96.0.0/16",
        "10.244.0.0/16,fd00:10:244::/56",
        "192.0.2.21,2001:db8:1::21",
    );
    let server = "apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
  - name: kube-apiserver
    command:
    - kube-apiserver
    - --advertise-address=192.0.2.11
    - --service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112
";
    let (folder, found) = lint(&[("kube-apiserver.yaml", server), ("kubeadm.yaml", &text)], &["--fix"]);
    assert!(checked(&found).1.contains(&"K8S-RANGE-MISMATCH".to_owned()));
    assert_eq!(folder.read("kubeadm.yaml"), text);
}

#[test]
fn an_address_that_a_field_of_the_pod_sets_counts_too() {
    let host_ip = "IP6, valueFrom: {fieldRef: {fieldPath: status.hostIP}}";
    let node = CALICO.split_once("---\n").map_or("", |(_, node)| node);
    let text = node.replace(r#"IP6, value: "autodetect""#, host_ip);
    let (_, found) = lint(&[("calico.yaml", &text)], &[]);
    assert_eq!(
        checked(&found),
        ("dual-stack".to_owned(), ["CNI-018", "CNI-018", "NODE-025"].map(str::to_owned).to_vec())
    );
}

#[test]
fn one_of_three_places_with_another_order_is_the_wrong_one() {
    let text = kubeadm(
        "fd00:10:96::/112,10.96.0.0/16",
        "10.244.0.0/16,fd00:10:244::/56",
        "192.0.2.21,2001:db8:1::21",
    );
    let pod = |name: &str, flags: &str| {
        format!(
            "apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: kube-system}}
spec:
  containers:
  - name: {name}
    command:
    - {name}
    - {flags}
    - --service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112
"
        )
    };
    let server = pod("kube-apiserver", "--advertise-address=192.0.2.11");
    let manager = pod("kube-controller-manager", "--cluster-cidr=10.244.0.0/16,fd00:10:244::/56");
    let files = [("apiserver.yaml", &*server), ("kubeadm.yaml", &*text), ("manager.yaml", &*manager)];
    let (folder, found) = lint(&files, &["--fix"]);
    let rules = checked(&found).1;
    assert!(rules.contains(&"K8S-SVC-FAMILY".to_owned()), "{rules:?}");
    let others = ["K8S-SVC-FAMILY", "K8S-RANGE-MISMATCH"];
    assert!(rules.iter().all(|rule| others.contains(&rule.as_str())), "{rules:?}");
    assert_eq!(folder.read("kubeadm.yaml"), text);
}

#[test]
fn a_service_that_needs_both_families_states_them() {
    let service = |rest: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{{rest}, ports: [{{port: 80}}]}}\n"
        )
    };
    for (rest, expected) in [
        ("ipFamilies: [IPv4, IPv6]", &["SVC-FAMILY"][..]),
        ("ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4, ipv6]", &["SVC-FAMILY"]),
        ("ipFamilyPolicy: RequireDualStack, externalIPs: [192.0.2.1, \"fe80::1\"]", &["SVC-FAMILY"]),
        ("ipFamilyPolicy: RequireDualStack, loadBalancerSourceRanges: [10.0.0.0/8]", &["SVC-SOURCERANGES"]),
        ("ipFamilyPolicy: PreferDualStack, loadBalancerSourceRanges: [10.0.0.0/8]", &[]),
        ("ipFamilyPolicy: RequireDualStack, clusterIP: None, externalIPs: [\"fe80::1\"]", &[]),
    ] {
        let folder = Folder::with(&[("service.yaml", &service(rest))]);
        let run = folder.run(&["lint", "-o", "json", "--fail-on", "never", "service.yaml"]).exit(0);
        let lint: Value = serde_json::from_str(&run.out()).unwrap();
        let found = lint["files"][0]["findings"].as_array().unwrap();
        let found: Vec<&str> = found.iter().map(|one| one["rule"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{rest}");
    }
}
