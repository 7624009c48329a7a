//! Files of installers: k3s and RKE2, RKE, kind, kubespray, k0s, KubeOne, Talos, MicroK8s, kops, Cluster API.

use super::{ClusterConfig, Component, ConfigObject, FieldKind, Flags, Items, ObjectKind, kubeadm};
use crate::address::Family;
use crate::model::keyless_kind::{self, K3S_CONFIG, KUBESPRAY_CALICO};
use crate::version::Version;
use crate::yaml::{Kind, NodeId};

/// A key with the range of one IP family.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RangeKey {
    /// The family.
    pub family: Family,
    /// What the range is for.
    pub kind: FieldKind,
    /// Its path.
    pub path: &'static [&'static str],
}

/// When a switch is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// If pods have this family.
    With(Family),
    /// If pods have both families.
    WithBoth,
}

/// A file that has a key for each family, and switches for them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split {
    /// The kind of file.
    pub kind: ObjectKind,
    /// Switches, `true` or `false`.
    pub switches: &'static [(&'static [&'static str], On)],
    /// The ranges.
    pub ranges: &'static [RangeKey],
    /// Whether it has default ranges.
    pub has_defaults: bool,
    pub node_prefix: Option<NodePrefix>,
}

/// The node mask size of the IPv6 pod CIDR.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodePrefix {
    /// Its key.
    pub path: &'static [&'static str],
    /// The size if there is none.
    pub default: u8,
    /// The key holds a flag of the controller manager: it is a text, and without dual-stack the controller manager exits.
    pub is_flag: bool,
}

const fn node_prefix(path: &'static [&'static str], default: u8, is_flag: bool) -> Option<NodePrefix> {
    Some(NodePrefix { path, default, is_flag })
}

impl Split {
    /// The value (`true` or `false`) of the switch of a family, if the file has it.
    fn switch<'o>(&self, object: &'o ConfigObject<'_>, family: Family) -> Option<&'o str> {
        let (path, _) = self.switches.iter().find(|(_, on)| *on == On::With(family))?;
        let tree = object.tree();
        let node = tree.at(object.root, path)?;
        // In an argument file the value is a list of one item.
        tree.scalar(tree.items(node).next().unwrap_or(node))
    }

    /// Whether the file turns a family on.
    pub(in crate::model) fn is_on(&self, object: &ConfigObject<'_>, family: Family) -> bool {
        self.switch(object, family).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// Whether the file turns a family off.
    pub(in crate::model) fn is_off(&self, object: &ConfigObject<'_>, family: Family) -> bool {
        self.switch(object, family).is_some_and(|text| text.eq_ignore_ascii_case("false"))
    }
}

/// Whether a file lists a range of this family and turns the family off: the range has no effect.
pub(crate) fn leaves_out(object: &ConfigObject<'_>, family: Family) -> bool {
    let tree = object.tree();
    let is_false = |path: &[&str]| {
        let node = tree.at(object.root, path).and_then(|node| tree.scalar(node));
        node.is_some_and(|text| text.eq_ignore_ascii_case("false"))
    };
    let of_both = |split: &Split| {
        let mut paths = split.switches.iter().filter(|(_, on)| *on == On::WithBoth).map(|(path, _)| *path);
        family == Family::Ipv6 && paths.any(is_false)
    };
    let is_old = object.kind == ObjectKind::Kubespray && family == Family::Ipv6;
    let mut splits = SPLIT.iter().filter(|split| split.kind == object.kind);
    splits.any(|split| split.is_off(object, family) || of_both(split))
        || (is_old && is_false(&["enable_dual_stack_networks"]))
}

/// Whether a file of kubespray turns IPv6 on. Its samples have IPv6 ranges, which have no effect without this switch.
pub(in crate::model) fn turns_ipv6_on(object: &ConfigObject<'_>) -> bool {
    let tree = object.tree();
    let old = tree.get(object.root, "enable_dual_stack_networks").and_then(|node| tree.scalar(node));
    let is_old = old.is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let mut splits = SPLIT.iter().filter(|split| split.kind == ObjectKind::Kubespray);
    object.kind == ObjectKind::Kubespray && (is_old || splits.any(|split| split.is_on(object, Family::Ipv6)))
}

const fn key(family: Family, kind: FieldKind, path: &'static [&'static str]) -> RangeKey {
    RangeKey { family, kind, path }
}

