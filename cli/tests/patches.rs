//! Patches: what kustomize and kubectl make of the original with them is what a transform makes of it.
//!
//! `CALICO_IPV6_PATCHES=all` compares every case and every file of the corpus; otherwise some of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod folder;
mod hosts;
mod patched;

use calico_ipv6_tests::case::{self, Case};
use calico_ipv6_tests::hosts::on_path;
use calico_ipv6_tests::values::{differences, documents};
use folder::{CONFIG, Folder, dual};
use hosts::{example, kustomize, root, run, skip};
use patched::{Compared, assert_same, compare, objects};
use serde_json::Value;
use std::path::PathBuf;

const STACKS: [&str; 3] = ["dual-stack", "ipv6-only", "ipv4-only"];

/// Whether all files and cases are compared, which takes minutes.
fn is_all() -> bool {
    std::env::var_os("CALICO_IPV6_PATCHES").is_some_and(|value| value == "all")
}

fn report(what: &str, counts: [usize; 5]) {
    let [same, unchanged, not_transformed, not_patched, not_read] = counts;
    eprintln!(
        "{what}: {same} compared, {unchanged} unchanged, {not_transformed} not transformed, {not_patched} not patched, {not_read} not read by kustomize"
    );
    assert!(same > 0);
}

fn options(to: &str) -> Vec<&str> {
    let ipv6 = [
        "--ipv6-pod-cidr=fd00:10:244::/56",
        "--ipv6-service-cidr=fd00:10:96::/112",
        "--map-address=192.0.2.10=2001:db8:1::10",
        "--map-address=192.0.2.11=2001:db8:1::11",
        "--new-cluster",
    ];
    let all = ["--to", to].into_iter();
    if to == "ipv4-only" { all.collect() } else { all.chain(ipv6).collect() }
}

#[test]
fn kustomize_makes_of_the_examples_what_a_transform_makes() {
    let Some(kustomize) = kustomize() else { return };
    let texts = [
        example("calico.yaml"),
        example("installation.yaml"),
        example("cluster/manifests/kube-apiserver.yaml"),
        example("cluster/manifests/kube-controller-manager.yaml"),
        example("cluster/addons/coredns.yaml"),
        example("cluster/addons/kube-proxy.yaml"),
        example("openshift-cluster/calico.yaml"),
    ];
    let mut counts = [0; 5];
    for text in &texts {
        for to in STACKS {
            counts[compare(&kustomize, text, &options(to)) as usize] += 1;
        }
    }
    // The other files have both families already, or no transform goes from them to this stack.
    assert_eq!(counts[Compared::NotPatched as usize], 0);
    assert!(counts[Compared::Same as usize] >= 7, "{counts:?}");
}

#[test]
fn kustomize_makes_of_the_cases_what_a_transform_makes() {
    let Some(kustomize) = kustomize() else { return };
    // kustomize writes what a merge key stands for; the parser of this test keeps the key.
    let is_compared = |case: &Case| !case.diff.is_empty() && !case.input.contains("<<:");
    let cases: Vec<Case> = case::all().into_iter().filter(is_compared).collect();
    let step = if is_all() { 1 } else { 5 };
    let mut counts = [0; 5];
    for case in cases.iter().step_by(step) {
        let options: Vec<&str> = case.options.iter().map(String::as_str).collect();
        counts[compare(&kustomize, &case.input, &options) as usize] += 1;
    }
    report("cases", counts);
}

#[test]
fn kustomize_makes_of_the_corpus_what_a_transform_makes() {
    let Some(kustomize) = kustomize() else { return };
    let corpus = std::env::var_os("CALICO_IPV6_CORPUS");
    let corpus = corpus.map_or_else(|| root().join("../shared/corpus"), PathBuf::from);
    if !corpus.is_dir() {
        return skip("there is no corpus (CALICO_IPV6_CORPUS names it)");
    }
    let mut files = Vec::new();
    let mut folders = vec![corpus.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&corpus).unwrap().to_string_lossy().replace('\\', "/");
            let in_subset =
                ["calico/v3.8.9/", "calico/v3.31.7/", "kubernetes/static-pods/", "kubernetes/services/"];
            if path.is_dir() {
                folders.push(path);
            } else if is_all() || in_subset.iter().any(|folder| name.starts_with(folder)) {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut counts = [0; 5];
    for file in &files {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        for to in STACKS {
            let compared = compare(&kustomize, &text, &options(to));
            if compared != Compared::Unchanged && is_all() {
                eprintln!("{compared:?}: {} to {to}", file.display());
            }
            counts[compared as usize] += 1;
        }
    }
    report("corpus", counts);
}

/// A ConfigMap in which one text is JSON, and one ends with a line break.
const CONFIG_BLOCK: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: calico-config, namespace: kube-system}
data:
  cni_network_config: |
    {"type": "calico", "ipam": {"type": "calico-ipam"}}
