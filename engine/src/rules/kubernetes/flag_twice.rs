use super::LintContext;
use crate::rules::{Check, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity};

const TWICE_META: Metadata = Metadata {
    id: "K8S-FLAG-TWICE",
    name: "flag-given-twice",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    finds: "a flag for addresses or ranges stands more than once",
    consequence: "the component takes the last: whoever reads the first is mistaken",
    help: "leave the last",
    fixable: Fixable::Never,
    gates: &[],
    example: ("--node-ip=192.0.2.11 --node-ip=192.0.2.12", "--node-ip=192.0.2.12"),
    sources: &["spf13/pflag: flag.go"],
};

pub(in crate::rules) const TWICE: Rule = Rule { meta: &TWICE_META, check: Check::Objects(twice) };

fn twice(cx: &LintContext<'_>, diagnostics: &mut Diagnostics) {
    for flags in &cx.config.flags {
        for (i, flag) in flags.flags.iter().enumerate() {
            let is_field = cx.config.fields.iter().any(|f| f.object == flags.object && f.node == flag.node);
            if is_field && flags.flags[i + 1..].iter().any(|later| later.name == flag.name) {
                let message = format!("{} stands more than once, and the last counts", flag.name);
                let object = &cx.config.objects[flags.object];
                diagnostics.push(cx.at(&TWICE_META, object, flag.node).message(message));
            }
        }
    }
}
