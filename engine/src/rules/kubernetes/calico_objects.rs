//! Calico's own objects beside an installation: pools that exist, Felix, BGP, policies.

use super::context::{ChangeText, change};
use super::{LintContext, ranges};
use crate::address::{Family, family};
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{ConfigObject, Field, FieldKind, NODE_ADDRESSES, ObjectKind};
use crate::rules::encapsulation::vxlan_too_old::META as VXLAN_META;
use crate::rules::operator::pool_encapsulation::META as IPIP_META;
use crate::rules::pool::block_size::{META as SIZE_META, fits};
use crate::rules::pool::nat_outgoing::{META as NAT_META, Nat, kept, written};
use crate::rules::wanted::NO_IPV6_VXLAN;
use crate::rules::{Change, Check, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::target::Stack;
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;

const USED_META: Metadata = Metadata {
    id: "POOL-021",
    name: "active-pool-of-unwanted-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "a pool gives out addresses of a family that pods shall not have, or none of one that they shall",
    consequence: "IPAM takes addresses from every pool that is not disabled; a pool must never be deleted while pods have addresses of it",
    help: "the pool is disabled, or enabled again; its pods keep their addresses until they are made anew",
    fixable: Fixable::Always,
    gates: &[],
    example: ("spec:\n  cidr: 10.244.0.0/16", "spec:\n  cidr: 10.244.0.0/16\n  disabled: true"),
    sources: &["projectcalico/calico: libcalico-go/lib/ipam/pools.go"],
};

const NONE_META: Metadata = Metadata {
    id: "POOL-026",
    name: "no-pool-of-wanted-family",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "no pool of a wanted family is among these objects",
    consequence: "pods get addresses of a family only where a pool has them: without one they wait, or have the other family alone",
    help: "add one beside the others: calico-ipv6 generate ippool with the same options; where calico-node or the operator makes pools, nothing",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["projectcalico/calico: cni-plugin/pkg/ipamplugin/ipam_plugin.go"],
};

const FELIX_META: Metadata = Metadata {
    id: "FELIX-001",
    name: "felix-without-ipv6",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "Felix is told to leave IPv6 alone",
    consequence: "no route and no policy is programmed for the IPv6 addresses of pods: they reach nobody",
    help: "ipv6Support: true is written; a FELIX_IPV6SUPPORT of calico-node still comes first",
    fixable: Fixable::Always,
    gates: &[],
    example: ("ipv6Support: false", "ipv6Support: true"),
    sources: &["projectcalico/calico: felix/config/config_params.go"],
};

const ADVERTISED_META: Metadata = Metadata {
    id: "BGP-002",
    name: "cluster-ips-advertised-of-other-families",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the cluster IPs that BGP announces are not of the families wanted",
    consequence: "routers outside learn no way to the Services of a family that is not listed; before 3.31 only a Service's first cluster IP is announced",
    help: "the service range of each wanted family is written",
    fixable: Fixable::Always,
    gates: &[],
    example: (
        "serviceClusterIPs:\n- cidr: 10.96.0.0/12",
        "serviceClusterIPs:\n- cidr: 10.96.0.0/12\n- cidr: fd00:10:96::/112",
    ),
    sources: &["projectcalico/calico: issue 10112", "projectcalico/confd: pull request 310"],
};

pub(super) const PEER_META: Metadata = Metadata {
    id: "BGP-003",
    name: "bgp-peer-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "a BGP peer is reached by IPv4",
    consequence: "BIRD gives IPv6 routes over IPv6 sessions only: this peer learns no route to IPv6 pods, and nodes without IPv4 do not reach it",
    help: "IPv6-only writes the twin that --address tells; for dual-stack add a BGPPeer with the IPv6 address beside it",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("peerIP: 192.0.2.1", "peerIP: 2001:db8:1::1"),
    sources: &["projectcalico/calico: confd/etc/calico/confd/templates/bird6.cfg.template"],
};

pub(super) const POLICY_META: Metadata = Metadata {
    id: "POL-002",
    name: "policy-names-one-family",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "a policy names addresses of one family only",
    consequence: "what it allows by these addresses is not allowed by the other family: with a default of deny that traffic ends, and nobody sees why",
    help: "add a rule of its own with the addresses of the other family; one rule must not name both",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["projectcalico/calico: libcalico-go/lib/validator/v3/validator.go"],
};

const NODE_META: Metadata = Metadata {
    id: "NODE-030",
    name: "stale-calico-node-address",
    kind: RuleKind::Defect,
    severity: Severity::Info,
    finds: "a node as it runs has not the addresses of the families wanted",
    consequence: "calico-node writes them at its start; one that it does not look for any more stays, and other nodes still peer with it",
    help: "nothing for an address that is missing; one of an unwanted family goes by `calicoctl patch node` or `kubectl annotate node NAME projectcalico.org/IPv4Address-`",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &[
        "projectcalico/calico: node/pkg/lifecycle/startup/startup.go",
        "projectcalico/calico: libcalico-go/lib/backend/k8s/resources/node.go",
    ],
};

pub(in crate::rules) const NODE: Rule = Rule { meta: &NODE_META, check: Check::Objects(node) };
pub(in crate::rules) const USED: Rule = Rule { meta: &USED_META, check: Check::Objects(used) };
pub(in crate::rules) const IPIP: Rule = Rule { meta: &IPIP_META, check: Check::Objects(ipip) };
pub(in crate::rules) const VXLAN: Rule = Rule { meta: &VXLAN_META, check: Check::Objects(vxlan) };
pub(in crate::rules) const SIZE: Rule = Rule { meta: &SIZE_META, check: Check::Objects(size) };
pub(in crate::rules) const NAT: Rule = Rule { meta: &NAT_META, check: Check::Objects(nat) };
pub(in crate::rules) const NONE: Rule = Rule { meta: &NONE_META, check: Check::Objects(none) };
pub(in crate::rules) const FELIX: Rule = Rule { meta: &FELIX_META, check: Check::Objects(felix) };
pub(in crate::rules) const ADVERTISED: Rule =
    Rule { meta: &ADVERTISED_META, check: Check::Objects(advertised) };
pub(in crate::rules) const PEER: Rule = Rule { meta: &PEER_META, check: Check::Objects(peer) };
pub(in crate::rules) const POLICY: Rule = Rule { meta: &POLICY_META, check: Check::Objects(policy) };

/// A pool whose range can be read.
struct Pool<'a, 'd> {
    object: &'a ConfigObject<'d>,
    field: &'a Field,
    spec: NodeId,
    net: IpNet,
}

impl Pool<'_, '_> {
    fn get(&self, key: &str) -> Option<(NodeId, &str)> {
        let tree = self.object.tree();
        let node = tree.get(self.spec, key)?;
        Some((node, tree.scalar(node)?))
    }

    /// A field that gets this word, or is added behind the others.
    fn with(&self, key: &str, word: &str, why: &str) -> Change {
        let own = self.get(key);
        let told = ChangeText { field: key, from: own.map(|(_, text)| text), to: Some(word), why };
        let is_boolean = matches!(word, "true" | "false");
        let value = if is_boolean { Value::Word(word.to_owned()) } else { Value::string(word) };
        let (node, op) = match own {
            Some((node, _)) => (node, Op::Set(value)),
            None => (self.spec, Op::InsertEntry(Placement::default(), key.to_owned(), value)),
        };
        change(self.object, node, op, told)
    }

    fn is_disabled(&self) -> bool {
        self.get("disabled").is_some_and(|(_, text)| text == "true")
    }
}

/// The pools that pods get addresses from; one for load balancers alone is none.
fn pools<'a, 'd>(cx: &'a LintContext<'d>) -> impl Iterator<Item = Pool<'a, 'd>> {
    cx.config.fields_of(&[FieldKind::Pool]).filter_map(|(object, field)| {
        let tree = object.tree();
        let spec = tree.get(object.root, "spec")?;
        let uses = tree.get(spec, "allowedUses");
        let is_for_pods =
            uses.is_none_or(|uses| tree.items(uses).any(|use_| tree.scalar(use_) == Some("Workload")));
        is_for_pods.then_some(Pool { object, field, spec, net: field.text.parse().ok()? })
    })
}

fn used(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for pool in pools(cx) {
        let of = family(pool.net);
        let is_wanted = cx.families().contains(&of);
        let alone = || pools(cx).filter(|other| family(other.net) == of).count() == 1;
        let change = if !is_wanted && !pool.is_disabled() {
            Some(pool.with("disabled", "true", "pods shall have no address of this family"))
        } else if is_wanted && pool.is_disabled() && alone() {
            // Among several pools, one may be disabled for a reason of its own.
            pool.get("disabled").map(|(node, from)| {
                let told = ChangeText {
                    field: "disabled",
                    from: Some(from),
                    to: None,
                    why: "the only pool of its family",
                };
                change(pool.object, node, Op::Remove, told)
            })
        } else {
            None
        };
        if let Some(change) = change {
            diagnostics.push(cx.at_field(&USED_META, pool.field).fix(Fix::new(vec![change])));
        }
    }
}

fn ipip(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for pool in pools(cx).filter(|pool| pool.net.addr().is_ipv6()) {
        if let Some((node, _)) = pool.get("ipipMode").filter(|(_, mode)| !matches!(*mode, "Never" | "")) {
            let change = pool.with("ipipMode", "Never", "IP-in-IP carries IPv4 only");
            diagnostics.push(cx.at(&IPIP_META, pool.object, node).fix(Fix::new(vec![change])));
        }
    }
}

fn vxlan(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for pool in pools(cx).filter(|pool| pool.net.addr().is_ipv6()) {
        let mode = pool.get("vxlanMode").filter(|(_, mode)| !matches!(*mode, "Never" | ""));
        if let Some((node, _)) = mode.filter(|_| NO_IPV6_VXLAN.holds(cx.facts.calico)) {
            diagnostics.push(cx.at(&VXLAN_META, pool.object, node));
        }
    }
}

fn size(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for pool in pools(cx) {
        let Some((node, text)) = pool.get("blockSize") else { continue };
        if text.parse::<u8>().ok().filter(|size| fits(pool.net, *size)).is_none() {
            let message = format!("block size {text} does not fit the pool {}", pool.net);
            diagnostics.push(cx.at(&SIZE_META, pool.object, node).message(message));
        }
    }
}

fn nat(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for pool in pools(cx) {
        let IpNet::V6(net) = pool.net else { continue };
        let field = pool.get("natOutgoing");
        match Nat::of(cx.target.nat_outgoing, Some(net), field.map(|(_, text)| text == "true")) {
            Nat::Set(wanted, why) => {
                let change = pool.with("natOutgoing", if wanted { "true" } else { "false" }, why);
                let diagnostic = written(cx.at_field(&NAT_META, pool.field), cx.target.nat_outgoing);
                diagnostics.push(diagnostic.fix(Fix::new(vec![change])));
            }
            Nat::Warn => {
                let node = field.map_or(pool.spec, |(node, _)| node);
                diagnostics.push(kept(cx.at(&NAT_META, pool.object, node)));
            }
            Nat::Keep => {}
        }
    }
}

fn none(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(first) = pools(cx).next() else { return };
    for wanted in cx.families() {
        let is_there =
            pools(cx).any(|pool| family(pool.net) == wanted) || cx.facts.pools.of(wanted).is_some();
        if !is_there {
            let message = format!("no {wanted} pool is among these objects");
            diagnostics.push(cx.at_kind(&NONE_META, first.object).message(message));
        }
    }
}

fn node(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Node) {
        let has = |annotation: &str, field: &str| {
            object
                .text(&["metadata", "annotations", annotation])
                .or(object.text(&["spec", "bgp", field]))
                .is_some()
        };
        let [ipv4, ipv6] = NODE_ADDRESSES;
        let told = [(Family::Ipv4, has(ipv4, "ipv4Address")), (Family::Ipv6, has(ipv6, "ipv6Address"))];
        let wrong = told.into_iter().find(|(family, is_there)| cx.families().contains(family) != *is_there);
        if let Some((family, is_there)) = wrong {
            let verb = if is_there { "still has" } else { "has no" };
            let message =
                format!("Calico's record of the node {} {verb} {family} address", object.resource.name);
            diagnostics.push(cx.at_kind(&NODE_META, object).message(message));
        }
    }
}

