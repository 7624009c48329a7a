//! The addresses that probes connect to.

use super::LintContext;
use super::addresses::bring;
use crate::diagnostic::upstream;
use crate::model::fields::FieldKind;
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use std::net::Ipv6Addr;

const HOST_META: Metadata = Metadata {
    id: "POD-PROBE-HOST",
    name: "probe-of-other-address",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "a probe connects to an address that the component does not listen on",
        consequence: "the probe always fails: kubelet keeps restarting the container (liveness and startup probes), or never marks it ready (readiness probe)",
        help: "the probe is set to the address that the component listens on",
        example: ("host: 192.0.2.11", "host: 2001:db8:1::11"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/util/staticpod/utils.go").symbol("getProbeAddress"),
        ],
    }
    .built_in(),
};

const BRACKETS_META: Metadata = Metadata {
    id: "POD-PROBE-BRACKET",
    name: "probe-host-in-brackets",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "the host of a probe is in brackets",
        consequence: "kubelet adds brackets itself and connects to [[::1]]: the probe always fails. The API server does not refuse the host",
        help: "the brackets are removed",
        example: ("host: '[::1]'", "host: '::1'"),
        sources: &[
            upstream::KUBERNETES.file("pkg/probe/http/request.go").symbol("net.JoinHostPort").line(107),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const HOST: Rule = Rule {
    meta: &HOST_META,
    check: Check::Objects(|cx, diagnostics| {
        bring(cx, &HOST_META, FieldKind::ProbeHost, "the address that the component listens on", diagnostics);
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
