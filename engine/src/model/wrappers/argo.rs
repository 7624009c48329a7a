//! Argo CD's `Application`, and the template of an `ApplicationSet`.

use super::{Chart, Place, Wrapped};
use crate::model::Documents;
use crate::model::fields::ConfigObject;
use crate::yaml::NodeId;

pub(in crate::model) fn read_application<'d>(
    object: &ConfigObject<'d>,
    _: &Documents<'_>,
    wrapped: &mut Wrapped<'d>,
) {
    if let Some(spec) = object.tree().get(object.root, "spec") {
        read_sources(object, spec, false, wrapped);
    }
}

pub(in crate::model) fn read_application_set<'d>(
    object: &ConfigObject<'d>,
    _: &Documents<'_>,
    wrapped: &mut Wrapped<'d>,
) {
    let tree = object.tree();
    if let Some(spec) = tree.at(object.root, &["spec", "template", "spec"]) {
        read_sources(object, spec, true, wrapped);
    }
    // A patch of the template is a text: it may set any field.
    if let Some(patch) = tree.at(object.root, &["spec", "templatePatch"])
        && tree.scalar(patch).is_some_and(|text| text.contains("calicoNetwork"))
    {
        let place = Place::new(object, Chart::of("tigera-operator"), None);
        place.template(patch, None, wrapped);
    }
}

fn read_sources<'d>(
    object: &ConfigObject<'d>,
    spec: NodeId,
    may_be_template: bool,
    wrapped: &mut Wrapped<'d>,
) {
    let tree = object.tree();
    let several: Vec<NodeId> =
        tree.get(spec, "sources").map(|list| tree.items(list).collect()).unwrap_or_default();
    let sources: Vec<NodeId> = tree.get(spec, "source").into_iter().chain(several).collect();
    for source in sources {
        let text = |key: &str| tree.get(source, key).and_then(|node| tree.scalar(node));
        // A chart of a repository, or a folder of a Git repository; an OCI registry may name the chart in its URL.
        let chart = match (text("chart"), text("path")) {
            (Some(name), _) => Chart::of(name),
            (None, None | Some("" | "." | "./")) => text("repoURL").and_then(Chart::of),
            // A folder `calico` may contain anything; a folder with the name of the chart contains that chart.
            (None, Some(path)) => Chart::of(path).filter(|chart| chart.name != "calico"),
        };
        // The revision of a Git repository is not the chart's version, but for Calico's own repository.
        let is_calicos = text("repoURL").is_some_and(|url| {
            url.trim_end_matches('/').trim_end_matches(".git").ends_with("/projectcalico/calico")
        });
        let version = text("targetRevision").filter(|_| text("path").is_none() || is_calicos);
        let mut place = Place::new(object, chart, version);
        let Some(helm) = tree.get(source, "helm") else {
            if text("chart").is_some() {
                place.defaults(source, wrapped);
            }
            continue;
        };
        let mut has_values = place.beside(&["valueFiles"], helm, "they are in files", wrapped);
        for key in ["parameters", "fileParameters"] {
            has_values |= place.beside(&[key], helm, "they override single values", wrapped);
        }
        // valuesObject takes precedence over values.
        if let Some(values) = tree.get(helm, "valuesObject") {
            place.mapping(values, wrapped);
        } else if let Some(values) = tree.get(helm, "values") {
            place.text(values, "values", may_be_template, wrapped);
        } else if !has_values {
            place.defaults(source, wrapped);
        }
    }
}
