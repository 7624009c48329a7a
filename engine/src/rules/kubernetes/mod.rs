//! What IPv6 needs of the cluster below Calico: static pods, kubeadm, kubelet, kube-proxy, cluster DNS. The principle: what
//! kubeadm itself would have written for the target, and nothing more.

mod addresses;
mod advertise;
mod agreement;
mod arguments;
mod calico_objects;
mod certificates;
mod context;
mod dns;
mod dns_servers;
mod gates;
mod host_endpoints;
mod installers;
mod kube_dns;
mod lists;
mod live;
mod masks;
mod node_ip;
mod openshift;
mod probes;
mod proxy;
mod ranges;
mod release;
mod removed_flags;
mod services;
mod sizes;
mod words;

pub use context::LintContext;
pub(crate) use lists::HOST_PREFIX_IPV4;
pub(crate) use masks::{DEFAULT_IPV4, DEFAULT_IPV6, part_of_node};
pub(crate) use node_ip::NO_PAIR;
pub(crate) use proxy::IPVS_ONLY;
pub(crate) use sizes::{FEWEST_SERVICE_BITS, MOST_SERVICE_BITS};

use super::{Diagnostics, Metadata};
use core::fmt;

/// A rule of the cluster below Calico: its data and its check.
#[derive(Clone, Copy)]
pub struct ClusterRule {
    /// What it is.
    pub meta: &'static Metadata,
    /// Looks, and reports.
    pub(crate) check: fn(&LintContext<'_>, &mut Diagnostics),
}

impl fmt::Debug for ClusterRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meta.id)
    }
}

/// Every rule of the cluster below Calico, in the order in which they are asked: what cannot be done at all first.
pub const CLUSTER_RULES: &[ClusterRule] = &[
    release::TOO_OLD,
    words::CONFIG_UNREAD,
    words::VALUE_SHAPE,
    words::API,
    words::TWICE,
    words::ARGUMENT_SHAPE,
    words::READ_AS_MAPPING,
    words::IN_A_SHELL,
    ranges::UNREADABLE,
    ranges::REPEATED_FAMILY,
    ranges::SPACE,
    ranges::HOST_BITS,
    sizes::SERVICE_TOO_LARGE,
    sizes::SERVICE_SHORTER_THAN_64,
    sizes::SERVICE_TOO_SMALL,
    sizes::OVERLAP,
    installers::K0S,
    installers::KOPS,
    openshift::PLATFORM,
    openshift::FAMILIES,
    openshift::HOST_PREFIX,
    openshift::OVERLAP,
    agreement::RULE,
    masks::NODE_MASK,
    addresses::WITHOUT_TWIN,
    addresses::WITHOUT_BRACKETS,
    ranges::SERVICE,
    ranges::POD,
    ranges::PROXY,
    calico_objects::SIZE,
    calico_objects::VXLAN,
    calico_objects::USED,
    calico_objects::IPIP,
    calico_objects::NAT,
    calico_objects::NONE,
    calico_objects::NODE,
    calico_objects::FELIX,
    calico_objects::ADVERTISED,
    calico_objects::PEER,
    calico_objects::POLICY,
    host_endpoints::TEMPLATES,
    installers::OLD,
    installers::FAMILIES,
    installers::K3S,
    openshift::MACHINE,
    openshift::VIP,
    masks::FORBIDDEN,
    addresses::ADVERTISE,
    addresses::ANNOTATION,
    addresses::ENDPOINT,
    addresses::SERVER,
    addresses::ETCD_SERVERS,
    addresses::ETCD,
    addresses::BIND,
    addresses::KUBELET_ADDRESS,
    node_ip::FAMILY,
    node_ip::MISSING,
    node_ip::TYPO,
    node_ip::SAME,
    node_ip::CLOUD,
    advertise::FOUND,
    removed_flags::RULE,
    probes::BRACKETS,
    probes::HOST,
    certificates::NAMES,
    proxy::BIND,
    proxy::LISTEN,
    proxy::NODE_PORTS,
    proxy::MODE,
    dns::CLUSTER_DNS,
    dns::SERVICE,
    services::OLD,
    services::POLICY,
    services::FAMILY,
    dns_servers::SERVER,
    dns_servers::REVERSE,
    dns_servers::FORWARD,
    kube_dns::API,
    kube_dns::IMAGE,
    kube_dns::BIND,
    kube_dns::NEGCACHE,
    kube_dns::PROBE,
    words::ADDRESS_LEFT,
    words::FROM_A_VARIABLE,
    gates::MISSING,
    gates::REMOVED,
    // These look at what the ones above want.
    proxy::HASH,
    live::SERVICES,
    live::PODS,
    live::ORDER,
    live::ETCD,
    services::STICKY,
    services::DROPPED,
    services::KUBERNETES,
    openshift::DAY2,
    live::CERTIFICATES,
    live::REGENERATED,
];
