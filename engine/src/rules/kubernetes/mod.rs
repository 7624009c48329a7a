//! What IPv6 needs of the cluster below Calico: static pods, kubeadm, kubelet, kube-proxy, cluster DNS. The principle: what
//! kubeadm itself would have written for the target, and nothing more.

pub(super) mod address_sets;
pub(super) mod addresses;
pub(super) mod advertise;
pub(super) mod agreement;
pub(super) mod arguments;
pub(super) mod calico_objects;
pub(super) mod certificates;
pub(super) mod context;
pub(super) mod dns;
pub(super) mod dns_servers;
pub(super) mod gates;
pub(super) mod host_endpoints;
pub(super) mod installers;
pub(super) mod kube_dns;
pub(super) mod lists;
pub(super) mod live;
pub(super) mod load_balancer_pools;
pub(super) mod masks;
pub(super) mod node_ip;
pub(super) mod openshift;
pub(super) mod overlaps;
pub(super) mod probes;
pub(super) mod proxy;
pub(super) mod ranges;
pub(super) mod release;
pub(super) mod removed_flags;
pub(super) mod security;
pub(super) mod service_cidr;
pub(super) mod services;
pub(super) mod sizes;
pub(super) mod special_ranges;
pub(super) mod strict_addresses;
pub(super) mod words;

pub use context::{Before, LintContext};
pub(crate) use lists::HOST_PREFIX_IPV4;
pub(crate) use masks::{DEFAULT_IPV4, DEFAULT_IPV6, part_of_node};
pub(crate) use node_ip::NO_PAIR;
pub(crate) use proxy::IPVS_ONLY;
pub(crate) use sizes::{FEWEST_SERVICE_BITS, MOST_SERVICE_BITS};
