//! Services and pods of a running cluster.

use super::calico::{is_of_calico, names};
use super::control_plane::order;
use super::shell::word;
use super::view::{File, View};
use super::{Command, Step};
use crate::model::facts::listed::{hash, new_ones};
use crate::model::fields::Component;
use crate::rules::Effect;
use crate::target::Stack;
use crate::transform::AppliedChange;

/// So many Services are checked by name.
const NAMED_SERVICES: usize = 6;

/// The pods that have one address.
pub(super) const PODS_WITH_ONE_ADDRESS: &str = "kubectl get pods -A -o custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,HOSTNETWORK:.spec.hostNetwork,IPS:.status.podIPs[*].ip' | grep -v -e , -e ' true '";

pub(super) fn steps(view: &View<'_>) -> Vec<Step> {
    [dns(view), update_services(view), recreate_pods(view)].into_iter().flatten().collect()
}

/// The changed Services, each once.
pub(super) fn services<'v>(view: &View<'v>) -> Vec<(&'v File, &'v AppliedChange)> {
    let mut services = view.with(|effect| effect == Effect::UpdateService);
    services.retain(|(_, change)| change.object.kind == "Service");
    let hashes: Vec<u64> = services.iter().map(|(_, change)| hash(&change.object)).collect();
    let is_new = new_ones(&hashes, &|one, other| services[one].1.object == services[other].1.object);
    let mut kept = is_new.iter();
    services.retain(|_| kept.next() == Some(&true));
    services
}

/// The configuration of cluster DNS.
pub(super) fn dns(view: &View<'_>) -> Option<Step> {
    let is_of_dns = |effect| matches!(effect, Effect::RestartDns | Effect::Restart(Component::NodeCache));
    let files = view.files_with(is_of_dns);
    if files.is_empty() {
        return None;
    }
    let mut restart = Vec::new();
    if !view.with(|effect| effect == Effect::RestartDns).is_empty() {
        restart.push("deployment -l k8s-app=kube-dns");
    }
    if !view.restarts(Component::NodeCache).is_empty() {
        restart.push("daemonset/node-local-dns");
    }
    let restart: Vec<String> =
        restart.iter().map(|what| format!("kubectl -n kube-system rollout restart {what}")).collect();
    let restart = restart.join("\n");
    Some(Step {
        title: format!("Apply the configuration of cluster DNS: {}", names(&files)),
        subject: "cluster DNS",
        why: "Reverse names and forwarding follow the families of the cluster.".to_owned(),
        commands: vec![Command::here(format!("{}\n{restart}", view.apply(&files)))],
        restarts: "The pods of cluster DNS, one after the other. Names resolve meanwhile.".to_owned(),
        verify: vec![
            Command::here("kubectl -n kube-system get pods -l k8s-app=kube-dns")
                .expect("every pod is Running and READY"),
        ],
        undo_note: String::new(),
        undo: vec![Command::here(format!("{}\n{restart}", View::apply_originals(&files)))],
    })
}

pub(super) fn update_services(view: &View<'_>) -> Option<Step> {
    let services = services(view);
    if services.is_empty() {
        return None;
    }
    let mut files: Vec<&File> = services.iter().map(|(file, _)| *file).collect();
    files.dedup_by(|a, b| core::ptr::eq(*a, *b));
    let of = |change: &AppliedChange| {
        let namespace = change.object.namespace.clone();
        let namespace = namespace.map_or_else(String::new, |name| format!("-n {} ", word(&name)));
        (namespace, word(&change.object.name))
    };
    let verify = services.iter().take(NAMED_SERVICES).map(|(_, change)| {
        let (namespace, name) = of(change);
        Command::here(format!(
            r#"kubectl {namespace}get service {name} -o jsonpath='{{.spec.ipFamilies}}{{" "}}{{.spec.clusterIPs}}{{"\n"}}'"#
        ))
        .expect(if view.target.to == Stack::DualStack {
            format!("{} and an address of each family", order(view))
        } else {
            format!("{} and one address", order(view))
        })
    });
    let undo: Vec<String> = services
        .iter()
        .map(|(_, change)| {
            let (namespace, name) = of(change);
            let policy = if view.target.to == Stack::DualStack { "SingleStack" } else { "PreferDualStack" };
            format!("kubectl {namespace}patch service {name} --type merge -p '{{\"spec\":{{\"ipFamilyPolicy\":\"{policy}\"}}}}'")
        })
        .collect();
    Some(Step {
        title: format!("Apply the Services: {}", names(&files)),
        subject: "Services",
        why: "A Service that is applied before the API server has both families keeps one.".to_owned(),
        commands: vec![Command::here(view.apply(&files))],
        restarts: "nothing. The first cluster IP stays.".to_owned(),
        verify: verify.collect(),
        undo_note: "A later return gives other addresses of the second family.".to_owned(),
        undo: vec![Command::here(undo.join("\n"))],
    })
}

/// Pods get their addresses when they are created.
pub(super) fn recreate_pods(view: &View<'_>) -> Option<Step> {
    if view.with(is_of_calico).is_empty() {
        return None;
    }
    let is_way_back = view.target.to == Stack::Ipv4Only;
    let families = if is_way_back { "an IPv4 address only" } else { "an address of each family" };
    let left = if is_way_back {
        Command::here(
            "kubectl get pods -A -o custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,HOSTNETWORK:.spec.hostNetwork,IPS:.status.podIPs[*].ip' | grep -e ',.*:' -e ':.*,' | grep -v ' true '",
        )
        .expect("nothing. Pods of Jobs, and pods without a controller, are recreated by you")
    } else {
        Command::here(PODS_WITH_ONE_ADDRESS)
            .expect("the heading only. Pods of Jobs, and pods without a controller, are recreated by you")
    };
    let again = if view.has_host_local() {
        " With host-local IPAM this has an effect only on nodes that joined again."
    } else {
        ""
    };
    Some(Step {
        title: "Recreate the pods, namespace by namespace".to_owned(),
        subject: "pods",
        why: format!("Calico gives a pod its addresses when the pod is created. Begin with cluster DNS, then one namespace that you can check, then the others.{again}"),
        commands: vec![
            Command::here(if view.is_openshift() {
                "oc -n openshift-dns delete pods -l dns.operator.openshift.io/daemonset-dns=default"
            } else {
                "kubectl -n kube-system rollout restart deployment -l k8s-app=kube-dns"
            }),
            Command::here("for kind in deployment statefulset daemonset; do kubectl -n '<NAMESPACE>' rollout restart \"$kind\"; done"),
        ],
        restarts: "The pods of the namespace, as their Deployments, StatefulSets and DaemonSets roll them out.".to_owned(),
        verify: vec![
            Command::here("kubectl -n '<NAMESPACE>' get pods -o custom-columns='NAME:.metadata.name,IPS:.status.podIPs[*].ip'")
                .expect(format!("{families} for each pod")),
            left,
        ],
        undo_note: "Go back to the Calico step first, then recreate the pods of the namespace again.".to_owned(),
        undo: Vec::new(),
    })
}
