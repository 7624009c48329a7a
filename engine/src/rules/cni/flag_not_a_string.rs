use super::{FLAGS, Flag, flag, place, required_flag};
use crate::diagnostic::upstream;
use crate::rules::change::{at_cni, cni_change, cni_title};
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind, Severity, Texts,
};
use crate::yaml::write::{Op, Value};

const META: Metadata = Metadata {
    id: "CNI-001",
    name: "assign-flag-not-a-string",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    fixable: Fixable::Always,
    gates: &[],
    texts: Texts {
        finds: "assign_ipv4 or assign_ipv6 is a JSON boolean or number",
        consequence: "the CNI plugin reads these keys as strings: any other type fails every pod on every node (a boolean with `cannot unmarshal bool`), also with host-local IPAM",
        help: "set the value to the string \"true\" or \"false\"",
        example: ("\"assign_ipv6\": true", "\"assign_ipv6\": \"true\""),
        sources: &[
            upstream::CALICO.file("cni-plugin/pkg/types/types.go").line(78),
            upstream::CALICO_CNI_PLUGIN.issue(461),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for install in cx.installs {
        let Some((config, cni)) = install.cni() else { continue };
        let Some(tree) = cni.tree() else { continue };
        for key in FLAGS {
            let (Flag::NotAString, Some(node)) = (flag(cni, key), cni.ipam_value(key)) else { continue };
            let from = &tree.text()[tree.range(node)];
            let required = required_flag(cx, key);
            let why = "the CNI plugin accepts only a string here; any other type fails every pod";
            let to = format!("\"{required}\"");
            let description = ChangeDescription::new(cni_title(config), key, Some(from), Some(&to), why);
            let change = cni_change(config, cni, node, Op::Set(Value::string(required)), Some(description));
            let message = format!("{key} is not a string");
            diagnostics.push(
                at_cni(&META, config, cni, place(cni, key)).message(message).fix(Fix::new(vec![change])),
            );
        }
    }
}
