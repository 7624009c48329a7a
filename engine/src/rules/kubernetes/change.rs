//! The changes that rules propose for objects of the Kubernetes layer, and the locations of their diagnostics.

use super::list_edits;
use crate::model::fields::{Component, ConfigObject, Field, Flag, Items, ObjectKind};
use crate::rules::{Change, ChangeDescription, Context, Diagnostic, Effect, Fix, Metadata};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};

impl Context<'_> {
    /// Creates a diagnostic at a node of an object.
    pub(in crate::rules) fn at(
        &self,
        meta: &'static Metadata,
        object: &ConfigObject<'_>,
        node: NodeId,
    ) -> Diagnostic {
        Diagnostic::at_range(meta, object.range(node)).path(object.path(node))
    }

    /// Creates a diagnostic at a field.
    pub(super) fn at_field(&self, meta: &'static Metadata, field: &Field) -> Diagnostic {
        self.at(meta, &self.config.objects[field.object], field.node)
    }

    /// Creates a diagnostic at the item of a list that is this value, or at the field if none is. A field is the list, or one
    /// of its items.
    pub(super) fn at_item(&self, meta: &'static Metadata, field: &Field, value: &str) -> Diagnostic {
        let object = &self.config.objects[field.object];
        let tree = object.tree();
        let (list, items) = match field.items {
            Some(items) => (Some(field.node), items),
            None => (tree.parent(field.node), Items::Text),
        };
        let item = list.and_then(|list| list_edits::find(tree, list, items, value));
        self.at(meta, object, item.unwrap_or(field.node))
    }

    /// Creates a diagnostic at the kind of an object.
    pub(in crate::rules) fn at_kind(&self, meta: &'static Metadata, object: &ConfigObject<'_>) -> Diagnostic {
        self.at(meta, object, object.tree().get(object.root, "kind").unwrap_or(object.root))
    }

    /// Returns the fix that gives a field another value.
    pub(super) fn set(&self, field: &Field, value: &str, why: &str) -> Fix {
        let object = &self.config.objects[field.object];
        if let Some(items) = field.items {
            let wanted: Vec<String> = value.split(',').map(str::to_owned).collect();
            let changes = list_edits::bring(object, field.node, items, &wanted, &field.name, why);
            let of = |change: Change| change.of(field.kind, &field.name);
            return Fix::new(changes.into_iter().map(of).collect());
        }
        let description = ChangeText { field: &field.name, from: Some(&field.text), to: Some(value), why };
        let op = Op::Set(Value::string(format!("{}{value}", field.prefix)));
        Fix::new(vec![change(object, field.node, op, description).of(field.kind, &field.name)])
    }
}

/// The text of a change.
#[derive(Clone, Copy)]
pub(super) struct ChangeText<'a> {
    pub(super) field: &'a str,
    pub(super) from: Option<&'a str>,
    pub(super) to: Option<&'a str>,
    pub(super) why: &'a str,
}

/// Creates a change of a node of an object.
pub(super) fn change(object: &ConfigObject<'_>, node: NodeId, op: Op, text: ChangeText<'_>) -> Change {
    let description = ChangeDescription::new(object.title(), text.field, text.from, text.to, text.why);
    Change {
        document: object.resource.document,
        planned: object.planned(node, op),
        description: Some(description),
        object: Some(object.key()),
        field: None,
        effect: effect(object.kind),
    }
}

/// Creates the changes that remove a flag. The value of `--flag value` is an item of its own: one removal describes both.
pub(super) fn remove_flag(object: &ConfigObject<'_>, flag: &Flag, why: &str) -> Vec<Change> {
    let text = ChangeText { field: &flag.name, from: flag.value.as_deref(), to: None, why };
    let mut changes: Vec<Change> =
        flag.items.iter().map(|item| change(object, *item, Op::Remove, text)).collect();
    for change in changes.iter_mut().skip(1) {
        change.description = None;
    }
    changes
}

/// Returns what must happen before a change of such an object has an effect.
fn effect(kind: ObjectKind) -> Effect {
    match kind {
        ObjectKind::Process(component) => Effect::Restart(component),
        ObjectKind::KubeletConfiguration | ObjectKind::Variables => Effect::Restart(Component::Kubelet),
        ObjectKind::KubeProxyConfiguration | ObjectKind::ProxyDaemonSet => Effect::Restart(Component::Proxy),
        ObjectKind::NodeCache => Effect::Restart(Component::NodeCache),
        ObjectKind::InitConfiguration
        | ObjectKind::JoinConfiguration
        | ObjectKind::InstallConfig
        | ObjectKind::KindCluster
        | ObjectKind::CapiCluster
        | ObjectKind::CapiKubeadm => Effect::NewClusterOnly,
        ObjectKind::ClusterConfiguration => Effect::RunKubeadm,
        ObjectKind::Service | ObjectKind::DnsService => Effect::UpdateService,
        ObjectKind::Corefile | ObjectKind::KubeDns => Effect::RestartDns,
        kind => kind.installer().map_or(Effect::Apply, Effect::RunInstaller),
    }
}

/// Returns the changes that make a list equal to `wanted`: items are set, removed, or added at the end.
pub(super) fn set_list(
    object: &ConfigObject<'_>,
    list: NodeId,
    wanted: &[String],
    field: &str,
    why: &str,
) -> Vec<Change> {
    let tree = object.tree();
    let items: Vec<NodeId> = tree.items(list).collect();
    let mut changes = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let from = tree.scalar(*item);
        match wanted.get(i) {
            Some(to) if from == Some(to) => {}
            Some(to) => {
                let op = Op::Set(Value::string(to));
                changes.push(change(object, *item, op, ChangeText { field, from, to: Some(to), why }));
            }
            None => {
                changes.push(change(object, *item, Op::Remove, ChangeText { field, from, to: None, why }));
            }
        }
    }
    for to in wanted.iter().skip(items.len()) {
        let op = Op::InsertItem(Placement::default(), Value::string(to));
        changes.push(change(object, list, op, ChangeText { field, from: None, to: Some(to), why }));
    }
    changes
}
