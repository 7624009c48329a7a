use crate::rules::change::at_cni;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};

const META: Metadata = Metadata {
    id: "CNI-013",
    name: "ipam-key-repeated",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "a key of ipam stands more than once",
    consequence: "the last one counts, also where they differ only in case: an edit of another would change nothing",
    help: "keep one of them",
    fixable: Fixable::Never,
    gates: &[],
    example: ("\"assign_ipv6\": \"false\", \"Assign_IPv6\": \"true\"", "\"assign_ipv6\": \"true\""),
    sources: &["pkg.go.dev: encoding/json, Unmarshal"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some((config, cni)) = cx.cni() else { return };
    let Some((tree, ipam)) = cni.tree().zip(cni.ipam) else { return };
    let keys: Vec<_> = tree.entries(ipam).map(|(key, _)| key).collect();
    for (i, key) in keys.iter().enumerate() {
        let text = tree.scalar(*key).unwrap_or_default();
        let twin = |k: &&_| tree.scalar(**k).is_some_and(|other| other.eq_ignore_ascii_case(text));
        if keys[..i].iter().any(|k| twin(&k)) {
            diagnostics.push(
                at_cni(&META, config, cni, Some(*key))
                    .message(format!("the key {text} stands more than once in ipam")),
            );
        }
    }
}
