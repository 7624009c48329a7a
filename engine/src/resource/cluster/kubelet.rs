//! `KubeletConfiguration`, of `/var/lib/kubelet/config.yaml`, of kubeadm's input and of its ConfigMap.

use super::{Body, ClusterConfig, Role, Says};

pub(super) fn read<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    let index = config.add(body, Role::KubeletConfiguration);
    config.field(index, &["address"], Says::KubeletAddress);
    config.items(index, &["clusterDNS"], Says::ClusterDns);
}
