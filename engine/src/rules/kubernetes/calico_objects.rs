//! Calico resources next to an installation: IP pools, FelixConfiguration, BGP, policies, nodes.

use super::change::{ChangeText, change};
use super::ranges;
use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::facts::cluster::Ranges;
use crate::model::facts::defined_pool::NO_NODE;
use crate::model::fields::{ConfigObject, Field, FieldKind, NODE_ADDRESSES, ObjectKind, net_nodes};
use crate::model::pool::{Pool, PoolSource};
use crate::rules::encapsulation::vxlan_too_old::META as VXLAN_META;
use crate::rules::operator::pool_encapsulation::META as IPIP_META;
use crate::rules::pool::block_size::{META as SIZE_META, wrong_size};
use crate::rules::pool::nat_outgoing::{META as NAT_META, Nat, kept, written};
use crate::rules::wanted::NO_IPV6_VXLAN;
use crate::rules::{
    Change, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::Stack;
use crate::version::{Component, Gate, Window};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;

const USED_META: Metadata = Metadata {
    id: "POOL-021",
    name: "active-pool-of-unwanted-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "an enabled pool has the wrong IP family for the target, or every pool of a needed IP family is disabled or drained",
        consequence: "if the CNI configuration requests an IP family, IPAM assigns addresses from each pool of it for workloads that is not disabled and whose selectors match (not from one with assignmentMode: Manual, unless the pod, its namespace or the CNI configuration names it); never delete a pool while pods use its addresses",
        help: "the fix disables the pool, or enables it again; existing pods keep their addresses until they are recreated",
        example: ("spec:\n  cidr: 10.244.0.0/16", "spec:\n  cidr: 10.244.0.0/16\n  disabled: true"),
        sources: &[
            upstream::CALICO.file("libcalico-go/lib/ipam/ipam.go").symbol("determinePools").line(261),
            upstream::OPERATOR.file("api/v1/installation_types.go").symbol("DisableNewAllocations"),
        ],
    }
    .built_in(),
};

const NONE_META: Metadata = Metadata {
    id: "POOL-026",
    name: "no-pool-of-target-family",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "these files have no IPPool of one target IP family",
        consequence: "Calico assigns addresses of an IP family only from an enabled pool of that family; if the CNI configuration requests a family without a pool, pods do not start",
        help: "add a pool: calico-ipv6 generate ippool with the same options; ignore this if calico-node or the operator creates the pools",
        example: ("", ""),
        sources: &[upstream::CALICO.file("cni-plugin/pkg/ipamplugin/ipam_plugin.go").line(460)],
    }
    .built_in(),
};

const FELIX_META: Metadata = Metadata {
    id: "FELIX-001",
    name: "felix-without-ipv6",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "FelixConfiguration disables IPv6 (ipv6Support: false)",
        consequence: "Felix applies no policy to the IPv6 addresses of pods and creates no VXLAN routes for them: IPv6 traffic that the CNI plugin and BIRD still route is not filtered (with eBPF it is dropped), and other IPv6 traffic does not arrive",
        help: "the fix sets ipv6Support: true; the variable FELIX_IPV6SUPPORT of calico-node still has precedence",
        example: ("ipv6Support: false", "ipv6Support: true"),
        sources: &[
            upstream::CALICO
                .file("felix/config/config_params.go")
                .symbol("SourcesInDescendingOrder")
                .line(86),
            upstream::CALICO.file("felix/dataplane/linux/int_dataplane.go").line(1243),
            upstream::CALICO.file("cni-plugin/pkg/dataplane/linux/dataplane_linux.go").line(106),
        ],
    }
    .built_in(),
};

/// IPv6 service CIDRs in BGP (confd pull request 310, which calico-node has from v3.12.0 on).
const NO_IPV6_ADVERTISED: Gate = Gate {
    component: Component::Calico,
    what: "Calico does not announce IPv6 service CIDRs: BIRD reads them as IPv4 and exits",
    windows: &[Window::before(3, 12, 0)],
};

