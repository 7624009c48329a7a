//! kubelet and kube-proxy, node by node.

use super::before::NODE_ADDRESSES;
use super::shell::{escape_each, expressions, replace};
use super::view::{File, View, base, joined};
use super::{Command, Host, Step};
use crate::model::fields::{Component, ObjectKind};
use crate::rules::Effect;
use crate::target::Stack;
use crate::transform::AppliedChange;

pub(super) fn steps(view: &View<'_>) -> Vec<Step> {
    [kubelet(view), kube_proxy(view)].into_iter().flatten().collect()
}

/// The changes of node addresses: in kubelet's own files, or in the files from which kubeadm writes them.
fn node_ip_changes<'v>(view: &View<'v>) -> Vec<(&'v File, &'v AppliedChange)> {
    let is_of_kubelet =
        |effect| matches!(effect, Effect::Restart(Component::Kubelet) | Effect::NewClusterOnly);
    let changes = view.with(is_of_kubelet);
    changes.into_iter().filter(|(_, change)| change.description.field.ends_with("node-ip")).collect()
}

pub(super) fn kubelet(view: &View<'_>) -> Option<Step> {
    let changes = node_ip_changes(view);
    let (file, first) = changes.first()?;
    let place = flags_file(view, file, first);
    let mut edits = Vec::new();
    for (_, change) in &changes {
        let description = &change.description;
        if let (Some(from), Some(to)) = (&description.from, &description.to) {
            let edit = node_ip(from, to);
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    let is_way_back = view.target.to == Stack::Ipv4Only;
    if !is_way_back {
        for (ipv4, ipv6) in view.node_pairs() {
            let edit = node_ip(&ipv4.to_string(), &format!("{ipv4},{ipv6}"));
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    if edits.is_empty() {
        return None;
    }
    let title = if is_way_back {
        "Take the IPv6 address from each kubelet"
    } else {
        "Give each kubelet both node addresses"
    };
    let other = if is_way_back {
        String::new()
    } else {
        " The command knows the nodes of these files only, and leaves others as they are: add an expression for each other node, with its IPv4 and IPv6 address, the IPv4 address first.".to_owned()
    };
    let expect = if is_way_back {
        "one address for each node"
    } else {
        "both addresses for each node, in the order of --node-ip"
    };
    Some(Step {
        title: title.to_owned(),
        subject: "kubelet",
        why: format!("Pods of the host network, and the Node, have the addresses of `--node-ip`.{other}"),
        commands: vec![Command::new(
            Host::EachNode,
            format!(
                "sudo cp -p {place} {place}.before\nsudo sed -i {} {place}\nsudo systemctl restart kubelet",
                expressions(&edits)
            ),
        )],
        restarts: "kubelet of this node. Containers keep running; the node can be NotReady for a moment."
            .to_owned(),
        verify: vec![Command::here(NODE_ADDRESSES).expect(expect)],
        undo_note: String::new(),
        undo: vec![Command::new(
            Host::EachNode,
            format!("sudo cp -p {place}.before {place}\nsudo systemctl restart kubelet"),
        )],
    })
}

/// The expression for the address of one node; a longer address that begins with it is another node.
fn node_ip(from: &str, to: &str) -> String {
    let pattern = escape_each(&format!("--node-ip={from}"), r".[]*^$\#");
    let new = escape_each(&format!("--node-ip={to}"), r"&\#");
    format!(r"s#{pattern}\([^0-9a-f.:,]\|$\)#{new}\1#")
}

/// Where the flags of kubelet are on the nodes.
fn flags_file(view: &View<'_>, file: &File, change: &AppliedChange) -> String {
    let name = base(&file.name);
    let is_kubeadm =
        change.effect == Effect::NewClusterOnly || name == "kubeadm-flags.env" || view.is_piped();
    if is_kubeadm {
        "/var/lib/kubelet/kubeadm-flags.env".to_owned()
    } else if change.object.kind == "systemd unit" {
        super::shell::word(&format!("/etc/systemd/system/{name}"))
    } else {
        super::shell::word(&format!("/etc/default/{name}"))
    }
}

pub(super) fn kube_proxy(view: &View<'_>) -> Option<Step> {
    let own = view.restarts(Component::Proxy);
    let of_kubeadm = view.has_kind(ObjectKind::ClusterConfiguration)
        && !view.with(|effect| effect == Effect::RunKubeadm).is_empty();
    let (pods, new_pods) = view.pods();
    if own.is_empty() && (!of_kubeadm || pods == new_pods) {
        return None;
    }
    let objects: Vec<&File> = own
        .iter()
        .filter(|(_, change)| matches!(change.object.kind.as_str(), "ConfigMap" | "DaemonSet"))
        .map(|(file, _)| *file)
        .collect();
    let (apply, undo) = if objects.is_empty() {
        let mut edits: Vec<String> = Vec::new();
        for (_, change) in &own {
            let description = &change.description;
            if let (Some(from), Some(to)) = (&description.from, &description.to) {
                let key = description.field.rsplit(": ").next().unwrap_or(&description.field);
                edits.push(replace(&format!("{key}: {from}"), &format!("{key}: {to}")));
            }
        }
        if edits.is_empty() {
            edits.push(replace(
                &format!("clusterCIDR: {}", joined(pods)),
                &format!("clusterCIDR: {}", joined(new_pods)),
            ));
        }
        (
            format!("sed {} before/kube-proxy.yaml | kubectl apply -f -", expressions(&edits)),
            "kubectl apply -f before/kube-proxy.yaml".to_owned(),
        )
    } else {
        let mut files = objects;
        files.dedup_by_key(|file| file.name.clone());
        (view.apply(&files), View::apply_originals(&files))
    };
    let restart = "kubectl -n kube-system rollout restart daemonset/kube-proxy";
    let range = joined(new_pods);
    Some(Step {
        title: if view.target.to == Stack::Ipv4Only {
            "Take the IPv6 pod CIDR from kube-proxy"
        } else {
            "Give kube-proxy both pod CIDRs"
        }
        .to_owned(),
        subject: "kube-proxy",
        why: "kube-proxy tells traffic of pods from other traffic by clusterCIDR, for each family.".to_owned(),
        commands: vec![Command::here(format!("{apply}\n{restart}"))],
        restarts: "kube-proxy on one node after the other. Its rules stay while it restarts, so Services keep working.".to_owned(),
        verify: vec![
            Command::here("kubectl -n kube-system rollout status daemonset/kube-proxy --timeout=10m")
                .expect("daemon set \"kube-proxy\" successfully rolled out"),
            Command::here("kubectl -n kube-system get configmap kube-proxy -o yaml | grep clusterCIDR:")
                .expect(format!("clusterCIDR: {range}")),
        ],
        undo_note: String::new(),
        undo: vec![Command::here(format!("{undo}\n{restart}"))],
    })
}
