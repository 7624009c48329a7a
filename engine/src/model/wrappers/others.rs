//! Cluster API's `HelmChartProxy`, Rancher's `Cluster` and Fleet, kustomize's `Kustomization`.

use super::{Chart, Place, Wrapped};
use crate::model::Documents;
use crate::model::fields::ConfigObject;
use crate::yaml::NodeId;

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

pub(in crate::model) fn read_fleet<'d>(
    object: &ConfigObject<'d>,
    _: &Documents<'_>,
    wrapped: &mut Wrapped<'d>,
) {
    if let Some(helm) = object.tree().get(object.root, "helm") {
        read_inline(object, helm, ["chart", "values"], &["valuesFiles", "valuesFrom"], wrapped);
    }
}

pub(in crate::model) fn read_kustomization<'d>(
    object: &ConfigObject<'d>,
    _: &Documents<'_>,
    wrapped: &mut Wrapped<'d>,
) {
    let tree = object.tree();
    for chart in tree.get(object.root, "helmCharts").into_iter().flat_map(|list| tree.items(list)) {
        let others = &["valuesFile", "additionalValuesFiles"];
        read_inline(object, chart, ["name", "valuesInline"], others, wrapped);
    }
}

/// Reads a mapping with the name of a chart, its version, and its values, under these keys; or with files of values.
fn read_inline<'d>(
    object: &ConfigObject<'d>,
    node: NodeId,
    [name, values]: [&str; 2],
    others: &[&str],
    wrapped: &mut Wrapped<'d>,
) {
    let tree = object.tree();
    let text = |key: &str| tree.get(node, key).and_then(|value| tree.scalar(value));
    let Some(chart) = text(name).and_then(Chart::of) else { return };
    let mut place = Place::new(object, Some(chart), text("version"));
    let mut has_values = false;
    for key in others {
        has_values |= place.beside(&[key], node, "they are in other files or objects", wrapped);
    }
    match tree.get(node, values) {
        Some(values) => place.mapping(values, wrapped),
        None if !has_values => place.defaults(node, wrapped),
        None => {}
    }
}
