//! kubespray's variables of Calico: what it makes the IPv6 pool from.

use super::LintContext;
use super::context::{ChangeText, change};
use super::templates::is_template;
use crate::address::{Family, is_unique_local};
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::model::keyless_kind::KUBESPRAY_CALICO;
use crate::rules::{Change, Check, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::target::{Encapsulation, NatOutgoing, RangeOf};
use crate::yaml::write::{Op, Placement, Value};
use ipnet::{IpNet, Ipv6Net};

const META: Metadata = Metadata {
    id: "KSPRAY-CALICO",
    name: "kubespray-ipv6-pool",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the IPv6 pool that kubespray makes does not carry the traffic of pods",
    consequence: "kubespray makes the pool from these variables when it installs Calico: without a tunnel, a range of the cluster or NAT, IPv6 pods reach nobody outside their node or cluster",
    help: "nat_outgoing_ipv6, calico_vxlan_mode_ipv6 and calico_ipip_mode_ipv6 are written; the group variables of an inventory have precedence over the defaults of the role",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: ("calico_vxlan_mode_ipv6: Never", "calico_vxlan_mode_ipv6: Always"),
    sources: &[
        "kubernetes-sigs/kubespray: roles/network_plugin/calico_defaults/defaults/main.yml",
        "kubernetes-sigs/kubespray: roles/network_plugin/calico/tasks/{check,install}.yml",
        "projectcalico/calico: issues 6246, 6310, 6670",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Objects(check) };

/// `kube_pods_subnet_ipv6` of kubespray if none is written.
const DEFAULT_PODS: &str = "fd85:ee78:d8a6:8607::1:0/112";

const NAT: &str = "nat_outgoing_ipv6";
const VXLAN: &str = "calico_vxlan_mode_ipv6";
const IPIP: &str = "calico_ipip_mode_ipv6";
const POOL: &str = "calico_pool_cidr_ipv6";

fn check(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::KubesprayCalico) {
        let has_own = KUBESPRAY_CALICO.iter().any(|key| object.tree().get(object.root, key).is_some());
        // The file of the network plugin is the place, if it is among the files.
        if has_own || !cx.facts.has_kubespray_calico {
            let vars = Variables { cx, object };
            vars.nat(diagnostics);
            vars.vxlan(diagnostics);
            vars.ipip(diagnostics);
            vars.pool(diagnostics);
        }
    }
}

/// The variables of one file.
struct Variables<'a, 'd> {
    cx: &'a LintContext<'d>,
    object: &'a ConfigObject<'d>,
}

impl Variables<'_, '_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.object.text(&[key]).filter(|text| !text.is_empty())
    }

    /// Whether Ansible takes the value for true; none if nothing is written.
    fn is_true(&self, key: &str) -> Option<bool> {
        let is_true = |text: &str| {
            ["true", "yes", "on", "y", "t", "1"].iter().any(|word| text.eq_ignore_ascii_case(word))
        };
        self.text(key).map(is_true)
    }

    fn set(&self, key: &str, value: Value, to: &str, why: &str) -> Change {
        let told = ChangeText { field: key, from: self.text(key), to: Some(to), why };
        match self.object.tree().get(self.object.root, key) {
            Some(node) => change(self.object, node, Op::Set(value), told),
            None => {
                let op = Op::InsertEntry(Placement::default(), key.to_owned(), value);
                change(self.object, self.object.root, op, told)
            }
        }
    }

    fn at(&self, key: &str) -> crate::rules::Diagnostic {
        let node = self.object.tree().get(self.object.root, key).unwrap_or(self.object.root);
        self.cx.at(&META, self.object, node)
    }

    /// The range of pods in the cluster, if it is known.
    fn pods(&self) -> Option<Ipv6Net> {
        let asked = self.cx.target.range(RangeOf::Pods, Family::Ipv6);
        match asked.or_else(|| self.cx.facts.pods.of(Family::Ipv6))? {
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
            .message(format!("pods of {net} have no way out of the cluster: {NAT} is not true"))
            .consequence(
                "no router outside forwards fc00::/7, and the default of kubespray is no NAT for IPv6",
            );
        // Who routes the pods of IPv4 does so for IPv6 on purpose.
        let is_routed = self.is_true("nat_outgoing") == Some(false)
            || self.is_true("peer_with_router") == Some(true)
            || self.is_true("peer_with_router_ipv6") == Some(true);
        if is_routed && self.cx.target.nat_outgoing == NatOutgoing::Auto {
            let help = "check that the routers of your fabric know the range; --nat-outgoing true writes NAT";
            diagnostics.push(diagnostic.help(help));
            return;
        }
        let why = "a unique-local address has no way out without NAT";
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
        let current = own.unwrap_or("Always");
        let wanted = match self.cx.target.encapsulation {
            Some(Encapsulation::None) => "Never",
            Some(Encapsulation::Vxlan) => "Always",
            Some(Encapsulation::VxlanCrossSubnet) => "CrossSubnet",
            None if backend == "vxlan" && current == "Never" => of_ipv4,
            None => current,
        };
        let cut = "no route to the IPv6 pods of other nodes: `Network is unreachable`";
        if backend == "vxlan" && wanted == "Never" {
            let message = format!("{VXLAN} is Never, and the backend vxlan makes no other routes");
            let help =
                "take --encapsulation vxlan, or calico_network_backend: bird and BGP between the nodes";
            diagnostics.push(self.at(VXLAN).message(message).consequence(cut).help(help));
        } else if current != wanted {
            let is_cut = backend == "vxlan" && current == "Never";
            let (message, consequence) = if is_cut {
                (format!("{VXLAN} is Never, and the backend vxlan makes no other routes"), cut)
            } else {
                (format!("{VXLAN} is {current}, and {wanted} is wanted"), META.consequence)
            };
            let why = "IPv6 packets between nodes are wrapped as those of IPv4 are";
            let change = self.set(VXLAN, Value::string(wanted), wanted, why);
            let fix = Fix::new(vec![change]);
            diagnostics.push(self.at(VXLAN).message(message).consequence(consequence).fix(fix));
        }
    }

    fn ipip(&self, diagnostics: &mut Diagnostics) {
        let Some(own) = self.text(IPIP).filter(|own| *own != "Never" && !is_template(own)) else { return };
        let message = format!("{IPIP} is {own}: Calico has no IP in IP for IPv6");
        let consequence = "the play stops: `Calico doesn't support ipip tunneling for the IPv6`";
        let change = self.set(IPIP, Value::string("Never"), "Never", "there is no IP in IP for IPv6");
        let fix = Fix::new(vec![change]);
        diagnostics.push(self.at(IPIP).message(message).consequence(consequence).fix(fix));
    }

    fn pool(&self, diagnostics: &mut Diagnostics) {
        let Some(text) = self.text(POOL).filter(|text| !is_template(text)) else { return };
        let Some(own) = self.own_pool() else {
            let message = format!("`{text}` is no IPv6 range");
            let help = "write a range inside kube_pods_subnet_ipv6, or leave the variable out";
            diagnostics.push(self.at(POOL).message(message).help(help));
            return;
        };
        let Some(pods) = self.pods().filter(|pods| !pods.contains(&own)) else { return };
        let diagnostic = self
            .at(POOL)
            .message(format!("{own} is not inside {pods}, the range of pods"))
            .consequence("the play stops: `is not within or equal to`")
            .help("write a range inside kube_pods_subnet_ipv6, or leave the variable out");
        let asked = self.cx.target.range(RangeOf::Pods, Family::Ipv6).is_some();
        diagnostics.push(if asked {
            let to = pods.to_string();
            let change = self.set(POOL, Value::string(&to), &to, "the pool is the range of pods");
            diagnostic.fix(Fix::new(vec![change]))
        } else {
            diagnostic
        });
    }
}
