//! The facts of a source, each with its line.

use crate::model::calico_node::CalicoNode;
use crate::model::coverage::{Coverage, coverage};
use crate::model::facts::{Facts, Ipam, Variant};
use crate::model::fields::{ClusterConfig, Field};
use crate::model::install::CalicoInstall;
use crate::model::nested::{self, Nested};
use crate::model::pool::PoolField;
use crate::model::{Content, Documents, InputError, Model};
use crate::source::{LineIndex, Source};
use crate::target::{Backend, Target};
use crate::yaml::NodeId;

/// The contents of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The installations, with their facts.
    pub installs: Vec<InstallFacts>,
    /// The objects of the Kubernetes layer.
    pub components: Vec<String>,
    /// Their addresses and ranges.
    pub fields: Vec<FieldRow>,
    /// The number of documents, without empty ones.
    pub documents: usize,
    /// How each document is handled.
    pub coverage: Vec<Coverage>,
}

/// The facts of one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallFacts {
    /// Its main object.
    pub title: String,
    /// The facts.
    pub facts: Facts,
    /// The facts as text.
    pub rows: Vec<Row>,
}

/// A fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// The line it was read from, from 1; `None` if it is a default or derived.
    pub line: Option<usize>,
}

/// A field with addresses or ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRow {
    /// The name of the object: one of the components.
    pub component: String,
    /// The field: `--service-cluster-ip-range`, `networking.podSubnet`.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Its line, from 1.
    pub line: usize,
}

