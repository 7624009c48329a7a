//! Files, folders, links and permissions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const DUAL: [&str; 5] = ["transform", "--to", "dual-stack", "--ipv6-pod-cidr", "fd00:10:244::/56"];

const CONFIG: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: calico-config
data:
  cni_network_config: '{"type": "calico", "ipam": {"type": "calico-ipam"}}'
"#;

const CONFIG_DUAL: &str = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: calico-config
data:
  cni_network_config: '{"type": "calico", "ipam": {"type": "calico-ipam", "assign_ipv4": "true", "assign_ipv6": "true"}}'
"#;

/// Calico 3.22 with the VXLAN backend has no IPv6.
const REFUSED: &str = r#"apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: calico-node
spec:
  template:
    spec:
      containers:
        - name: calico-node
          image: calico/node:v3.22.5
          env:
            - name: CALICO_NETWORKING_BACKEND
              value: "vxlan"
            - name: IP
              value: "autodetect"
"#;

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";

struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = folder.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// All files below it, sorted.
    fn list(&self) -> Vec<String> {
        fn walk(root: &Path, at: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(at).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    walk(root, &path, found);
                } else {
                    found.push(path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"));
                }
            }
        }
        let mut found = Vec::new();
        walk(self.0.path(), self.0.path(), &mut found);
        found.sort();
        found
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "", &[])
    }

    fn run_with(&self, arguments: &[&str], input: &str, env: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_calico-ipv6"));
        command.current_dir(self.0.path()).env_clear().envs(env.iter().copied()).args(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran(child.wait_with_output().unwrap())
    }
}

struct Ran(Output);

impl Ran {
    #[track_caller]
    fn exit(self, code: i32) -> Ran {
        assert_eq!(self.0.status.code(), Some(code), "{}", self.err());
        self
    }

    fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }
}

fn dual<'a>(more: &[&'a str]) -> Vec<&'a str> {
    DUAL.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn a_file_is_printed() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let ran = folder.run(&dual(&["a.yaml"])).exit(0);
    assert_eq!(ran.out(), CONFIG_DUAL);
    assert_eq!(folder.read("a.yaml"), CONFIG);
    assert!(ran.err().contains("a.yaml"), "{}", ran.err());
}

#[test]
fn standard_input_is_printed() {
    let folder = Folder::with(&[]);
    assert_eq!(folder.run_with(&dual(&[]), CONFIG, &[]).exit(0).out(), CONFIG_DUAL);
    assert_eq!(folder.run_with(&dual(&["-"]), CONFIG, &[]).exit(0).out(), CONFIG_DUAL);
    assert_eq!(folder.run_with(&dual(&["-f", "-"]), CONFIG, &[]).exit(0).out(), CONFIG_DUAL);
}

#[test]
fn standard_input_has_no_file_to_write() {
    let folder = Folder::with(&[]);
    let ran = folder.run_with(&dual(&["-w", "-"]), CONFIG, &[]).exit(2);
    assert_eq!(ran.out(), "");
    assert!(ran.err().contains("-w"), "{}", ran.err());
}

#[test]
fn files_become_one_stream() {
    let folder = Folder::with(&[("a.yaml", CONFIG.trim_end()), ("b.yaml", SERVICE)]);
    let ran = folder.run(&dual(&["a.yaml", "-f", "b.yaml"])).exit(0);
    assert_eq!(ran.out(), format!("{CONFIG_DUAL}---\n{SERVICE}"));
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    assert_eq!(folder.run(&dual(&["a.yaml", "./a.yaml", "-f", "a.yaml"])).exit(0).out(), CONFIG_DUAL);
}

#[test]
fn what_one_file_says_is_known_to_the_others() {
    let config = format!("{CONFIG}  calico_backend: vxlan\n");
    let node = REFUSED.replace(
        "value: \"vxlan\"",
        "valueFrom: {configMapKeyRef: {name: calico-config, key: calico_backend}}",
    );
    let folder = Folder::with(&[("config.yaml", &config), ("node.yaml", &node)]);
    let ran = folder.run(&dual(&["node.yaml", "config.yaml"])).exit(1);
    assert!(ran.err().contains("ENC-006"), "{}", ran.err());
    assert_eq!(ran.out(), "");
}

