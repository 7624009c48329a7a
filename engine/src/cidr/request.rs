//! The request for an address plan.

use crate::target::{OPTIONS, Target, TargetError, TargetOption};

/// The size of the cluster and its known ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The families and the known ranges.
    pub target: Target,
    /// The number of nodes; 256 if `None`.
    pub nodes: Option<u32>,
    /// The maximum number of pods per node; 110 if `None`.
    pub pods_per_node: Option<u32>,
    /// The number of Services.
    pub services: Option<u32>,
}

/// The capacity of an IPv4 /16 and an IPv6 /56.
const NODES: u32 = 256;
/// The default of kubelet's `maxPods` (kubernetes `pkg/kubelet/apis/config/v1beta1/defaults.go`).
const PODS: u32 = 110;

/// A number of the request.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    /// The key in JavaScript.
    pub key: &'static str,
    /// The flag of the command, without dashes.
    pub flag: &'static str,
    /// A help text of one line.
    pub help: &'static str,
    set: fn(&mut Request, u32),
}

/// The numbers of the request.
pub const COUNTS: [Count; 3] = [
    Count {
        key: "nodes",
        flag: "nodes",
        help: "maximum number of nodes [default: 256]",
        set: |request, n| request.nodes = Some(n),
    },
    Count {
        key: "podsPerNode",
        flag: "pods-per-node",
        help: "maximum number of pods per node [default: 110, as in kubelet]",
        set: |request, n| request.pods_per_node = Some(n),
    },
    Count {
        key: "services",
        flag: "services",
        help: "maximum number of Services",
        set: |request, n| request.services = Some(n),
    },
];

/// The options of a target that are relevant for its addresses.
const OF_TARGET: [&str; 7] = [
    "to",
    "ipv6-pod-cidr",
    "ipv4-pod-cidr",
    "ipv6-service-cidr",
    "ipv4-service-cidr",
    "ipv6-block-size",
    "primary-family",
];

impl Request {
    /// The relevant options of a target, in the order of the help text.
    pub fn options() -> impl Iterator<Item = &'static TargetOption> {
        OPTIONS.iter().filter(|option| OF_TARGET.contains(&option.flag))
    }

    /// Builds a request from keys (or flags) and values; dual-stack if `to` is not set.
    ///
    /// # Errors
    /// All invalid values and combinations.
    pub fn from_options<'a>(
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Request, Vec<TargetError>> {
        let mut request = Request::default();
        let mut errors = Vec::new();
        let mut of_target = Vec::new();
        for (name, value) in options {
            let count = COUNTS.iter().find(|count| count.key == name || count.flag == name);
            match (count, value.parse::<u32>()) {
                (Some(count), Ok(number)) if number > 0 => (count.set)(&mut request, number),
                (Some(count), _) => {
                    let message =
                        format!("`{value}` is not a number (1 to {})", super::grouped(u32::MAX.into()));
                    errors.push(TargetError { option: Some(count.flag), message });
                }
                _ if Request::options().any(|option| option.key == name || option.flag == name) => {
                    of_target.push((name, value));
                }
                _ => errors.push(TargetError { option: None, message: format!("unknown option `{name}`") }),
            }
        }
        if of_target.iter().all(|(name, _)| *name != "to") {
            of_target.push(("to", "dual-stack"));
        }
        match Target::from_options(of_target) {
            Ok(target) => request.target = target,
            Err(wrong) => errors.extend(wrong),
        }
        if errors.is_empty() { Ok(request) } else { Err(errors) }
    }

    /// The planned number of nodes.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.nodes.unwrap_or(NODES)
    }

    /// The planned number of pods per node.
    #[must_use]
    pub(crate) fn pods_per_node(&self) -> u32 {
        self.pods_per_node.unwrap_or(PODS)
    }
}
