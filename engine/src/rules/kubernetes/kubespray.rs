//! The Calico variables of kubespray, from which it creates the IPv6 pool.

use super::change::{ChangeText, change};
use super::ipv6_method;
use super::templates::is_template;
use crate::address::{Family, IPV6_BLOCKS, is_unique_local};
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, ObjectKind, calico_release};
use crate::model::keyless_kind::KUBESPRAY_CALICO;
use crate::rules::encapsulation::vxlan_too_old::META as VXLAN_TOO_OLD;
use crate::rules::node::router_id_missing::META as ROUTER_ID_MISSING;
use crate::rules::pool::block_size::META as POOL_BLOCK_SIZE;
use crate::rules::wanted::NO_IPV6_VXLAN;
use crate::rules::{
    Change, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::{Encapsulation, NatOutgoing, RangeOf};
use crate::yaml::Kind;
use crate::yaml::write::{Op, Placement, Value};
use ipnet::{IpNet, Ipv6Net};

const META: Metadata = Metadata {
    id: "KSPRAY-CALICO",
    name: "kubespray-ipv6-pool-settings",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the kubespray variables of the IPv6 pool do not fit the cluster",
        consequence: "kubespray writes the IPv6 pool from these variables, from 2.19 on in each run of the playbook: a wrong encapsulation, CIDR or NAT setting cuts IPv6 pods off from other nodes or from destinations outside the cluster",
        help: "the fix sets nat_outgoing_ipv6, calico_vxlan_mode_ipv6, calico_ipip_mode_ipv6 and calico_ip6_auto_method; the group variables of an inventory have precedence over the defaults of the role",
        example: ("calico_vxlan_mode_ipv6: Never", "calico_vxlan_mode_ipv6: Always"),
        sources: &[
            upstream::KUBESPRAY.file("roles/network_plugin/calico_defaults/defaults/main.yml").line(7),
            upstream::KUBESPRAY.file("roles/network_plugin/calico/tasks/check.yml").line(233),
            upstream::KUBESPRAY.file("roles/network_plugin/calico/tasks/install.yml").line(243),
            upstream::KUBESPRAY
                .file("roles/network_plugin/calico/templates/calico-node.yml.j2")
                .symbol("calico_ip6_auto_method"),
            upstream::CALICO.issue(6246),
            upstream::CALICO.issue(6310),
            upstream::CALICO.issue(6670),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// The default of `kube_pods_subnet_ipv6`.
const DEFAULT_PODS: &str = "fd85:ee78:d8a6:8607::1:0/112";

const NAT: &str = "nat_outgoing_ipv6";
const VXLAN: &str = "calico_vxlan_mode_ipv6";
const IPIP: &str = "calico_ipip_mode_ipv6";
const POOL: &str = "calico_pool_cidr_ipv6";
const BLOCK_SIZE: &str = "calico_pool_blocksize_ipv6";
const VARIABLES: &str = "calico_node_extra_envs";
const ROUTER_ID: &str = "CALICO_ROUTER_ID";
const METHODS: [&str; 2] = ["calico_ip_auto_method", "calico_ip6_auto_method"];

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::KubesprayCalico) {
        let has_own = KUBESPRAY_CALICO.iter().any(|key| object.tree().get(object.root, key).is_some());
        // If the file of the network plugin was passed, the variables belong there.
        if has_own || !cx.cluster.has_kubespray_calico {
            let vars = Variables { cx, object };
            vars.nat(diagnostics);
            vars.vxlan(diagnostics);
            vars.ipip(diagnostics);
            vars.pool(diagnostics);
            vars.block_size(diagnostics);
            vars.router_id(diagnostics);
            diagnostics.extend(ipv6_method::missing(cx, &META, object, object.root, METHODS));
        }
    }
}

/// The variables of one file.
struct Variables<'a, 'd> {
    cx: &'a Context<'d>,
    object: &'a ConfigObject<'d>,
}

impl Variables<'_, '_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.object.text(&[key]).filter(|text| !text.is_empty())
    }

    /// Returns whether Ansible reads the value as true; `None` if the variable is not set.
    fn is_true(&self, key: &str) -> Option<bool> {
        let is_true = |text: &str| {
            ["true", "yes", "on", "y", "t", "1"].iter().any(|word| text.eq_ignore_ascii_case(word))
        };
        self.text(key).map(is_true)
    }

    fn set(&self, key: &str, value: Value, to: &str, why: &str) -> Change {
        let text = ChangeText { field: key, from: self.text(key), to: Some(to), why };
        match self.object.tree().get(self.object.root, key) {
            Some(node) => change(self.object, node, Op::Set(value), text),
            None => {
                let op = Op::InsertEntry(Placement::default(), key.to_owned(), value);
                change(self.object, self.object.root, op, text)
            }
        }
    }

    fn at(&self, key: &str) -> crate::rules::Diagnostic {
        let node = self.object.tree().get(self.object.root, key).unwrap_or(self.object.root);
        self.cx.at(&META, self.object, node)
    }

    /// Returns the IPv6 pod CIDR of the cluster, if it is known.
    fn pods(&self) -> Option<Ipv6Net> {
        let requested = self.cx.target.range(RangeOf::Pods, Family::Ipv6);
        match requested.or_else(|| self.cx.cluster.pods.of(Family::Ipv6))? {
            IpNet::V6(net) => Some(net),
            IpNet::V4(_) => None,
        }
    }

    fn own_pool(&self) -> Option<Ipv6Net> {
        self.text(POOL)?.parse().ok()
    }

    fn nat(&self, diagnostics: &mut Diagnostics) {
        let default = || DEFAULT_PODS.parse().ok();
        let Some(net) = self.own_pool().or_else(|| self.pods()).or_else(default) else { return };
        let is_wanted = match self.cx.target.nat_outgoing {
            NatOutgoing::Auto => is_unique_local(net),
            NatOutgoing::On => true,
            NatOutgoing::Off => false,
        };
        if !is_wanted || self.is_true(NAT) == Some(true) || self.text(NAT).is_some_and(is_template) {
            return;
        }
        let diagnostic = self
            .at(NAT)
            .severity(Severity::Warning)
            .message(format!("pods of {net} cannot reach destinations outside the cluster: {NAT} is not true"))
            .consequence(
                "unique-local addresses (fc00::/7) are not routed outside, and by default kubespray configures no NAT for IPv6",
            );
        // If IPv4 pods are routed without NAT, IPv6 pods probably are too.
        let is_routed = self.is_true("nat_outgoing") == Some(false)
            || self.is_true("peer_with_router") == Some(true)
            || self.is_true("peer_with_router_ipv6") == Some(true);
        if is_routed && self.cx.target.nat_outgoing == NatOutgoing::Auto {
            let help =
                "check that your routers have a route to this CIDR; otherwise pass --nat-outgoing true";
            diagnostics.push(diagnostic.help(help));
            return;
        }
        let why = "unique-local addresses are not routed outside; pods need NAT";
        let change = self.set(NAT, Value::Word("true".to_owned()), "true", why);
        diagnostics.push(diagnostic.fix(Fix::new(vec![change])));
    }

    fn vxlan(&self, diagnostics: &mut Diagnostics) {
        let own = self.text(VXLAN);
        let of_ipv4 = self.text("calico_vxlan_mode").unwrap_or("Always");
        let backend = self.text("calico_network_backend").unwrap_or("vxlan");
        if [own.unwrap_or_default(), of_ipv4, backend].into_iter().any(is_template) {
            return;
        }
        // The file is for kubespray before 2.28, whose default is another one.
        let is_old = self.object.tree().get(self.object.root, "enable_dual_stack_networks").is_some();
        let current = own.unwrap_or(if is_old { "Never" } else { "Always" });
        let has_no_ipip = self.text("calico_ipip_mode").is_none_or(|mode| mode == "Never");
        let follows_ipv4 =
            has_no_ipip && (of_ipv4 == "CrossSubnet" || (of_ipv4 == "Never" && backend != "vxlan"));
        let wanted = match self.cx.target.encapsulation {
            Some(Encapsulation::None) => "Never",
            Some(Encapsulation::Vxlan) => "Always",
            Some(Encapsulation::VxlanCrossSubnet) => "CrossSubnet",
            None if backend == "vxlan" && current == "Never" => of_ipv4,
            // The default encapsulates IPv6 although IPv4 is not encapsulated, or only between subnets.
            None if own.is_none() && follows_ipv4 => of_ipv4,
            None => current,
        };
        if let Some((node, _)) =
            calico_release(self.object).filter(|(_, release)| NO_IPV6_VXLAN.holds(Some(*release)))
        {
            let is_vxlan = |mode: Option<&str>| mode.is_some_and(|mode| mode != "Never");
            let is_written = current != wanted || self.cx.target.encapsulation.is_some();
            if self.text("calico_network_backend") == Some("vxlan")
                || is_vxlan(own)
                || (is_written && is_vxlan(Some(wanted)))
            {
                let message = "VXLAN for IPv6 needs Calico 3.23 or later";
                diagnostics.push(self.cx.at(&VXLAN_TOO_OLD, self.object, node).message(message));
                return;
            }
        }
        let unreachable = "nodes have no route to the IPv6 pods of other nodes: `Network is unreachable`";
        if backend == "vxlan" && wanted == "Never" {
            let message = format!("{VXLAN} is Never, and the vxlan backend creates no other routes");
            let help = "pass --encapsulation vxlan, or set calico_network_backend to bird and use BGP between the nodes";
            diagnostics.push(self.at(VXLAN).message(message).consequence(unreachable).help(help));
        } else if current != wanted {
            let is_unreachable = backend == "vxlan" && current == "Never";
            let (message, consequence) = if is_unreachable {
                (format!("{VXLAN} is Never, and the vxlan backend creates no other routes"), unreachable)
            } else {
                let is = if own.is_none() { "is not set, and its default is" } else { "is" };
                (format!("{VXLAN} {is} {current}; the target requires {wanted}"), META.texts().consequence)
            };
            let why = "IPv6 traffic between nodes is encapsulated as requested or as for IPv4";
            let change = self.set(VXLAN, Value::string(wanted), wanted, why);
            let fix = Fix::new(vec![change]);
            diagnostics.push(self.at(VXLAN).message(message).consequence(consequence).fix(fix));
        }
    }

    fn ipip(&self, diagnostics: &mut Diagnostics) {
        let Some(own) = self.text(IPIP).filter(|own| *own != "Never" && !is_template(own)) else { return };
        let message = format!("{IPIP} is {own}, but Calico supports IP-in-IP for IPv4 only");
        let consequence =
            "the kubespray playbook fails: `Calico doesn't support ipip tunneling for the IPv6`";
        let change = self.set(IPIP, Value::string("Never"), "Never", "IP-in-IP supports IPv4 only");
        let fix = Fix::new(vec![change]);
        diagnostics.push(self.at(IPIP).message(message).consequence(consequence).fix(fix));
    }

    /// Without an IPv4 stack kubespray sets `IP` to `none`, also if the nodes have IPv4 addresses.
    fn router_id(&self, diagnostics: &mut Diagnostics) {
        let is_needed = !self.cx.target.to.has_ipv4() && self.text("calico_network_backend") == Some("bird");
        let (tree, root) = (self.object.tree(), self.object.root);
        let variables = tree.get(root, VARIABLES);
        if !is_needed || variables.is_some_and(|node| tree.get(node, ROUTER_ID).is_some()) {
            return;
        }
        let hash = Value::string("hash");
        let (node, key, value) = match variables.filter(|node| tree.kind(*node) == Kind::Mapping) {
            Some(node) => (node, ROUTER_ID, hash),
            None => (root, VARIABLES, Value::Map(vec![(ROUTER_ID.to_owned(), hash)])),
        };
        let why = "without an IPv4 address BIRD has no router ID and does not start";
        let text = ChangeText { field: ROUTER_ID, from: None, to: Some("hash"), why };
        let change =
            change(self.object, node, Op::InsertEntry(Placement::default(), key.to_owned(), value), text);
        let place = tree.get(root, "calico_network_backend").unwrap_or(root);
        let diagnostic = self
            .cx
            .at(&ROUTER_ID_MISSING, self.object, place)
            .message("kubespray sets no router ID, and no IPv4 address that BIRD could take")
            .help(format!("set {ROUTER_ID} to hash in {VARIABLES}"));
        diagnostics.push(diagnostic.fix(Fix::new(vec![change])));
    }

    fn pool(&self, diagnostics: &mut Diagnostics) {
        let Some(text) = self.text(POOL).filter(|text| !is_template(text)) else { return };
        let Some(own) = self.own_pool() else {
            let message = format!("`{text}` is not a valid IPv6 CIDR");
            let help = "set a CIDR inside kube_pods_subnet_ipv6, or remove the variable";
            diagnostics.push(self.at(POOL).message(message).help(help));
            return;
        };
        let Some(pods) = self.pods().filter(|pods| !pods.contains(&own)) else { return };
        let diagnostic = self
            .at(POOL)
            .message(format!("{own} is not inside the pod CIDR {pods}"))
            .consequence("the kubespray playbook fails: `is not within or equal to`")
            .help("set a CIDR inside kube_pods_subnet_ipv6, or remove the variable");
        let is_requested = self.cx.target.range(RangeOf::Pods, Family::Ipv6).is_some();
        diagnostics.push(if is_requested {
            let to = pods.to_string();
            let change = self.set(POOL, Value::string(&to), &to, "the pool has the pod CIDR");
            diagnostic.fix(Fix::new(vec![change]))
        } else {
            diagnostic
        });
    }

    fn block_size(&self, diagnostics: &mut Diagnostics) {
        let Some(text) = self.text(BLOCK_SIZE).filter(|text| !is_template(text)) else { return };
        if text.parse().is_ok_and(|size: u8| IPV6_BLOCKS.contains(&size)) {
            return;
        }
        let node = self.object.tree().get(self.object.root, BLOCK_SIZE).unwrap_or(self.object.root);
        let message = format!(
            "{BLOCK_SIZE} is {text}: Calico accepts {} to {}",
            IPV6_BLOCKS.start(),
            IPV6_BLOCKS.end()
        );
        let help = "correct it, or remove the variable: the default of kubespray fits";
        diagnostics.push(self.cx.at(&POOL_BLOCK_SIZE, self.object, node).message(message).help(help));
    }
}
