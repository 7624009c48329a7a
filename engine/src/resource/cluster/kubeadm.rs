//! The documents that `kubeadm --config` reads, v1beta1 to v1beta4: the fields with addresses have the same names in all;
//! `extraArgs` are a mapping up to v1beta3 and a list from v1beta4 on (kubeadm `apis/kubeadm/v1beta*/types.go`).

use super::{Body, ClusterConfig, Component, Flags, Odd, Role, Says};
use crate::version::Version;

pub(super) fn read_cluster<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>, role: Role) {
    let version = body.text(&["kubernetesVersion"]).and_then(Version::parse);
    let index = config.add(body, role);
    config.tells(version);
    config.field(index, &["controlPlaneEndpoint"], Says::Endpoint);
    config.items(index, &["apiServer", "certSANs"], Says::CertSan);
    config.items(index, &["etcd", "local", "serverCertSANs"], Says::CertSan);
    config.items(index, &["etcd", "local", "peerCertSANs"], Says::CertSan);
    config.items(index, &["etcd", "external", "endpoints"], Says::EtcdServers);
    config.field(index, &["networking", "podSubnet"], Says::PodRange);
    config.field(index, &["networking", "serviceSubnet"], Says::ServiceRange);
    for (path, component) in [
        (&["apiServer", "extraArgs"][..], Component::ApiServer),
        (&["controllerManager", "extraArgs"], Component::ControllerManager),
        (&["scheduler", "extraArgs"], Component::Scheduler),
        (&["etcd", "local", "extraArgs"], Component::Etcd),
    ] {
        extra_args(config, index, path, component);
    }
}

pub(super) fn read_init<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>, role: Role) {
    let index = config.add(body, role);
    config.field(index, &["localAPIEndpoint", "advertiseAddress"], Says::Advertise);
    extra_args(config, index, &["nodeRegistration", "kubeletExtraArgs"], Component::Kubelet);
}

pub(super) fn read_join<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>, role: Role) {
    let index = config.add(body, role);
    config.field(index, &["controlPlane", "localAPIEndpoint", "advertiseAddress"], Says::Advertise);
    config.field(index, &["discovery", "bootstrapToken", "apiServerEndpoint"], Says::Endpoint);
    extra_args(config, index, &["nodeRegistration", "kubeletExtraArgs"], Component::Kubelet);
}

fn extra_args(config: &mut ClusterConfig<'_>, body: usize, path: &[&str], component: Component) {
    let found = &config.bodies[body];
    let Some(node) = found.tree().at(found.root, path) else { return };
    match Flags::extra(found.tree(), body, component, node) {
        Some(flags) => config.add_flags(flags, &format!("{}.", path.join("."))),
        None if matches!(found.tree().scalar(node), Some("" | "~" | "null")) => {}
        None => config.odd.push(Odd { body, node, name: path.join("."), error: None }),
    }
}
