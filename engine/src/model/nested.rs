//! Whole manifests inside the texts of a ConfigMap or Secret, as a ClusterResourceSet applies them.
//!
//! Such a text is read as a file of its own: [`Documents`] of the decoded text, so that every rule sees its objects as it
//! sees those of any file. Findings and changes are mapped back to the scalar.

use super::coverage::{self, Coverage, State};
use super::keyless_kind::{FLEET, HELM_VALUES, INSTALL_CONFIG, TALOS};
use super::kind_spec::KINDS;
use super::wrappers::NotUnderstood;
use super::{Content, Documents, FileModel, InputError, Resource};
use crate::search;
use crate::source::{LineIndex, Place, Position, Source};
use crate::yaml::embedded::Embedded;
use crate::yaml::{Kind, NodeId, Style, Tree};
use std::sync::Arc;

/// A text that contains manifests.
#[derive(Clone, Debug)]
pub(crate) struct Nested {
    /// The index of the document that holds it.
    pub document: usize,
    /// The scalar.
    pub node: NodeId,
    /// Its title: `ConfigMap calico, calico.yaml`.
    pub title: String,
    /// Its path in the document: `data["calico.yaml"]`.
    pub path: String,
    /// The decoded text, with the mapping to the file.
    pub embedded: Embedded,
    /// Where its text begins in the file.
    pub origin: TextOrigin,
}

impl Nested {
    /// The documents of the text; `name` is that of the file. It was read once already, to find it.
    #[must_use]
    pub(crate) fn documents<'n>(&'n self, name: &'n str) -> Option<Documents<'n>> {
        Some(Documents::read(Source { name, text: self.text() }).ok()?.inside(self.origin.clone()))
    }

    /// The coverage of a part of the text, with the byte ranges of the file.
    #[must_use]
    pub(crate) fn in_file(&self, part: Coverage) -> Coverage {
        let range = |range: core::ops::Range<usize>| {
            let start = self.embedded.offset_in_source(range.start);
            start..self.embedded.offset_in_source(range.end).max(start)
        };
        let in_file = |found: Vec<coverage::Found>| {
            let found = found.into_iter().map(|one| coverage::Found { range: range(one.range), ..one });
            found.collect()
        };
        let state = match part.state {
            State::NotUnderstood(found) => State::NotUnderstood(in_file(found)),
            State::Unread(found) => State::Unread(in_file(found)),
            state => state,
        };
        Coverage { range: range(part.range), state }
    }

    /// The decoded text.
    #[must_use]
    pub(crate) fn text(&self) -> &str {
        self.embedded.tree.text()
    }
}

/// The location of a text that is a part of a file.
#[derive(Clone, Debug)]
pub(crate) struct TextOrigin {
    start: Position,
    /// The mapping to the file, if the whole text is on one line of it. Otherwise each line is a line of the file.
    one_line: Option<Arc<Embedded>>,
}

impl TextOrigin {
    /// The line in the file of a line of the text.
    #[must_use]
    pub(crate) fn line_in_file(&self, line: usize) -> usize {
        if self.one_line.is_some() { self.start.line } else { self.start.line + line - 1 }
    }

    /// The position in the file of a byte offset of the text.
    fn position(&self, lines: &LineIndex<'_>, offset: usize) -> Position {
        if let Some(embedded) = &self.one_line {
            let after = embedded.offset_in_source(offset).saturating_sub(embedded.offset_in_source(0));
            return Position { column: self.start.column + after, ..self.start };
        }
        let at = lines.position(offset);
        Position { line: self.line_in_file(at.line), column: self.start.column + at.column - 1 }
    }
}

impl Documents<'_> {
    /// The place in the file of a byte offset of the text that these documents were read from.
    #[must_use]
    pub fn place(&self, offset: usize) -> Place {
        let lines = self.lines();
        let here = |origin: &TextOrigin| origin.position(&lines, offset);
        let position = self.origin.as_ref().map_or_else(|| lines.position(offset), here);
        Place { file: self.source.name.to_owned(), position }
    }
}

/// Kinds that a ConfigMap may contain for other purposes. A text with only these is not treated as manifests.
const COMMON: [&str; 5] = ["Config", "Node", "Pod", "Service", "NetworkPolicy"];

