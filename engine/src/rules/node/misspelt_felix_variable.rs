use crate::diagnostic::upstream;
use crate::rules::change::node_change;
use crate::rules::{
    ChangeDescription, Check, Context, Diagnostic, Diagnostics, Fix, Fixable, Metadata, Rule, RuleKind,
    Severity, Texts,
};
use crate::yaml::write::{Op, Value};

const META: Metadata = Metadata {
    id: "NODE-024",
    name: "misspelt-felix-variable",
    kind: RuleKind::Defect,
    severity: Severity::Warning,
    fixable: Fixable::Sometimes,
    gates: &[],
    texts: Texts {
        finds: "a variable of Felix or calico-node that concerns IP families is misspelt",
        consequence: "the variable is ignored, and the default is used. Of a variable of Felix, the only sign is `Ignoring unknown config param.` in the log of calico-node, at level info",
        help: "write the right name; those of Felix have no underscores after FELIX_",
        example: ("- name: FELIX_VXLAN_MTU_V6\n  value: \"1430\"", "- name: FELIX_VXLANMTUV6\n  value: \"1430\""),
        sources: &[
            upstream::CALICO
                .file("felix/config/config_params.go")
                .symbol("Ignoring unknown config param.")
                .line(786),
            upstream::CALICO
                .file("felix/config/env_var_loader.go")
                .symbol("LoadConfigFromEnvironment")
                .line(28),
        ],
    }
    .built_in(),
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Text(check) };

/// The parameters of Felix that concern IP families, as their variables. None has an underscore (projectcalico/calico
/// v3.32.1: felix/config/config_params.go).
const VARIABLES: [&str; 21] = [
    "FELIX_BPFENABLED",
    "FELIX_DEVICEROUTESOURCEADDRESS",
    "FELIX_DEVICEROUTESOURCEADDRESSIPV6",
    "FELIX_FAILSAFEINBOUNDHOSTPORTS",
    "FELIX_FAILSAFEOUTBOUNDHOSTPORTS",
    "FELIX_HEALTHHOST",
    "FELIX_HEALTHPORT",
    "FELIX_IPINIPENABLED",
    "FELIX_IPV6SUPPORT",
    "FELIX_NATOUTGOINGADDRESS",
    "FELIX_TYPHAADDR",
    "FELIX_TYPHAK8SSERVICENAME",
    "FELIX_VXLANENABLED",
    "FELIX_VXLANMTU",
    "FELIX_VXLANMTUV6",
    "FELIX_VXLANTUNNELMACADDRV6",
    "FELIX_WIREGUARDENABLED",
    "FELIX_WIREGUARDENABLEDV6",
    "FELIX_WIREGUARDINTERFACENAMEV6",
    "FELIX_WIREGUARDLISTENINGPORTV6",
    "FELIX_WIREGUARDMTUV6",
];

/// Names that Felix and calico-node do not have, each with the one that is meant.
const MISSPELT: [(&str, &str); 14] = [
    ("CALICO_IP6POOL_CIDR", "CALICO_IPV6POOL_CIDR"),
    ("CALICO_IPV6POOL_NATOUTGOING", "CALICO_IPV6POOL_NAT_OUTGOING"),
    ("CALICO_IPV6_POOL_CIDR", "CALICO_IPV6POOL_CIDR"),
    ("IP6_AUTODETECT_METHOD", "IP6_AUTODETECTION_METHOD"),
    ("IPV6", "IP6"),
    ("IPV6_AUTODETECTION_METHOD", "IP6_AUTODETECTION_METHOD"),
    ("FELIX_ENABLEIPV6", "FELIX_IPV6SUPPORT"),
    ("FELIX_IP6SUPPORT", "FELIX_IPV6SUPPORT"),
    ("FELIX_IPV6ENABLED", "FELIX_IPV6SUPPORT"),
    ("FELIX_SUPPORTIPV6", "FELIX_IPV6SUPPORT"),
    ("FELIX_VXLANMTU6", "FELIX_VXLANMTUV6"),
    ("FELIX_VXLANV6MTU", "FELIX_VXLANMTUV6"),
    ("FELIX_WIREGUARDV6ENABLED", "FELIX_WIREGUARDENABLEDV6"),
    ("FELIX_WIREGUARDENABLEDIPV6", "FELIX_WIREGUARDENABLEDV6"),
];

/// The variable that is meant, and whether the name differs in underscores only.
fn meant(name: &str) -> Option<(&'static str, bool)> {
    let known = |wrong: &str| MISSPELT.iter().find(|one| one.0 == wrong).map(|one| (one.1, false));
    if let Some(found) = known(name) {
        return Some(found);
    }
    let (_, parameter) = name.split_at_checked("FELIX_".len())?;
    // Felix reads names in any case.
    let plain = format!("FELIX_{}", parameter.replace('_', "").to_ascii_uppercase());
    if !name[.."FELIX_".len()].eq_ignore_ascii_case("FELIX_") {
        return None;
    }
    if parameter.contains('_')
        && let Some(known) = VARIABLES.iter().find(|known| **known == plain)
    {
        return Some((known, true));
    }
    known(&plain)
}

fn check(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (_, node) in cx.nodes() {
        for var in &node.env.vars {
            let Some((right, is_exact)) = meant(var.name) else { continue };
            let Some(place) = node.tree.get(var.item, "name") else { continue };
            let diagnostic = Diagnostic::new(&META, node.tree, place)
                .message(format!("unknown variable {}: the right name is {right}", var.name))
                .label("ignored");
            let is_set = node.env.get(right).is_some();
            diagnostics.push(if is_set {
                diagnostic.help(format!("remove {}: {right} is set, too, and counts", var.name))
            } else if is_exact {
                let why = "the name that Felix reads";
                let text = ChangeDescription::new(node.title(), "name", Some(var.name), Some(right), why);
                let change = node_change(node, place, Op::Set(Value::string(right)), Some(text));
                diagnostic.fix(Fix::new(vec![change]))
            } else {
                diagnostic.help(format!("if {right} is meant, write that name"))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn underscores_and_known_misspellings_are_recognized() {
        assert_eq!(meant("FELIX_IPV6_SUPPORT"), Some(("FELIX_IPV6SUPPORT", true)));
        assert_eq!(meant("Felix_VXLAN_MTU_V6"), Some(("FELIX_VXLANMTUV6", true)));
        assert_eq!(meant("FELIX_IPV6ENABLED"), Some(("FELIX_IPV6SUPPORT", false)));
        assert_eq!(meant("IP6_AUTODETECT_METHOD"), Some(("IP6_AUTODETECTION_METHOD", false)));
    }

    #[test]
    fn names_of_felix_and_names_that_are_not_known_are_left_alone() {
        for name in ["FELIX_IPV6SUPPORT", "felix_ipv6support", "FELIX_NEW_PARAMETER", "IP6", "ÄFELIX_"] {
            assert_eq!(meant(name), None, "{name}");
        }
    }
}
