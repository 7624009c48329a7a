//! `HelmChart` and `HelmChartConfig` of k3s and RKE2.

use super::{Chart, Place, Wrapped};
use crate::model::Documents;
use crate::model::fields::ConfigObject;

pub(in crate::model) fn read<'d>(object: &ConfigObject<'d>, _: &Documents<'_>, wrapped: &mut Wrapped<'d>) {
    let tree = object.tree();
    let is_config = object.resource.kind == "HelmChartConfig";
    // A HelmChartConfig changes the HelmChart of its name.
    let name = object.text(&["spec", "chart"]).unwrap_or(&object.resource.name);
    let Some(chart) = Chart::of(name) else { return };
    let version = object.text(&["spec", "version"]).or_else(|| chart.version_in(name));
    let mut place = Place::new(object, Some(chart), version);
    let Some(spec) = tree.get(object.root, "spec") else { return };
    let mut has_values = is_config;
    has_values |= place.beside(&["valuesSecrets"], spec, "they are in Secrets", wrapped);
    if let Some(set) = tree.get(spec, "set")
        && tree.entries(set).any(|(key, _)| tree.scalar(key).is_some_and(|k| k.starts_with("installation")))
    {
        has_values |= place.beside(&["set"], spec, "they override valuesContent", wrapped);
    }
    if let Some(node) = tree.get(spec, "valuesContent") {
        place.text(node, "valuesContent", false, wrapped);
    } else if !has_values {
        place.defaults(tree.key_of(spec).unwrap_or(spec), wrapped);
    }
}
