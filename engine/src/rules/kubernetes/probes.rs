//! The addresses that probes connect to.

use super::addresses::{Wanted, bring};
use crate::diagnostic::upstream;
use crate::model::fields::{Field, FieldKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use std::net::{IpAddr, Ipv6Addr};

pub(super) const HOST_META: Metadata = Metadata {
    id: "POD-PROBE-HOST",
    name: "probe-of-other-address",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "a probe connects to an address that the component does not listen on",
        consequence: "the probe always fails: kubelet keeps restarting the container (liveness and startup probes), or never marks it ready (readiness probe)",
        help: "the probe is set to the address that the component listens on",
        example: ("host: 192.0.2.11", "host: 2001:db8:1::11"),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/util/staticpod/utils.go").symbol("getProbeAddress").line(414),
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
    check: Check::Text(|cx, diagnostics| {
        let why = "the address that the component listens on";
        bring(cx, &HOST_META, FieldKind::ProbeHost, why, diagnostics);
        loopbacks(cx, why, diagnostics);
    }),
};
pub(in crate::rules) const BRACKETS: Rule = Rule { meta: &BRACKETS_META, check: Check::Text(brackets) };

/// Probes of one loopback address where the component listens on the other only.
fn loopbacks(cx: &Context<'_>, why: &str, diagnostics: &mut Diagnostics) {
    let address = |field: &Field| field.text.parse::<IpAddr>().ok().filter(IpAddr::is_loopback);
    for (_, probe) in cx.config.fields_of(&[FieldKind::ProbeHost]) {
        let Some(asked) = address(probe) else { continue };
        let mut binds =
            cx.config.fields_of(&[FieldKind::Bind]).filter(|(_, bind)| bind.object == probe.object);
        let listens = binds.next().and_then(|(_, bind)| address(bind));
        let is_left = cx.wanted_addresses(probe) == Wanted::Same;
        if let Some(own) = listens.filter(|own| *own != asked && is_left && binds.next().is_none()) {
            diagnostics.push(cx.at_field(&HOST_META, probe).fix(cx.set(probe, &own.to_string(), why)));
        }
    }
}

fn brackets(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, field) in cx.config.fields_of(&[FieldKind::ProbeHost]) {
        let inner = field.text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if let Some(address) = inner.and_then(|text| text.parse::<Ipv6Addr>().ok()) {
            let fix = cx.set(field, &address.to_string(), "kubelet adds the brackets itself");
            diagnostics.push(cx.at_field(&BRACKETS_META, field).fix(fix));
        }
    }
}
