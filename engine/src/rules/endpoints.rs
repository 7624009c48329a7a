//! The settings with which Calico finds the API server and etcd.

use super::{Change, ChangeDescription, Context, Diagnostic, Diagnostics, Effect, Fix, Metadata, ObjectKey};
use crate::host::{Form, addresses, map};
use crate::model::Resource;
use crate::model::calico_config::CalicoConfig;
use crate::model::fields::{ConfigObject, ObjectKind};
use crate::model::installation::Origin;
use crate::yaml::verify::Planned;
use crate::yaml::write::{Op, Value};
use crate::yaml::{NodeId, Tree};
use std::net::IpAddr;

/// A setting with the address of a server.
pub(super) struct Endpoint<'c> {
    /// Its name: `KUBERNETES_SERVICE_HOST`.
    pub(super) name: &'static str,
    /// Its value.
    pub(super) text: &'c str,
    resource: &'c Resource,
    tree: &'c Tree<'c>,
    node: NodeId,
    /// The object of the node if it may be in a text of the resource.
    object: Option<&'c ConfigObject<'c>>,
}

impl Endpoint<'_> {
    /// The name of its object: `ConfigMap kubernetes-services-endpoint`.
    pub(super) fn title(&self) -> String {
        self.resource.title()
    }

    /// A diagnostic at its value.
    pub(super) fn at(&self, meta: &'static Metadata) -> Diagnostic {
        let diagnostic = Diagnostic::new(meta, self.tree, self.node).label(self.name);
        match self.object {
            Some(object) => diagnostic.at(object.range(self.node)).path(object.path(self.node)),
            None => diagnostic,
        }
    }

    /// The fix that gives it another value.
    pub(super) fn set(&self, to: &str, why: &str) -> Fix {
        let description = ChangeDescription::new(self.title(), self.name, Some(self.text), Some(to), why);
        let op = Op::Set(Value::string(to));
        Fix::new(vec![Change {
            document: self.resource.document,
            planned: match self.object {
                Some(object) => object.planned(self.node, op),
                None => Planned { node: self.node, inner: None, op },
            },
            description: Some(description),
            object: Some(self.object.map_or_else(|| ObjectKey::of(self.resource, None), ConfigObject::key)),
            field: None,
            effect: Effect::RollOutCalicoNode,
        }])
    }

    /// Its first IPv4 address, loopback apart, and the value in which each of them is replaced; `None` for that if one has no
    /// counterpart.
    pub(super) fn without_ipv4(&self, cx: &Context<'_>, form: Form) -> Option<(String, Option<String>)> {
        let is_ipv4 = |address: &IpAddr| address.is_ipv4() && !address.is_loopback();
        let ipv4: Vec<_> = addresses(self.text, form).into_iter().filter(is_ipv4).collect();
        let first = ipv4.first()?.to_string();
        let is_known = ipv4.iter().all(|address| cx.address_map.of(*address).is_some());
        let other = map(self.text, form, |address| cx.address_map.of(address).unwrap_or(address));
        Some((first, is_known.then_some(other)))
    }
}

/// Reports endpoints that IPv6-only nodes cannot reach. `server` is what they lead to, and `verb` says how they have an address.
pub(super) fn report_ipv4(
    cx: &Context<'_>,
    endpoints: &[Endpoint<'_>],
    (server, verb, form): (&str, &str, Form),
    meta: &'static Metadata,
    diagnostics: &mut Diagnostics,
) {
    for endpoint in endpoints.iter().filter(|_| cx.nodes_lack_ipv4()) {
        // A name cannot be judged.
        let Some((address, other)) = endpoint.without_ipv4(cx, form) else { continue };
        let message = format!("{} of {} {verb} {address}", endpoint.name, endpoint.title());
        let diagnostic = endpoint.at(meta).message(message);
        diagnostics.push(match other {
            Some(other) => {
                diagnostic.fix(endpoint.set(&other, &format!("IPv6-only nodes reach {server} there")))
            }
            None => diagnostic,
        });
    }
}

/// The addresses at which Calico reaches the API server, where they are set: in the ConfigMap that the operator and the
/// manifests read, in `calico-config`, and in the environment of calico-node's pods.
pub(super) fn api_servers<'c>(cx: &Context<'c>) -> Vec<Endpoint<'c>> {
    const NAME: &str = "KUBERNETES_SERVICE_HOST";
    let mut found = of_objects(cx, &["data", NAME], NAME);
    found.extend(of_config(cx, "kubernetes_service_host"));
    found.extend(of_environment(cx, NAME));
    // Values of the chart, from which it writes the ConfigMap.
    for (_, installation) in cx.installations().filter(|(_, one)| one.origin != Origin::Object) {
        let path = ["kubernetesServiceEndpoint", "host"];
        found.extend(of_object(
            &installation.object,
            installation.root,
            &path,
            "kubernetesServiceEndpoint.host",
        ));
    }
    found
}

/// The endpoints of etcd, if that is Calico's datastore.
pub(super) fn etcd_servers<'c>(cx: &Context<'c>) -> Vec<Endpoint<'c>> {
    const NAME: &str = "etcd_endpoints";
    let mut found = of_config(cx, NAME);
    found.extend(of_environment(cx, "ETCD_ENDPOINTS"));
    // A ConfigMap without the CNI configuration, as a patch has it.
    let is_read = |one: &Endpoint<'_>| {
        let mut configs = cx.installs.iter().filter_map(|install| install.config.as_ref());
        configs.any(|config| core::ptr::eq(config.resource, one.resource))
    };
    found.extend(of_objects(cx, &["data", NAME], NAME).into_iter().filter(|one| !is_read(one)));
    found
}

/// The endpoints at a path of the ConfigMaps that have nothing but these.
fn of_objects<'c>(cx: &Context<'c>, path: &[&str], name: &'static str) -> Vec<Endpoint<'c>> {
    let objects = cx.config.objects_of(ObjectKind::ServicesEndpoint);
    objects.filter_map(|(_, object)| of_object(object, object.root, path, name)).collect()
}

fn of_object<'c>(
    object: &'c ConfigObject<'c>,
    from: NodeId,
    path: &[&str],
    name: &'static str,
) -> Option<Endpoint<'c>> {
    let tree = object.tree();
    let node = tree.at(from, path)?;
    Some(Endpoint {
        name,
        text: tree.scalar(node)?,
        resource: object.resource,
        tree,
        node,
        object: Some(object),
    })
}

fn of_config<'c>(cx: &Context<'c>, name: &'static str) -> Vec<Endpoint<'c>> {
    let configs = cx.installs.iter().filter_map(|install| install.config.as_ref());
    let endpoint = |config: &'c CalicoConfig<'c, 'c>| {
        let (node, text) = config.value(name)?;
        Some(Endpoint { name, text, resource: config.resource, tree: config.tree, node, object: None })
    };
    configs.filter_map(endpoint).collect()
}

fn of_environment<'c>(cx: &Context<'c>, name: &'static str) -> Vec<Endpoint<'c>> {
    let mut found = Vec::new();
    for (_, daemon_set) in cx.nodes() {
        let (resource, tree) = (daemon_set.resource, daemon_set.tree);
        let literals = daemon_set.literals_of(name).into_iter();
        found.extend(literals.map(|(node, text)| Endpoint {
            name,
            text,
            resource,
            tree,
            node,
            object: None,
        }));
    }
    found
}
