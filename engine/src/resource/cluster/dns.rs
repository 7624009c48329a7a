//! Cluster DNS: the Service `kube-dns`, the Corefile of CoreDNS.

use super::{Body, ClusterConfig, Role, Says};

/// The Service of cluster DNS, known by the label that both CoreDNS and kube-dns carry.
pub(super) fn read_service<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    let label = |path: &[&str]| body.text(path) == Some("kube-dns");
    let is_dns = label(&["metadata", "labels", "k8s-app"])
        || label(&["spec", "selector", "k8s-app"])
        || body.resource.name == "kube-dns";
    let is_system = !matches!(body.text(&["metadata", "namespace"]), Some(other) if other != "kube-system");
    if !is_dns || !is_system {
        return;
    }
    let index = config.add(body, Role::DnsService);
    config.field(index, &["spec", "clusterIP"], Says::DnsService);
    config.items(index, &["spec", "clusterIPs"], Says::DnsService);
}

/// The Corefile in the ConfigMap of CoreDNS.
pub(super) fn read_corefile<'d>(config: &mut ClusterConfig<'d>, body: &Body<'d>) {
    let is_system = !matches!(body.text(&["metadata", "namespace"]), Some(other) if other != "kube-system");
    if is_system && body.text(&["data", "Corefile"]).is_some() {
        config.add(body.clone(), Role::Corefile);
    }
}
