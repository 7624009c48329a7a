//! What the user wants: one document everywhere. The options of the command, the keys of a `Target` file, of a KRM
//! `functionConfig` and of the object that JavaScript passes are the rows of [`OPTIONS`].

use crate::address::{Family, is_ipv6_address, overlap, parse_cidr, unusable};
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
        help: "range of IPv6 cluster IPs: checked against the pools",
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
        help: "range of IPv4 cluster IPs: checked against the pools",
        set: |t, v| {
            t.ipv4_service_cidr = Some(ipv4_net(v)?);
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
            let size = v.parse::<u8>().ok().filter(|n| (116..=128).contains(n));
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
];

/// Checks an autodetection method as calico-node reads it (node `autodetection_methods.go`): names are case-sensitive,
/// and an address must be IPv6.
///
/// # Errors
/// What calico-node would exit on, and what to write.
pub fn check_ipv6_method(method: &str) -> Result<(), String> {
    let list =
        |text: &str, ok: fn(&str) -> bool| !text.is_empty() && text.split(',').all(|part| ok(part.trim()));
    let known = match method.split_once('=') {
        None => matches!(method, "first-found" | "kubernetes-internal-ip"),
        Some(("interface" | "skip-interface", regex)) => list(regex, |part| !part.is_empty()),
        Some(("cidr", cidrs)) => list(cidrs, |part| part.parse::<Ipv6Net>().is_ok()),
        Some(("can-reach", destination)) => is_ipv6_address(destination) || is_host_name(destination),
        Some(_) => false,
    };
    if known {
        return Ok(());
    }
    Err(format!(
        "`{method}` is no way to find an IPv6 address, and calico-node exits on it: first-found, \
         kubernetes-internal-ip, interface=REGEX, skip-interface=REGEX, cidr=IPV6-CIDR, can-reach=IPV6-ADDRESS"
    ))
}

fn is_host_name(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_err()
        && text.contains(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
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

impl Target {
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

    /// What cannot be, whatever the input is.
    fn contradictions(&self) -> Vec<TargetError> {
        let mut errors = Vec::new();
        let mut wrong = |option, message| errors.push(TargetError { option: Some(option), message });
        let nets: [(&'static str, Option<IpNet>); 4] = [
            ("ipv6-pod-cidr", self.ipv6_pod_cidr.map(IpNet::V6)),
            ("ipv4-pod-cidr", self.ipv4_pod_cidr.map(IpNet::V4)),
            ("ipv6-service-cidr", self.ipv6_service_cidr.map(IpNet::V6)),
            ("ipv4-service-cidr", self.ipv4_service_cidr.map(IpNet::V4)),
        ];
        for (flag, net) in nets {
            if let Some(why) = net.and_then(unusable) {
                wrong(flag, format!("{} are {why}", net.unwrap_or_default()));
            }
        }
        for (pods, services) in [(0, 2), (1, 3)] {
            if let (Some(a), Some(b)) = (nets[pods].1, nets[services].1)
                && overlap(a, b)
            {
                wrong(
                    nets[services].0,
                    format!("{b} overlaps the pod CIDR {a}: the same address would be a pod and a Service"),
                );
            }
        }
        let block = self.ipv6_block_size.unwrap_or(122);
        if let Some(net) = self.ipv6_pod_cidr
            && net.prefix_len() > block
        {
            let message = format!(
                "{net} is smaller than one block (/{block}), and calico-node exits on it: take a range of at most /{block}"
            );
            wrong("ipv6-pod-cidr", message);
        }
        if let Some(net) = self.ipv4_pod_cidr
            && net.prefix_len() > 26
        {
            wrong(
                "ipv4-pod-cidr",
                format!("{net} is smaller than one block (/26), and calico-node exits on it"),
            );
        }
        errors
    }
}
