//! Objects with values for a Helm chart: k3s and RKE2, Flux, Argo CD, Cluster API's HelmChartProxy, Rancher.
//!
//! A reader finds the chart, its release and the values; it does not interpret the values.

pub(super) mod argo;
pub(super) mod flux;
pub(super) mod k3s;
pub(super) mod others;

use super::installation::Origin;
use super::kind_spec::KINDS;
use super::{Documents, Resource, fields::ConfigObject};
use crate::model::facts::Release;
use crate::version::Version;
use crate::yaml::embedded::EmbeddedError;
use crate::yaml::{Kind, NodeId, Style, Tree};

/// Values for a chart in an object.
#[derive(Clone, Debug)]
pub(crate) struct ChartValues<'d> {
    /// The chart.
    pub origin: Origin,
    /// Whether the chart is known by its name, so that these are its values whatever keys they have. Otherwise only the keys
    /// show to which chart they belong.
    pub is_named: bool,
    /// The Calico release that the chart's version shows.
    pub release: Option<Release>,
    /// The mapping with the values; or where and why its text is not YAML.
    pub values: Result<ConfigObject<'d>, (NodeId, EmbeddedError)>,
}

/// Settings of Calico in a location that is not read.
#[derive(Clone, Debug)]
pub(crate) struct NotUnderstood {
    /// The node that holds them.
    pub node: NodeId,
    /// The byte offset in the file, if it is not the start of the node.
    pub offset: Option<usize>,
    /// The message, as a sentence about the file.
    pub message: String,
    /// The help text.
    pub help: String,
}

/// What a reader found in one object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wrapped<'d> {
    /// Values that can be read.
    pub values: Vec<ChartValues<'d>>,
    /// Values that cannot.
    pub not_understood: Vec<NotUnderstood>,
    /// The Calico release of a chart whose values are in another object.
    pub release: Option<Release>,
}

/// Finds the values in an object; a row of [`KINDS`] names it.
pub(super) type Reader = for<'d> fn(&ConfigObject<'d>, &Documents<'_>, &mut Wrapped<'d>);

/// The values for a chart of Calico in each of the objects of a source.
#[must_use]
pub(crate) fn find<'d>(documents: &'d Documents<'_>) -> Vec<Wrapped<'d>> {
    documents.resources.iter().map(|resource| read(resource, documents).unwrap_or_default()).collect()
}

fn read<'d>(resource: &'d Resource, documents: &'d Documents<'_>) -> Option<Wrapped<'d>> {
    let mut readers =
        KINDS.iter().filter(|spec| spec.kind == resource.kind && spec.values.is_some()).peekable();
    readers.peek()?;
    let object = ConfigObject::of(resource, documents.tree(resource.document)?);
    let version = object.text(&["apiVersion"]).unwrap_or_default();
    let mut wrapped = Wrapped::default();
    for read in readers.filter(|spec| spec.is(&resource.kind, version)).filter_map(|spec| spec.values) {
        read(&object, documents, &mut wrapped);
    }
    Some(wrapped)
}

/// A chart whose values decide about IP families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Chart {
    /// How its values are read; `None` for the charts of cluster DNS and canal, whose values are not.
    origin: Option<Origin>,
    /// Its name, for messages.
    name: &'static str,
}

impl Chart {
    /// The chart of a name, path or URL: `tigera-operator`, `charts/tigera-operator-v3.30.1.tgz`,
    /// `oci://registry/charts/tigera-operator:v3.30.1`.
    fn of(text: &str) -> Option<Chart> {
        let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
        let last = last.split([':', '@']).next().unwrap_or(last);
        let is = |name: &str| {
            last.strip_prefix(name).is_some_and(|rest| {
                let version = rest.strip_prefix('-').map(|v| v.strip_prefix('v').unwrap_or(v));
                rest.is_empty()
                    || rest == ".tgz"
                    || version.is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()))
            })
        };
        let named = [
            ("rke2-calico", Some(Origin::Rke2)),
            ("tigera-operator", Some(Origin::Values)),
            ("calico", Some(Origin::Values)),
            ("rke2-canal", None),
            ("rke2-coredns", None),
            ("coredns", None),
        ];
        named.into_iter().find(|(name, _)| is(name)).map(|(name, origin)| Chart { origin, name })
    }

    /// The version that a name of the chart ends with: `v3.30.1` of `charts/tigera-operator-v3.30.1.tgz`.
    fn version_in(self, text: &str) -> Option<&str> {
        let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
        let version = last.strip_prefix(self.name)?.strip_prefix(['-', ':'])?;
        Some(version.strip_suffix(".tgz").unwrap_or(version))
    }

    /// The Calico release of a version of this chart. RKE2's chart has its own releases, and a range of versions (`3.30`,
    /// `3.30.x`, `~3.30.1`) names only the minor release.
    fn release(self, version: Option<&str>) -> Option<Release> {
        let version = version.filter(|_| self.origin == Some(Origin::Values))?;
        let of_minor = version.trim_start_matches('~').trim_end_matches(".x").trim_end_matches(".*");
        let patch_is_unknown = of_minor != version || version.matches('.').count() < 2;
        Some(Release { version: Version::parse(of_minor)?, patch_is_unknown })
    }
}

