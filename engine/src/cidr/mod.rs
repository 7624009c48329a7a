//! Address plans: computes ranges from the number of nodes, pods and Services, and the capacity of ranges.

mod check;
mod request;
mod sizes;

pub use request::{COUNTS, Count, Request};

use crate::address::{Family, IPV4_BLOCK, IPV6_BLOCK, is_unique_local, nth, overlap, unique_local};
use crate::model::facts::cluster::KUBEADM_SERVICES;
use crate::rules::{FEWEST_SERVICE_BITS, MOST_SERVICE_BITS, MissingOption, Severity, part_of_node};
use crate::target::{RangeOf, Target};
use ipnet::{IpNet, Ipv6Net};
use sizes::{bits_for, blocks_of_node, pods_prefix};
pub use sizes::{count, grouped};

/// A plan for the addresses of a cluster.
#[derive(Clone, Debug)]
pub struct AddressPlan {
    /// The target, with the planned ranges.
    pub target: Target,
    /// The families, primary family first; without families that have no range.
    pub families: Vec<FamilyPlan>,
    /// Errors and warnings about the ranges.
    pub notes: Vec<Note>,
    /// Options of ranges that cannot be planned.
    pub missing_options: Vec<MissingOption>,
}

/// The ranges of one family and their capacity.
#[derive(Clone, Debug)]
pub struct FamilyPlan {
    /// The family.
    pub family: Family,
    /// The pod CIDR.
    pub pods: Range,
    /// The service CIDR.
    pub services: Range,
    /// The prefix length of the pod CIDR of a node.
    pub node_mask: u8,
    /// The flag of the controller manager that must set it; `None` if it is the default.
    pub node_mask_flag: Option<&'static str>,
    /// The number of node subnets.
    pub parts: u128,
    /// The prefix length of Calico's blocks.
    pub block_size: u8,
    /// The number of blocks.
    pub blocks: u128,
    /// The number of blocks that a node needs for its pods.
    pub blocks_of_node: u128,
    /// The number of pod addresses.
    pub addresses: u128,
    /// The number of cluster IPs.
    pub cluster_ips: u128,
}

impl FamilyPlan {
    /// The number of nodes that the pod CIDR supports: each needs a subnet and its blocks.
    #[must_use]
    pub fn nodes(&self) -> u128 {
        self.parts.min(self.blocks / self.blocks_of_node)
    }
}

/// A range and the reason for its size.
#[derive(Clone, Debug)]
pub struct Range {
    /// The range.
    pub net: IpNet,
    /// Whether an option set it.
    pub is_given: bool,
    /// The reason for its size.
    pub why: String,
}

/// An error or a warning.
#[derive(Clone, Debug)]
pub struct Note {
    /// Its severity.
    pub severity: Severity,
    /// The rule that reports it; `None` if it is about capacity.
    pub rule: Option<&'static str>,
    /// A message of one line.
    pub message: String,
    /// What happens in the cluster.
    pub consequence: String,
    /// What to do.
    pub help: String,
}

impl Note {
    fn error(message: String, consequence: &str, help: &str) -> Note {
        let (consequence, help) = (consequence.to_owned(), help.to_owned());
        Note { severity: Severity::Error, rule: None, message, consequence, help }
    }
}

impl AddressPlan {
    /// Whether the ranges can be used.
    #[must_use]
    pub fn works(&self) -> bool {
        self.missing_options.is_empty() && self.notes.iter().all(|note| note.severity < Severity::Error)
    }

    /// The options for a transform: flags and values.
    #[must_use]
    pub fn options(&self) -> Vec<(&'static str, String)> {
        let mut options = vec![("to", self.target.to.word().to_owned())];
        for of in [RangeOf::Pods, RangeOf::Services] {
            for plan in &self.families {
                let range = if of == RangeOf::Pods { &plan.pods } else { &plan.services };
                options.push((of.option(plan.family).0, range.net.to_string()));
            }
        }
        if let Some(size) = self.target.ipv6_block_size {
            options.push(("ipv6-block-size", size.to_string()));
        }
        options
    }
}

