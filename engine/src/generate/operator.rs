//! The operator's `Installation`, and Helm values and charts with it.

use super::writer::{Writer, sentence};
use super::{Kind, Request};
use crate::address::Family;
use crate::model::facts::Shared;
use crate::model::install::CalicoInstall;
use crate::model::{Documents, FileModel};
use crate::rules::{
    CROSS_SUBNET_NEEDS_IPV4, NO_IPV6_ENCAPSULATION, WHY_ENCAPSULATION, WHY_NAT, field_of_method, new_pool,
};
use crate::source::Source;
use crate::target::{Backend, Encapsulation, NatOutgoing, RangeOf, Target};
use crate::version::{Component, Gate, Version, Window};
use crate::yaml::write::{Value, block};
use ipnet::IpNet;

/// The CRDs are in separate charts (release notes of v3.32.0).
const CRDS_APART: Gate = Gate {
    component: Component::Calico,
    what: "the chart tigera-operator does not contain the CRDs",
    windows: &[Window { from: Version::new(3, 32, 0), until: None }],
};

/// How to install the CRDs before the chart.
fn crds(writer: &mut Writer, request: &Request<'_>) {
    if CRDS_APART.applies(request.target.calico_version) != Some(false) {
        let how = "From Calico v3.32.0 on, install the CRDs first: helm template calico-crds \
                   projectcalico/crd.projectcalico.org.v1 | kubectl apply --server-side -f -";
        writer.comment(0, how);
    }
}

pub(super) const INSTALLATION: Kind = Kind {
    name: "installation",
    about: "Installation of tigera/operator with an IP pool of each IP family",
    files: &["installation.yaml"],
    has_patches: false,
    make: |request| Some(vec![("installation.yaml".to_owned(), installation(request)?)]),
};

pub(super) const HELM_VALUES: Kind = Kind {
    name: "helm-values",
    about: "values for the Helm chart tigera-operator",
    files: &["values.yaml"],
    has_patches: false,
    make: |request| {
        let mut writer = Writer::default();
        let why = "Install it: helm repo add projectcalico https://docs.tigera.io/calico/charts; helm install calico \
                   projectcalico/tigera-operator --namespace tigera-operator --create-namespace --values values.yaml. Helm \
                   replaces whole lists, so every pool is listed here.";
        writer.comment(0, why);
        crds(&mut writer, request);
        writer.lines("installation:");
        writer.lines(&network(request, 2, false)?);
        Some(vec![("values.yaml".to_owned(), writer.done())])
    },
};

pub(super) const HELM_CHART_CONFIG: Kind = Kind {
    name: "helmchartconfig",
    about: "HelmChartConfig rke2-calico for RKE2",
    files: &["rke2-calico-config.yaml"],
    has_patches: false,
    make: |request| Some(vec![("rke2-calico-config.yaml".to_owned(), rke2_values(request)?)]),
};

/// The values of RKE2's Calico chart.
pub(super) fn rke2_values(request: &mut Request<'_>) -> Option<String> {
    let mut writer = Writer::default();
    let why = "Copy it to /var/lib/rancher/rke2/server/manifests/rke2-calico-config.yaml on every server before the first \
               start of RKE2. cluster-cidr and service-cidr in config.yaml must have the same IP families.";
    writer.comment(0, why);
    writer.lines("apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata:\n  name: rke2-calico");
    writer.lines("  namespace: kube-system\nspec:\n  valuesContent: |-\n    installation:");
    writer.lines(&network(request, 6, true)?);
    Some(writer.done())
}

pub(super) const HELM_CHART: Kind = Kind {
    name: "helmchart",
    about: "HelmChart of tigera-operator for k3s",
    files: &["calico-helmchart.yaml"],
    has_patches: false,
    make: |request| {
        let mut writer = Writer::default();
        let why = "Copy it to /var/lib/rancher/k3s/server/manifests/calico-helmchart.yaml. Start k3s with \
                   --flannel-backend=none and --disable-network-policy; its cluster-cidr, service-cidr and node-ip must \
                   have the same IP families.";
        writer.comment(0, why);
        crds(&mut writer, request);
        writer.lines("apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata:\n  name: tigera-operator");
        writer.lines("  namespace: kube-system\nspec:\n  repo: https://docs.tigera.io/calico/charts");
        writer.lines("  chart: tigera-operator");
        if let Some(version) = request.target.calico_version {
            writer.entry(2, "version", &version.to_string());
        }
        writer.comment(2, "The nodes have no pod network until this chart is installed.");
        writer.lines("  bootstrap: true\n  targetNamespace: tigera-operator\n  createNamespace: true");
        writer.lines("  valuesContent: |-\n    installation:");
        writer.lines(&network(request, 6, false)?);
        Some(vec![("calico-helmchart.yaml".to_owned(), writer.done())])
    },
};

