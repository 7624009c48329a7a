//! The target of a transform. The options of the command, the keys of a `Target` file, of a KRM `functionConfig` and of the
//! object in JavaScript are the rows of [`OPTIONS`].

mod address_map;
mod contradictions;
mod method;
mod options;

pub use address_map::AddressMap;
pub(crate) use method::{check_ipv6_method, check_method};
pub use options::{OPTIONS, TargetOption};

use crate::address::Family;
use crate::version::Version;
use core::fmt;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The IP families of a cluster's pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stack {
    /// IPv4 only.
    Ipv4Only,
    /// IPv6 only.
    Ipv6Only,
    /// Both families.
    #[default]
    DualStack,
}

impl Stack {
    /// All of them, in the order in which help shows them.
    pub const ALL: [Stack; 3] = [Stack::DualStack, Stack::Ipv6Only, Stack::Ipv4Only];

    /// The value of the option `--to`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Stack::Ipv4Only => "ipv4-only",
            Stack::Ipv6Only => "ipv6-only",
            Stack::DualStack => "dual-stack",
        }
    }

    /// The stack of these families; `None` if there is none.
    #[must_use]
    pub fn of(has_ipv4: bool, has_ipv6: bool) -> Option<Stack> {
        match (has_ipv4, has_ipv6) {
            (true, true) => Some(Stack::DualStack),
            (true, false) => Some(Stack::Ipv4Only),
            (false, true) => Some(Stack::Ipv6Only),
            (false, false) => None,
        }
    }

    /// The stack with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Stack> {
        Stack::ALL.into_iter().find(|stack| stack.word() == word)
    }

    /// Whether pods get an address of this family.
    #[must_use]
    pub fn has(self, family: Family) -> bool {
        match family {
            Family::Ipv4 => self.has_ipv4(),
            Family::Ipv6 => self.has_ipv6(),
        }
    }

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

/// The encapsulation of packets between nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encapsulation {
    /// None: the network between the nodes routes pod addresses.
    None,
    /// VXLAN between all nodes.
    Vxlan,
    /// VXLAN only if a packet leaves the subnet of its node.
    VxlanCrossSubnet,
}

/// NAT for traffic that leaves the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NatOutgoing {
    /// On for unique-local ranges, which are not routed outside; otherwise unchanged.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// What created the cluster, which determines what Calico reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provisioner {
    /// kubeadm: calico-node reads the pod CIDRs from its ConfigMap (Calico 3.13 and later).
    Kubeadm,
    /// Anything else.
    Other,
}

/// How Calico distributes routes between nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// BGP with BIRD; the default.
    Bird,
    /// VXLAN without BGP.
    Vxlan,
    /// Another component programs the routes (flannel, a cloud).
    None,
}

impl Backend {
    /// The value of the option `--calico-backend`, and of `calico_backend` in a ConfigMap.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Backend::Bird => "bird",
            Backend::Vxlan => "vxlan",
            Backend::None => "none",
        }
    }
}

/// The target of a transform. Fields that are `None` are read from the input, or are not needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The IP families that pods get.
    pub to: Stack,
    /// The CIDR of the IPv6 pool.
    pub ipv6_pod_cidr: Option<Ipv6Net>,
    /// The CIDR of the IPv4 pool.
    pub ipv4_pod_cidr: Option<Ipv4Net>,
    /// The IPv6 service CIDR.
    pub ipv6_service_cidr: Option<Ipv6Net>,
    /// The IPv4 service CIDR.
    pub ipv4_service_cidr: Option<Ipv4Net>,
    /// The IPv6 range of Services of type LoadBalancer.
    pub ipv6_load_balancer_cidr: Option<Ipv6Net>,
    /// The IPv4 range of Services of type LoadBalancer.
    pub ipv4_load_balancer_cidr: Option<Ipv4Net>,
    /// The IPv6 node network, for installers that need it.
    pub ipv6_machine_cidr: Option<Ipv6Net>,
    /// What created the cluster.
    pub provisioner: Option<Provisioner>,
    /// Whether nodes keep an IPv4 address; only relevant for IPv6-only.
    pub nodes_have_ipv4: Option<bool>,
    /// The encapsulation of IPv6 packets between nodes.
    pub encapsulation: Option<Encapsulation>,
    /// NAT for IPv6 traffic that leaves the pool.
    pub nat_outgoing: NatOutgoing,
    /// The prefix length of the blocks of the IPv6 pool, 116 to 128.
    pub ipv6_block_size: Option<u8>,
    /// How calico-node detects the IPv6 address of a node: `first-found`, `interface=REGEX`, `cidr=CIDR` ...
    pub ipv6_autodetection_method: Option<String>,
    /// Whether BGP router IDs are hashes of the nodes' names even if the nodes have IPv4 addresses.
    pub hash_router_id: bool,
    /// The Calico release, if the input does not show it.
    pub calico_version: Option<Version>,
    /// The backend, if the input does not show it.
    pub calico_backend: Option<Backend>,
    /// The primary family of a dual-stack cluster; `None` keeps the current one, or uses IPv4.
    pub primary_family: Option<Family>,
    /// The address pairs of nodes and load balancers.
    pub address_map: AddressMap,
    /// The Kubernetes release, if the input does not show it.
    pub kubernetes_version: Option<Version>,
    /// Whether the files configure a cluster that runs. Without it, an object that was read from a cluster shows it.
    pub running: bool,
    /// Whether the files are for a cluster that does not exist yet.
    pub new_cluster: bool,
}

