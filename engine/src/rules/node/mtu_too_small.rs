use crate::diagnostic::upstream;
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

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
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
