//! What cannot be undone, and what stays as it is.

use super::calico::is_of_calico;
use super::view::{View, joined};
use crate::model::facts::Ipam;
use crate::model::fields::Component;
use crate::rules::Effect;
use crate::target::Stack;

pub(super) fn notes(view: &View<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |text: &str| notes.push(text.to_owned());
    if view.is_for_new_cluster() {
        note(
            "Fixed once the cluster is created: the primary IP family, the first service CIDR, the podCIDRs of nodes, and the CIDR and block size of a pool. Check them now.",
        );
        if view.has_k3s() {
            note(
                "k3s and RKE2 state that dual-stack cannot be enabled on an existing cluster: [k3s](https://docs.k3s.io/networking/basic-network-options), [RKE2](https://github.com/rancher/rke2-docs/pull/415).",
            );
        }
        return notes;
    }
    let changes_ranges = view.services().0 != view.services().1
        || !view.restarts(Component::ApiServer).is_empty()
        || !view.with(|effect| effect == Effect::RunKubeadm).is_empty();
    let changes_calico = !view.with(is_of_calico).is_empty();
    if changes_calico {
        let nodes =
            if view.has_etcd_datastore() { "Calico's Node objects in etcd" } else { "the Node objects" };
        notes.push(format!("Pods keep their addresses until they are recreated. Node addresses that Calico has stored stay in {nodes}."));
    }
    let mut note = |text: &str| notes.push(text.to_owned());
    note("Services keep their IP families until you change ipFamilyPolicy.");
    if changes_ranges {
        let primary = view.services().1.nets.first().map(ToString::to_string).unwrap_or_default();
        notes.push(format!(
            "The primary family is fixed: the first service CIDR stays first{}.",
            if primary.is_empty() { String::new() } else { format!(" ({primary})") }
        ));
    }
    let mut note = |text: &str| notes.push(text.to_owned());
    note(
        "podCIDRs of existing nodes never change; a node gets others only when it is removed from the cluster and joins again.",
    );
    if view.installs().any(|facts| facts.ipam == Ipam::HostLocal) {
        note(
            "These pods get their addresses from podCIDRs (host-local): every existing node must leave the cluster and join again before its pods get the other family.",
        );
    }
    if changes_calico && view.target.to == Stack::DualStack {
        note(
            "The CIDR and the block size of an IP pool cannot change once it exists. To go back, disable the IPv6 pool; delete it when no pod has an address of it.",
        );
    }
    if view.target.to == Stack::Ipv4Only && !joined(view.services().0).is_empty() {
        note("The IPv6 cluster IPs of Services are lost: a later dual-stack cluster gives them others.");
    }
    notes
}
