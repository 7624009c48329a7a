//! Settings of one file that rules about other files need.

use crate::address::Family;
use crate::model::FileModel;
use crate::model::facts::is_true;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::model::pool::PoolSource;
use crate::source::Place;
use crate::yaml::NodeId;

/// Settings of the files of a cluster that rules about other files need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// WireGuard of each family in calico-node's environment, which takes precedence over the resource.
    wireguard_of_environment: [Option<bool>; 2],
    /// WireGuard of each family in a FelixConfiguration.
    wireguard_of_resource: [bool; 2],
    /// Whether an object turns on the eBPF dataplane.
    pub has_bpf: bool,
    /// Whether an IPv6 pool has NAT; `None` if no file has an IPv6 pool.
    pub ipv6_nat: Option<bool>,
    /// A Service of type LoadBalancer that requests two families.
    pub dual_stack_service: Option<String>,
    /// A Service of type LoadBalancer that leaves its families to the cluster.
    pub default_service: Option<String>,
    /// Whether there is any Service of type LoadBalancer.
    pub has_load_balancer: bool,
    /// Whether an object belongs to MetalLB.
    pub has_metallb: bool,
    /// Where a pool allows Calico to assign the addresses of load balancers.
    pub calico_load_balancer_pool: Option<Place>,
}

/// The index of a family in a pair.
fn index(family: Family) -> usize {
    match family {
        Family::Ipv4 => 0,
        Family::Ipv6 => 1,
    }
}

/// The names of Felix's WireGuard setting: the field and the variable.
#[must_use]
pub(crate) fn wireguard(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::Ipv4 => ("wireguardEnabled", "FELIX_WIREGUARDENABLED"),
        Family::Ipv6 => ("wireguardEnabledV6", "FELIX_WIREGUARDENABLEDV6"),
    }
}

/// Where an object that is not part of an installation turns on the eBPF dataplane.
#[must_use]
pub(crate) fn bpf(object: &ConfigObject<'_>) -> Option<NodeId> {
    let path: &[&str] = match object.kind {
        ObjectKind::FelixConfiguration => &["spec", "bpfEnabled"],
        ObjectKind::KubesprayCalico => &["calico_bpf_enabled"],
        _ => return None,
    };
    let node = object.tree().at(object.root, path)?;
    is_true(object.tree().scalar(node)?).then_some(node)
}

/// Whether a Service gets an address of a load balancer.
#[must_use]
pub(crate) fn is_load_balancer(object: &ConfigObject<'_>) -> bool {
    object.text(&["spec", "type"]) == Some("LoadBalancer")
}

/// Whether MetalLB reads an object: a pool, a router that it peers with, or its ConfigMap before 0.13.
fn is_of_metallb(object: &ConfigObject<'_>) -> bool {
    match object.kind {
        ObjectKind::LoadBalancerPeer => true,
        ObjectKind::LoadBalancerPool => match object.resource.kind.as_str() {
            "IPAddressPool" | "AddressPool" => true,
            "ConfigMap" => object.resource.name != "kubevip",
            _ => false,
        },
        _ => false,
    }
}

impl Settings {
    /// Reads the settings of one file.
    #[must_use]
    pub(crate) fn read(file: &FileModel<'_>) -> Settings {
        let mut settings = Settings::default();
        for node in &file.nodes {
            for family in [Family::Ipv4, Family::Ipv6] {
                let text = node.env.text(wireguard(family).1);
                settings.wireguard_of_environment[index(family)] = text.map(is_true);
            }
        }
        for pool in file.pools().filter(|pool| pool.family() == Some(Family::Ipv6)) {
            // A variable of calico-node that is not set is off.
            if pool.source != PoolSource::CalicoNode || pool.nat_outgoing.is_some() {
                settings.add_nat(pool.has_nat() == Some(true));
            }
        }
        let config = &file.objects;
        for (_, object) in config.objects_of(ObjectKind::FelixConfiguration) {
            for family in [Family::Ipv4, Family::Ipv6] {
                let is_on = object.text(&["spec", wireguard(family).0]) == Some("true");
                settings.wireguard_of_resource[index(family)] |= is_on;
            }
        }
        for (_, object) in config.objects_of(ObjectKind::Service).filter(|(_, o)| is_load_balancer(o)) {
            settings.add_service(object);
        }
        settings.has_bpf = config.objects.iter().any(|object| bpf(object).is_some());
        settings.has_metallb = config.objects.iter().any(is_of_metallb);
        settings.calico_load_balancer_pool = config.objects_of(ObjectKind::IpPool).find_map(|(_, object)| {
            let uses = object.tree().at(object.root, &["spec", "allowedUses"])?;
            let mut items = object.tree().items(uses);
            let item = items.find(|item| object.tree().scalar(*item) == Some("LoadBalancer"))?;
            Some(file.documents.place(object.start(item)))
        });
        settings
    }

    fn add_nat(&mut self, nat: bool) {
        self.ipv6_nat = Some(self.ipv6_nat.unwrap_or(false) || nat);
    }

    fn add_service(&mut self, object: &ConfigObject<'_>) {
        self.has_load_balancer = true;
        let tree = object.tree();
        let families = tree.at(object.root, &["spec", "ipFamilies"]);
        let count = families.map_or(0, |list| tree.items(list).count());
        let slot = match object.text(&["spec", "ipFamilyPolicy"]) {
            Some("PreferDualStack" | "RequireDualStack") => &mut self.dual_stack_service,
            None if count == 0 => &mut self.default_service,
            _ => return,
        };
        slot.get_or_insert_with(|| object.title());
    }

    /// Whether Felix encrypts traffic of a family between nodes.
    #[must_use]
    pub(crate) fn encrypts(&self, family: Family) -> bool {
        let index = index(family);
        self.wireguard_of_environment[index].unwrap_or(self.wireguard_of_resource[index])
    }

    /// Adds from `other` what is not known here.
    pub(crate) fn fill(&mut self, other: &Settings) {
        for index in 0..2 {
            self.wireguard_of_environment[index] =
                self.wireguard_of_environment[index].or(other.wireguard_of_environment[index]);
            self.wireguard_of_resource[index] |= other.wireguard_of_resource[index];
        }
        if let Some(nat) = other.ipv6_nat {
            self.add_nat(nat);
        }
        if self.dual_stack_service.is_none() {
            self.dual_stack_service.clone_from(&other.dual_stack_service);
        }
        if self.default_service.is_none() {
            self.default_service.clone_from(&other.default_service);
        }
        self.has_load_balancer |= other.has_load_balancer;
        self.has_bpf |= other.has_bpf;
        self.has_metallb |= other.has_metallb;
        if self.calico_load_balancer_pool.is_none() {
            self.calico_load_balancer_pool.clone_from(&other.calico_load_balancer_pool);
        }
    }
}
