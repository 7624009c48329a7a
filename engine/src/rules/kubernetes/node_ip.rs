//! `--node-ip` of kubelet: the addresses of a node.

use super::addresses::Wanted;
use super::gates::has_gate;
use super::unknown_flag::is_misspelled;
use crate::address::{Family, family_of};
use crate::diagnostic::upstream;
use crate::model::facts::inventory::records;
use crate::model::facts::node_address::{NodeAddress, is_of_calico, is_of_k0sctl};
use crate::model::fields::{Component, Field, FieldKind, Flags, Installer, ObjectKind, Shape};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::target::AddressMap;
use crate::version::{Component as Versioned, Gate, Window};
use std::net::IpAddr;

pub(crate) const NO_PAIR: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "kubelet accepts only one --node-ip",
    windows: &[Window::before(1, 20, 0)],
};

pub(super) const FAMILY_META: Metadata = Metadata {
    id: "K8S-NODEIP-FAMILY",
    name: "node-ip-of-other-family",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[NO_PAIR],
    texts: Texts {
        finds: "kubelet's --node-ip does not match the target IP families",
        consequence: "kubelet registers the node with these addresses: they become the addresses of host-network pods, the API server reaches kubelet at them, and kube-proxy takes its primary IP family from the first one",
        help: "--node-ip is set to one address per target IP family, primary first; pass --map-address IPV4=IPV6 for each node. Kubernetes v1.20 also needs the feature gate IPv6DualStack",
        example: ("node-ip: 192.0.2.11", "node-ip: 192.0.2.11,2001:db8:1::11"),
        sources: &[
            upstream::KUBERNETES.file("staging/src/k8s.io/component-helpers/node/util/ips.go").line(54),
            upstream::KUBERNETES.file("pkg/kubelet/kubelet_node_status.go").line(734),
            upstream::KUBERNETES.file("cmd/kube-proxy/app/server.go").symbol("detectNodeIPs").line(704),
        ],
    }
    .built_in(),
};

const MISSING_META: Metadata = Metadata {
    id: "K8S-NODEIP-MISSING",
    name: "node-ip-not-set",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[NO_PAIR],
    texts: Texts {
        finds: "kubelet has no --node-ip",
        consequence: "kubelet uses one address: the hostname if it is an address, otherwise the DNS record of the node's name, otherwise the address of the default route, IPv4 before IPv6. With --cloud-provider=external the cloud provider sets the addresses, and can set both families",
        help: "add node-ip to the kubeletExtraArgs of this node, with one address per target IP family",
        example: (
            "kubeletExtraArgs: []",
            "kubeletExtraArgs:\n- name: node-ip\n  value: 192.0.2.11,2001:db8:1::11",
        ),
        sources: &[
            upstream::KUBERNETES.issue(90704),
            upstream::KUBERNETES.file("pkg/kubelet/nodestatus/setters.go").symbol("NodeAddress").line(64),
        ],
    }
    .built_in(),
};

const TYPO_META: Metadata = Metadata {
    id: "K8S-NODEIP-TYPO",
    name: "invalid-node-ip",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "a --node-ip value is not a valid IP address",
        consequence: "kubelet ignores the invalid value (v1.20 and later also log it): the node has only the other address, or one that kubelet detects",
        help: "set one IPv4 and one IPv6 address, without brackets, zone or prefix length",
        example: ("node-ip: 192.0.2.11,fd00::x", "node-ip: 192.0.2.11,fd00::11"),
        sources: &[
            upstream::KUBERNETES.file("staging/src/k8s.io/component-helpers/node/util/ips.go").line(43),
            upstream::KUBERNETES.file("cmd/kubelet/app/server.go").line(1300),
        ],
    }
    .built_in(),
};

const SAME_META: Metadata = Metadata {
    id: "KADM-DUPNODEIP",
    name: "duplicate-node-ip",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "two nodes have the same --node-ip, InternalIP or k0sctl privateAddress, or the same address in their Calico records",
        consequence: "the node that does not own the address registers without any address: kubelet logs `not found in the host's network interfaces`, the API server cannot reach that kubelet, and pods that use status.hostIP do not start. If both hosts own the address, the API server reaches only one of them",
        help: "set a different address for each node",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES.file("pkg/kubelet/kubelet_node_status.go").symbol("validateNodeIP").line(796),
            upstream::page(
                "Kubernetes: Dual-stack support with kubeadm",
                "https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/dual-stack-support/",
            ),
            upstream::KUBERNETES.file("pkg/kubelet/nodestatus/setters.go").line(87),
            upstream::KUBERNETES.file("pkg/kubelet/kubelet_pods.go").symbol("status.hostIP").line(1028),
            upstream::CALICO.file("node/pkg/lifecycle/startup/startup.go").symbol("checkConflicts"),
            upstream::K0SCTL.file("phase/validate_hosts.go").line(95),
        ],
    }
    .built_in(),
};

