//! What a person who applies the result must know of a file and its cluster.

use crate::address::Family;
use crate::model::FileModel;
use crate::model::facts::cluster::{ClusterFacts, Ranges};
use crate::model::fields::ObjectKind;
use crate::target::AddressMap;
use crate::version::Version;
use std::sync::Arc;

/// The CIDRs of a cluster, the primary family first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cidrs {
    /// The service CIDRs.
    pub services: Ranges,
    /// The pod CIDRs.
    pub pods: Ranges,
}

impl Cidrs {
    const NONE: Cidrs = Cidrs { services: Ranges { nets: Vec::new() }, pods: Ranges { nets: Vec::new() } };

    pub(super) fn of(facts: &ClusterFacts) -> Cidrs {
        Cidrs { services: facts.services.clone(), pods: facts.pods.clone() }
    }
}

/// What a person who applies the result must know of a file and its cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The kinds of objects in the file, changed or not, each once.
    pub kinds: Vec<ObjectKind>,
    /// Whether one of its objects was read from a running cluster.
    pub is_live: bool,
    /// Whether the file is one of RKE2, not of k3s.
    pub is_rke2: bool,
    /// The Kubernetes release of the cluster.
    pub kubernetes: Option<Version>,
    /// The primary family of the cluster before any change.
    pub primary: Option<Family>,
    /// The CIDRs of the cluster before any change.
    pub before: Cidrs,
    /// The CIDRs of the cluster in the result.
    pub after: Cidrs,
    /// The pairs of node addresses in the result.
    pub nodes: Option<Arc<AddressMap>>,
}

impl Contents {
    /// Nothing.
    pub(crate) const EMPTY: Contents = Contents {
        kinds: Vec::new(),
        is_live: false,
        is_rke2: false,
        kubernetes: None,
        primary: None,
        before: Cidrs::NONE,
        after: Cidrs::NONE,
        nodes: None,
    };

    /// Reads a file before any change; `facts` are those of its cluster.
    pub(super) fn of(file: &FileModel<'_>, facts: &ClusterFacts) -> Contents {
        let objects = &file.objects.objects;
        // Only RKE2 chooses the network plugin by this key.
        let has_cni = |object: &crate::model::fields::ConfigObject<'_>| {
            object.kind == ObjectKind::K3s && object.tree().get(object.root, "cni").is_some()
        };
        let installation = file.installations.first().map(|_| ObjectKind::Installation);
        let node = file.nodes.first().map(|_| ObjectKind::CalicoNode);
        let mut contents = Contents {
            is_live: file.is_live(),
            is_rke2: objects
                .iter()
                .any(|object| has_cni(object) || object.resource.name.starts_with("rke2-")),
            kubernetes: facts.kubernetes,
            primary: facts.primary(),
            before: Cidrs::of(facts),
            after: Cidrs::of(facts),
            ..Contents::EMPTY
        };
        contents.add_kinds(objects.iter().map(|object| object.kind).chain(installation).chain(node));
        contents
    }

    fn add_kinds(&mut self, kinds: impl IntoIterator<Item = ObjectKind>) {
        for kind in kinds {
            if !self.kinds.contains(&kind) {
                self.kinds.push(kind);
            }
        }
    }

    /// Adds the contents of a text in the file.
    pub(super) fn add(&mut self, inner: Contents) {
        self.add_kinds(inner.kinds);
        self.is_live |= inner.is_live;
        self.is_rke2 |= inner.is_rke2;
    }
}
