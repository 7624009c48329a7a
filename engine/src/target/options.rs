//! The options of a target and their parsers.

use super::{Backend, Encapsulation, NatOutgoing, Provisioner, Stack, Target, check_ipv6_method};
use crate::address::{Family, IPV6_BLOCKS, parse_cidr};
use crate::version::Version;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// An option of a target.
#[derive(Clone, Copy, Debug)]
pub struct TargetOption {
    /// The key in a `Target` document and in JavaScript.
    pub key: &'static str,
    /// Its name in a form.
    pub label: &'static str,
    /// The flag of the command, without dashes.
    pub flag: &'static str,
    /// The placeholder of its value.
    pub value: &'static str,
    /// The only valid values; empty if the value is free text.
    pub choices: &'static [&'static str],
    /// A help text of one line.
    pub help: &'static str,
    pub(super) set: fn(&mut Target, &str) -> Result<(), String>,
}

macro_rules! choices {
    ($($text:literal => $value:expr),+ $(,)?) => {
        (&[$($text),+], |text: &str| match text {
            $($text => Ok($value),)+
            _ => Err(format!("`{text}` is not one of {}", [$($text),+].join(", "))),
        })
    };
}

fn ipv6_net(text: &str) -> Result<Ipv6Net, String> {
    match parse_cidr(text, Family::Ipv6).map_err(|e| e.to_string())? {
        IpNet::V6(net) => Ok(net),
        IpNet::V4(_) => Err("not IPv6".to_owned()),
    }
}

fn ipv4_net(text: &str) -> Result<Ipv4Net, String> {
    match parse_cidr(text, Family::Ipv4).map_err(|e| e.to_string())? {
        IpNet::V4(net) => Ok(net),
        IpNet::V6(_) => Err("not IPv4".to_owned()),
    }
}

/// Reads the router ID. Calico reads it only from the environment of calico-node (confd `bird.cfg.template`), which is the same
/// for all nodes of a DaemonSet, or from the IPv4 address of each node.
fn hash_router_id(text: &str) -> Result<bool, String> {
    match (text, text.parse::<std::net::Ipv4Addr>()) {
        ("hash", _) => Ok(true),
        // BIRD takes 0 for none, and chooses one of the node's IPv4 addresses, if there is one.
        (_, Ok(std::net::Ipv4Addr::UNSPECIFIED)) => {
            Err(format!("`{text}` is no router ID: BIRD takes it for none; `hash` needs no number"))
        }
        (_, Ok(address)) => Err(format!(
            "{address} would be the router ID of every node, and BGP sessions between nodes with the same router ID fail: \
             calico-node reads it from its environment, which a DaemonSet sets once for all nodes. If the nodes have IPv4 \
             addresses, omit the option: each node then uses its own address. Otherwise pass `hash`"
        )),
        _ => Err(format!("`{text}` is not `hash`: BIRD rejects any other word")),
    }
}

type Choice<T> = (&'static [&'static str], fn(&str) -> Result<T, String>);

const STACKS: Choice<Stack> = choices! {
    "dual-stack" => Stack::DualStack, "ipv6-only" => Stack::Ipv6Only, "ipv4-only" => Stack::Ipv4Only,
};
const PROVISIONERS: Choice<Provisioner> =
    choices! { "kubeadm" => Provisioner::Kubeadm, "other" => Provisioner::Other };
const BOOLEANS: Choice<bool> = choices! { "true" => true, "false" => false };
const ENCAPSULATIONS: Choice<Encapsulation> = choices! {
    "none" => Encapsulation::None,
    "vxlan" => Encapsulation::Vxlan,
    "vxlan-cross-subnet" => Encapsulation::VxlanCrossSubnet,
};
const NAT: Choice<NatOutgoing> =
    choices! { "auto" => NatOutgoing::Auto, "true" => NatOutgoing::On, "false" => NatOutgoing::Off };
const FAMILIES: Choice<Family> = choices! { "ipv4" => Family::Ipv4, "ipv6" => Family::Ipv6 };
const BACKENDS: Choice<Backend> =
    choices! { "bird" => Backend::Bird, "vxlan" => Backend::Vxlan, "none" => Backend::None };

