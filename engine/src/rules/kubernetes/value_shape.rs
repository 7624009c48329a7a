use super::{LintContext, templates};
use crate::model::fields::{ObjectKind, Shape};
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::yaml::{Kind, NodeId};

const ODD_META: Metadata = Metadata {
    id: "K8S-VALUE-TYPE",
    name: "value-of-another-shape",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "no plain text stands where one says addresses",
    consequence: "an alias, a merged mapping or a value of another shape: what is changed elsewhere would not be changed here, and the two would not agree",
    help: "write the text out in this place",
    fixable: Fixable::Never,
    gates: &[],
    example: ("podSubnet: *pods", "podSubnet: 10.244.0.0/16"),
    sources: &["yaml.org: YAML 1.2.2, 3.2.2.2 Anchors and Aliases"],
};

pub(in crate::rules) const VALUE_SHAPE: Rule = Rule { meta: &ODD_META, check: Check::Objects(unreadable) };

fn unreadable(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for unreadable in cx.config.unreadable.iter().filter(|unreadable| unreadable.error.is_none()) {
        let object = &cx.config.objects[unreadable.object];
        if templates::is_of_another_shape(object, unreadable) {
            continue;
        }
        let message = format!("no plain text stands at {}", unreadable.name);
        diagnostics.push(cx.at(&ODD_META, object, unreadable.node).message(message));
    }
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let words = matches!(flags.shape, Shape::Words(_));
        for item in &flags.unreadable {
            // A mapping among words is told by its own rule.
            if !words || object.tree().kind(*item) != Kind::Mapping {
                diagnostics.push(cx.at(&ODD_META, object, *item));
            }
        }
    }
    // What a merge key brings into any other mapping is not read either.
    for object in
        cx.config.objects.iter().filter(|b| !matches!(b.kind, ObjectKind::ConfigMap | ObjectKind::Wrapper))
    {
        let tree = object.tree();
        let mut pending = vec![object.root];
        while let Some(node) = pending.pop() {
            pending.extend(tree.children(node));
            let merged = tree.entries(node).find(|(key, _)| tree.scalar(*key) == Some("<<"));
            let is_told = |(_, value): &(NodeId, NodeId)| {
                cx.config.flags.iter().any(|flags| flags.unreadable.contains(value))
            };
            if let Some((_, value)) = merged.filter(|entry| !is_told(entry)) {
                diagnostics.push(cx.at(&ODD_META, object, value).message("what is merged here is not read"));
            }
        }
    }
}
