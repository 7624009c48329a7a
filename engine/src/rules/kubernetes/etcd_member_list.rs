use super::changed_flags::is_changed;
use crate::diagnostic::upstream;
use crate::model::fields::{Component, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const ETCD_META: Metadata = Metadata {
    id: "K8S-ETCD-LIVE",
    name: "etcd-keeps-old-peer-urls",
    kind: RuleKind::Migration,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the peer URLs of etcd change, but its data directory keeps the old ones",
        consequence: "etcd reads the --initial flags only when its data directory is empty: the other members still connect to this member at its old address",
        help: "on a running cluster, first run etcdctl member update ID --peer-urls=https://[...]:2380, one member at a time",
        example: ("", ""),
        sources: &[
            upstream::page(
                "etcd: Runtime reconfiguration, Update advertise peer URLs",
                "https://etcd.io/docs/latest/op-guide/runtime-configuration/#update-advertise-peer-urls",
            ),
            upstream::ETCD.file("server/etcdserver/bootstrap.go").symbol("haveWAL").line(77),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const ETCD: Rule = Rule { meta: &ETCD_META, check: Check::Changes(etcd) };

fn etcd(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, object) in cx.config.objects_of(ObjectKind::Process(Component::Etcd)) {
        let fields = ["--initial-advertise-peer-urls", "--initial-cluster", "--listen-peer-urls"];
        if is_changed(cx.changes, object, &fields) {
            diagnostics.push(cx.at_kind(&ETCD_META, object));
        }
    }
}
