//! Flags in files that are not YAML: systemd units and drop-ins, environment files, MicroK8s's argument files.

use super::flags::kind_of_flag;
use super::{ClusterConfig, Component, ConfigObject, Flag, Flags, ObjectKind, Shape, installers};
use crate::yaml::flag_file::FlagFile;
use crate::yaml::{NodeId, Tree};

const COMPONENTS: [Component; 6] = [
    Component::ApiServer,
    Component::ControllerManager,
    Component::Scheduler,
    Component::Etcd,
    Component::Kubelet,
    Component::Proxy,
];

/// The variable that kubeadm writes for each kubelet.
const KUBEADM_ARGS: &str = "KUBELET_KUBEADM_ARGS";

pub(in crate::model) fn read<'d>(config: &mut ClusterConfig<'d>, object: &ConfigObject<'d>) {
    let tree = object.tree();
    if tree.get(object.root, "IPv4_SUPPORT").is_some() || tree.get(object.root, "IPv6_SUPPORT").is_some() {
        installers::read_split(config, object.clone(), ObjectKind::MicroK8s);
        return;
    }
    if object.resource.kind == FlagFile::Unit.name() && runs_cri_dockerd(tree, object.root) {
        config.note(object.clone(), ObjectKind::CriDockerd);
        return;
    }
    let entries: Vec<(String, NodeId)> = tree
        .entries(object.root)
        .map(|(key, list)| (tree.scalar(key).unwrap_or_default().to_owned(), list))
        .collect();
    for (name, list) in entries {
        let is_command =
            name.is_empty() || (object.resource.kind == FlagFile::Unit.name() && name.starts_with("Exec"));
        let component = match name.as_str() {
            "" => of_name(&object.resource.name),
            _ if is_command => of_command(object.tree(), list),
            variable => of_variable(variable).or_else(|| of_name(&object.resource.name)),
        };
        let Some(component) = component else { continue };
        let kind = if is_command { ObjectKind::Process(component) } else { ObjectKind::Variables };
        if let Some(option) = name.strip_prefix("ETCD_").filter(|_| !is_command) {
            // etcd also reads each of its flags from a variable (etcd `server/etcdmain/config.go`).
            let flag = of_one_variable(object.tree(), list, option);
            let index = config.add(object.clone(), kind);
            let flags = flag.into_iter().collect();
            let shape = Shape::Words(list);
            config.add_flags(
                Flags { object: index, component, shape, flags, unreadable: Vec::new(), script: None },
                "--",
            );
        } else if is_command || name == KUBEADM_ARGS || has_address_flag(object.tree(), component, list) {
            let index = config.add(object.clone(), kind);
            config.add_words(index, component, list);
        }
    }
}

fn runs_cri_dockerd(tree: &Tree<'_>, root: NodeId) -> bool {
    let commands = tree.entries(root).filter(|(key, _)| tree.scalar(*key) == Some("ExecStart"));
    let mut programs = commands.filter_map(|(_, list)| tree.scalar(tree.items(list).next()?));
    programs.any(|program| program.rsplit('/').next() == Some("cri-dockerd"))
}

/// Whether one of the flags has addresses or ranges; other variables are irrelevant.
fn has_address_flag(tree: &Tree<'_>, component: Component, list: NodeId) -> bool {
    let words = tree.items(list).filter_map(|word| tree.scalar(word)?.strip_prefix("--"));
    let mut names = words.map(|word| word.split('=').next().unwrap_or(word));
    names.any(|name| kind_of_flag(component, name).is_some())
}

/// The program of a command, including those of hyperkube and MicroK8s: `/usr/bin/hyperkube kubelet`.
fn of_command(tree: &Tree<'_>, list: NodeId) -> Option<Component> {
    let words = tree.items(list).filter_map(|word| tree.scalar(word));
    let first: Vec<&str> = words.take_while(|word| !word.starts_with("--")).collect();
    // A shell script contains the name somewhere.
    let most = if first.contains(&"-c") { usize::MAX } else { 2 };
    first.into_iter().flat_map(str::split_whitespace).take(most).find_map(|word| {
        // `-`, `@`, `:`, `+` and `!` before the path are prefixes of systemd.
        let path = word.trim_start_matches(['-', '@', ':', '+', '!']);
        of_name(path.rsplit('/').next().unwrap_or(path))
    })
}

/// A component by the name of its program or file: `kubelet`, `kubelet.service`, `kube-apiserver.env`.
fn of_name(name: &str) -> Option<Component> {
    let stem = name.split('.').next().unwrap_or(name);
    COMPONENTS.into_iter().find(|component| component.name() == stem)
}

/// A component by the name of a variable that holds its flags: `KUBELET_EXTRA_ARGS`, `KUBE_APISERVER_OPTS`.
fn of_variable(name: &str) -> Option<Component> {
    let plain = name.replace('_', "").to_ascii_lowercase();
    COMPONENTS.into_iter().find(|component| {
        let wanted = component.name().replace('-', "");
        plain.starts_with(&wanted)
            || plain.starts_with(wanted.trim_start_matches("kube")) && wanted != "kubelet"
    })
}

fn of_one_variable(tree: &Tree<'_>, list: NodeId, option: &str) -> Option<Flag> {
    let mut items = tree.items(list);
    let node = items.next().filter(|_| items.next().is_none())?;
    let value = tree.scalar(node)?.to_owned();
    let name = option.to_ascii_lowercase().replace('_', "-");
    Some(Flag { name, value: Some(value), node, prefix: String::new(), items: vec![node] })
}