/// The files with a key for each family.
pub(crate) const SPLIT: [Split; 4] = [
    Split {
        kind: ObjectKind::Kubespray,
        switches: &[(&["ipv4_stack"], On::With(Family::Ipv4)), (&["ipv6_stack"], On::With(Family::Ipv6))],
        ranges: &[
            key(Family::Ipv4, FieldKind::ServiceRange, &["kube_service_addresses"]),
            key(Family::Ipv4, FieldKind::PodRange, &["kube_pods_subnet"]),
            key(Family::Ipv6, FieldKind::ServiceRange, &["kube_service_addresses_ipv6"]),
            key(Family::Ipv6, FieldKind::PodRange, &["kube_pods_subnet_ipv6"]),
        ],
        has_defaults: true,
        node_prefix: node_prefix(&["kube_network_node_prefix_ipv6"], 120, false),
    },
    Split {
        kind: ObjectKind::K0s,
        switches: &[(&["spec", "network", "dualStack", "enabled"], On::WithBoth)],
        ranges: &[
            key(Family::Ipv4, FieldKind::PodRange, &["spec", "network", "podCIDR"]),
            key(Family::Ipv4, FieldKind::ServiceRange, &["spec", "network", "serviceCIDR"]),
            key(Family::Ipv6, FieldKind::PodRange, &["spec", "network", "dualStack", "IPv6podCIDR"]),
            key(Family::Ipv6, FieldKind::ServiceRange, &["spec", "network", "dualStack", "IPv6serviceCIDR"]),
        ],
        has_defaults: false,
        // k0s itself sets --node-cidr-mask-size in a single-stack cluster.
        node_prefix: node_prefix(
            &["spec", "controllerManager", "extraArgs", "node-cidr-mask-size-ipv6"],
            117,
            true,
        ),
    },
    Split {
        kind: ObjectKind::KubeOne,
        switches: &[],
        ranges: &[
            key(Family::Ipv4, FieldKind::PodRange, &["clusterNetwork", "podSubnet"]),
            key(Family::Ipv4, FieldKind::ServiceRange, &["clusterNetwork", "serviceSubnet"]),
            key(Family::Ipv6, FieldKind::PodRange, &["clusterNetwork", "podSubnetIPv6"]),
            key(Family::Ipv6, FieldKind::ServiceRange, &["clusterNetwork", "serviceSubnetIPv6"]),
        ],
        has_defaults: true,
        node_prefix: node_prefix(&["clusterNetwork", "nodeCIDRMaskSizeIPv6"], 64, false),
    },
    Split {
        kind: ObjectKind::MicroK8s,
        switches: &[(&["IPv4_SUPPORT"], On::With(Family::Ipv4)), (&["IPv6_SUPPORT"], On::With(Family::Ipv6))],
        ranges: &[
            key(Family::Ipv4, FieldKind::PodRange, &["IPv4_CLUSTER_CIDR"]),
            key(Family::Ipv4, FieldKind::ServiceRange, &["IPv4_SERVICE_CIDR"]),
            key(Family::Ipv6, FieldKind::PodRange, &["IPv6_CLUSTER_CIDR"]),
            key(Family::Ipv6, FieldKind::ServiceRange, &["IPv6_SERVICE_CIDR"]),
        ],
        has_defaults: false,
        node_prefix: None,
    },
];

/// A file that sets its IP families with one value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FamilyWord {
    /// The kind of file.
    pub kind: ObjectKind,
    /// Its path.
    pub path: &'static [&'static str],
    /// The value for IPv4 alone, which is also the default.
    pub ipv4: &'static str,
    /// The value for IPv6 alone.
    pub ipv6: &'static str,
    /// The value for both families, IPv4 first.
    pub ipv4_first: &'static str,
    /// The value for both families, IPv6 first.
    pub ipv6_first: &'static str,
    /// Whether the default works in dual-stack, too.
    pub default_suits_both: bool,
}

