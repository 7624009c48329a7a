//! The files that the judgement rests on. All of them can be read without privileges.

/// The release of the kernel.
pub const RELEASE: &str = "/proc/sys/kernel/osrelease";
/// The interfaces of the network namespace.
pub const INTERFACES: &str = "/proc/net/dev";

pub(super) const ADDRESSES: &str = "/proc/net/if_inet6";
pub(super) const ROUTES: &str = "/proc/net/ipv6_route";
pub(super) const IPV4_ADDRESSES: &str = "/proc/net/fib_trie";
pub(super) const IPV4_ROUTES: &str = "/proc/net/route";
pub(super) const IPV6_ALL: &str = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
pub(super) const IPV6_DEFAULT: &str = "/proc/sys/net/ipv6/conf/default/disable_ipv6";
pub(super) const FORWARDING: &str = "/proc/sys/net/ipv6/conf/all/forwarding";
pub(super) const FORWARDING_DEFAULT: &str = "/proc/sys/net/ipv6/conf/default/forwarding";
pub(super) const IPV4_FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";
pub(super) const BRIDGE: &str = "/proc/sys/net/bridge/bridge-nf-call-ip6tables";
pub(super) const CONNTRACK: &str = "/proc/sys/net/netfilter/nf_conntrack_max";
pub(super) const MAX_ROUTES: &str = "/proc/sys/net/ipv6/route/max_size";
pub(super) const MAX_NEIGHBOURS: &str = "/proc/sys/net/ipv6/neigh/default/gc_thresh3";
pub(super) const HOSTNAME: &str = "/proc/sys/kernel/hostname";
pub(super) const COMMAND_LINE: &str = "/proc/cmdline";
pub(super) const MODULES: &str = "/proc/modules";
pub(super) const LISTENERS: &str = "/proc/net/tcp6";
pub(super) const RESOLVERS: &str = "/etc/resolv.conf";
pub(super) const SYSTEMD_RESOLVERS: &str = "/run/systemd/resolve/resolv.conf";
pub(super) const HOSTS: &str = "/etc/hosts";
pub(super) const FIREWALLD: &str = "/etc/firewalld/firewalld.conf";
/// Files with flags of kubelet.
pub(super) const KUBELET: [&str; 3] =
    ["/var/lib/kubelet/kubeadm-flags.env", "/etc/default/kubelet", "/etc/sysconfig/kubelet"];
pub(super) const SYSCTL_CONF: &str = "/etc/sysctl.conf";

/// The folders whose `*.conf` files set kernel parameters at boot: of files with the same name, that of the first folder
/// counts (sysctl.d(5)).
pub const SETTINGS: [&str; 5] =
    ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];

/// The files that every host has in the same place.
pub const FILES: &[&str] = &[
    RELEASE,
    INTERFACES,
    ADDRESSES,
    ROUTES,
    IPV4_ADDRESSES,
    IPV4_ROUTES,
    IPV6_ALL,
    IPV6_DEFAULT,
    FORWARDING,
    FORWARDING_DEFAULT,
    IPV4_FORWARDING,
    BRIDGE,
    CONNTRACK,
    MAX_ROUTES,
    MAX_NEIGHBOURS,
    HOSTNAME,
    COMMAND_LINE,
    MODULES,
    LISTENERS,
    RESOLVERS,
    SYSTEMD_RESOLVERS,
    HOSTS,
    FIREWALLD,
    SYSCTL_CONF,
    KUBELET[0],
    KUBELET[1],
    KUBELET[2],
    "/sys/module/br_netfilter",
    "/sys/module/ip6_tables",
    "/sys/module/ip_vs",
    "/sys/module/nf_tables",
];

/// The names of the interfaces in the text of [`INTERFACES`].
#[must_use]
pub fn interfaces(text: &str) -> Vec<&str> {
    let name = |line: &'_ str| line.split_once(':').map(|(name, _)| name.trim().to_owned());
    let is_one = |line: &&str| name(line).is_some_and(|name| is_part_of_path(&name));
    text.lines().filter(is_one).filter_map(|line| Some(line.split_once(':')?.0.trim())).collect()
}

/// The files of one interface.
#[must_use]
pub fn of_interface(name: &str) -> Vec<String> {
    let ipv6 = ["accept_ra", "disable_ipv6", "mtu", "use_tempaddr"];
    let link = ["ifindex", "mtu", "operstate"];
    let ipv6 = ipv6.iter().map(|file| sysctl(name, file));
    ipv6.chain(link.iter().map(|file| self::link(name, file))).collect()
}

/// The files of one release of the kernel.
#[must_use]
pub fn of_release(release: &str) -> Vec<String> {
    let release = release.trim();
    if is_part_of_path(release) { module_lists(release).to_vec() } else { Vec::new() }
}

/// The modules that are part of the kernel, and those that can be loaded.
pub(super) fn module_lists(release: &str) -> [String; 2] {
    ["modules.builtin", "modules.dep"].map(|file| format!("/lib/modules/{release}/{file}"))
}

pub(super) fn sysctl(interface: &str, file: &str) -> String {
    format!("/proc/sys/net/ipv6/conf/{interface}/{file}")
}

pub(super) fn link(interface: &str, file: &str) -> String {
    format!("/sys/class/net/{interface}/{file}")
}

/// A copy of a host may hold any text here.
fn is_part_of_path(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0', ' '])
}

#[cfg(test)]
mod tests {
    use super::{interfaces, of_release};

    #[test]
    fn interfaces_are_read_and_paths_are_not() {
        let text = "Inter-|   Receive\n face |bytes\n    lo:  1 2\neth0.100: 3\n../x: 4\n";
        assert_eq!(interfaces(text), ["lo", "eth0.100"]);
    }

    #[test]
    fn a_release_stays_below_its_folder() {
        assert_eq!(of_release("6.1.0-9\n")[0], "/lib/modules/6.1.0-9/modules.builtin");
        assert!(of_release("../../etc").is_empty());
    }
}
