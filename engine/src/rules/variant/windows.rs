use crate::facts::Variant;
use crate::rules::change::at_container;
use crate::rules::{Context, Findings, Fixable, Metadata, Rule, Severity};

const META: Metadata = Metadata {
    id: "VAR-001",
    name: "windows-manifest",
    severity: Severity::Error,
    finds: "Calico for Windows has no IPv6",
    why: "the Windows dataplane programs IPv4 only: pods on Windows nodes get no IPv6 address, and an IPv6-only cluster has no network there",
    remedy: "keep Windows nodes in an IPv4 cluster, or run Linux nodes only",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["docs.tigera.io: getting-started/kubernetes/windows-calico/limitations"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check };

fn check(cx: &Context<'_>, findings: &mut Findings) {
    if let Some(node) = &cx.node
        && cx.facts.variant == Variant::Windows
        && cx.wants_ipv6()
    {
        findings.push(at_container(&META, node).label("runs on Windows nodes"));
    }
}
