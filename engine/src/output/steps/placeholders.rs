//! Values that only the user knows: written as `<NODE>`, and explained once.

use super::{Command, Section};

/// Each value, and what it is.
const VALUES: [(&str, &str); 15] = [
    ("<CONTROL_PLANE_NODE>", "the name of one control-plane node"),
    ("<NODE>", "the name of a node"),
    ("<NODE_IPV4>", "the IPv4 address of the node"),
    ("<NODE_IPV6>", "the IPv6 address of the node"),
    ("<NAMESPACE>", "the name of a namespace"),
    ("<OUTSIDE_IPV6>", "an IPv6 address outside the cluster that answers ping"),
    ("<FILE>", "the file that you passed through a pipe"),
    ("<FILE_OF_THE_NODE>", "the JoinConfiguration with the addresses of the node"),
    ("<API_ENDPOINT>", "the address and the port in the join command that kubeadm prints"),
    ("<TOKEN>", "the token in that command"),
    ("<HASH>", "the hash in that command"),
    ("<INVENTORY>", "the file of kubespray that lists the hosts"),
    ("<INVENTORY_FOLDER>", "the folder of that file"),
    ("<CALICO_VERSION>", "a release of Calico, such as v3.31.4"),
    (
        "<CHART_VERSION>",
        "the version of the chart that is installed: `helm list -n tigera-operator` shows it",
    ),
];

/// Explains the values in the commands of these sections. `None` if there are none.
pub(super) fn note(sections: &[Section]) -> Option<String> {
    let steps = || sections.iter().flat_map(|section| &section.steps);
    let commands = || steps().flat_map(|step| step.commands.iter().chain(&step.verify).chain(&step.undo));
    let has = |name: &str| commands().any(|command: &Command| command.text.contains(name));
    let used: Vec<String> = VALUES
        .iter()
        .filter(|(name, _)| has(name))
        .map(|(name, what)| format!("`{name}` is {what}"))
        .collect();
    (!used.is_empty()).then(|| format!("Values that only you know: {}.", used.join("; ")))
}