"#;

/// Two containers, of which the second one is calico-node, init containers whose order matters, and repeated variables.
const PODS: &str = r#"apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: kube-system}
spec:
  template:
    spec:
      initContainers:
      - {name: install-cni, image: "calico/cni:v3.30.1"}
      - {name: mount, image: "calico/node:v3.30.1"}
      containers:
      - {name: sidecar, image: other}
      - name: calico-node
        image: calico/node:v3.30.1
        env:
        - {name: CALICO_NETWORKING_BACKEND, value: bird}
        - {name: IP, value: autodetect}
        - {name: FELIX_IPV6SUPPORT, value: "false"}
        livenessProbe: {exec: {command: [/bin/calico-node, -felix-live, -bird-live]}}
"#;

#[test]
fn kustomize_makes_of_unusual_objects_what_a_transform_makes() {
    let Some(kustomize) = kustomize() else { return };
    let list = |items: &[&str]| {
        let item = |text: &&str| {
            let lines: Vec<String> = text.lines().map(|line| format!("  {line}\n")).collect();
            lines.concat().replacen("  ", "- ", 1)
        };
        format!("apiVersion: v1\nkind: List\nitems:\n{}", items.iter().map(item).collect::<String>())
    };
    let old_api = PODS.replace("apps/v1", "extensions/v1beta1");
    let alias = CONFIG_BLOCK.replace("data:\n", "data:\n  a: &a text\n  b: *a\n");
    let windows = CONFIG_BLOCK.replace('\n', "\r\n");
    let dotted = CONFIG.replace("name: calico-config", "name: calico.config");
    let texts = [
        CONFIG_BLOCK,
        PODS,
        &old_api,
        &alias,
        &windows,
        &dotted,
        &list(&[CONFIG_BLOCK, PODS]),
        &list(&[&list(&[PODS])]),
    ];
    for text in texts {
        for to in ["dual-stack", "ipv6-only"] {
            assert_eq!(compare(&kustomize, text, &options(to)), Compared::Same, "{text}");
        }
    }
}

#[test]
fn flux_gets_the_same_patches_for_both_of_its_kinds() {
    let Some(kustomize) = kustomize() else { return };
    for name in ["calico.yaml", "installation.yaml"] {
        let folder = Folder::with(&[("a.yaml", &example(name))]);
        let converted = folder.run(&dual(&["-q", "a.yaml"])).exit(0).out();
        let flux = documents(&folder.run(&dual(&["-q", "-o", "flux", "a.yaml"])).exit(0).out()).unwrap();
        let of_release = &flux[0]["spec"]["postRenderers"][0]["kustomize"]["patches"];
        let of_kustomization = &flux[1]["spec"]["patches"];
        for patches in [of_release, of_kustomization] {
            let kustomization = serde_json::json!({"resources": ["a.yaml"], "patches": patches, "sortOptions": {"order": "fifo"}});
            std::fs::write(folder.path("kustomization.yaml"), kustomization.to_string()).unwrap();
            let built = run(&kustomize, &["build", "."], &folder).exit(0).out();
            assert_same(&built, &converted, name);
        }
    }
}

/// The command beside each patch is run as it is, except that kubectl reads the object from a file.
#[test]
fn kubectl_applies_each_patch_with_the_command_beside_it() {
    let Some(kubectl) = on_path("kubectl") else { return skip("kubectl is not installed") };
    for name in ["calico.yaml", "installation.yaml"] {
        let folder = Folder::with(&[("a.yaml", &example(name))]);
        let converted = objects(&folder.run(&dual(&["-q", "a.yaml"])).exit(0).out());
        let patches = folder.run(&dual(&["-q", "-o", "patch", "a.yaml"])).exit(0).out();
        let mut patched = 0;
        for (i, patch) in patches.split("---\n").skip(1).enumerate() {
            let command = patch.lines().find_map(|line| line.strip_prefix("# kubectl patch ")).unwrap();
            let words: Vec<&str> = command.split(' ').collect();
            let kind = words[0].split('.').next().unwrap();
            let is_it = |object: &&Value| {
                object["kind"].as_str().unwrap().to_lowercase() == kind
                    && object["metadata"]["name"] == words[1]
            };
            let original = objects(&example(name)).iter().find(is_it).unwrap().to_string();
            let (object, file) = (format!("object{i}.json"), format!("patch{i}.yaml"));
            std::fs::write(folder.path(&object), original).unwrap();
            std::fs::write(folder.path(&file), patch).unwrap();
            let at = words.iter().position(|word| *word == "--type").unwrap();
            let arguments = [
                "patch",
                "--local",
                "-f",
                &object,
                "-o",
                "yaml",
                "--type",
                words[at + 1],
                words[at + 2],
                &file,
            ];
            let ran = run(&kubectl, &arguments, &folder).exit(0);
            let (one, other) = (objects(&ran.out()), converted.iter().find(is_it).unwrap());
            assert_eq!(differences(&one[0], other), Vec::<String>::new());
            patched += 1;
        }
        assert!(patched > 0);
    }
}

