//! Which files belong to one cluster.
//!
//! Files that are passed together are one cluster, unless two of them contain something that a cluster has only once. Then
//! the folders that separate these files separate the clusters.

use super::{Documents, FileModel, InputError, Resource};
use crate::model::facts::listed::{first_ones, hash};
use crate::model::facts::stated::StatedValue;
use crate::model::fields::{ClusterConfig, ConfigObject, ObjectKind};
use crate::source::Source;
use crate::yaml::NodeId;
use std::collections::BTreeSet;

/// What one file shows about its cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The name of the file, with its folders.
    pub name: String,
    /// What a cluster has only once: `Installation default`.
    once: BTreeSet<String>,
    /// The names of its cluster, each with what names it; of a file with several clusters the first one.
    names: Vec<(&'static str, String)>,
    /// The names of facts, each with a value that the file states, in order.
    facts: Vec<(String, String)>,
}

/// The files of one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The folder that holds its files, with a slash at the end; the name of the file if there is only one.
    pub name: String,
    /// The indexes of its files.
    pub files: Vec<usize>,
}

/// The ConfigMaps that a cluster has only once.
const CONFIG_MAPS: [&str; 5] = ["kubeadm-config", "kube-proxy", "kubelet-config", "coredns", "kube-dns"];

/// Objects of which a cluster has only one, whatever the name is.
const SINGLE: [ObjectKind; 9] = [
    ObjectKind::ClusterConfiguration,
    ObjectKind::InstallConfig,
    ObjectKind::OpenShiftNetwork,
    ObjectKind::KindCluster,
    ObjectKind::K0s,
    ObjectKind::KubeOne,
    ObjectKind::Rke,
    ObjectKind::Kops,
    ObjectKind::CapiCluster,
];

/// An object that belongs to one cluster and names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedCluster {
    /// What names it.
    pub by: &'static str,
    /// The name, with the namespace of the object.
    pub name: String,
    /// Its document.
    pub document: usize,
    /// Its root.
    pub root: NodeId,
}

/// The objects of a file that name their cluster: those of Cluster API, Rancher and Argo CD, and the machine configuration of Talos.
pub(crate) fn named_clusters(config: &ClusterConfig<'_>, documents: &Documents<'_>) -> Vec<NamedCluster> {
    // Most objects name no cluster: they need no reading.
    let may_name = |kind: &str| kind == "Cluster" || kind == "Application" || kind.ends_with("ControlPlane");
    let of_resource = |resource: &Resource| {
        if !may_name(&resource.kind) {
            return None;
        }
        let object = documents.object(resource.document, Some(resource.root))?;
        let group = object.api_version.split('/').next().unwrap_or_default();
        if let ("argoproj.io", "Application") = (group, object.kind.as_str()) {
            let tree = documents.tree(resource.document)?;
            let text = |key| tree.scalar(tree.at(resource.root, &["spec", "destination", key])?);
            let name = text("name").or_else(|| text("server"))?.to_owned();
            return Some(NamedCluster {
                by: "destination",
                name,
                document: resource.document,
                root: resource.root,
            });
        }
        let by = match (group, object.kind.as_str()) {
            ("cluster.x-k8s.io", "Cluster") => "Cluster of Cluster API",
            ("provisioning.cattle.io", "Cluster") => "Cluster of Rancher",
            ("controlplane.cluster.x-k8s.io", _) => "control plane",
            _ => return None,
        };
        let name = format!("{}/{}", object.namespace.unwrap_or_default(), object.name);
        Some(NamedCluster { by, name, document: resource.document, root: resource.root })
    };
    let of_talos = |(_, object): (usize, &ConfigObject<'_>)| {
        let name = object.text(&["cluster", "clusterName"])?.to_owned();
        Some(NamedCluster { by: "Talos", name, document: object.resource.document, root: object.root })
    };
    let talos = config.objects_of(ObjectKind::Talos).filter_map(of_talos);
    documents.resources.iter().filter_map(of_resource).chain(talos).collect()
}

impl Survey {
    /// Surveys a file. A file that cannot be read shows nothing about its cluster.
    #[must_use]
    pub fn of(source: Source<'_>) -> Survey {
        Survey::read(source).unwrap_or_else(|_| Survey { name: source.name.to_owned(), ..Survey::default() })
    }

    fn read(source: Source<'_>) -> Result<Survey, InputError> {
        let documents = Documents::read(source)?;
        let mut survey = Survey { name: source.name.to_owned(), ..Survey::default() };
        let file = FileModel::read(&documents);
        survey.add(&file);
        for nested in &file.nested.texts {
            if let Some(inside) = nested.documents(source.name) {
                survey.add(&FileModel::read(&inside));
            }
        }
        survey.facts.sort_unstable();
        survey.facts.dedup();
        Ok(survey)
    }

