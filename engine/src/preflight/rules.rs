//! The rules about hosts, as data. `preflight` reports them; no file of a cluster shows what they find.

use crate::diagnostic::{Fixable, Metadata, RuleKind, Severity, Texts, upstream};

/// Every rule that only a host shows.
pub const RULES: [&Metadata; 10] = [
    &ACCEPT_RA,
    &NO_DEFAULT_ROUTE,
    &NO_IPV6,
    &ADDRESS,
    &FORWARDING,
    &IPTABLES,
    &DISABLED,
    &MTU,
    &RESOLVER,
    &REVERSE_PATH,
];

const fn rule(id: &'static str, name: &'static str, severity: Severity, texts: Texts) -> Metadata {
    let kind = RuleKind::Target;
    Metadata { id, name, kind, severity, fixable: Fixable::Never, gates: &[], texts: texts.built_in() }
}

pub(super) const ACCEPT_RA: Metadata = rule(
    "HOST-001",
    "router-advertisements-ignored",
    Severity::Warning,
    Texts {
        finds: "an interface is configured by router advertisements, and its accept_ra is not 2",
        consequence: "with forwarding on, Linux ignores router advertisements unless accept_ra is 2. Calico turns forwarding on: Linux then removes the default route that it learned, and addresses that it learned expire",
        help: "set accept_ra to 2 for the interface, before forwarding is turned on. net.ipv6.conf.all.accept_ra does not change interfaces that exist",
        example: ("", ""),
        sources: &[
            upstream::LINUX.file("Documentation/networking/ip-sysctl.rst").symbol("accept_ra"),
            upstream::CALICO.issue(6751),
            upstream::page(
                "k3s: Basic network options",
                "https://docs.k3s.io/networking/basic-network-options",
            ),
        ],
    },
);

pub(super) const NO_DEFAULT_ROUTE: Metadata = rule(
    "HOST-002",
    "no-ipv6-default-route",
    Severity::Warning,
    Texts {
        finds: "the host has no IPv6 default route",
        consequence: "the host cannot reach IPv6 addresses outside its subnets. If IPv6 is the primary IP family, the Service address of the API server is one of them: install-cni fails with `network is unreachable`",
        help: "add a default route. In a network without a router, a route to the service CIDR is enough",
        example: ("", ""),
        sources: &[upstream::CALICO.issue(8038), upstream::CALICO.issue(2758)],
    },
);

pub(super) const NO_IPV6: Metadata = rule(
    "HOST-003",
    "kernel-without-ipv6",
    Severity::Error,
    Texts {
        finds: "the kernel runs without IPv6",
        consequence: "the host can have no IPv6 address, and calico-node creates no IPv6 pool",
        help: "remove ipv6.disable=1 from the kernel command line and reboot, or let the module ipv6 be loaded at boot",
        example: ("", ""),
        sources: &[upstream::CALICO
            .file("node/pkg/lifecycle/startup/startup_linux.go")
            .symbol("ipv6Supported")
            .line(81)],
    },
);

pub(super) const ADDRESS: Metadata = rule(
    "HOST-ADDR",
    "no-usable-node-address",
    Severity::Error,
    Texts {
        finds: "the host has no usable address of a family that the target needs",
        consequence: "calico-node does not find an address of this family and exits, unless its Node object has one from before; kubelet refuses a --node-ip that the host does not have",
        help: "give the node's interface a global or unique-local address that does not change. Calico does not use link-local addresses",
        example: ("", ""),
        sources: &[
            upstream::CALICO
                .file("node/pkg/lifecycle/startup/startup.go")
                .symbol("configureIPsAndSubnets")
                .line(667),
            upstream::CALICO
                .file("node/pkg/lifecycle/startup/autodetection/filtered.go")
                .symbol("FilteredEnumeration"),
            upstream::KUBERNETES
                .file("pkg/kubelet/kubelet_node_status.go")
                .symbol("validateNodeIP")
                .line(796),
        ],
    },
);

pub(super) const FORWARDING: Metadata = rule(
    "HOST-FWD",
    "forwarding-off",
    Severity::Error,
    Texts {
        finds: "the kernel does not forward packets of a family that the target needs",
        consequence: "kubeadm init stops, and kubeadm join too if the API endpoint is an address of this family: `contents are not set to 1` (before 1.27, kubeadm init checks IPv6 forwarding only if the advertise address is an IPv6 address). Felix turns forwarding on when it starts, so this is an error only for a node that kubeadm creates",
        help: "set net.ipv6.conf.all.forwarding (net.ipv4.ip_forward for IPv4) to 1; this sets net.ipv6.conf.default.forwarding too",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES
                .file("cmd/kubeadm/app/preflight/checks_linux.go")
                .symbol("addIPv6Checks")
                .line(59),
            upstream::KUBERNETES.file("cmd/kubeadm/app/preflight/checks.go").symbol("FileContentCheck"),
            upstream::CALICO.file("felix/dataplane/linux/int_dataplane.go").symbol("IPForwarding").line(2640),
        ],
    },
);

