//! The cluster below Calico: kubeadm, kube-proxy, cluster DNS.

use super::writer::{Sheet, list};
use super::{Drafts, Kind, Wish};
use crate::address::{Family, nth};
use crate::host::Host;
use crate::model::facts::cluster::KUBEADM_SERVICES;
use crate::rules::{IPVS_ONLY, NO_PAIR};
use crate::target::{RangeOf, Stack};
use crate::version::{Component, Gate, Version, Window};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const KUBEADM: Kind = Kind {
    name: "kubeadm",
    about: "kubeadm's configuration for init and join",
    files: &["kubeadm-init.yaml", "kubeadm-join.yaml"],
    has_patches: false,
    make: kubeadm,
};

pub(super) const KUBE_PROXY: Kind = Kind {
    name: "kube-proxy",
    about: "KubeProxyConfiguration",
    files: &["kube-proxy.yaml"],
    has_patches: false,
    make: |wish| {
        let pods = pods(wish)?;
        let mut sheet = Sheet::default();
        proxy(&mut sheet, wish.primary(), &pods);
        Some(vec![("kube-proxy.yaml".to_owned(), sheet.done())])
    },
};

pub(super) const CORE_DNS: Kind = Kind {
    name: "coredns",
    about: "ConfigMap with the Corefile, and Service of cluster DNS",
    files: &["coredns.yaml"],
    has_patches: false,
    make: |wish| Some(vec![("coredns.yaml".to_owned(), core_dns(wish)?)]),
};

/// From which release on kubeadm reads which version of its configuration (kubernetes `cmd/kubeadm/app/apis/kubeadm`).
const APIS: [(Version, &str); 4] = [
    (Version::new(1, 31, 0), "kubeadm.k8s.io/v1beta4"),
    (Version::new(1, 22, 0), "kubeadm.k8s.io/v1beta3"),
    (Version::new(1, 15, 0), "kubeadm.k8s.io/v1beta2"),
    (Version::new(1, 13, 0), "kubeadm.k8s.io/v1beta1"),
];

/// The port of the API server, kubeadm's default.
const PORT: u16 = 6443;

fn pods(wish: &mut Wish<'_>) -> Option<Vec<IpNet>> {
    wish.ranges(RangeOf::Pods, None, "pods get addresses of these ranges; Calico's pools lie inside them")
}

fn services(wish: &mut Wish<'_>) -> Option<Vec<IpNet>> {
    let default = KUBEADM_SERVICES.parse().ok();
    wish.ranges(RangeOf::Services, default, "Services get cluster IPs of these ranges")
}

/// A node: its addresses of the wanted families, the primary one first; unspecified where it finds them itself.
type Node = Vec<IpAddr>;

/// `--node-ip=::` (kubernetes `pkg/kubelet/kubelet_node_status.go`).
const NO_UNSPECIFIED: Gate = Gate {
    component: Component::Kubernetes,
    what: "kubelet does not take :: for the IPv6 address that it finds",
    windows: &[Window::before(1, 18, 0)],
};

/// The families whose addresses kubelet takes.
fn families_of_node(wish: &Wish<'_>) -> Vec<Family> {
    let mut families = wish.families();
    if NO_PAIR.holds(wish.target.kubernetes_version) {
        families.truncate(1);
    }
    families
}

/// The nodes, the one where `kubeadm init` runs first: as they are given, else as they find their addresses themselves.
/// NeedsInput where they cannot.
fn nodes(wish: &mut Wish<'_>) -> Option<Vec<Node>> {
    let families = families_of_node(wish);
    let node = |ipv4: Ipv4Addr, ipv6: Ipv6Addr| {
        let of = |family: &Family| match family {
            Family::Ipv4 => IpAddr::V4(ipv4),
            Family::Ipv6 => IpAddr::V6(ipv6),
        };
        families.iter().map(of).collect()
    };
    let given: Vec<Node> = wish.target.address_map.pairs().map(|(ipv4, ipv6)| node(ipv4, ipv6)).collect();
    if !given.is_empty() {
        return Some(given);
    }
    let why = if families.len() > 1 {
        "with both families kubelet must be told both addresses of its node: those of the first control plane node, \
         then one pair for each node that joins"
    } else if wish.primary() == Family::Ipv6 && NO_UNSPECIFIED.holds(wish.target.kubernetes_version) {
        "kubelet before v1.18 must be told the IPv6 address of its node: the pair of the first control plane node, then \
         one for each node that joins"
    } else {
        // Twice: the node of init, and whichever joins.
        return Some(vec![node(Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED); 2]);
    };
    wish.ask("map-address", "192.0.2.11=2001:db8:1::11", why);
    None
}

