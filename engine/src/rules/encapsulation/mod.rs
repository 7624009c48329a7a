//! The encapsulation of packets between nodes.

mod cross_subnet_bug;
pub(super) mod ipip_and_vxlan;
mod ipv6_vxlan;
mod kernel;
mod only_ipv4_encapsulated;
mod vxlan_backend_without_vxlan;
pub(in crate::rules) mod vxlan_too_old;
pub(super) mod vxlan_with_host_local;

pub(super) use cross_subnet_bug::RULE as CROSS_SUBNET_BUG;
pub(super) use ipv6_vxlan::RULE as IPV6_VXLAN;
pub(crate) use kernel::META as KERNEL_META;
pub(super) use kernel::RULE as KERNEL;
pub(super) use only_ipv4_encapsulated::RULE as ONLY_IPV4_ENCAPSULATED;
pub(super) use vxlan_backend_without_vxlan::RULE as VXLAN_BACKEND_WITHOUT_VXLAN;
pub(super) use vxlan_too_old::RULE as VXLAN_TOO_OLD;
