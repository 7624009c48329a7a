//! Several files of one cluster: what one says is known to the others. And where hosts stand in texts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calico_ipv6_engine::host::{Form, addresses, map};
use calico_ipv6_engine::model::clusters::{Survey, group};
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, Outcome, Plan, plan_all, plan_clusters};
use std::net::IpAddr;

const KUBEADM: &str = "apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.34.2
networking:
  podSubnet: 10.244.0.0/16,fd00:10:244::/56
  serviceSubnet: 10.96.0.0/16,fd00:10:96::/112
";

const INIT: &str = "apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration:
  kubeletExtraArgs:
  - name: node-ip
    value: 192.0.2.11,2001:db8:1::11
";

const KUBELET: &str = "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
clusterDNS:
- 10.96.0.10
";

const API_SERVER: &str = "apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
  - name: kube-apiserver
    command:
    - kube-apiserver
    - --advertise-address=192.0.2.11
    - --etcd-servers=https://127.0.0.1:2379
    - --service-cluster-ip-range=10.96.0.0/16
";

const ETCD: &str = "apiVersion: v1
kind: Pod
metadata: {name: etcd, namespace: kube-system}
spec:
  containers:
  - name: etcd
    command:
    - etcd
    - --listen-client-urls=https://127.0.0.1:2379
";

/// The plans of files of one cluster, each with its name.
fn plans(files: &[(&str, &str)], options: &[(&str, &str)]) -> Vec<Plan> {
    let target = Target::from_options(options.iter().copied()).unwrap();
    let sources: Vec<Source<'_>> = files.iter().map(|(name, text)| Source { name, text }).collect();
    plan_all(&sources, &target, Options::default()).into_iter().map(Result::unwrap).collect()
}

fn together(texts: &[&str], options: &[(&str, &str)]) -> Vec<Plan> {
    let files: Vec<(&str, &str)> = texts.iter().map(|text| ("x.yaml", *text)).collect();
    plans(&files, options)
}

