use crate::address::family_of;
use crate::diagnostic::upstream;
use crate::host::{Form, addresses};
use crate::model::facts::inventory::{NodeRecord, records};
use crate::model::facts::node_address::NodeAddress;
use crate::model::fields::ObjectKind;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "NODE-034",
    name: "conflicting-node-addresses",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "this Node has another address than the one that --map-address or a file gives it",
        consequence: "the address of --map-address or of the file is used; if the host does not have it, kubelet registers the node without any address (a registered node keeps its old ones), and a component that listens on it does not start",
        help: "check the addresses of the host (ip address), and correct the option, the file or the kubelet",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES.file("pkg/kubelet/kubelet_node_status.go").symbol("validateNodeIP").line(796),
            upstream::KUBERNETES.file("pkg/kubelet/nodestatus/setters.go").line(87),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.config.objects_of(ObjectKind::Node).next().is_none() {
        return;
    }
    for (object, place, record) in records(cx.config, cx.documents) {
        let found = of_option(cx, &record).into_iter().chain(of_file(cx, &record));
        diagnostics.extend(found.map(|conflict| conflict.report(cx.at(&META, object, place))));
    }
}

/// The values that differ.
struct Conflict<'c> {
    message: String,
    /// The file that states the other address; `None` if the option does.
    other: Option<&'c NodeAddress>,
}

impl Conflict<'_> {
    fn report(self, diagnostic: Diagnostic) -> Diagnostic {
        let diagnostic = diagnostic.message(self.message);
        match self.other {
            Some(other) => diagnostic.related(other.place.clone(), other.by.clone()),
            None => diagnostic,
        }
    }
}

/// A pair of the option of which the Node has one address and, of the other IP family, another one.
fn of_option(cx: &Context<'_>, record: &NodeRecord) -> Option<Conflict<'static>> {
    cx.target.address_map.pairs().find_map(|(ipv4, ipv6)| {
        let (ipv4, ipv6) = (IpAddr::V4(ipv4), IpAddr::V6(ipv6));
        let own = differs(record, ipv4, ipv6).or_else(|| differs(record, ipv6, ipv4))?;
        let message = format!("--map-address {ipv4}={ipv6}, but node {} has {own}", record.name);
        Some(Conflict { message, other: None })
    })
}

/// A file that gives the Node one of its addresses and, of the other IP family, another one.
fn of_file<'c>(cx: &Context<'c>, record: &NodeRecord) -> Option<Conflict<'c>> {
    let (ipv4, ipv6) = record.pair()?;
    [IpAddr::V4(ipv4), IpAddr::V6(ipv6)].into_iter().find_map(|own| {
        cx.cluster.lists.with_address(own).find_map(|other| {
            let all = addresses(&other.text, Form::Addresses);
            let different = all.into_iter().find_map(|address| differs(record, own, address));
            let message = format!("node-ip is {}, but node {} has {}", other.text, record.name, different?);
            Some(Conflict { message, other: Some(other) })
        })
    })
}

/// The address that the Node has instead of `other`, if `own` is its address.
fn differs(record: &NodeRecord, own: IpAddr, other: IpAddr) -> Option<IpAddr> {
    let is_other = family_of(own) != family_of(other) && record.has(own) && !record.has(other);
    record.internal(family_of(other)).filter(|_| is_other)
}
