//! kustomize overlays: the stock files, and patches that convert them to the target.

use super::operator::installation;
use super::writer::{Writer, sentence};
use super::{Drafts, Kind, Request};
use crate::model::calico_node::EnvValue;
use crate::model::facts::Shared;
use crate::model::install::CalicoInstall;
use crate::model::{Documents, FileModel};
use crate::rules::{Diagnostic, Severity};
use crate::source::Source;
use crate::transform::{Options, Outcome, plan};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::scalar::double_quoted;

pub(super) const MANIFEST: Kind = Kind {
    name: "kustomize",
    about: "kustomize overlay that converts the stock calico.yaml to the target",
    files: &["kustomize/kustomization.yaml", "kustomize/calico-config.yaml", "kustomize/calico-node.yaml"],
    has_patches: true,
    make: manifest,
};

pub(super) const OPERATOR: Kind = Kind {
    name: "kustomize-operator",
    about: "kustomize overlay that converts the stock operator install to the target",
    files: &["kustomize-operator/kustomization.yaml", "kustomize-operator/installation.yaml"],
    has_patches: true,
    make: |request| {
        let installation = installation(request)?;
        let mut writer = Writer::default();
        let why = "Copy tigera-operator.yaml and custom-resources.yaml of your Calico release into this folder, then run: \
                   kubectl apply --server-side -k . (If your release has a separate file with CRDs, apply it first.)";
        writer.comment(0, why);
        writer.lines("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:");
        writer.lines("- tigera-operator.yaml\n- custom-resources.yaml\npatches:");
        writer.comment(0, "The patch replaces the whole list of pools.").lines("- path: installation.yaml");
        Some(vec![
            (OPERATOR.files[0].to_owned(), writer.done()),
            (OPERATOR.files[1].to_owned(), installation),
        ])
    },
};

/// The plugin `bandwidth` in the CNI configuration of `calico.yaml`.
const WITH_BANDWIDTH: Gate = Gate {
    component: Component::Calico,
    what: "calico.yaml uses the CNI plugin bandwidth",
    windows: &[Window::before(3, 30, 0)],
};

/// `CALICO_IPV6POOL_VXLAN` in `calico.yaml`.
const WITH_IPV6_VXLAN: Gate = Gate {
    component: Component::Calico,
    what: "calico.yaml has CALICO_IPV6POOL_VXLAN",
    windows: &[Window { from: Version::new(3, 23, 0), until: None }],
};

/// The image contains one binary `calico`, whose probe flags begin with two dashes.
const ONE_BINARY: Gate = Gate {
    component: Component::Calico,
    what: "calico.yaml runs the probes as `calico component node health`",
    windows: &[Window { from: Version::new(3, 33, 0), until: None }],
};

/// The first release whose `calico.yaml` is not known: its commands and CNI version may differ.
const TOO_NEW: Version = Version::new(3, 34, 0);

/// The first supported release: before it `calico.yaml` had another CNI configuration, other probes and variables.
const OLDEST: Version = Version::new(3, 16, 0);

