//! The kinds of objects and files that are read: one row for each, with the group, the reader and the page of the documentation.

use super::fields::{
    self, ClusterConfig, ConfigObject, ObjectKind, address_lists, calico, dns, installers, kube_proxy,
    kubeadm, kubelet, object, openshift, pods,
};
use super::keyless_kind::{
    COREDNS_VALUES, FLEET, HELM_VALUES, INSTALL_CONFIG, K3S_CONFIG, KUBESPRAY_VARS, RKE, TALOS,
};
use super::wrappers::{self, argo, flux, k3s, others};

/// Reads the fields of an object.
type Fields = for<'d> fn(&mut ClusterConfig<'d>, ConfigObject<'d>);

/// A kind of object or file that is read.
#[derive(Clone, Copy, Debug)]
pub struct KindSpec {
    /// `kind`; for a file without a `kind`, the name from `keyless_kind`.
    pub kind: &'static str,
    /// The API groups, without versions; the whole `apiVersion` of a core kind. Empty if the kind is enough.
    pub groups: &'static [&'static str],
    /// Texts of which a relevant document contains at least one: other documents are not parsed.
    pub hints: &'static [&'static str],
    /// The name of its page below `docs/files`.
    pub page: &'static str,
    /// Reads the fields and flags that rules ask about. Installations and Calico's manifest have readers of their own.
    pub(super) fields: Option<Fields>,
    /// Finds the values for a Helm chart.
    pub(super) values: Option<wrappers::Reader>,
}

impl KindSpec {
    const fn fields(self, fields: Fields) -> KindSpec {
        KindSpec { fields: Some(fields), ..self }
    }

    const fn values(self, values: wrappers::Reader) -> KindSpec {
        KindSpec { values: Some(values), ..self }
    }

    /// Whether a document of this kind may be relevant; `holds` searches it for a text.
    pub(super) fn may_be(&self, holds: impl Fn(&str) -> bool) -> bool {
        self.hints.iter().any(|hint| holds(hint))
    }

    /// Whether it is the kind of an object with this `kind` and `apiVersion`.
    pub(super) fn is(&self, kind: &str, api_version: &str) -> bool {
        let group = api_version.split('/').next().unwrap_or_default();
        self.kind == kind && (self.groups.is_empty() || self.groups.contains(&group))
    }
}

const fn kind(
    kind: &'static str,
    groups: &'static [&'static str],
    hints: &'static [&'static str],
    page: &'static str,
) -> KindSpec {
    KindSpec { kind, groups, hints, page, fields: None, values: None }
}

const ANY: &[&str] = &[];
/// A file without a `kind` is found by its keys, a Secret by the manifests in it.
const NONE: &[&str] = &[];
const CALICO: &[&str] = &["projectcalico.org", "crd.projectcalico.org"];
const KUBEADM: &[&str] = &["kubeadm.k8s.io"];
const INFRASTRUCTURE: &[&str] = &["infrastructure.cluster.x-k8s.io"];
const CLUSTER_API: &[&str] = &["controlplane.cluster.x-k8s.io", "bootstrap.cluster.x-k8s.io"];
const CHARTS: &[&str] = &["calico", "tigera-operator", "coredns"];
/// The prefix of the annotations with which pods select their addresses.
const IPAM: &str = "cni.projectcalico.org/ip";
/// Parts of the names of annotations with lists of clients, and of those with lines of nginx's configuration.
const INGRESS: &[&str] = &[
    "source-range",
    "whitelist",
    "allow",
    "deny",
    "blacklist",
    "blocklist",
    "inbound-cidrs",
    "snippet",
    "source-ip",
];
const POLICY: &[&str] = &["nets", "notNets", "ICMP", "ipVersion"];