/// Why a target is not valid: the flag or key, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetError {
    /// The option; `None` if the error is about several.
    pub option: Option<&'static str>,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.option {
            // The message is a sentence about the option itself.
            Some(flag) if self.message.starts_with("is ") => write!(f, "--{flag} {}", self.message),
            Some(flag) => write!(f, "--{flag}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl core::error::Error for TargetError {}

/// The use of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeOf {
    /// Pod CIDRs.
    Pods,
    /// Service CIDRs.
    Services,
    /// Addresses of Services of type LoadBalancer.
    LoadBalancers,
}

impl RangeOf {
    /// The option for the range of a family, and an example value.
    #[must_use]
    pub fn option(self, family: Family) -> (&'static str, &'static str) {
        match (self, family) {
            (RangeOf::Pods, Family::Ipv4) => ("ipv4-pod-cidr", "10.244.0.0/16"),
            (RangeOf::Pods, Family::Ipv6) => ("ipv6-pod-cidr", "fd00:10:244::/56"),
            (RangeOf::Services, Family::Ipv4) => ("ipv4-service-cidr", "10.96.0.0/12"),
            (RangeOf::Services, Family::Ipv6) => ("ipv6-service-cidr", "fd00:10:96::/112"),
            (RangeOf::LoadBalancers, Family::Ipv4) => ("ipv4-load-balancer-cidr", "198.51.100.0/24"),
            (RangeOf::LoadBalancers, Family::Ipv6) => ("ipv6-load-balancer-cidr", "2001:db8:40::/112"),
        }
    }
}

impl Target {
    /// The primary family of the target; `first` is the current one.
    #[must_use]
    pub fn primary(&self, first: Option<Family>) -> Family {
        match self.to {
            Stack::Ipv4Only => Family::Ipv4,
            Stack::Ipv6Only => Family::Ipv6,
            Stack::DualStack => self.primary_family.or(first).unwrap_or(Family::Ipv4),
        }
    }

    /// The families of the target, primary family first.
    #[must_use]
    pub fn families(&self, first: Option<Family>) -> Vec<Family> {
        let primary = self.primary(first);
        let both = self.to == Stack::DualStack;
        core::iter::once(primary).chain(both.then_some(primary.other())).collect()
    }

    /// The range from the options.
    #[must_use]
    pub fn range(&self, of: RangeOf, family: Family) -> Option<IpNet> {
        match (of, family) {
            (RangeOf::Pods, Family::Ipv4) => self.ipv4_pod_cidr.map(IpNet::V4),
            (RangeOf::Pods, Family::Ipv6) => self.ipv6_pod_cidr.map(IpNet::V6),
            (RangeOf::Services, Family::Ipv4) => self.ipv4_service_cidr.map(IpNet::V4),
            (RangeOf::Services, Family::Ipv6) => self.ipv6_service_cidr.map(IpNet::V6),
            (RangeOf::LoadBalancers, Family::Ipv4) => self.ipv4_load_balancer_cidr.map(IpNet::V4),
            (RangeOf::LoadBalancers, Family::Ipv6) => self.ipv6_load_balancer_cidr.map(IpNet::V6),
        }
    }

    /// Builds a target from keys (or flags) and values.
    ///
    /// # Errors
    /// All invalid values and combinations, not only the first.
    pub fn from_options<'a>(
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Target, Vec<TargetError>> {
        let mut target = Target::default();
        let mut errors = Vec::new();
        let mut to = false;
        for (name, value) in options {
            let Some(option) = TargetOption::named(name) else {
                errors.push(TargetError { option: None, message: format!("unknown option `{name}`") });
                continue;
            };
            to |= option.key == "to";
            if let Err(message) = (option.set)(&mut target, value) {
                errors.push(TargetError { option: Some(option.flag), message });
            }
        }
        if !to {
            let message = "is required: dual-stack, ipv6-only or ipv4-only".to_owned();
            errors.push(TargetError { option: Some("to"), message });
        }
        errors.extend(target.contradictions());
        if errors.is_empty() { Ok(target) } else { Err(errors) }
    }
}
