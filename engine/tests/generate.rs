//! What is generated for a target is what a transform to this target leaves as it is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calico_ipv6_engine::diagnostic::selection::Selection;
use calico_ipv6_engine::generate::{File, Generation, KINDS, Kind, generate, kind};
use calico_ipv6_engine::lint::{Finding, Wanted, lint};
use calico_ipv6_engine::rules::Severity;
use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, Outcome, plan_all};
use serde::Deserialize as _;

const POD_RANGES: [(&str, &str); 2] =
    [("ipv4-pod-cidr", "10.244.0.0/16"), ("ipv6-pod-cidr", "fd00:10:244::/56")];
const SERVICE_RANGES: [(&str, &str); 2] =
    [("ipv4-service-cidr", "172.30.0.0/16"), ("ipv6-service-cidr", "fd00:10:96::/112")];
const LOAD_BALANCERS: [(&str, &str); 2] =
    [("ipv4-load-balancer-cidr", "198.51.100.0/24"), ("ipv6-load-balancer-cidr", "2001:db8:40::/112")];
const NODES: [(&str, &str); 3] = [
    ("address", "192.0.2.31=2001:db8:1::31"),
    ("address", "192.0.2.11=2001:db8:1::11"),
    ("address", "192.0.2.21=2001:db8:1::21"),
];

fn target(options: &[(&str, &str)]) -> Target {
    Target::from_options(options.iter().copied()).unwrap()
}

/// Everything for a new cluster. Patches of one that runs stand alone.
fn all() -> Vec<&'static Kind> {
    KINDS.iter().filter(|kind| kind.name != PATCHES).collect()
}

const PATCHES: &str = "openshift-patches";

/// The options without those of a family that the stack does not have.
fn of_stack<'o>(options: impl Iterator<Item = (&'o str, &'o str)>) -> Vec<(&'o str, &'o str)> {
    let all: Vec<_> = options.collect();
    let to = all.iter().find(|(name, _)| *name == "to").map_or("dual-stack", |(_, value)| *value);
    let other = match to {
        "ipv6-only" => "ipv4",
        "ipv4-only" => "ipv6",
        _ => "neither",
    };
    let is_other = |name: &str, value: &str| {
        name.starts_with(&format!("{other}-"))
            || (name == "primary-family" && value == other)
            || (["router-id", "nat-outgoing", "encapsulation"].contains(&name) && other == "ipv6")
            || (name == "nodes-have-ipv4" && to == "dual-stack")
    };
    all.into_iter().filter(|(name, value)| !is_other(name, value)).collect()
}

fn complete(options: &[(&str, &str)]) -> Target {
    let all = POD_RANGES.iter().chain(&SERVICE_RANGES).chain(&LOAD_BALANCERS).chain(&NODES).copied();
    target(&of_stack(all.chain(options.iter().copied())))
}

/// The law, for the files of one kind.
fn rests(files: &[&File], target: &Target, what: &str) {
    let sources: Vec<Source<'_>> =
        files.iter().map(|file| Source { name: &file.name, text: &file.text }).collect();
    let linted = lint(&sources, Wanted::Target(target), &Selection::default());
    for (file, linted) in files.iter().zip(linted.files) {
        let findings = linted.unwrap_or_else(|error| panic!("{what}: {}: {error:?}", file.name)).findings;
        let is_error =
            |one: &Finding| one.diagnostic.severity == Severity::Error || one.diagnostic.fix.is_some();
        let wrong: Vec<_> = findings.iter().filter(|one| is_error(one)).collect();
        assert!(wrong.is_empty(), "{what}: {}: {wrong:?}\n{}", file.name, file.text);
    }
    for (file, plan) in files.iter().zip(plan_all(&sources, target, Options::default())) {
        let plan = plan.unwrap_or_else(|error| panic!("{what}: {}: {error:?}", file.name));
        let told = format!("{what}: {}: {:?}\n{}", file.name, plan.diagnostics, file.text);
        assert!(matches!(plan.outcome, Outcome::Unchanged | Outcome::PassedThrough), "{told}");
        assert!(plan.diagnostics.iter().all(|f| f.severity < Severity::Error), "{told}");
        // The file of kernel parameters is the only one that is not YAML.
        if file.kind == "sysctl" {
            continue;
        }
        for document in serde_yaml::Deserializer::from_str(&file.text) {
            let value = serde_yaml::Value::deserialize(document).unwrap_or_else(|e| panic!("{told}: {e}"));
            assert!(value.is_mapping(), "{told}");
            // The values of a chart are YAML inside a text.
            if let Some(text) = value["spec"]["valuesContent"].as_str() {
                let values: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
                assert!(values["installation"]["calicoNetwork"]["ipPools"].is_sequence(), "{told}");
            }
        }
    }
}