const ADVERTISED_META: Metadata = Metadata {
    id: "BGP-002",
    name: "advertised-service-cidrs-of-other-families",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[NO_IPV6_ADVERTISED],
    texts: Texts {
        finds: "serviceClusterIPs does not match the target IP families",
        consequence: "routers learn no service CIDR of an IP family that is not listed; a Service with externalTrafficPolicy: Local has its own route, before Calico 3.31 for its first cluster IP only",
        help: "the fix lists one service CIDR of each target IP family",
        example: (
            "serviceClusterIPs:\n- cidr: 10.96.0.0/12",
            "serviceClusterIPs:\n- cidr: 10.96.0.0/12\n- cidr: fd00:10:96::/112",
        ),
        sources: &[
            upstream::CALICO.file("confd/pkg/backends/calico/client.go").symbol("updateGlobalRoutes").line(1644),
            upstream::CALICO.file("confd/pkg/backends/calico/routes.go").line(279),
            upstream::CALICO.file("confd/pkg/backends/calico/routes.go").line(249).at("v3.30.7"),
            upstream::CALICO.issue(10112),
            upstream::CALICO.issue(2731),
            upstream::CALICO_CONFD.pull(310),
        ],
    }
    .built_in(),
};

pub(super) const PEER_META: Metadata = Metadata {
    id: "BGP-003",
    name: "bgp-peer-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "a BGP peer has an IPv4 address",
        consequence: "BIRD sends IPv6 routes over IPv6 sessions only: this peer learns no route to IPv6 pods, and nodes without IPv4 cannot reach it",
        help: "for IPv6-only, pass --map-address with the IPv6 address of the peer; for dual-stack, add a second BGPPeer with its IPv6 address",
        example: ("peerIP: 192.0.2.1", "peerIP: 2001:db8:1::1"),
        sources: &[
            upstream::CALICO.file("confd/pkg/backends/calico/bgp_processor.go").line(411),
            upstream::CALICO.file("confd/etc/calico/confd/templates/bird6.cfg.template").line(177).at("v3.22.5"),
        ],
    }
    .built_in(),
};

pub(super) const POLICY_META: Metadata = Metadata {
    id: "POL-002",
    name: "policy-names-one-family",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the allow rules of a Calico policy contain addresses of one IP family only",
        consequence: "the policy does not allow the same traffic over the other IP family; if the default is deny, that traffic is dropped",
        help: "add a separate rule with the addresses of the other IP family; one rule must not contain both",
        example: ("", ""),
        sources: &[
            upstream::CALICO.file("felix/rules/policy.go").symbol("FilterRuleToIPVersion").line(213),
            upstream::CALICO.file("libcalico-go/lib/validator/v3/validator.go").line(1428),
        ],
    }
    .built_in(),
};

