use super::LintContext;
use super::arguments::{insert, insert_controller};
use super::context::{ChangeText, change};
use super::openshift::has_host_prefix;
use crate::address::Family;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{Component, ConfigObject, FieldKind, Flag, Flags, ObjectKind, Shape};
use crate::rules::{Change, Check, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity};
use crate::version::{Component as Versioned, Gate, Window};
use crate::yaml::write::{Op, Placement, Value};

/// The part of the pod range that a node gets (kube-controller-manager `core.go`).
pub(crate) const DEFAULT_IPV4: u8 = 24;
pub(crate) const DEFAULT_IPV6: u8 = 64;
/// How many bits the range of pods may have less than that part (`cidr_set.go`); kubeadm holds IPv4 to it, too.
const MOST_NODE_BITS: u8 = 16;

/// The part of either family before v1.17 (pkg/controller/nodeipam/config/v1alpha1/defaults.go).
const DEFAULT_OF_BOTH: u8 = 24;

const GENERIC: &str = "node-cidr-mask-size";
const IPV4: &str = "node-cidr-mask-size-ipv4";
const IPV6: &str = "node-cidr-mask-size-ipv6";

const NO_FLAG_OF_FAMILY: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "there is no mask size of a family: --node-cidr-mask-size holds for both",
    windows: &[Window::before(1, 17, 0)],
};

const FORBIDDEN_META: Metadata = Metadata {
    id: "K8S-KCM-MASKFLAG",
    name: "mask-flag-forbidden-for-these-families",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "a mask size of nodes is given by a flag that the wanted families forbid",
    consequence: "`usage of --node-cidr-mask-size is not allowed with dual-stack clusters`: the controller manager exits",
    help: "with both families the size of each is given by its own flag, where it is not the default (24 and 64)",
    fixable: Fixable::Always,
    gates: &[NO_FLAG_OF_FAMILY],
    example: ("--node-cidr-mask-size=25", "--node-cidr-mask-size-ipv4=25"),
    sources: &[
        "kubernetes/kubernetes: cmd/kube-controller-manager/app/core.go",
        "kubernetes/kubernetes: pull request 79993",
    ],
};

const MASK_META: Metadata = Metadata {
    id: "K8S-POD-NODEMASK",
    name: "pod-range-does-not-fit-mask-of-nodes",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the range of pods cannot be given to nodes in parts of this size",
    consequence: "`mask size of cluster CIDR must be less than or equal to --node-cidr-mask-size`, or more than 16 bits between them: the controller manager exits, and kubeadm refuses it",
    help: "--node-cidr-mask-size-ipv6 is given for the range; better is an IPv6 pod range of /48 to /64, which needs no flag",
    fixable: Fixable::Sometimes,
    gates: &[],
    example: (
        "--cluster-cidr=fd00:10:244::/112",
        "--cluster-cidr=fd00:10:244::/112\n--node-cidr-mask-size-ipv6=120",
    ),
    sources: &[
        "kubernetes/kubernetes: pkg/controller/nodeipam/node_ipam_controller.go",
        "kubernetes/kubernetes: pkg/controller/nodeipam/ipam/cidrset/cidr_set.go",
        "kubernetes/kubernetes: issue 95723",
    ],
};

pub(in crate::rules) const FORBIDDEN: Rule = Rule { meta: &FORBIDDEN_META, check: Check::Objects(forbidden) };
pub(in crate::rules) const NODE_MASK: Rule = Rule { meta: &MASK_META, check: Check::Objects(node_mask) };

fn controller_flags<'a>(cx: &'a LintContext<'_>) -> impl Iterator<Item = (&'a ConfigObject<'a>, &'a Flags)> {
    cx.config.flags.iter().filter(|f| f.component == Component::ControllerManager).map(|flags| {
        let object: &ConfigObject<'_> = &cx.config.objects[flags.object];
        (object, flags)
    })
}

