//! Objects of several clusters in one file: their facts cannot be told apart.

use crate::diagnostic::upstream;
use crate::model::clusters::named_clusters;
use crate::model::fields::ObjectKind;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "INPUT-CLUSTERS",
    name: "two-clusters-in-one-file",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "one file has the objects of several clusters",
        consequence: "calico-ipv6 reads a file as part of one cluster: a range of the first cluster would also be written into the second one, and two clusters with one range cannot route to each other",
        help: "pass each cluster in a file of its own",
        example: (
            "kind: Cluster\nmetadata:\n  name: east\n---\napiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata:\n  name: west",
            "kind: Cluster\nmetadata:\n  name: east",
        ),
        sources: &[
            upstream::page("Cluster API: Concepts", "https://cluster-api.sigs.k8s.io/user/concepts"),
            upstream::KIND.file("pkg/internal/apis/config/encoding/load.go").line(92),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let mut of_kind = cx.config.objects_of(ObjectKind::KindCluster).map(|(_, object)| object);
    if let (Some(first), Some(second)) = (of_kind.next(), of_kind.next()) {
        let message = "kind reads only the first document of a file: this Cluster is not read";
        let first = cx.documents.place(first.start(first.root));
        diagnostics.push(cx.at_kind(&META, second).message(message).related(first, "the first one"));
    }
    let named = named_clusters(cx.config, cx.documents);
    for cluster in &named {
        let first = named.iter().find(|first| first.by == cluster.by).unwrap_or(cluster);
        if first.name == cluster.name {
            continue;
        }
        let (Some(tree), Some(own)) =
            (cx.documents.tree(first.document), cx.documents.tree(cluster.document))
        else {
            continue;
        };
        let other = tree.range(first.root).start;
        let plain = |name: &str| name.trim_start_matches('/').to_owned();
        let message =
            format!("{} {} is another cluster than {}", cluster.by, plain(&cluster.name), plain(&first.name));
        let node = own.get(cluster.root, "kind").unwrap_or(cluster.root);
        let diagnostic = crate::rules::Diagnostic::new(&META, own, node).message(message);
        diagnostics.push(diagnostic.related(cx.documents.place(other), "the first one"));
        return;
    }
}
