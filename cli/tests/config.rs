//! Configuration files: where they are found, which one counts, and what is said about mistakes in them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;

use folder::{CONFIG, CONFIG_DUAL, Folder};

/// A `Target` with these lines below `spec`.
fn target(spec: &[&str]) -> String {
    let lines: String = spec.iter().map(|line| format!("  {line}\n")).collect();
    format!("apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec:\n{lines}")
}

fn dual() -> String {
    target(&["to: dual-stack", "ipv6PodCIDR: fd00:10:244::/56"])
}

/// The smallest manifest of a cluster, which contains something that a cluster has only once.
const KUBEADM: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/16,fd00:a::/112\n";

fn kubeadm(range: &str) -> String {
    KUBEADM.replace("10.244.0.0/16", &format!("10.244.0.0/16,{range}"))
}

#[test]
fn a_file_is_found_up_to_the_root_of_the_repository_and_no_further() {
    let folder = Folder::with(&[
        ("calico-ipv6.yaml", &target(&["to: ipv4-only"])),
        ("repo/.git/HEAD", "ref: refs/heads/main\n"),
        ("repo/calico-ipv6.yaml", &dual()),
        ("repo/prod/manifests/a.yaml", CONFIG),
        ("other/.git/HEAD", "ref: refs/heads/main\n"),
        ("other/a.yaml", CONFIG),
    ]);
    for input in ["repo/prod/manifests/a.yaml", "repo/prod/manifests"] {
        assert_eq!(folder.run(&["transform", "-q", input]).exit(0).out(), CONFIG_DUAL, "{input}");
    }
    let ran = folder.run(&["transform", "other/a.yaml"]).exit(2);
    assert!(ran.err().contains("--to is required"), "{}", ran.err());
}

#[test]
fn outside_a_repository_the_search_ends_at_the_working_directory() {
    let folder =
        Folder::with(&[("calico-ipv6.yaml", &dual()), ("work/a.yaml", CONFIG), ("work/deep/b.yaml", CONFIG)]);
    assert_eq!(folder.run(&["transform", "-q", "work/a.yaml"]).exit(0).out(), CONFIG_DUAL);
    let inside = |arguments: &[&str]| {
        let mut command = folder.command(arguments);
        folder::Ran(command.current_dir(folder.path("work")).output().unwrap())
    };
    assert!(inside(&["transform", "a.yaml"]).exit(2).err().contains("--to is required"));
    // A folder that was passed is searched, wherever it is.
    let above = folder.0.path().to_string_lossy().into_owned();
    assert_eq!(inside(&["transform", "-q", "-R", "--output-dir", "out", &above]).exit(0).out(), "");
    assert_eq!(folder.read("work/out/work/deep/b.yaml"), CONFIG_DUAL);
}

#[test]
fn standard_input_and_generate_take_the_file_of_the_working_directory() {
    let folder = Folder::with(&[("calico-ipv6.yaml", &dual())]);
    for arguments in [&["transform", "-q"][..], &["transform", "-q", "-"]] {
        assert_eq!(folder.run_with(arguments, CONFIG, &[]).exit(0).out(), CONFIG_DUAL);
    }
    let lint = folder.run_with(&["lint", "-o", "concise"], CONFIG, &[]);
    assert!(lint.err().contains("checked for dual-stack\n"), "{}", lint.err());
    let pool = folder.run(&["generate", "ippool", "--ipv4-pod-cidr", "10.244.0.0/16"]).exit(0).out();
    assert!(pool.contains("cidr: fd00:10:244::/56"), "{pool}");
    let ran = folder.run(&["generate", "--isolated", "ippool"]).exit(2);
    assert!(ran.err().contains("--to is required"), "{}", ran.err());
}

#[test]
fn the_nearest_file_counts_and_is_not_converted() {
    let folder = Folder::with(&[
        ("c/calico-ipv6.yaml", &target(&["to: dual-stack", "ipv6PodCIDR: fd00:1::/56"])),
        ("c/a/kubeadm.yaml", KUBEADM),
        ("c/b/calico-ipv6.yaml", &target(&["to: dual-stack", "ipv6PodCIDR: fd00:2::/56"])),
        ("c/b/kubeadm.yaml", KUBEADM),
    ]);
    folder.run(&["transform", "-q", "-R", "--output-dir", "out", "c"]).exit(0);
    let files = folder.list();
    let written: Vec<&str> = files.iter().filter_map(|file| file.strip_prefix("out/")).collect();
    assert_eq!(written, ["a/kubeadm.yaml", "b/kubeadm.yaml"]);
    assert_eq!(folder.read("out/a/kubeadm.yaml"), kubeadm("fd00:1::/56"));
    assert_eq!(folder.read("out/b/kubeadm.yaml"), kubeadm("fd00:2::/56"));
}