/// Reads the contents of the files of a cluster. The result of a file that cannot be read is its error.
#[must_use]
pub fn inspect(sources: &[Source<'_>], target: &Target) -> Vec<Result<Inspection, InputError>> {
    let read: Vec<Result<Documents<'_>, InputError>> =
        sources.iter().map(|source| Documents::read(*source)).collect();
    let documents: Vec<&Documents<'_>> = read.iter().flatten().collect();
    let mut inspected = inspect_documents(&documents, target).into_iter();
    read.iter()
        .filter_map(|read| match read {
            Ok(_) => inspected.next().map(Ok),
            Err(error) => Some(Err(error.clone())),
        })
        .collect()
}

/// Reads the contents of files and of the manifests in their strings.
fn inspect_documents(files: &[&Documents<'_>], target: &Target) -> Vec<Inspection> {
    let texts: Vec<Vec<Nested>> = files.iter().map(|file| nested::find(file).texts).collect();
    let mut owners: Vec<(usize, &Nested)> = Vec::new();
    let mut inside: Vec<Documents<'_>> = Vec::new();
    for (file, nested) in texts.iter().enumerate().flat_map(|(i, texts)| texts.iter().map(move |n| (i, n))) {
        if let Some(documents) = nested.documents(files[file].source.name) {
            owners.push((file, nested));
            inside.push(documents);
        }
    }
    let all: Vec<&Documents<'_>> = files.iter().copied().chain(&inside).collect();
    let model = Model::read(&all);
    let mut inspected: Vec<Inspection> =
        (0..all.len()).map(|index| inspect_file(&model, index, target)).collect();
    let inner = inspected.split_off(files.len().min(inspected.len()));
    for ((file, nested), inner) in owners.into_iter().zip(inner) {
        let own = &mut inspected[file];
        let line = |line: usize| nested.origin.line_in_file(line);
        let title = |title: &str| format!("{}: {title}", nested.title);
        own.installs.extend(inner.installs.into_iter().map(|mut install| {
            install.title = title(&install.title);
            install.rows.iter_mut().for_each(|row| row.line = row.line.map(line));
            install
        }));
        own.components.extend(inner.components.iter().map(|component| title(component)));
        own.fields.extend(inner.fields.into_iter().map(|field| FieldRow {
            component: title(&field.component),
            line: line(field.line),
            ..field
        }));
        own.coverage.extend(inner.coverage.into_iter().map(|coverage| nested.in_file(coverage)));
    }
    inspected
}

fn inspect_file(model: &Model<'_>, index: usize, target: &Target) -> Inspection {
    let (file, facts) = (&model.files[index], model.facts_of(index));
    let documents = file.documents;
    let lines = documents.lines();
    let install = |install: &CalicoInstall<'_>| read(install, &lines);
    let installs = CalicoInstall::of_file(file, target, &facts).iter().map(install).collect();
    Inspection {
        installs,
        components: file.objects.titles(),
        fields: fields(&file.objects, &lines),
        documents: documents.documents.iter().filter(|d| !matches!(d.content, Content::Empty)).count(),
        coverage: coverage(file),
    }
}

fn fields(config: &ClusterConfig<'_>, lines: &LineIndex<'_>) -> Vec<FieldRow> {
    let row = |field: &Field| {
        let object = &config.objects[field.object];
        FieldRow {
            component: object.resource.title(),
            name: field.name.clone(),
            value: field.text.clone(),
            line: lines.line(object.start(field.node)),
        }
    };
    config.fields.iter().map(row).collect()
}

fn read(install: &CalicoInstall<'_>, lines: &LineIndex<'_>) -> InstallFacts {
    let mut rows = Vec::new();
    let mut row = |name, value: String, at: Option<usize>| {
        rows.push(Row { name, value, line: at.map(|offset| lines.line(offset)) });
    };
    let facts = &install.facts;
    row("variant", facts.variant.to_string(), None);
    let version_at = install.node.as_ref().and_then(|n| Some(n.tree.range(n.calico_version()?.1).start));
    row("Calico", facts.calico.map_or("unknown".to_owned(), |v| v.to_string()), version_at);
    if facts.variant == Variant::Operator {
        row("operator", facts.operator.map_or("unknown".to_owned(), |v| v.to_string()), None);
    }
    let stack = facts.stack.map_or("unknown".to_owned(), |s| s.to_string());
    let stack_at = install.config.as_ref().and_then(|c| {
        let cni = c.cni.as_ref()?;
        let range = cni.tree()?.range(cni.ipam?);
        Some(cni.json.as_ref().ok()?.offset_in_source(range.start))
    });
    row("stack", stack, stack_at);
    if let Some(node) = &install.node {
        row("datastore", if facts.has_etcd_datastore { "etcd" } else { "Kubernetes" }.to_owned(), None);
        let backend = match facts.backend {
            Backend::Bird => "bird (BGP)",
            Backend::Vxlan => "vxlan",
            Backend::None => "none",
        };
        let at = install.config.as_ref().and_then(|c| c.value("calico_backend")).map(|(n, _)| n);
        let at = at.zip(install.config.as_ref()).map(|(n, c)| c.tree.range(n).start);
        row("backend", backend.to_owned(), at);
        row("dataplane", if facts.is_bpf { "eBPF" } else { "iptables or nftables" }.to_owned(), None);
        let ipam = match facts.ipam {
            Ipam::Calico => "calico-ipam",
            Ipam::HostLocal => "host-local",
            Ipam::Unknown => "unknown",
        };
        row("IPAM", ipam.to_owned(), stack_at);
        if let Some(mtu) = facts.mtu {
            let at = install.config.as_ref().and_then(|c| Some(c.tree.range(c.value("veth_mtu")?.0).start));
            row("MTU", format!("{mtu} bytes"), at);
        }
        for name in VARIABLES {
            if let Some(var) = node.env.get(name) {
                let value =
                    node.env.text(name).map_or("from elsewhere (valueFrom)".to_owned(), str::to_owned);
                row(name, value, Some(node.tree.range(var.item).start));
            }
        }
    }
    if let Some(installation) = &install.installation {
        let dataplane = installation.network_field("linuxDataplane").unwrap_or("Iptables");
        row("dataplane", dataplane.to_owned(), None);
        for pool in &installation.pools {
            let at = |node: NodeId| installation.object.start(node);
            let text = |field: &Option<PoolField>| {
                field.as_ref().map_or_else(|| "default".to_owned(), |field| field.text.clone())
            };
            let cidr = pool.cidr.as_ref().map_or("no cidr", |field| field.text.as_str());
            let (encapsulation, nat) = (text(&pool.encapsulation), text(&pool.nat_outgoing));
            let value = format!("{cidr}, encapsulation {encapsulation}, NAT {nat}");
            row("IP pool", value, Some(at(pool.node)));
        }
        if installation.pools.is_empty() {
            row("IP pool", "none listed; the operator uses the pod CIDR of the platform".to_owned(), None);
        }
    }
    let title = install.node.as_ref().map_or_else(|| install.title(), CalicoNode::title);
    InstallFacts { title, facts: facts.clone(), rows }
}

const VARIABLES: [&str; 14] = [
    "IP",
    "IP_AUTODETECTION_METHOD",
    "IP6",
    "IP6_AUTODETECTION_METHOD",
    "FELIX_IPV6SUPPORT",
    "CALICO_ROUTER_ID",
    "CALICO_IPV4POOL_CIDR",
    "CALICO_IPV4POOL_IPIP",
    "CALICO_IPV4POOL_VXLAN",
    "CALICO_IPV6POOL_CIDR",
    "CALICO_IPV6POOL_VXLAN",
    "CALICO_IPV6POOL_NAT_OUTGOING",
    "CALICO_IPV6POOL_BLOCK_SIZE",
    "NO_DEFAULT_POOLS",
];