    fn add(&mut self, file: &FileModel<'_>) {
        let survey = self;
        survey.add_calico(file);
        for object in &file.objects.objects {
            let single = SINGLE.iter().position(|kind| *kind == object.kind);
            let is_config_map =
                object.resource.kind == "ConfigMap" && CONFIG_MAPS.contains(&object.resource.name.as_str());
            if is_config_map {
                survey.once.insert(object.resource.title());
            } else if let Some(index) = single {
                survey.once.insert(format!("single object {index}"));
            } else if matches!(object.kind, ObjectKind::Kubespray | ObjectKind::KubesprayCalico) {
                // An inventory has several such files, each under a name of its own.
                let name = survey.name.rsplit(['/', '\\']).next().unwrap_or_default();
                survey.once.insert(format!("group variables {name}"));
            }
        }
        for named in named_clusters(&file.objects, file.documents) {
            if survey.names.iter().all(|(by, _)| *by != named.by) {
                survey.names.push((named.by, named.name));
            }
        }
        let values = StatedValue::read(&file.objects, file.documents);
        // Each node has addresses of its own, and a cluster has any number of pools.
        for value in &values {
            if let Some(name) = value.about.one_for_the_cluster() {
                let family = crate::address::family(value.net);
                survey.fact(format!("{name} {family}"), &value.net.to_string());
            }
        }
        if let Some((version, _)) = file.objects.kubernetes {
            survey.fact("Kubernetes".to_owned(), &version.to_string());
        }
    }

    fn fact(&mut self, name: String, value: &str) {
        self.facts.push((name, value.to_owned()));
    }

    fn add_calico(&mut self, file: &FileModel<'_>) {
        for node in &file.nodes {
            let title = node.resource.title();
            if let Some((version, _)) = node.calico_version() {
                self.fact(format!("{title} release"), &version.to_string());
            }
            // canal and calico-node are two products, and a cluster runs one of them.
            self.fact("CNI".to_owned(), if node.flannel().is_some() { "canal" } else { "calico" });
            for name in ["CALICO_IPV4POOL_CIDR", "CALICO_IPV6POOL_CIDR", "CALICO_NETWORKING_BACKEND"] {
                if let Some(text) = node.env.text(name) {
                    self.fact(name.to_owned(), text);
                }
            }
        }
        for installation in &file.installations {
            for pool in &installation.pools {
                if let Some(net) = pool.net {
                    self.fact(format!("pool {}", crate::address::family(net)), &net.to_string());
                }
            }
        }
        let nodes = file.nodes.iter().filter(|node| !node.is_windows());
        self.once.extend(nodes.map(|_| "calico-node".to_owned()));
        // A cluster runs Calico from a manifest or from the operator, which makes its own calico-node in calico-system.
        let is_manifest = |node: &super::CalicoNode<'_, '_>| {
            let namespace = node.tree.at(node.resource.root, &["metadata", "namespace"]);
            namespace.and_then(|namespace| node.tree.scalar(namespace)) == Some("kube-system")
        };
        if !file.installations.is_empty() || file.nodes.iter().any(is_manifest) {
            self.once.insert("Calico".to_owned());
        }
        self.once.extend(file.configs.iter().map(|config| config.resource.title()));
        self.once.extend(file.installations.iter().map(|_| "Installation".to_owned()));
    }

    /// The folders of its name.
    fn folders(&self) -> Vec<&str> {
        let mut parts: Vec<&str> =
            self.name.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".")).collect();
        parts.pop();
        parts
    }
}

/// Groups files into clusters, in the order of their first files. `roots` may say below which folder each file is: the files
/// of one such folder are one cluster.
#[must_use]
pub fn group(surveys: &[Survey], roots: &[Option<usize>]) -> Vec<Cluster> {
    let root = |i: &usize| roots.get(*i).copied().flatten();
    let (mut explicit, rest): (Vec<usize>, Vec<usize>) = (0..surveys.len()).partition(|i| root(i).is_some());
    explicit.sort_by_key(root);
    let mut groups: Vec<Vec<usize>> =
        explicit.chunk_by(|a, b| root(a) == root(b)).map(<[usize]>::to_vec).collect();
    if !rest.is_empty() {
        split(surveys, rest, 0, &mut groups);
    }
    groups.sort_unstable();
    groups.into_iter().map(|files| Cluster { name: name(surveys, &files), files }).collect()
}