#[test]
fn folders_that_each_have_a_file_are_written_to_one_folder() {
    let folder = Folder::with(&[
        ("a/calico-ipv6.yaml", &dual()),
        ("a/one.yaml", CONFIG),
        ("b/calico-ipv6.yaml", &dual()),
        ("b/two.yaml", CONFIG),
    ]);
    folder.run(&["transform", "-q", "--output-dir", "out", "a", "b"]).exit(0);
    assert_eq!(
        (folder.read("out/one.yaml").as_str(), folder.read("out/two.yaml").as_str()),
        (CONFIG_DUAL, CONFIG_DUAL)
    );
}

/// A file is taken as a whole: what the one above says is not mixed into it.
#[test]
fn files_are_not_merged() {
    let folder = Folder::with(&[
        ("calico-ipv6.yaml", &target(&["to: dual-stack", "ipv6PodCIDR: fd00:1::/56"])),
        ("b/calico-ipv6.yaml", &target(&["to: dual-stack"])),
        ("b/kubeadm.yaml", KUBEADM),
    ]);
    let ran = folder.run(&["transform", "b/kubeadm.yaml"]).exit(2);
    assert!(ran.err().contains("--ipv6-pod-cidr is missing"), "{}", ran.err());
}

#[test]
fn flags_win_over_a_file_and_config_wins_over_a_found_file() {
    let folder = Folder::with(&[
        ("calico-ipv6.yaml", &dual()),
        ("own.yaml", &target(&["to: dual-stack", "ipv6PodCIDR: fd00:9::/56"])),
        ("in/kubeadm.yaml", KUBEADM),
    ]);
    let run = |more: &[&str]| folder.run(&[&["transform"], more, &["in/kubeadm.yaml"]].concat()).exit(0);
    assert_eq!(run(&[]).out(), kubeadm("fd00:10:244::/56"));
    assert_eq!(run(&["--ipv6-pod-cidr", "fd00:7::/56"]).out(), kubeadm("fd00:7::/56"));
    let ran = run(&["--config", "own.yaml"]);
    assert_eq!(ran.out(), kubeadm("fd00:9::/56"));
    let said = "warning: calico-ipv6.yaml: not used, because --config own.yaml is given\n";
    assert!(ran.err().contains(said), "{}", ran.err());
    for quiet in [&["--config", "own.yaml", "--isolated"][..], &["--config", "./calico-ipv6.yaml"]] {
        assert!(!run(quiet).err().contains("not used"), "{quiet:?}");
    }
}

#[test]
fn isolated_ignores_every_file() {
    let folder = Folder::with(&[("calico-ipv6.yaml", &dual()), ("in/a.yaml", CONFIG)]);
    for subcommand in [&["transform", "in"][..], &["generate", "ippool"]] {
        let ran = folder.run(&[subcommand, &["--isolated"]].concat()).exit(2);
        assert!(ran.err().contains("--to is required"), "{}", ran.err());
    }
    let ran = folder.run(&["lint", "--isolated", "in"]);
    assert!(
        ran.err().contains("checked for IPv4-only, the IP families that the files configure"),
        "{}",
        ran.err()
    );
}

#[test]
fn a_manifest_of_this_name_is_a_manifest() {
    let folder = Folder::with(&[("calico-ipv6.yaml", CONFIG), ("a.yaml", CONFIG)]);
    let flags = ["transform", "-q", "--to", "dual-stack", "--ipv6-pod-cidr", "fd00:10:244::/56"];
    folder.run(&[&flags[..], &["-w", "."]].concat()).exit(0);
    assert_eq!(folder.read("calico-ipv6.yaml"), CONFIG_DUAL);
}

/// A shell creates the file of a redirection before the command starts.
#[cfg(unix)]
#[test]
fn the_result_may_be_redirected_into_a_file_of_this_name() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    folder.bash("dual a.yaml > calico-ipv6.yaml").exit(0);
    assert_eq!(folder.read("calico-ipv6.yaml"), CONFIG_DUAL);
}

