use crate::model::facts::Variant;
use crate::rules::change::at_container;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};

const META: Metadata = Metadata {
    id: "VAR-002",
    name: "canal-with-etcd",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "canal with etcd has no IPv6",
    consequence: "flannel keeps its networks in etcd here, and its etcd subnet manager hands out IPv4 only; its CNI configuration also writes the API server's address without brackets",
    help: "use canal.yaml (Kubernetes datastore, flannel 0.15 or later) or calico.yaml",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &[
        "flannel-io/flannel: pull request 1448",
        "projectcalico/calico: cni-plugin/pkg/install/install.go",
    ],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    if let Some(node) = &cx.node
        && cx.facts.variant == Variant::CanalEtcd
        && cx.wants_ipv6()
    {
        diagnostics.push(at_container(&META, node).label("beside flannel with etcd"));
    }
}
