use super::arguments::{insert, insert_controller};
use super::change::{ChangeText, change, remove_flag};
use super::gates::{GATE, has_gate};
use super::openshift::has_host_prefix;
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::model::facts::cluster::Ranges;
use crate::model::fields::{Component, ConfigObject, FieldKind, Flag, Flags, ObjectKind, Shape};
use crate::rules::{
    Change, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::version::{Component as Versioned, Gate, Window};
use crate::yaml::write::{Op, Value};

/// The default node mask sizes: the prefix length of the part of the pod CIDR that a node gets (kube-controller-manager
/// `core.go`).
pub(crate) const DEFAULT_IPV4: u8 = 24;
pub(crate) const DEFAULT_IPV6: u8 = 64;
/// The largest difference between a node mask size and the prefix length of the pod CIDR (`cidr_set.go`): for IPv6; in
/// kubeadm for IPv4, too.
const MOST_NODE_BITS: u8 = 16;

/// The default node mask size of both families before v1.17 (pkg/controller/nodeipam/config/v1alpha1/defaults.go).
const DEFAULT_OF_BOTH: u8 = 24;

const GENERIC: &str = "node-cidr-mask-size";
const IPV4: &str = "node-cidr-mask-size-ipv4";
const IPV6: &str = "node-cidr-mask-size-ipv6";

const NO_FLAG_OF_FAMILY: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "--node-cidr-mask-size is the only mask size flag and applies to both IP families",
    windows: &[Window::before(1, 17, 0)],
};

const FORBIDDEN_META: Metadata = Metadata {
    id: "K8S-KCM-MASKFLAG",
    name: "node-mask-flag-not-allowed",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[NO_FLAG_OF_FAMILY],
    texts: Texts {
        finds: "a node mask size flag is not allowed with the target stack",
        consequence: "with --allocate-node-cidrs the controller manager exits: `usage of --node-cidr-mask-size is not allowed with dual-stack clusters`; in a single-stack cluster it rejects the flag of the other IP family (`usage of --node-cidr-mask-size-ipv4 is not allowed for a single-stack IPv6 cluster`), and before v1.23 both: `usage of --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6 are not allowed with non dual-stack clusters`",
        help: "the fix renames the flag, or removes it if the default size applies (24 for IPv4, 64 for IPv6)",
        example: ("--node-cidr-mask-size=25", "--node-cidr-mask-size-ipv4=25"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kube-controller-manager/app/core.go").line(922),
            upstream::KUBERNETES.file("cmd/kube-controller-manager/app/core.go").line(634).at("v1.22.0"),
            upstream::KUBERNETES.pull(79993),
        ],
    }
    .built_in(),
};

