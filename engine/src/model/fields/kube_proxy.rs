//! kube-proxy: its `KubeProxyConfiguration` and DaemonSet; and kubeconfigs, in its ConfigMap or in separate files.

use super::{ClusterConfig, Component, ConfigObject, FieldKind, ObjectKind};
use crate::version::image_version;
use crate::yaml::NodeId;

pub(in crate::model) fn read<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::KubeProxyConfiguration);
    config.field(index, &["bindAddress"], FieldKind::ProxyBind);
    config.field(index, &["clusterCIDR"], FieldKind::ProxyRange);
    config.field(index, &["healthzBindAddress"], FieldKind::ProxyListen);
    config.field(index, &["metricsBindAddress"], FieldKind::ProxyListen);
    config.items(index, &["nodePortAddresses"], FieldKind::NodePortRange);
}

/// A kubeconfig: a file such as `/etc/kubernetes/kubelet.conf`, or `kubeconfig.conf` of the ConfigMap kube-proxy. Other
/// ConfigMaps with a kubeconfig are ignored.
pub(in crate::model) fn read_kubeconfig<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    if object.resource.kind == "ConfigMap" && object.resource.name != "kube-proxy" {
        return;
    }
    let tree = object.tree();
    let Some(clusters) = tree.get(object.root, "clusters") else { return };
    let servers: Vec<_> =
        tree.items(clusters).filter_map(|item| tree.at(item, &["cluster", "server"])).collect();
    let index = config.add(object, ObjectKind::Kubeconfig);
    for server in servers {
        config.field_at(index, server, "server".to_owned(), FieldKind::Server);
    }
}

/// A DaemonSet that runs kube-proxy.
pub(in crate::model) fn read_daemon_set<'d>(
    config: &mut ClusterConfig<'d>,
    object: ConfigObject<'d>,
    container: NodeId,
) {
    let tree = object.tree();
    let image = tree.get(container, "image").and_then(|n| tree.scalar(n));
    let version = image.and_then(image_version);
    let lists: Vec<_> = ["command", "args"].iter().filter_map(|key| tree.get(container, key)).collect();
    let index = config.add(object, ObjectKind::ProxyDaemonSet);
    config.note_release(version);
    for list in lists {
        config.add_words(index, Component::Proxy, list);
    }
}