/// kubespray lists IPv4 first and installs new releases only; ServiceCIDR is an alpha API before Kubernetes v1.31; k3s and RKE2 have IPv6
/// from v1.21 (dual-stack) and v1.22.9 (IPv6-only) on; Calico assigns addresses of load balancers from v3.30 on.
fn fits(kind: &Kind, options: &[(&str, &str)]) -> bool {
    let has = |option| options.contains(&option);
    let release = options.iter().find(|(name, _)| *name == "kubernetes-version");
    let from = |first: &str| release.is_none_or(|(_, version)| *version >= first);
    let calico = options.iter().find(|(name, _)| *name == "calico-version");
    match kind.name {
        "ippool-loadbalancer" => calico.is_none_or(|(_, version)| *version >= "v3.30"),
        "kubespray" => from("v1.28") && (!has(("primary-family", "ipv6")) || !has(("to", "dual-stack"))),
        "servicecidr" => from("v1.31"),
        "k3s" | "rke2" => {
            from("v1.22.9") || has(("to", "ipv4-only")) || (from("v1.21") && has(("to", "dual-stack")))
        }
        _ => true,
    }
}

fn holds(options: &[(&str, &str)]) -> Generation {
    let target = complete(options);
    let what = format!("{options:?}");
    let kinds: Vec<&'static Kind> = all().into_iter().filter(|kind| fits(kind, options)).collect();
    let made = generate(&kinds, &target);
    assert!(made.problems.is_empty() && made.missing_options.is_empty(), "{what}: {made:?}");
    for kind in kinds {
        let files: Vec<&File> = made.files.iter().filter(|file| file.kind == kind.name).collect();
        assert!(!files.is_empty(), "{what}: {kind:?}");
        rests(&files, &target, &what);
    }
    made
}

const CALICO: &str = "v3.31.7";

#[test]
fn every_kind_rests_for_every_stack_and_option() {
    let variants: [&[(&str, &str)]; 17] = [
        &[],
        &[("provisioner", "kubeadm")],
        &[("calico-backend", "vxlan")],
        &[("calico-backend", "vxlan"), ("encapsulation", "vxlan")],
        &[("encapsulation", "none")],
        &[("encapsulation", "vxlan")],
        &[("encapsulation", "vxlan-cross-subnet")],
        &[("nat-outgoing", "false")],
        &[("ipv6-block-size", "118")],
        &[("ipv6-autodetection-method", "interface=eth.*")],
        &[("ipv6-autodetection-method", "interface=eth\\d+:'\"# x")],
        &[("ipv6-autodetection-method", "cidr=2001:db8:1::/64,2001:db8:2::/64")],
        &[("nodes-have-ipv4", "true")],
        &[("primary-family", "ipv6")],
        &[("kubernetes-version", "v1.37.2")],
        &[("kubernetes-version", "v1.28.15")],
        &[("router-id", "hash")],
    ];
    for to in ["dual-stack", "ipv6-only", "ipv4-only"] {
        for variant in variants {
            let options: Vec<_> =
                [("to", to), ("calico-version", CALICO)].into_iter().chain(variant.iter().copied()).collect();
            holds(&options);
        }
    }
}

