//! What an object is, and what a field holds.

use super::Component;
use crate::host::Form;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// Runs a component with flags: a static Pod, a systemd unit, an argument file of MicroK8s.
    Process(Component),
    /// Variables that hold flags of components: an environment file, `Environment=` of a unit.
    Variables,
    /// `ClusterConfiguration` of kubeadm.
    ClusterConfiguration,
    /// `MasterConfiguration` or `NodeConfiguration` of kubeadm before v1beta1; its fields are not read.
    OldKubeadm,
    /// `InitConfiguration` of kubeadm.
    InitConfiguration,
    /// `JoinConfiguration` of kubeadm.
    JoinConfiguration,
    /// `KubeletConfiguration`.
    KubeletConfiguration,
    /// `KubeProxyConfiguration`.
    KubeProxyConfiguration,
    /// A kubeconfig, including that of kube-proxy in its ConfigMap.
    Kubeconfig,
    /// The ConfigMap around configurations that kubeadm wrote.
    ConfigMap,
    /// The DaemonSet that runs kube-proxy.
    ProxyDaemonSet,
    /// An IP pool of Calico.
    IpPool,
    /// A node, of Kubernetes or Calico.
    Node,
    /// `FelixConfiguration`.
    FelixConfiguration,
    /// `BGPConfiguration`.
    BgpConfiguration,
    /// `BGPPeer`.
    BgpPeer,
    /// `BGPFilter` of Calico.
    BgpFilter,
    /// `Whisker`: the operator installs the web UI.
    Whisker,
    /// The ConfigMap with the address at which Calico reaches the API server or etcd.
    ServicesEndpoint,
    /// Pods, or a namespace, with annotations for Calico's IPAM.
    IpamAnnotations,
    /// The systemd unit of cri-dockerd.
    CriDockerd,
    /// `KubeControllersConfiguration`.
    KubeControllers,
    /// A network policy, of Kubernetes or Calico.
    Policy,
    /// An object with values for a Helm chart, or with manifests in a text.
    Wrapper,
    /// A Service of an application.
    Service,
    /// An EndpointSlice.
    EndpointSlice,
    /// The Service of the cluster's DNS.
    DnsService,
    /// `install-config.yaml` of OpenShift, or the object from which the assisted installer creates it.
    InstallConfig,
    /// OpenShift's `Network` of `config.openshift.io` or `operator.openshift.io`.
    OpenShiftNetwork,
    /// OpenShift's `Infrastructure`.
    Infrastructure,
    /// `config.yaml` of k3s or RKE2.
    K3s,
    /// `config.yaml` for some machines, in addition to one for all machines.
    K3sMachines,
    /// `Cluster` of Rancher, around the configuration of its machines.
    RancherCluster,
    /// `Cluster` of kind.
    KindCluster,
    /// Group variables of kubespray.
    Kubespray,
    /// Group variables of kubespray from which the pools of Calico are created.
    KubesprayCalico,
    /// `ClusterConfig` of k0s.
    K0s,
    /// `KubeOneCluster` of KubeOne.
    KubeOne,
    /// `cluster.yml` of RKE.
    Rke,
    /// Machine configuration of Talos.
    Talos,
    /// The launch configuration of MicroK8s.
    MicroK8s,
    /// `Cluster` of kops.
    Kops,
    /// `Cluster` of Cluster API.
    CapiCluster,
    /// kubeadm's documents inside an object of Cluster API.
    CapiKubeadm,
    /// A Corefile.
    Corefile,
    /// The DaemonSet of NodeLocal DNSCache.
    NodeCache,
    /// The Deployment of kube-dns.
    KubeDns,
    /// The DaemonSet that runs calico-node.
    CalicoNode,
    /// The operator's `Installation`, including Helm values.
    Installation,
    /// `ServiceCIDR`: service CIDRs in addition to the API server's flag.
    ServiceCidr,
    /// A pool of addresses for load balancers: MetalLB, Cilium.
    LoadBalancerPool,
    /// A BGP router that MetalLB peers with.
    LoadBalancerPeer,
    /// `NetworkSet` or `GlobalNetworkSet` of Calico.
    NetworkSet,
    /// `HostEndpoint` of Calico.
    HostEndpoint,
    /// An Ingress, or the ConfigMap of an ingress controller, with a list of clients or a switch of IPv6.
    Ingress,
}

