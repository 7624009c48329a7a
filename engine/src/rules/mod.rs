//! The rules, and the one list of them. A file holds one rule, or several about the same field.
//!
//! Every rule reads the same `Context`: the target, the facts of the cluster, and the views of one file. It reports nodes
//! and field names, and never edits text. Its [`Metadata`] is its documentation: the page, `explain` and every report are
//! generated from it.

mod change;
mod cni;
mod context;
mod encapsulation;
mod endpoints;
mod input;
mod kubernetes;
mod node;
mod operator;
mod pool;
mod suppression;
mod variant;
mod wanted;

pub use crate::diagnostic::{
    Applicability, Change, ChangeDescription, Diagnostic, Diagnostics, Effect, FieldRef, Fix, Fixable,
    Metadata, MissingOption, ObjectKey, Reference, RuleKind, Severity, Texts,
};
pub(crate) use context::Context;
pub(crate) use encapsulation::KERNEL_META;
pub(crate) use kubernetes::addresses::UNMAPPED_META as UNMAPPED;
pub(crate) use kubernetes::overlaps::Ranges as ClusterRanges;
pub(crate) use kubernetes::{
    DEFAULT_IPV4, DEFAULT_IPV6, FEWEST_SERVICE_BITS, HOST_PREFIX_IPV4, IPVS_ONLY, MOST_SERVICE_BITS, NO_PAIR,
    part_of_node,
};
pub(crate) use operator::{NO_IPV6_ENCAPSULATION, WHY_ENCAPSULATION, field_of_method, new_pool};
pub(crate) use pool::WHY_NAT;
pub(crate) use suppression::{INVALID_SUPPRESSION, UNUSED_SUPPRESSION};
pub(crate) use wanted::{CROSS_SUBNET_NEEDS_IPV4, reads_kubeadm};

use crate::diagnostic::upstream;
use crate::preflight;
use core::fmt;

/// A rule: its data and its check.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its description.
    pub meta: &'static Metadata,
    /// Its check.
    pub(crate) check: Check,
}

/// When a rule runs, and its check. A check loops over what it is about: installations, objects, documents, changes.
#[derive(Clone, Copy)]
pub(crate) enum Check {
    /// On the text of each file.
    Text(fn(&Context<'_>, &mut Diagnostics)),
    /// On each file with accepted changes.
    Changes(fn(&Context<'_>, &mut Diagnostics)),
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meta.id)
    }
}

/// Rules that report what cannot be read. For a transform this is an error; it says nothing about the cluster, so a lint
/// warns.
pub(crate) const NOT_CHECKED: [&str; 5] =
    ["INPUT-CLUSTERS", "INPUT-TEMPLATE", "INPUT-UNKNOWN", "K8S-CONFIG-UNREAD", "KADM-API"];

/// Reported by the transform, not by a check: a location that a fix needs cannot be edited.
pub(crate) const NOT_EDITABLE: Metadata = Metadata {
    id: "EDIT-001",
    name: "place-not-editable",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the value cannot be edited here without changing others",
        consequence: "it is an alias, an anchor, a repeated key or an unusual layout: an edit would change more than planned, or have no effect",
        help: "write the value here, once and in plain block style, and run again",
        example: ("env: *common", "env:\n- name: IP\n  value: \"autodetect\""),
        sources: &[
            upstream::page(
                "YAML 1.2.2, 3.2.2.2 Anchors and Aliases",
                "https://yaml.org/spec/1.2.2/#3222-anchors-and-aliases",
            ),
        ],
    }
    .built_in(),
};

/// Reported by the transform, not by a check: edits that could not be verified.
pub(crate) const NOT_VERIFIED: Metadata = Metadata {
    id: "EDIT-002",
    name: "edit-not-verified",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the edited text does not have exactly the planned changes",
        consequence: "every edited document is read again, YAML and JSON by a second parser too; if either finds more or less than the planned change, nothing is written",
        help: "this is a bug in calico-ipv6: please report it with this part of the file",
        example: ("", ""),
        sources: &[],
    }
    .built_in(),
};

