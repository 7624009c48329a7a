//! The control plane of a running cluster: the API server first, then the controller manager, then what kubeadm keeps of both.

use super::shell::{code, escape_each, expressions, replace, word};
use super::view::{View, base, joined};
use super::{Command, Host, Step};
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{Component, ObjectKind};
use crate::rules::Effect;
use crate::target::Stack;
use crate::transform::AppliedChange;

/// The folder of static pods, and the one above it: kubelet starts every file of the first.
const MANIFESTS: &str = "/etc/kubernetes/manifests";
const ABOVE: &str = "/etc/kubernetes";

/// A Service that only an API server with both families accepts; `--dry-run=server` creates nothing.
const REQUIRE_DUAL_STACK: &str = r#"kubectl create --dry-run=server -o jsonpath='{.spec.ipFamilies}{"\n"}' -f - <<'EOF'
apiVersion: v1
kind: Service
metadata: {name: families, namespace: default}
spec: {ipFamilyPolicy: RequireDualStack, selector: {app: families}, ports: [{port: 80}]}
EOF"#;

pub(super) fn steps(view: &View<'_>) -> Vec<Step> {
    let parts = [api_server(view), controller_manager(view), certificates(view), kubeadm_config(view)];
    parts.into_iter().flatten().collect()
}

/// Whether a ServiceCIDR or the file of kubeadm changes its ranges.
fn runs_kubeadm(view: &View<'_>) -> bool {
    !view.with(|effect| effect == Effect::RunKubeadm).is_empty()
}

pub(super) fn api_server(view: &View<'_>) -> Option<Step> {
    let (before, after) = view.services();
    let edits = component_edits(view, Component::ApiServer, &[("--service-cluster-ip-range", before, after)]);
    if edits.is_empty() {
        return view.restarts(Component::ApiServer).is_empty().then(|| check_only(view)).flatten();
    }
    let range = joined(after);
    let mut verify = vec![
        Command::here("kubectl get --raw=/readyz").expect("ok"),
        flags_of(view, Component::ApiServer, "--service-cluster-ip-range")
            .expect(format!("for each control-plane node --service-cluster-ip-range={range}")),
    ];
    let (title, why) = match view.target.to {
        Stack::Ipv4Only => (
            "Take the IPv6 service CIDR from the API server",
            "No Service has an IPv6 cluster IP any more, so the API server can lose this range.".to_owned(),
        ),
        _ => {
            let first = order(view);
            verify.push(Command::here(REQUIRE_DUAL_STACK).expect(first));
            (
                "Give the API server both service CIDRs",
                "Everything else follows the API server: until it has both ranges, Services and pods keep one family.".to_owned(),
            )
        }
    };
    Some(Step {
        title: title.to_owned(),
        subject: "API server",
        why,
        commands: vec![edit(view, Component::ApiServer, &edits)],
        restarts: "the API server of this node. Pods and Services keep working; the API of this node is not reachable until the server is ready.".to_owned(),
        verify,
        undo_note: String::new(),
        undo: vec![put_back(view, Component::ApiServer)],
    })
}

/// The families as the API server writes them, the primary family first.
pub(super) fn order(view: &View<'_>) -> String {
    let families: Vec<String> = view.families().iter().map(|family| format!("\"{family}\"")).collect();
    format!("[{}]", families.join(","))
}

/// Without files of the API server the plan can only check it: it comes before Calico all the same.
fn check_only(view: &View<'_>) -> Option<Step> {
    let is_elsewhere = view.other_installer().is_some() || runs_kubeadm(view);
    if view.target.to != Stack::DualStack || is_elsewhere || view.installs().next().is_none() {
        return None;
    }
    let files = if view.is_openshift() {
        "oc get network.config.openshift.io cluster -o yaml > network.yaml"
    } else {
        "kubectl -n kube-system get configmap kubeadm-config -o yaml > kubeadm-config.yaml\nkubectl -n kube-system get configmap kube-proxy -o yaml > kube-proxy.yaml"
    };
    Some(Step {
        title: "Check that the API server has both service CIDRs".to_owned(),
        subject: "API server",
        why: "These files do not configure the control plane, and Calico comes after it: with a single-stack API server, pods get no second address in their status and Calico removes its route again. If the first command answers that the cluster is not configured for dual-stack Services, stop, write the files of the control plane with the others, and run calico-ipv6 again with all of them.".to_owned(),
        commands: vec![
            Command::here(REQUIRE_DUAL_STACK).expect(order(view)),
            Command::here(files),
        ],
        ..Step::default()
    })
}

