//! The operator's `Installation`: the object, or the Helm values from which it is rendered.

use super::facts::Release;
use super::fields::ConfigObject;
use super::keyless_kind::HELM_VALUES;
use super::pool::Pool;
use super::wrappers::{ChartValues, Wrapped};
use super::{Documents, Resource};
use crate::version::{Version, image_name, image_version};
use crate::yaml::embedded::EmbeddedError;
use crate::yaml::{Kind, NodeId, Tree};

/// An `Installation` of `operator.tigera.io/v1`, or the Helm values from which it is rendered.
#[derive(Clone, Debug)]
pub(crate) struct Installation<'d> {
    /// The object, or the text inside it.
    pub object: ConfigObject<'d>,
    /// Where it comes from.
    pub origin: Origin,
    /// The mapping that holds the specification.
    pub root: NodeId,
    /// `spec`, or `installation` of the values.
    pub spec: Option<NodeId>,
    /// `spec.calicoNetwork`.
    pub network: Option<NodeId>,
    /// `spec.calicoNetwork.ipPools`.
    pub pool_list: Option<NodeId>,
    /// Its items.
    pub pools: Vec<Pool>,
    /// The Calico release that the chart's version shows.
    pub chart: Option<Release>,
    /// Why the text with the values is not valid YAML; then nothing is known of them.
    pub unread: Option<EmbeddedError>,
}

/// What an `Installation` is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The object itself.
    Object,
    /// Values of the chart tigera-operator.
    Values,
    /// Values of rke2-calico: if no pools are listed, it uses RKE2's `cluster-cidr`; BGP is off.
    Rke2,
}

/// Keys of `installation` that the values of no other chart have there.
const KNOWN: [&str; 3] = ["calicoNetwork", "cni", "kubernetesProvider"];

impl<'d> Installation<'d> {
    /// The `Installation`s of a source; `wrapped` has the values in each of its objects.
    #[must_use]
    pub(crate) fn find(documents: &'d Documents<'_>, wrapped: Vec<Wrapped<'d>>) -> Vec<Installation<'d>> {
        let mut found = Vec::new();
        for (resource, wrapped) in documents.resources.iter().zip(wrapped) {
            let Some(tree) = documents.tree(resource.document) else { continue };
            let object = ConfigObject::of(resource, tree);
            match resource.kind.as_str() {
                "Installation" if group(&object, "operator.tigera.io/") => {
                    found.push(Installation::read(object, resource.root, Origin::Object));
                }
                HELM_VALUES => Installation::of_values(&object, Origin::Values, &mut found),
                _ => {
                    for given in wrapped.values {
                        Installation::of_chart(&object, given, &mut found);
                    }
                }
            }
        }
        found
    }

    /// Values for a chart in another object.
    fn of_chart(object: &ConfigObject<'d>, given: ChartValues<'d>, found: &mut Vec<Installation<'d>>) {
        let ChartValues { origin, is_named, release, values } = given;
        match values {
            Ok(values) if is_named && values.tree().get(values.root, "tigera-operator").is_none() => {
                let spec = values.tree().get(values.root, "installation");
                let is_off = spec.and_then(|spec| values.tree().get(spec, "enabled"));
                // Without `enabled` the chart creates the Installation.
                if is_off.and_then(|node| values.tree().scalar(node)) != Some("false") {
                    let root = values.root;
                    let read = Installation::read(values, root, origin);
                    found.push(Installation { chart: release, ..read });
                }
            }
            Ok(values) => Installation::of_values(&values, origin, found),
            Err((node, error)) => {
                let nothing = Installation::read(object.clone(), node, origin);
                found.push(Installation { chart: release, unread: Some(error), ..nothing });
            }
        }
    }

    /// Values of the chart: at the root, or below its name if it is a dependency of another chart.
    fn of_values(object: &ConfigObject<'d>, origin: Origin, found: &mut Vec<Installation<'d>>) {
        for root in
            [Some(object.root), object.tree().get(object.root, "tigera-operator")].into_iter().flatten()
        {
            let tree = object.tree();
            let spec = tree.get(root, "installation");
            let is_operators = root != object.root
                || origin == Origin::Rke2
                || ["tigeraOperator", "calicoctl"].iter().any(|key| tree.get(root, key).is_some())
                || spec.is_some_and(|s| KNOWN.iter().any(|key| tree.get(s, key).is_some()));
            let is_off = spec.and_then(|s| tree.get(s, "enabled")).and_then(|n| tree.scalar(n));
            let has_keys = spec.is_some() || tree.get(root, "tigeraOperator").is_some();
            if is_operators && has_keys && tree.kind(root) == Kind::Mapping && is_off != Some("false") {
                found.push(Installation::read(object.clone(), root, origin));
            }
        }
    }

    fn read(object: ConfigObject<'d>, root: NodeId, origin: Origin) -> Installation<'d> {
        let tree = object.tree();
        let key = if origin == Origin::Object { "spec" } else { "installation" };
        let spec = tree.get(root, key);
        let network = spec.and_then(|s| tree.get(s, "calicoNetwork"));
        let pool_list = network.and_then(|n| tree.get(n, "ipPools"));
        let items = pool_list.into_iter().flat_map(|list| tree.items(list));
        let pools = items.map(|item| Pool::of_item(tree, item)).collect();
        Installation { object, origin, root, spec, network, pool_list, pools, chart: None, unread: None }
    }

    /// The settings of Felix in the values of a chart: those of tigera-operator count with `enabled: true`.
    pub(crate) fn felix(&self) -> Option<NodeId> {
        let tree = self.tree();
        match self.origin {
            Origin::Object => None,
            Origin::Rke2 => tree.get(self.root, "felixConfiguration"),
            Origin::Values => {
                let felix = tree.get(self.root, "defaultFelixConfiguration")?;
                let is_on = tree.scalar(tree.get(felix, "enabled")?) == Some("true");
                is_on.then_some(felix)
            }
        }
    }

    /// The tree of its nodes.
    #[must_use]
    pub(crate) fn tree(&self) -> &Tree<'_> {
        self.object.tree()
    }

    /// The object of the file.
    #[must_use]
    pub(crate) fn resource(&self) -> &'d Resource {
        self.object.resource
    }