/// The lines of a result that were not there before.
fn new_lines(plan: &Plan, before: &str) -> Vec<String> {
    let text = plan.text.clone().unwrap_or_default();
    text.lines().filter(|line| !before.contains(line)).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn ranges_of_one_file_are_those_of_the_others() {
    let plans = together(&[KUBEADM, INIT, KUBELET, API_SERVER], &[("to", "ipv6-only")]);
    assert_eq!(
        new_lines(&plans[0], KUBEADM),
        ["podSubnet: fd00:10:244::/56", "serviceSubnet: fd00:10:96::/112"]
    );
    assert_eq!(new_lines(&plans[2], KUBELET), ["- fd00:10:96::a"]);
    assert_eq!(
        new_lines(&plans[3], API_SERVER),
        ["- --advertise-address=2001:db8:1::11", "- --service-cluster-ip-range=fd00:10:96::/112"]
    );
}

const KUBESPRAY: &str = "kube_network_plugin: calico
kube_service_addresses: 10.233.0.0/18
kube_pods_subnet: 10.233.64.0/18
kube_service_addresses_ipv6: fd42:8::/112
kube_pods_subnet_ipv6: fd42:9::/64
kube_network_node_prefix_ipv6: 80
ipv6_stack: true
";

#[test]
fn the_file_of_the_network_plugin_says_what_calico_makes_its_pools_from() {
    let calico = "calico_cni_name: k8s-pod-network\ncalico_vxlan_mode_ipv6: Never\n";
    let plans = together(&[KUBESPRAY, calico], &[("to", "dual-stack")]);
    assert_eq!(plans[0].text, None);
    assert_eq!(new_lines(&plans[1], calico), ["calico_vxlan_mode_ipv6: Always", "nat_outgoing_ipv6: true"]);
    let alone = together(&[KUBESPRAY], &[("to", "dual-stack")]);
    assert_eq!(new_lines(&alone[0], KUBESPRAY), ["nat_outgoing_ipv6: true"]);
}

#[test]
fn a_pool_of_kubespray_is_inside_the_pod_range_of_another_file() {
    let calico = "nat_outgoing_ipv6: true\ncalico_pool_cidr_ipv6: fd77::/64\n";
    let plans = together(&[KUBESPRAY, calico], &[("to", "dual-stack")]);
    let told: Vec<&str> = plans[1].diagnostics.iter().map(|found| &*found.message).collect();
    assert_eq!(told, ["fd77::/64 is not inside the pod CIDR fd42:9::/64"]);
}

#[test]
fn pools_get_the_ranges_that_kubeadm_is_told() {
    let installation = "apiVersion: operator.tigera.io/v1
kind: Installation
metadata: {name: default}
spec:
  calicoNetwork:
    ipPools:
    - cidr: 10.244.0.0/16
      encapsulation: VXLAN
";
    let node = "apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: kube-system}
spec:
  template:
    spec:
      containers:
      - name: calico-node
        image: quay.io/calico/node:v3.31.4
        env:
        - name: IP
          value: autodetect
";
    for text in [installation, node] {
        let plans = together(&[KUBEADM, text], &[("to", "dual-stack"), ("calico-version", "v3.31.4")]);
        assert!(plans[1].missing_options.is_empty(), "{:?}", plans[1].missing_options);
        assert!(plans[1].text.as_ref().unwrap().contains("fd00:10:244::/56"));
    }
}

#[test]
fn a_file_alone_asks() {
    let plans = together(&[KUBELET], &[("to", "ipv6-only")]);
    assert_eq!(plans[0].missing_options.len(), 1);
    assert_eq!(plans[0].missing_options[0].flag, "ipv6-service-cidr");
}

#[test]
fn the_release_of_one_file_is_that_of_the_others() {
    let old = KUBEADM.replace("v1.34.2", "v1.18.20");
    let proxy = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";
    let plans = together(&[&old, proxy], &[("to", "dual-stack")]);
    assert_eq!(new_lines(&plans[1], proxy), ["featureGates:", "IPv6DualStack: true"]);
    // An option counts only if no file shows a release.
    let option = [("to", "dual-stack"), ("kubernetes-version", "v1.30.0")];
    assert!(together(&[&old, proxy], &option)[1].text.is_some());
    assert!(together(&[&old.replace("v1.18.20", "stable"), proxy], &option)[1].text.is_none());
}

#[test]
fn loopback_of_etcd_moves_on_both_sides() {
    let options = [
        ("to", "ipv6-only"),
        ("ipv6-service-cidr", "fd00:10:96::/112"),
        ("address", "192.0.2.11=2001:db8:1::11"),
    ];
    let plans = together(&[API_SERVER, ETCD], &options);
    assert!(plans[0].text.as_ref().unwrap().contains("--etcd-servers=https://[::1]:2379"));
    assert!(plans[1].text.as_ref().unwrap().contains("--listen-client-urls=https://[::1]:2379"));
    // The etcd of others stays where it is.
    let alone = together(&[API_SERVER], &options);
    assert!(alone[0].text.as_ref().unwrap().contains("--etcd-servers=https://127.0.0.1:2379"));
}

#[test]
fn the_first_family_is_that_of_the_cluster() {
    let ipv6_first = KUBEADM
        .replace("10.244.0.0/16,fd00:10:244::/56", "fd00:10:244::/56,10.244.0.0/16")
        .replace("10.96.0.0/16,fd00:10:96::/112", "fd00:10:96::/112,10.96.0.0/16");
    let plans = together(&[&ipv6_first, KUBELET], &[("to", "dual-stack")]);
    assert!(plans[0].text.is_none());
    assert_eq!(new_lines(&plans[1], KUBELET), ["- fd00:10:96::a"]);
}

#[test]
fn what_a_file_says_itself_comes_first() {
    let other = KUBEADM
        .replace("10.244.0.0/16,fd00:10:244::/56", "fd00:20:244::/56,10.20.0.0/16")
        .replace("10.96.0.0/16,fd00:10:96::/112", "fd00:20:96::/112,10.21.0.0/16");
    let both = format!("{other}---\n{}", KUBELET.replace("10.96.0.10", "10.21.0.10"));
    let plans = together(&[KUBEADM, &both], &[("to", "dual-stack")]);
    assert!(plans[0].text.is_none());
    assert_eq!(new_lines(&plans[1], &both), ["- fd00:20:96::a"]);
}

fn moved(text: &str, form: Form) -> String {
    map(text, form, |address| match address {
        IpAddr::V4(ipv4) if ipv4.octets()[0] == 192 => {
            IpAddr::V6(format!("2001:db8::{}", ipv4.octets()[3]).parse().unwrap())
        }
        IpAddr::V6(ipv6) if ipv6.segments()[0] == 0xfd00 => "192.0.2.99".parse().unwrap(),
        other => other,
    })
}

#[test]
fn brackets_stand_where_a_port_may_follow() {
    for (form, from, to) in [
        (Form::Addresses, "192.0.2.1", "2001:db8::1"),
        (Form::Addresses, "192.0.2.1,192.0.2.2", "2001:db8::1,2001:db8::2"),
        (Form::Addresses, "192.0.2.1, 198.51.100.2", "2001:db8::1, 198.51.100.2"),
        (Form::Addresses, "name", "name"),
        (Form::Addresses, "", ""),
        (Form::HostPort, "192.0.2.1", "2001:db8::1"),
        (Form::HostPort, "192.0.2.1:6443", "[2001:db8::1]:6443"),
        (Form::HostPort, "[fd00::1]:6443", "192.0.2.99:6443"),
        (Form::HostPort, "fd00::1", "192.0.2.99"),
        (Form::HostPort, "name:6443", "name:6443"),
        (Form::HostPort, "[broken", "[broken"),
        (Form::Urls, "https://192.0.2.1:2379", "https://[2001:db8::1]:2379"),
        (Form::Urls, "https://192.0.2.1", "https://[2001:db8::1]"),
        (Form::Urls, "https://192.0.2.1/a:b?c=192.0.2.1", "https://[2001:db8::1]/a:b?c=192.0.2.1"),
        (Form::Urls, "https://user:192.0.2.5@192.0.2.1:1/x", "https://user:192.0.2.5@[2001:db8::1]:1/x"),
        (Form::Urls, "https://[fd00::1]:2379,http://name:1", "https://192.0.2.99:2379,http://name:1"),
        (Form::Urls, "192.0.2.1:2379", "192.0.2.1:2379"),
        (Form::Urls, "https://192.0.2.1:1,https://[2001:db8::1]:1", "https://[2001:db8::1]:1"),
        (Form::Urls, "https://a:1,https://a:1", "https://a:1,https://a:1"),
        (
            Form::NamedUrls,
            "a=https://192.0.2.1:2380,b=https://b:2380",
            "a=https://[2001:db8::1]:2380,b=https://b:2380",
        ),
    ] {
        assert_eq!(moved(from, form), to, "{from} as {form:?}");
        let again = moved(to, form);
        assert_eq!(addresses(&again, form).len(), addresses(to, form).len(), "{to} as {form:?}");
    }
}

const PROXY: &str = "apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clusterCIDR: 10.32.0.0/16
";

/// What is told twice: the file, the line and column, the message.
fn told_twice(files: &[(&str, &str)], to: &str) -> Vec<(String, usize, String)> {
    let options = [
        ("to", to),
        ("ipv6PodCIDR", "fd00:10:244::/56"),
        ("ipv6ServiceCIDR", "fd00:10:96::/112"),
        ("address", "192.0.2.11=2001:db8:1::11"),
    ];
    let of = |(plan, (name, _)): (Plan, &(&str, &str))| {
        let found = plan.diagnostics.into_iter().filter(|f| f.rule.id == "K8S-RANGE-MISMATCH");
        let found = found.inspect(|f| assert!(f.blocks() && f.related.len() == 1, "{f:?}"));
        found.map(|f| ((*name).to_owned(), f.range.start, f.message.to_string())).collect::<Vec<_>>()
    };
    plans(files, &options).into_iter().zip(files).flat_map(of).collect()
}

#[test]
fn ranges_that_differ_are_told_with_both_places() {
    let files = [("kubeadm.yaml", KUBEADM), ("proxy.yaml", PROXY)];
    let told = told_twice(&files, "dual-stack");
    let message = "the pod CIDR is 10.32.0.0/16 here, but 10.244.0.0/16 at kubeadm.yaml:5:14 (ClusterConfiguration, networking.podSubnet)";
    assert_eq!(told, [("proxy.yaml".to_owned(), PROXY.find("10.32").unwrap(), message.to_owned())]);
    assert_eq!(told_twice(&files, "ipv6-only"), [], "IPv4 goes away");
    assert_eq!(told_twice(&[files[1]], "dual-stack"), []);
}

#[test]
fn pods_must_be_told_the_address_of_cluster_dns() {
    let service =
        "kind: Service\nmetadata: {name: kube-dns, namespace: kube-system}\nspec: {clusterIP: 10.96.0.53}\n";
    let told = told_twice(&[("a.yaml", KUBELET), ("b.yaml", service)], "dual-stack");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].2.starts_with("the address of cluster DNS is 10.96.0.53 here, but 10.96.0.10 at a.yaml:4:3"),
        "{told:?}"
    );
    let cache = KUBELET.replace("10.96.0.10", "169.254.20.10");
    assert_eq!(told_twice(&[("a.yaml", &cache), ("b.yaml", service)], "dual-stack"), []);
}

