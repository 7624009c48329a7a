//! EndpointSlices that people write, and the Services that need one of each family.

use crate::address::{Family, family_of};
use crate::model::FileModel;
use crate::model::facts::live_field;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::source::Place;

/// The name of a Service in its namespace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ServiceName {
    namespace: String,
    /// Its name.
    pub name: String,
}

/// A Service without a selector that requests both families: nothing creates its slices.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DualStackService {
    /// Its name.
    pub owner: ServiceName,
    /// Where it requests both families.
    pub place: Place,
}

fn namespace(object: &ConfigObject<'_>) -> String {
    object.text(&["metadata", "namespace"]).unwrap_or("default").to_owned()
}

/// Whether a controller manages a slice, or Endpoints that were read from a cluster.
#[must_use]
pub(crate) fn is_managed(object: &ConfigObject<'_>) -> bool {
    let is_live = || live_field(object.tree(), object.root).is_some();
    object.text(&["metadata", "labels", "endpointslice.kubernetes.io/managed-by"]).is_some()
        || (object.resource.kind == "Endpoints" && is_live())
}

/// The Service of a slice, and the family of its addresses.
#[must_use]
pub(crate) fn slice_of(object: &ConfigObject<'_>) -> Option<(ServiceName, Family)> {
    if object.resource.kind == "Endpoints" {
        let name = object.resource.name.clone();
        return Some((ServiceName { namespace: namespace(object), name }, family_of_endpoints(object)?));
    }
    let name = object.text(&["metadata", "labels", "kubernetes.io/service-name"])?.to_owned();
    let family = match object.text(&["addressType"])? {
        "IPv4" => Family::Ipv4,
        "IPv6" => Family::Ipv6,
        _ => return None,
    };
    Some((ServiceName { namespace: namespace(object), name }, family))
}

/// The family of the addresses of `Endpoints`, from which a controller writes the slices; `None` if they have both.
fn family_of_endpoints(object: &ConfigObject<'_>) -> Option<Family> {
    let tree = object.tree();
    let subsets = tree.items(tree.get(object.root, "subsets")?);
    let lists = subsets.filter_map(|subset| tree.get(subset, "addresses"));
    let texts = lists.flat_map(|list| tree.items(list)).filter_map(|one| tree.scalar(tree.get(one, "ip")?));
    let mut families = texts.filter_map(|text| Some(family_of(text.parse().ok()?)));
    let first = families.next()?;
    families.all(|other| other == first).then_some(first)
}

/// The slices of a file, also those that a controller manages.
pub(super) fn slices(file: &FileModel<'_>) -> Vec<(ServiceName, Family)> {
    file.objects.objects_of(ObjectKind::EndpointSlice).filter_map(|(_, object)| slice_of(object)).collect()
}

/// The Services of a file that have no selector and request both families.
pub(super) fn dual_stack_services(file: &FileModel<'_>) -> Vec<DualStackService> {
    let service = |object: &ConfigObject<'_>| {
        let tree = object.tree();
        let policy = tree.at(object.root, &["spec", "ipFamilyPolicy"])?;
        let is_dual = matches!(tree.scalar(policy), Some("PreferDualStack" | "RequireDualStack"));
        let has_selector = tree.at(object.root, &["spec", "selector"]).is_some();
        let name = object.resource.name.clone();
        (is_dual && !has_selector).then(|| DualStackService {
            owner: ServiceName { namespace: namespace(object), name },
            place: file.documents.place(object.start(policy)),
        })
    };
    file.objects.objects_of(ObjectKind::Service).filter_map(|(_, object)| service(object)).collect()
}
