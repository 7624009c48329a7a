//! The operator's `Installation`, and the charts around it.

use super::writer::{Sheet, sentence};
use super::{Kind, Wish};
use crate::address::Family;
use crate::model::facts::Shared;
use crate::model::{Documents, FileModel};
use crate::rules::{
    CROSS_SUBNET_NEEDS_IPV4, InstallContext, NO_IPV6_ENCAPSULATION, WHY_ENCAPSULATION, WHY_NAT,
    field_of_method, new_pool,
};
use crate::source::Source;
use crate::target::{Backend, Encapsulation, NatOutgoing, RangeOf, Target};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::write::{Value, block};
use ipnet::IpNet;

/// The CRDs in charts of their own (release notes of v3.32.0).
const CRDS_APART: Gate = Gate {
    component: Component::Calico,
    what: "the chart tigera-operator has no CRDs",
    windows: &[Window { from: Version::new(3, 32, 0), until: None }],
};

/// What comes before the chart.
fn crds(sheet: &mut Sheet, wish: &Wish<'_>) {
    if CRDS_APART.applies(wish.target.calico_version) != Some(false) {
        let how = "From Calico v3.32.0 on the CRDs come first: helm template calico-crds \
                   projectcalico/crd.projectcalico.org.v1 | kubectl apply --server-side -f -";
        sheet.comment(0, how);
    }
}

pub(super) const INSTALLATION: Kind = Kind {
    name: "installation",
    about: "Installation of tigera/operator, with a pool of each family",
    files: &["installation.yaml"],
    has_patches: false,
    make: |wish| Some(vec![("installation.yaml".to_owned(), installation(wish)?)]),
};

pub(super) const HELM_VALUES: Kind = Kind {
    name: "helm-values",
    about: "values of the Helm chart tigera-operator",
    files: &["values.yaml"],
    has_patches: false,
    make: |wish| {
        let mut sheet = Sheet::default();
        let why = "helm install calico projectcalico/tigera-operator --namespace tigera-operator --values \
                   values.yaml. Helm replaces lists as a whole: every pool stands here.";
        sheet.comment(0, why);
        crds(&mut sheet, wish);
        sheet.lines("installation:");
        sheet.lines(&network(wish, 2, false)?);
        Some(vec![("values.yaml".to_owned(), sheet.done())])
    },
};

pub(super) const HELM_CHART_CONFIG: Kind = Kind {
    name: "helmchartconfig",
    about: "HelmChartConfig rke2-calico of RKE2",
    files: &["rke2-calico-config.yaml"],
    has_patches: false,
    make: |wish| {
        let mut sheet = Sheet::default();
        let why = "/var/lib/rancher/rke2/server/manifests/rke2-calico-config.yaml on every server, before RKE2 starts \
                   for the first time. cluster-cidr and service-cidr of its config.yaml name the same families.";
        sheet.comment(0, why);
        sheet.lines("apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata:\n  name: rke2-calico");
        sheet.lines("  namespace: kube-system\nspec:\n  valuesContent: |-\n    installation:");
        sheet.lines(&network(wish, 6, true)?);
        Some(vec![("rke2-calico-config.yaml".to_owned(), sheet.done())])
    },
};

pub(super) const HELM_CHART: Kind = Kind {
    name: "helmchart",
    about: "HelmChart of tigera-operator, as k3s installs it",
    files: &["calico-helmchart.yaml"],
    has_patches: false,
    make: |wish| {
        let mut sheet = Sheet::default();
        let why = "/var/lib/rancher/k3s/server/manifests/calico-helmchart.yaml. k3s starts with --flannel-backend=none \
                   and --disable-network-policy; its cluster-cidr, service-cidr and node-ip name the same families.";
        sheet.comment(0, why);
        crds(&mut sheet, wish);
        sheet.lines("apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata:\n  name: tigera-operator");
        sheet.lines("  namespace: kube-system\nspec:\n  repo: https://docs.tigera.io/calico/charts");
        sheet.lines("  chart: tigera-operator");
        if let Some(version) = wish.target.calico_version {
            sheet.entry(2, "version", &version.to_string());
        }
        sheet.comment(2, "The nodes have no network before this chart is installed.");
        sheet.lines("  bootstrap: true\n  targetNamespace: tigera-operator\n  createNamespace: true");
        sheet.lines("  valuesContent: |-\n    installation:");
        sheet.lines(&network(wish, 6, false)?);
        Some(vec![("calico-helmchart.yaml".to_owned(), sheet.done())])
    },
};

/// An `Installation`.
pub(super) fn installation(wish: &mut Wish<'_>) -> Option<String> {
    let mut sheet = Sheet::default();
    sheet.comment(0, &format!("What tigera/operator installs of Calico: {}.", wish.target.to));
    sheet.lines("apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata:\n  name: default\nspec:");
    sheet.lines(&network(wish, 2, false)?);
    Some(sheet.done())
}

