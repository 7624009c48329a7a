//! Values of another YAML type than the field needs.

use super::change::{ChangeText, change};
use super::templates;
use crate::diagnostic::upstream;
use crate::model::fields::{Flag, ObjectKind, Shape};
use crate::rules::{Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::write::{Op, Value};
use crate::yaml::{Kind, NodeId};

pub(super) const META: Metadata = Metadata {
    id: "K8S-VALUE-TYPE",
    name: "unexpected-value-type",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "expected a string here, found an alias, a merge key or another type",
        consequence: "the value cannot be changed here, so it would conflict with the fields that are changed; kubeadm refuses a number or a boolean as the value of an argument",
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

pub(in crate::rules) const VALUE_SHAPE: Rule = Rule { meta: &META, check: Check::Text(unreadable) };

fn unreadable(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for unreadable in cx.config.unreadable.iter().filter(|unreadable| unreadable.error.is_none()) {
        let object = &cx.config.objects[unreadable.object];
        if templates::is_of_another_shape(object, unreadable) {
            continue;
        }
        let is_alias = object.tree().kind(unreadable.node) == Kind::Alias;
        let what = if is_alias { "an alias, whose value is not read" } else { "not a string" };
        let message = format!("{} is {what}", unreadable.name);
        diagnostics.push(cx.at(&META, object, unreadable.node).message(message));
    }
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let words = matches!(flags.shape, Shape::Words(_));
        for item in &flags.unreadable {
            // Another rule reports a mapping in a list of arguments.
            if !words || object.tree().kind(*item) != Kind::Mapping {
                diagnostics.push(cx.at(&META, object, *item));
            }
        }
    }
    arguments(cx, diagnostics);
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
                    .push(cx.at(&META, object, value).message("values from this merge key are not read"));
            }
        }
    }
}

/// Reports arguments of kubeadm that are numbers or booleans.
fn arguments(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    const KUBEADM: [ObjectKind; 4] = [
        ObjectKind::ClusterConfiguration,
        ObjectKind::InitConfiguration,
        ObjectKind::JoinConfiguration,
        ObjectKind::CapiKubeadm,
    ];
    for flags in cx.config.flags.iter().filter(|flags| matches!(flags.shape, Shape::Map(_) | Shape::List(_)))
    {
        let object = &cx.config.objects[flags.object];
        if !KUBEADM.contains(&object.kind) {
            continue;
        }
        let tree = object.tree();
        let is_other = |flag: &&Flag| tree.string(flag.node).is_none() && !tree.is_tagged(flag.node);
        for flag in flags.flags.iter().filter(is_other) {
            let Some(value) = flag.value.as_deref() else { continue };
            let quoted = format!("\"{value}\"");
            let text = ChangeText {
                field: &flag.name,
                from: Some(value),
                to: Some(&quoted),
                why: "kubeadm reads only strings here",
            };
            let change = change(object, flag.node, Op::Set(Value::string(value)), text);
            diagnostics.push(
                cx.at(&META, object, flag.node)
                    .message(format!("{} is {value} without quotes, not a string", flag.name))
                    .consequence("kubeadm refuses the file: it reads only strings as the values of arguments")
                    .fix(Fix::new(vec![change])),
            );
        }
    }
}
