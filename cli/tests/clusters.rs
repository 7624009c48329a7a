//! Folders, the clusters in them, and target documents.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, CONFIG_DUAL, Folder, SERVICE, dual};
use std::path::Path;

const CLUSTER_A: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/16,fd00:a::/112\n";
const CLUSTER_B: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.245.0.0/16\n  serviceSubnet: 10.97.0.0/16\n";

#[test]
fn folders_are_searched() {
    let files = [
        ("m/a.yaml", CONFIG),
        ("m/b.yml", SERVICE),
        ("m/c.json", "{}\n"),
        ("m/notes.txt", "not a manifest"),
        ("m/nginx.conf", "worker_processes auto;\n\t{"),
        ("m/kubelet.conf", "apiVersion: v1\nkind: Config\nclusters: []\n"),
        ("m/kubelet.env", "KUBELET_EXTRA_ARGS=--v=2\n"),
        ("m/deep/d.yaml", CONFIG),
        ("m/.git/e.yaml", "a: [\n"),
    ];
    let folder = Folder::with(&files);
    let ran = folder.run(&dual(&["-w", "m"])).exit(0);
    assert_eq!(
        (folder.read("m/a.yaml"), folder.read("m/deep/d.yaml")),
        (CONFIG_DUAL.to_owned(), CONFIG.to_owned())
    );
    assert!(!ran.err().contains("notes.txt") && !ran.err().contains("nginx"), "{}", ran.err());
    assert!(ran.err().contains("\n4 files without IPv6-relevant settings"), "{}", ran.err());
    folder.run(&dual(&["-w", "-R", "m"])).exit(0);
    assert_eq!(folder.read("m/deep/d.yaml"), CONFIG_DUAL);
}

/// The folders of the README's commands: the ranges are all that is typed.
#[test]
fn the_files_of_a_cluster_agree_afterwards() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let path = |name: &str| examples.join(name).display().to_string();
    let folder = Folder::with(&[]);
    let ranges = ["--ipv6-pod-cidr", "fd00:10:244::/56", "--ipv6-service-cidr", "fd00:10:96::/112"];
    let mut words = vec!["transform", "--to", "dual-stack", "-R", "--output-dir", "out"];
    words.extend(ranges);
    let (cluster, calico) = (path("cluster"), path("calico.yaml"));
    folder.run(&[&words[..], &[&cluster, &calico]].concat()).exit(0);
    for file in ["kubeadm.yaml", "manifests/kube-controller-manager.yaml", "addons/kube-proxy.yaml"] {
        let text = folder.read(&format!("out/{file}"));
        assert!(text.contains("10.244.0.0/16,fd00:10:244::/56"), "{file}: {text}");
    }
    for file in ["kubeadm.yaml", "manifests/kube-apiserver.yaml", "manifests/kube-controller-manager.yaml"] {
        let text = folder.read(&format!("out/{file}"));
        assert!(text.contains("10.96.0.0/16,fd00:10:96::/112"), "{file}: {text}");
    }
    assert!(folder.read("out/calico.yaml").contains("fd00:10:244::/56"));
    // OpenShift needs the network of the nodes, which no file states.
    let mut words = vec!["transform", "--to", "dual-stack", "-R", "--output-dir", "ocp"];
    words.extend(ranges);
    words.extend(["--ipv6-machine-cidr", "2001:db8:1::/64"]);
    let openshift = path("openshift-cluster");
    folder.run(&[&words[..], &[&openshift]].concat()).exit(0);
    for file in ["install-config.yaml", "calico.yaml"] {
        let text = folder.read(&format!("ocp/{file}"));
        assert!(
            text.contains("cidr: 10.128.0.0/14") && text.contains("cidr: fd00:10:244::/56"),
            "{file}: {text}"
        );
    }
}

#[test]
fn a_folder_without_manifests_is_told() {
    let folder = Folder::with(&[("empty/notes.txt", ""), ("deep/er/a.yaml", CONFIG)]);
    assert!(folder.run(&dual(&["empty"])).exit(2).err().contains("empty"));
    let ran = folder.run(&dual(&["deep"])).exit(2);
    assert!(ran.err().contains("-R"), "{}", ran.err());
}