/// Every rule. The order has no meaning.
pub const RULES: &[Rule] = &[
    variant::WINDOWS,
    variant::CANAL_ETCD,
    variant::FLANNEL_MIGRATION,
    variant::VERSION_UNKNOWN,
    variant::OPTION_WITHOUT_EFFECT,
    variant::BEFORE_DUAL_STACK,
    variant::LIVE_OBJECT,
    node::BPF_TOO_OLD,
    node::MTU_TOO_SMALL,
    encapsulation::VXLAN_TOO_OLD,
    encapsulation::VXLAN_BACKEND_WITHOUT_VXLAN,
    cni::CONFIG_ELSEWHERE,
    cni::NOT_JSON,
    cni::REPEATED_KEY,
    cni::HOST_LOCAL_TOO_OLD,
    cni::FLAG_NOT_A_STRING,
    cni::FLAG_MISSPELT,
    cni::IPV4_LEFT_ON,
    cni::IPV4_OFF,
    cni::IPV6_OFF,
    cni::IPV6_LEFT_ON,
    cni::POOLS_OF_OTHER_FAMILY,
    cni::HOST_LOCAL_RANGES,
    cni::UPGRADE_IPAM_LEFT,
    cni::TUNING_TURNS_IPV6_OFF,
    cni::FLANNEL_NETWORK,
    cni::api_root_without_brackets::RULE,
    node::SOURCE_ELSEWHERE,
    node::IPV4_AUTODETECTION,
    node::IPV6_AUTODETECTION,
    node::IPV6_METHOD,
    node::ROUTER_ID_MISSING,
    node::ROUTER_ID_WRONG,
    node::ROUTER_ID_HASH_OLD,
    node::VXLAN_TUNNEL_PICKED,
    encapsulation::IPV6_VXLAN,
    encapsulation::ONLY_IPV4_ENCAPSULATED,
    encapsulation::CROSS_SUBNET_BUG,
    encapsulation::KERNEL,
    encapsulation::ipip_and_vxlan::RULE,
    encapsulation::vxlan_with_host_local::RULE,
    node::VXLAN_MTU,
    pool::NO_DEFAULT_POOLS,
    pool::UNREADABLE,
    pool::HOST_BITS,
    pool::IPV4_CIDR,
    pool::IPV4_POOL_STILL_MADE,
    pool::IPV6_CIDR,
    pool::NAT_OUTGOING,
    pool::BLOCK_SIZE,
    pool::UNUSUAL_RANGE,
    pool::OUTSIDE,
    pool::default_pools_selected_differently::RULE,
    pool::pool_without_validation::RULE,
    node::FELIX_IPV6,
    node::VALUE_NOT_A_STRING,
    node::BIRD6_PROBES,
    node::INTERNAL_IP,
    node::felix_health_host_mismatch::RULE,
    node::repeated_variable::RULE,
    node::brackets_in_api_host::RULE,
    node::misspelt_felix_variable::RULE,
    node::ipv6_address_of_typha::RULE,
    operator::VALUES_UNREAD,
    operator::WINDOWS,
    operator::OTHER_CNI,
    operator::TOO_MANY_POOLS,
    operator::ENCAPSULATION_TOO_OLD,
    operator::POOL_NOT_LISTED,
    operator::IPV4_POOL_STILL_MADE,
    operator::POOLS,
    operator::POOL_NAT,
    operator::POOL_ENCAPSULATION,
    operator::POOL_TEXT,
    operator::AUTODETECTION_V6,
    operator::AUTODETECTION_V4,
    operator::NO_BGP,
    input::NOT_UNDERSTOOD,
    input::SOPS_MAC,
    operator::AUTODETECTION_METHODS,
    operator::whisker_without_ipv6::RULE,
    operator::pool_of_installation_and_object::RULE,
    kubernetes::release::TOO_OLD,
    kubernetes::templates::RULE,
    kubernetes::not_understood::RULE,
    kubernetes::config_unread::CONFIG_UNREAD,
    kubernetes::value_shape::VALUE_SHAPE,
    kubernetes::calico_values::RULE,
    kubernetes::kubeadm_api::API,
    kubernetes::flag_twice::TWICE,
    kubernetes::argument_shape::ARGUMENT_SHAPE,
    kubernetes::flag_read_as_mapping::READ_AS_MAPPING,
    kubernetes::flags_in_a_shell::IN_A_SHELL,
    kubernetes::ranges::UNREADABLE,
    kubernetes::ranges::REPEATED_FAMILY,
    kubernetes::ranges::SPACE,
    kubernetes::ranges::HOST_BITS,
    kubernetes::sizes::SERVICE_TOO_LARGE,
    kubernetes::sizes::SERVICE_SHORTER_THAN_64,
    kubernetes::sizes::SERVICE_TOO_SMALL,
    kubernetes::overlaps::RULE,
    kubernetes::k0s::RULE,
    kubernetes::installers::KOPS,
    kubernetes::rke::RULE,
    kubernetes::openshift::PLATFORM,
    kubernetes::openshift::FAMILIES,
    kubernetes::openshift::HOST_PREFIX,
    kubernetes::agreement::RULE,
    kubernetes::masks::NODE_MASK,
    kubernetes::addresses::WITHOUT_TWIN,
    kubernetes::addresses::WITHOUT_BRACKETS,
    kubernetes::ranges::SERVICE,
    kubernetes::ranges::POD,
    kubernetes::ranges::PROXY,
    kubernetes::calico_objects::SIZE,
    kubernetes::calico_objects::VXLAN,
    kubernetes::calico_objects::USED,
    kubernetes::calico_objects::IPIP,
    kubernetes::calico_objects::NAT,
    kubernetes::calico_objects::NONE,
    kubernetes::calico_objects::NODE,
    kubernetes::calico_objects::FELIX,
    kubernetes::calico_objects::ADVERTISED,
    kubernetes::calico_objects::PEER,
    kubernetes::calico_objects::POLICY,
    kubernetes::host_endpoints::TEMPLATES,
    kubernetes::installers::OLD,
    kubernetes::installers::FAMILIES,
    kubernetes::installers::K3S,
    kubernetes::kubespray::RULE,
    kubernetes::talos::RULE,
    kubernetes::openshift::MACHINE,
    kubernetes::openshift::VIP,
    kubernetes::masks::FORBIDDEN,
    kubernetes::addresses::ADVERTISE,
    kubernetes::addresses::ANNOTATION,
    kubernetes::addresses::ENDPOINT,
    kubernetes::addresses::SERVER,
    kubernetes::addresses::ETCD_SERVERS,
    kubernetes::addresses::ETCD,
    kubernetes::addresses::BIND,
    kubernetes::addresses::KUBELET_ADDRESS,
    kubernetes::node_ip::FAMILY,
    kubernetes::node_ip::MISSING,
    kubernetes::node_ip::TYPO,
    kubernetes::node_ip::SAME,
    kubernetes::node_ip::CLOUD,
    kubernetes::node_address_conflict::RULE,
    kubernetes::node_without_ipv6_address::RULE,
    kubernetes::advertise::FOUND,
    kubernetes::removed_flags::RULE,
    kubernetes::probes::BRACKETS,
    kubernetes::probes::HOST,
    kubernetes::certificates::NAMES,
    kubernetes::proxy::BIND,
    kubernetes::proxy::LISTEN,
    kubernetes::proxy::NODE_PORTS,
    kubernetes::proxy::MODE,
    kubernetes::dns::CLUSTER_DNS,
    kubernetes::dns::SERVICE,
    kubernetes::services::OLD,
    kubernetes::services::POLICY,
    kubernetes::services::FAMILY,
    kubernetes::dns_servers::SERVER,
    kubernetes::dns_servers::REVERSE,
    kubernetes::chart_values::REVERSE,
    kubernetes::dns_servers::FORWARD,
    kubernetes::kube_dns::API,
    kubernetes::kube_dns::IMAGE,
    kubernetes::kube_dns::BIND,
    kubernetes::kube_dns::NEGCACHE,
    kubernetes::kube_dns::PROBE,
    kubernetes::ipv4_address_left::ADDRESS_LEFT,
    kubernetes::address_from_variable::FROM_A_VARIABLE,
    kubernetes::gates::MISSING,
    kubernetes::gates::REMOVED,
    kubernetes::proxy::HASH,
    kubernetes::range_replaced::SERVICES,
    kubernetes::range_replaced::PODS,
    kubernetes::primary_family_changes::ORDER,
    kubernetes::running_cluster_to_ipv6_only::RULE,
    kubernetes::running_k3s::RULE,
    kubernetes::etcd_member_list::ETCD,
    kubernetes::services::STICKY,
    kubernetes::services::DROPPED,
    kubernetes::services::KUBERNETES,
    kubernetes::openshift::DAY2,
    kubernetes::certificates_of_old_addresses::CERTIFICATES,
    kubernetes::static_pods_regenerated::REGENERATED,
    kubernetes::service_range_missing::RULE,
    kubernetes::pod_range_missing::RULE,
    kubernetes::network_list_missing::RULE,
    kubernetes::bare_address::RULE,
    kubernetes::duplicate_object::RULE,
    kubernetes::security::source_ranges::RULE,
    kubernetes::security::ingress_sources::RULE,
    kubernetes::security::wireguard::RULE,
    kubernetes::security::felix_addresses::RULE,
    kubernetes::security::felix_addresses::SYNTAX,
    kubernetes::security::mixed_rule::RULE,
    kubernetes::security::icmp::RULE,
    kubernetes::security::deny::RULE,
    kubernetes::load_balancer_pools::RULE,
    kubernetes::address_sets::NETWORK_SETS,
    kubernetes::address_sets::HOST_ENDPOINTS,
    kubernetes::service_cidr::RULE,
    kubernetes::special_ranges::RULE,
    kubernetes::strict_addresses::RULE,
    kubernetes::strict_addresses::HOST_BITS,
    kubernetes::ipv4_address_of_api_server::RULE,
    kubernetes::ipv4_address_of_etcd::RULE,
    kubernetes::unfilled_api_host::RULE,
    kubernetes::everything_excluded::RULE,
    kubernetes::advertised_cluster_ips_of_one_family::RULE,
    kubernetes::bgp_filter_of_one_family::RULE,
    kubernetes::gateway_of_other_family::RULE,
    kubernetes::network_type_not_calico::RULE,
    kubernetes::addresses_of_one_family_for_pods::RULE,
    kubernetes::cri_dockerd_single_stack::RULE,
    kubernetes::aaaa_answered_by_template::RULE,
    kubernetes::dns64_translates_cluster_names::RULE,
    kubernetes::unknown_flag::RULE,
    kubernetes::invalid_etcd_url::RULE,
    kubernetes::node_ip_scope::WILDCARD,
    kubernetes::node_ip_scope::SCOPE,
    kubernetes::advertise_scope::RULE,
    kubernetes::proxy_listen::RULE,
    kubernetes::load_balancer_pins::PIN,
    kubernetes::load_balancer_pins::CALICO,
    kubernetes::load_balancer_pins::CALICO_PIN,
    kubernetes::external_name::RULE,
    kubernetes::endpoint_slices::RULE,
    kubernetes::except_of_other_family::RULE,
    kubernetes::cluster_dns::COUNT,
    kubernetes::cluster_dns::RANGE,
    kubernetes::pod_subnet_for_calico::RULE,
    kubernetes::advertise_not_node_ip::RULE,
    kubernetes::pod_capacity::RULE,
    kubernetes::ingress_nginx::RULE,
    kubernetes::repeated_key::RULE,
    kubernetes::two_clusters_in_one_file::RULE,
    node::probes_of_removed_program::RULE,
    node::variable_in_config_map::RULE,
    kubernetes::prefix_advertisements_of_one_family::RULE,
    kubernetes::unreadable_selector::RULE,
    kubernetes::unknown_networking_field::RULE,
];