/// The files with one value for the families (kind `pkg/apis/config/v1alpha4`, KubeOne `pkg/apis/kubeone/v1beta3/types.go`,
/// Rancher `pkg/apis/rke.cattle.io/v1`).
pub(crate) const FAMILY_WORDS: [FamilyWord; 3] = [
    FamilyWord {
        kind: ObjectKind::RancherCluster,
        path: &["spec", "rkeConfig", "networking", "stackPreference"],
        ipv4: "ipv4",
        ipv6: "ipv6",
        ipv4_first: "dual",
        ipv6_first: "dual",
        default_suits_both: true,
    },
    FamilyWord {
        kind: ObjectKind::KindCluster,
        path: &["networking", "ipFamily"],
        ipv4: "ipv4",
        ipv6: "ipv6",
        ipv4_first: "dual",
        ipv6_first: "dual",
        default_suits_both: false,
    },
    FamilyWord {
        kind: ObjectKind::KubeOne,
        path: &["clusterNetwork", "ipFamily"],
        ipv4: "IPv4",
        ipv6: "IPv6",
        ipv4_first: "IPv4+IPv6",
        ipv6_first: "IPv6+IPv4",
        default_suits_both: false,
    },
];

/// A key with the ranges of all families, and the default of its program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DefaultRange {
    /// The kind of file.
    pub kind: ObjectKind,
    /// The path of the key.
    pub path: &'static [&'static str],
    /// What the range is for.
    pub of: FieldKind,
    /// The default IPv4 range.
    pub ipv4: &'static str,
    /// The default IPv6 range; `None` if the program has no default.
    pub ipv6: Option<&'static str>,
    /// Whether the value is a list and not a string with commas.
    pub is_list: bool,
    /// An entry that must exist too: without it the file is only a part of a configuration, and the other part may have the
    /// key.
    pub whole: Option<&'static [&'static str]>,
}

const fn kind_range(
    path: &'static [&'static str],
    of: FieldKind,
    ipv4: &'static str,
    ipv6: &'static str,
) -> DefaultRange {
    let (kind, ipv6) = (ObjectKind::KindCluster, Some(ipv6));
    DefaultRange { kind, path, of, ipv4, ipv6, is_list: false, whole: None }
}

const fn rke_range(path: &'static [&'static str], of: FieldKind, ipv4: &'static str) -> DefaultRange {
    let kind = ObjectKind::Rke;
    DefaultRange { kind, path, of, ipv4, ipv6: None, is_list: false, whole: Some(&["nodes"]) }
}

const fn talos_range(path: &'static [&'static str], of: FieldKind, ipv4: &'static str) -> DefaultRange {
    let (kind, whole) = (ObjectKind::Talos, Some(["machine", "type"].as_slice()));
    DefaultRange { kind, path, of, ipv4, ipv6: None, is_list: true, whole }
}

/// The keys with ranges of all families (kind `pkg/apis/config/v1alpha4/default.go`, RKE `cluster/defaults.go`, Talos
/// `pkg/machinery/constants/constants.go`).
pub(crate) const DEFAULT_RANGES: [DefaultRange; 7] = [
    kind_range(&["networking", "podSubnet"], FieldKind::PodRange, "10.244.0.0/16", "fd00:10:244::/56"),
    kind_range(&["networking", "serviceSubnet"], FieldKind::ServiceRange, "10.96.0.0/16", "fd00:10:96::/112"),
    rke_range(&["services", "kube-api", "service_cluster_ip_range"], FieldKind::ServiceRange, "10.43.0.0/16"),
    rke_range(
        &["services", "kube-controller", "service_cluster_ip_range"],
        FieldKind::ServiceRange,
        "10.43.0.0/16",
    ),
    rke_range(&["services", "kube-controller", "cluster_cidr"], FieldKind::PodRange, "10.42.0.0/16"),
    talos_range(&["cluster", "network", "podSubnets"], FieldKind::PodRange, "10.244.0.0/16"),
    talos_range(&["cluster", "network", "serviceSubnets"], FieldKind::ServiceRange, "10.96.0.0/12"),
];