/// The mapping `calicoNetwork`, that far in. The chart of RKE2 has BGP off.
fn network(wish: &mut Wish<'_>, indent: usize, rke2: bool) -> Option<String> {
    let pools = pools(wish, "an Installation lists the pool of every family that pods shall have")?;
    let target = wish.target;
    let mut sheet = Sheet::at(indent);
    sheet.lines("calicoNetwork:");
    if target.calico_backend == Some(Backend::Vxlan) {
        sheet.comment(2, "Felix makes the routes, by VXLAN.").lines("  bgp: Disabled");
    } else if rke2 && pools.iter().any(|pool| pool.encapsulation() == "None") {
        sheet.comment(2, "The chart has it off, and pools without encapsulation have no routes without it.");
        sheet.lines("  bgp: Enabled");
    }
    if let Some(method) = target.ipv6_autodetection_method.as_deref().filter(|_| target.to.has_ipv6()) {
        let (key, value) = field_of_method(method);
        let field = Value::Map(vec![(key.to_owned(), value)]);
        sheet.comment(2, "How a node's IPv6 address is found.").lines("  nodeAddressAutodetectionV6:");
        sheet.lines(&block(&field, 4, &|_| None).join("\n"));
    }
    let why = "Pods get an address of each family that has a pool here, and nodes are searched for addresses of the \
               same families. Where the platform names pod CIDRs (podSubnet, clusterNetwork, cluster-cidr), each pool \
               lies inside one.";
    sheet.comment(2, why).lines("  ipPools:");
    for pool in &pools {
        let mut dash = "- ";
        for (key, value) in &pool.fields {
            sheet.comment(4, &pool.why(key));
            let text = super::writer::scalar(value);
            let text = if *key == "blockSize" { value } else { &text };
            sheet.lines(&format!("  {dash}{key}: {text}"));
            dash = "  ";
        }
    }
    Some(sheet.done())
}

/// A pool of a new cluster.
pub(super) struct Pool {
    /// Its range.
    pub(super) net: IpNet,
    /// Its fields as the operator names them.
    pub(super) fields: Vec<(&'static str, String)>,
    /// Why it has the encapsulation that it has.
    pub(super) why_encapsulation: String,
    why_nat: &'static str,
}

impl Pool {
    pub(super) fn field(&self, key: &str) -> &str {
        self.fields.iter().find(|(k, _)| *k == key).map_or("", |(_, value)| value)
    }

    pub(super) fn encapsulation(&self) -> &str {
        self.field("encapsulation")
    }

    fn why(&self, key: &str) -> String {
        match key {
            "encapsulation" => sentence(&self.why_encapsulation),
            "natOutgoing" => sentence(self.why_nat),
            _ => String::new(),
        }
    }
}

/// How the shipped `custom-resources.yaml` wraps IPv4.
const SHIPPED: &str = "VXLANCrossSubnet";

/// The pools of a new cluster, the primary family first; asks for the ranges that are missing.
pub(super) fn pools(wish: &mut Wish<'_>, why: &str) -> Option<Vec<Pool>> {
    let nets = wish.ranges(RangeOf::Pods, None, why)?;
    let text = "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {name: default}\n";
    let documents = Documents::read(Source { name: "", text }).ok()?;
    let (file, nothing) = (FileModel::read(&documents), Shared::default());
    let contexts = InstallContext::of_file(&file, wish.target, &nothing);
    let cx = contexts.first()?;
    // One network, one way: what is asked for holds for both families, as far as each can.
    let ipv4 = match wish.target.encapsulation {
        Some(Encapsulation::None) => "None",
        Some(Encapsulation::Vxlan) => "VXLAN",
        _ => SHIPPED,
    };
    Some(nets.into_iter().map(|net| pool(cx, net, ipv4)).collect())
}

fn pool(cx: &InstallContext<'_>, net: IpNet, ipv4: &'static str) -> Pool {
    let is_ipv6 = crate::address::family(net) == Family::Ipv6;
    let fields = new_pool(cx, net, ipv4);
    let mut pool = Pool { net, fields, why_encapsulation: String::new(), why_nat: "" };
    if is_ipv6 {
        pool.why_encapsulation = why_encapsulation(cx.target, pool.encapsulation(), cx);
        pool.why_nat = match cx.target.nat_outgoing {
            NatOutgoing::Auto if pool.field("natOutgoing") == "Enabled" => WHY_NAT,
            _ => "",
        };
    }
    pool
}

fn why_encapsulation(target: &Target, mode: &str, cx: &InstallContext<'_>) -> String {
    let gate = if mode == "None" && NO_IPV6_ENCAPSULATION.holds(cx.facts.operator) {
        NO_IPV6_ENCAPSULATION
    } else if mode == "VXLAN" && target.encapsulation != Some(Encapsulation::Vxlan) {
        CROSS_SUBNET_NEEDS_IPV4
    } else {
        return WHY_ENCAPSULATION.to_owned();
    };
    let windows: Vec<String> = gate.windows.iter().map(ToString::to_string).collect();
    format!("{} {}: {}", gate.component, windows.join(", "), gate.what)
}
