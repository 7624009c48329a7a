//! An API server without `--service-cluster-ip-range`.

use super::arguments::insert;
use super::change::{ChangeText, change};
use super::ranges::ask;
use super::unknown_flag::is_misspelled;
use crate::address::{Family, family};
use crate::diagnostic::upstream;
use crate::model::facts::cluster::{API_SERVER_SERVICES, Ranges};
use crate::model::facts::stated::About;
use crate::model::fields::{Component, FieldKind, ObjectKind, Shape};
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::target::RangeOf;
use ipnet::IpNet;

const META: Metadata = Metadata {
    id: "K8S-SVC-NONE",
    name: "service-cidr-not-set",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "kube-apiserver has no --service-cluster-ip-range",
        consequence: "kube-apiserver uses its default, 10.0.0.0/24, which is IPv4 only and deprecated: no Service gets an IPv6 address",
        help: "--service-cluster-ip-range is added if the service CIDRs are known; on a running cluster keep the IPv4 range that its Services use",
        example: ("- kube-apiserver\n- --advertise-address=192.0.2.11\n- --secure-port=6443", "- kube-apiserver\n- --advertise-address=192.0.2.11\n- --secure-port=6443\n- --service-cluster-ip-range=10.0.0.0/24,fd00:10:96::/112"),
        sources: &[
            upstream::KUBERNETES.file("pkg/kubeapiserver/options/options.go").line(30),
            upstream::KUBERNETES.file("pkg/controlplane/apiserver/options/options.go").line(367),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

const FLAG: &str = "service-cluster-ip-range";

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    variables(cx, diagnostics);
    for (index, object) in cx.config.objects_of(ObjectKind::Process(Component::ApiServer)) {
        let Some(without) = cx.config.api_server_without_range(index) else { continue };
        if is_misspelled(&cx.config.flags[without.flags], FLAG) {
            continue;
        }
        let at = || cx.at(&META, object, without.command).label("no service CIDR");
        let wants_ipv6 = cx.target.to.has_ipv6();
        // A drop-in or a variable may set it. A drop-in replaces the whole command, so what is added here does no harm.
        let are_given =
            || cx.families().iter().all(|family| cx.target.range(RangeOf::Services, *family).is_some());
        let is_certain = without.is_complete || (!without.expands && !is_set_elsewhere(cx) && are_given());
        if !is_certain {
            if wants_ipv6 && !is_set_elsewhere(cx) {
                diagnostics.push(not_here(at()));
            }
            continue;
        }
        let default = Ranges::read(API_SERVER_SERVICES).unwrap_or_default();
        let mut nets: Vec<IpNet> = Vec::new();
        let mut missing = None;
        for family in cx.families() {
            let requested = cx.target.range(RangeOf::Services, family);
            match requested.or_else(|| cx.cluster.services.of(family)).or_else(|| default.of(family)) {
                Some(net) => nets.push(net),
                None => missing = missing.or(Some(family)),
            }
        }
        if let Some(missing) = missing {
            ask(FieldKind::ServiceRange, missing, &format!("--{FLAG}"), at(), diagnostics);
            diagnostics.push(at().stops(false));
            continue;
        }
        if nets == default.nets {
            diagnostics
                .push(at().severity(Severity::Warning).help(format!(
                    "set --{FLAG}={API_SERVER_SERVICES}: later releases will have no default"
                )));
            continue;
        }
        let text = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let why = "without the flag kube-apiserver uses 10.0.0.0/24 only";
        let description =
            ChangeText { field: "--service-cluster-ip-range", from: None, to: Some(&text), why };
        let flags = &cx.config.flags[without.flags];
        let changes =
            insert(object, flags, FLAG, &text).map(|(node, op)| change(object, node, op, description));
        let is_replaced = nets.iter().any(|net| family(*net) == Family::Ipv4 && !default.nets.contains(net));
        let mut diagnostic = at();
        if is_replaced {
            diagnostic = diagnostic.consequence(format!(
                "kube-apiserver uses its default, {API_SERVER_SERVICES}, which is IPv4 only and deprecated. On a running cluster, Services with addresses in that range keep addresses outside the new range"
            ));
        }
        if !wants_ipv6 {
            diagnostic = diagnostic.severity(Severity::Warning);
        }
        diagnostics.push(match changes {
            Some(change) => diagnostic
                .fix(Fix::new(vec![change.of(FieldKind::ServiceRange, "--service-cluster-ip-range")])),
            None => diagnostic,
        });
    }
}

/// Reports variables with flags of an API server, in a file without its command.
fn variables(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let has_command = cx.config.objects_of(ObjectKind::Process(Component::ApiServer)).next().is_some();
    if has_command || !cx.target.to.has_ipv6() {
        return;
    }
    let mut all = cx.config.flags_of(Component::ApiServer);
    if let Some((object, flags)) = all.find(|(object, _)| object.kind == ObjectKind::Variables)
        && let Shape::Words(words) = flags.shape
        && !is_set_elsewhere(cx)
    {
        diagnostics.push(not_here(cx.at(&META, object, words)));
    }
}

/// Reports that the flag may be in a file that was not passed.
fn not_here(diagnostic: Diagnostic) -> Diagnostic {
    let help = format!("check the unit, its drop-ins and its variables: one of them must set --{FLAG}");
    let message = format!("no --{FLAG} in these files");
    diagnostic.severity(Severity::Warning).message(message).help(help)
}

/// Whether a file of the cluster sets the service CIDRs of an API server.
fn is_set_elsewhere(cx: &Context<'_>) -> bool {
    let api_server = [ObjectKind::Process(Component::ApiServer), ObjectKind::Variables];
    cx.cluster.lists.stated.iter().any(|one| one.about == About::Services && api_server.contains(&one.kind))
}
