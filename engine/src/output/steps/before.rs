//! What to do before the first step: write the files, check the hosts, take backups.

use super::checks::checks;
use super::markdown::upper;
use super::shell::word;
use super::view::View;
use super::{Command, Host, Step};
use crate::model::fields::{Component, Installer, ObjectKind};
use crate::preflight::SYSCTL_FILE;
use crate::rules::Effect;
use crate::target::Stack;
use crate::transform::Install;

/// The addresses of the nodes.
pub(super) const NODE_ADDRESSES: &str = "kubectl get nodes -o custom-columns='NAME:.metadata.name,ADDRESSES:.status.addresses[?(@.type==\"InternalIP\")].address,PODCIDRS:.spec.podCIDRs[*]'";

pub(super) fn notes(view: &View<'_>) -> Vec<String> {
    let here = "A command without a place runs where kubectl and these files are.";
    let nodes = if view.is_openshift() { "" } else { " The others name their nodes; do one node at a time." };
    vec![format!("{here}{nodes}")]
}

pub(super) fn steps(view: &View<'_>) -> Vec<Step> {
    let mut steps = vec![write(view)];
    if view.target.to.has_ipv6() {
        // The hosts of OpenShift and of kind exist only after the installer ran, and nobody logs in to them.
        if !view.is_openshift() && !view.has_kind(ObjectKind::KindCluster) {
            steps.push(hosts(view));
        }
        if !view.is_for_new_cluster() {
            steps.push(inventory(view));
        }
    }
    if !view.is_for_new_cluster() {
        steps.push(backup(view));
    }
    steps
}

fn write(view: &View<'_>) -> Step {
    Step {
        title: "Write the converted files".to_owned(),
        why:
            "The steps use the files in `converted/`. Your own files stay as they are: they are the way back."
                .to_owned(),
        commands: vec![view.write_command()],
        ..Step::default()
    }
}

/// The checks of each host, and how to keep the settings.
fn hosts(view: &View<'_>) -> Step {
    let installs: Vec<Install> =
        view.installs().map(|facts| Install { facts: facts.clone(), title: String::new() }).collect();
    let all = checks(&installs, true, view.target);
    let mut commands = vec![
        Command::new(Host::EachNode, format!("calico-ipv6 preflight --to {}", view.target.to.word()))
            .expect("no error"),
    ];
    let by_hand = all.iter().filter(|check| check.on_nodes);
    let lines: Vec<String> =
        by_hand.clone().filter_map(|check| Some(check.command?.replace("; ", "\n"))).collect();
    let expected: Vec<&str> = by_hand.map(|check| check.expect).collect();
    commands.push(Command::new(Host::EachNode, lines.join("\n")).expect(expected.join("; ")));
    commands.push(Command::new(
        Host::EachNode,
        format!("printf '%s\\n' 'net.ipv6.conf.all.forwarding = 1' 'net.ipv6.conf.default.forwarding = 1' | sudo tee -a /etc/sysctl.d/{SYSCTL_FILE}\nsudo sysctl -p /etc/sysctl.d/{SYSCTL_FILE}"),
    ));
    let reasons: Vec<String> =
        all.iter().filter(|check| check.on_nodes).map(|check| sentence(&check.text)).collect();
    Step {
        title: "Check each host".to_owned(),
        why: format!(
            "{} The last command keeps the setting. If the default route comes from router advertisements (`proto ra`), the interface of this route also needs `accept_ra = 2`, or it loses the route.",
            reasons.join(" ")
        ),
        commands,
        ..Step::default()
    }
}

/// A sentence of a text that begins small.
fn sentence(text: &str) -> String {
    format!("{}.", upper(text))
}

fn inventory(view: &View<'_>) -> Step {
    let expect = match view.target.to {
        Stack::DualStack => {
            "for each node the address that it has today. A node that lacks an IPv6 address on its interface is not ready for this plan"
        }
        _ => "for each node its IPv6 address",
    };
    Step {
        title: "List the nodes".to_owned(),
        why: "You compare this list with the one after the kubelets restarted.".to_owned(),
        commands: vec![Command::here(NODE_ADDRESSES).expect(expect)],
        ..Step::default()
    }
}

/// etcd, and every object that the steps change.
fn backup(view: &View<'_>) -> Step {
    let mut commands = Vec::new();
    if view.is_openshift() {
        commands.push(Command::here(
            "oc debug --as-root \"node/<NODE>\" -- chroot /host /usr/local/bin/cluster-backup.sh /home/core/assets/backup",
        ).expect("snapshot db and kube resources are successfully saved to /home/core/assets/backup"));
    } else if view.is_kubeadm() && !view.has_installer(Installer::Kubespray) {
        commands.push(Command::here(
            "kubectl -n kube-system exec \"etcd-<CONTROL_PLANE_NODE>\" -- etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key snapshot save /var/lib/etcd/before-conversion.db",
        ).expect("Snapshot saved at /var/lib/etcd/before-conversion.db"));
    }
    let mut lines = vec!["mkdir -p before".to_owned()];
    let runs_kubeadm = !view.with(|effect| effect == Effect::RunKubeadm).is_empty();
    if runs_kubeadm {
        lines.push("kubectl -n kube-system get configmap kubeadm-config -o yaml | sed '/^ *resourceVersion:/d' > before/kubeadm-config.yaml".to_owned());
    }
    if runs_kubeadm || !view.restarts(Component::Proxy).is_empty() {
        lines.push("kubectl -n kube-system get configmap kube-proxy -o yaml | sed '/^ *resourceVersion:/d' > before/kube-proxy.yaml".to_owned());
    }
    if view.has_operator() {
        lines.push("kubectl get installation.operator.tigera.io default -o yaml | sed '/^ *resourceVersion:/d' > before/installation.yaml".to_owned());
    }
    if view.has_manifest() {
        lines.push("kubectl -n kube-system get daemonset/calico-node configmap/calico-config -o yaml | sed '/^ *resourceVersion:/d' > before/calico.yaml".to_owned());
    }
    let runs_installer = !view.with(|effect| matches!(effect, Effect::RunInstaller(_))).is_empty();
    if view.has_etcd_datastore() {
        lines.push("calicoctl get ippools -o yaml > before/ippools.yaml\ncalicoctl get nodes -o yaml > before/nodes.yaml".to_owned());
    } else if view.installs().next().is_some() || runs_installer {
        lines.push(
            "kubectl get ippools -o yaml | sed '/^ *resourceVersion:/d' > before/ippools.yaml".to_owned(),
        );
    }
    for (_, change) in super::workloads::services(view) {
        let namespace = change.object.namespace.as_deref().unwrap_or("default");
        let name = &change.object.name;
        let file = word(&format!("before/service-{namespace}-{name}.yaml"));
        lines.push(format!(
            "kubectl -n {} get service {} -o yaml | sed '/^ *resourceVersion:/d' > {file}",
            word(namespace),
            word(name)
        ));
    }
    let has_etcd = !commands.is_empty();
    commands.push(Command::here(lines.join("\n")));
    let why = if has_etcd {
        "etcd for the worst case, and the objects that these steps change."
    } else {
        "The objects that these steps change. Take a backup of etcd as your installer does it."
    };
    Step { title: "Take a backup".to_owned(), why: why.to_owned(), commands, ..Step::default() }
}