fn kubeadm(wish: &mut Wish<'_>) -> Option<Drafts> {
    let (pods, services) = (pods(wish), services(wish));
    let release = wish.target.kubernetes_version;
    let api = APIS.iter().find(|(from, _)| release.is_none_or(|release| release >= *from));
    let Some((_, api)) = api else {
        let message =
            "kubeadm before v1.13 names the fields of its configuration otherwise, and is not written";
        wish.refuse("kubernetes-version", message.to_owned());
        return None;
    };
    let nodes = nodes(wish);
    let (pods, services, mut nodes) = (pods?, services?, nodes?);
    let first = nodes.remove(0);
    let mut init = Sheet::default();
    init.comment(0, "kubeadm init --config kubeadm-init.yaml");
    if !is_found_without_words(&first) {
        init.lines(&format!("apiVersion: {api}\nkind: InitConfiguration\nlocalAPIEndpoint:"));
        let why = "Of the family of the first service range: the API server exits on another.";
        init.comment(2, why).entry(2, "advertiseAddress", &first[0].to_string());
        node_ip(&mut init, api, &first);
        init.lines("---");
    }
    init.lines(&format!("apiVersion: {api}\nkind: ClusterConfiguration"));
    if let Some(release) = release {
        init.entry(0, "kubernetesVersion", &release.to_string());
    }
    init.lines("networking:");
    let why = "The controller manager gives each node a part of these; Calico's pools lie inside them.";
    init.comment(2, why).entry(2, "podSubnet", &list(&pods));
    if services.len() > 1 {
        let why =
            "The first family is that of the API server and of cluster DNS, and cannot be changed later.";
        init.comment(2, why);
    }
    init.entry(2, "serviceSubnet", &list(&services));
    if wish.target.to == Stack::DualStack && IPVS_ONLY.holds(release) {
        init.lines("---");
        proxy(&mut init, wish.primary(), &pods);
    }
    let mut files = vec![("kubeadm-init.yaml".to_owned(), init.done())];
    for (i, node) in nodes.iter().enumerate() {
        let name =
            if i == 0 { "kubeadm-join.yaml".to_owned() } else { format!("kubeadm-join-{}.yaml", i + 1) };
        let text = join(api, &first, node, &name);
        files.push((name, text));
    }
    Some(files)
}

/// Whether kubeadm and kubelet take the node's address without being told.
fn is_found_without_words(node: &Node) -> bool {
    matches!(node[..], [IpAddr::V4(ipv4)] if ipv4.is_unspecified())
}

fn node_ip(sheet: &mut Sheet, api: &str, node: &Node) {
    if is_found_without_words(node) {
        return;
    }
    let why = match node[..] {
        [address] if address.is_unspecified() => {
            "kubelet takes the node's IPv6 address; without it, an IPv4 address where there is one."
        }
        [_] => "The node's address of the first family.",
        _ => "One address of each family, the first family ahead; without it a node has one family.",
    };
    sheet.lines("nodeRegistration:\n  kubeletExtraArgs:");
    if api.ends_with("v1beta4") {
        sheet.comment(2, why).lines("  - name: node-ip").entry(4, "value", &list(node));
    } else {
        sheet.comment(4, why).entry(4, "node-ip", &list(node));
    }
}

