//! What OpenShift's installer and network operator accept (openshift/installer `pkg/types/validation/installconfig.go`,
//! openshift/cluster-network-operator `pkg/network`).

use super::addresses::Wanted;
use super::ranges::nets;
use crate::address::{Family, family, family_of};
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, Field, FieldKind, Items, ObjectKind};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::AddressMap;
use crate::yaml::NodeId;
use ipnet::IpNet;
use std::net::IpAddr;

const PLATFORM_META: Metadata = Metadata {
    id: "OCP-PLATFORM",
    name: "openshift-platform-unsupported-stack",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "OpenShift does not support the target stack on this platform",
        consequence: "openshift-install refuses the file. Dual-stack needs platform.aws.ipFamily on AWS (a Technology Preview in 4.22, enabled by default from 4.23 on) and platform.azure.ipFamily on Azure (a Technology Preview in 5.0); no public cloud supports IPv6-only. With IPv6 as the primary IP family it also refuses dual-stack on Nutanix and oVirt, and in older releases on more platforms, such as none and external: `IPv4 addresses must be listed before IPv6 addresses`. On Azure the IPv4 service network must be the first one; on AWS ipFamily says which IP family is first",
        help: "install on bare metal, vSphere, OpenStack or platform none. For dual-stack on AWS or Azure, set ipFamily, and for a Technology Preview also featureSet: TechPreviewNoUpgrade, which you cannot undo",
        example: ("platform:\n  gcp: {}", "platform:\n  none: {}"),
        sources: &[
            upstream::OPENSHIFT_INSTALLER.file("pkg/types/validation/installconfig.go").symbol("validateNetworkingIPVersion").line(424),
            upstream::OPENSHIFT_INSTALLER.pull(9983),
            upstream::OPENSHIFT_API.file("features/features.go").symbol("AWSDualStackInstall").line(836),
        ],
    }
    .built_in(),
};

const FAMILIES_META: Metadata = Metadata {
    id: "OCP-FAMILIES",
    name: "network-list-missing",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "install-config.yaml does not set a network list, or uses an old field name",
        consequence: "the default of a missing list is IPv4, and of the old fields machineCIDR, serviceCIDR, apiVIP and ingressVIP accept one value only. If serviceNetwork has both IP families, openshift-install refuses a list without IPv6 (`dual-stack IPv4/IPv6 requires an IPv6 network in this list`; not machineNetwork on AWS from 4.22 on if the installer creates the VPC); otherwise it uses the IPv4 networks",
        help: "set the current fields: machineNetwork, clusterNetwork, serviceNetwork, apiVIPs, ingressVIPs",
        example: ("machineCIDR: 192.0.2.0/24", "machineNetwork:\n- cidr: 192.0.2.0/24"),
        sources: &[
            upstream::OPENSHIFT_INSTALLER.file("pkg/types/validation/installconfig.go").symbol("validateNetworkingIPVersion").line(437),
            upstream::OPENSHIFT_INSTALLER.file("pkg/types/conversion/installconfig.go").line(101),
        ],
    }
    .built_in(),
};

const HOST_PREFIX_META: Metadata = Metadata {
    id: "OCP-HOSTPREFIX",
    name: "pod-network-smaller-than-host-prefix",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the IPv6 clusterNetwork does not give each node a /64",
        consequence: "openshift-install refuses the file with OVN-Kubernetes, and with another network type if hostPrefix is set: `cluster network host subnetwork prefix must be 64 for IPv6 networks`, or `cluster network host subnetwork prefix must not be larger size than CIDR` if the network is smaller than hostPrefix",
        help: "use a /48 to /60 (--ipv6-pod-cidr), and hostPrefix: 64",
        example: ("cidr: fd01::/72", "cidr: fd01::/48"),
        sources: &[
            upstream::OPENSHIFT_INSTALLER
                .file("pkg/types/validation/installconfig.go")
                .symbol("validateClusterNetwork")
                .line(668),
        ],
    }
    .built_in(),
};

