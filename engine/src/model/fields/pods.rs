//! Static pods of the control plane: `/etc/kubernetes/manifests`.

use super::{ClusterConfig, Component, ConfigObject, Field, FieldKind, ObjectKind};
use crate::version::{image_name, image_version};
use crate::yaml::{NodeId, Tree};

const COMPONENTS: [Component; 4] =
    [Component::ApiServer, Component::ControllerManager, Component::Scheduler, Component::Etcd];

/// The annotations in which kubeadm keeps addresses (kubeadm `constants.go`).
const ANNOTATIONS: [(&str, FieldKind); 2] = [
    ("kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint", FieldKind::AdvertiseEndpoint),
    ("kubeadm.kubernetes.io/etcd.advertise-client-urls", FieldKind::EtcdUrl),
];

pub(in crate::model) fn read<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let tree = object.tree();
    let containers =
        tree.at(object.root, &["spec", "containers"]).map(|list| tree.items(list).collect::<Vec<_>>());
    let found =
        containers.into_iter().flatten().find_map(|container| Some((container, component(tree, container)?)));
    let Some((container, component)) = found else { return };
    // Skip the etcd of an application: that of the control plane uses the host network.
    let is_system = object.text(&["metadata", "namespace"]) == Some("kube-system")
        || object.text(&["spec", "hostNetwork"]) == Some("true");
    if !is_system {
        return;
    }
    let image = tree.get(container, "image").and_then(|n| tree.scalar(n));
    let version = image.filter(|_| component != Component::Etcd).and_then(image_version);
    let lists: Vec<NodeId> = ["command", "args"].iter().filter_map(|key| tree.get(container, key)).collect();
    let hosts: Vec<NodeId> = ["livenessProbe", "readinessProbe", "startupProbe"]
        .iter()
        .flat_map(|probe| ["httpGet", "tcpSocket"].map(|action| [*probe, action, "host"]))
        .filter_map(|path| tree.at(container, &path))
        .collect();
    let index = config.add(object, ObjectKind::Process(component));
    config.note_release(version);
    for (key, kind) in ANNOTATIONS {
        let found = &config.objects[index];
        if let Some(node) = found.tree().at(found.root, &["metadata", "annotations", key]) {
            config.field_at(index, node, format!("annotation {key}"), kind);
        }
    }
    for list in lists {
        config.add_words(index, component, list);
    }
    for host in hosts {
        let text = config.objects[index].tree().scalar(host).unwrap_or_default().to_owned();
        if !text.is_empty() {
            let kind = FieldKind::ProbeHost;
            config.fields.push(Field::new(index, host, kind, "probe host".to_owned(), text));
        }
    }
}

/// The component that a container runs, from the first words of its command or from its image.
fn component(tree: &Tree<'_>, container: NodeId) -> Option<Component> {
    let words = ["command", "args"].into_iter().filter_map(|key| tree.get(container, key));
    let words = words.flat_map(|list| tree.items(list)).filter_map(|word| tree.scalar(word));
    let commands: Vec<&str> = words
        .take_while(|word| !word.starts_with("--"))
        .flat_map(|word| word.split_whitespace().take(4))
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .collect();
    let image = tree.get(container, "image").and_then(|n| tree.scalar(n)).map(image_name).unwrap_or_default();
    let image = image.rsplit('/').next().unwrap_or_default();
    let name = tree.get(container, "name").and_then(|n| tree.scalar(n)).unwrap_or_default();
    COMPONENTS.into_iter().find(|component| {
        let wanted = component.name();
        let short = wanted.strip_prefix("kube-").unwrap_or(wanted);
        let hyperkube = commands.contains(&"hyperkube") && commands.contains(&short);
        commands.contains(&wanted) || hyperkube || (image == wanted && name == wanted)
    })
}