fn join(api: &str, first: &Node, node: &Node, name: &str) -> String {
    let mut sheet = Sheet::default();
    sheet.comment(0, &format!("kubeadm join --config {name}"));
    sheet.lines(&format!("apiVersion: {api}\nkind: JoinConfiguration\ndiscovery:\n  bootstrapToken:"));
    let endpoint = if first[0].is_unspecified() {
        sheet.comment(4, "Endpoint, token and hash are those that `kubeadm init` prints.");
        format!("kube-apiserver:{PORT}")
    } else {
        sheet.comment(4, "Token and hash are those that `kubeadm init` prints.");
        let port = format!(":{PORT}");
        let with = |host: Host<'_>| host.with(first[0]);
        Host::read(&format!("host{port}")).map(with).unwrap_or_default()
    };
    sheet.entry(4, "apiServerEndpoint", &endpoint);
    sheet.entry(4, "token", "abcdef.0123456789abcdef");
    sheet.lines("    caCertHashes:").lines(&format!("    - sha256:{}", "0".repeat(64)));
    node_ip(&mut sheet, api, node);
    sheet.done()
}

fn proxy(sheet: &mut Sheet, primary: Family, pods: &[IpNet]) {
    sheet.lines("apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration");
    if primary == Family::Ipv6 {
        let why = "Binds no socket: kube-proxy takes the family of its node's first address from it.";
        sheet.comment(0, why).entry(0, "bindAddress", "::");
    }
    let why = "How kube-proxy tells traffic of pods from other traffic: the same ranges in the same order as the \
               controller manager has them.";
    sheet.comment(0, why).entry(0, "clusterCIDR", &list(pods));
}

/// The place of cluster DNS in the first range of cluster IPs (kubeadm `constants.go`).
const DNS: u128 = 10;

fn core_dns(wish: &mut Wish<'_>) -> Option<String> {
    let default = KUBEADM_SERVICES.parse().ok();
    let why = "cluster DNS has the tenth address of the first range of cluster IPs";
    let first = wish.range(RangeOf::Services, wish.primary(), default, why)?;
    let Some(address) = nth(first, DNS) else {
        let (option, _) = RangeOf::Services.option(wish.primary());
        wish.refuse(
            option,
            format!("{first} has no tenth address, which cluster DNS gets: take a larger range"),
        );
        return None;
    };
    let mut sheet = Sheet::default();
    sheet.lines(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: coredns\n  namespace: kube-system\ndata:",
    );
    let why = "in-addr.arpa and ip6.arpa: names of addresses of both families.";
    sheet.comment(2, why);
    if wish.target.to == Stack::Ipv6Only {
        let why = "The servers of /etc/resolv.conf must be reached over IPv6: pods have nothing else. Pods that need the \
                   IPv4 Internet need NAT64, and the plugin dns64 here.";
        sheet.comment(2, why);
    }
    sheet.lines(COREFILE);
    sheet.lines("---\napiVersion: v1\nkind: Service\nmetadata:\n  name: kube-dns\n  namespace: kube-system");
    sheet.lines("  labels:\n    k8s-app: kube-dns\n    kubernetes.io/cluster-service: \"true\"");
    sheet.lines("    kubernetes.io/name: CoreDNS\nspec:");
    let why = format!(
        "The tenth address of {first}, the first range of cluster IPs; kubelet's clusterDNS says the same."
    );
    sheet.comment(2, &why).entry(2, "clusterIP", &address.to_string());
    sheet.lines("  selector:\n    k8s-app: kube-dns\n  ports:");
    for (name, port, protocol) in [("dns", 53, "UDP"), ("dns-tcp", 53, "TCP"), ("metrics", 9153, "TCP")] {
        sheet.lines(&format!("  - name: {name}\n    port: {port}\n    protocol: {protocol}"));
    }
    Some(sheet.done())
}

/// As kubeadm writes it: it is the same for every family.
const COREFILE: &str = "  Corefile: |
    .:53 {
        errors
        health {
           lameduck 5s
        }
        ready
        kubernetes cluster.local in-addr.arpa ip6.arpa {
           pods insecure
           fallthrough in-addr.arpa ip6.arpa
           ttl 30
        }
        prometheus :9153
        forward . /etc/resolv.conf {
           max_concurrent 1000
        }
        cache 30
        loop
        reload
        loadbalance
    }";
