use crate::diagnostic::upstream;
use crate::model::facts::Ipam;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "CNI-011",
    name: "upgrade-ipam-with-host-local",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the init container upgrade-ipam runs although the cluster uses host-local IPAM",
        consequence: "at every start it moves host-local's records of the network k8s-pod-network to Calico IPAM and deletes them: host-local then assigns addresses that running pods still have",
        help: "remove the init container upgrade-ipam",
        example: ("", ""),
        sources: &[
            upstream::CALICO.pull(8642),
            upstream::CALICO.file("cni-plugin/pkg/upgrade/migrate.go").symbol("ipAllocPath").line(43),
            upstream::CALICO.file("cni-plugin/pkg/ipamplugin/ipam_plugin.go").line(102),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (install, node) in cx.nodes() {
        if install.facts.ipam == Ipam::HostLocal
            && let Some(container) = node.container_named("upgrade-ipam")
        {
            let place = node.tree.get(container, "name").unwrap_or(container);
            // It is so before the transform and after it.
            diagnostics.push(Diagnostic::new(&META, node.tree, place).stops(false));
        }
    }
}
