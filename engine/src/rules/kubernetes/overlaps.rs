//! Compares all ranges of a cluster: pod and service CIDRs, IP pools, node networks, load balancer ranges, and the ranges of the
//! options.

use crate::address::{Family, family, overlap};
use crate::diagnostic::upstream;
use crate::model::facts::cluster::KUBEADM_SERVICES;
use crate::model::facts::stated::{About, StatedValue};
use crate::model::fields::ObjectKind;
use crate::rules::change::at_env;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::source::Place;
use crate::target::{RangeOf, Target};
use crate::yaml::NodeId;
use ipnet::IpNet;
use std::borrow::Cow;

const META: Metadata = Metadata {
    id: "NET-009",
    name: "overlapping-ranges",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "two CIDRs of the cluster overlap",
        consequence: "Kubernetes accepts overlapping ranges. Calico IPAM does not know the service CIDR: it can assign an address to a pod that is also a cluster IP, and connections to one of them reach the other. calicoctl and the Calico API server refuse an IP pool that overlaps another one (the operator does not, for the first pools of a cluster), openshift-install refuses networks that overlap, and kubespray a pod CIDR inside the service CIDR",
        help: "use separate ranges for pods, Services, nodes and load balancers; an IP pool must be inside the pod CIDR",
        example: ("podSubnet: fd00:10::/56\nserviceSubnet: fd00:10:0:1::/112", "podSubnet: fd00:10:244::/56\nserviceSubnet: fd00:10:96::/112"),
        sources: &[
            upstream::KUBERNETES
                .file("pkg/controller/nodeipam/ipam/range_allocator.go")
                .symbol("filterOutServiceRange")
                .line(371),
            upstream::CALICO.file("libcalico-go/lib/clientv3/ippool.go").line(490),
            upstream::OPENSHIFT_INSTALLER
                .file("pkg/types/validation/installconfig.go")
                .symbol("validateClusterNetwork"),
            upstream::KUBESPRAY.file("roles/validate_inventory/tasks/main.yml").line(110),
            upstream::OPENSHIFT_API.file("operator/v1/types_network.go").symbol("100.88.0.0/16"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    objects(cx, diagnostics);
    installations(cx, diagnostics);
}

/// Ranges that OVN-Kubernetes uses internally (openshift/api `operator/v1`).
const OVN: [&str; 6] =
    ["100.64.0.0/16", "100.88.0.0/16", "169.254.0.0/17", "fd98::/64", "fd97::/64", "fd69::/112"];

/// A range after the transform: a range of a file, or of an option that replaces it.
#[derive(Clone, Debug)]
struct Range<'a> {
    about: About,
    net: IpNet,
    /// The value that states it; `None` for an option or a default.
    stated: Option<&'a StatedValue>,
    /// The name of the option or default.
    name: Cow<'static, str>,
}

impl Range<'_> {
    fn place(&self) -> Option<&Place> {
        self.stated.map(|stated| &stated.place)
    }

    /// `the service CIDR 10.96.0.0/12`.
    fn describe(&self) -> String {
        let what = match self.about {
            About::Services | About::Dns => "the service CIDR",
            About::Pods => "the pod CIDR",
            About::Pool => "the IP pool",
            About::Machines if self.net.prefix_len() == self.net.max_prefix_len() => {
                return format!("the node address {}", self.net.addr());
            }
            About::Machines => "the node network",
            About::LoadBalancers => "the load balancer range",
            About::Announced => "the range that BGP announces for Services",
        };
        match self.stated {
            Some(_) => format!("{what} {}", self.net),
            None => format!("{what} {} ({})", self.net, self.name),
        }
    }

    fn is(&self, kind: ObjectKind) -> bool {
        self.stated.is_some_and(|stated| stated.kind == kind)
    }

    /// What a place states, before the transform.
    fn value(&self) -> Option<(&Place, About, IpNet)> {
        self.stated.map(|stated| (&stated.place, stated.about, stated.net))
    }

    /// The kind of an object that states a pool of its own.
    fn kind_of_pool(&self) -> Option<ObjectKind> {
        let kinds = [ObjectKind::IpPool, ObjectKind::Installation];
        kinds.into_iter().find(|kind| self.is(*kind))
    }

    fn by(&self) -> &str {
        self.stated.map_or("", |stated| stated.by.as_str())
    }

    /// Whether two values are the same range, stated in two places.
    fn is_same(&self, other: &Range<'_>) -> bool {
        let is_object = |range: &Range<'_>| range.is(ObjectKind::IpPool);
        let is_other_object = is_object(self) && is_object(other) && self.by() != other.by();
        let is_other_item = self.is(ObjectKind::Installation)
            && other.is(ObjectKind::Installation)
            && self.place() != other.place();
        self.about == other.about && self.net == other.net && !is_other_object && !is_other_item
    }

    /// Whether two ranges overlap that must not.
    fn conflicts(&self, other: &Range<'_>) -> bool {
        use About::{Announced, Dns, LoadBalancers, Machines, Pods, Pool, Services};
        if !overlap(self.net, other.net) || self.is_same(other) {
            return false;
        }
        match (self.about, other.about) {
            (Dns, _) | (_, Dns) | (Services, Services) => false,
            // It may be any range around addresses of Services, also one that a load balancer assigns from.
            (Announced, Pods | Pool) => other.net.contains(&self.net),
            (Pods | Pool, Announced) => self.net.contains(&other.net),
            (Announced, _) | (_, Announced) => false,
            // An IP pool is part of the pod CIDR, and load balancers may use addresses of the node network.
            (Pods, Pool) | (Pool, Pods) | (Machines, LoadBalancers) | (LoadBalancers, Machines) => false,
            // Items of one list. Another rule reports conflicting values of two places.
            (Pods, Pods) | (Machines, Machines) => {
                self.net != other.net && self.place().is_some() && self.place() == other.place()
            }
            (LoadBalancers, LoadBalancers) => self.is(ObjectKind::IpPool) && other.is(ObjectKind::IpPool),
            _ => true,
        }
    }
}

