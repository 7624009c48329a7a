//! A new cluster: it is created with the converted files.

use super::before::NODE_ADDRESSES;
use super::calico::{is_of_calico, names};
use super::shell::word;
use super::source::Source;
use super::view::{File, View, base};
use super::{Command, Host, Step, installers, workloads};
use crate::model::fields::{Installer, ObjectKind};
use crate::target::Stack;

pub(super) fn steps(view: &View<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    if view.has_kind(ObjectKind::InstallConfig) {
        steps.extend(openshift(view));
        return steps;
    }
    if view.has_k3s() {
        steps.push(k3s(view));
    } else if view.has_kind(ObjectKind::KindCluster) {
        steps.extend(kind(view));
    } else if let Some(step) = installers::create(view) {
        steps.push(step);
    } else if view.is_kubeadm() {
        steps.push(kubeadm(view));
    }
    steps.extend(calico(view));
    if view.is_kubeadm() && !view.has_kind(ObjectKind::KindCluster) {
        steps.push(join(view));
    }
    steps.extend(others(view));
    steps.extend(workloads::dns(view).map(new));
    steps.extend(workloads::update_services(view).map(new));
    steps
}

/// A step of a running cluster without what only a running cluster needs.
fn new(step: Step) -> Step {
    Step { restarts: String::new(), undo_note: String::new(), undo: Vec::new(), ..step }
}

/// The file that kubeadm reads.
fn kubeadm_file<'v>(view: &View<'v>) -> Option<&'v File> {
    let kinds = [ObjectKind::ClusterConfiguration, ObjectKind::InitConfiguration];
    kinds.into_iter().flat_map(|kind| view.files_of_kind(kind)).next()
}

/// kubeadm leaves the CNI configuration, with which a new node is Ready before Calico runs, and packet filter rules.
const RESET: &str = "sudo kubeadm reset\nsudo rm -rf /etc/cni/net.d\nsudo reboot";

fn kubeadm(view: &View<'_>) -> Step {
    let reset = Command::new(Host::OneControlPlaneNode, RESET);
    let Some(file) = kubeadm_file(view) else {
        return Step {
            title: "Create the control plane".to_owned(),
            subject: "control plane",
            why: "These files have no configuration of kubeadm. The first command writes one: give it the CIDRs that Calico has, and see `calico-ipv6 generate --help` for the addresses of the node.".to_owned(),
            commands: vec![
                Command::here(format!("calico-ipv6 generate kubeadm {} > kubeadm.yaml", super::shell::flags(view.target).join(" "))),
                Command::new(Host::OneControlPlaneNode, "sudo kubeadm init --config kubeadm.yaml"),
            ],
            verify: vec![Command::here(NODE_ADDRESSES).expect("the node, with an address of each family of the target")],
                undo: vec![reset],
            ..Step::default()
        };
    };
    let config = word(base(&file.name));
    Step {
        title: "Create the control plane".to_owned(),
        subject: "control plane",
        why: "kubeadm writes the CIDRs into the API server, the controller manager, kube-proxy and kubeadm-config.".to_owned(),
        commands: vec![
            Command::here(format!("scp {} '<CONTROL_PLANE_NODE>:{}'", view.converted(file), base(&file.name).replace('\'', "_"))),
            Command::new(
                Host::OneControlPlaneNode,
                format!("kubeadm config validate --config {config}\nsudo kubeadm init --config {config}"),
            )
            .expect("ok, then: Your Kubernetes control-plane has initialized successfully!"),
        ],
        verify: vec![
            Command::here(NODE_ADDRESSES).expect(match view.target.to {
                Stack::DualStack => "the node, with an address and a podCIDR of each family. It is NotReady until Calico runs",
                _ => "the node, with an address and a podCIDR of the family. It is NotReady until Calico runs",
            }),
        ],
        undo: vec![reset],
        ..Step::default()
    }
}

