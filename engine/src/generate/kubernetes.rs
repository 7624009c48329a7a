//! The Kubernetes layer: kubeadm, kube-proxy, cluster DNS.

use super::writer::{Writer, list};
use super::{Drafts, Kind, Request};
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
    about: "kubeadm configuration for init and join",
    files: &["kubeadm-init.yaml", "kubeadm-join.yaml"],
    has_patches: false,
    make: kubeadm,
};

pub(super) const KUBE_PROXY: Kind = Kind {
    name: "kube-proxy",
    about: "KubeProxyConfiguration",
    files: &["kube-proxy.yaml"],
    has_patches: false,
    make: |request| {
        let pods = pods(request)?;
        let mut writer = Writer::default();
        proxy(&mut writer, request.primary(), &pods);
        Some(vec![("kube-proxy.yaml".to_owned(), writer.done())])
    },
};

pub(super) const CORE_DNS: Kind = Kind {
    name: "coredns",
    about: "ConfigMap with the Corefile, and the Service of cluster DNS",
    files: &["coredns.yaml"],
    has_patches: false,
    make: |request| Some(vec![("coredns.yaml".to_owned(), core_dns(request)?)]),
};

pub(super) const SERVICE_CIDR: Kind = Kind {
    name: "servicecidr",
    about: "ServiceCIDR that adds ranges to those of the API server's flag",
    files: &["servicecidr.yaml"],
    has_patches: false,
    make: |request| Some(vec![("servicecidr.yaml".to_owned(), service_cidr(request)?)]),
};

/// The first release that reads each version of kubeadm's configuration (kubernetes `cmd/kubeadm/app/apis/kubeadm`).
const APIS: [(Version, &str); 4] = [
    (Version::new(1, 31, 0), "kubeadm.k8s.io/v1beta4"),
    (Version::new(1, 22, 0), "kubeadm.k8s.io/v1beta3"),
    (Version::new(1, 15, 0), "kubeadm.k8s.io/v1beta2"),
    (Version::new(1, 13, 0), "kubeadm.k8s.io/v1beta1"),
];

/// kubeadm's default port of the API server.
const PORT: u16 = 6443;

fn pods(request: &mut Request<'_>) -> Option<Vec<IpNet>> {
    request.ranges(RangeOf::Pods, None, "pods get addresses from it; Calico's IP pools must be inside it")
}

fn services(request: &mut Request<'_>) -> Option<Vec<IpNet>> {
    let default = KUBEADM_SERVICES.parse().ok();
    request.ranges(RangeOf::Services, default, "Services get their cluster IPs from it")
}

/// The addresses of a node, primary family first; unspecified if the node detects them.
type Node = Vec<IpAddr>;

/// `--node-ip=::` (kubernetes `pkg/kubelet/kubelet_node_status.go`).
const NO_UNSPECIFIED: Gate = Gate {
    component: Component::Kubernetes,
    what: "kubelet does not accept --node-ip=::, which selects a detected IPv6 address",
    windows: &[Window::before(1, 18, 0)],
};

/// The families for which kubelet accepts an address.
fn families_of_node(request: &Request<'_>) -> Vec<Family> {
    let mut families = request.families();
    if NO_PAIR.holds(request.target.kubernetes_version) {
        families.truncate(1);
    }
    families
}

/// The nodes, the one of `kubeadm init` first: from the options, or with detected addresses. Requests the addresses if the
/// nodes cannot detect them.
fn nodes(request: &mut Request<'_>) -> Option<Vec<Node>> {
    let families = families_of_node(request);
    let node = |ipv4: Ipv4Addr, ipv6: Ipv6Addr| {
        let of = |family: &Family| match family {
            Family::Ipv4 => IpAddr::V4(ipv4),
            Family::Ipv6 => IpAddr::V6(ipv6),
        };
        families.iter().map(of).collect()
    };
    let given: Vec<Node> = request.target.address_map.pairs().map(|(ipv4, ipv6)| node(ipv4, ipv6)).collect();
    if !given.is_empty() {
        return Some(given);
    }
    let why = if families.len() > 1 {
        "in a dual-stack cluster kubelet needs both addresses of its node: pass the pair of the first control plane \
         node, then one pair for each node that joins"
    } else if request.primary() == Family::Ipv6 && NO_UNSPECIFIED.holds(request.target.kubernetes_version) {
        "kubelet before v1.18 needs the IPv6 address of its node: pass the pair of the first control plane node, then \
         one pair for each node that joins"
    } else {
        // Two nodes: the one of init, and one that joins.
        return Some(vec![node(Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED); 2]);
    };
    request.ask("map-address", "192.0.2.11=2001:db8:1::11", why);
    None
}