/// The parts of the stock `calico.yaml` that are relevant for IP families.
fn stock(version: Version) -> String {
    let bandwidth = if WITH_BANDWIDTH.holds(Some(version)) {
        ",
        {
          \"type\": \"bandwidth\",
          \"capabilities\": {\"bandwidth\": true}
        }"
    } else {
        ""
    };
    let vxlan = if WITH_IPV6_VXLAN.holds(Some(version)) {
        "        - name: CALICO_IPV6POOL_VXLAN\n          value: \"Never\"\n"
    } else {
        ""
    };
    let is_one_binary = ONE_BINARY.holds(Some(version));
    let cni = if is_one_binary { "1.0.0" } else { "0.3.1" };
    let probe = |kind: &str| {
        let line = |word: &str| format!("            - {word}\n");
        let (command, dash): (&[&str], &str) = if is_one_binary {
            (&["calico", "component", "node", "health"], "--")
        } else {
            (&["/bin/calico-node"], "-")
        };
        let flags = ["felix", "bird"].map(|daemon| line(&format!("{dash}{daemon}-{kind}")));
        command.iter().map(|word| line(word)).chain(flags).collect::<String>()
    };
    let (ready, live) = (probe("ready"), probe("live"));
    format!(
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: calico-config
  namespace: kube-system
data:
  calico_backend: \"bird\"
  cni_network_config: |-
    {{
      \"name\": \"k8s-pod-network\",
      \"cniVersion\": \"{cni}\",
      \"plugins\": [
        {{
          \"type\": \"calico\",
          \"log_level\": \"info\",
          \"log_file_path\": \"/var/log/calico/cni/cni.log\",
          \"datastore_type\": \"kubernetes\",
          \"nodename\": \"__KUBERNETES_NODE_NAME__\",
          \"mtu\": __CNI_MTU__,
          \"ipam\": {{
              \"type\": \"calico-ipam\"
          }},
          \"policy\": {{
              \"type\": \"k8s\"
          }},
          \"kubernetes\": {{
              \"kubeconfig\": \"__KUBECONFIG_FILEPATH__\"
          }}
        }},
        {{
          \"type\": \"portmap\",
          \"snat\": true,
          \"capabilities\": {{\"portMappings\": true}}
        }}{bandwidth}
      ]
    }}
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: calico-node
  namespace: kube-system
spec:
  template:
    spec:
      containers:
      - name: calico-node
        image: calico/node:{version}
        env:
        - name: CALICO_NETWORKING_BACKEND
          valueFrom:
            configMapKeyRef:
              name: calico-config
              key: calico_backend
        - name: IP
          value: \"autodetect\"
        - name: CALICO_IPV4POOL_IPIP
          value: \"Always\"
        - name: CALICO_IPV4POOL_VXLAN
          value: \"Never\"
{vxlan}        - name: FELIX_IPV6SUPPORT
          value: \"false\"
        readinessProbe:
          exec:
            command:
{ready}        livenessProbe:
          exec:
            command:
{live}"
    )
}

fn manifest(request: &mut Request<'_>) -> Option<Drafts> {
    let why = "the overlay replaces the whole CNI configuration, whose plugins depend on the Calico release";
    let version = request.target.calico_version;
    if version.is_none() {
        request.ask("calico-version", "v3.31.7", why);
    }
    let pods =
        request.ranges(crate::target::RangeOf::Pods, None, "the overlay sets the CIDR of each IP pool");
    let (version, _) = (version?, pods?);
    if version < OLDEST {
        let message =
            format!("the overlay supports calico.yaml from {OLDEST} on: run transform on the file instead");
        request.refuse("calico-version", message);
        return None;
    }
    if version >= TOO_NEW {
        let message = format!(
            "calico.yaml of {version} is not known, and the overlay replaces its commands and CNI configuration: run transform on the file instead"
        );
        request.refuse("calico-version", message);
        return None;
    }
    let stock = stock(version);
    let source = Source { name: "calico.yaml", text: &stock };
    let planned = plan(source, request.target, Options::default()).ok()?;
    if matches!(planned.outcome, Outcome::Refused) {
        let refused: Vec<Diagnostic> = planned.diagnostics.into_iter().filter(Diagnostic::blocks).collect();
        let files = &mut request.generation.files;
        files.push(super::File {
            kind: MANIFEST.name,
            name: source.name.to_owned(),
            text: stock,
            diagnostics: refused,
        });
        return None;
    }
    for missing in planned.missing_options {
        super::ask(request.generation, request.file, missing);
    }
    let text = planned.text.unwrap_or_else(|| stock.clone());
    let read = |text| Documents::read(Source { name: "calico.yaml", text });
    let (before, after) = (read(&stock).ok()?, read(&text).ok()?);
    let (before, after) = (FileModel::read(&before), FileModel::read(&after));
    let nothing = Shared::default().stating(request.target);
    let installs = |file| CalicoInstall::of_file(file, request.target, &nothing);
    let (before, after) = (installs(&before), installs(&after));
    let (before, after) = (before.first()?, after.first()?);
    let why = |field: &str| {
        let change = planned.changes.iter().find(|change| change.description.field == field);
        change.map(|change| sentence(&change.description.why)).unwrap_or_default()
    };
    let config = config_patch(before, after);
    let mut writer = Writer::default();
    let how =
        format!("Copy calico.yaml of {version} into this folder, then run: kubectl apply --server-side -k .");
    writer.comment(0, &how);
    for diagnostic in planned
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Warning && !diagnostic.is_fixed())
    {
        writer.comment(0, &format!("{}: {}; {}", diagnostic.rule.id, diagnostic.message, diagnostic.help));
    }
    writer
        .lines("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- calico.yaml");
    writer.lines("patches:");
    let mut files = Vec::new();
    if let Some(config) = config {
        writer.lines("- path: calico-config.yaml");
        files.push((MANIFEST.files[1].to_owned(), config));
    }
    writer.lines("- path: calico-node.yaml");
    files.push((MANIFEST.files[2].to_owned(), node_patch(before, after, &why)?));
    files.insert(0, (MANIFEST.files[0].to_owned(), writer.done()));
    Some(files)
}

