//! The cluster below Calico, as the rules see it, and how they speak of it.

use super::list_edits;
use crate::address::{Family, family};
use crate::model::facts::cluster::{ClusterFacts, Ranges};
use crate::model::fields::{ClusterConfig, Component, ConfigObject, Field, FieldKind, ObjectKind};
use crate::model::{Documents, FileModel};
use crate::rules::{Change, ChangeDescription, Diagnostic, Effect, Fix, Metadata};
use crate::source::Source;
use crate::target::{AddressMap, RangeOf, Stack, Target};
use crate::version::{Gate, Version};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;

/// The cluster below Calico in one source.
#[derive(Clone, Debug)]
pub struct LintContext<'d> {
    /// Where it was read from.
    pub source: Source<'d>,
    /// The documents of this source.
    pub documents: &'d Documents<'d>,
    /// What is wanted.
    pub target: &'d Target,
    /// What is known, of this source first.
    pub facts: ClusterFacts,
    /// The objects of this source.
    pub config: ClusterConfig<'d>,
    /// The family that stood first before any change.
    pub(super) first: Option<Family>,
    /// The ranges of cluster IPs before any change.
    pub(super) services: Ranges,
    /// Both addresses of nodes and load balancers: typed, else told by the input.
    pub(super) address_map: AddressMap,
}

/// What was known of the cluster before any change.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// The primary family.
    pub primary: Option<Family>,
    /// The service CIDRs.
    pub services: Ranges,
}

impl Before {
    /// What the facts say.
    #[must_use]
    pub fn of(facts: &ClusterFacts) -> Before {
        Before { primary: facts.primary(), services: facts.services.clone() }
    }
}

