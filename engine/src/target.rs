//! What the user wants: one document everywhere. The options of the command, the keys of a `Target` file, of a KRM
//! `functionConfig` and of the object that JavaScript passes are the rows of [`OPTIONS`].

mod contradictions;
mod method;
mod twins;

pub use method::check_ipv6_method;
pub use twins::Twins;

use crate::address::{Family, IPV6_BLOCKS, parse_cidr};
use crate::version::Version;
use core::fmt;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The families a cluster's pods have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stack {
    /// Only IPv4.
    Ipv4Only,
    /// Only IPv6.
    Ipv6Only,
    /// Both families.
    #[default]
    DualStack,
}

impl Stack {
    /// Whether pods get an IPv4 address.
    #[must_use]
    pub fn has_ipv4(self) -> bool {
        self != Stack::Ipv6Only
    }

    /// Whether pods get an IPv6 address.
    #[must_use]
    pub fn has_ipv6(self) -> bool {
        self != Stack::Ipv4Only
    }
}

impl fmt::Display for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stack::Ipv4Only => "IPv4-only",
            Stack::Ipv6Only => "IPv6-only",
            Stack::DualStack => "dual-stack",
        })
    }
}

/// How packets between nodes are wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encapsulation {
    /// Not at all: the network between the nodes routes pod addresses.
    None,
    /// VXLAN between all nodes.
    Vxlan,
    /// VXLAN only where a packet leaves the subnet of its node.
    VxlanCrossSubnet,
}

/// Whether pods leave the pool behind the address of their node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NatOutgoing {
    /// On for unique-local ranges, which have no other way out; else as it is.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// What made the cluster, as far as it changes what Calico reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provisioner {
    /// kubeadm: calico-node reads the pod CIDRs from its ConfigMap (Calico 3.13 and later).
    Kubeadm,
    /// Anything else.
    Other,
}

/// What Calico uses for routes between nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// BGP by BIRD; the default.
    Bird,
    /// VXLAN without BGP.
    Vxlan,
    /// Another component makes the routes (flannel, a cloud).
    None,
}

/// The BGP router id of nodes without an IPv4 address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouterId {
    /// From the node's name.
    Hash,
    /// One dotted quad.
    Address(std::net::Ipv4Addr),
}

impl fmt::Display for RouterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RouterId::Hash => f.write_str("hash"),
            RouterId::Address(address) => write!(f, "{address}"),
        }
    }
}

/// What is wanted of a cluster. Fields that are none are read from the input, or need no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The families that pods shall have.
    pub to: Stack,
    /// The range of the IPv6 pool.
    pub ipv6_pod_cidr: Option<Ipv6Net>,
    /// The range of the IPv4 pool.
    pub ipv4_pod_cidr: Option<Ipv4Net>,
    /// The range of IPv6 cluster IPs.
    pub ipv6_service_cidr: Option<Ipv6Net>,
    /// The range of IPv4 cluster IPs.
    pub ipv4_service_cidr: Option<Ipv4Net>,
    /// The network of the nodes' IPv6 addresses, where an installer wants to know it.
    pub ipv6_machine_cidr: Option<Ipv6Net>,
    /// What made the cluster.
    pub provisioner: Option<Provisioner>,
    /// Whether nodes keep an IPv4 address; only asked where pods have none.
    pub nodes_have_ipv4: Option<bool>,
    /// How IPv6 packets between nodes are wrapped.
    pub encapsulation: Option<Encapsulation>,
    /// Whether IPv6 pods leave behind their node's address.
    pub nat_outgoing: NatOutgoing,
    /// The prefix length of the blocks that the IPv6 pool is given out in, 116 to 128.
    pub ipv6_block_size: Option<u8>,
    /// How calico-node finds the IPv6 address of a node: `first-found`, `interface=REGEX`, `cidr=CIDR` ...
    pub ipv6_autodetection_method: Option<String>,
    /// The BGP router id of nodes without an IPv4 address.
    pub router_id: Option<RouterId>,
    /// The Calico release, where the input does not tell.
    pub calico_version: Option<Version>,
    /// The backend, where the input does not tell.
    pub calico_backend: Option<Backend>,
    /// The family that stands first in a dual-stack cluster; none keeps the one that does, or takes IPv4.
    pub primary_family: Option<Family>,
    /// The other address of nodes and load balancers.
    pub twins: Twins,
    /// The Kubernetes release, where the input does not tell.
    pub kubernetes_version: Option<Version>,
}

