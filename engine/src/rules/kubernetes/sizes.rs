use super::LintContext;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{FieldKind, ObjectKind};
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::version::{Component, Gate, Version, Window};

const ALLOCATOR_WITHOUT_LIMIT: Gate = Gate {
    component: Component::Kubernetes,
    what: "the API server takes larger service ranges (MultiCIDRServiceAllocator, DisableAllocatorDualWrite); kubeadm does not",
    windows: &[Window { from: Version::new(1, 34, 0), until: None }],
};

const LARGE_META: Metadata = Metadata {
    id: "K8S-SVC-TOOBIG",
    name: "service-range-too-large",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "the range of cluster IPs is too large",
    consequence: "`specified --service-cluster-ip-range is too large`: the API server before v1.34 exits, kubeadm refuses it in every release",
    help: "take a /112, and an IPv4 range of at most /12",
    fixable: Fixable::Never,
    gates: &[ALLOCATOR_WITHOUT_LIMIT],
    example: ("--service-cluster-ip-range=fd00:10:96::/64", "--service-cluster-ip-range=fd00:10:96::/112"),
    sources: &[
        "kubernetes/kubernetes: cmd/kube-apiserver/app/options/validation.go",
        "kubernetes/kubernetes: cmd/kubeadm/app/apis/kubeadm/validation/validation.go",
    ],
};

const SHORT_META: Metadata = Metadata {
    id: "K8S-SVC-MIN64",
    name: "service-range-shorter-than-64",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "the IPv6 range of cluster IPs is shorter than /64",
    consequence: "the API server starts and says ready, and then no Service can be made: `shortest allowed prefix length for service CIDR is 64`",
    help: "take a /112",
    fixable: Fixable::Never,
    gates: &[ALLOCATOR_WITHOUT_LIMIT],
    example: ("--service-cluster-ip-range=fd00:10:96::/48", "--service-cluster-ip-range=fd00:10:96::/112"),
    sources: &["kubernetes/kubernetes: pkg/registry/core/service/ipallocator/ipallocator.go"],
};

const SMALL_META: Metadata = Metadata {
    id: "K8S-SVC-TOOSMALL",
    name: "service-range-too-small",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "the range of cluster IPs has too few addresses",
    consequence: "the API server wants 8 addresses and exits on fewer; kubeadm wants 10, since cluster DNS gets the tenth",
    help: "take a /112, and for IPv4 at least a /28",
    fixable: Fixable::Never,
    gates: &[],
    example: ("serviceSubnet: fd00:10:96::/126", "serviceSubnet: fd00:10:96::/112"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/constants/constants.go"],
};

/// The most bits of a range of cluster IPs that may differ (kube-apiserver `validation.go`, kubeadm `validation.go`).
pub(crate) const MOST_SERVICE_BITS: u8 = 20;
/// The fewest: kubeadm wants ten addresses, since cluster DNS gets the tenth.
pub(crate) const FEWEST_SERVICE_BITS: u8 = 4;

pub(in crate::rules) const SERVICE_TOO_LARGE: Rule =
    Rule { meta: &LARGE_META, check: Check::Objects(too_large) };
pub(in crate::rules) const SERVICE_SHORTER_THAN_64: Rule =
    Rule { meta: &SHORT_META, check: Check::Objects(shorter_than_64) };
pub(in crate::rules) const SERVICE_TOO_SMALL: Rule =
    Rule { meta: &SMALL_META, check: Check::Objects(too_small) };

/// Calls `each` with every wanted range of cluster IPs, its place and how many bits it leaves to its addresses.
fn service_ranges(
    cx: &LintContext<'_>,
    mut each: impl FnMut(&crate::model::fields::Field, ipnet::IpNet, u8),
) {
    // A ServiceCIDR has a rule of its own.
    let fields = cx.config.fields_of(&[FieldKind::ServiceRange]);
    for (_, field) in fields.filter(|(object, _)| object.kind != ObjectKind::ServiceCidr) {
        let Some(own) = Ranges::read(&field.text) else { continue };
        for net in cx.families().into_iter().filter_map(|family| cx.service_range(family, &own)) {
            each(field, net, net.max_prefix_len() - net.prefix_len());
        }
    }
}

fn too_large(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    service_ranges(cx, |field, net, bits| {
        if bits <= MOST_SERVICE_BITS {
            return;
        }
        let by_kubeadm = cx.facts.has_kubeadm;
        let no_limit = cx.holds(&ALLOCATOR_WITHOUT_LIMIT) && !by_kubeadm;
        let severity = if no_limit { Severity::Warning } else { Severity::Error };
        let least = net.max_prefix_len() - MOST_SERVICE_BITS;
        let message = format!("{net} is too large for cluster IPs: at most a /{least}");
        diagnostics.push(cx.at_field(&LARGE_META, field).message(message).severity(severity));
    });
}

fn shorter_than_64(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    service_ranges(cx, |field, net, bits| {
        if bits > 64 && cx.holds(&ALLOCATOR_WITHOUT_LIMIT) {
            let message = format!("with {net} no Service can be made");
            diagnostics.push(cx.at_field(&SHORT_META, field).message(message));
        }
    });
}

fn too_small(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    let is_kubeadm = cx.config.objects_of(ObjectKind::ClusterConfiguration).next().is_some();
    service_ranges(cx, |field, net, bits| {
        if bits < 3 || (bits < FEWEST_SERVICE_BITS && is_kubeadm) {
            let message = format!("{net} has too few addresses for cluster IPs");
            diagnostics.push(cx.at_field(&SMALL_META, field).message(message));
        }
    });
}