#[test]
fn files_are_replaced() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", SERVICE)]);
    let ran = folder.run(&dual(&["-w", "a.yaml", "b.yaml"])).exit(0);
    assert_eq!(ran.out(), "");
    assert_eq!((folder.read("a.yaml"), folder.read("b.yaml")), (CONFIG_DUAL.to_owned(), SERVICE.to_owned()));
    assert_eq!(folder.list(), ["a.yaml", "b.yaml"]);
    let again = folder.run(&dual(&["-w", "a.yaml"])).exit(0);
    assert!(again.err().contains("already dual-stack"), "{}", again.err());
}

#[test]
fn nothing_is_replaced_when_one_file_is_refused() {
    for files in [["a.yaml", "refused.yaml"], ["refused.yaml", "a.yaml"]] {
        let folder = Folder::with(&[("a.yaml", CONFIG), ("refused.yaml", REFUSED)]);
        let ran = folder.run(&dual(&["-w", files[0], files[1]])).exit(1);
        assert_eq!(ran.out(), "");
        assert_eq!(
            (folder.read("a.yaml"), folder.read("refused.yaml")),
            (CONFIG.to_owned(), REFUSED.to_owned())
        );
        assert_eq!(folder.list(), ["a.yaml", "refused.yaml"]);
    }
}

#[test]
fn nothing_is_replaced_when_one_file_cannot_be_read() {
    for (name, text, said) in [
        ("bad.yaml", "kind: ConfigMap\ndata: {cni_network_config: [\n".as_bytes(), "not YAML"),
        ("tabs.yaml", b"kind: ConfigMap\ndata:\n\tcni_network_config: x\n", "tab"),
        ("binary.yaml", b"\x7fELF\0\0\0", "binary"),
        ("latin.yaml", b"# gr\xfc\xdfe\n", "UTF-8"),
        ("wide.yaml", b"\xff\xfek\0i\0n\0d\0", "UTF-16"),
        ("packed.yaml", b"\x1f\x8b\x08\0", "compressed"),
    ] {
        let folder = Folder::with(&[("a.yaml", CONFIG)]);
        fs::write(folder.path(name), text).unwrap();
        let ran = folder.run(&dual(&["-w", "a.yaml", name])).exit(2);
        assert_eq!((ran.out(), folder.read("a.yaml")), (String::new(), CONFIG.to_owned()), "{name}");
        assert!(ran.err().contains(said) && ran.err().contains(name), "{name}: {}", ran.err());
    }
}

#[test]
fn an_empty_input_is_an_accident_unless_there_are_others() {
    let folder = Folder::with(&[("empty.yaml", ""), ("a.yaml", CONFIG)]);
    assert!(folder.run(&dual(&["empty.yaml"])).exit(2).err().contains("empty"));
    assert!(folder.run_with(&dual(&["-"]), "", &[]).exit(2).err().contains("empty"));
    folder.run(&dual(&["-w", "empty.yaml", "a.yaml"])).exit(0);
    assert_eq!((folder.read("empty.yaml"), folder.read("a.yaml")), (String::new(), CONFIG_DUAL.to_owned()));
}

#[test]
fn a_missing_file_is_told() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let ran = folder.run(&dual(&["-w", "a.yaml", "missing.yaml"])).exit(2);
    assert!(ran.err().contains("missing.yaml"), "{}", ran.err());
    assert_eq!(folder.read("a.yaml"), CONFIG);
}