fn felix(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in
        cx.config.objects_of(ObjectKind::FelixConfiguration).filter(|_| cx.target.to.has_ipv6())
    {
        let tree = object.tree();
        let Some(node) = tree.at(object.root, &["spec", "ipv6Support"]) else { continue };
        if tree.scalar(node) == Some("false") {
            let why = "Felix programs IPv6";
            let told = ChangeText { field: "ipv6Support", from: Some("false"), to: Some("true"), why };
            let changes = vec![change(object, node, Op::Set(Value::Word("true".to_owned())), told)];
            diagnostics.push(cx.at(&FELIX_META, object, node).fix(Fix::new(changes)));
        }
    }
}

fn advertised(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::Advertised]) {
        let Some(own) = Ranges::read(&field.text) else { continue };
        // Parts of the range may be announced: what is there of a family stays.
        let mut wanted = Vec::new();
        for family in cx.families() {
            let one = own.of(family).or_else(|| cx.service_range(family, &Ranges::default()));
            match one {
                Some(net) => wanted.push(net),
                None => return ranges::ask(FieldKind::ServiceRange, family, &field.name, diagnostics),
            }
        }
        if wanted != own.nets {
            let text = wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let fix = cx.set(field, &text, "what routers outside learn");
            diagnostics.push(cx.at_field(&ADVERTISED_META, field).fix(fix));
        }
    }
}

fn peer(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::Peer]) {
        let form = crate::host::Form::HostPort;
        let is_ipv4 = crate::host::addresses(&field.text, form).iter().any(core::net::IpAddr::is_ipv4);
        if !is_ipv4 || !cx.target.to.has_ipv6() {
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

fn policy(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if cx.target.to == Stack::Ipv4Only {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::Policy) {
        // What is denied has a rule of its own.
        let nets: Vec<IpNet> = super::security::allowed_nets(object);
        if let Some(missing) = cx.missing(&nets).filter(|_| !nets.is_empty()) {
            let message = format!("its rules name no {missing} address: {}", nets[0]);
            diagnostics.push(cx.at_kind(&POLICY_META, object).message(message));
        }
    }
}
