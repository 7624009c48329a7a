//! The facts about a Calico installation.

pub(crate) mod calico_settings;
pub(crate) mod cluster;
pub(crate) mod defaults;
pub(crate) mod defined_pool;
pub(crate) mod duplicates;
pub(crate) mod endpoint_slices;
pub(crate) mod first_range;
pub(crate) mod inventory;
pub(crate) mod listed;
pub(crate) mod lists;
pub(crate) mod node_address;
pub(crate) mod settings;
pub(crate) mod stated;

use crate::address::Family;
use crate::model::calico_config::{CalicoConfig, Cni};
use crate::model::calico_node::{CalicoNode, EnvValue};
use crate::model::facts::cluster::{ClusterFacts, Ranges};
use crate::model::fields::calico_release;
use crate::model::installation::{Installation, operator_version, release_of_deployment};
use crate::model::{Documents, FileModel};
use crate::target::{Backend, Stack, Target};
use crate::version::{Version, calico_of_operator, operator_of_calico};
use crate::yaml::{NodeId, Tree};
use core::fmt;

/// Which of Calico's manifests this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// `calico.yaml`, `calico-typha.yaml`, `calico-etcd.yaml`: BGP by BIRD.
    Bgp,
    /// `calico-vxlan.yaml`: VXLAN without BGP.
    Vxlan,
    /// `calico-policy-only.yaml`: another CNI plugin programs the routes.
    PolicyOnly,
    /// `canal.yaml`: flannel programs the routes.
    Canal,
    /// `canal-etcd.yaml`: flannel with its own etcd.
    CanalEtcd,
    /// `flannel-migration/calico.yaml`.
    FlannelMigration,
    /// `calico-windows-*.yaml`.
    Windows,
    /// Only the ConfigMap: the DaemonSet is elsewhere.
    ConfigOnly,
    /// An `Installation` of the operator.
    Operator,
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Variant::Bgp => "manifest install, BGP",
            Variant::Vxlan => "manifest install, VXLAN",
            Variant::PolicyOnly => "manifest install, policy only",
            Variant::Canal => "canal",
            Variant::CanalEtcd => "canal with etcd",
            Variant::FlannelMigration => "migration from flannel",
            Variant::Windows => "manifest install, Windows",
            Variant::ConfigOnly => "ConfigMap only",
            Variant::Operator => "operator install",
        })
    }
}

/// The IPAM plugin of the CNI configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ipam {
    /// Calico's own, from IP pools.
    Calico,
    /// From the node's pod CIDR.
    HostLocal,
    /// Another plugin, or unknown.
    Unknown,
}

/// Facts from other files of the same cluster, for a file that lacks them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shared {
    /// `calico_backend` and `veth_mtu` by the name of their ConfigMap.
    pub configs: Vec<(String, SharedConfig)>,
    /// The operator's release.
    pub operator: Option<Version>,
    /// The Calico release, from any object of the cluster.
    pub calico: Option<Release>,
    /// The facts about the Kubernetes layer.
    pub cluster: ClusterFacts,
}

/// The settings of a ConfigMap in another file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SharedConfig {
    /// `calico_backend`.
    pub backend: Option<String>,
    /// `veth_mtu`.
    pub mtu: Option<String>,
    /// `ipam.type`.
    pub ipam: Option<String>,
}

impl Shared {
    /// Adds the facts of one file; `own` are those about the Kubernetes layer.
    pub(super) fn add(&mut self, file: &FileModel<'_>, own: &ClusterFacts) {
        self.add_configs(file);
        self.operator = self.operator.or_else(|| operator_version(file.documents, &file.installations));
        self.calico = Release::better(self.calico, Release::of_file(file, self.operator));
        self.cluster.fill(own);
    }

    /// Adds the settings of its ConfigMaps, in place of earlier ones of the same name.
    fn add_configs(&mut self, file: &FileModel<'_>) {
        for config in &file.configs {
            let text = |key| config.value(key).map(|(_, text)| text.to_owned());
            let ipam = config.cni.as_ref().and_then(Cni::ipam_type).map(str::to_owned);
            let shared = SharedConfig { backend: text("calico_backend"), mtu: text("veth_mtu"), ipam };
            let name = &config.resource.name;
            match self.configs.iter_mut().find(|(other, _)| other == name) {
                Some((_, earlier)) => *earlier = shared,
                None => self.configs.push((name.clone(), shared)),
            }
        }
    }

    /// The same facts with those of the target: `--calico-version` counts where no object shows the exact release, and
    /// `--kubernetes-version` where none shows one.
    #[must_use]
    pub(crate) fn stating(mut self, target: &Target) -> Shared {
        let option = target.calico_version.map(|version| Release { version, patch_is_unknown: false });
        self.calico = Release::better(self.calico, option);
        self.state_release();
        self.cluster.kubernetes = self.cluster.kubernetes.or(target.kubernetes_version);
        self
    }

