use crate::diagnostic::upstream;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "NODE-026",
    name: "fixed-mtu-with-ipv6-vxlan",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "veth_mtu is fixed and may be too large for the IPv6 VXLAN tunnel",
        consequence: "IPv6 VXLAN adds 70 bytes to each packet, 20 more than IPv4 VXLAN. If veth_mtu only fits IPv4, pods send IPv6 packets that are too large for the tunnel: the node answers the first one to each destination with `packet too big`, and if ICMPv6 is filtered, they are lost",
        help: "lower veth_mtu to the network's MTU minus 70, or set it to \"0\" (detected; Calico 3.17 or later); FELIX_VXLANMTUV6 alone does not help, because Linux refuses a larger value",
        example: ("veth_mtu: \"1440\"", "veth_mtu: \"0\""),
        sources: &[
            upstream::page(
                "Calico: Configure MTU",
                "https://docs.tigera.io/calico/latest/networking/configuring/mtu",
            ),
            upstream::CALICO.file("felix/config/config_params.go").line(360),
            upstream::CALICO.file("felix/dataplane/linux/int_dataplane.go").line(448),
            upstream::CALICO.file("felix/dataplane/linux/route_mgr.go").symbol("configureTunnelDevice").line(618),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// The largest `veth_mtu` that fits in a network with the usual MTU, in bytes: 1500 minus the 70 of IPv6 VXLAN
/// (projectcalico/calico v3.32.1: felix/dataplane/linux/int_dataplane.go). The files do not show the MTU of the network.
const USUAL: u32 = 1430;

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some(config) = &install.config else { continue };
        let Some((place, text)) = config.value("veth_mtu") else { continue };
        if !cx.wants_ipv6() || !install.has_ipv6_vxlan(cx.target) || install.facts.mtu.is_none() {
            continue;
        }
        let fits_usually = install.facts.mtu.is_some_and(|mtu| mtu <= USUAL);
        let severity = if fits_usually { Severity::Info } else { Severity::Warning };
        let warning = Diagnostic::new(&META, config.tree, place)
            .severity(severity)
            .message(format!("veth_mtu is fixed at {text}; an IPv6 VXLAN tunnel needs the network's MTU minus 70"))
            .consequence("if veth_mtu is larger and ICMPv6 is filtered, large IPv6 packets between nodes are lost")
            .help("ignore this if the MTU of the network is at least veth_mtu plus 70; otherwise lower veth_mtu, or set it to \"0\" (detected; Calico 3.17 or later)");
        diagnostics.push(warning);
    }
}