/// The most conflicts of one value that are reported: thousands of ranges may overlap each other.
const MOST: usize = 10;

/// The ranges after the transform, each once, with the first place that states it.
#[derive(Debug, Default)]
pub(crate) struct Ranges<'a> {
    /// In the order of their places; those of options follow.
    all: Vec<Range<'a>>,
    /// Their networks and indexes, in order.
    by_net: Vec<(IpNet, usize)>,
    /// The pod CIDRs among them.
    pods: Vec<(IpNet, usize)>,
    /// The prefix lengths that occur, in order.
    lengths: Vec<u8>,
    /// The indexes of those that a place states, in the order of place and stated value.
    by_value: Vec<usize>,
}

/// Keeps each range once, where it is stated first. Several IPPools, and several items of one Installation, are pools of their
/// own; the same Installation in another file is a copy of it.
fn distinct(all: Vec<Range<'_>>) -> Vec<Range<'_>> {
    let purpose = |i: usize| (all[i].about, all[i].net);
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_unstable_by_key(|i| (purpose(*i), *i));
    let mut is_kept = vec![false; all.len()];
    for same in order.chunk_by(|a, b| purpose(*a) == purpose(*b)) {
        is_kept[same[0]] = true;
        // What states it first says what it is: everything else is the same range.
        let Some(kind) = all[same[0]].kind_of_pool() else { continue };
        let mut pools: Vec<usize> =
            same.iter().copied().filter(|i| all[*i].kind_of_pool() == Some(kind)).collect();
        pools.sort_unstable_by_key(|i| (all[*i].by(), *i));
        for own in pools.chunk_by(|a, b| all[*a].by() == all[*b].by()) {
            is_kept[own[0]] = true;
            let is_item = |i: &usize| {
                let is_own_file =
                    all[*i].place().map(|at| &at.file) == all[own[0]].place().map(|at| &at.file);
                kind == ObjectKind::Installation && is_own_file
            };
            for pair in own.windows(2).filter(|pair| is_item(&pair[1])) {
                is_kept[pair[1]] = all[pair[0]].place() != all[pair[1]].place();
            }
        }
    }
    let mut kept = is_kept.into_iter();
    all.into_iter().filter(|_| kept.next() == Some(true)).collect()
}

impl<'a> Ranges<'a> {
    /// Reads what the files of a cluster state, in any order.
    #[must_use]
    pub(crate) fn read(stated: &'a [StatedValue], target: &Target) -> Ranges<'a> {
        let mut sorted: Vec<&StatedValue> = stated.iter().filter(|value| value.about != About::Dns).collect();
        sorted.sort_by(|a, b| a.place.cmp(&b.place));
        // The values that one setting has in a family.
        let mut beside: Vec<_> =
            stated.iter().map(|value| (setting(value), &value.place, value.net)).collect();
        beside.sort_unstable();
        beside.dedup();
        let mut all: Vec<Range<'a>> = Vec::new();
        for value in sorted {
            let own = setting(value);
            let first = beside.partition_point(|(setting, ..)| *setting < own);
            let is_alone = beside.get(first + 1).is_none_or(|(setting, ..)| *setting != own);
            let Some(net) = result(value, is_alone, target) else { continue };
            all.push(Range { about: value.about, net, stated: Some(value), name: "".into() });
        }
        let requested = [
            (About::Pods, RangeOf::Pods),
            (About::Services, RangeOf::Services),
            (About::LoadBalancers, RangeOf::LoadBalancers),
        ];
        for (about, of) in requested {
            for family in
                [Family::Ipv4, Family::Ipv6].into_iter().filter(|f| target.families(None).contains(f))
            {
                let name = || format!("--{}", of.option(family).0).into();
                all.extend(target.range(of, family).map(|net| Range {
                    about,
                    net,
                    stated: None,
                    name: name(),
                }));
            }
        }
        all.extend(machine_network(stated, target));
        all.extend(default_services(stated, target));
        Ranges::of(distinct(all))
    }

    fn of(all: Vec<Range<'a>>) -> Ranges<'a> {
        let mut by_net: Vec<(IpNet, usize)> =
            all.iter().enumerate().map(|(index, range)| (range.net.trunc(), index)).collect();
        by_net.sort_unstable();
        let pods = by_net.iter().copied().filter(|(_, index)| all[*index].about == About::Pods).collect();
        let mut by_value: Vec<usize> = (0..all.len()).filter(|index| all[*index].stated.is_some()).collect();
        by_value.sort_unstable_by_key(|index| (all[*index].value(), *index));
        let has = |length: &u8| by_net.iter().any(|(net, _)| net.prefix_len() == *length);
        let lengths = (0..=128).filter(has).collect();
        Ranges { all, by_net, pods, lengths, by_value }
    }

    /// The conflicts of a value, if it is the first place of its range: each pair once, at the later place.
    fn findings(&self, own: &StatedValue) -> Vec<(&Range<'a>, &Range<'a>)> {
        let value = Some((&own.place, own.about, own.net));
        let first = self.by_value.partition_point(|index| self.all[*index].value() < value);
        let index = self.by_value.get(first).filter(|index| self.all[**index].value() == value);
        let Some(index) = index else { return Vec::new() };
        let range = &self.all[*index];
        let is_earlier = |(_, i): &&(IpNet, usize)| i < index || self.all[*i].stated.is_none();
        let is_conflict = |(_, i): &&(IpNet, usize)| {
            let other = &self.all[*i];
            range.conflicts(other) && !self.is_covered(range, other) && !self.is_covered(other, range)
        };
        let mut found: Vec<usize> = Vec::new();
        for same in self.overlapping(range.net) {
            let of_net = same.iter().filter(is_earlier).filter(is_conflict);
            found.extend(of_net.take(MOST).map(|(_, index)| *index));
        }
        found.sort_unstable();
        found.truncate(MOST);
        found.into_iter().map(|i| (range, &self.all[i])).collect()
    }

    /// If the pod CIDR itself conflicts, its pools are not reported again.
    fn is_covered(&self, one: &Range<'_>, other: &Range<'_>) -> bool {
        let conflicts = |(_, i): &(IpNet, usize)| self.all[*i].conflicts(other);
        one.about == About::Pool
            && self.around(one.net).any(|net| between(&self.pods, net, net).iter().any(conflicts))
    }

    /// The ranges that overlap a network, those of one network together: those around it, and those in it.
    fn overlapping(&self, net: IpNet) -> impl Iterator<Item = &[(IpNet, usize)]> {
        let first = IpNet::new(net.network(), net.prefix_len()).unwrap_or(net);
        let last = IpNet::new(net.broadcast(), net.max_prefix_len()).unwrap_or(net);
        let inside = between(&self.by_net, first, last).chunk_by(|a, b| a.0 == b.0);
        let inside = inside.filter(move |same| same[0].0.prefix_len() > net.prefix_len());
        self.around(net).map(|net| between(&self.by_net, net, net)).chain(inside)
    }

    /// The networks that contain a network, itself included, as far as a range may have their length.
    fn around(&self, net: IpNet) -> impl Iterator<Item = IpNet> {
        let lengths = self.lengths.iter().take_while(move |length| **length <= net.prefix_len());
        lengths.filter_map(move |length| IpNet::new(net.addr(), *length).ok().map(|net| net.trunc()))
    }
}

/// The networks from the first to the last, both included.
fn between(nets: &[(IpNet, usize)], first: IpNet, last: IpNet) -> &[(IpNet, usize)] {
    let start = nets.partition_point(|(net, _)| *net < first);
    let end = nets.partition_point(|(net, _)| *net <= last);
    &nets[start..end.max(start)]
}

/// What makes values items of one list.
fn setting(value: &StatedValue) -> (About, ObjectKind, &str, Family) {
    (value.about, value.kind, &value.by, family(value.net))
}

/// The IPv6 node network that an option adds to an installer's file.
fn machine_network(stated: &[StatedValue], target: &Target) -> Option<Range<'static>> {
    let has_list = stated.iter().any(|value| value.about == About::Machines && is_installer(value.kind));
    let net = target.ipv6_machine_cidr.filter(|_| has_list && target.to.has_ipv6())?;
    Some(Range { about: About::Machines, net: net.into(), stated: None, name: "--ipv6-machine-cidr".into() })
}

/// Whether an object lists the node networks of OpenShift.
fn is_installer(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::InstallConfig | ObjectKind::OpenShiftNetwork | ObjectKind::Infrastructure)
}

/// kubeadm's service CIDR if no file and no option states one.
fn default_services(stated: &[StatedValue], target: &Target) -> Option<Range<'static>> {
    let has_kubeadm = stated.iter().any(|value| value.kind == ObjectKind::ClusterConfiguration);
    let is_stated = stated.iter().any(|value| value.about == About::Services);
    let is_default = has_kubeadm && !is_stated && target.ipv4_service_cidr.is_none() && target.to.has_ipv4();
    let net = KUBEADM_SERVICES.parse().ok().filter(|_| is_default)?;
    Some(Range { about: About::Services, net, stated: None, name: "kubeadm's default serviceSubnet".into() })
}