/// The flags that installers pass on to components, and their paths.
const EXTRA_ARGS: [(ObjectKind, &[&str], Component); 16] = [
    (ObjectKind::Talos, &["cluster", "apiServer", "extraArgs"], Component::ApiServer),
    (ObjectKind::Talos, &["cluster", "controllerManager", "extraArgs"], Component::ControllerManager),
    (ObjectKind::Talos, &["cluster", "proxy", "extraArgs"], Component::Proxy),
    (ObjectKind::Talos, &["machine", "kubelet", "extraArgs"], Component::Kubelet),
    (ObjectKind::Rke, &["services", "kube-api", "extra_args"], Component::ApiServer),
    (ObjectKind::Rke, &["services", "kube-controller", "extra_args"], Component::ControllerManager),
    (ObjectKind::Rke, &["services", "kubeproxy", "extra_args"], Component::Proxy),
    (ObjectKind::Rke, &["services", "kubelet", "extra_args"], Component::Kubelet),
    (ObjectKind::K0s, &["spec", "api", "extraArgs"], Component::ApiServer),
    (ObjectKind::K0s, &["spec", "controllerManager", "extraArgs"], Component::ControllerManager),
    (ObjectKind::Kubespray, &["kube_kubeadm_apiserver_extra_args"], Component::ApiServer),
    (ObjectKind::Kubespray, &["kube_kubeadm_controller_extra_args"], Component::ControllerManager),
    (ObjectKind::K3s, &["kube-apiserver-arg"], Component::ApiServer),
    (ObjectKind::K3s, &["kube-controller-manager-arg"], Component::ControllerManager),
    (ObjectKind::K3s, &["kube-proxy-arg"], Component::Proxy),
    (ObjectKind::K3s, &["kubelet-arg"], Component::Kubelet),
];

/// Reads the flags that an installer passes on.
fn read_extra_args(config: &mut ClusterConfig<'_>, index: usize, kind: ObjectKind) {
    for (_, path, component) in EXTRA_ARGS.iter().filter(|(of, ..)| *of == kind) {
        if kind != ObjectKind::K3s {
            kubeadm::extra_args(config, index, path, *component);
            continue;
        }
        // A key with a plus sign appends to what an earlier file says.
        for key in path.iter().flat_map(|key| [(*key).to_owned(), format!("{key}+")]) {
            let object = &config.objects[index];
            if let Some(node) = object.tree().get(object.root, &key) {
                let flags = Flags::plain(object.tree(), index, *component, node);
                config.add_flags(flags, &format!("{key}: "));
            }
        }
    }
}

/// Reads a file of this kind with its ranges, and returns the index of its object.
pub(in crate::model) fn read_split<'d>(
    config: &mut ClusterConfig<'d>,
    object: ConfigObject<'d>,
    kind: ObjectKind,
) -> usize {
    let index = config.add(object, kind);
    read_extra_args(config, index, kind);
    match kind {
        ObjectKind::KubeOne => {
            config.field(index, &["apiEndpoint", "host"], FieldKind::Endpoint);
            config.items(index, &["apiEndpoint", "alternativeNames"], FieldKind::CertSan);
            for group in ["controlPlane", "staticWorkers"] {
                config.hosts_at(index, &[group, "hosts"], &[&["publicAddress"], &["privateAddress"]]);
            }
        }
        ObjectKind::Kubespray => {
            config.field(index, &["loadbalancer_apiserver", "address"], FieldKind::Endpoint);
            config.items(index, &["supplementary_addresses_in_ssl_keys"], FieldKind::CertSan);
            config.field(index, &["kube_vip_address"], FieldKind::Endpoint);
            config.field(index, &["nodelocaldns_ip"], FieldKind::DnsServer);
        }
        ObjectKind::K0s => config.items(index, &["spec", "api", "sans"], FieldKind::CertSan),
        _ => {}
    }
    for split in SPLIT.iter().filter(|split| split.kind == kind) {
        for range in split.ranges {
            let object = &config.objects[index];
            // In an argument file the value is a list of one item.
            let node = object.tree().at(object.root, range.path);
            let first = node.and_then(|node| object.tree().items(node).next()).or(node);
            if let Some(node) = first.filter(|node| object.tree().scalar(*node) != Some("")) {
                config.field_at(index, node, range.path.join("."), range.kind);
                if let Some(field) = config.fields.last_mut().filter(|field| field.node == node) {
                    field.family = Some(range.family);
                }
            }
        }
    }
    index
}

/// `config.yaml` of k3s or RKE2: its keys are flags, and a repeatable flag is a string or a list.
pub(in crate::model) fn read_k3s<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::K3s);
    read_k3s_fields(config, index);
}

