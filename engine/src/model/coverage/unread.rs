//! Addresses in settings of an installer's file that nothing reads.
//!
//! Such a file is understood, but not every key of it: a patch, a file for the nodes, arguments of another program. What is there
//! can decide about IP families, too.

use super::{Coverage, State, What, addresses, in_object};
use crate::model::FileModel;
use crate::model::fields::{
    ALLOW_LIST_KEYS, ConfigObject, Field, FieldKind, Flags, ObjectKind, Shape, is_source_list,
};
use crate::yaml::NodeId;

/// The addresses that are not read, each with the index of its document, in their order: of each object one entry.
pub(super) fn find(file: &FileModel<'_>) -> Vec<(usize, Coverage)> {
    let searched = file.objects.objects.iter().filter(|object| is_searched(object));
    let mut objects: Vec<(usize, NodeId)> =
        searched.map(|object| (object.resource.document, object.resource.root)).collect();
    objects.sort_unstable();
    objects.dedup();
    let mut all = in_annotations(file);
    if objects.is_empty() {
        return all;
    }
    let read = Read::of(file);
    for (document, root) in objects {
        let Some(tree) = file.documents.tree(document) else { continue };
        let mut found = in_object(tree, root);
        // A word for the families of the whole cluster is read.
        found.retain(|one| one.what != What::Name && !read.has(document, one.range.start));
        if let (Some(first), Some(last)) = (found.first(), found.last()) {
            let range = first.range.start..last.range.end;
            all.push((document, Coverage { range, state: State::Unread(found) }));
        }
    }
    all.sort_by_key(|(document, one)| (*document, one.range.start));
    all
}

/// Parts of the names of annotations whose addresses are read, or decide nothing: the addresses of a load balancer, what kubectl
/// keeps of an object.
const READ_ANNOTATIONS: [&str; 3] = ["ips", "IPs", "last-applied-configuration"];

/// The addresses in annotations of Services and Ingresses that are not read: rules of a cloud's firewall, snippets of a
/// configuration.
fn in_annotations(file: &FileModel<'_>) -> Vec<(usize, Coverage)> {
    let mut all = Vec::new();
    let is_searched = |object: &&ConfigObject<'_>| {
        matches!(object.kind, ObjectKind::Service | ObjectKind::Ingress) && object.text_key().is_none()
    };
    for object in file.objects.objects.iter().filter(is_searched) {
        let tree = object.tree();
        let Some(annotations) = tree.at(object.root, &["metadata", "annotations"]) else { continue };
        for (key, value) in tree.entries(annotations) {
            let (Some(name), Some(text)) = (tree.scalar(key), tree.scalar(value)) else { continue };
            let is_read = READ_ANNOTATIONS.iter().any(|part| name.ends_with(part))
                || (ALLOW_LIST_KEYS.iter().any(|part| name.contains(part)) && is_source_list(text));
            let range = tree.range(value);
            let mut found =
                if is_read { Vec::new() } else { addresses(&tree.text()[range.clone()], range.start) };
            // One address in a list of clients is the range of one client, not the address of a server.
            if ["allow ", "deny "].iter().any(|word| text.contains(word)) {
                found.iter_mut().for_each(|one| one.what = What::Range);
            }
            if !found.is_empty() {
                all.push((object.resource.document, Coverage { range, state: State::Unread(found) }));
            }
        }
    }
    all
}

/// Whether every address in such an object should be in a setting that is read.
fn is_searched(object: &ConfigObject<'_>) -> bool {
    let kinds = [
        ObjectKind::ClusterConfiguration,
        ObjectKind::InitConfiguration,
        ObjectKind::JoinConfiguration,
        ObjectKind::CapiCluster,
        ObjectKind::CapiKubeadm,
        ObjectKind::KindCluster,
        ObjectKind::InstallConfig,
    ];
    let is_file = !object.tree().is_flag_file() && object.resource.kind != "ConfigMap";
    // A file of kops is refused as a whole.
    let is_installer = object.kind.installer().is_some() && object.kind != ObjectKind::Kops;
    is_file && (is_installer || kinds.contains(&object.kind))
}

