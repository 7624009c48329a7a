//! The changes that rules propose: nodes and values, with their descriptions; and the locations of diagnostics.

use super::{Change, ChangeDescription, Diagnostic, Effect, Fix, Metadata, ObjectKey};
use crate::model::calico_config::{CalicoConfig, Cni};
use crate::model::calico_node::{CalicoNode, EnvValue, EnvVar};
use crate::model::fields::ConfigObject;
use crate::model::install::CalicoInstall;
use crate::yaml::verify::Planned;
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId, Tree};

/// Where a new variable of calico-node is inserted: after the first of these that exists, even as a comment.
pub(super) struct Near(pub(super) &'static [&'static str]);

impl<'d> CalicoInstall<'d> {
    /// Sets a variable of calico-node to a literal value. Returns `None` if it already has that value, or if its value
    /// comes from elsewhere (another rule refuses that).
    pub(super) fn set_env(&self, name: &str, value: &str, near: &Near, why: &str) -> Option<Fix> {
        let node = self.node.as_ref()?;
        let Some(var) = node.env.get(name) else {
            return Some(self.insert_env(node, name, Value::string(value), value, near, why));
        };
        if var.value == EnvValue::Absent {
            let description = ChangeDescription::new(node.title(), name, Some(""), Some(value), why);
            let op = Op::InsertEntry(Placement::default(), "value".to_owned(), Value::string(value));
            return Some(Fix::new(vec![node_change(node, var.item, op, Some(description))]));
        }
        let EnvValue::Literal { node: scalar, text, is_string } = var.value else { return None };
        let earlier = earlier_duplicates(node, var);
        if text == value && is_string && earlier.is_empty() {
            return None;
        }
        let description = ChangeDescription::new(node.title(), name, Some(text), Some(value), why);
        let mut changes = Vec::new();
        if text != value || !is_string {
            changes.push(node_change(node, scalar, Op::Set(Value::string(value)), Some(description)));
        }
        for earlier in earlier {
            let why = "a duplicate: the last one counts, and kubectl apply may drop either";
            let text = literal(&earlier.value);
            let description = ChangeDescription::new(node.title(), name, Some(&text), None, why);
            changes.push(node_change(node, earlier.item, Op::Remove, Some(description)));
        }
        Some(Fix::new(changes))
    }

    /// Removes every occurrence of a variable.
    pub(super) fn remove_env(&self, name: &str, why: &str) -> Option<Fix> {
        let node = self.node.as_ref()?;
        let changes: Vec<Change> = node
            .env
            .vars
            .iter()
            .filter(|v| v.name == name)
            .map(|v| {
                let description =
                    ChangeDescription::new(node.title(), name, Some(&literal(&v.value)), None, why);
                node_change(node, v.item, Op::Remove, Some(description))
            })
            .collect();
        (!changes.is_empty()).then_some(Fix::new(changes))
    }

    /// Adds a variable with any value; replaces a commented-out variable of the same name.
    pub(super) fn insert_env(
        &self,
        node: &CalicoNode<'d, 'd>,
        name: &str,
        value: Value,
        value_text: &str,
        near: &Near,
        why: &str,
    ) -> Fix {
        let field = if matches!(value, Value::Map(_)) { "valueFrom" } else { "value" };
        let item = Value::Map(vec![("name".to_owned(), Value::string(name)), (field.to_owned(), value)]);
        let description = Some(ChangeDescription::new(node.title(), name, None, Some(value_text), why));
        let Some(sequence) = node.env.sequence.filter(|s| node.tree.kind(*s) == Kind::Sequence) else {
            // There is no `env`, or it is an alias, which the edit layer refuses.
            return match node.env.sequence {
                Some(unreadable) => Fix::new(vec![node_change(
                    node,
                    unreadable,
                    Op::Set(Value::Seq(vec![item])),
                    description,
                )]),
                None => {
                    let op = Op::InsertEntry(Placement::default(), "env".to_owned(), Value::Seq(vec![item]));
                    Fix::new(vec![node_change(node, node.container, op, description)])
                }
            };
        };
        let comment = node.commented(name).filter(|_| field == "value");
        let op = if node.tree.items(sequence).next().is_none() {
            return Fix::new(vec![node_change(node, sequence, Op::Set(Value::Seq(vec![item])), description)]);
        } else if let Some(comment) = comment {
            Op::Uncomment(comment, item)
        } else {
            Op::InsertItem(placement(node, near), item)
        };
        Fix::new(vec![node_change(node, sequence, op, description)])
    }

    /// Sets a flag of the `ipam` object of the CNI configuration to a string.
    pub(super) fn set_ipam(&self, key: &str, value: &str, why: &str) -> Option<Fix> {
        let (config, cni) = self.cni()?;
        let (tree, ipam) = (cni.tree()?, cni.ipam?);
        let description = |from: Option<&str>| {
            let to = format!("\"{value}\"");
            Some(ChangeDescription::new(cni_title(config), key, from, Some(&to), why))
        };
        let (inner, op, description) = match cni.ipam_value(key) {
            Some(found) if tree.string(found) == Some(value) => return None,
            Some(found) => {
                let from = &tree.text()[tree.range(found)];
                (found, Op::Set(Value::string(value)), description(Some(from)))
            }
            None => (
                ipam,
                Op::InsertEntry(Placement::default(), key.to_owned(), Value::string(value)),
                description(None),
            ),
        };
        Some(Fix::new(vec![cni_change(config, cni, inner, op, description)]))
    }
}

/// A change of a node of the calico-node DaemonSet.
pub(super) fn node_change(
    node: &CalicoNode<'_, '_>,
    at: NodeId,
    op: Op,
    description: Option<ChangeDescription>,
) -> Change {
    Change {
        document: node.resource.document,
        planned: Planned { node: at, inner: None, op },
        description,
        object: Some(ObjectKey::of(node.resource, None)),
        field: None,
        effect: Effect::RollOutCalicoNode,
    }
}

