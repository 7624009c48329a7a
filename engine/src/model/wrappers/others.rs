//! Cluster API's `HelmChartProxy`, and Rancher's `Cluster`.

use super::{Chart, Place, Wrapped};
use crate::model::Documents;
use crate::model::fields::ConfigObject;

pub(in crate::model) fn read_helm_chart_proxy<'d>(
    object: &ConfigObject<'d>,
    _: &Documents<'_>,
    wrapped: &mut Wrapped<'d>,
) {
    let tree = object.tree();
    let Some(spec) = tree.get(object.root, "spec") else { return };
    let chart = object.text(&["spec", "chartName"]).or(object.text(&["spec", "repoURL"])).and_then(Chart::of);
    let place = Place::new(object, chart, object.text(&["spec", "version"]));
    match tree.get(spec, "valuesTemplate") {
        Some(values) => place.text(values, "valuesTemplate", true, wrapped),
        None => place.defaults(tree.key_of(spec).unwrap_or(spec), wrapped),
    }
}

pub(in crate::model) fn read_rancher_cluster<'d>(
    object: &ConfigObject<'d>,
    _: &Documents<'_>,
    wrapped: &mut Wrapped<'d>,
) {
    let tree = object.tree();
    let Some(charts) = tree.at(object.root, &["spec", "rkeConfig", "chartValues"]) else { return };
    for name in ["rke2-calico", "rke2-canal", "rke2-coredns"] {
        if let Some(values) = tree.get(charts, name) {
            Place::new(object, Chart::of(name), None).mapping(values, wrapped);
        }
    }
}