/// An `Installation`.
pub(super) fn installation(request: &mut Request<'_>) -> Option<String> {
    let mut writer = Writer::default();
    writer.comment(0, &format!("The Calico installation of tigera/operator: {}.", request.target.to));
    writer.lines("apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata:\n  name: default\nspec:");
    writer.lines(&network(request, 2, false)?);
    Some(writer.done())
}

/// The mapping `calicoNetwork` with this indentation. `rke2`: its chart disables BGP.
fn network(request: &mut Request<'_>, indent: usize, rke2: bool) -> Option<String> {
    let pools = pools(request, "an Installation needs an IP pool of each target IP family")?;
    let target = request.target;
    let mut writer = Writer::at(indent);
    writer.lines("calicoNetwork:");
    if target.calico_backend == Some(Backend::Vxlan) {
        writer.comment(2, "Felix programs the routes, with VXLAN.").lines("  bgp: Disabled");
    } else if rke2 && pools.iter().any(|pool| pool.encapsulation() == "None") {
        writer.comment(2, "The chart disables BGP, but IP pools without encapsulation need it for routes.");
        writer.lines("  bgp: Enabled");
    }
    if let Some(method) = target.ipv6_autodetection_method.as_deref().filter(|_| target.to.has_ipv6()) {
        let (key, value) = field_of_method(method);
        let field = Value::Map(vec![(key.to_owned(), value)]);
        writer
            .comment(2, "How calico-node detects the IPv6 address of a node.")
            .lines("  nodeAddressAutodetectionV6:");
        writer.lines(&block(&field, 4, &|_| None).join("\n"));
    }
    let why = "Pods get an address of each IP family that has a pool here, and calico-node detects node addresses of the \
               same IP families. If the platform sets pod CIDRs (podSubnet, clusterNetwork, cluster-cidr), each pool \
               must be inside one.";
    writer.comment(2, why).lines("  ipPools:");
    for pool in &pools {
        let mut dash = "- ";
        for (key, value) in &pool.fields {
            writer.comment(4, &pool.why(key));
            let text = super::writer::scalar(value);
            let text = if *key == "blockSize" { value } else { &text };
            writer.lines(&format!("  {dash}{key}: {text}"));
            dash = "  ";
        }
    }
    Some(writer.done())
}

/// An IP pool of a new cluster.
pub(super) struct Pool {
    /// Its CIDR.
    pub(super) net: IpNet,
    /// Its fields, with the operator's names.
    pub(super) fields: Vec<(&'static str, String)>,
    /// The reason for its encapsulation.
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

/// The encapsulation of IPv4 in the stock `custom-resources.yaml`.
const SHIPPED: &str = "VXLANCrossSubnet";

/// The IP pools of a new cluster, primary family first. Requests the options of missing ranges.
pub(super) fn pools(request: &mut Request<'_>, why: &str) -> Option<Vec<Pool>> {
    let nets = request.ranges(RangeOf::Pods, None, why)?;
    let text = "apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: {name: default}\n";
    let documents = Documents::read(Source { name: "", text }).ok()?;
    let (file, nothing) = (FileModel::read(&documents), Shared::default().stating(request.target));
    let installs = CalicoInstall::of_file(&file, request.target, &nothing);
    let install = installs.first()?;
    // The requested encapsulation applies to both families, as far as each supports it.
    let ipv4 = match request.target.encapsulation {
        Some(Encapsulation::None) => "None",
        Some(Encapsulation::Vxlan) => "VXLAN",
        _ => SHIPPED,
    };
    Some(nets.into_iter().map(|net| pool(request.target, install, net, ipv4)).collect())
}

fn pool(target: &Target, install: &CalicoInstall<'_>, net: IpNet, ipv4: &'static str) -> Pool {
    let is_ipv6 = crate::address::family(net) == Family::Ipv6;
    let fields = new_pool(target, install, net, ipv4);
    let mut pool = Pool { net, fields, why_encapsulation: String::new(), why_nat: "" };
    if is_ipv6 {
        pool.why_encapsulation = why_encapsulation(target, pool.encapsulation(), install);
        pool.why_nat = match target.nat_outgoing {
            NatOutgoing::Auto if pool.field("natOutgoing") == "Enabled" => WHY_NAT,
            _ => "",
        };
    }
    pool
}

fn why_encapsulation(target: &Target, mode: &str, install: &CalicoInstall<'_>) -> String {
    let gate = if mode == "None" && NO_IPV6_ENCAPSULATION.holds(install.facts.operator) {
        NO_IPV6_ENCAPSULATION
    } else if mode == "VXLAN" && target.encapsulation != Some(Encapsulation::Vxlan) {
        CROSS_SUBNET_NEEDS_IPV4
    } else {
        return WHY_ENCAPSULATION.to_owned();
    };
    let windows: Vec<String> = gate.windows.iter().map(ToString::to_string).collect();
    format!("{} {}: {}", gate.component, windows.join(", "), gate.what)
}