/// The order in which new fields are written when several go to the same place.
const WRITTEN: [&str; 17] = [
    "assign_ipv4",
    "assign_ipv6",
    "IP",
    "IP6",
    "IP6_AUTODETECTION_METHOD",
    "CALICO_ROUTER_ID",
    "CALICO_IPV6POOL_VXLAN",
    "FELIX_VXLANMTUV6",
    "CALICO_IPV4POOL_CIDR",
    "CALICO_IPV6POOL_CIDR",
    "CALICO_IPV6POOL_NAT_OUTGOING",
    "CALICO_IPV6POOL_BLOCK_SIZE",
    "FELIX_IPV6SUPPORT",
    "ipPools",
    "nodeAddressAutodetectionV6",
    "nodeAddressAutodetectionV4",
    "bgp",
];

/// The position of a fix among those of one round: by the field that it writes, then by its rule. The order of [`RULES`] has
/// no effect.
pub(crate) fn order(diagnostic: &Diagnostic) -> (usize, &'static str) {
    let first = diagnostic.fix.as_ref().and_then(|fix| fix.changes.first()?.description.as_ref());
    let rank = first.and_then(|description| WRITTEN.iter().position(|name| *name == description.field));
    (rank.unwrap_or(0), diagnostic.rule.id)
}

/// The metadata of every rule, by id.
#[must_use]
pub fn catalogue() -> Vec<&'static Metadata> {
    let mut all: Vec<&'static Metadata> = RULES
        .iter()
        .map(|r| r.meta)
        .chain([&NOT_EDITABLE, &NOT_VERIFIED, &INVALID_SUPPRESSION, &UNUSED_SUPPRESSION])
        .chain(preflight::RULES)
        .collect();
    all.sort_unstable_by_key(|meta| meta.id);
    all.dedup_by_key(|meta| meta.id);
    all
}

/// The metadata of the rule with this id or name.
#[must_use]
pub fn find(id: &str) -> Option<&'static Metadata> {
    catalogue().into_iter().find(|meta| meta.is_called(id))
}