/// A location of values in an object: what is read, and what is reported.
struct Place<'a, 'd> {
    object: &'a ConfigObject<'d>,
    /// The chart; `None` if its name is not one of Calico's or not known.
    chart: Option<Chart>,
    release: Option<Release>,
    /// Whether values from other locations are merged with these; they are not read.
    has_others: bool,
}

impl<'a, 'd> Place<'a, 'd> {
    fn new(object: &'a ConfigObject<'d>, chart: Option<Chart>, version: Option<&str>) -> Place<'a, 'd> {
        let release = chart.and_then(|chart| chart.release(version));
        Place { object, chart, release, has_others: false }
    }

    /// The name of the chart in messages.
    fn name(&self) -> &'static str {
        self.chart.map_or("tigera-operator", |chart| chart.name)
    }

    fn push(&self, values: Result<ConfigObject<'d>, (NodeId, EmbeddedError)>, wrapped: &mut Wrapped<'d>) {
        let origin = self.chart.map_or(Some(Origin::Values), |chart| chart.origin);
        let Some(origin) = origin else { return };
        if let Ok(values) = &values
            && self.has_others
            && values.tree().at(values.root, &["installation", "calicoNetwork", "ipPools"]).is_none()
        {
            return; // the pools may be in the other location
        }
        let (is_named, release) = (self.chart.is_some(), self.release);
        wrapped.values.push(ChartValues { origin, is_named, release, values });
    }

    /// Reports a location; `what` follows the title of the object.
    fn report(&self, node: NodeId, what: &str, help: &str, wrapped: &mut Wrapped<'d>) {
        let message = format!("{}{what}", self.object.resource.title());
        let help = help.to_owned();
        wrapped.not_understood.push(NotUnderstood { node, offset: None, message, help });
    }

    /// Reads values that are a mapping of the object.
    fn mapping(&self, node: NodeId, wrapped: &mut Wrapped<'d>) {
        let tree = self.object.tree();
        if self.is_unread() {
            self.unread(node, wrapped);
        } else if tree.kind(node) == Kind::Mapping {
            let has_template = template_in(tree, node);
            if let Some(at) = has_template.filter(|_| self.is_ours(tree, node)) {
                return self.template(at, None, wrapped);
            }
            self.push(Ok(self.object.below(node)), wrapped);
        } else if self.chart.is_some() && tree.scalar(node).is_none_or(|text| !is_null(text)) {
            let what =
                format!(" contains values of the chart {}, not understood: not a mapping", self.name());
            self.report(node, &what, "write the values here as a mapping", wrapped);
        }
    }

    /// Reads values that are a text; `may_be_template` if the text is rendered before the chart gets it.
    fn text(&self, node: NodeId, key: &str, may_be_template: bool, wrapped: &mut Wrapped<'d>) {
        if self.is_unread() {
            return self.unread(node, wrapped);
        }
        let tree = self.object.tree();
        let text = tree.scalar(node).unwrap_or_default();
        let is_ours = self.chart.is_some() || text.contains("calicoNetwork");
        let inside = self.object.inside_of(node, key);
        let action = text.find("{{").filter(|_| may_be_template && is_ours);
        if let Some(at) = action
            && !matches!(&inside, Some(Ok(object)) if is_only_quoted(object.tree(), object.root))
        {
            return self.template(node, offset_of(tree, node, at), wrapped);
        }
        match inside {
            Some(Err(_)) if !is_ours => {}
            Some(values) => self.push(values, wrapped),
            None => {}
        }
    }

    fn template(&self, node: NodeId, offset: Option<usize>, wrapped: &mut Wrapped<'d>) {
        let message = format!(
            "{} contains values of the chart {}, not understood: they are a template",
            self.object.resource.title(),
            self.name()
        );
        let help = "check that it renders an IP pool of each requested IP family; to convert it here, pass the rendered values";
        wrapped.not_understood.push(NotUnderstood { node, offset, message, help: help.to_owned() });
    }

    /// Reports a setting that changes the values and is not read.
    fn beside(&mut self, keys: &[&str], from: NodeId, what: &str, wrapped: &mut Wrapped<'d>) -> bool {
        let tree = self.object.tree();
        let Some(node) =
            tree.at(from, keys).filter(|_| self.chart.is_some_and(|chart| chart.origin.is_some()))
        else {
            return false;
        };
        let is_empty = match tree.kind(node) {
            Kind::Scalar(_) => tree.scalar(node).is_none_or(is_null),
            _ => tree.children(node).next().is_none(),
        };
        if is_empty {
            return false;
        }
        let key = keys.last().copied().unwrap_or_default();
        let what = format!(", {key} contains values of the chart {}, not understood: {what}", self.name());
        let help = "pass them, too, or check them for installation.calicoNetwork; to convert them here, move them into the values of this object";
        self.report(tree.key_of(node).unwrap_or(node), &what, help, wrapped);
        self.has_others = true;
        wrapped.release = self.release;
        true
    }

    /// Reports a chart of Calico without values here: its defaults create an IPv4 pool only.
    fn defaults(&self, at: NodeId, wrapped: &mut Wrapped<'d>) {
        if self.chart.is_some_and(|chart| chart.origin == Some(Origin::Values)) {
            let name = self.name();
            let what = format!(
                " installs the chart {name} without values: the chart's defaults are not in these files"
            );
            let help = "add values with installation.calicoNetwork.ipPools (one pool of each requested IP family) and run again";
            self.report(at, &what, help, wrapped);
        }
    }

    fn is_unread(&self) -> bool {
        self.chart.is_some_and(|chart| chart.origin.is_none())
    }

    /// Reports the values of the chart of cluster DNS if they contain an address or a zone, and those of canal if they turn
    /// IPv6 off.
    fn unread(&self, node: NodeId, wrapped: &mut Wrapped<'d>) {
        let tree = self.object.tree();
        let text = tree.scalar(node).unwrap_or(&tree.text()[tree.range(node)]);
        let (keys, help): (&[&str], _) = if self.name() == "rke2-canal" {
            (&["felixIpv6Support: false"], "set calico.felixIpv6Support to true for a stack with IPv6")
        } else {
            let help =
                "check clusterIP, and the zones and addresses of the servers, for the requested IP families";
            (&["clusterIP", "servers", "zone"], help)
        };
        if keys.iter().any(|key| text.contains(key)) {
            let what = format!(" contains values of the chart {}, not understood", self.name());
            self.report(node, &what, help, wrapped);
        }
    }

    /// Whether values of an unknown chart can be values of Calico.
    fn is_ours(&self, tree: &Tree<'_>, node: NodeId) -> bool {
        self.chart.is_some() || tree.text()[tree.range(node)].contains("calicoNetwork")
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "{}")
}

