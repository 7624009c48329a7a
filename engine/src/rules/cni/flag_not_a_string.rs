use super::{FLAGS, Flag, flag, place, wanted_flag};
use crate::rules::change::{at_cni, cni_change, cni_title};
use crate::rules::{
    ChangeDescription, Check, Diagnostics, Fix, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity,
};
use crate::yaml::write::{Op, Value};

const META: Metadata = Metadata {
    id: "CNI-001",
    name: "assign-flag-not-a-string",
    kind: RuleKind::Defect,
    severity: Severity::Error,
    finds: "assign_ipv4 or assign_ipv6 is a JSON boolean or number",
    consequence: "the CNI plugin reads these keys as strings; on anything else it fails for every pod on every node (`cannot unmarshal bool`), with host-local IPAM too",
    help: "the value becomes a string: \"true\" or \"false\"",
    fixable: Fixable::Always,
    gates: &[],
    example: ("\"assign_ipv6\": true", "\"assign_ipv6\": \"true\""),
    sources: &["projectcalico/calico: cni-plugin/pkg/types/types.go", "projectcalico/cni-plugin: issue 461"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some((config, cni)) = cx.cni() else { return };
    let Some(tree) = cni.tree() else { return };
    for key in FLAGS {
        let (Flag::NotAString, Some(node)) = (flag(cni, key), cni.ipam_value(key)) else { continue };
        let from = &tree.text()[tree.range(node)];
        let wanted = wanted_flag(cx, key).unwrap_or(if key == "assign_ipv4" { "true" } else { "false" });
        let why = "the plugin reads a string here, and fails every pod on anything else";
        let to = format!("\"{wanted}\"");
        let description = ChangeDescription::new(cni_title(config), key, Some(from), Some(&to), why);
        let change = cni_change(config, cni, node, Op::Set(Value::string(wanted)), Some(description));
        let message = format!("{key} is no string");
        diagnostics
            .push(at_cni(&META, config, cni, place(cni, key)).message(message).fix(Fix::new(vec![change])));
    }
}
