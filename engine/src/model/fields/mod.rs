//! The configuration of the Kubernetes layer: static pods, kubeadm's documents, kubelet, kube-proxy, cluster DNS,
//! installers, and Calico's own objects. It is read into fields: texts with addresses or ranges, each with its location and its kind. Rules decide what a field must contain.

pub(super) mod address_lists;
pub(super) mod calico;
pub(super) mod dns;
mod flag_files;
mod flags;
mod installer_keys;
pub(super) mod installers;
mod kinds;
pub(super) mod kube_proxy;
pub(super) mod kubeadm;
pub(super) mod kubelet;
pub(super) mod object;
pub(super) mod openshift;
pub(super) mod pods;
mod releases;

pub(crate) use address_lists::{ALLOW_LIST_KEYS, is_source_list};
pub(crate) use calico::{IPAM_ANNOTATIONS, NODE_ADDRESSES, ipam_annotations, net_nodes, nets as policy_nets};
pub(crate) use flags::{Flag, Flags, Shape};
pub(crate) use installer_keys::{
    DEFAULT_RANGES, DefaultRange, FAMILY_WORDS, NodePrefix, On, RangeKey, SPLIT, Split, leaves_out,
};
pub(crate) use kinds::{FieldKind, Installer, ObjectKind};
pub(crate) use object::{ConfigObject, name_of_image};
pub(crate) use openshift::PLATFORMS;
pub(crate) use releases::calico_release;
pub(in crate::model) use releases::{new_tags, patches};

use super::documents::api_version;
use super::kind_spec::{KINDS, KindSpec};
use super::wrappers::{NotUnderstood, Wrapped};
use super::{Documents, nested};
use crate::address::{Family, family, family_of};
use crate::host::Form;
use crate::version::Version;
use crate::yaml::{Kind, NodeId};
use core::cell::OnceCell;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// The component that reads the flags or fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// kube-apiserver.
    ApiServer,
    /// kube-controller-manager.
    ControllerManager,
    /// kube-scheduler.
    Scheduler,
    /// etcd.
    Etcd,
    /// kubelet.
    Kubelet,
    /// kube-proxy.
    Proxy,
    /// The DNS cache on each node.
    NodeCache,
}

impl Component {
    /// The name of its program.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Component::ApiServer => "kube-apiserver",
            Component::ControllerManager => "kube-controller-manager",
            Component::Scheduler => "kube-scheduler",
            Component::Etcd => "etcd",
            Component::Kubelet => "kubelet",
            Component::Proxy => "kube-proxy",
            Component::NodeCache => "node-cache",
        }
    }
}

/// A text with addresses or ranges.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// The index of its object.
    pub object: usize,
    /// The scalar.
    pub node: NodeId,
    /// The part of the scalar before the value: `--advertise-address=`.
    pub prefix: String,
    /// The value.
    pub text: String,
    /// Its name in messages.
    pub name: String,
    /// What it contains.
    pub kind: FieldKind,
    /// The form of its addresses; `None` for ranges.
    pub form: Option<Form>,
    /// Set if the node is a list: `text` has all items, separated by commas.
    pub items: Option<Items>,
    /// Set if it has one IP family only, whatever the target is: another key has the other family.
    pub family: Option<Family>,
}

impl Field {
    /// A scalar that is the whole value, in the form of its kind.
    fn new(object: usize, node: NodeId, kind: FieldKind, name: String, text: String) -> Field {
        let (prefix, form) = (String::new(), kind.form());
        Field { object, node, prefix, text, name, kind, form, items: None, family: None }
    }
}

/// The form of the items of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Items {
    /// Each item is a range or an address.
    Text,
    /// Each item is a mapping with a `cidr`, and a `hostPrefix` if nodes get parts of it.
    Cidr,
}

