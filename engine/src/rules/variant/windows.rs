use crate::diagnostic::upstream;
use crate::model::facts::Variant;
use crate::rules::change::at_container;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "VAR-001",
    name: "windows-manifest",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "Calico for Windows does not support IPv6",
        consequence: "the Windows dataplane programs IPv4 only: pods on Windows nodes get no IPv6 address, and no network at all in an IPv6-only cluster",
        help: "keep Windows nodes in an IPv4-only cluster, or use Linux nodes only",
        example: ("", ""),
        sources: &[
            upstream::page(
                "Calico: Windows limitations",
                "https://docs.tigera.io/calico/latest/getting-started/kubernetes/windows-calico/limitations",
            ),
            upstream::CALICO.file("felix/dataplane/windows/endpoint_mgr.go").line(487),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        if let Some(node) = &install.node
            && install.facts.variant == Variant::Windows
            && cx.wants_ipv6()
        {
            diagnostics.push(at_container(&META, node).label("runs on Windows nodes"));
        }
    }
}