#[test]
fn bytes_that_were_there_stay() {
    let crlf = format!("\u{FEFF}{}", CONFIG.trim_end().replace('\n', "\r\n"));
    let folder = Folder::with(&[("a.yaml", &crlf)]);
    folder.run(&dual(&["-w", "a.yaml"])).exit(0);
    assert_eq!(folder.read("a.yaml"), format!("\u{FEFF}{}", CONFIG_DUAL.trim_end().replace('\n', "\r\n")));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_permissions_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with(&[("real/a.yaml", CONFIG)]);
    fs::set_permissions(folder.path("real/a.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real/a.yaml", folder.path("link.yaml")).unwrap();
    folder.run(&dual(&["-w", "link.yaml"])).exit(0);
    assert!(folder.path("link.yaml").is_symlink());
    assert_eq!(folder.read("real/a.yaml"), CONFIG_DUAL);
    assert_eq!(fs::metadata(folder.path("real/a.yaml")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(folder.list(), ["link.yaml", "real/a.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_stops_all() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with(&[("a.yaml", CONFIG), ("locked.yaml", CONFIG)]);
    fs::set_permissions(folder.path("locked.yaml"), fs::Permissions::from_mode(0o444)).unwrap();
    let ran = folder.run(&dual(&["-w", "a.yaml", "locked.yaml"])).exit(2);
    assert!(ran.err().contains("locked.yaml"), "{}", ran.err());
    assert_eq!((folder.read("a.yaml"), folder.read("locked.yaml")), (CONFIG.to_owned(), CONFIG.to_owned()));
    assert_eq!(folder.list(), ["a.yaml", "locked.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_stops_all() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::with(&[("a.yaml", CONFIG), ("locked/b.yaml", CONFIG)]);
    fs::set_permissions(folder.path("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(folder.path("locked/probe"), "").is_ok() {
        return; // root may write everywhere
    }
    let ran = folder.run(&dual(&["-w", "a.yaml", "locked/b.yaml"])).exit(2);
    fs::set_permissions(folder.path("locked"), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(ran.err().contains("locked"), "{}", ran.err());
    assert_eq!((folder.read("a.yaml"), folder.read("locked/b.yaml")), (CONFIG.to_owned(), CONFIG.to_owned()));
    assert_eq!(folder.list(), ["a.yaml", "locked/b.yaml"]);
}

#[test]
fn folders_are_searched() {
    let files = [
        ("m/a.yaml", CONFIG),
        ("m/b.yml", SERVICE),
        ("m/c.json", "{}\n"),
        ("m/notes.txt", "not a manifest"),
        ("m/nginx.conf", "worker_processes auto;\n\t{"),
        ("m/kubelet.conf", "apiVersion: v1\nkind: Config\nclusters: []\n"),
        ("m/kubeadm-flags.env", "KUBELET_KUBEADM_ARGS=--v=2\n"),
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
    // OpenShift wants to know the network of the nodes, which no file tells.
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
fn another_folder_takes_the_files() {
    let folder = Folder::with(&[("m/a.yaml", CONFIG), ("m/deep/b.yaml", SERVICE)]);
    let ran = folder.run(&dual(&["-R", "--output-dir", "out", "m"])).exit(0);
    assert_eq!(ran.out(), "");
    assert_eq!(folder.list(), ["m/a.yaml", "m/deep/b.yaml", "out/a.yaml", "out/deep/b.yaml"]);
    assert_eq!(
        (folder.read("out/a.yaml"), folder.read("out/deep/b.yaml")),
        (CONFIG_DUAL.to_owned(), SERVICE.to_owned())
    );
    assert_eq!(folder.read("m/a.yaml"), CONFIG);
}

#[test]
fn another_folder_stays_empty_when_one_file_is_refused() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("refused.yaml", REFUSED)]);
    folder.run(&dual(&["--output-dir", "out", "a.yaml", "refused.yaml"])).exit(1);
    assert_eq!(folder.list(), ["a.yaml", "refused.yaml"]);
}

#[test]
fn two_files_of_one_name_do_not_fall_on_each_other() {
    let folder = Folder::with(&[("x/a.yaml", CONFIG), ("y/a.yaml", SERVICE)]);
    let ran = folder.run(&dual(&["--output-dir", "out", "x/a.yaml", "y/a.yaml"])).exit(2);
    assert!(ran.err().contains("a.yaml"), "{}", ran.err());
    assert!(!folder.path("out/a.yaml").exists());
}

#[test]
fn a_diff_can_be_applied() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("b.yaml", SERVICE)]);
    let out = folder.run(&dual(&["-o", "diff", "a.yaml", "b.yaml"])).exit(0).out();
    assert!(out.starts_with("--- a/a.yaml\n+++ b/a.yaml\n@@ "), "{out}");
    assert!(!out.contains("b.yaml"), "{out}");
}

#[test]
fn a_plan_is_data() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("refused.yaml", REFUSED)]);
    let plan: serde_json::Value =
        serde_json::from_str(&folder.run(&dual(&["-o", "json", "a.yaml", "refused.yaml"])).exit(1).out())
            .unwrap();
    assert_eq!(plan["version"], 1);
    assert_eq!(plan["files"][0]["outcome"], "changed");
    assert_eq!(plan["files"][0]["text"], CONFIG_DUAL);
    assert_eq!(plan["files"][0]["changes"][0]["rule"], "CNI-015");
    assert_eq!(plan["files"][1]["outcome"], "refused");
    let findings = plan["files"][1]["findings"].as_array().unwrap();
    let blocking = findings.iter().find(|finding| finding["blocks"] == true).unwrap();
    assert_eq!(blocking["rule"], "ENC-006");
    assert_eq!(blocking["place"]["line"], 10);
    assert_eq!(plan["files"][1]["text"], serde_json::Value::Null);
}

#[test]
fn facts_are_data() {
    let folder = Folder::with(&[("refused.yaml", REFUSED)]);
    let facts: serde_json::Value =
        serde_json::from_str(&folder.run(&["inspect", "-o", "json", "refused.yaml"]).exit(0).out()).unwrap();
    assert_eq!(facts["version"], 1);
    let install = &facts["files"][0]["installs"][0];
    assert_eq!(install["facts"]["calico"], "v3.22.5");
    assert_eq!(install["facts"]["backend"], "vxlan");
}

#[test]
fn rules_are_data() {
    let folder = Folder::with(&[]);
    let rules: serde_json::Value =
        serde_json::from_str(&folder.run(&["rules", "-o", "json"]).exit(0).out()).unwrap();
    let rules = rules["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == "NODE-003"), "{rules:?}");
    for rule in rules {
        let page = folder.run(&["explain", rule["id"].as_str().unwrap()]).exit(0);
        assert!(page.out().contains(rule["name"].as_str().unwrap()));
        folder.run(&["explain", rule["name"].as_str().unwrap()]).exit(0);
    }
}

#[test]
fn quiet_says_nothing_but_errors() {
    let folder = Folder::with(&[("a.yaml", CONFIG), ("refused.yaml", REFUSED)]);
    assert_eq!(folder.run(&dual(&["-q", "a.yaml"])).exit(0).err(), "");
    assert!(folder.run(&dual(&["-q", "refused.yaml"])).exit(1).err().contains("ENC-006"));
    assert!(
        folder
            .run(&["-q", "transform", "--to", "dual-stack", "nope.yaml"])
            .exit(2)
            .err()
            .contains("nope.yaml")
    );
}

#[test]
fn verbose_says_more() {
    let node = REFUSED.replace("v3.22.5", "v3.31.7");
    let folder = Folder::with(&[("node.yaml", &node)]);
    assert!(!folder.run(&dual(&["node.yaml"])).exit(0).err().contains("ENC-005"));
    assert!(folder.run(&dual(&["-v", "node.yaml"])).exit(0).err().contains("ENC-005"));
}

#[test]
fn colour_follows_the_option_then_the_environment() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    let coloured = |arguments: &[&str], env: &[(&str, &str)]| {
        folder.run_with(&dual(arguments), "", env).exit(0).err().contains('\u{1b}')
    };
    assert!(!coloured(&["a.yaml"], &[]), "a pipe has no colours");
    assert!(coloured(&["--color", "always", "a.yaml"], &[]));
    assert!(coloured(&["--color", "always", "a.yaml"], &[("NO_COLOR", "1")]), "the option wins");
    assert!(!coloured(&["--color", "never", "a.yaml"], &[("CLICOLOR_FORCE", "1")]), "the option wins");
    assert!(coloured(&["a.yaml"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&["a.yaml"], &[("NO_COLOR", "1")]));
}

#[test]
fn data_never_has_colours() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    assert_eq!(folder.run(&dual(&["--color", "always", "a.yaml"])).exit(0).out(), CONFIG_DUAL);
    let json = folder.run(&dual(&["--color", "always", "-o", "json", "a.yaml"])).exit(0).out();
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
}

#[test]
fn a_target_is_read_from_a_file() {
    let target = "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nmetadata: {name: production}\n\
                  spec: {to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56', nodesHaveIPv4: true, ipv6BlockSize: 122}\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: production}\n\
               data: {to: dual-stack, ipv6PodCIDR: 'fd00:10:244::/56', nodesHaveIPv4: 'true'}\n";
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

#[test]
fn a_target_file_that_cannot_be_is_told() {
    for (text, said) in [
        ("kind: Target\nspec: {to: dual-stack}\n", "calico-ipv6.io/v1alpha1"),
        (
            "apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: dual-stack, podCIDR: x}\n",
            "podCIDR",
        ),
        ("apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: both}\n", "both"),
        ("apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\nspec: {to: [dual-stack]}\n", "to"),
        ("apiVersion: calico-ipv6.io/v1alpha1\nkind: Target\n", "spec"),
        ("a: [\n", "target.yaml"),
    ] {
        let folder = Folder::with(&[("target.yaml", text), ("a.yaml", CONFIG)]);
        let ran = folder.run(&["transform", "--config", "target.yaml", "-w", "a.yaml"]).exit(2);
        assert!(ran.err().contains(said), "{text}: {}", ran.err());
        assert_eq!(folder.read("a.yaml"), CONFIG);
    }
}

#[test]
fn bad_usage_exits_with_2() {
    let folder = Folder::with(&[("a.yaml", CONFIG)]);
    for arguments in [
        &["transform", "a.yaml"][..],
        &["transform", "--to", "ipv5-only", "a.yaml"],
        &["transform", "--to", "dual-stack", "--ipv6-pod-cidr", "10.0.0.0/8", "a.yaml"],
        &["transform", "--to", "dual-stack", "--nope", "a.yaml"],
        &["transform", "--to", "dual-stack", "-w", "-o", "json", "a.yaml"],
        &["transform", "--to", "dual-stack", "-w", "--output-dir", "x", "a.yaml"],
        &["-q", "-v", "rules"],
        &["explain"],
        &["explain", "nonsense"],
        &["completion", "tcsh"],
        &["nonsense"],
        &[],
    ] {
        let ran = folder.run(arguments).exit(2);
        assert_eq!(ran.out(), "", "{arguments:?}");
        assert!(!ran.err().is_empty(), "{arguments:?}");
    }
    assert_eq!(folder.list(), ["a.yaml"]);
}

#[test]
fn help_and_version_are_data() {
    let folder = Folder::with(&[]);
    for arguments in
        [&["--help"][..], &["-h"], &["--version"], &["transform", "--help"], &["help", "inspect"]]
    {
        let ran = folder.run(arguments).exit(0);
        assert!(!ran.out().is_empty() && ran.err().is_empty(), "{arguments:?}");
    }
}

#[test]
fn completion_is_printed_for_each_shell() {
    let folder = Folder::with(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = folder.run(&["completion", shell]).exit(0).out();
        assert!(script.contains("ipv6-pod-cidr"), "{shell}");
    }
}

#[cfg(unix)]
#[test]
fn as_a_plugin_of_kubectl_its_help_says_so() {
    let folder = Folder::with(&[]);
    let plugin = folder.path("kubectl-calico_ipv6");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_calico-ipv6"), &plugin).unwrap();
    let help = |arguments: &[&str]| {
        String::from_utf8(Command::new(&plugin).args(arguments).output().unwrap().stdout).unwrap()
    };
    assert!(
        help(&["--help"]).contains("Usage: kubectl calico-ipv6 [OPTIONS] <COMMAND>"),
        "{}",
        help(&["--help"])
    );
    assert!(help(&["transform", "--help"]).contains("Usage: kubectl calico-ipv6 transform"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::with(&[("big.yaml", &format!("# {}\n", "x".repeat(1 << 20)))]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_calico-ipv6"))
        .current_dir(folder.0.path())
        .args(dual(&["-q", "big.yaml"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = child.wait_with_output().unwrap();
    assert_eq!((ran.status.code(), ran.stderr), (Some(0), Vec::new()));
}

const CLUSTER_A: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/16,fd00:a::/112\n";
const CLUSTER_B: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.245.0.0/16\n  serviceSubnet: 10.97.0.0/16\n";

/// `serviceSubnet` of `a` is known; it must not become that of `b`.
#[test]
fn facts_of_one_cluster_never_reach_another() {
    let folder = Folder::with(&[("c/a/kubeadm.yaml", CLUSTER_A), ("c/b/kubeadm.yaml", CLUSTER_B)]);
    let ran = folder.run(&dual(&["-R", "-w", "c"])).exit(2);
    assert!(ran.err().contains("c/b/kubeadm.yaml: --ipv6-service-cidr is missing"), "{}", ran.err());
    assert_eq!(folder.read("c/b/kubeadm.yaml"), CLUSTER_B);
    let more = ["-R", "-w", "--ipv6-service-cidr", "fd00:b::/112", "c"];
    let ran = folder.run(&dual(&more)).exit(0);
    assert!(
        ran.err().contains("2 clusters: c/a/kubeadm.yaml (1 file), c/b/kubeadm.yaml (1 file)\n"),
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
