//! One model of all files of a cluster: objects, fields and facts.

pub(crate) mod calico_config;
pub(crate) mod calico_node;
pub mod clusters;
pub mod coverage;
mod documents;
pub mod facts;
pub(crate) mod fields;
pub(crate) mod install;
pub(crate) mod installation;
pub(crate) mod keyless_kind;
pub mod kind_spec;
mod limits;
pub(crate) mod nested;
pub(crate) mod pool;
pub(crate) mod wrappers;

pub use documents::{Content, Document, Documents, InputError, ObjectRef, Resource};
pub use limits::Limit;

use crate::version::Version;
use calico_config::CalicoConfig;
use calico_node::CalicoNode;
use facts::cluster::ClusterFacts;
use facts::lists::Lists;
use facts::{Release, Shared};
use fields::{ClusterConfig, ObjectKind, new_tags, patches};
use installation::{Installation, Origin};
use pool::Pool;

/// One file: its documents, and a typed view of every object that decides about IP families.
#[derive(Clone, Debug)]
pub(crate) struct FileModel<'d> {
    /// The documents.
    pub documents: &'d Documents<'d>,
    /// The ConfigMaps of manifest installs.
    pub configs: Vec<CalicoConfig<'d, 'd>>,
    /// The calico-node DaemonSets.
    pub nodes: Vec<CalicoNode<'d, 'd>>,
    /// The operator's Installations, including those in Helm values.
    pub installations: Vec<Installation<'d>>,
    /// The objects of the Kubernetes layer, and the Calico objects that are not part of an installation.
    pub objects: ClusterConfig<'d>,
    /// The Calico release of a chart whose values are in another object.
    pub chart: Option<Release>,
    /// The manifests in the texts of its ConfigMaps and Secrets.
    pub nested: nested::Found<'d>,
}

impl<'d> FileModel<'d> {
    /// Reads the typed views of a file.
    #[must_use]
    pub(crate) fn read(documents: &'d Documents<'d>) -> FileModel<'d> {
        let nested = nested::find(documents);
        let wrapped = wrappers::find(documents);
        FileModel {
            documents,
            configs: CalicoConfig::find(documents),
            nodes: CalicoNode::find(documents),
            chart: wrapped.iter().find_map(|wrapped| wrapped.release),
            objects: ClusterConfig::find(documents, &wrapped, &nested),
            installations: Installation::find(documents, wrapped),
            nested,
        }
    }

    /// Whether one of its objects was read from a running cluster. The definition of a resource has a `status` in every
    /// manifest.
    pub(crate) fn is_live(&self) -> bool {
        self.documents.resources.iter().filter(|resource| resource.kind != "CustomResourceDefinition").any(
            |resource| {
                let tree = self.documents.tree(resource.document);
                tree.is_some_and(|tree| facts::live_field(tree, resource.root).is_some())
            },
        )
    }

    /// The IP pools that it defines, each once: those of calico-node, of Installations, and IPPools.
    pub(crate) fn pools(&self) -> impl Iterator<Item = Pool> + '_ {
        let of_nodes = self.nodes.iter().flat_map(Pool::of_node).map(|(_, pool)| pool);
        let listed = self.installations.iter().flat_map(|installation| installation.pools.iter().cloned());
        let objects = self.objects.objects_of(ObjectKind::IpPool);
        of_nodes.chain(listed).chain(objects.filter_map(|(_, object)| Pool::of_object(object)))
    }
}

/// All files of one cluster.
#[derive(Clone, Debug)]
pub(crate) struct Model<'d> {
    /// The files, in the order in which they were given.
    pub files: Vec<FileModel<'d>>,
    /// What the files state together.
    pub facts: Shared,
    /// What each file states.
    own: Vec<ClusterFacts>,
}

impl<'d> Model<'d> {
    /// Reads the files of one cluster. Where two files state the same fact, the first one counts; of two ConfigMaps with the
    /// same name, the last one.
    #[must_use]
    pub(crate) fn read(documents: &[&'d Documents<'d>]) -> Model<'d> {
        let mut files: Vec<FileModel<'d>> = documents.iter().copied().map(FileModel::read).collect();
        let mut tags: Vec<(&str, Version)> = documents.iter().copied().flat_map(new_tags).collect();
        tags.sort_by_key(|(name, _)| *name);
        files.iter_mut().flat_map(|file| &mut file.nodes).for_each(|node| node.retag(&tags));
        // A patch is a part of an Installation: pools in it would replace those that the Installation lists.
        let mut names: Vec<String> = Vec::new();
        documents.iter().for_each(|one| patches(one, &mut names));
        for file in &mut files {
            if names.iter().any(|name| name == file.documents.source.name) {
                file.installations.retain(|installation| {
                    installation.pool_list.is_some() || installation.origin != Origin::Object
                });
            }
        }
        let own: Vec<ClusterFacts> = files.iter().map(ClusterFacts::read).collect();
        let mut facts = Shared::default();
        for (file, own) in files.iter().zip(&own) {
            facts.add(file, own);
        }
        facts.cluster.lists = Lists::read(&files);
        Model { files, facts, own }
    }

    /// The facts for the file at this index: its own values take precedence.
    #[must_use]
    pub(crate) fn facts_of(&self, index: usize) -> Shared {
        let mut facts = self.facts.clone();
        facts.put_first(&self.files[index], index, self.own[index].clone());
        facts.cluster.settle();
        facts
    }
}