/// The range in this place after the transform; `None` if the target does not have its family. An option replaces no item of a
/// list with several.
fn result(value: &StatedValue, is_alone: bool, target: &Target) -> Option<IpNet> {
    let family_of = family(value.net);
    let is_wanted = target.families(None).contains(&family_of);
    let option = match (value.about, value.kind) {
        (About::Machines | About::LoadBalancers | About::Announced, _) => {
            let is_network = is_installer(value.kind);
            let option = target.ipv6_machine_cidr.map(IpNet::V6);
            return Some(option.filter(|_| is_network && family_of == Family::Ipv6).unwrap_or(value.net));
        }
        (About::Pool, ObjectKind::IpPool) | (About::Services, ObjectKind::ServiceCidr) => None,
        (About::Services, _) => target.range(RangeOf::Services, family_of),
        _ => target.range(RangeOf::Pods, family_of).filter(|_| is_alone),
    };
    is_wanted.then(|| option.unwrap_or(value.net))
}

fn report(diagnostic: Diagnostic, range: &Range<'_>, other: &Range<'_>) -> Diagnostic {
    let message = format!("{} overlaps {}", range.describe(), other.describe());
    let diagnostic = diagnostic.message(message).label(range.by().rsplit(", ").next().unwrap_or_default());
    let diagnostic = match other.stated {
        Some(stated) => {
            diagnostic.related(stated.place.clone(), format!("{} ({})", other.describe(), stated.by))
        }
        None => diagnostic,
    };
    // calico-node creates its default pools only if no pool exists.
    let is_unused = |a: &Range<'_>, b: &Range<'_>| a.is(ObjectKind::CalicoNode) && b.is(ObjectKind::IpPool);
    if range.about == About::Pool
        && other.about == About::Pool
        && (is_unused(range, other) || is_unused(other, range))
    {
        return diagnostic.severity(Severity::Warning).consequence(
            "calico-node creates its default pools only if the cluster has no IP pool; on a new cluster Calico refuses the second pool",
        );
    }
    diagnostic
}