#[test]
fn every_kind_rests_for_every_release() {
    for to in ["dual-stack", "ipv6-only", "ipv4-only"] {
        for calico in ["v3.20.6", "v3.22.5", "v3.23.0", "v3.28.2", "v3.28.3", "v3.29.0", "v3.30.0", "v3.32.1"]
        {
            holds(&[("to", to), ("calico-version", calico)]);
        }
        for kubernetes in [
            "v1.13.0", "v1.16.3", "v1.17.0", "v1.18.20", "v1.20.0", "v1.21.0", "v1.24.0", "v1.30.0",
            "v1.31.0",
        ] {
            // Dual-stack begins with v1.16, where one mask size applies to both families: a /56 has no /24 parts.
            if to != "dual-stack" || !["v1.13.0", "v1.16.3"].contains(&kubernetes) {
                holds(&[("to", to), ("calico-version", CALICO), ("kubernetes-version", kubernetes)]);
            }
        }
    }
}

fn text<'m>(made: &'m Generation, name: &str) -> &'m str {
    &made.files.iter().find(|file| file.name == name).unwrap_or_else(|| panic!("{name}")).text
}

#[test]
fn nodes_come_in_the_order_in_which_they_are_given() {
    let made = holds(&[("to", "dual-stack"), ("calico-version", CALICO), ("primary-family", "ipv6")]);
    assert!(text(&made, "kubeadm-init.yaml").contains("advertiseAddress: 2001:db8:1::31\n"));
    assert!(text(&made, "kubeadm-init.yaml").contains("value: 2001:db8:1::31,192.0.2.31\n"));
    assert!(text(&made, "kubeadm-init.yaml").contains("serviceSubnet: fd00:10:96::/112,172.30.0.0/16\n"));
    assert!(text(&made, "kubeadm-join.yaml").contains("apiServerEndpoint: '[2001:db8:1::31]:6443'\n"));
    assert!(text(&made, "kubeadm-join.yaml").contains("value: 2001:db8:1::11,192.0.2.11\n"));
    assert!(text(&made, "kubeadm-join-2.yaml").contains("value: 2001:db8:1::21,192.0.2.21\n"));
    assert!(text(&made, "coredns.yaml").contains("clusterIP: fd00:10:96::a\n"));
}

#[test]
fn nodes_of_one_family_find_their_addresses() {
    for to in ["ipv6-only", "ipv4-only"] {
        let options: Vec<_> =
            [("to", to)].into_iter().chain(POD_RANGES).chain(SERVICE_RANGES.into_iter().skip(1)).collect();
        let target = target(&of_stack(options.into_iter()));
        let made = generate(&[kind("kubeadm").unwrap()], &target);
        rests(&made.files.iter().collect::<Vec<_>>(), &target, to);
        let init = text(&made, "kubeadm-init.yaml");
        assert_eq!(init.contains("advertiseAddress: '::'\n"), to == "ipv6-only");
        assert_eq!(init.contains("InitConfiguration"), to == "ipv6-only");
    }
}

#[test]
fn old_nodes_do_not_find_their_ipv6_address() {
    let options = [("to", "ipv6-only"), POD_RANGES[1], SERVICE_RANGES[1], ("kubernetes-version", "v1.17.0")];
    let asks = |target: Target| {
        let made = generate(&[kind("kubeadm").unwrap()], &target);
        made.missing_options.iter().map(|(_, question)| question.flag).collect::<Vec<_>>()
    };
    assert_eq!(asks(target(&options)), ["map-address"]);
    let given: Vec<_> = options.into_iter().chain([NODES[0]]).collect();
    assert_eq!(asks(target(&given)), Vec::<&str>::new());
    // A pair is for kubelet of v1.20 and later.
    let made = holds(&[("to", "dual-stack"), ("calico-version", CALICO), ("kubernetes-version", "v1.19.0")]);
    assert!(
        text(&made, "kubeadm-init.yaml")
            .contains("The node's address in the primary IP family.\n    node-ip: 192.0.2.31\n")
    );
}