/// Plans the addresses of a cluster. `random` selects the IPv6 range if none is given; the bytes must be random.
#[must_use]
pub fn plan_addresses(request: &Request, random: Option<[u8; 5]>) -> AddressPlan {
    let mut plan = AddressPlan {
        target: request.target.clone(),
        families: Vec::new(),
        notes: Vec::new(),
        missing_options: Vec::new(),
    };
    let mut planner = Planner { request, random, plan: &mut plan };
    for family in request.target.families(None) {
        if let Some(found) = planner.family(family) {
            planner.plan.families.push(found);
        }
    }
    for found in &plan.families {
        match (found.pods.net, found.services.net) {
            (IpNet::V4(pods), IpNet::V4(services)) => {
                plan.target.ipv4_pod_cidr = Some(pods);
                plan.target.ipv4_service_cidr = Some(services);
            }
            (IpNet::V6(pods), IpNet::V6(services)) => {
                plan.target.ipv6_pod_cidr = Some(pods);
                plan.target.ipv6_service_cidr = Some(services);
            }
            _ => {}
        }
    }
    check::check(request, &mut plan);
    plan
}

struct Planner<'a> {
    request: &'a Request,
    random: Option<[u8; 5]>,
    plan: &'a mut AddressPlan,
}

impl Planner<'_> {
    fn family(&mut self, family: Family) -> Option<FamilyPlan> {
        let block_size = self.block_size(family);
        let per_node = blocks_of_node(self.request.pods_per_node(), family, block_size);
        let pods = self.pods(family, block_size, per_node);
        let services = self.services(family, pods.as_ref());
        let (pods, services) = (pods?, services?);
        let prefix = pods.net.prefix_len();
        let Some((node_mask, node_mask_flag)) = part_of_node(prefix, family) else {
            let message = format!("{} cannot be divided into node subnets", pods.net);
            let consequence = "kube-controller-manager exits, and kubeadm refuses the range";
            let help = "use a range of at least one node subnet: a /24 for IPv4, a /64 for IPv6";
            self.plan.notes.push(Note::error(message, consequence, help));
            return None;
        };
        let most = services.net.max_prefix_len();
        let bits = most - services.net.prefix_len();
        // The first address is not allocated, nor the last one of IPv4 (kubernetes `ipallocator.go`).
        let unused = if family == Family::Ipv4 { 2 } else { 1 };
        Some(FamilyPlan {
            family,
            node_mask,
            node_mask_flag,
            parts: power(node_mask - prefix),
            block_size,
            blocks: power(block_size.saturating_sub(prefix)),
            blocks_of_node: per_node,
            addresses: power(most - prefix),
            cluster_ips: power(bits).saturating_sub(unused),
            pods,
            services,
        })
    }

    fn block_size(&self, family: Family) -> u8 {
        match family {
            Family::Ipv4 => IPV4_BLOCK,
            Family::Ipv6 => self.request.target.ipv6_block_size.unwrap_or(IPV6_BLOCK),
        }
    }

    fn pods(&mut self, family: Family, block_size: u8, per_node: u128) -> Option<Range> {
        if let Some(net) = self.request.target.range(RangeOf::Pods, family) {
            return Some(Range { net, is_given: true, why: "as passed".to_owned() });
        }
        let nodes = self.request.nodes();
        let Some(prefix) = pods_prefix(nodes, per_node, family, block_size) else {
            let message =
                format!("no private {family} range is large enough for {}", count(nodes.into(), "node"));
            let help =
                "pass your own range, or fewer nodes or pods per node; Kubernetes supports up to 5,000 nodes";
            self.plan.notes.push(Note::error(message, "pods on further nodes would get no address", help));
            return None;
        };
        let taken = self.request.target.range(RangeOf::Services, family);
        let net = match family {
            Family::Ipv4 => private(prefix, &["10.244.0.0", "10.128.0.0", "10.0.0.0", "172.16.0.0"], taken),
            Family::Ipv6 => self.unique_local(RangeOf::Pods, 0, prefix, taken),
        }?;
        let per = self.request.pods_per_node();
        let why = format!("for {} with {} pods each", count(nodes.into(), "node"), grouped(per.into()));
        Some(Range { net, is_given: false, why })
    }

    fn services(&mut self, family: Family, pods: Option<&Range>) -> Option<Range> {
        if let Some(net) = self.request.target.range(RangeOf::Services, family) {
            return Some(Range { net, is_given: true, why: "as passed".to_owned() });
        }
        let wanted = self.request.services.map(|services| bits_for(u128::from(services) + 2));
        if wanted.is_some_and(|bits| bits > MOST_SERVICE_BITS) {
            let services = grouped(self.request.services.unwrap_or_default().into());
            let message = format!("no service CIDR is large enough for {services} Services");
            let consequence = "kubeadm accepts at most a /12 or a /108, as does the API server before v1.34";
            self.plan.notes.push(Note::error(
                message,
                consequence,
                "use fewer Services, or several clusters",
            ));
            return None;
        }
        let taken = pods.map(|pods| pods.net);
        let services_wanted = count(self.request.services.unwrap_or_default().into(), "Service");
        match family {
            Family::Ipv4 => {
                let default: IpNet = KUBEADM_SERVICES.parse().ok()?;
                let bits = wanted.map_or(32 - default.prefix_len(), |bits| bits.max(FEWEST_SERVICE_BITS));
                let why = match wanted {
                    None => "kubeadm's default".to_owned(),
                    Some(_) => format!("the smallest for {services_wanted}"),
                };
                let bases = ["10.96.0.0", "172.16.0.0", "172.24.0.0", "192.168.0.0"];
                Some(Range { net: private(32 - bits, &bases, taken)?, is_given: false, why })
            }
            Family::Ipv6 => {
                // Every allocator can use 16 bits. More are planned only if they are needed.
                let bits = wanted.unwrap_or(0).max(16);
                let net = self.unique_local(RangeOf::Services, 0xffff, 128 - bits, taken)?;
                let why = if bits > 16 {
                    format!("the smallest for {services_wanted}; needs Kubernetes v1.33 or later")
                } else {
                    "the largest range Kubernetes before 1.33 can use; kubeadm accepts at most a /108"
                        .to_owned()
                };
                Some(Range { net, is_given: false, why })
            }
        }
    }

    /// A part of a unique-local /48: of the other range, or of random bytes. `subnet` is the /64 where it begins.
    fn unique_local(&mut self, of: RangeOf, subnet: u16, prefix: u8, taken: Option<IpNet>) -> Option<IpNet> {
        let site = match (taken, self.random) {
            (Some(IpNet::V6(net)), _) if is_unique_local(net) && net.prefix_len() > 48 => {
                Ipv6Net::new(net.addr(), 48).ok()?.trunc()
            }
            (_, Some(random)) => unique_local(random),
            _ => {
                let (flag, example) = of.option(Family::Ipv6);
                let why =
                    "cannot choose a unique-local range without random bytes (RFC 4193, 3.2.1)".to_owned();
                self.plan.missing_options.push(MissingOption { flag, why, example: example.to_owned() });
                return None;
            }
        };
        // If the other range is already there, uses the other end of the /48.
        [subnet, !subnet, 0x8000].into_iter().find_map(|subnet| {
            let start = nth(IpNet::V6(site), u128::from(subnet) << 64)?;
            let net = IpNet::new(start, prefix).ok()?.trunc();
            (!taken.is_some_and(|taken| overlap(taken, net))).then_some(net)
        })
    }
}

/// The first of these ranges that is private and does not overlap `taken`.
fn private(prefix: u8, bases: &[&str], taken: Option<IpNet>) -> Option<IpNet> {
    let net = |base: &&str| IpNet::new(base.parse().ok()?, prefix).ok().map(|net| net.trunc());
    let fits = |net: &IpNet| {
        crate::address::unusual(*net).is_none() && !taken.is_some_and(|taken| overlap(taken, *net))
    };
    bases.iter().filter_map(net).find(fits)
}

fn power(bits: u8) -> u128 {
    1_u128.checked_shl(bits.into()).unwrap_or(u128::MAX)
}
