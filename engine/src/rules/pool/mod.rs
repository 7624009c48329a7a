//! The default IP pools that calico-node creates from its environment.

pub(in crate::rules) mod block_size;
pub(super) mod default_pools_selected_differently;
mod ipv4_cidr;
mod ipv4_pool_still_made;
mod ipv6_cidr;
pub(in crate::rules) mod nat_outgoing;
mod no_default_pools;
mod outside;
pub(super) mod pool_without_validation;
pub(in crate::rules) mod ranges;
pub(in crate::rules) mod unusual_range;

use super::change::Near;

pub(super) use block_size::RULE as BLOCK_SIZE;
pub(super) use ipv4_cidr::RULE as IPV4_CIDR;
pub(super) use ipv4_pool_still_made::RULE as IPV4_POOL_STILL_MADE;
pub(super) use ipv6_cidr::RULE as IPV6_CIDR;
pub(super) use nat_outgoing::RULE as NAT_OUTGOING;
pub(crate) use nat_outgoing::WHY_NAT;
pub(super) use no_default_pools::RULE as NO_DEFAULT_POOLS;
pub(super) use outside::RULE as OUTSIDE;
pub(super) use ranges::{HOST_BITS, UNREADABLE};
pub(super) use unusual_range::RULE as UNUSUAL_RANGE;

/// Where the variables of the IPv4 pool are inserted.
const NEAR_IPV4: Near =
    Near(&["CALICO_IPV4POOL_CIDR", "CALICO_IPV4POOL_VXLAN", "CALICO_IPV4POOL_IPIP", "IP"]);

/// Where the variables of the IPv6 pool are inserted: below its CIDR, which is below the IPv4 one.
const NEAR_IPV6: Near = Near(&[
    "CALICO_IPV6POOL_CIDR",
    "CALICO_IPV4POOL_CIDR",
    "CALICO_IPV6POOL_VXLAN",
    "CALICO_IPV4POOL_VXLAN",
    "CALICO_IPV4POOL_IPIP",
    "NODENAME",
]);