pub(super) fn controller_manager(view: &View<'_>) -> Option<Step> {
    let (services, new_services) = view.services();
    let (pods, new_pods) = view.pods();
    let ranges = [("--service-cluster-ip-range", services, new_services), ("--cluster-cidr", pods, new_pods)];
    let edits = component_edits(view, Component::ControllerManager, &ranges);
    if edits.is_empty() {
        return None;
    }
    let way_back = view.target.to == Stack::Ipv4Only;
    let why = if way_back {
        "It must not get ahead of the nodes: with one cluster CIDR it exits on a node that has two podCIDRs (`has an allocated cidr ... that does not exist in cluster cidrs configuration`). Run the first command; if a node shows two, skip this step until that node is replaced. Calico's IPAM does not read podCIDRs."
    } else {
        "It gives new nodes a podCIDR of each family, and must agree with the API server. Existing nodes keep their podCIDRs."
    };
    let mut commands = vec![edit(view, Component::ControllerManager, &edits)];
    if way_back {
        commands.insert(0, pod_cidrs());
    }
    Some(Step {
        title: if way_back {
            "Take the IPv6 CIDRs from the controller manager"
        } else {
            "Give the controller manager both CIDRs"
        }
        .to_owned(),
        subject: "controller manager",
        why: why.to_owned(),
        commands,
        restarts: "the controller manager of this node. Traffic is not affected.".to_owned(),
        verify: vec![
            is_running(view, Component::ControllerManager),
            flags_of(view, Component::ControllerManager, "--cluster-cidr").expect(format!(
                "for each control-plane node its pod and --cluster-cidr={}",
                joined(new_pods)
            )),
        ],
        undo_note: String::new(),
        undo: vec![put_back(view, Component::ControllerManager)],
    })
}

/// The podCIDRs of the nodes.
fn pod_cidrs() -> Command {
    Command::here("kubectl get nodes -o custom-columns='NAME:.metadata.name,PODCIDRS:.spec.podCIDRs[*]'")
        .expect("one IPv4 CIDR for each node")
}

fn certificates(view: &View<'_>) -> Option<Step> {
    let changed = view.files_with(|effect| effect == Effect::ReissueCertificates);
    let file = changed.first()?;
    let names: Vec<String> = view
        .with(|effect| effect == Effect::ReissueCertificates)
        .into_iter()
        .filter_map(|(_, change)| change.description.to.clone())
        .collect();
    let config = view.converted(file);
    Some(Step {
        title: "Issue the API server's certificate again".to_owned(),
        subject: "certificate of the API server",
        why: format!("{} lists {} in certSANs; the certificate on the nodes does not have them.", code(&file.name), names.join(", ")),
        commands: vec![Command::new(
            Host::EachControlPlaneNode,
            format!(
                "sudo cp -p /etc/kubernetes/pki/apiserver.crt /etc/kubernetes/apiserver.before.crt\nsudo cp -p /etc/kubernetes/pki/apiserver.key /etc/kubernetes/apiserver.before.key\nsudo rm /etc/kubernetes/pki/apiserver.crt /etc/kubernetes/pki/apiserver.key\nsudo kubeadm init phase certs apiserver --config {config}\nsudo mv {MANIFESTS}/kube-apiserver.yaml {ABOVE}/kube-apiserver.yaml\nsleep 20\nsudo mv {ABOVE}/kube-apiserver.yaml {MANIFESTS}/kube-apiserver.yaml"
            ),
        )],
        restarts: "kubelet stops the API server of this node and starts it again. Copy the converted file to the node first; its InitConfiguration must have the address of this node.".to_owned(),
        verify: vec![
            Command::new(
                Host::EachControlPlaneNode,
                "sudo openssl x509 -noout -ext subjectAltName -in /etc/kubernetes/pki/apiserver.crt",
            )
            .expect(format!("the list has {}", names.join(", "))),
        ],
        undo_note: String::new(),
        undo: vec![Command::new(
            Host::EachControlPlaneNode,
            "sudo cp -p /etc/kubernetes/apiserver.before.crt /etc/kubernetes/pki/apiserver.crt\nsudo cp -p /etc/kubernetes/apiserver.before.key /etc/kubernetes/pki/apiserver.key",
        )],
    })
}