/// A file that cannot be a manifest is a configuration file with a mistake: the one above it does not replace it in silence.
#[test]
fn a_file_of_this_name_that_is_no_target_is_an_error() {
    let keys = "to: ipv6-only\nipv6PodCIDR: fd00::/56\n";
    let config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: target}\ndata: {to: ipv6-only}\n";
    for (text, said) in [
        (
            keys,
            ":1:1: expected a Target of calico-ipv6.io/v1alpha1, found neither apiVersion nor kind: write both, and the keys below `spec`",
        ),
        ("# ours\nspec:\n", ":2:1: expected a Target of calico-ipv6.io/v1alpha1, found neither"),
        (
            "apiVersion: calico-ipv6.io/v1alpha1\n",
            ":1:1: expected a Target of calico-ipv6.io/v1alpha1, found an object of calico-ipv6.io/v1alpha1 without a kind",
        ),
        (
            "kind: Target\n",
            ":1:1: expected a Target of calico-ipv6.io/v1alpha1, found Target without an apiVersion",
        ),
        ("to: [\n", ":1:"),
        (
            "",
            ":1:1: is empty: write a Target (calico-ipv6 transform --isolated --print-config --to dual-stack FILE prints one), or remove the file",
        ),
        ("# to: ipv6-only\n", ":1:1: is empty: write a Target"),
        (
            config_map,
            ":1:1: a ConfigMap counts only with --config: write it as a Target, with the keys of `data` below `spec`",
        ),
    ] {
        let folder = Folder::with(&[
            ("calico-ipv6.yaml", &dual()),
            ("a/calico-ipv6.yaml", text),
            ("a/b/a.yaml", CONFIG),
            ("c/a.yaml", CONFIG),
        ]);
        for arguments in [
            &["transform", "-o", "diff", "a/b/a.yaml"][..],
            &["transform", "-R", "--output-dir", "out", "."],
            &["lint", "-R", "a"],
        ] {
            let ran = folder.run(arguments).exit(2);
            let expected = format!("error: a/calico-ipv6.yaml{said}");
            assert!(ran.err().contains(&expected), "{arguments:?}: {expected}: {}", ran.err());
        }
        let mut generate = folder.command(&["generate", "ippool"]);
        let ran = folder::Ran(generate.current_dir(folder.path("a")).output().unwrap()).exit(2);
        assert!(ran.err().contains(&format!("error: calico-ipv6.yaml{said}")), "{}", ran.err());
        // What does not count may be wrong.
        folder.run(&["transform", "-q", "c/a.yaml"]).exit(0);
        folder.run(&["transform", "-q", "--config", "calico-ipv6.yaml", "a/b/a.yaml"]).exit(0);
        folder.run(&[&folder::DUAL[..], &["-q", "--isolated", "a/b/a.yaml"]].concat()).exit(0);
    }
    let folder = Folder::with(&[("calico-ipv6.yaml", config_map), ("in/a.yaml", CONFIG)]);
    let given = ["transform", "-q", "--config", "calico-ipv6.yaml", "--ipv6-pod-cidr", "fd00::/56", "in"];
    folder.run(&given).exit(0);
}

#[cfg(unix)]
#[test]
fn a_dangling_link_of_this_name_is_an_error() {
    let folder = Folder::with(&[("calico-ipv6.yaml", &dual()), ("a/a.yaml", CONFIG)]);
    std::os::unix::fs::symlink("nothere", folder.path("a/calico-ipv6.yaml")).unwrap();
    for arguments in [&["transform", "a/a.yaml"][..], &["lint", "a"]] {
        let ran = folder.run(arguments).exit(2);
        let said = "error: a/calico-ipv6.yaml: is a link that leads to no file (No such file or directory (os error 2)): correct the link, or remove it";
        assert!(ran.err().contains(said), "{}", ran.err());
    }
}

#[test]
fn a_file_of_this_name_in_another_encoding_is_an_error() {
    let folder = Folder::with(&[("a/a.yaml", CONFIG)]);
    let utf16: Vec<u8> = dual().encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.path("a/calico-ipv6.yaml"), utf16).unwrap();
    let ran = folder.run(&["transform", "a/a.yaml"]).exit(2);
    assert!(ran.err().contains("error: a/calico-ipv6.yaml: is UTF-16: save it as UTF-8"), "{}", ran.err());
}

/// Values of a chart have neither an apiVersion nor a kind.
#[test]
fn values_of_this_name_are_no_configuration() {
    let values = "installation:\n  calicoNetwork:\n    ipPools:\n    - cidr: 10.244.0.0/16\n";
    let folder = Folder::with(&[("calico-ipv6.yaml", values)]);
    let flags = ["transform", "-q", "--to", "dual-stack", "--ipv6-pod-cidr", "fd00:10:244::/56"];
    let ran = folder.run(&[&flags[..], &["calico-ipv6.yaml"]].concat()).exit(0);
    assert!(ran.out().contains("fd00:10:244::/56"), "{}", ran.out());
}

#[test]
fn a_configuration_file_alone_is_nothing_to_convert() {
    let folder = Folder::with(&[("calico-ipv6.yaml", &dual())]);
    for input in ["calico-ipv6.yaml", "."] {
        let ran = folder.run(&["transform", input]).exit(2);
        assert!(ran.err().contains("nothing to convert: pass the manifests, too"), "{}", ran.err());
    }
}

#[test]
fn two_files_for_one_folder_are_an_error() {
    let folder =
        Folder::with(&[("c/calico-ipv6.yaml", &dual()), ("c/target.yaml", &dual()), ("c/a.yaml", CONFIG)]);
    let ran = folder.run(&["transform", "c"]).exit(2);
    let said = "c/target.yaml: is a Target, and c/calico-ipv6.yaml is one for the same folder";
    assert!(ran.err().contains(said), "{}", ran.err());
}