#[test]
fn a_target_is_read_from_a_file() {
    let target = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nmetadata: {name: production}\n\
                  spec: {to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56', newCluster: true, ipv6BlockSize: 122}\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: production}\n\
               data: {to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56', newCluster: 'true'}\n";
    for text in [target, map] {
        let folder = Folder::with(&[("target.yaml", text), ("a.yaml", CONFIG)]);
        assert_eq!(
            folder.run(&["transform", "--config", "target.yaml", "a.yaml"]).exit(0).out(),
            CONFIG_DUAL
        );
        let flags_win =
            folder.run(&["transform", "--config", "target.yaml", "--to", "ipv4-only", "a.yaml"]).exit(0);
        assert_eq!(flags_win.out(), CONFIG);
    }
}

#[test]
fn what_a_target_file_says_of_the_other_family_gives_way_to_a_flag() {
    let target = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\n\
                  spec: {to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56', routerID: hash, primaryFamily: ipv6}\n";
    let folder = Folder::with(&[("target.yaml", target), ("a.yaml", CONFIG)]);
    let arguments = ["transform", "--config", "target.yaml", "--to", "ipv4-only", "a.yaml"];
    assert_eq!(folder.run(&arguments).exit(0).out(), CONFIG);
    let both = ["transform", "--config", "target.yaml", "--to", "ipv4-only", "--router-id", "hash", "a.yaml"];
    assert!(folder.run(&both).exit(2).err().contains("has no effect with --to ipv4-only"));
}

#[test]
fn addresses_of_flags_and_file_are_added_up() {
    let target = |address: &str| {
        format!(
            "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {{to: ipv6-only, address: {address}}}\n"
        )
    };
    let proxy = "apiVersion: v1\nkind: Pod\nmetadata: {name: etcd, namespace: kube-system}\nspec:\n  containers:\n  \
                 - name: etcd\n    command: [etcd, '--listen-peer-urls=http://192.0.2.1:1,http://192.0.2.2:1']\n";
    for address in ["['192.0.2.1=2001:db8::1']", "'192.0.2.1=2001:db8::1'"] {
        let folder = Folder::with(&[("target.yaml", &target(address)), ("a.yaml", proxy)]);
        let flags = ["transform", "--config", "target.yaml", "--address", "192.0.2.2=2001:db8::2", "a.yaml"];
        let out = folder.run(&flags).exit(0).out();
        assert!(out.contains("=http://[2001:db8::1]:1,http://[2001:db8::2]:1"), "{out}");
    }
}

const TARGET: &str = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\n";

#[test]
fn a_target_is_read_as_it_is_written() {
    let target = "\u{feff}---\napiVersion: v1\nkind: ConfigMap\ndata:\n  to: \"dual-stack\"\n  ipv6PodCIDR: fd00:10:244::/56\n  newCluster: True\n";
    let folder = Folder::with(&[("target.yaml", target), ("a.yaml", CONFIG)]);
    folder.run(&["transform", "--config", "target.yaml", "-w", "a.yaml"]).exit(0);
    assert!(folder.read("a.yaml").contains("assign_ipv6"));
}

#[test]
fn a_target_file_that_cannot_be_is_told() {
    for (text, said) in [
        (
            "kind: Target\nspec: {to: dual-stack}\n",
            "target.yaml:1:1: expected a Target of calico-ipv6.io/v1alpha1 or a ConfigMap, found Target without an apiVersion",
        ),
        (
            "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: dual-stack, podCIDR: x}\n",
            "podCIDR",
        ),
        ("apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: both}\n", "both"),
        ("apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: [dual-stack]}\n", "to"),
        ("apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\n", "spec"),
        ("a: [\n", "target.yaml:1:"),
        ("\u{feff}# nothing\n", "target.yaml:1:1: is empty"),
        ("a: 1\n---\nb: 2\n", "has 2 documents: a target is one document"),
        (&format!("{TARGET}spec: {{to: dual-stack, to: dual-stack}}\n"), "`to` is given twice"),
        (&format!("{TARGET}spec: {{to: ~}}\n"), "`to` must be a string"),
        (
            &format!("{TARGET}metadata: &x {{to: dual-stack}}\nspec:\n  <<: *x\n"),
            "`<<` (a merge key) is not supported",
        ),
        // The parser refuses it at once; others take minutes.
        (&format!("{TARGET}metadata: {}{}\n", "[".repeat(200_000), "]".repeat(200_000)), "target.yaml:3:"),
    ] {
        let folder = Folder::with(&[("target.yaml", text), ("a.yaml", CONFIG)]);
        let ran = folder.run(&["transform", "--config", "target.yaml", "-w", "a.yaml"]).exit(2);
        assert!(ran.err().contains(said), "{text}: {}", ran.err());
        assert_eq!(folder.read("a.yaml"), CONFIG);
    }
}

/// `serviceSubnet` of `a` is known; it must not become that of `b`.
#[test]
fn facts_of_one_cluster_never_reach_another() {
    let folder = Folder::with(&[("c/a/kubeadm.yaml", CLUSTER_A), ("c/b/kubeadm.yaml", CLUSTER_B)]);
    let ran = folder.run(&dual(&["-R", "-w", "c"])).exit(2);
    assert!(ran.err().contains("c/b/kubeadm.yaml: --ipv6-service-cidr is missing"), "{}", ran.err());
    assert_eq!(folder.read("c/b/kubeadm.yaml"), CLUSTER_B);
    let more = ["-R", "-w", "--ipv6-service-cidr", "fd00:b::/112", "c"];
    let ran = folder.run(&dual(&more)).exit(0);
    let rows = "  c/a/kubeadm.yaml  1 file  ClusterConfiguration  dual-stack  2 changes  1 warning\n  c/b/kubeadm.yaml  1 file  ClusterConfiguration  dual-stack  2 changes";
    assert!(ran.err().contains(rows), "{}", ran.err());
    assert!(
        ran.err().contains("\n2 clusters: 2 changed\n4 changes in 2 of 2 files, 1 warning; written\n"),
        "{}",
        ran.err()
    );
}

/// Each folder has a target of its own.
#[test]
fn a_target_document_counts_for_its_folder() {
    let target = |range: &str| {
        format!(
            "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nmetadata:\n  name: here\nspec:\n  to: dual-stack\n  ipv6PodCIDR: {range}\n  ipv6ServiceCIDR: fd00:9::/112\n"
        )
    };
    let folder = Folder::with(&[
        ("c/a/kubeadm.yaml", CLUSTER_B),
        ("c/a/target.yaml", &target("fd00:1::/56")),
        ("c/b/kubeadm.yaml", CLUSTER_B),
        ("c/b/target.yaml", &target("fd00:2::/56")),
    ]);
    folder.run(&["transform", "-R", "-w", "c"]).exit(0);
    assert!(folder.read("c/a/kubeadm.yaml").contains("10.245.0.0/16,fd00:1::/56"));
    assert!(folder.read("c/b/kubeadm.yaml").contains("10.245.0.0/16,fd00:2::/56"));
}

/// Two copies of one cluster that do not agree: both places are named.
#[test]
fn a_cluster_root_joins_what_would_be_two_clusters() {
    let folder = Folder::with(&[("c/a/kubeadm.yaml", CLUSTER_A), ("c/b/kubeadm.yaml", CLUSTER_B)]);
    let more = ["-R", "--ipv6-service-cidr", "fd00:a::/112", "--cluster-root", "c", "-o", "diff", "c"];
    let ran = folder.run(&dual(&more)).exit(1);
    assert!(ran.err().contains("c/a/kubeadm.yaml:4:14"), "{}", ran.err());
    assert!(ran.err().contains("c/b/kubeadm.yaml:4:14"), "{}", ran.err());
}

#[test]
fn a_cluster_root_is_a_folder_however_it_is_written() {
    let folder =
        Folder::with(&[("c/a/kubeadm.yaml", CLUSTER_A), ("c/b/kubeadm.yaml", CLUSTER_B), ("d/x", "")]);
    let absolute = folder.path("c").to_string_lossy().into_owned();
    let run = |root: &str, input: &str| {
        folder.run(&dual(&[
            "-R",
            "--ipv6-service-cidr",
            "fd00:a::/112",
            "--cluster-root",
            root,
            "-o",
            "diff",
            input,
        ]))
    };
    for (root, input) in
        [("./d/../c", "c"), (&*absolute, "c"), ("c", &*absolute), (&*absolute, "."), (".", "c")]
    {
        let ran = run(root, input).exit(1);
        assert!(ran.err().contains("c/b/kubeadm.yaml:4:14"), "{root} {input}: {}", ran.err());
    }
    for (root, said) in [
        ("nowhere", "--cluster-root nowhere: No such file or directory"),
        ("d/x", "--cluster-root d/x: is not a folder"),
        ("d", "--cluster-root d: no input is in this folder"),
    ] {
        for input in ["c", "c/a/kubeadm.yaml"] {
            let ran = run(root, input).exit(2);
            assert!(ran.err().contains(said), "{}", ran.err());
        }
    }
    assert_eq!(folder.run(&["inspect", "--cluster-root", "d", "c/a/kubeadm.yaml"]).exit(2).out(), "");
}

/// A folder of --cluster-root is one cluster: a configuration file for a part of it is a contradiction, unless it does not
/// count.
#[test]
fn a_configuration_for_a_part_of_a_cluster_root_is_refused() {
    let target = |range: &str| {
        format!(
            "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {{to: dual-stack, ipv6PodCIDR: '{range}', ipv6ServiceCIDR: 'fd00:9::/112'}}\n"
        )
    };
    let (one, other) = (target("fd00:1::/56"), target("fd00:2::/56"));
    let folder = Folder::with(&[
        ("c/a/kubeadm.yaml", CLUSTER_B),
        ("c/b/calico.yaml", CONFIG),
        ("c/b/target.yaml", &other),
        ("c/calico-ipv6.yaml", &one),
    ]);
    let write = ["transform", "-q", "-R", "--output-dir", "out", "c"];
    let joined = [&write[..], &["--cluster-root", "./c"]].concat();
    let ran = folder.run(&joined).exit(2);
    let said = "error: c/b/target.yaml: is for a part of the cluster of --cluster-root ./c: move the file to ./c, or omit --cluster-root\n";
    assert_eq!(ran.err(), said);
    assert!(!folder.path("out").exists());
    // What does not count contradicts nothing, and the folder is one cluster.
    for ignored in [&["--config", "c/calico-ipv6.yaml"][..], &["--isolated"]] {
        let flags = ["--to", "dual-stack", "--ipv6-pod-cidr", "fd00:1::/56"];
        let arguments =
            [&joined[..], ignored, &flags, &["--ipv6-service-cidr", "fd00:9::/112", "--report", "r"]]
                .concat();
        folder.run(&arguments).exit(0);
        assert!(folder.read("r").contains("\"clusters\":1,"), "{}", folder.read("r"));
    }
    folder.run(&write).exit(0);
    // A root inside of another one is a cluster of its own.
    folder.run(&[&joined[..], &["--cluster-root", "c/b"]].concat()).exit(0);
}

/// Of two targets for one folder --config chooses.
#[test]
fn two_targets_in_a_folder_are_an_error_unless_neither_counts() {
    let target =
        |stack: &str| format!("apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {{to: {stack}}}\n");
    let folder = Folder::with(&[
        ("c/calico.yaml", CONFIG),
        ("c/dual.yaml", &target("dual-stack")),
        ("c/single.yaml", &target("ipv6-only")),
    ]);
    let more = ["-q", "--ipv6-pod-cidr", "fd00:10:244::/56", "c"];
    for command in ["transform", "lint"] {
        let ran = folder.run(&[&[command][..], &more].concat()).exit(2);
        assert_eq!(
            ran.err(),
            "error: c/single.yaml: is a Target, and c/dual.yaml is one for the same folder: keep one of the two\n"
        );
    }
    // They are for one cluster, and others do not wait for them.
    std::fs::create_dir(folder.path("d")).unwrap();
    std::fs::write(folder.path("d/calico.yaml"), CONFIG).unwrap();
    std::fs::write(folder.path("d/calico-ipv6.yaml"), target("dual-stack")).unwrap();
    let going = ["transform", "--keep-going", "-w", "d"];
    let ran = folder.run(&[&going[..], &more].concat()).exit(1);
    assert!(ran.err().contains("error: c/calico.yaml: c/single.yaml: is a Target"), "{}", ran.err());
    assert_eq!(folder.read("d/calico.yaml"), CONFIG_DUAL);
    let ran = folder.run(&[&["transform", "--config", "c/dual.yaml"][..], &more].concat()).exit(0);
    assert_eq!(ran.out(), CONFIG_DUAL);
    let isolated = ["transform", "--isolated", "--to", "dual-stack"];
    assert_eq!(folder.run(&[&isolated[..], &more].concat()).exit(0).out(), CONFIG_DUAL);
    folder.run(&["inspect", "c"]).exit(0);
}

#[test]
fn static_pods_of_two_folders_that_differ_may_be_two_clusters() {
    let pod = |range: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: kube-apiserver, namespace: kube-system}}\nspec:\n  containers:\n  \
             - name: kube-apiserver\n    command: [kube-apiserver, --service-cluster-ip-range={range}]\n"
        )
    };
    let files =
        [("a/kube-apiserver.yaml", pod("10.96.0.0/16")), ("b/kube-apiserver.yaml", pod("10.100.0.0/16"))];
    let folder = Folder::with(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    let arguments = dual(&["--ipv6-service-cidr", "fd00:10:96::/112", "-R", "a", "b"]);
    let told = folder.run(&arguments).exit(1).err();
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["K8S-RANGE-MISMATCH", "run calico-ipv6 once for each of them"] {
        assert!(told.contains(words), "{told}");
    }
}

