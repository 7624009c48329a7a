//! Flux's `HelmRelease`.

use super::{Chart, Place, Wrapped};
use crate::model::Documents;
use crate::model::fields::ConfigObject;

pub(in crate::model) fn read<'d>(
    object: &ConfigObject<'d>,
    documents: &Documents<'_>,
    wrapped: &mut Wrapped<'d>,
) {
    let tree = object.tree();
    let Some(spec) = tree.get(object.root, "spec") else { return };
    let (chart, version) = match object.text(&["spec", "chart", "spec", "chart"]) {
        Some(name) => {
            (Chart::of(name), object.text(&["spec", "chart", "spec", "version"]).map(str::to_owned))
        }
        None => referenced(object, documents),
    };
    let mut place = Place::new(object, chart, version.as_deref());
    let mut has_values = place.beside(&["valuesFrom"], spec, "they are in other objects", wrapped);
    has_values |=
        place.beside(&["chart", "spec", "valuesFiles"], spec, "they are in files of the chart", wrapped);
    if let Some(patches) = tree.get(spec, "postRenderers") {
        let text = &tree.text()[tree.range(patches)];
        if text.contains("calicoNetwork") || text.contains("ipPools") {
            has_values |=
                place.beside(&["postRenderers"], spec, "they are patches of what the chart renders", wrapped);
        }
    }
    match tree.get(spec, "values") {
        Some(values) if tree.scalar(values).is_none_or(|text| !super::is_null(text)) => {
            place.mapping(values, wrapped);
        }
        _ if !has_values => place.defaults(tree.key_of(spec).unwrap_or(spec), wrapped),
        _ => {}
    }
}

/// The chart and version of `chartRef`: from the referenced object, else from its name.
fn referenced(object: &ConfigObject<'_>, documents: &Documents<'_>) -> (Option<Chart>, Option<String>) {
    let Some(name) = object.text(&["spec", "chartRef", "name"]) else { return (None, None) };
    let kind = object.text(&["spec", "chartRef", "kind"]).unwrap_or_default();
    let found = documents.of_kind(kind).find(|(resource, tree)| {
        let group = tree.get(resource.root, "apiVersion").and_then(|node| tree.scalar(node));
        resource.name == name && group.is_some_and(|group| group.starts_with("source.toolkit.fluxcd.io/"))
    });
    if let Some((resource, tree)) = found {
        let text = |keys: &[&str]| tree.at(resource.root, keys).and_then(|node| tree.scalar(node));
        let (chart, version) = if kind == "HelmChart" {
            (text(&["spec", "chart"]), text(&["spec", "version"]))
        } else {
            // A range of versions selects the newest of them: that is not known here.
            let tag = text(&["spec", "ref", "tag"]).or_else(|| text(&["spec", "ref", "semver"]));
            (text(&["spec", "url"]), tag)
        };
        return (chart.and_then(Chart::of), version.map(str::to_owned));
    }
    let release = object.text(&["spec", "releaseName"]).unwrap_or(&object.resource.name);
    (Chart::of(name).or_else(|| Chart::of(release)), None)
}
