//! The flags of a component: arguments of a command, a mapping (kubeadm up to v1beta3), or a list (kubeadm v1beta4).

use super::{ClusterConfig, Component, Field, FieldKind, UnreadableValue};
use crate::host::Form;
use crate::yaml::{Kind, NodeId, Tree};

/// How flags are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Arguments in `command` or `args`: the list.
    Words(NodeId),
    /// `name: value`: the mapping.
    Map(NodeId),
    /// `{name, value}`: the list.
    List(NodeId),
    /// `name=value` without dashes, as k3s passes flags on: the list, or the one text.
    Plain(NodeId),
}

/// A flag.
#[derive(Clone, Debug)]
pub(crate) struct Flag {
    /// Its name, without dashes.
    pub name: String,
    /// Its value; `None` if it has none.
    pub value: Option<String>,
    /// The scalar with the value; the flag itself if it has no value.
    pub node: NodeId,
    /// The part of that scalar before the value.
    pub prefix: String,
    /// The nodes to remove with the flag: its items, or the value of its entry.
    pub items: Vec<NodeId>,
}

/// The flags of one component in one place.
#[derive(Clone, Debug)]
pub(crate) struct Flags {
    /// The index of its object.
    pub object: usize,
    /// The component.
    pub component: Component,
    /// How they are written.
    pub shape: Shape,
    /// The flags, in order.
    pub flags: Vec<Flag>,
    /// Items that should be flags and are not strings.
    pub unreadable: Vec<NodeId>,
    /// A shell script: its flags cannot be read as arguments.
    pub script: Option<NodeId>,
}

impl Flags {
    /// The flag of that name that counts: the last one.
    #[must_use]
    pub(crate) fn get(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().rev().find(|f| f.name == name)
    }

    /// The value of a flag.
    #[must_use]
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.get(name)?.value.as_deref()
    }

    /// Reads the arguments of a command.
    #[must_use]
    pub(crate) fn words(tree: &Tree<'_>, object: usize, component: Component, list: NodeId) -> Flags {
        let mut read = Flags::empty(object, component, Shape::Words(list));
        let items: Vec<NodeId> = tree.items(list).collect();
        let shell = items.iter().position(|i| matches!(tree.scalar(*i), Some("-c" | "-ec" | "-ce" | "-xc")));
        if let Some(script) = shell.and_then(|i| items.get(i + 1)) {
            read.script = Some(*script);
            return read;
        }
        let mut at = 0;
        while let Some(item) = items.get(at) {
            at += 1;
            let Some(text) = tree.scalar(*item) else {
                read.unreadable.push(*item);
                continue;
            };
            let Some(name) = text.strip_prefix("--").or_else(|| text.strip_prefix('-')) else { continue };
            if let Some((name, value)) = name.split_once('=') {
                let prefix = text[..text.len() - value.len()].to_owned();
                read.push(name, Some(value), *item, &prefix, vec![*item]);
                continue;
            }
            let next = items.get(at).and_then(|next| Some((*next, tree.scalar(*next)?)));
            match next.filter(|(_, value)| !value.starts_with('-')) {
                Some((next, value)) => {
                    at += 1;
                    read.push(name, Some(value), next, "", vec![*item, next]);
                }
                None => read.push(name, None, *item, "", vec![*item]),
            }
        }
        read
    }

    /// Reads `extraArgs` of kubeadm, in either form.
    #[must_use]
    pub(crate) fn extra(tree: &Tree<'_>, object: usize, component: Component, node: NodeId) -> Option<Flags> {
        let mut read = match tree.kind(node) {
            Kind::Mapping => Flags::empty(object, component, Shape::Map(node)),
            Kind::Sequence => Flags::empty(object, component, Shape::List(node)),
            _ => return None,
        };
        for (key, value) in tree.entries(node) {
            match (tree.scalar(key), tree.scalar(value)) {
                (Some(name), Some(text)) => read.push(name, Some(text), value, "", vec![value]),
                _ => read.unreadable.push(value),
            }
        }
        for item in tree.items(node) {
            let field = |key| tree.get(item, key).and_then(|n| Some((n, tree.scalar(n)?)));
            match (field("name"), field("value")) {
                (Some((_, name)), Some((value, text))) => {
                    read.push(name, Some(text), value, "", vec![item]);
                }
                _ => read.unreadable.push(item),
            }
        }
        Some(read)
    }

    /// Reads `name=value` without dashes: a list, or one text.
    #[must_use]
    pub(super) fn plain(tree: &Tree<'_>, object: usize, component: Component, node: NodeId) -> Flags {
        let mut read = Flags::empty(object, component, Shape::Plain(node));
        let is_list = tree.kind(node) == Kind::Sequence;
        let items = tree.items(node).chain((!is_list).then_some(node));
        for item in items {
            let Some(text) = tree.scalar(item) else {
                read.unreadable.push(item);
                continue;
            };
            match text.split_once('=') {
                Some((name, value)) => read.push(name, Some(value), item, &format!("{name}="), vec![item]),
                None => read.push(text, None, item, "", vec![item]),
            }
        }
        read
    }

    fn empty(object: usize, component: Component, shape: Shape) -> Flags {
        Flags { object, component, shape, flags: Vec::new(), unreadable: Vec::new(), script: None }
    }

    fn push(&mut self, name: &str, value: Option<&str>, node: NodeId, prefix: &str, items: Vec<NodeId>) {
        let own = str::to_owned;
        self.flags.push(Flag { name: own(name), value: value.map(own), node, prefix: own(prefix), items });
    }
}