#[test]
fn files_of_several_clusters_do_not_contradict_each_other() {
    let other = KUBEADM.replace("10.244.0.0/16", "10.32.0.0/16");
    let sources = [("a/a.yaml", KUBEADM), ("b/b.yaml", &other), ("b/c.yaml", PROXY)]
        .map(|(name, text)| Source { name, text });
    let target = Target::from_options([("to", "ipv4-only")]).unwrap();
    let (clusters, plans) = plan_clusters(&sources, &target, Options::default());
    assert_eq!(clusters.len(), 2);
    for plan in plans.into_iter().map(Result::unwrap) {
        assert!(plan.diagnostics.iter().all(|d| d.rule.id != "K8S-RANGE-MISMATCH"), "{:?}", plan.diagnostics);
    }
}

/// The places that findings of a rule name, their own and the related ones.
fn places(files: &[(&str, &str)], options: &[(&str, &str)], rule: &str) -> Vec<(String, String)> {
    let of = |(plan, (name, text)): (Plan, &(&str, &str))| {
        let found = plan.diagnostics.into_iter().filter(|one| one.rule.id == rule);
        let place = |one: calico_ipv6_engine::rules::Diagnostic| {
            let own = calico_ipv6_engine::source::position(text, one.range.start);
            let related = one.related.iter().map(|related| related.place.to_string()).collect::<Vec<_>>();
            (format!("{name}:{}:{}", own.line, own.column), related.join(" "))
        };
        found.map(place).collect::<Vec<_>>()
    };
    plans(files, options).into_iter().zip(files).flat_map(of).collect()
}

