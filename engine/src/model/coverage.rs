//! How much of a file is understood: the state of each document, and addresses in text that nothing understands.

mod addresses;
mod unread;

use self::addresses::addresses;
use super::fields::{ALLOW_LIST_KEYS, IPAM_ANNOTATIONS, ObjectKind, ipam_annotations};
use super::installation::Installation;
use super::{Content, FileModel, Resource};
use crate::address::Family;
use crate::yaml::{NodeId, Tree};
use core::ops::Range;

/// The state of a document, or of an object in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Its settings are read.
    Understood,
    /// A template that is not rendered.
    Template,
    /// It contains addresses or ranges, and its kind is not understood: the addresses, in the order of the text.
    NotUnderstood(Vec<Found>),
    /// Addresses or ranges in settings of an understood document that are not read. The document has a state of its own, too.
    Unread(Vec<Found>),
    /// It has no settings that decide about IP families.
    NotRelevant,
}

/// The state of one document, of one object in a list, or of the settings of an object that are not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The bytes of the file.
    pub range: Range<usize>,
    /// The state.
    pub state: State,
}

/// An address, a range or the name of an IP family in text that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The bytes of the file.
    pub range: Range<usize>,
    /// Its IP family.
    pub family: Family,
    /// What it is.
    pub what: What,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An address.
    Address,
    /// A range in CIDR notation.
    Range,
    /// The name of an IP family: `IPv6`.
    Name,
    /// A key that turns a family on or off and has a counterpart for the other family, or the address of a node:
    /// `assign_ipv6`, `node-ip=192.0.2.1`.
    Switch,
    /// A key that turns a family off: `disable_ipv6`, `assign_ipv6: "false"`.
    Off,
    /// A key below which Calico's pools are set: `calicoNetwork`. Its values are of any family.
    Pools,
}

impl What {
    /// Whether it is an address or a range.
    pub(crate) fn is_value(self) -> bool {
        matches!(self, What::Address | What::Range)
    }
}

/// Kinds that contain addresses but do not configure them: schemas, permissions, and objects that a running cluster
/// writes itself. kpt passes its own file and the function's target together with the objects that they are for.
const NEVER: [&str; 20] = [
    "APIService",
    "BlockAffinity",
    "CSINode",
    "ClusterRole",
    "ClusterRoleBinding",
    "ControllerRevision",
    "CustomResourceDefinition",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "IPAMBlock",
    "IPAMConfig",
    "IPAMHandle",
    "Kptfile",
    "Lease",
    "Namespace",
    "Role",
    "RoleBinding",
    "ServiceAccount",
    "Target",
];

/// Whether documents of this kind are searched for addresses if nothing understands them.
pub(super) fn may_decide(kind: &str) -> bool {
    !NEVER.contains(&kind)
}

/// The state of every document of a file that is not empty, and of every object in a list.
#[must_use]
pub(crate) fn coverage(file: &FileModel<'_>) -> Vec<Coverage> {
    let documents = file.documents;
    let understood = understood(file);
    // The manifests in these texts have states of their own.
    let with_manifests: Vec<usize> = file.nested.texts.iter().map(|text| text.document).collect();
    let annotations = read_annotations(file);
    let mut unread = unread::find(file).into_iter().peekable();
    let mut all = Vec::new();
    for (index, document) in documents.documents.iter().enumerate() {
        let range = document.chunk.range.clone();
        let state = match &document.content {
            Content::Empty => continue,
            Content::Template => State::Template,
            Content::Other { search: false } => State::NotRelevant,
            Content::Other { search: true } => {
                let text = &documents.source.text[range.clone()];
                of_found(in_settings(text, range.start), text, range.start)
            }
            Content::Parsed(tree) => {
                let resources = &documents.resources;
                let start = resources.partition_point(|resource| resource.document < index);
                let end = resources.partition_point(|resource| resource.document <= index);
                let holds_manifests = with_manifests.contains(&index);
                let is_understood =
                    |root| holds_manifests || understood.binary_search(&(index, root)).is_ok();
                parsed(&resources[start..end], tree, is_understood, &annotations, &mut all);
                while let Some((_, one)) = unread.next_if(|(document, _)| *document == index) {
                    all.push(one);
                }
                continue;
            }
        };
        all.push(Coverage { range, state });
    }
    all
}