#[test]
fn a_patch_fails_if_the_manifest_is_no_longer_the_one_that_was_read() {
    let Some(kustomize) = kustomize() else { return };
    let text = example("cluster/manifests/kube-apiserver.yaml");
    let folder = Folder::with(&[("a.yaml", &text)]);
    let options = ["--ipv6-service-cidr", "fd00:10:96::/112", "--map-address", "192.0.2.11=2001:db8:1::11"];
    let ran = folder.run(&[&dual(&["-q", "-o", "kustomize", "a.yaml"]), &options[..]].concat()).exit(0);
    let component = ran.out().replace("kind: Component", "kind: Component\nresources: [../a.yaml]");
    std::fs::create_dir(folder.path("ipv6")).unwrap();
    std::fs::write(folder.path("ipv6/kustomization.yaml"), component).unwrap();
    std::fs::write(folder.path("kustomization.yaml"), "components: [ipv6]\n").unwrap();
    run(&kustomize, &["build", "--load-restrictor=LoadRestrictionsNone", "."], &folder).exit(0);
    // A flag more: the index of the patch is that of another flag now.
    let newer =
        text.replace("    - --service-cluster-ip-range", "    - --new\n    - --service-cluster-ip-range");
    assert_ne!(newer, text);
    std::fs::write(folder.path("a.yaml"), newer).unwrap();
    let ran = run(&kustomize, &["build", "--load-restrictor=LoadRestrictionsNone", "."], &folder).exit(1);
    assert!(ran.err().contains("testing value /spec/containers/0/command/4 failed"), "{}", ran.err());
    // An object that is gone: a merge patch says so.
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let component = folder.run(&dual(&["-q", "-o", "kustomize", "a.yaml"])).exit(0).out();
    std::fs::create_dir(folder.path("ipv6")).unwrap();
    std::fs::write(folder.path("ipv6/kustomization.yaml"), component).unwrap();
    std::fs::write(folder.path("kustomization.yaml"), "resources: [a.yaml]\ncomponents: [ipv6]\n").unwrap();
    std::fs::write(folder.path("a.yaml"), CONFIG.replace("calico-config", "other")).unwrap();
    let ran = run(&kustomize, &["build", "."], &folder).exit(1);
    assert!(ran.err().contains("no resource matches strategic merge patch"), "{}", ran.err());
}

/// Nothing is printed to standard output, and the exit code is that of a file that cannot be converted.
#[track_caller]
fn assert_refused(files: &[(&str, &str)], more: &[&str], message: &str) {
    let folder = Folder::with(files);
    for format in ["patch", "kustomize", "flux"] {
        let named = files.iter().map(|(name, _)| *name);
        let arguments: Vec<&str> =
            dual(&["-q", "-o", format]).into_iter().chain(more.iter().copied()).chain(named).collect();
        let ran = folder.run(&arguments).exit(1);
        assert_eq!(ran.err(), message);
        assert_eq!(ran.out(), "");
    }
}

#[test]
fn a_file_that_is_no_object_is_named_with_what_to_do() {
    let kubeadm = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/12}\n";
    let flags = "KUBELET_KUBEADM_ARGS=\"--node-ip=192.0.2.11 --cluster-dns=10.96.0.10\"\n";
    let values = "installation:\n  calicoNetwork:\n    ipPools:\n    - cidr: 10.244.0.0/16\n";
    assert_refused(
        &[("flags.env", flags), ("kubeadm.yaml", kubeadm), ("values.yaml", values), ("a.yaml", CONFIG)],
        &[
            "--ipv6-service-cidr=fd00:10:96::/112",
            "--map-address=192.0.2.11=2001:db8:1::11",
            "--calico-version=v3.30.1",
        ],
        "error: flags.env:1: environment file cannot be patched: it is not a Kubernetes object with a name
error: kubeadm.yaml:1: ClusterConfiguration cannot be patched: it is not a Kubernetes object with a name
error: values.yaml:1: values of tigera-operator cannot be patched: it is not a Kubernetes object with a name
  help: convert the file with -w or --output-dir, for the program that reads it;
  then run this again: a converted file needs no patch
",
    );
}