/// The name of the CNI configuration in messages: `ConfigMap calico-config, cni_network_config`.
pub(super) fn cni_title(config: &CalicoConfig<'_, '_>) -> String {
    format!("{}, cni_network_config", config.resource.title())
}

/// A change of a node in the CNI configuration.
pub(super) fn cni_change(
    config: &CalicoConfig<'_, '_>,
    cni: &Cni,
    inner: NodeId,
    op: Op,
    description: Option<ChangeDescription>,
) -> Change {
    Change {
        document: config.resource.document,
        planned: Planned { node: cni.node, inner: Some(inner), op },
        description,
        object: Some(ObjectKey::of(config.resource, Some(cni.node))),
        field: None,
        effect: Effect::RecreatePods,
    }
}

/// The earlier items with the name of `var`: Kubernetes uses the last one.
fn earlier_duplicates<'n, 'd>(node: &'n CalicoNode<'d, '_>, var: &EnvVar<'_>) -> Vec<&'n EnvVar<'d>> {
    node.env.vars.iter().filter(|v| v.name == var.name && v.item != var.item).collect()
}

fn literal(value: &EnvValue<'_>) -> String {
    match value {
        EnvValue::Literal { text, .. } => (*text).to_owned(),
        EnvValue::ConfigMap { name, key } => format!("key {key} of ConfigMap {name}"),
        EnvValue::Field(path) => format!("field {path}"),
        EnvValue::Absent => String::new(),
        EnvValue::Other => "set elsewhere".to_owned(),
    }
}

fn placement(node: &CalicoNode<'_, '_>, near: &Near) -> Placement {
    for name in near.0 {
        if let Some(var) = node.env.get(name) {
            return Placement { after: Some(var.item), below: None };
        }
        if let Some(comment) = node.commented(name) {
            let Some(after) = comment.after else { continue };
            let below = crate::source::next_line(node.tree.text(), comment.range.end);
            return Placement { after: Some(after), below: Some(below) };
        }
    }
    Placement::default()
}

/// A diagnostic at a variable of calico-node, or at its container if the variable is missing.
pub(super) fn at_env(rule: &'static Metadata, node: &CalicoNode<'_, '_>, name: &str) -> Diagnostic {
    match node.env.get(name) {
        Some(EnvVar { value: EnvValue::Literal { node: scalar, .. }, .. }) => {
            Diagnostic::new(rule, node.tree, *scalar).label(name)
        }
        Some(var) => Diagnostic::new(rule, node.tree, node.tree.get(var.item, "name").unwrap_or(var.item)),
        None => at_container(rule, node).label(format!("has no {name}")),
    }
}

/// A diagnostic at a node of an object.
pub(super) fn at_object(rule: &'static Metadata, object: &ConfigObject<'_>, node: NodeId) -> Diagnostic {
    Diagnostic::at_range(rule, object.range(node)).path(object.path(node))
}

/// A diagnostic at the name of the calico-node container.
pub(super) fn at_container(rule: &'static Metadata, node: &CalicoNode<'_, '_>) -> Diagnostic {
    let place = node.tree.get(node.container, "name").unwrap_or(node.container);
    Diagnostic::new(rule, node.tree, place)
}

/// A diagnostic at the tag of the calico-node image, which is the release.
pub(super) fn at_version(rule: &'static Metadata, node: &CalicoNode<'_, '_>) -> Diagnostic {
    let image = node.calico_version().map(|(_, image)| image).or(node.image);
    let Some(image) = image else { return at_container(rule, node) };
    let range = node.tree.range(image);
    let text = &node.tree.text()[range.clone()];
    let end = text.find('@').unwrap_or(text.trim_end_matches(['"', '\'']).len());
    let name = text[..end].rfind('/').map_or(0, |i| i + 1);
    let tag = text[name..end].find(':').map_or(0, |i| name + i + 1);
    let label =
        node.new_tag.map_or_else(|| "this release".to_owned(), |tag| format!("kustomize writes {tag}"));
    Diagnostic::new(rule, node.tree, image).at(range.start + tag..range.start + end).label(label)
}

/// A diagnostic at a node in the CNI configuration.
pub(super) fn at_cni(
    rule: &'static Metadata,
    config: &CalicoConfig<'_, '_>,
    cni: &Cni,
    inner: Option<NodeId>,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(rule, config.tree, cni.node);
    let (Ok(embedded), Some(inner)) = (&cni.json, inner) else {
        let key = config.tree.key_of(cni.node).unwrap_or(cni.node);
        return diagnostic.at(config.tree.range(key));
    };
    let range = embedded.tree.range(inner);
    let start = embedded.offset_in_source(range.start);
    let end = embedded.offset_in_source(range.end.min(range.start + 80)).max(start + 1);
    let end = crate::source::line_end(config.tree.text(), start).min(end);
    diagnostic.at(start..end)
}

/// The part of a node that is on its first line.
pub(super) fn first_line(tree: &Tree<'_>, node: NodeId) -> core::ops::Range<usize> {
    let range = tree.range(node);
    let end = crate::source::line_end(tree.text(), range.start).min(range.end);
    range.start..end.max(range.start)
}

/// Whether a line of the comment directly above an item is exactly `text`.
pub(super) fn comment_above(tree: &Tree<'_>, item: NodeId, text: &str) -> bool {
    let source = tree.text();
    let start = crate::source::line_start(source, tree.range(item).start);
    let lines = source[..start].lines().rev().map(str::trim);
    lines.take_while(|line| line.starts_with('#')).any(|line| line == text)
}