fn read_k3s_fields(config: &mut ClusterConfig<'_>, index: usize) {
    read_extra_args(config, index, ObjectKind::K3s);
    for (key, kind) in [
        ("cluster-cidr", FieldKind::PodRange),
        ("service-cidr", FieldKind::ServiceRange),
        ("node-ip", FieldKind::NodeIp),
        ("cluster-dns", FieldKind::ClusterDns),
        ("advertise-address", FieldKind::Advertise),
        ("server", FieldKind::Server),
    ] {
        let object = &config.objects[index];
        let is_list =
            object.tree().get(object.root, key).is_some_and(|n| object.tree().kind(n) == Kind::Sequence);
        if is_list {
            config.list(index, &[key], kind, Items::Text);
        } else {
            config.field(index, &[key], kind);
        }
    }
    // One name or address, or a list with an item for each.
    for key in ["tls-san", "tls-san+"] {
        if config.objects[index].text(&[key]).is_some() {
            config.field(index, &[key], FieldKind::CertSan);
        } else {
            config.items(index, &[key], FieldKind::CertSan);
        }
    }
}

/// `Cluster` of kind.
pub(in crate::model) fn read_kind<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::KindCluster);
    config.field(index, &["networking", "podSubnet"], FieldKind::PodRange);
    config.field(index, &["networking", "serviceSubnet"], FieldKind::ServiceRange);
}

/// Group variables of kubespray: of the cluster, of Calico, or of both.
pub(in crate::model) fn read_kubespray<'d>(config: &mut ClusterConfig<'d>, object: &ConfigObject<'d>) {
    let has = |key: &str| object.tree().get(object.root, key).is_some();
    let names_calico = object.text(&["kube_network_plugin"]) == Some("calico");
    let is_calico = KUBESPRAY_CALICO.into_iter().any(has);
    // A file that chooses Calico and no CIDRs uses the defaults.
    let sets_cluster = ["ipv4_stack", "ipv6_stack", "enable_dual_stack_networks"].into_iter().any(has)
        || names_calico
        || SPLIT.iter().filter(|split| split.kind == ObjectKind::Kubespray).any(|split| {
            split.ranges.iter().any(|range| object.tree().at(object.root, range.path).is_some())
        });
    if is_calico || names_calico {
        config.add(object.clone(), ObjectKind::KubesprayCalico);
    }
    if sets_cluster {
        read_split(config, object.clone(), ObjectKind::Kubespray);
    }
}

/// `Cluster` of k0sctl: it contains the configuration of k0s.
pub(in crate::model) fn read_k0sctl<'d>(config: &mut ClusterConfig<'d>, object: &ConfigObject<'d>) {
    let tree = object.tree();
    let inside = tree.at(object.root, &["spec", "k0s", "config"]);
    if let Some(root) = inside.filter(|node| tree.kind(*node) == Kind::Mapping) {
        let index = read_split(config, ConfigObject { root, ..object.clone() }, ObjectKind::K0s);
        if let Some(hosts) = tree.at(object.root, &["spec", "hosts"]) {
            config.hosts(index, hosts, &[&["privateAddress"], &["ssh", "address"]]);
        }
    }
}

/// Machine configuration of Talos, in which a separate document may have the ranges; or the file of talhelper.
pub(in crate::model) fn read_talos<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::Talos);
    for (key, of_talhelper, kind) in [
        ("podSubnets", "clusterPodNets", FieldKind::PodRange),
        ("serviceSubnets", "clusterSvcNets", FieldKind::ServiceRange),
    ] {
        for path in [["cluster", "network", key].as_slice(), &[key], &[of_talhelper]] {
            config.list(index, path, kind, Items::Text);
        }
    }
    config.list(index, &["machine", "kubelet", "clusterDNS"], FieldKind::ClusterDns, Items::Text);
    config.items(index, &["machine", "certSANs"], FieldKind::CertSan);
    config.items(index, &["cluster", "apiServer", "certSANs"], FieldKind::CertSan);
    config.field(index, &["cluster", "controlPlane", "endpoint"], FieldKind::Server);
    let interfaces = ["machine", "network", "interfaces"];
    config.hosts_at(index, &interfaces, &[&["addresses"]]);
    let found = &config.objects[index];
    let list = found.tree().at(found.root, &interfaces);
    let vips = list.into_iter().flat_map(|list| found.tree().items(list));
    let vips: Vec<NodeId> = vips.filter_map(|one| found.tree().at(one, &["vip", "ip"])).collect();
    for vip in vips {
        config.field_at(index, vip, "vip.ip".to_owned(), FieldKind::Endpoint);
    }
    read_extra_args(config, index, ObjectKind::Talos);
}

