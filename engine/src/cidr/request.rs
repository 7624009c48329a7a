//! What is asked for.

use crate::target::{OPTIONS, Target, TargetError, TargetOption};

/// How large the cluster shall be, and the ranges that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The families, and the ranges that are given.
    pub target: Target,
    /// How many nodes; 256 if `None`.
    pub nodes: Option<u32>,
    /// How many pods a node has at most; 110 if `None`.
    pub pods_per_node: Option<u32>,
    /// How many Services.
    pub services: Option<u32>,
}

/// The nodes that an IPv4 /16 and an IPv6 /56 have place for.
const NODES: u32 = 256;
/// kubelet's `maxPods`, where nothing else is said (kubernetes `pkg/kubelet/apis/config/v1beta1/defaults.go`).
const PODS: u32 = 110;

/// A number that can be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    /// The key in JavaScript.
    pub key: &'static str,
    /// The flag of the command, without dashes.
    pub flag: &'static str,
    /// What it does, one line.
    pub help: &'static str,
    set: fn(&mut Request, u32),
}

/// The numbers that can be asked for.
pub const COUNTS: [Count; 3] = [
    Count {
        key: "nodes",
        flag: "nodes",
        help: "how many nodes the cluster may come to have [default: 256]",
        set: |request, n| request.nodes = Some(n),
    },
    Count {
        key: "podsPerNode",
        flag: "pods-per-node",
        help: "how many pods a node has at the most [default: 110, as kubelet's]",
        set: |request, n| request.pods_per_node = Some(n),
    },
    Count {
        key: "services",
        flag: "services",
        help: "how many Services there may be",
        set: |request, n| request.services = Some(n),
    },
];

/// The options of a target that matter for its addresses.
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
    /// The options of a target that matter here, in the order in which help shows them.
    pub fn options() -> impl Iterator<Item = &'static TargetOption> {
        OPTIONS.iter().filter(|option| OF_TARGET.contains(&option.flag))
    }

    /// Builds a request from keys (or flags) and texts; dual-stack where `to` says nothing else.
    ///
    /// # Errors
    /// Every value that cannot be, and every pair that cannot be together.
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
                    let message = format!("`{value}` is no number from 1 to {}", u32::MAX);
                    errors.push(TargetError { option: Some(count.flag), message });
                }
                _ if Request::options().any(|option| option.key == name || option.flag == name) => {
                    of_target.push((name, value));
                }
                _ => errors
                    .push(TargetError { option: None, message: format!("no option is called `{name}`") }),
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

    /// How many nodes are planned for.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.nodes.unwrap_or(NODES)
    }

    /// How many pods a node is planned to have.
    #[must_use]
    pub fn pods_per_node(&self) -> u32 {
        self.pods_per_node.unwrap_or(PODS)
    }
}
