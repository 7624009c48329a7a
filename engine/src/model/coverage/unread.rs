//! Addresses in settings of an installer's file that nothing reads.
//!
//! Such a file is understood, but not every key of it: a patch, a file for the nodes, arguments of another program. What is there
//! can decide about IP families, too.

use super::{Coverage, State, What, in_object};
use crate::model::FileModel;
use crate::model::fields::{ConfigObject, Field, FieldKind, Flags, ObjectKind, Shape};
use crate::yaml::NodeId;
use core::ops::Range;

/// The addresses that are not read, each with the index of its document: of each object one entry.
pub(super) fn find(file: &FileModel<'_>) -> Vec<(usize, Coverage)> {
    let objects = &file.objects.objects;
    let mut all: Vec<(usize, Coverage)> = Vec::new();
    let mut done: Vec<(usize, NodeId)> = Vec::new();
    for object in objects.iter().filter(|object| is_searched(object)) {
        let resource = object.resource;
        if done.contains(&(resource.document, resource.root)) {
            continue;
        }
        done.push((resource.document, resource.root));
        let Some(tree) = file.documents.tree(resource.document) else { continue };
        let mut found = in_object(tree, resource.root);
        // A word for the families of the whole cluster is read.
        found.retain(|one| one.what != What::Name);
        if found.is_empty() {
            continue;
        }
        let read = read_of(file, object);
        found.retain(|one| !read.iter().any(|range| range.contains(&one.range.start)));
        if let (Some(first), Some(last)) = (found.first(), found.last()) {
            let range = first.range.start..last.range.end;
            all.push((resource.document, Coverage { range, state: State::Unread(found) }));
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
const READ_BY_RULES: [(ObjectKind, &[&str]); 7] = [
    (ObjectKind::Talos, &["machine", "sysctls"]),
    (ObjectKind::Talos, &["machine", "kubelet", "nodeIP", "validSubnets"]),
    (ObjectKind::KubesprayCalico, &["calico_pool_cidr"]),
    (ObjectKind::KubesprayCalico, &["calico_pool_cidr_ipv6"]),
    (ObjectKind::KubesprayCalico, &["calico_ip_auto_method"]),
    (ObjectKind::KubesprayCalico, &["calico_ip6_auto_method"]),
    (ObjectKind::InstallConfig, &["networking", "machineCIDR"]),
];

/// The bytes of the settings that are read in the document of an object.
fn read_of(file: &FileModel<'_>, object: &ConfigObject<'_>) -> Vec<Range<usize>> {
    let config = &file.objects;
    let document = object.resource.document;
    let is_here = |index: usize| {
        let other = &config.objects[index];
        other.resource.document == document && other.text_key().is_none()
    };
    let tree = object.tree();
    // The address of a host is compared with ranges, and stays what it is.
    let is_read = |field: &&Field| is_here(field.object) && field.kind != FieldKind::HostAddress;
    let fields = config.fields.iter().filter(is_read).map(|field| field.node);
    let flags = config.flags.iter().filter(|flags| is_here(flags.object)).map(list_of);
    let reported = config.not_understood.iter().filter(|(index, _)| is_here(*index)).map(|(_, one)| one.node);
    let texts = file.nested.texts.iter().filter(|text| text.document == document).map(|text| text.node);
    let unreadable = config.unreadable.iter().filter(|one| is_here(one.object)).map(|one| one.node);
    let rules = config.objects.iter().filter(|other| other.resource.document == document).flat_map(|other| {
        let own = READ_BY_RULES.iter().filter(move |(kind, _)| *kind == other.kind);
        own.filter_map(move |(_, path)| tree.at(other.root, path))
    });
    let installations = file.installations.iter().filter(|one| one.resource().document == document);
    let installations = installations.filter(|one| one.object.text_key().is_none()).map(|one| one.root);
    let nodes =
        fields.chain(flags).chain(reported).chain(texts).chain(unreadable).chain(rules).chain(installations);
    nodes.map(|node| tree.range(node)).collect()
}

/// The node with all flags.
fn list_of(flags: &Flags) -> NodeId {
    match flags.shape {
        Shape::Words(node) | Shape::Map(node) | Shape::List(node) | Shape::Plain(node) => node,
    }
}