/// All kinds, in the order of the documentation.
pub const KINDS: &[KindSpec] = &[
    // Calico, from its manifest.
    kind(
        "ConfigMap",
        ANY,
        &[
            "cni_network_config",
            "calico_backend",
            "kubeadm.k8s.io",
            "MasterConfiguration",
            ".config.k8s.io",
            "Corefile",
            "coredns-custom",
            "upstreamNameservers",
            "address-pools",
            "-source-range",
            "block-cidrs",
            "kubevip",
            "KUBERNETES_SERVICE_HOST",
            "etcd_endpoints",
            "disable-ipv6",
        ],
        "calico-manifest",
    )
    .fields(|config, object| object::read_config_map(config, &object)),
    kind("Kustomization", ANY, &["newTag", "patch", "helmCharts", "configMapGenerator"], "calico-manifest")
        .values(others::read_kustomization),
    kind("DaemonSet", ANY, &["calico", "kube-proxy", "k8s-dns-node-cache", IPAM], "calico-manifest")
        .fields(fields::read_daemon_set),
    // Calico, from its operator.
    kind("Installation", &["operator.tigera.io"], &["tigera.io"], "installation"),
    kind("ImageSet", &["operator.tigera.io"], &["tigera.io"], "installation"),
    kind("Whisker", &["operator.tigera.io"], &["tigera.io"], "installation")
        .fields(|config, object| config.note(object, ObjectKind::Whisker)),
    kind("Deployment", ANY, &["tigera/operator", "calico", "/k8s-dns-", "/kubedns-", IPAM], "installation")
        .fields(dns::read_deployment),
    kind(HELM_VALUES, ANY, NONE, "helm-values"),
    kind(
        "HelmChart",
        &["helm.cattle.io"],
        &["valuesContent", "calico", "tigera-operator", "coredns"],
        "helm-values",
    )
    .values(k3s::read),
    kind("HelmChartConfig", &["helm.cattle.io"], &["valuesContent"], "helm-values").values(k3s::read),
    kind(
        "HelmRelease",
        &["helm.toolkit.fluxcd.io"],
        &["calico", "tigera-operator", "coredns", "chartRef"],
        "wrappers",
    )
    .values(flux::read),
    kind("OCIRepository", &["source.toolkit.fluxcd.io"], CHARTS, "wrappers"),
    kind("Application", &["argoproj.io"], CHARTS, "wrappers").values(argo::read_application),
    kind("ApplicationSet", &["argoproj.io"], CHARTS, "wrappers").values(argo::read_application_set),
    kind("HelmChartProxy", &["addons.cluster.x-k8s.io"], CHARTS, "wrappers")
        .values(others::read_helm_chart_proxy),
    kind("Cluster", &["provisioning.cattle.io"], &["provisioning.cattle.io"], "wrappers")
        .fields(|config, object| installers::read_rancher(config, &object))
        .values(others::read_rancher_cluster),
    kind(FLEET, ANY, NONE, "wrappers").values(others::read_fleet),
    kind("Secret", ANY, NONE, "wrappers"),
    // Calico's own objects, and policies.
    kind("IPPool", CALICO, &["projectcalico.org"], "calico-objects").fields(calico::read),
    kind("FelixConfiguration", CALICO, &["projectcalico.org"], "calico-objects").fields(calico::read),
    kind("BGPConfiguration", CALICO, &["projectcalico.org"], "calico-objects").fields(calico::read),
    kind("BGPPeer", CALICO, &["projectcalico.org"], "calico-objects").fields(calico::read),
    kind("BGPFilter", CALICO, &["projectcalico.org"], "calico-objects").fields(calico::read),
    kind("KubeControllersConfiguration", CALICO, &["interfaceCIDRs"], "calico-objects").fields(calico::read),
    kind("ClusterInformation", CALICO, &["calicoVersion"], "calico-objects").fields(calico::read),
    kind("NetworkSet", CALICO, &["projectcalico.org"], "calico-objects").fields(calico::read),
    kind("GlobalNetworkSet", CALICO, &["projectcalico.org"], "calico-objects").fields(calico::read),
    kind("HostEndpoint", CALICO, &["projectcalico.org"], "calico-objects").fields(calico::read),
    kind(
        "Node",
        &["v1", "projectcalico.org", "crd.projectcalico.org"],
        &["projectcalico.org/", "addresses"],
        "calico-objects",
    )
    .fields(calico::read),
    kind(
        "NetworkPolicy",
        &["networking.k8s.io", "projectcalico.org", "crd.projectcalico.org"],
        &["cidr", "nets", "notNets", "ICMP", "ipVersion"],
        "calico-objects",
    )
    .fields(calico::read),
    kind("GlobalNetworkPolicy", CALICO, POLICY, "calico-objects").fields(calico::read),
    kind("StagedNetworkPolicy", CALICO, POLICY, "calico-objects").fields(calico::read),
    kind("StagedGlobalNetworkPolicy", CALICO, POLICY, "calico-objects").fields(calico::read),
    kind("AdminNetworkPolicy", &["policy.networking.k8s.io"], &["networks"], "calico-objects")
        .fields(calico::read_policy),
    kind("BaselineAdminNetworkPolicy", &["policy.networking.k8s.io"], &["networks"], "calico-objects")
        .fields(calico::read_policy),
    kind("ClusterNetworkPolicy", &["policy.networking.k8s.io"], &["networks"], "calico-objects")
        .fields(calico::read_policy),
    kind("Tier", CALICO, &["Pass"], "calico-objects"),
    // Pods that select their addresses.
    kind("StatefulSet", &["apps"], &[IPAM], "calico-objects"),
    kind("ReplicaSet", &["apps"], &[IPAM], "calico-objects"),
    kind("Job", &["batch"], &[IPAM], "calico-objects"),
    kind("CronJob", &["batch"], &[IPAM], "calico-objects"),
    kind("Namespace", &["v1"], &[IPAM], "calico-objects"),
    // kubeadm, and what it writes.
    kind("ClusterConfiguration", KUBEADM, &["kubeadm.k8s.io"], "kubeadm").fields(kubeadm::read_cluster),
    kind("InitConfiguration", KUBEADM, &["kubeadm.k8s.io"], "kubeadm").fields(kubeadm::read_init),
    kind("JoinConfiguration", KUBEADM, &["kubeadm.k8s.io"], "kubeadm").fields(kubeadm::read_join),
    kind("MasterConfiguration", KUBEADM, &["kubeadm.k8s.io"], "kubeadm").fields(kubeadm::read_old),
    kind("NodeConfiguration", KUBEADM, &["kubeadm.k8s.io"], "kubeadm").fields(kubeadm::read_old),
    kind(
        "Pod",
        ANY,
        &["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd", "hyperkube", IPAM],
        "static-pods",
    )
    .fields(pods::read),
    kind("KubeletConfiguration", &["kubelet.config.k8s.io"], &["kubelet.config.k8s.io"], "kubelet")
        .fields(kubelet::read),
    kind("KubeProxyConfiguration", &["kubeproxy.config.k8s.io"], &["kubeproxy.config.k8s.io"], "kube-proxy")
        .fields(kube_proxy::read),
    kind("Config", &["v1"], &["server:", "server\":"], "kubeconfig").fields(kube_proxy::read_kubeconfig),
    // Services and their addresses.
    kind("Service", ANY, &["spec"], "services").fields(dns::read_service),
    kind("EndpointSlice", &["discovery.k8s.io"], &["discovery.k8s.io"], "services")
        .fields(|config, object| config.note(object, ObjectKind::EndpointSlice)),
    kind("Endpoints", &["v1"], &["subsets"], "services")
        .fields(|config, object| config.note(object, ObjectKind::EndpointSlice)),
    kind("ServiceCIDR", &["networking.k8s.io"], &["networking.k8s.io"], "services")
        .fields(address_lists::read_service_cidr),
    kind("Ingress", &["networking.k8s.io", "extensions"], INGRESS, "services")
        .fields(address_lists::read_ingress),
    kind("IPAddressPool", &["metallb.io"], &["metallb.io"], "services").fields(address_lists::read_metallb),
    kind("AddressPool", &["metallb.io"], &["metallb.io"], "services").fields(address_lists::read_metallb),
    kind("BGPPeer", &["metallb.io"], &["metallb.io"], "services").fields(address_lists::read_metallb),
    kind("CiliumLoadBalancerIPPool", &["cilium.io"], &["cilium.io"], "services")
        .fields(address_lists::read_cilium),
    kind(COREDNS_VALUES, ANY, NONE, "cluster-dns").fields(dns::read_chart_values),
    // Installers.
    kind(INSTALL_CONFIG, ANY, NONE, "openshift").fields(openshift::read_install_config),
    kind("Network", &["config.openshift.io", "operator.openshift.io"], &["openshift.io"], "openshift")
        .fields(openshift::read_network),
    kind("Infrastructure", &["config.openshift.io"], &["openshift.io"], "openshift")
        .fields(openshift::read_infrastructure),
    kind("AgentClusterInstall", &["extensions.hive.openshift.io"], &["openshift.io"], "openshift")
        .fields(openshift::read_agent),
    kind(K3S_CONFIG, ANY, NONE, "k3s").fields(installers::read_k3s),
    kind("Cluster", &["cluster.x-k8s.io"], &["cluster.x-k8s.io"], "cluster-api")
        .fields(installers::read_capi_cluster),
    kind("VSphereCluster", INFRASTRUCTURE, &["controlPlaneEndpoint"], "cluster-api")
        .fields(installers::read_capi_cluster),
    kind("Metal3Cluster", INFRASTRUCTURE, &["controlPlaneEndpoint"], "cluster-api")
        .fields(installers::read_capi_cluster),
    kind("ProxmoxCluster", INFRASTRUCTURE, &["controlPlaneEndpoint"], "cluster-api")
        .fields(installers::read_capi_cluster),
    kind("NutanixCluster", INFRASTRUCTURE, &["controlPlaneEndpoint"], "cluster-api")
        .fields(installers::read_capi_cluster),
    kind("KubeadmControlPlane", CLUSTER_API, &["cluster.x-k8s.io"], "cluster-api")
        .fields(|config, object| installers::read_kubeadm_spec(config, &object)),
    kind("KubeadmControlPlaneTemplate", CLUSTER_API, &["cluster.x-k8s.io"], "cluster-api")
        .fields(|config, object| installers::read_kubeadm_spec(config, &object)),
    kind("KubeadmConfig", CLUSTER_API, &["cluster.x-k8s.io"], "cluster-api")
        .fields(|config, object| installers::read_kubeadm_spec(config, &object)),
    kind("KubeadmConfigTemplate", CLUSTER_API, &["cluster.x-k8s.io"], "cluster-api")
        .fields(|config, object| installers::read_kubeadm_spec(config, &object)),
    kind("Cluster", &["kind.x-k8s.io"], &["kind.x-k8s.io"], "installers").fields(installers::read_kind),
    kind("Cluster", &["kops.k8s.io"], &["kops.k8s.io"], "installers")
        .fields(|config, object| config.note(object, ObjectKind::Kops)),
    kind("Cluster", &["k0sctl.k0sproject.io"], &["k0sctl.k0sproject.io"], "installers")
        .fields(|config, object| installers::read_k0sctl(config, &object)),
    kind("ClusterConfig", &["k0s.k0sproject.io"], &["k0s.k0sproject.io"], "installers")
        .fields(|config, object| _ = installers::read_split(config, object, ObjectKind::K0s)),
    kind("KubeOneCluster", &["kubeone.k8c.io"], &["kubeone.k8c.io"], "installers")
        .fields(|config, object| _ = installers::read_split(config, object, ObjectKind::KubeOne)),
    kind("KubeNetworkConfig", &["v1alpha1"], &["podSubnets", "serviceSubnets"], "installers")
        .fields(installers::read_talos),
    kind(KUBESPRAY_VARS, ANY, NONE, "installers")
        .fields(|config, object| installers::read_kubespray(config, &object)),
    kind(TALOS, ANY, NONE, "installers").fields(installers::read_talos),
    kind(RKE, ANY, NONE, "installers").fields(installers::read_rke),
];
