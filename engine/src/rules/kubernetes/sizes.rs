//! The sizes of service CIDRs.

use crate::address::family;
use crate::diagnostic::upstream;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{FieldKind, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::version::{Component, Gate, Version, Window};

const ALLOCATOR_WITHOUT_LIMIT: Gate = Gate {
    component: Component::Kubernetes,
    what: "the API server accepts larger service CIDRs (feature gates MultiCIDRServiceAllocator and DisableAllocatorDualWrite are on); kubeadm does not",
    windows: &[Window { from: Version::new(1, 34, 0), until: None }],
};

const LARGE_META: Metadata = Metadata {
    id: "K8S-SVC-TOOBIG",
    name: "service-cidr-too-large",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[ALLOCATOR_WITHOUT_LIMIT],
    texts: Texts {
        finds: "the service CIDR is too large",
        consequence: "the API server before v1.34 exits: `specified --service-cluster-ip-range is too large` (v1.20 and later call the second range `--service-cluster-ip-range[1]`). With the feature gate MultiCIDRServiceAllocator v1.27 to v1.30 accept larger ranges, v1.31 to v1.33 only with DisableAllocatorDualWrite too. kubeadm v1.20 and later refuses the file",
        help: "use an IPv6 /112, and an IPv4 range no larger than a /12",
        example: ("--service-cluster-ip-range=fd00:10:96::/64", "--service-cluster-ip-range=fd00:10:96::/112"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kube-apiserver/app/options/validation.go").line(52),
            upstream::KUBERNETES.file("cmd/kube-apiserver/app/options/validation.go").line(92).at("v1.33.0"),
            upstream::KUBERNETES.file("cmd/kubeadm/app/apis/kubeadm/validation/validation.go").line(480),
            upstream::page("k3s: basic network options", "https://docs.k3s.io/networking/basic-network-options"),
        ],
    }
    .built_in(),
};

const SHORT_META: Metadata = Metadata {
    id: "K8S-SVC-MIN64",
    name: "service-cidr-larger-than-64",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[ALLOCATOR_WITHOUT_LIMIT],
    texts: Texts {
        finds: "the IPv6 service CIDR is larger than a /64",
        consequence: "the API server starts and logs `shortest allowed prefix length for service CIDR is 64`. Then no Service gets an IPv6 address: the API server refuses each Service that requests one, with `range is full`; in an IPv6-only cluster that is every Service",
        help: "use a /112. If the API server already ran with the larger range, also create a ServiceCIDR with the /112: the object kubernetes does not change",
        example: ("--service-cluster-ip-range=fd00:10:96::/48", "--service-cluster-ip-range=fd00:10:96::/112"),
        sources: &[
            upstream::KUBERNETES.file("pkg/registry/core/service/ipallocator/ipallocator.go").line(90),
            upstream::KUBERNETES.file("pkg/registry/core/service/ipallocator/cidrallocator.go").line(291),
            upstream::KUBERNETES
                .file("pkg/registry/core/service/storage/alloc.go")
                .symbol("allocIPs")
                .line(395),
        ],
    }
    .built_in(),
};

const SMALL_META: Metadata = Metadata {
    id: "K8S-SVC-TOOSMALL",
    name: "service-cidr-too-small",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the service CIDR has too few addresses",
        consequence: "the API server needs 8 addresses in its first CIDR, and exits if there are fewer; kubeadm needs 10 in each, because cluster DNS gets the tenth. A small second CIDR has soon no address for a new Service",
        help: "use an IPv6 /112, and an IPv4 range of at least a /28",
        example: ("serviceSubnet: fd00:10:96::/126", "serviceSubnet: fd00:10:96::/112"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/constants/constants.go").line(254),
            upstream::KUBERNETES.file("pkg/controlplane/apiserver/options/options.go").line(373),
        ],
    }
    .built_in(),
};

