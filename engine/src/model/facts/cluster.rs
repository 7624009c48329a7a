//! What the input says of the cluster below Calico: its release, its ranges, the addresses that belong together.

use crate::address::{Family, family};
use crate::model::FileModel;
use crate::model::facts::defaults::defaults;
use crate::model::facts::duplicates::DuplicateObject;
use crate::model::facts::first_range::{FirstRange, Strength};
use crate::model::facts::node_address::NodeAddress;
use crate::model::facts::settings::Settings;
use crate::model::facts::stated::StatedValue;
use crate::model::fields::{ClusterConfig, Component, ConfigObject, FieldKind, ObjectKind};
use crate::model::keyless_kind::KUBESPRAY_CALICO;
use crate::target::AddressMap;
use crate::version::Version;
use ipnet::IpNet;
use std::net::IpAddr;

/// `serviceSubnet` where a `ClusterConfiguration` has none (kubeadm `apis/kubeadm/v1beta4/defaults.go`).
pub const KUBEADM_SERVICES: &str = "10.96.0.0/12";
/// What an API server without `--service-cluster-ip-range` serves (kube-apiserver `options.go`, `DefaultServiceIPCIDR`).
pub const API_SERVER_SERVICES: &str = "10.0.0.0/24";

/// The ranges of pods or of cluster IPs, at most one of a family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges {
    /// In the order in which they stand: the first family is the primary one.
    pub nets: Vec<IpNet>,
}

impl Ranges {
    /// Reads ranges with commas between them. None where one cannot be read, or a family stands twice.
    #[must_use]
    pub fn read(text: &str) -> Option<Ranges> {
        let nets = text.split(',').map(|part| part.trim().parse().ok()).collect::<Option<Vec<IpNet>>>()?;
        let pair = nets.len() == 2 && family(nets[0]) != family(nets[1]);
        (nets.len() == 1 || pair).then_some(Ranges { nets })
    }

    /// The range of a family.
    #[must_use]
    pub fn of(&self, wanted: Family) -> Option<IpNet> {
        self.nets.iter().copied().find(|net| family(*net) == wanted)
    }

    /// The family that stands first.
    #[must_use]
    pub fn first(&self) -> Option<Family> {
        self.nets.first().map(|net| family(*net))
    }

    /// Takes the families that are missing from `other`.
    fn fill(&mut self, other: &Ranges) {
        for net in &other.nets {
            if self.of(family(*net)).is_none() {
                self.nets.push(*net);
            }
        }
    }
}

/// What is known of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterFacts {
    /// The Kubernetes release.
    pub kubernetes: Option<Version>,
    /// The Calico release, as far as any object of the cluster names it.
    pub calico: Option<Version>,
    /// The ranges of cluster IPs.
    pub services: Ranges,
    /// The ranges of pods.
    pub pods: Ranges,
    /// The ranges of pools that are objects of their own, one of a family.
    pub pools: Ranges,
    /// What decides about the primary family, the strongest first.
    pub first_range: Option<FirstRange>,
    /// The family of the first address that follows it.
    pub first_address: Option<Family>,
    /// The two addresses of nodes that a `node-ip` pair tells.
    pub address_map: AddressMap,
    /// Whether one of the files is the etcd of this control plane.
    pub has_etcd: bool,
    /// Whether one of the files is what kubeadm renders the static pods from.
    pub has_kubeadm: bool,
    /// Whether one of the files says what kubespray makes the pools of Calico from.
    pub has_kubespray_calico: bool,
    /// Ranges and addresses of cluster DNS with their places.
    pub stated: Vec<StatedValue>,
    /// Service ranges that hold because a flag or a field is missing, each with the place of the command or object.
    pub defaults: Vec<StatedValue>,
    /// The addresses that nodes are given, each with its place.
    pub node_addresses: Vec<NodeAddress>,
    /// The addresses on which a cache of cluster DNS listens on every node.
    pub caches: Vec<IpAddr>,
    /// Objects that an earlier place defines with other values.
    pub duplicates: Vec<DuplicateObject>,
    /// Settings that rules about other files need.
    pub settings: Settings,
}