/// Keys whose texts are configurations and have their own reader.
const READ_ELSEWHERE: [&str; 7] = [
    "ClusterConfiguration",
    "Corefile",
    "cni_network_config",
    "config.conf",
    "kubeconfig.conf",
    "kubelet",
    "net-conf.json",
];

/// `calico` in base64, at each of the three positions that it can have.
const CALICO_IN_BASE64: [&str; 3] = ["Y2FsaWNv", "NhbGljb", "jYWxpY2"];

/// Whether a ConfigMap or Secret may hold manifests, or values of Calico's chart; `object` is its text.
pub(super) fn may_hold(kind: &str, object: &str) -> bool {
    if search::holds(object, "calicoNetwork") {
        return true;
    }
    let versions = search::find_iter(object, "apiVersion").take(2).count();
    let has_base64 = || kind == "Secret" || search::holds(object, "binaryData");
    (versions == 2 && is_ours(object))
        || (has_base64() && CALICO_IN_BASE64.iter().any(|needle| search::holds(object, needle)))
}

fn is_ours(text: &str) -> bool {
    let holds = |needle: &str| search::holds(text, needle);
    KINDS
        .iter()
        .filter(|spec| !COMMON.contains(&spec.kind))
        .any(|spec| holds(spec.kind) && spec.may_be(holds))
}

/// The manifests in the texts of a source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found<'d> {
    /// Texts with manifests, in the order of the source.
    pub texts: Vec<Nested>,
    /// Texts that contain manifests and cannot be read.
    pub not_understood: Vec<(&'d Resource, NotUnderstood)>,
}

/// Objects whose texts an installer applies to the cluster: the kind, the path of the mapping or of the list, and the key of the
/// text; none if each item is a text.
const INSTALLED: [(&str, &[&str], &str); 11] = [
    ("Kustomization", &["patches"], "patch"),
    ("Kustomization", &["patchesStrategicMerge"], ""),
    ("Kustomization", &["spec", "patches"], "patch"),
    ("KubeadmControlPlane", &["spec", "kubeadmConfigSpec", "files"], "content"),
    ("KubeadmControlPlaneTemplate", &["spec", "template", "spec", "kubeadmConfigSpec", "files"], "content"),
    ("KubeadmConfig", &["spec", "files"], "content"),
    ("KubeadmConfigTemplate", &["spec", "template", "spec", "files"], "content"),
    ("Cluster", &["spec", "rkeConfig"], "additionalManifest"),
    ("Cluster", &["spec", "k0s", "config", "spec", "extensions", "helm", "charts"], "values"),
    ("ClusterConfig", &["spec", "extensions", "helm", "charts"], "values"),
    (TALOS, &["cluster", "inlineManifests"], "contents"),
];

/// Places with settings of Calico that are not read: the kind, the key, what they contain, and what to do.
const OTHERS: [(&str, &str, &[&str], &str); 3] = [
    ("KubeOneCluster", "helmReleases", &["calicoNetwork"], AS_A_FILE),
    (FLEET, "targetCustomizations", &["calicoNetwork"], AS_A_FILE),
    (
        "Kustomization",
        "configMapGenerator",
        &["calico_backend", "cni_network_config"],
        "run calico-ipv6 on the output of kustomize build",
    ),
];

const AS_A_FILE: &str = "convert its values as a file of their own, and put them back";

/// Kinds of Calico's objects, of which a patch without a kind of its own may change the IP families.
const PATCHED_KINDS: [&str; 5] =
    ["BGPConfiguration", "BGPPeer", "FelixConfiguration", "IPPool", "Installation"];

/// Settings of kubeadm that a patch may replace.
const PATCHED: [&str; 5] =
    ["podSubnet", "serviceSubnet", "node-cidr-mask-size", "node-ip", "service-cluster-ip-range"];

/// Finds manifests in the texts of a source. A text inside another text is not read.
#[must_use]
pub(crate) fn find<'d>(documents: &'d Documents<'_>) -> Found<'d> {
    let mut found = Found::default();
    for resource in &documents.resources {
        let Some(tree) = documents.tree(resource.document) else { continue };
        let maps: &[(&str, bool)] = match resource.kind.as_str() {
            "ConfigMap" => &[("data", false), ("binaryData", true)],
            "Secret" => &[("stringData", false), ("data", true)],
            _ => {
                found.installed(documents, resource, tree);
                continue;
            }
        };
        for (key, is_base64) in maps {
            let Some(map) = tree.get(resource.root, key) else { continue };
            for (name, node) in tree.entries(map) {
                let (Some(name), Some(text)) = (tree.scalar(name), tree.scalar(node)) else { continue };
                if *is_base64 {
                    found.base64(resource, node, name, text);
                } else if !READ_ELSEWHERE.contains(&name) {
                    found.text(documents, resource, tree, node, name, text);
                }
            }
        }
    }
    found
}

