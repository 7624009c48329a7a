use crate::rules::{
    Check, Diagnostic, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity,
};

const META: Metadata = Metadata {
    id: "NODE-018",
    name: "mtu-below-ipv6-minimum",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "IPv6 needs an MTU of at least 1280 bytes",
    consequence: "Linux takes IPv6 off an interface whose MTU is smaller (RFC 8200, section 5): pods get no IPv6 address",
    help: "set veth_mtu to \"0\" (detected) or to at least 1280",
    fixable: Fixable::Never,
    gates: &[],
    example: ("veth_mtu: \"1200\"", "veth_mtu: \"0\""),
    sources: &["RFC 8200, section 5", "docs.tigera.io: networking/configuring/mtu"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(config) = &cx.config else { return };
    let Some((place, text)) = config.value("veth_mtu") else { return };
    if cx.wants_ipv6() && cx.facts.mtu.is_some_and(|mtu| mtu < 1280) {
        diagnostics.push(
            Diagnostic::new(&META, config.tree, place)
                .message(format!("veth_mtu {text} is too small for IPv6")),
        );
    }
}