/// The largest number of host bits of a service CIDR (kube-apiserver `validation.go`, kubeadm `validation.go`).
pub(crate) const MOST_SERVICE_BITS: u8 = 20;
/// The largest number of host bits of an IPv6 service CIDR of k3s and RKE2 (docs.k3s.io, basic network options).
const MOST_OF_K3S: u8 = 16;
/// The smallest number: kubeadm needs ten addresses, because cluster DNS gets the tenth.
pub(crate) const FEWEST_SERVICE_BITS: u8 = 4;

pub(in crate::rules) const SERVICE_TOO_LARGE: Rule =
    Rule { meta: &LARGE_META, check: Check::Text(too_large) };
pub(in crate::rules) const SERVICE_SHORTER_THAN_64: Rule =
    Rule { meta: &SHORT_META, check: Check::Text(shorter_than_64) };
pub(in crate::rules) const SERVICE_TOO_SMALL: Rule =
    Rule { meta: &SMALL_META, check: Check::Text(too_small) };

/// Calls `each` with every service CIDR of the target, its field and its number of host bits.
fn service_ranges(cx: &Context<'_>, mut each: impl FnMut(&crate::model::fields::Field, ipnet::IpNet, u8)) {
    // Another rule checks ServiceCIDR objects.
    let fields = cx.config.fields_of(&[FieldKind::ServiceRange]);
    for (_, field) in fields.filter(|(object, _)| object.kind != ObjectKind::ServiceCidr) {
        let Some(own) = Ranges::read(&field.text) else { continue };
        for net in cx.families().into_iter().filter_map(|family| cx.service_range(family, &own)) {
            each(field, net, net.max_prefix_len() - net.prefix_len());
        }
    }
}

fn too_large(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    service_ranges(cx, |field, net, bits| {
        let is_k3s = cx.config.objects[field.object].kind == ObjectKind::K3s;
        if is_k3s && bits > MOST_OF_K3S && matches!(net, ipnet::IpNet::V6(_)) {
            let message =
                format!("{net} is too large for a service CIDR of k3s and RKE2: use at most a /112");
            diagnostics.push(cx.at_item(&LARGE_META, field, &net.to_string()).message(message).consequence(
                "k3s and RKE2 support IPv6 service CIDRs up to a /112; before Kubernetes v1.34 the API server exits on a range larger than a /108",
            ));
            return;
        }
        if bits <= MOST_SERVICE_BITS {
            return;
        }
        let by_kubeadm = cx.cluster.has_kubeadm;
        let no_limit = cx.holds(&ALLOCATOR_WITHOUT_LIMIT) && !by_kubeadm;
        let severity = if no_limit { Severity::Warning } else { Severity::Error };
        let least = net.max_prefix_len() - MOST_SERVICE_BITS;
        let message = format!("{net} is too large for a service CIDR: use at most a /{least}");
        diagnostics
            .push(cx.at_item(&LARGE_META, field, &net.to_string()).message(message).severity(severity));
    });
}

fn shorter_than_64(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    service_ranges(cx, |field, net, bits| {
        if bits > 64 && cx.holds(&ALLOCATOR_WITHOUT_LIMIT) {
            let message = format!("no Service can get an address from {net}");
            diagnostics.push(cx.at_item(&SHORT_META, field, &net.to_string()).message(message));
        }
    });
}

fn too_small(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let is_kubeadm = cx.config.objects_of(ObjectKind::ClusterConfiguration).next().is_some();
    service_ranges(cx, |field, net, bits| {
        if bits < 3 || (bits < FEWEST_SERVICE_BITS && is_kubeadm) {
            let message = format!("{net} has too few addresses for a service CIDR");
            // The API server checks its first CIDR only.
            let is_checked = is_kubeadm || family(net) == cx.primary();
            let severity = if is_checked { Severity::Error } else { Severity::Warning };
            diagnostics
                .push(cx.at_item(&SMALL_META, field, &net.to_string()).message(message).severity(severity));
        }
    });
}
