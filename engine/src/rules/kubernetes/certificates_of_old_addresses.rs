use super::changed_flags::is_changed;
use crate::diagnostic::upstream;
use crate::model::fields::{Component, ObjectKind};
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const CERTIFICATES_META: Metadata = Metadata {
    id: "POD-CERTSAN",
    name: "stale-certificate-addresses",
    kind: RuleKind::Migration,
    severity: Severity::Warning,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the component gets an address that its serving certificate does not contain",
        consequence: "`x509: certificate is valid for 192.0.2.11, not 2001:db8:1::11`: kubelets, other members and clients reject the connection",
        help: "move apiserver.crt and apiserver.key (for etcd: etcd/server.* and etcd/peer.*) away, run kubeadm init phase certs apiserver --config FILE (etcd-server, etcd-peer), and restart the component; kubeadm keeps certificates that exist",
        example: ("", ""),
        sources: &[
            upstream::KUBERNETES.file("cmd/kubeadm/app/util/pkiutil/pki_helpers.go").symbol("GetAPIServerAltNames").line(384),
            upstream::KUBERNETES.file("cmd/kubeadm/app/cmd/phases/init/certs.go").symbol("runCertPhase").line(285),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const CERTIFICATES: Rule =
    Rule { meta: &CERTIFICATES_META, check: Check::Changes(certificates) };

fn certificates(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (component, flag) in
        [(Component::ApiServer, "--advertise-address"), (Component::Etcd, "--advertise-client-urls")]
    {
        for (_, object) in cx.config.objects_of(ObjectKind::Process(component)) {
            if is_changed(cx.changes, object, &[flag]) {
                diagnostics.push(cx.at_kind(&CERTIFICATES_META, object));
            }
        }
    }
}