#[test]
fn the_overlay_follows_the_release() {
    let overlay = |version| {
        let target = complete(&[("to", "ipv6-only"), ("calico-version", version)]);
        generate(&[kind("kustomize").unwrap()], &target)
    };
    let old = overlay("v3.32.1");
    assert!(
        text(&old, "kustomize/calico-node.yaml").contains("- /bin/calico-node\n            - -felix-ready\n")
    );
    assert!(text(&old, "kustomize/calico-config.yaml").contains("\"cniVersion\": \"0.3.1\""));
    let new = overlay("v3.33.0");
    let node = text(&new, "kustomize/calico-node.yaml");
    let probe = ["calico", "component", "node", "health", "--felix-live", "--bird6-live"];
    let lines: String = probe.iter().map(|word| format!("            - {word}\n")).collect();
    assert!(node.contains(&lines) && !node.contains("/bin/calico-node"), "{node}");
    assert!(text(&new, "kustomize/calico-config.yaml").contains("\"cniVersion\": \"1.0.0\""));
    let unknown = overlay("v3.34.0");
    assert!(unknown.files.is_empty() && unknown.problems.len() == 1, "{unknown:?}");
}

#[test]
fn releases_decide() {
    let kubeadm = |version| {
        let made =
            holds(&[("to", "dual-stack"), ("calico-version", CALICO), ("kubernetes-version", version)]);
        text(&made, "kubeadm-init.yaml").to_owned()
    };
    for (version, api) in
        [("v1.37.2", "v1beta4"), ("v1.30.4", "v1beta3"), ("v1.21.0", "v1beta2"), ("v1.17.1", "v1beta2")]
    {
        assert!(kubeadm(version).starts_with(&format!(
            "# kubeadm init --config kubeadm-init.yaml\napiVersion: kubeadm.k8s.io/{api}\n"
        )));
        assert_eq!(kubeadm(version).contains("IPv6DualStack: true"), version == "v1.17.1");
        assert_eq!(kubeadm(version).contains("mode: ipvs"), version == "v1.17.1");
    }
    let pools = |to, version| {
        let made = holds(&[("to", to), ("calico-version", version)]);
        let text = text(&made, "installation.yaml");
        text.lines()
            .filter_map(|line| line.trim().strip_prefix("encapsulation: "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(pools("dual-stack", "v3.22.5"), ["VXLANCrossSubnet", "None"]);
    assert_eq!(pools("dual-stack", CALICO), ["VXLANCrossSubnet", "VXLANCrossSubnet"]);
    assert_eq!(pools("ipv6-only", "v3.28.2"), ["VXLAN"]);
    assert_eq!(pools("ipv6-only", "v3.28.3"), ["VXLANCrossSubnet"]);
}

#[test]
fn what_is_missing_is_asked_for_at_once() {
    let made = generate(&all(), &target(&[("to", "dual-stack")]));
    assert_eq!(made.outcome(), Outcome::NeedsInput);
    let flags: Vec<&str> = made.missing_options.iter().map(|(_, question)| question.flag).collect();
    let expected = [
        "ipv4-pod-cidr",
        "ipv6-pod-cidr",
        "ipv4-load-balancer-cidr",
        "ipv6-load-balancer-cidr",
        "ipv4-service-cidr",
        "ipv6-service-cidr",
        "map-address",
        "calico-version",
    ];
    assert_eq!(flags, expected);
    // Only what needs no answer: cluster DNS stands in kubeadm's default range.
    let kinds: Vec<&str> = made.files.iter().map(|file| file.kind).collect();
    assert_eq!(kinds, ["felixconfiguration", "coredns", "sysctl", "connectivity-test"]);
}

#[test]
fn a_release_that_lacks_the_kind_is_refused() {
    let refused = |kind_name, options: &[(&str, &str)]| {
        let made = generate(&[kind(kind_name).unwrap()], &complete(options));
        assert!(made.files.is_empty(), "{made:?}");
        made.problems[0].to_string()
    };
    let message = refused("servicecidr", &[("to", "dual-stack"), ("kubernetes-version", "v1.30.4")]);
    assert!(
        message.starts_with("--kubernetes-version: ServiceCIDR is an alpha API before Kubernetes v1.31"),
        "{message}"
    );
    let message = refused("k3s", &[("to", "ipv6-only"), ("kubernetes-version", "v1.22.3")]);
    assert_eq!(message, "--kubernetes-version: k3s and RKE2 before v1.22.9 have no IPv6-only clusters");
    let message = refused("ippool-loadbalancer", &[("to", "dual-stack"), ("calico-version", "v3.29.7")]);
    assert_eq!(
        message,
        "--calico-version: Calico before v3.30.0 assigns no addresses to Services of type LoadBalancer, and refuses an IPPool for them"
    );
    let message = refused("kubespray", &[("to", "dual-stack"), ("primary-family", "ipv6")]);
    assert_eq!(message, "--primary-family: kubespray lists IPv4 first in a dual-stack cluster");
}

#[test]
fn the_certificate_of_the_api_server_has_both_addresses() {
    let made = holds(&[("to", "dual-stack"), ("calico-version", CALICO)]);
    let names = "certSANs:\n  - 192.0.2.31\n  - 2001:db8:1::31\n";
    assert!(text(&made, "kubeadm-init.yaml").contains(names), "{}", text(&made, "kubeadm-init.yaml"));
    // kubeadm adds the advertise address itself.
    let made = holds(&[("to", "ipv6-only"), ("calico-version", CALICO)]);
    assert!(!text(&made, "kubeadm-init.yaml").contains("certSANs"));
}

#[test]
fn the_service_cidr_has_the_version_of_the_release() {
    for (release, version) in [("v1.32.5", "v1beta1"), ("v1.33.0", "v1")] {
        let made =
            holds(&[("to", "dual-stack"), ("calico-version", CALICO), ("kubernetes-version", release)]);
        let text = text(&made, "servicecidr.yaml");
        assert!(text.contains(&format!("apiVersion: networking.k8s.io/{version}\n")), "{text}");
        assert_eq!(text.contains("--feature-gates=MultiCIDRServiceAllocator=true"), version == "v1beta1");
    }
}

#[test]
fn a_pool_for_load_balancers_has_whole_blocks_and_no_address_of_a_node() {
    let pools = |range: (&'static str, &'static str), calico| {
        let options = [("to", "ipv6-only"), ("calico-version", calico), range, NODES[0]];
        generate(&[kind("ippool-loadbalancer").unwrap()], &target(&options))
    };
    let flag = "ipv6-load-balancer-cidr";
    for (range, block) in
        [("2001:db8:40::/112", 122), ("2001:db8:40::/124", 124), ("2001:db8:40::7/128", 128)]
    {
        let made = pools((flag, range), CALICO);
        let block = format!("  cidr: {range}\n  blockSize: {block}\n");
        assert!(text(&made, "ippools-loadbalancer.yaml").contains(&block), "{made:?}");
    }
    for (calico, is_missing) in
        [("v3.30.0", true), ("v3.30.7", false), ("v3.31.5", true), ("v3.31.6", false), ("v3.32.0", false)]
    {
        let made = pools((flag, "2001:db8:40::/112"), calico);
        assert_eq!(text(&made, "ippools-loadbalancer.yaml").contains("AllServices"), is_missing, "{calico}");
    }
    let made = pools((flag, "2001:db8:1::/112"), CALICO);
    let message = "--ipv6-load-balancer-cidr: 2001:db8:1::/112 contains 2001:db8:1::31 (--map-address): a Service could get the address of a node";
    assert_eq!(made.problems[0].to_string(), message);
    assert!(made.files.is_empty());
}

#[test]
fn what_cannot_work_is_refused() {
    let refused = |kind_name, options: &[(&str, &str)], rule: &str| {
        let made = generate(&[kind(kind_name).unwrap()], &complete(options));
        assert_eq!(made.outcome(), Outcome::Refused, "{made:?}");
        let diagnostics: Vec<&str> =
            made.files.iter().flat_map(|f| &f.diagnostics).map(|f| f.rule.id).collect();
        assert!(diagnostics.contains(&rule), "{diagnostics:?}");
    };
    let old = [("to", "ipv6-only"), ("calico-version", "v3.22.5"), ("encapsulation", "vxlan")];
    refused("installation", &old, "OP-002");
    refused("kustomize", &old, "ENC-006");
    refused("kubeadm", &[("to", "dual-stack"), ("kubernetes-version", "v1.15.0")], "K8S-DUAL-TOO-OLD");
    refused(
        "installation",
        &[("to", "dual-stack"), ("calico-backend", "vxlan"), ("encapsulation", "none")],
        "OP-010",
    );
    let made = generate(
        &[kind("kubeadm").unwrap()],
        &complete(&[("to", "ipv6-only"), ("kubernetes-version", "v1.12.0")]),
    );
    assert_eq!(made.problems[0].option, Some("kubernetes-version"));
    let old = complete(&[("to", "dual-stack"), ("calico-version", "v3.15.5")]);
    let made = generate(&[kind("kustomize").unwrap()], &old);
    assert_eq!(made.problems[0].option, Some("calico-version"));
}

/// What JSON Patch does to the object, as the API server would.
fn patched(object: &str, patch: &str) -> serde_yaml::Value {
    let mut object: serde_yaml::Value = serde_yaml::from_str(object).unwrap();
    for operation in serde_yaml::from_str::<Vec<serde_yaml::Value>>(patch).unwrap() {
        let (list, at) = operation["path"].as_str().unwrap().rsplit_once('/').unwrap();
        let keys = list.split('/').skip(1);
        let list =
            keys.fold(&mut object, |value, key| value.get_mut(key).unwrap()).as_sequence_mut().unwrap();
        match operation["op"].as_str().unwrap() {
            "add" if at == "-" => list.push(operation["value"].clone()),
            "remove" => drop(list.remove(at.parse().unwrap())),
            other => panic!("{other} {at}"),
        }
    }
    object
}

/// Patches say the same as a transform of the objects themselves.
#[test]
fn a_running_openshift_cluster_is_patched_as_its_objects_are_transformed() {
    let network = "apiVersion: config.openshift.io/v1\nkind: Network\nmetadata:\n  name: cluster\nspec:\n  \
                   clusterNetwork:\n  - cidr: 10.128.0.0/14\n    hostPrefix: 23\n  serviceNetwork:\n  - 172.30.0.0/16\n  \
                   networkType: OVNKubernetes\n";
    let infrastructure = "apiVersion: config.openshift.io/v1\nkind: Infrastructure\nmetadata:\n  name: cluster\nspec:\n  \
                          platformSpec:\n    type: BareMetal\n    baremetal:\n      machineNetworks:\n      - 192.0.2.0/24\n      \
                          apiServerInternalIPs:\n      - 192.0.2.5\n      ingressIPs:\n      - 192.0.2.6\n";
    let vips = [("address", "192.0.2.5=2001:db8:1::5"), ("address", "192.0.2.6=2001:db8:1::6")];
    let ranges = [
        ("ipv6-pod-cidr", "fd01::/48"),
        ("ipv6-service-cidr", "fd02::/112"),
        ("ipv6-machine-cidr", "2001:db8:1::/64"),
    ];
    let options: Vec<_> = [("to", "dual-stack")].into_iter().chain(ranges).chain(vips).collect();
    let made = generate(&[kind(PATCHES).unwrap()], &target(&options));
    assert_eq!(made.outcome(), Outcome::Changed, "{made:?}");
    let mut running = Vec::new();
    for (name, file, object) in [
        ("network.yaml", "network-patch.yaml", network),
        ("infrastructure.yaml", "infrastructure-patch.yaml", infrastructure),
    ] {
        let source = Source { name, text: object };
        let plan = plan_all(&[source], &target(&options), Options::default()).remove(0).unwrap();
        let value = patched(object, text(&made, file));
        assert_eq!(value, serde_yaml::from_str::<serde_yaml::Value>(&plan.text.unwrap()).unwrap(), "{file}");
        running.push((object, value));
    }
    // And back.
    let made = generate(&[kind(PATCHES).unwrap()], &target(&[("to", "ipv4-only")]));
    let (before, after) = &running[0];
    let back = patched(&serde_yaml::to_string(after).unwrap(), text(&made, "network-patch.yaml"));
    assert_eq!(back, serde_yaml::from_str::<serde_yaml::Value>(before).unwrap());
}

#[test]
fn patches_are_refused_where_none_would_be_taken() {
    let refused = |options: &[(&str, &str)]| {
        let ranges = [
            ("ipv6-pod-cidr", "fd01::/48"),
            ("ipv6-service-cidr", "fd02::/112"),
            ("ipv6-machine-cidr", "2001:db8:1::/64"),
        ];
        let options: Vec<_> = ranges.into_iter().chain(options.iter().copied()).collect();
        generate(&[kind(PATCHES).unwrap()], &target(&options)).problems[0].option
    };
    assert_eq!(refused(&[("to", "ipv6-only")]), Some("to"));
    assert_eq!(refused(&[("to", "dual-stack"), NODES[0]]), Some("map-address"));
    let outside = ("address", "192.0.2.5=2001:db8:2::5");
    assert_eq!(refused(&[("to", "dual-stack"), outside, NODES[0]]), Some("map-address"));
    let ipv6_first = [
        ("to", "dual-stack"),
        ("primary-family", "ipv6"),
        ("ipv4-pod-cidr", "10.128.0.0/14"),
        ("ipv4-service-cidr", "172.30.0.0/16"),
    ];
    assert_eq!(refused(&[&ipv6_first[..], &NODES[..2]].concat()), Some("primary-family"));
}

#[test]
fn each_kind_names_its_files() {
    let made = holds(&[("to", "ipv6-only"), ("calico-version", CALICO)]);
    for file in &made.files {
        let files = kind(file.kind).unwrap().files;
        assert!(files.contains(&file.name.as_str()) || file.name == "kubeadm-join-2.yaml", "{}", file.name);
    }
    let mut names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    names.dedup();
    assert_eq!(names.len(), KINDS.len());
}

#[test]
fn the_kernel_parameters_of_a_node_are_those_of_its_families() {
    let keys = |to: &str| -> Vec<String> {
        let made = generate(&[kind("sysctl").unwrap()], &target(&[("to", to)]));
        let lines = made.files[0].text.lines().filter(|line| !line.starts_with('#'));
        lines.map(str::to_owned).collect()
    };
    let ipv6 = [
        "net.ipv6.conf.all.disable_ipv6 = 0",
        "net.ipv6.conf.default.disable_ipv6 = 0",
        "net.ipv6.conf.all.forwarding = 1",
    ];
    let ipv4 = ["net.ipv4.ip_forward = 1"];
    assert_eq!(keys("ipv4-only"), ipv4);
    assert_eq!(keys("dual-stack"), [&ipv6[..], &ipv4].concat());
    assert_eq!(keys("ipv6-only"), ipv6);
}