/// The ConfigMap from which `kubeadm upgrade` writes the static pods again.
pub(super) fn kubeadm_config(view: &View<'_>) -> Option<Step> {
    let changes = view.with(|effect| effect == Effect::RunKubeadm);
    let (_, first) = changes.first()?;
    let (services, new_services) = view.services();
    let (pods, new_pods) = view.pods();
    let mut edits = Vec::new();
    for (key, before, after) in [("podSubnet", pods, new_pods), ("serviceSubnet", services, new_services)] {
        if before != after && !before.nets.is_empty() {
            edits.push(replace(&format!("{key}: {}", joined(before)), &format!("{key}: {}", joined(after))));
        }
    }
    let files = view.files_with(|effect| effect == Effect::RunKubeadm);
    let is_config_map = first.object.kind == "ConfigMap";
    let (commands, undo) = if is_config_map {
        (view.apply(&files), View::apply_originals(&files))
    } else {
        let edit = expressions(&edits);
        (
            format!("sed {edit} before/kubeadm-config.yaml | kubectl apply -f -"),
            "kubectl apply -f before/kubeadm-config.yaml".to_owned(),
        )
    };
    let is_way_back = view.target.to == Stack::Ipv4Only;
    let of_operator = if is_way_back {
        " If you skipped the step of the controller manager, leave podSubnet as it is: with one CIDR there the upgrade stops the controller manager."
    } else if view.has_operator() {
        " The operator refuses a pool outside these ranges, so this comes before the Installation."
    } else {
        ""
    };
    Some(Step {
        title: "Write the ranges into the ConfigMap kubeadm-config".to_owned(),
        subject: "kubeadm-config",
        why: format!(
            "`kubeadm upgrade` writes the static pods again from this ConfigMap: without it the next upgrade undoes the change.{of_operator}"
        ),
        commands: vec![Command::here(commands)],
        restarts: "nothing.".to_owned(),
        verify: vec![
            Command::here(
                "kubectl -n kube-system get configmap kubeadm-config -o jsonpath='{.data.ClusterConfiguration}' | grep Subnet",
            )
            .expect(format!("podSubnet: {} and serviceSubnet: {}", joined(new_pods), joined(new_services))),
        ],
        undo_note: String::new(),
        undo: vec![Command::here(undo)],
    })
}

/// The sed expressions that change the flags of a component: as its own file changes them, or as kubeadm's file does.
fn component_edits(
    view: &View<'_>,
    component: Component,
    ranges: &[(&str, &Ranges, &Ranges)],
) -> Vec<String> {
    let own: Vec<String> = view
        .restarts(component)
        .into_iter()
        .filter_map(|(_, change)| flag_edit(component, &change.description.field, change))
        .collect();
    if !own.is_empty() || !runs_kubeadm(view) {
        return own;
    }
    let mut edits = Vec::new();
    for (flag, before, after) in ranges {
        if before == after {
            continue;
        }
        if before.nets.is_empty() {
            edits.push(added(component, &format!("{flag}={}", joined(after))));
        } else {
            edits.push(replace(&format!("{flag}={}", joined(before)), &format!("{flag}={}", joined(after))));
        }
    }
    let section = match component {
        Component::ApiServer => "apiServer.extraArgs",
        _ => "controllerManager.extraArgs",
    };
    for (_, change) in view.with(|effect| effect == Effect::RunKubeadm) {
        if let Some(flag) =
            change.description.field.strip_prefix(section).map(|rest| rest.trim_start_matches('.'))
        {
            edits.extend(flag_edit(component, &format!("--{flag}"), change));
        }
    }
    edits
}

