//! OpenShift: `install-config.yaml`, the cluster's Network and Infrastructure, the assisted installer's AgentClusterInstall.

use super::{ClusterConfig, ConfigObject, FieldKind, Items, ObjectKind};

/// The platforms with virtual IPs of the API and of ingress in `install-config.yaml` (openshift/installer `pkg/types`).
pub(crate) const PLATFORMS: [&str; 5] = ["baremetal", "vsphere", "openstack", "nutanix", "ovirt"];

pub(in crate::model) fn read_install_config<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::InstallConfig);
    read_networking(config, index, &["networking"]);
    for platform in PLATFORMS {
        for vips in ["apiVIPs", "ingressVIPs"] {
            config.list(index, &["platform", platform, vips], FieldKind::Vip, Items::Text);
        }
    }
}

/// `networks.config.openshift.io` and `networks.operator.openshift.io`.
pub(in crate::model) fn read_network<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    // The operator's Network often has no ranges.
    if ["clusterNetwork", "serviceNetwork"]
        .iter()
        .all(|key| object.tree().at(object.root, &["spec", key]).is_none())
    {
        return;
    }
    let index = config.add(object, ObjectKind::OpenShiftNetwork);
    read_networking(config, index, &["spec"]);
}

pub(in crate::model) fn read_agent<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::InstallConfig);
    read_networking(config, index, &["spec", "networking"]);
    for vips in ["apiVIPs", "ingressVIPs"] {
        config.list(index, &["spec", vips], FieldKind::Vip, Items::Text);
    }
}

pub(in crate::model) fn read_infrastructure<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::Infrastructure);
    for platform in PLATFORMS {
        let path = ["spec", "platformSpec", platform];
        for (key, kind) in [
            ("apiServerInternalIPs", FieldKind::Vip),
            ("ingressIPs", FieldKind::Vip),
            ("machineNetworks", FieldKind::MachineRange),
        ] {
            config.list(index, &[&path[..], &[key]].concat(), kind, Items::Text);
        }
    }
}

fn read_networking(config: &mut ClusterConfig<'_>, object: usize, path: &[&str]) {
    let at = |key| [path, &[key]].concat();
    config.list(object, &at("machineNetwork"), FieldKind::MachineRange, Items::Cidr);
    config.list(object, &at("clusterNetwork"), FieldKind::PodRange, Items::Cidr);
    config.list(object, &at("serviceNetwork"), FieldKind::ServiceRange, Items::Text);
}