/// The operator. From Calico 3.30 on it creates its CRDs itself, after it started.
const OPERATOR: [&str; 2] = [
    "kubectl create -f 'https://raw.githubusercontent.com/projectcalico/calico/<CALICO_VERSION>/manifests/tigera-operator.yaml'",
    "until kubectl wait --for=condition=Established crd/installations.operator.tigera.io --timeout=5m; do sleep 5; done",
];

/// The chart. From Calico 3.32 on the CRDs are in a chart of their own.
const CHART: &str = "helm repo add projectcalico https://docs.tigera.io/calico/charts
# From Calico 3.32 on:
helm template calico-crds projectcalico/crd.projectcalico.org.v1 --version '<CALICO_VERSION>' | kubectl apply --server-side -f -
helm install calico projectcalico/tigera-operator --namespace tigera-operator --create-namespace --version '<CALICO_VERSION>' -f ";

/// Calico, by its manifest or by the operator.
fn calico(view: &View<'_>) -> Option<Step> {
    let files = view.files_with(is_of_calico);
    let source = view.source().filter(|_| !view.has_installer(Installer::Kubespray))?;
    let place = |file: &File| view.converted(file);
    let delete = || {
        let files: Vec<String> = files.iter().map(|file| format!("-f {}", place(file))).collect();
        vec![Command::here(format!("kubectl delete {}", files.join(" ")))]
    };
    let (commands, undo) = match source {
        // The cluster has the file in its folder of manifests.
        Source::Rancher if view.has_k3s() => (Vec::new(), Vec::new()),
        Source::Talos | Source::K0s => (Vec::new(), Vec::new()),
        Source::Folder => {
            let (replace, undo) = view.replace(files.first()?);
            (vec![Command::here(replace)], vec![Command::here(undo)])
        }
        Source::Values => {
            let install = format!("{CHART}{}", place(files.first()?));
            (
                vec![Command::here(install)],
                vec![Command::here("helm uninstall calico --namespace tigera-operator")],
            )
        }
        Source::Installation => {
            let operator = OPERATOR.into_iter().map(Command::here);
            (operator.chain([Command::here(view.apply(&files))]).collect(), delete())
        }
        _ => (vec![Command::here(view.apply(&files))], delete()),
    };
    let namespace = if view.has_operator() { "calico-system" } else { "kube-system" };
    let cidrs = view.pool_cidrs();
    let pools = if cidrs.is_empty() {
        "a pool for each family".to_owned()
    } else {
        format!("pools with {}", cidrs.join(" and "))
    };
    Some(Step {
        title: format!(
            "{}: {}",
            if commands.is_empty() { "Wait for Calico" } else { "Install Calico" },
            names(&files)
        ),
        subject: "Calico",
        why: format!(
            "Pods get addresses once calico-node runs.{}",
            if commands.is_empty() { "" } else { source.note() }
        ),
        commands,
        verify: vec![
            Command::here(format!(
                "kubectl -n {namespace} rollout status daemonset/calico-node --timeout=15m"
            ))
            .expect("daemon set \"calico-node\" successfully rolled out"),
            Command::here(view.list_pools()).expect(pools),
            Command::here("kubectl get nodes").expect("every node is Ready"),
        ],
        undo,
        ..Step::default()
    })
}

