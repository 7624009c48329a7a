use crate::rules::change::Near;
use crate::rules::{
    Check, Diagnostic, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity,
};
use crate::yaml::write::Value;

const META: Metadata = Metadata {
    id: "NODE-026",
    name: "ipv6-vxlan-mtu-not-fixed",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "the MTU is fixed for IPv4 tunnels but not for the IPv6 VXLAN tunnel",
    consequence: "an IPv6 VXLAN packet carries 70 bytes more than it wraps, 20 more than an IPv4 one: with a fixed MTU that only fits IPv4, large IPv6 packets are lost",
    help: "FELIX_VXLANMTUV6 takes the same key of the ConfigMap; lower veth_mtu to the network's MTU less 70, or set it to \"0\"",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: (
        "",
        "- name: FELIX_VXLANMTUV6\n  valueFrom:\n    configMapKeyRef:\n      name: calico-config\n      key: veth_mtu",
    ),
    sources: &[
        "docs.tigera.io: networking/configuring/mtu",
        "projectcalico/calico: felix/config/config_params.go",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let (Some(node), Some(config)) = (&cx.node, &cx.config) else { return };
    let Some((place, text)) = config.value("veth_mtu") else { return };
    let is_set = node.env.get("FELIX_VXLANMTUV6").is_some();
    if !cx.wants_ipv6() || !cx.has_ipv6_vxlan() || cx.facts.mtu.is_none() || is_set {
        return;
    }
    let told = Diagnostic::new(&META, config.tree, place)
        .message(format!("veth_mtu is fixed at {text}; an IPv6 VXLAN tunnel needs the network's MTU less 70"))
        .consequence("where it is larger, large IPv6 packets between nodes are lost")
        .help("nothing where it is small enough (1430 for a network of 1500); else lower veth_mtu, or set it to \"0\"");
    diagnostics.push(told);
    let map = |entries: Vec<(&str, Value)>| {
        Value::Map(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
    };
    let key = map(vec![("name", Value::string(&config.resource.name)), ("key", Value::string("veth_mtu"))]);
    let source = map(vec![("configMapKeyRef", key)]);
    let told = format!("veth_mtu of {} ({text})", config.resource.name);
    let near = Near(&["FELIX_VXLANMTU", "FELIX_IPINIPMTU"]);
    let fix = cx.insert_env(
        node,
        "FELIX_VXLANMTUV6",
        source,
        &told,
        &near,
        "the IPv6 tunnel keeps the MTU that is fixed here",
    );
    diagnostics.push(Diagnostic::new(&META, config.tree, place).fix(fix));
}