pub(super) const IPTABLES: Metadata = rule(
    "HOST-IP6TABLES",
    "no-packet-filter-for-ipv6",
    Severity::Warning,
    Texts {
        finds: "the kernel has neither ip6_tables nor nf_tables",
        consequence: "ip6tables-save fails. Felix tries again, and then panics (`command failed after retries`): the node gets no updates of policies, for IPv4 neither",
        help: "load the module nf_tables or ip6_tables, and list it in /etc/modules-load.d",
        example: ("", ""),
        sources: &[upstream::CALICO
            .file("felix/iptables/table.go")
            .symbol("command failed after retries")
            .line(845)],
    },
);

pub(crate) const DISABLED: Metadata = rule(
    "HOST-IPV6-OFF",
    "ipv6-disabled-by-sysctl",
    Severity::Error,
    Texts {
        finds: "disable_ipv6 turns IPv6 off on the host's interfaces",
        consequence: "the interfaces have no IPv6 addresses. Calico turns IPv6 on for the interfaces of pods only, not for those of the host",
        help: "set disable_ipv6 to 0 for the interface, and remove disable_ipv6 = 1 from the files that set it at boot",
        example: ("", ""),
        sources: &[
            upstream::LINUX.file("Documentation/networking/ip-sysctl.rst").symbol("disable_ipv6"),
            upstream::CALICO
                .file("cni-plugin/pkg/dataplane/linux/dataplane_linux.go")
                .symbol("disable_ipv6")
                .line(536),
        ],
    },
);

pub(super) const MTU: Metadata = rule(
    "HOST-MTU",
    "mtu-too-small-for-ipv6",
    Severity::Error,
    Texts {
        finds: "the MTU of the host, or what encapsulation leaves of it for pods, is below 1280 bytes, the minimum of IPv6",
        consequence: "Linux turns IPv6 off on an interface with an MTU below 1280: it has no IPv6 addresses",
        help: "raise the MTU of the network, or use less encapsulation. IPIP takes 20 bytes, VXLAN 50, VXLAN over IPv6 70, WireGuard 60, WireGuard over IPv6 80",
        example: ("", ""),
        sources: &[
            upstream::LINUX
                .file("net/ipv6/addrconf.c")
                .symbol("NETDEV_CHANGEMTU")
                .at("000087a6664f91cf70a08616a169a514178d96d9"),
            upstream::CALICO
                .file("felix/dataplane/linux/int_dataplane.go")
                .symbol("vxlanV6MTUOverhead")
                .line(448),
            upstream::page(
                "Calico: Configure MTU",
                "https://docs.tigera.io/calico/latest/networking/configuring/mtu",
            ),
        ],
    },
);

pub(super) const RESOLVER: Metadata = rule(
    "HOST-RESOLV",
    "no-ipv6-resolver",
    Severity::Warning,
    Texts {
        finds: "no DNS resolver of the host has an IPv6 address that pods can use",
        consequence: "CoreDNS forwards names outside the cluster to the host's resolvers. In an IPv6-only cluster its pods cannot reach IPv4 resolvers: pods resolve names of the cluster only",
        help: "add an IPv6 resolver to the host's configuration, or name one in the forward plugin of CoreDNS",
        example: ("", ""),
        sources: &[upstream::COREDNS.file("plugin/forward/README.md")],
    },
);

pub(super) const REVERSE_PATH: Metadata = rule(
    "HOST-RPF",
    "firewalld-reverse-path-filter",
    Severity::Warning,
    Texts {
        finds: "firewalld filters IPv6 packets by their reverse path",
        consequence: "if firewalld runs, it drops IPv6 packets that arrive on another interface than the one that leads back to their source, also packets of pods",
        help: "set IPv6_rpfilter=no in /etc/firewalld/firewalld.conf and restart firewalld, or turn firewalld off",
        example: ("", ""),
        sources: &[
            upstream::page(
                "firewalld.conf(5)",
                "https://manpages.ubuntu.com/manpages/resolute/man5/firewalld.conf.5.html",
            ),
            upstream::FIREWALLD.issue(1235),
        ],
    },
);
