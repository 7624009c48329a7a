//! `KubeletConfiguration`: in `/var/lib/kubelet/config.yaml`, in kubeadm's input and in its ConfigMap.

use super::{ClusterConfig, ConfigObject, FieldKind, ObjectKind};

pub(in crate::model) fn read<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::KubeletConfiguration);
    config.field(index, &["address"], FieldKind::KubeletAddress);
    config.items(index, &["clusterDNS"], FieldKind::ClusterDns);
}