fn node_mask(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    // OpenShift's prefix for a node stands in the list.
    let pods = cx
        .config
        .fields_of(&[FieldKind::PodRange])
        .filter(|(_, field)| !has_host_prefix(field) && field.family.is_none());
    for (_, field) in pods {
        let Some(own) = Ranges::read(&field.text) else { continue };
        let flags: Vec<&Flags> = controller_flags(cx)
            .filter(|(_, flags)| flags.object == field.object)
            .map(|(_, flags)| flags)
            .collect();
        let value = |name: &str| flags.iter().find_map(|f| f.value(name));
        if value("allocate-node-cidrs") == Some("false") {
            continue; // Calico's own IPAM needs none of it
        }
        let by_kubeadm = cx.config.objects[field.object].kind == ObjectKind::ClusterConfiguration;
        // kubeadm computed the size from the range (kubernetes issue 95723), but of two ranges it took /24 for both.
        let is_computed = by_kubeadm && cx.before(1, 20) && !(cx.is_dual() && cx.holds(&NO_FLAG_OF_FAMILY));
        if is_computed {
            continue;
        }
        for family in cx.families() {
            let Some(net) = cx.pod_range(family, &own) else { continue };
            let is_single = cx.families().len() == 1;
            let is_one_for_both = cx.holds(&NO_FLAG_OF_FAMILY);
            // With one range, the flag of a family is refused before v1.23.
            let (own, default) = match family {
                Family::Ipv4 => (IPV4, DEFAULT_IPV4),
                Family::Ipv6 if is_one_for_both => (IPV6, DEFAULT_OF_BOTH),
                Family::Ipv6 => (IPV6, DEFAULT_IPV6),
            };
            let needs_generic = is_one_for_both || (is_single && cx.before(1, 23));
            let name = if needs_generic { GENERIC } else { own };
            let generic =
                value(GENERIC).filter(|_| is_single || is_one_for_both).and_then(|v| v.parse().ok());
            let fits_here = |mask: &u8| fits(net.prefix_len(), *mask, family);
            // One that does not fit is dropped by the rule about forbidden flags.
            let generic = generic.filter(|mask| is_one_for_both || fits_here(mask));
            let of_family = value(own).filter(|_| !is_one_for_both).and_then(|v| v.parse().ok());
            let mask = of_family.or(generic).unwrap_or(default);
            if !fits_here(&mask) {
                let message = format!("{net} cannot be given to nodes in parts of /{mask}");
                let diagnostic = cx.at_field(&MASK_META, field).message(message).label(&field.name);
                let object = &cx.config.objects[field.object];
                if is_one_for_both && !is_single {
                    diagnostics.push(diagnostic.message(format!(
                        "{net} cannot be split into /{mask} for each node: before v1.17 one mask size applies to both families"
                    )).consequence("the controller manager exits: the mask size of a node must not be shorter than the prefix of a pod range").help("upgrade to v1.17 or later, where each family has its own mask size"));
                    continue;
                }
                if by_kubeadm && needs_generic && !cx.before(1, 21) {
                    diagnostics.push(diagnostic.help("choose an IPv6 pod range of /48 to /64: kubeadm v1.21 and v1.22 need --node-cidr-mask-size-ipv6 for another one, and with one range the controller manager of these releases refuses that flag"));
                    continue;
                }
                let default_fits = is_one_for_both && fits_here(&DEFAULT_IPV6) && family == Family::Ipv6;
                let wanted =
                    if default_fits { Some(DEFAULT_IPV6) } else { size_for(net.prefix_len(), family) };
                match wanted.and_then(|size| give_size(object, &flags, name, size)) {
                    Some(change) => diagnostics.push(diagnostic.fix(Fix::new(vec![change]))),
                    None => diagnostics.push(diagnostic),
                }
            }
        }
    }
}

/// The part of an IPv6 range that a node gets where the default does not fit: as large as the range allows, for 256 nodes
/// where it is small. Calico's own IPAM does not use it; the controller manager wants it all the same.
pub(super) fn size_for(prefix: u8, family: Family) -> Option<u8> {
    match (family, prefix) {
        (Family::Ipv6, 0..=47) => Some(prefix + MOST_NODE_BITS),
        (Family::Ipv6, 65..=120) => Some(prefix + 8),
        _ => None,
    }
}

/// The part of a range of pods that a node gets, with the flag where it is not the default; none where no part fits.
pub(crate) fn part_of_node(prefix: u8, family: Family) -> Option<(u8, Option<&'static str>)> {
    let (flag, default) = match family {
        Family::Ipv4 => (IPV4, DEFAULT_IPV4),
        Family::Ipv6 => (IPV6, DEFAULT_IPV6),
    };
    if fits(prefix, default, family) {
        return Some((default, None));
    }
    size_for(prefix, family).map(|size| (size, Some(flag)))
}

/// The size by its own flag: set where it is, else added.
fn give_size(object: &ConfigObject<'_>, flags: &[&Flags], name: &str, size: u8) -> Option<Change> {
    let value = size.to_string();
    let told =
        ChangeText { field: name, from: None, to: Some(&value), why: "the default does not fit this range" };
    if let Some(flag) = flags.iter().find_map(|flags| flags.get(name)) {
        let op = Op::Set(Value::string(format!("{}{value}", flag.prefix)));
        return Some(change(object, flag.node, op, ChangeText { from: flag.value.as_deref(), ..told }));
    }
    // Of `command` and `args`, the one with flags.
    let (node, op) = match flags.iter().max_by_key(|flags| flags.flags.len()) {
        Some(flags) => insert(object, flags, name, &value)?,
        None => insert_controller(object, name, &value)?,
    };
    Some(change(object, node, op, told))
}

/// The prefix of the part is at least that of the range; for IPv6 at most 16 bits more.
pub(super) fn fits(prefix: u8, mask: u8, family: Family) -> bool {
    let most = match family {
        Family::Ipv4 => 32,
        Family::Ipv6 => prefix.saturating_add(MOST_NODE_BITS).min(128),
    };
    (prefix..=most).contains(&mask)
}