const BOTH: [(&str, &str); 3] =
    [("to", "dual-stack"), ("ipv6PodCIDR", "fd00:10:244::/56"), ("ipv6ServiceCIDR", "fd00:10:96::/112")];

#[test]
fn two_nodes_with_one_address_are_found_across_files() {
    let join = INIT.replace("InitConfiguration", "JoinConfiguration").replace("192.0.2.11", "192.0.2.12");
    let found = places(&[("a/init.yaml", INIT), ("b/join.yaml", &join)], &BOTH, "KADM-DUPNODEIP");
    assert_eq!(found, [("b/join.yaml:6:12".to_owned(), "a/init.yaml:6:12".to_owned())]);
    let other = join.replace("2001:db8:1::11", "2001:db8:1::12");
    assert_eq!(places(&[("a/init.yaml", INIT), ("b/join.yaml", &other)], &BOTH, "KADM-DUPNODEIP"), []);
    assert_eq!(places(&[("old.yaml", INIT), ("new.yaml", INIT)], &BOTH, "KADM-DUPNODEIP"), [], "a copy");
    let unit = "KUBELET_EXTRA_ARGS=\"--node-ip=192.0.2.11,2001:db8:1::11\"\n";
    let kubelet = [("init.yaml", INIT), ("kubelet.env", unit)];
    assert_eq!(places(&kubelet, &BOTH, "KADM-DUPNODEIP"), [], "one node");
    let nodes = [("a/kubelet", unit), ("b/kubelet", unit)];
    assert_eq!(places(&nodes, &BOTH, "KADM-DUPNODEIP").len(), 2, "both addresses");
    let other = unit.replace("192.0.2.11", "192.0.2.12");
    let named = [("node1.env", unit), ("node2.env", other.as_str())];
    assert_eq!(places(&named, &BOTH, "KADM-DUPNODEIP").len(), 1, "what has another address is another node");
    let init = INIT.replace("nodeRegistration:", "nodeRegistration:\n  name: cp1");
    let own = unit.replace("2001:db8:1::11", "fe80::1 --hostname-override=cp1");
    let overridden = [("init.yaml", init.as_str()), ("kubelet.env", own.as_str())];
    assert_eq!(places(&overridden, &BOTH, "KADM-DUPNODEIP"), [], "one node by its name");
}

