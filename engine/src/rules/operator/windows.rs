use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "OP-009",
    name: "windows-dataplane-with-ipv6",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "Calico for Windows does not support IPv6, and this Installation has Windows nodes",
        consequence: "the operator checks the IPv4 pool only and accepts the IPv6 pool: pods on Windows nodes get no IPv6 address, and no network at all in an IPv6-only cluster",
        help: "remove the Windows nodes, set windowsDataplane: Disabled and remove windowsNodes, or keep the cluster IPv4-only",
        example: ("", ""),
        sources: &[
            upstream::OPERATOR.file("pkg/controller/installation/validation.go").line(398),
            upstream::page(
                "Calico: Windows limitations",
                "https://docs.tigera.io/calico/latest/getting-started/kubernetes/windows-calico/limitations",
            ),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, installation) in cx.installations() {
        let field = installation.network.and_then(|n| installation.tree().get(n, "windowsDataplane"));
        if cx.wants_ipv6()
            && let Some(field) = field
            && installation.tree().scalar(field) == Some("HNS")
        {
            diagnostics.push(installation.diagnostic(&META, field));
        }
    }
}