/// The objects of a parsed document.
fn parsed(
    resources: &[Resource],
    tree: &Tree<'_>,
    is_understood: impl Fn(NodeId) -> bool,
    annotations: &[Range<usize>],
    all: &mut Vec<Coverage>,
) {
    for resource in resources {
        let state = if is_understood(resource.root) {
            State::Understood
        } else if may_decide(&resource.kind) {
            let mut found = in_object(tree, resource.root);
            found.retain(|one| !annotations.iter().any(|range| range.contains(&one.range.start)));
            of_found(found, &tree.text()[tree.range(resource.root)], tree.range(resource.root).start)
        } else {
            State::NotRelevant
        };
        all.push(Coverage { range: tree.range(resource.root), state });
    }
    if let (true, Some(root)) = (resources.is_empty(), tree.root()) {
        let range = tree.range(root);
        let state = of_found(in_object(tree, root), &tree.text()[range.clone()], range.start);
        all.push(Coverage { range, state });
    }
}

/// The bytes of the annotations that rules read in objects of which they read nothing else.
fn read_annotations(file: &FileModel<'_>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (_, object) in file.objects.objects_of(ObjectKind::IpamAnnotations) {
        let tree = object.tree();
        let Some(annotations) = ipam_annotations(object) else { continue };
        let values = IPAM_ANNOTATIONS.iter().filter_map(|key| tree.get(annotations, key));
        ranges.extend(values.map(|value| tree.range(value)));
    }
    ranges
}

/// The state of an object that is not understood, from what was found in its text, which starts at byte `offset` of its file.
fn of_found(mut found: Vec<Found>, text: &str, offset: usize) -> State {
    if found.is_empty() {
        found.extend(pools(text, offset));
    }
    if found.is_empty() { State::NotRelevant } else { State::NotUnderstood(found) }
}

/// The first key in a text that sets Calico's pools, outside comments. No range was found in the text, so a template sets them.
fn pools(text: &str, offset: usize) -> Option<Found> {
    let keys = ["calicoNetwork", "CALICO_IPV4POOL_CIDR", "CALICO_IPV6POOL_CIDR"];
    keys.into_iter().find_map(|key| {
        let is_comment =
            |at: usize| text[crate::source::line_start(text, at)..at].trim_start().starts_with('#');
        let at = crate::search::find_iter(text, key).find(|at| !is_comment(*at))?;
        let range = offset + at..offset + at + key.len();
        Some(Found { range, family: Family::Ipv4, what: What::Pools })
    })
}

/// The objects from which a typed view was read: their documents and roots, in order.
fn understood(file: &FileModel<'_>) -> Vec<(usize, NodeId)> {
    let configs = file.configs.iter().map(|config| config.resource);
    let nodes = file.nodes.iter().map(|node| node.resource);
    let installations = file.installations.iter().map(Installation::resource);
    // Of these, only the annotations are read.
    let objects = file.objects.objects.iter().filter(|object| object.kind != ObjectKind::IpamAnnotations);
    let objects = objects.map(|object| object.resource);
    let all = configs.chain(nodes).chain(installations).chain(objects);
    let mut understood: Vec<_> = all.map(|resource| (resource.document, resource.root)).collect();
    understood.sort_unstable();
    understood
}

