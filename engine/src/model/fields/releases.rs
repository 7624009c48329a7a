//! The releases of Kubernetes and Calico that installers' files name.

use super::{ConfigObject, ObjectKind};
use crate::model::Documents;
use crate::version::Version;
use crate::yaml::{NodeId, Tree};

/// Where installers name the release of Kubernetes.
const RELEASES: [(ObjectKind, &[&str]); 10] = [
    // An image of Talos has the release of its component as tag; talhelper's file names it.
    (ObjectKind::Talos, &["cluster", "apiServer", "image"]),
    (ObjectKind::Talos, &["machine", "kubelet", "image"]),
    (ObjectKind::Talos, &["kubernetesVersion"]),
    (ObjectKind::Kubespray, &["kube_version"]),
    (ObjectKind::KubeOne, &["versions", "kubernetes"]),
    (ObjectKind::Rke, &["kubernetes_version"]),
    (ObjectKind::Kops, &["spec", "kubernetesVersion"]),
    // A Cluster of Cluster API that a ClusterClass completes.
    (ObjectKind::CapiCluster, &["spec", "topology", "version"]),
    // Rancher's provisioning Cluster, around the configuration of k3s or RKE2.
    (ObjectKind::K3s, &["spec", "kubernetesVersion"]),
    // k0sctl's Cluster, around the configuration of k0s.
    (ObjectKind::K0s, &["spec", "k0s", "version"]),
];

/// The release of Kubernetes that an installer's file names: `v1.31.4`, `v1.31.4+rke2r1`.
pub(super) fn release(object: &ConfigObject<'_>, kind: ObjectKind) -> Option<Version> {
    let (tree, root) = (object.tree(), object.resource.root);
    let stated = RELEASES.iter().filter(|(of, _)| *of == kind).filter_map(|(_, path)| tree.at(root, path));
    stated.filter_map(|node| tree.scalar(node)).find_map(of_tag)
}

/// The release that a text is, or the tag of an image.
fn of_tag(text: &str) -> Option<Version> {
    Version::parse(text.rsplit_once(':').map_or(text, |(_, tag)| tag))
}

/// Where installers name the release of Calico: as a release, or as the tag of an image.
const CALICO_RELEASES: [(ObjectKind, &[&str]); 4] = [
    (ObjectKind::Kubespray, &["calico_version"]),
    (ObjectKind::KubesprayCalico, &["calico_version"]),
    (ObjectKind::K0s, &["spec", "images", "calico", "node", "version"]),
    (ObjectKind::Rke, &["system_images", "calico_node"]),
];

/// The release of Calico that an installer's file names, with its place.
pub(crate) fn calico_release(object: &ConfigObject<'_>) -> Option<(NodeId, Version)> {
    let (_, path) = CALICO_RELEASES.iter().find(|(kind, _)| *kind == object.kind)?;
    let node = object.tree().at(object.root, path)?;
    Some((node, of_tag(object.tree().scalar(node)?)?))
}

/// The kustomizations, also those of Flux. kustomize reads its file without `kind`, too.
fn kustomizations<'d>(documents: &'d Documents<'_>) -> impl Iterator<Item = (&'d Tree<'d>, NodeId)> {
    let named = documents.of_kind("Kustomization").map(|(resource, tree)| (tree, resource.root));
    let trees = (0..documents.documents.len()).filter_map(|document| documents.tree(document));
    let nameless = trees.filter_map(|tree| Some((tree, tree.root()?)));
    let nameless = nameless.filter(|(tree, root)| tree.get(*root, "kind").is_none());
    named.chain(nameless)
}

/// The names of the files that kustomizations list as patches, and of those with patches in them. kustomize reads none from
/// outside of its folder.
pub(in crate::model) fn patches(documents: &Documents<'_>, names: &mut Vec<String>) {
    let name = documents.source.name;
    let folder = &name[..name.rfind('/').map_or(0, |end| end + 1)];
    for (tree, root) in kustomizations(documents) {
        for list in ["patches", "patchesStrategicMerge"] {
            let Some(list) = tree.get(root, list) else { continue };
            names.push(name.to_owned());
            for item in tree.items(list) {
                if let Some(path) = tree.scalar(tree.get(item, "path").unwrap_or(item)) {
                    names.push([folder, path.trim_start_matches("./")].concat());
                }
            }
        }
    }
}

/// The tags that kustomize writes into images, and Flux with it: `newTag` of `images`, by the name of the image. A tag that is
/// no release is left out.
pub(in crate::model) fn new_tags<'d>(
    documents: &'d Documents<'_>,
) -> impl Iterator<Item = (&'d str, Version)> {
    kustomizations(documents).flat_map(|(tree, root)| {
        let images = tree.get(root, "images").or_else(|| tree.at(root, &["spec", "images"]));
        images.into_iter().flat_map(|images| tree.items(images)).filter_map(|image| {
            let text = |key| tree.scalar(tree.get(image, key)?);
            Some((text("name")?, Version::parse(text("newTag")?)?))
        })
    })
}