/// A patch is a part of an Installation: a list of pools in it would replace the list of its base.
#[test]
fn a_patch_without_pools_gets_none() {
    let head = "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata:\n  name: default\n";
    let base = format!("{head}spec:\n  calicoNetwork:\n    ipPools:\n    - cidr: 10.244.0.0/16\n");
    let patch = format!("{head}spec:\n  registry: example.org/\n");
    let bgp = format!("{head}spec:\n  calicoNetwork:\n    bgp: Disabled\n");
    let inline = format!("resources: [../base]\npatches:\n- patch: |\n    {}", bgp.replace('\n', "\n    "));
    let folder = Folder::with(&[
        ("k/base/installation.yaml", &base),
        ("k/base/kustomization.yaml", "resources: [installation.yaml]\n"),
        ("k/prod/registry.yaml", &patch),
        ("k/stage/more/bgp.yaml", &bgp),
        ("k/prod/kustomization.yaml", "resources: [../base]\npatches: [{path: ./registry.yaml}]\n"),
        ("k/stage/kustomization.yaml", "resources: [../base]\npatchesStrategicMerge: [more/bgp.yaml]\n"),
        ("k/test/kustomization.yaml", inline.trim_end()),
    ]);
    let ran = folder.run(&dual(&["-R", "--output-dir", "out", "k"])).exit(0);
    assert!(folder.read("out/base/installation.yaml").contains("- cidr: fd00:10:244::/56"));
    for same in ["prod/registry.yaml", "stage/more/bgp.yaml", "test/kustomization.yaml"] {
        assert_eq!(folder.read(&format!("out/{same}")), folder.read(&format!("k/{same}")), "{same}");
    }
    // What nobody read is named.
    assert!(ran.err().contains("k/stage/more/bgp.yaml:6"), "{}", ran.err());
    // Without the kustomization, nobody knows that it is a patch.
    folder.run(&dual(&["k/prod/registry.yaml"])).exit(2);
    // With pools it is edited like any other.
    let pools = format!("{bgp}    ipPools:\n    - cidr: 10.245.0.0/16\n");
    std::fs::write(folder.path("k/stage/more/bgp.yaml"), pools).unwrap();
    folder.run(&dual(&["-R", "--output-dir", "out", "k"])).exit(0);
    assert!(folder.read("out/stage/more/bgp.yaml").contains("fd00:10:244::/56"));
}
