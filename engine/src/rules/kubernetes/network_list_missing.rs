//! Network lists that an install-config leaves to the installer. Their defaults are IPv4.

use super::change::{ChangeText, change};
use super::list_edits::HOST_PREFIX_IPV4;
use super::masks::DEFAULT_IPV6;
use super::ranges::ask;
use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, FieldKind, ObjectKind};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::RangeOf;
use crate::yaml::write::{Op, Placement, Value};
use crate::yaml::{Kind, NodeId};
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "OCP-DEFAULT",
    name: "network-list-left-to-the-installer",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "install-config.yaml does not set a network list, and the default of the list is IPv4",
        consequence: "if serviceNetwork has both IP families, openshift-install refuses the file: `dual-stack IPv4/IPv6 requires an IPv6 network in this list` (not for machineNetwork on AWS from 4.22 on if the installer creates the VPC); otherwise it uses the IPv4 default",
        help: "the list is added, with one network for each target IP family",
        example: ("networking:\n  networkType: Calico\nplatform:", "networking:\n  networkType: Calico\n  machineNetwork:\n    - cidr: 10.0.0.0/16\n    - cidr: 2001:db8:1::/64"),
        sources: &[
            upstream::OPENSHIFT_INSTALLER.file("pkg/types/defaults/installconfig.go").line(25),
            upstream::OPENSHIFT_INSTALLER.file("pkg/types/validation/installconfig.go").symbol("validateNetworkingIPVersion").line(437),
            upstream::ASSISTED_SERVICE
                .file("internal/network/dual_stack_validations.go")
                .symbol("VerifyMachineNetworksDualStack"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// The lists and their defaults (openshift/installer `pkg/types/defaults/installconfig.go`).
const LISTS: [(FieldKind, &str, &str); 3] = [
    (FieldKind::MachineRange, "machineNetwork", "10.0.0.0/16"),
    (FieldKind::PodRange, "clusterNetwork", "10.128.0.0/14"),
    (FieldKind::ServiceRange, "serviceNetwork", "172.30.0.0/16"),
];
/// Old names of the lists. If one of them is set, the installer does not use the default.
const OLD: [&str; 3] = ["machineCIDR", "clusterNetworks", "serviceCIDR"];
/// Platforms with a different default for the node networks.
const OTHER_DEFAULT: [&str; 2] = ["libvirt", "powervs"];

/// The mapping with the network lists of an install-config; the root if `networking` is missing. `None` if the default of
/// this list is not known.
fn networking(object: &ConfigObject<'_>, kind: FieldKind) -> Option<NodeId> {
    let tree = object.tree();
    let node = tree.get(object.root, "networking").unwrap_or(object.root);
    let has_old = OLD.iter().any(|old| tree.get(node, old).is_some());
    let has_other = OTHER_DEFAULT.iter().any(|name| tree.at(object.root, &["platform", name]).is_some());
    let is_install = object.kind == ObjectKind::InstallConfig && object.resource.kind.starts_with("install");
    let is_known = is_install && !has_old && !(has_other && kind == FieldKind::MachineRange);
    (is_known && tree.kind(node) == Kind::Mapping).then_some(node)
}

/// Whether this rule adds a missing list.
pub(super) fn is_written(cx: &Context<'_>, object: &ConfigObject<'_>, kind: FieldKind) -> bool {
    cx.target.to.has_ipv6() && networking(object, kind).is_some()
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() {
        return;
    }
    for (index, object) in cx.config.objects_of(ObjectKind::InstallConfig) {
        diagnostics.extend(of_assisted_installer(cx, index, object));
        // Lists below a mapping that is missing too come in one change.
        let mut below: Vec<(String, Value)> = Vec::new();
        let mut texts: Vec<String> = Vec::new();
        for (kind, name, default) in LISTS {
            let Some(networking) = networking(object, kind) else { continue };
            let is_there = object.tree().get(networking, name).is_some()
                || cx.config.fields.iter().any(|f| f.object == index && f.kind == kind);
            if is_there {
                continue;
            }
            let place = object.tree().key_of(networking).unwrap_or(networking);
            let found = cx.at(&META, object, place);
            let found = found.message(format!("{name} is not set: the default is {default}"));
            let mut nets: Vec<IpNet> = Vec::new();
            let mut missing = None;
            for wanted in cx.families() {
                match range(cx, kind, wanted, default) {
                    Some(net) => nets.push(net),
                    None => missing = missing.or(Some(wanted)),
                }
            }
            if let Some(missing) = missing {
                match kind {
                    FieldKind::MachineRange => {
                        let why = format!("{name} needs the network of the nodes' {missing} addresses");
                        diagnostics.ask("ipv6-machine-cidr", "2001:db8:1::/64", why, found.clone());
                    }
                    _ => ask(kind, missing, name, found.clone(), diagnostics),
                }
                diagnostics.push(found.stops(false));
                continue;
            }
            let text = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let value = Value::Seq(nets.iter().map(|net| item(kind, *net)).collect());
            if networking == object.root {
                below.push((name.to_owned(), value));
                texts.push(text);
                continue;
            }
            let description = ChangeText { field: name, from: None, to: Some(&text), why: WHY };
            let op = Op::InsertEntry(Placement::default(), name.to_owned(), value);
            let fix = Fix::new(vec![change(object, networking, op, description).of(kind, name)]);
            diagnostics.push(found.fix(fix));
        }
        if !below.is_empty() {
            let text = texts.join(", ");
            let told = ChangeText { field: "networking", from: None, to: Some(&text), why: WHY };
            let op = Op::InsertEntry(Placement::default(), "networking".to_owned(), Value::Map(below));
            let fix = Fix::new(vec![change(object, object.root, op, told)]);
            let found = cx.at(&META, object, object.root);
            diagnostics.push(found.message("networking is not in the file: all its lists are IPv4").fix(fix));
        }
    }
}

/// The assisted installer calculates the network of the nodes, but not for two IP families.
fn of_assisted_installer(cx: &Context<'_>, index: usize, object: &ConfigObject<'_>) -> Option<Diagnostic> {
    let has_own = cx.config.fields.iter().any(|f| f.object == index && f.kind == FieldKind::MachineRange);
    if object.resource.kind != "AgentClusterInstall" || !cx.is_dual() || has_own {
        return None;
    }
    let tree = object.tree();
    let networking = tree.at(object.root, &["spec", "networking"])?;
    let place = tree.key_of(networking).unwrap_or(networking);
    Some(
        cx.at(&META, object, place)
            .message("machineNetwork is not set, and a dual-stack cluster needs it")
            .consequence("the assisted installer calculates the network of the nodes for one IP family only, and refuses the cluster: `Expected 2 machine networks, found 0`")
            .help("set machineNetwork to the networks of the nodes' IPv4 and IPv6 addresses"),
    )
}

const WHY: &str = "the default is IPv4 only";

/// The range of a family: from the options, from another file, or the default.
fn range(cx: &Context<'_>, kind: FieldKind, wanted: Family, default: &str) -> Option<IpNet> {
    let known = match kind {
        FieldKind::MachineRange => {
            cx.target.ipv6_machine_cidr.map(IpNet::V6).filter(|_| wanted == Family::Ipv6)
        }
        FieldKind::PodRange => cx.target.range(RangeOf::Pods, wanted).or_else(|| cx.cluster.pods.of(wanted)),
        _ => cx.target.range(RangeOf::Services, wanted).or_else(|| cx.cluster.services.of(wanted)),
    };
    known.or_else(|| default.parse().ok().filter(|net| family(*net) == wanted))
}

fn item(kind: FieldKind, net: IpNet) -> Value {
    let cidr = ("cidr".to_owned(), Value::string(net.to_string()));
    match kind {
        FieldKind::ServiceRange => Value::string(net.to_string()),
        FieldKind::PodRange => {
            let prefix = match family(net) {
                Family::Ipv4 => HOST_PREFIX_IPV4,
                Family::Ipv6 => DEFAULT_IPV6,
            };
            Value::Map(vec![cidr, ("hostPrefix".to_owned(), Value::Word(prefix.to_string()))])
        }
        _ => Value::Map(vec![cidr]),
    }
}
