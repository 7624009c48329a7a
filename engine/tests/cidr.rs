//! Address plans: what is planned holds what was asked for, and no component refuses it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use calico_ipv6_engine::address::{Family, is_unique_local, overlap, unusable, unusual};
use calico_ipv6_engine::cidr::{AddressPlan, FamilyPlan, Request, plan_addresses};
use calico_ipv6_engine::generate::{generate, kind};
use calico_ipv6_engine::rules::Severity;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::Outcome;
use ipnet::IpNet;
use proptest::prelude::*;

const RANDOM: [u8; 5] = [0x12, 0x34, 0x56, 0x78, 0x9a];

fn plan(options: &[(&str, &str)]) -> AddressPlan {
    plan_addresses(&Request::from_options(options.iter().copied()).unwrap(), Some(RANDOM))
}

fn ranges(plan: &AddressPlan) -> Vec<String> {
    let both = |family: &FamilyPlan| [family.pods.net, family.services.net];
    plan.families.iter().flat_map(both).map(|net| net.to_string()).collect()
}

fn messages(plan: &AddressPlan) -> String {
    plan.notes.iter().map(|note| format!("{} {:?} {}\n", note.severity, note.rule, note.message)).collect()
}

#[test]
fn without_words_a_cluster_of_256_nodes() {
    let plan = plan(&[]);
    assert_eq!(
        ranges(&plan),
        ["10.244.0.0/16", "10.96.0.0/12", "fd12:3456:789a::/56", "fd12:3456:789a:ffff::/112"]
    );
    assert_eq!(messages(&plan), "");
    assert_eq!(plan.families.iter().map(FamilyPlan::nodes).collect::<Vec<_>>(), [256, 256]);
    assert_eq!(plan.families.iter().map(|f| f.cluster_ips).collect::<Vec<_>>(), [1_048_574, 65_535]);
    assert_eq!(plan.families[1].blocks_of_node, 2);
}

#[test]
fn sizes_follow_numbers() {
    for (nodes, pods, services, expected) in [
        ("1", "110", "8", ["10.244.0.0/24", "10.96.0.0/28"]),
        ("5000", "110", "5000", ["10.224.0.0/11", "10.96.0.0/19"]),
        ("100", "500", "250", ["10.244.0.0/16", "10.96.0.0/24"]),
        ("256", "1000", "1000000", ["10.244.0.0/14", "10.96.0.0/12"]),
    ] {
        let plan =
            plan(&[("to", "ipv4-only"), ("nodes", nodes), ("pods-per-node", pods), ("services", services)]);
        let nets: Vec<IpNet> = expected.iter().map(|net| net.parse::<IpNet>().unwrap().trunc()).collect();
        assert_eq!(ranges(&plan), nets.iter().map(ToString::to_string).collect::<Vec<_>>(), "{nodes} {pods}");
    }
    for (nodes, expected) in [
        ("1", "fd12:3456:789a::/64"),
        ("257", "fd12:3456:789a::/52"),
        ("5000", "fd12:3456:789a::/51"),
        ("32768", "fd12:3456:789a::/49"),
    ] {
        assert_eq!(ranges(&plan(&[("to", "ipv6-only"), ("nodes", nodes)]))[0], expected, "{nodes}");
    }
    let services = |n| ranges(&plan(&[("to", "ipv6-only"), ("services", n)]))[1].clone();
    assert_eq!(services("65534"), "fd12:3456:789a:ffff::/112");
    assert_eq!(services("100000"), "fd12:3456:789a:ffff::/111");
}

#[test]
fn too_many_are_refused() {
    let told = |options: &[(&str, &str)]| {
        let plan = plan(options);
        assert!(!plan.works());
        messages(&plan)
    };
    assert!(told(&[("nodes", "40000")]).contains("no private IPv4 range is large enough for 40,000 nodes"));
    assert!(told(&[("nodes", "40000"), ("to", "ipv6-only")]).contains("no private IPv6 range"));
    assert!(told(&[("services", "1048575")]).contains("no service CIDR is large enough for 1,048,575"));
    assert!(told(&[("nodes", "200"), ("pods-per-node", "2000"), ("ipv4-pod-cidr", "10.0.0.0/16")]).contains(
        "10.0.0.0/16 is large enough for 32 nodes, not 200: it has 1,024 blocks of /26, and a node needs 32"
    ));
    assert!(
        told(&[("services", "500"), ("ipv4-service-cidr", "10.96.0.0/24")])
            .contains("10.96.0.0/24 has 254 cluster IPs, not 500")
    );
}

