use crate::diagnostic::upstream;
use crate::model::facts::live_field;
use crate::model::installation::Installation;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "VAR-005",
    name: "object-of-running-cluster",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "this object was read from a running cluster",
        consequence: "applying a change to this object affects the running cluster: the CIDR of an existing IPPool cannot change (operator 1.34 and later goes Degraded, unless the entry of ipPools gets another name, too, and the Calico API server runs: it then creates a pool and deletes the old one), and existing pods keep their addresses until they are recreated",
        help: "before you apply a change, read the plan that `calico-ipv6 transform -o steps` prints",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES
                .file("staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go")
                .symbol("ObjectMeta")
                .line(194),
            upstream::OPERATOR.file("pkg/controller/ippool/pool_controller.go").line(348),
            upstream::CALICO.file("libcalico-go/lib/clientv3/ippool.go").symbol("IPPool CIDR cannot be modified").line(383),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let found = match &install.installation {
            Some(installation) => installation.live_field().map(|(name, node)| {
                let place = installation.tree().key_of(node).unwrap_or(node);
                (installation.object.title(), name, installation.diagnostic(&META, place))
            }),
            None => install.resources().find_map(|resource| {
                let tree = cx.documents.tree(resource.document)?;
                let (name, node) = live_field(tree, resource.root)?;
                let place = tree.key_of(node).unwrap_or(node);
                Some((resource.title(), name, Diagnostic::new(&META, tree, place)))
            }),
        };
        let Some((title, name, diagnostic)) = found else { continue };
        let release =
            install.installation.as_ref().and_then(Installation::live_release).map(|(version, _)| version);
        let value = release.map_or_else(String::new, |version| format!(" {version}"));
        // If the IP families stay the same, or if a new cluster is created from the object, no warning is needed.
        let is_conversion = cx.is_running() && install.facts.stack.is_some_and(|stack| stack != cx.target.to);
        let severity = if is_conversion { Severity::Warning } else { Severity::Info };
        let message = format!("{title} is from a running cluster: it has {name}{value}");
        let diagnostic = diagnostic.severity(severity).message(message);
        let is_of_operator = install.node.as_ref().is_some_and(|node| {
            let owners = node.tree.at(node.resource.root, &["metadata", "ownerReferences"]);
            let mut owners = owners.into_iter().flat_map(|owners| node.tree.items(owners));
            let is_kind = |owner| node.tree.get(owner, "kind").and_then(|kind| node.tree.scalar(kind));
            owners.any(|owner| is_kind(owner) == Some("Installation"))
        });
        diagnostics.push(if is_of_operator {
            let consequence =
                "the operator created this DaemonSet from an Installation, and reverts every change of it";
            let help = "change the Installation instead: kubectl get installation default -o yaml";
            diagnostic.severity(Severity::Warning).consequence(consequence).help(help)
        } else {
            diagnostic
        });
    }
}
