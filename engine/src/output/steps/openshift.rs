//! A running cluster of OpenShift, in the order of its own documentation.

use super::view::View;
use super::{Command, Step};
use crate::address::Family;
use crate::model::fields::ObjectKind;
use crate::target::Stack;

/// The hostPrefix of IPv6: OpenShift accepts no other.
const HOST_PREFIX: u8 = 64;

pub(super) fn steps(view: &View<'_>) -> Vec<Step> {
    if !view.has_kind(ObjectKind::OpenShiftNetwork) && !view.has_kind(ObjectKind::Infrastructure) {
        return Vec::new();
    }
    [network(view), infrastructure(view)].into_iter().flatten().collect()
}

/// The lists of the Network object.
fn network(view: &View<'_>) -> Option<Step> {
    let (before, after) = (view.services().0, view.services().1);
    let family = view.other_family();
    let (services, pods) = (after.of(Family::Ipv6), view.pods().1.of(Family::Ipv6));
    let (patch, undo) = match view.target.to {
        Stack::DualStack => {
            let (services, pods) = (services?, pods?);
            let add = format!(
                r#"[{{"op":"add","path":"/spec/clusterNetwork/-","value":{{"cidr":"{pods}","hostPrefix":{HOST_PREFIX}}}}},{{"op":"add","path":"/spec/serviceNetwork/-","value":"{services}"}}]"#
            );
            (add, REMOVE.to_owned())
        }
        _ => (REMOVE.to_owned(), String::new()),
    };
    if before == after && view.pods().0 == view.pods().1 {
        return None;
    }
    let command =
        |patch: &str| format!("oc patch network.config.openshift.io cluster --type=json -p '{patch}'");
    Some(Step {
        title: "Patch the Network".to_owned(),
        subject: "Network of OpenShift",
        why: format!("The API servers, the controller managers and the kubelets get {family} from the status of this object. With Calico, Calico's operator writes the status, so the Installation must be healthy (`oc get tigerastatus`). OpenShift's network operator accepts a second family on bare metal, vSphere and platform none; elsewhere it refuses the patch. OpenShift documents this for OVN-Kubernetes only: with Calico, the pools stay to be changed by you, in a later step."),
        commands: vec![Command::here(command(&patch))],
        restarts: "The API servers and the nodes' components, one after the other, by OpenShift's operators. This takes long; running pods keep their traffic.".to_owned(),
        verify: vec![
            Command::here("oc wait clusteroperator/network clusteroperator/kube-apiserver clusteroperator/kube-controller-manager --for=condition=Progressing=False --timeout=60m")
                .expect("condition met for each of the three"),
            Command::here("oc wait machineconfigpool --all --for=condition=Updated=True --timeout=120m")
                .expect("condition met for each pool"),
            Command::here(r#"oc get network.config.openshift.io cluster -o jsonpath='{.status.clusterNetwork}{" "}{.status.serviceNetwork}{"\n"}'"#)
                .expect("the CIDRs of both lists, in the order of the patch"),
        ],
        undo_note: if undo.is_empty() { "Apply your own Network file.".to_owned() } else { String::new() },
        undo: if undo.is_empty() { Vec::new() } else { vec![Command::here(command(&undo))] },
    })
}

/// The patch that removes the second entry of each list.
const REMOVE: &str =
    r#"[{"op":"remove","path":"/spec/clusterNetwork/1"},{"op":"remove","path":"/spec/serviceNetwork/1"}]"#;

/// The virtual addresses of the API and of ingress.
fn infrastructure(view: &View<'_>) -> Option<Step> {
    let changed: Vec<_> =
        view.changes().filter(|(_, change)| change.object.kind == "Infrastructure").collect();
    let (file, _) = changed.first()?;
    Some(Step {
        title: "Give the API and ingress their virtual addresses".to_owned(),
        subject: "Infrastructure of OpenShift",
        why: "After the Network, and from OpenShift 4.16 on: the virtual addresses of the second family.".to_owned(),
        commands: vec![Command::here(format!("oc apply -f {}", view.converted(file)))],
        restarts: "keepalived and haproxy on the control-plane nodes.".to_owned(),
        verify: vec![
            Command::here(r#"oc get infrastructure.config.openshift.io cluster -o jsonpath='{.status.platformStatus}{"\n"}'"#)
                .expect("apiServerInternalIPs and ingressIPs with an address of each family"),
        ],
        undo_note: String::new(),
        undo: vec![Command::here(format!("oc apply -f {}", View::original(file)))],
    })
}