const NODE_META: Metadata = Metadata {
    id: "NODE-030",
    name: "stale-calico-node-address",
    kind: RuleKind::Defect,
    severity: Severity::Info,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "this Node records a Calico address of an IP family that the target does not have",
        consequence: "calico-node records its addresses when it starts; an address that it no longer detects stays recorded, and other nodes still peer with it",
        help: "to remove the address, run `calicoctl patch node` or `kubectl annotate node NAME projectcalico.org/IPv4Address-`",
        example: ("", ""),
        sources: &[
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").line(643),
            upstream::CALICO.file("libcalico-go/lib/backend/k8s/resources/node.go").line(44),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const NODE: Rule = Rule { meta: &NODE_META, check: Check::Text(node) };
pub(in crate::rules) const USED: Rule = Rule { meta: &USED_META, check: Check::Text(used) };
pub(in crate::rules) const IPIP: Rule = Rule { meta: &IPIP_META, check: Check::Text(ipip) };
pub(in crate::rules) const VXLAN: Rule = Rule { meta: &VXLAN_META, check: Check::Text(vxlan) };
pub(in crate::rules) const SIZE: Rule = Rule { meta: &SIZE_META, check: Check::Text(size) };
pub(in crate::rules) const NAT: Rule = Rule { meta: &NAT_META, check: Check::Text(nat) };
pub(in crate::rules) const NONE: Rule = Rule { meta: &NONE_META, check: Check::Text(none) };
pub(in crate::rules) const FELIX: Rule = Rule { meta: &FELIX_META, check: Check::Text(felix) };
pub(in crate::rules) const ADVERTISED: Rule = Rule { meta: &ADVERTISED_META, check: Check::Text(advertised) };
pub(in crate::rules) const PEER: Rule = Rule { meta: &PEER_META, check: Check::Text(peer) };
pub(in crate::rules) const POLICY: Rule = Rule { meta: &POLICY_META, check: Check::Text(policy) };

/// An IPPool with a readable CIDR.
struct ListedPool<'a, 'd> {
    object: &'a ConfigObject<'d>,
    field: &'a Field,
    pool: Pool,
    net: IpNet,
}

impl ListedPool<'_, '_> {
    fn get(&self, key: &str) -> Option<(NodeId, &str)> {
        let tree = self.object.tree();
        let node = tree.get(self.pool.node, key)?;
        Some((node, tree.scalar(node)?))
    }

    /// Returns the change that sets a field, or adds it after the others.
    fn with(&self, key: &str, text: &str, why: &str) -> Change {
        let own = self.get(key);
        let description = ChangeText { field: key, from: own.map(|(_, own)| own), to: Some(text), why };
        let is_boolean = matches!(text, "true" | "false");
        let value = if is_boolean { Value::Word(text.to_owned()) } else { Value::string(text) };
        let (node, op) = match own {
            Some((node, _)) => (node, Op::Set(value)),
            None => (self.pool.node, Op::InsertEntry(Placement::default(), key.to_owned(), value)),
        };
        change(self.object, node, op, description)
    }

    fn is_disabled(&self) -> bool {
        self.pool.disabled.as_ref().is_some_and(|disabled| disabled.text == "true")
    }
}

/// Returns the pools that pods get addresses from.
fn pools<'a, 'd>(cx: &'a Context<'d>) -> impl Iterator<Item = ListedPool<'a, 'd>> {
    all_pools(cx).filter(|pool| pool.pool.is_for_pods)
}

/// Returns the pools without those for load balancers only.
fn all_pools<'a, 'd>(cx: &'a Context<'d>) -> impl Iterator<Item = ListedPool<'a, 'd>> {
    cx.config.fields_of(&[FieldKind::Pool]).filter_map(|(object, field)| {
        let pool = Pool::of_object(object)?;
        Some(ListedPool { net: pool.net?, object, field, pool })
    })
}

fn used(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for pool in pools(cx) {
        let of = family(pool.net);
        let is_wanted = cx.families().contains(&of);
        let is_only_pool =
            || pools(cx).filter(|other| family(other.net) == of).count() == 1 && !has_used(cx, of);
        let change = if !is_wanted && !pool.is_disabled() {
            Some(pool.with("disabled", "true", "the target does not use this IP family for pods"))
        } else if is_wanted && pool.is_disabled() && is_only_pool() {
            // One of several pools may be disabled on purpose.
            pool.get("disabled").map(|(node, from)| {
                let description = ChangeText {
                    field: "disabled",
                    from: Some(from),
                    to: None,
                    why: "this is the only pool of its IP family",
                };
                change(pool.object, node, Op::Remove, description)
            })
        } else {
            None
        };
        if let Some(change) = change {
            diagnostics.push(cx.at_field(&USED_META, pool.field).fix(Fix::new(vec![change])));
        }
    }
    none_used(cx, diagnostics);
}

/// Whether a pool of this IP family is enabled, wherever it is defined.
fn has_used(cx: &Context<'_>, of: Family) -> bool {
    cx.cluster.lists.pools.iter().any(|pool| pool.is_used && pool.family() == of)
}

/// Reports that no pool of an IP family is used: only the author knows which one pods are to use. The only IPPool, if it is
/// disabled, is enabled again by a fix.
fn none_used(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for of in cx.families().iter().copied().filter(|of| !has_used(cx, *of)) {
        // A pool for tunnels only may be a part of a cluster whose other pools are not in these files.
        let has_other = has_used(cx, of.other());
        let is_own =
            |pool: &ListedPool<'_, '_>| family(pool.net) == of && (pool.pool.is_for_pods || has_other);
        let own: Vec<ListedPool<'_, '_>> = all_pools(cx).filter(is_own).collect();
        let object = own.first().filter(|first| own.len() > 1 || !first.is_disabled());
        let is_of = |pool: &&Pool| pool.is_for_pods && pool.family() == Some(of);
        let listed = cx.installations().find_map(|(_, installation)| {
            let pool = installation.pools.iter().find(is_of)?;
            Some(installation.diagnostic(&USED_META, pool.cidr.as_ref()?.node))
        });
        let place = object.map(|pool| cx.at_field(&USED_META, pool.field));
        if let Some(diagnostic) = place.or_else(|| listed.filter(|_| own.is_empty())) {
            let message = format!(
                "no pod gets an address of the {of} pools: each is disabled, has nodeSelector {NO_NODE}, or allowedUses without Workload"
            );
            diagnostics.push(diagnostic.message(message).help("enable one of them, or add a pool"));
        }
    }
}

fn ipip(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for pool in pools(cx).filter(|pool| pool.net.addr().is_ipv6()) {
        if let Some((node, _)) = pool.get("ipipMode").filter(|(_, mode)| !matches!(*mode, "Never" | "")) {
            let change = pool.with("ipipMode", "Never", "IP-in-IP supports IPv4 only");
            diagnostics.push(cx.at(&IPIP_META, pool.object, node).fix(Fix::new(vec![change])));
        }
    }
}

fn vxlan(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for pool in pools(cx).filter(|pool| pool.net.addr().is_ipv6()) {
        let mode = pool.get("vxlanMode").filter(|(_, mode)| !matches!(*mode, "Never" | ""));
        if let Some((node, _)) = mode.filter(|_| NO_IPV6_VXLAN.holds(cx.cluster.calico)) {
            diagnostics.push(cx.at(&VXLAN_META, pool.object, node));
        }
    }
}

fn size(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for pool in pools(cx) {
        if let Some((size, message)) = wrong_size(&pool.pool) {
            diagnostics.push(cx.at(&SIZE_META, pool.object, size.node).message(message));
        }
    }
}

fn nat(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for pool in pools(cx) {
        let IpNet::V6(net) = pool.net else { continue };
        match Nat::of(cx.target.nat_outgoing, Some(net), pool.pool.has_nat()) {
            Nat::Set(wanted, why) => {
                let change = pool.with("natOutgoing", if wanted { "true" } else { "false" }, why);
                let diagnostic = written(cx.at_field(&NAT_META, pool.field), cx.target.nat_outgoing);
                diagnostics.push(diagnostic.fix(Fix::new(vec![change])));
            }
            Nat::Warn => {
                let node = pool.pool.nat_outgoing.as_ref().map_or(pool.pool.node, |field| field.node);
                diagnostics.push(kept(cx.at(&NAT_META, pool.object, node)));
            }
            Nat::Keep => {}
        }
    }
}

fn none(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let Some(first) = pools(cx).next() else { return };
    for wanted in cx.families() {
        // Also those of calico-node and of an Installation.
        let mut all = cx.cluster.lists.pools.iter();
        // The rules about an Installation add what it lacks.
        let is_there = all
            .any(|pool| pool.source == PoolSource::Installation || (pool.is_used && pool.family() == wanted))
            || pools(cx).any(|pool| family(pool.net) == wanted)
            || cx.cluster.pools.of(wanted).is_some();
        if !is_there {
            let message = format!("these files have no {wanted} IPPool");
            diagnostics.push(cx.at_kind(&NONE_META, first.object).message(message));
        }
    }
}

fn node(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Node) {
        let has = |annotation: &str, field: &str| {
            object
                .text(&["metadata", "annotations", annotation])
                .or(object.text(&["spec", "bgp", field]))
                .is_some()
        };
        let [ipv4, ipv6] = NODE_ADDRESSES;
        let recorded = [(Family::Ipv4, has(ipv4, "ipv4Address")), (Family::Ipv6, has(ipv6, "ipv6Address"))];
        let stale =
            recorded.into_iter().find(|(family, is_there)| *is_there && !cx.families().contains(family));
        if let Some((family, _)) = stale {
            let message =
                format!("the Calico record of node {} still has an {family} address", object.resource.name);
            diagnostics.push(cx.at_kind(&NODE_META, object).message(message));
        }
    }
}

fn felix(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (object, settings) in cx.felix_settings().into_iter().filter(|_| cx.target.to.has_ipv6()) {
        let tree = object.tree();
        let Some(node) = tree.get(settings, "ipv6Support") else { continue };
        if tree.scalar(node) == Some("false") {
            let why = "Felix handles IPv6";
            let description = ChangeText { field: "ipv6Support", from: Some("false"), to: Some("true"), why };
            let changes = vec![change(object, node, Op::Set(Value::Word("true".to_owned())), description)];
            diagnostics.push(cx.at(&FELIX_META, object, node).fix(Fix::new(changes)));
        }
    }
}

fn advertised(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::Advertised]) {
        let Some(own) = Ranges::read(&field.text) else { continue };
        if cx.target.to.has_ipv6() && NO_IPV6_ADVERTISED.holds(cx.cluster.calico) {
            diagnostics.push(
                cx.at_field(&ADVERTISED_META, field)
                    .message("BGP with IPv6 service CIDRs needs Calico 3.12 or later")
                    .help("upgrade Calico to 3.12 or later; until then, list no IPv6 CIDR"),
            );
            continue;
        }
        // The list may contain parts of a service CIDR on purpose: keep what it has of a family.
        let mut wanted = Vec::new();
        for family in cx.families() {
            let one = own.of(family).or_else(|| cx.service_range(family, &Ranges::default()));
            match one {
                Some(net) => wanted.push(net),
                None => {
                    let found = cx.at_field(&ADVERTISED_META, field);
                    return ranges::ask(FieldKind::ServiceRange, family, &field.name, found, diagnostics);
                }
            }
        }
        if wanted != own.nets {
            let text = wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let fix = cx.set(field, &text, "BGP peers learn these service CIDRs");
            diagnostics.push(cx.at_field(&ADVERTISED_META, field).fix(fix));
        }
    }
}