/// All options, in the order of the help text.
pub const OPTIONS: &[TargetOption] = &[
    TargetOption {
        key: "to",
        label: "Pods get",
        flag: "to",
        value: "STACK",
        choices: STACKS.0,
        help: "address families that pods get",
        set: |t, v| {
            t.to = (STACKS.1)(v)?;
            Ok(())
        },
    },
    TargetOption {
        key: "ipv6PodCIDR",
        label: "IPv6 pod CIDR",
        flag: "ipv6-pod-cidr",
        value: "CIDR",
        choices: &[],
        help: "CIDR of the IPv6 pool, such as fd00:10:244::/56; inside the cluster CIDR",
        set: |t, v| {
            t.ipv6_pod_cidr = Some(ipv6_net(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "ipv4PodCIDR",
        label: "IPv4 pod CIDR",
        flag: "ipv4-pod-cidr",
        value: "CIDR",
        choices: &[],
        help: "CIDR of the IPv4 pool, such as 10.244.0.0/16",
        set: |t, v| {
            t.ipv4_pod_cidr = Some(ipv4_net(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "ipv6ServiceCIDR",
        label: "IPv6 service CIDR",
        flag: "ipv6-service-cidr",
        value: "CIDR",
        choices: &[],
        help: "IPv6 service CIDR, such as fd00:10:96::/112",
        set: |t, v| {
            t.ipv6_service_cidr = Some(ipv6_net(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "ipv4ServiceCIDR",
        label: "IPv4 service CIDR",
        flag: "ipv4-service-cidr",
        value: "CIDR",
        choices: &[],
        help: "IPv4 service CIDR, such as 10.96.0.0/12",
        set: |t, v| {
            t.ipv4_service_cidr = Some(ipv4_net(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "ipv6LoadBalancerCIDR",
        label: "IPv6 load balancer CIDR",
        flag: "ipv6-load-balancer-cidr",
        value: "CIDR",
        choices: &[],
        help: "IPv6 range of Services of type LoadBalancer, such as 2001:db8:40::/112; for generate",
        set: |t, v| {
            t.ipv6_load_balancer_cidr = Some(ipv6_net(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "ipv4LoadBalancerCIDR",
        label: "IPv4 load balancer CIDR",
        flag: "ipv4-load-balancer-cidr",
        value: "CIDR",
        choices: &[],
        help: "IPv4 range of Services of type LoadBalancer, such as 198.51.100.0/24; for generate",
        set: |t, v| {
            t.ipv4_load_balancer_cidr = Some(ipv4_net(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "ipv6MachineCIDR",
        label: "IPv6 node network",
        flag: "ipv6-machine-cidr",
        value: "CIDR",
        choices: &[],
        help: "IPv6 node network, such as 2001:db8:1::/64, for OpenShift and Talos",
        set: |t, v| {
            t.ipv6_machine_cidr = Some(ipv6_net(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "provisioner",
        label: "Cluster created by",
        flag: "provisioner",
        value: "NAME",
        choices: PROVISIONERS.0,
        help: "what created the cluster; with kubeadm, calico-node reads the pod CIDRs from podSubnet",
        set: |t, v| {
            t.provisioner = Some((PROVISIONERS.1)(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "nodesHaveIPv4",
        label: "Nodes have an IPv4 address",
        flag: "nodes-have-ipv4",
        value: "BOOL",
        choices: BOOLEANS.0,
        help: "IPv6-only: whether nodes keep an IPv4 address [default: false]",
        set: |t, v| {
            t.nodes_have_ipv4 = Some((BOOLEANS.1)(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "encapsulation",
        label: "IPv6 encapsulation",
        flag: "encapsulation",
        value: "MODE",
        choices: ENCAPSULATIONS.0,
        help: "encapsulation of IPv6 packets between nodes [default: as in the manifest]",
        set: |t, v| {
            t.encapsulation = Some((ENCAPSULATIONS.1)(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "natOutgoing",
        label: "NAT for outgoing IPv6",
        flag: "nat-outgoing",
        value: "MODE",
        choices: NAT.0,
        help: "NAT for IPv6 traffic that leaves the pool [default: auto, on for unique-local ranges]",
        set: |t, v| {
            t.nat_outgoing = (NAT.1)(v)?;
            Ok(())
        },
    },
    TargetOption {
        key: "ipv6BlockSize",
        label: "IPv6 block size",
        flag: "ipv6-block-size",
        value: "LENGTH",
        choices: &[],
        help: "prefix length of IPv6 blocks, 116 to 128 [default: 122]",
        set: |t, v| {
            let size = v.parse::<u8>().ok().filter(|n| IPV6_BLOCKS.contains(n));
            let message = || format!("invalid block size `{v}`: Calico accepts 116 to 128 for IPv6");
            t.ipv6_block_size = Some(size.ok_or_else(message)?);
            Ok(())
        },
    },
    TargetOption {
        key: "ipv6AutodetectionMethod",
        label: "IPv6 autodetection method",
        flag: "ipv6-autodetection-method",
        value: "METHOD",
        choices: &[],
        help: "how calico-node detects a node's IPv6 address: first-found, interface=REGEX, cidr=CIDR ...",
        set: |t, v| {
            check_ipv6_method(v)?;
            t.ipv6_autodetection_method = Some(v.to_owned());
            Ok(())
        },
    },
    TargetOption {
        key: "routerID",
        label: "BGP router ID",
        flag: "router-id",
        value: "ID",
        choices: &[],
        help: "BGP router ID: hash, computed from each node's name [default: the node's IPv4 address; without one, hash]",
        set: |t, v| {
            t.hash_router_id = hash_router_id(v)?;
            Ok(())
        },
    },
    TargetOption {
        key: "calicoVersion",
        label: "Calico release",
        flag: "calico-version",
        value: "VERSION",
        choices: &[],
        help: "Calico release, if the files do not show it",
        set: |t, v| {
            let message = || format!("`{v}` is not a release such as v3.31.4");
            t.calico_version = Some(Version::parse(v).ok_or_else(message)?);
            Ok(())
        },
    },
    TargetOption {
        key: "calicoBackend",
        label: "Calico backend",
        flag: "calico-backend",
        value: "NAME",
        choices: BACKENDS.0,
        help: "backend of calico-node, if the input does not show it",
        set: |t, v| {
            t.calico_backend = Some((BACKENDS.1)(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "primaryFamily",
        label: "Primary IP family",
        flag: "primary-family",
        value: "FAMILY",
        choices: FAMILIES.0,
        help: "primary IP family of a dual-stack cluster [default: unchanged, or ipv4]",
        set: |t, v| {
            t.primary_family = Some((FAMILIES.1)(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "addressMap",
        label: "Address pairs",
        flag: "map-address",
        value: "IPV4=IPV6",
        choices: &[],
        help: "IPv4 and IPv6 address of one node or load balancer; repeatable; an input file from `kubectl get nodes -o yaml` gives the pairs of nodes",
        set: |t, v| t.address_map.parse(v),
    },
    TargetOption {
        key: "kubernetesVersion",
        label: "Kubernetes release",
        flag: "kubernetes-version",
        value: "VERSION",
        choices: &[],
        help: "Kubernetes release, if the input does not show it",
        set: |t, v| {
            let message = || format!("`{v}` is not a release such as v1.34.2");
            t.kubernetes_version = Some(Version::parse(v).ok_or_else(message)?);
            Ok(())
        },
    },
    TargetOption {
        key: "running",
        label: "The cluster runs",
        flag: "running",
        value: "BOOL",
        choices: BOOLEANS.0,
        help: "the files configure a running cluster [default: true if an object was read from a cluster]",
        set: |t, v| {
            t.running = (BOOLEANS.1)(v)?;
            Ok(())
        },
    },
    TargetOption {
        key: "newCluster",
        label: "The cluster is new",
        flag: "new-cluster",
        value: "BOOL",
        choices: BOOLEANS.0,
        help: "the files are for a new cluster, even if an object was read from a running one",
        set: |t, v| {
            t.new_cluster = (BOOLEANS.1)(v)?;
            Ok(())
        },
    },
];

impl TargetOption {
    /// The option with this key, flag or alias.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static TargetOption> {
        OPTIONS.iter().find(|o| o.key == name || o.flag == name || o.alias() == Some(name))
    }

    /// Another name for it, as a key and as a flag.
    #[must_use]
    pub fn alias(&self) -> Option<&'static str> {
        self.is_repeatable().then_some("address")
    }

    /// Whether the flag alone means `true`.
    #[must_use]
    pub fn is_switch(&self) -> bool {
        matches!(self.flag, "running" | "new-cluster")
    }

    /// Whether it may be passed more than once; the values are added up.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.flag == "map-address"
    }
}
