//! Ranges and settings of several files of one cluster: they are compared once, and both locations are named.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calico_ipv6_engine::diagnostic::Diagnostic;
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, Plan, plan_all};

const API_SERVER: &str = "apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
  - name: kube-apiserver
    image: registry.k8s.io/kube-apiserver:v1.34.2
    command:
    - kube-apiserver
    - --advertise-address=192.0.2.11
    - --service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112
";

const POOLS: &str = "apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: ipv4}
spec: {cidr: 10.244.0.0/16, natOutgoing: true}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: ipv6}
spec: {cidr: \"fd00:10:96::/56\", natOutgoing: true}
";

const INSTALLATION: &str = "apiVersion: operator.tigera.io/v1
kind: Installation
metadata: {name: default}
spec:
  calicoNetwork:
    ipPools:
    - {cidr: 10.244.0.0/16, encapsulation: VXLAN, natOutgoing: Enabled}
    - {cidr: \"fd00:10:244::/56\", encapsulation: VXLAN, natOutgoing: Enabled}
";

const FELIX: &str = "apiVersion: projectcalico.org/v3
kind: FelixConfiguration
metadata: {name: default}
spec:
  wireguardEnabled: true
";

const NODE: &str = "apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: kube-system}
spec:
  template:
    spec:
      containers:
      - name: calico-node
        image: docker.io/calico/node:v3.31.0
        env:
        - {name: CALICO_NETWORKING_BACKEND, value: bird}
        - {name: IP, value: autodetect}
        - {name: CALICO_IPV6POOL_CIDR, value: \"fd00:10:244::/56\"}
        - {name: FELIX_WIREGUARDENABLEDV6, value: \"true\"}
        - {name: FELIX_IPV6SUPPORT, value: \"false\"}
";

/// The plans of files with these names.
fn plans(files: &[(&str, &str)], options: &[(&str, &str)]) -> Vec<Plan> {
    let options = [&[("to", "dual-stack"), ("provisioner", "other")], options].concat();
    let target = Target::from_options(options).unwrap();
    let sources: Vec<Source<'_>> = files.iter().map(|(name, text)| Source { name, text }).collect();
    plan_all(&sources, &target, Options::default()).into_iter().map(Result::unwrap).collect()
}

/// The findings of a rule in all files.
fn found<'p>(plans: &'p [Plan], id: &str) -> Vec<&'p Diagnostic> {
    let all = plans.iter().flat_map(|plan| &plan.diagnostics);
    all.filter(|diagnostic| diagnostic.rule.id == id && !diagnostic.message.starts_with("after")).collect()
}

#[test]
fn an_overlap_of_two_files_is_reported_once_with_both_places() {
    for (first, second) in [("a.yaml", "b.yaml"), ("b.yaml", "a.yaml")] {
        let plans = plans(&[(first, API_SERVER), (second, POOLS)], &[]);
        let found = found(&plans, "NET-009");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].blocks());
        assert!(
            found[0].message.contains("fd00:10:96::/56") && found[0].message.contains("fd00:10:96::/112")
        );
        assert_eq!(found[0].related.len(), 1);
        assert_eq!(found[0].related[0].place.file, "a.yaml");
    }
}

#[test]
fn pools_of_an_installation_are_compared_with_the_other_files() {
    let fine = plans(&[("a.yaml", API_SERVER), ("b.yaml", INSTALLATION)], &[]);
    assert_eq!(found(&fine, "NET-009").len(), 0);
    let text = INSTALLATION.replace("10.244.0.0/16", "10.96.128.0/20");
    let wrong = plans(&[("a.yaml", API_SERVER), ("b.yaml", &text)], &[]);
    assert_eq!(found(&wrong, "NET-009").len(), 1);
    let option = plans(&[("a.yaml", API_SERVER), ("b.yaml", &text)], &[("ipv4-pod-cidr", "10.244.0.0/16")]);
    assert_eq!(found(&option, "NET-009").len(), 0, "the option replaces the pool");
    // The same pool as an object is no other pool.
    let pools = POOLS.replace("fd00:10:96::/56", "fd00:10:244::/56");
    let same = plans(&[("b.yaml", INSTALLATION), ("c.yaml", &pools)], &[]);
    assert_eq!(found(&same, "NET-009").len(), 0);
    let pools = POOLS.replace("fd00:10:96::/56", "fd00:10:244:80::/60");
    let other = plans(&[("b.yaml", INSTALLATION), ("c.yaml", &pools)], &[]);
    assert_eq!(found(&other, "NET-009").len(), 1);
}

#[test]
fn wireguard_of_the_other_family_may_be_in_another_file() {
    let alone = plans(&[("felix.yaml", FELIX)], &[]);
    assert_eq!(found(&alone, "FELIX-002").len(), 1);
    let beside = plans(&[("felix.yaml", FELIX), ("node.yaml", NODE)], &[]);
    assert_eq!(found(&beside, "FELIX-002").len(), 0);
    let off = NODE
        .replace("FELIX_WIREGUARDENABLEDV6, value: \"true\"", "FELIX_WIREGUARDENABLEDV6, value: \"false\"");
    let off = plans(&[("felix.yaml", FELIX), ("node.yaml", &off)], &[]);
    assert_eq!(found(&off, "FELIX-002").len(), 1, "the environment comes before the resource");
}

#[test]
fn the_release_of_another_file_counts() {
    let node = NODE.replace("v3.31.0", "v3.23.5").replace("FELIX_WIREGUARDENABLEDV6", "FELIX_OTHER");
    let plans = plans(&[("felix.yaml", FELIX), ("node.yaml", &node)], &[]);
    let found = found(&plans, "FELIX-002");
    assert!(found[0].help.contains("upgrade to Calico 3.24"), "{}", found[0].help);
}

#[test]
fn a_service_of_another_file_uses_the_pool() {
    let pool = "apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: front, namespace: metallb-system}
spec:
  addresses: [198.51.100.0/28]
";
    let service = "apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  ipFamilyPolicy: PreferDualStack
  type: LoadBalancer
";
    let plans = plans(&[("pool.yaml", pool), ("service.yaml", service)], &[]);
    assert!(found(&plans, "LB-POOL")[0].message.contains("Service shop"));
}
