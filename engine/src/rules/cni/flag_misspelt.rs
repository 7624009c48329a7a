use super::{FLAGS, Flag, calico_ipam, flag, place, required_flag};
use crate::diagnostic::upstream;
use crate::rules::change::at_cni;
use crate::rules::{Check, Context, Diagnostics, Fixable, Metadata, Rule, RuleKind, Severity, Texts};

const META: Metadata = Metadata {
    id: "CNI-006",
    name: "assign-flag-misspelt",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "assign_ipv4 or assign_ipv6 is neither \"true\" nor \"false\" in lower case",
        consequence: "only exactly \"true\" turns IPv6 on, and only exactly \"false\" turns IPv4 off: \"True\" silently leaves IPv6 off, \"False\" leaves IPv4 on",
        help: "write the value in lower case",
        example: ("\"assign_ipv6\": \"True\"", "\"assign_ipv6\": \"true\""),
        sources: &[upstream::CALICO.file("cni-plugin/pkg/ipamplugin/ipam_plugin.go").line(297)],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some((config, cni)) = calico_ipam(install) else { continue };
        for key in FLAGS {
            let Flag::Text(text) = flag(cni, key) else { continue };
            if matches!(text, "true" | "false") {
                continue;
            }
            let required = required_flag(cx, key);
            let why = "Calico recognizes only \"true\" and \"false\" in lower case";
            if let Some(fix) = install.set_ipam(key, required, why) {
                let message = format!("{key} is \"{text}\", which is neither \"true\" nor \"false\"");
                diagnostics.push(at_cni(&META, config, cni, place(cni, key)).message(message).fix(fix));
            }
        }
    }
}