/// The patch of the ConfigMap, if its CNI configuration changes.
fn config_patch(before: &CalicoInstall<'_>, after: &CalicoInstall<'_>) -> Option<String> {
    let cni = |install: &CalicoInstall<'_>| {
        Some(install.config.as_ref()?.value("cni_network_config")?.1.to_owned())
    };
    let new = cni(after).filter(|new| Some(new) != cni(before).as_ref())?;
    let mut writer = Writer::default();
    writer.lines(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: calico-config\n  namespace: kube-system\ndata:",
    );
    let why = "assign_ipv4 and assign_ipv6 set the IP families of pods. kustomize replaces the whole text: repeat your \
               own changes here.";
    writer.comment(2, why).lines("  cni_network_config: |-");
    new.lines().for_each(|line| {
        writer.lines(&format!("    {line}"));
    });
    Some(writer.done())
}

/// The patch of the DaemonSet: the variables and probes that change.
fn node_patch(
    before: &CalicoInstall<'_>,
    after: &CalicoInstall<'_>,
    why: &dyn Fn(&str) -> String,
) -> Option<String> {
    let mut writer = Writer::default();
    writer.lines(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: calico-node\n  namespace: kube-system",
    );
    writer.lines("spec:\n  template:\n    spec:\n      containers:\n      - name: calico-node");
    let (old, new) = (before.node.as_ref()?, after.node.as_ref()?);
    let mut is_first = true;
    for var in &new.env.vars {
        let EnvValue::Literal { text, .. } = var.value else { continue };
        if old.env.text(var.name) == Some(text) {
            continue;
        }
        if core::mem::take(&mut is_first) {
            writer.lines("        env:");
        }
        writer.comment(8, &why(var.name)).lines(&format!("        - name: {}", var.name));
        writer.lines(&format!("          value: {}", double_quoted(text)));
    }
    for probe in ["readinessProbe", "livenessProbe"] {
        let words = |node: &crate::model::calico_node::CalicoNode<'_, '_>| -> Vec<String> {
            let command = node.tree.at(node.container, &[probe, "exec", "command"]);
            let items = command.into_iter().flat_map(|command| node.tree.items(command));
            items.filter_map(|item| node.tree.scalar(item)).map(str::to_owned).collect()
        };
        let (old, new) = (words(old), words(new));
        if old != new {
            writer.comment(
                8,
                "The patch replaces the whole list: the probe checks BIRD of the IP families in use.",
            );
            writer.lines(&format!("        {probe}:\n          exec:\n            command:"));
            new.iter().for_each(|word| {
                writer.lines(&format!("            - {word}"));
            });
        }
    }
    Some(writer.done())
}