impl<'d> Found<'d> {
    /// The texts of an object of an installer.
    fn installed(&mut self, documents: &Documents<'_>, resource: &'d Resource, tree: &Tree<'_>) {
        for (_, path, key) in INSTALLED.iter().filter(|(kind, ..)| *kind == resource.kind) {
            let Some(parent) = tree.at(resource.root, path) else { continue };
            let is_list = tree.kind(parent) == Kind::Sequence;
            for item in tree.items(parent).chain((!is_list).then_some(parent)) {
                let scalar = |key| tree.get(item, key).and_then(|node| Some((node, tree.scalar(node)?)));
                let own =
                    if key.is_empty() { tree.scalar(item).map(|text| (item, text)) } else { scalar(key) };
                let Some((node, text)) = own else { continue };
                let key = if key.is_empty() { "patch" } else { key };
                let name = ["path", "name"].into_iter().find_map(scalar).map_or(key, |(_, name)| name);
                let target = |key| tree.scalar(tree.at(item, &["target", key])?);
                let kind = target("kind").unwrap_or_default();
                let is_patched = PATCHED_KINDS.contains(&kind) || target("name") == Some("calico-node");
                if is_patched && !text.contains("apiVersion") {
                    let message = format!("{}: a patch of {kind}, which is not read", resource.title());
                    let help = "run calico-ipv6 on the output of kustomize build".to_owned();
                    self.not_understood.push((resource, NotUnderstood { node, offset: None, message, help }));
                    continue;
                }
                self.text(documents, resource, tree, node, name, text);
            }
        }
        for (_, key, settings, help) in OTHERS.iter().filter(|(kind, ..)| *kind == resource.kind) {
            if let Some(node) = tree.get(resource.root, key)
                && settings.iter().any(|setting| tree.text()[tree.range(node)].contains(setting))
            {
                let message =
                    format!("{}, {key} contains settings of Calico, not understood", resource.title());
                let found = NotUnderstood { node, offset: None, message, help: (*help).to_owned() };
                self.not_understood.push((resource, found));
            }
        }
        if resource.kind == "Cluster" {
            let nodes = tree.get(resource.root, "nodes").into_iter().flat_map(|list| tree.items(list));
            for place in nodes.chain([resource.root]) {
                self.patches(resource, tree, place);
            }
        }
    }

    /// Patches of kubeadm's documents in the file of kind, of all nodes or of one.
    fn patches(&mut self, resource: &'d Resource, tree: &Tree<'_>, place: NodeId) {
        for key in ["kubeadmConfigPatches", "kubeadmConfigPatchesJSON6902"] {
            let items = tree.get(place, key).into_iter().flat_map(|list| tree.items(list));
            for node in items {
                let text = tree.scalar(node).unwrap_or(&tree.text()[tree.range(node)]);
                if PATCHED.iter().any(|setting| text.contains(setting)) {
                    let title = resource.title();
                    let message = format!("{title}, {key} replaces ranges or flags, and is not read");
                    let help =
                        "write the ranges of both IP families into the patch, or leave them to networking"
                            .to_owned();
                    self.not_understood.push((resource, NotUnderstood { node, offset: None, message, help }));
                }
            }
        }
    }

    fn report(&mut self, resource: &'d Resource, node: NodeId, name: &str, why: &str, help: &str) {
        let title = resource.title();
        let message = format!("{title}, {name} contains manifests of Calico, not understood: {why}");
        let help = help.to_owned();
        self.not_understood.push((resource, NotUnderstood { node, offset: None, message, help }));
    }

