//! Defaults are facts: a missing flag or field has its default value, at the location of its command or object.

use crate::model::Documents;
use crate::model::facts::cluster::{API_SERVER_SERVICES, KUBEADM_SERVICES};
use crate::model::facts::stated::{About, StatedValue};
use crate::model::fields::{ClusterConfig, Component, FieldKind, ObjectKind, Shape};
use crate::yaml::NodeId;

/// The service CIDRs that are defaults.
pub(super) fn defaults(config: &ClusterConfig<'_>, documents: &Documents<'_>) -> Vec<StatedValue> {
    let mut all = Vec::new();
    for (index, object) in config.objects.iter().enumerate() {
        let found = match object.kind {
            ObjectKind::ClusterConfiguration if !has_service_range(config, index) => {
                Some((KUBEADM_SERVICES, "networking.serviceSubnet", object.root))
            }
            ObjectKind::Process(Component::ApiServer) => config
                .api_server_without_range(index)
                .filter(|without| without.is_complete)
                .map(|without| (API_SERVER_SERVICES, "--service-cluster-ip-range", without.command)),
            _ => None,
        };
        let Some((text, name, node)) = found else { continue };
        let Ok(net) = text.parse() else { continue };
        let place = documents.place(object.start(node));
        let by = format!("{}, the default of {name}", object.title());
        all.push(StatedValue { about: About::Services, net, by, place, kind: object.kind, is_proxy: false });
    }
    all
}

fn has_service_range(config: &ClusterConfig<'_>, index: usize) -> bool {
    config.fields_of_object(index).any(|field| field.kind == FieldKind::ServiceRange)
}

/// An API server that is started without a service range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WithoutRange {
    /// The list of the arguments of its command.
    pub command: NodeId,
    /// The index of its flags.
    pub flags: usize,
    /// Whether no other file can hold the flag: a systemd unit has drop-ins and variables.
    pub is_complete: bool,
    /// Whether one of the arguments is a variable.
    pub expands: bool,
}

impl ClusterConfig<'_> {
    /// Whether the API server that this object runs has no `--service-cluster-ip-range`.
    #[must_use]
    pub(crate) fn api_server_without_range(&self, object: usize) -> Option<WithoutRange> {
        let own = || self.flags.iter().enumerate().filter(move |(_, flags)| flags.object == object);
        // Arguments from a shell, a variable or a file cannot be read here.
        let is_unread = own().any(|(_, flags)| {
            let has_unreadable_value = |name| flags.value(name).is_some_and(|text| text.contains('$'));
            flags.script.is_some()
                || !flags.unreadable.is_empty()
                || has_unreadable_value("service-cluster-ip-range")
        });
        let has_flag = own().any(|(_, flags)| flags.get("service-cluster-ip-range").is_some());
        if is_unread || has_flag {
            return None;
        }
        let (index, flags) = own().max_by_key(|(_, flags)| flags.flags.len())?;
        let Shape::Words(command) = flags.shape else { return None };
        let tree = self.objects[object].tree();
        let expands =
            |list| tree.items(list).any(|word| tree.scalar(word).is_none_or(|t| t.starts_with('$')));
        let expands = expands(command);
        let is_complete = !expands && self.objects[object].resource.kind != "systemd unit";
        Some(WithoutRange { command, flags: index, is_complete, expands })
    }
}
