use crate::model::calico_node::EnvValue;
use crate::rules::change::at_env;
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};

/// The variables that a transform sets.
pub(super) const OURS: [&str; 11] = [
    "IP",
    "IP6",
    "IP6_AUTODETECTION_METHOD",
    "FELIX_IPV6SUPPORT",
    "CALICO_ROUTER_ID",
    "CALICO_IPV4POOL_CIDR",
    "CALICO_IPV6POOL_CIDR",
    "CALICO_IPV6POOL_NAT_OUTGOING",
    "CALICO_IPV6POOL_VXLAN",
    "CALICO_IPV6POOL_BLOCK_SIZE",
    "NO_DEFAULT_POOLS",
];

const META: Metadata = Metadata {
    id: "NODE-025",
    name: "variable-set-elsewhere",
    kind: RuleKind::Target,
    severity: Severity::Error,
    finds: "the value of this variable does not stand in this manifest",
    consequence: "it comes from a ConfigMap, a Secret or an alias; writing a literal here would silently override its owner",
    help: "give it a literal `value` here, or leave it out",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["kubernetes.io: EnvVar v1 core"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = &cx.node else { return };
    for name in OURS {
        let Some(var) = node.env.get(name) else { continue };
        if matches!(var.value, EnvValue::ConfigMap { .. } | EnvValue::Other) {
            diagnostics.push(
                at_env(&META, node, name)
                    .message(format!("the value of {name} does not stand in this manifest")),
            );
        }
    }
}
