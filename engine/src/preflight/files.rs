//! What the configuration of a cluster says about encapsulation: the MTU that is left for pods depends on it.

use super::Read;
use crate::address::Family;
use crate::model::facts::is_true;
use crate::model::facts::settings::wireguard;
use crate::model::fields::ObjectKind;
use crate::model::install::CalicoInstall;
use crate::model::pool::Pool;
use crate::model::{Documents, FileModel, Model, nested};
use crate::source::Source;
use crate::target::Target;

/// How packets between nodes are encapsulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encapsulation {
    /// IP in IP, for IPv4 only.
    Ipip,
    /// VXLAN over IPv4.
    Vxlan,
    /// VXLAN over IPv6.
    VxlanIpv6,
    /// WireGuard over IPv4.
    Wireguard,
    /// WireGuard over IPv6.
    WireguardIpv6,
}

impl Encapsulation {
    /// The bytes that it adds to a packet (projectcalico/calico v3.32.1: felix/dataplane/linux/int_dataplane.go:446).
    #[must_use]
    pub fn overhead(self) -> u32 {
        match self {
            Encapsulation::Ipip => 20,
            Encapsulation::Vxlan => 50,
            Encapsulation::VxlanIpv6 => 70,
            Encapsulation::Wireguard => 60,
            Encapsulation::WireguardIpv6 => 80,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Encapsulation::Ipip => "IPIP",
            Encapsulation::Vxlan => "VXLAN",
            Encapsulation::VxlanIpv6 => "VXLAN over IPv6",
            Encapsulation::Wireguard => "WireGuard",
            Encapsulation::WireguardIpv6 => "WireGuard over IPv6",
        }
    }

    /// The family of the packets that carry it.
    pub(super) fn family(self) -> Family {
        match self {
            Encapsulation::Ipip | Encapsulation::Vxlan | Encapsulation::Wireguard => Family::Ipv4,
            Encapsulation::VxlanIpv6 | Encapsulation::WireguardIpv6 => Family::Ipv6,
        }
    }

    fn vxlan(family: Family) -> Encapsulation {
        if family == Family::Ipv4 { Encapsulation::Vxlan } else { Encapsulation::VxlanIpv6 }
    }

    fn wireguard(family: Family) -> Encapsulation {
        if family == Family::Ipv4 { Encapsulation::Wireguard } else { Encapsulation::WireguardIpv6 }
    }
}

/// An MTU that is set for pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedMtu {
    /// The MTU in bytes.
    pub mtu: u32,
    /// Where it is set.
    pub read: Read,
}

/// What the files of a cluster say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Each encapsulation that is on, with the setting that turns it on.
    pub encapsulations: Vec<(Encapsulation, Read)>,
    /// The MTUs that are set for pods.
    pub mtus: Vec<FixedMtu>,
    /// Whether the files hold the configuration of kubeadm.
    pub is_kubeadm: bool,
}