/// The addresses in the text of an object that starts at byte `offset` of its file, without its metadata and its status:
/// what a running cluster reports is not a setting.
fn in_settings(text: &str, offset: usize) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < text.len() {
        // An entry of the root, with the indented lines below it.
        let rest = &text[start..];
        let lines = crate::search::find_iter(rest, "\n").map(|at| at + 1);
        let is_entry = |at: &usize| {
            !matches!(rest.as_bytes().get(*at), None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'#' | b'-'))
        };
        let end = lines.into_iter().find(is_entry).unwrap_or(rest.len());
        if rest.starts_with("metadata:") {
            found.extend(in_metadata(&rest[..end], offset + start));
        } else if !rest.starts_with("status:") {
            found.extend(decisions(&rest[..end], offset + start));
        }
        start += end;
    }
    found
}

/// The addresses in an object, without its status and the earlier versions that the API server keeps.
fn in_object(tree: &Tree<'_>, root: NodeId) -> Vec<Found> {
    let text = tree.text();
    let mut found = Vec::new();
    let mut entries = tree.entries(root).peekable();
    if entries.peek().is_none() {
        let range = tree.range(root);
        return decisions(&text[range.clone()], range.start);
    }
    for (key, value) in entries {
        let range = tree.range(key).start..tree.range(value).end;
        match tree.scalar(key) {
            Some("status") => {}
            Some("metadata") => found.extend(in_metadata(&text[range.clone()], range.start)),
            _ => found.extend(decisions(&text[range.clone()], range.start)),
        }
    }
    found
}

/// The addresses in the annotations that list clients, as that of a `Route` does; the rest of the metadata sets nothing.
fn in_metadata(text: &str, offset: usize) -> Vec<Found> {
    let mut found = Vec::new();
    for part in ALLOW_LIST_KEYS.iter().filter(|part| crate::search::holds(text, part)) {
        for line in rests_of_lines(text, part) {
            found.extend(addresses(&text[line.clone()], offset + line.start));
        }
    }
    // A name may have several of these parts.
    found.sort_by_key(|one| one.range.start);
    found.dedup();
    found
}

/// What may decide about IP families in a text that starts at byte `offset` of its file: addresses, ranges and names of
/// families, in the order of the text.
fn decisions(text: &str, offset: usize) -> Vec<Found> {
    let mut found = addresses(text, offset);
    // Addresses that are reached without a proxy are of any family.
    for key in ["no_proxy", "NO_PROXY", "noProxy"] {
        let lines = rests_of_lines(text, key);
        found.retain(|one| !is_in(&lines, one.range.start - offset));
    }
    let mut names = names(text, offset);
    names.extend(switches(text, offset));
    if !names.is_empty() {
        found.extend(names);
        found.sort_by_key(|one| one.range.start);
    }
    found
}

/// From the first place of a key in each line to the end of the line.
fn rests_of_lines(text: &str, key: &str) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    for at in crate::search::find_iter(text, key) {
        if lines.last().is_none_or(|line| line.end <= at) {
            lines.push(at..crate::source::line_end(text, at));
        }
    }
    lines
}

/// Whether a byte is in one of these ranges, which are in order.
fn is_in(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= at);
    after.checked_sub(1).is_some_and(|i| at < ranges[i].end)
}

/// The names of IP families in the values of keys such as `ipFamily` and `addressFamilies`: on the line of the key, or as the
/// list below it.
fn names(text: &str, offset: usize) -> Vec<Found> {
    let mut found = Vec::new();
    for at in crate::search::find_iter(text, "amil") {
        let rest = &text[at..];
        let key = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let after_key = rest[key..].strip_prefix(['"', '\'']).unwrap_or(&rest[key..]);
        let Some(value) = after_key.strip_prefix(':') else { continue };
        let mut start = offset + text.len() - value.len();
        for (line, part) in value.split_inclusive('\n').enumerate() {
            let own = part.trim_start();
            if own.starts_with('#') || (line > 0 && !own.starts_with(['-', '"', ']'])) {
                break;
            }
            for word in part.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
                let name = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
                let family = match name {
                    "IPv4" | "ipv4" => Some(Family::Ipv4),
                    "IPv6" | "ipv6" => Some(Family::Ipv6),
                    _ => None,
                };
                found.extend(family.map(|family| Found {
                    range: start..start + name.len(),
                    family,
                    what: What::Name,
                }));
                start += word.len();
            }
        }
    }
    found
}

