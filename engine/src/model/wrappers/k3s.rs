//! `HelmChart` and `HelmChartConfig` of k3s and RKE2.

use super::{Chart, Place, Wrapped};
use crate::model::Documents;
use crate::model::fields::ConfigObject;
use crate::model::installation::Origin;

pub(super) fn read<'d>(object: &ConfigObject<'d>, _: &Documents<'_>, wrapped: &mut Wrapped<'d>) {
    let tree = object.tree();
    let is_config = object.resource.kind == "HelmChartConfig";
    // A HelmChartConfig changes the HelmChart of its name.
    let name = object.text(&["spec", "chart"]).unwrap_or(&object.resource.name);
    let Some(chart) = Chart::of(name) else { return };
    let release = chart.release(object.text(&["spec", "version"]));
    let place = Place { object, chart: Some(chart), release };
    let Some(spec) = tree.get(object.root, "spec") else { return };
    let mut has_values = is_config;
    if let Some(node) = tree.get(spec, "valuesContent") {
        place.text(node, "valuesContent", false, wrapped);
        has_values = true;
    }
    has_values |= place.beside(&["valuesSecrets"], spec, "they are in Secrets", wrapped);
    if let Some(set) = tree.get(spec, "set")
        && tree.entries(set).any(|(key, _)| tree.scalar(key).is_some_and(|k| k.starts_with("installation")))
    {
        has_values |= place.beside(&["set"], spec, "they override valuesContent", wrapped);
    }
    if !has_values && chart.origin == Origin::Values {
        place.defaults(tree.key_of(spec).unwrap_or(spec), wrapped);
    }
}
