//! The facts about the Kubernetes layer: its release, and its ranges.

use crate::address::{Family, family};
use crate::model::FileModel;
use crate::model::facts::calico_settings::CalicoSettings;
use crate::model::facts::first_range::{FirstRange, Strength};
use crate::model::facts::lists::Lists;
use crate::model::facts::settings::Settings;
use crate::model::fields::{ClusterConfig, Component, ConfigObject, FieldKind, ObjectKind};
use crate::model::keyless_kind::KUBESPRAY_CALICO;
use crate::version::Version;
use ipnet::IpNet;

/// The default `serviceSubnet` of a `ClusterConfiguration` (kubeadm `apis/kubeadm/v1beta4/defaults.go`).
pub(crate) const KUBEADM_SERVICES: &str = "10.96.0.0/12";
/// The service CIDR of an API server without `--service-cluster-ip-range` (kube-apiserver `options.go`,
/// `DefaultServiceIPCIDR`).
pub(crate) const API_SERVER_SERVICES: &str = "10.0.0.0/24";

/// Pod CIDRs or service CIDRs, at most one for each IP family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges {
    /// In the order of the input: the first family is the primary one.
    pub nets: Vec<IpNet>,
}

impl Ranges {
    /// Reads CIDRs that are separated by commas. Returns `None` if one cannot be read, or if a family occurs twice.
    #[must_use]
    pub fn read(text: &str) -> Option<Ranges> {
        let nets = text.split(',').map(|part| part.trim().parse().ok()).collect::<Option<Vec<IpNet>>>()?;
        let pair = nets.len() == 2 && family(nets[0]) != family(nets[1]);
        (nets.len() == 1 || pair).then_some(Ranges { nets })
    }

    /// The CIDR of an IP family.
    #[must_use]
    pub fn of(&self, wanted: Family) -> Option<IpNet> {
        self.nets.iter().copied().find(|net| family(*net) == wanted)
    }

    /// The primary IP family.
    #[must_use]
    pub fn first(&self) -> Option<Family> {
        self.nets.first().map(|net| family(*net))
    }

    /// Adds the families that are missing here from `other`.
    fn fill(&mut self, other: &Ranges) {
        for net in &other.nets {
            if self.of(family(*net)).is_none() {
                self.nets.push(*net);
            }
        }
    }
}

/// The facts about the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClusterFacts {
    /// The Kubernetes release.
    pub kubernetes: Option<Version>,
    /// The Calico release, if an object of the cluster shows it.
    pub calico: Option<Version>,
    /// Whether that is the exact release: an operator's image shows only the minor release.
    pub calico_is_exact: bool,
    /// The service CIDRs.
    pub services: Ranges,
    /// The pod CIDRs.
    pub pods: Ranges,
    /// The CIDRs of pools that are separate objects, one for each family.
    pub pools: Ranges,
    /// The range that decides the primary IP family.
    pub first_range: Option<FirstRange>,
    /// The IP family of the first address that depends on it.
    pub first_address: Option<Family>,
    /// Whether one of the files is the etcd of this control plane.
    pub has_etcd: bool,
    /// Whether one of the files is what kubeadm renders the static pods from.
    pub has_kubeadm: bool,
    /// Whether one of the objects was read from a running cluster.
    pub is_live: bool,
    /// Whether one of the files has the variables from which kubespray creates the pools of Calico.
    pub has_kubespray_calico: bool,
    /// What the files state one by one, those of the planned file first. Only the facts of all files have it.
    pub lists: Lists,
    /// Settings of these files that rules about other files need.
    pub settings: Settings,
    /// The same of Calico's objects.
    pub calico_settings: CalicoSettings,
}

