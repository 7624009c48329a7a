//! What brings Calico into the cluster: its own objects, values of the chart, or an object whose controller does it.

use super::calico::is_of_calico;
use super::view::{File, View};
use crate::model::fields::ObjectKind;
use crate::model::keyless_kind::{FLEET, HELM_VALUES};
use crate::transform::AppliedChange;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The Installation of an operator that is installed on its own.
    Installation,
    /// The DaemonSet and the ConfigMap of a manifest.
    Manifest,
    /// A file of values for Helm.
    Values,
    /// A HelmChart or HelmChartConfig of k3s and RKE2.
    Rancher,
    /// A file that kustomize or Fleet reads where it is.
    Folder,
    /// An object of Git: Flux or Argo CD installs the chart.
    GitOps,
    /// An object of the cluster that manages this one.
    Management,
    /// A text in the machine configuration of Talos, which applies it when it bootstraps a cluster.
    Talos,
    /// Values in the configuration of k0s, which upgrades the release of the chart.
    K0s,
    /// A text in an object, such as the ConfigMap of a ClusterResourceSet.
    Text,
}

impl Source {
    fn of(file: &File, change: &AppliedChange) -> Source {
        let is_of = |kind| change.is_in_text && file.contents.kinds.contains(&kind);
        match change.object.kind.as_str() {
            _ if is_of(ObjectKind::Talos) => Source::Talos,
            _ if is_of(ObjectKind::K0s) => Source::K0s,
            _ if change.is_in_text => Source::Text,
            "Installation" => Source::Installation,
            HELM_VALUES => Source::Values,
            FLEET | "Kustomization" => Source::Folder,
            "HelmChart" | "HelmChartConfig" => Source::Rancher,
            "HelmChartProxy" | "Cluster" => Source::Management,
            "DaemonSet" | "ConfigMap" => Source::Manifest,
            _ => Source::GitOps,
        }
    }

    /// Who reads the files, if nobody does after `kubectl apply` alone; empty if nobody else does.
    pub(super) fn note(self) -> &'static str {
        match self {
            Source::Installation | Source::Manifest | Source::Values | Source::K0s => "",
            Source::Talos => {
                " Talos applies inlineManifests when it bootstraps a cluster: make the same change to the object."
            }
            Source::Rancher => {
                " If k3s or RKE2 has the file in its folder server/manifests, replace it there instead."
            }
            Source::Folder => {
                " Then commit the file: Fleet, Flux and Argo CD apply what is in Git. Without them, run kustomize build --enable-helm in its folder, and apply the output."
            }
            Source::GitOps => {
                " If Git is the source of this object, commit the file there instead: Flux and Argo CD undo what kubectl applies."
            }
            Source::Management => {
                " Run kubectl apply in the cluster that manages this one: its controller changes Calico here."
            }
            Source::Text => {
                " If the text is for a ClusterResourceSet, run kubectl apply in the management cluster; with the strategy ApplyOnce, a cluster that has the text already gets nothing more."
            }
        }
    }
}

impl View<'_> {
    /// The command that puts a converted file into the place of the original, and the one that undoes it.
    pub(super) fn replace(&self, file: &File) -> (String, String) {
        let (from, to) = (self.converted(file), View::original(file));
        (format!("cp {from} {to}"), format!("git checkout -- {to}"))
    }

    /// What brings Calico into the cluster, as the first of its changes shows.
    pub(super) fn source(&self) -> Option<Source> {
        self.with(is_of_calico).first().map(|(file, change)| Source::of(file, change))
    }

    /// The command that lists the IP pools. With etcd as the datastore, the API server knows no pools.
    pub(super) fn list_pools(&self) -> &'static str {
        if self.has_etcd_datastore() {
            "calicoctl get ippools -o wide"
        } else {
            "kubectl get ippools -o custom-columns='NAME:.metadata.name,CIDR:.spec.cidr'"
        }
    }
}