    fn base64(&mut self, resource: &'d Resource, node: NodeId, name: &str, text: &str) {
        if !CALICO_IN_BASE64.iter().any(|needle| text.contains(needle)) {
            return;
        }
        let Some(decoded) = decode_base64(text) else { return };
        if decoded.contains("calicoNetwork") || (decoded.contains("apiVersion") && is_ours(&decoded)) {
            let help = "put the manifest into stringData (Secret) or data (ConfigMap) as plain text; or decode it, convert it, and put it back";
            self.report(resource, node, name, "it is base64", help);
        }
    }

    fn text(
        &mut self,
        documents: &Documents<'_>,
        resource: &'d Resource,
        tree: &Tree<'_>,
        node: NodeId,
        name: &str,
        text: &str,
    ) {
        let is_relevant = text.contains("calicoNetwork") || (text.contains("apiVersion") && is_ours(text));
        if !is_relevant {
            return;
        }
        let embedded = match Embedded::text(tree, node) {
            Ok(embedded) => embedded,
            Err(_) => return,
        };
        let source = Source { name: documents.source.name, text: embedded.tree.text() };
        let offset = match Documents::read(source) {
            Ok(inside) => {
                let start = documents.lines().position(embedded.offset_in_source(0));
                let has_lines = tree.kind(node) == Kind::Scalar(Style::Literal);
                let one_line = (!has_lines).then(|| Arc::new(embedded.clone()));
                let origin = TextOrigin { start, one_line };
                let inside = inside.inside(origin.clone());
                if !is_manifest(&inside) {
                    let template = |d: &&super::Document<'_>| matches!(d.content, Content::Template);
                    if inside.documents.iter().any(|d| template(&d)) {
                        self.report(resource, node, name, "it is a template", EXTRACT);
                        if let Some((_, last)) = self.not_understood.last_mut() {
                            last.offset = text.find("{{").map(|at| embedded.offset_in_source(at));
                        }
                    }
                    return;
                }
                if documents.origin.is_some() {
                    self.report(resource, node, name, "it is in a text inside another text", EXTRACT);
                    return;
                }
                self.texts.push(Nested {
                    document: resource.document,
                    node,
                    title: format!("{}, {name}", resource.title()),
                    path: tree.path(node),
                    origin,
                    embedded,
                });
                return;
            }
            Err(InputError::Template(offset)) => {
                self.report(resource, node, name, "it is a template", EXTRACT);
                offset
            }
            Err(InputError::NotYaml(error)) => {
                let why = format!("it is not YAML: {}", error.message);
                self.report(resource, node, name, &why, "correct the text");
                error.offset
            }
            Err(InputError::TooMany(limit, offset)) => {
                self.report(resource, node, name, &limit.to_string(), limit.help());
                offset
            }
            Err(InputError::TooLarge(_)) => return,
        };
        if let Some((_, last)) = self.not_understood.last_mut() {
            last.offset = Some(embedded.offset_in_source(offset));
        }
    }
}

const EXTRACT: &str = "extract the manifest, convert it, and put it back";

/// Whether documents are manifests that decide about IP families.
fn is_manifest(documents: &Documents<'_>) -> bool {
    let keyless = [HELM_VALUES, INSTALL_CONFIG];
    let is_ours = |resource: &Resource| {
        let kind = resource.kind.as_str();
        let is_known = || KINDS.iter().any(|spec| spec.kind == kind && !spec.hints.is_empty());
        keyless.contains(&kind) || (is_known() && !COMMON.contains(&kind))
    };
    if !documents.resources.iter().any(is_ours) {
        return false;
    }
    let file = FileModel::read(documents);
    let has_objects = !file.objects.objects.is_empty();
    has_objects || !file.configs.is_empty() || !file.nodes.is_empty() || !file.installations.is_empty()
}

/// The text that is base64 here; line breaks inside are skipped. `None` if it is not base64 of UTF-8.
fn decode_base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{CALICO_IN_BASE64, decode_base64};

    #[test]
    fn base64_is_decoded() {
        assert_eq!(decode_base64("a2luZDogSVBQb29sCg==").as_deref(), Some("kind: IPPool\n"));
        assert_eq!(decode_base64("not base64!"), None);
    }

    #[test]
    fn calico_is_found_at_each_position() {
        for (text, needle) in ["Y2FsaWNv", "eGNhbGljbw==", "eHhjYWxpY28="].iter().zip(CALICO_IN_BASE64) {
            assert!(text.contains(needle), "{text}");
            assert!(decode_base64(text).is_some_and(|text| text.ends_with("calico")));
        }
    }
}