/// Each mistake is named with its place, for every subcommand that takes a target.
#[test]
fn mistakes_are_located() {
    for (spec, said) in [
        (&["to: dual-stack", "podCIDR: x"][..], ":5:3: unknown key `podCIDR`; did you mean `ipv4PodCIDR`?"),
        (
            &["to: dual-stack", "ipv6-pod-cidr: x"],
            ":5:3: unknown key `ipv6-pod-cidr`; did you mean `ipv6PodCIDR`?",
        ),
        (
            &["to: dual-stack", "natoutgoing: x"],
            ":5:3: unknown key `natoutgoing`; did you mean `natOutgoing`?",
        ),
        (&["to: dual-stack", "colour: red"], ":5:3: unknown key `colour`\n"),
        (&["to: both"], ":4:7: `to`: `both` is not one of dual-stack, ipv6-only, ipv4-only"),
        (&["to: dual-stack", "", "ipv6BlockSize: 64"], ":6:18: `ipv6BlockSize`: invalid block size `64`"),
        (
            &["to: ipv6-only", "ipv4PodCIDR: 10.0.0.0/16"],
            ":5:16: `ipv4PodCIDR`: has no effect with --to ipv6-only",
        ),
        (
            &["to: ipv6-only", "addressMap:", "- 192.0.2.1=2001:db8::1", "- 192.0.2.2"],
            ":7:5: `addressMap`: `192.0.2.2`: expected IPV4=IPV6",
        ),
        (&["to: dual-stack", "to: dual-stack"], ":5:3: `to` is given twice"),
        (&["to: dual-stack", "ipv6PodCIDR: [fd00::/56]"], ":5:16: `ipv6PodCIDR` must be a string"),
        (&["to: dual-stack", "  ipv6PodCIDR: x: y"], ":5:16: "),
    ] {
        let folder = Folder::with(&[("calico-ipv6.yaml", &target(spec)), ("in/a.yaml", CONFIG)]);
        for arguments in [&["transform", "in"][..], &["lint", "in"], &["generate", "ippool"]] {
            let ran = folder.run(arguments).exit(2);
            let expected = format!("error: calico-ipv6.yaml{said}");
            assert!(ran.err().contains(&expected), "{arguments:?}: {expected}: {}", ran.err());
            assert!(!ran.err().contains("--help"), "{}", ran.err());
        }
    }
    let misspelt = dual().replace("spec:", "specs:");
    let folder = Folder::with(&[("calico-ipv6.yaml", &misspelt), ("in/a.yaml", CONFIG)]);
    let ran = folder.run(&["transform", "in"]).exit(2);
    assert!(
        ran.err().contains("calico-ipv6.yaml:3:1: unknown key `specs`; did you mean `spec`?"),
        "{}",
        ran.err()
    );
}

#[test]
fn a_key_of_the_document_is_given_once() {
    let twice = format!("{}spec: {{to: ipv6-only}}\n", dual());
    let folder = Folder::with(&[("calico-ipv6.yaml", &twice), ("in/a.yaml", CONFIG)]);
    let ran = folder.run(&["transform", "in"]).exit(2);
    assert!(ran.err().contains(": `spec` is given twice"), "{}", ran.err());
}

#[test]
fn a_printed_configuration_is_one_that_can_be_read() {
    let spec = [
        "to: ipv6-only",
        "ipv6PodCIDR: \"fd00:10:244::/56\"",
        "ipv6AutodetectionMethod: \"interface=eth.*,ens[0-9],\\u00ad\\U000E0041\"",
        "addressMap: ['192.0.2.1=2001:db8::']",
    ];
    let folder = Folder::with(&[("calico-ipv6.yaml", &target(&spec)), ("in/a.yaml", CONFIG)]);
    let pair = ["--map-address", "192.0.2.2=2001:db8::2"];
    let printed = folder.run(&[&["transform", "--print-config", "in"][..], &pair].concat()).exit(0).out();
    std::fs::write(folder.path("printed.yaml"), &printed).unwrap();
    let again =
        folder.run(&["transform", "--print-config", "--isolated", "--config", "printed.yaml", "in"]).exit(0);
    let values = |text: &str| {
        let value = |line: &str| line.split("  #").next().unwrap_or_default().trim_end().to_owned();
        text.lines().map(value).collect::<Vec<_>>()
    };
    assert_eq!(values(&again.out()), values(&printed));
    assert!(printed.contains("ens[0-9],\\u00ad\\U000e0041\""), "{printed}");
    assert!(printed.contains("- \"192.0.2.1=2001:db8::\""), "{printed}");
}