#[test]
fn rules_speak_of_what_is_given() {
    let told = |option: &str, range: &str| messages(&plan(&[(option, range)]));
    assert!(told("ipv6-service-cidr", "fd00::/64").contains("error Some(\"K8S-SVC-TOOBIG\")"));
    assert!(told("ipv6-service-cidr", "fd00::/126").contains("error Some(\"K8S-SVC-TOOSMALL\")"));
    assert!(
        told("ipv6-pod-cidr", "2001:db8::/48")
            .contains("warning Some(\"POOL-010\") 2001:db8::/48 contains documentation")
    );
    assert!(told("ipv6-service-cidr", "2001:db8::/112").contains("documentation"));
    assert!(told("ipv4-pod-cidr", "9.0.0.0/16").contains("9.0.0.0/16 contains public"));
    // Calico's own IPAM needs no parts: too few of them are no error.
    let request = Request::from_options([("nodes", "300"), ("ipv4-pod-cidr", "10.0.0.0/16")]).unwrap();
    let plan = plan_addresses(&request, Some(RANDOM));
    let few =
        "warning None 10.0.0.0/16 is large enough for 256 nodes, not 300: it has 256 node subnets of /24\n";
    assert_eq!((plan.works(), messages(&plan)), (true, few.to_owned()));
    // What takes a flag is no error.
    let request =
        Request::from_options([("to", "ipv6-only"), ("ipv6-pod-cidr", "fd00:10:244::/112")]).unwrap();
    let plan = plan_addresses(&request, Some(RANDOM));
    assert_eq!(messages(&plan), "");
    assert_eq!(
        (plan.families[0].node_mask, plan.families[0].node_mask_flag),
        (120, Some("node-cidr-mask-size-ipv6"))
    );
    assert_eq!(plan.families[0].nodes(), 256);
}

#[test]
fn what_cannot_be_is_told_at_once() {
    let errors = Request::from_options([
        ("nodes", "0"),
        ("services", "many"),
        ("ipv6-pod-cidr", "::ffff:0:0/96"),
        ("router-id", "hash"),
    ])
    .unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told.iter().any(|message| message.contains("an IPv4-mapped IPv6 range")), "{told:?}");
    let overlap =
        Request::from_options([("ipv4-pod-cidr", "10.96.0.0/16"), ("ipv4-service-cidr", "10.96.0.0/12")]);
    assert!(overlap.unwrap_err()[0].message.contains("overlaps the pod CIDR"));
}

#[test]
fn without_random_bytes_the_range_is_asked_for() {
    let request = Request::from_options([("to", "ipv6-only")]).unwrap();
    let plan = plan_addresses(&request, None);
    assert_eq!(
        plan.missing_options.iter().map(|q| q.flag).collect::<Vec<_>>(),
        ["ipv6-pod-cidr", "ipv6-service-cidr"]
    );
    let request =
        Request::from_options([("to", "ipv6-only"), ("ipv6-pod-cidr", "fd00:10:244::/56")]).unwrap();
    let plan = plan_addresses(&request, None);
    assert_eq!(ranges(&plan), ["fd00:10:244::/56", "fd00:10:244:ffff::/112"]);
}

fn stack() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("dual-stack"), Just("ipv6-only"), Just("ipv4-only")]
}

