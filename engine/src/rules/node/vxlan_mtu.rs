use crate::diagnostic::upstream;
use crate::rules::change::Near;
use crate::rules::{
    Check, Diagnostic, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::write::Value;

const META: Metadata = Metadata {
    id: "NODE-026",
    name: "fixed-mtu-with-ipv6-vxlan",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "veth_mtu is fixed and may be too large for the IPv6 VXLAN tunnel",
        consequence: "IPv6 VXLAN adds 70 bytes to each packet, 20 more than IPv4 VXLAN. If veth_mtu only fits IPv4, pods send IPv6 packets that are too large for the tunnel: the node answers the first one to each destination with `packet too big`, and if ICMPv6 is filtered, they are lost",
        help: "lower veth_mtu to the network's MTU minus 70, or set it to \"0\" (detected; Calico 3.17 or later); FELIX_VXLANMTUV6 alone does not help, because Linux refuses a larger value",
        example: (
            "",
            "- name: FELIX_VXLANMTUV6\n  valueFrom:\n    configMapKeyRef:\n      name: calico-config\n      key: veth_mtu",
        ),
        sources: &[
            upstream::page(
                "Calico: Configure MTU",
                "https://docs.tigera.io/calico/latest/networking/configuring/mtu",
            ),
            upstream::CALICO.file("felix/config/config_params.go"),
            upstream::CALICO.file("felix/dataplane/linux/int_dataplane.go").line(447),
            upstream::CALICO.file("felix/dataplane/linux/route_mgr.go").symbol("configureTunnelDevice"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let (Some(node), Some(config)) = (&cx.node, &cx.config) else { return };
    let Some((place, text)) = config.value("veth_mtu") else { return };
    let is_set = node.env.get("FELIX_VXLANMTUV6").is_some();
    if !cx.wants_ipv6() || !cx.has_ipv6_vxlan() || cx.facts.mtu.is_none() || is_set {
        return;
    }
    let warning = Diagnostic::new(&META, config.tree, place)
        .message(format!("veth_mtu is fixed at {text}; an IPv6 VXLAN tunnel needs the network's MTU minus 70"))
        .consequence("if veth_mtu is larger and ICMPv6 is filtered, large IPv6 packets between nodes are lost")
        .help("ignore this if veth_mtu is small enough (1430 if the MTU of the network is 1500); otherwise lower it, or set it to \"0\"");
    diagnostics.push(warning);
    let map = |entries: Vec<(&str, Value)>| {
        Value::Map(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
    };
    let key = map(vec![("name", Value::string(&config.resource.name)), ("key", Value::string("veth_mtu"))]);
    let source = map(vec![("configMapKeyRef", key)]);
    let from_key = format!("veth_mtu of {} ({text})", config.resource.name);
    let near = Near(&["FELIX_VXLANMTU", "FELIX_IPINIPMTU"]);
    let fix = cx.insert_env(
        node,
        "FELIX_VXLANMTUV6",
        source,
        &from_key,
        &near,
        "requests the same fixed MTU for the IPv6 tunnel",
    );
    diagnostics.push(Diagnostic::new(&META, config.tree, place).fix(fix));
}