/// The first scalar of `installation` that contains a template action: the rendered value is unknown.
fn template_in(tree: &Tree<'_>, values: NodeId) -> Option<NodeId> {
    let roots = [Some(values), tree.get(values, "tigera-operator")];
    let mut pending: Vec<NodeId> =
        roots.into_iter().flatten().filter_map(|root| tree.get(root, "installation")).collect();
    let mut found: Option<NodeId> = None;
    while let Some(node) = pending.pop() {
        pending.extend(tree.children(node));
        let has_action = tree.scalar(node).is_some_and(|text| text.contains("{{"));
        if has_action && found.is_none_or(|f| node < f) {
            found = Some(node);
        }
    }
    found
}

/// Whether all template actions of a text are inside quotes, and none in `installation`: then the text is also YAML
/// before it is rendered, and edits are safe.
fn is_only_quoted(tree: &Tree<'_>, root: NodeId) -> bool {
    let quoted = |(style, text): (Style, &str)| match style {
        Style::SingleQuoted | Style::DoubleQuoted => text.matches("{{").count(),
        _ => 0,
    };
    let inside: usize = tree.scalars().map(quoted).sum();
    inside == tree.text().matches("{{").count() && template_in(tree, root).is_none()
}

/// The byte offset in the file of an offset of a scalar's text; `None` if the scalar is escaped or folded.
fn offset_of(tree: &Tree<'_>, node: NodeId, at: usize) -> Option<usize> {
    let range = tree.range(node);
    let word = tree.scalar(node)?.get(at..at + 2)?;
    Some(range.start + tree.text().get(range)?.find(word)?)
}