fn objects(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    ovn(cx, diagnostics);
    for field in &cx.config.fields {
        let mut last = None;
        for value in StatedValue::of(cx.config, field, cx.documents) {
            for (range, other) in cx.ranges.findings(&value) {
                // `first-last` is one range, although it has several parts.
                let this = other.place();
                if last == Some(this) && value.about == About::LoadBalancers {
                    continue;
                }
                last = Some(this);
                diagnostics.push(report(cx.at_item(&META, field, &value.net.to_string()), range, other));
            }
        }
    }
}

fn installations(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let pools: Vec<(&str, StatedValue)> =
            install.node.as_ref().map(|node| StatedValue::of_node(node, cx.documents)).unwrap_or_default();
        let items: Vec<(NodeId, StatedValue)> = install
            .installation
            .as_ref()
            .map(|i| StatedValue::of_installation(i, cx.documents))
            .unwrap_or_default();
        if let Some(node) = &install.node {
            for (name, value) in pools {
                for (range, other) in cx.ranges.findings(&value) {
                    diagnostics.push(report(at_env(&META, node, name), range, other));
                }
            }
        }
        if let Some(installation) = &install.installation {
            for (node, value) in items {
                for (range, other) in cx.ranges.findings(&value) {
                    diagnostics.push(report(installation.diagnostic(&META, node), range, other));
                }
            }
        }
    }
}

