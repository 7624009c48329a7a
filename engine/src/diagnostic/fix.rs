//! Changes: what a rule wants, in terms of nodes and values, with the words that describe it.

use crate::model::Resource;
use crate::model::fields::{Component, FieldKind, Installer};
use crate::yaml::NodeId;
use crate::yaml::verify::Planned;

/// Whether a transform may write a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// Only shown.
    DisplayOnly,
    /// Correct for most clusters: applied on request only.
    Unsafe,
    /// Applied.
    Safe,
}

/// Changes that correct one finding: all of them are written, or none.
#[derive(Clone, Debug)]
pub struct Fix {
    /// Whether a transform may write it.
    pub applicability: Applicability,
    /// At least one.
    pub changes: Vec<Change>,
}

impl Fix {
    /// A fix that a transform writes.
    pub(crate) fn new(changes: Vec<Change>) -> Fix {
        Fix { applicability: Applicability::Safe, changes }
    }

    /// What it does, one line: `set --node-ip to 192.0.2.11,2001:db8::11`.
    #[must_use]
    pub fn title(&self) -> String {
        let mut described = self.changes.iter().filter_map(|change| change.description.as_ref());
        let Some(first) = described.next() else { return String::new() };
        let field = &first.field;
        let title = match (&first.from, &first.to) {
            (None, Some(to)) => format!("add {field}: {to}"),
            (Some(_), Some(to)) => format!("set {field} to {to}"),
            (_, None) => format!("remove {field}"),
        };
        match described.count() {
            0 => title,
            1 => format!("{title}, and one more change"),
            more => format!("{title}, and {more} more changes"),
        }
    }
}

/// One change.
#[derive(Clone, Debug)]
pub struct Change {
    /// The index of the document in its file.
    pub document: usize,
    /// What happens to which node.
    pub planned: Planned,
    /// How it is described; `None` for a part of another change.
    pub description: Option<ChangeDescription>,
    /// The object that it changes.
    pub object: Option<ObjectKey>,
    /// The field that it changes, if rules ask about that field.
    pub field: Option<FieldRef>,
    /// What must happen in a running cluster before the change has an effect.
    pub effect: Effect,
}

impl Change {
    /// Names the field, so that rules about changes can ask for it.
    pub(crate) fn of(self, kind: FieldKind, name: &str) -> Change {
        Change { field: Some(FieldRef { kind, name: name.to_owned() }), ..self }
    }

    /// Whether it changes this object, in a field of this kind.
    pub(crate) fn is_of(&self, object: ObjectKey, kind: FieldKind) -> bool {
        self.object == Some(object) && self.field.as_ref().is_some_and(|field| field.kind == kind)
    }
}

/// A change as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeDescription {
    /// `DaemonSet calico-node, container calico-node`.
    pub resource: String,
    /// `IP6`.
    pub field: String,
    /// The old value; `None` if it is new.
    pub from: Option<String>,
    /// The new value; `None` if it is removed.
    pub to: Option<String>,
    /// Why, in few words.
    pub why: String,
}

impl ChangeDescription {
    pub(crate) fn new(
        resource: String,
        field: &str,
        from: Option<&str>,
        to: Option<&str>,
        why: &str,
    ) -> ChangeDescription {
        let own = |text: Option<&str>| text.map(str::to_owned);
        ChangeDescription {
            resource,
            field: field.to_owned(),
            from: own(from),
            to: own(to),
            why: why.to_owned(),
        }
    }
}

/// An object of a file, or the document in one of its texts: the nodes that it consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectKey {
    /// The index of the document.
    pub document: usize,
    /// The mapping that is the object of the file.
    pub resource: NodeId,
    /// The scalar that holds the document inside; `None` for the object itself.
    pub inside: Option<NodeId>,
}

impl ObjectKey {
    pub(crate) fn of(resource: &Resource, inside: Option<NodeId>) -> ObjectKey {
        ObjectKey { document: resource.document, resource: resource.root, inside }
    }
}

/// A field of an object, in terms that do not depend on wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRef {
    /// What it holds.
    pub kind: FieldKind,
    /// Its name in the file: `--service-cluster-ip-range`, `networking.podSubnet`.
    pub name: String,
}

/// What must happen in a running cluster before a change has an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing beyond applying the file.
    Apply,
    /// The component must be restarted.
    Restart(Component),
    /// calico-node is rolled out again.
    RollOutCalicoNode,
    /// Existing pods keep their addresses until they are recreated.
    RecreatePods,
    /// kubeadm writes the static pods and its ConfigMaps again.
    RunKubeadm,
    /// An installer is run again, or for a new cluster.
    RunInstaller(Installer),
    /// The API server gives the Service its addresses when it is applied.
    UpdateService,
    /// The pods of cluster DNS read it when they are recreated.
    RestartDns,
    /// Only a new cluster reads it.
    NewClusterOnly,
    /// Certificates that name the old addresses must be issued again.
    ReissueCertificates,
}