    /// Puts the values of the file that is planned, which has this index, before those of the others; it was added already.
    pub(super) fn put_first(&mut self, file: &FileModel<'_>, index: usize, mut own: ClusterFacts) {
        self.add_configs(file);
        self.calico = Release::better(Release::of_file(file, self.operator), self.calico);
        own.fill(&self.cluster);
        own.lists = self.cluster.lists.seen_by(index);
        self.cluster = own;
        self.state_release();
    }

    fn state_release(&mut self) {
        self.cluster.calico = self.calico.map(|release| release.version);
        self.cluster.calico_is_exact = self.calico.is_some_and(|release| !release.patch_is_unknown);
    }
}

/// A Calico release from an object of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// The release.
    pub version: Version,
    /// Whether only the minor release is known: an operator's image shows only the operator's release.
    pub patch_is_unknown: bool,
}

impl Release {
    /// The first one with a patch release, else the first.
    fn better(first: Option<Release>, second: Option<Release>) -> Option<Release> {
        let is_exact = |release: &Release| !release.patch_is_unknown;
        first.filter(is_exact).or(second.filter(is_exact)).or(first).or(second)
    }

    /// The release that a file shows: an image of Calico, `status.calicoVersion` of an Installation or the version of its
    /// chart, `ClusterInformation`, an `ImageSet`, a setting of an installer, else the operator's release.
    fn of_file(file: &FileModel<'_>, operator: Option<Version>) -> Option<Release> {
        let exact = |version| Release { version, patch_is_unknown: false };
        let node = || file.nodes.iter().find_map(|node| Some(node.calico_version()?.0));
        let installation = || file.installations.iter().find_map(Installation::calico);
        let recorded = || cluster_information(file.documents).map(|(.., version)| version);
        let stated = || recorded().or_else(|| image_set(file.documents));
        let installer = || file.objects.objects.iter().find_map(|object| Some(calico_release(object)?.1));
        // Typha and the controllers have the release of calico-node, which may be in another file.
        let is_beside = |name: &str| {
            name.contains("calico") && (name.ends_with("typha") || name.ends_with("kube-controllers"))
        };
        let beside = || release_of_deployment(file.documents, is_beside);
        let found = node().or_else(installation).or_else(stated).or_else(installer).or_else(beside);
        let found = found.map(exact).or(file.chart);
        let minor = |version| Release { version, patch_is_unknown: true };
        found.or_else(|| operator.and_then(calico_of_operator).map(minor))
    }
}

/// `spec.calicoVersion` of the object in which a running cluster records its release.
pub(crate) fn cluster_information<'d>(
    documents: &'d Documents<'_>,
) -> Option<(&'d Tree<'d>, NodeId, Version)> {
    documents.of_kind("ClusterInformation").find_map(|(resource, tree)| {
        let api = tree.scalar(tree.get(resource.root, "apiVersion")?)?;
        let node = tree.at(resource.root, &["spec", "calicoVersion"])?;
        let version = Version::parse(tree.scalar(node).filter(|_| api.contains("projectcalico.org/"))?)?;
        Some((tree, node, version))
    })
}

/// The release in the name of the only `ImageSet`, `calico-v3.31.0`: the operator needs the one of its own release
/// (tigera/operator `imageset.go`).
fn image_set(documents: &Documents<'_>) -> Option<Version> {
    let mut sets = documents.of_kind("ImageSet");
    let (resource, _) = sets.next().filter(|_| sets.next().is_none())?;
    Version::parse(resource.name.strip_prefix("calico-")?)
}

/// The facts about one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The manifest.
    pub variant: Variant,
    /// The Calico release: from the object itself, else from another object of the cluster, or `--calico-version`.
    pub calico: Option<Version>,
    /// Whether only the minor release is known: gates within it cannot be decided.
    pub patch_is_unknown: bool,
    /// The operator's release.
    pub operator: Option<Version>,
    /// What programs the routes between nodes.
    pub backend: Backend,
    /// Whether the backend is assumed: its ConfigMap is not in these files, and the default of Calico is BIRD.
    pub backend_is_assumed: bool,
    /// Whether the CNI configuration is in one of the files.
    pub has_cni_config: bool,
    /// Whether the dataplane is eBPF.
    pub is_bpf: bool,
    /// The IPAM plugin.
    pub ipam: Ipam,
    /// Whether Calico stores its data in etcd.
    pub has_etcd_datastore: bool,
    /// `veth_mtu` in bytes, if it is fixed.
    pub mtu: Option<u32>,
    /// The current stack of the pods; `None` if the input does not show it.
    pub stack: Option<Stack>,
    /// The pod CIDRs of the Kubernetes layer.
    pub pods: Ranges,
    /// Whether one of its objects was read from a running cluster.
    pub is_live: bool,
}