fn forbidden(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    if cx.holds(&NO_FLAG_OF_FAMILY) {
        return;
    }
    for (object, flags) in controller_flags(cx) {
        let fix = if cx.is_dual() { split(cx, object, flags) } else { drop_other(cx, object, flags) };
        if let Some((flag, fix)) = fix {
            diagnostics.push(cx.at(&FORBIDDEN_META, object, flag.node).fix(fix));
        }
    }
}

/// Both families: the common size becomes that of the family it was given for.
fn split<'f>(cx: &LintContext<'_>, object: &ConfigObject<'_>, flags: &'f Flags) -> Option<(&'f Flag, Fix)> {
    let flag = flags.get(GENERIC)?;
    let value = flag.value.as_deref()?;
    let (name, default) = match cx.first {
        Some(Family::Ipv6) => (IPV6, DEFAULT_IPV6),
        _ => (IPV4, DEFAULT_IPV4),
    };
    let is_default = value.parse() == Ok(default);
    if is_default || flags.get(name).is_some() {
        let why = "forbidden with both families; the size is the default";
        return Some((flag, Fix::new(remove(object, flag, why))));
    }
    let why = "with both families each has its own size";
    Some((flag, Fix::new(rename(object, flags, flag, name, value, why))))
}

/// One family: the size of the other is forbidden, and a common one that does not fit it is dropped.
fn drop_other<'f>(
    cx: &LintContext<'_>,
    object: &ConfigObject<'_>,
    flags: &'f Flags,
) -> Option<(&'f Flag, Fix)> {
    let family = cx.primary();
    let other = match family {
        Family::Ipv4 => IPV6,
        Family::Ipv6 => IPV4,
    };
    if let Some(flag) = flags.get(other) {
        let why = "not allowed without that family";
        return Some((flag, Fix::new(remove(object, flag, why))));
    }
    // With one range, the controller manager of v1.17 to v1.22 refuses the flag of its family, too.
    let (own, default) = match family {
        Family::Ipv4 => (IPV4, DEFAULT_IPV4),
        Family::Ipv6 => (IPV6, DEFAULT_IPV6),
    };
    if let Some(flag) = flags.get(own).filter(|_| cx.before(1, 23) && !by_kubeadm(object)) {
        let value = flag.value.as_deref()?;
        if value.parse() == Ok(default) || flags.get(GENERIC).is_some() {
            let why = "not allowed with one range before v1.23";
            return Some((flag, Fix::new(remove(object, flag, why))));
        }
        let why = "with one range before v1.23 the size has this flag";
        return Some((flag, Fix::new(rename(object, flags, flag, GENERIC, value, why))));
    }
    let flag = flags.get(GENERIC)?;
    let mask = flag.value.as_deref()?.parse::<u8>().ok()?;
    let net = cx.pod_range(family, &Ranges::default())?;
    if fits(net.prefix_len(), mask, family) {
        return None;
    }
    let why = "the size was that of the other family; the default fits";
    Some((flag, Fix::new(remove(object, flag, why))))
}

/// kubeadm v1.21 and v1.22 read the flag that the controller manager refuses: no flag satisfies both.
fn by_kubeadm(object: &ConfigObject<'_>) -> bool {
    object.kind == ObjectKind::ClusterConfiguration
}

fn remove(object: &ConfigObject<'_>, flag: &Flag, why: &str) -> Vec<Change> {
    let told = ChangeText { field: &flag.name, from: flag.value.as_deref(), to: None, why };
    flag.items
        .iter()
        .enumerate()
        .map(|(i, item)| {
            let mut change = change(object, *item, Op::Remove, told);
            change.description = change.description.filter(|_| i == 0);
            change
        })
        .collect()
}

/// The same value under another name: in the place of the old one where names can be set, else beside it first.
fn rename(
    object: &ConfigObject<'_>,
    flags: &Flags,
    flag: &Flag,
    name: &str,
    value: &str,
    why: &str,
) -> Vec<Change> {
    let told = ChangeText { field: name, from: None, to: Some(value), why };
    let tree = object.tree();
    match flags.shape {
        // The next round takes the old one out.
        Shape::Map(map) => {
            let place = Placement { after: Some(flag.node), below: None };
            let op = Op::InsertEntry(place, name.to_owned(), Value::string(value));
            vec![change(object, map, op, told)]
        }
        Shape::List(_) => {
            let key = flag.items.first().and_then(|item| tree.get(*item, "name"));
            key.map(|key| change(object, key, Op::Set(Value::string(name)), told)).into_iter().collect()
        }
        Shape::Words(_) => {
            let word = if flag.prefix.is_empty() { format!("--{name}") } else { format!("--{name}={value}") };
            let item = flag.items.first().copied().unwrap_or(flag.node);
            vec![change(object, item, Op::Set(Value::string(word)), told)]
        }
    }
}