/// Reads files. Those that are not valid YAML are skipped.
#[must_use]
pub fn network(sources: &[Source<'_>]) -> Network {
    let files: Vec<Documents<'_>> =
        sources.iter().filter_map(|source| Documents::read(*source).ok()).collect();
    let texts: Vec<_> = files.iter().map(|file| nested::find(file).texts).collect();
    let inside = files.iter().zip(&texts);
    let inside: Vec<Documents<'_>> = inside
        .flat_map(|(file, texts)| texts.iter().filter_map(|nested| nested.documents(file.source.name)))
        .collect();
    let all: Vec<&Documents<'_>> = files.iter().chain(&inside).collect();
    let model = Model::read(&all);
    let mut network = Network::default();
    for (index, file) in model.files.iter().enumerate() {
        let installs = CalicoInstall::of_file(file, &Target::default(), &model.facts_of(index));
        installs.iter().for_each(|install| network.add_install(file, install));
        network.add_objects(file);
    }
    network
}

/// Whether a mode turns an encapsulation on. calico-node reads any case, and a dash.
fn is_on(mode: &str) -> bool {
    matches!(mode.to_ascii_lowercase().as_str(), "always" | "crosssubnet" | "cross-subnet")
}

fn place(file: &FileModel<'_>, offset: usize) -> String {
    let place = file.documents.place(offset);
    format!("{}:{}", place.file, place.position.line)
}

fn in_file(path: String, value: String) -> Read {
    Read { path, of_host: false, value }
}

impl Network {
    fn add(&mut self, encapsulation: Encapsulation, path: String, value: String) {
        self.encapsulations.push((encapsulation, in_file(path, value)));
    }

    fn add_install(&mut self, file: &FileModel<'_>, install: &CalicoInstall<'_>) {
        if let Some(node) = &install.node {
            let variables = [
                ("CALICO_IPV4POOL_IPIP", Encapsulation::Ipip),
                ("CALICO_IPV4POOL_VXLAN", Encapsulation::Vxlan),
                ("CALICO_IPV6POOL_VXLAN", Encapsulation::VxlanIpv6),
            ];
            let mut add = |name: &str, encapsulation, is_on: fn(&str) -> bool| {
                if let Some((text, variable)) =
                    node.env.text(name).filter(|t| is_on(t)).zip(node.env.get(name))
                {
                    let path = place(file, node.tree.range(variable.item).start);
                    self.add(encapsulation, path, format!("{name}: {text}"));
                }
            };
            variables.into_iter().for_each(|(name, encapsulation)| add(name, encapsulation, is_on));
            for family in [Family::Ipv4, Family::Ipv6] {
                add(wireguard(family).1, Encapsulation::wireguard(family), is_true);
            }
        }
        if let Some(config) = &install.config
            && let Some((mtu, (node, text))) = install.facts.mtu.zip(config.value("veth_mtu"))
        {
            let read = in_file(place(file, config.tree.range(node).start), format!("veth_mtu: {text}"));
            self.mtus.push(FixedMtu { mtu, read });
        }
        let Some(installation) = &install.installation else { return };
        for pool in &installation.pools {
            self.add_pool(pool, place(file, installation.object.start(pool.node)));
        }
        let node = installation.network.and_then(|network| installation.tree().get(network, "mtu"));
        let text = node.and_then(|node| installation.tree().scalar(node));
        if let Some((node, mtu)) =
            node.zip(text.and_then(|text| text.parse().ok())).filter(|(_, mtu)| *mtu > 0)
        {
            let read = in_file(place(file, installation.object.start(node)), format!("mtu: {mtu}"));
            self.mtus.push(FixedMtu { mtu, read });
        }
    }

    /// A pool of an Installation. Without `encapsulation` the operator takes IPIP for IPv4 and none for IPv6
    /// (tigera/operator v1.42.3: pkg/controller/ippool/defaults.go).
    fn add_pool(&mut self, pool: &Pool, path: String) {
        let Some(family) = pool.family() else { return };
        let mode = pool.mode().unwrap_or(if family == Family::Ipv4 { "IPIP" } else { "None" });
        let encapsulation = match mode {
            "IPIP" | "IPIPCrossSubnet" => Encapsulation::Ipip,
            "VXLAN" | "VXLANCrossSubnet" => Encapsulation::vxlan(family),
            _ => return,
        };
        let default = if pool.mode().is_none() { " (the default)" } else { "" };
        self.add(encapsulation, path, format!("encapsulation: {mode}{default}"));
    }

    fn add_objects(&mut self, file: &FileModel<'_>) {
        let config = &file.objects;
        self.is_kubeadm |=
            [ObjectKind::ClusterConfiguration, ObjectKind::InitConfiguration, ObjectKind::JoinConfiguration]
                .into_iter()
                .any(|kind| config.objects_of(kind).next().is_some());
        for (_, object) in config.objects_of(ObjectKind::IpPool) {
            let Some(pool) = Pool::of_object(object)
                .filter(|pool| pool.disabled.as_ref().is_none_or(|disabled| disabled.text != "true"))
            else {
                continue;
            };
            let Some(family) = pool.family() else { continue };
            for (name, encapsulation) in
                [("ipipMode", Encapsulation::Ipip), ("vxlanMode", Encapsulation::vxlan(family))]
            {
                if let Some(mode) = object.text(&["spec", name]).filter(|mode| is_on(mode)) {
                    self.add(encapsulation, place(file, object.start(pool.node)), format!("{name}: {mode}"));
                }
            }
        }
        for (_, object) in config.objects_of(ObjectKind::FelixConfiguration) {
            for family in [Family::Ipv4, Family::Ipv6] {
                let name = wireguard(family).0;
                let node = object.tree().at(object.root, &["spec", name]);
                if let Some(node) = node.filter(|node| object.tree().scalar(*node) == Some("true")) {
                    let path = place(file, object.start(node));
                    self.add(Encapsulation::wireguard(family), path, format!("{name}: true"));
                }
            }
        }
    }
}