/// `cluster.yml` of RKE.
pub(in crate::model) fn read_rke<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::Rke);
    for range in DEFAULT_RANGES.iter().filter(|range| range.kind == ObjectKind::Rke) {
        config.field(index, range.path, range.of);
    }
    config.field(index, &["services", "kubelet", "cluster_dns_server"], FieldKind::ClusterDns);
    config.items(index, &["authentication", "sans"], FieldKind::CertSan);
    config.hosts_at(index, &["nodes"], &[&["address"], &["internal_address"]]);
    read_extra_args(config, index, ObjectKind::Rke);
}

/// `Cluster` of Cluster API, or of one of its infrastructure providers.
pub(in crate::model) fn read_capi_cluster<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::CapiCluster);
    config.list(
        index,
        &["spec", "clusterNetwork", "services", "cidrBlocks"],
        FieldKind::ServiceRange,
        Items::Text,
    );
    config.list(index, &["spec", "clusterNetwork", "pods", "cidrBlocks"], FieldKind::PodRange, Items::Text);
    config.field(index, &["spec", "controlPlaneEndpoint", "host"], FieldKind::Endpoint);
}

/// The objects of Cluster API with kubeadm's documents: their fields, without their own versions.
pub(in crate::model) fn read_kubeadm_spec<'d>(config: &mut ClusterConfig<'d>, object: &ConfigObject<'d>) {
    let tree = object.tree();
    let paths: [&[&str]; 4] = [
        &["spec", "kubeadmConfigSpec"],
        &["spec", "template", "spec", "kubeadmConfigSpec"],
        &["spec", "template", "spec"],
        &["spec"],
    ];
    let Some(spec) = paths.into_iter().find_map(|path| tree.at(object.root, path)) else { return };
    if object.resource.kind == "KubeadmControlPlane" {
        config.note_release(object.text(&["spec", "version"]).and_then(Version::parse));
    }
    let inside = |key| tree.get(spec, key).filter(|n| tree.kind(*n) == Kind::Mapping);
    let at = |root| ConfigObject { root, ..object.clone() };
    let [cluster, init, join] =
        ["clusterConfiguration", "initConfiguration", "joinConfiguration"].map(|key| inside(key).map(at));
    cluster.into_iter().for_each(|object| kubeadm::read_cluster_as(config, object, ObjectKind::CapiKubeadm));
    init.into_iter().for_each(|object| kubeadm::read_init_as(config, object, ObjectKind::CapiKubeadm));
    join.into_iter().for_each(|object| kubeadm::read_join_as(config, object, ObjectKind::CapiKubeadm));
}

/// `Cluster` of Rancher: configuration of RKE2 or k3s for all machines, and for machines that a selector matches.
pub(in crate::model) fn read_rancher<'d>(config: &mut ClusterConfig<'d>, object: &ConfigObject<'d>) {
    let tree = object.tree();
    let Some(rke) = tree.at(object.root, &["spec", "rkeConfig"]) else { return };
    let is_k3s = |root: &NodeId| keyless_kind::of(tree, *root) == Some(K3S_CONFIG);
    if let Some(root) = tree.get(rke, "machineGlobalConfig").filter(|root| {
        let cni = tree.get(*root, "cni");
        is_k3s(root) || cni.is_some_and(|cni| tree.text()[tree.range(cni)].contains("calico"))
    }) {
        read_k3s(config, object.below(root));
        config.add(object.clone(), ObjectKind::RancherCluster);
    }
    // A configuration for some machines only adds to the one for all machines.
    let selected: Vec<NodeId> =
        tree.get(rke, "machineSelectorConfig").map(|list| tree.items(list).collect()).unwrap_or_default();
    for root in selected.into_iter().filter_map(|item| tree.get(item, "config")) {
        let index = config.add(object.below(root), ObjectKind::K3sMachines);
        read_k3s_fields(config, index);
    }
}
