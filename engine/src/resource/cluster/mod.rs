//! What configures the cluster below Calico: static pods, kubeadm's documents, kubelet, kube-proxy, cluster DNS. Read into
//! fields: texts that say addresses or ranges, each with its place and its role. What a role must say is for the rules.

mod body;
mod calico;
mod dns;
mod flags;
mod installers;
mod kube_proxy;
mod kubeadm;
mod kubelet;
mod openshift;
mod pods;
mod words;

pub use body::{Body, name_of_image};
pub use calico::{NODE_ADDRESSES, nets as policy_nets};
pub use flags::{Flag, Flags, Shape};
pub use installers::{On, RangeKey, SPLIT, Split};
pub use openshift::PLATFORMS;

use super::{Documents, shape};
use crate::address::Family;
use crate::host::Form;
use crate::version::Version;
use crate::yaml::{Kind, NodeId};

/// Whose flags or fields these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// kube-apiserver.
    ApiServer,
    /// kube-controller-manager.
    ControllerManager,
    /// kube-scheduler.
    Scheduler,
    /// etcd.
    Etcd,
    /// kubelet.
    Kubelet,
    /// kube-proxy.
    Proxy,
    /// The cache of cluster DNS on each node.
    NodeCache,
}

impl Component {
    /// The name of its command.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Component::ApiServer => "kube-apiserver",
            Component::ControllerManager => "kube-controller-manager",
            Component::Scheduler => "kube-scheduler",
            Component::Etcd => "etcd",
            Component::Kubelet => "kubelet",
            Component::Proxy => "kube-proxy",
            Component::NodeCache => "node-cache",
        }
    }
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What runs a component with flags: a static Pod, a systemd unit, MicroK8s's file of its arguments.
    Process(Component),
    /// Variables that hold flags of components: an environment file, `Environment=` of a unit.
    Variables,
    /// `ClusterConfiguration` of kubeadm.
    ClusterConfiguration,
    /// `InitConfiguration` of kubeadm.
    InitConfiguration,
    /// `JoinConfiguration` of kubeadm.
    JoinConfiguration,
    /// `KubeletConfiguration`.
    KubeletConfiguration,
    /// `KubeProxyConfiguration`.
    KubeProxyConfiguration,
    /// A kubeconfig, also that of kube-proxy in its ConfigMap.
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
    /// `KubeControllersConfiguration`.
    KubeControllers,
    /// A network policy, of Kubernetes or Calico.
    Policy,
    /// A Service of an application.
    Service,
    /// The Service of the cluster's DNS.
    DnsService,
    /// `install-config.yaml` of OpenShift, or what the assisted installer makes one of.
    InstallConfig,
    /// OpenShift's `Network`, of the configuration or of the operator.
    OpenShiftNetwork,
    /// OpenShift's `Infrastructure`.
    Infrastructure,
    /// `config.yaml` of k3s or RKE2.
    K3s,
    /// `Cluster` of kind.
    KindCluster,
    /// Group variables of kubespray.
    Kubespray,
    /// `ClusterConfig` of k0s.
    K0s,
    /// The variables that MicroK8s makes its cluster from.
    MicroK8s,
    /// `Cluster` of kops.
    Kops,
    /// `Cluster` of Cluster API.
    CapiCluster,
    /// kubeadm's documents inside an object of Cluster API.
    CapiKubeadm,
    /// A Corefile.
    Corefile,
    /// The DaemonSet that caches cluster DNS on each node.
    NodeCache,
    /// The Deployment of kube-dns.
    KubeDns,
}

/// What a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// The ranges of cluster IPs.
    ServiceRange,
    /// The ranges of pods.
    PodRange,
    /// The ranges of pods, for kube-proxy.
    ProxyRange,
    /// The address under which this API server is known to the others.
    Advertise,
    /// The same with its port, in an annotation.
    AdvertiseEndpoint,
    /// The addresses of this node.
    NodeIp,
    /// Where the API server is reached: a load balancer or a node.
    Endpoint,
    /// The same as a URL.
    Server,
    /// Where the API server reaches etcd.
    EtcdServers,
    /// Where etcd listens and is reached.
    EtcdUrl,
    /// Where a component listens.
    Bind,
    /// Where kubelet listens.
    KubeletAddress,
    /// What kube-proxy takes for its node's family.
    ProxyBind,
    /// Where kube-proxy listens, with a port.
    ProxyListen,
    /// The host of a probe.
    ProbeHost,
    /// Addresses of cluster DNS that pods are told.
    ClusterDns,
    /// The cluster IP of cluster DNS.
    DnsService,
    /// Where a server of cluster DNS listens, or whom it asks; the same with a port.
    DnsServer,
    /// A name or address in the API server's certificate.
    CertSan,
    /// The range of an IP pool.
    Pool,
    /// The cluster IPs that BGP announces.
    Advertised,
    /// A BGP peer.
    Peer,
    /// The networks of the nodes.
    MachineRange,
    /// The virtual addresses of API or ingress.
    Vip,
    /// The ranges of the node addresses that node ports are opened on.
    NodePortRange,
}