/// The expression for one flag. A field that is not a flag belongs to one node, and is in the file only.
fn flag_edit(component: Component, flag: &str, change: &AppliedChange) -> Option<String> {
    let description = &change.description;
    if !flag.starts_with("--") {
        return None;
    }
    match (&description.from, &description.to) {
        (Some(from), Some(to)) => Some(replace(&format!("{flag}={from}"), &format!("{flag}={to}"))),
        (None, Some(to)) => Some(added(component, &format!("{flag}={to}"))),
        (Some(from), None) => Some(format!("\\|- {}|d", escape_each(&format!("{flag}={from}"), r".[]*^$\|"))),
        (None, None) => None,
    }
}

/// The expression that adds a flag below the name of the program, or behind it.
fn added(component: Component, flag: &str) -> String {
    format!(r"s|^\( *\)- {}$|&\n\1- {}|", component.name(), escape_each(flag, r"&\|"))
}

/// The file on the nodes that has the flags of a component, if no static pod does.
fn service_file(view: &View<'_>, component: Component) -> Option<String> {
    let changes = view.restarts(component);
    let (file, change) = changes.first()?;
    let name = base(&file.name);
    match change.object.kind.as_str() {
        "systemd unit" => Some(word(&format!("/etc/systemd/system/{name}"))),
        "environment file" => Some(word(&format!("/etc/default/{name}"))),
        "file of arguments" => Some(word(&format!("/var/snap/microk8s/current/args/{name}"))),
        _ => None,
    }
}

/// Starts the service of a component again.
fn restart(place: &str, component: Component) -> String {
    if place.contains("/microk8s/") {
        "sudo snap restart microk8s".to_owned()
    } else {
        format!("sudo systemctl daemon-reload\nsudo systemctl restart {}", component.name())
    }
}

/// Changes the flags of a component. A static pod is changed outside the folder that kubelet reads, and moved there in one
/// piece.
fn edit(view: &View<'_>, component: Component, edits: &[String]) -> Command {
    let (name, edits) = (component.name(), expressions(edits));
    let text = match service_file(view, component) {
        Some(place) => format!(
            "sudo cp -p {place} {place}.before\nsudo sed -i {edits} {place}\n{}",
            restart(&place, component)
        ),
        None => format!(
            "sudo cp -p {MANIFESTS}/{name}.yaml {ABOVE}/{name}.before.yaml\nsudo cp -p {MANIFESTS}/{name}.yaml {ABOVE}/{name}.new.yaml\nsudo sed -i {edits} {ABOVE}/{name}.new.yaml\nsudo mv {ABOVE}/{name}.new.yaml {MANIFESTS}/{name}.yaml"
        ),
    };
    Command::new(Host::EachControlPlaneNode, text)
}

/// Whether a component stays up.
fn is_running(view: &View<'_>, component: Component) -> Command {
    let name = component.name();
    if service_file(view, component).is_some() {
        return Command::new(Host::EachControlPlaneNode, format!("systemctl is-active {name}"))
            .expect("active");
    }
    Command::here(format!("kubectl -n kube-system get pods -l component={name}"))
        .expect("every pod is Running and READY 1/1, and RESTARTS does not grow")
}

fn put_back(view: &View<'_>, component: Component) -> Command {
    let name = component.name();
    let text = match service_file(view, component) {
        Some(place) => format!("sudo cp -p {place}.before {place}\n{}", restart(&place, component)),
        None => format!("sudo cp -p {ABOVE}/{name}.before.yaml {MANIFESTS}/{name}.yaml"),
    };
    Command::new(Host::EachControlPlaneNode, text)
}

/// The value of a flag: in the pods that kubelet reports for its static pods, or in the process.
fn flags_of(view: &View<'_>, component: Component, flag: &str) -> Command {
    let name = component.name();
    if service_file(view, component).is_some() {
        return Command::new(
            Host::EachControlPlaneNode,
            format!("pgrep -a -f {name} | grep -o -e '{flag}=[^ ]*'"),
        );
    }
    Command::here(format!(
        r#"kubectl -n kube-system get pods -l component={name} -o jsonpath='{{range .items[*]}}{{.metadata.name}}{{" "}}{{.spec.containers[0].command}}{{"\n"}}{{end}}' | grep -o -e '^[^ ]*' -e '{flag}=[^"]*'"#
    ))
}

/// Whether the files have the flags of this component.
pub(super) fn is_given(view: &View<'_>, component: Component) -> bool {
    view.has_kind(ObjectKind::Process(component)) || view.has_kind(ObjectKind::ClusterConfiguration)
}