#[test]
fn an_object_that_a_patch_cannot_find_is_named_with_what_to_do() {
    assert_refused(
        &[("a.yaml", &format!("{CONFIG}---\n{CONFIG}"))],
        &[],
        "error: a.yaml:1: a patch of ConfigMap calico-config would change the object at a.yaml:8, too
error: a.yaml:8: a patch of ConfigMap calico-config would change the object at a.yaml:1, too
  help: one name is one object for kustomize: remove one of them, or give each
  its namespace
",
    );
    // Without a namespace, a target is any namespace.
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: calico-config, namespace: other}\n";
    assert_refused(
        &[("a.yaml", CONFIG), ("b.yaml", other)],
        &[],
        "error: a.yaml:1: a patch of ConfigMap calico-config would change the object at b.yaml:1, too
  help: one name is one object for kustomize: remove one of them, or give each
  its namespace
",
    );
    assert_refused(
        &[("a.yaml", &CONFIG.replace("  name: calico-config", "  generateName: calico-config-"))],
        &[],
        "error: a.yaml:1: ConfigMap cannot be patched: it has generateName, and only the API server gives it a name
  help: give it a name, or convert its file with -w or --output-dir
",
    );
    assert_refused(
        &[("a.yaml", &CONFIG.replace("  name: calico-config", "  labels: {}"))],
        &[],
        "error: a.yaml:1: ConfigMap cannot be patched: it is not a Kubernetes object with a name
  help: convert the file with -w or --output-dir, for the program that reads it;
  then run this again: a converted file needs no patch
",
    );
    assert_refused(
        &[("a.yaml", &CONFIG.replace("name: calico-config", "name: '{{ .Release.Name }}'"))],
        &[],
        "error: a.yaml:1: {{ .Release.Name }} is not a name that a patch can find
  help: if it is a template, render it and pass the result
",
    );
}

#[test]
fn patches_are_of_one_cluster() {
    let folder = Folder::with(&[("one/a.yaml", CONFIG), ("two/a.yaml", CONFIG)]);
    let ran = folder.run(&dual(&["-o", "kustomize", "-R", "one", "two"])).exit(2);
    assert_eq!(
        ran.err(),
        "error: patches are of one cluster, and these files are 2 (one/a.yaml, two/a.yaml): pass the files of one\n"
    );
    assert_eq!(ran.out(), "");
}

#[test]
fn without_a_change_there_is_nothing_to_patch() {
    let folder = Folder::with(&[("a.yaml", folder::CONFIG_DUAL)]);
    let print = |format: &str| folder.run(&dual(&["-q", "-o", format, "a.yaml"])).exit(0).out();
    assert_eq!(print("patch"), "");
    assert_eq!(
        print("kustomize"),
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: []\n"
    );
    assert_eq!(documents(&print("flux")).unwrap()[1], serde_json::json!({"spec": {"patches": []}}));
    if let Some(kustomize) = kustomize() {
        assert_eq!(compare(&kustomize, folder::CONFIG_DUAL, &options("dual-stack")), Compared::Unchanged);
        std::fs::create_dir(folder.path("ipv6")).unwrap();
        std::fs::write(folder.path("ipv6/kustomization.yaml"), print("kustomize")).unwrap();
        std::fs::write(folder.path("kustomization.yaml"), "resources: [a.yaml]\ncomponents: [ipv6]\n")
            .unwrap();
        run(&kustomize, &["build", "."], &folder).exit(0);
    }
}

/// No patch creates an object: the overlay says what to add.
#[test]
fn a_pool_that_is_missing_is_a_comment() {
    let pool = "apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: a}
spec: {cidr: 10.244.0.0/16}
---
apiVersion: projectcalico.org/v3
kind: FelixConfiguration
metadata: {name: default}
spec: {ipv6Support: false}
";
    let folder = Folder::with(&[("a.yaml", pool)]);
    let component = "# Made by calico-ipv6 transform -o kustomize from a.yaml.
# A patch creates no object: write the missing IP pool with calico-ipv6 generate ippool, and list its file
# under resources.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
# FelixConfiguration default (a.yaml:6)
# FELIX-001 ipv6Support: Felix handles IPv6
- patch: |
    - op: replace
      path: /spec/ipv6Support
      value: true
  target:
    group: projectcalico.org
    version: v3
    kind: FelixConfiguration
    name: default
";
    assert_eq!(folder.run(&dual(&["-q", "-o", "kustomize", "a.yaml"])).exit(0).out(), component);
}

/// In CI: whether there is something to patch.
#[test]
fn check_exits_with_1_if_an_object_would_change() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let ran = folder.run(&dual(&["-q", "--check", "-o", "kustomize", "a.yaml"])).exit(1);
    assert_eq!(ran.out(), "");
}
