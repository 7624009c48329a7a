//! The shapes of an inspection.

use crate::VERSION;
use crate::input::TargetProblem;
use crate::transformation::{Coverage, Problem};
use serde::Serialize;

/// What is in all files of a cluster.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Inspection {
    /// The version of this shape: 1.
    pub version: u32,
    /// Whether every file was read.
    pub ok: bool,
    /// What is wrong with the target: nothing, because an inspection has none. For code that reads every result alike.
    pub problems: Vec<TargetProblem>,
    /// The files, in the order in which they were given.
    pub files: Vec<Inspected>,
}

impl From<Vec<Inspected>> for Inspection {
    fn from(files: Vec<Inspected>) -> Inspection {
        let ok = files.iter().all(|file| file.problem.is_none());
        Inspection { version: VERSION, ok, problems: Vec::new(), files }
    }
}

/// What is in one file.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Inspected {
    /// The name that was given.
    pub name: String,
    /// Why it could not be read; null where it was.
    pub problem: Option<Problem>,
    /// How many documents there are, without empty ones.
    pub documents: usize,
    /// How much of them is understood.
    pub coverage: Coverage,
    /// The objects below Calico: static pods, kubeadm's documents, kubelet, kube-proxy, cluster DNS.
    pub components: Vec<String>,
    /// What they say of addresses and ranges.
    pub fields: Vec<InspectedField>,
    /// The installations.
    pub installs: Vec<InspectedInstall>,
}

/// A field of an object that says addresses or ranges.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct InspectedField {
    /// The object: one of the components.
    pub component: String,
    /// The field: `--service-cluster-ip-range`, `networking.podSubnet`.
    pub name: String,
    /// What it says.
    pub value: String,
    /// Its line, from 1.
    pub line: usize,
}

/// What is known of one installation.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct InspectedInstall {
    /// How people name its main object: `DaemonSet calico-node`.
    pub title: String,
    /// What is known, for programs.
    pub facts: Facts,
    /// What is known, for people.
    pub rows: Vec<Fact>,
}

/// One fact, for people.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// What is so.
    pub value: String,
    /// The line it was read from, from 1; null where it is a default or follows from others.
    pub line: Option<usize>,
}

/// What is known of an installation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Facts {
    /// Which of Calico's manifests it is, in words.
    pub variant: String,
    /// The Calico release, such as `v3.31.7`; null where nothing tells it.
    pub calico: Option<String>,
    /// The operator's release; null where nothing tells it.
    pub operator: Option<String>,
    /// What pods get today: `IPv4-only`, `IPv6-only` or `dual-stack`; null where the files do not say.
    pub stack: Option<String>,
    /// What makes routes between nodes: `bird`, `vxlan` or `none`.
    #[cfg_attr(feature = "typescript", ts(type = "\"bird\" | \"vxlan\" | \"none\""))]
    pub backend: &'static str,
    /// Whether the dataplane is eBPF.
    pub ebpf: bool,
    /// The IPAM plugin: `calico-ipam` or `host-local`; null where it is another one, or not told.
    #[cfg_attr(feature = "typescript", ts(type = "\"calico-ipam\" | \"host-local\" | null"))]
    pub ipam: Option<&'static str>,
    /// Whether Calico keeps its state in an etcd of its own.
    pub etcd_datastore: bool,
    /// `veth_mtu` where it is fixed, in bytes.
    pub mtu: Option<u32>,
}