fn peer(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let form = crate::host::Form::HostPort;
    let is_ipv4 = |text: &str| crate::host::addresses(text, form).iter().any(core::net::IpAddr::is_ipv4);
    // The nodes that peer, and the AS with which they do.
    let session = |object: &ConfigObject<'_>| {
        let keys = ["asNumber", "node", "nodeSelector"];
        keys.map(|key| object.text(&["spec", key]).unwrap_or_default().to_owned())
    };
    let peers = || cx.config.fields_of(&[FieldKind::Peer]).filter(|_| cx.wants_ipv6());
    let mut over_ipv6: Vec<_> =
        peers().filter(|(_, field)| !is_ipv4(&field.text)).map(|(object, _)| session(object)).collect();
    over_ipv6.sort_unstable();
    for (object, field) in peers() {
        if !is_ipv4(&field.text) || (cx.is_dual() && over_ipv6.binary_search(&session(object)).is_ok()) {
            continue;
        }
        let text =
            crate::host::map(&field.text, form, |address| cx.address_map.of(address).unwrap_or(address));
        let diagnostic = cx.at_field(&PEER_META, field).label(&field.name);
        diagnostics.push(if cx.is_ipv6_only() && text != field.text {
            diagnostic.fix(cx.set(field, &text, "IPv6 routes need an IPv6 session"))
        } else {
            diagnostic
        });
    }
}

fn policy(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.target.to == Stack::Ipv4Only {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Policy) {
        // Another rule reports deny rules.
        let limits = super::security::allowed(object);
        if let Some(missing) = cx.missing_of(&limits) {
            let more = match limits.len() {
                1 => String::new(),
                all => format!(" and {} more", all - 1),
            };
            let message = format!("no allow rule is for {missing}, only for {}{more}", limits[0].1);
            // A policy of Kubernetes may have both families in one rule.
            let block = net_nodes(object).first().copied().filter(|_| object.group() == "networking.k8s.io");
            diagnostics.push(match block {
                Some(block) => cx
                    .at(&POLICY_META, object, block)
                    .message(message)
                    .help(format!("add an ipBlock with the {missing} addresses to the rule")),
                None => cx.at_kind(&POLICY_META, object).message(message),
            });
        }
    }
}