fn join(view: &View<'_>) -> Step {
    let families = match view.target.to {
        Stack::DualStack => "'<NODE_IPV4>,<NODE_IPV6>'",
        Stack::Ipv6Only => "'<NODE_IPV6>'",
        Stack::Ipv4Only => "'<NODE_IPV4>'",
    };
    let print = Command::new(Host::OneControlPlaneNode, "sudo kubeadm token create --print-join-command");
    let own = view.files_of_kind(ObjectKind::JoinConfiguration);
    let (why, commands) = if own.is_empty() {
        let address = format!(
            "file=$(systemctl cat kubelet | sed -n 's|^EnvironmentFile=-\\(/etc/.*/kubelet\\)$|\\1|p')\necho KUBELET_EXTRA_ARGS=--node-ip={families} | sudo tee -a \"$file\""
        );
        let join = "sudo kubeadm join '<API_ENDPOINT>' --token '<TOKEN>' --discovery-token-ca-cert-hash 'sha256:<HASH>'";
        (
            "A node reports the addresses of `--node-ip`, and without it one family only. The first command prints the join command with its token. If the file of kubelet's arguments sets KUBELET_EXTRA_ARGS already, add the flag there: the last line counts.",
            vec![print, Command::new(Host::EachNode, format!("{address}\n{join}"))],
        )
    } else {
        let copies = own.iter().map(|file| format!("scp {} '<NODE>:'", view.converted(file)));
        let config = match own.as_slice() {
            [file] => word(base(&file.name)),
            _ => "'<FILE_OF_THE_NODE>'".to_owned(),
        };
        (
            "Each node has a file of its own, because the JoinConfiguration has the addresses of one node. Write the token and the hash that the first command prints into each file.",
            vec![
                print,
                Command::here(copies.collect::<Vec<_>>().join("\n")),
                Command::new(Host::EachNode, format!("sudo kubeadm join --config {config}")),
            ],
        )
    };
    Step {
        title: "Join the other nodes".to_owned(),
        subject: "nodes",
        why: why.to_owned(),
        commands,
        verify: vec![Command::here(NODE_ADDRESSES).expect("every node with its addresses and podCIDRs")],
        undo: vec![Command::new(Host::EachNode, RESET)],
        ..Step::default()
    }
}

/// The configuration of k3s or RKE2 is read by its service.
fn k3s(view: &View<'_>) -> Step {
    let is_rke2 = view.is_rke2();
    let (name, folder, manifests) = if is_rke2 {
        ("RKE2", "/etc/rancher/rke2", "/var/lib/rancher/rke2/server/manifests")
    } else {
        ("k3s", "/etc/rancher/k3s", "/var/lib/rancher/k3s/server/manifests")
    };
    let mut lines = vec![format!("sudo mkdir -p {folder}")];
    for file in view.files_of_kind(ObjectKind::K3s) {
        lines.push(format!("sudo cp {} {folder}/config.yaml", view.converted(file)));
    }
    let charts: Vec<&File> = view
        .files_of_kind(ObjectKind::Installation)
        .into_iter()
        .filter(|file| {
            view.changes()
                .any(|(of, change)| core::ptr::eq(of, *file) && change.object.kind.starts_with("HelmChart"))
        })
        .collect();
    if !charts.is_empty() {
        lines.push(format!("sudo mkdir -p {manifests}"));
        for file in charts {
            lines.push(format!("sudo cp {} {manifests}/", view.converted(file)));
        }
    }
    let start = if is_rke2 {
        "curl -sfL https://get.rke2.io | sudo sh -\nsudo systemctl enable --now rke2-server"
    } else {
        "curl -sfL https://get.k3s.io | sudo sh -s - server"
    };
    Step {
        title: format!("Create the cluster: start {name}"),
        subject: "installer",
        why: format!(
            "{name} reads its CIDRs when it creates the cluster; node-ip has the addresses of one node, so change it on each further node."
        ),
        commands: vec![
            Command::new(Host::OneControlPlaneNode, lines.join("\n")),
            Command::new(Host::OneControlPlaneNode, start),
        ],
        verify: vec![
            Command::here(NODE_ADDRESSES)
                .expect("the node, with an address and a podCIDR of each family of the target"),
        ],
        undo: vec![Command::new(
            Host::OneControlPlaneNode,
            if is_rke2 {
                "sudo rke2-uninstall.sh"
            } else {
                // It removes nothing of Calico.
                "sudo k3s-uninstall.sh\nsudo rm -rf /etc/cni/net.d /var/lib/calico\nsudo reboot"
            },
        )],
        ..Step::default()
    }
}

