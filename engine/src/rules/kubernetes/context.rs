//! The Kubernetes layer as the rules see it, and helpers for their diagnostics and changes.

use super::list_edits;
use crate::address::{Family, family};
use crate::model::facts::cluster::{ClusterFacts, Ranges};
use crate::model::fields::{ClusterConfig, Component, ConfigObject, Field, FieldKind, Flag, ObjectKind};
use crate::model::{Documents, FileModel};
use crate::rules::{Change, ChangeDescription, Diagnostic, Effect, Fix, Metadata};
use crate::source::Source;
use crate::target::{AddressMap, RangeOf, Stack, Target};
use crate::version::{Gate, Version};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};
use ipnet::IpNet;
use std::collections::BTreeSet;

/// The Kubernetes layer in one source.
#[derive(Clone, Debug)]
pub struct LintContext<'d> {
    /// The source that was read.
    pub source: Source<'d>,
    /// The documents of this source.
    pub documents: &'d Documents<'d>,
    /// The requested target.
    pub target: &'d Target,
    /// The known facts of the cluster; those of this source have precedence.
    pub facts: ClusterFacts,
    /// The objects of this source.
    pub config: &'d ClusterConfig<'d>,
    /// The primary family before any change.
    pub(super) first: Option<Family>,
    /// The service CIDRs before any change.
    pub(super) services: Ranges,
    /// The address pairs of nodes and load balancers: given as options, otherwise found in the input.
    pub(super) address_map: AddressMap,
}

/// The facts of the cluster before any change.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// The primary family.
    pub primary: Option<Family>,
    /// The service CIDRs.
    pub services: Ranges,
}

impl Before {
    /// Takes the primary family and the service CIDRs from the facts.
    #[must_use]
    pub fn of(facts: &ClusterFacts) -> Before {
        Before { primary: facts.primary(), services: facts.services.clone() }
    }
}

impl<'d> LintContext<'d> {
    /// Reads the objects of a file; `known` are the facts that the files of the cluster state, this file first. Returns
    /// `None` if the file has no Kubernetes objects.
    pub(crate) fn read(
        file: &'d FileModel<'d>,
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
        let (source, config) = (file.documents.source, &file.objects);
        let Before { primary, services } = before;
        let documents = file.documents;
        Some(LintContext { source, documents, target, facts, config, first: primary, services, address_map })
    }

    /// Returns the titles of its objects, each once.
    #[must_use]
    pub fn titles(&self) -> Vec<String> {
        let mut known = BTreeSet::new();
        let titles = self.config.objects.iter().map(|object| object.resource.title());
        titles.filter(|title| known.insert(title.clone())).collect()
    }

    /// Returns the IP families of the CIDRs and node addresses that this file states.
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

    /// Returns the target families, the primary family first.
    pub(super) fn families(&self) -> Vec<Family> {
        self.target.families(self.first)
    }

    /// Returns the first target family that none of these CIDRs has.
    pub(super) fn missing(&self, nets: &[IpNet]) -> Option<Family> {
        self.families().into_iter().find(|target| nets.iter().all(|net| family(*net) != *target))
    }

    /// Returns the primary family of the target: the family of the API server's address, of cluster DNS, of a node's first
    /// address.
    pub(super) fn primary(&self) -> Family {
        self.target.primary(self.first)
    }

    /// Returns whether the primary family changes.
    pub(super) fn flips(&self) -> bool {
        self.first.is_some_and(|first| first != self.primary())
    }

    /// Returns the service CIDR of a family: the requested one, otherwise one in `own`, otherwise that of the other files.
    pub(super) fn service_range(&self, family: Family, own: &Ranges) -> Option<IpNet> {
        let requested = self.target.range(RangeOf::Services, family);
        requested.or_else(|| own.of(family)).or_else(|| self.facts.services.of(family))
    }

    /// Returns the pod CIDR of a family: the requested one, otherwise one in `own`, otherwise that of the other files.
    pub(super) fn pod_range(&self, family: Family, own: &Ranges) -> Option<IpNet> {
        let requested = self.target.range(RangeOf::Pods, family);
        requested.or_else(|| own.of(family)).or_else(|| self.facts.pods.of(family))
    }

    /// Returns whether the release is known and in a window of the gate.
    pub(super) fn holds(&self, gate: &Gate) -> bool {
        gate.holds(self.facts.kubernetes)
    }

    /// Returns whether the release is known and older.
    pub(super) fn before(&self, major: u16, minor: u16) -> bool {
        self.facts.kubernetes.is_some_and(|v| v < Version::new(major, minor, 0))
    }

    /// Creates a diagnostic at a node of an object.
    pub(super) fn at(&self, meta: &'static Metadata, object: &ConfigObject<'_>, node: NodeId) -> Diagnostic {
        Diagnostic { path: object.path(node), ..Diagnostic::at_range(meta, object.range(node)) }
    }

    /// Creates a diagnostic at a field.
    pub(super) fn at_field(&self, meta: &'static Metadata, field: &Field) -> Diagnostic {
        self.at(meta, &self.config.objects[field.object], field.node)
    }

    /// Creates a diagnostic at the kind of an object.
    pub(super) fn at_kind(&self, meta: &'static Metadata, object: &ConfigObject<'_>) -> Diagnostic {
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
        _ => Effect::Apply,
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