/// Keys that turn an IP family of pods or nodes on or off, or select its pools: of a CNI configuration, of Felix's environment, of
/// the kernel.
fn switches(text: &str, offset: usize) -> Vec<Found> {
    const SWITCHES: [(&str, Family); 7] = [
        ("ipv6.disable", Family::Ipv6),
        ("assign_ipv4", Family::Ipv4),
        ("assign_ipv6", Family::Ipv6),
        ("ipv4_pools", Family::Ipv4),
        ("ipv6_pools", Family::Ipv6),
        ("FELIX_IPV6SUPPORT", Family::Ipv6),
        ("disable_ipv6", Family::Ipv6),
    ];
    let mut found = Vec::new();
    // Most texts have none.
    if !["ipv", "IPV6", IPAM].iter().any(|part| crate::search::holds(text, part)) {
        return found;
    }
    let comments = rests_of_lines(text, "#");
    for (key, family) in SWITCHES {
        for at in crate::search::find_iter(text, key) {
            let value = &text[at + key.len()..];
            let is_whole = !value.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            if is_whole && !is_in(&comments, at) {
                let start = offset + at;
                let what = match is_off(key, value) {
                    Some(true) => What::Off,
                    Some(false) => continue,
                    None => What::Switch,
                };
                found.push(Found { range: start..start + key.len(), family, what });
            }
        }
    }
    // Without these keys, Calico's IPAM assigns IPv4 addresses only.
    if let Some(at) = text.find(IPAM).filter(|_| !text.contains("assign_ipv")) {
        let start = offset + at;
        found.push(Found { range: start..start + IPAM.len(), family: Family::Ipv6, what: What::Off });
    }
    found
}

/// Calico's IPAM, as a CNI configuration in JSON names it.
const IPAM: &str = "\"calico-ipam\"";

/// Whether a switch turns its family off; `value` is the text after its key. `None` if it does not, or if its value is not known;
/// `Some(false)` if nothing has to be said about it.
fn is_off(key: &str, value: &str) -> Option<bool> {
    let first = |text: &str| text.find(|c: char| c.is_ascii_alphanumeric());
    let value = &value[first(value)?..];
    // `{name: net.ipv6.conf.all.disable_ipv6, value: 1}`
    let value = value.strip_prefix("value").unwrap_or(value);
    let first = value.as_bytes()[first(value)?];
    match (key, first) {
        ("disable_ipv6" | "ipv6.disable", b'0' | b'1') => Some(first == b'1'),
        ("FELIX_IPV6SUPPORT", b't' | b'T') => Some(false),
        ("FELIX_IPV6SUPPORT" | "assign_ipv4" | "assign_ipv6", b'f' | b'F') => Some(true),
        _ => None,
    }
}

/// The IP families of all addresses and ranges in a text.
#[must_use]
pub fn mentioned(text: &str) -> Vec<Family> {
    let mut families: Vec<Family> = addresses(text, 0).into_iter().map(|found| found.family).collect();
    families.sort_unstable();
    families.dedup();
    families
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_of_families_are_found_below_their_keys() {
        let names = |text: &'static str| {
            names(text, 0).into_iter().map(|found| &text[found.range]).collect::<Vec<_>>()
        };
        assert_eq!(names("spec:\n  ipFamily: IPv4\n  name: IPv6\n"), ["IPv4"]);
        assert_eq!(names("addressFamilies: [ipv4, \"ipv6\"]\n"), ["ipv4", "ipv6"]);
        assert_eq!(names("ipFamilies:\n- IPv6 # first\n- IPv4\nother: IPv6\n"), ["IPv6", "IPv4"]);
        assert_eq!(names("{\"ipFamily\": \"IPv4\"}"), ["IPv4"]);
        assert_eq!(names("family of IPv4 addresses\nipFamily: DualStack\n"), [""; 0]);
    }
}
