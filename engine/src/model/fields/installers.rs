//! Files of installers: k3s and RKE2, RKE, kind, kubespray, k0s, KubeOne, Talos, MicroK8s, kops, Cluster API.

use super::installer_keys::{DEFAULT_RANGES, SPLIT};
use super::{ClusterConfig, Component, ConfigObject, FieldKind, Flags, Items, ObjectKind, kubeadm};
use crate::model::keyless_kind::{self, K3S_CONFIG, KUBESPRAY_CALICO};
use crate::version::{Version, image_version};
use crate::yaml::{Kind, NodeId};

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
    let found = &config.objects[index];
    let tree = found.tree();
    let nodes = tree.get(found.root, "nodes").into_iter().flat_map(|nodes| tree.items(nodes));
    let images = { nodes }.filter_map(|node| tree.scalar(tree.get(node, "image")?));
    let release = { images }.find_map(image_version);
    config.note_release(release);
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
    let inside = |key| tree.get(spec, key).filter(|n| tree.kind(*n) == Kind::Mapping);
    let at = |root| ConfigObject { root, ..object.clone() };
    let [cluster, init, join] =
        ["clusterConfiguration", "initConfiguration", "joinConfiguration"].map(|key| inside(key).map(at));
    cluster.into_iter().for_each(|object| kubeadm::read_cluster_as(config, object, ObjectKind::CapiKubeadm));
    init.into_iter().for_each(|object| kubeadm::read_init_as(config, object, ObjectKind::CapiKubeadm));
    join.into_iter().for_each(|object| kubeadm::read_join_as(config, object, ObjectKind::CapiKubeadm));
    if object.resource.kind == "KubeadmControlPlane" {
        config.note_release(object.text(&["spec", "version"]).and_then(Version::parse));
    }
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