const CLOUD_NEEDS_ONE: Gate = Gate {
    component: Versioned::Kubernetes,
    what: "with --cloud-provider=external, kubelet accepts only one --node-ip (v1.27 and v1.28: two with the feature gate CloudDualStackNodeIPs)",
    windows: &[Window::before(1, 29, 0)],
};

const CLOUD_META: Metadata = Metadata {
    id: "K8S-NODEIP-CLOUD",
    name: "two-node-addresses-with-a-cloud-provider",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[CLOUD_NEEDS_ONE],
    texts: Texts {
        finds: "kubelet has two --node-ip addresses and a cloud provider",
        consequence: "kubelet exits: before v1.27 with `not supported when using a cloud provider`, later with `dual-stack not supported in this configuration`",
        help: "remove node-ip so that the cloud provider sets the addresses, or use --cloud-provider=external with v1.29 or later (v1.27 and v1.28: with the feature gate CloudDualStackNodeIPs); v1.29 and later still reject two addresses with any other provider",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES
                .file("staging/src/k8s.io/component-helpers/node/util/ips.go")
                .symbol("parseNodeIP")
                .line(56),
            upstream::KUBERNETES.file("cmd/kubelet/app/server.go").line(1137).at("v1.26.0"),
            upstream::OPENSTACK_CLOUD_PROVIDER.issue(2322),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const TYPO: Rule = Rule { meta: &TYPO_META, check: Check::Text(typo) };
pub(in crate::rules) const SAME: Rule = Rule { meta: &SAME_META, check: Check::Text(same) };
pub(in crate::rules) const CLOUD: Rule = Rule { meta: &CLOUD_META, check: Check::Text(cloud) };
pub(in crate::rules) const FAMILY: Rule = Rule { meta: &FAMILY_META, check: Check::Text(family) };
pub(in crate::rules) const MISSING: Rule = Rule { meta: &MISSING_META, check: Check::Text(missing) };

impl Context<'_> {
    /// The `--node-ip` of the target: one address per family, primary first.
    pub(super) fn wanted_node_ip(&self, field: &Field) -> Wanted {
        let read = |part: &str| part.trim().parse::<IpAddr>().ok();
        let Some(own) = field.text.split(',').map(read).collect::<Option<Vec<_>>>() else {
            return Wanted::Same; // a placeholder, or a name that kubelet ignores
        };
        // `0.0.0.0` and `::` are not addresses: kubelet then prefers the default address of that family.
        if let [one] = own[..]
            && one.is_unspecified()
            && family_of(one) != self.primary()
            && !self.before(1, 20)
            && self.config.objects[field.object].kind.installer() != Some(Installer::K3s)
        {
            return Wanted::Text(if self.primary() == Family::Ipv6 { "::" } else { "0.0.0.0" }.to_owned());
        }
        if own.iter().any(|a| a.is_unspecified() || a.is_loopback()) {
            return Wanted::Same;
        }
        let families = if self.holds(&NO_PAIR) { vec![self.primary()] } else { self.families() };
        let mut wanted = Vec::new();
        for family in families {
            let known = own.iter().copied().find(|a| family_of(*a) == family);
            match known.or_else(|| own.iter().find_map(|a| self.address_map.in_family(*a, family))) {
                Some(address) => wanted.push(address),
                None => return Wanted::Without(own),
            }
        }
        // The nodes of a cluster that the files show as single-stack may have an address of the other family too.
        let ranges = [&self.cluster.services, &self.cluster.pods];
        let is_single = |other| {
            ranges.iter().any(|ranges| !ranges.nets.is_empty())
                && ranges.iter().all(|ranges| ranges.of(other).is_none())
        };
        let is_apart = matches!(own[..], [first, other] if first.is_ipv4() != other.is_ipv4() && is_single(family_of(other)));
        if wanted == own || (is_apart && wanted[..] == own[..1]) {
            return Wanted::Same;
        }
        Wanted::Text(wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    }
}

fn family(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::NodeIp]) {
        match cx.wanted_node_ip(field) {
            Wanted::Same => {}
            Wanted::Text(text) => {
                let why = "one address per target IP family, primary first";
                diagnostics.push(cx.at_field(&FAMILY_META, field).fix(cx.set(field, &text, why)));
            }
            Wanted::Without(own) if cx.is_dual() => {
                let stated: Vec<String> = own.iter().map(ToString::to_string).collect();
                diagnostics.push(
                    cx.at_field(&FAMILY_META, field)
                        .severity(Severity::Warning)
                        .label(&field.name)
                        .message(format!("the {} address of node {} is not known", if own.iter().any(IpAddr::is_ipv6) { "IPv4" } else { "IPv6" }, stated.join(",")))
                        .consequence("the node stays single-stack: its host-network pods, and Services that select them, have only this IP family")
                        .help(format!("pass --map-address {}", AddressMap::placeholder(own.first().copied()))),
                );
            }
            Wanted::Without(_) => {} // NET-012 reports it.
        }
    }
}

