use crate::diagnostic::upstream;
use crate::rules::change::at_cni;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "CNI-013",
    name: "ipam-key-repeated",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "the ipam object contains a key more than once",
        consequence: "of equal keys the last one counts; of keys that differ only in case, the one in lower case counts, because the container runtime sorts the keys. An edit of another one has no effect",
        help: "keep one of them",
        example: ("\"assign_ipv6\": \"false\", \"assign_ipv6\": \"true\"", "\"assign_ipv6\": \"true\""),
        sources: &[upstream::CNI.file("libcni/conf.go").symbol("ConfListFromBytes").line(192)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some((config, cni)) = install.cni() else { continue };
        let Some((tree, ipam)) = cni.tree().zip(cni.ipam) else { continue };
        let keys: Vec<_> = tree.entries(ipam).map(|(key, _)| key).collect();
        for (i, key) in keys.iter().enumerate() {
            let text = tree.scalar(*key).unwrap_or_default();
            let is_same = |k: &&_| tree.scalar(**k).is_some_and(|other| other.eq_ignore_ascii_case(text));
            if !keys[..i].iter().any(|k| is_same(&k)) {
                continue;
            }
            let counts = cni.ipam_value(text).and_then(|value| tree.key_of(value));
            let effect = if counts == Some(*key) { "" } else { "; in this spelling it has no effect" };
            let name = text.to_ascii_lowercase();
            let message = format!("ipam contains the key {name} more than once{effect}");
            diagnostics.push(at_cni(&META, config, cni, Some(*key)).message(message));
        }
    }
}