proptest! {
    #[test]
    fn a_plan_holds_what_is_asked_for_and_every_check_passes(
        to in stack(),
        nodes in prop_oneof![1_u32..=5_000, 1_u32..=40_000],
        pods in prop_oneof![1_u32..=250, 1_u32..=3_000],
        services in proptest::option::of(1_u32..=1_100_000),
        block in proptest::option::of(116_u8..=128),
        random in any::<[u8; 5]>(),
        given in proptest::option::of(prop_oneof![
            Just(("ipv4-service-cidr", "10.128.0.0/12")),
            Just(("ipv4-service-cidr", "172.30.0.0/16")),
            Just(("ipv4-pod-cidr", "10.96.0.0/11")),
            Just(("ipv4-pod-cidr", "10.0.0.0/8")),
            Just(("ipv6-service-cidr", "fd00:0:0:1::/112")),
            Just(("ipv6-pod-cidr", "fd00:10::/49")),
            Just(("ipv6-pod-cidr", "2600:1::/48")),
        ]),
    ) {
        let (nodes_text, pods_text) = (nodes.to_string(), pods.to_string());
        let services_text = services.map(|n| n.to_string());
        let block_text = block.map(|n| n.to_string());
        let mut options = vec![("to", to), ("nodes", nodes_text.as_str()), ("pods-per-node", pods_text.as_str())];
        options.extend(services_text.as_deref().map(|n| ("services", n)));
        options.extend(block_text.as_deref().map(|n| ("ipv6-block-size", n)));
        // What has no effect on the target is an error.
        let has_effect = |(key, _): &(&str, &str)| match to {
            "ipv4-only" => !key.starts_with("ipv6-"),
            "ipv6-only" => !key.starts_with("ipv4-"),
            _ => true,
        };
        options.retain(has_effect);
        options.extend(given.into_iter().filter(has_effect));
        let request = Request::from_options(options).unwrap();
        let plan = plan_addresses(&request, Some(random));
        let families = request.target.families(None);
        prop_assert_eq!(plan.works(), plan.notes.iter().all(|note| note.severity < Severity::Error));
        if !plan.works() {
            // Whoever gets nothing is told why, and nothing small is refused.
            prop_assert!(!plan.notes.is_empty());
            let is_small = nodes <= 1_000 && pods <= 250 && services.unwrap_or(0) <= 60_000;
            prop_assert!(!is_small, "{}", messages(&plan));
            return Ok(());
        }
        prop_assert_eq!(plan.families.iter().map(|f| f.family).collect::<Vec<_>>(), families);
        for family in &plan.families {
            prop_assert!(family.pods.is_given || family.nodes() >= u128::from(nodes), "{family:?}");
            prop_assert!(family.blocks >= u128::from(nodes) * family.blocks_of_node, "{family:?}");
            prop_assert!(family.addresses >= u128::from(nodes) * u128::from(pods), "{family:?}");
            prop_assert!(family.cluster_ips >= services.unwrap_or(1).into(), "{family:?}");
            prop_assert!(!overlap(family.pods.net, family.services.net), "{family:?}");
            prop_assert!(family.services.net.max_prefix_len() - family.services.net.prefix_len() <= 20);
            prop_assert!((4..=20).contains(&(family.services.net.max_prefix_len() - family.services.net.prefix_len())));
            let bits = family.node_mask - family.pods.net.prefix_len();
            prop_assert!(bits <= 16, "kubeadm refuses it: {family:?}");
            for range in [&family.pods, &family.services] {
                prop_assert_eq!(range.net, range.net.trunc());
                prop_assert_eq!(unusable(range.net), None);
                if !range.is_given {
                    prop_assert_eq!(unusual(range.net), None);
                    if let IpNet::V6(net) = range.net {
                        prop_assert!(is_unique_local(net) && net.addr().octets()[0] == 0xfd);
                    }
                }
            }
        }
        // What is typed next is taken, and what is generated from it is refused by no rule.
        let next = plan.options();
        let node = ("address", "192.0.2.11=2001:db8:1::11".to_owned());
        let next: Vec<_> = next.iter().chain([&node]).map(|(flag, value)| (*flag, value.as_str())).collect();
        let target = Target::from_options(next).unwrap();
        let made = generate(&[kind("kubeadm").unwrap(), kind("installation").unwrap()], &target);
        prop_assert_eq!(made.outcome(), Outcome::Changed, "{:?}", made);
        prop_assert_eq!(target.families(None)[0] == Family::Ipv6, to == "ipv6-only");
    }
}