impl Says {
    /// How the text holds addresses; none for ranges.
    #[must_use]
    pub fn form(self) -> Option<Form> {
        match self {
            Says::ServiceRange
            | Says::PodRange
            | Says::ProxyRange
            | Says::NodePortRange
            | Says::MachineRange
            | Says::Pool
            | Says::Advertised => None,
            Says::AdvertiseEndpoint | Says::Endpoint | Says::ProxyListen | Says::Peer => Some(Form::HostPort),
            Says::Server | Says::EtcdServers | Says::EtcdUrl => Some(Form::Urls),
            Says::Advertise
            | Says::NodeIp
            | Says::Bind
            | Says::KubeletAddress
            | Says::ProxyBind
            | Says::ProbeHost
            | Says::ClusterDns
            | Says::DnsService
            | Says::DnsServer
            | Says::Vip
            | Says::CertSan => Some(Form::Addresses),
        }
    }
}

/// A text that says addresses or ranges.
#[derive(Clone, Debug)]
pub struct Field {
    /// The index of its body.
    pub body: usize,
    /// The scalar.
    pub node: NodeId,
    /// What stands in the scalar before the value: `--advertise-address=`.
    pub prefix: String,
    /// The value.
    pub text: String,
    /// How people name it.
    pub name: String,
    /// What it says.
    pub says: Says,
    /// How it holds addresses; none for ranges.
    pub form: Option<Form>,
    /// The node is a list whose items say it together: `text` has them with commas between.
    pub items: Option<Items>,
    /// It says one family only, whatever is wanted: another key says the other.
    pub family: Option<Family>,
}

/// How the items of a list say ranges or addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Items {
    /// Each is one.
    Text,
    /// Each is a mapping with a `cidr`, and a `hostPrefix` where nodes get parts of it.
    Cidr,
}

/// What of a source configures the cluster.
#[derive(Clone, Debug, Default)]
pub struct ClusterConfig<'d> {
    /// The objects, in the order of the text.
    pub bodies: Vec<Body<'d>>,
    /// Their fields.
    pub fields: Vec<Field>,
    /// The flags of components in them.
    pub flags: Vec<Flags>,
    /// Values that are no text where one is wanted, or a text that is no document.
    pub odd: Vec<Odd>,
    /// The Kubernetes release that they tell.
    pub kubernetes: Option<Version>,
}

/// A place where something else stands than what the component reads.
#[derive(Clone, Debug)]
pub struct Odd {
    /// The index of its body.
    pub body: usize,
    /// The node.
    pub node: NodeId,
    /// How people name it.
    pub name: String,
    /// Why a text that should hold a document does not; none where it should be a plain text and is not.
    pub error: Option<(String, usize)>,
}

