use crate::diagnostic::upstream;
use crate::model::fields::ObjectKind;
use crate::rules::change::{at_env, at_object};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "NODE-018",
    name: "mtu-below-ipv6-minimum",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the MTU is below 1280 bytes, the minimum of IPv6",
        consequence: "Linux turns IPv6 off on an interface with a smaller MTU (RFC 8200, section 5): the CNI plugin cannot add the address, and pods that request IPv6 do not start",
        help: "set veth_mtu to at least 1280, or to \"0\" (detected; Calico 3.17 or later)",
        example: ("veth_mtu: \"1200\"", "veth_mtu: \"0\""),
        sources: &[
            upstream::page("RFC 8200, section 5", "https://www.rfc-editor.org/rfc/rfc8200#section-5"),
            upstream::page(
                "Calico: Configure MTU",
                "https://docs.tigera.io/calico/latest/networking/configuring/mtu",
            ),
            upstream::CALICO.file("cni-plugin/pkg/dataplane/linux/dataplane_linux.go").line(391),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// Whether this is an MTU in bytes below the minimum of IPv6; 0 is detected.
fn is_small(text: &str) -> bool {
    text.parse().is_ok_and(|mtu: u32| (1..1280).contains(&mtu))
}

/// The MTU of tunnels over IPv6.
fn objects(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::FelixConfiguration).filter(|_| cx.wants_ipv6()) {
        let tree = object.tree();
        for key in ["vxlanMTUV6", "wireguardMTUV6"] {
            let Some(node) = tree.at(object.root, &["spec", key]) else { continue };
            if let Some(text) = tree.scalar(node).filter(|text| is_small(text)) {
                let help = format!("set {key} to at least 1280, or leave it out: Felix then detects it");
                let diagnostic = at_object(&META, object, node).help(help);
                diagnostics.push(diagnostic.message(format!("{key} {text} is too small for IPv6")));
            }
        }
    }
}

/// The same MTU, as variables of calico-node.
fn variables(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes().filter(|_| cx.wants_ipv6()) {
        for name in ["FELIX_VXLANMTUV6", "FELIX_WIREGUARDMTUV6"] {
            if let Some(text) = install.env_text(name).filter(|text| is_small(text)) {
                let help = format!("set {name} to at least 1280, or leave it out: Felix then detects it");
                let diagnostic = at_env(&META, node, name).help(help);
                diagnostics.push(diagnostic.message(format!("{name} {text} is too small for IPv6")));
            }
        }
    }
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    objects(cx, diagnostics);
    variables(cx, diagnostics);
    for install in cx.installs {
        if let Some(installation) = install.installation.as_ref().filter(|_| cx.wants_ipv6())
            && let Some(node) = installation.network.and_then(|node| installation.tree().get(node, "mtu"))
            && let Some(text) = installation.tree().scalar(node).filter(|text| is_small(text))
        {
            let message = format!("mtu {text} is too small for IPv6");
            let help =
                "set calicoNetwork.mtu to at least 1280, or leave it out: the operator then detects it";
            diagnostics.push(installation.diagnostic(&META, node).message(message).help(help));
        }
        let Some(config) = &install.config else { continue };
        let Some((place, text)) = config.value("veth_mtu") else { continue };
        if cx.wants_ipv6() && install.facts.mtu.is_some_and(|mtu| mtu < 1280) {
            diagnostics.push(
                Diagnostic::new(&META, config.tree, place)
                    .message(format!("veth_mtu {text} is too small for IPv6")),
            );
        }
    }
}
