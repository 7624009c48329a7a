use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const UNREAD_META: Metadata = Metadata {
    id: "K8S-CONFIG-UNREAD",
    name: "configuration-not-readable",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the embedded configuration is not valid YAML",
        consequence: "kubelet or kube-proxy exits when it starts, and kubeadm refuses its configuration; calico-ipv6 cannot check or change anything in it",
        help: "correct the syntax error",
        example: ("bindAddress: ::", "bindAddress: '::'"),
        sources: &[upstream::KUBERNETES.file("cmd/kube-proxy/app/options.go").symbol("loadConfigFromFile").line(468)],
    }
    .built_in(),
};

pub(in crate::rules) const CONFIG_UNREAD: Rule = Rule { meta: &UNREAD_META, check: Check::Text(unread) };

fn unread(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for unreadable in &cx.config.unreadable {
        if let Some((error, offset)) = &unreadable.error {
            let object = &cx.config.objects[unreadable.object];
            let message = format!("{} is not valid YAML: {error}", unreadable.name);
            diagnostics
                .push(cx.at(&UNREAD_META, object, unreadable.node).at(*offset..*offset).message(message));
        }
    }
}
