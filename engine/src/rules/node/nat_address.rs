use crate::address::is_unique_local;
use crate::model::facts::is_false;
use crate::model::fields::{FieldKind, ObjectKind};
use crate::rules::change::at_env;
use crate::rules::{
    Check, Diagnostic, Diagnostics, Fixable, InstallContext, LintContext, Metadata, Rule, RuleKind, Severity,
};
use crate::target::NatOutgoing;
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "FELIX-003",
    name: "nat-address-of-one-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "Felix has one NAT address, and an IPv6 pool has NAT",
    consequence: "Felix writes the address into the rules of both families: ip6tables-restore fails (`Bad IP address`), and after some retries Felix panics, so the node gets no IPv4 updates either",
    help: "remove FELIX_NATOUTGOINGADDRESS (natOutgoingAddress), or turn off NAT for the IPv6 pool with --nat-outgoing false",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &[
        "projectcalico/calico: felix/rules/nat.go",
        "projectcalico/calico: felix/iptables/table.go",
        "projectcalico/calico: issue 3275",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

/// The same in a FelixConfiguration.
pub(in crate::rules) const OF_FELIX: Rule = Rule { meta: &META, check: Check::Objects(felix) };

const NAME: &str = "FELIX_NATOUTGOINGADDRESS";

/// The address breaks the node, and which of two values is wrong only its author knows: it is an error that does not stop.
fn report(diagnostic: Diagnostic, name: &str) -> Diagnostic {
    diagnostic.message(format!("{name} has one address, and the IPv6 pool has NAT")).stops(false)
}

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = cx.node.as_ref().filter(|_| cx.wants_ipv6()) else { return };
    let Some(var) = node.env.get(NAME).filter(|_| node.env.text(NAME) != Some("")) else { return };
    let now = cx.env_text("CALICO_IPV6POOL_NAT_OUTGOING").map(|text| !is_false(text));
    let has_nat = match cx.target.nat_outgoing {
        NatOutgoing::On => true,
        NatOutgoing::Off => false,
        NatOutgoing::Auto => now.unwrap_or_else(|| cx.ipv6_pool().is_some_and(is_unique_local)),
    };
    if has_nat && cx.makes_pools() {
        let diagnostic = report(at_env(&META, node, NAME), NAME);
        diagnostics.push(if var.value.is_host_ip() {
            diagnostic.label("the node's primary address")
        } else {
            diagnostic
        });
    }
}

fn felix(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    let has_nat = cx.config.fields_of(&[FieldKind::Pool]).any(|(object, field)| {
        let Ok(IpNet::V6(net)) = field.text.parse() else { return false };
        let now = object.text(&["spec", "natOutgoing"]).map(|text| text == "true");
        match cx.target.nat_outgoing {
            NatOutgoing::On => true,
            NatOutgoing::Off => false,
            NatOutgoing::Auto => now.unwrap_or_else(|| is_unique_local(net)),
        }
    });
    for (_, object) in cx.config.objects_of(ObjectKind::FelixConfiguration).filter(|_| has_nat) {
        let tree = object.tree();
        let Some(node) = tree.at(object.root, &["spec", "natOutgoingAddress"]) else { continue };
        if tree.scalar(node).is_some_and(|text| !text.is_empty()) {
            let place =
                Diagnostic { path: object.path(node), ..Diagnostic::at_range(&META, object.range(node)) };
            diagnostics.push(report(place, "natOutgoingAddress"));
        }
    }
}
