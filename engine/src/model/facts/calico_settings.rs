//! Settings of Calico in one file that rules about its other objects need.

use crate::address::{Family, family_of};
use crate::host::{Form, addresses};
use crate::model::calico_node::CalicoNode;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::model::{Documents, FileModel};
use crate::source::Place;

/// An object that another one refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stated {
    /// Its title.
    pub by: String,
    /// Its location.
    pub place: Place,
}

/// Settings of Calico in the files of a cluster that rules about other objects need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CalicoSettings {
    /// The first object that installs Calico.
    pub install: Option<Stated>,
    /// Where `CALICO_API_GROUP` makes Calico read objects of projectcalico.org/v3 only.
    pub v3_objects: Option<Stated>,
    /// The filters that BGP peers name, each with the IP families of the session.
    pub filters: Vec<(String, Vec<Family>)>,
}

impl CalicoSettings {
    /// Reads the settings of one file.
    #[must_use]
    pub(crate) fn read(file: &FileModel<'_>) -> CalicoSettings {
        let documents = file.documents;
        let stated = |object: &ConfigObject<'_>| Stated {
            by: object.title(),
            place: documents.place(object.start(object.root)),
        };
        let operator = file.installations.iter().map(|installation| stated(&installation.object)).next();
        let node = file.nodes.first().map(|node| Stated {
            by: node.resource.title(),
            place: documents.place(node.tree.range(node.resource.root).start),
        });
        let peers = file.objects.objects_of(ObjectKind::BgpPeer);
        CalicoSettings {
            install: operator.or(node),
            v3_objects: file.nodes.iter().find_map(|node| v3_objects(node, documents)),
            filters: peers.flat_map(|(_, peer)| filters(peer)).collect(),
        }
    }

    /// Adds from `other` what is not known here.
    pub(crate) fn fill(&mut self, other: &CalicoSettings) {
        let fill = |own: &mut Option<Stated>, other: &Option<Stated>| {
            if own.is_none() {
                own.clone_from(other);
            }
        };
        fill(&mut self.install, &other.install);
        fill(&mut self.v3_objects, &other.v3_objects);
        for filter in &other.filters {
            if !self.filters.contains(filter) {
                self.filters.push(filter.clone());
            }
        }
    }
}

fn v3_objects(node: &CalicoNode<'_, '_>, documents: &Documents<'_>) -> Option<Stated> {
    let variable = node.env.get("CALICO_API_GROUP")?;
    let is_v3 = node.env.text("CALICO_API_GROUP")?.eq_ignore_ascii_case("projectcalico.org/v3");
    let by = format!("CALICO_API_GROUP of {}", node.resource.title());
    is_v3.then(|| Stated { by, place: documents.place(node.tree.range(variable.item).start) })
}

/// The filters that a peer names; a peer without an address has sessions of both families.
fn filters(peer: &ConfigObject<'_>) -> Vec<(String, Vec<Family>)> {
    let tree = peer.tree();
    let names = tree.at(peer.root, &["spec", "filters"]).into_iter().flat_map(|list| tree.items(list));
    let address = peer.text(&["spec", "peerIP"]).map(|text| addresses(text, Form::HostPort));
    let families: Vec<Family> = match address.as_deref() {
        Some([one]) => vec![family_of(*one)],
        _ => vec![Family::Ipv4, Family::Ipv6],
    };
    names.filter_map(|name| Some((tree.scalar(name)?.to_owned(), families.clone()))).collect()
}