/// One thing that can be asked for.
#[derive(Clone, Copy, Debug)]
pub struct TargetOption {
    /// The key in a `Target` document and in JavaScript.
    pub key: &'static str,
    /// How a form names it.
    pub label: &'static str,
    /// The flag of the command, without dashes.
    pub flag: &'static str,
    /// What its value looks like.
    pub value: &'static str,
    /// The only values there are; empty where any text of the form is taken.
    pub choices: &'static [&'static str],
    /// What it does, one line.
    pub help: &'static str,
    set: fn(&mut Target, &str) -> Result<(), String>,
}

macro_rules! choices {
    ($($text:literal => $value:expr),+ $(,)?) => {
        (&[$($text),+], |text: &str| match text {
            $($text => Ok($value),)+
            _ => Err(format!("`{text}` is none of {}", [$($text),+].join(", "))),
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

/// Everything that can be asked for, in the order in which help shows it.
pub const OPTIONS: &[TargetOption] = &[
    TargetOption {
        key: "to",
        label: "Pods get",
        flag: "to",
        value: "STACK",
        choices: STACKS.0,
        help: "the families that pods shall have",
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
        help: "range of the IPv6 pool, such as fd00:10:244::/56; inside the cluster CIDR",
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
        help: "range of the IPv4 pool, such as 10.244.0.0/16",
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
        help: "range of IPv6 cluster IPs, such as fd00:10:96::/112",
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
        help: "range of IPv4 cluster IPs, such as 10.96.0.0/12",
        set: |t, v| {
            t.ipv4_service_cidr = Some(ipv4_net(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "ipv6MachineCIDR",
        label: "IPv6 network of the nodes",
        flag: "ipv6-machine-cidr",
        value: "CIDR",
        choices: &[],
        help: "network of the nodes' IPv6 addresses, such as 2001:db8:1::/64; only OpenShift asks for it",
        set: |t, v| {
            t.ipv6_machine_cidr = Some(ipv6_net(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "provisioner",
        label: "Cluster made by",
        flag: "provisioner",
        value: "NAME",
        choices: PROVISIONERS.0,
        help: "what made the cluster; with kubeadm calico-node reads the pod CIDRs from podSubnet",
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
        help: "how IPv6 packets between nodes are wrapped [default: as the manifest says]",
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
            let message =
                || format!("`{v}` is no block size: Calico takes 116 to 128 for IPv6, and exits on others");
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
        help: "how a node's IPv6 address is found: first-found, interface=REGEX, cidr=CIDR ...",
        set: |t, v| {
            check_ipv6_method(v)?;
            t.ipv6_autodetection_method = Some(v.to_owned());
            Ok(())
        },
    },
    TargetOption {
        key: "routerID",
        label: "BGP router id",
        flag: "router-id",
        value: "ID",
        choices: &[],
        help: "BGP router id where nodes have no IPv4 address: hash or a dotted quad [default: hash]",
        set: |t, v| {
            let id = match (v, v.parse()) {
                ("hash", _) => RouterId::Hash,
                (_, Ok(address)) => RouterId::Address(address),
                _ => {
                    return Err(format!(
                        "`{v}` is neither `hash` nor a dotted quad: BIRD would refuse its configuration"
                    ));
                }
            };
            t.router_id = Some(id);
            Ok(())
        },
    },
    TargetOption {
        key: "calicoVersion",
        label: "Calico release",
        flag: "calico-version",
        value: "VERSION",
        choices: &[],
        help: "Calico release, where images do not tell it",
        set: |t, v| {
            let message = || format!("`{v}` is no release such as v3.31.4");
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
        help: "backend of calico-node, where the input does not tell it",
        set: |t, v| {
            t.calico_backend = Some((BACKENDS.1)(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "primaryFamily",
        label: "First family",
        flag: "primary-family",
        value: "FAMILY",
        choices: FAMILIES.0,
        help: "the family that stands first in a dual-stack cluster [default: as it is, else ipv4]",
        set: |t, v| {
            t.primary_family = Some((FAMILIES.1)(v)?);
            Ok(())
        },
    },
    TargetOption {
        key: "address",
        label: "Address twins",
        flag: "address",
        value: "IPV4=IPV6",
        choices: &[],
        help: "the two addresses of a node or load balancer: one takes the place of the other; repeatable",
        set: |t, v| t.twins.parse(v),
    },
    TargetOption {
        key: "kubernetesVersion",
        label: "Kubernetes release",
        flag: "kubernetes-version",
        value: "VERSION",
        choices: &[],
        help: "Kubernetes release, where the input does not tell",
        set: |t, v| {
            let message = || format!("`{v}` is no release such as v1.34.2");
            t.kubernetes_version = Some(Version::parse(v).ok_or_else(message)?);
            Ok(())
        },
    },
];

impl TargetOption {
    /// Whether it may be given more than once: each time says one thing more.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.flag == "address"
    }
}

/// Why a target is refused before any work: the flag or key, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetError {
    /// The option it is about; none where it is about several.
    pub option: Option<&'static str>,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.option {
            Some(flag) => write!(f, "--{flag}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl core::error::Error for TargetError {}

/// What a range is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeOf {
    /// Pods.
    Pods,
    /// Cluster IPs.
    Services,
}

impl RangeOf {
    /// The option that says the range of a family, and an example of its value.
    #[must_use]
    pub fn option(self, family: Family) -> (&'static str, &'static str) {
        match (self, family) {
            (RangeOf::Pods, Family::Ipv4) => ("ipv4-pod-cidr", "10.244.0.0/16"),
            (RangeOf::Pods, Family::Ipv6) => ("ipv6-pod-cidr", "fd00:10:244::/56"),
            (RangeOf::Services, Family::Ipv4) => ("ipv4-service-cidr", "10.96.0.0/12"),
            (RangeOf::Services, Family::Ipv6) => ("ipv6-service-cidr", "fd00:10:96::/112"),
        }
    }
}

impl Target {
    /// The family that shall stand first; `first` is the one that does.
    #[must_use]
    pub fn primary(&self, first: Option<Family>) -> Family {
        match self.to {
            Stack::Ipv4Only => Family::Ipv4,
            Stack::Ipv6Only => Family::Ipv6,
            Stack::DualStack => self.primary_family.or(first).unwrap_or(Family::Ipv4),
        }
    }

    /// The families that are wanted, the primary one first.
    #[must_use]
    pub fn families(&self, first: Option<Family>) -> Vec<Family> {
        let primary = self.primary(first);
        let both = self.to == Stack::DualStack;
        let second = if primary == Family::Ipv4 { Family::Ipv6 } else { Family::Ipv4 };
        core::iter::once(primary).chain(both.then_some(second)).collect()
    }

    /// The range that was asked for.
    #[must_use]
    pub fn range(&self, of: RangeOf, family: Family) -> Option<IpNet> {
        match (of, family) {
            (RangeOf::Pods, Family::Ipv4) => self.ipv4_pod_cidr.map(IpNet::V4),
            (RangeOf::Pods, Family::Ipv6) => self.ipv6_pod_cidr.map(IpNet::V6),
            (RangeOf::Services, Family::Ipv4) => self.ipv4_service_cidr.map(IpNet::V4),
            (RangeOf::Services, Family::Ipv6) => self.ipv6_service_cidr.map(IpNet::V6),
        }
    }

    /// Builds a target from keys (or flags) and texts.
    ///
    /// # Errors
    /// Every value that cannot be, and every pair that cannot be together: all of them, not only the first.
    pub fn from_options<'a>(
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Target, Vec<TargetError>> {
        let mut target = Target::default();
        let mut errors = Vec::new();
        let mut to = false;
        for (name, value) in options {
            let Some(option) = OPTIONS.iter().find(|o| o.key == name || o.flag == name) else {
                errors.push(TargetError { option: None, message: format!("no option is called `{name}`") });
                continue;
            };
            to |= option.key == "to";
            if let Err(message) = (option.set)(&mut target, value) {
                errors.push(TargetError { option: Some(option.flag), message });
            }
        }
        if !to {
            let message = "say what you want: dual-stack, ipv6-only or ipv4-only".to_owned();
            errors.push(TargetError { option: Some("to"), message });
        }
        errors.extend(target.contradictions());
        if errors.is_empty() { Ok(target) } else { Err(errors) }
    }
}
