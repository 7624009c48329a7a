//! The way back of a running cluster to IPv4-only: what uses IPv6 goes first, the API server last.

use super::view::View;
use super::{Command, Step, calico, control_plane, installers, nodes, openshift, workloads};

pub(super) fn steps(view: &View<'_>) -> Vec<Step> {
    let mut steps = vec![all_services()];
    steps.extend(workloads::update_services(view));
    steps.extend(calico::steps(view));
    steps.extend(workloads::recreate_pods(view));
    steps.extend(pool(view));
    steps.extend(nodes::kube_proxy(view));
    steps.extend(nodes::kubelet(view));
    steps.extend(control_plane::controller_manager(view));
    steps.extend(control_plane::api_server(view));
    steps.extend(control_plane::kubeadm_config(view));
    steps.extend(workloads::dns(view));
    steps.extend(openshift::steps(view));
    steps.extend(installers::steps(view));
    steps
}

/// Services in the cluster that are in no file have two families too.
fn all_services() -> Step {
    let list = "kubectl get services -A --no-headers -o custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,FAMILIES:.spec.ipFamilies[*]'";
    let patch = |policy: &str| {
        format!(
            "while read -r namespace name; do\n  kubectl -n \"$namespace\" patch service \"$name\" --type merge -p '{{\"spec\":{{\"ipFamilyPolicy\":\"{policy}\"}}}}'\ndone"
        )
    };
    Step {
        title: "Make every Service single-stack".to_owned(),
        subject: "Services",
        why: "A Service keeps its IPv6 cluster IP until its policy changes, and the API server must not lose the range of an address in use.".to_owned(),
        commands: vec![Command::here(format!(
            "{list} | awk '$3 == \"IPv4,IPv6\" {{print $1, $2}}' > before/dual-stack-services.txt\n{} < before/dual-stack-services.txt",
            patch("SingleStack")
        ))],
        restarts: "nothing. Clients lose the IPv6 address of these Services.".to_owned(),
        verify: vec![
            Command::here(format!("{list} | grep IPv6"))
                .expect("nothing. A Service whose first family is IPv6 must be deleted and created again with IPv4"),
        ],
        undo_note: "The Services get other IPv6 addresses than before.".to_owned(),
        undo: vec![Command::here(format!("{} < before/dual-stack-services.txt", patch("PreferDualStack")))],
    }
}

/// The IPv6 pool, once no pod has an address of it.
fn pool(view: &View<'_>) -> Option<Step> {
    if view.with(calico::is_of_calico).is_empty() {
        return None;
    }
    let annotation = if view.has_etcd_datastore() {
        "calicoctl get nodes -o yaml | sed '/^ *ipv6Address:/d' | calicoctl replace -f -"
    } else {
        "kubectl annotate nodes --all projectcalico.org/IPv6Address-"
    };
    let delete = if view.has_etcd_datastore() { "calicoctl delete ippool" } else { "kubectl delete ippools" };
    let (command, undo_note) = if view.has_operator() {
        (annotation.to_owned(), "The operator creates the pool again when the Installation lists it.")
    } else {
        (
            format!("{delete} default-ipv6-ippool\n{annotation}"),
            "calico-node creates the pool again when it starts with FELIX_IPV6SUPPORT on.",
        )
    };
    Some(Step {
        title: "Remove the IPv6 pool and the stored node addresses".to_owned(),
        subject: "IPv6 pool",
        why: "No pod uses the pool any more. Calico keeps the IPv6 address of a Node until you remove it."
            .to_owned(),
        commands: vec![Command::here(command)],
        restarts: "nothing.".to_owned(),
        verify: vec![Command::here(view.list_pools()).expect("IPv4 pools only")],
        undo_note: undo_note.to_owned(),
        undo: Vec::new(),
    })
}