/// Networks that overlap the internal ones of OVN-Kubernetes; other network types have none.
fn ovn(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for field in &cx.config.fields {
        let object = &cx.config.objects[field.object];
        let is_ovn = object.kind == ObjectKind::InstallConfig
            && object.text(&["networking", "networkType"]) == Some("OVNKubernetes");
        if !is_ovn {
            continue;
        }
        let Some(about) = About::of(field.kind) else { continue };
        let own = StatedValue::of(cx.config, field, cx.documents);
        let settings = cx
            .cluster
            .lists
            .stated
            .iter()
            .filter(|value| own.iter().any(|one| setting(one) == setting(value)));
        let settings: Vec<&StatedValue> = settings.collect();
        let is_alone = |value: &StatedValue| {
            !settings.iter().any(|other| setting(other) == setting(value) && *other != value)
        };
        let mut nets: Vec<IpNet> =
            own.iter().filter_map(|value| result(value, is_alone(value), cx.target)).collect();
        // A family that the transform adds.
        let options = Ranges::read(&own, cx.target).all;
        nets.extend(options.iter().filter(|o| o.about == about && o.stated.is_none()).map(|o| o.net));
        for net in nets {
            let inner = OVN.iter().filter_map(|text| text.parse().ok()).find(|inner| overlap(net, *inner));
            if let Some(inner) = inner {
                let message = format!("{net} overlaps {inner}, which OVN-Kubernetes uses internally");
                diagnostics.push(cx.at_item(&META, field, &net.to_string()).message(message));
            }
        }
    }
}
