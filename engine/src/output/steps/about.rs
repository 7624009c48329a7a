//! What the plan is about: the cluster as the files show it, and what they do not show.

use super::control_plane::is_given;
use super::shell::code;
use super::view::{State, View, joined};
use crate::model::fields::{Component, Installer, ObjectKind};
use crate::target::Stack;

pub(super) fn notes(view: &View<'_>) -> Vec<String> {
    let mut notes = vec![cluster(view)];
    notes.extend(ranges(view));
    notes.push(state(view));
    if view.has_kind(ObjectKind::InstallConfig) && !view.is_for_new_cluster() {
        notes.push("The installer read install-config.yaml once: no step uses it. The CIDRs of a running cluster are in its Network object.".to_owned());
    }
    if view.is_for_new_cluster()
        && view.installs().next().is_none()
        && !view.has_installer(Installer::Kubespray)
    {
        notes.push(
            "Not in these files: Calico. Nodes become Ready once it runs: pass its files too.".to_owned(),
        );
    }
    if view.is_changed() {
        notes.extend(not_given(view));
    }
    let skipped = view.not_understood();
    if !skipped.is_empty() {
        notes.push(format!(
            "Not checked: {} (templates, or documents with settings that are not understood).",
            skipped.join(", ")
        ));
    }
    notes
}

fn cluster(view: &View<'_>) -> String {
    let mut facts = Vec::new();
    for facts_of in view.installs().take(1) {
        let release = match facts_of.calico {
            Some(version) if facts_of.patch_is_unknown => {
                format!("Calico v{}.{}", version.major, version.minor)
            }
            Some(version) => format!("Calico {version}"),
            None => "Calico, release unknown".to_owned(),
        };
        facts.push(release);
        facts.push(facts_of.variant.to_string());
        facts.push(if facts_of.is_bpf { "eBPF dataplane" } else { "standard dataplane" }.to_owned());
    }
    facts.push(
        view.kubernetes().map_or_else(
            || "Kubernetes, release unknown".to_owned(),
            |version| format!("Kubernetes {version}"),
        ),
    );
    let from = view.current().map_or_else(|| "unknown".to_owned(), |stack| stack.to_string());
    format!("As read: {}. Stack: {from} → {}.", facts.join(", "), view.target.to)
}

fn ranges(view: &View<'_>) -> Option<String> {
    let arrow = |name: &str, (before, after): (&_, &_)| {
        let (before, after) = (joined(before), joined(after));
        let from = if before.is_empty() { "unknown".to_owned() } else { code(&before) };
        (before != after).then(|| format!("{name} {from} → {}", code(&after)))
    };
    let all: Vec<String> = [arrow("Pod CIDRs:", view.pods()), arrow("Service CIDRs:", view.services())]
        .into_iter()
        .flatten()
        .collect();
    (!all.is_empty()).then(|| format!("{}.", all.join(". ")))
}

fn state(view: &View<'_>) -> String {
    match view.state {
        State::New if view.target.new_cluster => "A new cluster, as `--new-cluster` says.".to_owned(),
        State::New => "A new cluster: the installer reads these files once.".to_owned(),
        State::Running => "A running cluster, as `--running` says.".to_owned(),
        State::Live => "A running cluster: an object of these files was read from it.".to_owned(),
        State::Unknown if view.is_for_new_cluster() => {
            let why = if view.target.to == Stack::Ipv6Only {
                "a running cluster cannot become IPv6-only"
            } else {
                "an existing k3s or RKE2 cluster cannot get another IP family"
            };
            format!(
                "These files do not show whether the cluster runs. The steps are for a new cluster, because {why}."
            )
        }
        State::Unknown => {
            let init = if view.shows_kubeadm() {
                "`kubeadm init` reads the files, "
            } else {
                "the files are applied once, "
            };
            format!(
                "These files do not show whether the cluster runs. The steps are for a running one. For a new cluster {init}no component restarts, no pod is recreated, and nothing needs to go back: pass `--new-cluster` for these steps."
            )
        }
    }
}

/// What is not in the files, and must be checked by hand.
fn not_given(view: &View<'_>) -> Option<String> {
    if view.is_for_new_cluster() || view.other_installer().is_some() || view.is_openshift() {
        return None;
    }
    let mut missing = Vec::new();
    for (component, name) in
        [(Component::ApiServer, "API server"), (Component::ControllerManager, "controller manager")]
    {
        if !is_given(view, component) {
            missing.push(name);
        }
    }
    let has_kubelet = view.has_kind(ObjectKind::Process(Component::Kubelet))
        || view.has_kind(ObjectKind::Variables)
        || view.has_kind(ObjectKind::InitConfiguration);
    if !has_kubelet {
        missing.push("kubelet (`--node-ip` of each node)");
    }
    let has_proxy = view.has_kind(ObjectKind::KubeProxyConfiguration)
        || view.has_kind(ObjectKind::ProxyDaemonSet)
        || view.has_kind(ObjectKind::ClusterConfiguration);
    if !has_proxy {
        missing.push("kube-proxy");
    }
    if view.installs().next().is_none() {
        missing.push("Calico");
    }
    if !view.has_kind(ObjectKind::Service) {
        missing.push("Services");
    }
    let last = missing.pop()?;
    let list =
        if missing.is_empty() { last.to_owned() } else { format!("{} and {last}", missing.join(", ")) };
    Some(format!(
        "Not in these files, so not in the steps; check them by hand, or pass their files too: {list}."
    ))
}
