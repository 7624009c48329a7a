use super::LintContext;
use super::changed_flags::is_changed;
use crate::model::fields::{Component, ObjectKind};
use crate::rules::{Change, Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};

const ETCD_META: Metadata = Metadata {
    id: "K8S-ETCD-LIVE",
    name: "etcd-keeps-its-member-list",
    kind: RuleKind::Migration,
    severity: Severity::Warning,
    finds: "etcd's peer URLs change, and etcd keeps the old ones in its data",
    consequence: "the --initial flags are read once, when the data folder is empty: a running member is still looked for at its old address",
    help: "on a running cluster first: etcdctl member update ID --peer-urls=https://[...]:2380, one member after the other",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["etcd.io: Runtime reconfiguration, Update advertise peer URLs"],
};

pub(in crate::rules) const ETCD: Rule = Rule { meta: &ETCD_META, check: Check::Change(etcd) };

fn etcd(cx: &LintContext<'_>, changes: &[&Change], diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Process(Component::Etcd)) {
        let fields = ["--initial-advertise-peer-urls", "--initial-cluster", "--listen-peer-urls"];
        if is_changed(changes, object, &fields) {
            diagnostics.push(cx.at_kind(&ETCD_META, object));
        }
    }
}