fn kubeadm(request: &mut Request<'_>) -> Option<Drafts> {
    let (pods, services) = (pods(request), services(request));
    let release = request.target.kubernetes_version;
    let api = APIS.iter().find(|(from, _)| release.is_none_or(|release| release >= *from));
    let Some((_, api)) = api else {
        let message = "kubeadm before v1.13 has other field names: not supported";
        request.refuse("kubernetes-version", message.to_owned());
        return None;
    };
    let nodes = nodes(request);
    let (pods, services, mut nodes) = (pods?, services?, nodes?);
    let first = nodes.remove(0);
    let mut init = Writer::default();
    init.comment(0, "kubeadm init --config kubeadm-init.yaml");
    if !is_detected(&first) {
        init.lines(&format!("apiVersion: {api}\nkind: InitConfiguration\nlocalAPIEndpoint:"));
        let why = "Must be in the IP family of the first service CIDR; otherwise the API server exits.";
        init.comment(2, why).entry(2, "advertiseAddress", &first[0].to_string());
        node_ip(&mut init, api, &first);
        init.lines("---");
    }
    init.lines(&format!("apiVersion: {api}\nkind: ClusterConfiguration"));
    if let Some(release) = release {
        init.entry(0, "kubernetesVersion", &release.to_string());
    }
    if first.len() > 1 {
        let why =
            "kubeadm adds the advertise address itself; clients of the other IP family need these, too.";
        init.lines("apiServer:").comment(2, why).lines("  certSANs:");
        for address in &first {
            init.lines(&format!("  - {}", super::writer::scalar(&address.to_string())));
        }
    }
    init.lines("networking:");
    let why = "kube-controller-manager allocates pod CIDRs of the nodes from it; Calico's IP pools must be inside it.";
    init.comment(2, why).entry(2, "podSubnet", &list(&pods));
    if services.len() > 1 {
        let why = "The first range sets the primary IP family, which the API server and cluster DNS use. It cannot be changed later.";
        init.comment(2, why);
    }
    init.entry(2, "serviceSubnet", &list(&services));
    if request.target.to == Stack::DualStack && IPVS_ONLY.holds(release) {
        init.lines("---");
        proxy(&mut init, request.primary(), &pods);
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

/// Whether kubeadm and kubelet detect the node's address without a setting.
fn is_detected(node: &Node) -> bool {
    matches!(node[..], [IpAddr::V4(ipv4)] if ipv4.is_unspecified())
}

fn node_ip(writer: &mut Writer, api: &str, node: &Node) {
    if is_detected(node) {
        return;
    }
    let why = match node[..] {
        [address] if address.is_unspecified() => {
            "kubelet detects the node's IPv6 address; without this it prefers an IPv4 address."
        }
        [_] => "The node's address in the primary IP family.",
        _ => "One address per IP family, primary first; without it the node is single-stack.",
    };
    writer.lines("nodeRegistration:\n  kubeletExtraArgs:");
    if api.ends_with("v1beta4") {
        writer.comment(2, why).lines("  - name: node-ip").entry(4, "value", &list(node));
    } else {
        writer.comment(4, why).entry(4, "node-ip", &list(node));
    }
}

fn join(api: &str, first: &Node, node: &Node, name: &str) -> String {
    let mut writer = Writer::default();
    writer.comment(0, &format!("kubeadm join --config {name}"));
    writer.lines(&format!("apiVersion: {api}\nkind: JoinConfiguration\ndiscovery:\n  bootstrapToken:"));
    let endpoint = if first[0].is_unspecified() {
        writer.comment(4, "`kubeadm init` prints the endpoint, the token and the hash.");
        format!("kube-apiserver:{PORT}")
    } else {
        writer.comment(4, "`kubeadm init` prints the token and the hash.");
        let port = format!(":{PORT}");
        let with = |host: Host<'_>| host.with(first[0]);
        Host::read(&format!("host{port}")).map(with).unwrap_or_default()
    };
    writer.entry(4, "apiServerEndpoint", &endpoint);
    writer.entry(4, "token", "abcdef.0123456789abcdef");
    writer.lines("    caCertHashes:").lines(&format!("    - sha256:{}", "0".repeat(64)));
    node_ip(&mut writer, api, node);
    writer.done()
}

/// The API server serves `ServiceCIDR` as v1 (kubernetes `pkg/apis/networking`).
const SERVICE_CIDR_V1: Version = Version::new(1, 33, 0);
/// The same as v1beta1, behind a feature gate that is off (`pkg/features/kube_features.go` of v1.31.0 and v1.32.0).
const SERVICE_CIDR_BETA: Version = Version::new(1, 31, 0);

fn service_cidr(request: &mut Request<'_>) -> Option<String> {
    let services = request.ranges(RangeOf::Services, None, "the ranges that are added");
    let mut writer = Writer::default();
    let version = match request.target.kubernetes_version {
        Some(release) if release < SERVICE_CIDR_BETA => {
            let message = "ServiceCIDR is an alpha API before Kubernetes v1.31, and is not generated for it: the API server's flag --service-cluster-ip-range sets the service CIDRs";
            request.refuse("kubernetes-version", message.to_owned());
            return None;
        }
        Some(release) if release < SERVICE_CIDR_V1 => {
            let why = "Kubernetes v1.31 and v1.32: kube-apiserver and kube-controller-manager need \
                       --feature-gates=MultiCIDRServiceAllocator=true, and kube-apiserver needs \
                       --runtime-config=networking.k8s.io/v1beta1=true.";
            writer.comment(0, why);
            "v1beta1"
        }
        _ => "v1",
    };
    let services = services?;
    let why = "Services get cluster IPs from these ranges, too. The ranges of --service-cluster-ip-range are in the object \
               `kubernetes`, which the API server writes itself.";
    writer.comment(0, why);
    writer.lines(&format!("apiVersion: networking.k8s.io/{version}\nkind: ServiceCIDR\nmetadata:"));
    writer.lines("  name: additional-services\nspec:");
    writer
        .comment(2, "One range of each IP family. The first one cannot be changed later.")
        .lines("  cidrs:");
    for net in services {
        writer.lines(&format!("  - {}", super::writer::scalar(&net.to_string())));
    }
    Some(writer.done())
}

fn proxy(writer: &mut Writer, primary: Family, pods: &[IpNet]) {
    writer.lines("apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration");
    if primary == Family::Ipv6 {
        let why = "kube-proxy before v1.19 takes the primary IP family from it; later releases use the addresses of the Node.";
        writer.comment(0, why).entry(0, "bindAddress", "::");
    }
    let why = "kube-proxy uses it to recognize pod traffic: the same ranges in the same order as in \
               kube-controller-manager.";
    writer.comment(0, why).entry(0, "clusterCIDR", &list(pods));
}

/// The position of the cluster DNS address in the first service CIDR (kubeadm `constants.go`).
const DNS: u128 = 10;

fn core_dns(request: &mut Request<'_>) -> Option<String> {
    let default = KUBEADM_SERVICES.parse().ok();
    let why = "cluster DNS uses the tenth address of the first service CIDR";
    let first = request.range(RangeOf::Services, request.primary(), default, why)?;
    let Some(address) = nth(first, DNS) else {
        let (option, _) = RangeOf::Services.option(request.primary());
        request.refuse(
            option,
            format!("{first} has no tenth address, which cluster DNS needs: use a larger range"),
        );
        return None;
    };
    let mut writer = Writer::default();
    writer.lines(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: coredns\n  namespace: kube-system\ndata:",
    );
    let why = "in-addr.arpa and ip6.arpa: reverse lookups of IPv4 and IPv6 addresses.";
    writer.comment(2, why);
    if request.target.to == Stack::Ipv6Only {
        let why = "The servers in /etc/resolv.conf must be reachable over IPv6, because pods have no IPv4 address. Pods that \
                   need the IPv4 Internet also need NAT64, and the plugin dns64 here.";
        writer.comment(2, why);
    }
    writer.lines(COREFILE);
    writer.lines("---\napiVersion: v1\nkind: Service\nmetadata:\n  name: kube-dns\n  namespace: kube-system");
    writer.lines("  labels:\n    k8s-app: kube-dns\n    kubernetes.io/cluster-service: \"true\"");
    writer.lines("    kubernetes.io/name: CoreDNS\nspec:");
    let why = format!(
        "The tenth address of {first}, the first service CIDR; clusterDNS of kubelet must be the same."
    );
    writer.comment(2, &why).entry(2, "clusterIP", &address.to_string());
    writer.lines("  selector:\n    k8s-app: kube-dns\n  ports:");
    for (name, port, protocol) in [("dns", 53, "UDP"), ("dns-tcp", 53, "TCP"), ("metrics", 9153, "TCP")] {
        writer.lines(&format!("  - name: {name}\n    port: {port}\n    protocol: {protocol}"));
    }
    Some(writer.done())
}

/// kubeadm's Corefile, which is the same for all families.
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
