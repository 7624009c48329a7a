use crate::model::facts::Variant;
use crate::rules::change::{at_container, at_env};
use crate::rules::{Check, Diagnostics, Fixable, InstallContext, Metadata, Rule, RuleKind, Severity};

const META: Metadata = Metadata {
    id: "CNI-018",
    name: "cni-config-elsewhere",
    kind: RuleKind::Target,
    severity: Severity::Warning,
    finds: "the CNI configuration or the backend is in none of these files",
    consequence: "IPAM gives pods their families by the CNI configuration: node settings alone change nothing for them; and without the backend it is not known who makes the routes",
    help: "give the file with the ConfigMap as well, or set assign_ipv4 and assign_ipv6 where the configuration is kept; say the backend with --calico-backend",
    fixable: Fixable::Never,
    gates: &[],
    example: ("", ""),
    sources: &["projectcalico/calico: cni-plugin/pkg/types/types.go"],
};

pub(in crate::rules) const RULE: Rule = Rule { meta: &META, check: Check::Installation(check) };

fn check(cx: &InstallContext<'_>, diagnostics: &mut Diagnostics) {
    let Some(node) = cx.node.as_ref().filter(|_| cx.wants_ipv6()) else { return };
    if matches!(cx.facts.variant, Variant::Windows | Variant::CanalEtcd) {
        return;
    }
    if cx.facts.backend_is_assumed {
        let diagnostic = at_env(&META, node, "CALICO_NETWORKING_BACKEND");
        diagnostics.push(
            diagnostic
                .message("the backend is in none of these files; bird is taken, which is Calico's default"),
        );
    }
    if !cx.facts.has_cni_config {
        let diagnostic = at_container(&META, node).label("its CNI configuration is elsewhere");
        diagnostics.push(diagnostic.message("the CNI configuration is in none of these files"));
    }
}