fn missing(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.target.to.has_ipv6() || (cx.is_dual() && cx.holds(&NO_PAIR)) {
        return;
    }
    for kind in [ObjectKind::InitConfiguration, ObjectKind::JoinConfiguration] {
        for (index, object) in cx.config.objects_of(kind) {
            let all = cx.config.flags_of(Component::Kubelet);
            if !all.into_iter().any(|(_, flags)| flags.object == index && sets_node_ip(flags)) {
                diagnostics.push(cx.at_kind(&MISSING_META, object));
            }
        }
    }
    missing_in_files(cx, diagnostics);
}

/// Whether the flags set `--node-ip`, or a misspelled form of it.
fn sets_node_ip(flags: &Flags) -> bool {
    flags.get("node-ip").is_some() || is_misspelled(flags, "node-ip")
}

/// Reports a unit or an environment file with kubelet's flags, if no such file has the addresses.
fn missing_in_files(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let is_file = |kind| matches!(kind, ObjectKind::Process(Component::Kubelet) | ObjectKind::Variables);
    if cx.cluster.lists.node_addresses.iter().any(|one| is_file(one.kind)) {
        return;
    }
    for (object, flags) in cx.config.flags_of(Component::Kubelet).filter(|(object, _)| is_file(object.kind)) {
        let Shape::Words(list) = flags.shape else { continue };
        let tree = object.tree();
        // `$KUBELET_KUBEADM_ARGS` has the flags of another file.
        let mut words = tree.items(list).filter_map(|word| tree.scalar(word));
        let is_elsewhere = words.any(|word| word.contains('$'));
        let has_provider = flags.value("cloud-provider").is_some_and(|provider| !provider.is_empty());
        if flags.script.is_none() && !is_elsewhere && !has_provider && !sets_node_ip(flags) {
            let place = tree.key_of(list).unwrap_or(list);
            let mut diagnostic = cx
                .at(&MISSING_META, object, place)
                .help("add --node-ip to the flags of this kubelet, with one address per target IP family");
            // kubeadm's unit of kubelet reads several of them.
            if object.kind == ObjectKind::Variables {
                diagnostic = diagnostic
                    .message("this file sets no --node-ip, and no other file that was read sets it");
            }
            diagnostics.push(diagnostic);
        }
    }
}

fn typo(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::NodeIp]) {
        let part = field.text.split(',').find(|part| part.trim().parse::<IpAddr>().is_err());
        // Other rules report variables, and addresses with brackets or a prefix length.
        let part = part.filter(|part| !super::bare_address::is_more_than_an_address(part));
        if let Some(part) = part.filter(|part| !super::address_from_variable::is_filled_in(part)) {
            let message = format!("`{part}` is not a valid IP address: kubelet ignores it");
            diagnostics.push(cx.at_field(&TYPO_META, field).message(message).label(&field.name));
        }
    }
}