/// The kind of a flag; `None` if it has no addresses or ranges.
pub(super) fn kind_of_flag(component: Component, flag: &str) -> Option<(FieldKind, Option<Form>)> {
    let kind = match (component, flag) {
        (Component::ApiServer, "advertise-address") => FieldKind::Advertise,
        (Component::ApiServer, "etcd-servers") => FieldKind::EtcdServers,
        (Component::ApiServer | Component::ControllerManager, "service-cluster-ip-range") => {
            FieldKind::ServiceRange
        }
        (Component::ControllerManager, "cluster-cidr") => FieldKind::PodRange,
        (Component::ApiServer | Component::ControllerManager | Component::Scheduler, "bind-address") => {
            FieldKind::Bind
        }
        (Component::ControllerManager | Component::Scheduler | Component::Proxy, "master") => {
            FieldKind::Server
        }
        (Component::Etcd, "initial-cluster") => return Some((FieldKind::EtcdUrl, Some(Form::NamedUrls))),
        (
            Component::Etcd,
            "advertise-client-urls"
            | "initial-advertise-peer-urls"
            | "listen-client-urls"
            | "listen-client-http-urls"
            | "listen-peer-urls"
            | "listen-metrics-urls",
        ) => FieldKind::EtcdUrl,
        (Component::NodeCache, "localip") => FieldKind::DnsServer,
        (Component::Kubelet, "node-ip") => FieldKind::NodeIp,
        (Component::Kubelet, "cluster-dns") => FieldKind::ClusterDns,
        (Component::Kubelet, "address") => FieldKind::KubeletAddress,
        (Component::Proxy, "bind-address") => FieldKind::ProxyBind,
        (Component::Proxy, "cluster-cidr") => FieldKind::ProxyRange,
        (Component::Proxy, "healthz-bind-address" | "metrics-bind-address") => FieldKind::ProxyListen,
        _ => return None,
    };
    Some((kind, kind.form()))
}

impl ClusterConfig<'_> {
    /// Adds the arguments of a `command` or `args`.
    pub(super) fn add_words(&mut self, object: usize, component: Component, list: NodeId) {
        let tree = self.objects[object].tree();
        if tree.kind(list) != Kind::Sequence {
            self.unreadable.push(UnreadableValue {
                object,
                node: list,
                name: "command".to_owned(),
                error: None,
            });
            return;
        }
        let flags = Flags::words(tree, object, component, list);
        self.add_flags(flags, "--");
    }

    /// Adds flags, and the fields among them. `label` is the prefix of its name in messages: `--`, or the path of
    /// its mapping.
    pub(super) fn add_flags(&mut self, flags: Flags, label: &str) {
        for flag in &flags.flags {
            let (Some((kind, form)), Some(text)) = (kind_of_flag(flags.component, &flag.name), &flag.value)
            else {
                continue;
            };
            if !text.is_empty() {
                let name = format!("{label}{}", flag.name);
                let field = Field::new(flags.object, flag.node, kind, name, text.clone());
                self.fields.push(Field { prefix: flag.prefix.clone(), form, ..field });
            }
        }
        self.flags.push(flags);
    }
}
