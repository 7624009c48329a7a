use crate::diagnostic::upstream;
use crate::rules::change::at_env;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::{Backend, Encapsulation};

const META: Metadata = Metadata {
    id: "ENC-002",
    name: "vxlan-backend-without-ipv6-vxlan",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "without BGP, an IPv6 pool without VXLAN has no routes between nodes",
        consequence: "the VXLAN backend runs no BIRD: nothing programs routes for traffic that VXLAN does not carry (from 3.31 on, Felix does if programClusterRoutes is Enabled)",
        help: "pass --encapsulation vxlan or vxlan-cross-subnet, or omit the option",
        example: ("", ""),
        sources: &[
            upstream::CALICO.file("node/filesystem/etc/rc.local").line(50),
            upstream::CALICO.issue(6246),
            upstream::CALICO.issue(6310),
            upstream::CALICO.issue(6670),
            upstream::CALICO
                .file("felix/dataplane/linux/int_dataplane.go")
                .symbol("noEncapManagerV6")
                .line(712)
                .at("v3.31.0"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = &cx.node else { return };
    let asked = cx.target.encapsulation == Some(Encapsulation::None);
    if asked && cx.wants_ipv6() && cx.facts.backend == Backend::Vxlan {
        diagnostics.push(at_env(&META, node, "CALICO_IPV6POOL_VXLAN"));
    }
}