impl ClusterFacts {
    /// Reads the facts of one file.
    #[must_use]
    pub(crate) fn read(file: &FileModel<'_>) -> ClusterFacts {
        let config = &file.objects;
        let kubernetes = config.kubernetes.map(|(version, _)| version);
        let mut facts = ClusterFacts { kubernetes, ..ClusterFacts::default() };
        facts.is_live = file.is_live();
        facts.has_kubeadm = config.objects_of(ObjectKind::ClusterConfiguration).next().is_some();
        let is_calico = |object: &ConfigObject<'_>| {
            KUBESPRAY_CALICO.iter().any(|key| object.tree().get(object.root, key).is_some())
        };
        facts.has_kubespray_calico =
            config.objects_of(ObjectKind::KubesprayCalico).any(|(_, object)| is_calico(object));
        for field in &config.fields {
            match field.kind {
                FieldKind::ServiceRange if adds_service_ranges(&config.objects[field.object]) => {}
                FieldKind::ServiceRange => {
                    facts.services.fill(&Ranges::read(&field.text).unwrap_or_default());
                }
                FieldKind::PodRange => facts.pods.fill(&Ranges::read(&field.text).unwrap_or_default()),
                _ => {}
            }
        }
        // kube-proxy's clusterCIDR is the pod CIDR, if no better source has one.
        for (_, field) in config.fields_of(&[FieldKind::ProxyRange]) {
            facts.pods.fill(&Ranges::read(&field.text).unwrap_or_default());
        }
        facts.first_range = FirstRange::read(config);
        facts.first_address = address_family(config);
        for (_, field) in config.fields_of(&[FieldKind::Pool]) {
            facts.pools.fill(&Ranges::read(&field.text).unwrap_or_default());
        }
        facts.settings = Settings::read(file);
        facts.calico_settings = CalicoSettings::read(file);
        facts.has_etcd = config.objects_of(ObjectKind::Process(Component::Etcd)).next().is_some();
        facts
    }

    /// The primary IP family: that of the ranges, or of the addresses if no file has a range.
    #[must_use]
    pub(crate) fn primary(&self) -> Option<Family> {
        self.first_range.map(|first| first.family).or(self.first_address)
    }

    /// Adds the defaults of what no file sets, after all files are known.
    pub(in crate::model) fn settle(&mut self) {
        if !self.services.nets.is_empty() {
            return;
        }
        let nets = self.lists.defaults.iter().next().map(|default| vec![default.net]);
        self.services = Ranges { nets: nets.unwrap_or_default() };
        if let Some(family) = self.services.first() {
            let default = FirstRange { strength: Strength::LoneServicesIpv4, family };
            self.first_range = FirstRange::stronger(self.first_range, Some(default));
        }
    }

    /// Adds from `other` what is not known here.
    pub(crate) fn fill(&mut self, other: &ClusterFacts) {
        self.kubernetes = self.kubernetes.or(other.kubernetes);
        self.services.fill(&other.services);
        self.pods.fill(&other.pods);
        self.pools.fill(&other.pools);
        self.first_range = FirstRange::stronger(self.first_range, other.first_range);
        self.first_address = self.first_address.or(other.first_address);
        self.has_etcd |= other.has_etcd;
        self.has_kubeadm |= other.has_kubeadm;
        self.is_live |= other.is_live;
        self.has_kubespray_calico |= other.has_kubespray_calico;
        self.settings.fill(&other.settings);
        self.calico_settings.fill(&other.calico_settings);
    }
}

/// Whether a `ServiceCIDR` adds ranges to those of the API server's flag. The object `kubernetes` has the same ones.
fn adds_service_ranges(object: &ConfigObject<'_>) -> bool {
    object.kind == ObjectKind::ServiceCidr && object.resource.name != "kubernetes"
}

/// The IP family of the first address that depends on the primary family.
fn address_family(config: &ClusterConfig<'_>) -> Option<Family> {
    let kind = [FieldKind::Advertise, FieldKind::ClusterDns, FieldKind::DnsService, FieldKind::NodeIp];
    config.fields_of(&kind).find_map(|(_, field)| {
        let first = crate::host::addresses(&field.text, field.form?).into_iter().next()?;
        (!first.is_unspecified() && !first.is_loopback()).then(|| crate::address::family_of(first))
    })
}
