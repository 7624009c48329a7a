use crate::diagnostic::upstream;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};
use crate::yaml::Kind;

const MAPPING_META: Metadata = Metadata {
    id: "YAML-001",
    name: "flag-read-as-mapping",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Never,
    gates: &[],
    texts: Texts {
        finds: "YAML reads a flag that ends with a colon as a mapping",
        consequence: "`cannot unmarshal object into Go struct field`: kubelet (for a static pod) or the API server rejects the whole object, and the component does not start",
        help: "put the whole item in single quotes",
        example: ("- --bind-address=::", "- '--bind-address=::'"),
        sources: &[
            upstream::page("YAML 1.2.2, 7.3.3 Plain Style", "https://yaml.org/spec/1.2.2/#733-plain-style"),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const READ_AS_MAPPING: Rule = Rule { meta: &MAPPING_META, check: Check::Text(mapping) };

fn mapping(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for flags in &cx.config.flags {
        let object = &cx.config.objects[flags.object];
        let tree = object.tree();
        for item in &flags.unreadable {
            let key = tree.entries(*item).next().and_then(|(key, _)| tree.scalar(key));
            if let (Kind::Mapping, Some(key)) = (tree.kind(*item), key)
                && key.starts_with('-')
            {
                let message = format!("YAML reads `{key}:` as a mapping, not as a flag");
                diagnostics.push(cx.at(&MAPPING_META, object, *item).message(message));
            }
        }
    }
}
