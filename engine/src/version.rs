//! Releases and gates. A gate is data, so that its rule's page can show it.

use core::fmt;

/// A release of Calico, its operator, flannel or Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 3 in v3.31.7.
    pub major: u16,
    /// 31 in v3.31.7.
    pub minor: u16,
    /// 7 in v3.31.7.
    pub patch: u16,
}

impl Version {
    /// The release `major.minor.patch`.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Version {
        Version { major, minor, patch }
    }

    /// Reads `v3.31.7`, `3.31.7` or `v3.31`, with any suffix after `-` or `+`. `None` for `latest`, `master` and similar tags.
    #[must_use]
    pub fn parse(text: &str) -> Option<Version> {
        if text.contains(char::is_control) {
            return None;
        }
        let text = text.trim().strip_prefix(['v', 'V']).unwrap_or(text.trim());
        let text = text.split(['-', '+']).next()?;
        let mut parts = text.split('.');
        let mut number = || parts.next()?.parse::<u16>().ok();
        let (major, minor) = (number()?, number()?);
        let patch = number().unwrap_or(0);
        (text.split('.').count() <= 3 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
            .then_some(Version { major, minor, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Releases from `from` until before `until`; without end if that is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first release in the window.
    pub from: Version,
    /// The first release after it.
    pub until: Option<Version>,
}

impl Window {
    /// Everything before `until`.
    #[must_use]
    pub const fn before(major: u16, minor: u16, patch: u16) -> Window {
        Window { from: Version::new(0, 0, 0), until: Some(Version::new(major, minor, patch)) }
    }

    /// From the first release until before the second.
    #[must_use]
    pub const fn between(from: Version, until: Version) -> Window {
        Window { from, until: Some(until) }
    }

    /// Whether `version` is in the window.
    #[must_use]
    pub fn contains(&self, version: Version) -> bool {
        version >= self.from && self.until.is_none_or(|until| version < until)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.until) {
            (Version { major: 0, .. }, Some(until)) => write!(f, "before {until}"),
            (from, Some(until)) => write!(f, "{from} until before {until}"),
            (from, None) => write!(f, "{from} and later"),
        }
    }
}

/// A statement that is true only for some releases.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// The component with these releases.
    pub component: Component,
    /// The statement.
    pub what: &'static str,
    /// The releases.
    pub windows: &'static [Window],
}

impl Gate {
    /// Whether `version` is one of them; `None` if the version is unknown.
    #[must_use]
    pub fn applies(&self, version: Option<Version>) -> Option<bool> {
        version.map(|v| self.windows.iter().any(|w| w.contains(v)))
    }

    /// The releases in words. An open end names the last release in which the statement was checked:
    /// `v1.25.0 and later (last checked: v1.37.2)`.
    #[must_use]
    pub fn releases(&self) -> String {
        let windows: Vec<String> = self.windows.iter().map(ToString::to_string).collect();
        let is_open = self.windows.iter().any(|window| window.until.is_none());
        match self.component.last_checked().filter(|_| is_open) {
            Some(last) => format!("{} (last checked: {last})", windows.join(", ")),
            None => windows.join(", "),
        }
    }

    /// Whether `version` is known and one of them.
    #[must_use]
    pub fn holds(&self, version: Option<Version>) -> bool {
        self.applies(version) == Some(true)
    }
}

/// The component of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// Calico: the tag of the calico-node image.
    Calico,
    /// tigera/operator: the tag of its image.
    Operator,
    /// flannel, in canal.
    Flannel,
    /// Kubernetes: kubeadm's `kubernetesVersion`, the tags of its images.
    Kubernetes,
}

impl Component {
    /// The last release whose source was read for the statements about this component.
    #[must_use]
    pub(crate) fn last_checked(self) -> Option<Version> {
        match self {
            Component::Calico => Some(Version::new(3, 32, 1)),
            Component::Operator => Some(Version::new(1, 42, 3)),
            Component::Kubernetes => Some(Version::new(1, 37, 2)),
            Component::Flannel => None,
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Component::Calico => "Calico",
            Component::Operator => "tigera/operator",
            Component::Flannel => "flannel",
            Component::Kubernetes => "Kubernetes",
        })
    }
}

/// The first Calico release that each operator release line ships with (`calico` manifests `tigera-operator.yaml`).
const OPERATOR_LINES: [(u16, u16); 20] = [
    (0, 12),
    (3, 13),
    (5, 14),
    (7, 15),
    (10, 16),
    (13, 17),
    (15, 18),
    (17, 19),
    (20, 20),
    (23, 21),
    (25, 22),
    (27, 23),
    (28, 24),
    (29, 25),
    (30, 26),
    (32, 27),
    (34, 28),
    (36, 29),
    (38, 30),
    (40, 31),
];

/// Returns the Calico minor release that an operator release installs; `None` for an operator older or newer than the known
/// lines. The patch release is not known.
#[must_use]
pub(crate) fn calico_of_operator(operator: Version) -> Option<Version> {
    if operator.major != 1 {
        return None;
    }
    if operator.minor >= 42 {
        return (operator.minor < 44).then_some(Version::new(3, 32, 0));
    }
    let line = OPERATOR_LINES.iter().rev().find(|(minor, _)| *minor <= operator.minor)?;
    Some(Version::new(3, line.1, 0))
}

/// Returns the first operator release of the line that installs a Calico release.
#[must_use]
pub(crate) fn operator_of_calico(calico: Version) -> Option<Version> {
    if calico.major != 3 {
        return None;
    }
    if calico.minor >= 32 {
        return Some(Version::new(1, 42 + 2 * (calico.minor - 32), 0));
    }
    OPERATOR_LINES.iter().find(|(_, minor)| *minor == calico.minor).map(|(line, _)| Version::new(1, *line, 0))
}

/// The version in an image reference: `quay.io/calico/node:v3.31.7@sha256:...` is v3.31.7. `None` if there is no tag, or
/// the tag is not a release.
#[must_use]
pub(crate) fn image_version(image: &str) -> Option<Version> {
    let image = image.split('@').next().unwrap_or(image);
    let name = image.rsplit('/').next().unwrap_or(image);
    Version::parse(name.split_once(':')?.1)
}

/// The name in an image reference: `registry:5000/rancher/mirrored-calico-node:v3.29.0` is
/// `rancher/mirrored-calico-node`: the last two parts, without registry, tag and digest.
#[must_use]
pub(crate) fn image_name(image: &str) -> &str {
    let name = untagged(image);
    let last = name.rfind('/').unwrap_or_default();
    let start = name[..last].rfind('/').map_or(0, |i| i + 1);
    &name[start..]
}

/// An image reference without tag and digest: `registry:5000/rancher/mirrored-calico-node`.
#[must_use]
pub(crate) fn untagged(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let last = image.rfind('/').map_or(0, |i| i + 1);
    let end = image[last..].find(':').map_or(image.len(), |i| last + i);
    &image[..end]
}
