//! Values of another YAML type than the field needs.

use super::templates;
use crate::diagnostic::upstream;
use crate::model::fields::{ObjectKind, Shape};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::{Kind, NodeId};

const ODD_META: Metadata = Metadata {
    id: "K8S-VALUE-TYPE",
    name: "unexpected-value-type",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "expected a string here, found an alias, a merge key or another type",
        consequence: "the value cannot be changed here, so it would conflict with the fields that are changed",
        help: "write the value as a string in this place",
        example: ("podSubnet: *pods", "podSubnet: 10.244.0.0/16"),
        sources: &[
            upstream::page(
                "YAML 1.2.2, 3.2.2.2 Anchors and Aliases",
                "https://yaml.org/spec/1.2.2/#3222-anchors-and-aliases",
            ),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const VALUE_SHAPE: Rule = Rule { meta: &ODD_META, check: Check::Text(unreadable) };

fn unreadable(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for unreadable in cx.config.unreadable.iter().filter(|unreadable| unreadable.error.is_none()) {
        let object = &cx.config.objects[unreadable.object];
        if templates::is_of_another_shape(object, unreadable) {
            continue;
        }
        let message = format!("{} is not a string", unreadable.name);
        diagnostics.push(cx.at(&ODD_META, object, unreadable.node).message(message));
    }
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let words = matches!(flags.shape, Shape::Words(_));
        for item in &flags.unreadable {
            // Another rule reports a mapping in a list of arguments.
            if !words || object.tree().kind(*item) != Kind::Mapping {
                diagnostics.push(cx.at(&ODD_META, object, *item));
            }
        }
    }
    // Values that a merge key adds to other mappings are not read either.
    for (index, object) in cx.config.objects.iter().enumerate() {
        if matches!(object.kind, ObjectKind::ConfigMap | ObjectKind::Wrapper) {
            continue;
        }
        let tree = object.tree();
        let mut pending = vec![object.root];
        while let Some(node) = pending.pop() {
            pending.extend(tree.children(node));
            let merged = tree.entries(node).find(|(key, _)| tree.scalar(*key) == Some("<<"));
            let is_reported = |(_, value): &(NodeId, NodeId)| {
                cx.config.flags.iter().any(|flags| flags.object == index && flags.unreadable.contains(value))
            };
            if let Some((_, value)) = merged.filter(|entry| !is_reported(entry)) {
                diagnostics
                    .push(cx.at(&ODD_META, object, value).message("values from this merge key are not read"));
            }
        }
    }
}