fn kind(view: &View<'_>) -> Option<Step> {
    let file = view.files_of_kind(ObjectKind::KindCluster).into_iter().next()?;
    Some(Step {
        title: "Create the cluster".to_owned(),
        subject: "installer",
        why: "kind reads the IP family once.".to_owned(),
        commands: vec![Command::here(format!("kind create cluster --config {}", view.converted(file)))],
        verify: vec![Command::here(NODE_ADDRESSES).expect("every node with its addresses and podCIDRs")],
        undo: vec![Command::here("kind delete cluster")],
        ..Step::default()
    })
}

/// OpenShift's installer reads install-config.yaml once, and removes it.
fn openshift(view: &View<'_>) -> Vec<Step> {
    let Some(file) = view.files_of_kind(ObjectKind::InstallConfig).into_iter().next() else {
        return Vec::new();
    };
    let of_calico = view.files_of_kind(ObjectKind::Installation);
    let mut steps = vec![Step {
        title: "Write the manifests of the installer".to_owned(),
        subject: "installer",
        why: "The installer reads install-config.yaml once and removes it, so it gets a copy.".to_owned(),
        commands: vec![Command::here(format!(
            "mkdir -p cluster\ncp {} cluster/install-config.yaml\nopenshift-install create manifests --dir cluster",
            view.converted(file)
        ))],
        verify: vec![
            Command::here("grep -A 8 -e clusterNetwork: -e serviceNetwork: cluster/manifests/cluster-network-02-config.yml")
                .expect("the CIDRs of both lists, the primary family first"),
        ],
        undo: vec![Command::here("rm -r cluster")],
        ..Step::default()
    }];
    let mut copies: Vec<String> = vec![
        "mkdir calico".to_owned(),
        "curl -sfL 'https://github.com/projectcalico/calico/releases/download/<CALICO_VERSION>/ocp.tgz' | tar xz --strip-components=1 -C calico".to_owned(),
        "cp calico/* cluster/manifests/".to_owned(),
    ];
    for file in of_calico {
        copies.push(format!("cp {} cluster/manifests/0*-cr-installation.yaml", view.converted(file)));
    }
    // The Installation of the archive is for eBPF, and it stays if these files have none.
    let is_bpf = view.installs().next().is_none_or(|facts| facts.is_bpf);
    let of_dataplane = if is_bpf {
        " From Calico 3.30 on, write the name of your API server into 01-configmap-kubernetes-services-endpoint.yaml."
    } else {
        // Calico 3.29 and earlier have neither file.
        copies.push("rm -f cluster/manifests/01-configmap-kubernetes-services-endpoint.yaml cluster/manifests/cluster-network-operator.yaml".to_owned());
        " From Calico 3.30 on the archive is for the eBPF dataplane, without kube-proxy; this Installation needs kube-proxy, so two files of the archive are removed."
    };
    steps.push(Step {
        title: "Add Calico to the manifests".to_owned(),
        subject: "Calico",
        why: format!("OpenShift starts with networkType Calico only if Calico's operator is among the manifests. If the Installation lists no pools, the operator takes the CIDRs of clusterNetwork.{of_dataplane}"),
        commands: vec![Command::here(copies.join("\n"))],
        verify: vec![Command::here("ls cluster/manifests").expect("one file with the name cr-installation.yaml, and 02-tigera-operator.yaml")],
        undo: vec![Command::here("rm -r cluster calico")],
        ..Step::default()
    });
    steps.push(Step {
        title: "Create the cluster".to_owned(),
        subject: "cluster",
        why: "The CIDRs and the primary family are fixed from here on.".to_owned(),
        commands: vec![
            Command::here("openshift-install create cluster --dir cluster").expect("Install complete!"),
        ],
        verify: vec![
            Command::here("kubectl get tigerastatus")
                .expect("every row has AVAILABLE True and DEGRADED False"),
            Command::here("oc get clusteroperators")
                .expect("every row has AVAILABLE True and DEGRADED False"),
        ],
        undo: vec![Command::here("openshift-install destroy cluster --dir cluster")],
        ..Step::default()
    });
    steps
}

/// Objects that are applied once the cluster runs.
fn others(view: &View<'_>) -> Option<Step> {
    super::calico::objects(view, &[]).map(new)
}
