use super::addresses::{Wanted, bring};
use crate::address::Family;
use crate::diagnostic::upstream;
use crate::host::{Form, addresses};
use crate::model::fields::{Component, FieldKind, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "K8S-ADV-AUTO",
    name: "no-advertise-address",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "kube-apiserver has no --advertise-address, and the primary IP family is IPv6",
        consequence: "if the node has an IPv4 default route, the API server uses its IPv4 address (unless --bind-address is IPv6, from v1.17 on) and then exits (v1.24 and later), because the address must have the IP family of the first service CIDR",
        help: "add --advertise-address with the IPv6 address of the node",
        example: ("", "--advertise-address=2001:db8:1::11"),
        sources: &[
            upstream::KUBERNETES.pull(84727),
            upstream::KUBERNETES.pull(106721),
            upstream::GARDENER.issue(15018),
            upstream::KUBERNETES.file("staging/src/k8s.io/apimachinery/pkg/util/net/interface.go").line(490),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const FOUND: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if cx.primary() != Family::Ipv6 {
        return;
    }
    for (index, object) in cx.config.objects_of(ObjectKind::Process(Component::ApiServer)) {
        let own = || cx.config.flags.iter().filter(move |flags| flags.object == index);
        let kind = |wanted| cx.config.fields.iter().any(|f| f.object == index && f.kind == wanted);
        let is_decided = own().any(|flags| {
            flags.get("advertise-address").is_some()
                || flags.value("endpoint-reconciler-type") == Some("none")
                || flags.script.is_some()
        });
        // Without its own service CIDR there is nothing to compare.
        if !is_decided && kind(FieldKind::ServiceRange) {
            diagnostics.push(cx.at_kind(&META, object));
        }
    }
}

/// Brings the annotation of kubeadm to the primary IP family, and to the address that the API server advertises.
pub(super) fn annotation(cx: &Context<'_>, meta: &'static Metadata, diagnostics: &mut Diagnostics) {
    let why = "the advertise address of the API server";
    bring(cx, meta, FieldKind::AdvertiseEndpoint, why, diagnostics);
    for (_, field) in cx.config.fields_of(&[FieldKind::AdvertiseEndpoint]) {
        let own = cx.config.fields_of_object(field.object);
        let Some(flag) = { own }.find(|field| field.kind == FieldKind::Advertise) else { continue };
        let is_kept = |field| cx.wanted_addresses(field) == Wanted::Same;
        let first = |text: &str, form| addresses(text, form).first().copied();
        let pair = first(&field.text, Form::HostPort).zip(first(&flag.text, Form::Addresses));
        // Another rule brings it to the IP family of the flag.
        let is_other = |(own, wanted): &(IpAddr, IpAddr)| own != wanted && own.is_ipv4() == wanted.is_ipv4();
        let Some((own, wanted)) = pair.filter(is_other) else { continue };
        if is_kept(field) && is_kept(flag) {
            let text = field.text.replacen(&own.to_string(), &wanted.to_string(), 1);
            let message = format!("the annotation contains {own}, but {} is {wanted}", flag.name);
            diagnostics.push(cx.at_field(meta, field).message(message).fix(cx.set(field, &text, why)));
        }
    }
}