impl Facts {
    /// Reads the facts of a manifest install.
    #[must_use]
    pub(crate) fn of_manifest(
        config: Option<&CalicoConfig<'_, '_>>,
        node: Option<&CalicoNode<'_, '_>>,
        shared: &Shared,
        target: &Target,
    ) -> Facts {
        let other = shared_config(config, node, shared);
        let env = node.map(|n| &n.env);
        let backend = env.and_then(|e| match &e.get("CALICO_NETWORKING_BACKEND")?.value {
            EnvValue::Literal { text, .. } => Some((*text).to_owned()),
            EnvValue::ConfigMap { key, .. } => {
                config.and_then(|c| c.value(key)).map(|(_, text)| text.to_owned()).or(other.backend.clone())
            }
            EnvValue::Absent | EnvValue::Field(_) | EnvValue::Other => None,
        });
        let backend =
            backend.or_else(|| config.and_then(|c| c.value("calico_backend")).map(|(_, t)| t.to_owned()));
        let backend_is_assumed = backend.is_none()
            && target.calico_backend.is_none()
            && env.is_some_and(|e| e.get("CALICO_NETWORKING_BACKEND").is_some());
        let backend = match backend.as_deref() {
            Some("vxlan") => Backend::Vxlan,
            Some("none") => Backend::None,
            Some(_) => Backend::Bird,
            None => target.calico_backend.unwrap_or(Backend::Bird),
        };
        let cni = config.and_then(|c| c.cni.as_ref());
        let ipam = match cni.and_then(Cni::ipam_type).or(other.ipam.as_deref()) {
            Some("calico-ipam") => Ipam::Calico,
            Some("host-local") => Ipam::HostLocal,
            _ => Ipam::Unknown,
        };
        let own = node.and_then(|n| Some(n.calico_version()?.0));
        let other_release = shared.calico.filter(|_| own.is_none());
        let mtu = config.and_then(|c| c.value("veth_mtu")).map(|(_, text)| text.to_owned()).or(other.mtu);
        let etcd = config.is_some_and(|c| c.tree.get(c.data, "etcd_endpoints").is_some())
            || env.is_some_and(|e| e.get("ETCD_ENDPOINTS").is_some());
        Facts {
            variant: variant(cni, node, backend),
            calico: own.or(other_release.map(|release| release.version)),
            patch_is_unknown: other_release.is_some_and(|release| release.patch_is_unknown),
            operator: None,
            backend,
            backend_is_assumed,
            has_cni_config: cni.is_some() || other.ipam.is_some(),
            is_bpf: env
                .and_then(|e| e.text("FELIX_BPFENABLED"))
                .map_or(shared.cluster.settings.has_bpf, is_true),
            ipam,
            has_etcd_datastore: etcd && env.and_then(|e| e.text("DATASTORE_TYPE")) != Some("kubernetes"),
            mtu: mtu.and_then(|text| text.trim().parse().ok()).filter(|mtu| *mtu != 0),
            stack: cni.and_then(manifest_stack),
            pods: shared.cluster.pods.clone(),
            is_live: config.is_some_and(|c| live_field(c.tree, c.resource.root).is_some())
                || node.is_some_and(|n| live_field(n.tree, n.resource.root).is_some()),
        }
    }

    /// Reads the facts of an operator install.
    #[must_use]
    pub(crate) fn of_installation(installation: &Installation<'_>, shared: &Shared) -> Facts {
        let exact = shared.calico.filter(|release| !release.patch_is_unknown);
        let stated = installation.calico().or(exact.map(|release| release.version));
        let release = stated.or(installation.chart.or(shared.calico).map(|release| release.version));
        let operator = installation.operator().or(shared.operator).or(release.and_then(operator_of_calico));
        let has = |family| installation.pools.iter().any(|p| p.is_for_pods && p.family() == Some(family));
        let stack = Stack::of(has(Family::Ipv4), has(Family::Ipv6));
        let bgp = installation.has_bgp();
        let is_host_local = installation.spec_field(&["cni", "ipam", "type"]) == Some("HostLocal");
        Facts {
            variant: Variant::Operator,
            calico: stated.or(operator.and_then(calico_of_operator)),
            patch_is_unknown: stated.is_none(),
            operator,
            backend: if bgp { Backend::Bird } else { Backend::Vxlan },
            backend_is_assumed: false,
            has_cni_config: true,
            is_bpf: installation.network_field("linuxDataplane") == Some("BPF"),
            ipam: if is_host_local { Ipam::HostLocal } else { Ipam::Calico },
            has_etcd_datastore: false,
            mtu: installation.network_field("mtu").and_then(|text| text.parse().ok()),
            stack,
            pods: shared.cluster.pods.clone(),
            is_live: installation.live_field().is_some(),
        }
    }
}