const VIP_META: Metadata = Metadata {
    id: "OCP-VIP",
    name: "vip-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the API and ingress VIPs do not match the target IP families",
        consequence: "clients reach the API and ingress over the IP family of this address only. For dual-stack, openshift-install refuses a first VIP that is not of the primary IP family of the networks (older releases check a single VIP only)",
        help: "the VIPs are set to one address per target IP family, primary first; pass --map-address IPV4=IPV6 for each VIP",
        example: ("apiVIPs:\n- 192.0.2.5", "apiVIPs:\n- 192.0.2.5\n- 2001:db8:1::5"),
        sources: &[
            upstream::OPENSHIFT_INSTALLER
                .file("pkg/types/validation/installconfig.go")
                .symbol("validateAPIAndIngressVIPs")
                .line(1129),
        ],
    }
    .built_in(),
};

const MACHINE_META: Metadata = Metadata {
    id: "OCP-MACHINE",
    name: "machine-network-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "machineNetwork does not match the target IP families",
        consequence: "for dual-stack, openshift-install refuses the file (not on AWS from 4.22 on if the installer creates the VPC): `dual-stack IPv4/IPv6 requires an IPv6 network in this list`; for IPv6-only it does not check the IP families of the list",
        help: "machineNetwork is set to one network per target IP family; pass the IPv6 network with --ipv6-machine-cidr",
        example: ("- cidr: 192.0.2.0/24", "- cidr: 192.0.2.0/24\n- cidr: 2001:db8:1::/64"),
        sources: &[
            upstream::OPENSHIFT_INSTALLER.file("pkg/types/validation/installconfig.go").symbol("validateNetworkingIPVersion").line(437),
        ],
    }
    .built_in(),
};

