//! `preflight` on copies of hosts: each case changes one thing of a host that is as it should be.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use calico_ipv6_engine::preflight::RULES;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const ZEROS: &str = "00000000000000000000000000000000";
const RELEASE: &str = "6.1.0-9-amd64";

/// A host with the address 2001:db8:1::11, a static default route and everything that dual-stack needs.
const HOST: &[(&str, &str)] = &[
    ("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1\n"),
    ("proc/modules", "nf_tables 380928 0 - Live 0x0\nbr_netfilter 32768 0 - Live 0x0\n"),
    ("proc/net/dev", "Inter-|   Receive\n face |bytes\n    lo: 1 2\n  eth0: 3 4\n"),
    (
        "proc/net/if_inet6",
        "00000000000000000000000000000001 01 80 10 80       lo\n20010db8000100000000000000000011 02 40 00 80     eth0\nfe8000000000000000fc00fffe000001 02 40 20 80     eth0\n",
    ),
    (
        "proc/net/fib_trie",
        "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.0.2.11\n        /32 host LOCAL\n",
    ),
    (
        "proc/net/route",
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n",
    ),
    ("proc/net/tcp6", "  sl  local_address  remote st\n"),
    ("proc/sys/kernel/hostname", "node7\n"),
    ("proc/sys/kernel/osrelease", "6.1.0-9-amd64\n"),
    ("proc/sys/net/ipv4/ip_forward", "1\n"),
    ("proc/sys/net/ipv6/conf/all/disable_ipv6", "0\n"),
    ("proc/sys/net/ipv6/conf/all/forwarding", "1\n"),
    ("proc/sys/net/ipv6/conf/default/disable_ipv6", "0\n"),
    ("proc/sys/net/ipv6/conf/default/forwarding", "1\n"),
    ("proc/sys/net/ipv6/conf/lo/mtu", "65536\n"),
    ("proc/sys/net/ipv6/conf/eth0/accept_ra", "1\n"),
    ("proc/sys/net/ipv6/conf/eth0/disable_ipv6", "0\n"),
    ("proc/sys/net/ipv6/conf/eth0/mtu", "1500\n"),
    ("proc/sys/net/ipv6/conf/eth0/use_tempaddr", "0\n"),
    ("sys/class/net/lo/ifindex", "1\n"),
    ("sys/class/net/eth0/ifindex", "2\n"),
    ("sys/class/net/eth0/mtu", "1500\n"),
    ("sys/class/net/eth0/operstate", "up\n"),
    ("etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
    ("etc/resolv.conf", "nameserver 2001:db8::53\n"),
    ("etc/sysctl.d/90-k8s.conf", "net.ipv4.ip_forward = 1\nnet.ipv6.conf.all.forwarding = 1\n"),
];

struct Host(TempDir);

impl Host {
    fn new() -> Host {
        let host = Host(tempfile::tempdir().unwrap());
        HOST.iter().for_each(|(path, text)| host.set(path, text));
        host.set("proc/net/ipv6_route", &route("00000003", "eth0"));
        host
    }

    fn set(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn remove(&self, path: &str) {
        let path = self.0.path().join(path);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        } else {
            std::fs::remove_file(path).unwrap();
        }
    }

    fn run(&self, words: &str) -> Output {
        run(self.0.path(), &format!("--root . {words}"))
    }

    fn text(&self, words: &str) -> String {
        text(&self.run(words).stdout)
    }

    /// The rules with their severities that the host shows, and the exit code.
    fn findings(&self, words: &str) -> (Vec<String>, i32) {
        let made = self.run(&format!("{words} -o json"));
        let report: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
        let checks = report["checks"].as_array().unwrap();
        let finding = |check: &serde_json::Value| {
            let finding = check["finding"].as_object()?;
            Some(format!("{} {}", finding["severity"].as_str()?, finding["rule"].as_str()?))
        };
        (checks.iter().filter_map(finding).collect(), made.status.code().unwrap())
    }
}

fn run(folder: &Path, words: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_calico-ipv6"))
        .arg("preflight")
        .args(words.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A default route with these flags.
fn route(flags: &str, interface: &str) -> String {
    let gateway = format!("fe80{}1", &ZEROS[..27]);
    format!(
        "{ZEROS} 00 {ZEROS} 00 {gateway} 00000400 00000001 00000000 {flags}     {interface}\n{ZEROS} 00 {ZEROS} 00 {ZEROS} ffffffff 00000001 00000000 00200200       lo\n"
    )
}

fn address(text: &str) -> String {
    format!("00000000000000000000000000000001 01 80 10 80       lo\n{text}     eth0\n")
}

/// One change of the host, the arguments, and the findings.
struct Case {
    change: fn(&Host),
    words: &'static str,
    findings: &'static [&'static str],
}

const fn case(change: fn(&Host), words: &'static str, findings: &'static [&'static str]) -> Case {
    Case { change, words, findings }
}

const CASES: &[Case] = &[
    case(|_| {}, "", &[]),
    case(|_| {}, "--to ipv6-only --provisioner kubeadm", &[]),
    case(|_| {}, "--to ipv4-only", &[]),
    // IPv6 in the kernel.
    case(
        |host| {
            host.remove("proc/sys/net/ipv6");
            host.remove("proc/net/if_inet6");
            host.remove("proc/net/ipv6_route");
            host.set("proc/cmdline", "quiet ipv6.disable=1\n");
        },
        "",
        &["error HOST-003"],
    ),
    case(
        |host| {
            host.set("proc/sys/net/ipv6/conf/eth0/disable_ipv6", "1\n");
            host.set("proc/net/if_inet6", "");
            host.set("proc/net/ipv6_route", "");
        },
        "--to ipv6-only",
        &["error HOST-IPV6-OFF", "error HOST-ADDR", "warning HOST-002"],
    ),
    case(
        |host| host.set("proc/sys/net/ipv6/conf/default/disable_ipv6", "1\n"),
        "",
        &["warning HOST-IPV6-OFF"],
    ),
    case(
        |host| host.set("etc/sysctl.d/99-hardening.conf", "net.ipv6.conf.all.disable_ipv6 = 1\n"),
        "",
        &["warning HOST-IPV6-OFF"],
    ),
    // Only the interfaces count: Linux says that the value of `all` has no meaning.
    case(|host| host.set("proc/sys/net/ipv6/conf/all/disable_ipv6", "1\n"), "", &[]),
    // Addresses.
    case(
        |host| host.set("proc/net/if_inet6", &address("fe8000000000000000fc00fffe000001 02 40 20 80")),
        "",
        &["error HOST-ADDR"],
    ),
    case(
        |host| host.set("proc/net/if_inet6", &address("20010db8000100000000000000000011 02 40 00 c0")),
        "",
        &["error HOST-ADDR"],
    ),
    case(
        |host| host.set("proc/net/if_inet6", &address("20010db8000100000000000000000011 02 40 00 a0")),
        "",
        &["error HOST-ADDR"],
    ),
    case(
        |host| host.set("proc/net/if_inet6", &address("20010db8000100000000000000000011 02 40 00 88")),
        "",
        &["error HOST-ADDR"],
    ),
    case(
        |host| host.set("proc/net/if_inet6", &address("fd000000000000000000000000000011 02 40 00 00")),
        "",
        &["warning HOST-ADDR"],
    ),
    case(|host| host.set("proc/net/fib_trie", "Local:\n"), "", &["error HOST-ADDR"]),
    case(|host| host.set("proc/net/fib_trie", "Local:\n"), "--to ipv6-only", &[]),
    case(|host| host.set("proc/sys/net/ipv6/conf/eth0/use_tempaddr", "2\n"), "", &["warning HOST-ADDR"]),
    case(
        |host| host.set("etc/default/kubelet", "KUBELET_EXTRA_ARGS=--node-ip=192.0.2.11,2001:db8:1::99\n"),
        "",
        &["error HOST-ADDR"],
    ),
    // Routes.
    case(|host| host.set("proc/net/ipv6_route", &route("00200200", "eth0")), "", &["warning HOST-002"]),
    case(|host| host.set("proc/net/ipv6_route", &route("00450003", "eth0")), "", &["warning HOST-001"]),
    // systemd-networkd and NetworkManager read router advertisements themselves.
    case(|host| host.set("proc/net/ipv6_route", &route("00400003", "eth0")), "", &[]),
    case(
        |host| {
            host.set("proc/net/ipv6_route", &route("00450003", "eth0"));
            host.set("proc/sys/net/ipv6/conf/eth0/accept_ra", "2\n");
        },
        "",
        &["info HOST-001"],
    ),
    case(
        |host| {
            host.set("proc/net/ipv6_route", &route("00450003", "eth0"));
            host.set("proc/sys/net/ipv6/conf/eth0/accept_ra", "2\n");
            host.set("etc/sysctl.d/91-ra.conf", "net.ipv6.conf.eth0.accept_ra=2\n");
        },
        "",
        &[],
    ),
    // Forwarding.
    case(|host| host.set("proc/sys/net/ipv6/conf/default/forwarding", "0\n"), "", &["info HOST-FWD"]),
    case(
        |host| host.set("proc/sys/net/ipv6/conf/default/forwarding", "0\n"),
        "--provisioner kubeadm",
        &["error HOST-FWD"],
    ),
    case(
        |host| host.set("proc/sys/net/ipv4/ip_forward", "0\n"),
        "--provisioner kubeadm --to ipv4-only",
        &["error HOST-FWD"],
    ),
    case(|host| host.set("etc/sysctl.d/90-k8s.conf", ""), "--to ipv6-only", &["info HOST-FWD"]),
    // The MTU.
    case(
        |host| {
            host.set("sys/class/net/eth0/mtu", "1200\n");
            host.remove("proc/sys/net/ipv6/conf/eth0");
            host.set("proc/net/if_inet6", "");
            host.set("proc/net/ipv6_route", "");
        },
        "",
        &["error HOST-ADDR", "warning HOST-002", "error HOST-MTU"],
    ),
    case(|host| host.set("sys/class/net/eth0/mtu", "1340\n"), "", &["warning HOST-MTU"]),
    case(|host| host.set("sys/class/net/eth0/mtu", "1340\n"), "--to ipv4-only", &[]),
    // The packet filter, the kernel, the resolver, firewalld.
    case(
        |host| {
            host.set("proc/modules", "e1000 1 0 - Live 0x0\n");
            for list in ["modules.builtin", "modules.dep"] {
                host.set(&format!("lib/modules/{RELEASE}/{list}"), "kernel/net/e1000.ko:\n");
            }
        },
        "",
        &["warning HOST-IP6TABLES"],
    ),
    case(|host| host.set("proc/sys/kernel/osrelease", "3.10.0-1160.el7.x86_64\n"), "", &["warning ENC-005"]),
    case(|host| host.set("proc/sys/kernel/osrelease", "4.18.0-553.el8_10.x86_64\n"), "", &[]),
    case(|host| host.set("etc/resolv.conf", "nameserver 192.0.2.53\n"), "", &[]),
    case(
        |host| host.set("etc/resolv.conf", "nameserver 192.0.2.53\n"),
        "--to ipv6-only",
        &["warning HOST-RESOLV"],
    ),
    case(
        |host| {
            host.set("etc/resolv.conf", "nameserver 127.0.0.53\n");
            host.set("run/systemd/resolve/resolv.conf", "nameserver fe80::1%eth0\n");
        },
        "--to ipv6-only",
        &["warning HOST-RESOLV"],
    ),
    case(|host| host.set("etc/firewalld/firewalld.conf", "IPv6_rpfilter=yes\n"), "", &["warning HOST-RPF"]),
    case(|host| host.set("etc/firewalld/firewalld.conf", "IPv6_rpfilter=no\n"), "", &[]),
    case(|host| host.set("etc/firewalld/firewalld.conf", "DefaultZone=public\n"), "", &["warning HOST-RPF"]),
];

#[test]
fn each_change_of_a_host_is_found() {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (number, case) in CASES.iter().enumerate() {
        let host = Host::new();
        (case.change)(&host);
        let (findings, exit) = host.findings(case.words);
        assert_eq!(findings, case.findings, "case {number}: {}", host.text(&format!("{} -v", case.words)));
        let has_error = findings.iter().any(|finding| finding.starts_with("error"));
        assert_eq!(exit, i32::from(has_error), "case {number}");
        seen.extend(findings.iter().filter_map(|finding| finding.split(' ').nth(1)).map(str::to_owned));
    }
    let unseen: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !seen.contains(*id)).collect();
    assert!(unseen.is_empty(), "no case shows {unseen:?}");
}

#[test]
fn a_finding_names_the_file_what_happens_and_what_to_do() {
    let host = Host::new();
    host.set("proc/net/ipv6_route", &route("00450003", "eth0"));
    let shown = host.text("--to ipv6-only");
    for part in [
        "warning[HOST-001]: eth0 is configured by router advertisements, and its accept_ra is 1\n",
        "  read: ./proc/sys/net/ipv6/conf/eth0/accept_ra: 1\n",
        "  expected: 2\n",
        "  impact: forwarding is on, so Linux ignores router advertisements",
        "  help: set accept_ra of eth0 to 2: calico-ipv6 preflight --print-sysctl\n",
        "  see: calico-ipv6 explain HOST-001\n       https://",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
}

/// Each file is taken away: nothing that rests on it may be called correct.
#[test]
fn what_cannot_be_read_is_not_checked() {
    for (path, check) in [
        ("proc/net/if_inet6", "IPv6 address"),
        ("proc/net/ipv6_route", "default route"),
        ("proc/net/fib_trie", "IPv4 address"),
        ("proc/net/dev", "interfaces"),
        ("proc/sys/net/ipv6/conf/all/forwarding", "IPv6 forwarding"),
        ("proc/sys/net/ipv4/ip_forward", "IPv4 forwarding"),
        ("proc/sys/kernel/osrelease", "kernel"),
        ("proc/modules", "packet filter"),
        ("etc/resolv.conf", "resolvers"),
        ("etc/hosts", "host names"),
        ("etc/sysctl.d", "after a reboot"),
    ] {
        let host = Host::new();
        host.remove(path);
        let shown = host.text("");
        let row = shown.lines().find(|line| line.starts_with("  not checked") && line.contains(check));
        let row = row.unwrap_or_else(|| panic!("{path} is needed for {check}:\n{shown}"));
        assert!(row.ends_with(&format!("./{path}: not found")), "{row}");
        let is_ok = |line: &str| line.starts_with("  ok") && line.contains(&format!("  {check}  "));
        assert!(!shown.lines().any(is_ok), "{shown}");
    }
}

#[cfg(unix)]
#[test]
fn links_of_a_copy_lead_into_the_copy() {
    let host = Host::new();
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "nameserver 2001:db8::66\n").unwrap();
    host.remove("etc/resolv.conf");
    std::os::unix::fs::symlink(secret.path(), host.0.path().join("etc/resolv.conf")).unwrap();
    let shown = host.text("--to ipv6-only");
    assert!(shown.contains("not checked  resolvers"), "{shown}");
    host.remove("etc/resolv.conf");
    std::os::unix::fs::symlink("../../../../run/resolv.conf", host.0.path().join("etc/resolv.conf")).unwrap();
    host.set("run/resolv.conf", "nameserver 2001:db8::53\n");
    assert!(host.text("--to ipv6-only").contains("2001:db8::53"));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let host = Host::new();
    host.remove("etc/hosts");
    let made = Command::new("mkfifo").arg(host.0.path().join("etc/hosts")).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: mkfifo is not available");
        return;
    }
    assert!(host.text("").contains("./etc/hosts: not a regular file"));
}

#[test]
fn hostile_texts_do_not_reach_the_terminal_or_other_folders() {
    let host = Host::new();
    host.set("proc/net/dev", "\n\n  lo: 1\n ../../etc/x: 2\n eth\u{1b}[2J0: 3\n");
    host.set("etc/resolv.conf", "nameserver \u{1b}[31mx\n");
    host.set("proc/net/if_inet6", "x\n");
    let made = host.run("-v");
    assert!(!text(&made.stdout).contains('\u{1b}'), "{}", text(&made.stdout));
    assert!(text(&made.stdout).contains("has an unknown form"));
}

#[test]
fn settings_are_a_file_for_sysctl() {
    let host = Host::new();
    assert_eq!(host.text("--print-sysctl"), "# dual-stack needs no more settings on this host.\n");
    host.set("proc/net/ipv6_route", &route("00450003", "eth0.7"));
    host.set("proc/net/dev", "\n\n  lo: 1\n  eth0: 2\n  eth0.7: 3\n");
    host.set("proc/sys/net/ipv6/conf/eth0.7/accept_ra", "1\n");
    host.set("proc/sys/net/ipv6/conf/all/forwarding", "0\n");
    let made = host.run("--print-sysctl");
    assert_eq!(made.status.code(), Some(0));
    let lines = text(&made.stdout);
    let settings: Vec<&str> =
        lines.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(settings, ["net/ipv6/conf/eth0.7/accept_ra = 2", "net.ipv6.conf.all.forwarding = 1"]);
}

#[test]
fn settings_that_could_not_be_read_are_named() {
    let host = Host::new();
    host.remove("proc/sys/net/ipv6/conf/all/forwarding");
    assert_eq!(
        host.text("--print-sysctl"),
        "# Not checked, so settings may be missing here: IPv6 forwarding.\n# dual-stack needs no more settings on this host, as far as it was checked.\n"
    );
}

const INSTALLATION: &str = "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata:\n  name: default\nspec:\n  calicoNetwork:\n    mtu: 1440\n    ipPools:\n    - cidr: 10.244.0.0/16\n      encapsulation: VXLAN\n    - cidr: fd00:10:244::/56\n      encapsulation: VXLAN\n---\napiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata:\n  name: default\nspec:\n  wireguardEnabledV6: true\n";

#[test]
fn files_decide_about_the_mtu_of_pods() {
    let host = Host::new();
    host.set("installation.yaml", INSTALLATION);
    let shown = host.text("installation.yaml -v");
    for part in [
        "1,420 bytes: 1,500 - 50 (VXLAN), 1,500 - 70 (VXLAN over IPv6), 1,500 - 80 (WireGuard over IPv6)",
        "installation.yaml:9",
        "installation.yaml:19",
        "warning[HOST-MTU]: the MTU of pods is set to 1440, but 1420 bytes are left\n  read: installation.yaml:7: mtu: 1440\n",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    host.set("sys/class/net/eth0/mtu", "1350\n");
    let (findings, exit) = host.findings("--to ipv6-only installation.yaml");
    assert_eq!((findings, exit), (vec!["error HOST-MTU".to_owned(), "warning HOST-MTU".to_owned()], 1));
}

#[test]
fn files_decide_about_kubeadm_and_the_kernel() {
    let host = Host::new();
    host.set("kubeadm.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.244.0.0/16\n");
    host.set("pool.yaml", "apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata:\n  name: v6\nspec:\n  cidr: fd00:10:244::/56\n  vxlanMode: Always\n");
    host.set("proc/sys/net/ipv6/conf/all/forwarding", "0\n");
    host.set("proc/sys/kernel/osrelease", "3.10.0\n");
    let (findings, exit) = host.findings("kubeadm.yaml pool.yaml");
    assert_eq!((findings, exit), (vec!["error HOST-FWD".to_owned(), "error ENC-005".to_owned()], 1));
    let (findings, exit) = host.findings("--provisioner other kubeadm.yaml");
    assert_eq!((findings, exit), (vec!["info HOST-FWD".to_owned(), "info ENC-005".to_owned()], 0));
}

#[test]
fn quiet_prints_errors_only() {
    let host = Host::new();
    host.set("etc/firewalld/firewalld.conf", "IPv6_rpfilter=yes\n");
    assert_eq!(host.text("-q"), "");
    host.set("proc/net/fib_trie", "Local:\n");
    assert!(host.text("-q").starts_with("error[HOST-ADDR]: the host has no IPv4 address"));
}

#[test]
fn what_is_not_a_host_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    std::fs::write(folder.path().join("tabs.yaml"), "a: [\n").unwrap();
    let host = Host::new();
    for (at, words, message) in [
        (folder.path(), "--root .", "error: .: has neither proc/sys/kernel/osrelease nor proc/net/dev"),
        (folder.path(), "--root missing", "error: missing: "),
        (folder.path(), "--root file", "error: file: is not a folder"),
        (host.0.path(), "--root . --to both", "error: invalid value 'both'"),
        (host.0.path(), "--root . missing.yaml", "error: missing.yaml: "),
        (
            host.0.path(),
            "--root . --print-sysctl -o json",
            "error: the argument '--print-sysctl' cannot be used",
        ),
    ] {
        let made = run(at, words);
        assert_eq!(made.status.code(), Some(2), "{words}");
        assert!(made.stdout.is_empty(), "{words}");
        assert!(text(&made.stderr).starts_with(message), "{words}: {}", text(&made.stderr));
    }
}