#[test]
fn an_object_is_found_twice_across_files() {
    let pool = "apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {ipv6Support: true}\n";
    let other = pool.replace("true", "false");
    let found = places(&[("a.yaml", pool), ("b.yaml", &other)], &BOTH, "OBJECT-DUPLICATE");
    assert_eq!(found, [("b.yaml:2:7".to_owned(), "a.yaml:2:7".to_owned())]);
    assert_eq!(places(&[("a.yaml", pool), ("b.yaml", pool)], &BOTH, "OBJECT-DUPLICATE"), []);
}

#[test]
fn a_copy_of_an_installation_has_the_same_pools() {
    let text = "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {name: default}\nspec:\n  calicoNetwork:\n    ipPools:\n    - cidr: 10.244.0.0/16\n      encapsulation: VXLAN\n";
    let to = [("to", "dual-stack"), ("ipv6PodCIDR", "fd00:10:244::/56")];
    let copies = [("a.yaml", text), ("b.yaml", text)];
    assert!(places(&copies, &to, "NET-009").is_empty());
    assert!(plans(&copies, &to).iter().all(|plan| plan.outcome == Outcome::Changed));
    // Two items of one list are two pools.
    let twice = text.replace("    - cidr", "    - cidr: 10.244.0.0/16\n    - cidr");
    assert_eq!(places(&[("a.yaml", &twice)], &to, "NET-009").len(), 1);
}

#[test]
fn a_lone_ipv6_range_leaves_the_primary_family() {
    let vars =
        "kube_network_plugin: calico\nkube_service_addresses_ipv6: fd00:10:96::/112\nipv6_stack: true\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: kube-dns, namespace: kube-system}\nspec:\n  clusterIP: 10.96.0.10\n  clusterIPs: [10.96.0.10, 'fd00:10:96::a']\n  ipFamilies: [IPv4, IPv6]\n  ipFamilyPolicy: PreferDualStack\n";
    let manager = "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-controller-manager, namespace: kube-system}\nspec:\n  containers:\n  - command: [kube-controller-manager, --service-cluster-ip-range=fd00:10:96::/112]\n";
    let server = "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver, namespace: kube-system}\nspec:\n  containers:\n  - command: [kube-apiserver, '--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112']\n";
    let k0s = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec: {network: {dualStack: {enabled: true, IPv6serviceCIDR: 'fd00:10:96::/112', IPv6podCIDR: 'fd00:10:244::/56'}}}\n";
    let microk8s =
        "IPv6_SUPPORT=true\nIPv6_SERVICE_CIDR=fd00:10:96::/112\nIPv6_CLUSTER_CIDR=fd00:10:244::/56\n";
    for other in [vars, k0s, microk8s] {
        for files in [[("a", service), ("b", other)], [("a", other), ("b", service)]] {
            let is_service = |file: &&(&str, &str)| file.1 == service;
            let index = files.iter().position(|file| is_service(&file)).unwrap();
            assert_eq!(plans(&files, &BOTH)[index].text, None, "{other}");
        }
    }
    for files in [[("a", manager), ("b", server)], [("a", server), ("b", manager)]] {
        for (plan, (_, text)) in plans(&files, &BOTH).into_iter().zip(files) {
            let result = plan.text.unwrap_or_else(|| text.to_owned());
            assert!(result.contains("--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112"), "{result}");
        }
    }
}

