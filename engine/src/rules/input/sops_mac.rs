use crate::diagnostic::upstream;
use crate::rules::{
    Check, Context, Diagnostic, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};

const META: Metadata = Metadata {
    id: "INPUT-SOPS",
    name: "change-breaks-sops-mac",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "SOPS protects this document, and its MAC covers the values that would change",
        consequence: "SOPS computes the MAC from all values, also from those that it does not encrypt (unless mac_only_encrypted is true): after a change by anything but SOPS it refuses to decrypt the file",
        help: "decrypt the file (sops decrypt), convert the result, and encrypt it again; or make the changes with sops edit",
        example: ("", ""),
        sources: &[upstream::page(
            "SOPS: a changed value that is not encrypted",
            "https://github.com/getsops/sops/discussions/2275",
        )],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Changes(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for document in 0..cx.documents.documents.len() {
        let Some(tree) = cx.documents.tree(document) else { continue };
        let of_sops = |key| tree.at(tree.root()?, &["sops", key]);
        let Some(mac) = of_sops("mac") else { continue };
        let is_limited = of_sops("mac_only_encrypted").is_some_and(|node| tree.scalar(node) == Some("true"));
        if !is_limited && cx.changes.iter().any(|change| change.document == document) {
            diagnostics.push(Diagnostic::new(&META, tree, mac));
        }
    }
}