impl<'d> LintContext<'d> {
    /// The objects of a file; `known` is what the files of the cluster state, this one first. `None` if the file has no
    /// such objects.
    pub(crate) fn read(
        file: &FileModel<'d>,
        target: &'d Target,
        known: &ClusterFacts,
        before: Before,
    ) -> Option<LintContext<'d>> {
        if file.objects.objects.is_empty() {
            return None;
        }
        let mut facts = known.clone();
        facts.kubernetes = target.kubernetes_version.or(facts.kubernetes);
        facts.calico = target.calico_version.or(facts.calico);
        let mut address_map = target.address_map.clone();
        for (ipv4, ipv6) in facts.address_map.pairs() {
            address_map.learn(ipv4, ipv6);
        }
        let (source, config) = (file.documents.source, file.objects.clone());
        let Before { primary, services } = before;
        let documents = file.documents;
        Some(LintContext { source, documents, target, facts, config, first: primary, services, address_map })
    }

    /// How people name its objects, each once.
    #[must_use]
    pub fn titles(&self) -> Vec<String> {
        let mut titles: Vec<String> = Vec::new();
        for object in &self.config.objects {
            let title = object.resource.title();
            if !titles.contains(&title) {
                titles.push(title);
            }
        }
        titles
    }

    /// The documents that its objects stand in.
    #[must_use]
    pub fn documents(&self) -> Vec<usize> {
        self.config.objects.iter().map(|object| object.resource.document).collect()
    }

    /// The IP families of the ranges and node addresses that this file states.
    pub(crate) fn stated_families(&self) -> Vec<Family> {
        let kinds = [
            FieldKind::ServiceRange,
            FieldKind::PodRange,
            FieldKind::ProxyRange,
            FieldKind::Pool,
            FieldKind::MachineRange,
            FieldKind::NodeIp,
        ];
        let parts = self.config.fields_of(&kinds).flat_map(|(_, field)| field.text.split(',').map(str::trim));
        let family = |text: &str| {
            let of_net = text.parse().ok().map(family);
            of_net.or_else(|| text.parse().ok().map(crate::address::family_of))
        };
        parts.filter_map(family).collect()
    }

    pub(super) fn is_dual(&self) -> bool {
        self.target.to == Stack::DualStack
    }

    pub(super) fn is_ipv6_only(&self) -> bool {
        self.target.to == Stack::Ipv6Only
    }

    /// The families that are wanted, the primary one first.
    pub(super) fn families(&self) -> Vec<Family> {
        self.target.families(self.first)
    }

    /// The first wanted family that none of these ranges is of.
    pub(super) fn missing(&self, nets: &[IpNet]) -> Option<Family> {
        self.families().into_iter().find(|wanted| nets.iter().all(|net| family(*net) != *wanted))
    }

    /// The family that shall stand first: that of the API server's address, of cluster DNS, of a node's first address.
    pub(super) fn primary(&self) -> Family {
        self.target.primary(self.first)
    }

    /// Whether another family stands first now.
    pub(super) fn flips(&self) -> bool {
        self.first.is_some_and(|first| first != self.primary())
    }

    /// The wanted range of cluster IPs of a family: asked for, else `own`, else what the other files say.
    pub(super) fn service_range(&self, wanted: Family, own: &Ranges) -> Option<IpNet> {
        let asked = self.target.range(RangeOf::Services, wanted);
        asked.or_else(|| own.of(wanted)).or_else(|| self.facts.services.of(wanted))
    }

    /// The wanted range of pods of a family.
    pub(super) fn pod_range(&self, wanted: Family, own: &Ranges) -> Option<IpNet> {
        let asked = self.target.range(RangeOf::Pods, wanted);
        asked.or_else(|| own.of(wanted)).or_else(|| self.facts.pods.of(wanted))
    }

    /// Whether the release is known and in a window of the gate.
    pub(super) fn holds(&self, gate: &Gate) -> bool {
        gate.holds(self.facts.kubernetes)
    }

    /// Whether the release is known and older.
    pub(super) fn before(&self, major: u16, minor: u16) -> bool {
        self.facts.kubernetes.is_some_and(|v| v < Version::new(major, minor, 0))
    }

    /// A diagnostic at a node of an object.
    pub(super) fn at(&self, meta: &'static Metadata, object: &ConfigObject<'_>, node: NodeId) -> Diagnostic {
        Diagnostic { path: object.path(node), ..Diagnostic::at_range(meta, object.range(node)) }
    }

    /// A diagnostic at a field.
    pub(super) fn at_field(&self, meta: &'static Metadata, field: &Field) -> Diagnostic {
        self.at(meta, &self.config.objects[field.object], field.node)
    }

    /// A diagnostic at the kind of an object.
    pub(super) fn at_kind(&self, meta: &'static Metadata, object: &ConfigObject<'_>) -> Diagnostic {
        self.at(meta, object, object.tree().get(object.root, "kind").unwrap_or(object.root))
    }

    /// A field gets another value.
    pub(super) fn set(&self, field: &Field, value: &str, why: &str) -> Fix {
        let object = &self.config.objects[field.object];
        if let Some(items) = field.items {
            let wanted: Vec<String> = value.split(',').map(str::to_owned).collect();
            let changes = list_edits::bring(object, field.node, items, &wanted, &field.name, why);
            let of = |change: Change| change.of(field.kind, &field.name);
            return Fix::new(changes.into_iter().map(of).collect());
        }
        let told = ChangeText { field: &field.name, from: Some(&field.text), to: Some(value), why };
        let op = Op::Set(Value::string(format!("{}{value}", field.prefix)));
        Fix::new(vec![change(object, field.node, op, told).of(field.kind, &field.name)])
    }
}

/// A change, as people read it.
#[derive(Clone, Copy)]
pub(super) struct ChangeText<'a> {
    pub(super) field: &'a str,
    pub(super) from: Option<&'a str>,
    pub(super) to: Option<&'a str>,
    pub(super) why: &'a str,
}

/// A change of a node of an object.
pub(super) fn change(object: &ConfigObject<'_>, node: NodeId, op: Op, told: ChangeText<'_>) -> Change {
    let description = ChangeDescription::new(object.title(), told.field, told.from, told.to, told.why);
    Change {
        document: object.resource.document,
        planned: object.planned(node, op),
        description: Some(description),
        object: Some(object.key()),
        field: None,
        effect: effect(object.kind),
    }
}

/// What must happen before a change of such an object has an effect.
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
        _ => Effect::Apply,
    }
}

/// The changes that bring the items of a list to `wanted`, in its order: items are set, taken out, and added at the end.
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
