use crate::diagnostic::upstream;
use crate::model::facts::Variant;
use crate::rules::change::at_container;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "VAR-002",
    name: "canal-with-etcd",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "this file cannot bring IPv6 to canal with etcd",
        consequence: "flannel reads its network from etcd. The Job configure-canal writes it there with a command of etcd's v2 API, which flannel with IPv6 does not read (0.18 and later; Calico 3.26 and later ship such a release), and which etcdctl in Calico 3.23 and later refuses. The CNI configuration also writes the API server's address without brackets",
        help: "use canal.yaml (Kubernetes datastore, flannel 0.15 or later) or calico.yaml",
        example: ("", ""),
        sources: &[
            upstream::FLANNEL.file("pkg/subnet/etcd/local_manager.go").line(227),
            upstream::CALICO.file("cni-plugin/pkg/install/install.go").line(348),
            upstream::FLANNEL.file("subnet/etcd/local_manager.go").symbol("allocateSubnet").line(201).at("v0.18.0"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        if let Some(node) = &install.node
            && install.facts.variant == Variant::CanalEtcd
            && cx.wants_ipv6()
        {
            diagnostics.push(at_container(&META, node).label("runs with flannel and etcd"));
        }
    }
}