impl ClusterFacts {
    /// What one file says.
    #[must_use]
    pub fn read(file: &FileModel<'_>) -> ClusterFacts {
        let (config, documents) = (&file.objects, file.documents);
        let mut facts = ClusterFacts { kubernetes: config.kubernetes, ..ClusterFacts::default() };
        facts.has_kubeadm = config.objects_of(ObjectKind::ClusterConfiguration).next().is_some();
        let is_calico = |object: &ConfigObject<'_>| {
            KUBESPRAY_CALICO.iter().any(|key| object.tree().get(object.root, key).is_some())
        };
        facts.has_kubespray_calico =
            config.objects_of(ObjectKind::KubesprayCalico).any(|(_, object)| is_calico(object));
        facts.defaults = defaults(config, documents);
        facts.node_addresses = NodeAddress::read(config, documents);
        for (object, field) in config.fields_of(&[FieldKind::DnsServer]) {
            if object.kind == ObjectKind::NodeCache {
                facts.caches.extend(crate::host::addresses(&field.text, crate::host::Form::Addresses));
            }
        }
        for field in &config.fields {
            match field.kind {
                FieldKind::ServiceRange if adds_service_ranges(&config.objects[field.object]) => {}
                FieldKind::ServiceRange => {
                    facts.services.fill(&Ranges::read(&field.text).unwrap_or_default());
                }
                FieldKind::PodRange => facts.pods.fill(&Ranges::read(&field.text).unwrap_or_default()),
                FieldKind::NodeIp => {
                    let pair: Vec<Option<IpAddr>> =
                        field.text.split(',').map(|part| part.trim().parse().ok()).collect();
                    if let [Some(IpAddr::V4(ipv4)), Some(IpAddr::V6(ipv6))]
                    | [Some(IpAddr::V6(ipv6)), Some(IpAddr::V4(ipv4))] = pair[..]
                    {
                        facts.address_map.learn(ipv4, ipv6);
                    }
                }
                _ => {}
            }
        }
        // kube-proxy's range is that of the pods, where nothing nearer says it.
        for (_, field) in config.fields_of(&[FieldKind::ProxyRange]) {
            facts.pods.fill(&Ranges::read(&field.text).unwrap_or_default());
        }
        facts.first_range = FirstRange::read(config);
        facts.first_address = address_family(config);
        for (_, field) in config.fields_of(&[FieldKind::Pool]) {
            facts.pools.fill(&Ranges::read(&field.text).unwrap_or_default());
        }
        facts.tell(&StatedValue::of_file(file));
        facts.settings = Settings::read(file);
        facts.has_etcd = config.objects_of(ObjectKind::Process(Component::Etcd)).next().is_some();
        facts
    }

    /// The primary family: that of ranges, and of addresses where no file has a range.
    #[must_use]
    pub fn primary(&self) -> Option<Family> {
        self.first_range.map(|first| first.family).or(self.first_address)
    }

    /// Takes the defaults of what no file states, after all files are known.
    pub(in crate::model) fn settle(&mut self) {
        if !self.services.nets.is_empty() {
            return;
        }
        let nets = self.defaults.first().map(|default| vec![default.net]);
        self.services = Ranges { nets: nets.unwrap_or_default() };
        if let Some(family) = self.services.first() {
            let default = FirstRange { strength: Strength::LoneServicesIpv4, family };
            self.first_range = FirstRange::stronger(self.first_range, Some(default));
        }
    }

    /// Adds what files state, each location once.
    fn tell(&mut self, told: &[StatedValue]) {
        for one in told {
            if !self.stated.contains(one) {
                self.stated.push(one.clone());
            }
        }
    }

    /// Takes from `other` what is not known.
    pub fn fill(&mut self, other: &ClusterFacts) {
        self.kubernetes = self.kubernetes.or(other.kubernetes);
        self.calico = self.calico.or(other.calico);
        self.services.fill(&other.services);
        self.pods.fill(&other.pods);
        self.pools.fill(&other.pools);
        self.first_range = FirstRange::stronger(self.first_range, other.first_range);
        self.first_address = self.first_address.or(other.first_address);
        for (ipv4, ipv6) in other.address_map.pairs() {
            self.address_map.learn(ipv4, ipv6);
        }
        self.has_etcd |= other.has_etcd;
        self.has_kubeadm |= other.has_kubeadm;
        self.has_kubespray_calico |= other.has_kubespray_calico;
        add_new(&mut self.defaults, &other.defaults);
        add_new(&mut self.node_addresses, &other.node_addresses);
        add_new(&mut self.caches, &other.caches);
        add_new(&mut self.duplicates, &other.duplicates);
        self.settings.fill(&other.settings);
        self.tell(&other.stated);
    }
}

/// Adds the items that are not there.
fn add_new<T: PartialEq + Clone>(own: &mut Vec<T>, others: &[T]) {
    for other in others {
        if !own.contains(other) {
            own.push(other.clone());
        }
    }
}

/// Whether the ranges of a `ServiceCIDR` come beside those of the API server's flag. The object `kubernetes` has the flag's.
fn adds_service_ranges(object: &ConfigObject<'_>) -> bool {
    object.kind == ObjectKind::ServiceCidr && object.resource.name != "kubernetes"
}

/// The family of the first address that follows the primary one.
fn address_family(config: &ClusterConfig<'_>) -> Option<Family> {
    let kind = [FieldKind::Advertise, FieldKind::ClusterDns, FieldKind::DnsService, FieldKind::NodeIp];
    config.fields_of(&kind).find_map(|(_, field)| {
        let first = crate::host::addresses(&field.text, field.form?).into_iter().next()?;
        (!first.is_unspecified() && !first.is_loopback()).then(|| crate::address::family_of(first))
    })
}