fn same(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    same_record(cx, diagnostics);
    if cx.config.fields_of(&NodeAddress::FIELDS).next().is_none() {
        return;
    }
    let mut by_place: Vec<&NodeAddress> = cx.cluster.lists.node_addresses.own().iter().collect();
    by_place.sort_unstable_by(|a, b| a.place.cmp(&b.place));
    for (object, field) in cx.config.fields_of(&NodeAddress::FIELDS) {
        let place = cx.documents.place(object.start(field.node));
        let first = by_place.partition_point(|one| one.place < place);
        for own in by_place[first..].iter().take_while(|one| one.place == place) {
            let is_same = |other: &&NodeAddress| other.place < own.place && !own.may_be_one_node(other);
            if let Some(other) = cx.cluster.lists.with_address(own.address).find(is_same) {
                let message = format!("another node has the same address, {}", own.address);
                let mut diagnostic = cx.at_field(&SAME_META, field).message(message).label(&field.name);
                if is_of_calico(field) {
                    let exits = "if calico-node detects this address, it exits on the second node: `is already using the IPv6 address` (or IPv4); otherwise the BGP peers reach one of the two nodes";
                    diagnostic = diagnostic.consequence(exits);
                } else if is_of_k0sctl(object.kind, field) {
                    let refuses = "k0sctl 0.15.1 and later refuse the file: `is not unique`";
                    diagnostic = diagnostic.consequence(refuses);
                } else if field.kind == FieldKind::HostAddress {
                    let both =
                        "both machines set the address on an interface: packets for it reach one of them";
                    diagnostic = diagnostic.consequence(both);
                }
                if field.kind == FieldKind::Advertise {
                    let one = "only one of the two nodes has this address: clients do not reach the API server of the other node";
                    diagnostic = diagnostic.consequence(one);
                }
                diagnostics.push(diagnostic.related(other.place.clone(), other.by.clone()));
            }
        }
        let listed = crate::host::addresses(&field.text, crate::host::Form::Addresses);
        let makes_several =
            matches!(object.resource.kind.as_str(), "KubeadmConfigTemplate" | "KubeadmControlPlaneTemplate");
        if makes_several
            && field.kind == FieldKind::NodeIp
            && listed.iter().any(|address| !address.is_unspecified())
        {
            let message = format!("every machine of this template gets the same address, {}", field.text);
            let help =
                "use `::` for the first IPv6 address of each machine, or a variable that cloud-init fills in";
            diagnostics.push(cx.at_field(&SAME_META, field).message(message).label(&field.name).help(help));
        }
        let repeated = listed.iter().enumerate().find(|(i, address)| listed[..*i].contains(address));
        if let Some((_, address)) = repeated {
            let message = format!("--node-ip lists {address} twice");
            let consequence =
                "kubelet accepts one address of each IP family, and exits if two are of the same IP family";
            let diagnostic = cx.at_field(&SAME_META, field).message(message).consequence(consequence);
            diagnostics.push(diagnostic.label(&field.name).help("set one address of each IP family"));
        }
    }
}

/// Reports Nodes with the InternalIP of another one.
fn same_record(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.config.objects_of(ObjectKind::Node).next().is_none() {
        return;
    }
    for (object, place, own) in records(cx.config, cx.documents) {
        let first = |address: &IpAddr| Some((*address, cx.cluster.lists.node_with(*address)?));
        // A Node may be in two files.
        let other = own.internal.iter().filter_map(first).find(|(_, other)| other.name != own.name);
        if let Some((address, other)) = other {
            let message =
                format!("node {} has the InternalIP {address}, as node {} does", own.name, other.name);
            let consequence = "the API server reaches the kubelet of only one of the two nodes";
            let diagnostic = cx.at(&SAME_META, object, place).message(message).consequence(consequence);
            diagnostics.push(diagnostic.related(other.place.clone(), other.name.clone()));
        }
    }
}

const CLOUD_GATE: &str = "CloudDualStackNodeIPs";

fn cloud(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if !cx.is_dual() || cx.holds(&NO_PAIR) {
        return;
    }
    let mut files = cx.config.objects_of(ObjectKind::KubeletConfiguration);
    let in_files = files.any(|(_, o)| o.text(&["featureGates", CLOUD_GATE]) == Some("true"));
    let is_on = |flags: &Flags| has_gate(flags, CLOUD_GATE) || in_files;
    // The flags of each object, and what they say; the first ones of an object count.
    let flags = cx.config.flags_of(Component::Kubelet).map(|(_, flags)| flags);
    let mut settings: Vec<(usize, (&str, bool))> = flags
        .map(|flags| (flags.object, (flags.value("cloud-provider").unwrap_or_default(), is_on(flags))))
        .collect();
    settings.sort_by_key(|(object, _)| *object);
    for (_, field) in cx.config.fields_of(&[FieldKind::NodeIp]) {
        let first = settings.partition_point(|(object, _)| *object < field.object);
        let own = settings.get(first).filter(|(object, _)| *object == field.object);
        let (provider, is_on) = own.map_or(("", in_files), |(_, setting)| *setting);
        let accepts_external = !cx.holds(&CLOUD_NEEDS_ONE) || (!cx.before(1, 27) && is_on);
        let becomes_pair = match cx.wanted_node_ip(field) {
            Wanted::Text(text) => text.contains(','),
            Wanted::Same => field.text.contains(','),
            Wanted::Without(_) => false,
        };
        if becomes_pair && !provider.is_empty() && !(provider == "external" && accepts_external) {
            diagnostics.push(cx.at_field(&CLOUD_META, field).label(&field.name));
        }
    }
}
