use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "OP-017",
    name: "ip-pools-with-another-cni",
    kind: RuleKind::Target,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "another CNI plugin assigns the pod addresses of this cluster",
        consequence: "with a cni.type other than Calico, the pools only show Calico which addresses belong to pods; that plugin and its cloud decide the IP families",
        help: "convert that CNI plugin first; a pool with its CIDR must have encapsulation None",
        example: ("", ""),
        sources: &[upstream::OPERATOR.file("pkg/controller/installation/validation.go").line(195)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, installation) in cx.installations() {
        let field = installation.spec.and_then(|s| installation.tree().at(s, &["cni", "type"]));
        if cx.wants_ipv6()
            && let Some(field) = field
            && installation.tree().scalar(field) != Some("Calico")
        {
            diagnostics.push(installation.diagnostic(&META, field));
        }
    }
}
