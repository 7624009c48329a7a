//! Files of words: environment files, units, files of arguments.

#![allow(clippy::unwrap_used)]

use calico_ipv6_engine::source::Source;
use calico_ipv6_engine::target::Target;
use calico_ipv6_engine::transform::{Options, Outcome, Plan, plan};
use calico_ipv6_engine::yaml::flag_file::FlagFile;
use proptest::prelude::*;

fn transform(name: &str, text: &str) -> Plan {
    let target = Target::from_options([
        ("to", "dual-stack"),
        ("ipv6PodCIDR", "fd00:10:244::/56"),
        ("ipv6ServiceCIDR", "fd00:10:96::/112"),
        ("address", "192.0.2.11=2001:db8:1::11"),
    ]);
    plan(Source { name, text }, &target.unwrap(), Options::default()).unwrap()
}

#[test]
fn the_file_s_name_says_whose_arguments_they_are() {
    let text = "# MicroK8s\n--service-cluster-ip-range=10.152.183.0/24\n--secure-port=16443\n";
    let plan = transform("/var/snap/microk8s/current/args/kube-apiserver", text);
    let wanted = text.replace("183.0/24", "183.0/24,fd00:10:96::/112");
    assert_eq!(plan.text.as_deref(), Some(&*wanted));
    assert_eq!(plan.components, ["file of arguments kube-apiserver"]);
    assert_eq!(transform("<stdin>", text).outcome, Outcome::PassedThrough);
}

#[test]
fn what_is_no_file_of_words() {
    for text in [
        "kind: Pod\n",
        "[1, 2]\n",
        "{\"kind\": \"Pod\"}",
        "---\nkind: Pod\n",
        "a = b\n",
        "",
        "- --v=2\n",
        "[Match]\n",
    ] {
        assert_eq!(FlagFile::of(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_and_stays_as_it_is(
        start in prop::sample::select(vec!["[Service]\nExecStart=/usr/bin/kubelet ", "KUBELET_ARGS=", "KUBELET_ARGS=\"", "--v=2\n"]),
        rest in "([ -~]|[\\n\\r\\t\\\\\"'#;é]|--node-ip=192\\.0\\.2\\.9|\\\\\n){0,60}",
    ) {
        let text = format!("{start}{rest}");
        let words = FlagFile::of(&text).unwrap();
        let tree = words.parse(&text);
        let mut end = 0;
        for (key, list) in tree.entries(tree.root().unwrap()) {
            let nodes = std::iter::once(key).chain(tree.items(list));
            for node in nodes {
                let range = tree.range(node);
                prop_assert!(end <= range.start && range.end <= text.len());
                prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
                end = range.end;
            }
        }
        // No twin is given for this address: nothing is edited, but a mask behind it, which kubelet refuses, is removed.
        if !text.contains("192.0.2.9/") {
            prop_assert_eq!(transform("kubelet", &text).text, None);
        }
    }
}
