use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, Items, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::NodeId;
use std::collections::BTreeSet;

const META: Metadata = Metadata {
    id: "YAML-004",
    name: "repeated-key",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a mapping that decides about IP families has a key more than once",
        consequence: "the last value counts, and the earlier ones have no effect (calicoctl 3.32 and later refuses the file). kubeadm init and join log `key \"podSubnet\" already set in map`; kubeadm config validate refuses the file (1.28 and later). kubectl and the API server say nothing, also with --validate=strict",
        help: "keep one of the entries; two ranges are two items of the list, or one text with a comma",
        example: ("ipFamilyPolicy: SingleStack\nipFamilyPolicy: PreferDualStack", "ipFamilyPolicy: PreferDualStack"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/util/config/strict/strict.go").symbol("Strict: true").line(41),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// Entries that decide about families and are not fields.
const PATHS: [(ObjectKind, &[&[&str]]); 4] = [
    (
        ObjectKind::Service,
        &[
            &["spec", "clusterIP"],
            &["spec", "clusterIPs"],
            &["spec", "ipFamilies"],
            &["spec", "ipFamilyPolicy"],
            &["spec", "loadBalancerSourceRanges"],
        ],
    ),
    (ObjectKind::FelixConfiguration, &[&["spec", "ipv6Support"]]),
    (
        ObjectKind::IpPool,
        &[&["spec", "disabled"], &["spec", "ipipMode"], &["spec", "natOutgoing"], &["spec", "vxlanMode"]],
    ),
    (ObjectKind::BgpConfiguration, &[&["spec", "serviceExternalIPs"], &["spec", "serviceLoadBalancerIPs"]]),
];

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    // As texts: other sets have them, and the module for browsers has the code of one kind of set.
    let mut reported = BTreeSet::new();
    let mut report = |object: &ConfigObject<'_>, node: NodeId| {
        let Some(keys) = object.tree().repeated_ancestor(node) else { return };
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return };
        if reported.insert(object.start(*last).to_string()) {
            diagnostics.push(repeated(cx, object, *first, *last));
        }
    };
    for field in &cx.config.fields {
        let object = &cx.config.objects[field.object];
        if object.tree().is_flag_file() {
            continue;
        }
        report(object, field.node);
        for item in object.tree().items(field.node).filter(|_| field.items == Some(Items::Cidr)) {
            if let Some(cidr) = object.tree().get(item, "cidr") {
                report(object, cidr);
            }
        }
    }
    for (kind, paths) in PATHS {
        for (_, object) in cx.config.objects_of(kind) {
            for node in paths.iter().filter_map(|path| object.tree().at(object.root, path)) {
                report(object, node);
            }
        }
    }
}

fn repeated(
    cx: &Context<'_>,
    object: &ConfigObject<'_>,
    first: NodeId,
    last: NodeId,
) -> crate::rules::Diagnostic {
    let name = object.tree().scalar(last).unwrap_or_default();
    let is_of_kubeadm = matches!(
        object.kind,
        ObjectKind::ClusterConfiguration | ObjectKind::InitConfiguration | ObjectKind::JoinConfiguration
    );
    let title = object.title();
    let diagnostic = cx
        .at(&META, object, last)
        .message(format!("{title} has the key {name} more than once in one mapping"))
        .related(cx.documents.place(object.start(first)), "the first one")
        .stops(false);
    if is_of_kubeadm {
        return diagnostic.consequence(format!(
            "the last value counts: kubeadm init and join log `strict decoding error`, `key \"{name}\" already set in map`; kubeadm config validate refuses the file (1.28 and later)"
        ));
    }
    diagnostic.consequence("the last value counts, and the others have no effect")
}
