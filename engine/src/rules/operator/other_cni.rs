use crate::rules::{Context, Findings, Fixable, Metadata, Rule, Severity};

const META: Metadata = Metadata {
    id: "OP-017",
    name: "pools-of-another-cni",
    severity: Severity::Error,
    finds: "another CNI plugin gives out the addresses of this cluster",
    why: "with cni.type other than Calico the pools only tell Calico which addresses are pods; the families are decided by that plugin and its cloud",
    remedy: "make that CNI plugin dual-stack first; a pool that names its range then has encapsulation None",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["tigera/operator: pkg/controller/installation/validation.go"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check };

fn check(cx: &Context<'_>, findings: &mut Findings) {
    let Some(installation) = &cx.installation else { return };
    let field = installation.spec.and_then(|s| installation.tree().at(s, &["cni", "type"]));
    if cx.wants_ipv6()
        && let Some(field) = field
        && installation.tree().scalar(field) != Some("Calico")
    {
        findings.push(installation.finding(&META, field));
    }
}
