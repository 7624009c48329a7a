//! `preflight` in network namespaces with real interfaces, addresses, routes and router advertisements.
//!
//! Each test runs a script in namespaces of its own (`unshare -rn`). Without them, or without iproute2, it is skipped with a
//! message.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::process::Command;

/// An interface with the address and the MTU of a node, and its peer.
const LINK: &str = "
ip link set lo up
ip link add eth0 type veth peer name veth-router
for name in eth0 veth-router; do
    echo 0 > /proc/sys/net/ipv6/conf/$name/accept_dad
    echo 0 > /proc/sys/net/ipv6/conf/$name/use_tempaddr
done
";
const UP: &str = "
ip link set eth0 up
ip link set veth-router up
ip addr add 192.0.2.11/24 dev eth0
";

/// Linux ends duplicate address detection in a queue of its own, also if it is off: this asks until the queue is empty.
const SETTLED: &str = "
n=0
until test -z \"$(ip -6 addr show dev eth0 tentative)\"; do
    n=$((n + 1)); test $n -lt 10000
done
";

/// A router advertisement with a default route and the prefix 2001:db8:1::/64.
const ADVERTISE: &str = "
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
i = socket.if_nametoindex('veth-router')
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, i)
router = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0)
prefix = struct.pack('!BBBBIII', 3, 4, 64, 0xC0, 86400, 14400, 0) + socket.inet_pton(socket.AF_INET6, '2001:db8:1::')
s.sendto(router + prefix, ('ff02::1', 0, 0, i))
";

/// Whether a command works.
fn works(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

/// What `preflight` prints in the namespaces after the script; `None` if there are none.
fn preflight(script: &str, words: &str) -> Option<String> {
    if !works("unshare", &["-rn", "true"]) || !works("ip", &["-V"]) {
        eprintln!("skipped: needs network namespaces (unshare -rn) and iproute2");
        return None;
    }
    let script = format!("set -e\n{script}\n\"$0\" preflight {words} || test $? = 1");
    let made = Command::new("unshare")
        .args(["-rn", "sh", "-c", &script, env!("CARGO_BIN_EXE_calico-ipv6")])
        .env("ADVERTISE", ADVERTISE)
        .output()
        .unwrap();
    let shown = String::from_utf8(made.stdout).unwrap();
    assert!(made.status.success(), "{shown}\n{}", String::from_utf8_lossy(&made.stderr));
    Some(shown)
}

/// A text without its line breaks and columns.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the report has rows that begin so.
#[track_caller]
fn has(shown: &str, rows: &[&str]) {
    let lines: Vec<String> = shown.lines().map(in_one_line).collect();
    for row in rows {
        assert!(lines.iter().any(|line| line.starts_with(row)), "{row}\n{shown}");
    }
}

#[test]
fn a_node_with_an_address_and_a_route() {
    let script = format!(
        "{LINK}{UP}
         ip -6 addr add 2001:db8:1::11/64 dev eth0
         ip -6 route add default via 2001:db8:1::1 dev eth0
         echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
         echo 1 > /proc/sys/net/ipv4/ip_forward
         {SETTLED}"
    );
    let Some(shown) = preflight(&script, "--provisioner kubeadm") else { return };
    has(
        &shown,
        &[
            "ok disable_ipv6 0 on eth0",
            "ok IPv6 address 2001:db8:1::11/64 on eth0",
            "ok default route via 2001:db8:1::1 on eth0",
            "ok IPv6 forwarding on",
            "ok IPv4 address 192.0.2.11 on eth0",
            "ok IPv4 forwarding on",
            "ok MTU 1,500 on eth0",
        ],
    );
    assert!(!shown.contains("error["), "{shown}");
}

#[test]
fn a_node_with_link_local_addresses_only() {
    let Some(shown) = preflight(&format!("{LINK}{UP}"), "--to ipv6-only") else { return };
    has(&shown, &["error IPv6 address no global or unique-local address", "warning default route none"]);
    assert!(in_one_line(&shown).contains(" on eth0 (link-local)"), "{shown}");
}

#[test]
fn a_node_with_ipv6_turned_off() {
    let script = format!(
        "{LINK}{UP}
         ip -6 addr add 2001:db8:1::11/64 dev eth0
         echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"
    );
    let Some(shown) = preflight(&script, "") else { return };
    has(&shown, &["error disable_ipv6 1 on eth0", "warning disable_ipv6 1 by default", "error IPv6 address"]);
    let Some(settings) = preflight(&script, "--print-sysctl") else { return };
    assert!(settings.contains("\nnet.ipv6.conf.eth0.disable_ipv6 = 0\n"), "{settings}");
    assert!(settings.contains("\nnet.ipv6.conf.default.disable_ipv6 = 0\n"), "{settings}");
}

#[test]
fn a_node_whose_address_is_tentative() {
    let script = format!(
        "{LINK}
         echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_dad
         ip -6 addr add 2001:db8:1::11/64 dev eth0"
    );
    // The interface is down: duplicate address detection cannot end.
    let Some(shown) = preflight(&script, "--to ipv6-only") else { return };
    assert!(in_one_line(&shown).contains("2001:db8:1::11/64 on eth0 (tentative"), "{shown}");
}

#[test]
fn a_node_that_learned_its_default_route() {
    if !works("python3", &["-c", ""]) {
        eprintln!("skipped: needs python3 to send a router advertisement");
        return;
    }
    let learned = format!(
        "{LINK}{UP}
         n=0
         until ip -6 route show default dev eth0 | grep -q 'proto ra'; do
             n=$((n + 1)); test $n -lt 100
             python3 -c \"$ADVERTISE\"
         done
         {SETTLED}"
    );
    let Some(shown) = preflight(&learned, "--to ipv6-only") else { return };
    has(
        &shown,
        &["ok default route via fe80", "warning accept_ra 1 on eth0", "warning IPv6 address 2001:db8:1:"],
    );
    // Linux does what the finding says: the route is gone as soon as forwarding is on.
    let forwarding = format!("{learned}\necho 1 > /proc/sys/net/ipv6/conf/all/forwarding");
    let shown = preflight(&forwarding, "--to ipv6-only").unwrap();
    has(&shown, &["warning default route none", "warning accept_ra 1 on eth0"]);
    // With accept_ra=2, set first as --print-sysctl orders it, the route stays.
    let settings = preflight(&learned, "--to ipv6-only --print-sysctl").unwrap();
    let (ra, forward) =
        (settings.find("eth0.accept_ra = 2").unwrap(), settings.find("all.forwarding = 1").unwrap());
    assert!(ra < forward, "{settings}");
    let kept = format!(
        "{learned}
         echo 2 > /proc/sys/net/ipv6/conf/eth0/accept_ra
         echo 1 > /proc/sys/net/ipv6/conf/all/forwarding"
    );
    let shown = preflight(&kept, "--to ipv6-only").unwrap();
    has(&shown, &["ok default route via fe80", "ok accept_ra 2 on eth0"]);
}

#[test]
fn a_node_with_a_small_mtu() {
    let script = format!("{LINK}{UP}\nip link set eth0 mtu 1200");
    let Some(shown) = preflight(&script, "") else { return };
    has(&shown, &["error MTU below 1,280 on eth0"]);
    let script = format!("{LINK}{UP}\nip -6 addr add 2001:db8:1::11/64 dev eth0\nip link set eth0 mtu 1340");
    let shown = preflight(&script, "").unwrap();
    has(&shown, &["ok MTU 1,340 on eth0", "warning pod MTU 1,340 without encapsulation"]);
}