const DAY2_META: Metadata = Metadata {
    id: "OCP-DAY2",
    name: "openshift-day2-conversion",
    kind: RuleKind::Migration,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the IP families of a running OpenShift cluster change",
        consequence: "the network operator accepts a second IP family after the first one on bare metal, vSphere and platform none; elsewhere it refuses the change (`is not one of the supported platforms for dual stack`; on OpenStack `does not allow conversion to dual-stack cluster`). The primary IP family cannot change. OpenShift documents the conversion for OVN-Kubernetes only; with Calico you must also change the IP pools and the nodes yourself",
        help: "choose the IP families before the installation. On a running cluster, first give the nodes IPv6 addresses, then patch Network, then Infrastructure: `generate openshift-patches` writes both; the second one needs --ipv6-machine-cidr, and --map-address for each VIP",
        example: ("", ""),
        sources: &[
            upstream::OPENSHIFT_NETWORK_OPERATOR
                .file("pkg/network/render.go")
                .symbol("isNetworkChangeSafe")
                .line(366),
            upstream::OPENSHIFT_DOCS.file("modules/nw-dual-stack-convert.adoc").line(15),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const PLATFORM: Rule = Rule { meta: &PLATFORM_META, check: Check::Text(platform) };
pub(in crate::rules) const FAMILIES: Rule = Rule { meta: &FAMILIES_META, check: Check::Text(families) };
pub(in crate::rules) const HOST_PREFIX: Rule =
    Rule { meta: &HOST_PREFIX_META, check: Check::Text(host_prefix) };
pub(in crate::rules) const VIP: Rule = Rule { meta: &VIP_META, check: Check::Text(vips) };
pub(in crate::rules) const MACHINE: Rule = Rule { meta: &MACHINE_META, check: Check::Text(machines) };
pub(in crate::rules) const DAY2: Rule = Rule { meta: &DAY2_META, check: Check::Text(day2) };

/// Platforms without IPv6-only. `true` if the platform has a field `ipFamily` for dual-stack.
const CLOUDS: [(&str, bool); 6] = [
    ("aws", true),
    ("azure", true),
    ("gcp", false),
    ("ibmcloud", false),
    ("powervs", false),
    ("alibabacloud", false),
];
const IPV4_FIRST: &str = "list IPv4 before IPv6: --primary-family ipv4";
const TRY_IT: &str = "run openshift-install create manifests to see whether your release accepts it; or list IPv4 before IPv6: --primary-family ipv4";

/// Platforms that do not accept IPv6 as the primary IP family, at least not in every release: what is wrong, and help.
const NOT_IPV6_FIRST: [(&str, Severity, &str, &str); 5] = [
    ("nutanix", Severity::Error, NEEDS_IPV4, IPV4_FIRST),
    ("ovirt", Severity::Error, NEEDS_IPV4, IPV4_FIRST),
    ("azure", Severity::Error, AZURE_NEEDS_IPV4, IPV4_FIRST),
    ("none", Severity::Warning, OLDER_NEED_IPV4, TRY_IT),
    ("external", Severity::Warning, OLDER_NEED_IPV4, TRY_IT),
];
const NEEDS_IPV4: &str = "this platform needs IPv4 as the primary IP family";
const AZURE_NEEDS_IPV4: &str =
    "Azure needs an IPv4 service network first: node primary addresses are always IPv4";
const OLDER_NEED_IPV4: &str = "older installers refuse IPv6 as the primary IP family on this platform";

fn platform(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (_, object) in cx.config.objects_of(ObjectKind::InstallConfig) {
        for (name, has_field) in CLOUDS {
            let Some(node) = platform_of(object, name) else { continue };
            let is_set = has_field
                && object.text(&["platform", name, "ipFamily"]).is_some_and(|f| f.starts_with("DualStack"));
            if cx.is_ipv6_only() || !is_set {
                let message = if cx.is_dual() && has_field {
                    format!("platform.{name}.ipFamily does not select dual-stack")
                } else {
                    format!("OpenShift does not support {} on platform {name}", cx.target.to)
                };
                let diagnostic = cx.at(&PLATFORM_META, object, key(object, node)).message(message);
                diagnostics.push(if cx.is_dual() && has_field {
                    diagnostic.help(format!(
                        "set platform.{name}.ipFamily: DualStackIPv4Primary if your release has it; if it is a Technology Preview there, also featureSet: TechPreviewNoUpgrade, which you cannot undo"
                    ))
                } else {
                    diagnostic.help("install on bare metal, vSphere, OpenStack or platform none")
                });
            }
        }
        if cx.is_dual() {
            order(cx, object, diagnostics);
        }
    }
}

/// Whether the platform accepts the primary IP family.
fn order(cx: &Context<'_>, object: &ConfigObject<'_>, diagnostics: &mut Diagnostics) {
    let (stack, primary, help) = match cx.primary() {
        Family::Ipv6 => (
            "DualStackIPv4Primary",
            Family::Ipv4,
            "list IPv4 before IPv6: --primary-family ipv4; or set DualStackIPv6Primary",
        ),
        Family::Ipv4 => (
            "DualStackIPv6Primary",
            Family::Ipv6,
            "list IPv6 before IPv4: --primary-family ipv6; or set DualStackIPv4Primary",
        ),
    };
    let mut find = |node: NodeId, severity, message: String, help: &'static str| {
        let finding = cx.at(&PLATFORM_META, object, key(object, node)).severity(severity);
        diagnostics.push(finding.message(message).help(help));
    };
    let aws = ["platform", "aws", "ipFamily"];
    if object.text(&aws) == Some(stack)
        && let Some(node) = object.tree().at(object.root, &aws)
    {
        let message = format!("platform.aws.ipFamily: {stack} needs {primary} as the primary IP family");
        find(node, Severity::Error, message, help);
    }
    for (name, severity, message, help) in NOT_IPV6_FIRST {
        if let Some(node) = platform_of(object, name).filter(|_| cx.primary() == Family::Ipv6) {
            find(node, severity, message.to_owned(), help);
        }
    }
}

/// The settings of a platform.
fn platform_of(object: &ConfigObject<'_>, name: &str) -> Option<NodeId> {
    object.tree().at(object.root, &["platform", name])
}

fn key(object: &ConfigObject<'_>, node: NodeId) -> NodeId {
    object.tree().key_of(node).unwrap_or(node)
}

fn families(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    const OLD: [&str; 4] = ["machineCIDR", "serviceCIDR", "clusterNetworks", "type"];
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (index, object) in cx.config.objects_of(ObjectKind::InstallConfig) {
        let tree = object.tree();
        let networking =
            [&["networking"][..], &["spec", "networking"]].iter().find_map(|path| tree.at(object.root, path));
        let Some(networking) = networking else {
            if super::network_list_missing::is_written(cx, object, FieldKind::MachineRange) {
                continue;
            }
            let message = "networking is not set: its defaults are IPv4";
            diagnostics.push(cx.at(&FAMILIES_META, object, object.root).message(message));
            continue;
        };
        let network_type = tree.get(networking, "networkType");
        if let Some(node) = network_type.filter(|n| matches!(tree.scalar(*n), Some("OpenShiftSDN" | "Kuryr")))
        {
            let message = "current installers refuse this network type";
            diagnostics
                .push(cx.at(&FAMILIES_META, object, node).message(message).help("networkType: Calico"));
        }
        for old in OLD.iter().filter_map(|old| tree.get(networking, old)) {
            diagnostics.push(cx.at(&FAMILIES_META, object, key(object, old)));
        }
        for (kind, name, old) in [
            (FieldKind::MachineRange, "machineNetwork", "machineCIDR"),
            (FieldKind::PodRange, "clusterNetwork", "clusterNetworks"),
            (FieldKind::ServiceRange, "serviceNetwork", "serviceCIDR"),
        ] {
            // The assisted installer detects the node networks.
            let is_optional = kind == FieldKind::MachineRange && !object.resource.kind.starts_with("install");
            let is_written = super::network_list_missing::is_written(cx, object, kind);
            // The installer takes the old field instead of the default, and it is reported above.
            if !is_optional
                && !is_written
                && tree.get(networking, old).is_none()
                && !cx.config.fields.iter().any(|f| f.object == index && f.kind == kind)
            {
                let message = format!("{name} is not set: the default is IPv4");
                diagnostics.push(cx.at(&FAMILIES_META, object, key(object, networking)).message(message));
            }
        }
        for old in ["apiVIP", "ingressVIP"] {
            let places = crate::model::fields::PLATFORMS
                .map(|platform| tree.at(object.root, &["platform", platform, old]));
            for place in places.into_iter().flatten() {
                diagnostics.push(
                    cx.at(&FAMILIES_META, object, key(object, place))
                        .message(format!("{old} accepts only one address")),
                );
            }
        }
    }
}

fn host_prefix(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (object, field) in of_openshift(cx, FieldKind::PodRange) {
        let own = crate::model::facts::cluster::Ranges::read(&field.text).unwrap_or_default();
        let Some(net) = cx.pod_range(Family::Ipv6, &own).filter(|_| cx.target.to.has_ipv6()) else {
            continue;
        };
        let tree = object.tree();
        for item in tree.items(field.node) {
            let cidr = tree.get(item, "cidr").and_then(|node| tree.scalar(node)?.parse::<IpNet>().ok());
            let prefix =
                tree.get(item, "hostPrefix").filter(|_| cidr.is_some_and(|net| net.addr().is_ipv6()));
            if let Some(node) = prefix.filter(|node| tree.scalar(*node) != Some("64")) {
                let message = format!("hostPrefix of {} is not 64", cidr.unwrap_or(net));
                diagnostics
                    .push(cx.at(&HOST_PREFIX_META, object, node).message(message).help("hostPrefix: 64"));
            }
        }
        let has_prefix = tree.items(field.node).any(|item| tree.get(item, "hostPrefix").is_some());
        if has_prefix && net.prefix_len() > 64 {
            let message = format!("{net} is too small for the /64 of a node");
            diagnostics.push(cx.at_field(&HOST_PREFIX_META, field).message(message));
        }
    }
}

/// The fields of this kind in OpenShift's files.
fn of_openshift<'a, 'd>(
    cx: &'a Context<'d>,
    kind: FieldKind,
) -> impl Iterator<Item = (&'a ConfigObject<'d>, &'a Field)> {
    let roles = [ObjectKind::InstallConfig, ObjectKind::OpenShiftNetwork];
    let fields = cx.config.fields.iter().filter(move |f| f.kind == kind);
    fields.map(|f| (&cx.config.objects[f.object], f)).filter(move |(object, _)| roles.contains(&object.kind))
}

/// The networks of a list in the target.
fn wanted(cx: &Context<'_>, field: &Field) -> Vec<IpNet> {
    let own = nets(&field.text).unwrap_or_default();
    let ranges = crate::model::facts::cluster::Ranges::read(&field.text).unwrap_or_default();
    let of = |wanted| match field.kind {
        FieldKind::ServiceRange => cx.service_range(wanted, &ranges).into_iter().collect::<Vec<_>>(),
        FieldKind::PodRange if !ranges.nets.is_empty() => cx.pod_range(wanted, &ranges).into_iter().collect(),
        FieldKind::MachineRange if wanted == Family::Ipv6 && cx.target.ipv6_machine_cidr.is_some() => {
            cx.target.ipv6_machine_cidr.map(IpNet::V6).into_iter().collect()
        }
        _ => own.iter().copied().filter(|net| family(*net) == wanted).collect(),
    };
    cx.families().into_iter().flat_map(of).collect()
}

fn vips(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    // A dual-stack cluster may have one address; the first must be of the primary IP family (validateAPIAndIngressVIPs).
    let severity = |field: &Field| {
        let own = crate::host::addresses(&field.text, crate::host::Form::Addresses);
        let is_enough = cx.is_dual() && own.first().is_some_and(|own| family_of(*own) == cx.primary());
        if is_enough { Severity::Warning } else { Severity::Error }
    };
    for (object, field) in cx.config.fields_of(&[FieldKind::Vip]) {
        diagnostics.extend(outside(cx, object, field));
        match cx.wanted_node_ip(field) {
            Wanted::Same => {}
            Wanted::Text(text) => {
                let why = "one address per target IP family, primary first";
                let diagnostic = cx.at_field(&VIP_META, field).severity(severity(field));
                diagnostics.push(diagnostic.fix(cx.set(field, &text, why)));
            }
            Wanted::Without(own) => {
                let address = own.first().map(ToString::to_string).unwrap_or_default();
                let message = format!("no counterpart of {address} in the other IP family is known");
                let help = format!("pass --map-address {}", AddressMap::placeholder(own.first().copied()));
                let diagnostic = cx.at_field(&VIP_META, field).severity(severity(field));
                diagnostics.push(diagnostic.message(message).label(&field.name).help(help));
            }
        }
    }
}

/// A VIP of bare metal that is in no machine network; with the user's own load balancer it may be anywhere.
fn outside(cx: &Context<'_>, object: &ConfigObject<'_>, field: &Field) -> Option<Diagnostic> {
    let metal = object.tree().at(object.root, &["platform", "baremetal"])?;
    let balancer = object.tree().at(metal, &["loadBalancer", "type"]);
    let machines = cx.config.fields_of(&[FieldKind::MachineRange]).next()?.1;
    let networks = nets(&machines.text).filter(|_| balancer.is_none())?;
    let vips = crate::host::addresses(&field.text, crate::host::Form::Addresses);
    // Another rule reports a family without a network.
    let is_out = |vip: &IpAddr| {
        let mut own = networks.iter().filter(|net| family(**net) == family_of(*vip)).peekable();
        own.peek().is_some() && !own.any(|net| net.contains(vip))
    };
    let vip = vips.into_iter().find(is_out)?.to_string();
    let message = format!("{vip} is in no network of machineNetwork");
    let found = cx.at_item(&VIP_META, field, &vip).message(message).stops(false);
    Some(
        found
            .consequence(format!(
                "openshift-install refuses the file: `IP expected to be in one of the machine networks: {}`",
                machines.text
            ))
            .help("write an address of the nodes' network"),
    )
}

fn machines(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::MachineRange]) {
        let Some(own) = nets(&field.text) else { continue };
        let wanted = wanted(cx, field);
        if let Some(missing) = cx.missing(&wanted) {
            let why = format!("{} needs the network of the nodes' {missing} addresses", field.name);
            match missing {
                Family::Ipv6 => {
                    let found = cx.at_field(&MACHINE_META, field);
                    diagnostics.ask("ipv6-machine-cidr", "2001:db8:1::/64", why, found);
                }
                Family::Ipv4 => diagnostics.push(missing_ipv4(cx, field)),
            }
        } else if wanted != own {
            let text = wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let why = "one node network per target IP family";
            diagnostics.push(cx.at_field(&MACHINE_META, field).fix(cx.set(field, &text, why)));
        }
    }
}

fn missing_ipv4(cx: &Context<'_>, field: &Field) -> Diagnostic {
    cx.at_field(&MACHINE_META, field)
        .message("machineNetwork has no IPv4 network")
        .help("add the IPv4 network of the nodes to the list")
}

fn day2(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (index, object) in cx.config.objects_of(ObjectKind::OpenShiftNetwork) {
        let changes = cx.config.fields.iter().filter(|f| f.object == index).any(|field| {
            field.items.is_some() && nets(&field.text).is_some_and(|own| own != wanted(cx, field))
        });
        if changes {
            diagnostics.push(cx.at_kind(&DAY2_META, object));
        }
    }
}

/// Whether the items of a list are networks with a `hostPrefix`.
pub(super) fn has_host_prefix(field: &Field) -> bool {
    field.items == Some(Items::Cidr)
}
