//! Clusters that an installer changes from its own files.

use super::calico::{fields, names};
use super::view::{File, View, base};
use super::{Command, Host, Step};
use crate::model::fields::Installer;
use crate::rules::Effect;

/// How an installer reads its files: the command for a running cluster, and the one for a new cluster.
struct Run {
    name: &'static str,
    again: &'static str,
    create: &'static str,
}

/// `{}` is the converted file.
const fn run(installer: Installer) -> Option<Run> {
    Some(match installer {
        Installer::Kubespray => Run {
            name: "kubespray",
            again: "ansible-playbook -i '<INVENTORY>' -b upgrade-cluster.yml",
            create: "ansible-playbook -i '<INVENTORY>' -b cluster.yml",
        },
        Installer::K0s => Run {
            name: "k0s",
            again: "sudo cp {} /etc/k0s/k0s.yaml\nsudo systemctl restart k0scontroller",
            create: "sudo k0s install controller -c {}\nsudo k0s start",
        },
        Installer::KubeOne => Run {
            name: "KubeOne",
            again: "kubeone apply --manifest {}",
            create: "kubeone apply --manifest {}",
        },
        Installer::Rke => Run { name: "RKE", again: "rke up --config {}", create: "rke up --config {}" },
        Installer::Talos => Run {
            name: "Talos",
            again: "talosctl apply-config --nodes '<NODE>' --file {}",
            create: "talosctl apply-config --insecure --nodes '<NODE>' --file {}",
        },
        Installer::MicroK8s => Run {
            name: "MicroK8s",
            again: "sudo cp {} /var/snap/microk8s/current/args/cni-env\nsudo snap restart microk8s",
            create: "sudo mkdir -p /var/snap/microk8s/common\nsudo cp {} /var/snap/microk8s/common/.microk8s.yaml\nsudo snap install microk8s --classic",
        },
        Installer::Kops => Run {
            name: "kops",
            again: "kops replace -f {}\nkops update cluster --yes\nkops rolling-update cluster --yes",
            create: "kops create -f {}\nkops update cluster --yes",
        },
        Installer::K3s | Installer::OpenShift => return None,
    })
}

/// The changed files of an installer.
fn changed<'v>(view: &View<'v>) -> Option<(Run, Installer, Vec<&'v File>)> {
    let installer = view.with(|effect| matches!(effect, Effect::RunInstaller(_))).into_iter().find_map(
        |(_, change)| match change.effect {
            Effect::RunInstaller(installer) => Some(installer),
            _ => None,
        },
    )?;
    Some((run(installer)?, installer, view.files_with(|effect| effect == Effect::RunInstaller(installer))))
}

/// A command of an installer for its files.
fn commands(view: &View<'_>, installer: Installer, files: &[&File], template: &str) -> Vec<Command> {
    let mut commands = Vec::new();
    if installer == Installer::Kubespray {
        let copies: Vec<String> = files
            .iter()
            .map(|file| {
                format!(
                    "cp {} '<INVENTORY_FOLDER>/group_vars/k8s_cluster/{}'",
                    view.converted(file),
                    base(&file.name).replace('\'', "_")
                )
            })
            .collect();
        commands.push(Command::here(copies.join("\n")));
        commands.push(Command::here(template));
        return commands;
    }
    let on_nodes = matches!(installer, Installer::K0s | Installer::MicroK8s);
    for file in files {
        let host = if on_nodes { Host::EachControlPlaneNode } else { Host::Here };
        commands.push(Command::new(host, template.replace("{}", &view.converted(file))));
    }
    commands
}

/// The installer changes the running cluster.
pub(super) fn steps(view: &View<'_>) -> Option<Step> {
    let (run, installer, files) = changed(view)?;
    let changes = view.with(|effect| effect == Effect::RunInstaller(installer));
    Some(Step {
        title: format!("Run {} with {}", run.name, names(&files)),
        subject: "installer",
        why: format!(
            "It changes {}: {} configures the control plane, kubelet, kube-proxy and Calico from it. Nobody showed that {} converts a running cluster: try it on a copy of the cluster first.",
            fields(&changes),
            run.name,
            run.name
        ),
        commands: commands(view, installer, &files, run.again),
        restarts:
            "The components of each node, in the order of the installer. Running pods keep their addresses."
                .to_owned(),
        verify: vec![
            Command::here("kubectl get nodes").expect("every node is Ready"),
            Command::here(view.list_pools()).expect("a pool for each family of the target"),
        ],
        undo_note: format!("Run {} with your own files again.", run.name),
        undo: Vec::new(),
    })
}

/// The installer creates the cluster.
pub(super) fn create(view: &View<'_>) -> Option<Step> {
    let (run, installer, files) = changed(view)?;
    Some(Step {
        title: format!("Create the cluster: run {} with {}", run.name, names(&files)),
        subject: "installer",
        why: format!("{} reads the IP families when it creates the cluster.", run.name),
        commands: commands(view, installer, &files, run.create),
        verify: vec![Command::here("kubectl get nodes").expect("every node is Ready")],
        ..Step::default()
    })
}
