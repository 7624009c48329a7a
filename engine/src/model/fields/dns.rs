//! Cluster DNS: the Service `kube-dns`, the Corefile of CoreDNS, its cache on each node, the Deployment of kube-dns.

use super::{ClusterConfig, Component, ConfigObject, Field, FieldKind, ObjectKind};
use crate::host::Form;
use crate::yaml::NodeId;

/// The Service of cluster DNS, recognized by the label that CoreDNS and kube-dns share.
pub(in crate::model) fn read_service<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let label = |path: &[&str]| object.text(path) == Some("kube-dns");
    let is_dns = label(&["metadata", "labels", "k8s-app"])
        || label(&["spec", "selector", "k8s-app"])
        || object.resource.name == "kube-dns";
    let is_system = !matches!(object.text(&["metadata", "namespace"]), Some(other) if other != "kube-system");
    if !is_dns || !is_system {
        return read_user_service(config, object);
    }
    let index = config.add(object, ObjectKind::DnsService);
    config.field(index, &["spec", "clusterIP"], FieldKind::DnsService);
    config.items(index, &["spec", "clusterIPs"], FieldKind::DnsService);
}

/// A Service of an application. The Services of Kubernetes, Calico and OpenShift are managed by their owners.
fn read_user_service<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    const OTHERS: [&str; 4] = ["kube-", "calico-", "tigera-", "openshift-"];
    let namespace = object.text(&["metadata", "namespace"]).unwrap_or_default();
    let group = object.text(&["apiVersion"]).unwrap_or("v1");
    if group == "v1" && !OTHERS.iter().any(|start| namespace.starts_with(start)) {
        config.add(object, ObjectKind::Service);
    }
}

/// Values of the Helm chart coredns: the chart creates the Service of cluster DNS from them.
pub(in crate::model) fn read_chart_values<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    let index = config.add(object, ObjectKind::DnsService);
    config.field(index, &["service", "clusterIP"], FieldKind::DnsService);
    config.items(index, &["service", "clusterIPs"], FieldKind::DnsService);
}

/// The Corefile in a ConfigMap of CoreDNS or of its cache on each node.
pub(in crate::model) fn read_corefile<'d>(config: &mut ClusterConfig<'d>, object: &ConfigObject<'d>) {
    let is_system = !matches!(object.text(&["metadata", "namespace"]), Some(other) if other != "kube-system");
    if !is_system {
        return;
    }
    if object.text(&["data", "upstreamNameservers"]).is_some() && object.resource.name == "kube-dns" {
        config.add(object.clone(), ObjectKind::KubeDns);
    }
    if object.resource.kind != "ConfigMap" {
        return;
    }
    // Parts of the Corefile, as k3s and Azure import them: lines of the block of all names, or blocks of servers.
    let is_part = |name: &&str| {
        object.resource.name == "coredns-custom" && (name.ends_with(".override") || name.ends_with(".server"))
    };
    let tree = object.tree();
    let entries = tree.get(object.root, "data").into_iter().flat_map(|data| tree.entries(data));
    let names: Vec<&str> = entries.filter_map(|(key, _)| tree.scalar(key)).collect();
    for name in names.into_iter().filter(|name| *name == "Corefile" || is_part(name)) {
        if let Some(Ok(inside)) = object.inside(name)
            && inside.tree().is_flag_file()
        {
            read_lines(config, inside);
        }
    }
}

fn read_lines<'d>(config: &mut ClusterConfig<'d>, inside: ConfigObject<'d>) {
    let index = config.add(inside, ObjectKind::Corefile);
    let tree = config.objects[index].tree();
    let mut found = Vec::new();
    for (key, list) in tree.entries(config.objects[index].root) {
        let name = tree.scalar(key).unwrap_or_default();
        let (skip, form) = match name {
            "bind" => (0, Form::Addresses),
            // The first word is the zone or range to forward.
            "forward" | "proxy" => (1, Form::HostPort),
            "health" | "prometheus" | "ready" => (0, Form::HostPort),
            _ => continue,
        };
        for word in tree.items(list).skip(skip) {
            let text = tree.scalar(word).unwrap_or_default();
            let form = if text.contains("://") { Form::Urls } else { form };
            if !crate::host::addresses(text, form).is_empty() {
                found.push((word, text.to_owned(), name.to_owned(), form));
            }
        }
    }
    for (node, text, name, form) in found {
        let field = Field::new(index, node, FieldKind::DnsServer, name, text);
        config.fields.push(Field { form: Some(form), ..field });
    }
}

/// NodeLocal DNSCache: the address on which it listens on every node.
pub(in crate::model) fn read_node_cache<'d>(
    config: &mut ClusterConfig<'d>,
    object: ConfigObject<'d>,
    container: NodeId,
) {
    let tree = object.tree();
    let lists: Vec<NodeId> = ["command", "args"].iter().filter_map(|key| tree.get(container, key)).collect();
    let host = tree.at(container, &["livenessProbe", "httpGet", "host"]);
    let index = config.add(object, ObjectKind::NodeCache);
    for list in lists {
        config.add_words(index, Component::NodeCache, list);
    }
    if let Some(host) = host {
        config.field_at(index, host, "probe host".to_owned(), FieldKind::DnsServer);
    }
}

/// kube-dns: recognized by the images of its containers.
pub(in crate::model) fn read_deployment<'d>(config: &mut ClusterConfig<'d>, object: ConfigObject<'d>) {
    if ["k8s-dns-kube-dns", "kubedns"].into_iter().any(|name| object.container(name).is_some()) {
        config.add(object, ObjectKind::KubeDns);
    }
}
