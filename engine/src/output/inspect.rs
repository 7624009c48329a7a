//! What was read of a source, each fact with the line it stands on.

use crate::model::calico_node::CalicoNode;
use crate::model::coverage::{Coverage, coverage};
use crate::model::facts::{Facts, Ipam, Variant};
use crate::model::fields::Field;
use crate::model::{Content, Documents, FileModel, InputError, Model};
use crate::rules::{Before, InstallContext, LintContext};
use crate::source::{Source, position};
use crate::target::{Backend, Target};
use crate::yaml::NodeId;

/// What a source holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The installations, with their facts.
    pub installs: Vec<InstallFacts>,
    /// The objects below Calico.
    pub components: Vec<String>,
    /// What they say of addresses and ranges.
    pub fields: Vec<FieldRow>,
    /// How many documents there are, without empty ones.
    pub documents: usize,
    /// How much of the file is understood, document by document.
    pub coverage: Vec<Coverage>,
}

/// The facts of one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallFacts {
    /// Its main object.
    pub title: String,
    /// What is known.
    pub facts: Facts,
    /// The facts for people.
    pub rows: Vec<Row>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub name: &'static str,
    /// What is so.
    pub value: String,
    /// The line it was read from, from 1; none where it is a default or follows from others.
    pub line: Option<usize>,
}

/// A field of an object that says addresses or ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRow {
    /// How people name the object: one of the components.
    pub component: String,
    /// The field: `--service-cluster-ip-range`, `networking.podSubnet`.
    pub name: String,
    /// What it says.
    pub value: String,
    /// Its line, from 1.
    pub line: usize,
}

/// Reads what the files of a cluster contain. A file that cannot be read has its error in its own place.
#[must_use]
pub fn inspect(sources: &[Source<'_>], target: &Target) -> Vec<Result<Inspection, InputError>> {
    let read: Vec<Result<Documents<'_>, InputError>> =
        sources.iter().map(|source| Documents::read(*source)).collect();
    let documents: Vec<&Documents<'_>> = read.iter().flatten().collect();
    let model = Model::read(&documents);
    let mut inspected = model.files.iter().map(|file| inspect_file(&model, file, target));
    read.iter()
        .filter_map(|read| match read {
            Ok(_) => inspected.next().map(Ok),
            Err(error) => Some(Err(error.clone())),
        })
        .collect()
}

fn inspect_file(model: &Model<'_>, file: &FileModel<'_>, target: &Target) -> Inspection {
    let facts = model.facts_of(file);
    let contexts = InstallContext::of_file(file, target, &facts);
    let installs = contexts.iter().map(read).collect();
    let documents = file.documents;
    let cluster = LintContext::read(file, target, &facts.cluster, Before::of(&facts.cluster));
    Inspection {
        installs,
        components: cluster.as_ref().map(LintContext::titles).unwrap_or_default(),
        fields: cluster.as_ref().map(fields).unwrap_or_default(),
        documents: documents.documents.iter().filter(|d| !matches!(d.content, Content::Empty)).count(),
        coverage: coverage(file),
    }
}

fn fields(cx: &LintContext<'_>) -> Vec<FieldRow> {
    let row = |field: &Field| {
        let object = &cx.config.objects[field.object];
        FieldRow {
            component: object.resource.title(),
            name: field.name.clone(),
            value: field.text.clone(),
            line: position(cx.source.text, object.range(field.node).start).line,
        }
    };
    cx.config.fields.iter().map(row).collect()
}

fn read(cx: &InstallContext<'_>) -> InstallFacts {
    let text = cx.documents.source.text;
    let mut rows = Vec::new();
    let mut row = |name, value: String, at: Option<usize>| {
        rows.push(Row { name, value, line: at.map(|offset| position(text, offset).line) });
    };
    let facts = &cx.facts;
    row("variant", facts.variant.to_string(), None);
    let version_at = cx.node.as_ref().and_then(|n| Some(n.tree.range(n.calico_version()?.1).start));
    row("Calico", facts.calico.map_or("unknown".to_owned(), |v| v.to_string()), version_at);
    if facts.variant == Variant::Operator {
        row("operator", facts.operator.map_or("unknown".to_owned(), |v| v.to_string()), None);
    }
    let stack = facts.stack.map_or("not told".to_owned(), |s| s.to_string());
    let stack_at = cx.config.as_ref().and_then(|c| {
        let cni = c.cni.as_ref()?;
        let range = cni.tree()?.range(cni.ipam?);
        Some(cni.json.as_ref().ok()?.offset_in_source(range.start))
    });
    row("stack", stack, stack_at);
    if let Some(node) = &cx.node {
        row("datastore", if facts.has_etcd_datastore { "etcd" } else { "Kubernetes" }.to_owned(), None);
        let backend = match facts.backend {
            Backend::Bird => "bird (BGP)",
            Backend::Vxlan => "vxlan",
            Backend::None => "none",
        };
        let at = cx.config.as_ref().and_then(|c| c.value("calico_backend")).map(|(n, _)| n);
        let at = at.zip(cx.config.as_ref()).map(|(n, c)| c.tree.range(n).start);
        row("backend", backend.to_owned(), at);
        row("dataplane", if facts.is_bpf { "eBPF" } else { "iptables or nftables" }.to_owned(), None);
        let ipam = match facts.ipam {
            Ipam::Calico => "calico-ipam",
            Ipam::HostLocal => "host-local",
            Ipam::Unknown => "not told",
        };
        row("IPAM", ipam.to_owned(), stack_at);
        if let Some(mtu) = facts.mtu {
            let at = cx.config.as_ref().and_then(|c| Some(c.tree.range(c.value("veth_mtu")?.0).start));
            row("MTU", format!("{mtu} bytes"), at);
        }
        for name in VARIABLES {
            if let Some(var) = node.env.get(name) {
                let value = node.env.text(name).map_or("set elsewhere".to_owned(), str::to_owned);
                row(name, value, Some(node.tree.range(var.item).start));
            }
        }
    }
    if let Some(installation) = &cx.installation {
        let dataplane = installation.network_field("linuxDataplane").unwrap_or("Iptables");
        row("dataplane", dataplane.to_owned(), None);
        for pool in &installation.pools {
            let at = |node: NodeId| installation.object.range(node).start;
            let field = |key| installation.pool_field(pool, key).map_or("default", |(_, text)| text);
            let cidr = pool.cidr.as_ref().map_or("no cidr", |(_, text)| text);
            let value =
                format!("{cidr}, encapsulation {}, NAT {}", field("encapsulation"), field("natOutgoing"));
            row("IP pool", value, Some(at(pool.node)));
        }
        if installation.pools.is_empty() {
            row("IP pool", "none listed: the platform's pod network".to_owned(), None);
        }
    }
    let title = cx.node.as_ref().map_or_else(|| cx.title(), CalicoNode::title);
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