#[test]
fn an_option_of_a_family_that_is_not_there_is_refused() {
    for (to, option, value) in [
        ("ipv6-only", "ipv4-pod-cidr", "10.244.0.0/16"),
        ("ipv6-only", "ipv4-service-cidr", "10.96.0.0/16"),
        ("ipv6-only", "ipv4-load-balancer-cidr", "198.51.100.0/24"),
        ("ipv6-only", "primary-family", "ipv4"),
        ("ipv4-only", "ipv6-pod-cidr", "fd00:10:244::/56"),
        ("ipv4-only", "ipv6-service-cidr", "fd00:10:96::/112"),
        ("ipv4-only", "ipv6-load-balancer-cidr", "2001:db8:40::/112"),
        ("ipv4-only", "ipv6-machine-cidr", "2001:db8:1::/64"),
        ("ipv4-only", "ipv6-block-size", "122"),
        ("ipv4-only", "ipv6-autodetection-method", "first-found"),
        ("ipv4-only", "primary-family", "ipv6"),
        ("ipv4-only", "nat-outgoing", "true"),
        ("ipv4-only", "nodes-have-ipv4", "false"),
        ("dual-stack", "nodes-have-ipv4", "false"),
        ("dual-stack", "nodes-have-ipv4", "true"),
    ] {
        let errors = Target::from_options([("to", to), (option, value)]).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].option, Some(option));
        let other = if option == "nodes-have-ipv4" { "ipv6-only" } else { "dual-stack" };
        assert!(Target::from_options([("to", other), (option, value)]).is_ok(), "{option}");
    }
}

#[test]
fn the_operator_and_a_manifest_are_two_clusters() {
    let installation = "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {name: default}\n";
    let manifest = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node, namespace: NAMESPACE}\nspec: {template: {spec: {containers: [{name: calico-node, image: 'calico/node:v3.31.0'}]}}}\n";
    let clusters = |namespace: &str| {
        let manifest = manifest.replace("NAMESPACE", namespace);
        let files = [("a/installation.yaml", installation), ("b/calico.yaml", manifest.as_str())];
        let surveys: Vec<_> = files.iter().map(|(name, text)| Survey::of(Source { name, text })).collect();
        group(&surveys, &[]).len()
    };
    assert_eq!(clusters("kube-system"), 2);
    assert_eq!(clusters("calico-system"), 1, "the operator made this one");
}

#[test]
fn the_drop_ins_of_k3s_and_its_configuration_are_one() {
    let config = "node-ip: 192.0.2.11,2001:db8:1::11\n";
    let ranges = "cluster-cidr: 10.52.0.0/16\nservice-cidr: 10.53.0.0/16\n";
    let files = [("k3s/config.yaml", config), ("k3s/config.yaml.d/10-ranges.yaml", ranges)];
    let [of_config, of_ranges] = &plans(&files, &BOTH)[..] else { panic!("two files") };
    assert_eq!(of_config.text.as_deref().unwrap_or(config), config, "it gets no default ranges");
    assert_eq!(
        of_ranges.text.as_deref(),
        Some("cluster-cidr: 10.52.0.0/16,fd00:10:244::/56\nservice-cidr: 10.53.0.0/16,fd00:10:96::/112\n")
    );
    assert_eq!(places(&files, &BOTH, "K3S-NODEIP"), []);
    let alone = [("k3s/config.yaml.d/50-node.yaml", config)];
    assert_eq!(plans(&alone, &BOTH)[0].text, None, "config.yaml may have the ranges");
}