/// Splits files that cannot be one cluster by their folders, from the `depth`-th on.
fn split(surveys: &[Survey], files: Vec<usize>, depth: usize, groups: &mut Vec<Vec<usize>>) {
    if !has_twice(surveys, &files) {
        groups.push(files);
        return;
    }
    let folder = |i: &usize| surveys[*i].folders().get(depth).copied();
    let mut by_folder = files.clone();
    by_folder.sort_by_key(folder);
    let in_one_folder = by_folder.iter().all(|i| folder(i) == folder(&files[0]));
    if !in_one_folder || folder(&files[0]).is_some() {
        for files in by_folder.chunk_by(|a, b| folder(a) == folder(b)) {
            split(surveys, files.to_vec(), depth + 1, groups);
        }
        return;
    }
    // All in one folder: copies that agree are one cluster, others are a cluster each.
    let has_names = are_named_differently(surveys, &files);
    if !has_names && !disagree(surveys, &files) {
        groups.push(files);
        return;
    }
    let once = things(surveys, &files);
    let has_any = |i: &usize| {
        let is_shared = |one: &String| {
            let first = once.partition_point(|other| *other < one.as_str());
            once.get(first + 1).is_some_and(|next| *next == one.as_str())
        };
        let is_other = |own: &(&str, String)| {
            let differs = |(by, name): &(&str, String)| *by == own.0 && *name != own.1;
            files.iter().any(|j| i != j && surveys[*j].names.iter().any(differs))
        };
        surveys[*i].once.iter().any(is_shared) || (has_names && surveys[*i].names.iter().any(is_other))
    };
    let (single, rest): (Vec<usize>, Vec<usize>) = files.iter().copied().partition(has_any);
    groups.extend(single.into_iter().map(|i| vec![i]));
    if !rest.is_empty() {
        groups.push(rest);
    }
}

/// What these files contain of what a cluster has only once, sorted.
fn things<'s>(surveys: &'s [Survey], files: &[usize]) -> Vec<&'s str> {
    let mut once: Vec<&str> = files.iter().flat_map(|i| &surveys[*i].once).map(String::as_str).collect();
    once.sort_unstable();
    once
}

/// Whether two of these files contain the same thing, and a fact that both state has different values.
fn disagree(surveys: &[Survey], files: &[usize]) -> bool {
    let mut stated: Vec<(&str, &[(String, String)])> = Vec::new();
    for own in files.iter().map(|i| &surveys[*i]) {
        for values in own.facts.chunk_by(|one, next| one.0 == next.0) {
            stated.extend(own.once.iter().map(|thing| (thing.as_str(), values)));
        }
    }
    let fact = |i: usize| (stated[i].0, stated[i].1[0].0.as_str());
    let hashes: Vec<u64> = (0..stated.len()).map(|i| hash(&fact(i))).collect();
    let first = first_ones(&hashes, &|one, other| fact(one) == fact(other));
    first.iter().enumerate().any(|(own, first)| stated[own].1 != stated[*first].1)
}

/// Whether two of these files contain something that a cluster has only once.
fn has_twice(surveys: &[Survey], files: &[usize]) -> bool {
    things(surveys, files).windows(2).any(|pair| pair[0] == pair[1]) || are_named_differently(surveys, files)
}

/// Whether two of these files name different clusters.
fn are_named_differently(surveys: &[Survey], files: &[usize]) -> bool {
    // Each name is compared with the first one of its kind.
    let mut known: Vec<&(&str, String)> = Vec::new();
    for own in files.iter().flat_map(|i| &surveys[*i].names) {
        match known.iter().find(|(by, _)| *by == own.0) {
            Some(first) if first.1 != own.1 => return true,
            Some(_) => {}
            None => known.push(own),
        }
    }
    false
}

/// The folder that all files of a cluster share.
fn name(surveys: &[Survey], files: &[usize]) -> String {
    if let [one] = files {
        return surveys[*one].name.clone();
    }
    let mut shared: Option<Vec<&str>> = None;
    for i in files {
        let folders = surveys[*i].folders();
        shared = Some(match shared {
            None => folders,
            Some(known) => known.iter().zip(&folders).take_while(|(a, b)| a == b).map(|(a, _)| *a).collect(),
        });
    }
    let is_absolute = files.first().is_some_and(|i| surveys[*i].name.starts_with('/'));
    let folders = shared.unwrap_or_default();
    match folders.is_empty() {
        true => "./".to_owned(),
        false => format!("{}{}/", if is_absolute { "/" } else { "" }, folders.join("/")),
    }
}