    /// The key of the specification: `spec`, or `installation` of values.
    #[must_use]
    pub(crate) fn spec_key(&self) -> &'static str {
        if self.origin == Origin::Object { "spec" } else { "installation" }
    }

    /// Whether BGP is on: the value of the field, else the default.
    #[must_use]
    pub(crate) fn has_bgp(&self) -> bool {
        match self.network_field("bgp") {
            Some(text) => text != "Disabled",
            None => self.origin != Origin::Rke2,
        }
    }

    /// The operator's release, if the values have it: `tigeraOperator.version`.
    #[must_use]
    pub(crate) fn operator(&self) -> Option<Version> {
        Version::parse(self.text(&["tigeraOperator", "version"])?)
    }

    /// The Calico release: from the values (`calicoctl.tag`), from the chart's version, or from the status of a live object.
    #[must_use]
    pub(crate) fn calico(&self) -> Option<Version> {
        let tag = self.text(&["calicoctl", "tag"]).and_then(Version::parse);
        tag.or_else(|| Some(self.live_release()?.0)).or(self.exact_chart()).or_else(|| self.chart_label())
    }

    fn exact_chart(&self) -> Option<Version> {
        self.chart.filter(|chart| !chart.patch_is_unknown).map(|chart| chart.version)
    }

    /// The word of its kind, where a finding about the whole object belongs.
    #[must_use]
    pub(crate) fn kind_node(&self) -> NodeId {
        self.tree().get(self.root, "kind").unwrap_or(self.root)
    }

    /// `status.calicoVersion` of a live object, with its node. A version of the enterprise product (`status.variant`)
    /// counts its own releases.
    #[must_use]
    pub(crate) fn live_release(&self) -> Option<(Version, NodeId)> {
        let status = self.tree().get(self.root, "status").filter(|_| self.origin == Origin::Object)?;
        let variant = self.tree().get(status, "variant").and_then(|node| self.tree().scalar(node));
        let node = self.tree().get(status, "calicoVersion")?;
        let is_calico = variant.is_none_or(|variant| variant == "Calico");
        Some((Version::parse(self.tree().scalar(node).filter(|_| is_calico)?)?, node))
    }

    /// A field that shows that the object was read from a running cluster, and its name.
    #[must_use]
    pub(crate) fn live_field(&self) -> Option<(&'static str, NodeId)> {
        if self.origin != Origin::Object {
            return None;
        }
        let release = self.live_release().map(|(_, node)| ("status.calicoVersion", node));
        release.or_else(|| super::facts::live_field(self.tree(), self.root))
    }

    /// The release in the label or annotation `helm.sh/chart`: `tigera-operator-v3.28.0`.
    fn chart_label(&self) -> Option<Version> {
        if self.origin != Origin::Object {
            return None;
        }
        ["labels", "annotations"].iter().find_map(|map| {
            let text = self.tree().scalar(self.tree().at(self.root, &["metadata", map, "helm.sh/chart"])?)?;
            Version::parse(text.strip_prefix("tigera-operator-")?)
        })
    }

    fn text(&self, keys: &[&str]) -> Option<&str> {
        if self.origin == Origin::Object {
            return None;
        }
        self.tree().scalar(self.tree().at(self.root, keys)?)
    }

    /// The text of a field of `spec.calicoNetwork`.
    #[must_use]
    pub(crate) fn network_field(&self, key: &str) -> Option<&str> {
        self.tree().scalar(self.tree().get(self.network?, key)?)
    }

    /// A field of `spec`, reached by keys.
    #[must_use]
    pub(crate) fn spec_field(&self, keys: &[&str]) -> Option<&str> {
        self.tree().scalar(self.tree().at(self.spec?, keys)?)
    }

    /// An autodetection field (`nodeAddressAutodetectionV4` or `V6`), if it exists, and whether it sets a method.
    #[must_use]
    pub(crate) fn autodetection(&self, key: &str) -> Option<(NodeId, bool)> {
        let node = self.tree().get(self.network?, key)?;
        // Another rule reports a value that is not an object. It is kept.
        let is_other = self.tree().kind(node) != Kind::Mapping && !self.tree().is_null(node);
        Some((node, is_other || !self.autodetection_methods(node).is_empty()))
    }

    /// The methods that an autodetection field sets, as the operator counts them: `firstFound: false` and empty values do not
    /// count.
    #[must_use]
    pub(crate) fn autodetection_methods(&self, field: NodeId) -> Vec<NodeId> {
        let tree = self.tree();
        if tree.kind(field) != Kind::Mapping {
            return Vec::new();
        }
        let is_set = |key: NodeId, value: NodeId| match (tree.scalar(key), tree.scalar(value)) {
            (Some("firstFound"), text) => text != Some("false"),
            (_, Some(text)) => !matches!(text, "" | "null" | "~"),
            (_, None) => tree.children(value).next().is_some(),
        };
        tree.entries(field).filter(|(key, value)| is_set(*key, *value)).map(|(_, value)| value).collect()
    }
}

fn group(object: &ConfigObject<'_>, prefix: &str) -> bool {
    object.text(&["apiVersion"]).is_some_and(|text| text.starts_with(prefix))
}

/// The operator's release in a file: from the image of its Deployment, else from values of its chart.
#[must_use]
pub(crate) fn operator_version(
    documents: &Documents<'_>,
    installations: &[Installation<'_>],
) -> Option<Version> {
    let of_image = release_of_deployment(documents, |name| name == "tigera/operator");
    of_image.or_else(|| installations.iter().find_map(Installation::operator))
}

/// The release in the tag of the first image in a Deployment whose name is one of these.
pub(crate) fn release_of_deployment(
    documents: &Documents<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Option<Version> {
    documents.of_kind("Deployment").find_map(|(resource, tree)| {
        let containers = tree.at(resource.root, &["spec", "template", "spec", "containers"])?;
        tree.items(containers).find_map(|container| {
            let image = tree.scalar(tree.get(container, "image")?)?;
            image_version(image).filter(|_| is_wanted(image_name(image)))
        })
    })
}
