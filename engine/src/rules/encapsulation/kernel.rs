use crate::diagnostic::upstream;
use crate::rules::change::at_env;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

pub(crate) const META: Metadata = Metadata {
    id: "ENC-005",
    name: "ipv6-vxlan-needs-kernel",
    kind: RuleKind::Target,
    severity: Severity::Info,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "VXLAN over IPv6 needs Linux 4.19.1 or later on every node (RHEL's own kernel: 4.18.0)",
        consequence: "on an older kernel the tunnel exists but carries nothing, because Felix cannot add its routes: `no route to host`",
        help: "run `uname -r` on each node",
        example: ("", ""),
        sources: &[
            upstream::page(
                "Calico: Overlay networking",
                "https://docs.tigera.io/calico/latest/networking/configuring/vxlan-ipip",
            ),
            upstream::CALICO.issue(6877),
            upstream::CALICO.issue(7251),
            upstream::CALICO.issue(6273),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        if let Some(node) = &install.node
            && cx.wants_ipv6()
            && install.has_ipv6_vxlan(cx.target)
        {
            diagnostics.push(at_env(&META, node, "CALICO_IPV6POOL_VXLAN"));
        }
    }
}