const MASK_META: Metadata = Metadata {
    id: "K8S-POD-NODEMASK",
    name: "pod-cidr-does-not-fit-node-mask",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "the pod CIDR cannot be split into parts of the node mask size",
        consequence: "with --allocate-node-cidrs=true the controller manager exits if the node mask is shorter than the prefix of the pod CIDR (`mask size of cluster CIDR must be less than or equal to --node-cidr-mask-size`; before v1.17 `must be less than --node-cidr-mask-size`) or, for IPv6, more than 16 bits longer (`the node CIDR size is too big`); kubeadm v1.20 and later reject both, for IPv4 and IPv6",
        help: "the fix sets --node-cidr-mask-size-ipv6 (in a single-stack cluster before v1.23: --node-cidr-mask-size); it is better to choose an IPv6 pod CIDR of /48 to /56, which needs no flag from v1.17 on (a /64 is enough for one node only)",
        example: (
            "--cluster-cidr=10.244.0.0/16,fd00:10:244::/112",
            "--cluster-cidr=10.244.0.0/16,fd00:10:244::/112\n--node-cidr-mask-size-ipv6=120",
        ),
        sources: &[
            upstream::KUBERNETES
                .file("cmd/kube-controller-manager/app/core.go")
                .symbol("setNodeCIDRMaskSizes")
                .line(630)
                .at("v1.22.0"),
            upstream::KUBERNETES.file("pkg/controller/nodeipam/node_ipam_controller.go").line(90),
            upstream::KUBERNETES
                .file("pkg/controller/nodeipam/node_ipam_controller.go")
                .line(118)
                .at("v1.16.15"),
            upstream::KUBERNETES
                .file("pkg/controller/nodeipam/ipam/cidrset/cidr_set.go")
                .symbol("NewCIDRSet")
                .line(82),
            upstream::KUBERNETES.pull(95723),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const FORBIDDEN: Rule = Rule { meta: &FORBIDDEN_META, check: Check::Text(forbidden) };
pub(in crate::rules) const NODE_MASK: Rule = Rule { meta: &MASK_META, check: Check::Text(node_mask) };

fn controller_flags<'a>(cx: &'a Context<'_>) -> impl Iterator<Item = (&'a ConfigObject<'a>, &'a Flags)> {
    cx.config.flags.iter().filter(|f| f.component == Component::ControllerManager).map(|flags| {
        let object: &ConfigObject<'_> = &cx.config.objects[flags.object];
        (object, flags)
    })
}

fn node_mask(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    // OpenShift sets the prefix of a node in the list of networks.
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
        let object = &cx.config.objects[field.object];
        if value("allocate-node-cidrs") == Some("false") || allocates_nothing(object, &flags) {
            continue;
        }
        let by_kubeadm = object.kind == ObjectKind::ClusterConfiguration;
        // kubeadm computed the size from the CIDR (kubernetes issue 95723), but of two CIDRs it took /24 for both. A flag in its
        // configuration comes first.
        let is_computed = by_kubeadm
            && cx.before(1, 20)
            && (!cx.holds(&NO_FLAG_OF_FAMILY) || (!cx.is_dual() && value(GENERIC).is_none()));
        if is_computed {
            continue;
        }
        for family in cx.families() {
            let Some(net) = cx.pod_range(family, &own) else { continue };
            let is_single = cx.families().len() == 1;
            let is_one_for_both = cx.holds(&NO_FLAG_OF_FAMILY);
            // With one CIDR, the flags of a family are rejected before v1.23.
            let (own, default) = match family {
                Family::Ipv4 => (IPV4, DEFAULT_IPV4),
                Family::Ipv6 if is_one_for_both => (IPV6, DEFAULT_OF_BOTH),
                Family::Ipv6 => (IPV6, DEFAULT_IPV6),
            };
            let needs_generic = is_one_for_both || (is_single && cx.before(1, 23) && !is_gated(cx, &flags));
            let name = if needs_generic { GENERIC } else { own };
            let generic =
                value(GENERIC).filter(|_| is_single || is_one_for_both).and_then(|v| v.parse().ok());
            let fits_here = |mask: &u8| fits(net.prefix_len(), *mask, family);
            // The rule about flags that are not allowed removes a size that does not fit.
            let generic = generic.filter(|mask| is_one_for_both || fits_here(mask));
            let of_family = value(own).filter(|_| !is_one_for_both).and_then(|v| v.parse().ok());
            let mask = of_family.or(generic).unwrap_or(default);
            if !fits_here(&mask) {
                let message = format!("{net} cannot be split into parts of /{mask} for each node");
                let diagnostic =
                    cx.at_item(&MASK_META, field, &net.to_string()).message(message).label(&field.name);
                if is_one_for_both && !is_single {
                    diagnostics.push(diagnostic.message(format!(
                        "{net} cannot be split into parts of /{mask} for each node: before v1.17 one mask size applies to both IP families"
                    )).consequence("the controller manager exits, because the node mask must not be shorter than the prefix of a pod CIDR").help("upgrade to v1.17 or later, where each IP family has its own mask size"));
                    continue;
                }
                if by_kubeadm && needs_generic && !cx.before(1, 21) {
                    diagnostics.push(diagnostic.help("choose an IPv6 pod CIDR of /48 to /56 (a /64 is enough for one node only): for other CIDRs kubeadm v1.21 and v1.22 need --node-cidr-mask-size-ipv6, but in a single-stack cluster the controller manager of these releases rejects that flag"));
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

/// Returns whether the controller manager takes the flags of an IP family although there is one CIDR: before v1.20 the gate decides
/// this, and not the number of CIDRs (`core.go` of v1.17.0 and v1.19.0).
fn is_gated(cx: &Context<'_>, flags: &[&Flags]) -> bool {
    cx.before(1, 20) && flags.iter().any(|flags| has_gate(flags, GATE))
}

/// Returns whether this is the command line of a controller manager without --allocate-node-cidrs, which is false by default.
/// A drop-in or a variable of a unit, or a script, may set it.
fn allocates_nothing(object: &ConfigObject<'_>, flags: &[&Flags]) -> bool {
    object.kind == ObjectKind::Process(Component::ControllerManager)
        && !object.tree().is_flag_file()
        && flags.iter().all(|flags| {
            flags.script.is_none()
                && flags.unreadable.is_empty()
                && flags.get("allocate-node-cidrs").is_none()
        })
}

/// Returns the node mask size of an IPv6 CIDR that the default does not fit: the largest part that is allowed, or a part for
/// 256 nodes if the CIDR is small. Calico IPAM does not use it, but the controller manager requires it.
pub(super) fn size_for(prefix: u8, family: Family) -> Option<u8> {
    match (family, prefix) {
        (Family::Ipv6, 0..=47) => Some(prefix + MOST_NODE_BITS),
        (Family::Ipv6, 65..=120) => Some(prefix + 8),
        _ => None,
    }
}

/// Returns the node mask size of a pod CIDR, with its flag if the size is not the default; `None` if no size fits.
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

/// Returns the change that sets the flag of the size, or adds it.
fn give_size(object: &ConfigObject<'_>, flags: &[&Flags], name: &str, size: u8) -> Option<Change> {
    let value = size.to_string();
    let description = ChangeText {
        field: name,
        from: None,
        to: Some(&value),
        why: "the default does not fit this pod CIDR",
    };
    if let Some(flag) = flags.iter().find_map(|flags| flags.get(name)) {
        let op = Op::Set(Value::string(format!("{}{value}", flag.prefix)));
        return Some(change(
            object,
            flag.node,
            op,
            ChangeText { from: flag.value.as_deref(), ..description },
        ));
    }
    // Use the one of `command` and `args` that has flags.
    let (node, op) = match flags.iter().max_by_key(|flags| flags.flags.len()) {
        Some(flags) => insert(object, flags, name, &value)?,
        None => insert_controller(object, name, &value)?,
    };
    Some(change(object, node, op, description))
}

/// Returns whether a mask fits: it is not shorter than the prefix of the CIDR and, for IPv6, at most 16 bits longer.
pub(super) fn fits(prefix: u8, mask: u8, family: Family) -> bool {
    let most = match family {
        Family::Ipv4 => 32,
        Family::Ipv6 => prefix.saturating_add(MOST_NODE_BITS).min(128),
    };
    (prefix..=most).contains(&mask)
}

fn forbidden(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.holds(&NO_FLAG_OF_FAMILY) {
        return;
    }
    for (object, flags) in controller_flags(cx) {
        let by_family = cx.is_dual() || is_gated(cx, &[flags]);
        // The rule about installers removes the flags of both families.
        if object.kind == ObjectKind::K0s && !by_family {
            continue;
        }
        let fix = if by_family { split(cx, object, flags) } else { drop_other(cx, object, flags) };
        if let Some((flag, fix)) = fix {
            diagnostics.push(cx.at(&FORBIDDEN_META, object, flag.node).fix(fix));
        }
    }
}

/// Dual-stack, or its feature gate: the common size becomes the size of the family for which it was set.
fn split<'f>(cx: &Context<'_>, object: &ConfigObject<'_>, flags: &'f Flags) -> Option<(&'f Flag, Fix)> {
    let flag = flags.get(GENERIC)?;
    let value = flag.value.as_deref()?;
    let (name, default) = match cx.first {
        Some(Family::Ipv6) => (IPV6, DEFAULT_IPV6),
        // No IPv4 range has parts that small.
        _ if value.parse::<u8>().is_ok_and(|size| size > 32) => (IPV6, DEFAULT_IPV6),
        _ => (IPV4, DEFAULT_IPV4),
    };
    let is_default = value.parse() == Ok(default);
    if is_default || flags.get(name).is_some() {
        let why = "not allowed in dual-stack; the size is the default";
        return Some((flag, Fix::new(remove_flag(object, flag, why))));
    }
    let why = "in dual-stack each IP family has its own size";
    Some((flag, Fix::new(rename(object, flags, flag, name, value, why))))
}

/// Single-stack: the flag of the other family is not allowed, and a common size that does not fit is removed.
fn drop_other<'f>(cx: &Context<'_>, object: &ConfigObject<'_>, flags: &'f Flags) -> Option<(&'f Flag, Fix)> {
    let family = cx.primary();
    let other = match family {
        Family::Ipv4 => IPV6,
        Family::Ipv6 => IPV4,
    };
    if let Some(flag) = flags.get(other) {
        let why = "not allowed without that IP family";
        return Some((flag, Fix::new(remove_flag(object, flag, why))));
    }
    // With one CIDR, the controller manager of v1.17 to v1.22 rejects the flag of its own family, too.
    let (own, default) = match family {
        Family::Ipv4 => (IPV4, DEFAULT_IPV4),
        Family::Ipv6 => (IPV6, DEFAULT_IPV6),
    };
    if let Some(flag) = flags.get(own).filter(|_| cx.before(1, 23) && !by_kubeadm(object)) {
        let value = flag.value.as_deref()?;
        if value.parse() == Ok(default) || flags.get(GENERIC).is_some() {
            let why = "not allowed in a single-stack cluster before v1.23";
            return Some((flag, Fix::new(remove_flag(object, flag, why))));
        }
        let why = "before v1.23 a single-stack cluster uses this flag";
        return Some((flag, Fix::new(rename(object, flags, flag, GENERIC, value, why))));
    }
    let flag = flags.get(GENERIC)?;
    let mask = flag.value.as_deref()?.parse::<u8>().ok()?;
    let net = cx.pod_range(family, &Ranges::default())?;
    if fits(net.prefix_len(), mask, family) {
        return None;
    }
    let why = "the size was for the other IP family; the default fits";
    Some((flag, Fix::new(remove_flag(object, flag, why))))
}

/// Returns whether kubeadm reads these flags: kubeadm v1.21 and v1.22 need the flag that the controller manager rejects, so no
/// flag satisfies both.
fn by_kubeadm(object: &ConfigObject<'_>) -> bool {
    object.kind == ObjectKind::ClusterConfiguration
}

/// Returns the changes that give a value another name, in its place: comments stay.
pub(super) fn rename(
    object: &ConfigObject<'_>,
    flags: &Flags,
    flag: &Flag,
    name: &str,
    value: &str,
    why: &str,
) -> Vec<Change> {
    let description = ChangeText { field: name, from: None, to: Some(value), why };
    let tree = object.tree();
    match flags.shape {
        Shape::Map(_) | Shape::List(_) => {
            let of_item = || flag.items.first().and_then(|item| tree.get(*item, "name"));
            let key =
                tree.key_of(flag.node).filter(|_| matches!(flags.shape, Shape::Map(_))).or_else(of_item);
            key.map(|key| change(object, key, Op::Set(Value::string(name)), description))
                .into_iter()
                .collect()
        }
        Shape::Plain(_) => {
            vec![change(object, flag.node, Op::Set(Value::string(format!("{name}={value}"))), description)]
        }
        Shape::Words(_) => {
            let argument =
                if flag.prefix.is_empty() { format!("--{name}") } else { format!("--{name}={value}") };
            let item = flag.items.first().copied().unwrap_or(flag.node);
            vec![change(object, item, Op::Set(Value::string(argument)), description)]
        }
    }
}
