//! The environment and probes of calico-node.

mod bird6_probes;
mod bpf_too_old;
pub(super) mod brackets_in_api_host;
pub(super) mod felix_health_host_mismatch;
mod felix_ipv6;
mod internal_ip;
mod ipv4_autodetection;
pub(super) mod ipv6_address_of_typha;
mod ipv6_autodetection;
mod ipv6_method;
pub(super) mod misspelt_felix_variable;
mod mtu_too_small;
pub(super) mod probes_of_removed_program;
pub(super) mod repeated_variable;
mod router_id_hash_old;
pub(super) mod router_id_missing;
mod router_id_wrong;
mod source_elsewhere;
mod value_not_a_string;
mod vxlan_mtu;
mod vxlan_tunnel_picked;

pub(super) use bird6_probes::RULE as BIRD6_PROBES;
pub(super) use bpf_too_old::RULE as BPF_TOO_OLD;
pub(super) use felix_ipv6::RULE as FELIX_IPV6;
pub(super) use internal_ip::RULE as INTERNAL_IP;
pub(super) use ipv4_autodetection::RULE as IPV4_AUTODETECTION;
pub(super) use ipv6_autodetection::RULE as IPV6_AUTODETECTION;
pub(super) use ipv6_method::{META as IPV6_METHOD_META, RULE as IPV6_METHOD};
pub(super) use mtu_too_small::RULE as MTU_TOO_SMALL;
pub(super) use router_id_hash_old::RULE as ROUTER_ID_HASH_OLD;
pub(super) use router_id_missing::RULE as ROUTER_ID_MISSING;
pub(super) use router_id_wrong::RULE as ROUTER_ID_WRONG;
pub(super) use source_elsewhere::RULE as SOURCE_ELSEWHERE;
pub(super) use value_not_a_string::RULE as VALUE_NOT_A_STRING;
pub(super) use vxlan_mtu::RULE as VXLAN_MTU;
pub(super) use vxlan_tunnel_picked::RULE as VXLAN_TUNNEL_PICKED;
