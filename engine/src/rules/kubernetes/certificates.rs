use super::change::{ChangeText, change, set_list};
use crate::address::family_of;
use crate::diagnostic::upstream;
use crate::model::fields::{ConfigObject, Field, FieldKind, ObjectKind};
use crate::rules::{
    Check, Context, Diagnostics, Effect, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::NodeId;
use crate::yaml::write::{Op, Placement, Value};
use std::net::IpAddr;

const META: Metadata = Metadata {
    id: "KADM-CERTSANS",
    name: "certificate-lacks-addresses",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "certSANs does not contain every address at which clients reach the component",
        consequence: "`x509: certificate is valid for 192.0.2.10, not 2001:db8:1::10`: clients reject the connection",
        help: "the fix adds the counterparts of the listed addresses; then move apiserver.crt and apiserver.key (for etcd: etcd/server.* and etcd/peer.*) away, run kubeadm init phase certs apiserver --config FILE (etcd-server, etcd-peer), and restart the component",
        example: ("certSANs:\n- 192.0.2.10", "certSANs:\n- 192.0.2.10\n- 2001:db8:1::10"),
        sources: &[
            upstream::KUBERNETES
                .file("cmd/kubeadm/app/util/pkiutil/pki_helpers.go")
                .symbol("GetAPIServerAltNames")
                .line(428),
            upstream::KUBERNETES.file("cmd/kubeadm/app/cmd/phases/init/certs.go").symbol("runCertPhase").line(285),
            upstream::K3S.issue(6847),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const NAMES: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<(usize, NodeId)> = Vec::new();
    for (object, field) in cx.config.fields_of(&[FieldKind::CertSan]) {
        let Some(list) = object.tree().parent(field.node) else { continue };
        if seen.contains(&(field.object, list)) {
            continue;
        }
        seen.push((field.object, list));
        let fix = if cx.is_dual() { add(cx, object, field, list) } else { replace(cx, object, field, list) };
        if let Some(mut fix) = fix {
            if object.kind == ObjectKind::ClusterConfiguration {
                fix.changes.iter_mut().for_each(|change| change.effect = Effect::ReissueCertificates);
            }
            let mut diagnostic = cx.at_field(&META, field);
            if matches!(object.kind, ObjectKind::K3s | ObjectKind::K3sMachines | ObjectKind::Talos) {
                diagnostic = diagnostic.help("the counterparts of the listed addresses are listed");
            }
            diagnostics.push(diagnostic.fix(fix));
        }
    }
}

fn texts(object: &ConfigObject<'_>, list: NodeId) -> Vec<String> {
    object.tree().items(list).map(|item| object.tree().scalar(item).unwrap_or_default().to_owned()).collect()
}

/// Dual-stack: adds every missing counterpart at the end.
fn add(cx: &Context<'_>, object: &ConfigObject<'_>, field: &Field, list: NodeId) -> Option<Fix> {
    let why = "the same node or load balancer, in the other IP family";
    let names = texts(object, list);
    let listed: Vec<IpAddr> = names.iter().filter_map(|name| name.parse().ok()).collect();
    let counterparts = listed.iter().filter_map(|address| cx.address_map.of(*address));
    let changes: Vec<_> = counterparts
        .filter(|counterpart| !listed.contains(counterpart))
        .map(|counterpart| {
            let to = counterpart.to_string();
            let op = Op::InsertItem(Placement::default(), Value::string(&to));
            change(object, list, op, ChangeText { field: &field.name, from: None, to: Some(&to), why })
        })
        .collect();
    (!changes.is_empty()).then_some(Fix::new(changes))
}

/// Single-stack: replaces every address with its counterpart; names and addresses without a counterpart stay.
fn replace(cx: &Context<'_>, object: &ConfigObject<'_>, field: &Field, list: NodeId) -> Option<Fix> {
    let family = cx.primary();
    let mut wanted: Vec<String> = Vec::new();
    let names = texts(object, list);
    for name in names.clone() {
        let counterpart = name
            .parse::<IpAddr>()
            .ok()
            .filter(|a| family_of(*a) != family)
            .and_then(|a| cx.address_map.of(a));
        match counterpart.map(|address| address.to_string()) {
            None => wanted.push(name),
            Some(text) if names.contains(&text) || wanted.contains(&text) => {}
            Some(text) => wanted.push(text),
        }
    }
    let changes = set_list(object, list, &wanted, &field.name, "the component has this address");
    (!changes.is_empty()).then_some(Fix::new(changes))
}
