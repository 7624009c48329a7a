use crate::diagnostic::upstream;
use crate::rules::change::at_env;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::{Backend, Encapsulation};

pub(super) const META: Metadata = Metadata {
    id: "ENC-002",
    name: "vxlan-backend-without-ipv6-vxlan",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "without BGP, an IPv6 pool without VXLAN has no routes between nodes",
        consequence: "the VXLAN backend runs no BIRD: nothing programs routes for traffic that VXLAN does not carry (from 3.31 on, Felix does if programClusterRoutes is Enabled)",
        help: "set CALICO_IPV6POOL_VXLAN to Always or CrossSubnet; with --encapsulation pass vxlan or vxlan-cross-subnet",
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

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        let asked = cx.target.encapsulation == Some(Encapsulation::None);
        if asked && cx.wants_ipv6() && install.facts.backend == Backend::Vxlan {
            diagnostics.push(at_env(&META, node, "CALICO_IPV6POOL_VXLAN"));
        }
    }
}