/// Settings that rules read where they need them.
const READ_BY_RULES: [(ObjectKind, &[&str]); 11] = [
    (ObjectKind::K0s, &["spec", "network", "calico", "ipAutodetectionMethod"]),
    (ObjectKind::K0s, &["spec", "network", "calico", "ipV6AutodetectionMethod"]),
    (ObjectKind::K3s, &["cluster-cidr+"]),
    (ObjectKind::K3s, &["service-cidr+"]),
    (ObjectKind::Talos, &["machine", "sysctls"]),
    (ObjectKind::Talos, &["machine", "kubelet", "nodeIP", "validSubnets"]),
    (ObjectKind::KubesprayCalico, &["calico_pool_cidr"]),
    (ObjectKind::KubesprayCalico, &["calico_pool_cidr_ipv6"]),
    (ObjectKind::KubesprayCalico, &["calico_ip_auto_method"]),
    (ObjectKind::KubesprayCalico, &["calico_ip6_auto_method"]),
    (ObjectKind::InstallConfig, &["networking", "machineCIDR"]),
];

/// Settings whose ranges usually have one IP family, whatever that of the cluster is.
const OF_ONE_FAMILY: [(ObjectKind, &[&str]); 3] = [
    (ObjectKind::Talos, &["cluster", "etcd", "advertisedSubnets"]),
    (ObjectKind::InstallConfig, &["platform", "baremetal", "provisioningNetworkCIDR"]),
    (ObjectKind::InstallConfig, &["proxy"]),
];

/// The settings that are read: document, first byte, and the byte after the last one, in this order. One may contain others.
struct Read(Vec<(usize, usize, usize)>);

impl Read {
    fn of(file: &FileModel<'_>) -> Read {
        let config = &file.objects;
        let mut read = Read(Vec::new());
        let mut add = |object: &ConfigObject<'_>, node: NodeId| {
            if object.text_key().is_none() {
                let range = object.tree().range(node);
                read.0.push((object.resource.document, range.start, range.end));
            }
        };
        // The address of a host is compared with ranges, and stays what it is.
        let is_read = |field: &&Field| field.kind != FieldKind::HostAddress;
        for field in config.fields.iter().filter(is_read) {
            add(&config.objects[field.object], field.node);
        }
        for flags in &config.flags {
            add(&config.objects[flags.object], list_of(flags));
        }
        for one in &config.unreadable {
            add(&config.objects[one.object], one.node);
        }
        for (index, one) in &config.not_understood {
            add(&config.objects[*index], one.node);
        }
        for installation in &file.installations {
            add(&installation.object, installation.root);
        }
        for object in &config.objects {
            let own = READ_BY_RULES.iter().chain(&OF_ONE_FAMILY).filter(|(kind, _)| *kind == object.kind);
            own.filter_map(|(_, path)| object.tree().at(object.root, path))
                .for_each(|node| add(object, node));
        }
        for text in &file.nested.texts {
            if let Some(tree) = file.documents.tree(text.document) {
                let range = tree.range(text.node);
                read.0.push((text.document, range.start, range.end));
            }
        }
        read.0.sort_unstable();
        // One that is inside another one adds nothing.
        let mut last = (0, 0);
        read.0.retain(|(document, _, end)| {
            let is_new = last < (*document, *end);
            last = last.max((*document, *end));
            is_new
        });
        read
    }

    /// Whether a byte of a document is in one of them.
    fn has(&self, document: usize, at: usize) -> bool {
        let after = self.0.partition_point(|(of, start, _)| (*of, *start) <= (document, at));
        after.checked_sub(1).is_some_and(|i| self.0[i].0 == document && at < self.0[i].2)
    }
}

/// The node with all flags.
fn list_of(flags: &Flags) -> NodeId {
    match flags.shape {
        Shape::Words(node) | Shape::Map(node) | Shape::List(node) | Shape::Plain(node) => node,
    }
}