/// The configuration of the cluster in a source.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClusterConfig<'d> {
    /// The objects, in the order of the text.
    pub objects: Vec<ConfigObject<'d>>,
    /// Their fields.
    pub fields: Vec<Field>,
    /// The flags of components in them.
    pub flags: Vec<Flags>,
    /// Values that should be strings and are not, and texts that should be documents and are not.
    pub unreadable: Vec<UnreadableValue>,
    /// Settings in locations that are not read, each with the index of its object.
    pub not_understood: Vec<(usize, NotUnderstood)>,
    /// The Kubernetes release that they show first, with the index of its object.
    pub kubernetes: Option<(Version, usize)>,
    /// The fields by their objects, and by their objects and nodes, once all are read and one is asked for.
    by_object: OnceCell<Vec<usize>>,
    by_node: OnceCell<Vec<(usize, NodeId)>>,
}

/// A value that its component cannot read.
#[derive(Clone, Debug)]
pub(crate) struct UnreadableValue {
    /// The index of its object.
    pub object: usize,
    /// The node.
    pub node: NodeId,
    /// Its name in messages.
    pub name: String,
    /// Why a text is not a valid document; `None` if a value is not a string.
    pub error: Option<(String, usize)>,
}

impl<'d> ClusterConfig<'d> {
    /// Reads the configuration of the cluster in a source; `wrapped` has the values in each of its objects, `nested` the
    /// manifests in its texts.
    #[must_use]
    pub(crate) fn find(
        documents: &'d Documents<'_>,
        wrapped: &[Wrapped<'_>],
        nested: &nested::Found<'d>,
    ) -> ClusterConfig<'d> {
        let mut config = ClusterConfig::default();
        for (resource, wrapped) in documents.resources.iter().zip(wrapped) {
            let Some(tree) = documents.tree(resource.document) else { continue };
            let object = ConfigObject::of(resource, tree);
            if tree.is_flag_file() {
                flag_files::read(&mut config, &object);
                continue;
            }
            for one in &wrapped.not_understood {
                config.add_not_understood(object.clone(), one.clone());
            }
            if calico::has_ipam_annotations(&object) {
                config.note(object.clone(), ObjectKind::IpamAnnotations);
            }
            config.read(object, |spec, version| spec.is(&resource.kind, version));
        }
        for (resource, one) in &nested.not_understood {
            if let Some(tree) = documents.tree(resource.document) {
                config.add_not_understood(ConfigObject::of(resource, tree), one.clone());
            }
        }
        config
    }

    /// The titles of its objects, each once.
    #[must_use]
    pub(crate) fn titles(&self) -> Vec<String> {
        let mut known = BTreeSet::new();
        let titles = self.objects.iter().map(|object| object.resource.title());
        titles.filter(|title| known.insert(title.clone())).collect()
    }

    /// Whether a file of kubespray turns IPv6 on; `None` if there is no file of kubespray.
    pub(crate) fn kubespray_has_ipv6(&self) -> Option<bool> {
        let mut kubespray =
            self.objects.iter().filter(|object| object.kind == ObjectKind::Kubespray).peekable();
        kubespray.peek()?;
        Some(kubespray.any(installer_keys::turns_ipv6_on))
    }

