use crate::diagnostic::upstream;
use crate::model::facts::cluster_information;
use crate::model::fields::{ConfigObject, ObjectKind, calico_release};
use crate::model::install::CalicoInstall;
use crate::rules::change::{at_cni, at_version};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::Stack;
use crate::version::{Component, Gate, Window};

const NO_DUAL_STACK: Gate = Gate {
    component: Component::Calico,
    what: "with the Kubernetes datastore, Felix reads only one address of a pod",
    windows: &[Window::before(3, 11, 0)],
};

const META: Metadata = Metadata {
    id: "CALICO-TOO-OLD",
    name: "dual-stack-before-calico-3.11",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[NO_DUAL_STACK],
    texts: Texts {
        finds: "this release of Calico does not support dual-stack with the Kubernetes datastore",
        consequence: "before 3.11, Calico reads only one address of each pod (status.podIP), and Felix removes the route to the pod's IPv6 address",
        help: "upgrade Calico to 3.11 or later",
        example: ("", ""),
        sources: &[
            upstream::CALICO
                .file("lib/backend/k8s/conversion/conversion.go")
                .symbol("GetPodIPs")
                .line(177)
                .at("v3.11.0-0.dev-libcalico-go"),
            upstream::CALICO.commit("f94b0e0400e32b33937c4e65cde0df39b597c82b"),
            upstream::CALICO.issue(2876),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.target.to != Stack::DualStack {
        return;
    }
    let message = "dual-stack with the Kubernetes datastore needs Calico 3.11 or later";
    // An installer's file names the release that it installs.
    for object in &cx.config.objects {
        let release = calico_release(object).filter(|(_, release)| NO_DUAL_STACK.holds(Some(*release)));
        if let Some((node, _)) = release.filter(|_| installs_kubernetes_datastore(object)) {
            diagnostics.push(cx.at(&META, object, node).message(message));
        }
    }
    // With the Kubernetes datastore, Calico records `kdd` in clusterType.
    if let Some((tree, node, version)) = cluster_information(cx.documents)
        && cx.cluster.calico_settings.install.is_none()
        && NO_DUAL_STACK.holds(Some(version))
        && tree.text().contains("kdd")
    {
        diagnostics.push(Diagnostic::new(&META, tree, node).message(message));
    }
    for install in cx.installs.iter().filter(|install| NO_DUAL_STACK.holds(install.facts.calico)) {
        if let Some(node) = install.node.as_ref().filter(|_| has_kubernetes_datastore(install)) {
            diagnostics.push(at_version(&META, node).message(message));
        } else if let Some(installation) = &install.installation {
            diagnostics.push(installation.diagnostic(&META, installation.kind_node()).message(message));
        } else if let Some((config, cni)) =
            install.cni().filter(|_| install.node.is_none() && has_kubernetes_datastore(install))
        {
            diagnostics.push(at_cni(&META, config, cni, None).message(message));
        }
    }
}

/// Whether an installer gives Calico the Kubernetes datastore. kubespray chose etcd by itself when Calico 3.10 was new.
fn installs_kubernetes_datastore(object: &ConfigObject<'_>) -> bool {
    match object.kind {
        ObjectKind::KubesprayCalico => object.text(&["calico_datastore"]) == Some("kdd"),
        ObjectKind::K0s => object.text(&["spec", "network", "provider"]) == Some("calico"),
        ObjectKind::Rke => object.text(&["network", "plugin"]) == Some("calico"),
        _ => false,
    }
}

/// Whether the files set the Kubernetes datastore: before 3.11 the default of calico-node is etcd.
fn has_kubernetes_datastore(install: &CalicoInstall<'_>) -> bool {
    let cni = || {
        let (_, cni) = install.cni()?;
        let (tree, plugin) = cni.tree().zip(cni.plugin)?;
        tree.scalar(tree.get(plugin, "datastore_type")?)
    };
    !install.facts.has_etcd_datastore
        && install.env_text("DATASTORE_TYPE").or_else(cni).is_some_and(|kind| kind == "kubernetes")
}
