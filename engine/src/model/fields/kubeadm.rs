//! The documents that `kubeadm --config` reads, v1beta1 to v1beta4: the fields with addresses have the same names in all;
//! `extraArgs` are a mapping up to v1beta3 and a list from v1beta4 on (kubeadm `apis/kubeadm/v1beta*/types.go`).

use super::{ClusterConfig, Component, ConfigObject, FieldKind, Flags, ObjectKind, UnreadableValue};
use crate::version::Version;

pub(in crate::model) fn read_cluster<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    read_cluster_as(config, object, ObjectKind::ClusterConfiguration);
}

/// The same document below a key of another one.
pub(super) fn read_cluster_as<'d>(
    config: &mut ClusterConfig<'d>,
    object: ConfigObject<'d>,
    kind: ObjectKind,
) {
    let version = object.text(&["kubernetesVersion"]).and_then(Version::parse);
    let index = config.add(object, kind);
    config.note_release(version);
    config.field(index, &["controlPlaneEndpoint"], FieldKind::Endpoint);
    config.items(index, &["apiServer", "certSANs"], FieldKind::CertSan);
    config.items(index, &["etcd", "local", "serverCertSANs"], FieldKind::CertSan);
    config.items(index, &["etcd", "local", "peerCertSANs"], FieldKind::CertSan);
    config.items(index, &["etcd", "external", "endpoints"], FieldKind::EtcdServers);
    config.field(index, &["networking", "podSubnet"], FieldKind::PodRange);
    config.field(index, &["networking", "serviceSubnet"], FieldKind::ServiceRange);
    for (path, component) in [
        (&["apiServer", "extraArgs"][..], Component::ApiServer),
        (&["controllerManager", "extraArgs"], Component::ControllerManager),
        (&["scheduler", "extraArgs"], Component::Scheduler),
        (&["etcd", "local", "extraArgs"], Component::Etcd),
    ] {
        extra_args(config, index, path, component);
    }
}

/// A document before v1beta1: its fields are not read.
pub(in crate::model) fn read_old<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let version = object.text(&["kubernetesVersion"]).and_then(Version::parse);
    config.add(object, ObjectKind::OldKubeadm);
    config.note_release(version);
}

pub(in crate::model) fn read_init<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    read_init_as(config, object, ObjectKind::InitConfiguration);
}

/// The same document below a key of another one.
pub(super) fn read_init_as<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>, kind: ObjectKind) {
    let index = config.add(object, kind);
    config.field(index, &["localAPIEndpoint", "advertiseAddress"], FieldKind::Advertise);
    extra_args(config, index, &["nodeRegistration", "kubeletExtraArgs"], Component::Kubelet);
}

pub(in crate::model) fn read_join<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    read_join_as(config, object, ObjectKind::JoinConfiguration);
}

/// The same document below a key of another one.
pub(super) fn read_join_as<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>, kind: ObjectKind) {
    let index = config.add(object, kind);
    config.field(index, &["controlPlane", "localAPIEndpoint", "advertiseAddress"], FieldKind::Advertise);
    config.field(index, &["discovery", "bootstrapToken", "apiServerEndpoint"], FieldKind::Endpoint);
    extra_args(config, index, &["nodeRegistration", "kubeletExtraArgs"], Component::Kubelet);
}

/// Reads the flags at a path, in either form of kubeadm.
pub(super) fn extra_args(config: &mut ClusterConfig<'_>, object: usize, path: &[&str], component: Component) {
    let found = &config.objects[object];
    let Some(node) = found.tree().at(found.root, path) else { return };
    match Flags::extra(found.tree(), object, component, node) {
        Some(flags) => config.add_flags(flags, &format!("{}.", path.join("."))),
        None if found.tree().is_null(node) => {}
        None => config.unreadable.push(UnreadableValue { object, node, name: path.join("."), error: None }),
    }
}