fn shared_config(
    config: Option<&CalicoConfig<'_, '_>>,
    node: Option<&CalicoNode<'_, '_>>,
    shared: &Shared,
) -> SharedConfig {
    if config.is_some() {
        return SharedConfig::default();
    }
    let name = node.and_then(|n| config_map_name(n));
    let config = name.and_then(|name| shared.configs.iter().find(|(other, _)| other == name));
    config.map_or_else(SharedConfig::default, |(_, config)| config.clone())
}

/// The ConfigMap from which a DaemonSet reads its settings.
#[must_use]
pub(crate) fn config_map_name<'d>(node: &CalicoNode<'d, '_>) -> Option<&'d str> {
    node.env.vars.iter().find_map(|var| match var.value {
        EnvValue::ConfigMap { name, .. } => Some(name),
        _ => None,
    })
}

fn variant(cni: Option<&Cni>, node: Option<&CalicoNode<'_, '_>>, backend: Backend) -> Variant {
    let Some(node) = node else { return Variant::ConfigOnly };
    if node.is_windows() {
        return Variant::Windows;
    }
    if node.flannel().is_some() {
        let with_etcd =
            cni.is_some_and(|c| c.is_flannel_delegate) || node.env.get("ETCD_ENDPOINTS").is_some();
        return if with_etcd { Variant::CanalEtcd } else { Variant::Canal };
    }
    if node.is_flannel_migration() {
        return Variant::FlannelMigration;
    }
    match backend {
        Backend::Vxlan => Variant::Vxlan,
        Backend::None => Variant::PolicyOnly,
        Backend::Bird => Variant::Bgp,
    }
}

fn manifest_stack(cni: &Cni) -> Option<Stack> {
    let tree = cni.tree()?;
    let ipam = cni.ipam?;
    let (ipv4, ipv6) = if cni.ipam_type() == Some("host-local") {
        let text = &tree.text()[tree.range(ipam)].to_ascii_lowercase();
        let ipv6 = text.contains("\"usepodcidripv6\"");
        (text.contains("\"usepodcidr\"") || !ipv6, ipv6)
    } else {
        let flag = |key| cni.ipam_value(key).and_then(|n| tree.string(n));
        (flag("assign_ipv4") != Some("false"), flag("assign_ipv6") == Some("true"))
    };
    Stack::of(ipv4, ipv6)
}

/// A field that only the API server or a controller writes: the object that has it was read from a running cluster.
#[must_use]
pub(crate) fn live_field(tree: &Tree<'_>, root: NodeId) -> Option<(&'static str, NodeId)> {
    let fields: [(&str, &[&str]); 4] = [
        ("status", &["status"]),
        ("metadata.uid", &["metadata", "uid"]),
        ("metadata.resourceVersion", &["metadata", "resourceVersion"]),
        ("metadata.managedFields", &["metadata", "managedFields"]),
    ];
    // kubeadm writes `resourceVersion: "0"` into the Service of cluster DNS: no object of a cluster has it.
    let is_live = |node: &NodeId| is_filled(tree, *node) && tree.scalar(*node) != Some("0");
    fields.into_iter().find_map(|(name, keys)| Some((name, tree.at(root, keys).filter(is_live)?)))
}

/// Whether there is a value anywhere below a node: `kubectl create --dry-run` writes `status: {loadBalancer: {}}`.
fn is_filled(tree: &Tree<'_>, node: NodeId) -> bool {
    if let Some(text) = tree.scalar(node) {
        return !matches!(text, "" | "null");
    }
    tree.items(node).chain(tree.entries(node).map(|(_, value)| value)).any(|value| is_filled(tree, value))
}

/// Whether Felix and calico-node read this as true: `true`, `1`, `yes`, `y`, `t` in any case.
#[must_use]
pub(crate) fn is_true(text: &str) -> bool {
    ["true", "1", "yes", "y", "t"].iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether both Felix and calico-node read this as false: `false`, `0`, `no`, `n`, `f` in any case. Felix reads `none` as
/// false, too; calico-node does not.
#[must_use]
pub(crate) fn is_false(text: &str) -> bool {
    ["false", "0", "no", "n", "f"].iter().any(|word| word.eq_ignore_ascii_case(text))
}