impl<'d> ClusterConfig<'d> {
    /// Reads what of a source configures the cluster.
    #[must_use]
    pub fn find(documents: &'d Documents<'_>) -> ClusterConfig<'d> {
        let mut config = ClusterConfig::default();
        for resource in &documents.resources {
            let Some(tree) = documents.tree(resource.document) else { continue };
            let body = Body::of(resource, tree);
            if tree.is_words() {
                words::read(&mut config, &body);
                continue;
            }
            match resource.kind.as_str() {
                "Pod" => pods::read(&mut config, body),
                "DaemonSet" => read_daemon_set(&mut config, body),
                "Deployment" => dns::read_deployment(&mut config, body),
                "ConfigMap" => body::read_config_map(&mut config, &body),
                shape::INSTALL_CONFIG => openshift::read_install_config(&mut config, body),
                shape::K3S_CONFIG => installers::read_k3s(&mut config, body),
                shape::KUBESPRAY_VARS => installers::read_split(&mut config, body, Role::Kubespray),
                "Service" => dns::read_service(&mut config, body),
                _ => read_configuration(&mut config, body),
            }
        }
        config
    }

    /// The fields that say one of these, each with its body.
    pub fn that_say<'a>(&'a self, says: &'a [Says]) -> impl Iterator<Item = (&'a Body<'d>, &'a Field)> + 'a {
        self.fields.iter().filter(|f| says.contains(&f.says)).map(|f| (&self.bodies[f.body], f))
    }

    /// The objects in this role.
    pub fn in_role(&self, role: Role) -> impl Iterator<Item = (usize, &Body<'d>)> {
        self.bodies.iter().enumerate().filter(move |(_, body)| body.role == role)
    }

    /// The flags of a component, each with its body.
    pub fn flags_of(&self, component: Component) -> impl Iterator<Item = (&Body<'d>, &Flags)> {
        self.flags.iter().filter(move |f| f.component == component).map(|f| (&self.bodies[f.body], f))
    }

    fn add(&mut self, mut body: Body<'d>, role: Role) -> usize {
        body.role = role;
        self.bodies.push(body);
        self.bodies.len() - 1
    }

    /// The scalar at `keys` below the root of a body as a field.
    fn field(&mut self, body: usize, keys: &[&str], says: Says) {
        let found = &self.bodies[body];
        let Some(node) = found.tree().at(found.root, keys) else { return };
        self.field_at(body, node, keys.join("."), says);
    }

    fn field_at(&mut self, body: usize, node: NodeId, name: String, says: Says) {
        let Some(text) = self.bodies[body].tree().scalar(node).map(str::to_owned) else {
            self.odd.push(Odd { body, node, name, error: None });
            return;
        };
        if !text.is_empty() {
            let form = says.form();
            let prefix = String::new();
            self.fields.push(Field { body, node, prefix, text, name, says, form, items: None, family: None });
        }
    }

    /// The list at `keys` as one field.
    fn list(&mut self, body: usize, keys: &[&str], says: Says, items: Items) {
        let found = &self.bodies[body];
        let Some(list) = found.tree().at(found.root, keys) else { return };
        let tree = found.tree();
        let text = |item| match items {
            Items::Text => tree.scalar(item),
            Items::Cidr => tree.scalar(tree.get(item, "cidr")?),
        };
        let texts: Option<Vec<&str>> = tree.items(list).map(text).collect();
        let name = keys.join(".");
        let (prefix, form) = (String::new(), says.form());
        match texts.filter(|_| tree.kind(list) == Kind::Sequence).map(|texts| texts.join(",")) {
            Some(text) if text.is_empty() => {}
            Some(text) => {
                let items = Some(items);
                self.fields.push(Field {
                    body,
                    node: list,
                    prefix,
                    text,
                    name,
                    says,
                    form,
                    items,
                    family: None,
                });
            }
            None => self.odd.push(Odd { body, node: list, name, error: None }),
        }
    }

    /// The items of the list at `keys` as fields.
    fn items(&mut self, body: usize, keys: &[&str], says: Says) {
        let found = &self.bodies[body];
        let Some(list) = found.tree().at(found.root, keys) else { return };
        // Nothing, or `null`, is no list and needs none.
        let is_list = found.tree().kind(list) == Kind::Sequence;
        if !is_list && found.tree().scalar(list).is_none_or(|text| !matches!(text, "" | "~" | "null")) {
            self.odd.push(Odd { body, node: list, name: keys.join("."), error: None });
        }
        let items: Vec<NodeId> = found.tree().items(list).collect();
        for item in items {
            self.field_at(body, item, keys.join("."), says);
        }
    }

    fn tells(&mut self, version: Option<Version>) {
        self.kubernetes = self.kubernetes.or(version);
    }
}

/// The DaemonSet of kube-proxy, or of the cache of cluster DNS.
fn read_daemon_set<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    if let Some(container) = body.container("kube-proxy") {
        kube_proxy::read_daemon_set(config, body, container);
    } else if let Some(container) = body.container("k8s-dns-node-cache") {
        dns::read_node_cache(config, body, container);
    }
}

/// A document of kubeadm, kubelet or kube-proxy: a document of its own, or a text in a ConfigMap.
fn read_configuration<'d>(config: &mut ClusterConfig<'d>, body: Body<'d>) {
    let text = |key| body.tree().get(body.root, key).and_then(|n| body.tree().scalar(n)).unwrap_or_default();
    let group = text("apiVersion").split('/').next().unwrap_or_default();
    match (group, text("kind")) {
        ("kubeadm.k8s.io", "ClusterConfiguration") => {
            kubeadm::read_cluster(config, body, Role::ClusterConfiguration);
        }
        ("kubeadm.k8s.io", "InitConfiguration") => kubeadm::read_init(config, body, Role::InitConfiguration),
        ("kubeadm.k8s.io", "JoinConfiguration") => kubeadm::read_join(config, body, Role::JoinConfiguration),
        ("config.openshift.io" | "operator.openshift.io", "Network") => openshift::read_network(config, body),
        ("config.openshift.io", "Infrastructure") => openshift::read_infrastructure(config, body),
        ("extensions.hive.openshift.io", "AgentClusterInstall") => openshift::read_agent(config, body),
        ("kind.x-k8s.io", "Cluster") => installers::read_kind(config, body),
        ("cluster.x-k8s.io", "Cluster") => installers::read_capi_cluster(config, body),
        ("kops.k8s.io", "Cluster") => drop(config.add(body, Role::Kops)),
        ("k0s.k0sproject.io", "ClusterConfig") => installers::read_split(config, body, Role::K0s),
        ("controlplane.cluster.x-k8s.io" | "bootstrap.cluster.x-k8s.io", _) => {
            installers::read_kubeadm_spec(config, &body);
        }
        ("projectcalico.org" | "crd.projectcalico.org", _) => calico::read(config, body),
        ("v1", "Node") => drop(config.add(body, Role::Node)),
        ("networking.k8s.io", "NetworkPolicy") => calico::read_policy(config, body),
        ("v1", "Config") => kube_proxy::read_kubeconfig(config, body),
        ("kubelet.config.k8s.io", "KubeletConfiguration") => kubelet::read(config, body),
        ("kubeproxy.config.k8s.io", "KubeProxyConfiguration") => kube_proxy::read(config, body),
        _ => {}
    }
}
