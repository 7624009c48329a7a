use super::LintContext;
use super::addresses::bring;
use crate::model::fields::FieldKind;
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};
use std::net::Ipv6Addr;

const HOST_META: Metadata = Metadata {
    id: "POD-PROBE-HOST",
    name: "probe-asks-other-address",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "a probe asks an address on which the component does not listen",
    consequence: "the probe fails for ever, and kubelet restarts the container again and again",
    help: "the probe gets the address on which the component listens",
    fixable: Fixable::Always,
    gates: &[],
    example: ("host: 192.0.2.11", "host: 2001:db8:1::11"),
    sources: &["kubernetes/kubernetes: cmd/kubeadm/app/util/staticpod/utils.go, getProbeAddress"],
};

const BRACKETS_META: Metadata = Metadata {
    id: "POD-PROBE-BRACKET",
    name: "probe-host-in-brackets",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "the host of a probe stands in brackets",
    consequence: "kubelet adds brackets itself and asks [[::1]]: the probe fails for ever; no API server refuses it",
    help: "the brackets are taken out",
    fixable: Fixable::Always,
    gates: &[],
    example: ("host: '[::1]'", "host: ::1"),
    sources: &["kubernetes/kubernetes: pkg/probe/http/request.go, net.JoinHostPort"],
};

pub(in crate::rules) const HOST: Rule = Rule {
    meta: &HOST_META,
    check: Check::Objects(|cx, diagnostics| {
        bring(
            cx,
            &HOST_META,
            FieldKind::ProbeHost,
            "the address on which the component listens",
            diagnostics,
        );
    }),
};
pub(in crate::rules) const BRACKETS: Rule = Rule { meta: &BRACKETS_META, check: Check::Objects(brackets) };

fn brackets(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::ProbeHost]) {
        let inner = field.text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if let Some(address) = inner.and_then(|text| text.parse::<Ipv6Addr>().ok()) {
            let fix = cx.set(field, &address.to_string(), "kubelet adds the brackets itself");
            diagnostics.push(cx.at_field(&BRACKETS_META, field).fix(fix));
        }
    }
}
