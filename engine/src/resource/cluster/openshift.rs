//! OpenShift: `install-config.yaml`, the cluster's Network and Infrastructure, the assisted installer's AgentClusterInstall.

use super::{Body, ClusterConfig, Items, Role, Says};

/// The platforms with addresses of the API and of ingress in `install-config.yaml` (openshift/installer `pkg/types`).
pub const PLATFORMS: [&str; 5] = ["baremetal", "vsphere", "openstack", "nutanix", "ovirt"];

pub(super) fn read_install_config<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    let index = config.add(body, Role::InstallConfig);
    read_networking(config, index, &["networking"]);
    for platform in PLATFORMS {
        for vips in ["apiVIPs", "ingressVIPs"] {
            config.list(index, &["platform", platform, vips], Says::Vip, Items::Text);
        }
    }
}

/// `networks.config.openshift.io` and `networks.operator.openshift.io`.
pub(super) fn read_network<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    // The operator's own often says nothing of ranges.
    if ["clusterNetwork", "serviceNetwork"]
        .iter()
        .all(|key| body.tree().at(body.root, &["spec", key]).is_none())
    {
        return;
    }
    let index = config.add(body, Role::OpenShiftNetwork);
    read_networking(config, index, &["spec"]);
}

pub(super) fn read_agent<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    let index = config.add(body, Role::InstallConfig);
    read_networking(config, index, &["spec", "networking"]);
    for vips in ["apiVIPs", "ingressVIPs"] {
        config.list(index, &["spec", vips], Says::Vip, Items::Text);
    }
}

pub(super) fn read_infrastructure<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    let index = config.add(body, Role::Infrastructure);
    for platform in PLATFORMS {
        let path = ["spec", "platformSpec", platform];
        for (key, says) in [
            ("apiServerInternalIPs", Says::Vip),
            ("ingressIPs", Says::Vip),
            ("machineNetworks", Says::MachineRange),
        ] {
            config.list(index, &[&path[..], &[key]].concat(), says, Items::Text);
        }
    }
}

fn read_networking(config: &mut ClusterConfig<'_>, body: usize, path: &[&str]) {
    let at = |key| [path, &[key]].concat();
    config.list(body, &at("machineNetwork"), Says::MachineRange, Items::Cidr);
    config.list(body, &at("clusterNetwork"), Says::PodRange, Items::Cidr);
    config.list(body, &at("serviceNetwork"), Says::ServiceRange, Items::Text);
}
