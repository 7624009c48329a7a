//! What the input says of the cluster below Calico: its release, its ranges, the addresses that belong together.

use crate::address::{Family, family};
use crate::model::FileModel;
use crate::model::facts::settings::Settings;
use crate::model::facts::stated::StatedValue;
use crate::model::fields::{ClusterConfig, Component, ConfigObject, FieldKind, ObjectKind};
use crate::target::AddressMap;
use crate::version::Version;
use ipnet::IpNet;
use std::net::IpAddr;

/// `serviceSubnet` where a `ClusterConfiguration` has none (kubeadm `apis/kubeadm/v1beta4/defaults.go`).
pub const KUBEADM_SERVICES: &str = "10.96.0.0/12";

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
    /// The ranges of cluster IPs.
    pub services: Ranges,
    /// The ranges of pods.
    pub pods: Ranges,
    /// The ranges of pools that are objects of their own, one of a family.
    pub pools: Ranges,
    /// The family of the first range, of cluster IPs before pods.
    pub first_range: Option<Family>,
    /// The family of the first address that follows it.
    pub first_address: Option<Family>,
    /// The two addresses of nodes that a `node-ip` pair tells.
    pub address_map: AddressMap,
    /// Whether one of the files is the etcd of this control plane.
    pub has_etcd: bool,
    /// Whether one of the files is what kubeadm renders the static pods from.
    pub has_kubeadm: bool,
    /// Ranges and addresses of cluster DNS with their places; nothing where the files are several clusters'.
    pub stated: Vec<StatedValue>,
    /// Settings that rules about other files need.
    pub settings: Settings,
    /// The Calico release, where a file names it.
    pub calico: Option<Version>,
    /// Two configurations of kubeadm tell different ranges: files of several clusters.
    pub is_fleet: bool,
}

impl ClusterFacts {
    /// What one file says.
    #[must_use]
    pub fn read(file: &FileModel<'_>) -> ClusterFacts {
        let config = &file.objects;
        let mut facts = ClusterFacts { kubernetes: config.kubernetes, ..ClusterFacts::default() };
        facts.has_kubeadm = config.objects_of(ObjectKind::ClusterConfiguration).next().is_some();
        for field in &config.fields {
            match field.kind {
                FieldKind::ServiceRange if adds_service_ranges(&config.objects[field.object]) => {}
                FieldKind::ServiceRange => {
                    facts.services.fill(&Ranges::read(&field.text).unwrap_or_default())
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
        if facts.has_kubeadm && facts.services.nets.is_empty() {
            facts.services = Ranges::read(KUBEADM_SERVICES).unwrap_or_default();
        }
        facts.first_range = facts.services.first().or(facts.pods.first());
        facts.first_address = address_family(config);
        for (_, field) in config.fields_of(&[FieldKind::Pool]) {
            facts.pools.fill(&Ranges::read(&field.text).unwrap_or_default());
        }
        facts.tell(&StatedValue::of_file(file));
        facts.settings = Settings::read(file);
        facts.has_etcd = config.objects_of(ObjectKind::Process(Component::Etcd)).next().is_some();
        facts
    }

    /// The family that stands first: ranges tell it, and addresses where no file has one.
    #[must_use]
    pub fn primary(&self) -> Option<Family> {
        self.first_range.or(self.first_address)
    }

    /// Adds what is told; of files of several clusters nothing is kept.
    fn tell(&mut self, told: &[StatedValue]) {
        let is_cluster = |told: &&StatedValue| told.kind == ObjectKind::ClusterConfiguration;
        let other_cluster =
            |one: &StatedValue| self.stated.iter().filter(is_cluster).any(|known| known.differs(one));
        self.is_fleet |= told.iter().filter(is_cluster).any(other_cluster);
        if self.is_fleet {
            self.stated.clear();
            return;
        }
        for one in told {
            if !self.stated.contains(one) {
                self.stated.push(one.clone());
            }
        }
    }

    /// Takes from `other` what is not known.
    pub fn fill(&mut self, other: &ClusterFacts) {
        self.kubernetes = self.kubernetes.or(other.kubernetes);
        self.services.fill(&other.services);
        self.pods.fill(&other.pods);
        self.pools.fill(&other.pools);
        self.first_range = self.first_range.or(other.first_range);
        self.first_address = self.first_address.or(other.first_address);
        for (ipv4, ipv6) in other.address_map.pairs() {
            self.address_map.learn(ipv4, ipv6);
        }
        self.has_etcd |= other.has_etcd;
        self.has_kubeadm |= other.has_kubeadm;
        self.is_fleet |= other.is_fleet;
        self.settings.fill(&other.settings);
        self.calico = self.calico.or(other.calico);
        self.tell(&other.stated);
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