    /// The IP families of the CIDRs and node addresses that it states, each with the kind of its field.
    pub(crate) fn stated_families(&self) -> Vec<(FieldKind, Family)> {
        let kinds = [
            FieldKind::ServiceRange,
            FieldKind::PodRange,
            FieldKind::ProxyRange,
            FieldKind::Pool,
            FieldKind::MachineRange,
            FieldKind::NodeIp,
        ];
        let has_effect = |object: &ConfigObject<'_>, field: &Field| {
            field.family.is_none_or(|family| !leaves_out(object, family))
        };
        let fields = self.fields_of(&kinds).filter(|(object, field)| has_effect(object, field));
        let parts = fields.flat_map(|(_, field)| field.text.split(',').map(|text| (field.kind, text.trim())));
        let family = |(kind, text): (FieldKind, &str)| {
            let of_net = text.parse().ok().map(family);
            // A wildcard is not an address of a node.
            let address = || text.parse::<IpAddr>().ok().filter(|address| !address.is_unspecified());
            Some((kind, of_net.or_else(|| address().map(family_of))?))
        };
        // kops has no other setting for the pod CIDR of an IPv6 cluster.
        let is_ipv6 = |object: &ConfigObject<'_>| object.text(&["spec", "nonMasqueradeCIDR"]) == Some("::/0");
        let kops = self.objects_of(ObjectKind::Kops).filter(|(_, object)| is_ipv6(object));
        let kops = kops.map(|_| (FieldKind::PodRange, Family::Ipv6));
        parts.filter_map(family).chain(kops).collect()
    }

    /// The fields of these kinds, each with its object.
    pub(crate) fn fields_of<'a>(
        &'a self,
        kind: &'a [FieldKind],
    ) -> impl Iterator<Item = (&'a ConfigObject<'d>, &'a Field)> + 'a {
        self.fields.iter().filter(|f| kind.contains(&f.kind)).map(|f| (&self.objects[f.object], f))
    }

    /// The fields of the object with this index.
    pub(crate) fn fields_of_object(&self, object: usize) -> impl Iterator<Item = &Field> {
        let by_object = self.by_object.get_or_init(|| {
            let mut by_object: Vec<usize> = (0..self.fields.len()).collect();
            by_object.sort_by_key(|i| self.fields[*i].object);
            by_object
        });
        let first = by_object.partition_point(|i| self.fields[*i].object < object);
        let own = by_object[first..].iter().map(|i| &self.fields[*i]);
        own.take_while(move |field| field.object == object)
    }

    /// Whether a node of the object with this index is a field.
    #[must_use]
    pub(crate) fn is_field(&self, object: usize, node: NodeId) -> bool {
        let by_node = self.by_node.get_or_init(|| {
            let mut by_node: Vec<_> = self.fields.iter().map(|field| (field.object, field.node)).collect();
            by_node.sort_unstable();
            by_node
        });
        by_node.binary_search(&(object, node)).is_ok()
    }

    /// The objects of this kind.
    pub(crate) fn objects_of(&self, kind: ObjectKind) -> impl Iterator<Item = (usize, &ConfigObject<'d>)> {
        self.objects.iter().enumerate().filter(move |(_, object)| object.kind == kind)
    }

    /// The flags of a component, each with its object.
    pub(crate) fn flags_of(&self, component: Component) -> impl Iterator<Item = (&ConfigObject<'d>, &Flags)> {
        self.flags.iter().filter(move |f| f.component == component).map(|f| (&self.objects[f.object], f))
    }

    fn add(&mut self, mut object: ConfigObject<'d>, kind: ObjectKind) -> usize {
        object.kind = kind;
        let release = releases::release(&object, kind);
        self.objects.push(object);
        self.note_release(release);
        self.objects.len() - 1
    }

    /// Adds an object whose fields rules read themselves.
    pub(super) fn note(&mut self, object: ConfigObject<'d>, kind: ObjectKind) {
        self.add(object, kind);
    }

    /// Reads an object as the first kind that it is.
    fn read(&mut self, object: ConfigObject<'d>, is: impl Fn(&KindSpec, &str) -> bool) {
        let version = api_version(object.tree(), object.root).unwrap_or_default();
        let readers = KINDS.iter().filter(|spec| is(spec, version)).filter_map(|spec| spec.fields);
        if let Some(read) = { readers }.next() {
            read(self, object);
        }
    }

    /// Reads a document of kubeadm, kubelet or kube-proxy in a text of a ConfigMap.
    fn read_inside(&mut self, object: ConfigObject<'d>) {
        let kind = object.text(&["kind"]).unwrap_or_default().to_owned();
        self.read(object, |spec, version| !spec.groups.is_empty() && spec.is(&kind, version));
    }

    fn add_not_understood(&mut self, object: ConfigObject<'d>, one: NotUnderstood) {
        let index = self.add(object, ObjectKind::Wrapper);
        self.not_understood.push((index, one));
    }

    /// The scalar at `keys` below the root of an object as a field.
    fn field(&mut self, object: usize, keys: &[&str], kind: FieldKind) {
        let found = &self.objects[object];
        let Some(node) = found.tree().at(found.root, keys) else { return };
        self.field_at(object, node, keys.join("."), kind);
    }

    fn field_at(&mut self, object: usize, node: NodeId, name: String, kind: FieldKind) {
        let Some(text) = self.objects[object].tree().scalar(node).map(str::to_owned) else {
            self.unreadable.push(UnreadableValue { object, node, name, error: None });
            return;
        };
        if !text.is_empty() {
            self.fields.push(Field::new(object, node, kind, name, text));
        }
    }

    /// The list at `keys` as one field.
    fn list(&mut self, object: usize, keys: &[&str], kind: FieldKind, items: Items) {
        let found = &self.objects[object];
        let Some(list) = found.tree().at(found.root, keys) else { return };
        let tree = found.tree();
        let text = |item| match items {
            Items::Text => tree.scalar(item),
            Items::Cidr => tree.scalar(tree.get(item, "cidr")?),
        };
        let texts: Option<Vec<&str>> = tree.items(list).map(text).collect();
        let name = keys.join(".");
        match texts.filter(|_| tree.kind(list) == Kind::Sequence).map(|texts| texts.join(",")) {
            Some(text) if text.is_empty() => {}
            Some(text) => {
                let field = Field::new(object, list, kind, name, text);
                self.fields.push(Field { items: Some(items), ..field });
            }
            None => self.unreadable.push(UnreadableValue { object, node: list, name, error: None }),
        }
    }

    /// The items of the list at `keys` as fields.
    fn items(&mut self, object: usize, keys: &[&str], kind: FieldKind) {
        let found = &self.objects[object];
        let Some(list) = found.tree().at(found.root, keys) else { return };
        // A missing value or `null` is not a list, and is valid.
        let is_list = found.tree().kind(list) == Kind::Sequence;
        if !is_list && !found.tree().is_null(list) {
            self.unreadable.push(UnreadableValue { object, node: list, name: keys.join("."), error: None });
        }
        let items: Vec<NodeId> = found.tree().items(list).collect();
        for item in items {
            self.field_at(object, item, keys.join("."), kind);
        }
    }

    /// The addresses of hosts, in the items of the list at `keys`.
    fn hosts_at(&mut self, object: usize, keys: &[&str], paths: &[&[&str]]) {
        let found = &self.objects[object];
        if let Some(list) = found.tree().at(found.root, keys) {
            self.hosts(object, list, paths);
        }
    }

    /// The addresses of hosts, at these paths of the items of a list. A prefix length is that of the host's interface.
    fn hosts(&mut self, object: usize, list: NodeId, paths: &[&[&str]]) {
        let tree = self.objects[object].tree();
        let mut fields = Vec::new();
        for (item, path) in tree.items(list).flat_map(|item| paths.iter().map(move |path| (item, path))) {
            let Some(value) = tree.at(item, path) else { continue };
            let nodes = tree.items(value).chain([value]);
            fields.extend(nodes.filter_map(|node| host(tree, object, node, path)));
        }
        self.fields.extend(fields);
    }

    /// The address of a host at `keys`.
    fn host_at(&mut self, object: usize, keys: &[&str]) {
        let found = &self.objects[object];
        let node = found.tree().at(found.root, keys);
        let field = node.and_then(|node| host(found.tree(), object, node, keys));
        self.fields.extend(field);
    }

    /// Notes the release of Kubernetes that the object shows which was added last.
    fn note_release(&mut self, version: Option<Version>) {
        let object = self.objects.len().saturating_sub(1);
        self.kubernetes = self.kubernetes.or(version.map(|version| (version, object)));
    }
}

/// A scalar with the address of a host.
fn host(tree: &crate::yaml::Tree<'_>, object: usize, node: NodeId, path: &[&str]) -> Option<Field> {
    let address = tree.scalar(node)?.split('/').next()?;
    address.parse::<IpAddr>().ok()?;
    Some(Field::new(object, node, FieldKind::HostAddress, path.join("."), address.to_owned()))
}

/// The DaemonSet of kube-proxy, or of NodeLocal DNSCache.
pub(super) fn read_daemon_set<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    if let Some(container) = object.container("kube-proxy") {
        kube_proxy::read_daemon_set(config, object, container);
    } else if let Some(container) = object.container("k8s-dns-node-cache") {
        dns::read_node_cache(config, object, container);
    }
}