/// A program that creates and changes clusters from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Installer {
    /// k3s or RKE2.
    K3s,
    /// kubespray.
    Kubespray,
    /// k0s.
    K0s,
    /// KubeOne.
    KubeOne,
    /// RKE.
    Rke,
    /// Talos.
    Talos,
    /// MicroK8s.
    MicroK8s,
    /// kops.
    Kops,
    /// OpenShift's operators.
    OpenShift,
}

impl ObjectKind {
    /// The installer that reads such a file; `None` if it is an object of the cluster, or read once by kubeadm.
    #[must_use]
    pub fn installer(self) -> Option<Installer> {
        Some(match self {
            ObjectKind::K3s | ObjectKind::K3sMachines => Installer::K3s,
            ObjectKind::Kubespray | ObjectKind::KubesprayCalico => Installer::Kubespray,
            ObjectKind::K0s => Installer::K0s,
            ObjectKind::KubeOne => Installer::KubeOne,
            ObjectKind::Rke => Installer::Rke,
            ObjectKind::Talos => Installer::Talos,
            ObjectKind::MicroK8s => Installer::MicroK8s,
            ObjectKind::Kops => Installer::Kops,
            ObjectKind::OpenShiftNetwork | ObjectKind::Infrastructure => Installer::OpenShift,
            _ => return None,
        })
    }
}

/// What a field contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// The service CIDRs.
    ServiceRange,
    /// The pod CIDRs.
    PodRange,
    /// The pod CIDRs, for kube-proxy.
    ProxyRange,
    /// The address that this API server advertises.
    Advertise,
    /// The advertised address with its port, in an annotation.
    AdvertiseEndpoint,
    /// The addresses of this node.
    NodeIp,
    /// The address of a host, which must not be in a range of the cluster; nothing changes it.
    HostAddress,
    /// The endpoint of the API server: a load balancer or a node.
    Endpoint,
    /// The endpoint of the API server as a URL.
    Server,
    /// The endpoints of etcd that the API server uses.
    EtcdServers,
    /// The URLs on which etcd listens, and those that it advertises.
    EtcdUrl,
    /// The address on which a component listens.
    Bind,
    /// The address on which kubelet listens.
    KubeletAddress,
    /// `bindAddress` of kube-proxy.
    ProxyBind,
    /// An address and port on which kube-proxy listens.
    ProxyListen,
    /// The host of a probe.
    ProbeHost,
    /// The addresses of cluster DNS in the resolv.conf of pods.
    ClusterDns,
    /// The cluster IP of cluster DNS.
    DnsService,
    /// The address on which a DNS server listens, or to which it forwards, with or without a port.
    DnsServer,
    /// A name or address in the API server's certificate.
    CertSan,
    /// The CIDR of an IP pool.
    Pool,
    /// The ranges that BGP announces.
    Advertised,
    /// The ranges of other addresses of Services that BGP announces.
    Announced,
    /// A BGP peer.
    Peer,
    /// The networks of the nodes.
    MachineRange,
    /// The virtual IPs of the API or of ingress.
    Vip,
    /// The ranges of the node addresses on which node ports are open.
    NodePortRange,
    /// `ipFamilyPolicy` of a Service.
    IpFamilyPolicy,
    /// Addresses for load balancers.
    LoadBalancerRange,
}

impl FieldKind {
    /// The form of the addresses in the text; `None` for ranges.
    #[must_use]
    pub fn form(self) -> Option<Form> {
        match self {
            FieldKind::ServiceRange
            | FieldKind::PodRange
            | FieldKind::ProxyRange
            | FieldKind::NodePortRange
            | FieldKind::MachineRange
            | FieldKind::Pool
            | FieldKind::Advertised
            | FieldKind::Announced
            | FieldKind::LoadBalancerRange
            | FieldKind::IpFamilyPolicy => None,
            FieldKind::AdvertiseEndpoint | FieldKind::Endpoint | FieldKind::ProxyListen | FieldKind::Peer => {
                Some(Form::HostPort)
            }
            FieldKind::Server | FieldKind::EtcdServers | FieldKind::EtcdUrl => Some(Form::Urls),
            FieldKind::Advertise
            | FieldKind::NodeIp
            | FieldKind::HostAddress
            | FieldKind::Bind
            | FieldKind::KubeletAddress
            | FieldKind::ProxyBind
            | FieldKind::ProbeHost
            | FieldKind::ClusterDns
            | FieldKind::DnsService
            | FieldKind::DnsServer
            | FieldKind::Vip
            | FieldKind::CertSan => Some(Form::Addresses),
        }
    }
}
